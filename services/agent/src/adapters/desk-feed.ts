import { setTimeout as pause } from 'node:timers/promises'
import {
  type EventLog,
  type FamilyTopics,
  type Follower,
  type ProjectionReader,
  type ReadEvent,
  type ReaderTrouble,
  type StoredRecord,
  type Subscription,
  atMost,
  runFollower,
} from '@parley/eventlog'
import type { Roster } from '@parley/people'
import { Feed, type Happened, type Resource, type Told, type Watcher } from '@parley/service'
import type { WorkforceEvent } from '@parley/workforce'
import { LRUCache } from 'lru-cache'
import { type ConversationFact, type Place, evolve, isConversationFact } from '../conversation/conversation.ts'
import {
  type MessageFact,
  beginsMessage,
  evolveMessage,
  isMessageFact,
  messageIdsOf,
} from '../conversation/message.ts'
import {
  type Message as ShownMessage,
  type Name,
  messageOf,
  rowOf,
  secretsOf,
  unreadCountOf,
} from '../conversation/shown.ts'
import { type Sight, audienceOf, audienceOfAgent, audienceOfPlace } from '../conversation/viewing.ts'
import { PoolView } from '../workforce/pool-view.ts'
import { type Offer, type Recorded, offerOf, recordedOf } from '../workforce/pool.ts'
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
type PoolEvent = ReadEvent<PoolFact | Extract<WorkforceEvent, { type: 'ReplicaLost' }>>

/** What a desk may be told of, once for all desks of this replica. */
type Item =
  | {
      readonly kind: 'conversation'
      readonly now: ConversationDocument
      /** Null: only a message changed. */
      readonly row: Told | null
      /** For who loses it: whose it is now, and nothing that was said. */
      readonly lost: Told | null
      /** Where it was until now. */
      readonly pasts: readonly Place[]
      readonly messages: readonly {
        readonly told: Told
        /** For whom it was whispered, besides. */
        readonly whisper: Told | null
        readonly mentions: readonly string[]
      }[]
    }
  | { readonly kind: 'own'; readonly agentIds: readonly string[]; readonly told: Told }
  | { readonly kind: 'presence'; readonly agentId: string; readonly told: Told }
  | { readonly kind: 'configuration'; readonly told: Told }

export interface DeskFeedOptions {
  readonly log: EventLog
  readonly topics: { readonly conversations: FamilyTopics; readonly pool: FamilyTopics }
  readonly readers: {
    readonly conversations: Pick<ProjectionReader, 'whenProcessed'>
    readonly pool: Pick<ProjectionReader, 'whenProcessed'>
  }
  readonly conversations: Pick<
    ConversationStore,
    'conversations' | 'messagesById' | 'sensitive' | 'byProviderId'
  >
  readonly pool: Pick<PoolStore, 'parts'>
  readonly desks: Pick<DeskStore, 'readUpTo'>
  readonly name: Name
  readonly roster: Roster
  /** Each event, before desks are told of it. */
  heard(event: ReadEvent): void
  onUnreadable(record: StoredRecord, error: unknown): void
  /** By the name of what it follows. */
  troubleOf(name: string): Pick<ReaderTrouble, 'onStuck' | 'onFault'>
  /** It cannot begin. */
  onFault(error: Error): void
  /** Something failed that is tried again, or a desk's view did. */
  onError(error: unknown): void
}

interface Unread {
  readonly conversationId: string
  readonly agentId: string
  readonly unreadCount: number
  readonly version: number
}

