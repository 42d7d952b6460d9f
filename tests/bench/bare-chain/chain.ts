import { type Batch, Kafka, type Message, Partitioners, logLevel } from 'kafkajs'
import { type Db, MongoClient } from 'mongodb'

export const PARTITIONS = 12
export const COMMANDS = 'bare.commands'
export const EVENTS = 'bare.events'

/** What a record of the bare chain says. `filler` makes it as large as one of ours. */
export interface Said {
  readonly type:
    | 'receive'
    | 'answer'
    | 'sent'
    | 'status'
    | 'received'
    | 'turn'
    | 'completed'
    | 'send'
    | 'sent-recorded'
    | 'advanced'
  readonly contact: string
  readonly id: string
  readonly filler: string
}

const FILLER = 'x'.repeat(400)
const COMMIT_EVERY_MS = 1_000

export const said = (type: Said['type'], contact: string, id: string): Said => ({
  type,
  contact,
  id,
  filler: FILLER,
})

/** One process of the bare chain: a producer, a database, and as many consumers as it subscribes. */
export async function bareProcess(name: string): Promise<{
  readonly db: Db
  produce(topic: string, records: readonly Said[]): Promise<void>
  consume(
    topic: string,
    group: string,
    handle: (records: readonly Said[], batch: Batch) => Promise<void>,
  ): Promise<void>
  ready(): void
}> {
  process.on('disconnect', () => process.exit(0))
  const kafka = new Kafka({
    clientId: name,
    brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','),
    logLevel: logLevel.NOTHING,
  })
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  const mongo = await MongoClient.connect(process.env['MONGODB_URI'] ?? '')
  const send = gather<Message & { topic: string }>(async (messages) => {
    await producer.sendBatch({
      topicMessages: [...Map.groupBy(messages, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
        topic,
        messages: ofTopic,
      })),
    })
  })
  return {
    db: mongo.db(`bare_${name}`),
    produce: (topic, records) =>
      send(records.map((record) => ({ topic, key: record.contact, value: JSON.stringify(record) }))),
    async consume(topic, group, handle) {
      const consumer = kafka.consumer({ groupId: `bare.${group}`, sessionTimeout: 10_000 })
      const handled = new Map<number, bigint>()
      const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        partitionsConsumedConcurrently: PARTITIONS,
        eachBatch: async ({ batch }) => {
          await handle(
            batch.messages.map(({ value }) => JSON.parse(String(value)) as Said),
            batch,
          )
          handled.set(batch.partition, BigInt(batch.lastOffset()) + 1n)
        },
      })
      setInterval(() => {
        const offsets = [...handled].map(([partition, offset]) => ({
          topic,
          partition,
          offset: String(offset),
        }))
        handled.clear()
        if (offsets.length > 0) void consumer.commitOffsets(offsets)
      }, COMMIT_EVERY_MS)
      await joined
    },
    ready: () => process.send?.('ready'),
  }
}

/** What is given while one lot is under way goes as the next lot: no timer, one call at a time. */
export function gather<Item>(
  carryOut: (items: readonly Item[]) => Promise<void>,
): (items: readonly Item[]) => Promise<void> {
  let next: Item[] = []
  let last: Promise<void> = Promise.resolve()
  let planned: Promise<void> | undefined
  return (items) => {
    next.push(...items)
    planned ??= last = last.then(() => {
      const lot = next
      next = []
      planned = undefined
      return carryOut(lot)
    })
    return planned
  }
}

export const upserts = (documents: ReadonlyMap<string, object>) =>
  [...documents].map(([_id, set]) => ({
    updateOne: { filter: { _id }, update: { $set: set }, upsert: true },
  }))
