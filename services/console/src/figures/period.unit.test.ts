import { expect, test } from 'vitest'
import { periodAsked } from './period.ts'

test('a date that there is not is no date: of it nobody is shown another one', () => {
  const asked = (query: string) => periodAsked(new URLSearchParams(query), '2026-03-10')
  expect(asked('from=2026-02-28&to=2026-03-01')).toEqual({ from: '2026-02-28', to: '2026-03-01' })
  expect(asked('from=2026-02-30&to=2026-03-05')).toEqual({ from: '2026-02-27', to: '2026-03-05' })
  expect(asked('to=2026-02-30')).toEqual({ from: '2026-03-04', to: '2026-03-10' })
})
