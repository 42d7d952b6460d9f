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
  runFollower,
} from '@parley/eventlog'
import type { Roster } from '@parley/people'
import { Feed, type Happened, type Resource, type Watcher, beginningAt } from '@parley/service'
import type { WorkforceEvent } from '@parley/workforce'
import { contactOf, unreadCountOf } from '../../conversation/shown.ts'
import type { Sight } from '../../conversation/viewing.ts'
import { PoolView } from '../../workforce/pool-view.ts'
import { type Offer, type Recorded, offerOf, recordedOf } from '../../workforce/pool.ts'
import { type MessageDocument, consoleConversations } from '../read-models/conversation-documents.ts'
import { type DeskItem, type Watched, audienceOfItem, toldOf } from './item.ts'
import { type DeskEvent, KnownConversations, type KnownConversationsOptions } from './known-conversations.ts'
import { type PoolFact, type PoolStore, deskPool } from '../read-models/pool-store.ts'

type PoolEvent = ReadEvent<PoolFact | Extract<WorkforceEvent, { type: 'ReplicaLost' }>>

export interface DeskFeedOptions extends Omit<KnownConversationsOptions, 'ends'> {
  readonly log: EventLog
  readonly topics: { readonly conversations: FamilyTopics; readonly pool: FamilyTopics }
  readonly readers: {
    readonly conversations: Pick<ProjectionReader, 'whenProcessed'>
    readonly pool: Pick<ProjectionReader, 'whenProcessed'>
  }
  readonly pool: Pick<PoolStore, 'parts'>
  readonly roster: Roster
  /** Each event, once desks are told of it. */
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
/** What it follows, by the names that operators are shown. */
const FOLLOWED = { conversations: 'desk-feed', pool: 'desk-feed-pool' } as const
const AGAIN_AFTER_MS = 500
/** A read model that is this far behind the feed answers with an older position instead. */
const READ_WITHIN_MS = 4_000

/**
 * Follows conversations and pool once for all desks of this replica. The partitions of the pool stand behind those of conversations, so
 * that one position tells how far a desk is in both.
 */
export class DeskFeed {
  readonly #options: DeskFeedOptions
  readonly #feed: Feed<DeskItem>
  /** Of conversations; the pool's partitions are counted from here on. */
  readonly #partitionCount: number
  readonly #begins: Begins
  readonly #conversations: KnownConversations
  readonly #pool = new PoolView()
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #followers: readonly Follower[] = []
  #isBegun = false

  static async start(options: DeskFeedOptions): Promise<DeskFeed> {
    const { log, topics } = options
    const [conversations, pool] = await Promise.all([
      beginIn(log, topics.conversations.events),
      beginIn(log, topics.pool.events),
    ])
    return new DeskFeed(options, { conversations, pool })
  }

  private constructor(options: DeskFeedOptions, begins: Begins) {
    this.#options = options
    this.#begins = begins
    this.#partitionCount = begins.conversations.ends.size
    this.#conversations = new KnownConversations({ ...options, ends: begins.conversations.ends })
    const from = new Map(begins.conversations.from)
    for (const [partition, offset] of begins.pool.from) from.set(this.#partitionCount + partition, offset)
    this.#feed = new Feed<DeskItem>({ from, keptMax: KEPT_MAX, onError: (error) => options.onError(error) })
    this.#running = this.#begin()
    this.#running.catch((error: Error) => {
      if (!this.#stopping.signal.aborted) options.onFault(error)
    })
  }

