import { ENTRY_TYPES, type RecordedEntry, isEntryType } from '@parley/audit'
import { startOfDay } from '../conversation/overview.ts'

/** Which entries somebody wants to see. */
export interface EntryQuery {
  /** Id or login. */
  readonly person?: string
  readonly type?: string
  /** ISO 8601 UTC. Inclusive. */
  readonly from?: string
  /** Exclusive. */
  readonly to?: string
  /** Of the page before. */
  readonly cursor?: string
}

export interface EntryPage {
  /** Newest first, at most 50. */
  readonly entries: readonly RecordedEntry[]
  /** Null at the end. */
  readonly cursor: string | null
}

/** @param person the id of who asks @throws {CursorUnknown} @throws {AuditUnavailable} */
export type ListEntries = (query: EntryQuery, person: string) => Promise<EntryPage>

export class CursorUnknown extends Error {}

/** The archive does not answer, or not in time. */
export class AuditUnavailable extends Error {}

export const QUERY_FIELDS = ['person', 'type', 'from', 'to', 'cursor'] as const
export type QueryField = (typeof QUERY_FIELDS)[number]

/** A field of the query that makes no sense, and why. */
export interface QueryProblem {
  readonly path: QueryField
  readonly message: string
}

/**
 * The query of an address. What is empty is not asked for: a form sends all its fields.
 * @param timeZone A day without a time begins at its midnight there.
 */
export function readQuery(
  asked: Readonly<Record<string, unknown>>,
  timeZone: string,
): { readonly query: EntryQuery; readonly problems: readonly QueryProblem[] } {
  const query: Partial<Record<QueryField, string>> = {}
  const problems: QueryProblem[] = []
  for (const path of QUERY_FIELDS) {
    const text = Object.hasOwn(asked, path) ? asked[path] : ''
    if (text === '') continue
    if (typeof text !== 'string') problems.push({ path, message: 'it stands there more than once' })
    else if (path === 'type' && !isEntryType(text))
      problems.push({ path, message: `it is none of ${ENTRY_TYPES.join(', ')}` })
    else if (path === 'from' || path === 'to') {
      const moment = momentOf(text, timeZone)
      if (moment === undefined)
        problems.push({ path, message: 'it is no time of ISO 8601, such as 2026-03-02T12:00:00Z' })
      else query[path] = moment.toISOString()
    } else query[path] = text
  }
  return { query, problems }
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/
const HALF_A_DAY_AND_MORE_MS = 13 * 60 * 60 * 1_000

function momentOf(text: string, timeZone: string): Date | undefined {
  const moment = DAY.test(text) ? midnightOf(text, timeZone) : new Date(TIME.test(text) ? text : Number.NaN)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

/** Noon in Greenwich lies on that day everywhere but where the clock is more than half a day away. */
function midnightOf(day: string, timeZone: string): Date {
  const noon = Date.parse(`${day}T12:00:00Z`)
  if (Number.isNaN(noon)) return new Date(Number.NaN)
  const dayOf = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  const starts = [0, -HALF_A_DAY_AND_MORE_MS, HALF_A_DAY_AND_MORE_MS].map((shift) =>
    startOfDay(new Date(noon + shift), timeZone),
  )
  return starts.find((start) => dayOf.format(start) === day) ?? starts[0]!
}
