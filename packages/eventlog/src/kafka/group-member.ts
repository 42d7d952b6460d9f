import { setTimeout as delay } from 'node:timers/promises'
import type { Consumer, EachBatchPayload } from 'kafkajs'
import { LogClientCrashed, LogGap, MembershipLost } from '../errors.ts'
import type { RecordBatch, SubscribeOptions, Subscription } from '../log.ts'
import { type RangeReader, codeOf } from './range-reader.ts'
import { storedRecord } from './records.ts'
import type { KafkaSettings } from './settings.ts'
import { type FetchedMessage, kafkaClient } from './wire.ts'

const SESSION_TIMEOUT_MS = 10_000
const HEARTBEAT_MS = 1_000
/** A fetch returns as soon as there is anything; this is how long an idle one stays, and how late a paused partition comes back. */
const FETCH_WAIT_MS = 250
/** kafkajs fetches again only when all batches of the last fetch are done: a slower one is let go on beside, its partition paused. */
const PATIENCE_MS = 100
const REJECTED_PAUSE_MAX_MS = 5_000

/** What this member knows of the partitions between two rebalances. */
interface Generation {
  readonly number: number
  readonly partitions: readonly number[]
  /** Resolved once the offsets are known and `onAssigned` is through: batches wait for it. */
  prepared: Promise<void>
  isPrepared: boolean
  readonly nextOffsets: Map<number, bigint>
  /** Done, and not committed yet. */
  readonly uncommitted: Map<number, bigint>
  commitTimer: NodeJS.Timeout | undefined
  ended: boolean
}

