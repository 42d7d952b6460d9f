import { expect, test } from 'vitest'
import { BEGIN, Pool, agent, eventsOf, pool, queue, supervisor, wrongWith } from '../../test/pool.ts'

const configuration = pool(
  [queue('general'), queue('cards')],
  [
    agent('ana', { capacity: 1 }),
    agent('bia', { capacity: 1, isSupervisor: true }),
    supervisor('vera'),
    supervisor('sonia'),
  ],
)

const by = (agentId: string, conversationId = 'c1') => ({ agentId, conversationId })

function refusal(events: readonly { readonly type: string; readonly data: unknown }[]): string {
  expect(events.map(({ type }) => type)).toEqual(['CommandRefused'])
  return (events[0]!.data as { code: string }).code
}

function taken(): Pool {
  const at = new Pool(configuration)
  at.comes('ana')
  at.arrives('c1')
  at.accepts('c1')
  return at
}

test('a supervisor takes over what an agent has: it is theirs alone, and the agent gets what waits in its place', () => {
  const at = taken()
  at.arrives('c2')
  const events = at.when('TakeOverConversation', by('vera'))
  expect(eventsOf(events, 'ConversationAssigned')).toMatchObject([
    { conversationId: 'c1', agentId: 'vera', how: 'taken_over', fromAgentId: 'ana', queue: 'general' },
  ])
  expect([at.where('c1'), at.where('c2')]).toEqual(['with vera', 'offered to ana'])
  expect(at.agent('vera')).toMatchObject({ status: 'busy', has: ['c1'] })
  expect(wrongWith(at.state, at.at)).toEqual([])
  const { bytes, again } = at.decidedAnew()
  expect(again).toEqual(bytes)
})

test('given back it is the agent’s again, where they have room; then nobody is asked and the supervisor has left the pool', () => {
  const at = taken()
  at.when('TakeOverConversation', by('vera'))
  const events = at.when('GiveBackConversation', by('vera'))
  expect(eventsOf(events, 'ConversationAssigned')).toMatchObject([
    { agentId: 'ana', how: 'given_back', fromAgentId: 'vera' },
  ])
  expect(at.where('c1')).toBe('with ana')
  expect(at.agent('vera').status).toBe('offline')
  expect(refusal(at.when('GiveBackConversation', by('ana')))).toBe('NOT_TAKEN_OVER')
})

test('given back to an agent who has no room or is gone it waits at the head of its queue, theirs before anybody else’s', () => {
  const at = taken()
  at.arrives('c2')
  at.when('TakeOverConversation', by('vera'))
  at.accepts('c2')
  const events = at.when('GiveBackConversation', by('vera'))
  expect(eventsOf(events, 'ConversationRequeued')).toMatchObject([
    {
      conversationId: 'c1',
      reason: 'given_back',
      isAtHead: true,
      preferredAgentId: 'ana',
      fromAgentId: 'vera',
    },
  ])
  at.arrives('c3')
  at.when('WithdrawConversation', { conversationId: 'c2', reason: 'closed' })
  expect([at.where('c1'), at.where('c3')]).toEqual(['offered to ana', 'waiting in general'])
})

test('what waits, is offered, parked or on its way to another agent can be taken over, and no offer of it stays open', () => {
  const at = taken()
  at.arrives('c2')
  at.when('TakeOverConversation', by('vera', 'c2'))
  expect(at.where('c2')).toBe('with vera')
  at.when('GiveBackConversation', by('vera', 'c2'))
  expect(at.where('c2')).toBe('waiting in general')

  at.comes('bia')
  expect(at.where('c2')).toBe('offered to bia')
  expect(eventsOf(at.when('TakeOverConversation', by('vera', 'c2')), 'OfferEnded')).toMatchObject([
    { agentId: 'bia', outcome: 'withdrawn' },
  ])
  at.when('TransferConversation', { ...by('ana'), toAgentId: 'bia' })
  at.when('TakeOverConversation', by('vera'))
  expect(at.where('c1')).toBe('with vera')
  expect(at.agent('bia').offered).toEqual([])
  at.when('ParkConversation', { ...by('vera'), revision: at.work('c1')!.revision })
  at.when('TakeOverConversation', by('sonia'))
  expect(at.where('c1')).toBe('with sonia')
  expect(wrongWith(at.state, at.at)).toEqual([])
})

test('from one supervisor to another it goes back to whose it was first', () => {
  const at = taken()
  at.when('TakeOverConversation', by('vera'))
  at.when('TakeOverConversation', by('sonia'))
  expect(refusal(at.when('GiveBackConversation', by('vera')))).toBe('NOT_THE_OWNER')
  at.when('GiveBackConversation', by('sonia'))
  expect(at.where('c1')).toBe('with ana')
})

