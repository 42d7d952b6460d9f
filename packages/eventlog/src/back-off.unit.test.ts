import { expect, test } from 'vitest'
import { BackOff } from './back-off.ts'

test('waits double up to the longest, and begin anew when a try went well', () => {
  const backOff = new BackOff(50, 300)
  expect([
    backOff.ms,
    backOff.next(),
    backOff.next(),
    backOff.next(),
    backOff.next(),
    backOff.next(),
  ]).toEqual([50, 50, 100, 200, 300, 300])
  backOff.wentWell()
  expect(backOff.next()).toBe(50)
})
