import { expect, test } from 'vitest'
import type { MetricRule } from '../../alerts/rules.ts'
import type { FigureQuery, ReadFigure } from '../archive/figures-client.ts'
import { Measured } from './measured.ts'

const NOW = new Date('2026-03-02T12:20:00.000Z')

const rule = (figure: string, own: Partial<MetricRule> = {}): MetricRule => ({
  name: figure,
  reason: 'Look.',
  figure,
  over: 'today',
  ofAtLeast: 0,
  limit: 1,
  isBelow: false,
  forSeconds: 0,
  queue: undefined,
  team: undefined,
  ...own,
})

/** Archives answer these rows whatever is asked, or what is thrown. */
function measuring(answer: () => Pick<ReadFigure, 'unit' | 'rows'>) {
  const asked: FigureQuery[] = []
  const errors: unknown[] = []
  const measured = new Measured({
    async figures(query) {
      asked.push(query)
      return { version: 1, position: '', ...answer() }
    },
    timeZone: 'America/Sao_Paulo',
    onError: (error) => errors.push(error),
  })
  return { asked, errors, values: (...rules: MetricRule[]) => measured.values(rules, 'p11', NOW) }
}

const row = (key: string, numerator: number, denominator: number | null) => ({
  key,
  from: NOW.toISOString(),
  value: null,
  numerator,
  denominator,
})

test('a share of two hours is made of their sums, of the part that the rule names alone', async () => {
  const { values } = measuring(() => ({
    unit: 'percent',
    rows: [row('cards', 1, 1), row('cards', 0, 3), row('general', 9, 9), row('all', 1, 2)],
  }))
  const [cards, all, none] = [
    rule('csat', { queue: 'cards', over: 'last_hours' }),
    rule('csat'),
    rule('csat', { queue: 'branches' }),
  ]
  const found = await values(cards, all, none)
  expect([cards, all, none].map((one) => found.get(one))).toEqual([25, 50, null])
})

test('a figure of less than the rule asks for says nothing; a count of nothing is 0', async () => {
  const { values } = measuring(() => ({ unit: 'seconds', rows: [row('all', 900, 3)] }))
  const [any, enough, more] = [1, 3, 4].map((ofAtLeast) => rule('handle_time', { ofAtLeast }))
  const found = await values(any!, enough!, more!)
  expect([any, enough, more].map((one) => found.get(one!))).toEqual([300, 300, null])
  const handled = rule('handled', { team: 'atendimento' })
  const { values: counted } = measuring(() => ({ unit: 'count', rows: [row('outra', 5, null)] }))
  expect((await counted(handled)).get(handled)).toBe(0)
})

test('the archive is asked once for all rules of a figure, from midnight of the company or from the clock hour before', async () => {
  const { asked, values } = measuring(() => ({ unit: 'percent', rows: [] }))
  await values(
    rule('csat', { queue: 'cards' }),
    rule('csat', { queue: 'general', limit: 5 }),
    rule('csat', { team: 'atendimento', over: 'last_hours' }),
  )
  expect(asked).toMatchObject([
    { metric: 'csat', version: 0, by: 'queue', window: 'day', from: '2026-03-02T03:00:00.000Z' },
    { metric: 'csat', by: 'team', window: 'hour', from: '2026-03-02T11:20:00.000Z' },
  ])
})

test('what the archive does not answer is not known, which is said once until it answers again', async () => {
  let isAway = true
  const { errors, values } = measuring(() => {
    if (isAway) throw new Error('The archive is away.')
    return { unit: 'percent', rows: [] }
  })
  expect((await values(rule('csat'))).size).toBe(0)
  await values(rule('csat'))
  expect(errors).toHaveLength(1)
  isAway = false
  await values(rule('csat'))
  isAway = true
  await values(rule('csat'))
  expect(errors).toHaveLength(2)
})
