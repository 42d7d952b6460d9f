import { atMost, insertNew } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import { type AnyBulkWriteOperation, Binary, type Collection, type Db, type WithId } from 'mongodb'
import type {
  Attempt,
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
  position: number
  replyToProviderMessageId: string
  /** The words, as they stand in the event. */
  content: { name: string; value: Binary }[]
  state: OutboxState
  /** Until it is done. */
  isOpen?: true
  attempt: Attempt
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
  /** Which of these contacts the message with that id of the channel went to. */
  receiverOf(contactIds: readonly string[], providerMessageId: string): Promise<string | undefined>
}

const CONTACTS_CACHED_MAX = 20_000
const KEPT_SECONDS = 30 * 24 * 60 * 60

export async function mongoOutbox(db: Db): Promise<MongoOutbox> {
  const collection: Collection<OutboxDocument> = db.collection('outbox')
  await collection.createIndexes([
    // A message keeps its place in it from state to state: whoever walks along it while another gateway moves one misses none.
    { key: { isOpen: 1, partition: 1, accountId: 1, position: 1, state: 1 }, name: 'open' },
    { key: { contactId: 1, position: 1 }, name: 'of-contact' },
    { key: { doneAt: 1 }, name: 'kept', expireAfterSeconds: KEPT_SECONDS },
  ])

  /** The receipts of a message come soon after it, and its contact never changes. */
  const contactOf = new LRUCache<string, string>(atMost(CONTACTS_CACHED_MAX))

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
      for (const { messageId, contactId } of messages) contactOf.set(messageId, contactId)
      await insertNew(
        collection,
        messages.map((message) => ({ _id: message.messageId, ...documentOf(message) })),
      )
    },
    change: groupCommit(applyAll),
    async load(messageId) {
      const document = await collection.findOne({ _id: messageId })
      return document === null ? undefined : messageOf(document)
    },
    async *begun(partitions) {
      const cursor = collection.find({
        isOpen: true,
        partition: { $in: [...partitions] },
        state: { $in: ['attempting', 'uncertain', 'resending', 'concluded'] },
      })
      for await (const document of cursor) yield messageOf(document)
    },
    async backlogs(partitions) {
      const shelves = await collection
        .aggregate<{ _id: { accountId: string; partition: number } }>([
          { $match: { isOpen: true, partition: { $in: [...partitions] }, state: 'pending' } },
          { $group: { _id: { accountId: '$accountId', partition: '$partition' } } },
        ])
        .toArray()
      return shelves.map(({ _id }) => ({ accountId: _id.accountId, partition: _id.partition }))
    },
    async open(of, after, limit) {
      const documents = await collection
        .find({ isOpen: true, ...of, position: { $gt: after } })
        .sort({ position: 1 })
        .limit(limit)
        .toArray()
      return documents.map(messageOf)
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
    async receiverOf(contactIds, providerMessageId) {
      const found = await collection.findOne(
        { contactId: { $in: [...contactIds] }, 'outcome.providerId': providerMessageId },
        { projection: { contactId: 1 } },
      )
      return found?.contactId
    },
  }
}

function operationOf(change: OutboxChange): AnyBulkWriteOperation<OutboxDocument> {
  const {
    changeId,
    messageId,
    from,
    ofAttemptId,
    ofAttempt,
    to,
    attemptId,
    attemptAt,
    attempt,
    tries,
    outcome,
  } = change
  return {
    updateOne: {
      filter: {
        _id: messageId,
        state: { $in: [...from] },
        ...(ofAttemptId === undefined ? {} : { attemptId: ofAttemptId }),
        ...(ofAttempt === undefined ? {} : { attempt: ofAttempt }),
      },
      update: {
        $set: {
          state: to,
          changeId,
          ...(attemptId === undefined ? {} : { attemptId }),
          ...(attemptAt === undefined ? {} : { attemptAt: new Date(attemptAt) }),
          ...(attempt === undefined ? {} : { attempt }),
          ...(tries === undefined ? {} : { tries }),
          ...(outcome === undefined ? {} : { outcome }),
          ...(to === 'done' ? { doneAt: new Date() } : {}),
        },
        ...(to === 'done' ? { $unset: { isOpen: '' } } : {}),
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
    position: message.position,
    replyToProviderMessageId: message.replyToProviderMessageId,
    content: message.content.map(({ name, value }) => ({ name, value: new Binary(value) })),
    state: 'pending',
    isOpen: true,
    attempt: 1,
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
    position: document.position,
    replyToProviderMessageId: document.replyToProviderMessageId,
    content: document.content.map(({ name, value }) => ({ name, value: Buffer.from(value.value()) })),
    state: document.state,
    attempt: document.attempt,
    tries: document.tries,
    attemptId: document.attemptId ?? '',
    attemptAt: document.attemptAt?.getTime() ?? 0,
    outcome: document.outcome,
  }
}
