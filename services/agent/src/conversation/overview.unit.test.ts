import { expect, test } from 'vitest'
import { startOfDay } from './overview.ts'

test.for([
  [
    'the day of the zone, not of UTC',
    '2026-03-02T01:30:00.000Z',
    'America/Sao_Paulo',
    '2026-03-01T03:00:00.000Z',
  ],
  ['a zone of half hours', '2026-03-02T01:30:00.250Z', 'Asia/Kolkata', '2026-03-01T18:30:00.000Z'],
  [
    'a day whose clocks went forward since midnight',
    '2026-03-29T12:00:00.000Z',
    'Europe/Berlin',
    '2026-03-28T23:00:00.000Z',
  ],
  [
    'a day whose clocks went back since midnight',
    '2026-10-25T12:00:00.000Z',
    'Europe/Berlin',
    '2026-10-24T22:00:00.000Z',
  ],
  ['UTC', '2026-03-02T00:00:00.000Z', 'UTC', '2026-03-02T00:00:00.000Z'],
] as const)('today begins at midnight: %s', ([, now, zone, midnight]) => {
  expect(startOfDay(new Date(now), zone).toISOString()).toBe(midnight)
})
