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
