import type { ConversationCommand } from '@parley/conversation'
import type { NewCommand } from '@parley/kernel'
import type { StoredFile } from '@parley/proto/content'
import { type CallResult, type Verdict, verdictOf } from './answer.ts'
import type { ChannelFile } from '../media/channel-files.ts'
import { Backlog, type HeldLimits, type Rest } from './backlog.ts'
import { type Address, graphRequest, storedFileIn } from './graph-request.ts'
import type {
  Outbox,
  OutboxChange,
  OutboxMessage,
  OutboxState,
  SendOutcome,
  StoredOutboxMessage,
  Suppression,
} from './outbox.ts'
import { outcomeCommand, resentCommand } from './outcome-commands.ts'
import { type Gate, type Limits, Schedule } from './schedule.ts'

export interface SenderPorts {
  readonly outbox: Outbox
  readonly receipts: {
    /** When the latest call on this number was made of which WhatsApp reported `sent`, to whichever gateway; 0: none is known. */
    latestCall(accountId: string): Promise<number>
  }
  addressOf(contactId: string): Promise<Address | undefined>
  /** Gives the channel a file that a message has. */
  channelFile(accountId: string, file: StoredFile): Promise<ChannelFile>
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

export type AlarmCode =
  | 'CHANNEL_PAUSED'
  | 'CHANNEL_RESUMED'
  | 'SEND_FAILED'
  | 'SEND_RESENT'
  | 'SEND_UNCERTAIN'

export interface SenderSettings extends Limits {
  /** How long one call may take. */
  readonly callTimeoutMs: number
  /** From when on an attempt without a receipt may be made once more, where receipts of later calls have come. */
  readonly resendAfterMs: number
  /** How long an attempt without an answer waits for its receipt, or for evidence that there will be none. Longer than `resendAfterMs`. */
  readonly receiptWaitMs: number
  readonly held: HeldLimits
}

/** A message in memory, with what changes from attempt to attempt. */
interface Sending extends OutboxMessage {
  attempt: StoredOutboxMessage['attempt']
  tries: number
  /** Of the attempt that hangs: its id, when it was written down, and when waiting for its receipt ends. */
  attemptId: string
  attemptAt: number
  giveUpAt: number
  /** The rules were asked for a second attempt. */
  isAsked: boolean
  /** How often the channel could not be given its file. */
  fileTries: number
}

const UNSETTLED = ['attempting', 'uncertain', 'concluded'] as const
const RETRY_FIRST_MS = 500
const RETRY_LONGEST_MS = 30_000
const PAIR_TRIES_MAX = 5
/** With growing pauses, some minutes. */
const FILE_TRIES_MAX = 12
const SWEEP_EVERY_MS = 60_000

/** Sends what is in the outbox of the partitions that it owns. */
export class Sender {
  readonly #ports: SenderPorts
  readonly #settings: SenderSettings
  readonly #schedule: Schedule<Sending>
  readonly #backlog = new Backlog()
  readonly #running = new Set<Promise<void>>()
  #owned: ReadonlySet<number> = new Set()
  #takingOver: Promise<void> = Promise.resolve()
  #isReading = false
  #timer: NodeJS.Timeout | undefined
  #wakeAt = Infinity
  #stopping = false
  #sweptAt = 0

  constructor(ports: SenderPorts, settings: SenderSettings) {
    this.#ports = ports
    this.#settings = settings
    this.#schedule = new Schedule(settings)
  }

  /**
   * Takes over what earlier owners of these partitions left, and lets go of all others. Where it fails, nothing new is taken until it is done
   * again: it is not known what waits.
   */
  async own(partitions: readonly number[], partitionCount: number): Promise<void> {
    const takingOver = this.#takeAllOver(partitions, partitionCount)
    this.#takingOver = takingOver
    await takingOver
    this.#pump()
  }

  async #takeAllOver(partitions: readonly number[], partitionCount: number): Promise<void> {
    this.#owned = new Set(partitions)
    this.#schedule.dropOthers(this.#owned)
    this.#schedule.setShare(partitionCount === 0 ? 0 : partitions.length / partitionCount)
    this.#backlog.reset([])
    if (partitions.length === 0) return
    const { outbox } = this.#ports
    const begun: StoredOutboxMessage[] = []
    for await (const stored of outbox.begun(partitions)) begun.push(stored)
    // What was begun comes before what waits, so that nothing of a contact overtakes what hangs.
    for (const stored of begun.sort((left, right) => left.streamVersion - right.streamVersion))
      this.#takeOver(stored)
    this.#backlog.reset(await outbox.backlogs(partitions))
  }

