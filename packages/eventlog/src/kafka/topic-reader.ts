import { BackOff, FailuresInRow } from '../back-off.ts'
import { LogClientCrashed, LogGap } from '../errors.ts'
import type { PartitionLag, StuckBatch, StuckPartition } from '../log.ts'
import type { FetchedPartition } from './codecs.ts'
import { answered, codeOf, isProtocolError } from './failure.ts'
import { Pauses } from './pauses.ts'
import type { RangeReader } from './range-reader.ts'
import type { KafkaRecord } from './record-batch.ts'
import { type KafkaSettings, PACE_MS } from './settings.ts'
import { ReopeningWire } from './wire.ts'

/**
 * The broker answers a fetch as soon as there is a record; this is how long an idle one stays. A partition whose leadership moves to a broker
 * that is asked already is read from there by its next fetch: it stands as long at most.
 */
const IDLE_WAIT_MS = 2_000
/** A partition that has enough waiting is left out of the fetch, and comes back when the fetch is answered: soon, since work is behind. */
const FULL_WAIT_MS = 20
/** So is one that the broker could not read, and all that is fetched beside it must come back for it. */
const UNREADABLE_WAIT_MS = 250
/**
 * Fetches that failed in a row, which takes 10 s and more: a broker that dies is missed for 9 s by default, and until then its partitions have
 * no other leader.
 */
const UNREAD_STUCK_FROM = 15
const REQUEST_TIMEOUT_MS = 10_000
/** Of one partition, fetched and not begun: more is not fetched. */
const WAITING_BYTES_MAX = 1_048_576
/** Of all partitions: beyond it, only those are fetched that have nothing waiting. */
const WAITING_BYTES_TOTAL = 16_777_216
const LEADERS_WAIT_MS = 2_000
const RETRY_PAUSE_MS = 50
const RETRY_PAUSE_MAX_MS = 1_000
const HANGS_AFTER_MS = 5_000
const REJECTED_PAUSE_MS = 100
const REJECTED_PAUSE_MAX_MS = 5_000

const OFFSET_OUT_OF_RANGE = 1
const LEADER_NOT_AVAILABLE = 5
const NO_LEADER = -1
const forbidden = new Set([29, 30])

export interface TopicReaderOptions {
  readonly topic: string
  /** The partitions to read, and the offset of the first record wanted of each. */
  readonly starts: ReadonlyMap<number, bigint>
  readonly concurrency: number
  readonly gatherMs: number
  readonly leisureMs: number
  isAwaited(): boolean
  readonly batchRecordsMax?: number | undefined
  onBatch(partition: number, records: readonly KafkaRecord[]): Promise<void>
  /** A batch was taken, or marks were passed over: `next` is the offset behind them. */
  onDone?(partition: number, next: bigint): void
  onStuck?(stuck: StuckBatch): void
  onFault(error: Error): void
}

/** One partition: what was fetched and waits, the one batch in work, and how far it is. */
interface Lane {
  readonly partition: number
  state: 'idle' | 'queued' | 'working'
  /** What waits is being gathered. */
  isHeld: boolean
  fetchFrom: number
  handled: number
  waiting: KafkaRecord[]
  waitingBytes: number
  inWork: readonly KafkaRecord[]
  /** The broker could not read it: left out of fetches until then. */
  unreadableUntil: number
  readonly unreadable: BackOff
  /** Of its fetches. */
  readonly unread: FailuresInRow
  /** The end of the partition; undefined until the log answered a fetch of it. */
  highWatermark: number | undefined
  handledAtMs: number
  /** Of the batch in work. */
  readonly rejections: FailuresInRow
}

/**
 * Reads partitions from given offsets: fetches ahead while batches are in work, gives each partition's records in order, one batch at a
 * time, and gives a rejected batch again. A partition whose leader is away, whose batch is slow or rejected, holds up no other.
 */
