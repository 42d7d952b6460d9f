import { isDate } from '@parley/time-zone'
import { expect, test } from 'vitest'
import { dayAfter, periodAsked, periodBefore } from './period.ts'

test('a date that there is not is no date: of it nobody is shown another one', () => {
  const asked = (query: string) => periodAsked(new URLSearchParams(query), '2026-03-10')
  expect(asked('from=2026-02-28&to=2026-03-01')).toEqual({ from: '2026-02-28', to: '2026-03-01' })
  expect(asked('from=2026-02-30&to=2026-03-05')).toEqual({ from: '2026-02-27', to: '2026-03-05' })
  expect(asked('to=2026-02-30')).toEqual({ from: '2026-03-04', to: '2026-03-10' })
})

test('whatever period an address names, be it for ever, what is asked of the service are dates', () => {
  const edges = ['0001-01-01', '0001-01-02', '1999-12-31', '2026-03-10', '9999-12-30', '9999-12-31']
  for (const from of edges)
    for (const to of edges) {
      const period = periodAsked(new URLSearchParams({ from, to }), '2026-03-10')
      const before = periodBefore(period)
      const asked = [period.from, dayAfter(period.to, 1), before.from, dayAfter(before.to, 1)]
      expect([from, to, asked.filter((one) => !isDate(one))]).toEqual([from, to, []])
    }
})
