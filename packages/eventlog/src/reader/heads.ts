import type { Head } from '@parley/kernel'
import { LRUCache } from 'lru-cache'
import { type Binary, type Collection, type Db, Long } from 'mongodb'
import { atMost } from '../at-most.ts'
import type { StoredRecord } from '../log.ts'
import { bigIntIn } from '../stored-bigint.ts'
import { type StoredHead, binariesOf, buffersIn, headIn, storedHead } from '../stored-head.ts'
import { writeIgnoringNewer } from '../writing.ts'

/** How far a reader is in one stream: everything up to this version was handled. */
interface HeadDocument extends StoredHead {
  /** The stream. */
  _id: string
  leftOut: Binary[]
}

/** Where the streams of a partition stand that moved a short while ago, all of them in one document. */
interface MovingDocument {
  /** The partition. */
  _id: number
  /** The highest of its heads' so far. */
  offset: Long
  heads: HeadDocument[]
}

/** The same, read. */
interface MovingHeads {
  readonly partition: number
  readonly offset: bigint
  readonly heads: readonly (readonly [streamId: string, Head])[]
}

/** The heads of a reader as they are stored. */
export class StoredHeads {
  readonly #resting: Collection<HeadDocument>
  readonly #moving: Collection<MovingDocument>

  /** @param prefix The reader's name, with its version where it has one. */
  constructor(db: Db, prefix: string) {
    this.#resting = db.collection(`${prefix}_heads`)
    this.#moving = db.collection(`${prefix}_heads_moving`)
  }

  /** A stream that is not in the answer has no head. */
  async of(streamIds: readonly string[]): Promise<ReadonlyMap<string, Head>> {
    const wanted = new Set(streamIds)
    const moving = (await this.moving()).flatMap(({ heads }) => heads)
    const heads = await this.resting(streamIds)
    for (const [streamId, head] of moving) if (wanted.has(streamId)) further(heads, streamId, head)
    return heads
  }

