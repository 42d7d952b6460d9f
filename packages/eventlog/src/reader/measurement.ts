/** What one event adds to one figure. */
export interface Measurement {
  readonly metric: string
  /** Of what: a queue, an agent, `all`. */
  readonly key: string
  /** The beginning of the hour or day that it counts in, ISO 8601 UTC, by the event's clock. */
  readonly window: string
  /** Sums by name, for example `{ count: 1, seconds: 12 }`. */
  readonly add: Readonly<Record<string, number>>
}
