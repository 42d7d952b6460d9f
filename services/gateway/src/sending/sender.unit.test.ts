import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { type ConversationCommand, contentOf } from '@parley/conversation'
import type { NewCommand } from '@parley/kernel'
import { describe, expect, test, vi } from 'vitest'
import type { CallResult } from './answer.ts'
import { HELD } from './backlog.ts'
import { MemoryOutbox } from './outbox.fixture.ts'
import type { OutboxMessage } from './outbox.ts'
import { type AlarmCode, Sender, type SenderPorts, type SenderSettings } from './sender.ts'

const SETTINGS: SenderSettings = {
  perSecond: () => 100_000,
  pair: { burst: 1_000, perSecond: 1_000 },
  attemptsMax: 64,
  probeEveryMs: 40,
  callTimeoutMs: 50,
  resendAfterMs: 400,
  receiptWaitMs: 80,
  held: HELD,
}

const message = (
  contactId: string,
  streamVersion: number,
  text = `${contactId} ${streamVersion}`,
): OutboxMessage => ({
  messageId: `${contactId}-${streamVersion}`,
  contactId,
  accountId: 'A',
  partition: 0,
  streamVersion,
  conversationId: 'conversation',
  causationId: 'event',
  traceparent: '',
  position: streamVersion,
  replyToProviderMessageId: '',
  content: contentOf({ messages: [{ body: { $case: 'text', value: { text } } }] }),
})

const sentAs = (id: string): CallResult => ({
  outcome: 'answered',
  status: 200,
  json: { messages: [{ id }] },
})
const errorOf = (code: number, status = 400): CallResult => ({
  outcome: 'answered',
  status,
  json: { error: { code, message: 'x' } },
})

/** WhatsApp, Mongo and the log as far as the sender sees them; senders come and go. */
class World {
  readonly outbox = new MemoryOutbox()
  readonly calls: string[] = []
  readonly commands: NewCommand<ConversationCommand>[] = []
  readonly alarms: AlarmCode[] = []
  readonly senders: Sender[] = []
  /** Whose receipt has come. */
  latestCall = 0
  answer: (messageId: string, nth: number) => CallResult | Promise<CallResult> = (id) => sentAs(`wamid.${id}`)
  append: SenderPorts['append'] = async (commands) => void this.commands.push(...commands)

  async sender(settings: Partial<SenderSettings> = {}, partitions = [0]): Promise<Sender> {
    let ids = 0
    const sender = new Sender(
      {
        outbox: this.outbox,
        receipts: { latestCall: async () => this.latestCall },
        channelFile: async () => ({ outcome: 'later' }),
        addressOf: async () => ({ waId: '1', userId: '', parentUserId: '' }),
        call: async (_, body) => {
          const id = String(body['biz_opaque_callback_data'])
          this.calls.push(id)
          return this.answer(id, this.calls.filter((each) => each === id).length)
        },
        append: (commands) => this.append(commands),
        traced: (_, work) => work(),
        now: () => Date.now(),
        newId: () => `attempt-${Math.random()}-${ids++}`,
        alarm: (code) => void this.alarms.push(code),
        trouble: () => {},
      },
      { ...SETTINGS, ...settings },
    )
    this.senders.push(sender)
    await sender.own(partitions, partitions.length)
    return sender
  }

  async put(sender: Sender, ...messages: readonly OutboxMessage[]): Promise<void> {
    await this.outbox.put(messages)
    await sender.add(messages)
  }

  types(): string[] {
    return this.commands.map(({ type }) => type)
  }

  states(): string[] {
    return [...this.outbox.rows.values()].map(({ state }) => state)
  }

  async allDone(): Promise<void> {
    const isDone = () => this.states().every((state) => state === 'done')
    await vi.waitUntil(isDone, { timeout: 20_000, interval: 2 })
  }
}

test('a message goes out once, and what the provider called it is recorded', async () => {
  const world = new World()
  await world.put(await world.sender(), message('ana', 1))
  await world.allDone()
  expect(world.calls).toEqual(['ana-1'])
  expect(world.commands).toMatchObject([
    {
      streamId: 'ana',
      correlationId: 'conversation',
      type: 'RecordMessageSent',
      data: { messageId: 'ana-1', providerMessageId: 'wamid.ana-1' },
    },
  ])
})

