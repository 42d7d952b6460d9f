import { expect, test } from 'vitest'
import { BackOff, FailuresInRow } from './back-off.ts'

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

test('failures in a row are stuck from the fifth on, since the first of them, until one try went well; they are told then, and whenever they are twice as many', () => {
  const failures = new FailuresInRow()
  const at = (second: number) => new Date(Date.UTC(2026, 0, 5, 12, 0, second))
  expect([1, 2, 3, 4].map((second) => failures.failed(at(second)))).toEqual(Array(4).fill(undefined))
  expect(failures.stuck([0, 1])).toEqual([])
  expect(failures.failed(at(5))).toBe(5)
  const since = at(1).toISOString()
  expect(failures.stuck([3, 7])).toEqual([
    { partition: 3, attempts: 5, since },
    { partition: 7, attempts: 5, since },
  ])
  failures.wentWell()
  expect(failures.stuck([3])).toEqual([])
  const told = Array.from({ length: 40 }, () => failures.failed(at(9)))
  expect(told.filter((attempts) => attempts !== undefined)).toEqual([5, 10, 20, 40])
})
