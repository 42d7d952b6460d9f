/**
 * The port to the log. Kafka is one adapter, memory the other; one contract suite holds both to the same words.
 * Order is kept within a partition; a record that was acknowledged is stored once.
 */
export interface LogRecord {
  /** Opaque, never a phone number: keys leak into tools and traces. It alone chooses the partition. */
  readonly key: string
  readonly value: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Stored in the same record batch as the record before it in the same call, or neither is stored. Both have the same key.
   * Without it, a writer that dies between two batches leaves half of what belongs together in the log.
   */
  readonly withPrevious?: true
}

/** Fields may be worked out when they are read: keep the record, do not spread it. */
export interface StoredRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** Log-append time on commands topics, ISO 8601 UTC with milliseconds. */
  readonly timestamp: string
  readonly key: string
  readonly value: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

export interface Position {
  readonly partition: number
  readonly offset: bigint
}

/** What the log says of a record that it stored. */
export interface StoredPosition extends Position {
  /** As readers of the record will get it, by the log's clock: the machine that appends may have another time. */
  readonly timestamp: string
}

export interface RecordBatch {
  readonly topic: string
  readonly partition: number
  /** In order of offset; never empty. */
  readonly records: readonly StoredRecord[]
  /** Changes whenever the group was rebalanced: what was known of the partition may be stale. */
  readonly generation: number
  /** False once the partition went to another member: stop, and commit nothing. */
  isOwned(): boolean
  /** To be called between parts of long work; throws when the member was put out of its group. */
  heartbeat(): Promise<void>
}

