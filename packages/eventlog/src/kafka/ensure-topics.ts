import { setTimeout as delay } from 'node:timers/promises'
import type { Family } from '@parley/kernel'
import kafkajs, { type Admin } from 'kafkajs'
import { BackOff } from '../back-off.ts'
import {
  LogUnavailable,
  PartitionCountMismatch,
  RECORD_BYTES_MAX,
  TopicSettingsUnsafe,
  UnknownTopic,
} from '../errors.ts'
import { deadLettersOf, topicsOf } from '../topics.ts'
import { kafkaClient } from './client.ts'
import type { KafkaSettings } from './settings.ts'

const DAY_MS = 86_400_000
const TRY_FOR_MS = 30_000
const RETRY_PAUSE_MS = 100
const RETRY_PAUSE_MAX_MS = 1_000

/** By the default import: of kafkajs, which is CommonJS, Node does not find this name. */
const { TOPIC } = kafkajs.ConfigResourceTypes

interface WantedTopic {
  readonly topic: string
  readonly numPartitions: number
  readonly settings: Readonly<Record<string, string>>
}

const UNLIMITED = '-1'
const atLeast = (found: string, wanted: string) => Number(found) >= Number(wanted)
const forAsLong = (found: string, wanted: string) =>
  found === UNLIMITED || (wanted !== UNLIMITED && atLeast(found, wanted))
const same = (found: string, wanted: string) => found === wanted

/** What a topic of ours is made with, and whether one that somebody else made, or changed, keeps what is written to it as surely. */
const IS_AS_SAFE: ReadonlyMap<string, (found: string, wanted: string) => boolean> = new Map([
  // Compaction keeps the last record of a key, which is the last event of a stream.
  ['cleanup.policy', same],
  ['retention.ms', forAsLong],
  // A cluster may have a limit for all topics that have none of their own.
  ['retention.bytes', forAsLong],
  // The clock of the rules is the broker's (recorded_at), hence LogAppendTime.
  ['message.timestamp.type', same],
  ['max.message.bytes', atLeast],
  ['min.insync.replicas', atLeast],
  ['unclean.leader.election.enable', same],
])

/** By which a leader that lacks what was acknowledged gives its places to other records. Not said when a topic is made: it is Kafka's default, and there are services that let nobody say it. */
const NO_UNCLEAN_LEADERS = { 'unclean.leader.election.enable': 'false' } as const

/**
 * Creates what is missing and waits until every partition has its leader, whatever happens to its connections meanwhile. What is there
 * already stays as it is. Another partition count in use is an error, never a change, because it would send keys to other partitions; so are
 * settings by which records are lost: a reader that keeps up would not notice, and events of last week would be gone for good.
 * @throws {PartitionCountMismatch} @throws {TopicSettingsUnsafe} @throws {LogUnavailable}
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
    const { wanted, replicationFactor } = await wantedTopics(admin, settings, namespace, families, partitions)
    const existing = new Set(await admin.listTopics())
    const unsafe = await unsafeSettings(
      admin,
      wanted.filter(({ topic }) => existing.has(topic)),
    )
    if (unsafe.length > 0) throw new TopicSettingsUnsafe(unsafe)
    const missing = wanted.filter(({ topic }) => !existing.has(topic))
    if (missing.length > 0)
      await admin
        .createTopics({
          waitForLeaders: false,
          topics: missing.map(({ topic, numPartitions, settings: kept }) => ({
            topic,
            numPartitions,
            replicationFactor,
            configEntries: Object.entries(kept).map(([name, value]) => ({ name, value })),
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
    const mismatch = await countMismatch(admin, wanted, found)
    if (mismatch !== undefined) throw mismatch
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

async function wantedTopics(
  admin: Admin,
  settings: KafkaSettings,
  namespace: string,
  families: readonly Pick<Family, 'name'>[],
  partitions: number,
): Promise<{ readonly wanted: readonly WantedTopic[]; readonly replicationFactor: number }> {
  const { brokers } = await admin.describeCluster()
  const replicationFactor = settings.replicationFactor ?? (brokers.length === 1 ? 1 : 3)
  const keptFor = (retentionMs: number) => ({
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionMs),
    'retention.bytes': UNLIMITED,
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': String(RECORD_BYTES_MAX + 100_000),
    'min.insync.replicas': replicationFactor >= 3 ? '2' : '1',
  })
  const wanted = [
    ...families.flatMap(({ name }) => {
      const { commands, events } = topicsOf(namespace, { name } as Family)
      return [
        { topic: commands, numPartitions: partitions, settings: keptFor(7 * DAY_MS) },
        { topic: events, numPartitions: partitions, settings: keptFor(-1) },
      ]
    }),
    { topic: deadLettersOf(namespace), numPartitions: partitions, settings: keptFor(30 * DAY_MS) },
  ]
  return { wanted, replicationFactor }
}

/** See `KafkaSettings.partitions`. */
async function countMismatch(
  admin: Admin,
  wanted: readonly WantedTopic[],
  found: ReadonlyMap<string, number>,
): Promise<PartitionCountMismatch | undefined> {
  for (const { topic, numPartitions } of wanted) {
    const count = found.get(topic) ?? 0
    if (count === numPartitions) continue
    const isInUse = async () =>
      (await admin.fetchTopicOffsets(topic)).some(
        ({ partition, low, high }) => partition >= numPartitions && BigInt(high) > BigInt(low),
      )
    if (count < numPartitions || (await isInUse()))
      return new PartitionCountMismatch(topic, count, numPartitions)
  }
  return undefined
}

