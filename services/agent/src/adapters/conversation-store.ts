import { conversations } from '@parley/conversation'
import {
  DocumentCache,
  type DocumentProjection,
  type ProjectedDocument,
  type ReadModel,
  defineProjection,
} from '@parley/eventlog'
import { type ConversationPlace, type Scope, scopeIncludes } from '@parley/people'
import type { Collection, Filter } from 'mongodb'
import {
  CONVERSATION_TYPES,
  type Conversation,
  type ConversationFact,
  evolve,
} from '../conversation/conversation.ts'
import {
  type Overview,
  WAITING_SHOWN_MAX,
  type WaitingConversation,
  startOfDay,
} from '../conversation/overview.ts'

/** Closed conversations leave this service's memory after two days: the archive keeps them. */
const CLOSED_KEPT_SECONDS = 2 * 24 * 60 * 60

interface ConversationDocument extends ProjectedDocument, Conversation {
  /** For the index that drops closed ones. */
  closedAt?: Date
}

/** What the console shows may be so old; a turn of the robot is written once instead of three times. */
const GATHER_MS = 250

export interface ConversationModel extends ReadModel<ConversationFact> {
  readonly collection: Collection<ConversationDocument>
}

/** The conversations as the desks and the wallboard see them. */
export const consoleConversations = defineProjection({
  name: 'conversations',
  family: conversations,
  types: CONVERSATION_TYPES,
  gatherMs: GATHER_MS,
  async open(db, version): Promise<ConversationModel> {
    const collection = db.collection<ConversationDocument>(`conversations_v${version}`)
    await collection.createIndex({ 'stage.name': 1, 'stage.since': 1 })
    await collection.createIndex({ closedAt: 1 }, { expireAfterSeconds: CLOSED_KEPT_SECONDS })
    return {
      collection,
      documents: [conversationDocuments(collection)],
      compared: (document) => (hasLeft(document as ConversationDocument, new Date()) ? undefined : document),
    }
  },
})

function conversationDocuments(
  collection: Collection<ConversationDocument>,
): DocumentProjection<ConversationDocument, ConversationFact> {
  return {
    collection,
    cache: new DocumentCache(),
    route: ({ envelope }) => (envelope.correlationId === '' ? [] : [envelope.correlationId]),
    fold(document, event) {
      const next = evolve(document, event, event.envelope.recordedAt ?? '')
      if (next === undefined) return undefined
      const { stage, openedAt, lastActivityAt, customerMessageCount, ourMessageCount } = next
      return {
        stage,
        openedAt,
        lastActivityAt,
        customerMessageCount,
        ourMessageCount,
        ...(stage.name === 'closed' ? { closedAt: new Date(stage.since) } : {}),
      }
    },
  }
}

/** The store drops it within a minute, from one version sooner than from the other; and a minute before, it may be about to. */
function hasLeft({ closedAt }: ConversationDocument, now: Date): boolean {
  return closedAt !== undefined && now.getTime() - closedAt.getTime() > (CLOSED_KEPT_SECONDS - 60) * 1_000
}

export interface ConversationStore {
  /** Of what the scope includes, and nothing else. */
  overview(scope: Scope, now: Date): Promise<Overview>
  /** Longest waiting first. */
  waiting(scope: Scope, limit: number): Promise<readonly WaitingConversation[]>
}

/** @param current The version that is read now: another one after a switch. */
export function conversationStore(
  current: () => Pick<ConversationModel, 'collection'>,
  timeZone: string,
): ConversationStore {
  /** Of conversations that are in no queue and were never an agent's. */
  const countOfNobodys = async (scope: Scope, which: Filter<ConversationDocument>): Promise<number | null> =>
    scopeIncludes(scope, NOBODYS) ? await current().collection.countDocuments(which) : null

  const waiting: ConversationStore['waiting'] = async (scope, limit) => {
    const found = await current()
      .collection.find(waitingIn(scope))
      .sort({ 'stage.since': 1 })
      .limit(limit)
      .toArray()
    return found.flatMap(({ _id, stage }) =>
      stage.name === 'waiting'
        ? [{ conversationId: _id, queue: stage.queue, reason: stage.reason, since: stage.since }]
        : [],
    )
  }

  return {
    waiting,
    async overview(scope, now) {
      const [withRobotCount, waitingCount, endingCount, closedTodayCount, shown] = await Promise.all([
        countOfNobodys(scope, { 'stage.name': 'with_robot' }),
        current().collection.countDocuments(waitingIn(scope)),
        countOfNobodys(scope, { 'stage.name': 'ending' }),
        countOfNobodys(scope, { closedAt: { $gte: startOfDay(now, timeZone) } }),
        waiting(scope, WAITING_SHOWN_MAX),
      ])
      return { withRobotCount, waitingCount, endingCount, closedTodayCount, waiting: shown }
    },
  }
}

const NOBODYS: ConversationPlace = { held: { by: 'nobody' }, lastOwner: null }

/** `scopeIncludes` as a query: what waits is seen by who serves its queue. */
function waitingIn(scope: Scope): Filter<ConversationDocument> {
  if (scope.kind === 'all') return { 'stage.name': 'waiting' }
  return { 'stage.name': 'waiting', 'stage.queue': { $in: scope.kind === 'part' ? [...scope.queues] : [] } }
}
