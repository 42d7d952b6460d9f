import type { Fact } from './facts.ts'

/** What one stream says, fact by fact. It keeps what is not over yet: an archive of years is recounted in the memory of a day. */
export interface Recounting {
  take(fact: Fact): Iterable<Entry>
  /** Of what is not over where the log ends. */
  end(): Iterable<Earlier>
}

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
  /** The fact that makes it so; undefined: the one that was taken. */
  readonly madeBy?: Fact
}

/** It is so from a fact on that may lie far before the last one that was taken. */
export type Earlier = Entry & { readonly madeBy: Fact }

/** Seconds from one moment to another, none where a clock was set back. */
export function lasting(from: number, to: number): number {
  return to > from ? (to - from) / 1_000 : 0
}
