import { BackOff, FailuresInRow } from '../back-off.ts'
import {
  InstanceNameTaken,
  LogClientCrashed,
  LogGap,
  MembershipLost,
  NamespaceShared,
  PartitionCountMismatch,
} from '../errors.ts'
import type { PartitionLag, RecordBatch, StuckPartition, SubscribeOptions, Subscription } from '../log.ts'
import { placeOf } from '../resuming.ts'
import { codeOf, isOfMembership, isProtocolError, typeOf } from './failure.ts'
import { OffsetCommits } from './offset-commits.ts'
import { Pauses } from './pauses.ts'
import type { RangeReader } from './range-reader.ts'
import type { KafkaRecord } from './record-batch.ts'
import { type KafkaSettings, SESSION_TIMEOUT_MS } from './settings.ts'
import { TopicReader } from './topic-reader.ts'
import { type GroupMate, ReopeningWire, type Seat, type Wire } from './wire.ts'

/** How long a rebalance waits for members that are busy. */
const REBALANCE_TIMEOUT_MS = 15_000
/** Also how late a member hears of a rebalance, so it is what a joining member waits for the others. */
const HEARTBEAT_MS = 1_000
const HAND_OVER_MS = 500
const LEAVE_WAIT_MS = 2_000
const REQUEST_TIMEOUT_MS = 10_000
const RETRY_PAUSE_MS = 100
const RETRY_PAUSE_MAX_MS = 1_000

/** Trying again does not mend these. */
const finalErrors = new Set([
  'GROUP_AUTHORIZATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'GROUP_MAX_SIZE_REACHED',
  'UNSUPPORTED_VERSION',
])

/** What is this member's between two rebalances. */
class Generation {
  readonly number: number
  readonly seat: Seat
  readonly partitions: readonly number[]
  readonly #sessionTimeoutMs: number
  state: 'preparing' | 'working' | 'over' = 'preparing'
  lastBeatAt = performance.now()
  /** One heartbeat at a time, for all batches that ask for it. */
  beating: Promise<void> | undefined
  /** Tries to take its partitions over: of the step that it is at. */
  readonly failures = new FailuresInRow()
  /** Records behind what the group committed, of each partition, as it was asked while they could not be taken over. */
  readonly behind = new Map<number, bigint>()
  isLooking = false
  readonly #beganAtMs = Date.now()
  reader: TopicReader | undefined
  commits: OffsetCommits | undefined
  /** Why the group is shared out anew, once it is known. */
  reason: unknown

  constructor(number: number, seat: Seat, partitions: readonly number[], sessionTimeoutMs: number) {
    this.number = number
    this.#sessionTimeoutMs = sessionTimeoutMs
    this.seat = seat
    this.partitions = [...partitions].sort((left, right) => left - right)
  }

  /** Without a word from the broker for a session, it has given the partitions to others. */
  get isOwned(): boolean {
    return this.state !== 'over' && performance.now() - this.lastBeatAt < this.#sessionTimeoutMs
  }

  /** Of what waits it is known only that it has waited since this began, or longer. */
  lag(): readonly PartitionLag[] {
    const seconds = (Date.now() - this.#beganAtMs) / 1_000
    return [...this.behind].map(([partition, records]) => ({
      partition,
      records,
      seconds: records > 0n ? seconds : 0,
    }))
  }

  end(): void {
    this.state = 'over'
    this.reader?.end()
    this.commits?.end()
  }
}

/**
 * A member of a consumer group (https://kafka.apache.org/protocol, classic protocol, eager round robin). Its life: it joins, gets its
 * partitions, prepares them (offsets, `onAssigned`), works on them until the group is shared out anew, and joins again.
 *
 * With an instance name it is a static member (KIP-345): a process that was killed and comes again under the name takes the place of the
 * dead one, with its partitions, in the one request by which it joins. Why not kafkajs's consumer: docs/adr/0011.
 */
export class GroupMember implements Subscription {
  readonly #settings: KafkaSettings
  readonly #sessionTimeoutMs: number
  readonly #clientId: string
  readonly #ranges: RangeReader
  readonly #options: SubscribeOptions
  readonly #wire: ReopeningWire
  readonly #pauses = new Pauses()
  readonly #running: Promise<void>
  #state: 'joining' | 'serving' | 'stopping' | 'stopped' | 'faulted' = 'joining'
  #stopped: Promise<void> | undefined
  #instance: string | undefined
  /** Given by the broker at the first join, and kept through rebalances. */
  #memberId = ''
  #generation: Generation | undefined
  #generations = 0
  #preparing: Promise<void> = Promise.resolve()

