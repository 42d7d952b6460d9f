/**
 * The port to the log. Kafka is one adapter, memory the other; one contract suite holds both to the same words.
 * Order is kept within a partition; a record that was acknowledged is stored once.
 */
export interface LogRecord {
  /** Opaque, never a phone number: keys leak into tools and traces. It alone chooses the partition. */
  readonly key: string
  readonly value: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** It is stored in the same record batch as the record before it in the call, which has the same key; or neither is stored. */
  readonly withPrevious?: true
}

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
  /** Partitions worked on at once (each in order). Default 12. */
  readonly concurrency?: number
  /** Resolve: the batch is done, its offset may be committed. Reject: the batch comes again. */
  onBatch(batch: RecordBatch): Promise<void>
  /** How long done batches may wait for their offsets to be committed together. Default 0: each at once. */
  readonly commitEveryMs?: number
  /** Called before offsets are committed: makes durable what batches left in memory. Reject: nothing is committed yet, it is tried again. */
  beforeCommit?(): Promise<void>
  /** Called after each rebalance with all partitions that are now this member's. */
  onAssigned?(partitions: readonly number[], generation: number): Promise<void>
  /** The subscription is broken for good (a gap in the log, a crash of the client): the process should end, a supervisor starts it anew. */
  onFault(error: Error): void
}

export interface Subscription {
  /** Partitions that are this member's now. */
  assigned(): readonly number[]
  /** True once the group was joined and the partitions are known. */
  isReady(): boolean
  /** Stops fetching, lets running batches end and commit, leaves the group. */
  stop(): Promise<void>
}

export interface FollowOptions {
  readonly topic: string
  onBatch(batch: RecordBatch): Promise<void>
  onFault(error: Error): void
}

export interface EventLog {
  partitionOf(key: string, topic: string): Promise<number>
  partitionCount(topic: string): Promise<number>
  /**
   * Resolves when all are stored and acknowledged (acks all), with their positions in the order given. What arrives while a
   * request is in flight goes out as the next one (group commit): one request at a time, so a lost answer loses nothing.
   */
  append(topic: string, records: readonly LogRecord[]): Promise<readonly Position[]>
  /** The records of [from, to) of one partition, in order. */
  read(topic: string, partition: number, from: bigint, to: bigint): Promise<readonly StoredRecord[]>
  /** The offset that the next record of the partition will get. */
  endOffset(topic: string, partition: number): Promise<bigint>
  /** A member of a group: each partition goes to one member, at least once, from the group's offset or the beginning. */
  subscribe(options: SubscribeOptions): Promise<Subscription>
  /** All partitions from their present end, belonging to no group: for those who only watch. */
  follow(options: FollowOptions): Promise<Subscription>
  close(): Promise<void>
}
