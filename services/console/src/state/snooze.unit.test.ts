import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { snoozedUntil } from './snooze.ts'

beforeEach(() => void vi.stubEnv('TZ', 'Europe/Lisbon'))
afterEach(() => void vi.unstubAllEnvs())

// Clocks there: 2026-10-25 at 2:00 (1:00 UTC) back to 1:00, 2026-03-29 at 1:00 (1:00 UTC) on to 2:00.
test.each([
  ['before clocks go back', '2026-10-25T00:30:00.000Z'],
  ['once they went back', '2026-10-25T01:30:00.000Z'],
  ['before they go on', '2026-03-29T00:30:00.000Z'],
])('minutes are those that pass, whatever clocks do: %s', (_, now) => {
  for (const minutes of [15, 60, 180]) {
    const until = snoozedUntil(String(minutes), Date.parse(now))
    expect((until.getTime() - Date.parse(now)) / 60_000).toBe(minutes)
  }
})

test('tomorrow is at nine by the clock, also where the night is an hour longer or shorter', () => {
  const tomorrow = (now: string) => snoozedUntil('tomorrow', Date.parse(now)).toISOString()
  expect(tomorrow('2026-10-24T20:00:00.000Z')).toBe('2026-10-25T09:00:00.000Z')
  expect(tomorrow('2026-03-28T20:00:00.000Z')).toBe('2026-03-29T08:00:00.000Z')
  expect(tomorrow('2026-03-28T01:30:00.000Z')).toBe('2026-03-29T08:00:00.000Z')
})
