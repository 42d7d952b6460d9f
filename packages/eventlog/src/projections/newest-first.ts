import type { Collection, Document } from 'mongodb'
import type { PagePlace } from './page-place.ts'

export interface NewestFirst {
  /** The field with the time by which they are ordered, ISO 8601 UTC with milliseconds; then by `_id`. An index that ends in it, ascending, serves any condition. */
  readonly by: string
  /** All of them hold. */
  readonly where: readonly Document[]
  /** And one of these, each with an index of its own that ends in `by`; none: whatever they say. */
  readonly anyOf?: readonly Document[]
  /** What holds one of these is less than what `where` leaves: it is always asked for by them. */
  readonly isByAnyOf?: boolean
  readonly size: number
  readonly after?: PagePlace | undefined
  /** Inclusive. */
  readonly from?: string | undefined
  /** Exclusive. */
  readonly to?: string | undefined
  readonly now: Date
  /** What is asked for is few wherever it lies: it is looked for once, and not span by span. */
  readonly isFew?: boolean
  readonly without?: readonly string[]
  /** Nobody waits for it any more. */
  readonly signal?: AbortSignal | undefined
}

export interface NewestPage<Found> {
  readonly found: readonly Found[]
  readonly next: PagePlace | undefined
}

const HOUR_MS = 60 * 60 * 1_000
const GROWS = 4
const SPANS = { firstMs: HOUR_MS, grows: GROWS, max: 7 }
/** Of what an index has for both, so much more is looked for at once: each is several questions, and what is rare shall not be many. */
const FEW_SPANS = { firstMs: 64 * HOUR_MS, grows: 16, max: 2 }
/** Less than a day together. */
const SHORT_SPANS = 3

/**
 * A page of documents, newest first. They are looked for in spans of time that grow as they go back, for not every store stops where a page is full: one that reads
 * and sorts all that holds, as SecantusDB does, would read a year for fifty rows. MongoDB reads the same either way.
 */
export async function newestFirst<Found extends { readonly _id: string }>(
  collection: Collection<Found>,
  {
    by,
    where: all,
    anyOf = [],
    isByAnyOf = false,
    size,
    after,
    from,
    to,
    now,
    isFew = false,
    without = [],
    signal,
  }: NewestFirst,
): Promise<NewestPage<Found>> {
  const where = anyOf.length === 0 ? all : [...all, { $or: anyOf }]
  const found: Document[] = []
  const end = after?.at ?? to
  // Nothing is looked for in spans of what has not been; what is there all the same is in the first one, which has no end of its own.
  const begins = isFew
    ? [from]
    : beginnings(
        Math.min(now.getTime(), Date.parse(end ?? now.toISOString())),
        from,
        isByAnyOf ? FEW_SPANS : SPANS,
      )
  let before: Document = { ...(after && { $lte: after.at }), ...(to !== undefined && { $lt: to }) }
  // Of a list of words SecantusDB reads what has one from a time on to the end, of what begins a word whatever the time, and of many people each one's by itself: what lies further back, or is theirs,
  // is read in the order of time while that is little, and of those of whom one sees some, theirs alone.
  const ask = (conditions: readonly Document[], limit: number) =>
    (collection as unknown as Collection)
      .find(conditions.length === 0 ? {} : { $and: [...conditions] }, {
        projection: Object.fromEntries(without.map((field) => [field, 0])),
        signal,
      })
      .sort({ [by]: -1, _id: -1 })
      .limit(limit)
      .toArray()
  const isNewer = (one: Document, other: Document): boolean =>
    one[by] === other[by] ? one['_id'] > other['_id'] : one[by] > other[by]
  const isUncut = !isFew && (end !== undefined || where.some(hasPattern) || where.some(hasMany))
  let behind: readonly Document[] =
    after === undefined ? [] : [{ $or: [{ [by]: { $lt: after.at } }, { _id: { $lt: after.id } }] }]
  for (const [nth, begin] of [...begins].entries()) {
    const span = { ...(begin !== undefined && { $gte: begin }), ...before }
    const isShort = !isFew && begin !== undefined && nth < SHORT_SPANS
    const spanned = Object.keys(span).length === 0 ? {} : { [by]: span }
    const isInOrder = isUncut && begin !== undefined && (isShort || isDense(found.length, size))
    // Each a question of its own; what is in the answers of two is one.
    const questions: readonly (readonly Document[])[] =
      isInOrder || isByAnyOf
        ? (anyOf.length === 0 ? [{}] : anyOf).map((one) => [
            { ...one, ...spanned },
            ...all.map(indexedBehind),
          ])
        : [Object.keys(span).length === 0 ? where : within(spanned, where, isShort)]
    const answers = await Promise.all(
      questions.map((conditions) => ask([...conditions, ...behind], size + 1 - found.length)),
    )
    const rows = new Map(answers.flat().map((row) => [String(row['_id']), row]))
    found.push(
      ...[...rows.values()]
        .toSorted((one, other) => (isNewer(one, other) ? -1 : 1))
        .slice(0, size + 1 - found.length),
    )
    if (found.length > size || begin === undefined) break
    before = { $lt: begin }
    behind = []
  }
  const page = found.slice(0, size)
  const last = page.at(-1)
  return {
    found: page as unknown as readonly Found[],
    next: found.length > size && last !== undefined ? { at: last[by], id: last['_id'] } : undefined,
  }
}

/**
 * Each field with the span beside it, for SecantusDB takes the first alone that it has an index for: where none is for both, a short span before what may be in every document, and
 * before a long one what may be in few.
 */
function within(span: Document, where: readonly Document[], isShort: boolean): readonly Document[] {
  const isOfFields = (one: Document) => Object.keys(one).every((key) => !key.startsWith('$'))
  const spanned = where.filter(isOfFields).map((one) => (isShort ? { ...span, ...one } : { ...one, ...span }))
  return [...(spanned.length === 0 ? [span] : spanned), ...where.filter((one) => !isOfFields(one))]
}

/** As much was found so far as lets expect that the next two spans, which grow so, fill the page: not much more is read there in the order of time than is found. */
const isDense = (found: number, size: number): boolean => found * GROWS ** 2 > size

/** The same, for which SecantusDB takes the index of a condition before it: what equals a value goes before a range wherever it stands. */
const indexedBehind = (where: Document): Document =>
  Object.fromEntries(
    Object.entries(where).map(([field, one]) => [field, typeof one === 'string' ? { $in: [one] } : one]),
  )

const hasPattern = (where: Document): boolean =>
  Object.values(where).some(
    (one: unknown) => typeof one === 'object' && one !== null && Object.hasOwn(one, '$regex'),
  )

/** Of a team; of a few each is asked for at once. */
export const MANY_VALUES = 20

const hasMany = (where: Document): boolean =>
  Object.entries(where).some(([field, one]: [string, unknown]) => {
    // Each is one document, found at once.
    if (field === '_id') return false
    // Of `$or`.
    if (Array.isArray(one)) return one.some((each: Document) => hasMany(each))
    if (typeof one !== 'object' || one === null || !('$in' in one)) return false
    return Array.isArray(one.$in) && one.$in.length > MANY_VALUES
  })

/** Of the spans, each before the one before it; the last one goes back to `from`, or as far as there is anything. */
function* beginnings(
  end: number,
  from: string | undefined,
  { firstMs, grows, max }: typeof SPANS,
): Generator<string | undefined> {
  let at = end
  for (let span = firstMs, nth = 0; nth < max; span *= grows, nth += 1) {
    at -= span
    const begin = new Date(at).toISOString()
    if (from !== undefined && begin <= from) break
    yield begin
  }
  yield from
}
