import type { Collection, Document, IndexDescription } from 'mongodb'
import type { PagePlace } from './page-place.ts'

export interface NewestFirst {
  /** The field with the time by which they are ordered, ISO 8601 UTC with milliseconds; then by `_id`. It has an index, ascending. */
  readonly by: string
  /** These fields have one each that ends in `by`, ascending, or of which few documents have the same. */
  readonly indexed: readonly string[]
  /** Those of them that are lists. */
  readonly lists?: readonly string[]
  /** All of them hold; each is of one field, or `$or` of such. Of many the first are looked up in their indexes. */
  readonly where: readonly Document[]
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
/** The short ones are little of all, whatever is asked for. */
const SPANS = { firstMs: HOUR_MS, max: 7, shortCount: 2, weighedAt: 4 }
/** Of many values each is looked up in each span: fewer spans. */
const SPANS_OF_MANY = { firstMs: 64 * HOUR_MS, max: 4, shortCount: 1, weighedAt: 1 }
/** Of so much of the newest it is counted what each condition leaves. */
const WEIGHED_MS = 5 * HOUR_MS
/** To read a document takes as long as to read some fifty entries of an index. */
const ENTRIES_A_DOCUMENT = 50

/** The index of the time, and those of these fields that end in it. */
export const indexesBy = (by: string, fields: readonly string[]): IndexDescription[] => [
  { key: { [by]: 1, _id: 1 } },
  ...fields.map((field) => ({ key: { [field]: 1, [by]: 1, _id: 1 } as const })),
]

/**
 * A page of documents, newest first. They are looked for in spans of time that grow as they go back, for not every store stops where a page is full: one that reads
 * and sorts all that holds, as SecantusDB does, would read a year for fifty rows. MongoDB reads the same either way.
 */
export async function newestFirst<Found extends { readonly _id: string }>(
  collection: Collection<Found>,
  {
    by,
    indexed,
    lists = [],
    where,
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
  const end = after?.at ?? to
  const conditions = where.map((one) => new Condition(one, indexed, end === undefined ? [] : lists))
  const spans = conditions.some((one) => one.isMany) ? SPANS_OF_MANY : SPANS
  // Nothing is looked for in spans of what has not been; what is there all the same is in the first one, which has no end of its own.
  const endMs = Math.min(now.getTime(), Date.parse(end ?? now.toISOString()))
  const begins = isFew ? [from] : beginnings(endMs, from, spans)
  const found: Document[] = []
  let before: Document = { ...(after && { $lte: after.at }), ...(to !== undefined && { $lt: to }) }
  let behind: readonly Document[] =
    after === undefined ? [] : [notReadBy({ $or: [{ [by]: { $lt: after.at } }, { _id: { $lt: after.id } }] })]
  let isInOrder = !isFew
  let reading: Reading | undefined
  for (const [nth, place] of [...begins].entries()) {
    // So much was found as lets expect that this span fills the page: in the order of time not much more is read than is found.
    isInOrder &&= place !== from && (nth < spans.shortCount || found.length * GROWS > size)
    // So little, as lets expect that two more do not.
    if (nth >= spans.weighedAt && place !== from && found.length * GROWS * GROWS <= size)
      reading ??= await readingOf(conditions, async (some) => {
        const newest = { $gte: new Date(endMs - WEIGHED_MS).toISOString(), ...(end && { $lt: end }) }
        const question = together(questionOf(some, { [by]: newest }, false))
        const counted = (collection as unknown as Collection).find(question, {
          projection: { _id: 1 },
          signal,
        })
        return (await counted.toArray()).length
      })
    const begin = reading?.isAtOnce ? from : place
    const times = { ...(begin !== undefined && { $gte: begin }), ...before }
    const span: Document = Object.keys(times).length === 0 ? {} : { [by]: times }
    found.push(
      ...(await (collection as unknown as Collection)
        .find(together([...questionOf(conditions, span, isInOrder, reading), ...behind]), {
          projection: Object.fromEntries(without.map((field) => [field, 0])),
          signal,
        })
        .sort({ [by]: -1, _id: -1 })
        .limit(size + 1 - found.length)
        .toArray()),
    )
    if (found.length > size || begin === from) break
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

/** All conditions as one, by as many of their indexes as the store can read. */
export function allOf(where: readonly Document[], indexed: readonly string[]): Document {
  const conditions = where.map((one) => new Condition(one, indexed))
  return together(questionOf(conditions, {}, false))
}

const together = (conditions: readonly Document[]): Document =>
  conditions.length > 1 ? { $and: conditions } : (conditions[0] ?? {})

/** What the long spans are read by. */
interface Reading {
  /** Conditions that leave so much, that the documents of another one are read sooner than their entries. */
  readonly passedOver: ReadonlySet<Condition>
  /** What is read by no span cuts, and it is little: it is read once, and not once a span. */
  readonly isAtOnce: boolean
}

const BY_ALL: Reading = { passedOver: new Set(), isAtOnce: false }

/**
 * A word that all say, and one that hardly anybody says: to read where the first one stands is to read a year of entries.
 * @param countOf how many of the newest some conditions leave
 */
async function readingOf(
  conditions: readonly Condition[],
  countOf: (conditions: readonly Condition[]) => Promise<number>,
): Promise<Reading> {
  const readable = conditions.filter((one) => one.isIndexed).slice(0, READ_BY_MAX)
  const isOneCut = readable.length === 1 && !readable[0]!.isWide
  if (readable.length === 0 || isOneCut) return BY_ALL
  // Read at once is what no span cuts: where each is cut, nobody needs to know how much there is, which is the costliest count of all.
  const [all, ...counts] = await Promise.all([
    readable.some((one) => one.isWide) ? countOf([]) : 0,
    ...readable.map((one) => countOf([one])),
  ])
  const most = Math.max(1, Math.min(...counts)) * ENTRIES_A_DOCUMENT
  const passedOver = new Set(readable.filter((_, nth) => counts[nth]! > most))
  return { passedOver, isAtOnce: all > most && readable.every((one) => one.isWide || passedOver.has(one)) }
}

/**
 * Each condition that has an index as a choice of its values, with the span beside each: of several such SecantusDB takes what is in the indexes of all, before it reads a document; of conditions
 * without a choice it reads all that holds the first. To MongoDB both are the same.
 * @param isInOrder what is wide is not read by
 */
function questionOf(
  conditions: readonly Condition[],
  span: Document,
  isInOrder: boolean,
  { passedOver, isAtOnce } = BY_ALL,
): readonly Document[] {
  const readBy = conditions
    .filter((one) => one.isIndexed && !passedOver.has(one) && !(isInOrder && one.isWide))
    .slice(0, READ_BY_MAX)
  const others = conditions.filter((one) => !readBy.includes(one)).map(({ where }) => notReadBy(where))
  if (isAtOnce) return [...readBy.map(({ where }) => asChoice(where)), notReadBy(span), ...others]
  const isCut = readBy.some((one) => !one.isWide)
  const read = [
    ...(isCut || Object.keys(span).length === 0 ? [] : [span]),
    ...readBy.map((one) => one.within(span)),
  ]
  return [...(read.length > 1 ? read.map(asChoice) : read), ...others]
}

/** What holds so many is hardly more than what holds all, and each costs as much as it is of all. */
const READ_BY_MAX = 8

const asChoice = (one: Document): Document => (Object.hasOwn(one, '$or') ? one : { $or: [one] })

/** The same condition: no store looks for an index of it. */
const notReadBy = (where: Document): Document => ({ $nor: [{ $nor: [where] }] })

/** Of a team; of a few each is asked for at once. */
const MANY_VALUES = 20
/** More of them are sooner found in the order of time than one by one. */
const WIDE_VALUES = 400

class Condition {
  readonly where: Document
  readonly #each: readonly Document[]
  readonly isIndexed: boolean
  readonly #isUncut: boolean

  /** @param uncut fields of which no span is cut out */
  constructor(where: Document, indexed: readonly string[], uncut: readonly string[] = []) {
    this.where = where
    this.#each = eachOf(where)
    this.#isUncut = this.#each.some((one) => uncut.some((field) => Object.hasOwn(one, field)))
    this.isIndexed = this.#each.every((one) =>
      Object.keys(one).some((field) => field === '_id' || indexed.includes(field)),
    )
  }

  get isMany(): boolean {
    return this.#each.length > MANY_VALUES
  }

  /**
   * It is read whatever the time: what begins a word is in the order of words; and of an index over a list SecantusDB reads all from a time on, which is little as long as one looks from the newest
   * on.
   */
  get isWide(): boolean {
    return this.#isUncut || this.#each.length > WIDE_VALUES || this.#each.some(hasPattern)
  }

  within(span: Document): Document {
    const each = this.#each.map((one) => ({ ...one, ...span }))
    return each.length === 1 ? each[0]! : { $or: each }
  }
}

/** A choice of values as a condition for each, and so a choice of conditions. */
function eachOf(where: Document): readonly Document[] {
  const [[field, value] = [], ...others] = Object.entries(where)
  if (field === undefined || others.length > 0) return [where]
  if (field === '$or') return (value as readonly Document[]).flatMap(eachOf)
  // By its `_id` each is found at once.
  if (field === '_id' || typeof value !== 'object' || !Array.isArray(value?.$in)) return [where]
  return value.$in.length === 0 ? [where] : value.$in.map((one: unknown) => ({ [field]: one }))
}

const hasPattern = (where: Document): boolean =>
  Object.values(where).some(
    (one: unknown) => typeof one === 'object' && one !== null && Object.hasOwn(one, '$regex'),
  )

/** Of the spans, each before the one before it; the last one goes back to `from`, or as far as there is anything. */
function* beginnings(
  end: number,
  from: string | undefined,
  { firstMs, max }: typeof SPANS,
): Generator<string | undefined> {
  let at = end
  for (let span = firstMs, nth = 0; nth < max; span *= GROWS, nth += 1) {
    at -= span
    const begin = new Date(at).toISOString()
    if (from !== undefined && begin <= from) break
    yield begin
  }
  yield from
}
