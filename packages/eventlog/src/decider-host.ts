import { SpanKind, trace } from '@opentelemetry/api'
import {
  type Decider,
  type RecordedCommand,
  type RecordedEvent,
  type StreamState,
  UnreadableRecord,
  decideOn,
  deterministicId,
  emptyStream,
  evolveStream,
  readCommand,
  readEvent,
} from '@parley/kernel'
import { Binary, type Collection, type Db, Long } from 'mongodb'
import { type NewDeadLetter, appendDeadLetters, eventRecord } from './commands.ts'
import { LogGap } from './errors.ts'
import type { EventLog, RecordBatch, StoredRecord, Subscription } from './log.ts'
import { repeatsIn } from './repeats.ts'
import { spanParent } from './spans.ts'
import type { Topics } from './topics.ts'

export interface DeciderHostOptions<State> {
  readonly log: EventLog
  readonly topics: Topics
  readonly commandsTopic: string
  /** Has as many partitions as the commands topic: a stream's commands and events share a partition number. */
  readonly eventsTopic: string
  readonly group: string
  /** Claims and snapshots are kept here, in collections that carry the decider's name and version. */
  readonly db: Db
  readonly decider: Decider<State>
  /** Streams kept in memory per partition; what was written to a snapshot may leave. Default 20,000. */
  readonly cachedStreamsMax?: number
  /** A snapshot is written when so many streams changed since the last one (default 1,000) or so many milliseconds passed (15,000): the tail that a start reads again. */
  readonly snapshotEveryStreams?: number
  readonly snapshotEveryMs?: number
  /** Told of each command that went to the dead letters: a customer's word may be among them. Log it loudly. */
  onDeadLetter?(letter: { readonly code: string; readonly partition: number; readonly offset: bigint }): void
  onFault(error: Error): void
}

export interface DecidedPartition {
  readonly partition: number
  readonly epoch: bigint
  readonly nextOffset: bigint
  readonly cachedStreams: number
}

export interface DeciderHost extends Subscription {
  partitions(): readonly DecidedPartition[]
}

/** Another process claimed the partition: this one's claim is void. Its appends did no harm, its snapshots are refused. */
export class PartitionFenced extends Error {
  readonly code = 'PARTITION_FENCED'
  constructor(partition: number, epoch: bigint) {
    super(`Partition ${partition} was claimed by another process after epoch ${epoch}.`)
  }
}

/** One Kafka request takes the events of at most so many commands. */
const COMMANDS_PER_APPEND_MAX = 2_000
const REPLAY_CHUNK = 5_000n
/** What comes again after a crash must be among the commands that a stream remembers, hence not longer. */
const COMMIT_EVERY_MS = 250

/**
 * Runs a decider over a commands topic: one writer per partition, and a second one does no harm.
 *
 * On assignment it claims the partition in Mongo (epoch + 1) and only then reads: snapshots, then the tail of the events since
 * the last mark. Each fetched batch is decided in memory and appended with one request. The offset that the log gives back says
 * whether anybody else wrote in between: if so, what was written is folded (first in the log wins) and the commands are decided anew.
 */
export async function runDeciderHost<State>(options: DeciderHostOptions<State>): Promise<DeciderHost> {
  const writers = new Map<number, { generation: number; writer: Promise<PartitionWriter<State>> }>()

  const writerFor = async (batch: RecordBatch): Promise<PartitionWriter<State>> => {
    const current = writers.get(batch.partition)
    if (current?.generation === batch.generation) return current.writer
    const writer = PartitionWriter.claim(options, batch.partition)
    writers.set(batch.partition, { generation: batch.generation, writer })
    return writer
  }

  const subscription = await options.log.subscribe({
    group: options.group,
    topic: options.commandsTopic,
    commitEveryMs: COMMIT_EVERY_MS,
    onFault: options.onFault,
    onBatch: async (batch) => {
      try {
        const writer = await writerFor(batch)
        await writer.take(batch)
      } catch (error) {
        // Whatever went wrong, what memory holds is no longer trusted: the next batch claims and reads again.
        writers.delete(batch.partition)
        if (error instanceof LogGap || error instanceof UnreadableRecord) options.onFault(error)
        throw error
      }
    },
  })

  const settled = async (): Promise<PartitionWriter<State>[]> => {
    const results = await Promise.allSettled([...writers.values()].map(({ writer }) => writer))
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }
  let described: readonly DecidedPartition[] = []
  const describe = setInterval(
    () => void settled().then((all) => (described = all.map((w) => w.describe()))),
    500,
  )
  describe.unref()

  return {
    assigned: () => subscription.assigned(),
    isReady: () => subscription.isReady(),
    stuck: () => subscription.stuck(),
    lag: () => subscription.lag(),
    partitions: () => described,
    async stop() {
      clearInterval(describe)
      await subscription.stop()
      // A last snapshot makes the next start quick; without it the tail is only longer.
      await Promise.allSettled((await settled()).map((writer) => writer.snapshot()))
    },
  }
}

