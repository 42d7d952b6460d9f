import { type ConversationCommand, conversations } from '@parley/conversation'
import { type NewCommand, deterministicId } from '@parley/kernel'
import { type CallResult, type Verdict, verdictOf } from './answer.ts'
import { type Address, graphRequest } from './graph-request.ts'
import type {
  Outbox,
  OutboxChange,
  OutboxMessage,
  OutboxState,
  SendOutcome,
  StoredOutboxMessage,
  Suppression,
} from './outbox.ts'
import { type Gate, type Limits, Schedule } from './schedule.ts'

export interface SenderPorts {
  readonly outbox: Outbox
  addressOf(contactId: string): Promise<Address | undefined>
  /** Never rejects. */
  call(accountId: string, body: Readonly<Record<string, unknown>>): Promise<CallResult>
  append(commands: readonly NewCommand<ConversationCommand>[]): Promise<void>
  /** In a span that continues the trace of the message. */
  traced<Result>(message: OutboxMessage, work: () => Promise<Result>): Promise<Result>
  readonly now: () => number
  readonly newId: () => string
  /** Operators are to know. */
  alarm(code: AlarmCode, fields: { readonly accountId?: string; readonly providerCode?: number }): void
  trouble(code: 'STORE_UNAVAILABLE', error: unknown): void
}

export type AlarmCode = 'CHANNEL_PAUSED' | 'CHANNEL_RESUMED' | 'SEND_FAILED' | 'SEND_UNCERTAIN'

export interface SenderSettings extends Limits {
  /** How long one call may take. */
  readonly callTimeoutMs: number
  /** How long an attempt without an answer waits for its receipt. */
  readonly receiptWaitMs: number
}

const UNSETTLED = ['attempting', 'uncertain', 'concluded'] as const
const RETRY_FIRST_MS = 500
const RETRY_LONGEST_MS = 30_000
const PAIR_TRIES_MAX = 5
const SWEEP_EVERY_MS = 60_000

/** Sends what is in the outbox of the partitions that it owns. */
export class Sender {
  readonly #ports: SenderPorts
  readonly #settings: SenderSettings
  readonly #schedule: Schedule<OutboxMessage>
  readonly #tries = new Map<string, number>()
  readonly #running = new Set<Promise<void>>()
  #owned: ReadonlySet<number> = new Set()
  #timer: NodeJS.Timeout | undefined
  #stopping = false
  #sweptAt = 0

  constructor(ports: SenderPorts, settings: SenderSettings) {
    this.#ports = ports
    this.#settings = settings
    this.#schedule = new Schedule(settings)
  }