test('a supervisor takes over nothing that is another team’s by now, nor what was taken over from it; one of all takes over everything', () => {
  const at = new Pool(
    pool(
      [queue('general')],
      [agent('ana'), supervisor('nina', 'night'), supervisor('dora'), supervisor('all', '')],
    ),
  )
  at.comes('ana')
  at.arrives('c1')
  at.accepts('c1')
  expect(refusal(at.when('TakeOverConversation', by('nina')))).toBe('CONVERSATION_NOT_SEEN')
  at.when('TakeOverConversation', by('all'))
  expect(refusal(at.when('TakeOverConversation', by('nina')))).toBe('CONVERSATION_NOT_SEEN')
  at.when('TakeOverConversation', by('dora'))
  expect(at.where('c1')).toBe('with dora')
})

test('nobody else takes over; who is an agent too only within their capacity; again changes nothing; what the robot has is nobody’s to take', () => {
  const at = taken()
  expect(refusal(at.when('TakeOverConversation', by('ana')))).toBe('NOT_A_SUPERVISOR')
  expect(refusal(at.when('TakeOverConversation', by('nobody')))).toBe('NOT_A_SUPERVISOR')
  expect(refusal(at.when('TakeOverConversation', by('vera', 'c9')))).toBe('UNKNOWN_CONVERSATION')
  at.comes('bia')
  at.arrives('c2')
  at.accepts('c2')
  expect(refusal(at.when('TakeOverConversation', by('bia')))).toBe('AGENT_AT_CAPACITY')
  at.when('TakeOverConversation', by('vera'))
  const again = at.when('TakeOverConversation', by('vera'), { kind: 'agent', id: 'vera' })
  expect(again.map(({ type }) => type)).toEqual(['NothingChanged'])
})

test('who was made a supervisor takes over, moves and hands on before the configuration has them as one; who is not in the pool has no place for it', () => {
  const at = taken()
  at.comes('bia')
  const bySupervisor = true
  expect(refusal(at.when('TransferConversation', { ...by('nobody'), bySupervisor, toQueue: 'cards' }))).toBe(
    'NOT_THE_OWNER',
  )
  expect(refusal(at.when('TakeOverConversation', { ...by('nobody'), bySupervisor }))).toBe('UNKNOWN_AGENT')
  at.when('TransferConversation', { ...by('bia'), bySupervisor, toQueue: 'cards' })
  expect(at.where('c1')).toBe('waiting in cards')
  at.when('ReassignConversation', { ...by('ana'), bySupervisor, toQueue: 'general' })
  expect(at.where('c1')).toBe('offered to bia')
  at.when('TakeOverConversation', { ...by('ana'), bySupervisor })
  expect(at.where('c1')).toBe('with ana')
  expect(wrongWith(at.state, at.at)).toEqual([])
  const { bytes, again } = at.decidedAnew()
  expect(again).toEqual(bytes)
})

test('a supervisor whose desk is lost keeps nothing: after the grace it waits at the head for whom it was taken from', () => {
  const at = taken()
  at.when('OpenSession', { agentId: 'vera', sessionId: 'one', replicaId: 'r' })
  at.when('TakeOverConversation', by('vera'))
  at.when('CloseSession', { agentId: 'vera', sessionId: 'one' })
  at.later(59)
  expect(at.where('c1')).toBe('with vera')
  at.later(2)
  expect(at.where('c1')).toBe('offered to ana')
  at.when('TakeOverConversation', by('vera'))
  at.when('SignOut', { agentId: 'vera' })
  expect(at.where('c1')).toBe('offered to ana')
})

test('what waits or is offered is moved to another queue with the time it waited; nothing else is, and by nobody else', () => {
  const at = new Pool(configuration)
  at.comes('ana')
  at.arrives('c1')
  at.later(5)
  const move = (agentId: string, toQueue: string, conversationId = 'c1') =>
    at.when('ReassignConversation', { agentId, conversationId, toQueue })
  expect(refusal(move('ana', 'cards'))).toBe('NOT_A_SUPERVISOR')
  const unknown = move('vera', 'Maria Silva 5511912345678')
  expect(refusal(unknown)).toBe('UNKNOWN_QUEUE')
  expect(JSON.stringify(unknown)).not.toContain('Maria')
  const events = move('vera', 'cards')
  expect(eventsOf(events, 'OfferEnded')).toMatchObject([{ agentId: 'ana', outcome: 'withdrawn' }])
  expect(eventsOf(events, 'ConversationRequeued')).toMatchObject([
    { queue: 'cards', reason: 'reassigned', isAtHead: false, waitingSince: new Date(BEGIN).toISOString() },
  ])
  expect(at.where('c1')).toBe('waiting in cards')
  at.arrives('c2')
  at.accepts('c2')
  expect(refusal(move('vera', 'cards', 'c2'))).toBe('NOT_WAITING')
  expect(wrongWith(at.state, at.at)).toEqual([])
})

