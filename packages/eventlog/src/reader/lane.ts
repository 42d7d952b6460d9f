import { MembershipLost } from '../errors.ts'
import type { RecordBatch } from '../log.ts'

/** Records of one partition or of several, each partition's in order. */
export type Round = Pick<RecordBatch, 'records' | 'generation' | 'isOwned' | 'heartbeat'>

interface Waiting {
  readonly batch: RecordBatch
  readonly done: PromiseWithResolvers<void>
}

/** A second round begins beside one that is under way only where so many records wait for it. */
const ROUND_RECORDS = 2_000

/**
 * The batches of a partition (or of all that share their round trips), and what an operator wants done between them, which is done alone.
 * What arrives while a round is handled makes the next round together. Where two rounds may be under way at once, and much waits, one is
 * worked out while the other waits for the store: a partition has one batch at a time, so they are never of the same partition.
 */
export class Lane {
  readonly #handle: (round: Round) => Promise<void>
  readonly #group: string
  readonly #roundsAtOnce: number
  readonly #between: (() => Promise<void>)[] = []
  /** Partitions whose last round failed. Each is alone in its next one: then it holds up no other. */
  readonly #failed = new Set<number>()
  #waiting: readonly Waiting[] = []
  #roundCount = 0
  /** Of the round that began last. */
  #generation = -1
  #isAlone = false
  #isScheduled = false

  constructor(group: string, handle: (round: Round) => Promise<void>, roundsAtOnce = 1) {
    this.#handle = handle
    this.#group = group
    this.#roundsAtOnce = roundsAtOnce
  }

  /** Resolves when the batch was handled; rejects when its round failed. */
  handle(batch: RecordBatch): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.#waiting = [...this.#waiting, { batch, done }]
    this.#schedule()
    return done.promise
  }

  /** Runs between rounds, with none under way. */
  between<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = Promise.withResolvers<Result>()
    this.#between.push(() => work().then(done.resolve, done.reject))
    this.#schedule()
    return done.promise
  }

  /** Batches of the same fetch arrive in the same turn of the event loop. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#begin()
    })
  }

  #begin(): void {
    if (this.#isAlone) return
    if (this.#between.length > 0) {
      if (this.#roundCount === 0) void this.#workAlone(this.#between.shift()!)
      return
    }
    while (this.#mayBegin()) void this.#round()
  }

  #mayBegin(): boolean {
    if (this.#waiting.length === 0) return false
    if (this.#roundCount === 0) return true
    // After a rebalance a partition of the round that is under way may be among them.
    const isBeside = this.#waiting.every(({ batch }) => batch.generation === this.#generation)
    return this.#roundCount < this.#roundsAtOnce && isBeside && recordCount(this.#waiting) >= ROUND_RECORDS
  }

  async #workAlone(work: () => Promise<void>): Promise<void> {
    this.#isAlone = true
    await work()
    this.#isAlone = false
    this.#begin()
  }

  async #round(): Promise<void> {
    const round = this.#next()
    const [first] = round
    if (first === undefined) return
    this.#roundCount += 1
    this.#generation = first.batch.generation
    const batches = round.map(({ batch }) => batch)
    try {
      await this.#handle({
        records: batches.length === 1 ? first.batch.records : batches.flatMap(({ records }) => records),
        generation: first.batch.generation,
        isOwned: () => batches.every((batch) => batch.isOwned()),
        heartbeat: async () => void (await Promise.all(batches.map((batch) => batch.heartbeat()))),
      })
      for (const { batch, done } of round) {
        this.#failed.delete(batch.partition)
        done.resolve()
      }
    } catch (error) {
      for (const { batch, done } of round) {
        // Of a rebalance it is no fault.
        if (batch.isOwned()) this.#failed.add(batch.partition)
        done.reject(error)
      }
    }
    this.#roundCount -= 1
    this.#begin()
  }

  /**
   * All that wait and have not failed (as much as makes a round, where another may begin beside it), or one that has, when it has waited the
   * longest: others with much behind them would else go before it again and again.
   */
  #next(): readonly Waiting[] {
    const generation = Math.max(...this.#waiting.map(({ batch }) => batch.generation))
    // What a rebalance overtook while it waited comes again, here or elsewhere.
    for (const { batch, done } of this.#waiting)
      if (batch.generation !== generation) done.reject(new MembershipLost(this.#group))
    const waiting = this.#waiting.filter(({ batch }) => batch.generation === generation)
    const hasFailed = ({ batch }: Waiting) => this.#failed.has(batch.partition)
    const round = waiting.slice(0, 1).some(hasFailed)
      ? waiting.slice(0, 1)
      : this.#share(waiting.filter((one) => !hasFailed(one)))
    this.#waiting = waiting.filter((one) => !round.includes(one))
    return round
  }

  #share(waiting: readonly Waiting[]): readonly Waiting[] {
    if (this.#roundsAtOnce === 1) return waiting
    let count = 0
    return waiting.filter(({ batch }) => {
      if (count >= ROUND_RECORDS) return false
      count += batch.records.length
      return true
    })
  }
}

const recordCount = (waiting: readonly Waiting[]): number =>
  waiting.reduce((count, { batch }) => count + batch.records.length, 0)
