import { PRESENCES } from '@parley/workforce'
import { runs } from '@parley/testkit/properties'
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
import { agent, pool, queue, supervisor, wrongWith } from '../../test/pool.ts'
import { type Told, blocks, expires, says, unblocks } from '../../test/story.ts'
import { World } from '../../test/world.ts'

const CONTACTS = ['contact-1', 'contact-2', 'contact-3'] as const
const AGENTS = ['ana', 'bia'] as const
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
const robot =
  (contactId: string): Act =>
  (world) =>
    world.robotHandsOver(contactId)

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
    weight: 1,
    arbitrary: tuple(contact, constantFrom('pt', 'en', 'bn'), who).map(
      ([id, language, agentId]): Act =>
        (world) =>
          world.wishes(id, {
            type: 'ChooseContactLanguage',
            data: { language },
            actor: { kind: 'agent', id: agentId },
          }),
    ),
  },
  // Another contact proves to be this one, had chosen a language a while ago, and was perhaps with people.
  {
    weight: 1,
    arbitrary: tuple(
      contact,
      constantFrom('pt', 'en', 'bn'),
      nat({ max: 60 }),
      constantFrom({}, { peopleQueue: 'general' }, { peopleQueue: 'cards', peopleAgentId: 'bia' }),
      tuple(boolean(), boolean(), boolean()),
    ).map(
      ([id, language, seconds, people, [isAtHead, callsBack, isSilent]]): Act =>
        (world) =>
          world.wishes(id, {
            type: 'AbsorbContact',
            data: {
              fromContactId: `younger ${words++}`,
              language,
              languageChosenAt: new Date(world.pool.at - seconds * 1000).toISOString(),
              ...people,
              waitSoFar: {
                since: new Date(world.pool.at - seconds * 1000).toISOString(),
                toldAt: callsBack ? new Date(world.pool.at - seconds * 1000).toISOString() : undefined,
                isAtHead,
                callsBack,
                isSilent,
              },
            },
          }),
    ),
  },
  // This one proves to be another, whom nobody here knows: now and then, for it is the last that is heard of it.
  {
    weight: 1,
    arbitrary: tuple(contact, nat({ max: 3 })).map(([id, chance]): Act => (world) => {
      if (chance === 0)
        world.wishes(id, { type: 'MergeContact', data: { intoContactId: 'an older contact' } })
    }),
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
    weight: 1,
    arbitrary: tuple(contact, constantFrom(blocks, unblocks, unblocks)).map(
      ([id, wish]): Act =>
        (world) =>
          world.wishes(id, wish),
    ),
  },
  // Who goes for good gives away what they have, and what they had parked.
  {
    weight: 1,
    arbitrary: tuple(constantFrom(...AGENTS, 'vera'), boolean()).map(
      ([agentId, isForGood]): Act =>
        ({ pool: at }) =>
          at.when('SignOut', { agentId, isForGood }),
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

/** Of what customers were told of their place, what was not so, or was told again within two minutes: these queues never close. */
function wrongNotices(told: readonly Told[]): readonly string[] {
  interface Known {
    readonly toldAt: number
    readonly waits: boolean
    readonly isParked: boolean
    readonly isSilent: boolean
  }
  const known = new Map<string, Known>()
  const wrong: string[] = []
  for (const { type, data, envelope } of told) {
    const { correlationId, recordedAt = '' } = envelope
    const before = known.get(correlationId) ?? {
      toldAt: -Infinity,
      waits: false,
      isParked: false,
      isSilent: false,
    }
    const is = (change: Partial<Known>) => known.set(correlationId, { ...before, ...change })
    switch (type) {
      case 'HandoverRequested': {
        const { toldAt, isSilent = false } = data.waitSoFar ?? {}
        is({ waits: true, isSilent, ...(toldAt !== undefined && { toldAt: Date.parse(toldAt) }) })
        break
      }
      case 'ConversationAssigned':
      case 'ConversationReturnedToRobot':
      case 'ConversationEnding':
      case 'ConversationClosed':
        is({ waits: false, isParked: false, isSilent: false })
        break
      case 'ConversationBegun':
      case 'ConversationParked':
        is({ waits: false, isParked: true })
        break
      case 'UnparkRequested':
        is({ isParked: false })
        break
      case 'ConversationRequeued':
        is({ waits: true, isParked: false, isSilent: before.isSilent || before.isParked })
        break
      case 'MessageReceived':
        is({ isSilent: false })
        break
      case 'MessageSendRequested': {
        if (data.purpose !== 'waiting_notice') break
        const at = Date.parse(recordedAt)
        const { waits, isSilent, toldAt } = before
        if (!waits || isSilent) wrong.push(`${correlationId} is told its place, and waits for nothing`)
        if (at - toldAt < 120_000)
          wrong.push(`${correlationId} is told its place again after ${at - toldAt} ms`)
        is({ toldAt: at })
        break
      }
      default:
        break
    }
  }
  return wrong
}

test('pool and conversations agree in the end, however late and however often they hear of each other', () => {
  let withPeople = 0
  assert(
    property(array(acts, { maxLength: 120, size: 'max' }), (all) => {
      const world = new World(configuration, CONTACTS)
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
      expect(wrongNotices(world.told)).toEqual([])
      expect(
        wrongWith(world.pool.state, world.pool.at).filter((line) => !/ waits though /.test(line)),
      ).toEqual([])
    }),
    runs(150),
  )
  expect(withPeople).toBeGreaterThan(100)
})

test('who goes on under another name comes where they would have come, and whom somebody had before these', () => {
  const world = new World(configuration, CONTACTS)
  const [first, merged, served] = CONTACTS
  for (const contactId of CONTACTS) world.wishes(contactId, says('oi', { providerMessageId: `w${words++}` }))
  for (let step = 0; step < 3; step += 1) robot(first)(world)
  world.settle()
  world.pool.later(60)
  const goesOn = (contactId: string, wait: { readonly since?: string; readonly isAtHead?: boolean }) =>
    world.wishes(contactId, {
      type: 'AbsorbContact',
      data: { fromContactId: `younger than ${contactId}`, peopleQueue: 'general', waitSoFar: wait },
    })
  goesOn(merged, { since: new Date(world.pool.at - 600_000).toISOString() })
  goesOn(served, { isAtHead: true })
  world.settle()
  expect(world.disagreements()).toEqual([])
  world.pool.when('SetPresence', { agentId: 'bia', status: 'available' })
  expect(world.pool.agent('bia').offered).toEqual([conversationOf(world, served).id])
  const order = [served, merged, first].map((id) => world.pool.work(conversationOf(world, id).id)!.rank)
  expect(order.toSorted((one, other) => one - other)).toEqual(order)
})

test('what an agent began and is over by now, told to the pool once more, is forgotten again', () => {
  const world = new World(configuration, CONTACTS)
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

test.each([
  ['wraps nothing up who was given what another one had closed, before the pool heard of the close', true],
  ['wraps up who had it', false],
])('%s', (_, leaves) => {
  const world = new World(configuration, CONTACTS)
  const [contactId] = CONTACTS
  world.pool.comes('ana')
  world.wishes(contactId, says('oi', { providerMessageId: `w${words++}` }))
  for (let step = 0; step < 3; step += 1) robot(contactId)(world)
  world.settle()
  const { id } = conversationOf(world, contactId)
  world.pool.comes('bia')
  byAgent(contactId, 'CloseConversation', leaves ? 5 : 0)(world)
  if (leaves) world.pool.when('SignOut', { agentId: 'ana' })
  expect(world.pool.where(id)).toBe(leaves ? 'with bia' : 'with ana')
  world.settle()
  expect(world.contact(contactId).conversation.stage).toBe('ending')
  expect(world.pool.where(id)).toBe(leaves ? 'nowhere' : 'wrapped up by ana')
})