const KEPT_MAX = 20_000
const KNOWN_MAX = 50_000
/** What it follows, by the names that operators are shown. */
const FOLLOWED = { conversations: 'desk-feed', pool: 'desk-feed-pool' } as const
const AGAIN_AFTER_MS = 500
/** A read model that is this far behind the feed answers with an older position instead. */
const READ_WITHIN_MS = 2_000

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
  readonly #rows = new LRUCache<string, ConversationDocument>(atMost(KNOWN_MAX))
  readonly #messages = new LRUCache<string, MessageDocument>(atMost(KNOWN_MAX))
  readonly #secrets = new LRUCache<string, readonly string[]>(atMost(KNOWN_MAX))
  /** First versions of conversations whose documents were ahead of the log when it came to them. */
  readonly #ahead = new Map<string, number>()
  readonly #pool = new PoolView()
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
      isStuck: () => this.#followers.some((follower) => follower.stuck().length > 0),
      close: async () => {
        this.#stopping.abort()
        await this.#running.catch(() => [])
        await Promise.all(this.#followers.map((follower) => follower.stop()))
      },
    }
  }

  get pool(): Pick<
    PoolView,
    'has' | 'statusOf' | 'now' | 'targets' | 'alerts' | 'offersTo' | 'closeReasonsOf'
  > {
    return this.#pool
  }

  /** How far it is, and where desks hear nothing more, by name. */
  get readers(): Readonly<Record<string, Pick<Subscription, 'lag' | 'stuck'>>> {
    return Object.fromEntries(
      Object.values(FOLLOWED).map((name, index) => [
        name,
        {
          lag: () => this.#followers[index]?.lag() ?? [],
          stuck: () => this.#followers[index]?.stuck() ?? [],
        },
      ]),
    )
  }

  /** The pool is known as it was when this replica began, and is followed from there. */
  async whenBegun(): Promise<void> {
    await this.#running
  }

  /** Of the pool as it is this moment. */
  position(): string {
    return this.#feed.position()
  }

  /**
   * All up to it is in what is read now, so that whoever goes on from it misses nothing, and whoever was answered before reads what was
   * decided. Those who ask at one position of the feed are answered together.
   */
  readPosition(): Promise<string> {
    const position = this.#feed.position()
    if (this.#reading?.position !== position) this.#reading = { position, read: this.#read(position) }
    return this.#reading.read
  }
  #reading: { readonly position: string; readonly read: Promise<string> } | undefined
  #readUpTo: string | undefined

  async #read(position: string): Promise<string> {
    const { readers } = this.#options
    const seen = await Promise.all(
      position.split('.').map(async (offset, index) => {
        const next = BigInt(offset)
        if (next === 0n) return true
        const isPool = index >= this.#partitionCount
        const reader = isPool ? readers.pool : readers.conversations
        const partition = isPool ? index - this.#partitionCount : index
        return reader.whenProcessed({ partition, offset: next - 1n }, READ_WITHIN_MS)
      }),
    )
    if (seen.every(Boolean)) return (this.#readUpTo = position)
    this.#reading = undefined
    return this.#readUpTo ?? this.#beginning
  }

  get #beginning(): string {
    const { conversations, pool } = this.#begins
    return [...conversations.from.values(), ...pool.from.values()].join('.')
  }

  /** @param watched conversations that this desk has open beside its person's own */
  watcher(sight: Sight, watched: ReadonlySet<string>): Watcher<Item> {
    return {
      told: (item) => told(item, sight, watched),
      audiences: sight.audiences,
      present: () =>
        this.#pool.offersTo(sight.personId).map((offer) => ({
          event: 'offer',
          data: this.#offerShown(offer),
          partition: this.#partitionCount + offer.partition,
          offset: BigInt(offer.offset),
        })),
    }
  }

  /** What their owners have not read, as of the row that desks were told of last. */
  async unread(ids: readonly string[]): Promise<readonly Unread[]> {
    await this.#loadRows(ids)
    const readUpTo = await this.#options.desks.readUpTo(ids)
    return ids.flatMap((id) => {
      const row = this.#rows.get(id)
      if (row === undefined || row.agentId === null) return []
      const unreadCount = unreadCountOf(row, readUpTo.get(id))
      return [{ conversationId: id, agentId: row.agentId, unreadCount, version: row.seenVersion }]
    })
  }

  goesOnFrom(lastEventId: string | undefined): boolean {
    return this.#feed.goesOnFrom(lastEventId)
  }

  open(...[stream, lastEventId, watcher]: Parameters<Feed<Item>['open']>): () => void {
    return this.#feed.open(stream, lastEventId, watcher)
  }

  /** Behind a decision, whether desks are told of it by now or not. */
  positionAfter(
    family: 'conversation' | 'pool',
    { partition, offset }: { readonly partition: number; readonly offset: bigint },
  ): string {
    const behind = family === 'pool' ? this.#partitionCount : 0
    return this.#feed.position({ partition: behind + partition, offset })
  }

  /** Not before the read models hold what came before: what is not known here is read from them. */
  async #begin(): Promise<readonly Follower[]> {
    const { log, topics, readers, pool, onUnreadable, troubleOf } = this.#options
    await this.#whenRead(readers.conversations, this.#begins.conversations.ends)
    await this.#whenRead(readers.pool, this.#begins.pool.ends)
    if (this.#stopping.signal.aborted) return []
    this.#pool.restore(await this.#untilRead(() => pool.parts()))
    await this.#untilRead(() => this.#loadRows(this.#pool.offers.map((offer) => offer.conversationId)))
    const { from } = this.#begins.conversations
    this.#followers = await Promise.all([
      runFollower({
        name: FOLLOWED.conversations,
        log,
        topics: topics.conversations,
        types: consoleConversations.types,
        from,
        onUnreadable,
        ...troubleOf(FOLLOWED.conversations),
        onEvents: (batch) => this.#takeConversations(batch),
      }),
      runFollower({
        name: FOLLOWED.pool,
        log,
        topics: topics.pool,
        types: [...deskPool.types, 'ReplicaLost'],
        from: this.#begins.pool.from,
        onUnreadable,
        ...troubleOf(FOLLOWED.pool),
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
    const around = await this.#untilRead(() => this.#load(batch))
    this.#feed.take(
      batch.flatMap((event) => {
        const item = this.#conversationItem(event, around)
        const { partition, offset } = event.record
        return item === undefined ? [] : [this.#happened({ partition, offset }, item)]
      }),
    )
    this.#hear(batch)
  }

  async #takePool(batch: readonly PoolEvent[]): Promise<void> {
    const offered = batch.flatMap((event) =>
      event.type === 'ConversationOffered' ? [event.data.conversationId] : [],
    )
    await this.#untilRead(() => this.#loadRows(offered))
    this.#feed.take(
      batch.flatMap((event) => {
        const { partition, offset } = event.record
        const recorded = recordedOf(event)
        if (isPoolFact(event)) this.#pool.take(event, recorded)
        const item = this.#poolItem(event, recorded)
        const place = { partition: this.#partitionCount + partition, offset }
        return item === undefined ? [] : [this.#happened(place, item)]
      }),
    )
    this.#hear(batch)
  }

  #happened(place: { readonly partition: number; readonly offset: bigint }, item: Item): Happened<Item> {
    const audience = this.#audienceOf(item)
    return { ...place, item, ...(audience && { audience }) }
  }

  /** Undefined: everybody. */
  #audienceOf(item: Item): readonly string[] | undefined {
    const { roster } = this.#options
    switch (item.kind) {
      case 'conversation': {
        const places = [item.now, ...item.pasts]
        return [...new Set(places.flatMap((place) => audienceOfPlace(place, roster)))]
      }
      case 'own':
        return item.agentIds.map(audienceOf.person)
      case 'presence':
        return audienceOfAgent(item.agentId, roster)
      case 'configuration':
        return undefined
      default:
        return item satisfies never
    }
  }

  /** Behind what desks are told: whoever is answered because of it reads it, too. */
  #hear(batch: readonly ReadEvent[]): void {
    for (const event of batch) this.#options.heard(event)
  }

  /** Of conversations that are not known here. */
  async #loadRows(ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => !this.#rows.has(id))
    const { conversations: store } = this.#options
    const [rows, sensitive] = await Promise.all([store.conversations(unknown), store.sensitive(unknown)])
    for (const row of rows) this.#rows.set(row._id, row)
    for (const message of sensitive) this.#hide(message)
  }

  /**
   * Whatever a batch speaks of, that did not begin in it and is not known here, in one read of each kind. What the store held when this
   * feed began is read, too: whoever comes back is told how it is now, and not each state that it was in.
   */
  async #load(batch: readonly DeskEvent[]): Promise<Around> {
    const { conversations: store, desks } = this.#options
    const idsIn = (events: readonly DeskEvent[]) =>
      new Set(events.map(conversationIdOf).filter((id) => id !== ''))
    const ids = idsIn(batch)
    const { ends } = this.#begins.conversations
    const since = batch.filter(({ record }) => record.offset >= (ends.get(record.partition) ?? 0n))
    const begun = idsIn(since.filter(({ type }) => type === 'ConversationOpened'))
    const messageFacts = batch.filter(isMessageFact)
    const begunMessages = new Set(since.filter(isMessageFact).filter(beginsMessage).flatMap(messageIdsOf))
    const unknownMessages = messageFacts
      .flatMap(messageIdsOf)
      .filter((id) => !begunMessages.has(id) && !this.#messages.has(id))
    const replies = messageFacts.flatMap(({ data }) =>
      'replyToProviderMessageId' in data && data.replyToProviderMessageId !== ''
        ? [data.replyToProviderMessageId]
        : [],
    )
    const [messages, replyTo] = await Promise.all([
      store.messagesById(unknownMessages),
      store.byProviderId([...ids], replies),
      this.#loadRows([...ids].filter((id) => !begun.has(id))),
    ])
    for (const message of messages) this.#messages.set(message._id, message)
    const assigned = idsIn(batch.filter(({ type }) => type === 'ConversationAssigned'))
    const readUpTo = await desks.readUpTo([...ids].filter((id) => assigned.has(id) || this.#hadOwner(id)))
    return { readUpTo, replyTo }
  }

  /** Nobody else reads what customers wrote: with the robot alone there is nothing to ask the store for. */
  #hadOwner(id: string): boolean {
    const row = this.#rows.get(id)
    return row !== undefined && (row.agentId ?? row.lastAgentId) !== null
  }

  #hide(message: MessageDocument): void {
    const known = this.#secrets.get(message.conversationId) ?? []
    this.#secrets.set(message.conversationId, [...new Set([...known, ...secretsOf(message)])])
  }

  #conversationItem(event: DeskEvent, { readUpTo, replyTo }: Around): Item | undefined {
    const { correlationId: id } = event.envelope
    if (id === '') return undefined
    const since = isConversationFact(event) ? this.#evolveRow(id, event) : undefined
    const changed = isMessageFact(event)
      ? messageIdsOf(event).flatMap((messageId) => this.#evolveMessage(messageId, event) ?? [])
      : []
    const now = this.#rows.get(id)
    if (now === undefined) return undefined
    const around = { name: this.#options.name, secrets: this.#secrets.get(id) ?? [] }
    const shown = (message: MessageDocument) =>
      messageOf(message, {
        ...around,
        contactName: now.contact.name,
        replyTo: replyTo.get(message.replyToProviderMessageId) ?? null,
      })
    const messages = changed.flatMap(({ before, message }) => {
      const after = shown(message)
      if (before?.status === message.status && isShownAlike(shown(before), after)) return []
      const told = { event: 'message', data: { conversationId: id, message: after } }
      return [{ told, whisper: whisperOf(id, after), mentions: after.mentions }]
    })
    if (since === undefined && messages.length === 0) return undefined
    const row = since === undefined ? null : rowOf(now, { ...around, readUpTo: readUpTo.get(id) })
    return {
      kind: 'conversation',
      now,
      row: row && { event: 'conversation', data: row },
      lost: row && { event: 'conversation', data: { ...row, lastMessage: undefined } },
      pasts: since === undefined ? [] : now.pasts.filter(({ until }) => until >= since),
      messages,
    }
  }

  /**
   * A document read from the store may be ahead of the log here: it is told once, where the log comes to its last change.
   * @returns undefined where there is nothing to tell; otherwise the first version that is told with it
   */
  #evolveRow(id: string, event: DeskEvent & ConversationFact): number | undefined {
    const { streamId, streamVersion: version } = event.envelope
    const known = this.#rows.get(id)
    if (known !== undefined && known.seenVersion > version) {
      if (!this.#ahead.has(id)) this.#ahead.set(id, version)
      return undefined
    }
    if (known?.seenVersion !== version) {
      const next = evolve(known, event)
      if (next === undefined) return undefined
      this.#rows.set(id, { ...next, _id: id, streamId, seenVersion: version, leavesAt: null })
    }
    const since = this.#ahead.get(id) ?? version
    this.#ahead.delete(id)
    return since
  }

  /** As above. */
  #evolveMessage(
    id: string,
    event: DeskEvent & MessageFact,
  ): { readonly before: MessageDocument | undefined; readonly message: MessageDocument } | undefined {
    const { streamId, streamVersion: version } = event.envelope
    const known = this.#messages.get(id)
    if (known !== undefined && known.seenVersion > version) return undefined
    if (known?.seenVersion === version) return { before: undefined, message: known }
    const next = evolveMessage(known, event)
    if (next === undefined) return undefined
    const message = { ...next, _id: id, streamId, seenVersion: version, leavesAt: new Date(0) }
    this.#messages.set(id, message)
    if (message.isSensitive) this.#hide(message)
    return { before: known, message }
  }

  #poolItem(event: PoolEvent, recorded: Recorded): Item | undefined {
    if (event.type === 'PresenceChanged') {
      const { agentId, status } = event.data
      return this.#pool.isAgent(agentId)
        ? { kind: 'presence', agentId, told: { event: 'presence', data: { agentId, status } } }
        : undefined
    }
    if (event.type === 'PoolConfigured')
      return { kind: 'configuration', told: { event: 'configuration', data: {} } }
    if (event.type === 'ConversationOffered') {
      const offer = offerOf(event.data, recorded)
      const { agentId } = offer
      return { kind: 'own', agentIds: [agentId], told: { event: 'offer', data: this.#offerShown(offer) } }
    }
    if (event.type !== 'OfferEnded' && event.type !== 'ConversationAssigned') return undefined
    const { offerId, agentId, fromAgentId, conversationId } = event.data
    // Taken without an offer.
    if (offerId === '') return undefined
    const outcome = event.type === 'OfferEnded' ? event.data.outcome : 'accepted'
    if (fromAgentId === '')
      return { kind: 'own', agentIds: [agentId], told: { event: 'offer_ended', data: { offerId, outcome } } }
    // Who handed it on was told of no offer: they learn of which conversation it was, and who did not take it.
    const data = { offerId, outcome, conversationId, agentId }
    return { kind: 'own', agentIds: [agentId, fromAgentId], told: { event: 'offer_ended', data } }
  }

  #offerShown({ id: offerId, conversationId, contactId, language, ...offer }: Offer) {
    const { queue, expiresAt, waitingSince, fromAgentId } = offer
    const row = this.#rows.get(conversationId)
    const contact = row?.contact ?? { id: contactId, name: '', language: language || null }
    const why = row?.why ?? null
    return { offerId, conversationId, queue, expiresAt, waitingSince, contact, fromAgentId, why }
  }
}

