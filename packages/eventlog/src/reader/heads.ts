import type { Head } from '@parley/kernel'
import { LRUCache } from 'lru-cache'
import { Binary, type Collection, type Db, Long } from 'mongodb'
import { writeIgnoringNewer } from '../repeats.ts'

/** How far a reader is in one stream: everything up to this version was handled. */
export interface HeadDocument {
  _id: string
  version: number
  hash: Binary
  offset: Long
  superseded: Binary[]
}

/** @param prefix The reader's name, with its version where it has one. */
export function headsOf(db: Db, prefix: string): Collection<HeadDocument> {
  return db.collection(`${prefix}_heads`)
}

const HEADS_CACHED_MAX = 100_000

/**
 * Where this reader stands in each stream. In memory while the generation lasts, and in Mongo before the offsets are committed: what a
 * crash takes is delivered again, and found at the head that belongs to it.
 */
export class StreamHeads {
  readonly #collection: Collection<HeadDocument>
  readonly #known = new LRUCache<string, { head: Head | undefined }>({ max: HEADS_CACHED_MAX })
  readonly #unwritten = new Map<string, Head>()
  #flushing: Promise<void> = Promise.resolve()
  #generation = -1

  constructor(collection: Collection<HeadDocument>) {
    this.#collection = collection
  }

  get generation(): number {
    return this.#generation
  }

  /** One round trip for all streams that are not in memory. After a rebalance nothing in memory counts. */
  async load(generation: number, streamIds: Iterable<string>): Promise<void> {
    if (generation > this.#generation) {
      this.#known.clear()
      this.#unwritten.clear()
      this.#generation = generation
    }
    const cold = [...streamIds].filter(
      (streamId) => !this.#unwritten.has(streamId) && !this.#known.has(streamId),
    )
    if (cold.length === 0) return
    const found = await this.#collection.find({ _id: { $in: cold } }).toArray()
    // Meanwhile another lane may have come into a newer generation: what was read then is not known to be true any more.
    if (generation !== this.#generation) return
    for (const streamId of cold) this.#known.set(streamId, { head: undefined })
    for (const document of found) this.#known.set(document._id, { head: headIn(document) })
  }

  of(streamId: string): Head | undefined {
    return this.#unwritten.get(streamId) ?? this.#known.get(streamId)?.head
  }

  /** It is read from the store when it is needed next: nobody here knows any more what others do with the stream. */
  forget(streamId: string): void {
    this.#known.delete(streamId)
  }

  /**
   * What a batch of an older generation says at its end does not count: another member, or the next generation here, may be further,
   * and a head that is set back would lose all that follows.
   */
  advance(generation: number, advanced: ReadonlyMap<string, Head>): void {
    if (generation !== this.#generation) return
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
      [...writing].map(([streamId, { version, hash, offset, superseded }]) => ({
        updateOne: {
          filter: { _id: streamId, version: { $lte: version } },
          update: {
            $set: {
              version,
              hash: new Binary(hash),
              offset: Long.fromBigInt(offset),
              superseded: superseded.map((lost) => new Binary(lost)),
            },
          },
          upsert: true,
        },
      })),
    )
    for (const [streamId, head] of writing)
      if (this.#unwritten.get(streamId) === head) this.#unwritten.delete(streamId)
  }
}

function headIn({ version, hash, offset, superseded }: HeadDocument): Head {
  return {
    version,
    hash: Buffer.from(hash.value()),
    // The driver gives back a Long as a number when it fits.
    offset: BigInt(String(offset)),
    superseded: superseded.map((lost) => Buffer.from(lost.value())),
  }
}
