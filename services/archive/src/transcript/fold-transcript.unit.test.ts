import { describe, expect, test } from 'vitest'
import type { MessageEntry, SystemEntry } from './entry.ts'
import { foldTranscript } from './fold-transcript.ts'
import { Story } from './story.fixture.ts'
import { textOf } from './transcript.ts'

const text = (value: string) => ({ $case: 'text', value: { text: value } }) as const

function transcriptOf(story: Story) {
  const transcript = foldTranscript(story.conversationId, story.raw())
  if (transcript === undefined) throw new Error('The story opens no conversation.')
  return transcript
}

function message(story: Story, id: string): MessageEntry {
  const entry = transcriptOf(story).entries.find(({ _id }) => _id === id)
  if (entry?.kind !== 'message') throw new Error(`There is no message ${id}.`)
  return entry
}

function lineNames(story: Story): readonly string[] {
  return transcriptOf(story)
    .entries.filter((entry): entry is SystemEntry => entry.kind === 'system')
    .map(({ line }) => line.name)
}

describe('what was said', () => {
  test('messages of both sides stand in the order of the stream, whatever the channel’s clock says', () => {
    const story = new Story()
      .opened()
      .wrote('second by its clock', { occurredAt: '2026-03-02T13:00:10.000Z' })
      .sendRequested(text('answer'))
      .wrote('first by its clock', { occurredAt: '2026-03-02T13:00:00.000Z' })
    const said = transcriptOf(story).entries.filter((entry) => entry.kind === 'message')
    expect(said.map((entry) => [entry.author, textOf(entry)])).toEqual([
      ['customer', 'second by its clock'],
      ['bot', 'answer'],
      ['customer', 'first by its clock'],
    ])
    expect(said[2]).toMatchObject({ occurredAt: '2026-03-02T13:00:00.000Z' })
    expect(said[2]?.recordedAt).toMatch(/^2026-03-02T13:04/)
  })

  test('what the rules say themselves has the author system', () => {
    const story = new Story()
      .opened()
      .sendRequested(text('notice'), { by: 'system', purpose: 'privacy_notice' })
    expect(message(story, 'out-1').author).toBe('system')
  })

  test('what was written in the WhatsApp Business app is the company’s, and so is what it takes back', () => {
    const target = {
      targetMessageId: 'app-1',
      targetProviderMessageId: 'wamid.app-1',
      providerMessageId: 'w',
    }
    const story = new Story()
      .opened()
      .tell(
        {
          type: 'AppMessageSent',
          data: { messageId: 'app-1', providerMessageId: 'wamid.app-1', type: 'text' },
        },
        { by: 'company', words: { messages: [{ body: text('Aqui é a Carla') }] } },
      )
      .tell({ type: 'MessageRevoked', data: target }, { by: 'company' })
      .tell({ type: 'RobotResumed', data: {} })
    expect(message(story, 'app-1')).toMatchObject({ author: 'company', status: 'sent', revoked: {} })
    expect(textOf(message(story, 'app-1'))).toBe('Aqui é a Carla')
    expect(lineNames(story)).toEqual(['conversation_opened', 'robot_resumed'])
    expect(transcriptOf(story).conversation.messageCount).toBe(1)
  })

  test('the customer’s message keeps the provider’s word for its type; ours gets the provider’s word', () => {
    const story = new Story()
      .opened()
      .received(
        { $case: 'choice', value: { source: 'button_reply', id: 'y', title: 'Yes', description: '' } },
        { type: 'interactive' },
      )
      .sendRequested({
        $case: 'linkButton',
        value: { text: 'Here', displayText: 'Open', url: 'https://a.test' },
      })
      .sendRequested(text('hi'))
    expect([message(story, 'in-1').type, message(story, 'out-1').type, message(story, 'out-2').type]).toEqual(
      ['interactive', 'interactive', 'text'],
    )
  })
})

