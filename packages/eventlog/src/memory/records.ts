import { LogGap } from '../errors.ts'
import type { LogRecord, StoredPosition, StoredRecord } from '../log.ts'

/** What one partition holds. */
export class PartitionRecords {
  readonly topic: string
  readonly partition: number
  readonly all: StoredRecord[] = []
  /** Offset of the first record of each record batch. */
  readonly batchStarts: bigint[] = []
  /** What came before it is gone. */
  start = 0n

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get end(): bigint {
    return BigInt(this.all.length)
  }

  /** Of the first record that was stored then or later; the end where there is none. */
  offsetAt(time: Date): bigint {
    const first = this.all.find(
      ({ offset, timestamp }) => offset >= this.start && Date.parse(timestamp) >= time.getTime(),
    )
    return first?.offset ?? this.end
  }

  /** In one record batch. */
  store(records: readonly LogRecord[], timestamp: string): StoredPosition[] {
    const { topic, partition } = this
    this.batchStarts.push(this.end)
    return records.map(({ key, value, headers }) => {
      const offset = this.end
      // Copied: what the caller does to its bytes later is not the log's.
      const copy = { value: Buffer.from(value), headers: { ...headers } }
      this.all.push({ topic, partition, offset, timestamp, key, ...copy })
      return { partition, offset, timestamp }
    })
  }

  /** @throws {LogGap} */
  read(from: bigint, to: bigint): readonly StoredRecord[] {
    if (from < this.start && from < to) throw new LogGap(this.topic, this.partition, from, this.start)
    return this.all.slice(Number(from), Math.max(Number(to), 0))
  }
}

/** Topics come into being when they are first named. */
export class Topics {
  readonly #partitionCount: number
  readonly #topics = new Map<string, readonly PartitionRecords[]>()

  constructor(partitionCount: number) {
    this.#partitionCount = partitionCount
  }

  partitionsOf(topic: string): readonly PartitionRecords[] {
    let found = this.#topics.get(topic)
    if (found === undefined) {
      found = Array.from({ length: this.#partitionCount }, (_, nth) => new PartitionRecords(topic, nth))
      this.#topics.set(topic, found)
    }
    return found
  }

  partition(topic: string, partition: number): PartitionRecords {
    const found = this.partitionsOf(topic)[partition]
    if (found === undefined) throw new RangeError(`${topic} has no partition ${partition}.`)
    return found
  }
}
