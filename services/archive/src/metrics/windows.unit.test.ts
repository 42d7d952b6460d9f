import { expect, test } from 'vitest'
import { Windows, daysIn, spansOf } from './windows.ts'

const at = (time: string) => Date.parse(time)

/** The hours of a date, in order. */
function hoursOf(zone: string, date: string): readonly string[] {
  const windows = new Windows(zone)
  const hours = new Set<string>()
  for (let time = windows.beginOf(date); windows.dateOf(time) === date; time += 15 * 60_000)
    hours.add(windows.of(time)[0])
  return [...hours]
}

test.each([
  ['America/Sao_Paulo', '2026-03-02', 24, '2026-03-02T03:00:00.000Z'],
  ['Asia/Dhaka', '2026-03-02', 24, '2026-03-01T18:00:00.000Z'],
  ['Asia/Kathmandu', '2026-03-02', 24, '2026-03-01T18:15:00.000Z'],
  ['Europe/Lisbon', '2026-03-29', 23, '2026-03-29T00:00:00.000Z'],
  ['Europe/Lisbon', '2026-10-25', 25, '2026-10-24T23:00:00.000Z'],
  // Here clocks skipped midnight, and showed 23:00 to 00:00 twice.
  ['America/Sao_Paulo', '2018-11-04', 23, '2018-11-04T03:00:00.000Z'],
  ['America/Sao_Paulo', '2018-02-17', 25, '2018-02-17T02:00:00.000Z'],
])('%s has on %s %i hours, the first from %s', (zone, date, count, first) => {
  const hours = hoursOf(zone, date)
  expect(hours).toHaveLength(count)
  expect(hours[0]).toBe(`hour ${first}`)
})

test('the hour that clocks show twice is two windows of one day', () => {
  const windows = new Windows('Europe/Lisbon')
  const first = windows.of(at('2026-10-25T00:30:00.000Z'))
  const second = windows.of(at('2026-10-25T01:30:00.000Z'))
  expect(first).toEqual(['hour 2026-10-25T00:00:00.000Z', 'day 2026-10-25'])
  expect(second).toEqual(['hour 2026-10-25T01:00:00.000Z', 'day 2026-10-25'])
})

test('a span is parted at the hours of the zone, and its parts add up to it', () => {
  const windows = new Windows('Asia/Kathmandu')
  const parts = [...windows.parts(at('2026-03-02T10:00:00.000Z'), at('2026-03-02T11:30:30.000Z'))]
  expect(parts.map(({ seconds }) => seconds)).toEqual([900, 3600, 930])
  expect([...windows.parts(5, 5)]).toEqual([])
})

test('days are months where those lie in them whole and are over, else weeks of a month, and days else', () => {
  const between = (first: string, end: string, today: string) => [
    ...spansOf(`day ${first}`, `day ${end}`, `day ${today}`),
  ]
  expect(between('2024-01-31', '2024-03-02', '2026-01-01')).toEqual([
    'day 2024-01-31',
    'month 2024-02',
    'day 2024-03-01',
  ])
  expect(between('2025-12-01', '2026-02-01', '2026-02-01')).toEqual(['month 2025-12', 'month 2026-01'])
  // Four weeks and three days.
  expect(between('2025-12-01', '2026-02-01', '2026-01-31')).toHaveLength(1 + 4 + 3)
  expect(between('2025-12-02', '2026-01-01', '2026-06-01')).toHaveLength(6 + 3 + 3)
  expect(between('2026-02-07', '2026-02-16', '2026-02-15')).toEqual([
    'day 2026-02-07',
    'week 2026-02-08',
    'day 2026-02-15',
  ])
  expect(between('2026-02-08', '2026-02-15', '2026-02-14')).toHaveLength(7)
  const parts = between('2023-12-20', '2026-03-11', '2026-03-10')
  expect(parts.flatMap((part) => (part.startsWith('day') ? [part] : daysIn(part)))).toEqual(
    Array.from(
      { length: 812 },
      (_, nth) => `day ${new Date(Date.UTC(2023, 11, 20 + nth)).toISOString().slice(0, 10)}`,
    ),
  )
  expect(between('2026-01-01', '2026-01-01', '2026-06-01')).toEqual([])
})
