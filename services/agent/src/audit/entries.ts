import { ENTRY_TYPES, type RecordedEntry } from '@parley/audit'
import { beginOfDate, isDate } from '@parley/time-zone'
import { z } from 'zod'

/** Which entries somebody wants to see. */
export interface EntryQuery {
  /** Id or login of who did it. */
  readonly person?: string
  /** To what it was done: its id, or a person's login. */
  readonly subject?: string
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

/** @param person the id of who asks @param signal nobody waits for it any more @throws {CursorUnknown} @throws {AuditUnavailable} */
export type ListEntries = (query: EntryQuery, person: string, signal?: AbortSignal) => Promise<EntryPage>

export class CursorUnknown extends Error {}

/** The archive does not answer, or not in time. */
export class AuditUnavailable extends Error {}

export const QUERY_FIELDS = ['person', 'subject', 'type', 'from', 'to', 'cursor'] as const
export type QueryField = (typeof QUERY_FIELDS)[number]

/** A field of the query that makes no sense, and why. */
export interface QueryProblem {
  readonly path: string
  readonly message: string
}

/** What is empty is not asked for: a form sends all its fields. */
const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/**
 * The query of an address.
 * @param timeZone A day without a time begins at its midnight there.
 */
export function querySchema(timeZone: string) {
  const text = z.string('it stands there more than once').optional()
  const moment = text.transform((asked, context) => {
    const time = given(asked)
    if (time === undefined) return undefined
    const at = momentOf(time, timeZone)
    if (at !== undefined) return at.toISOString()
    context.addIssue({ code: 'custom', message: 'it is no time of ISO 8601, such as 2026-03-02T12:00:00Z' })
    return z.NEVER
  })
  return z
    .object({
      person: text.transform(given).describe('id or login of who did it'),
      subject: text.transform(given).describe('to what it was done: its id, or a person’s login'),
      type: z
        .enum(['', ...ENTRY_TYPES], `it is none of ${ENTRY_TYPES.join(', ')}`)
        .optional()
        .transform(given),
      from: moment.describe('ISO 8601, inclusive'),
      to: moment.describe('ISO 8601, exclusive'),
      cursor: text.transform(given).describe('of the page before'),
    })
    .transform((query): EntryQuery =>
      Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)),
    )
}

/** The query of a page, which shows what is wrong beside the form. */
export function readQuery(
  asked: unknown,
  timeZone: string,
): { readonly query: EntryQuery; readonly problems: readonly QueryProblem[] } {
  const { data = {}, error } = querySchema(timeZone).safeParse(asked)
  const problems = (error?.issues ?? []).map(({ path, message }) => ({ path: path.join('.'), message }))
  return { query: data, problems }
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** A day without a time begins when it does in the time zone. */
export function momentOf(text: string, timeZone: string): Date | undefined {
  const isDay = DAY.test(text)
  const moment = isDay || TIME.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(moment) || !isDate(text.slice(0, 10))) return undefined
  const at = new Date(isDay ? beginOfDate(text, timeZone) : moment)
  // Times are compared as text, which orders years of four digits.
  return /^\d{4}-/.test(at.toISOString()) ? at : undefined
}
