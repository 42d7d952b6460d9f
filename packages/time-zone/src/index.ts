/**
 * The clocks of time zones, by this machine's table of zones. What a rule decides by must not come from here when it decides, but stand on
 * the log: tables differ between machines and change. Not @date-fns/tz, which asks Intl with each call: seven times the cost (1.5.0).
 */
const MINUTE_MS = 60_000
const QUARTER_MS = 15 * MINUTE_MS
const HOUR_MS = 60 * MINUTE_MS
const REMEMBERED_MAX = 100_000

interface Zone {
  readonly format: Intl.DateTimeFormat
  /** By the quarter of an hour: offsets of today are whole quarters, and change at one. */
  readonly offsets: Map<number, number>
}

const zones = new Map<string, Zone>()

/** A name of the IANA list, old ones included: Intl.supportedValuesOf leaves names out that are in use, Asia/Kolkata among them. */
export function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/**
 * How far the zone's clocks are ahead of UTC, in milliseconds.
 * @param at milliseconds since 1970, UTC
 * @param timeZone IANA name
 * @throws {RangeError} for a name that is none
 */
export function offsetAt(at: number, timeZone: string): number {
  let zone = zones.get(timeZone)
  if (zone === undefined) zones.set(timeZone, (zone = zoneOf(timeZone)))
  const quarter = Math.floor(at / QUARTER_MS)
  let offset = zone.offsets.get(quarter)
  if (offset === undefined) {
    if (zone.offsets.size >= REMEMBERED_MAX) zone.offsets.clear()
    offset = shownAt(quarter * QUARTER_MS, zone.format) - quarter * QUARTER_MS
    zone.offsets.set(quarter, offset)
  }
  return offset
}

/** YYYY-MM-DD, as a calendar on the wall shows it. */
export function dateAt(at: number, timeZone: string): string {
  return new Date(at + offsetAt(at, timeZone)).toISOString().slice(0, 10)
}

/** Whether it is YYYY-MM-DD of a day that there is: `Date.parse` takes 30 February for 2 March. */
export function isDate(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/**
 * The first moment of a date: not midnight where the clocks skip it.
 * @param date YYYY-MM-DD
 */
export function beginOfDate(date: string, timeZone: string): number {
  const midnight = Date.parse(`${date}T00:00:00.000Z`)
  // No zone is further ahead of UTC than 14 hours.
  let at = midnight - 15 * HOUR_MS
  while (at + offsetAt(at, timeZone) < midnight) at += QUARTER_MS
  return at
}

/** The first moment of the date that a calendar shows at a time. @param at milliseconds since 1970, UTC */
export function beginOfDay(at: number, timeZone: string): number {
  return beginOfDate(dateAt(at, timeZone), timeZone)
}

function zoneOf(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  return { format, offsets: new Map() }
}

/** What the zone's clocks show, as if it were UTC. */
function shownAt(at: number, format: Intl.DateTimeFormat): number {
  const shown = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const of = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'))
}
