import type { Client } from '../api/client.ts'
import type { Period } from './period.ts'
import { type Part, type Question, askedOf } from './question.ts'

const STALE_MS = 30_000

/** @param isOwn of the person's own work alone: one key, whatever part is asked for */
export function figureQuery(client: Client, question: Question, period: Period, isOwn: boolean, part: Part) {
  const query = askedOf(isOwn ? { ...question, by: '' } : question, period, part)
  return {
    queryKey: ['figure', String(query), isOwn],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) => client.figure(query, isOwn, signal),
    staleTime: STALE_MS,
  }
}
