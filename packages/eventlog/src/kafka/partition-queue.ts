import { BackOff } from '../back-off.ts'
import { RecordTooLarge } from '../errors.ts'
import type { StoredPosition } from '../log.ts'
import type { Run } from '../runs.ts'
import { type Producer, encodeRecordBatch } from './record-batch.ts'

/** Of one partition in one request, unless one run alone is larger: below Kafka's default `message.max.bytes` of 1 MiB, and quick. */
const BATCH_BYTES_MAX = 900_000
const BATCH_RECORDS_MAX = 5_000
const RETRY_PAUSE_MS = 50
const RETRY_PAUSE_MAX_MS = 1_000

/** One call of `append`: resolved when all its runs are stored. */
export interface Append {
  readonly positions: StoredPosition[]
  remaining: number
  resolve(positions: readonly StoredPosition[]): void
  reject(error: Error): void
}

export interface QueuedRun extends Run {
  readonly append: Append
  /** Where its records stand in the call. */
  readonly index: number
  readonly expiresAt: number
}

/** Once sent it stays as it is, to the byte: the broker knows it by producer, sequence and length. */
interface Batch {
  readonly producer: Producer
  readonly firstSequence: number
  readonly runs: readonly QueuedRun[]
  readonly records: number
  readonly bytes: Buffer
  readonly timestampMs: number
  /** Bytes may have reached a broker: the records may be stored or not. */
  isInDoubt: boolean
}

/**
 * What waits for one partition, and its one batch on the way. `idle`: there is none. `ready`: it is to be sent, for the first time or again.
 * `in flight`: a request carries it. `backing off`: it was not stored, and is sent again after a pause.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  state: 'idle' | 'ready' | 'in flight' | 'backing off' = 'idle'
  /** Set while the broker waits in vain for replicas: others must not share a request with it. */
  isSlow = false
  readyAt = 0
  lastError: unknown
  #waiting: QueuedRun[] = []
  #batch: Batch | undefined
  readonly #backOff = new BackOff(RETRY_PAUSE_MS, RETRY_PAUSE_MAX_MS)
  /** Sequences count per producer and partition, from 0. */
  #producer: Producer | undefined
  #sequence = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get hasWork(): boolean {
    return this.#batch !== undefined || this.#waiting.length > 0
  }

  /** The bytes to send. Only when `ready`. */
  get bytes(): Buffer {
    return this.#batch!.bytes
  }

  get expiresAt(): number {
    return (this.#batch?.runs[0] ?? this.#waiting[0])?.expiresAt ?? Number.POSITIVE_INFINITY
  }

  add(run: QueuedRun): void {
    this.#waiting.push(run)
  }

  /** Makes the next batch, when there is none. A run is never cut: it is stored whole, or not at all. */
  prepare(producer: Producer): void {
    if (this.state === 'backing off' && this.readyAt <= performance.now()) this.state = 'ready'
    if (this.state !== 'idle' || this.#waiting.length === 0) return
    let count = 0
    let bytes = 0
    let records = 0
    for (const run of this.#waiting) {
      if (
        count > 0 &&
        (records + run.records.length > BATCH_RECORDS_MAX || bytes + run.bytes > BATCH_BYTES_MAX)
      )
        break
      count += 1
      bytes += run.bytes
      records += run.records.length
    }
    if (this.#producer !== producer) {
      this.#producer = producer
      this.#sequence = 0
    }
    this.#batch = this.#encode(this.#waiting.slice(0, count))
    this.#waiting = this.#waiting.slice(count)
    this.state = 'ready'
  }

  #encode(runs: readonly QueuedRun[]): Batch {
    const records = runs.flatMap((run) => run.records)
    const producer = this.#producer!
    const timestampMs = Date.now()
    return {
      producer,
      firstSequence: this.#sequence,
      runs,
      records: records.length,
      bytes: encodeRecordBatch(records, producer, this.#sequence, timestampMs),
      timestampMs,
      isInDoubt: false,
    }
  }

  send(): void {
    this.state = 'in flight'
  }

  doubt(): void {
    this.#batch!.isInDoubt = true
  }

  /** @param logAppendTime Undefined where the topic keeps the time that the batch says. */
  stored(baseOffset: bigint, logAppendTime: number | undefined): void {
    const { firstSequence, records, runs, timestampMs } = this.#finish()
    const timestamp = new Date(logAppendTime ?? timestampMs).toISOString()
    this.#sequence = nextSequence(firstSequence, records)
    let offset = baseOffset
    for (const { append, index, records: those } of runs) {
      for (let at = 0; at < those.length; at += 1)
        append.positions[index + at] = { partition: this.partition, offset: offset++, timestamp }
      append.remaining -= 1
      if (append.remaining === 0) append.resolve(append.positions)
    }
  }

  /** Not stored, or nobody knows: the same bytes go again. */
  again(error: unknown): void {
    this.lastError = error
    this.state = 'backing off'
    this.readyAt = performance.now() + this.#backOff.next()
  }

  /** The topic takes less. Nothing was stored, so the sequence is free again: the halves go one behind the other. */
  tooLarge(): void {
    const { runs } = this.#finish()
    const [only] = runs
    if (runs.length === 1)
      return only!.append.reject(
        new RecordTooLarge(this.topic, only!.bytes, only!.bytes - 1, only!.records.length),
      )
    const half = Math.ceil(runs.length / 2)
    this.#waiting = [...runs.slice(half), ...this.#waiting]
    this.#batch = this.#encode(runs.slice(0, half))
    this.state = 'ready'
  }

  /** The batch is given up, and what waited as long behind it. Returns the producer under which nothing more may be said, if any. */
  giveUp(error: Error): Producer | undefined {
    const batch = this.#batch === undefined ? undefined : this.#finish()
    const now = performance.now()
    const expired = this.#waiting.filter(({ expiresAt }) => expiresAt <= now)
    this.#waiting = this.#waiting.filter(({ expiresAt }) => expiresAt > now)
    for (const { append } of [...(batch?.runs ?? []), ...expired]) append.reject(error)
    return batch?.isInDoubt === true ? batch.producer : undefined
  }

  /** The log is closed: what waits is given up too. */
  abandon(error: Error): void {
    for (const { append } of [...(this.#batch?.runs ?? []), ...this.#waiting]) append.reject(error)
    this.#batch = undefined
    this.#waiting = []
    this.state = 'idle'
  }

  #finish(): Batch {
    const batch = this.#batch!
    this.#batch = undefined
    this.#backOff.wentWell()
    this.lastError = undefined
    this.isSlow = false
    this.state = 'idle'
    return batch
  }
}

/** Sequences wrap from 2³¹−1 to 0, as the Java client's do. */
function nextSequence(sequence: number, count: number): number {
  return (sequence + count) % 2_147_483_648
}
