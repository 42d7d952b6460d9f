import { setTimeout as delay } from 'node:timers/promises'
import {
  LogClosed,
  LogUnavailable,
  MembershipLost,
  RECORD_BYTES_MAX,
  RecordTooLarge,
  recordBytes,
} from './errors.ts'
import type { EventLog, Position, RecordBatch, StoredRecord, SubscribeOptions, Subscription } from './log.ts'
import { partitionOf } from './partitioning.ts'

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
  /** The offset that the group committed. */
  committed(group: string, topic: string, partition: number): bigint
  /** All records of the topic, partition by partition. */
  records(topic: string): readonly StoredRecord[]
}

interface Member {
  readonly options: SubscribeOptions
  partitions: readonly number[]
  generation: number
  prepared: boolean
  evicted: boolean
}

interface Group {
  generation: number
  readonly topic: string
  readonly committed: Map<number, bigint>
  members: Member[]
}

export function memoryLog(options: MemoryLogOptions): MemoryLog {
  const { partitions, batchRecordsMax = 500 } = options
  const now = options.now ?? (() => new Date())
  const topics = new Map<string, StoredRecord[][]>()
  const groups = new Map<string, Group>()
  const subscriptions = new Map<Subscription, () => void>()
  const sleepers = new Set<() => void>()
  let isAnswerLost = false
  let closed = false

  const partitionsOf = (topic: string): StoredRecord[][] => {
    let found = topics.get(topic)
    if (found === undefined) topics.set(topic, (found = Array.from({ length: partitions }, () => [])))
    return found
  }
  const log = (topic: string, partition: number): StoredRecord[] => {
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
    topic: string,
    partition: number,
    start: bigint,
    isOver: () => boolean,
    deliver: (records: readonly StoredRecord[]) => Promise<boolean>,
  ): Promise<void> => {
    let next = start
    for (let pause = 10; !isOver();) {
      const records = log(topic, partition).slice(Number(next), Number(next) + batchRecordsMax)
      if (records.length === 0) await change()
      else if (await deliver(records)) {
        next = records.at(-1)!.offset + 1n
        pause = 10
      } else {
        await delay(pause)
        pause = Math.min(pause * 2, 1_000)
      }
    }
  }

  const run = (member: Member, group: Group, isStopping: () => boolean): Promise<unknown> => {
    const { topic, onBatch, onAssigned } = member.options
    const work = async (): Promise<void> => {
      while (!isStopping() && !member.evicted) {
        const { generation, partitions: mine } = member
        const isOwned = () => group.generation === generation && !member.evicted && !closed
        try {
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
        await Promise.all(
          mine.map((partition) =>
            pump(topic, partition, group.committed.get(partition) ?? 0n, isOver, async (records) => {
              try {
                await onBatch(batch(partition, records))
                await member.options.beforeCommit?.()
              } catch {
                return false
              }
              if (isOwned()) group.committed.set(partition, records.at(-1)!.offset + 1n)
              return true
            }),
          ),
        )
        // A member beyond the number of partitions has none, and waits for its turn.
        while (!isOver()) await change()
      }
    }
    return work().catch((error: unknown) => member.options.onFault(error as Error))
  }

  const groupOf = (name: string, topic: string): Group => {
    let group = groups.get(`${name}/${topic}`)
    if (group === undefined)
      groups.set(`${name}/${topic}`, (group = { generation: 0, topic, committed: new Map(), members: [] }))
    return group
  }

  const memory: MemoryLog = {
    partitionCount: async () => partitions,
    partitionOf: async (key) => partitionOf(key, partitions),

    async append(topic, records) {
      if (closed) throw new LogClosed()
      for (const record of records) {
        const bytes = recordBytes(record)
        if (bytes > RECORD_BYTES_MAX) throw new RecordTooLarge(topic, bytes, RECORD_BYTES_MAX)
      }
      const timestamp = now().toISOString()
      const positions = records.map(({ key, value, headers }): Position => {
        const partition = partitionOf(key, partitions)
        const stored = log(topic, partition)
        const offset = BigInt(stored.length)
        // Copied: what the caller does to its bytes later is not the log's.
        stored.push({
          topic,
          partition,
          offset,
          timestamp,
          key,
          value: Buffer.from(value),
          headers: { ...headers },
        })
        return { partition, offset }
      })
      wake()
      if (isAnswerLost) {
        isAnswerLost = false
        throw new LogUnavailable('The answer was lost.')
      }
      return positions
    },

    read: async (topic, partition, from, to) =>
      log(topic, partition).slice(Number(from), Math.max(Number(to), 0)),
    endOffset: async (topic, partition) => BigInt(log(topic, partition).length),

    async subscribe(subscribeOptions) {
      if (closed) throw new LogClosed()
      const group = groupOf(subscribeOptions.group, subscribeOptions.topic)
      const member: Member = {
        options: subscribeOptions,
        partitions: [],
        generation: 0,
        prepared: false,
        evicted: false,
      }
      let stopping = false
      let stopped = false
      const leave = () => {
        group.members = group.members.filter((other) => other !== member)
        assign(group)
      }
      group.members.push(member)
      assign(group)
      const running = run(member, group, () => stopping)
      const subscription: Subscription = {
        assigned: () => (stopped || member.evicted ? [] : member.partitions),
        isReady: () => member.prepared && !stopping,
        async stop() {
          if (stopping) return
          stopping = true
          wake()
          await running
          stopped = true
          subscriptions.delete(subscription)
          if (!member.evicted) leave()
        },
      }
      subscriptions.set(subscription, () => {
        member.evicted = true
        leave()
      })
      return subscription
    },

    async follow({ topic, onBatch, onFault }) {
      if (closed) throw new LogClosed()
      let stopping = false
      const all = [...Array(partitions).keys()]
      const running = Promise.all(
        all.map((partition) =>
          pump(
            topic,
            partition,
            BigInt(log(topic, partition).length),
            () => stopping,
            async (records) => {
              try {
                const isOwned = () => !stopping
                await onBatch({
                  topic,
                  partition,
                  records,
                  generation: 1,
                  isOwned,
                  heartbeat: async () => {},
                })
                return true
              } catch {
                return false
              }
            },
          ),
        ),
      ).catch((error: unknown) => onFault(error as Error))
      const subscription: Subscription = {
        assigned: () => (stopping ? [] : all),
        isReady: () => !stopping,
        async stop() {
          stopping = true
          wake()
          await running
          subscriptions.delete(subscription)
        },
      }
      subscriptions.set(subscription, () => {})
      return subscription
    },

    async close() {
      await Promise.all([...subscriptions.keys()].map((subscription) => subscription.stop()))
      closed = true
    },

    rebalance(name) {
      for (const [key, group] of groups) if (key.startsWith(`${name}/`)) assign(group)
    },
    rewind(name, topic, partition, offset) {
      const group = groupOf(name, topic)
      group.committed.set(partition, offset)
      assign(group)
    },
    evict: (subscription) => subscriptions.get(subscription)?.(),
    loseNextAnswer() {
      isAnswerLost = true
    },
    committed: (name, topic, partition) => groupOf(name, topic).committed.get(partition) ?? 0n,
    records: (topic) => partitionsOf(topic).flat(),
  }
  return memory
}
