import { setTimeout as pause } from 'node:timers/promises'
import { type Span, SpanKind, trace } from '@opentelemetry/api'
import { type CommonEvent, type Family, type Message, StreamGap, type TypeOf } from '@parley/kernel'
import type { Db } from 'mongodb'
import { MembershipLost } from '../errors.ts'
import type { EventLog, StoredRecord, StuckBatch, Subscription } from '../log.ts'
import { isTraced, spanParent, traceparentOf } from '../spans.ts'
import { type Handler, Poisoned, type ReadEvent } from './batch.ts'
import { type Classified, type ReaderRecord, type Taken, classify } from './classify.ts'
import { FaultSearch } from './fault-search.ts'
import { StoredHeads, StreamHeads } from './heads.ts'
import { Lane, type Round } from './lane.ts'
import { ReaderMetrics, countingGaps } from './metrics.ts'
import { Parking, type ParkedStream, type RetryWish } from './parking.ts'
import type { Progress } from './progress.ts'

/** The events that a reader asked for. */
export type Wanted<Event extends Message, Type extends TypeOf<Event>> = Extract<
  Event | CommonEvent,
  { type: Type }
>

/** Where a reader tells what is wrong with it. None may be left out: what nobody is told of stands still in silence. */
export interface ReaderTrouble {
  /** Told of each stream that is parked, once: the read model is stale from here on. Log it loudly. */
  onParked(parked: ParkedStream): void
  /** Nothing of the partition goes on: its batch was rejected five times in a row, and again whenever that number doubled. */
  onStuck(stuck: StuckReader): void
  onFault(error: Error): void
}

export interface ReaderOptions<Event extends Message, Type extends TypeOf<Event>> extends ReaderTrouble {
  readonly log: EventLog
  readonly topics: { readonly family: Family<any, Event>; readonly events: string }
  /** Only these are decoded and handed over. */
  readonly types: readonly Type[]
  /** In metrics, logs and the operators' commands. */
  readonly name: string
  readonly namespace: string
  /** Heads of streams and parked streams are kept here, in the service's own database. */
  readonly db: Db
  /**
   * `true` (default): what arrives from any partition while a batch is handled makes the next batch, so the round trips of a batch
   * are shared by all partitions. `false`: each partition is handled by itself, for handlers that wait for others than the database.
   */
  readonly sharesBatches?: boolean
  /** So long the first record of a batch waits for others: what is folded together is written once. Default 0. */
  readonly gatherMs?: number
  /** So much longer, while nobody waits for what this reader has not read (`whenProcessed`). Default 0. */
  readonly leisureMs?: number
  /**
   * Heads and offsets of so many milliseconds are written together: a stream that moves ten times is written once. After a crash as
   * much is handled again. Default 10,000; 0: after each batch, for those who judge by a head what is there.
   */
  readonly commitEveryMs?: number
  readonly handle: Handler<Wanted<Event, Type>>
  onAssigned?(partitions: readonly number[], generation: number): Promise<void>
}

export interface StuckReader extends StuckBatch {
  /** Of the record at fault. Absent where there is none: the store is away, or the partition cannot be taken over. */
  readonly streamId?: string | undefined
}

/** A running reader. */
export interface Reader extends Subscription {
  readonly name: string
  /** Streams that are parked, with the reason. */
  parked(): Promise<readonly ParkedStream[]>
  /**
   * Hands the parked events of the stream to the handler again, in order. The owner of its partition does it, whichever replica is
   * asked. True when the stream is free.
   * @throws {RetryNotAnswered}
   */
  retry(streamId: string): Promise<boolean>
  /**
   * Leaves the poison event out (it stays in the log), keeps the reason on record, and retries what queued behind it.
   * @param poison as `parked` names it
   * @throws {PoisonUnseen} the stream is not parked by that event
   */
  discard(streamId: string, poison: string, reason: string): Promise<boolean>
}

/** No member owned the partition for so long: the wish stays, and is carried out when one does. */
export class RetryNotAnswered extends Error {
  readonly code = 'RETRY_NOT_ANSWERED'
  constructor(streamId: string) {
    super(
      `The retry of ${streamId} was not carried out yet. Is its reader running? It is done as soon as it is.`,
    )
  }
}

