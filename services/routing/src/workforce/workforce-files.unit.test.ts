import { readFileSync } from 'node:fs'
import { LANGUAGES } from '@parley/conversation'
import { readPeople } from '@parley/people'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import fc, { type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { Pool, wrongWith } from '../../test/pool.ts'
import { WorkforceFileInvalid, readWorkforce } from './workforce-file.ts'

const config = new URL('../../../../config/', import.meta.url)
const example = readFileSync(new URL('workforce.yaml', config), 'utf8')
const roster = readPeople(readFileSync(new URL('people.yaml', config), 'utf8'), 'people.yaml', [
  'Contato Sul Atendimento',
])

const QUEUES = ['general', 'cards', 'branches'] as const
const SKILLS = ['cards', 'loans'] as const

const seldom = <Value>(arbitrary: Arbitrary<Value>): Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })
const some = <Value>(all: readonly Value[]) => fc.subarray([...all], { minLength: 1 })
const levels = fc.dictionary(fc.constantFrom(...SKILLS), fc.integer({ min: 1, max: 3 }), { maxKeys: 2 })
const capacity = fc.integer({ min: 1, max: 4 })
const languages = fc.oneof({ weight: 3, arbitrary: fc.constant([...LANGUAGES]) }, some(LANGUAGES))
const said = fc.constant(
  Object.fromEntries(LANGUAGES.map((language) => [language, { closed_choice: `${language}?` }])),
)

const hours = fc.record({
  timezone: fc.constantFrom('America/Sao_Paulo', 'Europe/Lisbon'),
  hours: fc.dictionary(
    fc.constantFrom('monday', 'thursday', 'sunday'),
    fc.constantFrom('09:00-12:00, 13:00-18:00', '00:00-24:00', 'closed'),
    { minKeys: 1 },
  ),
  holidays: fc.constant(['2026-03-05', '2026-03-08']),
  outside_hours: fc.constantFrom('ask', 'wait'),
})

const queue = (overflowsTo: readonly string[]) =>
  fc
    .tuple(
      fc.record(
        {
          close_reasons: fc.constant(['solved']),
          required: seldom(levels),
          wished: levels,
          priority_minutes: fc.integer({ min: 0, max: 10 }),
          weight: fc.integer({ min: 1, max: 3 }),
          offer_seconds: fc.integer({ min: 5, max: 60 }),
          auto_accept: fc.boolean(),
          wrap_up_seconds: fc.integer({ min: 0, max: 60 }),
          rings: fc.constantFrom(
            [{ after_seconds: 30, without: [...SKILLS] }],
            [
              { after_seconds: 30, without: ['cards'] },
              { after_seconds: 60, any_language: true },
            ],
          ),
          texts: said,
        },
        { requiredKeys: ['close_reasons'] },
      ),
      seldom(hours),
      overflowsTo.length === 0
        ? fc.constant(undefined)
        : seldom(
            fc.record({
              after_seconds: fc.integer({ min: 1, max: 600 }),
              to: fc.constantFrom(...overflowsTo),
            }),
          ),
      fc.boolean(),
    )
    .map(([of, schedule, overflow, sendsOn]) => ({
      ...of,
      ...schedule,
      overflow,
      ...(overflow !== undefined && sendsOn && { outside_hours: 'overflow' }),
    }))

const agent = { queues: some(QUEUES), languages, skills: levels, capacity }

const files = fc
  .record({
    skills: fc.constant([...SKILLS]),
    sticky_seconds: fc.constantFrom(0, 120),
    queues: fc.record({
      general: queue([]),
      cards: queue(['general']),
      branches: queue(['general', 'cards']),
    }),
    teams: fc.record({
      atendimento: fc.record({
        ...agent,
        queues: fc.constant([...QUEUES]),
        skills: fc.constant({ cards: 3, loans: 2 }),
      }),
      'contato-sul': fc.record(agent),
    }),
    agents: fc.record({ p01: seldom(fc.record(agent, { requiredKeys: [] })) }),
  })
  // JSON is YAML, with each value on a line of its own.
  .map((file) => JSON.stringify(file, null, 2))

