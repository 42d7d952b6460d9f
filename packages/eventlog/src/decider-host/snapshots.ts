import {
  type Decider,
  type StreamState,
  type Table,
  memoryOf,
  partsOf,
  rememberedIds,
  stateOf,
} from '@parley/kernel'
import { type AnyBulkWriteOperation, Binary, type Collection, type Db, Long } from 'mongodb'
import { isRepeat, repeatsIn } from '../repeats.ts'
import { bigIntIn } from '../stored-bigint.ts'
import { type StoredHead, headIn, storedHead } from '../stored-head.ts'
import { WRITTEN_AT_ONCE } from '../writing.ts'
import { type ChunkDocument, ChunkStore, type TableSlots } from './chunk-store.ts'
import { Slices } from './slices.ts'

/** Another process claimed the partition: this one's claim is void. Its appends did no harm, its snapshots are refused. */
export class PartitionFenced extends Error {
  readonly code = 'PARTITION_FENCED'
  constructor(partition: number, epoch: bigint) {
    super(`Partition ${partition} was claimed by another process after epoch ${epoch}.`)
  }
}

interface Snapshot {
  head: StoredHead | null
  decidedOffset: Long
  commandIds: string[]
  kept: { key: string; parts: Binary[] }[]
  /** JSON: states are plain, and their keys may hold what BSON keys may not. Without its tables. */
  state: string
  tables?: readonly TableSlots[]
}

/** Without a snapshot it is a stream whose first one is being written. */
type SnapshotDocument = { _id: string; epoch: Long } & Partial<Snapshot>

/** An operator's word, of the family, whatever version decides: docs/runbooks/stream-parked.md. */
interface LeftOutDocument {
  /** `partition:offset` of the events topic. */
  _id: string
  reason: string
}

interface PartitionDocument {
  _id: number
  epoch: Long
  /** The snapshots hold all events before this offset. */
  mark: Long
  /** All commands before this offset are decided. Absent where none was decided since this is written. */
  commands?: Long
  /** When the partition was claimed or the mark was written, by the clock of whoever did it. */
  at: Date
}

/** How far the snapshots of a partition are. */
export interface SnapshotMark {
  readonly epoch: bigint
  readonly mark: bigint
  readonly commands: bigint
  readonly at: Date
}

/**
 * Where the writer of one partition keeps what it knows of its streams. Every write is conditional on the epoch of its claim, so that
 * a writer that was overtaken changes nothing.
 */
export class SnapshotStore<State> {
  readonly #partition: number
  readonly #snapshots: Collection<SnapshotDocument>
  readonly #partitions: Collection<PartitionDocument>
  readonly #leftOut: Collection<LeftOutDocument>
  readonly #chunks: ChunkStore
  readonly #epoch: Long
  readonly epoch: bigint
  /** The snapshots held all events before this offset when the partition was claimed. */
  readonly mark: bigint

  private constructor(
    partition: number,
    claimed: PartitionDocument,
    { snapshots, partitions, leftOut, chunks }: Collections,
  ) {
    this.#partition = partition
    this.epoch = bigIntIn(claimed.epoch)
    this.#epoch = Long.fromBigInt(this.epoch)
    this.mark = bigIntIn(claimed.mark)
    this.#snapshots = snapshots
    this.#partitions = partitions
    this.#leftOut = leftOut
    this.#chunks = new ChunkStore(chunks)
  }

