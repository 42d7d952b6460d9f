import { tallies, testKafka } from '@parley/testkit'
import { ensureTopics } from './kafka/ensure-topics.ts'
import { kafkaLog } from './kafka/kafka-log.ts'
import type { EventLog } from './log.ts'
import { memoryLog } from './memory.ts'

export const partitions = 3

type Open<Log extends EventLog> = (namespace: string) => Promise<Log>

/** For tests that do to the log what Kafka has no word for, such as a rebalance at a given moment. */
export const inMemory = async () => memoryLog({ partitions })

/** The logs that deciders and readers run on: what a test says of one it says of both. */
export const bothLogs = (onMemory: Open<EventLog> = inMemory): [name: string, open: Open<EventLog>][] => [
  ['memory', onMemory],
  [
    'Kafka',
    async (namespace) => {
      const settings = { brokers: testKafka() }
      await ensureTopics(settings, namespace, [tallies], partitions)
      return kafkaLog(settings, 'tests')
    },
  ],
]
