import { conversations } from '@parley/conversation'
import { DocumentCache, type DocumentProjection, type ReadModel, defineProjection } from '@parley/eventlog'
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
import { type PagePosition, placesIn } from './transcript-store.ts'

export interface SearchModel extends ReadModel<SearchedFact> {
  readonly collection: Collection<Searched>
}

/** Whoever looks for something looks for what was said before this second. */
const GATHER_MS = 1_000

/**
 * One document for each conversation with the words that it is found by. An index over a list of words is all that it needs of the store:
 * text indexes are not everywhere, and know neither Bengali nor what is masked.
 */
export const conversationSearch = defineProjection({
  name: 'search',
  family: conversations,
  types: SEARCHED_TYPES,
  gatherMs: GATHER_MS,
  async open(db, version): Promise<SearchModel> {
    const collection = db.collection<Searched>(`search_v${version}`)
    await collection.createIndexes(
      ['', 'words', 'agentIds', 'queues', 'closed.reason', 'score', 'lastAgentId', 'held.queue'].map(
        (field) => ({
          key: { ...(field !== '' && { [field]: 1 as const }), openedAt: -1 as const, _id: -1 as const },
        }),
      ),
    )
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

export interface FoundPage {
  readonly conversations: readonly Searched[]
  readonly next: PagePosition | undefined
}

export type Search = (
  scope: Scope,
  question: SearchQuestion,
  size: number,
  after: PagePosition | undefined,
) => Promise<FoundPage>

/** Newest first. @param current The version that is read now: another one after a switch. */
export function conversationFinder(current: () => SearchModel, people: Roster['people']): Search {
  return async (scope, question, size, after) => {
    if (scope.kind === 'none') return { conversations: [], next: undefined }
    const { text, agentId, queue, from, to, reason, scoreBelow, ids } = question
    const asked = wordsAsked(text)
    // What has no letter and no digit is in nothing.
    if (text.trim() !== '' && asked.length === 0) return { conversations: [], next: undefined }
    const parts: Filter<Searched>[] = [
      ...asked.map(({ word, begins }) => ({ words: begins ? { $regex: `^${word}` } : word })),
      ...(agentId === undefined ? [] : [{ agentIds: agentId }]),
      ...(queue === undefined ? [] : [{ queues: queue }]),
      ...(from === undefined ? [] : [{ openedAt: { $gte: from } }]),
      ...(to === undefined ? [] : [{ openedAt: { $lt: to } }]),
      ...(reason === undefined ? [] : [{ 'closed.reason': reason }]),
      ...(scoreBelow === undefined ? [] : [{ score: { $gte: 1, $lt: scoreBelow } }]),
      ...(ids === undefined ? [] : [{ _id: { $in: [...ids] } }]),
      ...(scope.kind === 'all' ? [] : [{ $or: placesIn(scope, people) as Filter<Searched>[] }]),
      ...(after === undefined
        ? []
        : [
            {
              $or: [
                { openedAt: { $lt: after.openedAt } },
                { openedAt: after.openedAt, _id: { $lt: after.id } },
              ],
            },
          ]),
    ]
    const found = await current()
      .collection.find(parts.length === 0 ? {} : { $and: parts }, { projection: { said: 0, words: 0 } })
      .sort({ openedAt: -1, _id: -1 })
      .limit(size + 1)
      .toArray()
    const page = found.slice(0, size)
    const last = page.at(-1)
    return {
      conversations: page,
      next: found.length > size && last !== undefined ? { openedAt: last.openedAt, id: last._id } : undefined,
    }
  }
}
