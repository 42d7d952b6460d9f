import type { ZoneOffset } from '@parley/proto/workforce-configuration'
import { offsetAt } from '@parley/time-zone'

const FROM = Date.UTC(2026, 0, 1)
/** What a configuration says of a zone is worked out up to here: it is adopted anew long before. */
const UNTIL = Date.UTC(2036, 0, 1)
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** The offsets of a zone, by this machine's table of zones: done once, where a configuration or a policy is made, and never by the rules. */
export function zoneOffsets(timeZone: string): ZoneOffset[] {
  const minutesOf = (at: number) => offsetAt(at, timeZone) / MINUTE_MS
  const offsets: ZoneOffset[] = [{ from: new Date(FROM).toISOString(), minutes: minutesOf(FROM) }]
  for (let day = FROM; day < UNTIL; day += DAY_MS) {
    const minutes = minutesOf(day + DAY_MS)
    if (minutes === offsets.at(-1)!.minutes) continue
    let before = day
    let after = day + DAY_MS
    while (after - before > MINUTE_MS) {
      const middle = before + Math.floor((after - before) / (2 * MINUTE_MS)) * MINUTE_MS
      if (minutesOf(middle) === minutes) after = middle
      else before = middle
    }
    offsets.push({ from: new Date(after).toISOString(), minutes })
  }
  return offsets
}
