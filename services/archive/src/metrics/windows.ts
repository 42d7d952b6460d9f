import { beginOfDate, dateAt, offsetAt } from '@parley/time-zone'

const QUARTER_MS = 15 * 60_000
const HOUR_MS = 60 * 60_000

/** What a figure counts in: an hour or a day of the company's time zone. */
export type WindowKind = 'hour' | 'day'

/** Names of windows are compared as text, which knows no years before 0 and beyond 9999: `to` may say "for ever" in any time zone. */
const within = (at: number) =>
  Math.min(Math.max(at, Date.parse('0001-01-01T00:00:00.000Z')), Date.parse('9998-12-31T00:00:00.000Z'))

const DAY = 'day '
const MONTH = 'month '
const WEEK = 'week '

export const dayNamed = (date: string): string => `${DAY}${date}`
/** Of the name of a day. */
const dateIn = (name: string): string => name.slice(DAY.length)
export const nextDay = (name: string): string => dayNamed(dayAfter(dateIn(name)))

export const isDay = (name: string): boolean => name.startsWith(DAY)
/** How many days lie between two, by their names. */
export const daysBetween = (first: string, end: string): number =>
  (Date.parse(dateIn(end)) - Date.parse(dateIn(first))) / (24 * HOUR_MS)

/** `month YYYY-MM`: in it the company alone is counted, which tells what of its days has changed. */
export const monthOf = (day: string): string => `${MONTH}${dateIn(day).slice(0, 'YYYY-MM'.length)}`
export const isMonth = (name: string): boolean => name.startsWith(MONTH)
export const firstDayOf = (month: string): string => dayNamed(`${month.slice(MONTH.length)}-01`)

/** `week YYYY-MM-DD`, by its first day: seven days of a month, from the 1st, 8th, 15th or 22nd. Nothing is counted in it: it is what its days are. */
const weekFrom = (day: string): string | undefined =>
  WEEKS_BEGIN.has(day.slice(-2)) ? `${WEEK}${dateIn(day)}` : undefined
const WEEKS_BEGIN: ReadonlySet<string> = new Set(['01', '08', '15', '22'])
export const isWeek = (name: string): boolean => name.startsWith(WEEK)

/** The day behind a month, a week or a day. */
export function dayBehind(window: string): string {
  // 31 days behind the first of a month it is always the next one.
  if (isMonth(window)) return firstDayOf(monthOf(dayNamed(dayAfter(dateIn(firstDayOf(window)), 31))))
  return isWeek(window) ? dayNamed(dayAfter(window.slice(WEEK.length), 7)) : nextDay(window)
}

/** The days of a month or a week. */
export const daysIn = (window: string): readonly string[] => [
  ...daysNamed(isMonth(window) ? firstDayOf(window) : dayNamed(window.slice(WEEK.length)), dayBehind(window)),
]

function dayAfter(date: string, days = 1): string {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) + days * 24 * HOUR_MS).toISOString().slice(0, 10)
}

/** The names of days, from one to before another. */
export function* daysNamed(first: string, end: string): Generator<string> {
  for (let name = first; name < end; name = nextDay(name)) yield name
}

/** The same days, by the months and else the weeks that lie in them whole and are over, and by themselves. @param today the name of a day: it and what comes is not over */
export function* spansOf(first: string, end: string, today: string): Generator<string> {
  for (let day = first; day < end;) {
    const month = monthOf(day)
    const begun = [day === firstDayOf(month) ? month : undefined, weekFrom(day)]
    const whole = begun.find((one) => one !== undefined && dayBehind(one) <= end && dayBehind(one) <= today)
    yield whole ?? day
    day = dayBehind(whole ?? day)
  }
}

/**
 * Hours and days as the company's clocks show them. The hour that clocks show twice when summer ends is two hours, each a window of its own;
 * a day has 23, 24 or 25 of them.
 */
export class Windows {
  readonly #timeZone: string
  /** The windows of the quarter of an hour that was asked for last: events come in the order of time, and no window ends within one. */
  #last: { readonly quarter: number; readonly windows: readonly [string, string] } | undefined

  /** @param timeZone IANA name */
  constructor(timeZone: string) {
    this.#timeZone = timeZone
  }

  /** The windows of a moment, as figures name them: `hour 2026-03-02T12:00:00.000Z` by its beginning, `day 2026-03-02` by its date. */
  of(at: number): readonly [string, string] {
    const quarter = Math.floor(at / QUARTER_MS)
    if (this.#last?.quarter !== quarter)
      this.#last = {
        quarter,
        windows: [`hour ${new Date(this.hourOf(at)).toISOString()}`, dayNamed(this.dateOf(at))],
      }
    return this.#last.windows
  }

  /** When the hour began that this moment is in. */
  hourOf(at: number): number {
    const offset = offsetAt(at, this.#timeZone)
    return Math.floor((at + offset) / HOUR_MS) * HOUR_MS - offset
  }

  /** YYYY-MM-DD. */
  dateOf(at: number): string {
    return dateAt(at, this.#timeZone)
  }

  /** The first moment of a date: not midnight where the clocks skip it. */
  beginOf(date: string): number {
    return beginOfDate(date, this.#timeZone)
  }

  /** The name of the window that a moment is in. */
  nameAt(kind: WindowKind, asked: number): string {
    const [hour, day] = this.of(within(asked))
    return kind === 'hour' ? hour : day
  }

  /** Of the first window that begins at that moment or later. */
  firstName(kind: WindowKind, asked: number): string {
    const at = within(asked)
    const [hour, day] = this.of(at)
    if (kind === 'hour') return this.hourOf(at) === at ? hour : this.of(this.hourOf(at) + HOUR_MS)[0]
    return this.beginOfNamed(day) === at ? day : nextDay(day)
  }

  /** When the hour or day of that name begins. */
  beginOfNamed(name: string): number {
    return name.startsWith('hour ') ? Date.parse(name.slice('hour '.length)) : this.beginOf(dateIn(name))
  }

  /** A span of time by the hours that it touches: the seconds in each, with a moment of that hour. */
  *parts(from: number, to: number): Generator<{ readonly at: number; readonly seconds: number }> {
    for (let at = from; at < to;) {
      const end = Math.min(to, this.hourOf(at) + HOUR_MS)
      yield { at, seconds: (end - at) / 1_000 }
      at = end
    }
  }
}
