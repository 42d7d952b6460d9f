import { deepStrictEqual as deepEqual, ok } from 'node:assert'
import { type ConversationCommand, contentOf } from '@parley/conversation'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CallResult } from './answer.ts'
import { HELD } from './backlog.ts'
import { MemoryOutbox } from './outbox.fixture.ts'
import type { OutboxMessage } from './outbox.ts'
import { Sender, type SenderSettings } from './sender.ts'

// Whatever is lost, late or killed: at most two calls for a message, a second one only by evidence, and the order of each contact kept.

const SETTINGS: SenderSettings = {
  perSecond: () => 100_000,
  pair: { burst: 1_000, perSecond: 1_000 },
  attemptsMax: 64,
  probeEveryMs: 1_000,
  callTimeoutMs: 15_000,
  resendAfterMs: 20_000,
  receiptWaitMs: 30_000,
  held: { ...HELD, readyMax: 4, readyMin: 2, messagesOfContact: 2, page: 3 },
}

/** What becomes of one call. */
interface Fate {
  readonly answer: 'given' | 'lost' | 'turned down for now' | 'never'
  readonly isTaken: boolean
  /** Until WhatsApp reports `sent`, if it took it. */
  readonly receiptAfterMs: number
  readonly answerAfterMs: number
}

type Step =
  | { readonly do: 'ask'; readonly contact: string }
  | { readonly do: 'wait'; readonly ms: number }
  /** Kill -9 at whatever it is doing, and a new one after a while. */
  | { readonly do: 'kill'; readonly downMs: number }
  /** Another gateway takes the partition while this one does not know yet. */
  | { readonly do: 'zombie' }
  /** Routing stands still for a while: what was said to it is answered later. */
  | { readonly do: 'routing stops'; readonly ms: number }

const fate: fc.Arbitrary<Fate> = fc.record({
  answer: fc.constantFrom('given', 'given', 'lost', 'lost', 'turned down for now', 'never'),
  isTaken: fc.boolean(),
  receiptAfterMs: fc.constantFrom(0, 100, 2_000, 2_000, 25_000, 70_000, Infinity),
  answerAfterMs: fc.constantFrom(0, 50, 3_000),
})
const contact = fc.constantFrom('ana', 'bia', 'caio')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('ask'), contact }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1, 60, 5_000, 25_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill'), downMs: fc.constantFrom(0, 3_000, 40_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('zombie') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('routing stops'), ms: fc.constantFrom(5_000, 60_000) }),
  },
)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('whatever is lost, late or killed, a message is called at most twice, by evidence, and in order', async () => {
  const plan = fc.tuple(fc.array(step, { minLength: 3, maxLength: 40 }), fc.array(fate, { maxLength: 60 }))
  await expect(
    fc.assert(
      fc.asyncProperty(plan, async ([steps, fates]) => {
        const world = new World(fates)
        for (const each of steps) await world.do(each)
        await world.finish()
      }),
      runs(150),
    ),
  ).resolves.toBeUndefined()
})

type Happened = { readonly kind: 'asked'; readonly message: OutboxMessage } | RuleEvent
type RuleEvent = { readonly kind: 'settled' | 'resent'; readonly messageId: string }

/** WhatsApp, the store, the log and the rules, as far as the sender sees them; gateways come and go. */
class World {
  readonly #fates: Fate[]
  readonly #outbox = new MemoryOutbox()
  readonly #log: Happened[] = []
  readonly #calls: { readonly id: string; readonly at: number; readonly counts: boolean }[] = []
  readonly #status = new Map<string, 'queued' | 'resent' | 'settled'>()
  readonly #versions = new Map<string, number>()
  readonly #uncertain = new Set<string>()
  readonly #broken: string[] = []
  /** When the latest call was made of which `sent` was reported. */
  #latestCall = 0
  #routingStopsUntil = 0
  #growth = Promise.withResolvers<void>()
  /** Everything before is handled: where the group's offset stands. */
  #offset = 0
  #gateway: { sender: Sender; isAlive: boolean; isOwner: boolean } | undefined

  constructor(fates: readonly Fate[]) {
    this.#fates = [...fates]
  }

