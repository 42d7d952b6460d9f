import { setTimeout as pause } from 'node:timers/promises'
import { type Span, SpanKind, metrics, trace } from '@opentelemetry/api'
import { type CommonEvent, type Family, type Message, StreamGap, type TypeOf } from '@parley/kernel'
import type { Db } from 'mongodb'
import { MembershipLost } from '../errors.ts'
import type { EventLog, Subscription } from '../log.ts'
import { isTraced, spanParent, traceparentOf } from '../spans.ts'
import type { Handler, Poison, ReadEvent } from './batch.ts'
import { type ReaderRecord, type Taken, classify, headsAfter } from './classify.ts'
import { StreamHeads, headsOf } from './heads.ts'
import { Lane, type Round } from './lane.ts'
import { Parking, type ParkedStream, type RetryWish } from './parking.ts'

/** The events that a reader asked for. */
export type Wanted<Event extends Message, Type extends TypeOf<Event>> = Extract<
  Event | CommonEvent,
  { type: Type }
>

export interface ReaderOptions<Event extends Message, Type extends TypeOf<Event>> {
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
  /** So long the first record waits for others: what is folded together is written once. Default 0. */
  readonly gatherMs?: number
  /**
   * Heads and offsets of so many milliseconds are written together: a stream that moves ten times is written once. After a crash as
   * much is handled again. Default 10,000; 0: after each batch.
   */
  readonly commitEveryMs?: number
  readonly handle: Handler<Wanted<Event, Type>>
  onAssigned?(partitions: readonly number[], generation: number): Promise<void>
  /** Told of each stream that is parked, once: the read model is stale from here on. Log it loudly. */
  onParked?(parked: ParkedStream): void
  onFault(error: Error): void
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
  /** Leaves the poison event out (it stays in the log), keeps the reason on record, and retries what queued behind it. */
  discard(streamId: string, reason: string): Promise<boolean>
  /** Resolves when everything of the partition before the offset was handled; only for partitions that this member owns. */
  whenProcessed(
    position: { readonly partition: number; readonly offset: bigint },
    deadlineMs: number,
  ): Promise<boolean>
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
const RETRY_ANSWERED_WITHIN_MS = 30_000
const TRACER = '@parley/eventlog'
const tracer = trace.getTracer(TRACER)

/** @param identity What the group and the checkpoint collections are called: `name`, with a version for a projection. */
export async function startReader<Event extends Message, Type extends TypeOf<Event>>(
  options: ReaderOptions<Event, Type>,
  identity: { readonly group: string; readonly prefix: string },
): Promise<Reader> {
  const engine = new ReaderEngine<Event, Type>(options, identity)
  return engine.start()
}

class ReaderEngine<Event extends Message, Type extends TypeOf<Event>> {
  readonly #options: ReaderOptions<Event, Type>
  readonly #group: string
  readonly #types: ReadonlySet<string>
  readonly #heads: StreamHeads
  readonly #parking: Parking
  readonly #lanes = new Map<number, Lane>()
  /** Everything before it was handled. */
  readonly #processed = new Map<number, bigint>()
  readonly #waiters = new Set<() => void>()
  readonly #counted = instruments()
  #subscription: Subscription | undefined
  #wishTimer: NodeJS.Timeout | undefined
  #isLooking = false

  constructor(options: ReaderOptions<Event, Type>, { group, prefix }: { group: string; prefix: string }) {
    this.#options = options
    this.#group = group
    this.#types = new Set<string>(options.types)
    this.#heads = new StreamHeads(headsOf(options.db, prefix))
    this.#parking = new Parking(options.db, prefix)
  }

