import { type ConversationEvent, conversations } from '@parley/conversation'
import {
  DocumentCache,
  type DocumentProjection,
  type ProjectedDocument,
  type ReadModel,
  defineProjection,
} from '@parley/eventlog'
import type { CommonEvent } from '@parley/kernel'
import type { Collection, Db } from 'mongodb'
import {
  CONTACT_TYPES,
  type Contact,
  type Learnt,
  evolveContact,
  isContactFact,
  learntBy,
} from '../../conversation/contact.ts'
import {
  CONVERSATION_TYPES,
  type Conversation,
  evolve,
  isConversationFact,
} from '../../conversation/conversation.ts'
import {
  type DeskMessage,
  MESSAGE_TYPES,
  evolveMessage,
  isMessageFact,
  messageIdsOf,
} from '../../conversation/message.ts'
import { piecesOfName, piecesOfNumber } from '../../conversation/spelling.ts'
import { type OutcomeDocument, outcomeDocuments, outcomesIn } from './outcomes.ts'

/** Closed conversations, and what was said so long ago, leave this service's memory: the archive keeps them. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1_000

export interface ConversationDocument extends ProjectedDocument, Conversation {
  /** Null while it is open. */
  readonly leavesAt: Date | null
}

/** As the store has it. */
export interface StoredConversation extends ConversationDocument {
  /** What the customer's name is looked up by. */
  readonly nameParts: readonly string[]
}

export interface MessageDocument extends ProjectedDocument, DeskMessage {
  readonly leavesAt: Date
}

/** By the contact's id. It holds nothing that was said, and stays. */
interface ContactDocument extends ProjectedDocument, Contact {
  /** What their number is looked up by. */
  readonly numberParts: readonly string[]
}

/** By the conversation's id. */
interface LearntDocument extends ProjectedDocument, Learnt {
  readonly leavesAt: Date
}

/** Whoever did something reads what they did. */
const GATHER_MS = 50
/** While nobody reads here: desks hear of what happens from the log. Who reads at another replica waits as long. */
const LEISURE_MS = 500

/** What the rules may answer to a wish of a person beside what is shown. */
const ANSWERS = ['CommandRefused', 'NothingChanged', 'PoolContradicted'] as const
const TYPES = [...new Set([...CONVERSATION_TYPES, ...MESSAGE_TYPES, ...CONTACT_TYPES, ...ANSWERS])]

export type DeskFact = Extract<ConversationEvent | CommonEvent, { type: (typeof TYPES)[number] }>

export interface ConversationModel extends ReadModel<DeskFact> {
  readonly collection: Collection<StoredConversation>
  readonly messages: Collection<MessageDocument>
  readonly contacts: Collection<ContactDocument>
  readonly learnt: Collection<LearntDocument>
  readonly outcomes: Collection<OutcomeDocument>
}

/** The conversations as the desks and the wallboard see them, with what was said in them. */
export const consoleConversations = defineProjection({
  name: 'conversations',
  family: conversations,
  types: TYPES,
  gatherMs: GATHER_MS,
  leisureMs: LEISURE_MS,
  async open(db, version): Promise<ConversationModel> {
    const contacts = db.collection<ContactDocument>(`desk_contacts_v${version}`)
    const learnt = db.collection<LearntDocument>(`desk_learnt_v${version}`)
    // All at once: a service that was killed is waited for.
    const [collection, messages, outcomes] = await Promise.all([
      conversationsIn(db, version),
      messagesIn(db, version),
      outcomesIn(db, conversations.name, version),
      contacts.createIndexes([{ key: { mergedInto: 1 }, sparse: true }, { key: { numberParts: 1 } }]),
      learnt.createIndex({ leavesAt: 1 }, { expireAfterSeconds: 0 }),
    ])
    return {
      collection,
      messages,
      contacts,
      learnt,
      outcomes,
      documents: [
        conversationDocuments(collection),
        messageDocuments(messages),
        contactDocuments(contacts),
        learntDocuments(learnt),
        outcomeDocuments(outcomes),
      ],
      compared: (document) =>
        'leavesAt' in document && hasLeft(document as ConversationDocument, new Date())
          ? undefined
          : document,
    }
  },
})