/** The version alone makes no difference to whoever reads it. */
function isShownAlike(one: ShownMessage, other: ShownMessage): boolean {
  return JSON.stringify({ ...one, version: 0 }) === JSON.stringify({ ...other, version: 0 })
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

const isPoolFact = (event: PoolEvent): event is PoolEvent & WorkforceEvent => event.type !== 'CommandRefused'

function conversationIdOf({ envelope }: DeskEvent): string {
  return envelope.correlationId
}

function whisperOf(
  conversationId: string,
  { isWhisper, author, text, recordedAt: at }: ShownMessage,
): Told | null {
  return isWhisper ? { event: 'whisper', data: { conversationId, from: author.id, text, at } } : null
}

function told(item: Item, sight: Sight, watched: ReadonlySet<string>): readonly Told[] {
  switch (item.kind) {
    case 'conversation': {
      const { now, pasts, row, lost, messages } = item
      if (!sight.sees(now)) return lost !== null && pasts.some((past) => sight.sees(past)) ? [lost] : []
      const isOpenHere = now.agentId === sight.personId || watched.has(now._id)
      const heard = messages.filter(({ mentions }) => isOpenHere || mentions.includes(sight.personId))
      return [
        ...(row === null ? [] : [row]),
        ...heard.flatMap(({ told, whisper, mentions }) =>
          whisper !== null && mentions.includes(sight.personId) ? [told, whisper] : [told],
        ),
      ]
    }
    case 'own':
      return item.agentIds.includes(sight.personId) ? [item.told] : []
    case 'presence':
      return sight.seesAgent(item.agentId) ? [item.told] : []
    case 'configuration':
      return [item.told]
    default:
      return item satisfies never
  }
}
