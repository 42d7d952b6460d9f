import { setTimeout as pause } from 'node:timers/promises'
import {
  type EventLog,
  type FamilyTopics,
  type Follower,
  type ProjectionReader,
  type ReadEvent,
  type StoredRecord,
  runFollower,
} from '@parley/eventlog'
import { Feed, type Resource, type Told, type Watcher } from '@parley/service'
import { LRUCache } from 'lru-cache'
import { CONVERSATION_TYPES, type ConversationFact, evolve } from '../conversation/conversation.ts'
import { MESSAGE_TYPES, type MessageFact, evolveMessage, messageIdsOf } from '../conversation/message.ts'
import { type Message, type Name, type Row, messageOf, rowOf, secretsOf } from '../conversation/shown.ts'
import type { Sight } from '../conversation/viewing.ts'
import { type Offer, offerOf } from '../workforce/pool.ts'
import {
  type ConversationDocument,
  type ConversationStore,
  type DeskFact,
  type MessageDocument,
  consoleConversations,
} from './conversation-store.ts'
import type { DeskStore } from './desk-store.ts'
import { type PoolFact, type PoolStore, deskPool } from './pool-store.ts'

type DeskEvent = ReadEvent<DeskFact>
type PoolEvent = ReadEvent<PoolFact>

/** What a desk may be told of, once for all desks of this replica. */
type Item =
  | {
      readonly kind: 'conversation'
      readonly before: ConversationDocument | undefined
      readonly now: ConversationDocument
      /** Null: only a message changed. */
      readonly row: Row | null
      readonly messages: readonly Message[]
    }
  | { readonly kind: 'offer'; readonly agentId: string; readonly offer: object }
  | {
      readonly kind: 'offer_ended'
      readonly agentId: string
      readonly offerId: string
      readonly outcome: string
    }
  | { readonly kind: 'presence'; readonly agentId: string; readonly status: string }

export interface DeskFeedOptions {
  readonly log: EventLog
  readonly topics: { readonly conversations: FamilyTopics; readonly pool: FamilyTopics }
  readonly readers: {
    readonly conversations: Pick<ProjectionReader, 'whenProcessed'>
    readonly pool: Pick<ProjectionReader, 'whenProcessed'>
  }
  readonly conversations: ConversationStore
  readonly pool: Pick<PoolStore, 'offers'>
  readonly desks: Pick<DeskStore, 'readUpTo'>
  readonly name: Name
  /** Each event, before desks are told of it. */
  heard(event: ReadEvent): void
  onUnreadable(record: StoredRecord, error: unknown): void
  onFault(error: Error): void
  /** Something failed that is tried again, or a desk's view did. */
  onError(error: unknown): void
}

const KEPT_MAX = 20_000
const KNOWN_MAX = 50_000
const AGAIN_AFTER_MS = 500
/** A read model that is this far behind the feed answers with an older position instead. */
const READ_WITHIN_MS = 300

/**
 * Follows conversations and pool once for all desks of this replica. The partitions of the pool stand behind those of conversations, so
 * that one position tells how far a desk is in both.
 */
export class DeskFeed {
  readonly #options: DeskFeedOptions
  readonly #feed: Feed<Item>
  /** Of conversations; the pool's partitions are counted from here on. */
  readonly #partitionCount: number
  readonly #begins: Begins
  readonly #rows = new LRUCache<string, ConversationDocument>({ max: KNOWN_MAX })
  readonly #messages = new LRUCache<string, MessageDocument>({ max: KNOWN_MAX })
  readonly #secrets = new LRUCache<string, readonly string[]>({ max: KNOWN_MAX })
  readonly #offers = new Map<string, Offer>()
  readonly #stopping = new AbortController()
  readonly #running: Promise<readonly Follower[]>
  #followers: readonly Follower[] = []

  static async start(options: DeskFeedOptions): Promise<DeskFeed> {
    const { log, topics } = options
    const begins = {
      conversations: await beginIn(log, topics.conversations.events),
      pool: await beginIn(log, topics.pool.events),
    }
    return new DeskFeed(options, begins)
  }

