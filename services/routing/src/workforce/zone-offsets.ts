import type { ZoneOffset } from '@parley/proto/workforce-configuration'

const FROM = Date.UTC(2026, 0, 1)
/** What a configuration says of a zone is worked out up to here: it is adopted anew long before. */
const UNTIL = Date.UTC(2036, 0, 1)
const DAY_MS = 24 * 60 * 60 * 1000

/** The offsets of a zone, by this machine's table of zones: done once, where a configuration is read, and never by the rules. */
export function zoneOffsets(timeZone: string): ZoneOffset[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  const minutesAt = (time: number): number => {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(time)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part
    return (Date.UTC(year, month - 1, day, hour, minute) - time) / 60_000
  }
  const offsets: ZoneOffset[] = [{ from: new Date(FROM).toISOString(), minutes: minutesAt(FROM) }]
  for (let day = FROM; day < UNTIL; day += DAY_MS) {
    const minutes = minutesAt(day + DAY_MS)
    if (minutes === offsets.at(-1)!.minutes) continue
    let before = day
    let after = day + DAY_MS
    while (after - before > 60_000) {
      const middle = before + Math.floor((after - before) / 120_000) * 60_000
      if (minutesAt(middle) === minutes) after = middle
      else before = middle
    }
    offsets.push({ from: new Date(after).toISOString(), minutes })
  }
  return offsets
}
