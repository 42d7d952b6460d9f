import { LogGap, PositionTooOld } from '../errors.ts'
import type { FollowOptions, Subscription } from '../log.ts'
import type { RangeReader } from './range-reader.ts'
import type { KafkaSettings } from './settings.ts'
import { TopicReader } from './topic-reader.ts'

/** Watches all partitions, in no group. */
export async function followTopic(
  settings: KafkaSettings,
  clientId: string,
  ranges: RangeReader,
  { topic, from = 'end', onBatch, onFault, onStuck }: FollowOptions,
): Promise<Subscription> {
  const count = await ranges.ask((wire) => wire.partitionCount(topic))
  const partitions = [...Array(count).keys()]
  const starts = new Map(await ranges.ask((wire) => wire.offsets(topic, partitions, 'end')))
  if (from !== 'end' && from.size > 0) {
    const begins = await ranges.ask((wire) => wire.offsets(topic, [...from.keys()], 'start'))
    for (const [partition, wanted] of from) {
      const end = starts.get(partition)
      const begin = begins.get(partition)
      if (end === undefined || begin === undefined)
        throw new RangeError(`${topic} has no partition ${partition}.`)
      if (wanted < begin) throw new PositionTooOld(topic, partition, wanted, begin)
      if (wanted > end) throw new LogGap(topic, partition, wanted, end)
      starts.set(partition, wanted)
    }
  }
  let isStopped = false
  const reader = new TopicReader(settings, clientId, ranges, {
    topic,
    starts,
    concurrency: count,
    gatherMs: 0,
    leisureMs: 0,
    isAwaited: () => true,
    onFault,
    onStuck: (stuck) => onStuck?.(stuck),
    onBatch: (partition, records) =>
      onBatch({
        topic,
        partition,
        records,
        generation: 1,
        isOwned: () => !isStopped,
        heartbeat: async () => {},
      }),
  })
  reader.start()
  return {
    assigned: () => (isStopped ? [] : partitions),
    isReady: () => !isStopped,
    stuck: () => reader.stuck(),
    lag: () => reader.lag(),
    async stop() {
      isStopped = true
      await reader.drain()
      reader.end()
    },
  }
}