interface SnapshotDocument {
  _id: string
  epoch: Long
  version: number
  hash: Binary | null
  recentCommandIds: string[]
  /** JSON: states are plain, and their keys may hold what BSON keys may not. */
  state: string
}

interface PartitionDocument {
  _id: number
  epoch: Long
  /** The snapshots hold all events before this offset. */
  mark: Long
}

const tracer = trace.getTracer('@parley/eventlog')

class PartitionWriter<State> {
  readonly #options: DeciderHostOptions<State>
  readonly #partition: number
  readonly #epoch: bigint
  readonly #snapshots: Collection<SnapshotDocument>
  readonly #partitions: Collection<PartitionDocument>
  /** In order of last use. */
  readonly #streams = new Map<string, StreamState<State>>()
  /** Changed since the last snapshot, and those that a running snapshot is writing. */
  #dirty = new Set<string>()
  #saving = new Set<string>()
  #snapshotRuns: Promise<void> | undefined
  #snapshotAt = Date.now()
  #fault: Error | undefined
  #nextOffset: bigint

  private constructor(
    options: DeciderHostOptions<State>,
    partition: number,
    claimed: { epoch: bigint; mark: bigint },
    collections: { snapshots: Collection<SnapshotDocument>; partitions: Collection<PartitionDocument> },
  ) {
    this.#options = options
    this.#partition = partition
    this.#epoch = claimed.epoch
    this.#nextOffset = claimed.mark
    this.#snapshots = collections.snapshots
    this.#partitions = collections.partitions
  }

