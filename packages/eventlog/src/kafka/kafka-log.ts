import type { EventLog, Subscription } from '../log.ts'
import { partitionOf } from '../partitioning.ts'
import { openAppender } from './appender.ts'
import { joinGroup } from './group-member.ts'
import { followTopic, openRangeReader } from './range-reader.ts'
import type { KafkaSettings } from './settings.ts'

/** The log on Kafka. Connections are made on first use, so a broker that is down delays, and does not end, the start. */
export async function kafkaLog(settings: KafkaSettings, clientId: string): Promise<EventLog> {
  const appender = openAppender(settings, `${clientId}-append`)
  const ranges = openRangeReader(settings, `${clientId}-read`)
  const subscriptions = new Set<Subscription>()
  const counts = new Map<string, number>()

  const partitionCount = async (topic: string): Promise<number> => {
    const known = counts.get(topic) ?? (await ranges.ask((wire) => wire.partitionCount(topic)))
    counts.set(topic, known)
    return known
  }
  const kept = (subscription: Subscription): Subscription => {
    subscriptions.add(subscription)
    return subscription
  }

  return {
    partitionCount,
    partitionOf: async (key, topic) => partitionOf(key, await partitionCount(topic)),
    append: appender.append,
    read: ranges.read,
    endOffset: async (topic, partition) =>
      (await ranges.ask((wire) => wire.offsets(topic, [partition], 'end'))).get(partition) ?? 0n,
    subscribe: async (options) =>
      kept(await joinGroup(settings, `${clientId}-${options.group}`, ranges, options)),
    async follow(options) {
      const partitions = [...Array(await partitionCount(options.topic)).keys()]
      const ends = await ranges.ask((wire) => wire.offsets(options.topic, partitions, 'end'))
      return kept(await followTopic(settings, `${clientId}-follow`, options, ends))
    },
    async close() {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      await appender.close()
      ranges.close()
    },
  }
}