test('the order of a contact holds through errors and delays', async () => {
  const world = new World()
  const waits = [15, 0, 8, 3, 1]
  world.answer = async (id, nth) => {
    await delay(waits[world.calls.length % waits.length])
    if (id === 'ana-2' && nth === 1) return errorOf(131000, 500)
    if (id === 'ana-3' && nth < 3) return errorOf(130429, 429)
    if (id === 'ana-4') return errorOf(131026)
    return sentAs(`wamid.${id}`)
  }
  const sender = await world.sender()
  await world.put(sender, ...[1, 2, 3, 4, 5].map((version) => message('ana', version)), message('bia', 1))
  await world.allDone()
  const ana = world.calls.filter((id) => id.startsWith('ana'))
  expect(ana).toEqual(['ana-1', 'ana-2', 'ana-2', 'ana-3', 'ana-3', 'ana-3', 'ana-4', 'ana-5'])
  expect(world.commands.filter(({ type }) => type === 'RecordMessageFailed')).toMatchObject([
    { data: { messageId: 'ana-4', providerCode: 131026 } },
  ])
})

describe('an attempt without an answer', () => {
  test('is not repeated, and is recorded as uncertain when no receipt comes', async () => {
    const world = new World()
    world.answer = (id) => (id === 'ana-1' ? { outcome: 'lost', reason: 'ECONNRESET' } : sentAs('wamid.2'))
    await world.put(await world.sender(), message('ana', 1), message('ana', 2))
    await expect.poll(() => world.states()[0]).toBe('uncertain')
    expect(world.calls).toEqual(['ana-1'])
    await world.allDone()
    expect(world.calls).toEqual(['ana-1', 'ana-2'])
    expect(world.types()).toEqual(['RecordMessageUncertain', 'RecordMessageSent'])
    expect(world.alarms).toEqual(['SEND_UNCERTAIN'])
  })

  test('is settled by its receipt: nothing more is said, and the next message goes at once', async () => {
    const world = new World()
    world.answer = (id) => (id === 'ana-1' ? { outcome: 'lost', reason: 'ECONNRESET' } : sentAs('wamid.2'))
    const sender = await world.sender({ receiptWaitMs: 60_000 })
    await world.put(sender, message('ana', 1), message('ana', 2))
    await expect.poll(() => world.states()[0]).toBe('uncertain')
    await sender.settledByReceipt('ana-1')
    await world.allDone()
    expect(world.calls).toEqual(['ana-1', 'ana-2'])
    expect(world.types()).toEqual(['RecordMessageSent'])
  })

  test('may get its receipt before its answer: the answer adds nothing', async () => {
    const world = new World()
    const { promise, resolve } = Promise.withResolvers<CallResult>()
    world.answer = () => promise
    const sender = await world.sender()
    await world.put(sender, message('ana', 1))
    await expect.poll(() => world.states()).toEqual(['attempting'])
    await sender.settledByReceipt('ana-1')
    resolve(sentAs('wamid.1'))
    await world.allDone()
    await sender.drain()
    expect(world.commands).toEqual([])
    expect(world.calls).toEqual(['ana-1'])
  })
})

