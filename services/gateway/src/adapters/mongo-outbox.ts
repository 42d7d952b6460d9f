import { repeatsIn } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import { type AnyBulkWriteOperation, Binary, type Collection, type Db, type WithId } from 'mongodb'
import type {
  Outbox,
  OutboxChange,
  OutboxMessage,
  OutboxState,
  SendOutcome,
  StoredOutboxMessage,
} from '../sending/outbox.ts'
import { groupCommit } from './group-commit.ts'

interface OutboxDocument {
  _id: string
  contactId: string
  accountId: string
  partition: number
  streamVersion: number
  conversationId: string
  causationId: string
  traceparent: string
  replyToProviderMessageId: string
  /** The words, as they stand in the event. */
  content: { name: string; value: Binary }[]
  state: OutboxState
  tries: number
  attemptId?: string
  attemptAt?: Date
  outcome?: SendOutcome
  /** Of the step that was taken last. */
  changeId?: string
  doneAt?: Date
}

export interface MongoOutbox extends Outbox {
  /** To which contact each message of ours went. */
  contactsOf(messageIds: readonly string[]): Promise<ReadonlyMap<string, string>>
}

const CONTACTS_CACHED_MAX = 50_000
const KEPT_SECONDS = 30 * 24 * 60 * 60

export async function mongoOutbox(db: Db): Promise<MongoOutbox> {
  const collection: Collection<OutboxDocument> = db.collection('outbox')
  await collection.createIndexes([
    { key: { partition: 1, state: 1 }, name: 'open' },
    { key: { doneAt: 1 }, name: 'kept', expireAfterSeconds: KEPT_SECONDS },
  ])

  /** The receipts of a message come soon after it, and its contact never changes. */
  const contactOf = new LRUCache<string, string>({ max: CONTACTS_CACHED_MAX })

  const applyAll = async (changes: readonly OutboxChange[]): Promise<readonly boolean[]> => {
    const result = await collection.bulkWrite(changes.map(operationOf), { ordered: true })
    if (result.matchedCount === changes.length) return changes.map(() => true)
    // What did not match was taken by somebody else, or by this very change when its answer was lost: its id tells.
    const stored = await collection
      .find({ _id: { $in: changes.map(({ messageId }) => messageId) } }, { projection: { changeId: 1 } })
      .toArray()
    const taken = new Set(stored.map(({ changeId }) => changeId))
    return changes.map(({ changeId }) => taken.has(changeId))
  }

  return {
    async put(messages) {
      if (messages.length === 0) return
      for (const { messageId, contactId } of messages) contactOf.set(messageId, contactId)
      try {
        await collection.insertMany(
          messages.map((message) => ({ _id: message.messageId, ...documentOf(message) })),
          { ordered: false },
        )
      } catch (error) {
        repeatsIn(error)
      }
    },
    change: groupCommit(applyAll),
    async load(messageId) {
      const document = await collection.findOne({ _id: messageId })
      return document === null ? undefined : messageOf(document)
    },
    async *open(partitions) {
      const cursor = collection.find({
        partition: { $in: [...partitions] },
        state: { $in: ['pending', 'attempting', 'uncertain', 'concluded'] },
      })
      for await (const document of cursor) yield messageOf(document)
    },
    async contactsOf(messageIds) {
      const unknown = messageIds.filter((messageId) => !contactOf.has(messageId))
      if (unknown.length > 0)
        for (const { _id, contactId } of await collection
          .find({ _id: { $in: unknown } }, { projection: { contactId: 1 } })
          .toArray())
          contactOf.set(_id, contactId)
      return new Map(
        messageIds.flatMap((messageId) => {
          const contactId = contactOf.get(messageId)
          return contactId === undefined ? [] : [[messageId, contactId] as const]
        }),
      )
    },
  }
}

function operationOf(change: OutboxChange): AnyBulkWriteOperation<OutboxDocument> {
  const { changeId, messageId, from, ofAttempt, to, attemptId, attemptAt, tries, outcome } = change
  return {
    updateOne: {
      filter: {
        _id: messageId,
        state: { $in: [...from] },
        ...(ofAttempt === undefined ? {} : { attemptId: ofAttempt }),
      },
      update: {
        $set: {
          state: to,
          changeId,
          ...(attemptId === undefined ? {} : { attemptId }),
          ...(attemptAt === undefined ? {} : { attemptAt: new Date(attemptAt) }),
          ...(tries === undefined ? {} : { tries }),
          ...(outcome === undefined ? {} : { outcome }),
          ...(to === 'done' ? { doneAt: new Date() } : {}),
        },
      },
    },
  }
}

function documentOf(message: OutboxMessage): Omit<OutboxDocument, '_id'> {
  return {
    contactId: message.contactId,
    accountId: message.accountId,
    partition: message.partition,
    streamVersion: message.streamVersion,
    conversationId: message.conversationId,
    causationId: message.causationId,
    traceparent: message.traceparent,
    replyToProviderMessageId: message.replyToProviderMessageId,
    content: message.content.map(({ name, value }) => ({ name, value: new Binary(value) })),
    state: 'pending',
    tries: 0,
  }
}

function messageOf(document: WithId<OutboxDocument>): StoredOutboxMessage {
  return {
    messageId: document._id,
    contactId: document.contactId,
    accountId: document.accountId,
    partition: document.partition,
    streamVersion: document.streamVersion,
    conversationId: document.conversationId,
    causationId: document.causationId,
    traceparent: document.traceparent,
    replyToProviderMessageId: document.replyToProviderMessageId,
    content: document.content.map(({ name, value }) => ({ name, value: Buffer.from(value.value()) })),
    state: document.state,
    tries: document.tries,
    attemptAt: document.attemptAt?.getTime() ?? 0,
    outcome: document.outcome,
  }
}
