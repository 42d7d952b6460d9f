import { type ConversationEvent, contentOf, conversations } from '@parley/conversation'
import type { Actor } from '@parley/kernel'
import { MessageBody } from '@parley/proto/content'
import { Chain, type Sketch } from '@parley/testkit'
import { expect, test } from 'vitest'
import { type Conversation, type ConversationFact, evolve, placeOf } from './conversation.ts'
import { type DeskMessage, type MessageFact, evolveMessage } from './message.ts'
import { unreadCountOf } from './shown.ts'

type Given = Sketch<ConversationEvent> & { readonly actor?: Actor }
const opened: Given = { type: 'ConversationOpened', data: { conversationId: 'c-1' } }
const received: Given = { type: 'MessageReceived', data: { messageId: 'm-1' } }
const answered: Given = { type: 'MessageSendRequested', data: { messageId: 'm-2' } }
const handedOver: Given = { type: 'HandoverRequested', data: { queue: 'cards', reason: 'requested' } }
const ending: Given = { type: 'ConversationEnding', data: { reason: 'flow_ended' } }
const closed: Given = {
  type: 'ConversationClosed',
  data: { conversationId: 'c-1', reason: 'flow_ended' },
}

const content = contentOf({
  messages: [MessageBody.fromPartial({ body: { $case: 'text', value: { text: 'my card was stolen' } } })],
  profile: { name: 'Sheena Nelson', waId: '5511987654321', userId: '', parentUserId: '', username: '' },
})

/** Each event one second after the one before, with words in all of them. */
function given(...events: readonly Given[]): Conversation | undefined {
  const chain = new Chain(conversations, 'contact-1')
  return events
    .map(({ actor, ...event }, second) =>
      chain.add(event, { at: at(second), content, ...(actor && { actor }) }),
    )
    .reduce<Conversation | undefined>(
      (conversation, event) => evolve(conversation, event as unknown as ConversationFact) ?? conversation,
      undefined,
    )
}
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()

test('a conversation begins with the robot, and what the customer wrote since an agent answered is unread', () => {
  const begun = given(opened, received, answered, received)
  expect(begun).toMatchObject({
    contact: { id: 'contact-1', name: 'Sheena Nelson' },
    stage: { name: 'with_robot', since: at(0) },
    openedAt: at(0),
    lastActivityAt: at(3),
    customerWroteAt: [2, 4],
    lastMessage: { text: 'my card was stolen', at: at(3) },
  })
})

test('a list shows no words that were said to a sensitive question, edited or not', () => {
  const perhaps: Given = { type: 'MessageReceived', data: { messageId: 'm-1', perhapsSensitive: true } }
  const edited: Given = { type: 'MessageEdited', data: { targetMessageId: 'm-1', hasMessage: true } }
  expect(given(opened, perhaps)?.lastMessage?.text).toBe('••••••')
  expect(given(opened, perhaps, edited)?.lastMessage?.text).toBe('••••••')
  expect(given(opened, received, edited)?.lastMessage?.text).toBe('my card was stolen')
})

test('what the company wrote in the app is the company’s, and no agent’s', () => {
  const inApp: Given = {
    type: 'AppMessageSent',
    data: { messageId: 'm-3' },
    actor: { kind: 'company', id: 'account' },
  }
  expect(given(opened, received, inApp)?.lastMessage?.author).toBe('company')
})

test('an edit that a later one overtook changes no word of a list, and is history of the message', () => {
  const chain = new Chain(conversations, 'contact-1')
  const told = (type: 'MessageReceived' | 'MessageEdited', text: string, data: object) =>
    chain.add(
      { type, data },
      {
        content: contentOf({
          messages: [MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })],
        }),
      },
    ) as unknown as ConversationFact & MessageFact
  const begins = chain.add(opened, { content }) as unknown as ConversationFact
  const change = { targetMessageId: 'm-1', hasMessage: true }
  const facts = [
    told('MessageReceived', 'one', { messageId: 'm-1' }),
    told('MessageEdited', 'three', change),
    told('MessageEdited', 'two', { ...change, isOutdated: true }),
  ]
  const list = [begins, ...facts].reduce<Conversation | undefined>(
    (conversation, fact) => evolve(conversation, fact) ?? conversation,
    undefined,
  )
  expect(list?.lastMessage?.text).toBe('three')
  const message = facts.reduce<DeskMessage | undefined>(
    (known, fact) => evolveMessage(known, fact, 'm-1') ?? known,
    undefined,
  )
  expect(message?.body).toEqual({ text: { text: 'three' } })
  expect(message?.edits.map(({ body }) => body)).toEqual([
    { text: { text: 'one' } },
    { text: { text: 'two' } },
  ])
})

