import {
  type Decider,
  type Head,
  type KeptWords,
  type StreamState,
  memoryOf,
  rememberedIds,
} from '@parley/kernel'
import { Binary, type Collection, type Db, Long } from 'mongodb'
import { repeatsIn } from '../repeats.ts'

/** Another process claimed the partition: this one's claim is void. Its appends did no harm, its snapshots are refused. */
export class PartitionFenced extends Error {
  readonly code = 'PARTITION_FENCED'
  constructor(partition: number, epoch: bigint) {
    super(`Partition ${partition} was claimed by another process after epoch ${epoch}.`)
  }
}

interface SnapshotDocument {
  _id: string
  epoch: Long
  head: { version: number; hash: Binary; offset: Long; superseded: Binary[] } | null
  decidedOffset: Long
  commandIds: string[]
  kept: { key: string; parts: Binary[] }[]
  /** JSON: states are plain, and their keys may hold what BSON keys may not. */
  state: string
}

interface PartitionDocument {
  _id: number
  epoch: Long
  /** The snapshots hold all events before this offset. */
  mark: Long
}

/**
 * Where the writer of one partition keeps what it knows of its streams. Every write is conditional on the epoch of its claim, so that
 * a writer that was overtaken changes nothing.
 */
export class SnapshotStore<State> {
  readonly #partition: number
  readonly #snapshots: Collection<SnapshotDocument>
  readonly #partitions: Collection<PartitionDocument>
  readonly epoch: bigint
  /** The snapshots held all events before this offset when the partition was claimed. */
  readonly mark: bigint

  private constructor(
    partition: number,
    claimed: { epoch: bigint; mark: bigint },
    collections: { snapshots: Collection<SnapshotDocument>; partitions: Collection<PartitionDocument> },
  ) {
    this.#partition = partition
    this.epoch = claimed.epoch
    this.mark = claimed.mark
    this.#snapshots = collections.snapshots
    this.#partitions = collections.partitions
  }

  /** From here on, whoever claimed the partition before writes no snapshot of it any more. */
  static async claim<State>(
    db: Db,
    { family, version }: Pick<Decider<State, any, any, any>, 'family' | 'version'>,
    partition: number,
  ): Promise<SnapshotStore<State>> {
    const prefix = `${family.name}_v${version}`
    const snapshots = db.collection<SnapshotDocument>(`${prefix}_snapshots`)
    const partitions = db.collection<PartitionDocument>(`${prefix}_partitions`)
    const claimed = await partitions.findOneAndUpdate(
      { _id: partition },
      { $inc: { epoch: Long.ONE }, $setOnInsert: { mark: Long.ZERO } },
      { upsert: true, returnDocument: 'after' },
    )
    if (claimed === null) throw new Error(`Partition ${partition} could not be claimed.`)
    return new SnapshotStore<State>(
      partition,
      { epoch: asBigInt(claimed.epoch), mark: asBigInt(claimed.mark) },
      { snapshots, partitions },
    )
  }

  /** One round trip. Streams without a snapshot are not in the answer. */
  async load(streamIds: readonly string[]): Promise<ReadonlyMap<string, StreamState<State>>> {
    const found = await this.#snapshots.find({ _id: { $in: [...streamIds] } }).toArray()
    return new Map(found.map((document) => [document._id, restored<State>(document)]))
  }

  /**
   * The mark moves only after all of them are in.
   * @param mark All events before this offset are in these snapshots, or in earlier ones.
   * @throws {PartitionFenced}
   */
  async write(streams: ReadonlyMap<string, StreamState<State>>, mark: bigint): Promise<void> {
    const epoch = Long.fromBigInt(this.epoch)
    if (streams.size > 0)
      try {
        await this.#snapshots.bulkWrite(
          [...streams].map(([streamId, stream]) => ({
            updateOne: {
              // A claim made later than ours wrote this stream: the upsert then meets its id and is refused.
              filter: { _id: streamId, epoch: { $lte: epoch } },
              update: { $set: { epoch, ...snapshotOf(stream) } },
              upsert: true,
            },
          })),
          { ordered: false },
        )
      } catch (error) {
        // Rows that were there already are a later claim's.
        repeatsIn(error)
        throw new PartitionFenced(this.#partition, this.epoch)
      }
    const marked = await this.#partitions.updateOne(
      { _id: this.#partition, epoch },
      { $set: { mark: Long.fromBigInt(mark) } },
    )
    if (marked.matchedCount === 0) throw new PartitionFenced(this.#partition, this.epoch)
  }
}

function snapshotOf<State>(stream: StreamState<State>): Omit<SnapshotDocument, '_id' | 'epoch'> {
  const { head } = stream
  return {
    head:
      head === undefined
        ? null
        : {
            version: head.version,
            hash: new Binary(head.hash),
            offset: Long.fromBigInt(head.offset),
            superseded: head.superseded.map((hash) => new Binary(hash)),
          },
    decidedOffset: Long.fromBigInt(stream.decidedOffset),
    commandIds: [...rememberedIds(stream.memory)],
    kept: [...stream.kept].map(([key, parts]) => ({ key, parts: parts.map((part) => new Binary(part)) })),
    state: JSON.stringify(stream.state),
  }
}

function restored<State>({
  head,
  decidedOffset,
  commandIds,
  kept,
  state,
}: SnapshotDocument): StreamState<State> {
  return {
    head: head === null ? undefined : headOf(head),
    decidedOffset: asBigInt(decidedOffset),
    memory: memoryOf(commandIds),
    kept: new Map(kept.map(({ key, parts }) => [key, parts.map((part) => part.value())])) as KeptWords,
    state: JSON.parse(state) as State,
  }
}

function headOf({ version, hash, offset, superseded }: NonNullable<SnapshotDocument['head']>): Head {
  return {
    version,
    hash: Buffer.from(hash.value()),
    offset: asBigInt(offset),
    superseded: superseded.map((lost) => Buffer.from(lost.value())),
  }
}

/** The driver gives back a Long as a number when it fits (promoteLongs). */
function asBigInt(value: Long | number): bigint {
  return typeof value === 'number' ? BigInt(value) : value.toBigInt()
}
