import type { RecordedEvent } from '@parley/kernel'
import { expect, test } from 'vitest'
import {
  Story,
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
} from '../conversation/story.ts'
import { after } from '../conversation/window.ts'
import { type Deadline, changed, deadlinesOf, expiry } from './deadlines.ts'

const timeouts = { silenceTimeoutSeconds: 1800 }
const after_ = (events: readonly RecordedEvent[]): readonly Deadline[] =>
  events.reduce<readonly Deadline[]>(
    (deadlines, event) => changed(deadlines, deadlinesOf(event, timeouts)),
    [],
  )
const kinds = (story: Story) => after_(story.events).map(({ kind }) => kind)

test('each stage of a conversation has its deadlines, and none is left once it is closed', () => {
  const story = new Story()
  story.when(says('oi'))
  expect(kinds(story)).toEqual(['silence'])
  story.when(isSent(queued(story)[0]!))
  expect(kinds(story)).toEqual(['silence', 'bot_turn'])
  story.when(completes(story.conversationId, 1, [say('Olá')]))
  expect(kinds(story)).toEqual(['silence'])
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
  expect(after_(story.events).find(({ kind }) => kind === 'silence')?.dueAt).toBe(after(story.at, 1800))
})

test('a note of the channel is no word of the customer: the silence goes on, and still ends', () => {
  const story = served()
  const before = after_(story.events)
  story.later(1700).when(notes('number_changed'))
  expect(after_(story.events)).toEqual(before)
  const { kind, reference } = before.find((deadline) => deadline.kind === 'silence')!
  expect(story.later(100).when(expires(kind, reference))[0]?.envelope.type).toBe('ConversationEnding')
})

test('the command of a deadline that is due is the one that the rules take', () => {
  const story = served()
  const [silence] = after_(story.later(1800).events)
  const { commandId, payload, streamId } = expiry('contact', silence!)
  expect(streamId).toBe('contact')
  expect(expires('silence', silence!.reference)).toMatchObject({ commandId, payload })
  expect(story.when({ payload, commandId })[0]?.envelope.type).toBe('ConversationEnding')
})
