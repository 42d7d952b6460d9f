import { setTimeout as delay } from 'node:timers/promises'
import { FailuresInRow } from '../back-off.ts'
import { MembershipLost } from '../errors.ts'
import type { RecordBatch, StoredRecord, SubscribeOptions, Subscription } from '../log.ts'
import { placeOf } from '../resuming.ts'
import { Reading, type Surroundings } from './reading.ts'
import type { Topics } from './records.ts'

export interface GroupSurroundings extends Surroundings {
  readonly topics: Topics
  readonly partitionCount: number
  isClosed(): boolean
}

/** Readers who share a topic, and the offsets that they committed. */
export class Group {
  readonly committed = new Map<number, bigint>()
  readonly around: GroupSurroundings
  generation = 0
  #members: readonly Member[] = []

  constructor(around: GroupSurroundings) {
    this.around = around
  }

  get memberCount(): number {
    return this.#members.length
  }

  join(options: SubscribeOptions): Member {
    const member = new Member(this, options)
    this.#members = [...this.#members, member]
    this.assign()
    member.begin()
    return member
  }

  leave(member: Member): void {
    this.#members = this.#members.filter((other) => other !== member)
    this.assign()
  }

  /** Each member gets its partitions anew: batches in work are owned no more, and come again. */
  assign(): void {
    this.generation += 1
    const count = this.#members.length
    for (const [index, member] of this.#members.entries())
      member.isGiven(
        [...Array(this.around.partitionCount).keys()].filter((partition) => partition % count === index),
      )
    this.around.changes.wake()
  }
}

/** By partition. */
interface Places {
  readonly kept?: ReadonlyMap<number, bigint> | undefined
  readonly begun?: ReadonlyMap<number, bigint> | undefined
}

export class Member implements Subscription {
  readonly #group: Group
  readonly #options: SubscribeOptions
  #readings: readonly Reading[] = []
  #partitions: readonly number[] = []
  #generation = 0
  #isPrepared = false
  /** Tries to take the partitions of this generation over. */
  #failures = new FailuresInRow()
  #isEvicted = false
  #isStopping = false
  #isStopped = false
  #running: Promise<void> = Promise.resolve()

  constructor(group: Group, options: SubscribeOptions) {
    this.#group = group
    this.#options = options
  }

  begin(): void {
    this.#running = this.#run().catch((error: unknown) => this.#options.onFault(error as Error))
  }

  isGiven(partitions: readonly number[]): void {
    this.#generation = this.#group.generation
    this.#isPrepared = false
    this.#failures = new FailuresInRow()
    this.#partitions = partitions
    // Until they are taken over they tell how far they are behind.
    this.#readings = this.#readingsFrom({})
  }

  /** It does not know it, and lives on as a zombie until it is stopped. */
  evict(): void {
    this.#isEvicted = true
    this.#group.leave(this)
  }

  assigned(): readonly number[] {
    return this.#isStopped || this.#isEvicted ? [] : this.#partitions
  }

  isReady(): boolean {
    return this.#isPrepared && !this.#isStopping
  }

  stuck() {
    if (!this.#isPrepared) return this.#failures.stuck(this.assigned())
    return this.#readings.flatMap((reading) => reading.stuck())
  }

  lag() {
    return this.#readings.map((reading) => reading.lag())
  }

  /** Where each partition goes on: what was committed, or less where less is kept of it; or where it begins. */
  #readingsFrom({ kept, begun }: Places): readonly Reading[] {
    const { around, committed } = this.#group
    return this.#partitions.map((partition) => {
      const next = placeOf(committed.get(partition), kept?.get(partition), begun?.get(partition))
      return new Reading(around.topics.partition(this.#options.topic, partition), next, around)
    })
  }

  async stop(): Promise<void> {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#group.around.changes.wake()
    await this.#running
    this.#isStopped = true
    if (!this.#isEvicted) this.#group.leave(this)
  }

  async #run(): Promise<void> {
    const { around } = this.#group
    while (!this.#isStopping && !this.#isEvicted) {
      const generation = this.#generation
      const isOwned = () => this.#group.generation === generation && !this.#isEvicted && !around.isClosed()
      let places: Places
      try {
        const [kept, begun] = await Promise.all([
          this.#options.resumeAt?.(this.#partitions),
          this.#options.beginAt?.(this.#partitions),
        ])
        places = { kept, begun }
        await this.#options.onAssigned?.(this.#partitions, generation)
      } catch (error) {
        if (generation === this.#generation) this.#failed(error)
        await delay(10)
        continue
      }
      if (!isOwned()) continue
      this.#isPrepared = true
      await this.#read(generation, isOwned, places)
    }
  }

  #failed(error: unknown): void {
    const attempts = this.#failures.failed(this.#group.around.now())
    if (attempts === undefined) return
    for (const partition of this.#partitions) this.#options.onStuck?.({ partition, attempts, error })
  }

  /** The partitions of one generation. */
  async #read(generation: number, isOwned: () => boolean, places: Places): Promise<void> {
    const { around, committed } = this.#group
    const { topic, group, onBatch, onDone, beforeCommit } = this.#options
    const isOver = () => this.#isStopping || !isOwned()
    const batch = (partition: number, records: readonly StoredRecord[]): RecordBatch => ({
      topic,
      partition,
      records,
      generation,
      isOwned,
      heartbeat: async () => {
        if (!isOwned()) throw new MembershipLost(group)
      },
    })
    this.#readings = this.#readingsFrom(places)
    await Promise.all(
      this.#readings.map((reading) =>
        reading.run(this.#options, isOver, async (records) => {
          await onBatch(batch(reading.partition, records))
          const next = records.at(-1)!.offset + 1n
          if (isOwned()) onDone?.(reading.partition, next)
          await beforeCommit?.()
          if (isOwned()) committed.set(reading.partition, next)
        }),
      ),
    )
    // A member beyond the number of partitions has none, and waits for its turn.
    while (!isOver()) await around.changes.next()
  }
}