  private constructor(
    settings: KafkaSettings,
    clientId: string,
    ranges: RangeReader,
    options: SubscribeOptions,
  ) {
    this.#settings = settings
    this.#sessionTimeoutMs = settings.sessionTimeoutMs ?? SESSION_TIMEOUT_MS
    this.#clientId = clientId
    this.#ranges = ranges
    this.#options = options
    this.#instance = settings.instance
    this.#wire = new ReopeningWire(settings, clientId, REQUEST_TIMEOUT_MS)
    this.#running = this.#run()
  }

  /**
   * Waits for the brokers, and names a topic that is not there, and another deployment that is there before: did this one join, the other
   * would stand still while the group is shared out anew, as often as this one is started. The member joins on its own.
   * @throws {NamespaceShared}
   */
  static async start(
    settings: KafkaSettings,
    clientId: string,
    ranges: RangeReader,
    options: SubscribeOptions,
  ): Promise<GroupMember> {
    const { topic, group } = options
    const [, members] = await Promise.all([
      ranges.ask((wire) => wire.partitionCount(topic)),
      settings.store === undefined ? [] : ranges.ask((wire) => membersOf(wire, group)),
    ])
    if (members.some(({ store }) => isOther(settings.store, store))) throw new NamespaceShared(group)
    return new GroupMember(settings, clientId, ranges, options)
  }

  assigned(): readonly number[] {
    const generation = this.#generation
    return generation === undefined || generation.state === 'over' ? [] : generation.partitions
  }

  isReady(): boolean {
    return this.#state === 'serving' && this.#generation?.state === 'working'
  }

  stuck(): readonly StuckPartition[] {
    const { reader, commits, failures } = this.#generation ?? {}
    if (reader === undefined) return failures?.stuck(this.assigned()) ?? []
    const rejected = reader.stuck()
    const known = new Set(rejected.map(({ partition }) => partition))
    return [...rejected, ...(commits?.stuck() ?? []).filter(({ partition }) => !known.has(partition))]
  }