const COMMIT_EVERY_MS = 10_000
const LOOK_FOR_WISHES_MS = 500
/** With no stream parked as far as is known. */
const LOOK_FOR_PARKED_MS = 10_000
const RETRY_ANSWERED_WITHIN_MS = 30_000
const TRACER = '@parley/eventlog'
const tracer = trace.getTracer(TRACER)

export interface ReaderIdentity {
  readonly group: string
  /** Its collections begin with this: the name, with a version for a projection. */
  readonly prefix: string
  readonly progress?: Progress
  /** See StreamHeads. */
  readonly headsRestAfterMs?: number | undefined
  /** Of one partition. Default: what was fetched. */
  readonly batchRecordsMax?: number | undefined
  /** So many calls of the handler may be under way for each lane, of different partitions, where much waits. Default 1. */
  readonly roundsAtOnce?: number
}

export function startReader<Event extends Message, Type extends TypeOf<Event>>(
  options: ReaderOptions<Event, Type>,
  identity: ReaderIdentity,
): Promise<Reader> {
  return ReaderEngine.start(options, identity)
}

class ReaderEngine<Event extends Message, Type extends TypeOf<Event>> {
  readonly #options: ReaderOptions<Event, Type>
  readonly #identity: ReaderIdentity
  readonly #types: ReadonlySet<string>
  readonly #parking: Parking
  readonly #lanes = new Map<number, Lane>()
  readonly #faults = new FaultSearch()
  readonly #metrics: ReaderMetrics
  #heads: StreamHeads
  /** By partition: everything before it is in these heads. What was done in the generation before may be in none. */
  readonly #done = new Map<number, bigint>()
  #subscription: Subscription | undefined
  #wishTimer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #lookedAtMs = 0
  #isStopped = false

  private constructor(options: ReaderOptions<Event, Type>, identity: ReaderIdentity) {
    this.#options = { ...options, onFault: countingGaps(options.name, options.onFault) }
    this.#identity = identity
    this.#types = new Set<string>(options.types)
    this.#heads = this.#headsOf(-1)
    this.#parking = new Parking(options.db, identity.prefix)
    this.#metrics = new ReaderMetrics(options.name, this)
  }

  static async start<Event extends Message, Type extends TypeOf<Event>>(
    options: ReaderOptions<Event, Type>,
    identity: ReaderIdentity,
  ): Promise<Reader> {
    const engine = new ReaderEngine<Event, Type>(options, identity)
    await engine.#parking.prepare()
    await engine.#subscribe()
    return {
      name: options.name,
      assigned: () => engine.assigned(),
      isReady: () => engine.#subscription?.isReady() ?? false,
      stuck: () => engine.stuck(),
      lag: () => engine.lag(),
      stop: () => engine.#stop(),
      parked: () => engine.#parking.list(),
      retry: (streamId) => engine.#askForRetry(streamId),
      async discard(streamId, poison, reason) {
        await engine.#parking.discardPoison(streamId, poison, reason)
        return engine.#askForRetry(streamId)
      },
    }
  }

