import { randomUUID } from 'node:crypto'
import { Binary, type Collection, type Db, Long } from 'mongodb'
import type { StoredRecord } from '../log.ts'
import { writeIgnoringNewer } from '../writing.ts'
import { bigIntIn } from '../stored-bigint.ts'
import type { ReaderRecord } from './classify.ts'

export interface ParkedStream {
  readonly streamId: string
  readonly partition: number
  readonly reason: string
  readonly parkedAt: Date
  /** The event that cannot be handled: `partition:offset`. */
  readonly poison: string
}

/** Another event parks the stream by now than the one that was to be left out, or none: nothing was left out. */
export class PoisonUnseen extends Error {
  readonly code = 'POISON_UNSEEN'
  constructor(streamId: string, poison: string) {
    super(
      `${poison} does not park ${streamId} now. Look again at what does: somebody else may have left it out before.`,
    )
  }
}

/** What an operator asked for, of whichever replica: the owner of the partition does it. */
export interface RetryWish {
  readonly streamId: string
  readonly partition: number
  readonly wishId: string
  /** A stream that is freed and parked anew is parked at another time. */
  readonly parkedAt: Date
}

/** The records of a parked stream from its poison on, and the mark that tells whether others queued since. */
export interface Queue {
  readonly records: readonly ReaderRecord[]
  readonly through: Long
}

interface ParkedDocument {
  _id: string
  partition: number
  reason: string
  /** The record that could not be handled. */
  poison: string
  parkedAt: Date
  /** The offset of the last record that queued. What frees the stream names the one that it saw, so that nothing is left behind. */
  through: Long
  wishId?: string
  /** The last wish that was carried out and left the stream parked. */
  answeredWishId?: string
}

interface ParkedRecordDocument {
  _id: string
  streamId: string
  partition: number
  offset: Long
  timestamp: string
  topic: string
  raw: Binary
  discarded?: string
}

/** A record that an operator left out. It stays: a version that is built later is to do without it as well. */
interface DiscardedDocument {
  _id: string
  streamId: string
  reason: string
  at: Date
}

const RECORDS_AT_ONCE_MAX = 1_000

/** Streams that wait for an operator, and the exact records that queue behind the poison. */
export class Parking {
  readonly #streams: Collection<ParkedDocument>
  readonly #records: Collection<ParkedRecordDocument>
  readonly #discarded: Collection<DiscardedDocument>
  #partitions: readonly number[] = []
  #count = 0
  #changes = 0
  #running = 0

  constructor(db: Db, prefix: string) {
    this.#streams = db.collection(`${prefix}_parked`)
    this.#records = db.collection(`${prefix}_parked_records`)
    this.#discarded = db.collection(`${prefix}_discarded`)
  }

  async prepare(): Promise<void> {
    await this.#records.createIndex({ streamId: 1, offset: 1 })
  }

  /** Parked streams of the partitions that are this member's, as of its last look. */
  get count(): number {
    return this.#count
  }