  private constructor(options: DeskFeedOptions, begins: Begins) {
    this.#options = options
    this.#begins = begins
    this.#partitionCount = begins.conversations.ends.size
    const from = new Map(begins.conversations.from)
    for (const [partition, offset] of begins.pool.from) from.set(this.#partitionCount + partition, offset)
    this.#feed = new Feed<Item>({ from, keptMax: KEPT_MAX, onError: (error) => options.onError(error) })
    this.#running = this.#begin()
    this.#running.catch((error: Error) => options.onFault(error))
  }

  get resource(): Resource {
    return {
      name: 'desk feed',
      isReady: () => this.#followers.length > 0 && this.#followers.every((follower) => follower.isReady()),
      close: async () => {
        this.#stopping.abort()
        await this.#running.catch(() => [])
        await Promise.all(this.#followers.map((follower) => follower.stop()))
      },
    }
  }

  /** All up to it is in what is read now, so that whoever goes on from it misses nothing. */
  async readPosition(): Promise<string> {
    const { readers } = this.#options
    const position = this.#feed.position()
    const offsets = position.split('.').map(BigInt)
    const seen = await Promise.all(
      offsets.map(async (next, index) => {
        if (next === 0n) return true
        const isPool = index >= this.#partitionCount
        const reader = isPool ? readers.pool : readers.conversations
        const partition = isPool ? index - this.#partitionCount : index
        return reader.whenProcessed({ partition, offset: next - 1n }, READ_WITHIN_MS)
      }),
    )
    if (seen.every(Boolean)) this.#readUpTo = position
    return this.#readUpTo ?? this.#beginning
  }
  #readUpTo: string | undefined

  get #beginning(): string {
    const { conversations, pool } = this.#begins
    return [...conversations.from.values(), ...pool.from.values()].join('.')
  }

  /** @param watched conversations that this desk has open beside its person's own */
  watcher(sight: Sight, watched: ReadonlySet<string>): Watcher<Item> {
    return {
      told: (item) => told(item, sight, watched),
      present: () =>
        [...this.#offers.values()]
          .filter(({ agentId }) => agentId === sight.personId)
          .map((offer) => ({
            event: 'offer',
            data: this.#offerShown(offer),
            partition: this.#partitionOf('pool', offer.partition),
            offset: BigInt(offer.offset),
          })),
    }
  }

  open(...[stream, lastEventId, watcher]: Parameters<Feed<Item>['open']>): () => void {
    return this.#feed.open(stream, lastEventId, watcher)
  }

  /** Behind a decision, whether desks are told of it by now or not. */
  positionAfter(
    family: 'conversation' | 'pool',
    { partition, offset }: { readonly partition: number; readonly offset: bigint },
  ): string {
    return this.#feed.position({ partition: this.#partitionOf(family, partition), offset })
  }

  #partitionOf(family: 'conversation' | 'pool', partition: number): number {
    return family === 'pool' ? this.#partitionCount + partition : partition
  }

  /** Not before the read models hold what came before: what is not known here is read from them. */
  async #begin(): Promise<readonly Follower[]> {
    const { log, topics, readers, pool, onUnreadable, onFault } = this.#options
    await this.#whenRead(readers.conversations, this.#begins.conversations.ends)
    await this.#whenRead(readers.pool, this.#begins.pool.ends)
    if (this.#stopping.signal.aborted) return []
    for (const offer of await this.#untilRead(() => pool.offers())) this.#offers.set(offer.id, offer)
    const { from } = this.#begins.conversations
    this.#followers = await Promise.all([
      runFollower({
        log,
        topics: topics.conversations,
        types: consoleConversations.types,
        from,
        onUnreadable,
        onFault,
        onEvents: (batch) => this.#takeConversations(batch),
      }),
      runFollower({
        log,
        topics: topics.pool,
        types: deskPool.types,
        from: this.#begins.pool.from,
        onUnreadable,
        onFault,
        onEvents: (batch) => this.#takePool(batch),
      }),
    ])
    return this.#followers
  }

