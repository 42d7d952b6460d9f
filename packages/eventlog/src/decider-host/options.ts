import type { Decider, Message } from '@parley/kernel'
import type { Db } from 'mongodb'
import type { EventLog } from '../log.ts'
import type { ReaderTrouble } from '../reader/reader.ts'
import type { FamilyTopics } from '../topics.ts'

export interface DeciderHostOptions<
  State,
  Command extends Message,
  Event extends Message,
  Policy,
> extends Pick<ReaderTrouble, 'onStuck' | 'onFault'> {
  readonly log: EventLog
  readonly topics: FamilyTopics<Command, Event>
  readonly group: string
  /** In metrics. Default `decider`; of two hosts in one process one needs a name of its own. */
  readonly name?: string
  /** Claims and snapshots are kept here, in collections that carry the family's name and the decider's version. */
  readonly db: Db
  readonly decider: Decider<State, Command, Event, Policy>
  /** What the rules are to decide by: plain JSON. It is adopted by a command where another one is in force. */
  readonly policy?: Policy
  /** Streams kept in memory, of all partitions together; what was written to a snapshot may leave. Default 2,500. */
  readonly cachedStreamsMax?: number
  /**
   * A snapshot is written when so many streams of the partition changed since the last one (default 1,000, or as many as may be in memory)
   * or so many milliseconds passed (30,000): the tail that a start reads again. Sooner where that would be long: see `tailShort`.
   */
  readonly snapshotEveryStreams?: number
  readonly snapshotEveryMs?: number
  /**
   * A partition whose snapshots are more than so many events behind the log is folded before this process takes over any. Default 10,000.
   * Whoever decides writes them at half of it: else who starts anew behind a crash in a busy hour would wait for somebody to fold what
   * nobody is at.
   */
  readonly tailShort?: bigint
  /** Told before that is done, of each: the process is not ready until then, while others decide. */
  onBuildingAhead(behind: { readonly partition: number; readonly records: bigint }): void
  /** Told of each command that went to the dead letters: a customer's word may be among them. Log it loudly. */
  onDeadLetter(letter: { readonly code: string; readonly partition: number; readonly offset: bigint }): void
  /** A snapshot was not written; it is tried again with the next one. */
  onSnapshotFailed(error: unknown): void
}

/**
 * A contact takes 7 kB of heap after their first message and 55 kB once its 256 messages and 128 wishes are remembered: 20 to 140 MB in all. What
 * a batch needs and is not in memory is one look into the store. Of all partitions together: for each, twelve would hold all contacts.
 */
export const CACHED_STREAMS_MAX = 2_500

/** Read in about a second: a partition that is no further behind is taken over as it is. */
export const TAIL_SHORT = 10_000n

export interface DecidedPartition {
  readonly family: string
  readonly partition: number
  readonly epoch: bigint
  readonly nextOffset: bigint
  readonly cachedStreams: number
}