describe('status', () => {
  test('goes from queued to read, and the provider’s id is known once it was sent', () => {
    const story = new Story().opened().sendRequested(text('hi'))
    expect(message(story, 'out-1')).toMatchObject({ status: 'queued', providerMessageId: '' })
    story.sent('out-1')
    expect(message(story, 'out-1')).toMatchObject({ status: 'sent', providerMessageId: 'wamid.out-1' })
    story.sent('out-1', 'delivered', 'read')
    expect(message(story, 'out-1').status).toBe('read')
  })

  test('played counts as read, and never goes backward', () => {
    const story = new Story().opened().sendRequested(text('hi')).sent('out-1', 'played', 'delivered')
    expect(message(story, 'out-1').status).toBe('read')
  })

  test('an uncertain send is shown as uncertain until a receipt proves it', () => {
    const story = new Story()
      .opened()
      .sendRequested(text('hi'))
      .tell({ type: 'MessageSendUncertain', data: { messageId: 'out-1', attempts: 1 } })
    expect(message(story, 'out-1')).toMatchObject({ status: 'uncertain', attempts: 1 })
    story.sent('out-1', 'delivered')
    expect(message(story, 'out-1').status).toBe('delivered')
  })

  test('a second attempt, and a second copy, stay on record whatever the receipts say', () => {
    const story = new Story().opened().sendRequested(text('hi'))
    expect(message(story, 'out-1')).toMatchObject({ attempts: 1, doubledProviderMessageId: null })
    story.tell({ type: 'MessageResent', data: { messageId: 'out-1', attempt: 2 } })
    expect(message(story, 'out-1')).toMatchObject({ status: 'queued', attempts: 2 })
    story
      .sent('out-1', 'delivered', 'read')
      .tell({ type: 'MessageDoubled', data: { messageId: 'out-1', providerMessageId: 'wamid.second' } })
    expect(message(story, 'out-1')).toMatchObject({
      status: 'read',
      providerMessageId: 'wamid.out-1',
      attempts: 2,
      doubledProviderMessageId: 'wamid.second',
    })
  })

  test('a failure keeps the provider’s reason', () => {
    const story = new Story()
      .opened()
      .sendRequested(text('hi'))
      .tell({
        type: 'MessageFailed',
        data: {
          messageId: 'out-1',
          providerMessageId: '',
          providerCode: 131026,
          providerTitle: 'Undeliverable',
        },
      })
    expect(message(story, 'out-1')).toMatchObject({
      status: 'failed',
      failure: { code: 131026, title: 'Undeliverable' },
    })
  })

  test('a receipt for a message that is not in the archive changes nothing', () => {
    const story = new Story().opened().sent('out-of-nowhere', 'read')
    expect(transcriptOf(story).entries).toHaveLength(1)
  })
})

describe('edits, deletions, reactions', () => {
  test('an edited message shows its new text and every text that it replaced, in order', () => {
    const story = new Story().opened().wrote('one').edited('in-1', 'two').edited('in-1', 'three')
    const entry = message(story, 'in-1')
    expect(textOf(entry)).toBe('three')
    expect(entry.edits.map(({ before }) => before)).toEqual([
      { text: { text: 'one' } },
      { text: { text: 'two' } },
    ])
  })

  test('of two edits the later one by the customer’s clock is what it says, whichever comes last', () => {
    const at = (seconds: number) => ({
      occurredAt: new Date(Date.parse('2026-03-02T13:00:00.000Z') + seconds * 1000).toISOString(),
    })
    const story = new Story().opened().wrote('one', at(0))
    const entry = message(
      story.edited('in-1', 'four', at(30)).edited('in-1', 'two', at(10)).edited('in-1', 'three', at(20)),
      'in-1',
    )
    expect(textOf(entry)).toBe('four')
    expect(entry.edits.map(({ before }) => before)).toEqual([
      { text: { text: 'one' } },
      { text: { text: 'two' } },
      { text: { text: 'three' } },
    ])
  })

  test('a deleted message is marked, and what it said stays on record', () => {
    const story = new Story().opened().wrote('my secret').revoked('in-1')
    const entry = message(story, 'in-1')
    expect(entry.revoked).not.toBeNull()
    expect(textOf(entry)).toBe('my secret')
  })

  test('one reaction per author: the last one counts, an empty one takes it back', () => {
    const story = new Story().opened().sendRequested(text('hi')).reacted('out-1', '👍').reacted('out-1', '❤️')
    expect(message(story, 'out-1').reactions).toEqual([{ by: 'customer', emoji: '❤️' }])
    story.reacted('out-1', '')
    expect(message(story, 'out-1').reactions).toEqual([])
  })

  test('what is said about a message that nobody knows becomes a line of its own', () => {
    const story = new Story().opened().edited('', 'new').revoked('').reacted('', '👍')
    expect(lineNames(story)).toEqual([
      'conversation_opened',
      'unknown_message_edited',
      'unknown_message_revoked',
      'unknown_message_reacted',
    ])
  })
})

