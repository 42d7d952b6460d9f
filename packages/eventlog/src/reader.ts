import { setTimeout as pause } from 'node:timers/promises'
import { type Span, SpanKind, trace } from '@opentelemetry/api'
import { type Head, type RecordedEvent, accept, headOf, readEvent, sha256 } from '@parley/kernel'
import { LRUCache } from 'lru-cache'
import { type AnyBulkWriteOperation, Binary, type Collection, type Db } from 'mongodb'
import type { EventLog, RecordBatch, StoredRecord, Subscription } from './log.ts'
import { repeatsIn } from './repeats.ts'
import { spanParent, traceparentOf } from './spans.ts'

/** One record of an events topic as a reader sees it. */
export interface ReadEvent extends RecordedEvent {
  readonly record: StoredRecord
  /** Of the span that handles this event here: commands and calls that it causes carry it on. */
  readonly traceparent: string
}

/** What fetches brought, after first-in-the-log-wins. */
export interface ReaderBatch {
  readonly generation: number
  /** The accepted events, each partition's in log order. Repeats and superseded ones are not among them. */
  readonly events: readonly ReadEvent[]
  /** Set aside: counted and archived, never folded. */
  readonly superseded: readonly ReadEvent[]
  isOwned(): boolean
  heartbeat(): Promise<void>
}

/**
 * Thrown by a handler for an event that it can never take: its stream is parked (later events of the stream queue behind it),
 * the partition moves on. Any other error is taken for a passing fault: the batch comes again.
 */
export class PoisonEvent extends Error {
  readonly code = 'POISON_EVENT'
  readonly event: ReadEvent
  constructor(event: ReadEvent, cause: unknown) {
    super(`${event.envelope.type} ${event.envelope.eventId} cannot be handled: ${messageOf(cause)}`, {
      cause,
    })
    this.event = event
  }
}

export interface ReaderOptions {
  readonly log: EventLog
  readonly topic: string
  /** Name and version are part of the consumer group and of the checkpoint collections: raise the version to rebuild from offset zero. */
  readonly name: string
  readonly version: number
  readonly namespace: string
  /** Heads of streams and parked streams are kept here, in the service's own database. */
  readonly db: Db
  /**
   * `true` (default): what arrives from any partition while a batch is handled makes the next batch, so the round trips of a batch
   * are shared by all partitions. `false`: each partition is handled by itself, for handlers that wait for others than the database.
   */
  readonly sharesBatches?: boolean
  /** So long the first record of a shared batch waits for others: what is folded together is written once. Default 0. */
  readonly gatherMs?: number
  /**
   * Heads and offsets of so many milliseconds are written together: a stream that moves ten times is written once. After a crash as
   * much is handled again. Default 10,000; 0: after each batch.
   */
  readonly commitEveryMs?: number
  /** Must be idempotent: after a crash the same events come again. */
  handle(batch: ReaderBatch): Promise<void>
  onAssigned?(partitions: readonly number[], generation: number): Promise<void>
  /** Told of each stream that is parked, once: the read model is stale from here on. Log it loudly. */
  onParked?(parked: ParkedStream): void
  onFault(error: Error): void
}

export interface ParkedStream {
  readonly streamId: string
  readonly reason: string
  readonly parkedAt: Date
}

/** A running reader (projection or reactor). */
export interface Reader extends Subscription {
  /** Streams that are parked, with the reason. */
  parked(): Promise<readonly ParkedStream[]>
  /** Hands the parked events of the stream to the handler again, in order. True when the stream is free again. */
  retry(streamId: string): Promise<boolean>
  /** Leaves the poison event out (it stays in the log), keeps the reason on record, and retries what queued behind it. */
  discard(streamId: string, reason: string): Promise<boolean>
}

/** How far a reader is in one stream: everything up to this version was handled. */
export interface HeadDocument {
  _id: string
  version: number
  hash: Binary
}

/** Where a reader keeps how far it is in each stream. Written after what it tells of. */
export function headsOf(db: Db, reader: string, version: number): Collection<HeadDocument> {
  return db.collection(`${reader}_v${version}_heads`)
}