describe('an attempt without a receipt, while receipts of later calls come', () => {
  const lost: CallResult = { outcome: 'lost', reason: 'ECONNRESET' }
  const asked = (world: World) => world.types().filter((type) => type === 'RecordMessageResent').length

  test('is made once more when the log lets it, and not before', async () => {
    const world = new World()
    world.answer = (id, nth) => (id === 'ana-1' && nth === 1 ? lost : sentAs(`wamid.${id}.${nth}`))
    const sender = await world.sender({ receiptWaitMs: 60_000 })
    await world.put(sender, message('ana', 1), message('ana', 2))
    await expect.poll(() => world.states()[0]).toBe('uncertain')
    world.latestCall = Date.now() + 1
    await expect.poll(() => asked(world)).toBe(1)
    expect(world.commands).toMatchObject([{ streamId: 'ana', data: { messageId: 'ana-1', attempt: 2 } }])
    expect(world.calls).toEqual(['ana-1'])
    await sender.resend('ana-1')
    // The event may come again.
    await sender.resend('ana-1')
    await world.allDone()
    expect(world.calls).toEqual(['ana-1', 'ana-1', 'ana-2'])
    expect(world.types()).toEqual(['RecordMessageResent', 'RecordMessageSent', 'RecordMessageSent'])
    expect(world.alarms).toEqual(['SEND_RESENT'])
  })

  test('is asked for until that is in the log: what was only tried was not asked', async () => {
    const world = new World()
    world.answer = () => lost
    world.latestCall = Date.now() + 60_000
    let tries = 0
    world.append = async (commands) => {
      if ((tries += 1) < 3) throw new Error('no log')
      world.commands.push(...commands)
    }
    await world.put(await world.sender({ receiptWaitMs: 60_000 }), message('ana', 1))
    await expect.poll(() => asked(world)).toBe(1)
    expect(tries).toBe(3)
  })

  test('is not asked for again before its time, nor for receipts of earlier calls', async () => {
    const world = new World()
    world.answer = () => lost
    world.latestCall = Date.now() - 1
    const sender = await world.sender({ receiptWaitMs: 60_000 })
    await world.put(sender, message('ana', 1))
    await expect.poll(() => world.states()).toEqual(['uncertain'])
    const { attemptAt } = world.outbox.rows.get('ana-1')!
    await expect.poll(() => Date.now() > attemptAt + 500).toBe(true)
    expect(asked(world)).toBe(0)
    world.latestCall = attemptAt + 1
    await expect.poll(() => asked(world)).toBe(1)
    expect(Date.parse(world.commands[0]!.occurredAt)).toBeGreaterThanOrEqual(attemptAt + 400)
  })

  test('has its time for a receipt, whatever came of later calls meanwhile', async () => {
    const world = new World()
    world.answer = () => lost
    world.latestCall = Date.now() + 60_000
    await world.put(await world.sender({ receiptWaitMs: 60_000 }), message('ana', 1))
    await expect.poll(() => asked(world)).toBe(1)
    const { attemptAt } = world.outbox.rows.get('ana-1')!
    expect(Date.parse(world.commands[0]!.occurredAt)).toBeGreaterThanOrEqual(
      attemptAt + SETTINGS.resendAfterMs,
    )
  })

  test('is settled by a receipt that the log had before it let it go again, or after', async () => {
    for (const isLetGo of [false, true]) {
      const world = new World()
      world.answer = () => lost
      world.latestCall = Date.now() + 60_000
      // The number takes nothing more, so the second attempt cannot begin.
      const limits = { pair: { burst: 1, perSecond: 1e-6 }, receiptWaitMs: 60_000 }
      const sender = await world.sender(limits)
      await world.put(sender, message('ana', 1))
      await expect.poll(() => asked(world)).toBe(1)
      if (isLetGo) await sender.resend('ana-1')
      expect(world.states()).toEqual([isLetGo ? 'resending' : 'uncertain'])
      await sender.settledByReceipt('ana-1')
      await sender.resend('ana-1')
      expect(world.states()).toEqual(['done'])
      expect(world.calls).toEqual(['ana-1'])
      expect(sender.held).toBe(0)
    }
  })

  test('stays uncertain when its second attempt has no answer either', async () => {
    const world = new World()
    world.answer = () => lost
    world.latestCall = Date.now() + 60_000
    const sender = await world.sender({ receiptWaitMs: 2_000 })
    await world.put(sender, message('ana', 1))
    await expect.poll(() => asked(world)).toBe(1)
    await sender.resend('ana-1')
    await expect.poll(() => world.outbox.rows.get('ana-1')).toMatchObject({ state: 'uncertain', attempt: 2 })
    // After a crash the event comes again.
    await sender.resend('ana-1')
    await world.allDone()
    expect(world.calls).toEqual(['ana-1', 'ana-1'])
    expect(world.types()).toEqual(['RecordMessageResent', 'RecordMessageUncertain'])
  })

  test('is judged by the attempt that was made last, by whichever gateway', async () => {
    const world = new World()
    world.answer = () => lost
    const sender = await world.sender({ receiptWaitMs: 60_000 })
    await world.put(sender, message('ana', 1))
    await expect.poll(() => world.states()).toEqual(['uncertain'])
    const row = world.outbox.rows.get('ana-1')!
    const first = row.attemptAt
    row.attemptId = "another gateway's"
    row.attemptAt = first + 200
    world.latestCall = first + 300
    await expect.poll(() => asked(world)).toBe(1)
    expect(Date.parse(world.commands[0]!.occurredAt)).toBeGreaterThanOrEqual(first + 600)
  })

  test('that the log lets go after another gateway made one stays the first attempt, and is asked for by that one', async () => {
    const world = new World()
    world.answer = () => lost
    const sender = await world.sender({ receiptWaitMs: 60_000 })
    await world.put(sender, message('ana', 1))
    await expect.poll(() => world.states()).toEqual(['uncertain'])
    const row = world.outbox.rows.get('ana-1')!
    row.attemptId = "another gateway's"
    await sender.resend('ana-1')
    expect(row).toMatchObject({ state: 'uncertain', attempt: 1 })
    world.latestCall = row.attemptAt + 1
    await expect.poll(() => asked(world), { timeout: 20_000 }).toBe(1)
    expect(world.calls).toEqual(['ana-1'])
  })

  test('is given up when the rules do not answer, and then not made again', async () => {
    const world = new World()
    world.answer = () => lost
    world.latestCall = Date.now() + 60_000
    const sender = await world.sender({ receiptWaitMs: 2_000 })
    await world.put(sender, message('ana', 1))
    await world.allDone()
    await sender.resend('ana-1')
    expect(world.calls).toEqual(['ana-1'])
    expect(world.types()).toEqual(['RecordMessageResent', 'RecordMessageUncertain'])
  })

  test('is made again by a successor, which finds the second attempt in the store', async () => {
    const world = new World()
    world.answer = () => lost
    world.latestCall = Date.now() + 60_000
    const limits = { pair: { burst: 1, perSecond: 1e-6 }, receiptWaitMs: 60_000 }
    const sender = await world.sender(limits)
    await world.put(sender, message('ana', 1))
    await expect.poll(() => asked(world)).toBe(1)
    await sender.resend('ana-1')
    world.answer = () => sentAs('wamid.2')
    await world.sender()
    await world.allDone()
    expect(world.calls).toEqual(['ana-1', 'ana-1'])
  })

  test('after a stop is not made again, and not called a failure: it may have arrived', async () => {
    const world = new World()
    world.answer = () => lost
    world.latestCall = Date.now() + 60_000
    const limits = { pair: { burst: 1, perSecond: 1e-6 }, receiptWaitMs: 60_000 }
    const sender = await world.sender(limits)
    await world.put(sender, message('ana', 1))
    await expect.poll(() => asked(world)).toBe(1)
    await sender.resend('ana-1')
    await sender.suppress({ contactId: 'ana', partition: 0, beforeVersion: 9, reason: 'CONTACT_OPTED_OUT' })
    await world.allDone()
    expect(world.calls).toEqual(['ana-1'])
    expect(world.types()).toEqual(['RecordMessageResent', 'RecordMessageUncertain'])
  })
})