  static async claim<State>(
    options: DeciderHostOptions<State>,
    partition: number,
  ): Promise<PartitionWriter<State>> {
    const { db, decider } = options
    const snapshots = db.collection<SnapshotDocument>(`${decider.name}_v${decider.version}_snapshots`)
    const partitions = db.collection<PartitionDocument>(`${decider.name}_v${decider.version}_partitions`)
    const claimed = await partitions.findOneAndUpdate(
      { _id: partition },
      { $inc: { epoch: Long.ONE }, $setOnInsert: { mark: Long.ZERO } },
      { upsert: true, returnDocument: 'after' },
    )
    if (claimed === null) throw new Error(`Partition ${partition} could not be claimed.`)
    const writer = new PartitionWriter<State>(
      options,
      partition,
      { epoch: asBigInt(claimed.epoch), mark: asBigInt(claimed.mark) },
      { snapshots, partitions },
    )
    const end = await options.log.endOffset(options.eventsTopic, partition)
    // The snapshots know more than the log holds: it lost its tail, or was made anew beside an old database.
    if (end < writer.#nextOffset) throw new LogGap(options.eventsTopic, partition, writer.#nextOffset, end)
    await writer.#catchUp(end)
    return writer
  }

  describe(): DecidedPartition {
    return {
      partition: this.#partition,
      epoch: this.#epoch,
      nextOffset: this.#nextOffset,
      cachedStreams: this.#streams.size,
    }
  }

  async take(batch: RecordBatch): Promise<void> {
    for (let start = 0; start < batch.records.length; start += COMMANDS_PER_APPEND_MAX) {
      if (!batch.isOwned()) throw new PartitionFenced(this.#partition, this.#epoch)
      await this.#decide(batch.records.slice(start, start + COMMANDS_PER_APPEND_MAX))
      await batch.heartbeat()
    }
    if (this.#fault !== undefined) throw this.#fault
    this.#evict()
    this.#snapshotWhenDue()
  }

  async #decide(records: readonly StoredRecord[]): Promise<void> {
    const { log, eventsTopic } = this.#options
    const deadLetters: NewDeadLetter[] = []
    const commands: { command: RecordedCommand; record: StoredRecord }[] = []
    for (const record of records) {
      try {
        const command = readCommand(record.value, record.timestamp)
        if (command.envelope.streamId !== record.key)
          throw new UnreadableRecord('The key of the record is not the stream of its command.')
        commands.push({ command, record })
      } catch (error) {
        deadLetters.push(deadLetter(record, 'UNREADABLE_COMMAND', error))
      }
    }
    const spans = commands.map(({ command }) =>
      tracer.startSpan(
        `decide ${command.envelope.type}`,
        { kind: SpanKind.CONSUMER, attributes: { 'parley.command_id': command.envelope.commandId } },
        spanParent(command.envelope.traceparent),
      ),
    )
    try {
      // A command is decided anew only when another writer came between; each round takes in what that one wrote, so it ends.
      for (let undecided = commands; undecided.length > 0;) {
        await this.#load(undecided.map(({ command }) => command.envelope.streamId))
        const { events, streams, failed } = this.#decideInMemory(undecided)
        for (const { record, error } of failed) deadLetters.push(deadLetter(record, 'DECISION_FAILED', error))
        if (events.length === 0) break
        const positions = await log.append(eventsTopic, events.map(eventRecord))
        // The last one tells: a large batch goes out in parts, and another writer may have come in between.
        if (positions.at(-1)!.offset === this.#nextOffset + BigInt(events.length) - 1n) {
          for (const [streamId, stream] of streams) this.#keep(streamId, stream)
          this.#nextOffset += BigInt(events.length)
          break
        }
        await this.#catchUp(positions.at(-1)!.offset + 1n)
        const failedRecords = new Set(failed.map(({ record }) => record))
        undecided = undecided.filter(({ record }) => !failedRecords.has(record))
      }
      if (deadLetters.length > 0) {
        await appendDeadLetters(log, this.#options.topics, deadLetters)
        for (const { code, offset } of deadLetters)
          this.#options.onDeadLetter?.({ code, partition: this.#partition, offset: offset ?? -1n })
      }
    } finally {
      for (const span of spans) span.end()
    }
  }

  /** A decision that throws is a bug of ours: the command goes to the dead letters whole, and holds up nobody else. */
  #decideInMemory(commands: readonly { command: RecordedCommand; record: StoredRecord }[]): {
    events: RecordedEvent[]
    streams: Map<string, StreamState<State>>
    failed: { record: StoredRecord; error: unknown }[]
  } {
    const events: RecordedEvent[] = []
    const streams = new Map<string, StreamState<State>>()
    const failed: { record: StoredRecord; error: unknown }[] = []
    for (const { command, record } of commands) {
      const { streamId } = command.envelope
      const before = streams.get(streamId) ?? this.#streams.get(streamId)!
      try {
        const decided = decideOn(this.#options.decider, command, before)
        if (decided.events.length === 0) continue
        for (const event of decided.events) events.push(event)
        streams.set(streamId, decided.stream)
      } catch (error) {
        failed.push({ record, error })
      }
    }
    return { events, streams, failed }
  }

  /** Folds the log up to `end`, in chunks, so that even a replay from the beginning needs little memory. */
  async #catchUp(end: bigint): Promise<void> {
    while (this.#nextOffset < end) {
      const to = this.#nextOffset + REPLAY_CHUNK < end ? this.#nextOffset + REPLAY_CHUNK : end
      const records = await this.#options.log.read(
        this.#options.eventsTopic,
        this.#partition,
        this.#nextOffset,
        to,
      )
      // A decider never skips: an event that cannot be read ends the process, since all that follows would be decided on sand.
      const events = records.map((record) => readEvent(record.value))
      await this.#load(events.map((event) => event.envelope.streamId))
      for (const event of events) {
        const { streamId } = event.envelope
        const before = this.#streams.get(streamId)!
        const after = evolveStream(this.#options.decider, before, event)
        if (after !== before) this.#keep(streamId, after)
      }
      this.#nextOffset = to
      if (this.#dirty.size >= this.#snapshotEveryStreams) await this.snapshot()
      this.#evict()
    }
  }

  /** Brings the streams into memory: one round trip for all that are cold. */
  async #load(streamIds: readonly string[]): Promise<void> {
    const wanted = new Set(streamIds)
    const cold = [...wanted].filter((streamId) => !this.#streams.has(streamId))
    if (cold.length > 0) {
      const found = await this.#snapshots.find({ _id: { $in: cold } }).toArray()
      const snapshots = new Map(found.map((document) => [document._id, document]))
      for (const streamId of cold) {
        const snapshot = snapshots.get(streamId)
        this.#streams.set(
          streamId,
          snapshot === undefined ? emptyStream(this.#options.decider, streamId) : restored<State>(snapshot),
        )
      }
    }
    for (const streamId of wanted) {
      const stream = this.#streams.get(streamId)!
      this.#streams.delete(streamId)
      this.#streams.set(streamId, stream)
    }
  }

  #keep(streamId: string, stream: StreamState<State>): void {
    this.#streams.set(streamId, stream)
    this.#dirty.add(streamId)
  }

  #evict(): void {
    const max = this.#options.cachedStreamsMax ?? 20_000
    if (this.#streams.size <= max) return
    for (const streamId of this.#streams.keys()) {
      if (this.#streams.size <= max) return
      if (!this.#dirty.has(streamId) && !this.#saving.has(streamId)) this.#streams.delete(streamId)
    }
  }

  get #snapshotEveryStreams(): number {
    return this.#options.snapshotEveryStreams ?? 1_000
  }

  #snapshotWhenDue(): void {
    const due =
      this.#dirty.size >= this.#snapshotEveryStreams ||
      Date.now() - this.#snapshotAt >= (this.#options.snapshotEveryMs ?? 15_000)
    if (!due || this.#snapshotRuns !== undefined) return
    this.snapshot().catch((error: unknown) => {
      this.#fault = error instanceof Error ? error : new Error(String(error))
    })
  }

  /** Streams are immutable, so deciding goes on while their snapshot is written. The mark moves only after all of them are in. */
  async snapshot(): Promise<void> {
    if (this.#snapshotRuns !== undefined) await this.#snapshotRuns
    this.#snapshotRuns = this.#writeSnapshot().finally(() => {
      this.#snapshotRuns = undefined
    })
    await this.#snapshotRuns
    // Nothing is evicted here: a batch may stand between its load and its decision. `take` does it when the batch is done.
  }

  async #writeSnapshot(): Promise<void> {
    this.#snapshotAt = Date.now()
    if (this.#dirty.size === 0) return
    const mark = this.#nextOffset
    this.#saving = this.#dirty
    this.#dirty = new Set()
    const epoch = Long.fromBigInt(this.#epoch)
    try {
      await this.#snapshots.bulkWrite(
        [...this.#saving].map((streamId) => ({
          updateOne: {
            // A claim made later than ours wrote this stream: the upsert then meets its id and is refused.
            filter: { _id: streamId, epoch: { $lte: epoch } },
            update: { $set: { epoch, ...snapshotOf(this.#streams.get(streamId)!) } },
            upsert: true,
          },
        })),
        { ordered: false },
      )
      const marked = await this.#partitions.updateOne(
        { _id: this.#partition, epoch },
        { $set: { mark: Long.fromBigInt(mark) } },
      )
      if (marked.matchedCount === 0) throw new PartitionFenced(this.#partition, this.#epoch)
    } catch (error) {
      for (const streamId of this.#saving) this.#dirty.add(streamId)
      // Rows that were there already are a later claim's.
      repeatsIn(error)
      throw new PartitionFenced(this.#partition, this.#epoch)
    } finally {
      this.#saving = new Set()
    }
  }
}

function snapshotOf<State>(stream: StreamState<State>): Omit<SnapshotDocument, '_id' | 'epoch'> {
  return {
    version: stream.head?.version ?? 0,
    hash: stream.head === undefined ? null : new Binary(stream.head.hash),
    recentCommandIds: [...stream.recentCommandIds],
    state: JSON.stringify(stream.state),
  }
}

function restored<State>(document: SnapshotDocument): StreamState<State> {
  return {
    head:
      document.hash === null
        ? undefined
        : { version: document.version, hash: Buffer.from(document.hash.value()) },
    recentCommandIds: document.recentCommandIds,
    state: JSON.parse(document.state) as State,
  }
}

function deadLetter(record: StoredRecord, code: string, error: unknown): NewDeadLetter {
  return {
    id: deterministicId('dead-letter', record.topic, record.partition, String(record.offset)),
    source: record.topic,
    code,
    reason: error instanceof Error ? error.message : 'unknown',
    key: record.key,
    value: record.value,
    partition: record.partition,
    offset: record.offset,
    recordedAt: record.timestamp,
  }
}

/** The driver gives back a Long as a number when it fits (promoteLongs). */
function asBigInt(value: Long | number): bigint {
  return typeof value === 'number' ? BigInt(value) : value.toBigInt()
}