interface ParkedDocument {
  _id: string
  reason: string
  /** The record that could not be handled. */
  poison: string
  parkedAt: Date
}

interface ParkedRecordDocument {
  _id: string
  streamId: string
  partition: number
  offset: string
  timestamp: string
  topic: string
  raw: Binary
  discarded?: string
}

const HEADS_CACHED_MAX = 100_000
const COMMIT_EVERY_MS = 10_000
const tracer = trace.getTracer('@parley/eventlog')

/** Follows an events topic as a member of its own group and hands each accepted event to the handler, at least once, in stream order. */
export async function runReader(options: ReaderOptions): Promise<Reader> {
  const { db, name, version, namespace } = options
  const prefix = `${name}_v${version}`
  const heads = new StreamHeads(headsOf(db, name, version))
  const parking = new Parking(
    db.collection<ParkedDocument>(`${prefix}_parked`),
    db.collection<ParkedRecordDocument>(`${prefix}_parked_records`),
  )
  await parking.prepare()

  /**
   * Hands over what can be handed over; a stream that turns out to be poisoned is parked, and its records queue.
   * `retried`: a parked stream whose records are handed over all the same. False when it is poisoned still.
   */
  const handle = async (batch: Fetched, all: readonly ReaderRecord[], retried?: string): Promise<boolean> => {
    const streamIds = new Set(all.map((record) => record.key))
    await heads.load(batch.generation, streamIds)
    // From which offset on: what came before the poison in the same batch is handed over.
    const parkedNow = new Map(
      [...(await parking.among(batch.generation, streamIds))].map((streamId) => [streamId, 0n]),
    )
    if (retried !== undefined) parkedNow.delete(retried)
    const park = async (record: StoredRecord, reason: unknown): Promise<void> => {
      const parked = await parking.park(record, messageOf(reason))
      if (parked !== undefined) options.onParked?.(parked)
      parkedNow.set(record.key, record.offset)
    }
    for (let records = all; records.length > 0;) {
      const { events, superseded, unreadable, advanced, queued } = classify(records, parkedNow, heads)
      if (unreadable !== undefined) {
        await park(unreadable.record, unreadable.error)
        continue
      }
      const spans = events.map((event) => startSpan(name, event))
      try {
        await options.handle({
          generation: batch.generation,
          events: events.map((event, index) => withSpan(event, spans[index])),
          superseded,
          isOwned: batch.isOwned,
          heartbeat: batch.heartbeat,
        })
      } catch (error) {
        if (!(error instanceof PoisonEvent)) throw error
        await park(error.event.record, error)
        continue
      } finally {
        for (const span of spans) span.end()
      }
      heads.advance(advanced)
      if (queued.length === 0) break
      await heads.flush()
      await parking.queue(queued)
      // A stream that was released while its records were being queued is ordinary again: nothing would hand them over.
      const released = await parking.releasedMeanwhile(batch.generation, queued)
      for (const { key } of queued) heads.forget(key)
      records = queued.filter(({ key }) => released.has(key))
      for (const streamId of released) parkedNow.delete(streamId)
      await heads.load(batch.generation, released)
    }
    return retried === undefined || !parkedNow.has(retried)
  }

  const handleBatch = async (batch: Fetched): Promise<void> => void (await handle(batch, batch.records))
  const subscription = await options.log.subscribe({
    group: `${namespace}.${name}.v${version}`,
    topic: options.topic,
    onBatch: options.sharesBatches === false ? handleBatch : shared(handleBatch, options.gatherMs ?? 0),
    commitEveryMs: options.commitEveryMs ?? COMMIT_EVERY_MS,
    beforeCommit: () => heads.flush(),
    onFault: options.onFault,
    ...(options.onAssigned === undefined ? {} : { onAssigned: options.onAssigned }),
  })

  const retry = async (streamId: string): Promise<boolean> => {
    for (;;) {
      const records = await parking.recordsOf(streamId)
      if (records.length === 0) return parking.unpark(streamId)
      await heads.flush()
      heads.forget(streamId)
      const batch: Fetched = {
        records,
        generation: heads.generation,
        isOwned: () => true,
        heartbeat: async () => undefined,
      }
      if (!(await handle(batch, records, streamId))) return false
      await heads.flush()
      await parking.handedOver(records)
    }
  }

  return {
    assigned: () => subscription.assigned(),
    isReady: () => subscription.isReady(),
    stuck: () => subscription.stuck(),
    lag: () => subscription.lag(),
    stop: () => subscription.stop(),
    parked: () => parking.list(),
    retry,
    async discard(streamId, reason) {
      await parking.discardPoison(streamId, reason)
      return retry(streamId)
    },
  }
}

