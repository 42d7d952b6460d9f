import type { Answer } from '@parley/proto/evaluations'
import type { ScorecardForm } from './scorecards-file.ts'

/** What is wrong with the answers to a form, by the rules' word for it. */
export interface AnswersProblem {
  readonly code: 'ITEM_UNKNOWN' | 'ITEM_TWICE' | 'ITEM_MISSING' | 'VALUE_OUT_OF_RANGE'
  readonly item: string
}

export interface Score {
  /** 0 to 100, two decimals. */
  readonly score: number
  /** Critical items that got nothing: then the whole is 0. */
  readonly failedItems: readonly string[]
}

type Answered = Pick<Answer, 'item' | 'value'>

export function problemOf(
  { items }: ScorecardForm,
  answers: readonly Answered[],
): AnswersProblem | undefined {
  const seen = new Set<string>()
  for (const { item: id, value } of answers) {
    const item = items.find((one) => one.id === id)
    if (item === undefined) return { code: 'ITEM_UNKNOWN', item: id }
    if (seen.has(id)) return { code: 'ITEM_TWICE', item: id }
    if (value > item.max) return { code: 'VALUE_OUT_OF_RANGE', item: id }
    seen.add(id)
  }
  const missing = items.find(({ id, optional }) => !optional && !seen.has(id))
  return missing && { code: 'ITEM_MISSING', item: missing.id }
}

/**
 * Each answer's share of its item's maximum, by the item's weight, over the items that were answered: what does not apply counts neither
 * for nor against. A critical item at 0 makes the whole 0. Of answers that `problemOf` finds nothing wrong with.
 */
export function scoreOf({ items }: ScorecardForm, answers: readonly Answered[]): Score {
  let reached = 0
  let possible = 0
  const failedItems: string[] = []
  for (const { id, weight, max, critical } of items) {
    const answer = answers.find(({ item }) => item === id)
    if (answer === undefined) continue
    reached += weight * (answer.value / max)
    possible += weight
    if (critical && answer.value === 0) failedItems.push(id)
  }
  const share = possible === 0 || failedItems.length > 0 ? 0 : reached / possible
  return { score: Math.round(share * 10_000) / 100, failedItems }
}
