import { setTimeout as delay } from 'node:timers/promises'
import { BackOff } from '../back-off.ts'
import { LogClosed, LogUnavailable, UnknownTopic } from '../errors.ts'
import type { LogRecord, StoredPosition } from '../log.ts'
import { partitionOf } from '../partitioning.ts'
import { runsOf } from '../runs.ts'
import { answered as answeredWith, isForGood, isOfOneTopic, isProtocolError, typeOf } from './failure.ts'
import { type Append, PartitionQueue } from './partition-queue.ts'
import type { Producer } from './record-batch.ts'
import { type KafkaSettings, PACE_MS } from './settings.ts'
import { type ProducedPartition, ReopeningWire } from './wire.ts'

const REQUEST_BYTES_MAX = 16_000_000
/** How long a broker waits for the replicas of a batch before it answers REQUEST_TIMED_OUT. */
const REPLICAS_WAIT_MS = 3_000

/** The leader moved or is not there yet, or replicas lag: the same bytes may be stored later. */
const retriableCodes = new Set([2, 3, 5, 6, 7, 8, 9, 13, 19, 20, 56, 74, 75, 89])
/** Of these, too few replicas are in sync; the leader is the one we know. */
const replicaCodes = new Set([19, 20])
const REQUEST_TIMED_OUT = 7
const MESSAGE_TOO_LARGE = 10
const RECORD_LIST_TOO_LARGE = 18
const NO_LEADER = -1
const RETRY_PAUSE_MS = 50
const RETRY_PAUSE_MAX_MS = 1_000

/** Where batches go over one connection, one request at a time. */
interface Route {
  readonly wire: ReopeningWire
  isBusy: boolean
  /** Before it, what comes waits for others. */
  readyAt: number
}

/**
 * Group commit: each leader has one request in flight, each partition one batch; what arrives meanwhile goes out as the next one.
 *
 * It is an idempotent producer of its own (producer id and sequences are kept here), because kafkajs's loses acknowledged records
 * when sends overlap and a response is lost, and may store records twice when a request spans brokers and one of them fails
 * (docs/adr/0002). A batch without an answer is sent again, the same bytes under the same sequence, until it has one or the time is up;
 * the next batch of the partition begins only then, and no other partition waits for it. After a batch in doubt was given up, a new
 * producer id is taken: the broker would take another batch under the old sequence for the old one, say that it stored it, and drop it.
 */
export class Appender {
  readonly #settings: KafkaSettings
  readonly #clientId: string
  readonly #timeoutMs: number
  /** Short enough for a second try when an answer never comes. */
  readonly #requestTimeoutMs: number
  /** Asks for leaders, counts and producer ids; it is no route, since a leader that does not answer must not hold these up. */
  readonly #wire: ReopeningWire
  readonly #queues = new Map<string, PartitionQueue>()
  readonly #routes = new Map<string, Route>()
  readonly #counts = new Map<string, number>()
  readonly #countsAsked = new Map<string, Promise<number>>()
  readonly #leaders = new Map<string, ReadonlyMap<number, number>>()
  /** Topics whose leaders are other ones than we know. */
  readonly #moved = new Set<string>()
  #producer: Producer | undefined
  #state: 'open' | 'closing' | 'closed' = 'open'
  #isScheduled = false
  #isAsking = false
  readonly #askBackOff = new BackOff(RETRY_PAUSE_MS, RETRY_PAUSE_MAX_MS)
  #askError: unknown
  #timer: NodeJS.Timeout | undefined
  #onDrained: (() => void) | undefined

  constructor(settings: KafkaSettings, clientId: string) {
    this.#settings = settings
    this.#clientId = clientId
    this.#timeoutMs = settings.appendTimeoutMs ?? 30_000
    this.#requestTimeoutMs = Math.min(Math.max(this.#timeoutMs / 3, 2_000), 10_000)
    this.#wire = new ReopeningWire(settings, clientId, this.#requestTimeoutMs)
  }

  async append(topic: string, records: readonly LogRecord[]): Promise<readonly StoredPosition[]> {
    if (this.#state !== 'open') throw new LogClosed()
    if (records.length === 0) return []
    const runs = runsOf(topic, records)
    // Without an await when the count is known: the order of calls is the order in the log.
    const count = this.#counts.get(topic) ?? (await this.#partitionCount(topic))
    return new Promise((resolve, reject) => {
      if (this.#state === 'closed') return reject(new LogClosed())
      const append: Append = { positions: [], remaining: runs.length, resolve, reject }
      const expiresAt = performance.now() + this.#timeoutMs
      let index = 0
      for (const run of runs) {
        this.#queueOf(topic, partitionOf(run.records[0]!.key, count)).add({
          ...run,
          append,
          index,
          expiresAt,
        })
        index += run.records.length
      }
      this.#schedule()
    })
  }

