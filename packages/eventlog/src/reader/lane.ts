import { MembershipLost } from '../errors.ts'
import type { RecordBatch } from '../log.ts'

/** Records of one partition or of several, each partition's in order. */
export interface Round extends Pick<RecordBatch, 'records' | 'generation' | 'isOwned' | 'heartbeat'> {
  /** Rounds that failed in a row. With one of them a partition is alone in its next ones: then it holds up no other. */
  readonly failures: number
}

interface Waiting {
  readonly batch: RecordBatch
  readonly done: PromiseWithResolvers<void>
}

/**
 * One thing at a time: the batches of a partition (or of all that share their round trips), and what an operator wants done between
 * them. What arrives while a round is handled makes the next round together.
 */
export class Lane {
  readonly #handle: (round: Round) => Promise<void>
  readonly #group: string
  readonly #between: (() => Promise<void>)[] = []
  readonly #failures = new Map<number, number>()
  #waiting: readonly Waiting[] = []
  #isRunning = false

  constructor(group: string, handle: (round: Round) => Promise<void>) {
    this.#group = group
    this.#handle = handle
  }

  /** Resolves when the batch was handled; rejects when its round failed. */
  handle(batch: RecordBatch): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.#waiting = [...this.#waiting, { batch, done }]
    this.#start()
    return done.promise
  }

  /** Runs between two rounds. */
  between<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = Promise.withResolvers<Result>()
    this.#between.push(() => work().then(done.resolve, done.reject))
    this.#start()
    return done.promise
  }

  #start(): void {
    if (!this.#isRunning) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    // Batches of the same fetch arrive in the same turn of the event loop.
    await Promise.resolve()
    while (this.#waiting.length + this.#between.length > 0) {
      const work = this.#between.shift()
      await (work === undefined ? this.#round() : work())
    }
    this.#isRunning = false
  }

  async #round(): Promise<void> {
    const round = this.#next()
    const [first] = round
    if (first === undefined) return
    const batches = round.map(({ batch }) => batch)
    try {
      await this.#handle({
        records: batches.length === 1 ? first.batch.records : batches.flatMap(({ records }) => records),
        generation: first.batch.generation,
        failures: this.#failuresOf(first.batch.partition),
        isOwned: () => batches.every((batch) => batch.isOwned()),
        heartbeat: async () => void (await Promise.all(batches.map((batch) => batch.heartbeat()))),
      })
      for (const { batch, done } of round) {
        this.#failures.delete(batch.partition)
        done.resolve()
      }
    } catch (error) {
      for (const { batch, done } of round) {
        // Of a rebalance it is no fault.
        if (batch.isOwned()) this.#failures.set(batch.partition, this.#failuresOf(batch.partition) + 1)
        done.reject(error)
      }
    }
  }

  /** All that wait and have not failed, else one that has. */
  #next(): readonly Waiting[] {
    const generation = Math.max(...this.#waiting.map(({ batch }) => batch.generation))
    // What a rebalance overtook while it waited comes again, here or elsewhere.
    for (const { batch, done } of this.#waiting)
      if (batch.generation !== generation) done.reject(new MembershipLost(this.#group))
    const waiting = this.#waiting.filter(({ batch }) => batch.generation === generation)
    const trusted = waiting.filter(({ batch }) => this.#failuresOf(batch.partition) === 0)
    const round = trusted.length > 0 ? trusted : waiting.slice(0, 1)
    this.#waiting = waiting.filter((one) => !round.includes(one))
    return round
  }

  #failuresOf(partition: number): number {
    return this.#failures.get(partition) ?? 0
  }
}