  lag(): readonly PartitionLag[] {
    const generation = this.#generation
    return generation?.reader?.lag() ?? generation?.lag() ?? []
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    if (this.#state === 'faulted') return
    const generation = this.#state === 'serving' ? this.#generation : undefined
    this.#state = 'stopping'
    // Heartbeats go on meanwhile: a batch in work may take its time.
    await generation?.reader?.drain()
    await generation?.commits?.flush()
    this.#state = 'stopped'
    this.#generation?.end()
    this.#pauses.wakeAll()
    // A join in flight would keep the connection until the group is shared out.
    if (generation === undefined) this.#wire.giveUp()
    await this.#leave()
    await this.#running
  }

  /** The last word: without it the broker keeps the partitions for this member until its session is over. */
  async #leave(): Promise<void> {
    if (this.#memberId === '' && this.#instance === undefined) return this.#wire.giveUp()
    const left = this.#wire
      .get()
      .then((wire) =>
        wire.leaveGroup({ group: this.#options.group, memberId: this.#memberId, instance: this.#instance }),
      )
      .catch(() => {})
    const patience = this.#pauses.pause(LEAVE_WAIT_MS)
    await Promise.race([left, patience])
    this.#pauses.wakeAll()
    this.#wire.giveUp()
  }

  #isOver(): boolean {
    return this.#state === 'stopped' || this.#state === 'faulted'
  }

  async #run(): Promise<void> {
    const backOff = new BackOff(RETRY_PAUSE_MS, RETRY_PAUSE_MAX_MS)
    while (!this.#isOver()) {
      const wire = this.#wire.get()
      try {
        const { seat, partitions } = await this.#join()
        if (this.#isOver() || this.#state === 'stopping') return
        backOff.wentWell()
        await this.#serve(new Generation(++this.#generations, seat, partitions, this.#sessionTimeoutMs))
      } catch (error) {
        if (this.#isOver() || this.#state === 'stopping') return
        this.#state = 'joining'
        if (error instanceof PartitionCountMismatch || error instanceof NamespaceShared)
          return this.#fault(error)
        if (isFinal(error))
          return this.#fault(
            new LogClientCrashed(`The member of ${this.#options.group} cannot join: ${codeOf(error)}.`, {
              cause: error,
            }),
          )
        this.#learn(error)
        if (isOfMembership(error)) continue
        this.#warn('The group cannot be joined yet.', error)
        if (!isProtocolError(error)) this.#wire.giveUp(wire)
        await this.#pauses.pause(backOff.next())
      }
    }
  }

  async #join(): Promise<{ seat: Seat; partitions: readonly number[] }> {
    const { group, topic } = this.#options
    const { store } = this.#settings
    const wire = await this.#wire.get()
    const request = {
      group,
      topic,
      store,
      instance: this.#instance,
      sessionTimeoutMs: this.#sessionTimeoutMs,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
    }
    const joined = await wire.joinGroup({ ...request, memberId: this.#memberId }).catch((error: unknown) => {
      if (typeOf(error) !== 'MEMBER_ID_REQUIRED') throw error
      this.#memberId = (error as { memberId: string }).memberId
      return wire.joinGroup({ ...request, memberId: this.#memberId })
    })
    this.#memberId = joined.memberId
    const seat = {
      group,
      memberId: joined.memberId,
      instance: this.#instance,
      generationId: joined.generationId,
    }
    const count = await this.#ranges.ask((known) => known.partitionCount(topic))
    if (joined.members.some((mate) => isOther(store, mate.store))) {
      const shared = new NamespaceShared(group)
      this.#settings.log?.('error', shared.message, { code: shared.code, group })
    }
    const given = await wire.syncGroup(seat, topic, shares(joined.members, count, store), store)
    // They joined at once: who leads the group says so to this one, which goes.
    if (isOther(store, given.store)) throw new NamespaceShared(group)
    return { seat, partitions: given.partitions }
  }

  /** Ends by throwing what the broker said, when the group is shared out anew. */
  async #serve(generation: Generation): Promise<void> {
    this.#generation = generation
    this.#state = 'serving'
    try {
      // One after the other: what the generation before is still about to take over would stand for what is this one's.
      this.#preparing = this.#preparing
        .then(() => this.#prepare(generation))
        .catch((error: unknown) => this.#fault(error as Error))
      while (!this.#isOver()) {
        await this.#pauses.pause(HEARTBEAT_MS)
        if (this.#isOver()) return
        await this.#beat(generation)
        if (generation.reason !== undefined) throw generation.reason
      }
    } catch (error) {
      if (typeOf(error) === 'REBALANCE_IN_PROGRESS') await this.#handOver(generation)
      throw error
    } finally {
      generation.end()
    }
  }

  async #prepare(generation: Generation): Promise<void> {
    const { group, topic } = this.#options
    const { partitions, number } = generation
    const starts = new Map<number, bigint>()
    const isAsked = await this.#untilDone(generation, 'Offsets cannot be read yet.', async () => {
      if (partitions.length === 0) return
      const [committed, kept, begun] = await Promise.all([
        this.#ranges.ask((wire) => wire.committed(group, topic, partitions)),
        this.#options.resumeAt?.(partitions),
        this.#options.beginAt?.(partitions),
      ])
      // Without a place anywhere it is new, and wants the first record: begun where the log begins now, it would jump over what retention
      // took meanwhile. At 0 that is a gap.
      for (const partition of partitions)
        starts.set(partition, placeOf(committed.get(partition), kept?.get(partition), begun?.get(partition)))
    })
    if (!isAsked) return
    const isTaken = await this.#untilDone(generation, 'Partitions cannot be taken over yet.', async () =>
      this.#options.onAssigned?.(partitions, number),
    )
    if (!isTaken) return
    const commits = new OffsetCommits({
      everyMs: this.#options.commitEveryMs ?? 0,
      beforeCommit: async () => this.#options.beforeCommit?.(),
      send: async (next) => (await this.#wire.get()).commit(generation.seat, topic, next),
      isOver: () => !generation.isOwned,
      onFailed: (error, attempts) => this.#commitFailed(generation, error, attempts),
      pause: (ms) => this.#pauses.pause(ms),
    })
    generation.commits = commits
    generation.reader = new TopicReader(this.#settings, `${this.#clientId}-fetch`, this.#ranges, {
      topic,
      starts,
      concurrency: this.#options.concurrency ?? 12,
      gatherMs: this.#options.gatherMs ?? 0,
      leisureMs: this.#options.leisureMs ?? 0,
      isAwaited: () => this.#options.isAwaited?.() ?? true,
      batchRecordsMax: this.#options.batchRecordsMax,
      onBatch: (partition, records) => this.#options.onBatch(this.#batch(generation, partition, records)),
      onDone: (partition, next) => {
        if (!generation.isOwned) return
        this.#options.onDone?.(partition, next)
        commits.done(partition, next)
      },
      onStuck: (stuck) => this.#options.onStuck?.(stuck),
      onFault: (error) => this.#fault(error),
    })
    generation.state = 'working'
    generation.reader.start()
  }

  #batch(generation: Generation, partition: number, records: readonly KafkaRecord[]): RecordBatch {
    return {
      topic: this.#options.topic,
      partition,
      records,
      generation: generation.number,
      isOwned: () => generation.isOwned,
      heartbeat: async () => {
        if (performance.now() - generation.lastBeatAt > HEARTBEAT_MS) await this.#beat(generation)
        if (generation.reason !== undefined || !generation.isOwned)
          throw new MembershipLost(this.#options.group)
      },
    }
  }

  /** Keeps the session; what the broker says about the group stays in `generation.reason`. */
  #beat(generation: Generation): Promise<void> {
    generation.beating ??= this.#sendBeat(generation).finally(() => (generation.beating = undefined))
    return generation.beating
  }