  get resource(): Resource {
    return {
      name: 'desk feed',
      isReady: () => this.#isBegun && this.#followers.every((follower) => follower.isReady()),
      isStuck: () => this.#followers.some((follower) => follower.stuck().length > 0),
      close: async () => {
        this.#stopping.abort()
        await this.#running.catch(() => {})
        await Promise.all(this.#followers.map((follower) => follower.stop()))
      },
    }
  }

  get pool(): Pick<
    PoolView,
    'has' | 'statusOf' | 'now' | 'targets' | 'alerts' | 'offersTo' | 'hasQueue' | 'closeReasonsOf'
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
    if (this.#reading?.position === position) return this.#reading.read
    const read = this.#read(position)
    this.#reading = { position, read }
    // Where nothing happens the position stays: who asks next would have the same fault, though the store is back.
    read.catch(() => {
      if (this.#reading?.read === read) this.#reading = undefined
    })
    return read
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

  /** Where the stream of a desk begins that misses nothing of what comes after what it reads now: told first are the offers that are open. */
  async beginning(): Promise<string> {
    return beginningAt(await this.readPosition())
  }

  get #beginning(): string {
    const { conversations, pool } = this.#begins
    return [...conversations.from.values(), ...pool.from.values()].join('.')
  }

  watcher(sight: Sight, watched: Watched): Watcher<DeskItem> {
    return {
      told: (item) => toldOf(item, sight, watched),
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

  /** As desks were told of them last. @param read as the store has them */
  newest(read: readonly MessageDocument[]): readonly MessageDocument[] {
    return this.#conversations.newest(read)
  }

  /** What their owners have not read, as of the row that desks were told of last. */
  async unread(ids: readonly string[]): Promise<readonly Unread[]> {
    await this.#conversations.read(ids)
    const readUpTo = await this.#options.desks.readUpTo(ids)
    return ids.flatMap((id) => {
      const row = this.#conversations.row(id)
      if (row === undefined || row.agentId === null) return []
      const unreadCount = unreadCountOf(row, readUpTo.get(id))
      return [{ conversationId: id, agentId: row.agentId, unreadCount, version: row.seenVersion }]
    })
  }

  /** What a stream is to be opened with: not a position that no log of ours gave (`Feed.given`). */
  given(lastEventId: string | undefined): Promise<string | undefined> {
    return this.#feed.given(lastEventId, () => this.#ends())
  }

  /** All that ask while the log is being asked are answered together by the next answer: theirs may be there since it was asked. */
  #ends(): Promise<ReadonlyMap<number, bigint>> {
    return (this.#endsAskedNext ??= this.#endsAsked.then(() => {
      const { log, topics } = this.#options
      const asked = Promise.all([log.offsets(topics.conversations.events), log.offsets(topics.pool.events)])
      this.#endsAskedNext = undefined
      this.#endsAsked = asked.catch(() => {})
      return asked.then((each) => new Map(each.flat().map(({ end }, partition) => [partition, end] as const)))
    }))
  }
  #endsAsked: Promise<unknown> = Promise.resolve()
  #endsAskedNext: Promise<ReadonlyMap<number, bigint>> | undefined

  goesOnFrom(lastEventId: string | undefined): boolean {
    return this.#feed.goesOnFrom(lastEventId)
  }

  open(...[stream, lastEventId, watcher]: Parameters<Feed<DeskItem>['open']>): () => void {
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

  async #begin(): Promise<void> {
    const { log, topics, onUnreadable, troubleOf } = this.#options
    const known = this.#known()
    known.catch(() => {})
    const { from } = this.#begins.conversations
    // What is fetched meanwhile waits.
    this.#followers = await Promise.all([
      runFollower({
        name: FOLLOWED.conversations,
        log,
        topics: topics.conversations,
        types: consoleConversations.types,
        from,
        onUnreadable,
        ...troubleOf(FOLLOWED.conversations),
        onEvents: (batch) => known.then(() => this.#takeConversations(batch)),
      }),
      runFollower({
        name: FOLLOWED.pool,
        log,
        topics: topics.pool,
        types: [...deskPool.types, 'ReplicaLost'],
        from: this.#begins.pool.from,
        onUnreadable,
        ...troubleOf(FOLLOWED.pool),
        onEvents: (batch) => known.then(() => this.#takePool(batch)),
      }),
    ])
    await known
    this.#isBegun = true
  }

  /**
   * Not before the read models hold what came before the place where this begins to follow: what is not known here is read from them, and
   * what comes behind it is taken here. What they have not read by then of what this follows nobody waits for: after a kill under load
   * that is the work of many seconds, in which desks would be told nothing.
   */
  async #known(): Promise<void> {
    const { readers, pool } = this.#options
    await Promise.all([
      this.#whenRead(readers.conversations, this.#begins.conversations.from),
      this.#whenRead(readers.pool, this.#begins.pool.from),
    ])
    this.#stopping.signal.throwIfAborted()
    this.#pool.restore(await this.#untilRead(() => pool.parts()))
    const offered = this.#pool.offers.map((offer) => offer.conversationId)
    await this.#untilRead(() => this.#conversations.read(offered))
  }

