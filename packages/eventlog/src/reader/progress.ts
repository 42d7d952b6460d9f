import { type Collection, type Db, Long, type UpdateFilter } from 'mongodb'
import { StoreSetBack } from '../errors.ts'
import { GrowingPlaces } from '../growing-places.ts'
import type { Position } from '../log.ts'
import { bigIntIn } from '../stored-bigint.ts'

interface ProgressDocument {
  /** The partition. */
  _id: number
  /** Everything of the partition before this offset was handled. */
  next: Long
  /** Everything before this one, and the heads that belong to it are stored. Absent where nothing was kept since this is written. */
  kept?: Long
}

/** How late others see how far this member is. One small write in this time while there is work, none without. */
const WRITE_EVERY_MS = 500
/** So long nobody asks the store: a batch that this member is handling says it sooner. */
const LOOK_EVERY_MS = 50
/** Who may not wait any longer is still told what a store says that answers as ever. */
const LOOK_MS_MIN = 500

/**
 * How far a projection is in each partition, for those who must see what they just wrote. The member that owns the partition knows it at
 * once; other replicas, and the same one after a restart, find it in the store, and look there only while somebody waits: one read
 * answers all who wait, for a store that is slow has many of them, and one read for each would make it slower.
 */
export class Progress {
  readonly #collection: Collection<ProgressDocument>
  readonly #places: GrowingPlaces<ProgressDocument>
  readonly #onSetBack: (error: StoreSetBack) => void
  readonly #handled = new Map<number, bigint>()
  readonly #written = new Map<number, bigint>()
  readonly #kept = new Map<number, bigint>()
  /** As far as the store said when somebody waited. */
  readonly #found = new Map<number, bigint>()
  #isSetBack = false
  #looking: Promise<void> | undefined
  readonly #waiters = new Set<() => void>()
  /** Who waits here for what is not seen. */
  #awaiting = 0
  #timer: NodeJS.Timeout | undefined

  /**
   * @param onSetBack The store lacks what this member wrote there: it was emptied, or put back to an older copy, under a running reader. Went
   * this one on, what it folds would stand on documents that lack events, and its place would say that they have them.
   */
  constructor(db: Db, prefix: string, onSetBack: (error: StoreSetBack) => void = () => {}) {
    this.#collection = db.collection(`${prefix}_progress`)
    this.#places = new GrowingPlaces(this.#collection, 'next')
    this.#onSetBack = onSetBack
  }

  handled(partition: number, next: bigint): void {
    if (next <= this.next(partition)) return
    this.#handled.set(partition, next)
    this.#timer ??= setTimeout(() => {
      // The next commit writes it too.
      this.flush().catch(() => {})
    }, WRITE_EVERY_MS).unref()
    for (const look of this.#waiters) look()
  }

  /** Its reader has stopped, and said with its last commit how far it came. */
  end(): void {
    clearTimeout(this.#timer)
  }

  get isAwaited(): boolean {
    return this.#awaiting > 0
  }

  /** Everything before it was handled, as far as this process knows. */
  next(partition: number): bigint {
    return this.#handled.get(partition) ?? 0n
  }

  positions(): ReadonlyMap<number, bigint> {
    return this.#handled
  }

  /** False where the store was set back, which was told: nothing may be written there any more that stands on what it lacks. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // A copy of the store that is made now tells that there are no heads yet.
    return this.#write(this.#written, this.#handled, (next) => ({
      $max: { next },
      $setOnInsert: { kept: Long.ZERO },
    }))
  }

  /**
   * To be called before offsets are committed, and after the heads of all that is done are stored: a store that is put back to a copy of
   * now is read on from there.
   */
  async keep(done: ReadonlyMap<number, bigint>): Promise<void> {
    if (!(await this.#write(this.#kept, done, (next) => ({ $max: { next, kept: next } })))) return
    for (const [partition, next] of done)
      if (this.#handled.get(partition) === next) this.#written.set(partition, next)
  }

  async #write(
    written: Map<number, bigint>,
    positions: ReadonlyMap<number, bigint>,
    update: (next: Long) => UpdateFilter<ProgressDocument>,
  ): Promise<boolean> {
    if (this.#isSetBack) return false
    const writing = [...positions].filter(([partition, next]) => written.get(partition) !== next)
    if (writing.length === 0) return true
    try {
      await this.#places.raise(new Map(writing), update)
    } catch (error) {
      if (!(error instanceof StoreSetBack)) throw error
      if (!this.#isSetBack) this.#onSetBack(error)
      this.#isSetBack = true
      return false
    }
    for (const [partition, next] of writing) written.set(partition, next)
    return true
  }

  /** Of each: everything before it was handled, by whichever member, and is in the documents. */
  stored(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>> {
    return this.#read(partitions, ({ next }) => next)
  }

  /** Where a reader goes on by what this store holds. */
  keptOf(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>> {
    return this.#read(partitions, ({ next, kept }) => kept ?? next)
  }

  async #read(
    partitions: readonly number[],
    place: (document: ProgressDocument) => ProgressDocument['next'],
  ): Promise<ReadonlyMap<number, bigint>> {
    const found = await this.#collection.find({ _id: { $in: [...partitions] } }).toArray()
    for (const { _id, next } of found) this.#places.seen(_id, bigIntIn(next))
    const places = new Map(found.map((document) => [document._id, bigIntIn(place(document))]))
    return new Map(partitions.map((partition) => [partition, places.get(partition) ?? 0n]))
  }

  /**
   * True when the record at the position was handled (or lies in a parked stream), false when the deadline passed before.
   * @param signal Nobody waits any more: false.
   */
  async whenSeen(
    { partition, offset }: Position,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const isSeen = () => this.next(partition) > offset || (this.#found.get(partition) ?? 0n) > offset
    this.#awaiting += 1
    try {
      for (const until = performance.now() + deadlineMs; !isSeen();) {
        const leftMs = until - performance.now()
        await this.#until(isSeen, Math.max(0, Math.min(LOOK_EVERY_MS, leftMs)))
        if (!isSeen()) {
          const lookMs = Math.max(until - performance.now(), LOOK_MS_MIN)
          await this.#until(isSeen, lookMs, (this.#looking ??= this.#look()))
        }
        if (performance.now() >= until || signal?.aborted === true) return isSeen()
      }
      return true
    } finally {
      this.#awaiting -= 1
    }
  }

  async #look(): Promise<void> {
    try {
      for (const found of await this.#collection.find().toArray())
        this.#found.set(found._id, bigIntIn(found.next))
    } finally {
      this.#looking = undefined
    }
  }

  /**
   * Resolves as soon as a batch here makes it true, and at the latest after so long.
   * @param looking ends it too: a store that is slow holds up nobody for longer, nor whoever needs it no more
   */
  async #until(isTrue: () => boolean, ms: number, looking?: Promise<void>): Promise<void> {
    const over = Promise.withResolvers<void>()
    const timer = setTimeout(over.resolve, ms)
    const look = () => {
      if (isTrue()) over.resolve()
    }
    this.#waiters.add(look)
    looking?.then(over.resolve, over.reject)
    try {
      await over.promise
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(look)
    }
  }
}
