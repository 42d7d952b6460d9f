import { type Span, SpanKind, metrics, trace } from '@opentelemetry/api'
import {
  type Adoption,
  type Decider,
  type RecordedCommand,
  type RecordedEvent,
  type StreamState,
  UnreadableRecord,
  decideOn,
  deterministicId,
  emptyStream,
  eventIn,
  evolveStream,
  policyAt,
  policyBytes,
  policyDecider,
  readCommand,
} from '@parley/kernel'
import { type NewDeadLetter, appendDeadLetters, eventRecord } from '../commands.ts'
import { LogGap, MembershipLost } from '../errors.ts'
import type { LogRecord, RecordBatch, StoredRecord } from '../log.ts'
import { runsOf } from '../runs.ts'
import { isTraced, spanParent } from '../spans.ts'
import { adopt, firstPolicy, policyStreamOf } from './policy-stream.ts'
import { Slices } from './slices.ts'
import { PartitionFenced, SnapshotStore } from './snapshots.ts'
import { CACHED_STREAMS_MAX, type DecidedPartition, type DeciderHostOptions, TAIL_SHORT } from './options.ts'

/** One Kafka request takes the events of at most so many commands. */
const COMMANDS_PER_APPEND_MAX = 2_000
const REPLAY_CHUNK = 5_000n
const SNAPSHOT_EVERY_STREAMS = 1_000
const SNAPSHOT_EVERY_MS = 30_000

const TRACER = '@parley/eventlog'
const tracer = trace.getTracer(TRACER)

interface Undecided {
  readonly command: RecordedCommand
  readonly record: StoredRecord
}

interface DecidedInMemory {
  /** The events of one command go out in one record batch, or a crash could leave half a decision in the log. */
  readonly records: LogRecord[]
  readonly streams: Map<string, StreamState<any>>
  readonly failed: { readonly record: StoredRecord; readonly error: unknown }[]
}

/** The one writer of a partition, from its claim until another one claims it. */
export class PartitionWriter {
  readonly #options: DeciderHostOptions<any, any, any, any>
  readonly #partition: number
  readonly #streamsMax: () => number
  readonly #policyStream: string
  readonly #store: SnapshotStore<any>
  /** In order of last use. */
  readonly #streams = new Map<string, StreamState<any>>()
  /** Changed since the last snapshot, and those that a running snapshot is writing. */
  #dirty = new Set<string>()
  #saving: ReadonlyMap<string, StreamState<any>> = new Map()
  #snapshotRuns: Promise<void> | undefined
  #snapshotAt = performance.now()
  /** The snapshots hold all events before this offset. */
  #mark: bigint
  /** All commands before this offset are decided, as far as this writer knows, and as far as the store does. */
  #commands: bigint | undefined
  #storedCommands: bigint | undefined
  #isFenced = false
  #firstPolicy: unknown
  /** The policy that was wished for last, by its hash. */
  #wished: string | undefined
  #nextOffset: bigint
  /** The command of the last event that was read. */
  #lastDecided: Pick<RecordedEvent['envelope'], 'commandOffset' | 'causationId'> | undefined

  readonly #counted = instruments()

  private constructor(
    options: DeciderHostOptions<any, any, any, any>,
    partition: number,
    partitionCount: number,
    store: SnapshotStore<any>,
    streamsMax: () => number,
  ) {
    this.#options = options
    this.#partition = partition
    this.#streamsMax = streamsMax
    this.#policyStream = policyStreamOf(partition, partitionCount)
    this.#store = store
    this.#nextOffset = store.mark
    this.#mark = store.mark
  }

  /**
   * @param isCurrent whether the partition is still to be claimed: a claim that comes late would shut out its next owner
   * @param streamsMax how many streams it may keep in memory now
   */
  static async claim(
    options: DeciderHostOptions<any, any, any, any>,
    partition: number,
    isCurrent: () => boolean,
    streamsMax: () => number,
  ): Promise<PartitionWriter> {
    const writer = await PartitionWriter.#caughtUp(options, partition, isCurrent, streamsMax)
    if (!isCurrent()) throw new MembershipLost(options.group)
    await writer.#load([writer.#policyStream])
    await writer.adoptPolicy()
    return writer
  }

