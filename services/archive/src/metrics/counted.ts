import type { Measurement } from '@parley/eventlog'
import { CONVERSATIONS, type Figure, HANDLING, WAITS, termOf } from '@parley/figures'
import type { Of } from './count.ts'

/** What one event of a conversation added to figures, on its day. */
export interface CountedOnce {
  readonly subject: string
  /** `day YYYY-MM-DD`. */
  readonly window: string
  readonly of: Of
  readonly add: Readonly<Record<string, number>>
}

/** Whose conversations people ask for. Messages, holds, steps and time are too many, or of no conversation. */
const KEPT: ReadonlySet<string> = new Set([WAITS, HANDLING, CONVERSATIONS])
/** What counts when a conversation opens may be the one before's: only what its close counts is kept. */
const AT_OPENING: ReadonlySet<string> = new Set([
  'opened',
  'reopened',
  'reopenedOfAgent',
  'cameBack',
  'cameBackToAgent',
])

/** Whether each conversation that the figure counts is kept, so that its rows make the figure. */
export function keepsRows({ subject, unit, numerator, denominator = [] }: Figure): boolean {
  const terms = [...numerator, ...denominator].map((term) => termOf(term).name)
  return (
    KEPT.has(subject) &&
    (unit === 'count' || unit === 'percent') &&
    !terms.some((name) => AT_OPENING.has(name))
  )
}

/** The measurements of one event as the counts that they were made of: those of one count hold the same object of what it adds. */
export function countedOnce(measured: readonly Measurement[]): readonly CountedOnce[] {
  const days = measured.filter(({ window }) => window.startsWith('day '))
  return days.flatMap(({ metric: subject, window, add }) => {
    if (!KEPT.has(subject)) return []
    const prefix = `${subject} by `
    const of = days
      .filter((one) => one.add === add && one.metric.startsWith(prefix))
      .map(({ metric, key }) => [metric.slice(prefix.length), key] as const)
    return [{ subject, window, of: Object.fromEntries(of), add }]
  })
}

/** How often these add to the sum of the terms. */
export function timesCounted(terms: readonly string[], counts: readonly CountedOnce[]): number {
  return counts.reduce(
    (times, { add }) =>
      times +
      terms.reduce((sum, term) => {
        const { name, sign } = termOf(term)
        return sum + sign * (Object.hasOwn(add, name) ? add[name]! : 0)
      }, 0),
    0,
  )
}