test('a supervisor hands on what an agent has, without taking it over: offered to another it stays whose it was, and to a queue it goes as moved', () => {
  const at = taken()
  at.comes('bia')
  // Whom they watch over people.yaml says, and the desk's service asks it.
  expect(refusal(at.when('TransferConversation', { ...by('vera'), toAgentId: 'bia' }))).toBe('NOT_THE_OWNER')
  const offered = at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toAgentId: 'bia' })
  expect(eventsOf(offered, 'ConversationOffered')).toMatchObject([{ agentId: 'bia', fromAgentId: 'ana' }])
  expect(at.where('c1')).toBe('with ana, offered to bia')
  expect(
    refusal(at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toAgentId: 'bia' })),
  ).toBe('TRANSFER_PENDING')
  at.arrives('c2')
  const moved = at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toQueue: 'cards' })
  expect(eventsOf(moved, 'ConversationRequeued')).toMatchObject([
    { queue: 'cards', reason: 'reassigned', fromAgentId: 'ana' },
  ])
  // The place that was kept at bia is filled at once.
  expect([at.where('c1'), at.where('c2')]).toEqual(['waiting in cards', 'offered to bia'])
  expect(refusal(at.when('TransferConversation', { ...by('ana'), toQueue: 'general' }))).toBe('NOT_THE_OWNER')
  expect(wrongWith(at.state, at.at)).toEqual([])
  const { bytes, again } = at.decidedAnew()
  expect(again).toEqual(bytes)
})

test('a supervisor returns to the robot what an agent has, and the event says who had it', () => {
  const at = taken()
  const returned = at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toFlow: 'menu' })
  expect(eventsOf(returned, 'ConversationReturnedToRobot')).toMatchObject([
    { agentId: 'vera', fromAgentId: 'ana' },
  ])
  expect([at.where('c1'), at.agent('ana').load]).toEqual(['nowhere', 0])
  expect(wrongWith(at.state, at.at)).toEqual([])
})

test('a supervisor hands on what waits: to one agent, to another queue with the time it waited, to the robot; whoever was offered it gets what waits', () => {
  const at = new Pool(configuration)
  at.comes('ana')
  at.arrives('c1')
  at.later(5)
  at.arrives('c2')
  at.comes('bia')
  expect([at.where('c1'), at.where('c2')]).toEqual(['offered to ana', 'offered to bia'])
  expect(
    refusal(at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toAgentId: 'ana' })),
  ).toBe('TRANSFER_PENDING')
  expect(
    refusal(at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toAgentId: 'bia' })),
  ).toBe('AGENT_AT_CAPACITY')
  expect(
    refusal(at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toQueue: 'general' })),
  ).toBe('TRANSFER_TO_WHERE_IT_IS')
  at.when('WithdrawConversation', { conversationId: 'c2', reason: 'left' })
  at.arrives('c3')
  expect(at.where('c3')).toBe('offered to bia')
  at.when('WithdrawConversation', { conversationId: 'c3', reason: 'left' })
  const offered = at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toAgentId: 'bia' })
  expect(eventsOf(offered, 'OfferEnded')).toMatchObject([{ agentId: 'ana', outcome: 'withdrawn' }])
  expect(eventsOf(offered, 'ConversationOffered')).toMatchObject([
    { agentId: 'bia', fromAgentId: '', waitingSince: new Date(BEGIN).toISOString() },
  ])
  expect(at.where('c1')).toBe('offered to bia')
  const moved = at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toQueue: 'cards' })
  expect(eventsOf(moved, 'ConversationRequeued')).toMatchObject([
    { queue: 'cards', reason: 'reassigned', fromAgentId: '', waitingSince: new Date(BEGIN).toISOString() },
  ])
  const returned = at.when('TransferConversation', { ...by('vera'), bySupervisor: true, toFlow: 'menu' })
  expect(eventsOf(returned, 'ConversationReturnedToRobot')).toMatchObject([
    { agentId: 'vera', fromAgentId: '' },
  ])
  expect(at.state.works.get('c1')).toBeUndefined()
  expect(wrongWith(at.state, at.at)).toEqual([])
})

test('a supervisor hands on nothing that is another team’s', () => {
  const at = new Pool(pool([queue('general')], [agent('ana'), supervisor('nina', 'night')]))
  at.comes('ana')
  at.arrives('c1')
  at.accepts('c1')
  expect(
    refusal(at.when('TransferConversation', { ...by('nina'), bySupervisor: true, toQueue: 'general' })),
  ).toBe('CONVERSATION_NOT_SEEN')
  expect(at.where('c1')).toBe('with ana')
})

test('who is only a supervisor is offered nothing and says no presence', () => {
  const at = new Pool(configuration)
  expect(refusal(at.when('SetPresence', { agentId: 'vera', status: 'available' }))).toBe('UNKNOWN_AGENT')
  at.arrives('c1')
  at.when('TakeOverConversation', by('vera'))
  at.arrives('c2')
  expect(at.where('c2')).toBe('waiting in general')
})
