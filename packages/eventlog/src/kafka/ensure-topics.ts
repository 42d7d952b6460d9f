import { setTimeout as delay } from 'node:timers/promises'
import type { Family } from '@parley/kernel'
import type { Admin } from 'kafkajs'
import { LogUnavailable, PartitionCountMismatch, RECORD_BYTES_MAX } from '../errors.ts'
import { deadLettersOf, topicsOf } from '../topics.ts'
import { kafkaClient } from './client.ts'
import type { KafkaSettings } from './settings.ts'

const DAY_MS = 86_400_000
const LEADERS_TIMEOUT_MS = 30_000

/**
 * Creates what is missing and waits until every partition has its leader. What is there already stays as it is: another partition
 * count is an error, never a change, because it would send keys to other partitions.
 * @throws {PartitionCountMismatch}
 */
export async function ensureTopics(
  settings: KafkaSettings,
  namespace: string,
  families: readonly Pick<Family, 'name'>[],
  partitions: number,
): Promise<void> {
  const admin = kafkaClient(settings, 'parley-topics').admin()
  await admin.connect()
  try {
    const { brokers } = await admin.describeCluster()
    const replicationFactor = settings.replicationFactor ?? (brokers.length === 1 ? 1 : 3)
    // The clock of the rules is the broker's (recorded_at), hence LogAppendTime.
    const shared = [
      { name: 'cleanup.policy', value: 'delete' },
      { name: 'message.timestamp.type', value: 'LogAppendTime' },
      { name: 'max.message.bytes', value: String(RECORD_BYTES_MAX + 100_000) },
      { name: 'min.insync.replicas', value: replicationFactor >= 3 ? '2' : '1' },
    ]
    const wanted = [
      ...families.flatMap(({ name }) => {
        const { commands, events } = topicsOf(namespace, { name } as Family)
        return [
          { topic: commands, numPartitions: partitions, retentionMs: 7 * DAY_MS },
          { topic: events, numPartitions: partitions, retentionMs: -1 },
        ]
      }),
      { topic: deadLettersOf(namespace), numPartitions: partitions, retentionMs: 30 * DAY_MS },
    ]
    const existing = new Set(await admin.listTopics())
    const missing = wanted.filter(({ topic }) => !existing.has(topic))
    if (missing.length > 0)
      await admin
        .createTopics({
          waitForLeaders: false,
          topics: missing.map(({ topic, numPartitions, retentionMs }) => ({
            topic,
            numPartitions,
            replicationFactor,
            configEntries: [...shared, { name: 'retention.ms', value: String(retentionMs) }],
          })),
        })
        .catch((error: unknown) => {
          // Services start side by side: another one was quicker. What it made is checked below.
          if (!everyOneExists(error)) throw error
        })
    const found = await withLeaders(
      admin,
      wanted.map(({ topic }) => topic),
    )
    for (const { topic, numPartitions } of wanted) {
      const count = found.get(topic) ?? 0
      if (count !== numPartitions) throw new PartitionCountMismatch(topic, count, numPartitions)
    }
  } finally {
    await admin.disconnect()
  }
}

function everyOneExists(error: unknown): boolean {
  const { type, errors } = error as { type?: string; errors?: { type?: string }[] }
  return (
    type === 'TOPIC_ALREADY_EXISTS' ||
    (errors?.every((each) => each.type === 'TOPIC_ALREADY_EXISTS') ?? false)
  )
}

async function withLeaders(admin: Admin, topics: string[]): Promise<Map<string, number>> {
  const deadline = performance.now() + LEADERS_TIMEOUT_MS
  for (;;) {
    const answer = await admin.fetchTopicMetadata({ topics }).catch(() => undefined)
    const led = answer?.topics.filter(
      ({ partitions }) =>
        partitions.length > 0 &&
        partitions.every(({ leader, partitionErrorCode }) => leader >= 0 && partitionErrorCode === 0),
    )
    if (led?.length === topics.length)
      return new Map(led.map(({ name, partitions }) => [name, partitions.length]))
    if (performance.now() > deadline)
      throw new LogUnavailable(
        `Some partitions of ${topics.join(', ')} have no leader after 30 s. Check the brokers.`,
      )
    await delay(100)
  }
}
