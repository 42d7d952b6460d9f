import { LogClosed, LogGap, LogUnavailable, PositionTooOld } from './errors.ts'
import type { EventLog, StoredPosition, StoredRecord, Subscription } from './log.ts'
import { Group, Member } from './memory/group.ts'
import { Changes, Lane } from './memory/lane.ts'
import { Topics } from './memory/records.ts'
import { partitionOf } from './partitioning.ts'
import { earlier } from './resuming.ts'
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
  /** The member is put out of its group and does not know it; it lives on as a zombie until it is stopped. */
  evict(subscription: Subscription): void
  /** The next append is stored, but its answer is lost: it rejects with LOG_UNAVAILABLE. */
  loseNextAnswer(): void
  /** The next append dies on its way: so many of its record batches are stored (a run is one), the rest is not; it rejects with LOG_UNAVAILABLE. */
  failAfterBatches(count: number): void
  /** Retention: the records before the offset are gone. */
  trim(topic: string, partition: number, before: bigint): void
  /** The offset that the group committed. */
  committed(group: string, topic: string, partition: number): bigint
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
<<<<<<< HEAD
  let closed = false

  const partitionsOf = (topic: string): PartitionLog[] => {
    let found = topics.get(topic)
    if (found === undefined) {
      found = Array.from({ length: partitions }, () => ({ records: [], batchStarts: [], start: 0n }))
      topics.set(topic, found)
    }
    return found
  }
  const log = (topic: string, partition: number): PartitionLog => {
    const found = partitionsOf(topic)[partition]
    if (found === undefined) throw new RangeError(`${topic} has no partition ${partition}.`)
    return found
  }
  /** Something changed: whoever waits for records, or for his end, looks again. */
  const wake = () => {
    for (const sleeper of sleepers) sleeper()
    sleepers.clear()
  }
  const change = () => new Promise<void>((resolve) => sleepers.add(resolve))

  const assign = (group: Group) => {
    group.generation += 1
    for (const [index, member] of group.members.entries()) {
      member.generation = group.generation
      member.prepared = false
      member.partitions = [...Array(partitions).keys()].filter(
        (partition) => partition % group.members.length === index,
      )
    }
    wake()
  }

  /** One partition, record after record, until `isOver`. */
  const pump = async (
    {
      topic,
      gatherMs = 0,
      batchRecordsMax: wantedMax = batchRecordsMax,
      onStuck,
    }: Pick<SubscribeOptions, 'topic' | 'gatherMs' | 'batchRecordsMax' | 'onStuck'>,
    partition: number,
    lane: Lane,
    isOver: () => boolean,
    deliver: (records: readonly StoredRecord[]) => Promise<void>,
  ): Promise<void> => {
    const partitionLog = log(topic, partition)
    const { records } = partitionLog
    const atOnceMax = Math.min(wantedMax, batchRecordsMax)
    const ahead = () => records.slice(Number(lane.next), Number(lane.next) + atOnceMax)
    const backOff = new BackOff(10, 1_000)
    while (!isOver()) {
      if (lane.next < partitionLog.start) throw new LogGap(topic, partition, lane.next, partitionLog.start)
      if (ahead().length === 0) {
        await change()
        continue
      }
      const ageMs = now().getTime() - Date.parse(ahead()[0]!.timestamp)
      if (ageMs < gatherMs && lane.rejections === 0) await delay(gatherMs)
      const batch = ahead()
      try {
        await deliver(batch)
        lane.next = batch.at(-1)!.offset + 1n
        lane.rejections = 0
        backOff.wentWell()
      } catch (error) {
        if (lane.rejections === 0) lane.rejectedSince = now()
        lane.rejections += 1
        if (isStuckTold(lane.rejections)) onStuck?.({ partition, attempts: lane.rejections, error })
        await delay(backOff.next())
      }
    }
  }

  const newLane = (next: bigint): Lane => ({ next, rejections: 0, rejectedSince: now() })
  const stuckOf = (lanes: ReadonlyMap<number, Lane>): readonly StuckPartition[] =>
    [...lanes]
      .filter(([, { rejections }]) => rejections >= STUCK_ATTEMPTS)
      .map(([partition, { rejections, rejectedSince }]) => ({
        partition,
        attempts: rejections,
        since: rejectedSince.toISOString(),
      }))
  const lagOf = (topic: string, lanes: ReadonlyMap<number, Lane>): readonly PartitionLag[] =>
    [...lanes].map(([partition, { next }]) => {
      const { records } = log(topic, partition)
      const oldest = records[Number(next)]
      return {
        partition,
        records: BigInt(records.length) - next,
        seconds: oldest === undefined ? 0 : (now().getTime() - Date.parse(oldest.timestamp)) / 1_000,
      }
    })

  const run = (member: Member, group: Group, isStopping: () => boolean): Promise<unknown> => {
    const { topic, onBatch, onAssigned, resumeAt } = member.options
    const work = async (): Promise<void> => {
      while (!isStopping() && !member.evicted) {
        const { generation, partitions: mine } = member
        const isOwned = () => group.generation === generation && !member.evicted && !closed
        let kept: ReadonlyMap<number, bigint> | undefined
        try {
          kept = await resumeAt?.(mine)
          await onAssigned?.(mine, generation)
        } catch {
          await delay(10)
          continue
        }
        if (!isOwned()) continue
        member.prepared = true
        const isOver = () => isStopping() || !isOwned()
        const batch = (partition: number, records: readonly StoredRecord[]): RecordBatch => ({
          topic,
          partition,
          records,
          generation,
          isOwned,
          heartbeat: async () => {
            if (!isOwned()) throw new MembershipLost(member.options.group)
          },
        })
        member.lanes = new Map(
          mine.map((partition) => {
            const committed = group.committed.get(partition) ?? 0n
            return [partition, newLane(earlier(committed, kept?.get(partition)))]
          }),
        )
        await Promise.all(
          [...member.lanes].map(([partition, lane]) =>
            pump(member.options, partition, lane, isOver, async (records) => {
              await onBatch(batch(partition, records))
              await member.options.beforeCommit?.()
              if (isOwned()) group.committed.set(partition, records.at(-1)!.offset + 1n)
            }),
          ),
        )
        // A member beyond the number of partitions has none, and waits for its turn.
        while (!isOver()) await change()
      }
    }
    return work().catch((error: unknown) => member.options.onFault(error as Error))
  }