describe('what happened', () => {
  test('the course of the conversation is told by system lines, receipts and turns are not', () => {
    const story = new Story()
      .opened('Summer cards')
      .tell({
        type: 'PrivacyNoticeShown',
        data: { noticeVersion: '1', processors: ['Meta'], messageId: 'out-1' },
      })
      .tell({ type: 'ContactLanguageChosen', data: { language: 'pt', chosenBy: 'customer' } })
      .tell({
        type: 'BotTurnCompleted',
        data: { turn: 1, responder: 'flows', flow: 'bank', flowVersion: '1' },
      })
      .tell({ type: 'HandoverRequested', data: { queue: 'cards', reason: 'requested' } })
      .tell({ type: 'ContactOptedOut', data: { via: 'keyword', messageId: 'in-1' } })
      .closed('opted_out')
    expect(lineNames(story)).toEqual([
      'conversation_opened',
      'privacy_notice_shown',
      'language_chosen',
      'handed_over',
      'opted_out',
      'conversation_closed',
    ])
  })

  test('a message that the rules did not let out is on the page; refusals between services are only in the record', () => {
    const refused = (code: string) =>
      ({ type: 'CommandRefused', data: { commandType: 'CompleteBotTurn', code } }) as const
    const story = new Story().opened().tell(refused('OUTSIDE_REPLY_WINDOW')).tell(refused('TURN_NOT_RUNNING'))
    expect(lineNames(story)).toEqual(['conversation_opened', 'sending_refused'])
  })

  test('looking at a transcript does not write into it', () => {
    const story = new Story().opened().wrote('oi').closed()
    const before = transcriptOf(story).entries
    story.tell({
      type: 'TranscriptViewed',
      data: { conversationId: story.conversationId, linkId: 'a', format: 'page' },
    })
    expect(transcriptOf(story).entries).toEqual(before)
    expect(transcriptOf(story).events).toHaveLength(4)
  })
})

describe('header', () => {
  test('follows the conversation from the robot to its close and counts the messages of both sides', () => {
    const story = new Story({ language: 'pt' }).opened().wrote('oi').sendRequested(text('olá'))
    const header = () => transcriptOf(story).conversation
    expect(header()).toMatchObject({ stage: 'with_robot', language: 'pt', messageCount: 2, closed: null })
    story.tell({ type: 'HandoverRequested', data: { queue: '', reason: 'robot_failed' } })
    expect(header().stage).toBe('waiting')
    story.ending('Bye', 'Open')
    expect(header().stage).toBe('ending')
    story.closed('silence')
    expect(header()).toMatchObject({ stage: 'closed', closed: { reason: 'silence' } })
  })

  test('events of no conversation and of other conversations leave it alone', () => {
    const story = new Story().opened()
    const header = transcriptOf(story).conversation
    story.tell({ type: 'ContactOptedIn', data: { via: 'keyword', messageId: '' } }, { correlationId: '' })
    expect(transcriptOf(story).conversation).toEqual(header)
    expect(lineNames(story)).toEqual(['conversation_opened'])
  })
})

