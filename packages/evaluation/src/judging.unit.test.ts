import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agreementOf } from './kappa.ts'
import { isSampled } from './sampling.ts'
import { type ScorecardForm, formHash, readScorecards } from './scorecards-file.ts'
import { scoreOf } from './scoring.ts'

const EXAMPLE = readFileSync(new URL('../../../config/scorecards.yaml', import.meta.url), 'utf8')
const { forms, samples } = readScorecards(EXAMPLE, 'scorecards.yaml')

describe('a score', () => {
  const form = forms.find(({ name }) => name === 'service') as ScorecardForm
  const all = (value: (max: number) => number, but: Record<string, number> = {}) =>
    form.items.map(({ id, max }) => ({ item: id, value: but[id] ?? value(max) }))

  test('is 100 for the best of all, 0 for the worst', () => {
    expect(
      scoreOf(
        form,
        all((max) => max),
      ).score,
    ).toBe(100)
    expect(
      scoreOf(
        form,
        all(() => 0),
      ).score,
    ).toBe(0)
  })

  test('is the share of the weights that was reached', () => {
    // 4 of 13 weights, by half.
    expect(
      scoreOf(
        form,
        all((max) => max, { solved: 1 }),
      ).score,
    ).toBe(84.62)
  })

  test('leaves out what does not apply', () => {
    const answers = all((max) => max, { solved: 0 }).filter(({ item }) => item !== 'follow_up')
    // 8 of 12 weights.
    expect(scoreOf(form, answers)).toEqual({ score: 66.67, failedItems: [] })
  })

  test('is 0 where a critical item failed, which is named', () => {
    expect(
      scoreOf(
        form,
        all((max) => max, { data_care: 0 }),
      ),
    ).toEqual({ score: 0, failedItems: ['data_care'] })
  })
})

describe('agreement of two judges', () => {
  const times = (count: number, pair: readonly [number, number]) => Array.from({ length: count }, () => pair)

  // https://en.wikipedia.org/wiki/Cohen%27s_kappa#Simple_example: 50 proposals, 20 twice yes, 15 twice no, 5 and 10 apart.
  test('is Cohen’s kappa: 0.4 in the worked example', () => {
    const pairs = [...times(20, [1, 1]), ...times(15, [0, 0]), ...times(5, [1, 0]), ...times(10, [0, 1])]
    const { count, observed, kappa } = agreementOf(pairs)
    expect([count, observed]).toEqual([50, 0.7])
    expect(kappa).toBeCloseTo(0.4, 10)
  })

  test('is 1 where they always agree, less than 0 where they always differ, nothing where chance explains all', () => {
    expect(agreementOf([...times(3, [1, 1]), ...times(3, [0, 0])]).kappa).toBe(1)
    expect(agreementOf([...times(3, [1, 0]), ...times(3, [0, 1])]).kappa).toBe(-1)
    expect(agreementOf(times(3, [2, 2]))).toEqual({ count: 3, observed: 1, kappa: null })
    expect(agreementOf([])).toEqual({ count: 0, observed: null, kappa: null })
    expect(agreementOf()).toEqual({ count: 0, observed: null, kappa: null })
  })

  // One item everybody has, and one that nobody has: whoever says so without looking agrees as often.
  test('of several items is beyond the chance of each: what is always said of the one and never of the other is no judgement', () => {
    const [always, never] = [times(10, [1, 1]), times(10, [0, 0])]
    expect(agreementOf(always, never)).toEqual({ count: 20, observed: 1, kappa: null })
    const judged = [...times(4, [1, 1]), ...times(4, [0, 0]), ...times(2, [1, 0])]
    // 28 of 30 alike; by chance all 20, and 6 × 4 and 4 × 6 of 10: 4.8.
    expect(agreementOf(always, never, judged).kappa).toBeCloseTo((28 - 24.8) / (30 - 24.8), 10)
    expect(agreementOf(judged).kappa).toBeCloseTo((8 - 4.8) / (10 - 4.8), 10)
  })
})

