import { tallies, testKafka } from '@parley/testkit'
import { ensureTopics } from './kafka/ensure-topics.ts'
import { kafkaLog } from './kafka/kafka-log.ts'
import { openWire } from './kafka/wire.ts'
import type { EventLog } from './log.ts'
import { type MemoryLog, memoryLog } from './memory.ts'

export const partitions = 3

type Open<Log extends EventLog> = (namespace: string) => Promise<Log>

/** The group's offset falls back, as when a member died between its work and its commit. The group is empty. */
export type Rewind = (log: EventLog, group: string, topic: string, offset: bigint) => Promise<void>

/** For tests that do to the log what Kafka has no word for, such as a rebalance at a given moment. */
export const inMemory = async () => memoryLog({ partitions })

/** The logs that deciders and readers run on: what a test says of one it says of both. */
export const bothLogs = (
  onMemory: Open<MemoryLog> = inMemory,
  partitionsOnKafka = partitions,
): [name: string, open: Open<EventLog>, rewind: Rewind][] => [
  [
    'memory',
    onMemory,
    async (log, group, topic, offset) => (log as MemoryLog).rewind(group, topic, 0, offset),
  ],
  [
    'Kafka',
    async (namespace) => {
      const settings = { brokers: testKafka() }
      await ensureTopics(settings, namespace, [tallies], partitionsOnKafka)
      return kafkaLog(settings, 'tests')
    },
    async (_log, group, topic, offset) => {
      const wire = await openWire({ brokers: testKafka() }, 'tests', 10_000)
      const nobody = { group, memberId: '', instance: undefined, generationId: -1 }
      await wire.commit(nobody, topic, new Map([[0, offset]])).finally(() => wire.destroy())
    },
  ],
]
