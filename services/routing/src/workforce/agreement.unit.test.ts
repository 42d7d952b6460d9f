import { type ConversationCommand, type ConversationEvent, conversations } from '@parley/conversation'
import {
  type NewCommand,
  type RecordedEvent,
  type StreamState,
  decideOn,
  deterministicId,
  emptyStream,
} from '@parley/kernel'
import { readEventOf } from '@parley/testkit'
import {
  CONVERSATION_HEARS,
  POOL_HEARS,
  PRESENCES,
  type WorkforceCommand,
  type WorkforceEvent,
  workforces,
} from '@parley/workforce'
import {
  type Arbitrary,
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  tuple,
} from 'fast-check'
import { expect, test } from 'vitest'
import { Pool, agent, pool, queue, supervisor, wrongWith } from '../../test/pool.ts'
import { type Wish, completes, expires, handOver, isSent, says, testPolicy } from '../../test/story.ts'
import { conversationDecider } from '../conversation/decider.ts'
import type { ContactState } from '../conversation/state.ts'
import { conversationWishes, poolWishes } from './process-managers.ts'

const CONTACTS = ['contact-1', 'contact-2', 'contact-3'] as const
const AGENTS = ['ana', 'bia'] as const
const policy = { ...testPolicy(), reopenSeconds: 300 }
const configuration = pool(
  [
    queue('general', { overflowQueue: 'cards', overflowSeconds: 60 }),
    queue('cards', { autoAccepts: true, wrapUpSeconds: 20 }),
  ],
  [
    agent('ana', { queues: ['general', 'cards'] }),
    agent('bia', { queues: ['general', 'cards'], capacity: 1 }),
    supervisor('vera'),
  ],
)

type Said = NewCommand<WorkforceCommand> | NewCommand<ConversationCommand>

/** A pool, contacts, and what they say to each other: in order from each to each, but as late as it likes, and some of it twice. */
class World {
  readonly pool = new Pool(configuration)
  readonly contacts = new Map<string, StreamState<ContactState>>(
    CONTACTS.map((id) => [id, emptyStream(conversationDecider, id)]),
  )
  readonly #toPool = new Map<string, NewCommand<WorkforceCommand>[]>(CONTACTS.map((id) => [id, []]))
  readonly #toContact = new Map<string, NewCommand<ConversationCommand>[]>(CONTACTS.map((id) => [id, []]))
  readonly #delivered: Said[] = []
  #heard = 0
  #offset = 0n
  #wishes = 0

  contact(id: string): ContactState {
    return this.contacts.get(id)!.state
  }

  /** Somebody wishes something of a conversation. */
  wishes(contactId: string, { type, data, actor, content, commandId, correlationId }: Wish): void {
    this.#decide({
      ...conversations.command(type, data),
      commandId: commandId ?? deterministicId('world', String(this.#wishes++)),
      streamId: contactId,
      occurredAt: this.now,
      actor: actor ?? { kind: 'system', id: 'test' },
      ...(content === undefined ? {} : { content }),
      ...(correlationId === undefined ? {} : { correlationId }),
    })
  }

  get now(): string {
    return new Date(this.pool.at).toISOString()
  }

