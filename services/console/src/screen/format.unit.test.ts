import { expect, test } from 'vitest'
import { formatOf } from './format.ts'

const AT = '2026-03-09T15:04:05.000Z'

test('whatever is written of numbers and times in Bengali has Bengali digits alone', () => {
  const { clock, moment, day, when, ...numbers } = formatOf('bn-BD')
  const written = [
    ...[clock, moment, day].map((write) => write(AT)),
    ...[0, 2, 400].map((days) => when(AT, Date.parse(AT) + days * 86_400_000)),
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

test('what is of today says its time, what is older its day, and its year where that is another one', () => {
  const { when } = formatOf('en-GB')
  const at = new Date(2026, 2, 9, 15, 4)
  const seenAt = (...date: [number, number, number, number]) =>
    when(at.toISOString(), new Date(...date).getTime())
  expect(seenAt(2026, 2, 9, 23)).toBe('15:04')
  expect(seenAt(2026, 2, 10, 0)).toBe('9 Mar')
  expect(seenAt(2027, 0, 1, 0)).toBe('9 Mar 2026')
})

test('a moment is said by the clock of whoever looks, or by that of a time zone', () => {
  const { moment } = formatOf('en-GB')
  const late = '2026-03-10T02:56:00.000Z'
  expect(moment(late, 'America/Sao_Paulo')).toBe('9 Mar 2026, 23:56')
  expect(moment(late, 'Asia/Dhaka')).toBe('10 Mar 2026, 08:56')
  expect(moment(late)).toBe(moment(late, Intl.DateTimeFormat().resolvedOptions().timeZone))
})