test('an attempt that was written down too long before its call is not made: somebody else may take it for lost', async () => {
  const world = new World()
  const change = world.outbox.change.bind(world.outbox)
  const steps: string[] = []
  world.outbox.change = async (step) => {
    const taken = await change(step)
    // The process stands still between the two, once.
    if (steps.push(step.to) === 1) await delay(300)
    return taken
  }
  await world.put(await world.sender({ resendAfterMs: 1_000, receiptWaitMs: 60_000 }), message('ana', 1))
  await world.allDone()
  expect(world.calls).toEqual(['ana-1'])
  expect(steps).toEqual(['attempting', 'pending', 'attempting', 'done'])
})

test('what cannot start now is not written down as begun', async () => {
  const world = new World()
  const { promise, resolve } = Promise.withResolvers<CallResult>()
  world.answer = () => promise
  const slow = await world.sender({ attemptsMax: 1 })
  const contacts = ['ana', 'bia', 'caio'].map((contact) => message(contact, 1))
  await world.put(slow, ...contacts, message('ana', 2))
  await expect.poll(() => world.calls).toHaveLength(1)
  expect(world.states()).toEqual(['attempting', 'pending', 'pending', 'pending'])
  resolve(errorOf(190, 401))
  // The number is paused: all go back.
  await expect.poll(() => slow.gateOf('A').state).toBe('stopped')
  await expect.poll(() => world.states()).toEqual(Array(4).fill('pending'))
})