/** What a broker does not know as a setting, it does not tell, and nobody can have changed. */
async function unsafeSettings(admin: Admin, wanted: readonly WantedTopic[]) {
  if (wanted.length === 0) return []
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: wanted.map(({ topic }) => ({
      type: TOPIC,
      name: topic,
      configNames: [...IS_AS_SAFE.keys()],
    })),
  })
  const foundOf = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
  return wanted.flatMap(({ topic, settings }) =>
    Object.entries({ ...settings, ...NO_UNCLEAN_LEADERS }).flatMap(([name, value]) => {
      const found = foundOf.get(topic)?.get(name)
      return found === undefined || IS_AS_SAFE.get(name)!(found, value)
        ? []
        : [{ topic, name, found, wanted: value }]
    }),
  )
}

/** Of several topics kafkajs says only that there are errors. */
function reasonsIn(error: unknown): readonly KafkajsError[] {
  const several = (error as { errors?: readonly KafkajsError[] }).errors
  return several ?? [error as KafkajsError]
}

/** The brokers answered, and would answer the same again. A connection that broke says nothing of that. */
function isRefusal(error: unknown): boolean {
  if (error instanceof PartitionCountMismatch || error instanceof TopicSettingsUnsafe) return true
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

type TopicsUnsafe = TopicSettingsUnsafe | PartitionCountMismatch | UnknownTopic

interface WatchedTopics {
  /** As of the last look. */
  unsafe(): TopicsUnsafe | undefined
  stop(): void
}

/** Brokers look every five minutes for what retention takes. */
const LOOK_EVERY_MS = 60_000

/**
 * Looks now and then whether topics are still kept as `ensureTopics` wants them. Changed under services that run, none of them would notice:
 * those that keep up have read what retention takes, and whoever begins anew next month finds it gone. Changes nothing, and ends nobody, for
 * what runs loses nothing by going on; says so at each look until it is put right.
 */
export function watchTopics(
  settings: KafkaSettings,
  namespace: string,
  families: readonly Pick<Family, 'name'>[],
  partitions: number,
  { everyMs = LOOK_EVERY_MS, onUnsafe }: { everyMs?: number; onUnsafe(error: TopicsUnsafe): void },
): WatchedTopics {
  const stopping = new AbortController()
  let unsafe: TopicsUnsafe | undefined
  const { signal } = stopping
  const watch = async () => {
    for (;;) {
      await delay(everyMs, undefined, { signal, ref: false })
      // Where the brokers do not answer, others say so, and what was seen last stands.
      const seen = await unsafetyOf(settings, namespace, families, partitions).catch(() => 'unseen' as const)
      signal.throwIfAborted()
      if (seen === 'unseen') continue
      unsafe = seen
      if (unsafe !== undefined) onUnsafe(unsafe)
    }
  }
  // Only by being stopped.
  watch().catch(() => {})
  return {
    unsafe: () => unsafe,
    stop: () => stopping.abort(),
  }
}

async function unsafetyOf(
  settings: KafkaSettings,
  namespace: string,
  families: readonly Pick<Family, 'name'>[],
  partitions: number,
): Promise<TopicsUnsafe | undefined> {
  const admin = kafkaClient(settings, 'parley-topics').admin()
  try {
    await admin.connect()
    const { wanted } = await wantedTopics(admin, settings, namespace, families, partitions)
    const existing = new Set(await admin.listTopics())
    const missing = wanted.find(({ topic }) => !existing.has(topic))
    if (missing !== undefined) return new UnknownTopic(missing.topic)
    const settingsUnsafe = await unsafeSettings(admin, wanted)
    if (settingsUnsafe.length > 0) return new TopicSettingsUnsafe(settingsUnsafe)
    const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) })
    const found = new Map(topics.map(({ name, partitions: those }) => [name, those.length]))
    return await countMismatch(admin, wanted, found)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
