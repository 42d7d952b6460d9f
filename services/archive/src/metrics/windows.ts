import { beginOfDate, dateAt, offsetAt } from '@parley/time-zone'

/** What a figure counts in: an hour or a day of the company's time zone. */
export type WindowKind = 'hour' | 'day'

const QUARTER_MS = 15 * 60_000
const HOUR_MS = 60 * 60_000

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
        windows: [`hour ${new Date(this.hourOf(at)).toISOString()}`, `day ${this.dateOf(at)}`],
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

  /** A span of time by the hours that it touches: the seconds in each, with a moment of that hour. */
  *parts(from: number, to: number): Generator<{ readonly at: number; readonly seconds: number }> {
    for (let at = from; at < to;) {
      const end = Math.min(to, this.hourOf(at) + HOUR_MS)
      yield { at, seconds: (end - at) / 1_000 }
      at = end
    }
  }
}