  async #subscribe(): Promise<void> {
    const { log, topics, gatherMs = 0, leisureMs = 0, commitEveryMs = COMMIT_EVERY_MS } = this.#options
    const { group, progress, batchRecordsMax } = this.#identity
    this.#subscription = await log.subscribe({
      group,
      topic: topics.events,
      gatherMs,
      leisureMs,
      isAwaited: () => progress?.isAwaited ?? false,
      batchRecordsMax,
      commitEveryMs,
      onBatch: (batch) => this.#laneOf(batch.partition).handle(batch),
      ...(progress === undefined
        ? {}
        : { resumeAt: (partitions: readonly number[]) => progress.keptOf(partitions) }),
      // Its own store knows how far it is. What acts must not read again for hours what it has done, before it does what is asked of it now.
      beginAt: (partitions) => progress?.keptOf(partitions) ?? this.#heads.reached(partitions),
      onDone: (partition, next) => {
        this.#done.set(partition, next)
        progress?.handled(partition, next)
      },
      beforeCommit: () => this.#keep(),
      onAssigned: async (partitions, generation) => {
        this.#faults.clear()
        await this.#parking.lookAnew([...partitions])
        this.#lookLater()
        await this.#options.onAssigned?.(partitions, generation)
        const heads = this.#headsOf(generation)
        await heads.takeOver(partitions)
        this.#heads = heads
        this.#done.clear()
      },
      onStuck: (stuck) => this.#options.onStuck(this.#faults.named(stuck)),
      onFault: this.#options.onFault,
    })
    this.#lookLater()
  }

  /** Before the offsets, never after: an offset that is committed for a head that is not written loses what lies between. */
  async #keep(): Promise<void> {
    const { progress } = this.#identity
    // As they are now: the heads of what is done meanwhile may be in no document yet, and those of a generation that begins meanwhile know
    // nothing of what was done in this one.
    const heads = this.#heads
    const done = new Map(this.#done)
    // First: by the heads of now, what a store lacks that was set back would pass for read.
    if ((await progress?.flush()) === false) return
    await heads.flush()
    await progress?.keep(done)
  }

  #headsOf(generation: number): StreamHeads {
    const { prefix, headsRestAfterMs } = this.#identity
    const restAfterMs = this.#options.commitEveryMs === 0 ? 0 : headsRestAfterMs
    return new StreamHeads(new StoredHeads(this.#options.db, prefix), generation, restAfterMs)
  }

  /** Soon while a stream is parked: else nobody can wish anything, and an idle process is not woken for it. */
  #lookLater(): void {
    clearTimeout(this.#wishTimer)
    if (this.#isStopped) return
    const ms = this.#parking.count > 0 ? LOOK_FOR_WISHES_MS : LOOK_FOR_PARKED_MS
    this.#wishTimer = setTimeout(() => {
      void this.#lookForWishes().finally(() => {
        this.#lookLater()
      })
    }, ms).unref()
  }

  assigned(): readonly number[] {
    return this.#subscription?.assigned() ?? []
  }

  stuck(): ReturnType<Subscription['stuck']> {
    return (this.#subscription?.stuck() ?? []).map((stuck) => this.#faults.named(stuck))
  }

  lag(): ReturnType<Subscription['lag']> {
    return this.#subscription?.lag() ?? []
  }

  /** Parked streams of its partitions, as of its last look. */
  get parkedCount(): number {
    return this.#parking.count
  }

  async #stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#wishTimer)
    await this.#subscription?.stop()
    await this.#looking
    this.#metrics.end()
  }

  async #askForRetry(streamId: string): Promise<boolean> {
    const wish = await this.#parking.wish(streamId)
    if (wish === undefined) return true
    // Not waited for: a batch of its lane that hangs holds up the retry, and whoever asked is told so in time.
    void this.#lookForWishes(true)
    for (const until = performance.now() + RETRY_ANSWERED_WITHIN_MS; performance.now() < until;) {
      const isFree = await this.#parking.outcomeOf(wish)
      if (isFree !== undefined) return isFree
      await pause(50)
    }
    throw new RetryNotAnswered(streamId)
  }

  #laneOf(partition: number): Lane {
    const key = this.#options.sharesBatches === false ? partition : -1
    let lane = this.#lanes.get(key)
    if (lane === undefined)
      this.#lanes.set(
        key,
        (lane = new Lane(
          this.#identity.group,
          (round) => this.#handleRound(round),
          this.#identity.roundsAtOnce,
        )),
      )
    return lane
  }

  async #handleRound(round: Round): Promise<void> {
    const heads = this.#heads
    // What a rebalance overtook while it waited is handled by the owner of now.
    if (!round.isOwned()) throw new MembershipLost(this.#identity.group)
    await this.#faults.handle(round.records, (records) => this.#handleLive(round, heads, records))
  }

  async #handleLive(round: Round, heads: StreamHeads, records: readonly StoredRecord[]): Promise<void> {
    const streamIds = new Set(records.map(({ key }) => key))
    let free: readonly StoredRecord[] | undefined
    while (free === undefined) {
      const parked = await this.#parking.among(streamIds)
      const isQueued = await this.#parking.queue(records.filter(({ key }) => parked.has(key)))
      // Else one of the streams was freed meanwhile: then its records are handled, and in the order of the log with the others.
      if (isQueued) free = parked.size === 0 ? records : records.filter(({ key }) => !parked.has(key))
    }
    // Their heads after that: of a stream that was freed, the head was written first.
    await this.#hand(round, heads, free, false)
  }

  /**
   * Hands over records of streams that are not parked; those that turn out to be poisoned are parked.
   * @returns whether one was
   */
  async #hand(
    round: Omit<Round, 'records'>,
    heads: StreamHeads,
    records: readonly ReaderRecord[],
    isLate: boolean,
  ): Promise<boolean> {
    if (records.length === 0) return false
    const known = await heads.of(new Set(records.map(({ key }) => key)))
    const classified = this.#classified(records, known)
    const poisons = await this.#poisonsOf(round, classified, isLate)
    if (poisons.size === 0) {
      this.#metrics.superseded(classified.supersededCount)
      heads.advance(classified.heads, records)
      return false
    }
    const before = ({ key, offset }: ReaderRecord) => offset < poisons.get(key)!.record.offset
    if (isLate) {
      const sick = records.filter(({ key }) => poisons.has(key))
      await this.#handLate(round, heads, sick.filter(before))
      await this.#park(heads, sick, poisons)
    } else {
      const { well, rest } = atFirstPoison(records, poisons)
      // Where they stand, and not as late: whoever had them before, in a batch that ended here, may have counted them so.
      await this.#hand(round, heads, well, false)
      const sick = rest.filter(({ key }) => poisons.has(key))
      // With what stands before a poison, which is handled as late: the others may come before it once they are handled.
      await this.#park(heads, sick, poisons)
      const others = rest.filter(({ key }) => !poisons.has(key))
      await this.#hand(round, heads, others, false)
      await this.#handLate(round, heads, sick.filter(before))
    }
    return true
  }

  /**
   * Hands over records that queue, and lets them go when all were handled.
   * @returns whether a stream is poisoned
   */
  async #handLate(
    round: Omit<Round, 'records'>,
    heads: StreamHeads,
    records: readonly ReaderRecord[],
  ): Promise<boolean> {
    if (await this.#hand(round, heads, records, true)) return true
    // First that they were handled, then that they need not wait.
    await heads.restNow(records.map(({ key }) => key))
    await this.#parking.handedOver(records)
    for (const { key } of records) heads.forget(key)
    return false
  }

  /** Handles all of them, or none and says which streams are poisoned, and by what. */
  async #poisonsOf(
    round: Omit<Round, 'records'>,
    { events, unreadable }: Classified,
    isLate: boolean,
  ): Promise<ReadonlyMap<string, PoisonRecord>> {
    const poisons = [...unreadable]
    if (poisons.length === 0 && events.length > 0)
      try {
        await this.#handle(round, events, isLate)
      } catch (error) {
        if (!(error instanceof Poisoned)) throw error
        poisons.push(
          ...error.poisons.map(({ event, error: reason }) => ({ record: event.record, error: reason })),
        )
      }
    return new Map(poisons.map((poison) => [poison.record.key, poison]))
  }

  /** The streams of these records, from the first of them on. */
  async #park(
    heads: StreamHeads,
    records: readonly ReaderRecord[],
    poisons: ReadonlyMap<string, PoisonRecord>,
  ): Promise<void> {
    // What stands before them is handled: that must be on record first, or it would queue with the rest after a crash.
    await heads.restNow([...poisons.keys()])
    for (const [streamId, { record, error }] of poisons) {
      const queued = records.filter(({ key }) => key === streamId)
      const parked = await this.#parking.park(record, queued, messageOf(error))
      // Whoever retries it is further then.
      heads.forget(streamId)
      if (parked !== undefined) this.#options.onParked(parked)
    }
    this.#lookLater()
  }

  #classified(records: readonly ReaderRecord[], heads: Awaited<ReturnType<StreamHeads['of']>>) {
    const { family } = this.#options.topics
    try {
      return classify(records, heads, ({ envelope }) =>
        this.#types.has(envelope.type) ? family.readEvent(envelope) : undefined,
      )
    } catch (error) {
      if (error instanceof StreamGap) this.#options.onFault(error)
      throw error
    }
  }

  async #handle(round: Omit<Round, 'records'>, events: readonly Taken[], isLate: boolean): Promise<void> {
    const spans = isTraced(TRACER) ? events.map((event) => startSpan(this.#options.name, event)) : []
    try {
      await this.#options.handle({
        generation: round.generation,
        events: events.map((event, index) => withSpan(event, spans[index])) as never,
        isLate,
        isOwned: round.isOwned,
        heartbeat: round.heartbeat,
      })
    } finally {
      for (const span of spans) span.end()
    }
  }

  /** What operators asked for of any replica, for the partitions that are this member's. One look at a time. */
  async #lookForWishes(isAsked = false): Promise<void> {
    if (this.#looking !== undefined) {
      await this.#looking
      if (!isAsked) return
    }
    this.#looking ??= this.#look(isAsked).finally(() => (this.#looking = undefined))
    await this.#looking
  }

  async #look(isAsked: boolean): Promise<void> {
    if (this.assigned().length === 0) return
    try {
      if (isAsked || performance.now() - this.#lookedAtMs > LOOK_FOR_PARKED_MS - LOOK_FOR_WISHES_MS) {
        await this.#parking.lookAnew()
        this.#lookedAtMs = performance.now()
      }
      if (this.#parking.count === 0) return
      const wishes = await this.#parking.wishes()
      if (wishes.length === 0) return
      await Promise.all(wishes.map((wish) => this.#laneOf(wish.partition).between(() => this.#retry(wish))))
      await this.#parking.lookAnew()
    } catch {
      // The store is away, or the handler fails: the wishes stay, and the next look finds them.
    }
  }

  /** In the lane of the partition's batches: none of them queues records meanwhile, or looks at the heads of this stream. */
  async #retry(wish: RetryWish): Promise<void> {
    const { streamId, partition } = wish
    const heads = this.#heads
    // The owner finds the wish; after a rebalance the next one, which may be this member, with what it knows anew.
    const isOwned = () => heads === this.#heads && this.assigned().includes(partition)
    const round = { generation: heads.generation, isOwned, heartbeat: async () => {} }
    while (isOwned()) {
      const queue = await this.#parking.queueOf(streamId)
      if (queue === undefined) return
      const { records } = queue
      if (records.length === 0) {
        if (await this.#parking.free(streamId, queue)) return
        continue
      }
      heads.forget(streamId)
      if (await this.#handLate(round, heads, records)) return this.#parking.answer(wish)
    }
  }
}

/** What stands before the first poison of its partition, and the rest. */
function atFirstPoison(
  records: readonly ReaderRecord[],
  poisons: ReadonlyMap<string, PoisonRecord>,
): { readonly well: readonly ReaderRecord[]; readonly rest: readonly ReaderRecord[] } {
  const first = new Map<number, bigint>()
  for (const { record } of poisons.values()) {
    const known = first.get(record.partition)
    if (known === undefined || record.offset < known) first.set(record.partition, record.offset)
  }
  const isWell = ({ partition, offset }: ReaderRecord) => offset < (first.get(partition) ?? Infinity)
  return { well: records.filter(isWell), rest: records.filter((record) => !isWell(record)) }
}

interface PoisonRecord {
  readonly record: StoredRecord
  readonly error: unknown
}

function startSpan(reader: string, event: Taken): Span {
  const { type, eventId, correlationId, traceparent } = event.envelope
  return tracer.startSpan(
    `${reader} ${type}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: { 'parley.event_id': eventId, 'parley.conversation_id': correlationId },
    },
    spanParent(traceparent),
  )
}

function withSpan(event: Taken, span: Span | undefined): ReadEvent {
  return { ...event, traceparent: traceparentOf(span, event.envelope.traceparent) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