  async #whenRead(
    reader: Pick<ProjectionReader, 'whenProcessed'>,
    ends: ReadonlyMap<number, bigint>,
  ): Promise<void> {
    const { signal } = this.#stopping
    for (const [partition, end] of ends) {
      if (end === 0n) continue
      while (!signal.aborted)
        if (await reader.whenProcessed({ partition, offset: end - 1n }, 5_000, signal)) break
    }
  }

  /** The store may be away: nothing is passed over because of that. */
  async #untilRead<Value>(read: () => Promise<Value>): Promise<Value> {
    for (;;) {
      try {
        return await read()
      } catch (error) {
        if (this.#stopping.signal.aborted) throw error
        this.#options.onError(error)
        await pause(AGAIN_AFTER_MS)
      }
    }
  }

  async #takeConversations(batch: readonly DeskEvent[]): Promise<void> {
    for (const event of batch) this.#options.heard(event)
    const around = await this.#untilRead(() => this.#load(batch))
    this.#feed.take(
      batch.flatMap((event) => {
        const item = this.#conversationItem(event, around)
        const { partition, offset } = event.record
        return item === undefined ? [] : [{ partition, offset, item }]
      }),
    )
  }

  #takePool(batch: readonly PoolEvent[]): void {
    for (const event of batch) this.#options.heard(event)
    this.#feed.take(
      batch.flatMap((event) => {
        const item = this.#poolItem(event)
        const { partition, offset } = event.record
        return item === undefined ? [] : [{ partition: this.#partitionCount + partition, offset, item }]
      }),
    )
  }

  /** Whatever a batch speaks of and is not known here, in one read of each kind. */
  async #load(batch: readonly DeskEvent[]): Promise<Around> {
    const { conversations: store, desks } = this.#options
    const ids = [...new Set(batch.map(conversationIdOf))].filter((id) => id !== '')
    const unknown = ids.filter((id) => !this.#rows.has(id))
    const messageFacts = batch.filter(isMessageFact)
    const unknownMessages = messageFacts.flatMap(messageIdsOf).filter((id) => !this.#messages.has(id))
    const replies = messageFacts.flatMap(({ data }) =>
      'replyToProviderMessageId' in data && data.replyToProviderMessageId !== ''
        ? [data.replyToProviderMessageId]
        : [],
    )
    const [rows, messages, sensitive, readUpTo, replyTo] = await Promise.all([
      store.conversations(unknown),
      store.messagesById(unknownMessages),
      store.sensitive(unknown),
      desks.readUpTo(ids),
      store.byProviderId(ids, replies),
    ])
    for (const row of rows) this.#rows.set(row._id, row)
    for (const message of messages) this.#messages.set(message._id, message)
    for (const message of sensitive) this.#hide(message)
    return { readUpTo, replyTo }
  }

  #hide(message: MessageDocument): void {
    const known = this.#secrets.get(message.conversationId) ?? []
    this.#secrets.set(message.conversationId, [...new Set([...known, ...secretsOf(message)])])
  }

  #conversationItem(event: DeskEvent, { readUpTo, replyTo }: Around): Item | undefined {
    const { name } = this.#options
    const { correlationId: id, streamId, streamVersion: seenVersion } = event.envelope
    const before = this.#rows.get(id)
    let row = before
    let isRowChanged = false
    if (id !== '' && isConversationFact(event)) {
      // What was read from the store may be newer than what comes again from the log.
      const isKnown = before !== undefined && seenVersion <= before.seenVersion
      const next = isKnown ? undefined : evolve(before, event)
      if (next !== undefined) {
        row = { ...next, _id: id, streamId, seenVersion, leavesAt: null }
        this.#rows.set(id, row)
      }
      isRowChanged = isKnown || next !== undefined
    }
    const changed: MessageDocument[] = []
    if (id !== '' && isMessageFact(event))
      for (const messageId of messageIdsOf(event)) {
        const known = this.#messages.get(messageId)
        const isKnown = known !== undefined && seenVersion <= known.seenVersion
        const next = isKnown ? undefined : evolveMessage(known, event)
        if (next !== undefined) {
          const message = { ...next, _id: messageId, streamId, seenVersion, leavesAt: new Date(0) }
          this.#messages.set(messageId, message)
          if (message.isSensitive) this.#hide(message)
        }
        const now = this.#messages.get(messageId)
        if (now !== undefined && (isKnown || next !== undefined)) changed.push(now)
      }
    if (row === undefined || (!isRowChanged && changed.length === 0)) return undefined
    const contactName = row.contact.name
    const secrets = this.#secrets.get(id) ?? []
    return {
      kind: 'conversation',
      before,
      now: row,
      row: isRowChanged ? rowOf(row, name, readUpTo.get(id)) : null,
      messages: changed.map((message) =>
        messageOf(message, {
          name,
          contactName,
          secrets,
          replyTo: replyTo.get(message.replyToProviderMessageId) ?? null,
        }),
      ),
    }
  }

  #poolItem(event: PoolEvent): Item | undefined {
    if (event.type === 'PresenceChanged') {
      const { agentId, status } = event.data
      return { kind: 'presence', agentId, status }
    }
    if (event.type === 'ConversationOffered') {
      const { partition, offset } = event.record
      const offer = offerOf(event.data, { at: event.envelope.recordedAt ?? '', partition, offset })
      this.#offers.set(offer.id, offer)
      return { kind: 'offer', agentId: offer.agentId, offer: this.#offerShown(offer) }
    }
    if (event.type !== 'OfferEnded' && event.type !== 'ConversationAssigned') return undefined
    const { offerId, agentId } = event.data
    // Taken without an offer.
    if (offerId === '') return undefined
    this.#offers.delete(offerId)
    const outcome = event.type === 'OfferEnded' ? event.data.outcome : 'accepted'
    return { kind: 'offer_ended', agentId, offerId, outcome }
  }

  #offerShown({ id: offerId, conversationId, queue, language, expiresAt, waitingSince, fromAgentId }: Offer) {
    const contact = this.#rows.get(conversationId)?.contact ?? { id: '', name: '', language }
    return { offerId, conversationId, queue, expiresAt, waitingSince, contact, fromAgentId }
  }
}