  /** What the pool stated since goes on its way. */
  listen(): void {
    for (const event of this.pool.stated.slice(this.#heard)) {
      const read = readEventOf(workforces.readEvent(event.envelope) as WorkforceEvent, event)
      if (!(CONVERSATION_HEARS as readonly string[]).includes(read.type)) continue
      for (const wish of conversationWishes(read as Parameters<typeof conversationWishes>[0]))
        this.#toContact.get(wish.streamId)!.push(wish)
    }
    this.#heard = this.pool.stated.length
  }

  /** The next of what one of them said arrives. @returns false when nothing is under way */
  delivers(choice: number): boolean {
    this.listen()
    const ways = [...this.#toPool.values(), ...this.#toContact.values()].filter((way) => way.length > 0)
    const way = ways[choice % Math.max(ways.length, 1)]
    const wish = way?.shift()
    if (wish === undefined) return false
    this.#delivered.push(wish)
    this.#arrives(wish)
    return true
  }

  /** So late that nobody remembers that it came before. */
  repeats(choice: number): void {
    const wish = this.#delivered[choice % Math.max(this.#delivered.length, 1)]
    if (wish !== undefined)
      this.#arrives({ ...wish, commandId: deterministicId('again', String(this.#wishes++)) })
  }

  settle(): void {
    for (let index = 0; this.delivers(index) && index < 10_000; index += 1);
  }

  #arrives(wish: Said): void {
    if (this.contacts.has(wish.streamId)) this.#decide(wish as NewCommand<ConversationCommand>)
    else this.pool.decides(wish as NewCommand<WorkforceCommand>)
    this.listen()
  }

  #decide(wish: NewCommand<ConversationCommand>): void {
    const { events, stream } = decideOn(
      conversationDecider,
      { recordedAt: this.now, offset: this.#offset++, envelope: conversations.commandEnvelope(wish) },
      this.contacts.get(wish.streamId)!,
      policy,
    )
    this.contacts.set(wish.streamId, stream)
    for (const event of events) this.#tellPool(wish.streamId, event)
  }

  #tellPool(contactId: string, event: RecordedEvent): void {
    const read = readEventOf(conversations.readEvent(event.envelope) as ConversationEvent, event)
    if (!(POOL_HEARS as readonly string[]).includes(read.type)) return
    this.#toPool.get(contactId)!.push(...poolWishes(read as Parameters<typeof poolWishes>[0]))
  }

  /** Where pool and conversation say different things, once everything arrived. */
  disagreements(): readonly string[] {
    const current = new Set<string>()
    const found = CONTACTS.flatMap((contactId) => {
      const { conversation } = this.contact(contactId)
      if (!('id' in conversation)) return []
      current.add(conversation.id)
      const where = this.pool.where(conversation.id)
      const expected = this.#expected(conversation)
      return expected === where ? [] : [`${contactId} is ${expected}, in the pool ${where}`]
    })
    for (const [id, { stage }] of this.pool.state.works.entries())
      if (!current.has(id) && stage !== 'wrap_up')
        found.push(`${id} is over, in the pool ${this.pool.where(id)}`)
    return found
  }

  #expected(conversation: Extract<ContactState['conversation'], { id: string }>): string {
    switch (conversation.stage) {
      case 'waiting':
        return `waiting in ${conversation.queue}`
      case 'offered':
        return `offered to ${conversation.agentId}`
      case 'with_agent':
        return this.pool.work(conversation.id)?.stage === 'with_agent'
          ? this.pool.where(conversation.id).replace(/^with \w+/, `with ${conversation.agentId}`)
          : `with ${conversation.agentId}`
      case 'parked':
        // Once the customer wrote, and all of it arrived, somebody else than the customer is to act.
        return conversation.isUnparking ? 'with somebody' : `parked by ${conversation.agentId}`
      case 'with_robot':
        return 'nowhere'
      case 'ending':
        return this.pool.work(conversation.id)?.stage === 'wrap_up'
          ? this.pool.where(conversation.id)
          : 'nowhere'
    }
  }
}

type Act = (world: World) => void
const contact = constantFrom(...CONTACTS)
const who = constantFrom(...AGENTS)

function conversationOf(world: World, contactId: string): { id: string; agentId: string } {
  const { conversation } = world.contact(contactId)
  return {
    id: 'id' in conversation ? conversation.id : 'none',
    agentId: 'agentId' in conversation ? conversation.agentId : 'ana',
  }
}

let words = 0
/** The robot's part until it hands over: what is queued is sent, what it was asked is answered. */
const robot =
  (contactId: string): Act =>
  (world) => {
    for (const message of world.contact(contactId).messages)
      if (message.by === 'us' && message.status === 'queued') world.wishes(contactId, isSent(message.id))
    const { conversation } = world.contact(contactId)
    if (conversation.stage === 'with_robot' && conversation.robot.step === 'answering')
      world.wishes(contactId, completes(conversation.id, conversation.robot.turn, [handOver]))
  }

