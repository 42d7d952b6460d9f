import { setTimeout as delay } from 'node:timers/promises'
import {
  LogClosed,
  LogUnavailable,
  RECORD_BYTES_MAX,
  RecordTooLarge,
  UnknownTopic,
  recordBytes,
} from '../errors.ts'
import type { LogRecord, Position } from '../log.ts'
import { partitionOf } from '../partitioning.ts'
import type { KafkaSettings } from './settings.ts'
import { type ProducedPartition, type Wire, isMissingForGood, isProtocolError, openWire } from './wire.ts'

/** Of one partition in one request, unless one record alone is larger: below Kafka's default `message.max.bytes` of 1 MiB, and quick. */
const BATCH_BYTES_MAX = 900_000
const BATCH_RECORDS_MAX = 5_000
const REQUEST_BYTES_MAX = 16_000_000

/** The leader moved or is not there yet, or replicas lag: the same bytes may be stored later. */
const retriableCodes = new Set([2, 3, 5, 6, 7, 8, 9, 13, 19, 20, 56, 74, 75, 89])
const MESSAGE_TOO_LARGE = 10
const RECORD_LIST_TOO_LARGE = 18

interface Append {
  readonly positions: Position[]
  remaining: number
  resolve(positions: readonly Position[]): void
  reject(error: Error): void
}

interface Waiting {
  readonly record: LogRecord
  readonly bytes: number
  readonly append: Append
  readonly index: number
  readonly expiresAt: number
}

/** What goes to one partition in one request. Once sent it stays as it is: the broker knows it by producer, sequence and length. */
interface Batch {
  readonly topic: string
  readonly partition: number
  readonly firstSequence: number
  waiting: readonly Waiting[]
}

export interface Appender {
  append(topic: string, records: readonly LogRecord[]): Promise<readonly Position[]>
  close(): Promise<void>
}

/**
 * Group commit: one request in flight; what arrives meanwhile goes out as the next one, over all topics and partitions.
 *
 * It is an idempotent producer of its own (producer id and sequences are kept here), because kafkajs's loses acknowledged records
 * when sends overlap and a response is lost, and may store records twice when a request spans brokers and one of them fails
 * (docs/adr/0002). A batch without an answer is sent again, the same bytes under the same sequence, until it has one or the time is up;
 * the next batch of the partition begins only then. After a batch in doubt was given up, a new producer id is taken: the broker would
 * take another batch under the old sequence for the old one, say that it stored it, and drop it.
 */
