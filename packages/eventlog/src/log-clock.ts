import type { StoredPosition } from './log.ts'

/** After so long without a word of the log its clock may have been set, or this machine may have slept. */
const KNOWN_FOR_MS = 60_000

/**
 * The log's clock, by which deadlines are set and due, as it is known here: what the log said at the last append, and how long ago that was.
 * The machine's time of day plays no part: it may be an hour off, and may jump.
 */
export class LogClock {
  readonly #elapsedMs: () => number
  #said: { readonly time: number; readonly at: number } | undefined

  /** @param elapsedMs Of a clock that only counts, and never jumps. */
  constructor(elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs
  }

  /** The log stored these just now. Each broker has a clock of its own: the slowest one counts. */
  set(stored: readonly StoredPosition[]): void {
    const time = Math.min(...stored.map(({ timestamp }) => Date.parse(timestamp)))
    this.#said = { time, at: this.#elapsedMs() }
  }

  /** Milliseconds since 1970, rather too few than too many; undefined when the log must be asked. */
  now(): number | undefined {
    if (this.#said === undefined) return undefined
    const passed = this.#elapsedMs() - this.#said.at
    return passed < KNOWN_FOR_MS ? this.#said.time + passed : undefined
  }
}