/** One slip of whoever writes it. */
const slips = fc
  .tuple(
    fc.nat(),
    fc.constantFrom(
      '',
      ' ',
      '\t',
      '\n',
      '-',
      ':',
      '{',
      ']',
      '#',
      '&a ',
      '*a',
      '"',
      '0',
      '-1',
      '1e400',
      'null',
      '~x',
      '!!set ',
      'é',
      '\u0000',
    ),
    fc.nat({ max: 6 }),
  )
  .map(([at, put, gone]) => (source: string) => {
    const from = at % source.length
    return source.slice(0, from) + put + source.slice(from + gone)
  })

/** @returns undefined where it is refused, with the place of each problem */
function read(source: string): PoolConfiguration | undefined {
  try {
    return readWorkforce(source, 'workforce.yaml', roster)
  } catch (error) {
    if (!(error instanceof WorkforceFileInvalid)) throw error
    const [, ...problems] = error.message.split('\n  workforce.yaml:')
    expect(problems.length).toBeGreaterThan(0)
    const lineCount = source.split('\n').length
    for (const problem of problems) {
      const [, line, column] = /^(\d+):(\d+): /.exec(problem) ?? []
      expect(Number(line), problem).toBeLessThanOrEqual(lineCount)
      expect(Number(column), problem).toBeGreaterThan(0)
    }
    return undefined
  }
}

/** A customer of each language comes to each queue, everybody is there and takes what is offered. @returns who is left waiting */
function leftIn(configuration: PoolConfiguration): readonly string[] {
  const at = new Pool(configuration)
  expect(at.state.configuration.hash).toBe(configuration.hash)
  for (const { name, texts } of configuration.queues) {
    for (const language of LANGUAGES) at.arrives(`${name} in ${language}`, { queue: name, language })
    expect(texts.map(({ language }) => language)).toEqual(texts.length === 0 ? [] : LANGUAGES)
  }
  const agentIds = configuration.agents.filter(({ capacity: room }) => room > 0).map(({ id }) => id)
  const left = () =>
    [...at.state.works.entries()].flatMap(([id, { stage }]) =>
      stage === 'waiting' || stage === 'offered' ? [id] : [],
    )
  for (let round = 0; round < 200 && left().length > 0; round += 1) {
    at.comes(...agentIds)
    for (const [id, { stage }] of at.state.works.entries()) {
      if (stage === 'offered') at.accepts(id)
      if (at.work(id)?.stage === 'with_agent')
        at.when('WithdrawConversation', { conversationId: id, reason: 'closed' })
    }
    expect(wrongWith(at.state, at.at).filter((line) => !/ waits though /.test(line))).toEqual([])
    const { wakeAt } = at.state
    at.later(wakeAt === null ? 60 : Math.max(1, Math.ceil((wakeAt - at.at) / 1_000)))
  }
  const { bytes, again } = at.decidedAnew()
  expect(again).toEqual(bytes)
  return left()
}

const runs = (usually: number) => ({ numRuns: Number(process.env['PROPERTY_RUNS'] ?? usually) })

test('whatever file is accepted, the pool adopts it and nobody who comes to any queue in any language is stranded or over capacity', () => {
  let accepted = 0
  fc.assert(
    fc.property(files, (source) => {
      const configuration = read(source)
      if (configuration === undefined) return
      accepted += 1
      expect(leftIn(configuration)).toEqual([])
    }),
    runs(200),
  )
  expect(accepted).toBeGreaterThan(0)
})

test('a file with one slip in it is used as it reads or refused with line and column, and nothing else happens', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constant(example), files), slips, (source, slip) => {
      read(slip(source))
    }),
    runs(300),
  )
})
