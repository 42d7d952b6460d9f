import { LogClosed, LogGap, LogUnavailable, PositionTooOld } from './errors.ts'
import type { EventLog, StoredPosition, StoredRecord, Subscription } from './log.ts'
import { Group, Member } from './memory/group.ts'
import { Changes, Reading } from './memory/reading.ts'
import { Topics } from './memory/records.ts'
import { partitionOf } from './partitioning.ts'
import { runsOf } from './runs.ts'

export interface MemoryLogOptions {
  /** Of every topic; topics come into being when they are first named. */
  readonly partitions: number
  /** The log's clock (log-append time). Default: the machine's. */
  now?(): Date
  /** Records in one batch at most. Default 500. */
  readonly batchRecordsMax?: number
}

/** The log in memory, with the same words as Kafka's, and with hands to do to it what happens to Kafka's. */
export interface MemoryLog extends EventLog {
  /** A rebalance out of nothing: each member gets its partitions anew, batches in work are owned no more and come again. */
  rebalance(group: string): void
  /** The group's offset falls back, as when a member died between its work and its commit. */
  rewind(group: string, topic: string, partition: number, offset: bigint): void
  /** What the group committed is gone, as a week after its last member left. It is empty. */
  forget(group: string): void
  /** The member is put out of its group and does not know it; it lives on as a zombie until it is stopped. */
  evict(subscription: Subscription): void
  /** The next append is stored, but its answer is lost: it rejects with LOG_UNAVAILABLE. */
  loseNextAnswer(): void
  /** The next append dies on its way: so many of its record batches are stored (a run is one), the rest is not; it rejects with LOG_UNAVAILABLE. */
  failAfterBatches(count: number): void
  /** Retention: the records before the offset are gone. */
  trim(topic: string, partition: number, before: bigint): void
  /** All records of the topic, partition by partition. */
  records(topic: string): readonly StoredRecord[]
  /** Offset of the first record of each record batch of the partition. */
  batchStarts(topic: string, partition: number): readonly bigint[]
}

export function memoryLog(options: MemoryLogOptions): MemoryLog {
  const { partitions: partitionCount, batchRecordsMax = 500, now = () => new Date() } = options
  const topics = new Topics(partitionCount)
  const changes = new Changes()
  const groups = new Map<string, Group>()
  const subscriptions = new Set<Subscription>()
  let isAnswerLost = false
  let batchesLeft = Number.POSITIVE_INFINITY
  let isClosed = false
  const around = { topics, partitionCount, changes, batchRecordsMax, now, isClosed: () => isClosed }

  const groupOf = (name: string, topic: string): Group => {
    const group = groups.get(`${name}/${topic}`) ?? new Group(around)
    groups.set(`${name}/${topic}`, group)
    return group
  }

  return {
    partitionCount: async () => partitionCount,
    partitionOf: async (key) => partitionOf(key, partitionCount),

    async append(topic, records) {
      if (isClosed) throw new LogClosed()
      const timestamp = now().toISOString()
      const positions: StoredPosition[] = []
      for (const run of runsOf(topic, records)) {
        if (batchesLeft === 0) {
          batchesLeft = Number.POSITIVE_INFINITY
          changes.wake()
          throw new LogUnavailable('The append died on its way.')
        }
        batchesLeft -= 1
        const partition = partitionOf(run.records[0]!.key, partitionCount)
        positions.push(...topics.partition(topic, partition).store(run.records, timestamp))
      }
      batchesLeft = Number.POSITIVE_INFINITY
      changes.wake()
      if (isAnswerLost) {
        isAnswerLost = false
        throw new LogUnavailable('The answer was lost.')
      }
      return positions
    },

    read: async (topic, partition, from, to) => topics.partition(topic, partition).read(from, to),
    endOffset: async (topic, partition) => topics.partition(topic, partition).end,
    offsets: async (topic) => topics.partitionsOf(topic).map(({ start, end }) => ({ start, end })),
    offsetsAt: async (topic, time) => topics.partitionsOf(topic).map((records) => records.offsetAt(time)),
    memberCount: async (name) =>
      [...groups].reduce(
        (sum, [key, group]) => sum + (key.startsWith(`${name}/`) ? group.memberCount : 0),
        0,
      ),
    groupOffsets: async (name, topic) => new Map(groupOf(name, topic).committed),

    async subscribe(subscribed) {
      if (isClosed) throw new LogClosed()
      const member = groupOf(subscribed.group, subscribed.topic).join(subscribed)
      subscriptions.add(member)
      return member
    },

    async follow(followed) {
      const { topic, from = 'end', onBatch, onFault } = followed
      if (isClosed) throw new LogClosed()
      let isStopping = false
      const readings = topics.partitionsOf(topic).map((records) => {
        const { partition, start, end } = records
        const wanted = (from === 'end' ? undefined : from.get(partition)) ?? end
        if (wanted < start) throw new PositionTooOld(topic, partition, wanted, start)
        if (wanted > end) throw new LogGap(topic, partition, wanted, end)
        return new Reading(records, wanted, around)
      })
      const isOwned = () => !isStopping
      const deliver = (partition: number, records: readonly StoredRecord[]) =>
        onBatch({ topic, partition, records, generation: 1, isOwned, heartbeat: async () => {} })
      const running = Promise.all(
        readings.map((reading) =>
          reading.run(
            followed,
            () => isStopping,
            (records) => deliver(reading.partition, records),
          ),
        ),
      ).catch((error: unknown) => onFault(error as Error))
      const subscription: Subscription = {
        assigned: () => (isStopping ? [] : readings.map(({ partition }) => partition)),
        isReady: isOwned,
        stuck: () => readings.flatMap((reading) => reading.stuck()),
        lag: () => readings.map((reading) => reading.lag()),
        async stop() {
          isStopping = true
          changes.wake()
          await running
        },
      }
      subscriptions.add(subscription)
      return subscription
    },

    async close() {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      isClosed = true
    },

    rebalance(name) {
      for (const [key, group] of groups) if (key.startsWith(`${name}/`)) group.assign()
    },
    rewind(name, topic, partition, offset) {
      const group = groupOf(name, topic)
      group.committed.set(partition, offset)
      group.assign()
    },
    forget(name) {
      for (const [key, group] of groups) if (key.startsWith(`${name}/`)) group.committed.clear()
    },
    evict(subscription) {
      if (subscription instanceof Member) subscription.evict()
    },
    loseNextAnswer() {
      isAnswerLost = true
    },
    failAfterBatches(count) {
      batchesLeft = count
    },
    trim(topic, partition, before) {
      topics.partition(topic, partition).start = before
      changes.wake()
    },
    records: (topic) => topics.partitionsOf(topic).flatMap(({ all, start }) => all.slice(Number(start))),
    batchStarts: (topic, partition) => topics.partition(topic, partition).batchStarts,
  }
}
