import type { QueueConfiguration, ZoneConfiguration } from '@parley/proto/workforce-configuration'
import { localOf, utcOf } from './zone-clock.ts'

/** When a queue is open, of its zone. */
type Calendar = Pick<QueueConfiguration, 'hours' | 'holidays'>

const DAY_MS = 24 * 60 * 60 * 1000
const DAYS_LOOKED_AHEAD = 366

/** Whether a queue is open, and when that changes; null: not within a year. Of arithmetic alone: the zone's offsets come with the configuration. */
export function openness(
  { hours, holidays }: Calendar,
  zone: ZoneConfiguration | undefined,
  at: number,
): { readonly isOpen: boolean; readonly until: number | null } {
  if (hours.length === 0) return { isOpen: true, until: null }
  const offsets = zone?.offsets ?? []
  const today = Math.floor(localOf(offsets, at) / DAY_MS)
  let openUntil: number | undefined
  for (let day = today - 1; day <= today + DAYS_LOOKED_AHEAD; day += 1) {
    if (holidays.includes(new Date(day * DAY_MS).toISOString().slice(0, 10))) continue
    // 1 January 1970 was a Thursday.
    const weekday = ((((day + 3) % 7) + 7) % 7) + 1
    const spans = hours
      .filter((span) => span.weekday === weekday)
      .toSorted((left, right) => left.fromMinute - right.fromMinute)
    for (const { fromMinute, toMinute } of spans) {
      const from = utcOf(offsets, day * DAY_MS + fromMinute * 60_000)
      const to = utcOf(offsets, day * DAY_MS + toMinute * 60_000)
      if (to <= at) continue
      if (openUntil === undefined) {
        if (from > at) return { isOpen: false, until: from }
        openUntil = to
      } else if (from <= openUntil) openUntil = Math.max(openUntil, to)
      else return { isOpen: true, until: openUntil }
    }
    if (openUntil !== undefined && day * DAY_MS > localOf(offsets, openUntil)) break
  }
  return openUntil === undefined ? { isOpen: false, until: null } : { isOpen: true, until: openUntil }
}