/** Records of one partition or of several, each partition's in order. */
type Fetched = Pick<RecordBatch, 'records' | 'generation' | 'isOwned' | 'heartbeat'>

/** While one batch is handled, all that arrive wait and make the next one together. */
function shared(
  handle: (batch: Fetched) => Promise<void>,
  gatherMs: number,
): (batch: RecordBatch) => Promise<void> {
  let waiting: { batch: RecordBatch; done: PromiseWithResolvers<void> }[] = []
  let running = false
  const run = async (): Promise<void> => {
    running = true
    // Batches of the same fetch arrive in the same turn of the event loop.
    await Promise.resolve()
    while (waiting.length > 0) {
      if (gatherMs > 0) await pause(gatherMs)
      const { generation } = waiting[0]!.batch
      const round = waiting.filter(({ batch }) => batch.generation === generation)
      waiting = waiting.filter(({ batch }) => batch.generation !== generation)
      const batches = round.map(({ batch }) => batch)
      try {
        await handle({
          records: batches.flatMap(({ records }) => records),
          generation,
          isOwned: () => batches.every((batch) => batch.isOwned()),
          heartbeat: async () => void (await Promise.all(batches.map((batch) => batch.heartbeat()))),
        })
        for (const { done } of round) done.resolve()
      } catch (error) {
        for (const { done } of round) done.reject(error)
      }
    }
    running = false
  }
  return (batch) => {
    const done = Promise.withResolvers<void>()
    waiting.push({ batch, done })
    if (!running) void run()
    return done.promise
  }
}

/** A record, and whether an operator decided that its event is left out. */
interface ReaderRecord extends StoredRecord {
  readonly discarded?: boolean
}

interface Classified {
  readonly events: readonly (RecordedEvent & { record: StoredRecord })[]
  readonly superseded: readonly ReadEvent[]
  /** The first record whose bytes are no event. */
  readonly unreadable: { readonly record: StoredRecord; readonly error: unknown } | undefined
  /** Where the streams stand afterwards. */
  readonly advanced: ReadonlyMap<string, Head>
  /** Records of parked streams, to queue behind their poison. */
  readonly queued: readonly StoredRecord[]
}

function classify(
  records: readonly ReaderRecord[],
  parked: ReadonlyMap<string, bigint>,
  heads: StreamHeads,
): Classified {
  const events: (RecordedEvent & { record: StoredRecord })[] = []
  const superseded: ReadEvent[] = []
  const queued: StoredRecord[] = []
  const advanced = new Map<string, Head>()
  const classified = { events, superseded, queued, advanced, unreadable: undefined }
  for (const record of records) {
    const parkedFrom = parked.get(record.key)
    if (parkedFrom !== undefined && record.offset >= parkedFrom) {
      queued.push(record)
      continue
    }
    const head = advanced.get(record.key) ?? heads.of(record.key)
    let event: RecordedEvent
    try {
      event = readEvent(record.value)
    } catch (error) {
      if (record.discarded !== true) return { ...classified, unreadable: { record, error } }
      // Nobody can read its version; the next event of the stream continues this record, so it was the next one.
      advanced.set(record.key, { version: (head?.version ?? 0) + 1, hash: sha256(record.value) })
      continue
    }
    const verdict = accept(head, event)
    if (verdict === 'next') {
      advanced.set(record.key, headOf(event))
      if (record.discarded !== true) events.push({ ...event, record })
    } else if (verdict === 'superseded') {
      superseded.push({ ...event, record, traceparent: event.envelope.traceparent })
    }
  }
  return classified
}