const assigned: Given = {
  type: 'ConversationAssigned',
  data: { conversationId: 'c-1', agentId: 'p03', queue: 'cards' },
}
const parked: Given = { type: 'ConversationParked', data: { conversationId: 'c-1', agentId: 'p03' } }
const requeued: Given = {
  type: 'ConversationRequeued',
  data: { conversationId: 'c-1', queue: 'general', reason: 'transferred', fromAgentId: 'p03' },
}

test('what ends while it waits stays in sight of its queue, what ends elsewhere in sight of none', () => {
  const heldAfter = (...events: readonly Given[]) => {
    const conversation = given(opened, received, ...events)!
    return placeOf(conversation, () => null).held
  }
  const cards = { by: 'queue', queue: 'cards' }
  expect(heldAfter(handedOver, closed)).toEqual(cards)
  expect(heldAfter(handedOver, ending)).toEqual(cards)
  expect(heldAfter(handedOver, ending, closed)).toEqual(cards)
  expect(heldAfter(handedOver, assigned, requeued, closed)).toEqual({ by: 'queue', queue: 'general' })
  expect(heldAfter(handedOver, assigned, closed)).toEqual({ by: 'nobody' })
  expect(heldAfter(handedOver, assigned, parked, ending, closed)).toEqual({ by: 'nobody' })
  expect(heldAfter(closed)).toEqual({ by: 'nobody' })
})

test('what an agent begins has the name that its contact is known by, before they wrote in it', () => {
  const begun: Given = {
    type: 'ConversationBegun',
    data: { conversationId: 'c-1', agentId: 'p03', queue: 'cards' },
  }
  expect(given(opened, begun)).toMatchObject({
    contact: { name: 'Sheena Nelson' },
    stage: { name: 'parked' },
    agentId: 'p03',
  })
})

test('parked it stays whose it is; transferred to a queue it is nobody’s and waits there, and its last agent is known', () => {
  expect(given(opened, handedOver, assigned, parked)).toMatchObject({
    stage: { name: 'parked', since: at(3) },
    agentId: 'p03',
  })
  expect(given(opened, handedOver, assigned, requeued)).toMatchObject({
    stage: { name: 'waiting', queue: 'general', since: at(3) },
    agentId: null,
    lastAgentId: 'p03',
    queue: 'general',
  })
})

const takenOver = (agentId: string): Given => ({
  type: 'ConversationAssigned',
  data: { conversationId: 'c-1', agentId, queue: 'cards', how: 'taken_over' },
})

test('taken over it stays in sight of who had it and of their team, whoever takes it over then, and when it is closed', () => {
  expect(given(opened, handedOver, assigned, takenOver('p07'), takenOver('p09'))).toMatchObject({
    agentId: 'p09',
    lastAgentId: 'p03',
    isTakenOver: true,
  })
  expect(given(opened, handedOver, assigned, takenOver('p07'), ending, closed)).toMatchObject({
    agentId: null,
    lastAgentId: 'p03',
  })
})

test('who closed it, or handed it on, over its owner’s head is known until somebody has it again; of its owner nothing is said', () => {
  const bySupervisor = (event: Given): Given => ({ ...event, actor: { kind: 'agent', id: 'p07' } })
  const byOwner = (event: Given): Given => ({ ...event, actor: { kind: 'agent', id: 'p03' } })
  expect(given(opened, assigned, bySupervisor(requeued))).toMatchObject({ movedBy: 'p07' })
  expect(given(opened, assigned, byOwner(requeued))).toMatchObject({ movedBy: null })
  expect(given(opened, assigned, bySupervisor(ending), closed)).toMatchObject({ movedBy: 'p07' })
  expect(given(opened, assigned, bySupervisor(requeued), assigned)).toMatchObject({ movedBy: null })
  expect(given(opened, bySupervisor(ending))).toMatchObject({ movedBy: null })
})