  async do(step: Step): Promise<void> {
    if (this.#gateway === undefined) await this.#start()
    switch (step.do) {
      case 'ask':
        this.#ask(step.contact)
        break
      case 'wait':
        await this.#pass(step.ms)
        break
      case 'kill':
        this.#gateway!.isAlive = false
        await this.#pass(step.downMs)
        await this.#start()
        break
      case 'zombie':
        this.#gateway!.isOwner = false
        await this.#start()
        break
      case 'routing stops':
        this.#routingStopsUntil = Date.now() + step.ms
        break
    }
    await this.#pass(1)
  }

  async finish(): Promise<void> {
    if (this.#gateway === undefined) await this.#start()
    for (let waited = 0; waited < 100 && !this.#isDone(); waited++) await this.#pass(20_000)
    deepEqual(this.#broken, [])
    ok(this.#isDone(), 'nobody waits for ever')
    this.#gateway!.isAlive = false
    this.#checkOrder()
  }

  #isDone(): boolean {
    return (
      this.#offset === this.#log.length &&
      [...this.#outbox.rows.values()].every(({ state }) => state === 'done') &&
      [...this.#status].every(([id, status]) => status === 'settled' || this.#uncertain.has(id))
    )
  }

  #checkOrder(): void {
    for (const contactId of this.#versions.keys()) {
      const versions = this.#calls
        .filter(({ id }) => id.startsWith(`${contactId}-`))
        .map(({ id }) => Number(id.split('-')[1]))
      deepEqual(
        versions,
        versions.toSorted((left, right) => left - right),
        'the order of a contact',
      )
    }
  }

  #ask(contactId: string): void {
    const version = (this.#versions.get(contactId) ?? 0) + 1
    this.#versions.set(contactId, version)
    const messageId = `${contactId}-${version}`
    this.#status.set(messageId, 'queued')
    this.#happened({
      kind: 'asked',
      message: {
        messageId,
        contactId,
        accountId: 'A',
        partition: 0,
        streamVersion: version,
        conversationId: '',
        causationId: '',
        traceparent: '',
        position: this.#log.length,
        replyToProviderMessageId: '',
        content: contentOf({ messages: [{ body: { $case: 'text', value: { text: 'x' } } }] }),
      },
    })
  }

  async #start(): Promise<void> {
    const gateway: { sender: Sender; isAlive: boolean; isOwner: boolean } = {
      sender: undefined as never,
      isAlive: true,
      isOwner: true,
    }
    // Nothing of a dead one reaches the world, and no answer reaches it.
    const alive = async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
      if (!gateway.isAlive) return new Promise(() => {})
      const result = await work()
      return gateway.isAlive ? result : new Promise(() => {})
    }
    const outbox = this.#outbox
    let ids = 0
    gateway.sender = new Sender(
      {
        outbox: {
          put: (messages) => alive(() => outbox.put(messages)),
          change: (change) => alive(() => outbox.change(change)),
          load: (messageId) => alive(() => outbox.load(messageId)),
          begun: (partitions) => outbox.begun(partitions),
          backlogs: (partitions) => alive(() => outbox.backlogs(partitions)),
          open: (of, after, limit) => alive(() => outbox.open(of, after, limit)),
        },
        receipts: { latestCall: () => alive(() => this.#latestCall) },
        channelFile: async () => ({ outcome: 'later' }),
        addressOf: async () => ({ waId: '1', userId: '', parentUserId: '' }),
        call: (_, body) => alive(() => this.#call(String(body['biz_opaque_callback_data']))),
        append: (commands) => alive(() => commands.forEach((command) => this.#say(command))),
        traced: (_, work) => work(),
        now: () => Date.now(),
        newId: () => `${Math.random()} ${ids++}`,
        alarm: () => {},
        trouble: () => {},
      },
      SETTINGS,
    )
    this.#gateway = gateway
    await gateway.sender.own([0], 1)
    void this.#read(gateway)
  }

  /** One batch after the other; what was not handled when it died comes again. */
  async #read(gateway: { sender: Sender; isAlive: boolean; isOwner: boolean }): Promise<void> {
    while (gateway.isAlive && gateway.isOwner) {
      const batch = this.#log.slice(this.#offset, this.#offset + 4)
      if (batch.length === 0) {
        await this.#growth.promise
        continue
      }
      const asked = batch.flatMap((event) => (event.kind === 'asked' ? [event.message] : []))
      const of = (kind: RuleEvent['kind']) =>
        batch.flatMap((event) => (event.kind === kind ? [event.messageId] : []))
      await this.#outbox.put(asked)
      await Promise.all(of('settled').map((messageId) => gateway.sender.settledByReceipt(messageId)))
      await Promise.all(of('resent').map((messageId) => gateway.sender.resend(messageId)))
      await gateway.sender.add(asked)
      if (gateway.isAlive && gateway.isOwner) this.#offset += batch.length
    }
  }

  async #call(id: string): Promise<CallResult> {
    const at = Date.now()
    const { answer, isTaken, receiptAfterMs, answerAfterMs } = this.#fates.shift() ?? {
      answer: 'given',
      isTaken: true,
      receiptAfterMs: 100,
      answerAfterMs: 0,
    }
    const wasTaken = answer === 'given' || (isTaken && answer !== 'turned down for now')
    const before = this.#calls.filter((call) => call.id === id && call.counts)
    this.#calls.push({ id, at, counts: answer !== 'turned down for now' })
    if (before.length >= 2) this.#broken.push(`${id} is called a third time`)
    if (before.length === 1) {
      if (at - before[0]!.at < SETTINGS.resendAfterMs) this.#broken.push(`${id} is called again too soon`)
      if (this.#latestCall <= before[0]!.at) this.#broken.push(`${id} is called again without evidence`)
      if (!this.#hasLeave(id)) this.#broken.push(`${id} is called again without leave`)
    }
    if (wasTaken && receiptAfterMs !== Infinity) setTimeout(() => this.#receipt(id, at), receiptAfterMs)
    if (answer === 'never') await new Promise((resolve) => setTimeout(resolve, SETTINGS.callTimeoutMs))
    else await new Promise((resolve) => setTimeout(resolve, answerAfterMs))
    switch (answer) {
      case 'given':
        return {
          outcome: 'answered',
          status: 200,
          json: { messages: [{ id: `wamid.${this.#calls.length}` }] },
        }
      case 'turned down for now':
        return { outcome: 'answered', status: 500, json: { error: { code: 131000, message: 'x' } } }
      case 'lost':
      case 'never':
        return { outcome: 'lost', reason: 'x' }
    }
  }

  /** The log let it go again, and no receipt stands in what was handled of the log: of one behind that no gateway can know. */
  #hasLeave(messageId: string): boolean {
    const stands = (kind: RuleEvent['kind'], events: readonly Happened[]) =>
      events.some((event) => event.kind === kind && event.messageId === messageId)
    return stands('resent', this.#log) && !stands('settled', this.#log.slice(0, this.#offset))
  }

  #receipt(messageId: string, calledAt: number): void {
    this.#latestCall = Math.max(this.#latestCall, calledAt)
    this.#afterRouting(() => this.#settle(messageId))
  }

  #say(command: ConversationCommand): void {
    this.#afterRouting(() => this.#decide(command))
  }

  /** One command after the other, in the order in which they came. */
  #afterRouting(work: () => void): void {
    const delayed = (): void => {
      const waitMs = this.#routingStopsUntil - Date.now()
      if (waitMs > 0) setTimeout(delayed, waitMs)
      else work()
    }
    setTimeout(delayed, 5)
  }

  #decide({ type, data }: ConversationCommand): void {
    switch (type) {
      case 'RecordMessageSent':
      case 'RecordMessageFailed':
        return this.#settle(data.messageId)
      case 'RecordMessageUncertain':
        this.#uncertain.add(data.messageId)
        return
      case 'RecordMessageResent': {
        const { messageId } = data
        if (this.#status.get(messageId) !== 'queued' || this.#uncertain.has(messageId)) return
        this.#status.set(messageId, 'resent')
        this.#happened({ kind: 'resent', messageId })
        return
      }
      default:
        throw new Error(`The sender does not say ${type}.`)
    }
  }

  #settle(messageId: string): void {
    if (this.#status.get(messageId) === 'settled') return
    this.#status.set(messageId, 'settled')
    this.#happened({ kind: 'settled', messageId })
  }

  #happened(event: Happened): void {
    this.#log.push(event)
    this.#growth.resolve()
    this.#growth = Promise.withResolvers()
  }

  async #pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms)
  }
}