  async *streamIds(): AsyncGenerator<string> {
    const moving = new Set((await this.moving()).flatMap(({ heads }) => heads.map(([streamId]) => streamId)))
    yield* moving
    for await (const { _id } of this.#resting.find({}, { projection: { _id: 1 } }))
      if (!moving.has(_id)) yield _id
  }

  async resting(streamIds: readonly string[]): Promise<Map<string, Head>> {
    const found = await this.#resting.find({ _id: { $in: [...streamIds] } }).toArray()
    return new Map(found.map((document) => [document._id, headOf(document)]))
  }

  /** To be read before those that rest: a head that stops moving is written there first. */
  async moving(partitions?: readonly number[]): Promise<readonly MovingHeads[]> {
    const found = await this.#moving
      .find(partitions === undefined ? {} : { _id: { $in: [...partitions] } })
      .toArray()
    return found.map(({ _id: partition, offset, heads }) => ({
      partition,
      offset: bigIntIn(offset),
      heads: heads.map((document) => [document._id, headOf(document)] as const),
    }))
  }

  async writeResting(heads: Iterable<readonly [streamId: string, Head]>): Promise<void> {
    const updates = [...heads].map(([streamId, head]) => {
      const { _id, ...fields } = documentOf(streamId, head)
      // Of two that stand at one version, the one that looked further knows more of what lost.
      const filter = { _id, offset: { $lte: fields.offset } }
      return { updateOne: { filter, update: { $set: fields }, upsert: true } }
    })
    if (updates.length > 0) await writeIgnoringNewer(this.#resting, updates)
  }

  async writeMoving(partitions: readonly MovingHeads[]): Promise<void> {
    const replacements = partitions.map(({ partition, offset, heads }) => {
      const replacement = {
        _id: partition,
        offset: Long.fromBigInt(offset),
        heads: heads.map(([streamId, head]) => documentOf(streamId, head)),
      }
      // A member whose generation is over, and that is behind, takes nothing back.
      const filter = { _id: partition, offset: { $lte: replacement.offset } }
      return { replaceOne: { filter, replacement, upsert: true } }
    })
    if (replacements.length > 0) await writeIgnoringNewer(this.#moving, replacements)
  }
}

/**
 * Some 550 bytes each: 11 MB for a reader, and a service has up to five over conversations. What rested longer than so many others is one
 * look into the store for all that a batch lacks.
 */
const HEADS_CACHED_MAX = 20_000
/** A stream that did not move for so long has its head in a document of its own. */
const RESTS_AFTER_MS = 120_000
/** Of a partition. */
const MOVING_MAX = 500

interface Moving {
  readonly head: Head
  readonly partition: number
  readonly atMs: number
}

/**
 * Where this reader stands in each stream, for one generation of its group: what was known in the one before may be stale. In memory,
 * and in the store before the offsets are committed: what a crash takes is delivered again, and found at the head that belongs to it.
 *
 * Heads of a partition's streams that move are written in one document, and each in its own once its stream rests: a conversation moves
 * dozens of times within minutes, and a write of its head each time would be half of all that a busy store has to write. A head may thus
 * stand in both places, and the further one counts.
 *
 * A batch that ends after its generation keeps the heads it began with. What it says there nobody else looks at: another member, or the
 * next generation here, may be further, and a head that is set back would lose all that follows.
 */
export class StreamHeads {
  readonly generation: number
  readonly #stored: StoredHeads
  readonly #restsAfterMs: number
  readonly #known = new LRUCache<string, { readonly head: Head | undefined }>(atMost(HEADS_CACHED_MAX))
  /** What is not in documents of its own; who moved last stands last. */
  readonly #moving = new Map<string, Moving>()
  /** Highest offset of any head, by partition. */
  readonly #offsets = new Map<number, bigint>()
  readonly #changed = new Set<number>()
  #flushing: Promise<void> = Promise.resolve()

  /** @param restsAfterMs 0: each head goes into its own document with each flush, for those who read it there */
  constructor(stored: StoredHeads, generation: number, restsAfterMs = RESTS_AFTER_MS) {
    this.#stored = stored
    this.generation = generation
    this.#restsAfterMs = restsAfterMs
  }

  /** What the members that had these partitions before wrote of streams that moved. To be called before anything else. */
  async takeOver(partitions: readonly number[]): Promise<void> {
    const atMs = performance.now()
    for (const { partition, offset, heads } of await this.#stored.moving(partitions)) {
      this.#offsets.set(partition, offset)
      for (const [streamId, head] of heads) this.#moving.set(streamId, { head, partition, atMs })
    }
  }

  /** By partition, where it is stored: everything before it was handled, or is parked. */
  async reached(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>> {
    const found = await this.#stored.moving(partitions)
    return new Map(found.map(({ partition, offset }) => [partition, offset + 1n]))
  }

  /** One round trip for all streams that are not in memory. A stream that is not in the answer has no head. */
  async of(streamIds: Iterable<string>): Promise<ReadonlyMap<string, Head>> {
    const heads = new Map<string, Head>()
    const cold: string[] = []
    for (const streamId of streamIds) {
      const known = this.#known.get(streamId)
      if (known === undefined) cold.push(streamId)
      else if (known.head !== undefined) heads.set(streamId, known.head)
    }
    if (cold.length === 0) return heads
    // Before the store is asked: one that comes to rest meanwhile is in neither place then.
    const moving = new Map(cold.map((streamId) => [streamId, this.#moving.get(streamId)]))
    for (const [streamId, head] of await this.#stored.resting(cold)) heads.set(streamId, head)
    for (const streamId of cold) {
      const moved = moving.get(streamId)
      if (moved !== undefined) further(heads, streamId, moved.head)
      this.#known.set(streamId, { head: heads.get(streamId) })
    }
    return heads
  }

  /** It is read from the store when it is needed next: nobody here knows any more what others do with the stream. */
  forget(streamId: string): void {
    this.#known.delete(streamId)
  }

  /** @param records by which the streams moved */
  advance(
    advanced: ReadonlyMap<string, Head>,
    records: readonly Pick<StoredRecord, 'key' | 'partition'>[],
  ): void {
    const atMs = performance.now()
    for (const { key: streamId, partition } of records) {
      const head = advanced.get(streamId)
      if (head === undefined) continue
      this.#moving.delete(streamId)
      this.#moving.set(streamId, { head, partition, atMs })
      this.#known.set(streamId, { head })
      this.#changed.add(partition)
      if (head.offset > (this.#offsets.get(partition) ?? -1n)) this.#offsets.set(partition, head.offset)
    }
  }

  /** One at a time: who asks while one is under way finds most of it done. */
  flush(): Promise<void> {
    return this.#afterOthers(async () => {
      await this.#rest(this.#rested())
      await this.#writeMoving()
    })
  }

  /** These stand in documents of their own then, and so do they for a member that has read the others before. */
  restNow(streamIds: readonly string[]): Promise<void> {
    return this.#afterOthers(() => this.#rest(streamIds))
  }

  #afterOthers(write: () => Promise<void>): Promise<void> {
    return (this.#flushing = this.#flushing.catch(() => {}).then(write))
  }

  #rested(): readonly string[] {
    const before = performance.now() - this.#restsAfterMs
    const left = new Map<number, number>()
    for (const { partition } of this.#moving.values()) left.set(partition, (left.get(partition) ?? 0) + 1)
    const rested: string[] = []
    for (const [streamId, { partition, atMs }] of this.#moving) {
      const count = left.get(partition)!
      if (atMs > before && count <= MOVING_MAX) continue
      rested.push(streamId)
      left.set(partition, count - 1)
    }
    return rested
  }

  async #rest(streamIds: readonly string[]): Promise<void> {
    const resting = streamIds.flatMap((streamId) => {
      const moving = this.#moving.get(streamId)
      return moving === undefined ? [] : [[streamId, moving] as const]
    })
    await this.#stored.writeResting(resting.map(([streamId, { head }]) => [streamId, head]))
    for (const [streamId, moving] of resting)
      if (this.#moving.get(streamId) === moving) this.#moving.delete(streamId)
  }

  async #writeMoving(): Promise<void> {
    const writing = [...this.#changed]
    this.#changed.clear()
    const byPartition = Map.groupBy(this.#moving, ([, { partition }]) => partition)
    try {
      await this.#stored.writeMoving(
        writing.flatMap((partition) => {
          const moving = byPartition.get(partition)
          if (moving === undefined) return []
          const heads = moving.map(([streamId, { head }]) => [streamId, head] as const)
          return [{ partition, offset: this.#offsets.get(partition)!, heads }]
        }),
      )
    } catch (error) {
      for (const partition of writing) this.#changed.add(partition)
      throw error
    }
  }
}

function further(heads: Map<string, Head>, streamId: string, head: Head): void {
  const known = heads.get(streamId)
  if (known === undefined || head.offset > known.offset) heads.set(streamId, head)
}

function documentOf(streamId: string, head: Head): HeadDocument {
  return { _id: streamId, ...storedHead(head), leftOut: binariesOf(head.leftOut ?? []) }
}

function headOf(document: HeadDocument): Head {
  return { ...headIn(document), leftOut: buffersIn(document.leftOut) }
}
