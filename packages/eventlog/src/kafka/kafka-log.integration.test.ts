import { randomUUID } from 'node:crypto'
import { testKafka, tallies } from '@parley/testkit'
import { vi } from 'vitest'
import { logContract } from '../log.contract.ts'
import type { EventLog } from '../log.ts'
import { topicsOf } from '../topics.ts'
import { ensureTopics } from './ensure-topics.ts'
import { kafkaLog } from './kafka-log.ts'
import type { KafkaRecord } from './record-batch.ts'
import { kafkaClient } from './client.ts'

logContract('kafkaLog', async () => {
  const partitions = 4
  const settings = { brokers: testKafka() }
  const clients: EventLog[] = []
  return {
    partitions,
    async client() {
      const client = await kafkaLog(settings, 'contract')
      clients.push(client)
      return client
    },
    async newTopic() {
      const namespace = `contract-${randomUUID()}`
      await ensureTopics(settings, namespace, [tallies], partitions)
      return topicsOf(namespace, tallies).commands
    },
    async batchStarts(topic, partition) {
      const client = clients[0]!
      const stored = await client.read(topic, partition, 0n, await client.endOffset(topic, partition))
      return stored.map((record) => BigInt((record as KafkaRecord).batchStart))
    },
    async trim(topic, partition, before) {
      const admin = kafkaClient(settings, 'contract-trim').admin()
      await admin.connect()
      // Without it kafkajs does not know the partition's leader, and of a topic that was just made the leader may not know it either.
      await vi.waitFor(() => admin.fetchTopicOffsets(topic), { timeout: 10_000, interval: 100 })
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: before.toString() }] })
      await admin.disconnect()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
})
