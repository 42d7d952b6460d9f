import { setTimeout as delay } from 'node:timers/promises'
import { BackOff, FailuresInRow } from '../back-off.ts'
import { LogGap } from '../errors.ts'
import type { PartitionLag, StoredRecord, StuckPartition, SubscribeOptions } from '../log.ts'
import type { PartitionRecords } from './records.ts'

/** Whoever waits for records, or for their end, looks again when something changed. */
export class Changes {
  readonly #sleepers = new Set<() => void>()

  wake(): void {
    for (const sleeper of this.#sleepers) sleeper()
    this.#sleepers.clear()
  }

  next(): Promise<void> {
    return new Promise((resolve) => this.#sleepers.add(resolve))
  }
}

/** What readers share: the log's clock, its changes, and how much they are given at once. */
export interface Surroundings {
  readonly changes: Changes
  readonly batchRecordsMax: number
  now(): Date
}

/** How far one reader is in one partition. */
export class Reading {
  readonly #records: PartitionRecords
  readonly #around: Surroundings
  #next: bigint
  /** Of the batch that comes next, in a row. */
  readonly #rejections = new FailuresInRow()

  constructor(records: PartitionRecords, next: bigint, around: Surroundings) {
    this.#records = records
    this.#next = next
    this.#around = around
  }

  get partition(): number {
    return this.#records.partition
  }

  /**
   * Record after record, until `isOver`.
   * @throws {LogGap}
   */
  async run(
    {
      gatherMs = 0,
      leisureMs = 0,
      isAwaited = () => true,
      batchRecordsMax: wantedMax,
      onStuck,
    }: Pick<SubscribeOptions, 'gatherMs' | 'leisureMs' | 'isAwaited' | 'batchRecordsMax' | 'onStuck'>,
    isOver: () => boolean,
    deliver: (records: readonly StoredRecord[]) => Promise<void>,
  ): Promise<void> {
    const { changes, batchRecordsMax, now } = this.#around
    const { topic, partition, all } = this.#records
    const atOnceMax = Math.min(wantedMax ?? batchRecordsMax, batchRecordsMax)
    const ahead = () => all.slice(Number(this.#next), Number(this.#next) + atOnceMax)
    const backOff = new BackOff(10, 1_000)
    while (!isOver()) {
      const { start } = this.#records
      if (this.#next < start) throw new LogGap(topic, partition, this.#next, start)
      const [first] = ahead()
      if (first === undefined) {
        await changes.next()
        continue
      }
      const ageMs = now().getTime() - Date.parse(first.timestamp)
      if (ageMs < gatherMs && !this.#rejections.areAny) {
        const since = performance.now()
        do await delay(gatherMs)
        while (performance.now() - since < leisureMs && !isAwaited() && !isOver())
      }
      const batch = ahead()
      try {
        await deliver(batch)
        this.#next = batch.at(-1)!.offset + 1n
        this.#rejections.wentWell()
        backOff.wentWell()
      } catch (error) {
        const attempts = this.#rejections.failed(now())
        if (attempts !== undefined) onStuck?.({ partition, attempts, error })
        await delay(backOff.next())
      }
    }
  }

  stuck(): readonly StuckPartition[] {
    return this.#rejections.stuck([this.partition])
  }

  lag(): PartitionLag {
    const { all, end, partition } = this.#records
    const oldest = all[Number(this.#next)]
    const seconds =
      oldest === undefined ? 0 : (this.#around.now().getTime() - Date.parse(oldest.timestamp)) / 1_000
    return { partition, records: end - this.#next, seconds }
  }
}