  async start(): Promise<Reader> {
    const { log, topics, commitEveryMs = COMMIT_EVERY_MS, gatherMs = 0, name } = this.#options
    await this.#parking.prepare()
    const subscription = await log.subscribe({
      group: this.#group,
      topic: topics.events,
      commitEveryMs,
      gatherMs,
      onBatch: (batch) => this.#laneOf(batch.partition).take(batch),
      // Before the offsets, never after: an offset that is committed for a head that is not written loses what lies between.
      beforeCommit: () => this.#heads.flush(),
      onAssigned: async (partitions, generation) => {
        await this.#parking.lookAnew(generation)
        for (const partition of this.#processed.keys())
          if (!partitions.includes(partition)) this.#processed.delete(partition)
        await this.#options.onAssigned?.(partitions, generation)
      },
      onFault: this.#options.onFault,
    })
    this.#subscription = subscription
    this.#wishTimer = setInterval(() => void this.#lookForWishes(), LOOK_FOR_WISHES_MS)
    this.#wishTimer.unref()
    return {
      assigned: () => subscription.assigned(),
      isReady: () => subscription.isReady(),
      stuck: () => subscription.stuck(),
      lag: () => subscription.lag(),
      name,
      stop: async () => {
        clearInterval(this.#wishTimer)
        await subscription.stop()
      },
      parked: () => this.#parking.list(),
      retry: (streamId) => this.#askForRetry(streamId),
      discard: async (streamId, reason) => {
        await this.#parking.discardPoison(streamId, reason)
        return this.#askForRetry(streamId)
      },
      whenProcessed: (position, deadlineMs) => this.#whenProcessed(position, deadlineMs),
    }
  }

  #laneOf(partition: number): Lane {
    const key = this.#options.sharesBatches === false ? partition : -1
    let lane = this.#lanes.get(key)
    if (lane === undefined)
      this.#lanes.set(key, (lane = new Lane(this.#group, (round) => this.#handleRound(round))))
    return lane
  }

  async #handleRound(round: Round): Promise<void> {
    if (!round.isOwned()) throw new MembershipLost(this.#group)
    const streamIds = new Set(round.records.map(({ key }) => key))
    await this.#parking.lookAnew(round.generation)
    const [, parked] = await Promise.all([
      this.#heads.load(round.generation, streamIds),
      this.#parking.among(streamIds),
    ])
    await this.#hand(round, round.records, (streamId) => parked.has(streamId), false)
    for (const { partition, offset } of round.records) this.#processed.set(partition, offset + 1n)
    for (const wake of this.#waiters) wake()
  }

  /** @returns the streams that turned out to be poisoned */
  async #hand(
    round: Round,
    records: readonly ReaderRecord[],
    isParked: (streamId: string) => boolean,
    isLate: boolean,
  ): Promise<ReadonlySet<string>> {
    const { events, unreadable, steps, queued, supersededCount } = this.#classified(records, isParked)
    if (supersededCount > 0) this.#counted.superseded.add(supersededCount, { reader: this.#options.name })
    const poisons = [
      ...unreadable,
      ...(events.length === 0 ? [] : await this.#handle(round, events, isLate)).map(({ event, error }) => ({
        record: event.record,
        error,
      })),
    ]
    const poisonedFrom = new Map(poisons.map(({ record }) => [record.key, record.offset]))
    this.#heads.advance(round.generation, headsAfter(steps, poisonedFrom))
    const parkedRecords = new Set(queued)
    const behind = records.filter((record) => parkedRecords.has(record) || isBehind(poisonedFrom, record))
    if (behind.length === 0) return new Set()
    // What stands before the poison is handled: that must be on record first, or it would queue with the rest after a crash.
    await this.#heads.flush()
    await this.#parking.queue(behind)
    for (const { record, error } of poisons) {
      const parked = await this.#parking.park(record, messageOf(error))
      if (parked === undefined) continue
      this.#counted.parked.add(1, { reader: this.#options.name })
      this.#options.onParked?.(parked)
    }
    for (const { key } of behind) this.#heads.forget(key)
    return new Set(poisonedFrom.keys())
  }

  #classified(records: readonly ReaderRecord[], isParked: (streamId: string) => boolean) {
    const { family } = this.#options.topics
    try {
      return classify(
        records,
        isParked,
        (streamId) => this.#heads.of(streamId),
        ({ envelope }) => (this.#types.has(envelope.type) ? family.readEvent(envelope) : undefined),
      )
    } catch (error) {
      if (error instanceof StreamGap) {
        this.#counted.gaps.add(1, { reader: this.#options.name })
        this.#options.onFault(error)
      }
      throw error
    }
  }