/** Whatever stage it has, it is over soon. */
const end =
  (contactId: string): Act =>
  (world) => {
    const { conversation } = world.contact(contactId)
    if (conversation.stage === 'with_agent' || conversation.stage === 'parked')
      byAgent(contactId, 'CloseConversation')(world)
    const ending = world.contact(contactId).conversation
    if (ending.stage === 'ending') world.wishes(contactId, expires('ending', ending.reference))
  }

const byAgent =
  (
    contactId: string,
    type: 'ParkConversation' | 'CloseConversation' | 'UndoClose' | 'SendAgentMessage',
    undo = 0,
  ): Act =>
  (world) => {
    const { id, agentId } = conversationOf(world, contactId)
    const more =
      type === 'CloseConversation'
        ? { reason: 'solved', undoSeconds: undo }
        : type === 'SendAgentMessage'
          ? { type: 'text' }
          : {}
    world.wishes(contactId, {
      type,
      data: { conversationId: id, agentId, ...more },
      actor: { kind: 'agent', id: agentId },
    })
  }

const acts: Arbitrary<Act> = oneof(
  {
    weight: 4,
    arbitrary: contact.map(
      (id): Act =>
        (world) =>
          world.wishes(id, says('oi', { providerMessageId: `w${words++}` })),
    ),
  },
  { weight: 6, arbitrary: contact.map(robot) },
  {
    weight: 2,
    arbitrary: tuple(contact, who).map(
      ([id, agentId]): Act =>
        (world) =>
          world.wishes(id, {
            type: 'BeginConversation',
            data: { agentId, queue: 'general', type: 'template' },
            actor: { kind: 'agent', id: agentId },
          }),
    ),
  },
  { weight: 3, arbitrary: contact.map(end) },
  {
    weight: 2,
    arbitrary: tuple(contact, constantFrom('quanto tempo?', 'não precisa', 'me avisem')).map(
      ([id, wish]): Act =>
        (world) =>
          world.wishes(id, says(wish, { providerMessageId: `w${words++}` })),
    ),
  },
  {
    weight: 1,
    arbitrary: contact.map(
      (id): Act =>
        (world) =>
          world.wishes(id, says('STOP', { providerMessageId: `w${words++}`, consent: 'stop' })),
    ),
  },
  {
    weight: 1,
    arbitrary: contact.map(
      (id): Act =>
        (world) =>
          world.wishes(id, says('START', { providerMessageId: `w${words++}`, consent: 'start' })),
    ),
  },
  {
    weight: 4,
    arbitrary: tuple(
      contact,
      constantFrom('ParkConversation', 'CloseConversation', 'UndoClose', 'SendAgentMessage'),
      constantFrom(0, 5),
    ).map(([id, type, undo]) => byAgent(id, type, undo)),
  },
  {
    weight: 2,
    arbitrary: contact.map((id): Act => (world) => {
      const { conversation } = world.contact(id)
      if ('closing' in conversation && conversation.closing !== null)
        world.wishes(id, expires('closing', conversation.closing.reference))
      if (conversation.stage === 'ending') world.wishes(id, expires('ending', conversation.reference))
    }),
  },
  {
    weight: 4,
    arbitrary: tuple(who, constantFrom(...PRESENCES, 'available', 'available')).map(
      ([agentId, status]): Act =>
        ({ pool: at }) =>
          at.when('SetPresence', { agentId, status }),
    ),
  },
  {
    weight: 5,
    arbitrary: tuple(contact, constantFrom('AcceptOffer', 'AcceptOffer', 'DeclineOffer')).map(
      ([id, type]): Act =>
        (world) => {
          const work = world.pool.work(conversationOf(world, id).id)
          if (work?.stage === 'offered' || (work?.stage === 'with_agent' && work.transfer !== null))
            world.pool.when(type, world.pool.offer(conversationOf(world, id).id))
        },
    ),
  },
  {
    weight: 2,
    arbitrary: tuple(contact, who).map(
      ([id, agentId]): Act =>
        (world) =>
          world.pool.when('ClaimConversation', { agentId, conversationId: conversationOf(world, id).id }),
    ),
  },
  {
    weight: 2,
    arbitrary: tuple(
      contact,
      oneof(
        who.map((toAgentId) => ({ toAgentId })),
        constant({ toQueue: 'cards' }),
        constant({ toFlow: 'menu' }),
      ),
      boolean(),
    ).map(([id, to, isSupervisors]): Act => (world) => {
      const conversation = conversationOf(world, id)
      world.pool.when('TransferConversation', {
        agentId: isSupervisors ? 'vera' : conversation.agentId,
        bySupervisor: isSupervisors,
        conversationId: conversation.id,
        ...to,
      })
    }),
  },
  {
    weight: 1,
    arbitrary: tuple(contact, constantFrom(0, 5)).map(([id, undoSeconds]): Act => (world) => {
      const { conversation } = world.contact(id)
      const isOwned = conversation.stage === 'with_agent' || conversation.stage === 'parked'
      world.wishes(id, {
        type: 'CloseConversation',
        data: {
          conversationId: conversationOf(world, id).id,
          agentId: 'vera',
          bySupervisor: true,
          seenOwnerId: isOwned ? conversation.agentId : '',
          reason: 'solved',
          undoSeconds,
        },
        actor: { kind: 'agent', id: 'vera' },
      })
    }),
  },
  {
    weight: 3,
    arbitrary: tuple(contact, constantFrom('TakeOverConversation', 'GiveBackConversation', 'SignOut')).map(
      ([id, type]): Act =>
        (world) =>
          world.pool.when(type as 'TakeOverConversation', {
            agentId: 'vera',
            ...(type !== 'SignOut' && { conversationId: conversationOf(world, id).id }),
          }),
    ),
  },
  {
    weight: 1,
    arbitrary: contact.map((id): Act => (world) => {
      const conversation = conversationOf(world, id)
      world.pool.when('ResumeConversation', {
        agentId: conversation.agentId,
        conversationId: conversation.id,
      })
    }),
  },
  {
    weight: 3,
    arbitrary: integer({ min: 1, max: 40 }).map(
      (seconds): Act =>
        ({ pool: at }) =>
          at.later(seconds),
    ),
  },
  {
    weight: 14,
    arbitrary: nat({ max: 50 }).map(
      (choice): Act =>
        (world) =>
          world.delivers(choice),
    ),
  },
  {
    weight: 2,
    arbitrary: nat({ max: 200 }).map(
      (choice): Act =>
        (world) =>
          world.repeats(choice),
    ),
  },
)

