/** What one event adds to one figure. */
export interface Measurement {
  readonly metric: string
  /** Of what: a queue, an agent, `all`. */
  readonly key: string
  /** The beginning of the hour or day that it counts in, ISO 8601 UTC, by the event's clock. */
  readonly window: string
  /** Sums by name, for example `{ count: 1, seconds: 12.345 }`: of three decimals at most, for that is how sums are kept. */
  readonly add: Readonly<Record<string, number>>
}

const PARTS = 1_000

/**
 * The same in whatever order it is added. Fractions of binary numbers are not: what came late is added behind others, and a version that is
 * built anew, which adds it where it lies in the log, would differ in its last digits from the one that it is compared with.
 */
export const addedUp = (sum: number, more: number): number => Math.round((sum + more) * PARTS) / PARTS
