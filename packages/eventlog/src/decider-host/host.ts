import { setTimeout as pause } from 'node:timers/promises'
import { type Message, StreamGap, UnreadableRecord } from '@parley/kernel'
import { LogGap, MembershipLost } from '../errors.ts'
import type { Subscription } from '../log.ts'
import { FaultSearch } from '../reader/fault-search.ts'
import { countingGaps, observed } from '../reader/metrics.ts'
import { buildAhead } from './ahead.ts'
import { CACHED_STREAMS_MAX, type DecidedPartition, type DeciderHostOptions } from './options.ts'
import { PartitionWriter } from './partition-writer.ts'
import { SnapshotStore } from './snapshots.ts'

export interface DeciderHost<Policy = unknown> extends Subscription {
  partitions(): readonly DecidedPartition[]
  /** Another policy is configured from now on: it is adopted in each partition where another one is in force. */
  adopt(policy: Policy): Promise<void>
}

/** What comes again after a crash is known by its place, so this only bounds how much that is. */
const COMMIT_EVERY_MS = 250
const CLAIM_AGAIN_MS = 1_000

interface Claimed {
  readonly generation: number
  readonly claiming: Promise<PartitionWriter>
  writer?: PartitionWriter
}

/**
 * Runs a decider over a commands topic: one writer per partition, and a second one does no harm.
 *
 * Before it joins, snapshots of its version are brought close to the end of the log. On assignment it claims the partition in Mongo (epoch + 1) and only then reads: snapshots, then the tail of the events since
 * the last mark. Each fetched batch is decided in memory and appended with one request. The offset that the log gives back says
 * whether anybody else wrote in between: if so, what was written is folded (first in the log wins) and the commands are decided anew.
 */
export async function runDeciderHost<State, Command extends Message, Event extends Message, Policy>(
  started: DeciderHostOptions<State, Command, Event, Policy>,
): Promise<DeciderHost<Policy>> {
  const options: Omit<typeof started, 'policy'> & { policy?: Policy } = { ...started }
  const name = options.name ?? 'decider'
  const onFault = countingGaps(name, options.onFault)
  await buildAhead(options)
  const claims = new Map<number, Claimed>()
  /** Of each partition: however many this process has, they take no more memory together. */
  const { cachedStreamsMax = CACHED_STREAMS_MAX } = options
  const streamsMax = () => Math.ceil(cachedStreamsMax / Math.max(1, claims.size))

  const claim = (partition: number, generation: number): Promise<PartitionWriter> => {
    const current = claims.get(partition)
    if (current?.generation === generation) return current.claiming
    const claimed: Claimed = {
      generation,
      claiming: PartitionWriter.claim(
        options,
        partition,
        () => claims.get(partition) === claimed,
        streamsMax,
      ).then((writer) => (claimed.writer = writer)),
    }
    claims.set(partition, claimed)
    return claimed.claiming
  }
  /** Whatever went wrong, what memory holds is no longer trusted: the next batch claims and reads again. */
  const failed = (partition: number, generation: number, error: unknown) => {
    if (claims.get(partition)?.generation === generation) claims.delete(partition)
    if (error instanceof LogGap || error instanceof StreamGap || error instanceof UnreadableRecord)
      onFault(error)
  }

  const faults = new FaultSearch()
  let assigned: number | undefined
  const claimAhead = async (partition: number, generation: number): Promise<void> => {
    const isAssigned = () => assigned === generation
    while (isAssigned()) {
      try {
        await claim(partition, generation)
        return
      } catch (error) {
        failed(partition, generation, error)
        await pause(CLAIM_AGAIN_MS, undefined, { ref: false })
      }
    }
  }

  const member = await options.log.subscribe({
    group: options.group,
    topic: options.topics.commands,
    commitEveryMs: COMMIT_EVERY_MS,
    // At the first record there is nothing any more after a week: retention takes what was decided.
    beginAt: async () => {
      const marks = await SnapshotStore.marks(options.db, options.decider)
      return new Map([...marks].map(([partition, { commands }]) => [partition, commands]))
    },
    onStuck: (stuck) => options.onStuck(faults.named(stuck)),
    onFault,
    onAssigned: async (partitions, generation) => {
      faults.clear()
      // What went to others leaves memory. Their claim is newer: a snapshot of ours would be refused.
      for (const partition of claims.keys()) if (!partitions.includes(partition)) claims.delete(partition)
      // Not left to the first command: it is to find the state in memory, and the policy of this configuration before it in the log.
      assigned = generation
      for (const partition of partitions) void claimAhead(partition, generation)
    },
    onBatch: async (batch) => {
      await faults.handle(batch.records, async (records) => {
        // A batch of before a rebalance: a claim would only disturb the one who has the partition now.
        if (!batch.isOwned()) throw new MembershipLost(options.group)
        try {
          const writer = await claim(batch.partition, batch.generation)
          await writer.handle({ ...batch, records })
        } catch (error) {
          failed(batch.partition, batch.generation, error)
          throw error
        }
      })
    },
  })
  const subscription = observed(name, member, faults)
  const writers = () => [...claims.values()].flatMap(({ writer }) => writer ?? [])

  return {
    assigned: () => subscription.assigned(),
    isReady: () => subscription.isReady(),
    stuck: () => subscription.stuck(),
    lag: () => subscription.lag(),
    partitions: () => writers().map((writer) => writer.describe()),
    async adopt(policy) {
      options.policy = policy
      // A claim that is under way may have wished for the policy of before.
      await Promise.all([...claims.values()].map(async ({ claiming }) => (await claiming).adoptPolicy()))
    },
    async stop() {
      assigned = undefined
      await subscription.stop()
      await Promise.allSettled([...claims.values()].map(({ claiming }) => claiming))
      // A last snapshot makes the next start quick; without it the tail is only longer.
      await Promise.allSettled(writers().map((writer) => writer.snapshot()))
    },
  }
}
