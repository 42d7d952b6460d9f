import TinyQueue from 'tinyqueue'
import { type Rate, type TokenBucket, fullBucket, takeToken, waitForToken } from './token-bucket.ts'

/** One message to be sent, as far as its turn is concerned. */
export interface Job {
  readonly messageId: string
  readonly contactId: string
  readonly accountId: string
  readonly partition: number
  /** Its place in the stream of the contact. */
  readonly streamVersion: number
}

type Stage =
  | { readonly stage: 'waiting'; readonly notBefore: number }
  | { readonly stage: 'attempting' }
  /** An attempt without an answer: a receipt may still settle it. Looked at again at that time. */
  | { readonly stage: 'hanging'; readonly lookAt: number }
  /** Its outcome is being written down. */
  | { readonly stage: 'settling' }

interface Entry<J extends Job> {
  readonly job: J
  stage: Stage
  /** Why it must not be attempted any more. */
  withheld?: string
}

interface Lane<J extends Job> {
  readonly contactId: string
  readonly accountId: string
  entries: Entry<J>[]
  place: 'ready' | 'delayed' | 'idle'
  delayedUntil: number
}

export type Gate =
  | { readonly state: 'open' }
  | { readonly state: 'slowed'; readonly code: number; readonly until: number }
  | { readonly state: 'stopped'; readonly code: number; readonly until: number }

interface Due<Item> {
  readonly at: number
  readonly item: Item
}

interface Account<J extends Job> {
  gate: Gate
  /** Troubles in a row. */
  setbacks: number
  isProbing: boolean
  attempting: number
  bucket: TokenBucket
  readonly ready: Lane<J>[]
}

export interface Limits {
  /** Of one number, all gateways together. */
  perSecond(accountId: string): number
  /** To one customer. */
  readonly pair: Rate
  /** Calls at the same time on one number. */
  readonly attemptsMax: number
  /** How long a stopped number rests before one message is tried on it. */
  readonly probeEveryMs: number
}

/**
 * Whose turn it is. Within a contact strictly one after the other; between contacts first come, first served, within the rate of the
 * number and of the pair. Pure in time: it is told what time it is and says when to ask again.
 */
export class Schedule<J extends Job> {
  readonly #limits: Limits
  readonly #lanes = new Map<string, Lane<J>>()
  readonly #entries = new Map<string, Entry<J>>()
  readonly #accounts = new Map<string, Account<J>>()
  readonly #pairs = new Map<string, TokenBucket>()
  readonly #delayed = dueQueue<Lane<J>>()
  readonly #hanging = dueQueue<Entry<J>>()
  #share = 1

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** The part of the number's rate that is ours: the partitions that we own, of all. */
  setShare(share: number): void {
    this.#share = share
  }

  has(messageId: string): boolean {
    return this.#entries.has(messageId)
  }

  get(messageId: string): J | undefined {
    return this.#entries.get(messageId)?.job
  }

  get size(): number {
    return this.#entries.size
  }

  /** How many jobs of the contact are here. */
  sizeOf(contactId: string): number {
    return this.#lanes.get(contactId)?.entries.length ?? 0
  }

  /** How many contacts wait for the number, and for nothing else. */
  readyOf(accountId: string): number {
    return this.#accounts.get(accountId)?.ready.length ?? 0
  }

