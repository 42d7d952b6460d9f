import { worthTogether } from '@parley/figures'
import { expect, test } from 'vitest'
import { dayAfter, mondayOf, periodAsked, periodBefore } from './period.ts'
import { formatOf } from '../screen/format.ts'
import { byKey, byWindow, changeOf, funnelOf, shownIn, windowsIn } from './worth.ts'

const row = (key: string, from: string, numerator: number, denominator: number | null = null) => ({
  key,
  from,
  value: denominator === null ? numerator : denominator === 0 ? null : (numerator / denominator) * 100,
  numerator,
  denominator,
})

test('rows are worth what their sums are worth, never the mean of their values', () => {
  const rows = [row('a', '2026-03-02T03:00:00.000Z', 1, 1), row('a', '2026-03-03T03:00:00.000Z', 0, 9)]
  expect(worthTogether('percent', rows)).toEqual({ value: 10, numerator: 1, denominator: 10 })
  expect(worthTogether('seconds', [row('a', '', 90, 2), row('b', '', 0, 1)])).toMatchObject({ value: 30 })
  expect(worthTogether('percent', [row('a', '', 0, 0)])).toEqual({
    value: null,
    numerator: 0,
    denominator: 0,
  })
  expect(worthTogether('count', [row('a', '', 2), row('b', '', 3)])).toEqual({
    value: 5,
    numerator: 5,
    denominator: null,
  })
  expect(worthTogether('count', [])).toBeUndefined()
})

test('what counts most stands first', () => {
  const rows = [row('few', 'x', 9, 10), row('many', 'x', 1, 50), row('few', 'y', 1, 10)]
  expect([...byKey('percent', rows).keys()]).toEqual(['many', 'few'])
})

test('a week begins on Monday by the dates of the company, and holds the sums of its days', () => {
  const beginOf = windowsIn('week', 'America/Sao_Paulo')
  // Midnight in São Paulo is 03:00 UTC: the last of these is still Sunday there.
  const rows = [
    row('a', '2026-03-02T03:00:00.000Z', 1),
    row('a', '2026-03-08T03:00:00.000Z', 2),
    row('a', '2026-03-09T02:00:00.000Z', 4),
    row('a', '2026-03-09T03:00:00.000Z', 8),
  ]
  expect([...byWindow('count', rows, beginOf)].map(([from, { value }]) => [from, value])).toEqual([
    ['2026-03-02', 7],
    ['2026-03-09', 8],
  ])
  expect(mondayOf('2026-03-01')).toBe('2026-02-23')
})

test('the period before is as long, and ends the day before this one begins', () => {
  expect(periodBefore({ from: '2026-03-01', to: '2026-03-07' })).toEqual({
    from: '2026-02-22',
    to: '2026-02-28',
  })
  expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01')
})

test('a period that nobody could mean is the last seven days, and one that ends before it begins is turned round', () => {
  const asked = (query: string) => periodAsked(new URLSearchParams(query), '2026-03-08')
  expect(asked('from=soon&to=2026-99-99')).toEqual({ from: '2026-03-02', to: '2026-03-08' })
  expect(asked('from=2026-03-08&to=2026-03-01')).toEqual({ from: '2026-03-01', to: '2026-03-08' })
})

test.each([
  // The clocks go forward, or back, between the two.
  ['Europe/Lisbon', 'hour', '2026-03-25T15:00:00.000Z', '2026-04-01T14:00:00.000Z'],
  ['Europe/Lisbon', 'day', '2026-03-25T00:00:00.000Z', '2026-03-31T23:00:00.000Z'],
  ['Europe/Lisbon', 'week', '2026-03-23T00:00:00.000Z', '2026-03-29T23:00:00.000Z'],
  ['Europe/Lisbon', 'hour', '2026-10-21T14:00:00.000Z', '2026-10-28T15:00:00.000Z'],
  ['Europe/Lisbon', 'day', '2026-10-20T23:00:00.000Z', '2026-10-28T00:00:00.000Z'],
  ['Europe/Lisbon', 'week', '2026-10-18T23:00:00.000Z', '2026-10-26T00:00:00.000Z'],
  // The day has no midnight.
  ['America/Sao_Paulo', 'day', '2018-10-28T03:00:00.000Z', '2018-11-04T03:00:00.000Z'],
] as const)('in %s the %s of %s is compared with that of %s', (zone, window, before, now) => {
  expect(windowsIn(window, zone, 7)(before)).toBe(windowsIn(window, zone)(now))
})

test('percentages change by points, all else by percent, and nothing by something of nothing', () => {
  const worth = (value: number | null) => ({ value, numerator: 0, denominator: 1 })
  expect(changeOf('percent', worth(60), worth(50))).toBe(10)
  expect(changeOf('seconds', worth(60), worth(50))).toBe(20)
  expect(changeOf('count', worth(60), worth(0))).toBeUndefined()
  expect(changeOf('count', worth(null), worth(1))).toBeUndefined()
  expect(changeOf('count', undefined, worth(1))).toBeUndefined()
})

test('a value is written in its unit', () => {
  const shown = (metric: string, ...[unit, value]: [Parameters<typeof shownIn>[2], number | null]) =>
    shownIn(formatOf('en-GB'), metric, unit, value)
  expect(shown('csat', 'percent', 66.666)).toBe('66.7%')
  expect(shown('handle_time', 'seconds', 42.5)).toBe('42.5s')
  expect(shown('handle_time', 'seconds', 312)).toBe('5:12')
  expect(shown('signed_in_seconds', 'count', 3_600)).toBe('1:00:00')
  expect(shown('survey_score', 'ratio', 4.5)).toBe('4.50')
  expect(shown('handled', 'count', 1_200)).toBe('1,200')
  expect(shown('csat', 'percent', null)).toBe('–')
})

test('a funnel has the steps of its flow alone, in the order of the flow; those that it has no more come last, what most reached first', () => {
  const rows = [
    row('loans/start', 'x', 5, 5),
    row('card/cpf', 'x', 3, 10),
    row('card/start', 'x', 4, 10),
    row('card/start', 'y', 6, 6),
    row('card/person', 'x', 7, 10),
    row('card/gone', 'x', 1, 10),
    row('card/long_gone', 'x', 2, 10),
    row('card-loss/start', 'x', 99, 99),
  ]
  const order = ['start', 'menu', 'cpf', 'person']
  expect(funnelOf(rows, 'card', order).map(({ name, numerator }) => [name, numerator])).toEqual([
    ['start', 10],
    ['cpf', 3],
    ['person', 7],
    ['long_gone', 2],
    ['gone', 1],
  ])
})