function startSpan(reader: string, event: RecordedEvent & { record: StoredRecord }): Span {
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

function withSpan(event: RecordedEvent & { record: StoredRecord }, span: Span | undefined): ReadEvent {
  return { ...event, traceparent: traceparentOf(span, event.envelope.traceparent) }
}

/**
 * Where this reader stands in each stream. In memory while the generation lasts, and in Mongo before the offsets are committed: what a
 * crash takes is delivered again, and found at the head that belongs to it.
 */
class StreamHeads {
  readonly #collection: Collection<HeadDocument>
  readonly #known = new LRUCache<string, { head: Head | undefined }>({ max: HEADS_CACHED_MAX })
  readonly #unwritten = new Map<string, Head>()
  #flushing: Promise<void> = Promise.resolve()
  generation = -1

  constructor(collection: Collection<HeadDocument>) {
    this.#collection = collection
  }

  /** One round trip for all streams that are not in memory. After a rebalance nothing in memory counts. */
  async load(generation: number, streamIds: ReadonlySet<string>): Promise<void> {
    if (generation !== this.generation) {
      this.#known.clear()
      this.#unwritten.clear()
      this.generation = generation
    }
    const cold = [...streamIds].filter(
      (streamId) => this.of(streamId) === undefined && !this.#known.has(streamId),
    )
    if (cold.length === 0) return
    const found = await this.#collection.find({ _id: { $in: cold } }).toArray()
    for (const streamId of cold) this.#known.set(streamId, { head: undefined })
    for (const { _id, version, hash } of found)
      this.#known.set(_id, { head: { version, hash: Buffer.from(hash.value()) } })
  }

  of(streamId: string): Head | undefined {
    return this.#unwritten.get(streamId) ?? this.#known.get(streamId)?.head
  }

  forget(streamId: string): void {
    this.#known.delete(streamId)
  }

  advance(advanced: ReadonlyMap<string, Head>): void {
    for (const [streamId, head] of advanced) {
      this.#unwritten.set(streamId, head)
      this.#known.set(streamId, { head })
    }
  }

  /** One at a time: who asks while one is under way finds most of it done. */
  flush(): Promise<void> {
    return (this.#flushing = this.#flushing.catch(() => {}).then(() => this.#write()))
  }

  async #write(): Promise<void> {
    const writing = new Map(this.#unwritten)
    if (writing.size === 0) return
    await writeIgnoringNewer(
      this.#collection,
      [...writing].map(([streamId, { version, hash }]) => ({
        updateOne: {
          filter: { _id: streamId, version: { $lt: version } },
          update: { $set: { version, hash: new Binary(hash) } },
          upsert: true,
        },
      })),
    )
    for (const [streamId, head] of writing)
      if (this.#unwritten.get(streamId) === head) this.#unwritten.delete(streamId)
  }
}

/** Streams that wait for an operator, and the exact records that queue behind the poison. */
class Parking {
  readonly #streams: Collection<ParkedDocument>
  readonly #records: Collection<ParkedRecordDocument>
  #generation = -1
  #isEmpty = false

  constructor(streams: Collection<ParkedDocument>, records: Collection<ParkedRecordDocument>) {
    this.#streams = streams
    this.#records = records
  }

  async prepare(): Promise<void> {
    await this.#records.createIndex({ streamId: 1, offset: 1 })
  }

  /**
   * Which of these streams are parked. Nearly always none is, and then nothing is asked: only this reader parks, and what another
   * process parked is found when its partitions come here.
   */
  async among(generation: number, streamIds: ReadonlySet<string>): Promise<Set<string>> {
    if (generation !== this.#generation) {
      this.#isEmpty = (await this.#streams.findOne({}, { projection: { _id: 1 } })) === null
      this.#generation = generation
    }
    if (this.#isEmpty) return new Set()
    const found = await this.#streams
      .find({ _id: { $in: [...streamIds] } }, { projection: { _id: 1 } })
      .toArray()
    return new Set(found.map(({ _id }) => _id))
  }

  /** The stream as parked, if it was not before. */
  async park(poison: StoredRecord, reason: string): Promise<ParkedStream | undefined> {
    this.#isEmpty = false
    await this.queue([poison])
    const parkedAt = new Date()
    const { upsertedCount } = await this.#streams.updateOne(
      { _id: poison.key },
      { $set: { reason, poison: recordId(poison) }, $setOnInsert: { parkedAt } },
      { upsert: true },
    )
    return upsertedCount === 0 ? undefined : { streamId: poison.key, reason, parkedAt }
  }

  async queue(records: readonly StoredRecord[]): Promise<void> {
    if (records.length === 0) return
    await writeIgnoringNewer(
      this.#records,
      records.map((record) => ({
        insertOne: {
          document: {
            _id: recordId(record),
            streamId: record.key,
            partition: record.partition,
            offset: String(record.offset).padStart(20, '0'),
            timestamp: record.timestamp,
            topic: record.topic,
            raw: new Binary(record.value),
          },
        },
      })),
    )
  }

  async releasedMeanwhile(generation: number, queued: readonly StoredRecord[]): Promise<Set<string>> {
    if (queued.length === 0) return new Set()
    const streamIds = new Set(queued.map(({ key }) => key))
    const parked = await this.among(generation, streamIds)
    return new Set([...streamIds].filter((streamId) => !parked.has(streamId)))
  }

  async list(): Promise<readonly ParkedStream[]> {
    const found = await this.#streams.find().sort({ parkedAt: 1 }).toArray()
    return found.map(({ _id, reason, parkedAt }) => ({ streamId: _id, reason, parkedAt }))
  }

  async recordsOf(streamId: string): Promise<readonly ReaderRecord[]> {
    const found = await this.#records.find({ streamId }).sort({ offset: 1 }).toArray()
    return found.map((document) => ({
      topic: document.topic,
      partition: document.partition,
      offset: BigInt(document.offset),
      timestamp: document.timestamp,
      key: document.streamId,
      value: document.raw.value(),
      headers: {},
      discarded: document.discarded !== undefined,
    }))
  }

  async discardPoison(streamId: string, reason: string): Promise<void> {
    const parked = await this.#streams.findOne({ _id: streamId })
    if (parked !== null)
      await this.#records.updateOne({ _id: parked.poison }, { $set: { discarded: reason } })
  }

  async unpark(streamId: string): Promise<boolean> {
    await this.#streams.deleteOne({ _id: streamId })
    return true
  }

  async handedOver(records: readonly StoredRecord[]): Promise<void> {
    await this.#records.deleteMany({ _id: { $in: records.map(recordId) } })
  }
}

function recordId(record: StoredRecord): string {
  return `${record.partition}:${record.offset}`
}

/** A document that is there already (a repeat, or a newer one of another member) is left as it is. The indexes of those operations. */
async function writeIgnoringNewer<Doc extends { _id: string }>(
  collection: Collection<Doc>,
  operations: AnyBulkWriteOperation<Doc>[],
): Promise<readonly number[]> {
  try {
    await collection.bulkWrite(operations, { ordered: false })
    return []
  } catch (error) {
    return repeatsIn(error)
  }
}

export interface ProjectedDocument {
  _id: string
  /** The stream whose events it folds; a document belongs to one stream. */
  streamId: string
  /** The last version of the stream that it folded. Kept by `projectDocuments`, not by `fold`. */
  seenVersion: number
}

/**
 * A read model whose documents are folds of events. One find and one bulkWrite per batch, never one per event;
 * each document carries the stream version that it has seen, so a batch delivered twice is as good as once.
 */
export interface DocumentProjection<Doc extends ProjectedDocument> {
  readonly collection: Collection<Doc>
  /** Spares reading again what was just written. Only for a collection that nothing but this projection writes. */
  readonly cache?: DocumentCache<Doc>
  /** The ids of the documents that this event touches. */
  route(event: ReadEvent): readonly string[]
  /** Pure. Gets the document as it is, if it is; gives it as it will be; `undefined` leaves it as it is. */
  fold(doc: Doc | undefined, event: ReadEvent, id: string): Omit<Doc, keyof ProjectedDocument> | undefined
}

/** Documents as they were last written, while the generation lasts: after a rebalance somebody else may have written them. */
export class DocumentCache<Doc extends ProjectedDocument> {
  readonly #docs: LRUCache<string, Doc>
  #generation = -1

  constructor(max = 20_000) {
    this.#docs = new LRUCache({ max })
  }

  known(generation: number, ids: readonly string[]): Doc[] {
    if (generation !== this.#generation) this.#docs.clear()
    this.#generation = generation
    return ids.flatMap((id) => this.#docs.get(id) ?? [])
  }

  written(generation: number, docs: readonly Doc[]): void {
    if (generation === this.#generation) for (const doc of docs) this.#docs.set(doc._id, doc)
  }
}

/** @throws {PoisonEvent} when a route or fold throws */
export async function projectDocuments(
  projections: readonly DocumentProjection<any>[],
  batch: ReaderBatch,
): Promise<void> {
  // Fold everything before anything is written: a poison event then leaves no half-written batch of this handler behind.
  const folded = await Promise.all(projections.map((projection) => foldBatch(projection, batch)))
  await Promise.all(
    folded
      .filter(({ changed }) => changed.length > 0)
      .map(async ({ projection, changed, absent }) => {
        await writeDocuments(projection.collection, changed, absent)
        projection.cache?.written(batch.generation, changed)
      }),
  )
}

async function foldBatch(
  projection: DocumentProjection<any>,
  { events, generation }: ReaderBatch,
): Promise<{
  projection: DocumentProjection<any>
  changed: ProjectedDocument[]
  absent: ReadonlySet<string>
}> {
  const routed = events.map((event) => ({ event, ids: poisonous(event, () => projection.route(event)) }))
  const ids = [...new Set(routed.flatMap((one) => one.ids))]
  const docs = new Map<string, ProjectedDocument>()
  for (const doc of projection.cache?.known(generation, ids) ?? []) docs.set(doc._id, doc)
  const unknown = ids.filter((id) => !docs.has(id))
  if (unknown.length > 0)
    for (const doc of await projection.collection.find({ _id: { $in: unknown } }).toArray())
      docs.set(doc._id, doc)
  const absent = new Set(unknown.filter((id) => !docs.has(id)))
  const changed = new Set<string>()
  for (const { event, ids: touched } of routed)
    for (const id of touched) {
      const { streamId, streamVersion } = event.envelope
      const doc = docs.get(id)
      if (doc !== undefined && streamVersion <= doc.seenVersion) continue
      const next = poisonous(event, () => projection.fold(doc, event, id))
      if (next === undefined) continue
      docs.set(id, { ...next, _id: id, streamId, seenVersion: streamVersion })
      changed.add(id)
    }
  return { projection, changed: [...changed].map((id) => docs.get(id)!), absent }
}

/** New documents are inserted, which costs a store the least; where another member was quicker, the newer of both stays. */
async function writeDocuments(
  collection: Collection<any>,
  docs: readonly ProjectedDocument[],
  absent: ReadonlySet<string>,
): Promise<void> {
  const replacing = (doc: ProjectedDocument): AnyBulkWriteOperation<any> => ({
    replaceOne: {
      filter: { _id: doc._id, seenVersion: { $lt: doc.seenVersion } },
      replacement: doc,
      upsert: true,
    },
  })
  const already = await writeIgnoringNewer(
    collection,
    docs.map((doc) => (absent.has(doc._id) ? { insertOne: { document: doc } } : replacing(doc))),
  )
  const overtaken = already.map((index) => docs[index]!).filter(({ _id }) => absent.has(_id))
  if (overtaken.length > 0) await writeIgnoringNewer(collection, overtaken.map(replacing))
}

function poisonous<Result>(event: ReadEvent, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw new PoisonEvent(event, error)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
