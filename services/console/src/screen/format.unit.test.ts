import { expect, test } from 'vitest'
import { formatOf } from './format.ts'

const AT = '2026-03-09T15:04:05.000Z'

test('whatever is written of numbers and times in Bengali has Bengali digits alone', () => {
  const { clock, moment, day, ...numbers } = formatOf('bn-BD')
  const written = [
    ...[clock, moment, day].map((write) => write(AT)),
    ...Object.values(numbers).flatMap((write) => [0.5, 7, 65, 3_725, 5_400_000, 90_000_000].map(write)),
  ]
  expect(written.filter((text) => /[0-9]/.test(text))).toEqual([])
  expect(written.every((text) => /[০-৯]/.test(text))).toBe(true)
})

test('a stopwatch has hours only where there are any', () => {
  const { stopwatch } = formatOf('en-GB')
  expect([0, 59.9, 65, 3_725].map(stopwatch)).toEqual(['0:00', '0:59', '1:05', '1:02:05'])
  expect(formatOf('bn-BD').stopwatch(3_725)).toBe('১:০২:০৫')
})