test('pool and conversations agree in the end, however late and however often they hear of each other', () => {
  let withPeople = 0
  assert(
    property(array(acts, { maxLength: 120, size: 'max' }), (all) => {
      const world = new World()
      // All wait for people, and one is there; the rest is chance.
      world.pool.comes('ana')
      for (const contactId of CONTACTS) {
        world.wishes(contactId, says('oi', { providerMessageId: `w${words++}` }))
        for (let step = 0; step < 3; step += 1) robot(contactId)(world)
      }
      world.settle()
      for (const act of all) {
        act(world)
        withPeople += world.pool.state.works.size
      }
      world.settle()
      expect(world.disagreements()).toEqual([])
      expect(
        wrongWith(world.pool.state, world.pool.at).filter((line) => !/ waits though /.test(line)),
      ).toEqual([])
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 150) },
  )
  expect(withPeople).toBeGreaterThan(100)
})

test('what an agent began and is over by now, told to the pool once more, is forgotten again', () => {
  const world = new World()
  const [contactId] = CONTACTS
  world.pool.when('TakeOnConversation', {
    conversationId: 'over',
    contactId,
    queue: 'general',
    language: 'pt',
    agentId: 'ana',
    revision: 1,
  })
  expect(world.pool.where('over')).toBe('parked by ana')
  world.settle()
  expect(world.pool.where('over')).toBe('nowhere')
})