describe('what waits for long', () => {
  const held = { messages: 40, readyMax: 8, readyMin: 4, messagesOfContact: 2, page: 5 }
  const many = (contacts: number, each: number) =>
    Array.from({ length: each }, (_, version) =>
      Array.from({ length: contacts }, (_, contact) => ({
        ...message(`c${contact}`, version + 1),
        partition: contact % 3,
        position: version * contacts + contact,
      })),
    ).flat()
  const inOrder = (world: World, contacts: number, each: number) => {
    for (let contact = 0; contact < contacts; contact++)
      expect(world.calls.filter((id) => id.startsWith(`c${contact}-`))).toEqual(
        Array.from({ length: each }, (_, version) => `c${contact}-${version + 1}`),
      )
  }

  test('stays in the store, and goes out in the order of each contact as room comes up', async () => {
    const world = new World()
    let isMended = false
    world.answer = (id) => (isMended ? sentAs(`wamid.${id}`) : errorOf(190, 401))
    const sender = await world.sender({ held }, [0, 1, 2])
    let most = 0
    for (const part of many(30, 7)) {
      await world.put(sender, part)
      most = Math.max(most, sender.held)
    }
    expect(most).toBeLessThanOrEqual(held.readyMax * held.messagesOfContact)
    isMended = true
    await world.allDone()
    await sender.drain()
    // The first of each contact is what was tried in vain.
    const calls = world.calls.filter((id, index) => world.calls.indexOf(id) === index)
    world.calls.splice(0, world.calls.length, ...calls)
    inOrder(world, 30, 7)
    expect(sender.held).toBe(0)
  })

  test('is taken over by a successor in the same order, with what is asked for meanwhile', async () => {
    const world = new World()
    const messages = many(20, 6)
    await world.outbox.put(messages.slice(0, 80))
    const sender = await world.sender({ held }, [0, 1, 2])
    for (const part of messages.slice(80)) await world.put(sender, part)
    await world.allDone()
    await sender.drain()
    inOrder(world, 20, 6)
    expect(world.calls).toHaveLength(120)
  })

  test('is not overtaken by what is asked for while a successor takes over', async () => {
    const world = new World()
    await world.outbox.put([message('ana', 1)])
    const { promise: isRead, resolve } = Promise.withResolvers<void>()
    const backlogs = world.outbox.backlogs.bind(world.outbox)
    world.outbox.backlogs = async (partitions) => {
      await isRead
      return backlogs(partitions)
    }
    const owning = world.sender()
    const sender = world.senders.at(-1)!
    const put = world.put(sender, message('ana', 2))
    await Promise.race([put, delay(20)])
    expect(world.calls).toEqual([])
    resolve()
    await Promise.all([owning, put])
    await world.allDone()
    expect(world.calls).toEqual(['ana-1', 'ana-2'])
  })

  test('is not overtaken by what is asked for while the store lets nobody take over: that comes again', async () => {
    const world = new World()
    const sender = await world.sender()
    await world.outbox.put([message('ana', 1)])
    let isAway = true
    const backlogs = world.outbox.backlogs.bind(world.outbox)
    world.outbox.backlogs = async (partitions) => {
      if (isAway) throw new Error('The store is away.')
      return backlogs(partitions)
    }
    await expect(sender.own([0], 1)).rejects.toThrow('The store is away.')
    await expect(world.put(sender, message('ana', 2))).rejects.toThrow('The store is away.')
    const stop = { contactId: 'bia', partition: 0, beforeVersion: 1, reason: 'CONTACT_BLOCKED' } as const
    await expect(sender.suppress(stop), 'nor is a stop passed over').rejects.toThrow('The store is away.')
    isAway = false
    await sender.own([0], 1)
    await world.put(sender, message('ana', 2))
    await world.allDone()
    expect(world.calls).toEqual(['ana-1', 'ana-2'])
  })

  test('is withheld in the store as well when its customer says stop', async () => {
    const world = new World()
    world.answer = () => errorOf(190, 401)
    const sender = await world.sender({ held, probeEveryMs: 60_000 }, [0, 1, 2])
    await world.put(sender, ...many(30, 4))
    await expect.poll(() => sender.gateOf('A').state).toBe('stopped')
    await sender.suppress({ contactId: 'c29', partition: 2, beforeVersion: 4, reason: 'CONTACT_BLOCKED' })
    await expect
      .poll(() => [1, 2, 3, 4].map((version) => world.outbox.rows.get(`c29-${version}`)!.state))
      .toEqual(['done', 'done', 'done', 'pending'])
  })
})