  /** Messages that stand in the outbox by now. Rejects where it is not known what waits there: then they come again. */
  async add(messages: readonly OutboxMessage[]): Promise<void> {
    // Until it is known what waits in the store, a new message could overtake an older one.
    await this.#takingOver
    for (const message of messages)
      if (this.#owned.has(message.partition) && !this.#schedule.has(message.messageId)) {
        if (this.#backlog.admits(message, this.#hasRoom(message.accountId, this.#settings.held.readyMax)))
          this.#admit({ ...message, attempt: 1, tries: 0 })
      }
    this.#pump()
  }

  /** The log says what became of a message, by its receipt: an attempt that hangs is settled by that. */
  async settledByReceipt(messageId: string): Promise<void> {
    if (!this.#schedule.has(messageId) || this.#schedule.isSettling(messageId)) return
    await this.#change({
      messageId,
      from: ['pending', 'attempting', 'uncertain', 'resending'],
      to: 'done',
    })
    this.#finish(messageId)
  }

  /** The log says that it may be sent once more: by then it has every receipt that came before. */
  async resend(messageId: string): Promise<void> {
    const message = this.#schedule.get(messageId)
    const isOurs = await this.#change({
      messageId,
      from: ['attempting', 'uncertain'],
      ofAttempt: 1,
      // Another gateway that believed to own the partition may have made one since, which nobody asked about.
      ...(message === undefined ? {} : { ofAttemptId: message.attemptId }),
      to: 'resending',
      attempt: 2,
      tries: 0,
    })
    if (!isOurs) return
    if (message === undefined) {
      const stored = await this.#untilStored(() => this.#ports.outbox.load(messageId))
      if (stored !== undefined) this.#takeOver(stored)
    } else {
      message.attempt = 2
      message.tries = 0
      this.#schedule.postpone(messageId, 0)
    }
    this.#pump()
  }

  /** What waits is not sent, and that is on record; what is on its way at this moment is not called back, but not repeated either. */
  async suppress(suppression: Suppression): Promise<void> {
    await this.#takingOver
    await this.#withhold(suppression)
    const { contactId, beforeVersion, partition } = suppression
    if (this.#backlog.isEmpty || !this.#owned.has(partition)) return
    const { page } = this.#settings.held
    for (let after = -1; ;) {
      const stored = await this.#untilStored(() => this.#ports.outbox.open({ contactId }, after, page))
      for (const each of stored) if (each.streamVersion < beforeVersion) this.#takeOver(each)
      await this.#withhold(suppression)
      if (stored.length < page) return
      after = stored.at(-1)!.position
    }
  }

  async #withhold({ contactId, beforeVersion, reason }: Suppression): Promise<void> {
    await Promise.all(
      this.#schedule
        .withhold(contactId, beforeVersion, reason)
        .map((message) => this.#conclude(message, ['pending', 'resending'], withheld(message, reason))),
    )
  }

  gateOf(accountId: string): Gate {
    return this.#schedule.gateOf(accountId)
  }

  /** Messages in memory. */
  get held(): number {
    return this.#schedule.size
  }

  /** Begins nothing more and waits for what runs. */
  async drain(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  #takeOver(stored: StoredOutboxMessage): void {
    if (this.#schedule.has(stored.messageId) || !this.#owned.has(stored.partition)) return
    const now = this.#ports.now()
    switch (stored.state) {
      case 'pending':
      case 'resending':
        return this.#add(stored)
      case 'attempting':
      case 'uncertain': {
        const message = sending(stored)
        message.giveUpAt = this.#givesUpAt(stored, now)
        // Its receipt may have been turned away while this gateway was down. WhatsApp says it again: that is waited for from now on.
        return this.#schedule.add(message, {
          stage: 'hanging',
          lookAt: now + this.#settings.resendAfterMs,
        })
      }
      case 'concluded': {
        const message = sending(stored)
        this.#schedule.add(message, { stage: 'settling' })
        return this.#run(message, () => this.#settle(message, stored.outcome ?? { status: 'uncertain' }))
      }
      case 'done':
        return
    }
  }

  /** Of an attempt that somebody else made: its call may be on its way still. */
  #givesUpAt({ attemptAt }: StoredOutboxMessage, now: number): number {
    const { callTimeoutMs, receiptWaitMs } = this.#settings
    return Math.max(attemptAt + callTimeoutMs, now) + receiptWaitMs
  }

  #hasRoom(accountId: string, readyMax: number): boolean {
    return this.#schedule.size < this.#settings.held.messages && this.#schedule.readyOf(accountId) < readyMax
  }

  #admit(message: OutboxMessage & Pick<StoredOutboxMessage, 'attempt' | 'tries'>): void {
    const { messagesOfContact } = this.#settings.held
    const hasRoom = this.#schedule.sizeOf(message.contactId) < messagesOfContact
    if (this.#backlog.admitsOfContact(message, hasRoom)) this.#add(message)
  }

  #add(message: OutboxMessage & Pick<StoredOutboxMessage, 'attempt' | 'tries'>): void {
    this.#schedule.add(sending(message), { stage: 'waiting', notBefore: 0 })
  }

  /** Brings what waits in the store into memory as room comes up there, one page at a time. */
  #readBacklog(): void {
    if (this.#isReading || this.#stopping) return
    const rest = this.#backlog.next((accountId) => this.#hasRoom(accountId, this.#settings.held.readyMin))
    if (rest === undefined) return
    this.#isReading = true
    void this.#readPage(rest)
      // Only a stop ends up here.
      .catch(() => {})
      .finally(() => {
        this.#isReading = false
        this.#pump()
      })
  }

  async #readPage(rest: Rest): Promise<void> {
    const { messagesOfContact, page } = this.#settings.held
    const contactId = 'contactId' in rest.of ? rest.of.contactId : undefined
    const limit = contactId === undefined ? page : messagesOfContact
    const stored = await this.#untilStored(() => this.#ports.outbox.open(rest.of, rest.readTo, limit))
    if (!this.#backlog.has(rest)) return
    for (const each of stored) {
      if (!this.#owned.has(each.partition) || this.#schedule.has(each.messageId)) continue
      if (each.state === 'pending' && contactId === undefined) this.#admit(each)
      else this.#takeOver(each)
    }
    this.#backlog.wasRead(rest, stored.at(-1)?.position ?? rest.readTo, stored.length < limit)
    if (contactId !== undefined && this.#schedule.sizeOf(contactId) === 0) this.#backlog.emptied(contactId)
  }

  #pump(): void {
    if (this.#stopping) return
    const now = this.#ports.now()
    for (const message of this.#schedule.takeHanging(now)) this.#run(message, () => this.#look(message))
    for (const message of this.#schedule.takeStartable(now)) this.#run(message, () => this.#attempt(message))
    if (now - this.#sweptAt > SWEEP_EVERY_MS) {
      this.#sweptAt = now
      this.#schedule.forgetFullPairs(now)
    }
    this.#readBacklog()
    const wakeAt = this.#schedule.wakeAt(now)
    if (wakeAt !== undefined) this.#wake(wakeAt, now)
  }

  #wake(wakeAt: number, now: number): void {
    // An earlier awakening looks again.
    if (this.#wakeAt <= wakeAt && this.#wakeAt > now) return
    clearTimeout(this.#timer)
    this.#wakeAt = wakeAt
    this.#timer = setTimeout(
      () => {
        this.#wakeAt = Infinity
        this.#pump()
      },
      Math.min(Math.max(wakeAt - now, 1), SWEEP_EVERY_MS),
    )
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

  async #attempt(message: Sending): Promise<void> {
    const { messageId, contactId, accountId } = message
    const waits = [stateOf(message)]
    const address = await this.#untilStored(() => this.#ports.addressOf(contactId))
    const file = storedFileIn(message.content)
    const given = file && (await this.#untilStored(() => this.#ports.channelFile(accountId, file)))
    if (given?.outcome === 'later') return this.#fileLater(message)
    if (given?.outcome === 'failed') {
      this.#ports.alarm('SEND_FAILED', { accountId, providerCode: given.code })
      return this.#conclude(message, waits, failed(given))
    }
    const reason = this.#schedule.withheldFor(messageId)
    if (reason !== undefined) return this.#conclude(message, waits, withheld(message, reason))
    const request = graphRequest(message, address, given?.mediaId)
    if (!request.sendable) {
      this.#ports.alarm('SEND_FAILED', { accountId, providerCode: request.code })
      return this.#conclude(message, waits, failed(request))
    }

    // Written down before the call: after a crash nobody takes it for one that was never tried.
    const attemptId = this.#ports.newId()
    const attemptAt = this.#ports.now()
    const isOurs = await this.#change({ messageId, from: waits, to: 'attempting', attemptId, attemptAt })
    if (!isOurs) return this.#lookUp(message)
    message.attemptId = attemptId
    message.attemptAt = attemptAt
    const now = this.#ports.now()
    // This process stood still, or the store did: by now somebody else may take the attempt for one that hangs.
    if (now - attemptAt > this.#settings.resendAfterMs / 4)
      return this.#again(message, attemptId, message.tries, now)
    // The customer may have said stop while it was written down.
    if (this.#schedule.withheldFor(messageId) !== undefined)
      return this.#again(message, attemptId, message.tries, now)
    if (message.attempt === 2) this.#ports.alarm('SEND_RESENT', { accountId })
    const verdict = verdictOf(await this.#ports.call(accountId, request.body))
    await this.#pursue(message, attemptId, verdict)
  }

  /** The channel could not be given the file: nothing of the message went out, so it is tried again as if it had not begun. */
  async #fileLater(message: Sending): Promise<void> {
    message.fileTries += 1
    if (message.fileTries >= FILE_TRIES_MAX)
      return this.#conclude(
        message,
        [stateOf(message)],
        failed({ code: 131_053, title: 'The channel could not be given the file.' }),
      )
    this.#schedule.postpone(message.messageId, this.#ports.now() + retryWaitMs(message.fileTries))
  }

  async #pursue(message: Sending, attemptId: string, verdict: Verdict): Promise<void> {
    const { messageId, accountId } = message
    const now = this.#ports.now()
    const tries = message.tries + 1
    switch (verdict.action) {
      case 'sent':
        this.#worked(accountId)
        return this.#settle(message, { status: 'sent', providerId: verdict.providerId })
      case 'failed':
        this.#worked(accountId)
        if (verdict.alarm) this.#ports.alarm('SEND_FAILED', { accountId, providerCode: verdict.code })
        return this.#settle(message, failed(verdict))
      case 'retry':
        if (tries >= verdict.triesMax) return this.#settle(message, failed(verdict))
        return this.#again(message, attemptId, tries, now + retryWaitMs(tries))
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
          ofAttemptId: attemptId,
          to: 'uncertain',
        })
        if (!isOurs) return this.#lookUp(message)
        message.giveUpAt = this.#ports.now() + this.#settings.receiptWaitMs
        return this.#schedule.hang(
          messageId,
          Math.min(message.attemptAt + this.#settings.resendAfterMs, message.giveUpAt),
        )
      }
    }
  }

  #worked(accountId: string): void {
    const { state } = this.#schedule.gateOf(accountId)
    if (this.#schedule.worked(accountId) && state === 'stopped')
      this.#ports.alarm('CHANNEL_RESUMED', { accountId })
  }

  /** The provider surely did not take it: it goes back, ready for its next attempt. */
  async #again(message: Sending, attemptId: string, tries: number, notBefore: number): Promise<void> {
    const { messageId, accountId } = message
    const reason = this.#schedule.withheldFor(messageId)
    if (reason !== undefined) {
      const outcome = withheld(message, reason)
      if (outcome.status === 'uncertain') this.#ports.alarm('SEND_UNCERTAIN', { accountId })
      return this.#settle(message, outcome)
    }
    const isOurs = await this.#change({
      messageId,
      from: ['attempting'],
      ofAttemptId: attemptId,
      to: stateOf(message),
      tries,
    })
    if (!isOurs) return this.#lookUp(message)
    message.tries = tries
    this.#schedule.postpone(messageId, notBefore)
  }

  /** An attempt hangs. When receipts of later calls have come and none for this one, it did not go out: the rules are asked to let it go again. */
  async #look(message: Sending): Promise<void> {
    const { messageId, accountId, attempt, attemptId, attemptAt, giveUpAt } = message
    const now = this.#ports.now()
    if (now >= giveUpAt) return this.#giveUp(message)
    if (attempt === 2 || message.isAsked || this.#schedule.withheldFor(messageId) !== undefined)
      return this.#schedule.lookAgain(messageId, giveUpAt)
    try {
      if ((await this.#ports.receipts.latestCall(accountId)) > attemptAt) {
        const stored = await this.#ports.outbox.load(messageId)
        if (stored?.attemptId !== attemptId) return await this.#lookUp(message)
        await this.#ports.append([resentCommand(message, new Date(now).toISOString())])
        message.isAsked = true
        // The log answers by MessageResent, or by a receipt that it had before.
        message.giveUpAt = this.#ports.now() + this.#settings.receiptWaitMs
      }
    } catch (error) {
      this.#ports.trouble('STORE_UNAVAILABLE', error)
    }
    const next = message.isAsked ? message.giveUpAt : now + this.#settings.resendAfterMs / 20
    this.#schedule.lookAgain(messageId, Math.min(next, message.giveUpAt))
  }

  /** Neither a receipt nor evidence came in time. Final: the next message of the contact goes, and this one must not come after it. */
  async #giveUp(message: Sending): Promise<void> {
    this.#schedule.settle(message.messageId)
    await this.#conclude(message, ['attempting', 'uncertain'], { status: 'uncertain' })
  }

  /** Settled without an answer. Stands in the store when this returns, so that nobody tries it any more; the log may take its time. */
  async #conclude(message: Sending, from: readonly OutboxState[], outcome: SendOutcome): Promise<void> {
    const { messageId, accountId } = message
    if (!(await this.#change({ messageId, from, to: 'concluded', outcome }))) return this.#lookUp(message)
    if (outcome.status === 'uncertain') this.#ports.alarm('SEND_UNCERTAIN', { accountId })
    this.#run(message, () => this.#settle(message, outcome))
  }

  /**
   * The log first, then the store: whoever finds an attempt without its outcome after a crash waits for the receipt, which settles it.
   * Only when the log is away does the outcome stand in the store before.
   */
  async #settle(message: Sending, outcome: SendOutcome): Promise<void> {
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
        return this.#lookUp(message)
      this.#finish(messageId)
      await this.#untilStored(() => this.#ports.append([command]))
    }
    await this.#change({ messageId, from: UNSETTLED, to: 'done', outcome })
  }

  /** Somebody else moved it: another gateway that owned the partition, or a receipt. */
  async #lookUp(message: Sending): Promise<void> {
    const { messageId } = message
    const stored = await this.#untilStored(() => this.#ports.outbox.load(messageId))
    const now = this.#ports.now()
    switch (stored?.state) {
      case undefined:
      case 'concluded':
      case 'done':
        return this.#finish(messageId)
      case 'attempting':
      case 'uncertain':
        message.attempt = stored.attempt
        message.attemptId = stored.attemptId
        message.attemptAt = stored.attemptAt
        message.giveUpAt = this.#givesUpAt(stored, now)
        return this.#schedule.hang(messageId, now + this.#settings.resendAfterMs)
      case 'pending':
      case 'resending':
        message.attempt = stored.attempt
        message.tries = stored.tries
        return this.#schedule.postpone(messageId, now + 1_000)
    }
  }

  #finish(messageId: string): void {
    const contactId = this.#schedule.get(messageId)?.contactId
    if (contactId === undefined) return
    this.#schedule.finish(messageId)
    if (this.#schedule.sizeOf(contactId) === 0) this.#backlog.emptied(contactId)
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

const retryWaitMs = (tries: number): number => Math.min(RETRY_FIRST_MS * 2 ** (tries - 1), RETRY_LONGEST_MS)

function sending(message: OutboxMessage & Partial<StoredOutboxMessage>): Sending {
  const { attempt = 1, tries = 0, attemptId = '', attemptAt = 0 } = message
  return { ...message, attempt, tries, attemptId, attemptAt, giveUpAt: 0, isAsked: false, fileTries: 0 }
}

/** Where a message waits for its attempt. */
function stateOf({ attempt }: Sending): OutboxState {
  return attempt === 1 ? 'pending' : 'resending'
}

/** Nothing is known of the first attempt of a message that waits for its second: it may have arrived before the stop. */
function withheld({ attempt }: Sending, reason: string): SendOutcome {
  return attempt === 1 ? failed({ code: 0, title: reason }) : { status: 'uncertain' }
}

function failed({ code, title }: { readonly code: number; readonly title: string }): SendOutcome {
  return { status: 'failed', code, title }
}