describe('people', () => {
  const stageAfter = (tell: (story: Story) => Story) => {
    const story = new Story().opened().handedOver('general')
    return transcriptOf(tell(story)).conversation
  }

  test('the header follows who has it: a queue, an agent, the robot again, nobody', () => {
    const queue = { by: 'queue', queue: 'general' }
    const ana = { by: 'agent', personId: 'ana' }
    expect(stageAfter((it) => it)).toMatchObject({ stage: 'waiting', held: queue, lastAgentId: null })
    expect(stageAfter((it) => it.offered('ana'))).toMatchObject({ stage: 'offered', held: queue })
    expect(stageAfter((it) => it.offered('ana').offerEnded('ana', 'declined')).stage).toBe('waiting')
    expect(stageAfter((it) => it.offered('ana').assigned('ana'))).toMatchObject({
      stage: 'with_agent',
      held: ana,
      lastAgentId: 'ana',
    })
    const data = { conversationId: new Story().conversationId, agentId: 'ana' }
    expect(stageAfter((it) => it.assigned('ana').tell({ type: 'ConversationParked', data }))).toMatchObject({
      stage: 'parked',
      held: ana,
    })
    expect(
      stageAfter((it) => it.assigned('ana').tell({ type: 'ConversationReturnedToRobot', data })),
    ).toMatchObject({ stage: 'with_robot', held: { by: 'robot' }, lastAgentId: 'ana' })
    expect(stageAfter((it) => it.assigned('ana').requeued('cards', 'ana'))).toMatchObject({
      stage: 'waiting',
      held: { by: 'queue', queue: 'cards' },
      lastAgentId: 'ana',
    })
    expect(stageAfter((it) => it.assigned('ana').closed('solved', 'ana'))).toMatchObject({
      stage: 'closed',
      held: { by: 'nobody' },
      lastAgentId: 'ana',
    })
    // It is in sight still of whoever served the queue that the customer left.
    const left = { stage: 'closed', held: queue, lastAgentId: null }
    expect(stageAfter((it) => it.closed('left'))).toMatchObject(left)
    expect(
      stageAfter((it) => it.tell({ type: 'ConversationEnding', data: {} }).closed('left')),
    ).toMatchObject(left)
    expect(stageAfter((it) => it.assigned('ana').requeued('cards', 'ana').closed('left'))).toMatchObject({
      held: { by: 'queue', queue: 'cards' },
      lastAgentId: 'ana',
    })
  })

  test('an agent who writes first has it from the start, set aside until the customer answers', () => {
    const { conversationId } = new Story()
    const story = new Story()
      .opened()
      .tell({ type: 'ConversationBegun', data: { conversationId, agentId: 'ana', queue: 'general' } })
    expect(transcriptOf(story).conversation).toMatchObject({
      stage: 'parked',
      held: { by: 'agent', personId: 'ana' },
      lastAgentId: 'ana',
    })
    expect(lineNames(story)).toEqual(['conversation_opened', 'agent_began'])
  })

  test('a transfer stays whose it is until it is taken', () => {
    const offered = (story: Story) => story.assigned('ana').offered('bia', { from: 'ana' })
    const anas = { stage: 'with_agent', held: { personId: 'ana' } }
    expect(stageAfter(offered)).toMatchObject(anas)
    expect(stageAfter((story) => offered(story).offerEnded('bia', 'timed_out'))).toMatchObject(anas)
    expect(stageAfter((story) => offered(story).assigned('bia', 'ana'))).toMatchObject({
      stage: 'with_agent',
      held: { personId: 'bia' },
    })
  })

  test('each agent’s messages carry who wrote them', () => {
    const story = new Story().opened().handedOver().assigned('ana').answered('ana', 'Hello', 'out-1')
    expect(message(story, 'out-1')).toMatchObject({
      author: 'agent',
      agentId: 'ana',
      purpose: 'agent_message',
    })
    expect(message(story.wrote('hi'), 'in-1').agentId).toBe('')
  })
})