describe('a process that dies', () => {
  test('between attempt and answer: its successor does not send again, and says uncertain', async () => {
    const world = new World()
    world.answer = (id) => (id === 'ana-1' ? new Promise(() => {}) : sentAs('wamid.2'))
    await world.put(await world.sender(), message('ana', 1), message('ana', 2))
    await expect.poll(() => world.states()).toEqual(['attempting', 'pending'])
    // The first sender is left where it is, as kill -9 leaves it.
    await world.sender()
    await world.allDone()
    expect(world.calls).toEqual(['ana-1', 'ana-2'])
    expect(world.types()).toEqual(['RecordMessageUncertain', 'RecordMessageSent'])
  })

  test('between attempt and answer: a receipt settles it at its successor', async () => {
    const world = new World()
    world.answer = () => new Promise(() => {})
    await world.put(await world.sender(), message('ana', 1))
    await expect.poll(() => world.states()).toEqual(['attempting'])
    const successor = await world.sender({ receiptWaitMs: 60_000 })
    await successor.settledByReceipt('ana-1')
    await world.allDone()
    expect(world.calls).toEqual(['ana-1'])
    expect(world.commands).toEqual([])
  })

  test('between answer and log: its successor waits for the receipt, and does not send again', async () => {
    const world = new World()
    world.append = () => new Promise(() => {})
    await world.put(await world.sender(), message('ana', 1))
    await expect.poll(() => world.calls).toEqual(['ana-1'])
    const successor = await world.sender({ receiptWaitMs: 60_000 })
    await successor.settledByReceipt('ana-1')
    await world.allDone()
    expect(world.calls).toEqual(['ana-1'])
  })

  test('while the log is away: its successor says the outcome, a failure as well', async () => {
    const world = new World()
    world.answer = (id) => (id === 'ana-1' ? errorOf(131026) : sentAs(`wamid.${id}`))
    world.append = async () => {
      throw new Error('no log')
    }
    await world.put(await world.sender(), message('ana', 1), message('ana', 2))
    await expect.poll(() => world.states()).toEqual(['concluded', 'concluded'])
    const said: NewCommand<ConversationCommand>[] = []
    world.append = async (commands) => void said.push(...commands)
    await world.sender()
    await world.allDone()
    expect(world.calls).toEqual(['ana-1', 'ana-2'])
    expect(said).toMatchObject([
      { type: 'RecordMessageFailed', data: { providerCode: 131026 } },
      { type: 'RecordMessageSent', data: { providerMessageId: 'wamid.ana-2' } },
    ])
  })
})

describe('a customer who said stop', () => {
  const stop = { contactId: 'ana', partition: 0, beforeVersion: 5, reason: 'CONTACT_OPTED_OUT' } as const
  const failures = (world: World) =>
    world.commands.flatMap(({ type, data }) =>
      type === 'RecordMessageFailed' ? [`${data.messageId} ${data.providerCode} ${data.providerTitle}`] : [],
    )

  test('gets none of what waits: each goes on record; what is on its way and what was asked for later stand', async () => {
    const world = new World()
    const { promise, resolve } = Promise.withResolvers<CallResult>()
    world.answer = (id) => (id === 'ana-1' ? promise : sentAs(`wamid.${id}`))
    const sender = await world.sender()
    await world.put(sender, ...[1, 2, 3, 6].map((version) => message('ana', version)), message('bia', 1))
    await expect.poll(() => world.outbox.rows.get('ana-1')?.state).toBe('attempting')
    await sender.suppress(stop)
    resolve(sentAs('wamid.1'))
    await world.allDone()
    expect(world.calls.toSorted()).toEqual(['ana-1', 'ana-6', 'bia-1'])
    expect(failures(world)).toEqual(['ana-2 0 CONTACT_OPTED_OUT', 'ana-3 0 CONTACT_OPTED_OUT'])
    expect(sender.held).toBe(0)
  })

  test('gets none that the same batch of events asked for', async () => {
    const world = new World()
    const sender = await world.sender()
    const messages = [message('ana', 3), message('ana', 4)]
    await world.outbox.put(messages)
    await Promise.all([sender.add(messages), sender.suppress({ ...stop, reason: 'CONTACT_BLOCKED' })])
    await world.allDone()
    expect(world.calls).toEqual([])
    expect(failures(world).toSorted()).toEqual(['ana-3 0 CONTACT_BLOCKED', 'ana-4 0 CONTACT_BLOCKED'])
  })

  test('gets no second attempt, whether the stop comes during the first one or while the message rests', async () => {
    for (const stopsWhile of ['attempting', 'pending']) {
      const world = new World()
      const { promise, resolve } = Promise.withResolvers<CallResult>()
      world.answer = () => promise
      const sender = await world.sender()
      const steps: string[] = []
      const change = world.outbox.change.bind(world.outbox)
      world.outbox.change = (step) => {
        steps.push(step.to)
        return change(step)
      }
      await world.put(sender, message('ana', 1))
      await expect.poll(() => world.states()).toEqual(['attempting'])
      if (stopsWhile === 'attempting') await sender.suppress(stop)
      resolve(errorOf(131056))
      if (stopsWhile === 'pending') {
        await vi.waitUntil(() => world.states()[0] === 'pending', { timeout: 20_000 })
        await sender.suppress(stop)
      }
      await world.allDone()
      expect(world.calls).toEqual(['ana-1'])
      expect(failures(world)).toEqual(['ana-1 0 CONTACT_OPTED_OUT'])
      // It never stood there as one to be sent again: a crash in between would lose the stop.
      expect(steps.includes('pending')).toBe(stopsWhile === 'pending')
    }
  })

  test('gets none of which the attempt was being written down when the stop came', async () => {
    const world = new World()
    const sender = await world.sender()
    const change = world.outbox.change.bind(world.outbox)
    world.outbox.change = async (step) => {
      const taken = await change(step)
      if (step.to === 'attempting') await sender.suppress(stop)
      return taken
    }
    await world.put(sender, message('ana', 1))
    await world.allDone()
    expect(world.calls).toEqual([])
    expect(failures(world)).toEqual(['ana-1 0 CONTACT_OPTED_OUT'])
  })

  test('gets no second attempt that was being written down when the stop came, and whether the first arrived is told as uncertain', async () => {
    const world = new World()
    world.answer = () => ({ outcome: 'lost', reason: 'ECONNRESET' })
    world.latestCall = Date.now() + 60_000
    const sender = await world.sender({ receiptWaitMs: 60_000 })
    await world.put(sender, message('ana', 1))
    await expect.poll(() => world.types()).toEqual(['RecordMessageResent'])
    const change = world.outbox.change.bind(world.outbox)
    world.outbox.change = async (step) => {
      const taken = await change(step)
      if (step.to === 'attempting') await sender.suppress(stop)
      return taken
    }
    await sender.resend('ana-1')
    await world.allDone()
    expect(world.calls).toEqual(['ana-1'])
    expect(world.types()).toEqual(['RecordMessageResent', 'RecordMessageUncertain'])
    expect(world.alarms).toEqual(['SEND_UNCERTAIN'])
  })

  test('gets none from a successor either, which also says what was not said yet', async () => {
    const world = new World()
    world.answer = () => errorOf(190, 401)
    const sender = await world.sender({ probeEveryMs: 60_000 })
    await world.put(sender, message('bia', 1))
    await expect.poll(() => sender.gateOf('A').state).toBe('stopped')
    await world.put(sender, message('ana', 1), message('ana', 2))
    world.append = () => new Promise(() => {})
    await sender.suppress(stop)
    expect(world.states()).toEqual(['pending', 'concluded', 'concluded'])
    world.answer = (id) => sentAs(`wamid.${id}`)
    world.append = async (commands) => void world.commands.push(...commands)
    const successor = await world.sender()
    // The event may come again.
    await successor.suppress(stop)
    await world.allDone()
    expect(world.calls).not.toContain('ana-1')
    expect(world.calls).not.toContain('ana-2')
    expect(failures(world).toSorted()).toEqual(['ana-1 0 CONTACT_OPTED_OUT', 'ana-2 0 CONTACT_OPTED_OUT'])
  })

  test('gets none while the store is away for the one step and there for the other', async () => {
    const world = new World()
    const sender = await world.sender()
    const change = world.outbox.change.bind(world.outbox)
    let outages = 1
    world.outbox.change = async (step) => {
      if (step.to === 'concluded' && outages-- > 0) throw new Error('no store')
      return change(step)
    }
    const messages = [message('ana', 1), message('ana', 2)]
    await world.outbox.put(messages)
    await Promise.all([sender.add(messages), sender.suppress(stop)])
    await world.allDone()
    expect(world.calls).toEqual([])
    expect(failures(world)).toHaveLength(2)
  })
})