  async #handle(round: Round, events: readonly Taken[], isLate: boolean): Promise<readonly Poison[]> {
    const spans = isTraced(TRACER) ? events.map((event) => startSpan(this.#options.name, event)) : []
    try {
      const poisons = await this.#options.handle({
        generation: round.generation,
        events: events.map((event, index) => withSpan(event, spans[index])) as never,
        isLate,
        isOwned: round.isOwned,
        heartbeat: round.heartbeat,
      })
      return poisons ?? []
    } finally {
      for (const span of spans) span.end()
    }
  }

  async #askForRetry(streamId: string): Promise<boolean> {
    const wishId = await this.#parking.wish(streamId)
    if (wishId === undefined) return true
    await this.#lookForWishes()
    for (const until = Date.now() + RETRY_ANSWERED_WITHIN_MS; Date.now() < until;) {
      const isFree = await this.#parking.outcomeOf(streamId, wishId)
      if (isFree !== undefined) return isFree
      await pause(50)
    }
    throw new RetryNotAnswered(streamId)
  }

  /** What operators asked for of any replica, for the partitions that are this member's. */
  async #lookForWishes(): Promise<void> {
    const partitions = this.#subscription?.assigned() ?? []
    if (this.#parking.isEmpty || this.#isLooking || partitions.length === 0) return
    this.#isLooking = true
    try {
      const wishes = await this.#parking.wishes(partitions)
      await Promise.all(wishes.map((wish) => this.#laneOf(wish.partition).between(() => this.#retry(wish))))
    } catch {
      // The store is away: the wishes stay, and the next look finds them.
    } finally {
      this.#isLooking = false
    }
  }

  /** In the lane of the partition's batches: none of them queues records meanwhile, or looks at the heads of this stream. */
  async #retry(wish: RetryWish): Promise<void> {
    const { streamId, partition } = wish
    const isOwned = () => this.#subscription?.assigned().includes(partition) === true
    for (let isUnparked = false; isOwned();) {
      const { generation } = this.#heads
      const records = await this.#parking.recordsOf(streamId)
      if (records.length === 0) {
        if (isUnparked) return
        await this.#parking.unpark(streamId)
        // Once more: a member that lost the partition may have queued something until now.
        isUnparked = true
        continue
      }
      await this.#heads.flush()
      this.#heads.forget(streamId)
      await this.#heads.load(generation, [streamId])
      const round: Round = { records, generation, isOwned, heartbeat: async () => undefined }
      const poisoned = await this.#hand(round, records, () => false, true)
      if (poisoned.size > 0) return this.#parking.answer(wish)
      await this.#heads.flush()
      await this.#parking.handedOver(records)
    }
  }

  async #whenProcessed(
    { partition, offset }: { readonly partition: number; readonly offset: bigint },
    deadlineMs: number,
  ): Promise<boolean> {
    const isProcessed = () => (this.#processed.get(partition) ?? 0n) > offset
    if (isProcessed()) return true
    const timer = Promise.withResolvers<boolean>()
    const look = () => {
      if (isProcessed()) timer.resolve(true)
    }
    const timeout = setTimeout(() => timer.resolve(isProcessed()), deadlineMs)
    this.#waiters.add(look)
    try {
      return await timer.promise
    } finally {
      clearTimeout(timeout)
      this.#waiters.delete(look)
    }
  }
}

function isBehind(poisonedFrom: ReadonlyMap<string, bigint>, { key, offset }: ReaderRecord): boolean {
  const from = poisonedFrom.get(key)
  return from !== undefined && offset >= from
}

function instruments() {
  const meter = metrics.getMeter('@parley/eventlog')
  return {
    superseded: meter.createCounter('parley.reader.superseded'),
    gaps: meter.createCounter('parley.reader.gaps'),
    parked: meter.createCounter('parley.reader.parked'),
  }
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