  async #whenRead(
    reader: Pick<ProjectionReader, 'whenProcessed'>,
    upTo: ReadonlyMap<number, bigint>,
  ): Promise<void> {
    const { signal } = this.#stopping
    for (const [partition, next] of upTo) {
      if (next === 0n) continue
      while (!signal.aborted)
        if (await reader.whenProcessed({ partition, offset: next - 1n }, 5_000, signal)) break
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
    const around = await this.#untilRead(() => this.#conversations.around(batch))
    this.#feed.take(
      batch.flatMap((event) => {
        const item = this.#conversations.take(event, around)
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
    await this.#untilRead(() => this.#conversations.read(offered))
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

  #happened(
    place: { readonly partition: number; readonly offset: bigint },
    item: DeskItem,
  ): Happened<DeskItem> {
    const audience = audienceOfItem(item, this.#options.roster)
    return { ...place, item, ...(audience && { audience }) }
  }

  /** Behind what desks are told: whoever is answered because of it reads it, too. */
  #hear(batch: readonly ReadEvent[]): void {
    for (const event of batch) this.#options.heard(event)
  }

  #poolItem(event: PoolEvent, recorded: Recorded): DeskItem | undefined {
    if (event.type === 'PresenceChanged') {
      const { agentId, status, reasonCode } = event.data
      if (!this.#pool.isAgent(agentId)) return undefined
      const data = { agentId, status, ...(reasonCode !== '' && { reasonCode }) }
      return { kind: 'presence', agentId, told: { event: 'presence', data } }
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
    const row = this.#conversations.row(conversationId)
    const contact = contactOf(row?.contact ?? { id: contactId, name: '', language })
    const why = row?.why ?? null
    return { offerId, conversationId, queue, expiresAt, waitingSince, contact, fromAgentId, why }
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

/** Desks come back to a replica that was killed within seconds. Whoever was away for longer fetches anew. */
const RESUMED_MS = 30_000
/** Of a partition at least, however old they are: most events tell desks nothing, and a desk stands where the last one did that told it something. */
const RESUMED_RECORDS = 100n

/** A little before the end, so that after a restart desks go on where they were. */
async function beginIn(log: EventLog, topic: string): Promise<Begin> {
  const [offsets, recent] = await Promise.all([
    log.offsets(topic),
    log.offsetsAt(topic, new Date(Date.now() - RESUMED_MS)),
  ])
  const each = BigInt(Math.ceil(KEPT_MAX / 2 / offsets.length))
  const earlier = (one: bigint, other: bigint) => (one < other ? one : other)
  // What the log holds no more no desk is told again.
  const begin = ({ start, end }: (typeof offsets)[number], partition: number) =>
    [start, end - each, earlier(recent[partition]!, end - RESUMED_RECORDS)].reduce((latest, one) =>
      one > latest ? one : latest,
    )
  return {
    ends: new Map(offsets.map(({ end }, partition) => [partition, end])),
    from: new Map(offsets.map((one, partition) => [partition, begin(one, partition)])),
  }
}

const isPoolFact = (event: PoolEvent): event is PoolEvent & WorkforceEvent => event.type !== 'CommandRefused'
