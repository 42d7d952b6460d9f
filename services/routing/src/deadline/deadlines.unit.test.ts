import { type Deadline, changed, expiryCommand } from '@parley/eventlog'
import { expect, test } from 'vitest'
import {
  Story,
  type Told,
  completes,
  endWithLink,
  expires,
  handOver,
  isSent,
  issuesLink,
  notes,
  queued,
  say,
  says,
  sendAll,
  served,
  testPolicy,
} from '../../test/story.ts'
import { after } from '../conversation/window.ts'
import { conversationDeadlines } from './deadlines.ts'

const isOfDeadlines = (
  event: Told,
): event is Extract<Told, { type: (typeof conversationDeadlines.types)[number] }> =>
  (conversationDeadlines.types as readonly string[]).includes(event.type)
const deadlinesAfter = (events: readonly Told[]): readonly Deadline[] =>
  events.filter(isOfDeadlines).reduce<readonly Deadline[]>((deadlines, event) => {
    const { set, clear } = conversationDeadlines.deadlinesOf(event)
    const { eventId: reference, correlationId, traceparent } = event.envelope
    return changed(
      deadlines,
      clear,
      set.map((one) => ({ ...one, reference, correlationId, traceparent })),
    )
  }, [])
const kinds = (story: Story) => deadlinesAfter(story.events).map(({ kind }) => kind)

test('each stage of a conversation has its deadlines, and none is left once it is closed', () => {
  const story = new Story()
  story.when(says('oi'))
  expect(kinds(story)).toEqual(['silence'])
  story.when(isSent(queued(story)[0]!))
  expect(kinds(story)).toEqual(['silence', 'bot_turn'])
  story.when(completes(story.conversationId, 1, [say('Olá')]))
  expect(kinds(story)).toEqual(['silence'])
  sendAll(story)
  story.when(says('tchau'))
  story.when(completes(story.conversationId, 2, [endWithLink]))
  expect(kinds(story)).toEqual(['ending'])
  story.when(issuesLink(story.conversationId))
  sendAll(story)
  expect(story.state.conversation.stage).toBe('none')
  expect(kinds(story)).toEqual([])
})

test('people are not hurried', () => {
  const story = served()
  story.when(says('pessoa'))
  story.when(completes(story.conversationId, 2, [handOver]))
  expect(kinds(story)).toEqual([])
})

test('silence counts anew from each word of the customer and each answer of the robot', () => {
  const story = served()
  story.later(100).when(says('oi'))
  expect(deadlinesAfter(story.events).find(({ kind }) => kind === 'silence')?.dueAt).toBe(
    after(story.at, 1800),
  )
})

test('a note of the channel is no word of the customer: the silence goes on, and still ends', () => {
  const story = served()
  const before = deadlinesAfter(story.events)
  story.later(1700).when(notes('number_changed'))
  expect(deadlinesAfter(story.events)).toEqual(before)
  const { kind, reference } = before.find((deadline) => deadline.kind === 'silence')!
  expect(story.later(100).when(expires(kind, reference))[0]?.type).toBe('ConversationEnding')
})

test('how long silence may last is the setting of the day on which it began', () => {
  const story = served(new Story({ ...testPolicy(), silenceTimeoutSeconds: 60 }))
  story.under(testPolicy())
  expect(deadlinesAfter(story.events)).toMatchObject([{ kind: 'silence', dueAt: after(story.at, 60) }])
})

test('the command of a deadline is the one that the rules take, once it is due', () => {
  const story = served()
  const [silence] = deadlinesAfter(story.events)
  const { type, data, commandId, streamId } = expiryCommand(conversationDeadlines, 'contact', silence!)
  expect(streamId).toBe('contact')
  const expiry = expires('silence', silence!.reference, after(story.at, 1800))
  expect({ type, data, commandId }).toMatchObject({
    type: expiry.type,
    data: expiry.data,
    commandId: expiry.commandId,
  })
  expect(story.later(1799).when(expiry)).toEqual([])
  expect(story.later(1).when(expiry)[0]?.type).toBe('ConversationEnding')
})