test('two gateways that both believe they own the partition never both send', async () => {
  const world = new World()
  world.answer = async (id) => {
    await delay(1)
    return sentAs(`wamid.${id}`)
  }
  const [one, two] = [
    await world.sender({ receiptWaitMs: 60_000 }),
    await world.sender({ receiptWaitMs: 60_000 }),
  ]
  const messages = Array.from({ length: 50 }, (_, index) => message(`c${index}`, 1))
  await world.outbox.put(messages)
  await one.add(messages)
  await two.add(messages)
  await world.allDone()
  expect(world.calls.toSorted()).toEqual(messages.map(({ messageId }) => messageId).toSorted())
  expect(world.commands).toHaveLength(50)
})

test('a revoked token stops the number, loses nothing, and one message at a time is tried until it works', async () => {
  const world = new World()
  let isMended = false
  world.answer = (id) => (isMended ? sentAs(`wamid.${id}`) : errorOf(190, 401))
  const sender = await world.sender()
  await world.put(sender, ...['ana', 'bia', 'caio'].map((contact) => message(contact, 1)))
  await expect.poll(() => world.calls.length).toBeGreaterThan(4)
  expect(sender.gateOf('A')).toMatchObject({ state: 'stopped', code: 190 })
  isMended = true
  await world.allDone()
  expect(world.types()).toEqual(Array(3).fill('RecordMessageSent'))
  expect(world.alarms).toEqual(['CHANNEL_PAUSED', 'CHANNEL_RESUMED'])
})