  /**
   * Claims, folds what there is, writes it to snapshots, and decides nothing. The epoch of the claim.
   * @throws {PartitionFenced} somebody claimed it after `lastEpoch`
   */
  static async foldAhead(
    options: DeciderHostOptions<any, any, any, any>,
    partition: number,
    lastEpoch: bigint,
  ): Promise<bigint> {
    const { cachedStreamsMax = CACHED_STREAMS_MAX } = options
    const streamsMax = () => cachedStreamsMax
    const writer = await PartitionWriter.#caughtUp(options, partition, () => true, streamsMax, lastEpoch)
    await writer.snapshot()
    return writer.#store.epoch
  }

  static async #caughtUp(
    options: DeciderHostOptions<any, any, any, any>,
    partition: number,
    isCurrent: () => boolean,
    streamsMax: () => number,
    lastEpoch?: bigint,
  ): Promise<PartitionWriter> {
    const { log, topics, db, decider } = options
    const partitionCount = await log.partitionCount(topics.events)
    if (!isCurrent()) throw new MembershipLost(options.group)
    const store = await SnapshotStore.claim<any>(db, decider, partition, lastEpoch)
    const writer = new PartitionWriter(options, partition, partitionCount, store, streamsMax)
    const end = await log.endOffset(topics.events, partition)
    await writer.#catchUp(end)
    await writer.#assertCommandsWhole(end)
    return writer
  }

  /**
   * A commands topic that lost its tail, or was made anew beside its events, gives places again that were decided: what comes there would be
   * taken for those, and be passed over in silence. Also once it has grown past them: then another command stands where the last one stood.
   * @throws {LogGap}
   */
  async #assertCommandsWhole(end: bigint): Promise<void> {
    const { log, topics } = this.#options
    const partition = this.#partition
    for (let last = end - 1n; this.#lastDecided === undefined && last >= 0n; last -= 1n) {
      const [record] = await log.read(topics.events, partition, last, last + 1n)
      this.#lastDecided = record && (await this.#eventIn(record))?.envelope
    }
    if (this.#lastDecided === undefined) return
    const { commandOffset, causationId } = this.#lastDecided
    const decidedEnd = commandOffset + 1n
    // After the events: the owner of before may be at work still.
    const commands = (await log.offsets(topics.commands))[partition]!
    if (commands.end < decidedEnd) throw new LogGap(topics.commands, partition, decidedEnd, commands.end)
    if (commandOffset < commands.start) return
    const [record] = await log.read(topics.commands, partition, commandOffset, decidedEnd)
    const found = record && commandIdIn(record)
    if (found !== undefined && found !== causationId)
      throw new LogGap(topics.commands, partition, decidedEnd, commandOffset)
  }

  describe(): DecidedPartition {
    return {
      family: this.#options.decider.family.name,
      partition: this.#partition,
      epoch: this.#store.epoch,
      nextOffset: this.#nextOffset,
      cachedStreams: this.#streams.size,
    }
  }

  async handle(batch: RecordBatch): Promise<void> {
    if (this.#isFenced) throw new PartitionFenced(this.#partition, this.#store.epoch)
    for (let start = 0; start < batch.records.length; start += COMMANDS_PER_APPEND_MAX) {
      if (!batch.isOwned()) throw new PartitionFenced(this.#partition, this.#store.epoch)
      await this.#decide(batch.records.slice(start, start + COMMANDS_PER_APPEND_MAX))
      await batch.heartbeat()
    }
    this.#commands = batch.records.at(-1)!.offset + 1n
    this.#evict()
    void this.#snapshotIfDue(this.#isSnapshotDue() || this.#isTailLong())
  }

  #deciderOf(streamId: string): Decider<any, any, any, any> {
    return streamId === this.#policyStream ? policyDecider : this.#options.decider
  }

  /**
   * Wishes for the configured policy, unless it is the one that this writer wished for last, or else the one in force: what is in force is
   * not what will be, while a wish is still to be decided. Reads nothing, for a batch may be in the middle of its decision.
   */
  async adoptPolicy(): Promise<void> {
    const { log, topics, policy } = this.#options
    if (policy === undefined) return
    const adopted = this.#streams.get(this.#policyStream) as StreamState<readonly Adoption[]> | undefined
    const data = policyBytes(policy)
    if ((this.#wished ?? adopted?.state.at(-1)?.hash) === data.hash) return
    this.#wished = data.hash
    try {
      await adopt(log, topics, this.#policyStream, data, new Date())
    } catch (error) {
      this.#wished = undefined
      throw error
    }
  }

  async #decide(records: readonly StoredRecord[]): Promise<void> {
    const { log, topics } = this.#options
    const partition = this.#partition
    const unreadable: NewDeadLetter[] = []
    const commands: Undecided[] = []
    for (const record of records) {
      try {
        const command = readCommand(record.value, record.timestamp, record.offset)
        if (command.envelope.streamId !== record.key)
          throw new UnreadableRecord('The key of the record is not the stream of its command.')
        commands.push({ command, record })
      } catch (error) {
        unreadable.push(deadLetter(record, error))
      }
    }
    const spans = isTraced(TRACER) ? commands.map(({ command }) => startSpan(command)) : []
    try {
      // A command is decided anew only when another writer came between; each round takes in what that one wrote, so it ends.
      while (commands.length > 0) {
        await this.#load([this.#policyStream, ...commands.map(({ command }) => command.envelope.streamId)])
        await this.#awaitPolicy(commands[0]!.record.offset)
        const { records: decided, streams, failed } = this.#decideInMemory(commands)
        if (failed.length > 0) {
          const now = await log.endOffset(topics.events, partition)
          if (now !== this.#nextOffset) {
            await this.#catchUp(now)
            continue
          }
          // Before the events of what stands behind them in their streams: with those in the log they would pass for decided when they come again.
          await this.#giveToDeadLetters(failed.map(({ record, error }) => deadLetter(record, error)))
        }
        const expected = this.#nextOffset + BigInt(decided.length)
        let end = expected
        // The last one tells: a large batch goes out in parts, and another writer may have come in between.
        if (decided.length > 0) end = (await log.append(topics.events, decided)).at(-1)!.offset + 1n
        if (end === expected) {
          for (const [streamId, stream] of placed(streams, decided, this.#nextOffset))
            this.#remember(streamId, stream)
          this.#nextOffset = end
          this.#counted.appended.add(decided.length)
          break
        }
        await this.#catchUp(end)
      }
      this.#counted.decided.add(commands.length)
      await this.#giveToDeadLetters(unreadable)
    } finally {
      for (const span of spans) span.end()
    }
  }

  async #giveToDeadLetters(letters: readonly NewDeadLetter[]): Promise<void> {
    const { log, topics } = this.#options
    await appendDeadLetters(log, topics, letters)
    for (const { code, offset } of letters)
      this.#options.onDeadLetter({ code, partition: this.#partition, offset: offset ?? -1n })
  }

  /** What came into a partition before its first policy is decided by that one: it is in the log already, further on. */
  async #awaitPolicy(from: bigint): Promise<void> {
    const { log, topics, policy } = this.#options
    const { state } = this.#streams.get(this.#policyStream)! as StreamState<readonly Adoption[]>
    if (policy === undefined || state.length > 0) return
    this.#firstPolicy ??= await firstPolicy(log, topics.commands, this.#partition, this.#policyStream, from)
    if (this.#firstPolicy === undefined)
      throw new Error(`Partition ${this.#partition} of ${topics.commands} has no policy yet.`)
  }

  /** A decision that throws, or that the log cannot take, is a bug of ours: the command goes to the dead letters whole, and holds up nobody else. */
  #decideInMemory(commands: readonly Undecided[]): DecidedInMemory {
    const { topics } = this.#options
    const records: LogRecord[] = []
    const streams = new Map<string, StreamState<any>>()
    const failed: { record: StoredRecord; error: unknown }[] = []
    const current = (streamId: string) => streams.get(streamId) ?? this.#streams.get(streamId)!
    for (const { command, record } of commands) {
      const { streamId } = command.envelope
      try {
        const adoptions = current(this.#policyStream).state as readonly Adoption[]
        const policy = policyAt(adoptions, record.offset) ?? this.#firstPolicy
        const decided = decideOn(this.#deciderOf(streamId), command, current(streamId), policy)
        if (decided.events.length === 0) continue
        const own = decided.events.map((event, index) => recordOf(event, index > 0))
        // Found here, what is too large costs its own command; found by the append, all that are stored with it, again and again.
        runsOf(topics.events, own)
        records.push(...own)
        streams.set(streamId, decided.stream)
      } catch (error) {
        failed.push({ record, error })
      }
    }
    return { records, streams, failed }
  }

  /**
   * Folds the log up to `end`, in chunks, so that even a replay from the beginning needs little memory.
   * @throws {LogGap} the log ends before what this writer, or the snapshots that it began with, have folded: it lost its tail, or was made
   * anew beside an old database
   */
  async #catchUp(end: bigint): Promise<void> {
    const { log, topics } = this.#options
    if (end < this.#nextOffset) throw new LogGap(topics.events, this.#partition, this.#nextOffset, end)
    const slices = new Slices()
    while (this.#nextOffset < end) {
      const to = this.#nextOffset + REPLAY_CHUNK < end ? this.#nextOffset + REPLAY_CHUNK : end
      const records = await log.read(topics.events, this.#partition, this.#nextOffset, to)
      await this.#load(records.map(({ key }) => key))
      for (const record of records) {
        const event = await this.#eventIn(record)
        if (event === undefined) continue
        this.#lastDecided = event.envelope
        const { streamId } = event.envelope
        const before = this.#streams.get(streamId)!
        const after = placedWhereUnread(record, () =>
          evolveStream(this.#deciderOf(streamId), before, event, record.offset),
        )
        if (after !== before) this.#remember(streamId, after)
        await slices.pause()
      }
      this.#nextOffset = to
      await this.#snapshotIfDue()
      this.#evict()
    }
  }

  /**
   * A writer never skips: an event that cannot be read ends the process, since all that follows would be decided on sand. Undefined: bytes
   * that are no event of anybody's, which nobody can take out of the log again, and which an operator said are to be left out.
   * @throws {UnreadableRecord}
   */
  async #eventIn(record: StoredRecord): Promise<RecordedEvent | undefined> {
    try {
      return placedWhereUnread(record, () => eventIn(record))
    } catch (error) {
      if (error instanceof UnreadableRecord && (await this.#store.isLeftOut(record.offset))) return undefined
      throw error
    }
  }

  /** Brings the streams into memory: one round trip for all that are cold. */
  async #load(streamIds: readonly string[]): Promise<void> {
    const wanted = new Set(streamIds)
    const cold = [...wanted].filter((streamId) => !this.#streams.has(streamId))
    if (cold.length > 0) {
      const snapshots = await this.#store.load(cold)
      for (const streamId of cold)
        this.#streams.set(
          streamId,
          snapshots.get(streamId) ?? emptyStream(this.#deciderOf(streamId), streamId),
        )
    }
    for (const streamId of wanted) {
      const stream = this.#streams.get(streamId)!
      this.#streams.delete(streamId)
      this.#streams.set(streamId, stream)
    }
  }

  #remember(streamId: string, stream: StreamState<any>): void {
    this.#streams.set(streamId, stream)
    this.#dirty.add(streamId)
  }

  #evict(): void {
    const max = this.#streamsMax()
    if (this.#streams.size <= max) return
    for (const streamId of this.#streams.keys()) {
      if (this.#streams.size <= max) return
      if (this.#dirty.has(streamId) || this.#saving.has(streamId)) continue
      this.#streams.delete(streamId)
      this.#store.forget(streamId)
    }
  }

  #isSnapshotDue(): boolean {
    const { snapshotEveryStreams = SNAPSHOT_EVERY_STREAMS, snapshotEveryMs = SNAPSHOT_EVERY_MS } =
      this.#options
    // What is in no snapshot cannot leave memory.
    const dirtyMax = Math.min(snapshotEveryStreams, this.#streamsMax())
    return this.#dirty.size >= dirtyMax || performance.now() - this.#snapshotAt >= snapshotEveryMs
  }

  /** Half: it grows while a snapshot is written. Only where it is decided: whoever folds what is past writes each stream once for many events. */
  #isTailLong(): boolean {
    const { tailShort = TAIL_SHORT } = this.#options
    return this.#nextOffset - this.#mark >= tailShort / 2n
  }

  /** What fails here fails no batch: those are in the log. The tail that a start reads again is longer, that is all. */
  async #snapshotIfDue(isDue = this.#isSnapshotDue()): Promise<void> {
    if (this.#snapshotRuns !== undefined || !isDue) return
    try {
      await this.snapshot()
    } catch (error) {
      if (error instanceof PartitionFenced) this.#isFenced = true
      else this.#options.onSnapshotFailed(error)
    }
  }

  /** Streams are immutable, so deciding goes on while their snapshot is written. */
  async snapshot(): Promise<void> {
    while (this.#snapshotRuns !== undefined) await this.#snapshotRuns.catch(() => {})
    this.#snapshotRuns = this.#writeSnapshot().finally(() => {
      this.#snapshotRuns = undefined
    })
    await this.#snapshotRuns
    // Nothing is evicted here: a batch may stand between its load and its decision. `handle` does it when the batch is done.
  }

  async #writeSnapshot(): Promise<void> {
    this.#snapshotAt = performance.now()
    if (this.#isFenced) throw new PartitionFenced(this.#partition, this.#store.epoch)
    const mark = this.#nextOffset
    const commands = this.#commands
    if (mark === this.#mark && commands === this.#storedCommands) return
    this.#saving = new Map([...this.#dirty].map((streamId) => [streamId, this.#streams.get(streamId)!]))
    this.#dirty = new Set()
    try {
      await this.#store.write(this.#saving, mark, commands)
      this.#mark = mark
      this.#storedCommands = commands
    } catch (error) {
      for (const streamId of this.#saving.keys()) this.#dirty.add(streamId)
      throw error
    } finally {
      this.#saving = new Map()
    }
  }
}

/** The streams, with the places that their last events got. */
function* placed(
  streams: ReadonlyMap<string, StreamState<any>>,
  records: readonly LogRecord[],
  first: bigint,
): Generator<[string, StreamState<any>]> {
  const places = new Map<string, number>()
  for (const [index, { key }] of records.entries()) places.set(key, index)
  for (const [streamId, stream] of streams) {
    const offset = first + BigInt(places.get(streamId)!)
    yield [streamId, { ...stream, head: { ...stream.head!, offset } }]
  }
}

/** The place is what an operator needs, to look at the record. @throws {UnreadableRecord} */
function placedWhereUnread<Result>({ topic, partition, offset }: StoredRecord, read: () => Result): Result {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof UnreadableRecord)) throw cause
    throw new UnreadableRecord(`${topic}/${partition} at offset ${offset}: ${cause.message}`, { cause })
  }
}

function recordOf(event: RecordedEvent, withPrevious: boolean): LogRecord {
  return withPrevious ? { ...eventRecord(event), withPrevious } : eventRecord(event)
}

function instruments() {
  const meter = metrics.getMeter('@parley/eventlog')
  return {
    decided: meter.createCounter('parley.decider.decided', { unit: '{command}' }),
    appended: meter.createCounter('parley.decider.appended', { unit: '{event}' }),
  }
}

function startSpan({ envelope }: RecordedCommand): Span {
  return tracer.startSpan(
    `decide ${envelope.type}`,
    { kind: SpanKind.CONSUMER, attributes: { 'parley.command_id': envelope.commandId } },
    spanParent(envelope.traceparent),
  )
}

/** Undefined where it is no command: a dead letter, or what an operator filled the place with. */
function commandIdIn({ value, timestamp, offset }: StoredRecord): string | undefined {
  try {
    return readCommand(value, timestamp, offset).envelope.commandId
  } catch {
    return undefined
  }
}

function deadLetter(record: StoredRecord, error: unknown): NewDeadLetter {
  return {
    id: deterministicId('dead-letter', record.topic, record.partition, String(record.offset)),
    source: record.topic,
    code: error instanceof UnreadableRecord ? 'UNREADABLE_COMMAND' : 'DECISION_FAILED',
    reason: error instanceof Error ? error.message : 'unknown',
    key: record.key,
    value: record.value,
    partition: record.partition,
    offset: record.offset,
    recordedAt: record.timestamp,
  }
}
