import { randomUUID } from 'node:crypto'
import { Binary, type Collection, type Db } from 'mongodb'
import type { StoredRecord } from '../log.ts'
import { writeIgnoringNewer } from '../repeats.ts'
import type { ReaderRecord } from './classify.ts'

export interface ParkedStream {
  readonly streamId: string
  readonly reason: string
  readonly parkedAt: Date
}

/** What an operator asked for, of whichever replica: the owner of the partition does it. */
export interface RetryWish {
  readonly streamId: string
  readonly partition: number
  readonly wishId: string
}

interface ParkedDocument {
  _id: string
  partition: number
  reason: string
  /** The record that could not be handled. */
  poison: string
  parkedAt: Date
  wishId?: string
  /** The last wish that was carried out and left the stream parked. */
  answeredWishId?: string
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

/** Streams that wait for an operator, and the exact records that queue behind the poison. */
export class Parking {
  readonly #streams: Collection<ParkedDocument>
  readonly #records: Collection<ParkedRecordDocument>
  #generation = -1
  #isEmpty = false

  constructor(db: Db, prefix: string) {
    this.#streams = db.collection(`${prefix}_parked`)
    this.#records = db.collection(`${prefix}_parked_records`)
  }

  async prepare(): Promise<void> {
    await this.#records.createIndex({ streamId: 1, offset: 1 })
  }

  /** True when this member knows of no parked stream: then nothing is asked. */
  get isEmpty(): boolean {
    return this.#isEmpty
  }

  /** Only the owner of a partition parks; what another process parked is found when its partitions come here. */
  async lookAnew(generation: number): Promise<void> {
    if (generation <= this.#generation) return
    this.#isEmpty = (await this.#streams.findOne({}, { projection: { _id: 1 } })) === null
    this.#generation = generation
  }

  /** Which of these streams are parked. */
  async among(streamIds: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    if (this.#isEmpty || streamIds.size === 0) return new Set()
    const found = await this.#streams
      .find({ _id: { $in: [...streamIds] } }, { projection: { _id: 1 } })
      .toArray()
    return new Set(found.map(({ _id }) => _id))
  }

  /**
   * Its record queues before the stream counts as parked, so that a crash between leaves nothing behind a poison that nobody has.
   * @returns the stream, if it was not parked before
   */
  async park(poison: StoredRecord, reason: string): Promise<ParkedStream | undefined> {
    this.#isEmpty = false
    await this.queue([poison])
    const parkedAt = new Date()
    const { upsertedCount } = await this.#streams.updateOne(
      { _id: poison.key },
      {
        $set: { reason, poison: recordId(poison), partition: poison.partition },
        $setOnInsert: { parkedAt },
      },
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

  /** @returns undefined when the stream is not parked */
  async wish(streamId: string): Promise<string | undefined> {
    const wishId = randomUUID()
    const { matchedCount } = await this.#streams.updateOne({ _id: streamId }, { $set: { wishId } })
    return matchedCount === 0 ? undefined : wishId
  }

  async wishes(partitions: readonly number[]): Promise<readonly RetryWish[]> {
    const found = await this.#streams
      .find({ partition: { $in: [...partitions] }, wishId: { $exists: true } })
      .toArray()
    return found.map(({ _id, partition, wishId = '' }) => ({ streamId: _id, partition, wishId }))
  }

  /** The wish was carried out and the stream is poisoned still. */
  async answer({ streamId, wishId }: RetryWish): Promise<void> {
    await this.#streams.updateOne(
      { _id: streamId, wishId },
      { $set: { answeredWishId: wishId }, $unset: { wishId: '' } },
    )
  }

  /** True: the stream is free. False: it was tried and is poisoned still. Undefined: not done yet. */
  async outcomeOf(streamId: string, wishId: string): Promise<boolean | undefined> {
    const parked = await this.#streams.findOne({ _id: streamId })
    if (parked === null) return true
    if (parked.answeredWishId === wishId) return false
    // Freed, and parked anew by a later event: the wish went with the old document.
    return parked.wishId === wishId ? undefined : true
  }

  async unpark(streamId: string): Promise<void> {
    await this.#streams.deleteOne({ _id: streamId })
  }

  async handedOver(records: readonly StoredRecord[]): Promise<void> {
    await this.#records.deleteMany({ _id: { $in: records.map(recordId) } })
  }
}

function recordId(record: StoredRecord): string {
  return `${record.partition}:${record.offset}`
}
