import { MembershipLost } from '../errors.ts'
import type { RecordBatch } from '../log.ts'

/** Records of one partition or of several, each partition's in order. */
export type Round = Pick<RecordBatch, 'records' | 'generation' | 'isOwned' | 'heartbeat'>

/**
 * One thing at a time: the batches of a partition (or of all that share their round trips), and what an operator wants done between
 * them. What arrives while a round is handled makes the next round together.
 */
export class Lane {
  readonly #handle: (round: Round) => Promise<void>
  readonly #group: string
  #waiting: { readonly batch: RecordBatch; readonly done: PromiseWithResolvers<void> }[] = []
  readonly #between: (() => Promise<void>)[] = []
  #isRunning = false

  constructor(group: string, handle: (round: Round) => Promise<void>) {
    this.#group = group
    this.#handle = handle
  }

  /** Resolves when the batch was handled; rejects when its round failed. */
  take(batch: RecordBatch): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.#waiting.push({ batch, done })
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
      if (work === undefined) await this.#round()
      else await work()
    }
    this.#isRunning = false
  }

  async #round(): Promise<void> {
    const generation = Math.max(...this.#waiting.map(({ batch }) => batch.generation))
    const all = this.#waiting
    this.#waiting = []
    // What a rebalance overtook while it waited comes again, here or elsewhere.
    for (const { batch, done } of all)
      if (batch.generation !== generation) done.reject(new MembershipLost(this.#group))
    const round = all.filter(({ batch }) => batch.generation === generation)
    const batches = round.map(({ batch }) => batch)
    try {
      await this.#handle({
        records: batches.length === 1 ? batches[0]!.records : batches.flatMap(({ records }) => records),
        generation,
        isOwned: () => batches.every((batch) => batch.isOwned()),
        heartbeat: async () => void (await Promise.all(batches.map((batch) => batch.heartbeat()))),
      })
      for (const { done } of round) done.resolve()
    } catch (error) {
      for (const { done } of round) done.reject(error)
    }
  }
}