export class TopicReader {
  readonly #settings: KafkaSettings
  readonly #clientId: string
  readonly #ranges: RangeReader
  readonly #options: TopicReaderOptions
  readonly #lanes = new Map<number, Lane>()
  readonly #queued: Lane[] = []
  readonly #working = new Set<Promise<void>>()
  /** So many of those wait for a rejected batch to be tried again. */
  #resting = 0
  /** From the first batch that was begun beside none until none was in work. */
  readonly #lastRound = { beganAtMs: 0, endedAtMs: 0 }
  readonly #fetching = new Map<number, { wire: ReopeningWire; running: Promise<void> }>()
  readonly #pauses = new Pauses()
  /** Of fetchers that wait until a partition has room. */
  readonly #roomWaiters = new Set<() => void>()
  #leaders: ReadonlyMap<number, number> = new Map()
  #leadersAsked: Promise<void> | undefined
  #isLeaderAwaited = false
  #waitingBytes = 0
  #state: 'reading' | 'draining' | 'ended' = 'reading'

  constructor(settings: KafkaSettings, clientId: string, ranges: RangeReader, options: TopicReaderOptions) {
    this.#settings = settings
    this.#clientId = clientId
    this.#ranges = ranges
    this.#options = options
    for (const [partition, start] of options.starts)
      this.#lanes.set(partition, {
        partition,
        state: 'idle',
        isHeld: false,
        fetchFrom: Number(start),
        handled: Number(start),
        waiting: [],
        waitingBytes: 0,
        inWork: [],
        unreadableUntil: 0,
        unreadable: new BackOff(UNREADABLE_WAIT_MS, RETRY_PAUSE_MAX_MS),
        unread: new FailuresInRow(UNREAD_STUCK_FROM),
        highWatermark: undefined,
        handledAtMs: Date.now(),
        rejections: new FailuresInRow(),
      })
  }

  start(): void {
    void this.#findLeaders()
  }

  /** Fetches no more, and resolves when the batches in work have ended. A rejected one is not tried again. */
  async drain(): Promise<void> {
    if (this.#state === 'reading') {
      this.#state = 'draining'
      this.#stopFetching()
    }
    while (this.#working.size > 0) await Promise.all(this.#working)
  }

  /** Nothing is given any more; batches in work end by themselves. */
  end(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#stopFetching()
  }

  stuck(): readonly StuckPartition[] {
    return [...this.#lanes.values()].flatMap(({ partition, rejections, unread }) => {
      const rejected = rejections.stuck([partition])
      return rejected.length > 0 ? rejected : unread.stuck([partition])
    })
  }

  lag(): readonly PartitionLag[] {
    const now = Date.now()
    return [...this.#lanes.values()].flatMap((lane) => {
      // Before the log answered nothing is known, least of all that nothing waits.
      if (lane.highWatermark === undefined) return []
      const records = Math.max(lane.highWatermark - lane.handled, 0)
      // Of a record that was not fetched yet only this is known: it came after the last one that was handled.
      const since = (lane.inWork[0] ?? lane.waiting[0])?.timestampMs ?? lane.handledAtMs
      return {
        partition: lane.partition,
        records: BigInt(records),
        seconds: records === 0 ? 0 : Math.max(now - since, 0) / 1_000,
      }
    })
  }

  #isReading(): boolean {
    return this.#state === 'reading'
  }

  #stopFetching(): void {
    for (const { wire } of this.#fetching.values()) wire.giveUp()
    this.#pauses.wakeAll()
    this.#makeRoom()
  }

  #makeRoom(): void {
    for (const wake of this.#roomWaiters) wake()
    this.#roomWaiters.clear()
  }

  #fault(error: Error): void {
    if (!this.#isReading()) return
    this.end()
    this.#options.onFault(error)
  }

  #roomMade(): Promise<void> {
    return new Promise((resolve) => this.#roomWaiters.add(resolve))
  }

  // Fetching: one loop for each leader, over connections of its own.

  #findLeaders(): Promise<void> {
    this.#leadersAsked ??= this.#askForLeaders().finally(() => (this.#leadersAsked = undefined))
    return this.#leadersAsked
  }

  async #askForLeaders(): Promise<void> {
    const { topic } = this.#options
    while (this.#isReading()) {
      try {
        const isFirst = this.#leaders.size === 0
        this.#leaders = await this.#ranges.ask(async (wire) => {
          if (!isFirst) await wire.refresh()
          return wire.leaders(topic)
        })
        for (const lane of this.#lanes.values())
          if (!this.#isLed(lane)) this.#notRead(lane, answered(LEADER_NOT_AVAILABLE))
        this.#startFetching()
        return
      } catch (error) {
        if (!this.#isReading()) return
        this.#warn('The leaders of the topic cannot be found yet.', error)
        // What has a leader is fetched from there all the same, and counted there.
        for (const lane of this.#lanes.values()) if (!this.#isLed(lane)) this.#notRead(lane, error)
        await this.#pauses.pause(RETRY_PAUSE_MAX_MS)
      }
    }
  }

  #isLed({ partition }: Lane): boolean {
    return (this.#leaders.get(partition) ?? NO_LEADER) !== NO_LEADER
  }

  #startFetching(): void {
    if (!this.#isReading()) return
    for (const { partition } of this.#lanes.values()) {
      const nodeId = this.#leaders.get(partition) ?? NO_LEADER
      if (nodeId === NO_LEADER || this.#fetching.has(nodeId)) continue
      const wire = new ReopeningWire(this.#settings, this.#clientId, REQUEST_TIMEOUT_MS)
      const running = this.#fetchFrom(nodeId, wire)
        .catch((error: unknown) => this.#fault(error as Error))
        .finally(() => {
          wire.giveUp()
          this.#fetching.delete(nodeId)
          // It may have become a leader again in this moment.
          this.#startFetching()
        })
      this.#fetching.set(nodeId, { wire, running })
    }
    if ([...this.#lanes.values()].some((lane) => !this.#isLed(lane))) void this.#findLeadersLater()
  }

  /** A leader is being chosen. However often leaders are asked for meanwhile, they are asked for once then: each time would else come again. */
  async #findLeadersLater(): Promise<void> {
    if (this.#isLeaderAwaited) return
    this.#isLeaderAwaited = true
    await this.#pauses.pause(RETRY_PAUSE_MAX_MS)
    this.#isLeaderAwaited = false
    if (this.#isReading()) await this.#findLeaders()
  }

  async #fetchFrom(nodeId: number, wire: ReopeningWire): Promise<void> {
    const { topic, gatherMs, isAwaited } = this.#options
    let isGathering = false
    /** Since when it gathers without a pause. By this process's own clock: the log's may be another one. */
    let gathersSinceMs = 0
    const backOff = new BackOff(RETRY_PAUSE_MS, RETRY_PAUSE_MAX_MS)
    while (this.#isReading()) {
      const lanes = [...this.#lanes.values()].filter(
        ({ partition }) => this.#leaders.get(partition) === nodeId,
      )
      const isFull = (lane: Lane) => !this.#hasRoom(lane)
      const isUnreadable = (lane: Lane) => lane.unreadableUntil > performance.now()
      const isWanted = (lane: Lane) => !isFull(lane) && !isUnreadable(lane)
      const wanted = lanes.filter(isWanted)
      if (wanted.length === 0) {
        // What is held to be gathered cannot grow here, and only work makes room for more: held on, it would wait for itself.
        this.#dispatch(lanes, false)
        if (lanes.length === 0) return
        // The work that began just now has made it already: of that nobody is told who begins to wait behind it.
        if (lanes.some(isWanted)) continue
        await (lanes.some(isUnreadable) ? this.#pauses.pause(UNREADABLE_WAIT_MS) : this.#roomMade())
        continue
      }
      let maxWaitMs = isGathering ? gatherMs : IDLE_WAIT_MS
      // So that it is soon known how far behind they are.
      if (wanted.some(({ highWatermark }) => highWatermark === undefined)) maxWaitMs = 0
      if (lanes.some(isUnreadable)) maxWaitMs = Math.min(maxWaitMs, UNREADABLE_WAIT_MS)
      if (lanes.some(isFull)) maxWaitMs = Math.min(maxWaitMs, FULL_WAIT_MS)
      const open = wire.get()
      const askedAt = performance.now()
      try {
        const answers = await (
          await open
        ).fetch(nodeId, {
          topic,
          partitions: wanted.map(({ partition, fetchFrom }) => ({ partition, from: fetchFrom })),
          maxWaitMs,
          minBytes: isGathering ? WAITING_BYTES_MAX : 1,
          maxBytesPerPartition: WAITING_BYTES_MAX,
        })
        if (!this.#isReading()) return
        const fetched = await this.#take(answers)
        backOff.wentWell()
        // What ends a pause is held until the next answer, which comes after `gatherMs` with all that came meanwhile. Not what waited as
        // long in the log before: after a start that is all there is, and somebody waits for it.
        const endsPause: boolean = gatherMs > 0 && !isGathering && fetched > 0
        if (endsPause) gathersSinceMs = performance.now()
        const waitsMs = this.#longestWaitMs()
        const isAtLeisure: boolean =
          isGathering &&
          waitsMs > -Infinity &&
          !lanes.some(isFull) &&
          !isAwaited() &&
          this.#isResting(gathersSinceMs)
        const isHeld: boolean = isAtLeisure || (endsPause && waitsMs < gatherMs)
        isGathering = gatherMs > 0 && (fetched > 0 || isHeld)
        this.#dispatch(lanes, isHeld)
        const early = askedAt + PACE_MS - performance.now()
        if (early > 0 && fetched > 0) await this.#pauses.pause(early)
      } catch (error) {
        if (!this.#isReading()) return
        if (error instanceof LogGap || error instanceof LogClientCrashed) throw error
        this.#warn('A fetch failed and is tried again.', error)
        for (const lane of wanted) this.#notRead(lane, error)
        if (!isProtocolError(error)) wire.giveUp(open)
        isGathering = false
        this.#dispatch(lanes, false)
        await this.#pauses.pause(backOff.next())
        // Where no broker answers these are not found in minutes, and whether it goes on by itself is seen by fetching.
        await Promise.race([this.#findLeaders(), this.#pauses.pause(LEADERS_WAIT_MS)])
      }
    }
  }

  /** With leisure it rests between two rounds; what comes meanwhile is folded together. */
  #isResting(gathersSinceMs: number): boolean {
    const { leisureMs } = this.#options
    const { beganAtMs, endedAtMs } = this.#lastRound
    // A batch that hangs holds up no other partition.
    if (this.#working.size > this.#resting)
      return leisureMs > 0 && performance.now() - beganAtMs < HANGS_AFTER_MS
    return performance.now() - Math.max(gathersSinceMs, endedAtMs) < leisureMs
  }

  /** Since when the oldest record that is not begun has been in the log; -Infinity without one. */
  #longestWaitMs(): number {
    const times = [...this.#lanes.values()].flatMap(({ waiting: [oldest] }) => oldest?.timestampMs ?? [])
    return Date.now() - Math.min(...times)
  }

  #hasRoom(lane: Lane): boolean {
    return (
      lane.waitingBytes < WAITING_BYTES_MAX &&
      (this.#waitingBytes < WAITING_BYTES_TOTAL || lane.waitingBytes === 0)
    )
  }

  /** Returns how many records came. @throws {LogGap} */
  async #take(answers: readonly FetchedPartition[]): Promise<number> {
    const { topic } = this.#options
    let count = 0
    for (const { partition, errorCode, highWatermark, records } of answers) {
      const lane = this.#lanes.get(partition)!
      if (errorCode === OFFSET_OUT_OF_RANGE) await this.#assertThere(lane)
      if (forbidden.has(errorCode))
        throw new LogClientCrashed(
          `Kafka answers ${codeOf(answered(errorCode))} to a fetch of ${topic}/${partition}: this user may not read it.`,
        )
      if (errorCode !== 0) {
        // Its leader is another one, or cannot read it now. The others go on.
        const error = answered(errorCode)
        this.#warn('A partition cannot be read now.', error, partition)
        this.#notRead(lane, error)
        lane.unreadableUntil = performance.now() + lane.unreadable.next()
        void this.#findLeaders()
        continue
      }
      lane.unread.wentWell()
      lane.unreadable.wentWell()
      lane.highWatermark = highWatermark
      for (const record of records) {
        // A fetch begins with the whole batch that holds the first offset.
        if (record.position < lane.fetchFrom) continue
        if (record.position !== lane.fetchFrom)
          throw new LogGap(topic, partition, BigInt(lane.fetchFrom), record.offset)
        lane.fetchFrom += 1
        count += 1
        if (record.isMark) continue
        lane.waiting.push(record)
        const bytes = sizeOf(record)
        lane.waitingBytes += bytes
        this.#waitingBytes += bytes
      }
      // Marks, and nothing else, came behind what is done.
      if (lane.state === 'idle' && lane.waiting.length === 0 && lane.handled < lane.fetchFrom)
        this.#done(lane, lane.fetchFrom)
    }
    return count
  }

  /** Where it lies between start and end, the broker that said otherwise is behind, and is asked again. @throws {LogGap} */
  async #assertThere({ partition, fetchFrom }: Lane): Promise<void> {
    const { topic } = this.#options
    const ends = await Promise.all(
      (['start', 'end'] as const).map(async (which) =>
        (await this.#ranges.ask((wire) => wire.offsets(topic, [partition], which))).get(partition)!,
      ),
    )
    const [start, end] = ends as [bigint, bigint]
    const wanted = BigInt(fetchFrom)
    if (wanted < start || wanted > end)
      throw new LogGap(topic, partition, wanted, wanted < start ? start : end)
  }

  // Working: a lane is queued when it has something waiting, and works in the order of the queue.

  /** @param of these are held from now on, or are not: work that ends meanwhile begins none that is held */
  #dispatch(of: readonly Lane[] = [], isHeld = false): void {
    for (const lane of of) lane.isHeld = isHeld
    for (const lane of this.#lanes.values())
      if (lane.state === 'idle' && lane.waiting.length > 0 && !lane.isHeld) {
        lane.state = 'queued'
        this.#queued.push(lane)
      }
    while (this.#isReading() && this.#working.size - this.#resting < this.#options.concurrency) {
      const lane = this.#queued.shift()
      if (lane === undefined) return
      lane.state = 'working'
      if (this.#working.size === 0) this.#lastRound.beganAtMs = performance.now()
      const work = this.#work(lane).finally(() => {
        this.#working.delete(work)
        if (this.#working.size === 0) this.#lastRound.endedAtMs = performance.now()
        lane.state = 'idle'
        this.#dispatch()
      })
      this.#working.add(work)
    }
  }

  async #work(lane: Lane): Promise<void> {
    const { partition } = lane
    const records = lane.waiting.splice(0, this.#options.batchRecordsMax ?? lane.waiting.length)
    lane.inWork = records
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0)
    this.#waitingBytes -= bytes
    lane.waitingBytes -= bytes
    this.#makeRoom()
    const backOff = new BackOff(REJECTED_PAUSE_MS, REJECTED_PAUSE_MAX_MS)
    for (;;) {
      try {
        await this.#options.onBatch(partition, records)
        break
      } catch (error) {
        if (!this.#isReading()) return
        this.#rejected(lane, error)
        await this.#rest(backOff.next())
        if (!this.#isReading()) return
      }
    }
    const last = records.at(-1)!
    lane.handledAtMs = last.timestampMs
    lane.inWork = []
    lane.rejections.wentWell()
    this.#done(lane, lane.waiting.length === 0 ? lane.fetchFrom : last.position + 1)
  }

  /** In nobody's place: as many partitions as are worked on at once may be rejected, and the others go on. */
  async #rest(ms: number): Promise<void> {
    this.#resting += 1
    this.#dispatch()
    await this.#pauses.pause(ms)
    this.#resting -= 1
  }

  #done(lane: Lane, next: number): void {
    lane.handled = next
    this.#options.onDone?.(lane.partition, BigInt(next))
  }

  #rejected(lane: Lane, error: unknown): void {
    this.#warn('A batch was rejected and comes again.', error, lane.partition)
    this.#failed(lane, lane.rejections, error)
  }

  /** It may be that nobody will ever read it again, as where its topic was deleted: everything else of this reader is well then. */
  #notRead(lane: Lane, error: unknown): void {
    this.#failed(lane, lane.unread, error)
  }

  #failed({ partition }: Lane, failures: FailuresInRow, error: unknown): void {
    const attempts = failures.failed(new Date())
    if (attempts !== undefined) this.#options.onStuck?.({ partition, attempts, error })
  }

  #warn(message: string, error: unknown, partition?: number): void {
    this.#settings.log?.('warn', message, {
      topic: this.#options.topic,
      ...(partition === undefined ? {} : { partition }),
      code: codeOf(error),
    })
  }
}

/** What it takes in memory, about. */
const sizeOf = ({ value }: KafkaRecord): number => value.byteLength + 200