/** A member of a consumer group, on kafkajs's consumer; its traps and what is done about them are in docs/adr/0002. */
export async function joinGroup(
  settings: KafkaSettings,
  clientId: string,
  ranges: RangeReader,
  options: SubscribeOptions,
): Promise<Subscription> {
  const { group, topic, commitEveryMs = 0 } = options
  const running = new Set<Promise<void>>()
  const ending = new AbortController()
  let generation: Generation | undefined
  let generations = 0
  let lastHeartbeat = 0
  let stopping = false
  let stopped = false
  let consumer: Consumer | undefined
  let launching: Promise<void> = Promise.resolve()

  const fault = (reason: Error) => {
    if (stopping) return
    endGeneration()
    const broken = consumer
    consumer = undefined
    void broken?.disconnect().catch(() => {})
    options.onFault(reason)
  }
  const endGeneration = () => {
    if (generation === undefined) return
    generation.ended = true
    clearTimeout(generation.commitTimer)
  }
  const isCurrent = (mine: Generation) =>
    generation === mine && !mine.ended && !stopped && Date.now() - lastHeartbeat < SESSION_TIMEOUT_MS

  const untilDone = async (mine: Generation, what: string, work: () => Promise<void>): Promise<boolean> => {
    for (let pause = 100; ; pause = Math.min(pause * 2, REJECTED_PAUSE_MAX_MS)) {
      try {
        await work()
        return true
      } catch (error) {
        if (error instanceof LogGap) throw error
        if (stopping || generation !== mine || mine.ended) return false
        settings.log?.('warn', what, { group, topic, code: codeOf(error) })
        await delay(pause, undefined, { signal: ending.signal }).catch(() => {})
      }
    }
  }

  const prepare = async (mine: Generation): Promise<void> => {
    await untilDone(mine, 'The offsets of the assigned partitions cannot be read yet.', async () => {
      if (mine.partitions.length === 0) return
      const committed = await ranges.ask((wire) => wire.committed(group, topic, mine.partitions))
      const without = mine.partitions.filter((partition) => !committed.has(partition))
      const starts =
        without.length === 0
          ? new Map<number, bigint>()
          : await ranges.ask((wire) => wire.offsets(topic, without, 'start'))
      for (const partition of mine.partitions)
        mine.nextOffsets.set(partition, committed.get(partition) ?? starts.get(partition) ?? 0n)
    })
    mine.isPrepared = await untilDone(mine, 'The assigned partitions cannot be taken over yet.', async () => {
      if (!stopping) await options.onAssigned?.(mine.partitions, mine.number)
    })
  }

  /** kafkajs is ahead of what was done: of its own (a batch fetched before a rebalance), or because the records are gone. */
  const leap = async (partition: number, expected: bigint, found: bigint): Promise<void> => {
    const [there] = await ranges.read(topic, partition, expected, expected + 1n)
    if (there === undefined) throw new LogGap(topic, partition, expected, found)
    consumer?.seek({ topic, partition, offset: expected.toString() })
  }

  /** The offset that is wanted is the next one to read. The broker refuses it from an older generation. */
  const commit = async (mine: Generation): Promise<void> => {
    clearTimeout(mine.commitTimer)
    mine.commitTimer = undefined
    await untilDone(mine, 'Offsets cannot be committed yet.', async () => {
      const done = [...mine.uncommitted]
      if (done.length === 0) return
      await options.beforeCommit?.()
      if (!isCurrent(mine)) return
      await consumer?.commitOffsets(
        done.map(([partition, offset]) => ({ topic, partition, offset: offset.toString() })),
      )
      for (const [partition, offset] of done)
        if (mine.uncommitted.get(partition) === offset) mine.uncommitted.delete(partition)
    })
  }

  const work = async (
    { batch, heartbeat, resolveOffset }: EachBatchPayload,
    mine: Generation,
  ): Promise<void> => {
    const { partition } = batch
    await mine.prepared
    if (!mine.isPrepared || !isCurrent(mine) || stopping) return
    const start = mine.nextOffsets.get(partition) ?? 0n
    const records = batch.messages
      .map((message) => storedRecord(topic, partition, message as FetchedMessage))
      .filter(({ offset }) => offset >= start)
    let expected = start
    for (const { offset } of records) {
      if (offset !== expected) return await leap(partition, expected, offset)
      expected += 1n
    }
    if (records.length === 0) return resolveOffset((start - 1n).toString())
    const isOwned = () => isCurrent(mine)
    const beat = async () => {
      await heartbeat().catch((error: unknown) => {
        const { type } = error as { type?: string }
        if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION' || type === 'FENCED_INSTANCE_ID')
          mine.ended = true
      })
      if (!isOwned()) throw new MembershipLost(group)
    }
    const recordBatch: RecordBatch = {
      topic,
      partition,
      records,
      generation: mine.number,
      isOwned,
      heartbeat: beat,
    }
    const timer = setInterval(() => void beat().catch(() => {}), HEARTBEAT_MS)
    try {
      const isDone = await untilDone(mine, 'A batch was rejected and comes again.', () =>
        options.onBatch(recordBatch),
      )
      if (!isDone || mine.ended) return
      mine.nextOffsets.set(partition, expected)
      mine.uncommitted.set(partition, expected)
      if (commitEveryMs === 0) await commit(mine)
      else mine.commitTimer ??= setTimeout(() => track(commit(mine)), commitEveryMs)
      // kafkajs would take it for done in the generation that came meanwhile, where it is to come again.
      if (!mine.ended) resolveOffset((expected - 1n).toString())
    } finally {
      clearInterval(timer)
    }
  }

  const open = (): Consumer => {
    const fresh = kafkaClient(settings, clientId).consumer({
      groupId: group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: 15_000,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytesPerPartition: 1_048_576,
      allowAutoTopicCreation: false,
      readUncommitted: true,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 1_000,
        retries: 5,
        restartOnFailure: async () => !stopping,
      },
    })
    fresh.on(fresh.events.GROUP_JOIN, ({ payload }) => {
      // A stop that came while the client was starting does not reach it: it leaves again.
      if (stopped || fresh !== consumer) return void fresh.disconnect()
      beginGeneration(payload.memberAssignment[topic] ?? [])
      // Pauses outlive a rebalance, their reason does not.
      fresh.resume([{ topic }])
    })
    fresh.on(fresh.events.HEARTBEAT, () => {
      lastHeartbeat = Date.now()
    })
    fresh.on(fresh.events.CRASH, ({ payload: { error, restart } }) => {
      if (fresh !== consumer) return
      endGeneration()
      if (restart || stopping) return
      if (isPassing(error)) launching = launch()
      else fault(new LogClientCrashed(`The consumer of ${group} ended: ${error.name}.`, { cause: error }))
    })
    return fresh
  }

  const beginGeneration = (assigned: readonly number[]) => {
    endGeneration()
    lastHeartbeat = Date.now()
    const mine: Generation = {
      number: ++generations,
      partitions: [...assigned].sort((left, right) => left - right),
      prepared: Promise.resolve(),
      isPrepared: false,
      nextOffsets: new Map(),
      uncommitted: new Map(),
      commitTimer: undefined,
      ended: false,
    }
    generation = mine
    mine.prepared = prepare(mine).catch(fault)
  }

  /** A new client of kafkajs, tried until it runs. */
  const launch = async (): Promise<void> => {
    for (let pause = 100; ; pause = Math.min(pause * 2, 1_000)) {
      if (stopping) return
      const fresh = (consumer = open())
      try {
        await fresh.connect()
        await fresh.subscribe({ topic, fromBeginning: true })
        await fresh.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: options.concurrency ?? 12,
          eachBatch,
        })
        return
      } catch (error) {
        await fresh.disconnect().catch(() => {})
        if (!isPassing(error))
          return fault(new LogClientCrashed(`The consumer of ${group} cannot start.`, { cause: error }))
        await delay(pause, undefined, { signal: ending.signal }).catch(() => {})
      }
    }
  }

  const track = (work: Promise<void>): Promise<void> => {
    const tracked = work.catch(fault)
    running.add(tracked)
    void tracked.finally(() => running.delete(tracked))
    return tracked
  }

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const mine = generation
    if (mine === undefined || mine.ended || stopping || payload.batch.messages.length === 0) return
    const done = track(work(payload, mine))
    const patience = new AbortController()
    const isSlow = await Promise.race([
      done.then(() => false),
      delay(PATIENCE_MS, true, { signal: patience.signal }).catch(() => false),
    ])
    patience.abort()
    // After a rebalance all partitions go on: one that is paused now, nobody would resume.
    if (!isSlow || generation !== mine) return
    const resume = payload.pause()
    void done.finally(() => {
      if (generation === mine && !stopped) resume()
    })
  }

  // Waits for the brokers, and names a topic that is not there.
  await ranges.ask((wire) => wire.partitionCount(topic))
  launching = launch()
  await launching

  return {
    assigned: () => (generation === undefined || generation.ended || stopped ? [] : generation.partitions),
    isReady: () => generation !== undefined && generation.isPrepared && !generation.ended && !stopping,
    async stop() {
      if (stopping) return
      stopping = true
      ending.abort()
      await Promise.all([...running, launching])
      if (generation !== undefined) await commit(generation)
      await consumer?.disconnect()
      stopped = true
      endGeneration()
    },
  }
}

/** kafkajs ends its consumer for some faults that the broker's return mends, a missing coordinator among them. */
function isPassing(error: unknown): boolean {
  const { name, retriable, cause } = error as { name?: string; retriable?: boolean; cause?: unknown }
  return retriable === true || passing.has(String(name)) || (cause instanceof Error && isPassing(cause))
}

const passing = new Set([
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
])