  /**
   * Only the owner of a partition parks, so what is parked is known until the partitions change. All the same it is looked at now and
   * then: a member that had lost the partition, and did not know it, may have parked something after that.
   */
  async lookAnew(partitions: readonly number[] = this.#partitions): Promise<void> {
    // Until the look at others has ended, there may be some.
    if (partitions !== this.#partitions) this.#count = Math.max(this.#count, 1)
    this.#partitions = partitions
    if (this.#running > 0) return
    const before = this.#changes
    const count = await this.#streams.countDocuments({ partition: { $in: [...partitions] } })
    if (before === this.#changes && partitions === this.#partitions) this.#count = count
  }

  /** Which of these streams are parked. Nothing is asked while none is. */
  async among(streamIds: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    if (this.#count === 0 || streamIds.size === 0) return new Set()
    const found = await this.#streams
      .find({ _id: { $in: [...streamIds] } }, { projection: { _id: 1 } })
      .toArray()
    return new Set(found.map(({ _id }) => _id))
  }

  /**
   * The poison and all that stands behind it. The records queue before the stream counts as parked, so that a parked stream always has
   * its poison: an operator who discards it would discard nothing otherwise.
   * @returns the stream, if it was not parked before
   */
  async park(
    poison: StoredRecord,
    behind: readonly StoredRecord[],
    reason: string,
  ): Promise<ParkedStream | undefined> {
    this.#running += 1
    this.#changes += 1
    this.#count += 1
    try {
      await this.#queue(behind)
      const parkedAt = new Date()
      const { upsertedCount } = await this.#streams.updateOne(
        { _id: poison.key },
        {
          $set: { reason, poison: recordId(poison), partition: poison.partition },
          $setOnInsert: { parkedAt },
          $max: { through: Long.fromBigInt(behind.at(-1)!.offset) },
        },
        { upsert: true },
      )
      return upsertedCount === 0
        ? undefined
        : { streamId: poison.key, partition: poison.partition, reason, parkedAt, poison: recordId(poison) }
    } finally {
      this.#running -= 1
    }
  }

  /**
   * Records of parked streams queue behind their poison.
   * @returns false when one of the streams was freed meanwhile: then its records are to be handled, not queued
   */
  async queue(records: readonly StoredRecord[]): Promise<boolean> {
    if (records.length === 0) return true
    await this.#queue(records)
    const through = new Map(records.map(({ key, offset }) => [key, offset]))
    const { matchedCount } = await this.#streams.bulkWrite(
      [...through].map(([streamId, offset]) => ({
        updateOne: { filter: { _id: streamId }, update: { $max: { through: Long.fromBigInt(offset) } } },
      })),
      { ordered: false },
    )
    return matchedCount === through.size
  }

  async #queue(records: readonly StoredRecord[]): Promise<void> {
    await writeIgnoringNewer(
      this.#records,
      records.map((record) => ({
        insertOne: {
          document: {
            _id: recordId(record),
            streamId: record.key,
            partition: record.partition,
            offset: Long.fromBigInt(record.offset),
            timestamp: record.timestamp,
            topic: record.topic,
            raw: new Binary(record.value),
          },
        },
      })),
    )
  }

  async list(): Promise<readonly ParkedStream[]> {
    const found = await this.#streams.find().sort({ parkedAt: 1 }).toArray()
    return found.map(({ _id, partition, reason, parkedAt, poison }) => ({
      streamId: _id,
      partition,
      reason,
      parkedAt,
      poison,
    }))
  }

  /** The first records that wait, at most 1,000. Undefined when the stream is not parked. */
  async queueOf(streamId: string): Promise<Queue | undefined> {
    // The mark first: what queues after this look has another one.
    const parked = await this.#streams.findOne({ _id: streamId })
    if (parked === null) return undefined
    const found = await this.#records
      .find({ streamId })
      .sort({ offset: 1 })
      .limit(RECORDS_AT_ONCE_MAX)
      .toArray()
    const records = found.map((document) => ({
      topic: document.topic,
      partition: document.partition,
      offset: bigIntIn(document.offset),
      timestamp: document.timestamp,
      key: document.streamId,
      value: document.raw.value(),
      headers: {},
      discarded: document.discarded !== undefined,
    }))
    return { records, through: Long.fromBigInt(bigIntIn(parked.through)) }
  }

  /**
   * Only what the operator saw: once it is left out, the next event of the stream may be poison too, and nobody has judged that one.
   * @throws {PoisonUnseen}
   */
  async discardPoison(streamId: string, poison: string, reason: string): Promise<void> {
    const parked = await this.#streams.findOne({ _id: streamId, poison })
    if (parked === null) throw new PoisonUnseen(streamId, poison)
    await this.#discarded.updateOne(
      { _id: poison },
      { $setOnInsert: { streamId, reason, at: new Date() } },
      { upsert: true },
    )
    await this.#records.updateOne({ _id: poison }, { $set: { discarded: reason } })
  }

  /** Why it was left out here. Undefined when it was not. */
  async discardedAs(poison: string): Promise<string | undefined> {
    return (await this.#discarded.findOne({ _id: poison }))?.reason
  }

  /**
   * It takes the place of a wish that was not carried out yet: whoever left something out since then must not get the outcome of before.
   * @returns undefined when the stream is not parked
   */
  async wish(streamId: string): Promise<RetryWish | undefined> {
    const wishId = randomUUID()
    const parked = await this.#streams.findOneAndUpdate({ _id: streamId }, { $set: { wishId } })
    return parked === null ? undefined : wishOf(parked, wishId)
  }

  /** Of all partitions. */
  async wishes(): Promise<readonly RetryWish[]> {
    const found = await this.#streams.find({ wishId: { $exists: true } }).toArray()
    return found.map((parked) => wishOf(parked, parked.wishId ?? ''))
  }

  /** The wish was carried out and the stream is poisoned still. */
  async answer({ streamId, wishId }: RetryWish): Promise<void> {
    await this.#streams.updateOne(
      { _id: streamId, wishId },
      { $set: { answeredWishId: wishId }, $unset: { wishId: '' } },
    )
  }

  /** True: the stream is free. False: it was tried and is poisoned still. Undefined: not done yet. */
  async outcomeOf({ streamId, wishId, parkedAt }: RetryWish): Promise<boolean | undefined> {
    const parked = await this.#streams.findOne({ _id: streamId })
    // Freed; where it stands here, it was parked anew by a later event.
    if (parked === null || parked.parkedAt.getTime() !== parkedAt.getTime()) return true
    if (parked.answeredWishId === wishId) return false
    // Another one's wish may have taken the place of this one: what comes of it is the outcome of both.
    return parked.wishId === undefined ? false : undefined
  }

  /** False when something queued since the queue was looked at, or the stream is not parked any more. */
  async free(streamId: string, { through }: Queue): Promise<boolean> {
    const { deletedCount } = await this.#streams.deleteOne({ _id: streamId, through })
    if (deletedCount === 1) this.#changes += 1
    return deletedCount === 1
  }

  async handedOver(records: readonly StoredRecord[]): Promise<void> {
    if (records.length === 0) return
    await this.#records.deleteMany({ _id: { $in: records.map(recordId) } })
  }
}

function wishOf({ _id, partition, parkedAt }: ParkedDocument, wishId: string): RetryWish {
  return { streamId: _id, partition, wishId, parkedAt }
}

function recordId(record: StoredRecord): string {
  return `${record.partition}:${record.offset}`
}
