import { randomUUID } from 'node:crypto'
import { testKafka } from '@parley/testkit'
import { logContract } from '../log.contract.ts'
import type { EventLog } from '../log.ts'
import { topicsOf } from '../topics.ts'
import { ensureTopics } from './ensure-topics.ts'
import { kafkaLog } from './kafka-log.ts'

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
      await ensureTopics(settings, namespace, partitions)
      return topicsOf(namespace).conversationCommands
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
})