async function conversationsIn(db: Db, version: number): Promise<Collection<StoredConversation>> {
  const collection = db.collection<StoredConversation>(`conversations_v${version}`)
  await collection.createIndexes([
    { key: { 'stage.name': 1, 'stage.since': 1, _id: 1 } },
    { key: { 'stage.name': 1, lastActivityAt: 1, _id: 1 } },
    { key: { lastActivityAt: 1, _id: 1 } },
    { key: { agentId: 1 } },
    { key: { offeredTo: 1 } },
    { key: { lastAgentId: 1, lastActivityAt: 1 } },
    { key: { 'stage.queue': 1, lastActivityAt: 1 } },
    { key: { 'contact.id': 1 } },
    { key: { nameParts: 1, lastActivityAt: 1, _id: 1 } },
    { key: { leavesAt: 1 }, expireAfterSeconds: 0 },
  ])
  return collection
}

async function messagesIn(db: Db, version: number): Promise<Collection<MessageDocument>> {
  const messages = db.collection<MessageDocument>(`conversation_messages_v${version}`)
  await messages.createIndexes([
    { key: { conversationId: 1, begunAt: -1 } },
    // Each list asks for what is sensitive in fifty conversations, which is little of what was said in them.
    { key: { conversationId: 1 }, partialFilterExpression: { isSensitive: true } },
    { key: { leavesAt: 1 }, expireAfterSeconds: 0 },
  ])
  return messages
}

function conversationDocuments(
  collection: Collection<StoredConversation>,
): DocumentProjection<StoredConversation, DeskFact> {
  return {
    collection,
    cache: new DocumentCache(),
    route: (event) =>
      isConversationFact(event) && event.envelope.correlationId !== '' ? [event.envelope.correlationId] : [],
    fold(document, event) {
      const next = isConversationFact(event) ? evolve(document, event) : undefined
      return (
        next && {
          ...next,
          leavesAt: next.closedAt === null ? null : after(next.closedAt),
          nameParts:
            document?.contact.name === next.contact.name && document.nameParts !== undefined
              ? document.nameParts
              : piecesOfName(next.contact.name),
        }
      )
    },
  }
}

function messageDocuments(
  collection: Collection<MessageDocument>,
): DocumentProjection<MessageDocument, DeskFact> {
  return {
    collection,
    cache: new DocumentCache(),
    route: (event) =>
      isMessageFact(event) && event.envelope.correlationId !== '' ? messageIdsOf(event) : [],
    fold(document, event, id) {
      const next = isMessageFact(event) ? evolveMessage(document, event, id) : undefined
      return next && { ...next, leavesAt: after(next.recordedAt) }
    },
  }
}

function contactDocuments(
  collection: Collection<ContactDocument>,
): DocumentProjection<ContactDocument, DeskFact> {
  return {
    collection,
    cache: new DocumentCache(),
    route: (event) => (isContactFact(event) ? [event.envelope.streamId] : []),
    fold(document, event) {
      const next = isContactFact(event) ? evolveContact(document, event) : undefined
      return next && { ...next, numberParts: piecesOfNumber(next.number) }
    },
  }
}

function learntDocuments(
  collection: Collection<LearntDocument>,
): DocumentProjection<LearntDocument, DeskFact> {
  return {
    collection,
    cache: new DocumentCache(),
    route: ({ type, envelope }) =>
      type === 'BotTurnCompleted' && envelope.correlationId !== '' ? [envelope.correlationId] : [],
    fold(_, { envelope }) {
      return { ...learntBy(envelope), leavesAt: after(envelope.recordedAt ?? '') }
    },
  }
}

const after = (time: string): Date => new Date(Date.parse(time) + KEPT_MS)

/** The store drops it within a minute, from one version sooner than from the other; and a minute before, it may be about to. */
function hasLeft({ leavesAt }: Pick<ConversationDocument, 'leavesAt'>, now: Date): boolean {
  return leavesAt !== null && now.getTime() > leavesAt.getTime() - 60_000
}
