import type { Head } from '@parley/kernel'
import { LRUCache } from 'lru-cache'
import { Binary, type Collection, type Db, Long } from 'mongodb'
import { atMost } from '../at-most.ts'
import { writeIgnoringNewer } from '../repeats.ts'

/** How far a reader is in one stream: everything up to this version was handled. */
export interface HeadDocument {
  _id: string
  version: number
  hash: Binary
  offset: Long
  superseded: Binary[]
  leftOut: Binary[]
}

/** @param prefix The reader's name, with its version where it has one. */
export function headsOf(db: Db, prefix: string): Collection<HeadDocument> {
  return db.collection(`${prefix}_heads`)
}

const HEADS_CACHED_MAX = 100_000

/**
 * Where this reader stands in each stream, for one generation of its group: what was known in the one before may be stale. In memory,
 * and in Mongo before the offsets are committed: what a crash takes is delivered again, and found at the head that belongs to it.
 *
 * A batch that ends after its generation keeps the heads it began with. What it says there nobody else looks at: another member, or the
 * next generation here, may be further, and a head that is set back would lose all that follows.
 */
export class StreamHeads {
  readonly generation: number
  readonly #collection: Collection<HeadDocument>
  readonly #known = new LRUCache<string, { readonly head: Head | undefined }>(atMost(HEADS_CACHED_MAX))
  readonly #unwritten = new Map<string, Head>()
  #flushing: Promise<void> = Promise.resolve()

  constructor(collection: Collection<HeadDocument>, generation: number) {
    this.#collection = collection
    this.generation = generation
  }

  /** One round trip for all streams that are not in memory. A stream that is not in the answer has no head. */
  async of(streamIds: Iterable<string>): Promise<ReadonlyMap<string, Head>> {
    const heads = new Map<string, Head>()
    const cold: string[] = []
    for (const streamId of streamIds) {
      const unwritten = this.#unwritten.get(streamId)
      const known = unwritten === undefined ? this.#known.get(streamId) : { head: unwritten }
      if (known === undefined) cold.push(streamId)
      else if (known.head !== undefined) heads.set(streamId, known.head)
    }
    if (cold.length === 0) return heads
    for (const document of await this.#collection.find({ _id: { $in: cold } }).toArray())
      heads.set(document._id, headIn(document))
    for (const streamId of cold) this.#known.set(streamId, { head: heads.get(streamId) })
    return heads
  }

  /** It is read from the store when it is needed next: nobody here knows any more what others do with the stream. */
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
      [...writing].map(([streamId, { version, hash, offset, superseded, leftOut = [] }]) => ({
        updateOne: {
          // Of two that stand at one version, the one that looked further knows more of what lost.
          filter: { _id: streamId, offset: { $lte: Long.fromBigInt(offset) } },
          update: {
            $set: {
              version,
              hash: new Binary(hash),
              offset: Long.fromBigInt(offset),
              superseded: superseded.map((lost) => new Binary(lost)),
              leftOut: leftOut.map((lost) => new Binary(lost)),
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

function headIn({ version, hash, offset, superseded, leftOut }: HeadDocument): Head {
  return {
    version,
    hash: Buffer.from(hash.value()),
    // The driver gives back a Long as a number when it fits.
    offset: BigInt(String(offset)),
    superseded: superseded.map((lost) => Buffer.from(lost.value())),
    leftOut: leftOut.map((lost) => Buffer.from(lost.value())),
  }
}
