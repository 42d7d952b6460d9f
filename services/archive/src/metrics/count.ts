import type { Measurement } from '@parley/eventlog'
import { type Windows, monthOf } from './windows.ts'

/** Of whom something counts. What is not known, or does not apply, is left out or empty. */
export interface Of {
  readonly queue?: string
  readonly agent?: string
  readonly team?: string
  readonly flow?: string
}

/** One thing that an event adds, before hours and days. */
export interface Count {
  /** What is counted, with the version of how: `waits 1`. */
  readonly subject: string
  /** Milliseconds since 1970: in whose hour and day it counts. */
  readonly at: number
  readonly of: Of
  readonly add: Readonly<Record<string, number>>
}

/** The key of the company as a whole. */
export const COMPANY = ''

/** A subject as one dimension sees it; without one, of the whole company. */
export function metricOf(subject: string, dimension?: keyof Of): string {
  return dimension === undefined ? subject : `${subject} by ${dimension}`
}

/** What each count adds to: the company, and each of those whose it is, in its hour and its day; the company in its month as well. */
export function measurementsOf(counts: readonly Count[], windows: Windows): readonly Measurement[] {
  return counts.flatMap(({ subject, at, of, add }) => {
    const whose = [
      { metric: metricOf(subject), key: COMPANY },
      ...Object.entries(of).flatMap(([dimension, key]: [string, string]) =>
        key === '' ? [] : [{ metric: metricOf(subject, dimension as keyof Of), key }],
      ),
    ]
    const [hour, day] = windows.of(at)
    return [
      ...[hour, day].flatMap((window) => whose.map((one) => ({ ...one, window, add }))),
      { metric: metricOf(subject), key: COMPANY, window: monthOf(day), add },
    ]
  })
}

/** Of two moments on one clock; one that was set back counts as no time. */
export function secondsBetween(from: number, to: number): number {
  return Math.max(0, to - from) / 1_000
}
