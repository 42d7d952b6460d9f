/** One thing that happened: how much of what, when, and whose. */
export interface Entry {
  readonly what: string
  readonly at: number
  readonly amount: number
  readonly queue?: string
  readonly agent?: string
  readonly team?: string
  readonly flow?: string
  /** `flow/step` */
  readonly step?: string
}

/** Seconds from one moment to another, none where a clock was set back. */
export function lasting(from: number, to: number): number {
  return to > from ? (to - from) / 1_000 : 0
}
