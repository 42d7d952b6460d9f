import type { StuckPartition } from './log.ts'

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

/** So many failures in a row count as stuck. */
export const STUCK_ATTEMPTS = 5

/** Tries of one thing that failed in a row, since its first or since one that went well. */
export class FailuresInRow {
  readonly #stuckFrom: number
  #count = 0
  #since = new Date(0)

  /** @param stuckFrom so many of them */
  constructor(stuckFrom = STUCK_ATTEMPTS) {
    this.#stuckFrom = stuckFrom
  }

  get areAny(): boolean {
    return this.#count > 0
  }

  /** @returns their number, where it is to be said that nothing goes on: from when it counts as stuck, and whenever it has doubled */
  failed(at: Date): number | undefined {
    if (this.#count === 0) this.#since = at
    this.#count += 1
    return Number.isInteger(Math.log2(this.#count / this.#stuckFrom)) ? this.#count : undefined
  }

  wentWell(): void {
    this.#count = 0
  }

  /** As a subscription says it, of each of these partitions; none before they are that many. */
  stuck(partitions: readonly number[]): readonly StuckPartition[] {
    if (this.#count < this.#stuckFrom) return []
    const since = this.#since.toISOString()
    return partitions.map((partition) => ({ partition, attempts: this.#count, since }))
  }
}
