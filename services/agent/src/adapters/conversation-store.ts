import { DocumentCache, type DocumentProjection, type ProjectedDocument } from '@parley/eventlog'
import type { Db } from 'mongodb'
import { type Conversation, type ConversationFact, evolve } from '../conversation/conversation.ts'
import {
  type Overview,
  WAITING_SHOWN_MAX,
  type WaitingConversation,
  startOfDay,
} from '../conversation/overview.ts'

/** Raise it to rebuild from the beginning of the log, whenever what is folded changes. */
export const CONVERSATIONS_VERSION = 1

/** Closed conversations leave this service's memory after two days: the archive keeps them. */
const CLOSED_KEPT_SECONDS = 2 * 24 * 60 * 60

interface ConversationDocument extends ProjectedDocument, Conversation {
  /** For the index that drops closed ones. */
  closedAt?: Date
}

export interface ConversationStore {
  readonly projection: DocumentProjection<ConversationDocument, ConversationFact>
  overview(now: Date): Promise<Overview>
  /** Longest waiting first. */
  waiting(limit: number): Promise<readonly WaitingConversation[]>
}

export async function conversationStore(db: Db, timeZone: string): Promise<ConversationStore> {
  const collection = db.collection<ConversationDocument>(`conversations_v${CONVERSATIONS_VERSION}`)
  await collection.createIndex({ 'stage.name': 1, 'stage.since': 1 })
  await collection.createIndex({ closedAt: 1 }, { expireAfterSeconds: CLOSED_KEPT_SECONDS })

  const countOf = (stage: Conversation['stage']['name']) => collection.countDocuments({ 'stage.name': stage })

  const waiting: ConversationStore['waiting'] = async (limit) => {
    const found = await collection
      .find({ 'stage.name': 'waiting' })
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
    projection: {
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
    },
    waiting,
    async overview(now) {
      const [withRobotCount, waitingCount, endingCount, closedTodayCount, shown] = await Promise.all([
        countOf('with_robot'),
        countOf('waiting'),
        countOf('ending'),
        collection.countDocuments({ closedAt: { $gte: startOfDay(now, timeZone) } }),
        waiting(WAITING_SHOWN_MAX),
      ])
      return { withRobotCount, waitingCount, endingCount, closedTodayCount, waiting: shown }
    },
  }
}