  /** Takes over what earlier owners of these partitions left, and lets go of all others. */
  async own(partitions: readonly number[], partitionCount: number): Promise<void> {
    this.#owned = new Set(partitions)
    this.#schedule.keepOnly(this.#owned)
    this.#schedule.setShare(partitionCount === 0 ? 0 : partitions.length / partitionCount)
    if (partitions.length > 0) {
      const open: StoredOutboxMessage[] = []
      for await (const stored of this.#ports.outbox.open(partitions)) open.push(stored)
      // All of a contact at once and in order: a later message must not begin while an earlier one is still being read.
      for (const stored of open.sort((left, right) => left.streamVersion - right.streamVersion))
        this.#takeOver(stored)
    }
    this.#pump()
  }

  /** Messages that stand in the outbox by now. */
  take(messages: readonly OutboxMessage[]): void {
    for (const message of messages)
      if (this.#owned.has(message.partition)) this.#schedule.add(message, { stage: 'waiting', notBefore: 0 })
    this.#pump()
  }

  /** The log says what became of a message, by its receipt: an attempt that hangs is settled by that. */
  async settledByReceipt(messageId: string): Promise<void> {
    if (!this.#schedule.isAwaitingReceipt(messageId)) return
    await this.#change({
      messageId,
      from: ['attempting', 'uncertain'],
      to: 'done',
    })
    this.#finish(messageId)
  }

  /** What waits is not sent, and that is on record; what is on its way at this moment is not called back, but not repeated either. */
  async suppress({ contactId, beforeVersion, reason }: Suppression): Promise<void> {
    await Promise.all(
      this.#schedule
        .withhold(contactId, beforeVersion, reason)
        .map((message) => this.#conclude(message, ['pending'], notSent(reason))),
    )
  }

  gateOf(accountId: string): Gate {
    return this.#schedule.gateOf(accountId)
  }

  get waiting(): number {
    return this.#schedule.size
  }

  /** Begins nothing more and waits for what runs. */
  async drain(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  #takeOver(stored: StoredOutboxMessage): void {
    const { state, tries, attemptAt } = stored
    if (this.#schedule.has(stored.messageId) || !this.#owned.has(stored.partition)) return
    if (tries > 0) this.#tries.set(stored.messageId, tries)
    switch (state) {
      case 'pending':
        return this.#schedule.add(stored, { stage: 'waiting', notBefore: 0 })
      case 'attempting':
      case 'uncertain':
        return this.#schedule.add(stored, { stage: 'hanging', until: this.#receiptDeadline(attemptAt) })
      case 'concluded':
        this.#schedule.add(stored, { stage: 'settling' })
        return this.#run(stored, () => this.#settle(stored, stored.outcome ?? { status: 'uncertain' }))
      case 'done':
        return
    }
  }

  #receiptDeadline(attemptAt: number): number {
    return attemptAt + this.#settings.callTimeoutMs + this.#settings.receiptWaitMs
  }

  #pump(): void {
    clearTimeout(this.#timer)
    if (this.#stopping) return
    const now = this.#ports.now()
    for (const message of this.#schedule.takeExpired(now)) this.#run(message, () => this.#giveUp(message))
    for (const message of this.#schedule.takeStartable(now)) this.#run(message, () => this.#attempt(message))
    if (now - this.#sweptAt > SWEEP_EVERY_MS) {
      this.#sweptAt = now
      this.#schedule.forgetFullPairs(now)
    }
    const wakeAt = this.#schedule.wakeAt(now)
    if (wakeAt === undefined) return
    this.#timer = setTimeout(() => this.#pump(), Math.min(Math.max(wakeAt - now, 1), SWEEP_EVERY_MS))
  }

  #run(message: OutboxMessage, work: () => Promise<void>): void {
    const running = this.#ports
      .traced(message, work)
      // Only a stop ends up here: the store keeps the message for the next owner.
      .catch(() => {})
      .finally(() => {
        this.#running.delete(running)
        this.#pump()
      })
    this.#running.add(running)
  }

  async #attempt(message: OutboxMessage): Promise<void> {
    const { messageId, contactId, accountId } = message
    const address = await this.#untilStored(() => this.#ports.addressOf(contactId))
    const withheld = this.#schedule.withheldFor(messageId)
    if (withheld !== undefined) return this.#conclude(message, ['pending'], notSent(withheld))
    const request = graphRequest(message, address)
    if (!request.sendable) {
      this.#ports.alarm('SEND_FAILED', { accountId, providerCode: request.code })
      return this.#conclude(message, ['pending'], failed(request))
    }

    // Written down before the call: after a crash nobody takes it for one that was never tried.
    const attemptId = this.#ports.newId()
    const attemptAt = this.#ports.now()
    const isOurs = await this.#change({
      messageId,
      from: ['pending'],
      to: 'attempting',
      attemptId,
      attemptAt,
    })
    if (!isOurs) return this.#lookAgain(message)
    const verdict = verdictOf(await this.#ports.call(accountId, request.body))
    await this.#follow(message, attemptId, verdict)
  }

  async #follow(message: OutboxMessage, attemptId: string, verdict: Verdict): Promise<void> {
    const { messageId, accountId } = message
    const now = this.#ports.now()
    const tries = (this.#tries.get(messageId) ?? 0) + 1
    switch (verdict.action) {
      case 'sent':
        this.#worked(accountId)
        return this.#settle(message, { status: 'sent', providerId: verdict.providerId })
      case 'failed':
        this.#worked(accountId)
        if (verdict.alarm) this.#ports.alarm('SEND_FAILED', { accountId, providerCode: verdict.code })
        return this.#settle(message, failed(verdict))
      case 'retry': {
        if (tries >= verdict.triesMax) return this.#settle(message, failed(verdict))
        const waitMs = Math.min(RETRY_FIRST_MS * 2 ** (tries - 1), RETRY_LONGEST_MS)
        return this.#again(message, attemptId, tries, now + waitMs)
      }
      case 'retryPair':
        this.#worked(accountId)
        if (tries > PAIR_TRIES_MAX) return this.#settle(message, failed(verdict))
        return this.#again(message, attemptId, tries, now + 4 ** (tries - 1) * 1000)
      case 'slow':
        this.#schedule.slow(accountId, verdict.code, verdict.firstWaitMs, verdict.longestWaitMs, now)
        return this.#again(message, attemptId, tries - 1, now)
      case 'stop':
        if (this.#schedule.stop(accountId, verdict.code, now))
          this.#ports.alarm('CHANNEL_PAUSED', { accountId, providerCode: verdict.code })
        return this.#again(message, attemptId, tries - 1, now)
      case 'uncertain': {
        const isOurs = await this.#change({
          messageId,
          from: ['attempting'],
          ofAttempt: attemptId,
          to: 'uncertain',
        })
        if (!isOurs) return this.#lookAgain(message)
        return this.#schedule.hang(messageId, this.#ports.now() + this.#settings.receiptWaitMs)
      }
    }
  }

  #worked(accountId: string): void {
    const { state } = this.#schedule.gateOf(accountId)
    if (this.#schedule.worked(accountId) && state === 'stopped')
      this.#ports.alarm('CHANNEL_RESUMED', { accountId })
  }

  /** The provider surely did not take it: it goes back, ready for its next attempt. */
  async #again(message: OutboxMessage, attemptId: string, tries: number, notBefore: number): Promise<void> {
    const { messageId } = message
    const withheld = this.#schedule.withheldFor(messageId)
    if (withheld !== undefined) return this.#settle(message, notSent(withheld))
    const isOurs = await this.#change({
      messageId,
      from: ['attempting'],
      ofAttempt: attemptId,
      to: 'pending',
      tries,
    })
    if (!isOurs) return this.#lookAgain(message)
    this.#tries.set(messageId, tries)
    this.#schedule.postpone(messageId, notBefore)
  }

  /** No receipt came in time. */
  #giveUp(message: OutboxMessage): Promise<void> {
    return this.#conclude(message, ['attempting', 'uncertain'], { status: 'uncertain' })
  }

  /** Settled without an answer. Stands in the store when this returns, so that nobody tries it any more; the log may take its time. */
  async #conclude(message: OutboxMessage, from: readonly OutboxState[], outcome: SendOutcome): Promise<void> {
    const { messageId, accountId } = message
    if (!(await this.#change({ messageId, from, to: 'concluded', outcome }))) return this.#lookAgain(message)
    if (outcome.status === 'uncertain') this.#ports.alarm('SEND_UNCERTAIN', { accountId })
    this.#run(message, () => this.#settle(message, outcome))
  }

  /**
   * The log first, then the store: whoever finds an attempt without its outcome after a crash waits for the receipt, which settles it.
   * Only when the log is away does the outcome stand in the store before.
   */
  async #settle(message: OutboxMessage, outcome: SendOutcome): Promise<void> {
    const { messageId, partition } = message
    // A receipt was quicker: the log knows.
    if (!this.#schedule.settle(messageId) && this.#owned.has(partition)) return
    const command = outcomeCommand(message, outcome, new Date(this.#ports.now()).toISOString())
    try {
      await this.#ports.append([command])
      this.#finish(messageId)
    } catch (error) {
      this.#ports.trouble('STORE_UNAVAILABLE', error)
      if (!(await this.#change({ messageId, from: UNSETTLED, to: 'concluded', outcome })))
        return this.#lookAgain(message)
      this.#finish(messageId)
      await this.#untilStored(() => this.#ports.append([command]))
    }
    await this.#change({ messageId, from: UNSETTLED, to: 'done', outcome })
  }

  /** Somebody else moved it: another gateway that owned the partition, or a receipt. */
  async #lookAgain(message: OutboxMessage): Promise<void> {
    const { messageId } = message
    const stored = await this.#untilStored(() => this.#ports.outbox.load(messageId))
    switch (stored?.state) {
      case undefined:
      case 'concluded':
      case 'done':
        return this.#finish(messageId)
      case 'attempting':
      case 'uncertain':
        return this.#schedule.hang(messageId, this.#receiptDeadline(stored.attemptAt))
      case 'pending':
        return this.#schedule.postpone(messageId, this.#ports.now() + 1_000)
    }
  }

  #finish(messageId: string): void {
    this.#tries.delete(messageId)
    this.#schedule.finish(messageId)
    this.#pump()
  }

  #change(change: Omit<OutboxChange, 'changeId'>): Promise<boolean> {
    const changeId = this.#ports.newId()
    return this.#untilStored(() => this.#ports.outbox.change({ ...change, changeId }))
  }

  /** A step that must not be left out: tried until the store or the log is there again, or this process stops. */
  async #untilStored<Result>(step: () => Promise<Result>): Promise<Result> {
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 2_000)) {
      try {
        return await step()
      } catch (error) {
        this.#ports.trouble('STORE_UNAVAILABLE', error)
        if (this.#stopping) throw error
        await new Promise((resolve) => setTimeout(resolve, waitMs))
      }
    }
  }
}

function notSent(reason: string): SendOutcome {
  return failed({ code: 0, title: reason })
}

function failed({ code, title }: { readonly code: number; readonly title: string }): SendOutcome {
  return { status: 'failed', code, title }
}

/** The id is of the message, not of the attempt: said again after a crash it is the same wish. */
function outcomeCommand(
  message: OutboxMessage,
  outcome: SendOutcome,
  occurredAt: string,
): NewCommand<ConversationCommand> {
  const { messageId } = message
  return {
    ...outcomeRecord(messageId, outcome),
    commandId: deterministicId(outcome.status, messageId),
    streamId: message.contactId,
    occurredAt,
    actor: { kind: 'channel', id: message.accountId },
    causationId: message.causationId,
    correlationId: message.conversationId,
  }
}

function outcomeRecord(messageId: string, outcome: SendOutcome): ConversationCommand {
  switch (outcome.status) {
    case 'sent':
      return conversations.command('RecordMessageSent', { messageId, providerMessageId: outcome.providerId })
    case 'failed':
      return conversations.command('RecordMessageFailed', {
        messageId,
        providerCode: outcome.code,
        providerTitle: outcome.title,
      })
    case 'uncertain':
      return conversations.command('RecordMessageUncertain', { messageId })
  }
}