=======
  let isClosed = false
  const around = { topics, partitionCount, changes, batchRecordsMax, now, isClosed: () => isClosed }
>>>>>>> pq

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

<<<<<<< HEAD
    async read(topic, partition, from, to) {
      const { records, start } = log(topic, partition)
      if (from < start && from < to) throw new LogGap(topic, partition, from, start)
      return records.slice(Number(from), Math.max(Number(to), 0))
    },
    endOffset: async (topic, partition) => BigInt(log(topic, partition).records.length),
    offsets: async (topic) =>
      partitionsOf(topic).map(({ start, records }) => ({ start, end: BigInt(records.length) })),
    groupOffsets: async (name, topic) => new Map(groupOf(name, topic).committed),
=======
    read: async (topic, partition, from, to) => topics.partition(topic, partition).read(from, to),
    endOffset: async (topic, partition) => topics.partition(topic, partition).end,
>>>>>>> pq

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
      const lanes = topics.partitionsOf(topic).map((records) => {
        const { partition, start, end } = records
        const wanted = (from === 'end' ? undefined : from.get(partition)) ?? end
        if (wanted < start) throw new PositionTooOld(topic, partition, wanted, start)
        if (wanted > end) throw new LogGap(topic, partition, wanted, end)
        return new Lane(records, wanted, around)
      })
      const isOwned = () => !isStopping
      const deliver = (partition: number, records: readonly StoredRecord[]) =>
        onBatch({ topic, partition, records, generation: 1, isOwned, heartbeat: async () => {} })
      const running = Promise.all(
        lanes.map((lane) =>
          lane.run(
            followed,
            () => isStopping,
            (records) => deliver(lane.partition, records),
          ),
        ),
      ).catch((error: unknown) => onFault(error as Error))
      const subscription: Subscription = {
        assigned: () => (isStopping ? [] : lanes.map(({ partition }) => partition)),
        isReady: isOwned,
        stuck: () => lanes.flatMap((lane) => lane.stuck()),
        lag: () => lanes.map((lane) => lane.lag()),
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
    committed: (name, topic, partition) => groupOf(name, topic).committed.get(partition) ?? 0n,
    records: (topic) => topics.partitionsOf(topic).flatMap(({ all, start }) => all.slice(Number(start))),
    batchStarts: (topic, partition) => topics.partition(topic, partition).batchStarts,
  }
}
