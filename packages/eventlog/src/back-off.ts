/** How long to wait before the next try: twice as long each time, until a try went well. Whoever tries waits itself, since most of these waits end early, with it. */
export class BackOff {
  readonly #firstMs: number
  readonly #longestMs: number
  #nextMs: number

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
    this.#nextMs = firstMs
  }

  /** Of the wait that comes next. */
  get ms(): number {
    return this.#nextMs
  }

  /** The wait that comes now, in milliseconds; the one after it is longer. */
  next(): number {
    const ms = this.#nextMs
    this.#nextMs = Math.min(ms * 2, this.#longestMs)
    return ms
  }

  wentWell(): void {
    this.#nextMs = this.#firstMs
  }
}

/** Failures in a row that make a partition count as stuck. */
export const STUCK_ATTEMPTS = 5

/** It is said then, and whenever their number has doubled. */
export function isStuckTold(attempts: number): boolean {
  return attempts >= STUCK_ATTEMPTS && Number.isInteger(Math.log2(attempts / STUCK_ATTEMPTS))
}
