import { repeatsIn } from '@parley/eventlog'
import { MessageSendRequested } from '@parley/proto/events'
import { type AnyBulkWriteOperation, type Binary, type Collection, type Db, type WithId } from 'mongodb'
import type {
  Outbox,
  OutboxChange,
  OutboxMessage,
  OutboxState,
  SendResult,
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
  /** MessageSendRequested, encoded. */
  payload: Binary | Buffer
  state: OutboxState
  tries: number
  attemptId?: string
  attemptAt?: Date
  result?: SendResult
  /** Of the step that was taken last. */
  changeId?: string
  doneAt?: Date
}

export interface MongoOutbox extends Outbox {
  /** To which contact a message of ours went, by our id or the provider's. */
  ownersOf(messageIds: readonly string[], providerIds: readonly string[]): Promise<readonly MessageOwner[]>
}

export interface MessageOwner {
  readonly messageId: string
  readonly providerId: string
  readonly contactId: string
}

const KEPT_SECONDS = 30 * 24 * 60 * 60

export async function mongoOutbox(db: Db): Promise<MongoOutbox> {
  const collection: Collection<OutboxDocument> = db.collection('outbox')
  await collection.createIndexes([
    { key: { partition: 1, state: 1 }, name: 'open' },
    { key: { 'result.providerId': 1 }, name: 'provider', sparse: true },
    { key: { doneAt: 1 }, name: 'kept', expireAfterSeconds: KEPT_SECONDS },
  ])

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
        state: { $in: ['pending', 'attempting', 'uncertain', 'answered'] },
      })
      for await (const document of cursor) yield messageOf(document)
    },
    async ownersOf(messageIds, providerIds) {
      if (messageIds.length === 0 && providerIds.length === 0) return []
      const projection = { contactId: 1, result: 1 }
      const [ours, theirs] = await Promise.all([
        messageIds.length === 0
          ? []
          : collection.find({ _id: { $in: [...messageIds] } }, { projection }).toArray(),
        providerIds.length === 0
          ? []
          : collection.find({ 'result.providerId': { $in: [...providerIds] } }, { projection }).toArray(),
      ])
      const found = [...ours, ...theirs]
      return found.map(({ _id, contactId, result }) => ({
        messageId: _id,
        contactId,
        providerId: result?.status === 'sent' ? result.providerId : '',
      }))
    },
  }
}

function operationOf(change: OutboxChange): AnyBulkWriteOperation<OutboxDocument> {
  const { changeId, messageId, from, ofAttempt, to, attemptId, attemptAt, tries, result } = change
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
          ...(result === undefined ? {} : { result }),
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
    payload: Buffer.from(MessageSendRequested.encode(message.message).finish()),
    state: 'pending',
    tries: 0,
  }
}

function messageOf(document: WithId<OutboxDocument>): StoredOutboxMessage {
  const { payload } = document
  return {
    messageId: document._id,
    contactId: document.contactId,
    accountId: document.accountId,
    partition: document.partition,
    streamVersion: document.streamVersion,
    conversationId: document.conversationId,
    causationId: document.causationId,
    traceparent: document.traceparent,
    message: MessageSendRequested.decode(payload instanceof Uint8Array ? payload : payload.buffer),
    state: document.state,
    tries: document.tries,
    attemptAt: document.attemptAt?.getTime() ?? 0,
    result: document.result,
  }
}