interface Begins {
  readonly conversations: Begin
  readonly pool: Begin
}

interface Begin {
  readonly ends: ReadonlyMap<number, bigint>
  readonly from: ReadonlyMap<number, bigint>
}

interface Around {
  readonly readUpTo: ReadonlyMap<string, number>
  readonly replyTo: ReadonlyMap<string, string>
}

/** A little before the end, so that after a restart desks go on where they were. */
async function beginIn(log: EventLog, topic: string): Promise<Begin> {
  const partitions = [...Array(await log.partitionCount(topic)).keys()]
  const ends = new Map(
    await Promise.all(
      partitions.map(async (partition) => [partition, await log.endOffset(topic, partition)] as const),
    ),
  )
  const each = BigInt(Math.ceil(KEPT_MAX / 2 / partitions.length))
  return {
    ends,
    from: new Map([...ends].map(([partition, end]) => [partition, end > each ? end - each : 0n])),
  }
}

const isConversationFact = (event: DeskEvent): event is DeskEvent & ConversationFact =>
  (CONVERSATION_TYPES as readonly string[]).includes(event.type)
const isMessageFact = (event: DeskEvent): event is DeskEvent & MessageFact =>
  (MESSAGE_TYPES as readonly string[]).includes(event.type)

function conversationIdOf({ envelope }: DeskEvent): string {
  return envelope.correlationId
}

function told(item: Item, sight: Sight, watched: ReadonlySet<string>): readonly Told[] {
  switch (item.kind) {
    case 'conversation': {
      const { now, before, row, messages } = item
      if (!sight.sees(now)) {
        if (row === null || before === undefined || !sight.sees(before)) return []
        // Who loses it is told whose it is now, and nothing that was said.
        const { lastMessage: _, ...rest } = row
        return [{ event: 'conversation', data: rest }]
      }
      const isOpenHere = now.agentId === sight.personId || watched.has(now._id)
      return [
        ...(row === null ? [] : [{ event: 'conversation', data: row }]),
        ...(isOpenHere ? messages : []).map((message) => ({
          event: 'message',
          data: { conversationId: now._id, message },
        })),
      ]
    }
    case 'offer':
      return item.agentId === sight.personId ? [{ event: 'offer', data: item.offer }] : []
    case 'offer_ended': {
      const { offerId, outcome } = item
      return item.agentId === sight.personId ? [{ event: 'offer_ended', data: { offerId, outcome } }] : []
    }
    case 'presence': {
      const { agentId, status } = item
      return sight.seesAgent(agentId) ? [{ event: 'presence', data: { agentId, status } }] : []
    }
    default:
      return item satisfies never
  }
}
