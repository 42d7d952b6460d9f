import type { Dimension, Figure } from './figures.ts'
import { CONVERSATIONS, MESSAGES, SURVEYS } from './subjects.ts'

/** Why the sums of all keys of a dimension are not the company's: something counts that is of none of them. */
export const SHORTFALLS = ['noQueue', 'noAgent', 'noTeam', 'noFlow', 'noOne'] as const
export type Shortfall = (typeof SHORTFALLS)[number]

/** What ended with people: it was in a queue, and with an agent. */
const PEOPLES = new Set([
  'closedWithAgent',
  'closedByPeople',
  'reopened',
  'reopenedOfAgent',
  'cameBack',
  'cameBackToAgent',
])

/** Pure; a test counts both. Of a figure of parts there is no sum at all. */
export function shortfallsOf(
  { subject, unit, numerator, denominator = [] }: Figure,
  by: Dimension,
): readonly Shortfall[] {
  const isPeoples = [...numerator, ...denominator].every((term) => PEOPLES.has(term.replace('-', '')))
  const ofAll = subject === CONVERSATIONS && !isPeoples
  const isOfTeams = by === 'team' || by === 'vendor'
  const applies: Readonly<Record<Shortfall, boolean>> = {
    noQueue: by === 'queue' && ofAll,
    noAgent: (by === 'agent' || isOfTeams) && ofAll,
    noTeam: isOfTeams,
    noFlow: by === 'flow' && (subject === CONVERSATIONS || subject === SURVEYS),
    noOne: subject === MESSAGES && unit === 'count',
  }
  return SHORTFALLS.filter((one) => applies[one])
}
