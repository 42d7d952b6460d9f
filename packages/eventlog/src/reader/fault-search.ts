import { STUCK_ATTEMPTS } from '../back-off.ts'
import type { StoredRecord } from '../log.ts'
import { isServerAway } from '../server-away.ts'

type Located = Pick<StoredRecord, 'partition' | 'key'>

/**
 * Names the stream whose record holds up its partition. A batch that is about to be told as stuck is worked on by halves, and these by
 * halves, until one record fails alone; what stands before it is done by then. The work must stand to be done again, as after a crash.
 */
export class FaultSearch {
  /** Of the batch that comes next of a partition, in a row. */
  readonly #failures = new Map<number, number>()
  readonly #streams = new Map<number, string>()

  /** @param records of one partition, or of several, each partition's in order */
  async handle<Record extends Located>(
    records: readonly Record[],
    work: (records: readonly Record[]) => Promise<void>,
  ): Promise<void> {
    try {
      if (this.#failures.size > 0 && records.some((record) => this.#isToldNext(record)))
        await this.#byHalves(records, work)
      else await work(records)
    } catch (error) {
      for (const partition of partitionsOf(records)) {
        this.#failures.set(partition, (this.#failures.get(partition) ?? 0) + 1)
        if (isServerAway(error)) this.#streams.delete(partition)
      }
      throw error
    }
    if (this.#failures.size === 0) return
    for (const partition of partitionsOf(records)) {
      this.#failures.delete(partition)
      this.#streams.delete(partition)
    }
  }

  /** With the stream, where one record was found to be at fault. */
  named<Stuck extends { readonly partition: number }>(
    stuck: Stuck,
  ): Stuck & { readonly streamId: string | undefined } {
    return { ...stuck, streamId: this.#streams.get(stuck.partition) }
  }

  /** After a rebalance: what this member could not do another one may have done. */
  clear(): void {
    this.#failures.clear()
    this.#streams.clear()
  }

  #isToldNext({ partition }: Located): boolean {
    return (this.#failures.get(partition) ?? 0) >= STUCK_ATTEMPTS - 1
  }

  async #byHalves<Record extends Located>(
    records: readonly Record[],
    work: (records: readonly Record[]) => Promise<void>,
  ): Promise<void> {
    try {
      await work(records)
    } catch (error) {
      // No record is at fault, and each part of the batch would wait for the server once more.
      if (isServerAway(error)) throw error
      const middle = records.length >> 1
      if (middle > 0) {
        await this.#byHalves(records.slice(0, middle), work)
        return this.#byHalves(records.slice(middle), work)
      }
      for (const { partition, key } of records) this.#streams.set(partition, key)
      throw error
    }
  }
}

function partitionsOf(records: readonly Located[]): ReadonlySet<number> {
  return new Set(records.map(({ partition }) => partition))
}
