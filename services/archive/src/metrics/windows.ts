/** What a figure counts in: an hour or a day of the company's time zone. */
export type WindowKind = 'hour' | 'day'

const QUARTER_MS = 15 * 60_000
const HOUR_MS = 60 * 60_000
const REMEMBERED_MAX = 100_000

/**
 * Hours and days as the company's clocks show them. The hour that clocks show twice when summer ends is two hours, each a window of its own;
 * a day has 23, 24 or 25 of them. Every zone's offset is whole quarters of an hour, and changes at one.
 */
export class Windows {
  readonly #format: Intl.DateTimeFormat
  readonly #offsets = new Map<number, number>()

  /** @param timeZone IANA name */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  }

  /** The windows of a moment, as figures name them: `hour 2026-03-02T12:00:00.000Z` by its beginning, `day 2026-03-02` by its date. */
  of(at: number): readonly [string, string] {
    return [`hour ${new Date(this.hourOf(at)).toISOString()}`, `day ${this.dateOf(at)}`]
  }

  /** When the hour began that this moment is in. */
  hourOf(at: number): number {
    const offset = this.#offsetAt(at)
    return Math.floor((at + offset) / HOUR_MS) * HOUR_MS - offset
  }

  /** YYYY-MM-DD. */
  dateOf(at: number): string {
    return new Date(at + this.#offsetAt(at)).toISOString().slice(0, 10)
  }

  /** The first moment of a date: not midnight where the clocks skip it. */
  beginOf(date: string): number {
    const midnight = Date.parse(`${date}T00:00:00.000Z`)
    let at = midnight - 15 * HOUR_MS
    while (this.dateOf(at) < date) at += QUARTER_MS
    return at
  }

  /** A span of time by the hours that it touches: the seconds in each, with a moment of that hour. */
  *parts(from: number, to: number): Generator<{ readonly at: number; readonly seconds: number }> {
    for (let at = from; at < to;) {
      const end = Math.min(to, this.hourOf(at) + HOUR_MS)
      yield { at, seconds: (end - at) / 1_000 }
      at = end
    }
  }

  #offsetAt(at: number): number {
    const quarter = Math.floor(at / QUARTER_MS)
    let offset = this.#offsets.get(quarter)
    if (offset === undefined) {
      if (this.#offsets.size > REMEMBERED_MAX) this.#offsets.clear()
      const begin = quarter * QUARTER_MS
      const shown = new Map(this.#format.formatToParts(begin).map(({ type, value }) => [type, Number(value)]))
      const of = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0
      offset = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')) - begin
      this.#offsets.set(quarter, offset)
    }
    return offset
  }
}
