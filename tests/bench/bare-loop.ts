import { type Consumer, Kafka, type Producer, logLevel } from 'kafkajs'
import type { Collection } from 'mongodb'

export interface BareLoopResult {
  readonly records: number
  readonly wallMs: number
  readonly cpuMs: number
}

/**
 * What anybody would write first with kafkajs and mongodb: fetch a batch, write it, commit. `perBatch` gets the raw values and
 * does the same number of writes as the part of Parley that it is compared with; no dedupe, and no proof against a second writer.
 */
export async function runBareLoop(options: {
  brokers: readonly string[]
  topic: string
  group: string
  records: number
  perBatch: (
    messages: readonly {
      key: string
      value: Buffer
      partition: number
      offset: string
      /** Milliseconds since 1970. */
      timestamp: string
    }[],
    producer: Producer,
  ) => Promise<void>
}): Promise<BareLoopResult> {
  const kafka = new Kafka({
    clientId: options.group,
    brokers: [...options.brokers],
    logLevel: logLevel.NOTHING,
  })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  const consumer: Consumer = kafka.consumer({ groupId: options.group })
  await producer.connect()
  await consumer.connect()
  await consumer.subscribe({ topic: options.topic, fromBeginning: true })
  let seen = 0
  let startedAt = 0
  let cpuAtStart = process.cpuUsage()
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 12,
        eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
          if (startedAt === 0) {
            startedAt = performance.now()
            cpuAtStart = process.cpuUsage()
          }
          const messages = batch.messages.map(({ key, value, offset, timestamp }) => ({
            key: String(key),
            value: value!,
            partition: batch.partition,
            offset,
            timestamp,
          }))
          try {
            await options.perBatch(messages, producer)
          } catch (error) {
            // kafkajs would try again for ever.
            reject(error)
            throw error
          }
          resolveOffset(batch.lastOffset())
          await commitOffsetsIfNecessary({
            topics: [
              {
                topic: batch.topic,
                partitions: [{ partition: batch.partition, offset: String(BigInt(batch.lastOffset()) + 1n) }],
              },
            ],
          })
          seen += batch.messages.length
          if (seen >= options.records) resolve()
        },
      })
      .catch(reject)
  })
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuAtStart)
  await consumer.disconnect()
  await producer.disconnect()
  return { records: seen, wallMs, cpuMs: (user + system) / 1000 }
}

/** One document per key, the last value wins: a state store without rules. */
export async function upsertStates(
  collection: Collection<{ _id: string }>,
  messages: readonly { key: string; value: Buffer }[],
): Promise<void> {
  const last = new Map(messages.map(({ key, value }) => [key, value]))
  await collection.bulkWrite(
    [...last].map(([_id, value]) => ({
      updateOne: { filter: { _id }, update: { $set: { value } }, upsert: true },
    })),
    { ordered: false },
  )
}
