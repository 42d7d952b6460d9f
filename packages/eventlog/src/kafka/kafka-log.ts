import { metrics } from '@opentelemetry/api'
import type { EventLog, Subscription } from '../log.ts'
import { partitionOf } from '../partitioning.ts'
import { Appender } from './appender.ts'
import { followTopic } from './follower.ts'
import { GroupMember } from './group-member.ts'
import { RangeReader } from './range-reader.ts'
import type { KafkaSettings } from './settings.ts'

/** The log on Kafka. Connections are made on first use, so a broker that is down delays, and does not end, the start. */
export async function kafkaLog(settings: KafkaSettings, clientId: string): Promise<EventLog> {
  const appender = new Appender(settings, `${clientId}-append`)
  const ranges = new RangeReader(settings, `${clientId}-read`)
  const subscriptions = new Set<Subscription>()
  const counts = new Map<string, number>()

  const meter = metrics.getMeter('@parley/eventlog')
  const appendSeconds = meter.createHistogram('parley.log.append.duration', { unit: 's' })
  const appendedRecords = meter.createHistogram('parley.log.batch.records', { unit: '{record}' })

  const partitionCount = async (topic: string): Promise<number> => {
    const known = counts.get(topic) ?? (await ranges.ask((wire) => wire.partitionCount(topic)))
    counts.set(topic, known)
    return known
  }
  const partitionsOf = async (topic: string) => [...Array(await partitionCount(topic)).keys()]
  const kept = (subscription: Subscription): Subscription => {
    subscriptions.add(subscription)
    return subscription
  }

  return {
    partitionCount,
    partitionOf: async (key, topic) => partitionOf(key, await partitionCount(topic)),
    async append(topic, records) {
      const startedAt = performance.now()
      const positions = await appender.append(topic, records)
      appendSeconds.record((performance.now() - startedAt) / 1000)
      appendedRecords.record(records.length)
      return positions
    },
    read: (topic, partition, from, to) => ranges.read(topic, partition, from, to),
    endOffset: async (topic, partition) =>
      (await ranges.ask((wire) => wire.offsets(topic, [partition], 'end'))).get(partition) ?? 0n,
    async offsets(topic) {
      const partitions = await partitionsOf(topic)
      const [starts, ends] = await Promise.all(
        (['start', 'end'] as const).map((which) =>
          ranges.ask((wire) => wire.offsets(topic, partitions, which)),
        ),
      )
      return partitions.map((partition) => ({
        start: starts!.get(partition) ?? 0n,
        end: ends!.get(partition) ?? 0n,
      }))
    },
    async offsetsAt(topic, time) {
      const partitions = await partitionsOf(topic)
      // The ends first: a record that comes meanwhile is behind them.
      const ends = await ranges.ask((wire) => wire.offsets(topic, partitions, 'end'))
      const found = await ranges.ask((wire) => wire.offsets(topic, partitions, time))
      return partitions.map((partition) => {
        const offset = found.get(partition) ?? -1n
        return offset < 0n ? (ends.get(partition) ?? 0n) : offset
      })
    },
    memberCount: async (group) => (await ranges.ask((wire) => wire.members(group))).length,
    async groupOffsets(group, topic) {
      const partitions = await partitionsOf(topic)
      return ranges.ask((wire) => wire.committed(group, topic, partitions))
    },
    subscribe: async (options) =>
      kept(await GroupMember.start(settings, `${clientId}-${options.group}`, ranges, options)),
    follow: async (options) => kept(await followTopic(settings, `${clientId}-follow`, ranges, options)),
    async close() {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      await appender.close()
      ranges.close()
    },
  }
}