  async #sendBeat(generation: Generation): Promise<void> {
    if (generation.state === 'over') return
    const wire = this.#wire.get()
    // The broker counts from then. An answer that waited while this process stood still says nothing of now.
    const askedAt = performance.now()
    try {
      await (await wire).heartbeat(generation.seat)
      generation.lastBeatAt = askedAt
    } catch (error) {
      if (isOfMembership(error)) return this.#disturb(generation, error)
      this.#warn('The coordinator of the group did not answer a heartbeat.', error)
      if (!isProtocolError(error)) this.#wire.giveUp(wire)
      if (!generation.isOwned) this.#disturb(generation, error)
    }
  }

  #disturb(generation: Generation, reason: unknown): void {
    const isRebalance = typeOf(reason) === 'REBALANCE_IN_PROGRESS'
    // Heard again by batches that ask while they are handed over: woken by it, the hand-over would wait for them no longer.
    if (isRebalance && generation.reason !== undefined) return
    generation.reason ??= reason
    // It stays the owner for as long as it may hand over, and not when it was put out.
    if (!isRebalance) generation.end()
    this.#pauses.wakeAll()
  }

  #commitFailed(generation: Generation, error: unknown, attempts: number | undefined): void {
    // A rebalance that has begun still takes offsets, and one that was just done is noticed by the heartbeat.
    if (isOfMembership(error)) this.#disturb(generation, error)
    this.#warn('Offsets cannot be committed yet.', error)
    this.#tellStuck(generation.commits?.stuck().map(({ partition }) => partition) ?? [], attempts, error)
  }

  /** Other members wait until all have joined: what is done by then need not come again. */
  async #handOver(generation: Generation): Promise<void> {
    const handedOver = (async () => {
      await generation.reader?.drain()
      await generation.commits?.flush()
    })()
    const patience = this.#pauses.pause(this.#settings.handOverMs ?? HAND_OVER_MS)
    await Promise.race([handedOver, patience])
  }

  /** What the broker said tells with which id to join again. */
  #learn(error: unknown): void {
    const type = typeOf(error)
    if (type === 'UNKNOWN_MEMBER_ID') this.#memberId = ''
    if (type !== 'FENCED_INSTANCE_ID') return
    // Not again under the name: the two would put each other out in turn.
    const taken = new InstanceNameTaken(this.#options.group, this.#instance ?? '')
    this.#settings.log?.('error', taken.message, { code: taken.code, group: this.#options.group })
    this.#instance = undefined
    this.#memberId = ''
  }

  /** False when the generation ended before. */
  async #untilDone(generation: Generation, what: string, work: () => Promise<void>): Promise<boolean> {
    const backOff = new BackOff(RETRY_PAUSE_MS, RETRY_PAUSE_MAX_MS)
    while (this.#isServing(generation)) {
      try {
        await work()
        generation.failures.wentWell()
        return this.#isServing(generation)
      } catch (error) {
        if (error instanceof LogGap) throw error
        if (!this.#isServing(generation)) return false
        this.#warn(what, error)
        this.#tellStuck(generation.partitions, generation.failures.failed(new Date()), error)
        void this.#lookBehind(generation)
        await this.#pauses.pause(backOff.next())
      }
    }
    return false
  }

  /** @param attempts where it is to be told */
  #tellStuck(partitions: readonly number[], attempts: number | undefined, error: unknown): void {
    if (attempts === undefined) return
    for (const partition of partitions) this.#options.onStuck?.({ partition, attempts, error })
  }

  /** How far behind it is while it cannot take over: nothing is fetched yet that would tell. */
  async #lookBehind(generation: Generation): Promise<void> {
    const { group, topic } = this.#options
    const { partitions } = generation
    if (generation.isLooking || partitions.length === 0) return
    generation.isLooking = true
    try {
      const [committed, ends] = await Promise.all([
        this.#ranges.ask((wire) => wire.committed(group, topic, partitions)),
        this.#ranges.ask((wire) => wire.offsets(topic, partitions, 'end')),
      ])
      for (const partition of partitions) {
        const behind = (ends.get(partition) ?? 0n) - (committed.get(partition) ?? 0n)
        // A log that lost its end is shorter than what was committed of it.
        generation.behind.set(partition, behind > 0n ? behind : 0n)
      }
    } catch (error) {
      this.#warn('How far the group is behind cannot be asked yet.', error)
    } finally {
      generation.isLooking = false
    }
  }

  #isServing(generation: Generation): boolean {
    return this.#state === 'serving' && generation.state !== 'over'
  }

  #fault(error: Error): void {
    if (this.#isOver() || this.#state === 'stopping') return
    this.#state = 'faulted'
    this.#generation?.end()
    this.#pauses.wakeAll()
    void this.#leave()
    this.#options.onFault(error)
  }

  #warn(message: string, error: unknown): void {
    const { group, topic } = this.#options
    this.#settings.log?.('warn', message, { group, topic, code: codeOf(error) })
  }
}

