import { expect, test } from 'vitest'
import { differenceOf, lineOf } from './recount.ts'

const ofOneAgent = { metric: 'hold_time', version: 1, by: 'agent', key: 'p01', hour: null } as const

test('one message among millions is a difference, and sums that were added in another order are none', () => {
  const messages = (numerator: number) => ({ numerator, denominator: null })
  expect(differenceOf(messages(5_000_001), messages(5_000_000))).toEqual({ numerator: 1, denominator: 0 })
  const signedIn = (seconds: number) => ({ numerator: seconds, denominator: 9 })
  expect(differenceOf(signedIn(57_600_000.001), signedIn(57_600_000))).toEqual({
    numerator: 0.001,
    denominator: 0,
  })
  expect(differenceOf(signedIn(0.1 + 0.2), signedIn(0.3))).toEqual({ numerator: 0, denominator: 0 })
  // Of nothing there is no row on one side, and zeros on the other.
  expect(differenceOf(null, { numerator: 0, denominator: 0 })).toEqual({ numerator: 0, denominator: 0 })
})

test('a line tells both figures and their difference, above the line and below it', () => {
  const line = lineOf({
    ...ofOneAgent,
    live: { numerator: 90.5, denominator: 3 },
    recounted: { numerator: 60.25, denominator: 2 },
    isSame: false,
  })
  expect(line).toMatch(/≠.*hold_time +agent p01 +90\.5 \/ 3 +60\.25 \/ 2 +30\.25 \/ 1$/)
  const count = lineOf({
    ...ofOneAgent,
    live: null,
    recounted: { numerator: 2, denominator: null },
    isSame: false,
  })
  expect(count).toMatch(/ - +2 +-2$/)
})