describe('a sample', () => {
  const closed = (id: string, more: object = {}) => ({
    id,
    queue: 'general',
    lastAgentId: 'p01',
    closeReason: 'solved',
    ...more,
  })
  const [weekly] = samples
  const ids = Array.from({ length: 20_000 }, (_, nth) => `conversation-${nth}`)

  test('takes its share, the same ones whoever asks and whenever, and other ones than another rule', () => {
    const drawn = (name: string) => ids.filter((id) => isSampled({ ...weekly!, name }, closed(id)))
    const first = drawn('weekly')
    expect(first.length / ids.length).toBeGreaterThan(0.09)
    expect(first.length / ids.length).toBeLessThan(0.11)
    expect(drawn('weekly')).toEqual(first)
    expect(drawn('monthly').filter((id) => first.includes(id)).length).toBeLessThan(first.length / 2)
  })

  test('looks at queue and reason, and takes for robots what no agent had', () => {
    const rule = { ...weekly!, percent: 100, queue: 'cards', reasons: ['solved'] }
    expect(isSampled(rule, closed('c-1', { queue: 'cards' }))).toBe(true)
    expect(isSampled(rule, closed('c-1'))).toBe(false)
    expect(isSampled(rule, closed('c-1', { queue: 'cards', closeReason: 'left' }))).toBe(false)
    expect(isSampled(rule, closed('c-1', { queue: 'cards', lastAgentId: null }))).toBe(false)
    const ofRobot = { ...weekly!, percent: 100, for: 'robot' as const }
    expect(isSampled(ofRobot, closed('c-1', { lastAgentId: null }))).toBe(true)
  })
})

describe('scorecards.yaml', () => {
  test('a rule without a title is called by its name', () => {
    const untitled = EXAMPLE.replace(/ {4}title: \{ pt: Amostra.*\n/, '')
    const [title] = readScorecards(untitled, 'scorecards.yaml').samples.map((rule) => rule.title)
    expect([title, samples[0]?.title.pt]).toEqual([
      { pt: 'weekly', en: 'weekly', bn: 'weekly' },
      'Amostra da semana',
    ])
  })

  test.each([
    [
      'form: service\n    percent: 10',
      'form: servise\n    percent: 10',
      /:\d+:\d+: samples\.0\.form: there is no form "servise"; did you mean "service"\?/,
    ],
    ['weight: 3', 'weight: 0', /:\d+:\d+: forms\.0\.items\.1\.weight: a weight is more than 0/],
    ['id: solved', 'id: greeting', /:\d+:\d+: forms\.0\.items\.2\.id: the form has this item already/],
    ['judges: 2\n', 'judges: 3\n', /Cohen’s kappa is of two judges/],
    ['critical: true', 'crucial: true', /forms\.0\.items\.4/],
  ])('what is wrong is named with its place: %s', (from, to, said) => {
    expect(EXAMPLE).toContain(from)
    expect(() => readScorecards(EXAMPLE.replace(from, to), 'scorecards.yaml')).toThrow(said)
  })

  test('a form that may be left empty is refused: nothing judged is no 0', () => {
    const items = '[{ id: a, weight: 1, optional: true, text: { pt: x, en: x, bn: x } }]'
    const text = `forms:\n  - { name: f, version: 1, title: { pt: x, en: x, bn: x }, items: ${items} }\n`
    expect(() => readScorecards(text, 'x')).toThrow(/x:2:\d+: forms\.0\.items: at least one item/)
  })

  test('a form that is edited under the same version is another one, whatever a judge reads or it counts for; its title and the way the file is written are not', () => {
    const hashes = (source: string) => readScorecards(source, 'x').forms.map(formHash)
    const [service, robot] = hashes(EXAMPLE)
    for (const [from, to] of [
      ['weight: 3', 'weight: 4'],
      ['max: 2', 'max: 3'],
      ['critical: true', 'critical: false'],
      ['optional: true', 'optional: false'],
      ['id: tone', 'id: manner'],
      ['Was clear and kind', 'Was clear'],
      ['Foi claro e cordial', 'Foi claro'],
      ['স্পষ্ট ও আন্তরিক ছিলেন', 'স্পষ্ট ছিলেন'],
      ['for: agent', 'for: robot'],
    ] as const) {
      expect(EXAMPLE).toContain(from)
      expect([from, ...hashes(EXAMPLE.replace(from, to))]).toEqual([
        from,
        expect.not.stringMatching(service!),
        robot,
      ])
    }
    for (const [from, to] of [
      ['Atendimento, en: Service', 'Serviço, en: Service'],
      ['weight: 3\n        max: 2', 'max: 2\n        weight: 3.0'],
      ['weight: 1\n        optional', 'critical: false\n        weight: 1\n        optional'],
    ] as const) {
      expect(EXAMPLE).toContain(from)
      expect(hashes(EXAMPLE.replace(from, to))).toEqual([service, robot])
    }
  })

  test('a form may stand in several versions, each once', () => {
    const form =
      '  - { name: f, version: 1, title: { pt: x, en: x, bn: x }, items: [{ id: a, weight: 1, text: { pt: x, en: x, bn: x } }] }'
    const text = `forms:\n${form}\n${form.replace('version: 1', 'version: 2')}\n`
    expect(readScorecards(text, 'x').forms.map(({ version }) => version)).toEqual([1, 2])
    expect(() => readScorecards(text.replace('version: 2', 'version: 1'), 'x')).toThrow(
      /has a version 1 already/,
    )
  })
})
