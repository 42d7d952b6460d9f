import { expect, test } from 'vitest'
import { localOf, utcOf } from './zone-clock.ts'

const HOUR_MS = 3_600_000
const zone = (standard: number, begins: string, ends: string) => [
  { from: '2026-01-01T00:00:00.000Z', minutes: standard },
  { from: begins, minutes: standard + 60 },
  { from: ends, minutes: standard },
]
const ZONES = {
  'America/New_York': zone(-300, '2026-03-08T07:00:00.000Z', '2026-11-01T06:00:00.000Z'),
  'Europe/Berlin': zone(60, '2026-03-29T01:00:00.000Z', '2026-10-25T01:00:00.000Z'),
  // Clocks go from 24:00 on Saturday to 1:00.
  'America/Santiago': zone(-240, '2026-09-06T04:00:00.000Z', '2027-04-04T03:00:00.000Z'),
}

test.each([
  ['America/New_York', '2026-03-08T01:59', '2026-03-08T06:59'],
  ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:30'],
  ['America/New_York', '2026-03-08T03:00', '2026-03-08T07:00'],
  ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30'],
  ['America/New_York', '2026-11-01T02:00', '2026-11-01T07:00'],
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30'],
  ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30'],
  ['Europe/Berlin', '2026-10-25T03:00', '2026-10-25T02:00'],
  ['America/Santiago', '2026-09-06T00:00', '2026-09-06T04:00'],
] as const)(
  'in %s it is %s at %s UTC: by the offset before, where there is none or there are two',
  (name, wall, utc) => {
    expect(new Date(utcOf(ZONES[name], Date.parse(`${wall}:00.000Z`))).toISOString()).toBe(`${utc}:00.000Z`)
  },
)

test('a clock on the wall tells the time that it is, but for the hour that comes twice', () => {
  const wrong = Object.values(ZONES).flatMap((offsets) =>
    Array.from({ length: 366 * 24 }, (_, hour) => Date.UTC(2026, 0, 2) + hour * HOUR_MS).filter((utc) => {
      const again = utcOf(offsets, localOf(offsets, utc))
      const isEarlier = again === utc - HOUR_MS && localOf(offsets, again) === localOf(offsets, utc)
      return again !== utc && !isEarlier
    }),
  )
  expect(wrong).toEqual([])
})
