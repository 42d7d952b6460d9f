import { setTimeout as delay } from 'node:timers/promises'
import type { Family } from '@parley/kernel'
import type { Admin } from 'kafkajs'
import { BackOff } from '../back-off.ts'
import { LogUnavailable, PartitionCountMismatch, RECORD_BYTES_MAX } from '../errors.ts'
import { deadLettersOf, topicsOf } from '../topics.ts'
import { kafkaClient } from './client.ts'
import type { KafkaSettings } from './settings.ts'

const DAY_MS = 86_400_000
const TRY_FOR_MS = 30_000
const RETRY_PAUSE_MS = 100
const RETRY_PAUSE_MAX_MS = 1_000

/**
 * Creates what is missing and waits until every partition has its leader, whatever happens to its connections meanwhile. What is there
 * already stays as it is: another partition count is an error, never a change, because it would send keys to other partitions.
 * @throws {PartitionCountMismatch} @throws {LogUnavailable}
 */
export async function ensureTopics(
  settings: KafkaSettings,
  namespace: string,
  families: readonly Pick<Family, 'name'>[],
  partitions: number,
): Promise<void> {
  const deadline = performance.now() + TRY_FOR_MS
  const backOff = new BackOff(RETRY_PAUSE_MS, RETRY_PAUSE_MAX_MS)
  for (;;) {
    try {
      return await ensureOnce(settings, namespace, families, partitions, deadline)
    } catch (cause) {
      if (cause instanceof LogUnavailable || isRefusal(cause)) throw cause
      if (performance.now() + backOff.ms > deadline)
        throw new LogUnavailable(
          `The topics of ${namespace} could not be made. Check that the brokers are up and reachable.`,
          { cause },
        )
      await delay(backOff.next())
    }
  }
}

async function ensureOnce(
  settings: KafkaSettings,
  namespace: string,
  families: readonly Pick<Family, 'name'>[],
  partitions: number,
  deadline: number,
): Promise<void> {
  const admin = kafkaClient(settings, 'parley-topics').admin()
  try {
    await admin.connect()
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
          const [refusal] = reasonsIn(error).filter(({ type }) => type !== 'TOPIC_ALREADY_EXISTS')
          if (refusal !== undefined) throw refusal
        })
    const found = await withLeaders(
      admin,
      wanted.map(({ topic }) => topic),
      deadline,
    )
    for (const { topic, numPartitions } of wanted) {
      const count = found.get(topic) ?? 0
      if (count !== numPartitions) throw new PartitionCountMismatch(topic, count, numPartitions)
    }
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** Of several topics kafkajs says only that there are errors. */
function reasonsIn(error: unknown): readonly KafkajsError[] {
  const several = (error as { errors?: readonly KafkajsError[] }).errors
  return several ?? [error as KafkajsError]
}

/** The brokers answered, and would answer the same again. A connection that broke says nothing of that. */
function isRefusal(error: unknown): boolean {
  if (error instanceof PartitionCountMismatch) return true
  const { name, type, retriable, cause } = error as KafkajsError
  if (name === 'KafkaJSSASLAuthenticationError') return true
  if (type !== undefined) return retriable === false
  return cause !== undefined && isRefusal(cause)
}

interface KafkajsError {
  readonly name?: string
  /** The error's name in Kafka. */
  readonly type?: string
  readonly retriable?: boolean
  readonly cause?: unknown
}

async function withLeaders(admin: Admin, topics: string[], deadline: number): Promise<Map<string, number>> {
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