  /**
   * From here on, whoever claimed the partition before writes no snapshot of it any more.
   * @param lastEpoch claims only while this is the last claim: of several who go by it, one does
   * @throws {PartitionFenced} it is not any more
   */
  static async claim<State>(
    db: Db,
    decider: VersionedDecider,
    partition: number,
    lastEpoch?: bigint,
  ): Promise<SnapshotStore<State>> {
    const collections = collectionsOf(db, decider)
    const claimOnce = () =>
      collections.partitions.findOneAndUpdate(
        { _id: partition, ...(lastEpoch === undefined ? {} : { epoch: Long.fromBigInt(lastEpoch) }) },
        { $inc: { epoch: Long.ONE }, $set: { at: new Date() }, $setOnInsert: { mark: Long.ZERO } },
        { upsert: true, returnDocument: 'after' },
      )
    const claimed = await claimOnce()
      // Of two first claims at once, SecantusDB answers one with nothing: the document is the other's, and there now.
      .then((found) => found ?? claimOnce())
      .catch((error: unknown) => {
        // Another claim came between: no document matched, and a new one met its id.
        if (lastEpoch === undefined || !isRepeat(error)) throw error
        throw new PartitionFenced(partition, lastEpoch)
      })
    if (claimed === null) throw new Error(`Partition ${partition} could not be claimed.`)
    return new SnapshotStore<State>(partition, claimed, collections)
  }

  /** Of all partitions that were ever claimed by this version. */
  static async marks(db: Db, decider: VersionedDecider): Promise<ReadonlyMap<number, SnapshotMark>> {
    const found = await collectionsOf(db, decider).partitions.find().toArray()
    return new Map(
      found.map(({ _id, epoch, mark, commands = Long.ZERO, at }) => [
        _id,
        { epoch: bigIntIn(epoch), mark: bigIntIn(mark), commands: bigIntIn(commands), at },
      ]),
    )
  }

  /**
   * One round trip, and some more for each stream with tables. Streams without a snapshot are not in the answer.
   * @throws {PartitionFenced}
   */
  async load(streamIds: readonly string[]): Promise<ReadonlyMap<string, StreamState<State>>> {
    const streams = new Map<string, StreamState<State>>()
    for (let document of await this.#snapshots.find({ _id: { $in: [...streamIds] } }).toArray()) {
      const streamId = document._id
      // Taken before its chunks are read: from here on, no older writer lets the header refer to others.
      if (document.tables !== undefined) document = await this.#take(streamId)
      if (document.state === undefined) continue
      const tables = await this.#chunks.read(streamId, document.tables ?? [])
      streams.set(streamId, restored<State>(document as Snapshot, tables))
    }
    return streams
  }