export function openAppender(settings: KafkaSettings, clientId: string): Appender {
  const timeoutMs = settings.appendTimeoutMs ?? 30_000
  // Short enough for a second try when an answer never comes.
  const requestTimeoutMs = Math.min(Math.max(timeoutMs / 3, 2_000), 10_000)
  const queues = new Map<string, { topic: string; partition: number; waiting: Waiting[] }>()
  const partitionCounts = new Map<string, number>()
  const countsAsked = new Map<string, Promise<number>>()
  let wire: Promise<Wire> | undefined
  let producer: { producerId: string; producerEpoch: number; sequences: Map<string, number> } | undefined
  let running: Promise<void> | undefined
  let closing = false
  let closed = false

  const connected = async (): Promise<Wire> => {
    wire ??= openWire(settings, clientId, requestTimeoutMs)
    try {
      return await wire
    } catch (error) {
      wire = undefined
      throw error
    }
  }

  // After a broken request the connection may hold the rest of an old answer: begin anew.
  const giveUpWire = () => {
    void wire?.then((open) => open.destroy()).catch(() => {})
    wire = undefined
  }

  const partitionCount = (topic: string): Promise<number> => {
    let asked = countsAsked.get(topic)
    if (asked === undefined) {
      asked = untilDeadline(Date.now() + timeoutMs, async () => {
        const count = await (await connected()).partitionCount(topic)
        partitionCounts.set(topic, count)
        return count
      }).finally(() => countsAsked.delete(topic))
      countsAsked.set(topic, asked)
    }
    return asked
  }

  const untilDeadline = async <Result>(deadline: number, work: () => Promise<Result>): Promise<Result> => {
    for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
      try {
        return await work()
      } catch (error) {
        if (isMissingForGood(error, deadline - timeoutMs)) throw error
        if (!isProtocolError(error) && !(error instanceof UnknownTopic)) giveUpWire()
        if (closed || Date.now() + pause > deadline) throw unavailable(error)
        await delay(pause)
      }
    }
  }

  const append = async (topic: string, records: readonly LogRecord[]): Promise<readonly Position[]> => {
    if (closing) throw new LogClosed()
    if (records.length === 0) return []
    const sized = records.map((record) => ({ record, bytes: recordBytes(record) }))
    for (const { bytes } of sized)
      if (bytes > RECORD_BYTES_MAX) throw new RecordTooLarge(topic, bytes, RECORD_BYTES_MAX)
    // Without an await when the count is known: the order of calls is the order in the log.
    const count = partitionCounts.get(topic) ?? (await partitionCount(topic))
    return new Promise((resolve, reject) => {
      const one: Append = { positions: [], remaining: records.length, resolve, reject }
      const expiresAt = Date.now() + timeoutMs
      for (const [index, { record, bytes }] of sized.entries()) {
        const partition = partitionOf(record.key, count)
        const name = `${topic}/${partition}`
        let queue = queues.get(name)
        if (queue === undefined) queues.set(name, (queue = { topic, partition, waiting: [] }))
        queue.waiting.push({ record, bytes, append: one, index, expiresAt })
      }
      running ??= run()
    })
  }

  const run = async (): Promise<void> => {
    // Calls of the same turn of the event loop go out together.
    await Promise.resolve()
    while (queues.size > 0) await deliver(takeRequest())
    running = undefined
  }

  const takeRequest = (): Batch[] => {
    const batches: Batch[] = []
    let requestBytes = 0
    // A copy: a queue that goes to the end of the map must not come by twice.
    const inTurn = [...queues]
    for (const [name, queue] of inTurn) {
      if (requestBytes >= REQUEST_BYTES_MAX) break
      let count = 0
      let bytes = 0
      for (const { bytes: more } of queue.waiting) {
        if (count === BATCH_RECORDS_MAX || (count > 0 && bytes + more > BATCH_BYTES_MAX)) break
        count += 1
        bytes += more
      }
      requestBytes += bytes
      batches.push({
        topic: queue.topic,
        partition: queue.partition,
        firstSequence: producer?.sequences.get(name) ?? 0,
        waiting: queue.waiting.slice(0, count),
      })
      queue.waiting = queue.waiting.slice(count)
      // Deleted and set again: the next request begins with those that this one left out.
      queues.delete(name)
      if (queue.waiting.length > 0) queues.set(name, queue)
    }
    return batches
  }

  /** Returns when each batch was stored or given up. */
  const deliver = async (batches: readonly Batch[]): Promise<void> => {
    const deadline = Date.now() + timeoutMs
    let open = batches
    let sent = false
    let lastError: unknown
    for (let pause = 50; open.length > 0; pause = Math.min(pause * 2, 1_000)) {
      if (closed || Date.now() >= deadline) {
        for (const batch of open) fail(batch.waiting, unavailable(lastError))
        if (sent) producer = undefined
        return
      }
      let attempt: Attempt
      try {
        const current = await connected()
        if (producer === undefined) {
          producer = { ...(await current.newProducerId()), sequences: new Map() }
          // The queue was read under the old producer's sequences.
          open = open.map((batch) => ({ ...batch, firstSequence: 0 }))
        }
        attempt = await sendOnce(current, open)
      } catch (error) {
        attempt = { answers: [], error, sent: false }
      }
      if (attempt.error !== undefined) {
        lastError = attempt.error
        if (!isProtocolError(attempt.error)) giveUpWire()
      }
      sent ||= attempt.sent
      const outcome = settle(open, attempt.answers)
      open = outcome.open
      lastError = outcome.error ?? lastError
      if (outcome.producerLost) {
        // Nothing more can be said under this producer id: what is still open may be stored or not.
        for (const batch of open) fail(batch.waiting, unavailable(lastError))
        producer = undefined
        return
      }
      if (open.length > 0) {
        await wire?.then((current) => current.refresh()).catch(giveUpWire)
        await delay(Math.min(pause, Math.max(deadline - Date.now(), 0)))
      }
    }
  }

  const sendOnce = async (current: Wire, batches: readonly Batch[]): Promise<Attempt> => {
    const { producerId, producerEpoch } = producer!
    const perBroker = new Map<number, Batch[]>()
    for (const batch of batches) {
      const leader = (await current.leaders(batch.topic)).get(batch.partition) ?? -1
      const those = perBroker.get(leader)
      if (those === undefined) perBroker.set(leader, [batch])
      else those.push(batch)
    }
    const results = await Promise.allSettled(
      [...perBroker].map(([nodeId, those]) =>
        current.produce(nodeId, { producerId, producerEpoch, topics: topicsOf(those) }),
      ),
    )
    return {
      sent: true,
      answers: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
      error: results.find((result) => result.status === 'rejected')?.reason as unknown,
    }
  }

  const settle = (open: readonly Batch[], answers: readonly ProducedPartition[]) => {
    const answered = new Map(answers.map((answer) => [`${answer.topic}/${answer.partition}`, answer]))
    const still: Batch[] = []
    let error: Error | undefined
    let producerLost = false
    for (const batch of open) {
      const name = `${batch.topic}/${batch.partition}`
      const answer = answered.get(name)
      if (answer === undefined) still.push(batch)
      else if (answer.errorCode === 0) {
        producer!.sequences.set(name, nextSequence(batch.firstSequence, batch.waiting.length))
        for (const [at, { append: one, index }] of batch.waiting.entries()) {
          one.positions[index] = { partition: batch.partition, offset: answer.baseOffset + BigInt(at) }
          one.remaining -= 1
          if (one.remaining === 0) one.resolve(one.positions)
        }
      } else if (retriableCodes.has(answer.errorCode)) {
        error = new Error(`Kafka answers ${answer.errorCode} for ${name}.`)
        still.push(batch)
      } else if (answer.errorCode === MESSAGE_TOO_LARGE || answer.errorCode === RECORD_LIST_TOO_LARGE) {
        // The topic takes less than Kafka's default. Nothing of it was stored: the halves go again, one behind the other.
        const [only] = batch.waiting
        if (batch.waiting.length === 1)
          fail([only!], new RecordTooLarge(batch.topic, only!.bytes, only!.bytes - 1))
        else {
          const half = Math.ceil(batch.waiting.length / 2)
          still.push({ ...batch, waiting: batch.waiting.slice(0, half) })
          const queue = queues.get(name)
          const rest = batch.waiting.slice(half)
          if (queue === undefined) queues.set(name, { ...batch, waiting: rest })
          else queue.waiting = [...rest, ...queue.waiting]
        }
      } else {
        error = new Error(
          `Kafka answers ${answer.errorCode} for ${name} (https://kafka.apache.org/protocol#protocol_error_codes).`,
        )
        fail(batch.waiting, unavailable(error))
        producerLost = true
      }
    }
    return { open: still, error, producerLost }
  }

  const fail = (waiting: readonly Waiting[], error: Error) => {
    for (const { append: one } of waiting) one.reject(error)
  }

  return {
    append,
    async close() {
      // What was taken is still delivered.
      closing = true
      const deadline = delay(timeoutMs, undefined, { ref: false })
      const drained = running ?? Promise.resolve()
      await Promise.race([drained, deadline])
      closed = true
      giveUpWire()
      await drained
    },
  }
}

interface Attempt {
  readonly answers: readonly ProducedPartition[]
  readonly error?: unknown
  /** Bytes may have reached a broker. */
  readonly sent: boolean
}

function topicsOf(batches: readonly Batch[]) {
  const topics = new Map<string, { partition: number; firstSequence: number; messages: MessageOf[] }[]>()
  for (const { topic, partition, firstSequence, waiting } of batches) {
    const entry = { partition, firstSequence, messages: waiting.map(({ record }) => messageOf(record)) }
    const those = topics.get(topic)
    if (those === undefined) topics.set(topic, [entry])
    else those.push(entry)
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}

type MessageOf = ReturnType<typeof messageOf>

function messageOf({ key, value, headers }: LogRecord) {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return { key, value: bytes, ...(headers === undefined ? {} : { headers: { ...headers } }) }
}

/** Sequences wrap from 2³¹−1 to 0, as the Java client's do. */
function nextSequence(sequence: number, count: number): number {
  return Number((BigInt(sequence) + BigInt(count)) % 2_147_483_648n)
}

function unavailable(cause: unknown): LogUnavailable {
  return new LogUnavailable(
    'The log did not acknowledge in time: the records may be stored or not. Check that the brokers are up and reachable, then say it again.',
    { cause },
  )
}
