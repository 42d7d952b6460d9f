import type { EventPayload } from '@parley/kernel'
import { Content } from '@parley/proto/content'
import {
  ConversationClosed,
  ConversationEnding,
  ConversationOpened,
  DeliveryStatusAdvanced,
  HandoverRequested,
  MessageReceived,
  MessageSendRequested,
} from '@parley/proto/events'
import { expect, test } from 'vitest'
import { type Conversation, evolve } from './conversation.ts'

const SAID = 'my card was stolen'
const content = Content.fromPartial({
  message: { body: { $case: 'text', value: { text: SAID } } },
  profile: { name: 'Sheena Nelson', waId: '5511987654321' },
})
const opened: EventPayload = {
  $case: 'conversationOpened',
  value: ConversationOpened.fromPartial({ conversationId: 'c-1', content }),
}
const received: EventPayload = {
  $case: 'messageReceived',
  value: MessageReceived.fromPartial({ messageId: 'm-1', content }),
}
const answered: EventPayload = {
  $case: 'messageSendRequested',
  value: MessageSendRequested.fromPartial({ messageId: 'm-2', content }),
}
const delivered: EventPayload = {
  $case: 'deliveryStatusAdvanced',
  value: DeliveryStatusAdvanced.fromPartial({ messageId: 'm-2', status: 'read' }),
}
const handedOver: EventPayload = {
  $case: 'handoverRequested',
  value: HandoverRequested.fromPartial({ queue: 'cards', reason: 'requested' }),
}
const ending: EventPayload = {
  $case: 'conversationEnding',
  value: ConversationEnding.fromPartial({ reason: 'flow_ended', content }),
}
const closed: EventPayload = {
  $case: 'conversationClosed',
  value: ConversationClosed.fromPartial({ conversationId: 'c-1', reason: 'flow_ended' }),
}

/** Each event one second after the one before. */
const given = (...payloads: EventPayload[]): Conversation | undefined =>
  payloads.reduce<Conversation | undefined>(
    (conversation, payload, second) => evolve(conversation, { payload, recordedAt: at(second) }),
    undefined,
  )
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()

test('a conversation begins with the robot, and both sides are counted', () => {
  expect(given(opened, received, answered, received)).toEqual({
    stage: { name: 'with_robot', since: at(0) },
    openedAt: at(0),
    lastActivityAt: at(3),
    customerMessageCount: 2,
    ourMessageCount: 1,
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

test('it ends, then it is closed', () => {
  expect(given(opened, ending)?.stage).toEqual({ name: 'ending', since: at(1), reason: 'flow_ended' })
  expect(given(opened, ending, closed)?.stage).toEqual({ name: 'closed', since: at(2), reason: 'flow_ended' })
})

test('a receipt is no activity, and leaves the conversation the very same', () => {
  const before = given(opened, answered)
  expect(evolve(before, { payload: delivered, recordedAt: at(9) })).toBe(before)
})

test('an event of a conversation that never opened here makes none', () => {
  expect(given(received, delivered, closed)).toBeUndefined()
})

test('nothing that was said, no name and no phone number is kept', () => {
  const kept = JSON.stringify(given(opened, received, answered, handedOver, ending, closed))
  expect(kept).not.toMatch(/stolen|Sheena|5511987654321/)
})
