import { setTimeout as pause } from 'node:timers/promises'
import { GrowingPlaces, type Position, type StoredRecord, repeatsIn } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import type { Collection, Db } from 'mongodb'
import { acceptedOf } from '../record/accepted.ts'
import {
  type AcceptedRecord,
  type LogPartition,
  type RawEvent,
  type RawRecord,
  partitionId,
  rawRecordOf,
} from '../record/raw-record.ts'

/** The log holds other bytes at a place that is archived already: another log, or one that was altered. */
export class ArchiveMismatch extends Error {
  readonly code = 'ARCHIVE_LOG_MISMATCH'
  constructor(id: string) {
    super(
      `The log's record at ${id} is not the one that the archive keeps of that place. ` +
        'Was the log made anew while the archive database stayed? Use another PARLEY_NAMESPACE, or restore the log.',
    )
  }
}

/** The driver writes 64-bit integers from bigint and reads them as number. */
type Stored<Document extends { offset: bigint }> = Omit<Document, 'offset'> & {
  readonly offset: bigint | number
}

/** All records of a partition below this offset are archived. Written after what it tells of. */
interface RawHead {
  readonly _id: string
  readonly offset: bigint | number
}

/** The accepted records of a conversation, as far as the archive holds its stream. */
export interface RawConversation {
  /** In stream order, without their bytes. */
  readonly records: readonly AcceptedRecord[]
  /** All records of the stream up to the offset that was asked for are archived, so `records` is all that there was by then. */
  readonly isComplete: boolean
}

