import { conversations } from '@parley/conversation'
import {
  DocumentCache,
  type DocumentProjection,
  type NewestPage,
  type PagePlace,
  type ReadModel,
  defineProjection,
  indexesBy,
  newestFirst,
} from '@parley/eventlog'
import type { Roster, Scope } from '@parley/people'
import type { Collection, Filter } from 'mongodb'
import {
  SEARCHED_TYPES,
  type Searched,
  type SearchedEvent,
  type SearchedFact,
  foldSearched,
} from '../search/searched.ts'
import { wordsAsked } from '../search/words.ts'
import { beginsConversation } from '../transcript/fold-conversation.ts'
import { placesIn } from './transcript-store.ts'

export interface SearchModel extends ReadModel<SearchedFact> {
  readonly collection: Collection<Searched>
}

/** Whoever looks for something looks for what was said before these seconds, and each word of a document stands in an index. */
const GATHER_MS = 1_000
const LEISURE_MS = 3_000

const LISTS = ['words', 'agentIds', 'queues']
const INDEXED = [...LISTS, 'closed.reason', 'score', 'lastAgentId', 'held.queue']

/**
 * One document for each conversation with the words that it is found by. An index over a list of words is all that it needs of the store:
 * text indexes are not everywhere, and know neither Bengali nor what is masked.
 */
export const conversationSearch = defineProjection({
  name: 'search',
  family: conversations,
  types: SEARCHED_TYPES,
  gatherMs: GATHER_MS,
  leisureMs: LEISURE_MS,
  async open(db, version): Promise<SearchModel> {
    const collection = db.collection<Searched>(`search_v${version}`)
    await collection.createIndexes(indexesBy('openedAt', INDEXED))
    const documents: DocumentProjection<Searched, SearchedFact> = {
      collection,
      cache: new DocumentCache(),
      begins: beginsConversation,
      route: ({ envelope }) => (envelope.correlationId === '' ? [] : [envelope.correlationId]),
      fold: (document, event) => foldSearched(document, event as SearchedEvent),
    }
    return { collection, documents: [documents] }
  },
})

/** All of it must hold; what is undefined asks nothing. */
export interface SearchQuestion {
  readonly text: string
  readonly agentId: string | undefined
  readonly queue: string | undefined
  /** ISO 8601 UTC, milliseconds. Opened then or later, and before `to`. */
  readonly from: string | undefined
  readonly to: string | undefined
  readonly reason: string | undefined
  readonly scoreBelow: number | undefined
  /** Of these alone; undefined: of all. */
  readonly ids?: readonly string[] | undefined
}

export type Search = (
  scope: Scope,
  question: SearchQuestion,
  size: number,
  after: PagePlace | undefined,
  /** Nobody waits for it any more. */
  signal?: AbortSignal,
) => Promise<NewestPage<Searched>>

const NOTHING: NewestPage<Searched> = { found: [], next: undefined }
/** What the survey has: of each value an index is in the order of time, and of a range of them it is not. */
const SCORES = [1, 2, 3, 4, 5]

/** Newest first. @param current The version that is read now: another one after a switch. */
export function conversationFinder(
  current: () => SearchModel,
  people: Roster['people'],
  now: () => Date,
): Search {
  return async (scope, question, size, after, signal) => {
    if (scope.kind === 'none') return NOTHING
    const { text, agentId, queue, from, to, reason, scoreBelow, ids } = question
    const asked = wordsAsked(text)
    // What has no letter and no digit is in nothing.
    if (text.trim() !== '' && asked.length === 0) return NOTHING
    // Of many words the long ones, which are rare, are looked up.
    const words = asked.toSorted((one, other) => other.word.length - one.word.length)
    const where: Filter<Searched>[] = [
      ...(ids === undefined ? [] : [{ _id: { $in: [...ids] } }]),
      ...(agentId === undefined ? [] : [{ agentIds: agentId }]),
      ...(queue === undefined ? [] : [{ queues: queue }]),
      ...(reason === undefined ? [] : [{ 'closed.reason': reason }]),
      ...(scoreBelow === undefined ? [] : [{ score: { $in: SCORES.filter((one) => one < scoreBelow) } }]),
      ...(scope.kind === 'all' ? [] : [{ $or: placesIn(scope, people) }]),
      ...words.map(({ word, begins }) => ({ words: begins ? { $regex: `^${word}` } : word })),
    ]
    return newestFirst(current().collection, {
      by: 'openedAt',
      indexed: INDEXED,
      lists: LISTS,
      where,
      size,
      after,
      from,
      to,
      now: now(),
      isFew: ids !== undefined,
      without: ['said', 'words'],
      signal,
    })
  }
}