  /** What was taken is still delivered, as long as an append waits. */
  async close(): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    const drained = new Promise<void>((resolve) => (this.#onDrained = resolve))
    this.#schedule()
    await Promise.race([drained, delay(this.#timeoutMs, undefined, { ref: false })])
    this.#state = 'closed'
    clearTimeout(this.#timer)
    for (const queue of this.#queues.values()) queue.abandon(this.#unavailable(queue))
    for (const { wire } of this.#routes.values()) wire.giveUp()
    this.#wire.giveUp()
  }

  #isClosed(): boolean {
    return this.#state === 'closed'
  }

  async #partitionCount(topic: string): Promise<number> {
    let asked = this.#countsAsked.get(topic)
    if (asked === undefined) {
      asked = this.#askForCount(topic).finally(() => this.#countsAsked.delete(topic))
      this.#countsAsked.set(topic, asked)
    }
    return asked
  }

  async #askForCount(topic: string): Promise<number> {
    const since = performance.now()
    const backOff = new BackOff(RETRY_PAUSE_MS, RETRY_PAUSE_MAX_MS)
    for (;;) {
      const wire = this.#wire.get()
      try {
        const count = await (await wire).partitionCount(topic)
        this.#counts.set(topic, count)
        return count
      } catch (error) {
        if (isForGood(error, since)) throw error
        if (!isProtocolError(error) && !(error instanceof UnknownTopic)) this.#wire.giveUp(wire)
        if (this.#state === 'closed' || performance.now() + backOff.ms > since + this.#timeoutMs)
          throw unavailable(error)
        await delay(backOff.next())
      }
    }
  }

  #queueOf(topic: string, partition: number): PartitionQueue {
    const name = `${topic}/${partition}`
    let queue = this.#queues.get(name)
    if (queue === undefined) this.#queues.set(name, (queue = new PartitionQueue(topic, partition)))
    return queue
  }

  /** Calls of the same turn of the event loop go out together. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#dispatch()
    })
  }

  /** Sends what can be sent now: one request to each leader that has none in flight. */
  #dispatch(): void {
    if (this.#state === 'closed') return
    const ready = new Map<string, { nodeId: number; queues: PartitionQueue[] }>()
    const unknown = new Set<string>()
    let hasWork = false
    let wakeAt = Number.POSITIVE_INFINITY
    for (const queue of this.#queues.values()) {
      if (queue.state !== 'in flight' && queue.expiresAt <= performance.now())
        this.#giveUp(queue, this.#unavailable(queue))
      if (this.#producer !== undefined) queue.prepare(this.#producer)
      if (!queue.hasWork) continue
      hasWork = true
      if (queue.state === 'in flight') continue
      const nodeId = this.#leaders.get(queue.topic)?.get(queue.partition)
      const isKnown = nodeId !== undefined && nodeId !== NO_LEADER
      if (!isKnown) unknown.add(queue.topic)
      if (queue.state === 'backing off') wakeAt = Math.min(wakeAt, queue.readyAt)
      else if (!isKnown || queue.state === 'idle') wakeAt = Math.min(wakeAt, queue.expiresAt)
      else {
        const name = queue.isSlow ? `${nodeId}/slow` : String(nodeId)
        const those = ready.get(name)
        if (those === undefined) ready.set(name, { nodeId, queues: [queue] })
        else those.queues.push(queue)
      }
    }
    for (const [name, { nodeId, queues }] of ready) {
      const route = this.#routeOf(name)
      if (route.isBusy) continue
      if (route.readyAt > performance.now()) wakeAt = Math.min(wakeAt, route.readyAt)
      else this.#sendOver(route, nodeId, queues)
    }
    if (this.#producer === undefined || this.#moved.size > 0 || unknown.size > 0)
      if (hasWork) void this.#ask(unknown)
    clearTimeout(this.#timer)
    if (Number.isFinite(wakeAt))
      this.#timer = setTimeout(() => this.#dispatch(), Math.max(wakeAt - performance.now(), 1))
    if (!hasWork && this.#state === 'closing') this.#onDrained?.()
  }

  #routeOf(name: string): Route {
    let route = this.#routes.get(name)
    if (route === undefined) {
      const wire = new ReopeningWire(this.#settings, this.#clientId, this.#requestTimeoutMs)
      this.#routes.set(name, (route = { wire, isBusy: false, readyAt: 0 }))
    }
    return route
  }

  #sendOver(route: Route, nodeId: number, ready: readonly PartitionQueue[]): void {
    const queues: PartitionQueue[] = []
    let bytes = 0
    for (const queue of ready) {
      if (bytes >= REQUEST_BYTES_MAX) break
      bytes += queue.bytes.length
      queues.push(queue)
      // To the end: the next request begins with those that this one left out.
      const key = `${queue.topic}/${queue.partition}`
      this.#queues.delete(key)
      this.#queues.set(key, queue)
    }
    void this.#send(route, nodeId, queues)
  }

  async #send(route: Route, nodeId: number, queues: readonly PartitionQueue[]): Promise<void> {
    route.isBusy = true
    route.readyAt = performance.now() + PACE_MS
    for (const queue of queues) queue.send()
    const wire = route.wire.get()
    let answers: readonly ProducedPartition[] = []
    let failure: unknown
    try {
      const open = await wire
      if (this.#isClosed()) return
      for (const queue of queues) queue.doubt()
      answers = await open.produce(nodeId, queues, Math.min(REPLICAS_WAIT_MS, this.#requestTimeoutMs - 1_000))
    } catch (error) {
      failure = error
      if (!isProtocolError(error)) route.wire.giveUp(wire)
    }
    const answered = new Map(answers.map((answer) => [`${answer.topic}/${answer.partition}`, answer]))
    for (const queue of queues)
      this.#conclude(queue, answered.get(`${queue.topic}/${queue.partition}`), failure)
    route.isBusy = false
    this.#dispatch()
  }

  #conclude(queue: PartitionQueue, answer: ProducedPartition | undefined, failure: unknown): void {
    if (this.#state === 'closed') return
    if (answer === undefined) {
      this.#moved.add(queue.topic)
      return queue.again(failure ?? new Error('The broker did not say what became of a batch.'))
    }
    const { errorCode, baseOffset, logAppendTime } = answer
    if (errorCode === 0) return queue.stored(baseOffset, logAppendTime)
    const error = answeredWith(errorCode)
    if (retriableCodes.has(errorCode)) {
      if (errorCode === REQUEST_TIMED_OUT) queue.isSlow = true
      else if (!replicaCodes.has(errorCode)) this.#moved.add(queue.topic)
      return queue.again(error)
    }
    if (errorCode === MESSAGE_TOO_LARGE || errorCode === RECORD_LIST_TOO_LARGE) return queue.tooLarge()
    this.#giveUp(queue, unavailable(error))
  }

  /** The batch and what waited as long behind it. Nothing more can be said under the producer id of a batch in doubt. */
  #giveUp(queue: PartitionQueue, error: Error): void {
    if (queue.giveUp(error) === this.#producer) this.#producer = undefined
  }

  /** A producer id and the leaders, where they are not known. */
  async #ask(unknown: ReadonlySet<string>): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    const wire = this.#wire.get()
    try {
      const open = await wire
      this.#producer ??= await open.newProducerId()
      const moved = new Set([...this.#moved, ...unknown])
      if (moved.size > 0) await open.refresh()
      this.#askError = undefined
      for (const topic of moved)
        try {
          this.#leaders.set(topic, await open.leaders(topic))
          this.#moved.delete(topic)
        } catch (error) {
          // It was deleted, or is not shown to this user any more: the leaders of others are found all the same.
          if (!(error instanceof UnknownTopic) && !isOfOneTopic(error)) throw error
          this.#askError = error
        }
      if (this.#askError !== undefined) throw this.#askError
      const isLeaderless = [...moved].some((topic) =>
        [...this.#leaders.get(topic)!.values()].includes(NO_LEADER),
      )
      if (isLeaderless) await delay(this.#askBackOff.next(), undefined, { ref: false })
      else this.#askBackOff.wentWell()
    } catch (error) {
      this.#askError = error
      if (!isProtocolError(error) && !(error instanceof UnknownTopic)) this.#wire.giveUp(wire)
      await delay(this.#askBackOff.next(), undefined, { ref: false })
    }
    this.#isAsking = false
    this.#dispatch()
  }

  #unavailable(queue: PartitionQueue): LogUnavailable {
    return unavailable(queue.lastError ?? this.#askError)
  }
}

function unavailable(cause: unknown): LogUnavailable {
  const type = typeOf(cause ?? {})
  return new LogUnavailable(
    type === undefined
      ? 'The log did not acknowledge in time: the records may be stored or not. Check that the brokers are up and reachable, then say it again.'
      : `The log did not acknowledge: Kafka answers ${type}. The records may be stored or not. Check what the brokers say of it, then say it again.`,
    { cause },
  )
}
