import { deterministicId } from '@parley/kernel'
import type { AlertSpan } from '@parley/workforce'
import type { Place } from '../conversation/conversation.ts'
import type { Sight } from '../conversation/viewing.ts'
import type { FigureRule, WordsRule } from './rules.ts'

/** Something is wrong, and those who watch over the shift are told so once. No words, no names. Times are ISO 8601 UTC. */
export interface Alert {
  /** The same for whoever finds the same: what is opened twice is one. */
  readonly id: string
  readonly rule: string
  readonly reason: string
  /** A number of the wallboard; with `over`, a figure of docs/reference/metrics.md. Null: somebody said words. */
  readonly figure: string | null
  readonly over: AlertSpan | null
  readonly limit: number | null
  readonly isBelow: boolean
  /** When it was opened. */
  readonly value: number | null
  /** Of the rule, or where the conversation was. */
  readonly queue: string | null
  readonly team: string | null
  readonly conversationId: string | null
  /** Since then the figure was beyond its limit; when the words were said. */
  readonly since: string
  readonly openedAt: string
  /** Null: it is open. The figure has been within its limit for a while, the conversation is over, or the rule is in force no more. */
  readonly endedAt: string | null
  readonly acknowledgedAt: string | null
  readonly acknowledgedBy: string | null
}

const BEGUN = { endedAt: null, acknowledgedAt: null, acknowledgedBy: null } as const

/** @param since which time it is: the next one that the figure goes beyond its limit is another alert */
export function figureAlert(rule: FigureRule, value: number | null, since: string, at: string): Alert {
  const { name, reason, figure, over = null, limit, isBelow, queue = null, team = null } = rule
  return {
    id: deterministicId('alert', name, since),
    rule: name,
    reason,
    figure,
    over,
    limit,
    isBelow,
    value,
    queue,
    team,
    conversationId: null,
    since,
    openedAt: at,
    ...BEGUN,
  }
}

/** One for each conversation, however often it is said there. */
export function wordsAlert(
  { name, reason }: WordsRule,
  said: { readonly conversationId: string; readonly queue: string | null; readonly at: string },
  at: string,
): Alert {
  return {
    id: deterministicId('alert', name, said.conversationId),
    rule: name,
    reason,
    figure: null,
    over: null,
    limit: null,
    isBelow: false,
    value: null,
    queue: said.queue,
    team: null,
    conversationId: said.conversationId,
    since: said.at,
    openedAt: at,
    ...BEGUN,
  }
}

/** @param place of its conversation; undefined: it has none, or it is gone */
export function isAlertSeen(
  { conversationId, queue, team }: Alert,
  sight: Sight,
  place: Place | undefined,
): boolean {
  if (sight.scope.kind === 'all') return true
  if (conversationId !== null) return place !== undefined && sight.sees(place)
  if (team !== null) return sight.team === team
  return queue !== null && sight.servesQueue(queue)
}