export interface RawArchive {
  /**
   * Append-only; what is there already stays, and is compared.
   * @param records of any partitions; those of one partition in log order, behind what was kept of it before
   * @throws {ArchiveMismatch}
   * @throws {StoreSetBack} The records are kept, and the place that tells so is not: what is missing before them comes with the next start
   */
  keep(records: readonly StoredRecord[]): Promise<void>
  /** Where the last record of the stream stands that is archived. */
  newestOf(streamId: string): Promise<Position | undefined>
  /** @param throughOffset of the stream's partition; what stands behind it is left out */
  ofConversation(
    stream: { readonly streamId: string; readonly conversationId: string },
    throughOffset: bigint,
  ): Promise<RawConversation>
  /**
   * With their exact bytes, in the order given.
   * @param bytesMax so much is read at most, and one record in any case: the rest is left out
   */
  eventsOf(records: readonly AcceptedRecord[], bytesMax?: number): Promise<readonly RawEvent[]>
  /** All records of these partitions before these offsets are archived. */
  keptThrough(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>
  /** True when the record at that place is archived, false when it is not within the deadline. */
  whenKept(
    place: LogPartition & { readonly offset: bigint },
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<boolean>
}

const LOOK_EVERY_MS = 50
/** Pages of one record, and a page that is opened again, come close together. */
const JUDGED_KEPT_MS = 10_000
/** Some 500 bytes each; a longer stream is read each time. */
const JUDGED_RECORDS_MAX = 50_000

export async function rawArchive(db: Db): Promise<RawArchive> {
  const records: Collection<Stored<RawRecord>> = db.collection('raw_records', { promoteBuffers: true })
  const heads: Collection<RawHead> = db.collection('raw_heads')
  const through = new GrowingPlaces(heads, 'offset')
  await records.createIndex({ streamId: 1, offset: 1 })
  /** By stream and through which offset: what lies below a head never changes. */
  const judged = new LRUCache<string, readonly AcceptedRecord[]>({
    maxSize: JUDGED_RECORDS_MAX,
    sizeCalculation: (accepted) => accepted.length + 1,
    ttl: JUDGED_KEPT_MS,
    ttlAutopurge: true,
  })

  async function compare(given: readonly RawRecord[]): Promise<void> {
    const hashes = new Map(given.map(({ _id, hash }) => [_id, hash]))
    const kept = records.find({ _id: { $in: [...hashes.keys()] } }, { projection: { hash: 1 } })
    for await (const { _id, hash } of kept)
      if (hashes.get(_id)?.equals(hash) !== true) throw new ArchiveMismatch(_id)
  }

  /** A member that was put out of its group may come late with less: the head stays. */
  async function advance(kept: readonly RawRecord[]): Promise<void> {
    const nextOffsets = new Map(kept.map((record) => [partitionId(record), record.offset + 1n]))
    await through.raise(nextOffsets, (offset) => ({ $max: { offset: offset.toBigInt() } }))
  }

  const keptThrough: RawArchive['keptThrough'] = async (topic, partitions) => {
    const ids = partitions.map((partition) => partitionId({ topic, partition }))
    const found = await heads.find({ _id: { $in: ids } }).toArray()
    for (const { _id, offset } of found) through.seen(_id, BigInt(offset))
    const kept = new Map(found.map(({ _id, offset }) => [_id, BigInt(offset)]))
    return new Map(partitions.map((partition, at) => [partition, kept.get(ids[at]!) ?? 0n]))
  }

  async function headOf({ topic, partition }: LogPartition): Promise<bigint> {
    return (await keptThrough(topic, [partition])).get(partition)!
  }

  /** A contact writes for years: the stream is read by what it is judged by, without its bytes, and once for all pages of it. */
  async function acceptedBelow(streamId: string, offset: bigint): Promise<readonly AcceptedRecord[]> {
    const key = `${streamId} ${offset}`
    const known = judged.get(key)
    if (known !== undefined) return known
    const stream = await records
      .find({ streamId, offset: { $lt: offset } }, { projection: { raw: 0 } })
      .sort({ offset: 1 })
      .toArray()
    const accepted = acceptedOf(stream.map((record) => ({ ...record, offset: BigInt(record.offset) })))
    judged.set(key, accepted)
    return accepted
  }

  return {
    keptThrough,

    async keep(given) {
      if (given.length === 0) return
      const raw = given.map(rawRecordOf)
      try {
        await records.insertMany(raw, { ordered: false })
      } catch (error) {
        await compare(repeatsIn(error).map((index) => raw[index]!))
      }
      await advance(raw)
    },

    async newestOf(streamId) {
      const newest = await records.findOne(
        { streamId },
        { sort: { offset: -1 }, projection: { partition: 1, offset: 1 } },
      )
      return newest === null ? undefined : { partition: newest.partition, offset: BigInt(newest.offset) }
    },

    async ofConversation({ streamId, conversationId }, throughOffset) {
      const first = await records.findOne({ streamId }, { projection: { topic: 1, partition: 1 } })
      if (first === null) return { records: [], isComplete: false }
      // The head before what it tells of: all below it is found then.
      const head = await headOf(first)
      const isComplete = head > throughOffset
      const accepted = await acceptedBelow(streamId, isComplete ? throughOffset + 1n : head)
      return {
        isComplete,
        records: accepted.filter(({ header }) => header.conversationId === conversationId),
      }
    },

    async eventsOf(accepted, bytesMax = Infinity) {
      const byId = new Map(accepted.map((record) => [record._id, record]))
      const events: RawEvent[] = []
      let bytes = 0
      // Ids sort as the log does, and one stream stands in one partition.
      const found = records.find({ _id: { $in: [...byId.keys()] } }, { projection: { raw: 1 } })
      for await (const { _id, raw } of found.sort({ _id: 1 })) {
        bytes += raw.length
        if (events.length > 0 && bytes > bytesMax) break
        events.push({ ...byId.get(_id)!, raw })
      }
      return events
    },

    async whenKept(place, deadlineMs, signal) {
      for (const until = performance.now() + deadlineMs; ; await pause(LOOK_EVERY_MS)) {
        if ((await headOf(place)) > place.offset) return true
        if (performance.now() > until || signal?.aborted === true) return false
      }
    },
  }
}