/** What keeps this user from seeing them keeps it from joining, which says it at once. */
async function membersOf(wire: Wire, group: string): ReturnType<Wire['members']> {
  try {
    return await wire.members(group)
  } catch (error) {
    if (isFinal(error)) return []
    throw error
  }
}

function isFinal(error: unknown): boolean {
  return (
    error instanceof LogClientCrashed ||
    finalErrors.has(typeOf(error) ?? '') ||
    (error as { name?: string }).name === 'KafkaJSSASLAuthenticationError'
  )
}

/** Of two that do not both say which they are it is not known. */
const isOther = (store: string | undefined, other: string | undefined): boolean =>
  store !== undefined && other !== undefined && store !== other

/**
 * In turn, by name: a member that keeps its name keeps its partitions; one of another store gets none. For the leader only; to the others no
 * members are told.
 */
function shares(
  members: readonly GroupMate[],
  partitionCount: number,
  store: string | undefined,
): ReadonlyMap<string, readonly number[]> {
  const inTurn = members
    .filter((mate) => !isOther(store, mate.store))
    .sort((left, right) => ((left.instance ?? left.memberId) < (right.instance ?? right.memberId) ? -1 : 1))
  return new Map(
    members.map((member) => [
      member.memberId,
      [...Array(partitionCount).keys()].filter(
        (partition) => partition % inTurn.length === inTurn.indexOf(member),
      ),
    ]),
  )
}