export interface SubscribeOptions {
  readonly group: string
  readonly topic: string
  /** Partitions worked on at once (each in order); those whose batch was rejected are tried again beside them. Default 12. */
  readonly concurrency?: number
  /** Resolve: the batch is done, its offset may be committed. Reject: the batch comes again. */
  onBatch(batch: RecordBatch): Promise<void>
  /** How long done batches may wait for their offsets to be committed together. Default 0: at once; those done meanwhile go together. */
  readonly commitEveryMs?: number
  /**
   * How long the first record may wait for others, so that they come in one batch. Default 0. The log is asked once in this time, not once
   * a record. One that is older comes at once, as after a start.
   */
  readonly gatherMs?: number
  /**
   * How much longer it may wait while nobody waits for it (`isAwaited`): what moves ten times meanwhile is folded once, and written once.
   * Only for who gathers. Default 0.
   */
  readonly leisureMs?: number
  /** Somebody waits for what is not done yet. Asked once in `gatherMs`. */
  isAwaited?(): boolean
  /** Records of a batch at most, for slow work: its offset is committed when all of it is done. Default: what was fetched. */
  readonly batchRecordsMax?: number | undefined
  /**
   * All before `next` is done: a batch was taken, or what is no record (the mark of a transaction) was passed over. Called before that
   * offset may be committed, and only while the partition is this member's.
   */
  onDone?(partition: number, next: bigint): void
  /** Called before offsets are committed: makes durable what batches left in memory. Reject: nothing is committed yet, it is tried again. */
  beforeCommit?(): Promise<void>
  /** Called after each rebalance with all partitions that are now this member's; again only once the call before has ended. */
  onAssigned?(partitions: readonly number[], generation: number): Promise<void>
  /**
   * Where each of these partitions goes on by what is kept of it. A store that was put back to an older copy knows less than the group
   * committed: then it is read from there, or what lies between would be in nothing. Default: where the group committed.
   */
  resumeAt?(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>
  /**
   * Where those of these partitions begin of which the group has no place: it is new, or Kafka forgot it, as it does a week after the last
   * member left, or somebody deleted it. Begun at the first record, all that there ever was would be read again before anything new. Default:
   * at the first record that there ever was.
   */
  beginAt?(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>
  /** The subscription is broken for good (a gap in the log, a crash of the client): the process should end, a supervisor starts it anew. */
  onFault(error: Error): void
  /**
   * A batch was rejected 5 times in a row, and again whenever that number doubled: nothing of its partition goes on until it is taken. So is
   * a partition that could not be read 15 times in a row, which takes 10 s and more. So is a take-over that failed (`onAssigned`, `resumeAt`, or the log): of each partition of this member. So is a commit (`beforeCommit`, or the
   * log): of each partition whose offset waits for it, which goes on, and would come again from its last commit.
   */
  onStuck?(stuck: StuckBatch): void
}

export interface StuckBatch {
  readonly partition: number
  /** Rejections in a row. */
  readonly attempts: number
  /** Of the last of them. */
  readonly error: unknown
}

export interface StuckPartition {
  readonly partition: number
  /** Failures in a row of the batch that comes next, of reading it, of the take-over that comes before it, or of the commit behind it. */
  readonly attempts: number
  /** Of the first of them. ISO 8601 UTC. */
  readonly since: string
  /** Of the event at fault, where a reader found it: the log does not know it. */
  readonly streamId?: string | undefined
}

export interface PartitionLag {
  readonly partition: number
  /** In the log, and not done here. As of the last answer of the log. */
  readonly records: bigint
  /** How long the oldest of them has been in the log, or at least has; 0 when there is none. */
  readonly seconds: number
}

export interface Subscription {
  /** Partitions that are this member's now. */
  assigned(): readonly number[]
  /** True once the group was joined and the partitions are known. */
  isReady(): boolean
  /** Partitions whose batch, take-over or commit failed 5 times in a row or more, or that could not be read 15 times. */
  stuck(): readonly StuckPartition[]
  /** Of each assigned partition that the log has answered for, from what it said anyway; while they cannot be taken over it is asked. */
  lag(): readonly PartitionLag[]
  /** Stops fetching, lets running batches end and commit, leaves the group. */
  stop(): Promise<void>
}

export interface FollowOptions {
  readonly topic: string
  /** The offset of the next record, per partition; a partition that is not named begins at its end. Default: all at their end. */
  readonly from?: 'end' | ReadonlyMap<number, bigint>
  onBatch(batch: RecordBatch): Promise<void>
  onFault(error: Error): void
  /** As of a member of a group. */
  onStuck?(stuck: StuckBatch): void
}

export interface EventLog {
  partitionOf(key: string, topic: string): Promise<number>
  partitionCount(topic: string): Promise<number>
  /**
   * Resolves when all are stored and acknowledged (acks all), with their positions in the order given. What arrives while a
   * request is in flight goes out as the next one (group commit): a partition has one batch in flight at a time, so a lost answer
   * loses nothing; a partition that cannot be written to holds up no other.
   * @throws {LogUnavailable} @throws {RecordTooLarge} of a record, or of a run of `withPrevious` @throws {BrokenRun}
   */
  append(topic: string, records: readonly LogRecord[]): Promise<readonly StoredPosition[]>
  /** The records of [from, to) of one partition, in order. */
  read(topic: string, partition: number, from: bigint, to: bigint): Promise<readonly StoredRecord[]>
  /** The offset that the next record of the partition will get. */
  endOffset(topic: string, partition: number): Promise<bigint>
  /** Of each partition: where its first record stands that is there still, and the offset that its next one will get. */
  offsets(topic: string): Promise<readonly { readonly start: bigint; readonly end: bigint }[]>
  /** Of each partition: where the first record stands that was stored at that time or later; its end where there is none. */
  offsetsAt(topic: string, time: Date): Promise<readonly bigint[]>
  /** How many members the group has now, of whichever processes. */
  memberCount(group: string): Promise<number>
  /** What the group committed, of whichever process, by partition: no entry where it committed nothing. */
  groupOffsets(group: string, topic: string): Promise<ReadonlyMap<number, bigint>>
  /** A member of a group: each partition goes to one member, at least once, from the group's offset, from `beginAt`, or the first record there ever was. */
  subscribe(options: SubscribeOptions): Promise<Subscription>
  /**
   * All partitions, belonging to no group: for those who only watch.
   * @throws {PositionTooOld} the log no longer holds a record that `from` wants: read the present state and follow from the end.
   * @throws {LogGap} `from` lies beyond the end: it is a position of another log, or this one lost its tail.
   */
  follow(options: FollowOptions): Promise<Subscription>
  close(): Promise<void>
}