  add(job: J, stage: Exclude<Stage, { stage: 'attempting' }>): void {
    if (this.#entries.has(job.messageId)) return
    const entry: Entry<J> = { job, stage }
    this.#entries.set(job.messageId, entry)
    const lane = this.#laneOf(job)
    const behind = lane.entries.findIndex((other) => other.job.streamVersion > job.streamVersion)
    // Nothing overtakes what has begun.
    if (behind === -1) lane.entries.push(entry)
    else
      lane.entries.splice(behind === 0 && lane.entries[0]!.stage.stage !== 'waiting' ? 1 : behind, 0, entry)
    if (stage.stage === 'hanging') this.#hanging.push({ at: stage.lookAt, item: entry })
    this.#place(lane)
  }

  /** The jobs that may be attempted now; they count as attempted. */
  takeStartable(now: number): J[] {
    for (const { at, item: lane } of takeDue(this.#delayed, now))
      if (lane.place === 'delayed' && lane.delayedUntil === at) this.#makeReady(lane)
    const startable: J[] = []
    for (const [accountId, account] of this.#accounts) this.#takeFrom(accountId, account, now, startable)
    return startable
  }

  #takeFrom(accountId: string, account: Account<J>, now: number, startable: J[]): void {
    const rate = this.#rateOf(accountId)
    while (account.ready.length > 0 && account.attempting < this.#limits.attemptsMax) {
      if (account.gate.state !== 'open' && (account.gate.until > now || account.isProbing)) return
      const lane = account.ready[0]!
      const entry = lane.entries[0]
      if (lane.place !== 'ready' || entry === undefined || entry.stage.stage !== 'waiting') {
        account.ready.shift()
        if (lane.place === 'ready') lane.place = 'idle'
        continue
      }
      const pair = this.#pairs.get(lane.contactId) ?? fullBucket(this.#limits.pair, now)
      const pairWait = waitForToken(pair, this.#limits.pair, now)
      if (pairWait > 0) {
        account.ready.shift()
        this.#delay(lane, now + pairWait)
        continue
      }
      if (waitForToken(account.bucket, rate, now) > 0) return
      account.ready.shift()
      account.bucket = takeToken(account.bucket, rate, now)
      this.#pairs.set(lane.contactId, takeToken(pair, this.#limits.pair, now))
      if (account.gate.state !== 'open') account.isProbing = true
      account.attempting++
      entry.stage = { stage: 'attempting' }
      lane.place = 'idle'
      startable.push(entry.job)
    }
  }

  /** Hanging jobs that are to be looked at now. Each is told when it is to be looked at again, or leaves. */
  takeHanging(now: number): J[] {
    return [...takeDue(this.#hanging, now)].flatMap(({ at, item: entry }) => {
      const isStillThere = this.#entries.get(entry.job.messageId) === entry
      return isStillThere && entry.stage.stage === 'hanging' && entry.stage.lookAt === at ? [entry.job] : []
    })
  }

  /** It goes to its customer's turn again, not before the time given. */
  postpone(messageId: string, notBefore: number): void {
    const entry = this.#entries.get(messageId)
    if (entry === undefined) return
    this.#leaveAttempt(entry)
    entry.stage = { stage: 'waiting', notBefore }
    this.#place(this.#laneOf(entry.job))
  }

  hang(messageId: string, lookAt: number): void {
    const entry = this.#entries.get(messageId)
    if (entry === undefined) return
    this.#leaveAttempt(entry)
    entry.stage = { stage: 'hanging', lookAt }
    this.#hanging.push({ at: lookAt, item: entry })
  }

  /** It may have been settled, or let go again, since it was looked at. */
  lookAgain(messageId: string, lookAt: number): void {
    if (this.#entries.get(messageId)?.stage.stage === 'hanging') this.hang(messageId, lookAt)
  }

  /** Its outcome stands, and is being written down. False when it is not here any more. */
  settle(messageId: string): boolean {
    const entry = this.#entries.get(messageId)
    if (entry === undefined) return false
    this.#leaveAttempt(entry)
    entry.stage = { stage: 'settling' }
    return true
  }

  /** None of the contact's jobs from before that place in its stream is to be attempted, again or at all. Tells which of them wait. */
  withhold(contactId: string, beforeVersion: number, reason: string): J[] {
    const entries = this.#lanes.get(contactId)?.entries ?? []
    const withheld = entries.filter(({ job }) => job.streamVersion < beforeVersion)
    for (const entry of withheld) entry.withheld ??= reason
    return withheld.filter(({ stage }) => stage.stage === 'waiting').map(({ job }) => job)
  }

  withheldFor(messageId: string): string | undefined {
    return this.#entries.get(messageId)?.withheld
  }

  /** Sent, failed or given up: the next message of the customer may go. */
  finish(messageId: string): void {
    const entry = this.#entries.get(messageId)
    if (entry === undefined) return
    this.#leaveAttempt(entry)
    this.#entries.delete(messageId)
    const lane = this.#laneOf(entry.job)
    lane.entries = lane.entries.filter((other) => other !== entry)
    if (lane.entries.length === 0) this.#lanes.delete(lane.contactId)
    else this.#place(lane)
  }

  /** Forgets what belongs to partitions that are no longer ours. */
  dropOthers(partitions: ReadonlySet<number>): void {
    for (const { job } of this.#entries.values())
      if (!partitions.has(job.partition)) this.finish(job.messageId)
  }

  isSettling(messageId: string): boolean {
    return this.#entries.get(messageId)?.stage.stage === 'settling'
  }

  gateOf(accountId: string): Gate {
    return this.#accounts.get(accountId)?.gate ?? { state: 'open' }
  }

  /** The number took a message, or turned one down for a reason of that message: it works. True when it was closed. */
  worked(accountId: string): boolean {
    const account = this.#accountOf(accountId)
    const wasClosed = account.gate.state !== 'open'
    account.gate = { state: 'open' }
    account.setbacks = 0
    account.isProbing = false
    return wasClosed
  }

  slow(accountId: string, code: number, firstWaitMs: number, longestWaitMs: number, now: number): void {
    const account = this.#accountOf(accountId)
    account.isProbing = false
    // Many calls were on their way when the first one met the limit: they are one trouble.
    if (account.gate.state !== 'open' && account.gate.until > now) return
    const waitMs = Math.min(firstWaitMs * 2 ** account.setbacks, longestWaitMs)
    account.setbacks++
    account.gate = { state: 'slowed', code, until: now + waitMs }
  }

  /** True when it went on until now. */
  stop(accountId: string, code: number, now: number): boolean {
    const account = this.#accountOf(accountId)
    const wasStopped = account.gate.state === 'stopped'
    account.isProbing = false
    account.gate = { state: 'stopped', code, until: now + this.#limits.probeEveryMs }
    return !wasStopped
  }

  /** When to ask again; undefined: when something changes. */
  wakeAt(now: number): number | undefined {
    const times = [this.#delayed.peek()?.at, this.#hanging.peek()?.at]
    for (const [accountId, account] of this.#accounts) {
      if (account.ready.length === 0 || account.attempting >= this.#limits.attemptsMax) continue
      if (account.gate.state !== 'open') {
        if (!account.isProbing) times.push(Math.max(account.gate.until, now))
        continue
      }
      times.push(now + waitForToken(account.bucket, this.#rateOf(accountId), now))
    }
    const known = times.filter((time) => time !== undefined && Number.isFinite(time)) as number[]
    return known.length === 0 ? undefined : Math.min(...known)
  }

  /** Buckets that are full again say nothing: called now and then, so that memory does not grow with every customer ever written to. */
  forgetFullPairs(now: number): void {
    const { pair } = this.#limits
    const fullAfterMs = (pair.burst / pair.perSecond) * 1000
    for (const [contactId, bucket] of this.#pairs)
      if (now - bucket.at > fullAfterMs) this.#pairs.delete(contactId)
  }

  #rateOf(accountId: string): Rate {
    const granted = this.#limits.perSecond(accountId) * this.#share
    // What goes at once counts as well: the limit is to hold in any second, not on average.
    const burst = Math.max(1, granted / 20)
    return { burst, perSecond: burst < granted / 2 ? granted - burst : granted }
  }

  #accountOf(accountId: string): Account<J> {
    let account = this.#accounts.get(accountId)
    if (account === undefined) {
      account = {
        gate: { state: 'open' },
        setbacks: 0,
        isProbing: false,
        attempting: 0,
        bucket: { tokens: 1, at: 0 },
        ready: [],
      }
      this.#accounts.set(accountId, account)
    }
    return account
  }

  #laneOf({ contactId, accountId }: Job): Lane<J> {
    let lane = this.#lanes.get(contactId)
    if (lane === undefined) {
      lane = { contactId, accountId, entries: [], place: 'idle', delayedUntil: 0 }
      this.#lanes.set(contactId, lane)
    }
    return lane
  }

  /** Puts the lane where its first message belongs. */
  #place(lane: Lane<J>): void {
    const first = lane.entries[0]
    if (first === undefined || first.stage.stage !== 'waiting' || lane.place !== 'idle') return
    if (first.stage.notBefore > 0) this.#delay(lane, first.stage.notBefore)
    else this.#makeReady(lane)
  }

  #delay(lane: Lane<J>, until: number): void {
    lane.place = 'delayed'
    lane.delayedUntil = until
    this.#delayed.push({ at: until, item: lane })
  }

  #makeReady(lane: Lane<J>): void {
    lane.place = 'ready'
    this.#accountOf(lane.accountId).ready.push(lane)
  }

  #leaveAttempt(entry: Entry<J>): void {
    if (entry.stage.stage !== 'attempting') return
    const account = this.#accountOf(entry.job.accountId)
    account.attempting--
    account.isProbing = false
  }
}

function dueQueue<Item>(): TinyQueue<Due<Item>> {
  return new TinyQueue<Due<Item>>([], (left, right) => left.at - right.at)
}

function* takeDue<Item>(queue: TinyQueue<Due<Item>>, now: number): Generator<Due<Item>> {
  while ((queue.peek()?.at ?? Infinity) <= now) yield queue.pop()!
}