  /** Whether an operator said that the record at this place is to be left out. */
  async isLeftOut(offset: bigint): Promise<boolean> {
    return (await this.#leftOut.findOne({ _id: `${this.#partition}:${offset}` })) !== null
  }

  /** The stream left memory. */
  forget(streamId: string): void {
    this.#chunks.forget(streamId)
  }

  /**
   * The mark moves only after all of them are in.
   * @param mark All events before this offset are in these snapshots, or in earlier ones.
   * @param commands All commands before this offset are decided, by this writer. Default: none.
   * @throws {PartitionFenced}
   */
  async write(
    streams: ReadonlyMap<string, StreamState<State>>,
    mark: bigint,
    commands?: bigint,
  ): Promise<void> {
    const slices = new Slices()
    let bulk: AnyBulkWriteOperation<SnapshotDocument>[] = []
    for (const [streamId, stream] of streams) {
      const { rest, tables } = partsOf(stream.state)
      const snapshot = { epoch: this.#epoch, ...snapshotOf(stream, rest) }
      if (tables.size > 0) await this.#writeWithTables(streamId, snapshot, tables)
      else bulk.push(this.#update(streamId, snapshot))
      if (bulk.length >= WRITTEN_AT_ONCE) {
        await this.#inEpoch(this.#snapshots.bulkWrite(bulk, { ordered: false }))
        bulk = []
      }
      await slices.pause()
    }
    if (bulk.length > 0) await this.#inEpoch(this.#snapshots.bulkWrite(bulk, { ordered: false }))
    const marked = await this.#partitions.updateOne(
      { _id: this.#partition, epoch: this.#epoch },
      {
        $set: {
          mark: Long.fromBigInt(mark),
          at: new Date(),
          ...(commands === undefined ? {} : { commands: Long.fromBigInt(commands) }),
        },
      },
    )
    if (marked.matchedCount === 0) throw this.#fenced()
  }

  /** The chunks that changed, then the header that refers to them: until then the former snapshot holds. */
  async #writeWithTables(
    streamId: string,
    snapshot: Omit<Snapshot, 'tables'>,
    tables: ReadonlyMap<string, Table<unknown>>,
  ): Promise<void> {
    if (!this.#chunks.knows(streamId))
      this.#chunks.refersTo(streamId, (await this.#take(streamId)).tables ?? [])
    try {
      const headers = await this.#inEpoch(this.#chunks.write(streamId, tables, this.#epoch))
      const update = this.#update(streamId, { ...snapshot, tables: headers })
      await this.#inEpoch(this.#snapshots.bulkWrite([update]))
      this.#chunks.refersTo(streamId, headers, tables)
    } catch (error) {
      // The header may have been written all the same: it is taken again before any chunk is written over.
      this.#chunks.forget(streamId)
      throw error
    }
  }

  async #take(streamId: string): Promise<SnapshotDocument> {
    const taken = await this.#inEpoch(
      this.#snapshots.findOneAndUpdate(
        { _id: streamId, epoch: { $lte: this.#epoch } },
        { $set: { epoch: this.#epoch } },
        { upsert: true, returnDocument: 'after' },
      ),
    )
    if (taken === null) throw this.#fenced()
    return taken
  }

  #update(streamId: string, snapshot: Partial<Snapshot>): AnyBulkWriteOperation<SnapshotDocument> {
    return {
      updateOne: {
        filter: { _id: streamId, epoch: { $lte: this.#epoch } },
        update: { $set: snapshot },
        upsert: true,
      },
    }
  }

  /** A document of a later claim does not match, and the upsert then meets its id. */
  async #inEpoch<Result>(write: Promise<Result>): Promise<Result> {
    try {
      return await write
    } catch (error) {
      if (!isRepeat(error)) repeatsIn(error)
      throw this.#fenced()
    }
  }

  #fenced(): PartitionFenced {
    return new PartitionFenced(this.#partition, this.epoch)
  }
}

type VersionedDecider = Pick<Decider<any, any, any, any>, 'family' | 'version'>

interface Collections {
  readonly snapshots: Collection<SnapshotDocument>
  readonly partitions: Collection<PartitionDocument>
  readonly leftOut: Collection<LeftOutDocument>
  readonly chunks: Collection<ChunkDocument>
}

function collectionsOf(db: Db, { family, version }: VersionedDecider): Collections {
  const prefix = `${family.name}_v${version}`
  return {
    snapshots: db.collection<SnapshotDocument>(`${prefix}_snapshots`),
    partitions: db.collection<PartitionDocument>(`${prefix}_partitions`),
    leftOut: db.collection<LeftOutDocument>(`${family.name}_left_out`),
    chunks: db.collection<ChunkDocument>(`${prefix}_chunks`),
  }
}

function snapshotOf(stream: StreamState<unknown>, rest: unknown): Omit<Snapshot, 'tables'> {
  const { head } = stream
  return {
    head: head === undefined ? null : storedHead(head),
    decidedOffset: Long.fromBigInt(stream.decidedOffset),
    commandIds: [...rememberedIds(stream.memory)],
    kept: [...stream.kept].map(([key, parts]) => ({ key, parts: parts.map((part) => new Binary(part)) })),
    state: JSON.stringify(rest),
  }
}

function restored<State>(
  { head, decidedOffset, commandIds, kept, state }: Snapshot,
  tables: ReadonlyMap<string, Table<unknown>>,
): StreamState<State> {
  return {
    head: head === null ? undefined : headIn(head),
    decidedOffset: bigIntIn(decidedOffset),
    memory: memoryOf(commandIds),
    kept: new Map(kept.map(({ key, parts }) => [key, parts.map((part) => part.value())])),
    state: stateOf({ rest: JSON.parse(state), tables }) as State,
  }
}