test('a server that refuses connections is tried again until it takes them', async () => {
  const world = new World()
  world.answer = (id, nth) =>
    nth < 3 ? { outcome: 'notSent', reason: 'ECONNREFUSED' } : sentAs(`wamid.${id}`)
  await world.put(await world.sender(), message('ana', 1))
  await world.allDone()
  expect(world.calls).toHaveLength(3)
  expect(world.types()).toEqual(['RecordMessageSent'])
})

test('what breaks a limit is never sent: it fails with code 100', async () => {
  const world = new World()
  await world.put(await world.sender(), message('ana', 1, 'x'.repeat(4_097)), message('ana', 2))
  await world.allDone()
  expect(world.calls).toEqual(['ana-2'])
  expect(world.commands[0]).toMatchObject({
    type: 'RecordMessageFailed',
    data: { providerCode: 100 },
  })
})

test('a transient error that never passes ends in a failure', async () => {
  const world = new World()
  world.answer = () => errorOf(131053)
  await world.put(await world.sender(), message('ana', 1))
  await world.allDone()
  expect(world.calls).toHaveLength(3)
  expect(world.commands).toMatchObject([{ data: { providerCode: 131053 } }])
})

test('a store that takes a step and loses the answer does not make a message hang', async () => {
  const world = new World()
  const change = world.outbox.change.bind(world.outbox)
  let lost = 0
  world.outbox.change = async (step) => {
    const taken = await change(step)
    if (lost++ % 2 === 0) throw new Error('the answer was lost')
    return taken
  }
  await world.put(
    await world.sender({ resendAfterMs: 40_000, receiptWaitMs: 60_000 }),
    message('ana', 1),
    message('ana', 2),
  )
  await world.allDone()
  expect(world.calls).toEqual(['ana-1', 'ana-2'])
  expect(world.types()).toEqual(['RecordMessageSent', 'RecordMessageSent'])
})

test('the log away for a while delays the record, not the next message, and nothing is lost', async () => {
  const world = new World()
  let failures = 3
  world.append = async (commands) => {
    if (failures-- > 0) throw new Error('no log')
    world.commands.push(...commands)
  }
  await world.put(await world.sender(), message('ana', 1), message('ana', 2))
  await world.allDone()
  expect(world.calls).toEqual(['ana-1', 'ana-2'])
  expect(world.types()).toEqual(['RecordMessageSent', 'RecordMessageSent'])
})

test('while the log is away the next message of a contact goes once the outcome of the one before stands in the store', async () => {
  const world = new World()
  const steps: string[] = []
  world.append = async (commands) => {
    if (world.outbox.rows.get('ana-2')!.state === 'pending') throw new Error('no log')
    world.commands.push(...commands)
  }
  const change = world.outbox.change.bind(world.outbox)
  world.outbox.change = async (asked) => {
    if (asked.to === 'attempting') steps.push(`${asked.messageId} begins`)
    if (asked.to === 'concluded') for (let turn = 0; turn < 20; turn += 1) await nextTurn()
    const isOurs = await change(asked)
    if (asked.to === 'concluded') steps.push(`${asked.messageId} stands`)
    return isOurs
  }
  await world.put(await world.sender(), message('ana', 1), message('ana', 2))
  await world.allDone()
  expect(steps).toEqual(['ana-1 begins', 'ana-1 stands', 'ana-2 begins'])
})

test('what waits is read though the partitions were given out anew while a page of it was read', async () => {
  const world = new World()
  await world.outbox.put([message('ana', 1)])
  const release = Promise.withResolvers<void>()
  const isRead = Promise.withResolvers<void>()
  const open = world.outbox.open.bind(world.outbox)
  world.outbox.open = async (...asked) => {
    const page = await open(...asked)
    isRead.resolve()
    await release.promise
    return page
  }
  const sender = await world.sender()
  await isRead.promise
  await sender.own([0], 1)
  await world.put(sender, message('eva', 2))
  release.resolve()
  await world.allDone()
  expect(world.calls.toSorted()).toEqual(['ana-1', 'eva-2'])
})

test('a stop begins nothing more: what is asked for while a call is on its way stays for the next owner', async () => {
  const world = new World()
  const answered = Promise.withResolvers<CallResult>()
  world.answer = () => answered.promise
  const sender = await world.sender()
  await world.put(sender, message('ana', 1))
  await expect.poll(() => world.calls).toEqual(['ana-1'])
  const drained = sender.drain()
  await world.put(sender, message('eva', 1))
  answered.resolve(sentAs('wamid.1'))
  await drained
  expect(world.calls).toEqual(['ana-1'])
  expect(world.states()).toEqual(['done', 'pending'])
})