test('taken over from nobody, it is the supervisor’s', () => {
  expect(given(opened, handedOver, assigned, requeued, takenOver('p07'))).toMatchObject({
    agentId: 'p07',
    lastAgentId: 'p07',
  })
})

test('handed over it waits in its queue, with the reason, since that moment, whatever the customer writes then', () => {
  expect(given(opened, received, handedOver, received)?.stage).toEqual({
    name: 'waiting',
    since: at(2),
    queue: 'cards',
    reason: 'requested',
  })
})

test('a close that was announced is none any more when it is parked, taken over, or goes elsewhere', () => {
  const announced: Given = {
    type: 'CloseAnnounced',
    data: { agentId: 'p01', reason: 'solved', until: at(9) },
  }
  expect(given(opened, assigned, announced)).toMatchObject({ closesAt: at(9), closeReason: 'solved' })
  for (const then of [parked, takenOver('p07'), requeued, { type: 'CloseUndone', data: {} } as Given])
    expect(given(opened, assigned, announced, then)).toMatchObject({ closesAt: null, closeReason: null })
})

test('it ends, then it is closed', () => {
  expect(given(opened, ending)?.stage).toEqual({ name: 'ending', since: at(1), reason: 'flow_ended' })
  expect(given(opened, ending, closed)?.stage).toEqual({ name: 'closed', since: at(2), reason: 'flow_ended' })
})

test('an event of a conversation that never opened here makes none', () => {
  expect(given(received, closed)).toBeUndefined()
})

test('where it was is known by the version that ended it, and what changes nobody’s sight ends nothing', () => {
  const pasts = given(opened, received, handedOver, received, assigned, received, requeued)?.pasts
  expect(pasts?.map(({ until, stage, agentId }) => [until, stage.name, agentId])).toEqual([
    [3, 'with_robot', null],
    [5, 'waiting', null],
    [7, 'with_agent', 'p03'],
  ])
})

test('what did not reach the customer is known until the end, what is uncertain until it is settled', () => {
  const uncertain: Given = { type: 'MessageSendUncertain', data: { messageId: 'm-2' } }
  const failed: Given = { type: 'MessageFailed', data: { messageId: 'm-2' } }
  const sent: Given = { type: 'MessageSent', data: { messageId: 'm-2' } }
  expect(given(opened, answered, uncertain)).toMatchObject({ failedSends: [], uncertainSends: ['m-2'] })
  expect(given(opened, answered, uncertain, sent)).toMatchObject({ failedSends: [], uncertainSends: [] })
  expect(given(opened, answered, uncertain, failed)).toMatchObject({
    failedSends: ['m-2'],
    uncertainSends: [],
  })
})

test('its flow is the last one that the robot played, its team the one that its last agent was in when they got it', () => {
  const turn: Given = { type: 'BotTurnCompleted', data: { flow: 'lost_card' } }
  const silent: Given = { type: 'BotTurnCompleted', data: { flow: '' } }
  const ofTeam: Given = { ...assigned, data: { ...assigned.data, team: 'north' } }
  expect(given(opened, turn, silent, handedOver, ofTeam, requeued)).toMatchObject({
    flow: 'lost_card',
    lastTeam: 'north',
  })
})

test('opened by words that crossed the end of the one before it has their window and their number, whoever answers; a word of its own moves the window on', () => {
  const reopened: Given = {
    type: 'ConversationOpened',
    data: { conversationId: 'c-2', lastMessageAt: at(-60), crossedCount: 2, continuesConversationId: 'c-1' },
  }
  const windowOf = (second: number) => new Date(Date.parse(at(second)) + 24 * 60 * 60 * 1_000).toISOString()
  const conversation = given(reopened, assigned)!
  expect(conversation).toMatchObject({
    contact: { name: 'Sheena Nelson' },
    replyWindowEndsAt: windowOf(-60),
    continues: 'c-1',
  })
  expect(unreadCountOf(conversation)).toBe(2)
  const agents: Given = { type: 'MessageSendRequested', data: { messageId: 'm-2', purpose: 'agent_message' } }
  expect(unreadCountOf(given(reopened, assigned, agents)!)).toBe(0)
  expect(given(reopened, received)).toMatchObject({ replyWindowEndsAt: windowOf(1) })
  expect(given(opened)).toMatchObject({ replyWindowEndsAt: null, customerWroteAt: [] })
})
