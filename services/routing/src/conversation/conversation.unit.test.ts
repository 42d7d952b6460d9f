import {
  type EventData,
  contentOf,
  conversations,
  messageIn,
  messagesIn,
  noteIn,
  outgoingMessageIn,
  profileIn,
  sessionIn,
} from '@parley/conversation'
import { refuse, wishOf } from '@parley/kernel'
import { ContactProfile } from '@parley/proto/content'
import { CommandEnvelope } from '@parley/proto/envelope'
import { describe, expect, test } from 'vitest'
import {
  BEGIN,
  CONTACT,
  ELDER,
  Story,
  type Told,
  type Wish,
  blocks,
  by,
  chooses,
  completes,
  edits,
  endWithCompanyLink,
  endWithLink,
  endWithoutLink,
  expires,
  factsOf,
  fails,
  handOver,
  isFailed,
  isResent,
  isSent,
  isUncertain,
  issuesLink,
  merges,
  notes,
  placed,
  queued,
  reacts,
  receipt,
  revokes,
  say,
  sayNonsense,
  sayTemplate,
  says,
  sendAll,
  served,
  testPolicy,
  typesOf,
  unblocks,
  writesInApp,
} from '../../test/story.ts'
import { Decision } from './decision.ts'
import { EARLY_CHANGES_MAX, MESSAGES_MAX, WAITING_INPUTS_MAX } from './state.ts'
import { after } from './window.ts'

const codes = (events: readonly Told[]) => factsOf(events, 'CommandRefused').map(({ code }) => code)
const purposes = (events: readonly Told[]) =>
  factsOf(events, 'MessageSendRequested').map(({ purpose }) => purpose)
const textsIn = ({ envelope }: Told) =>
  messagesIn(envelope.content).map(({ body }) => (body?.$case === 'text' ? body.value.text : ''))
const inputsOf = (events: readonly Told[]) =>
  events.filter(({ type }) => type === 'BotTurnRequested').map(textsIn)
const reference = (story: Story, wanted: Told['type']) =>
  story.events.findLast(({ type }) => type === wanted)!.envelope.eventId

describe('the thin path', () => {
  test('oi → notice → turn → answers → ending → closed, in versions 1..n of one stream', () => {
    const story = new Story()
    expect(typesOf(story.when(says('oi')))).toEqual([
      'ContactRegistered',
      'ConversationOpened',
      'MessageReceived',
      'MessageSendRequested',
    ])
    const id = story.conversationId
    expect(typesOf(story.when(isSent(queued(story)[0]!)))).toEqual([
      'MessageSent',
      'PrivacyNoticeShown',
      'BotTurnRequested',
    ])
    expect(typesOf(story.when(completes(id, 1, [say('Olá!'), endWithLink])))).toEqual([
      'BotTurnCompleted',
      'MessageSendRequested',
      'ConversationEnding',
    ])
    sendAll(story)
    expect(typesOf(story.when(issuesLink(id)))).toEqual(['TranscriptLinkIssued', 'MessageSendRequested'])
    const link = story.events.findLast(({ type }) => type === 'MessageSendRequested')!
    expect(outgoingMessageIn(link.envelope.content)?.body).toMatchObject({
      $case: 'linkButton',
      value: { text: 'Your record', displayText: 'Open', url: 'https://example.test/t/token' },
    })
    expect(typesOf(story.when(isSent(queued(story)[0]!)))).toEqual(['MessageSent', 'ConversationClosed'])
    expect(story.events.map(({ envelope }) => envelope.streamVersion)).toEqual(
      story.events.map((_, index) => index + 1),
    )
    expect(new Set(story.events.map(({ envelope }) => envelope.correlationId))).toEqual(new Set([id]))
  })
})

describe('who writes', () => {
  test.each([
    ['pt', 'pt'],
    ['bn', 'bn'],
    ['', 'en'],
    ['xx', 'en'],
  ])('a contact whose country hints "%s" is spoken to in %s until they choose', (languageHint, language) => {
    const story = new Story()
    story.when(says('oi', { observed: { profileDigest: '1', languageHint } }))
    expect(story.state.contact.language).toBe(language)
  })

  test('a set of names that is new goes on record once, with its words', () => {
    const story = served()
    const profile = { waId: '5511999990000', userId: 'BR.9', name: 'Ana' }
    const events = story.when(says('', { profile }))
    const added = events.find(({ type }) => type === 'ContactAliasesAdded')!
    expect(profileIn(added.envelope.content)).toMatchObject(profile)
    expect(typesOf(story.when(says('', { profile })))).not.toContain('ContactAliasesAdded')
    expect(typesOf(story.when(says('')))).not.toContain('ContactAliasesAdded')
  })

  test('a changed number is a fact of the same contact', () => {
    const story = served()
    const wish: Wish = {
      type: 'AddContactAliases',
      data: { reason: 'number_changed', observed: { profileDigest: 'another number' } },
    }
    expect(factsOf(story.when(wish), 'ContactAliasesAdded')).toMatchObject([{ reason: 'number_changed' }])
    expect(story.when(wish)).toEqual([])
  })

  test('a number that another person has now is lost on record, the open conversation goes on, and should it come back, that is news', () => {
    const story = served()
    const open = story.state.conversation
    const profile = { waId: '5511999990000' }
    story.when(says('', { profile }))
    const wish: Wish = {
      type: 'ReleaseContactNumber',
      content: contentOf({ profile: ContactProfile.fromPartial(profile) }),
    }
    const [released] = story.when(wish)
    expect(released).toMatchObject({ type: 'ContactNumberReleased' })
    expect(profileIn(released!.envelope.content)).toMatchObject(profile)
    expect(story.state.conversation).toMatchObject({ stage: open.stage })
    expect(typesOf(story.when(says('', { profile })))).toContain('ContactAliasesAdded')
    expect(typesOf(new Story().when(wish))).toEqual(['ContactNumberReleased'])
  })

  test('a preference for marketing is on record, even of who never wrote', () => {
    const story = new Story()
    const data = { channelAccountId: 'account', category: 'm', value: 'stop' }
    expect(typesOf(story.when({ type: 'SetMarketingPreference', data }))).toEqual([
      'ContactRegistered',
      'MarketingPreferenceChanged',
    ])
  })
})

describe('the privacy notice', () => {
  test('the robot gets nothing before it is sent, then all that waited, as one turn', () => {
    const story = new Story()
    story.when(says('oi'))
    expect(typesOf(story.when(says('tem alguém?')))).toEqual(['MessageReceived'])
    expect(inputsOf(story.when(isSent(queued(story)[0]!)))).toEqual([['oi', 'tem alguém?']])
  })

  test('a receipt that comes before the answer of the call counts as sent', () => {
    const story = new Story()
    story.when(says('oi'))
    expect(typesOf(story.when(receipt(queued(story)[0]!, 'delivered')))).toEqual([
      'MessageSent',
      'PrivacyNoticeShown',
      'BotTurnRequested',
      'DeliveryStatusAdvanced',
    ])
  })

  test.each([
    ['failed', isFailed],
    ['uncertain', isUncertain],
  ])('%s: people take over, and a customer is told so', (_, outcome) => {
    const story = new Story()
    story.when(says('oi'))
    const events = story.when(outcome(queued(story)[0]!))
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([{ reason: 'notice_not_sent' }])
    expect(purposes(story.when(placed(story)))).toEqual(['waiting_notice'])
  })

  test('an uncertain notice that proves to be sent is shown, and people keep the conversation', () => {
    const story = new Story()
    story.when(says('oi'))
    const [notice] = queued(story)
    story.when(isUncertain(notice!))
    expect(typesOf(story.when(receipt(notice!, 'sent')))).toEqual(['MessageSent', 'PrivacyNoticeShown'])
    expect(story.state.conversation.stage).toBe('waiting')
  })

  test('in the next conversation it is not shown again', () => {
    const story = served()
    story.when(completes(story.conversationId, 2, []))
    story.later(2000).when(expires('silence', reference(story, 'BotTurnCompleted')))
    story.when(issuesLink(story.conversationId))
    sendAll(story)
    expect(typesOf(story.when(says('oi de novo')))).toEqual([
      'ConversationOpened',
      'MessageReceived',
      'BotTurnRequested',
    ])
  })

  test('after a change of the processors everyone sees the new one before the robot gets their next message', () => {
    const story = served().under(testPolicy('Somebody else reads along'))
    expect(purposes(story.when(says('oi')))).toEqual(['privacy_notice'])
    expect(inputsOf(story.when(isSent(queued(story)[0]!)))).toEqual([['oi']])
  })

  test('a notice in flight that names processors of yesterday does not count for those of today', () => {
    const story = new Story()
    story.when(says('oi'))
    const [old] = queued(story)
    story.under(testPolicy('Somebody else reads along'))
    const events = story.when(isSent(old!))
    expect(typesOf(events)).toEqual(['MessageSent', 'MessageSendRequested'])
    expect(inputsOf(story.when(isSent(queued(story)[0]!)))).toEqual([['oi']])
  })

  test('one that the provider took and could not deliver was not shown: the next turn shows it again', () => {
    const story = new Story()
    story.when(says('oi'))
    const [notice] = queued(story)
    story.when(isSent(notice!))
    story.when(receipt(notice!, 'failed'))
    story.when(completes(story.conversationId, 1, [say('Olá!')]))
    sendAll(story)
    expect(purposes(story.when(says('e agora?')))).toEqual(['privacy_notice'])
  })
})

describe('turns', () => {
  test('a link without words of the robot goes out in the words of the company', () => {
    const story = served()
    story.when(says('tchau'))
    const events = story.when(completes(story.conversationId, 2, [endWithCompanyLink]))
    expect(messageIn(events.at(-1)!.envelope.content)?.body).toMatchObject({ value: { text: 'pt: record' } })
  })

  test('a session longer than the rules keep is no answer', () => {
    const story = served()
    story.when(says('oi'))
    const events = story.when(completes(story.conversationId, 2, [say('a')], 'x'.repeat(64_001)))
    expect(factsOf(events, 'BotTurnFailed')).toMatchObject([{ code: 'BOT_SESSION_TOO_LONG' }])
  })

  test('what is written while a turn runs makes the next turn, with the session that the robot left', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('um'))
    expect(typesOf(story.when(says('dois')))).toEqual(['MessageReceived'])
    story.when(says('três'))
    story.when(completes(id, 2, [say('certo')], 'step 2'))
    const events = story.when(isSent(queued(story)[0]!))
    expect(inputsOf(events)).toEqual([['dois', 'três']])
    expect(factsOf(events, 'BotTurnRequested')).toMatchObject([{ turn: 3 }])
    expect(sessionIn(events.at(-1)!.envelope.content)).toBe('step 2')
  })

  test('an answer to another turn, or to a turn of another conversation, is refused', () => {
    const story = served()
    const first = story.conversationId
    story.when(says('um'))
    expect(codes(story.when(completes(first, 1, [say('x')])))).toEqual(['TURN_NOT_RUNNING'])
    story.when(completes(first, 2, [endWithoutLink]))
    story.when(says('nova'))
    expect(codes(story.when(completes(first, 1, [say('x')])))).toEqual(['TURN_NOT_RUNNING'])
    expect(codes(story.when(completes(story.conversationId, 1, [say('x')])))).toEqual([])
  })

  test('a robot that fails, or says nothing within its time, hands over; its late answer is refused', () => {
    const failed = new Story()
    failed.when(says('oi'))
    sendAll(failed)
    expect(typesOf(failed.when(fails(failed.conversationId, 1)))).toEqual([
      'BotTurnFailed',
      'HandoverRequested',
    ])
    const late = new Story()
    late.when(says('oi'))
    sendAll(late)
    const events = late.later(45).when(expires('bot_turn', reference(late, 'BotTurnRequested')))
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([
      { reason: 'robot_timeout', queue: 'general' },
    ])
    expect(codes(late.when(completes(late.conversationId, 1, [say('Olá!')])))).toEqual(['NOT_THE_OWNER'])
    expect(typesOf(late.when(says('?')))).toEqual(['MessageReceived', 'WaitAsked'])
  })

  test('a deadline that comes before its time changes nothing, and at its time it is taken', () => {
    const story = new Story()
    story.when(says('oi'))
    sendAll(story)
    const expiry = expires('bot_turn', reference(story, 'BotTurnRequested'), after(story.at, 45))
    expect(story.later(44.999).when(expiry)).toEqual([])
    expect(typesOf(story.later(0.001).when(expiry))).toContain('HandoverRequested')
  })

  test('the deadline of a turn that was answered changes nothing', () => {
    const story = new Story()
    story.when(says('oi'))
    sendAll(story)
    const turn = reference(story, 'BotTurnRequested')
    story.when(completes(story.conversationId, 1, []))
    story.when(says('mais'))
    expect(story.when(expires('bot_turn', turn))).toEqual([])
  })

  test('after it handed over, the rest of an answer is turned down, on record', () => {
    const story = served()
    story.when(says('pessoa'))
    const events = story.when(completes(story.conversationId, 2, [say('já passo'), handOver, say('e mais')]))
    expect(typesOf(events)).toEqual([
      'BotTurnCompleted',
      'MessageSendRequested',
      'HandoverRequested',
      'CommandRefused',
    ])
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([{ queue: 'cards', reason: 'requested' }])
    expect(codes(events)).toEqual(['NOT_THE_OWNER'])
  })

  test('an answer that cannot be carried out is not said in part: people take over', () => {
    const story = served()
    story.when(says('oi'))
    const events = story.when(completes(story.conversationId, 2, [say('a'), sayNonsense]))
    expect(factsOf(events, 'BotTurnFailed')).toMatchObject([{ code: 'BOT_ACTION_NOT_SENDABLE' }])
    expect(purposes(events)).toEqual([])
  })

  test('a chosen language holds for the next turn and the next conversation', () => {
    const story = served()
    story.when(says('english'))
    story.when(completes(story.conversationId, 2, [chooses('en'), endWithoutLink]))
    expect(factsOf(story.when(says('hi')), 'ConversationOpened')).toMatchObject([{ language: 'en' }])
    expect(factsOf(story.events, 'BotTurnRequested').at(-1)).toMatchObject({ language: 'en' })
  })

  test('more than a robot can take at once goes to people', () => {
    const story = served()
    story.when(says('first'))
    for (let count = 0; count <= WAITING_INPUTS_MAX; count++) story.when(says(`and ${count}`))
    expect(factsOf(story.events, 'HandoverRequested')).toMatchObject([{ reason: 'robot_timeout' }])
    expect(factsOf(story.events, 'MessageReceived')).toHaveLength(WAITING_INPUTS_MAX + 3)
  })
})

test('what was said to a sensitive question is on record with the turn that heard it', () => {
  const story = served()
  const [received] = factsOf(story.when(says('529.982.247-25')), 'MessageReceived')
  const sensitiveMessageIds = [received!.messageId]
  const events = story.when(
    completes(story.conversationId, 2, [say('4 digits?')], '', { sensitiveMessageIds }),
  )
  expect(factsOf(events, 'BotTurnCompleted')).toMatchObject([{ sensitiveMessageIds }])
})

test('what is said while a sensitive question waits is perhaps sensitive, until the turn that hears it tells', () => {
  const story = served()
  const perhaps = (events: ReturnType<typeof story.when>) =>
    factsOf(events, 'MessageReceived').map(({ perhapsSensitive }) => perhapsSensitive)
  expect(perhaps(story.when(says('lost card')))).toEqual([false])
  story.when(completes(story.conversationId, 2, [say('Your CPF?')], '', { asksSensitive: true }))
  sendAll(story)
  const [first] = factsOf(story.when(says('hello')), 'MessageReceived')
  const [second] = factsOf(story.when(says('529.982.247-25')), 'MessageReceived')
  expect([first, second]).toMatchObject([{ perhapsSensitive: true }, { perhapsSensitive: true }])
  const heardFirst = story.when(
    completes(story.conversationId, 3, [say('Your CPF?')], '', { asksSensitive: true }),
  )
  sendAll(story)
  expect(factsOf(heardFirst, 'BotTurnCompleted')).toMatchObject([{ plainMessageIds: [first!.messageId] }])
  const sensitiveMessageIds = [second!.messageId]
  const heard = story.when(
    completes(story.conversationId, 4, [say('529.982.247-25?')], '', { sensitiveMessageIds }, [
      '529.982.247-25',
    ]),
  )
  expect(factsOf(heard, 'BotTurnCompleted')).toMatchObject([{ sensitiveMessageIds, plainMessageIds: [] }])
  sendAll(story)
  expect(perhaps(story.when(says('yes')))).toEqual([false])
})

describe('a note of the channel', () => {
  test('of an unknown contact is on record, and opens nothing, asks nothing, tells nothing', () => {
    const story = new Story()
    const wish = notes('identity_key_changed', { providerMessageId: 'note' })
    const events = story.when(wish)
    expect(typesOf(events)).toEqual(['ContactRegistered', 'MessageReceived'])
    expect(events.map(({ envelope }) => envelope.correlationId)).toEqual(['', ''])
    expect(story.when({ ...wish, commandId: 'another' })).toEqual([])
    expect(typesOf(story.when(says('oi')))).toEqual([
      'ConversationOpened',
      'MessageReceived',
      'MessageSendRequested',
    ])
  })

  test('belongs to the conversation that is open, and is no input of the robot', () => {
    const story = served()
    const events = story.when(notes('number_changed'))
    expect(typesOf(events)).toEqual(['MessageReceived'])
    expect(events[0]!.envelope.correlationId).toBe(story.conversationId)
    expect(inputsOf(story.when(says('oi')))).toEqual([['oi']])
    story.when(notes('number_changed'))
    expect(typesOf(story.when(completes(story.conversationId, 2, [])))).toEqual(['BotTurnCompleted'])
  })

  test('does not keep the reply window open, nor remind who waits for people', () => {
    const story = served()
    story.when(says('pessoa'))
    story.when(completes(story.conversationId, 2, [handOver]))
    story.later(23 * 3600)
    expect(typesOf(story.when(notes('number_changed')))).toEqual(['MessageReceived'])
    const robot = served()
    robot.when(says('oi'))
    robot.later(24 * 3600 - 1).when(notes('number_changed'))
    expect(codes(robot.later(2).when(completes(robot.conversationId, 2, [say('Olá')])))).toContain(
      'OUTSIDE_REPLY_WINDOW',
    )
  })
})

describe('waiting', () => {
  test('messages are on record, and at most once an hour the customer is told again that people will answer', () => {
    const story = served()
    story.when(says('pessoa'))
    story.when(completes(story.conversationId, 2, [handOver]))
    story.when(placed(story))
    expect(typesOf(story.later(3599).when(says('?')))).toEqual(['MessageReceived'])
    expect(typesOf(story.later(1).when(says('??')))).toEqual(['MessageReceived', 'WaitAsked'])
    expect(purposes(story.when(placed(story)))).toEqual(['waiting_notice'])
    expect(typesOf(story.later(1).when(says('???')))).toEqual(['MessageReceived'])
  })

  test('it does not time out', () => {
    const story = served()
    story.when(says('pessoa'))
    story.when(completes(story.conversationId, 2, [handOver]))
    expect(story.later(90_000).when(expires('silence', reference(story, 'MessageReceived')))).toEqual([])
  })
})

describe('the end', () => {
  test('without a link a conversation closes once all that was said is sent', () => {
    const story = served()
    story.when(says('tchau'))
    story.when(completes(story.conversationId, 2, [say('Até logo'), endWithoutLink]))
    expect(story.state.conversation.stage).toBe('ending')
    expect(factsOf(story.when(isSent(queued(story)[0]!)), 'ConversationClosed')).toMatchObject([
      { reason: 'flow_ended' },
    ])
  })

  test('a message during the ending belongs to the conversation still open; once that is closed, it is answered in a new one', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('tchau'))
    story.when(completes(id, 2, [endWithLink]))
    expect(story.when(says('ah!')).map(({ envelope }) => envelope.correlationId)).toEqual([id])
    story.when(issuesLink(id))
    const closed = queued(story).flatMap((one) => story.when(isSent(one)))
    expect(typesOf(closed).slice(-3)).toEqual([
      'ConversationClosed',
      'ConversationOpened',
      'BotTurnRequested',
    ])
    expect(story.conversationId).not.toBe(id)
    expect(inputsOf(closed)).toEqual([['ah!']])
    expect(factsOf(closed, 'BotTurnRequested')).toMatchObject([
      { turn: 1, inputs: [{ seenTurn: 0, askedTurn: 0 }] },
    ])
  })

  test('what was written while the robot was at its last answer is answered in a new conversation too, whether or not a link is sent', () => {
    for (const end of [endWithLink, endWithoutLink]) {
      const story = served()
      const id = story.conversationId
      story.when(says('tchau'))
      story.when(says('não, espera'))
      const events = story.when(completes(id, 2, [end]))
      if (end === endWithLink) story.when(issuesLink(id))
      const opened = end === endWithLink ? queued(story).flatMap((one) => story.when(isSent(one))) : events
      expect(inputsOf(opened)).toEqual([['não, espera']])
      expect(story.conversationId).not.toBe(id)
    }
  })

  test('nothing opens for thanks that crossed it, for what was deleted meanwhile, or once the customer says stop', () => {
    const crossing = (...commands: Wish[]) => {
      const story = served()
      story.when(says('tchau'))
      story.when(says('obrigada!'))
      story.when(completes(story.conversationId, 2, [endWithLink]))
      for (const command of commands) story.when(command)
      if (story.state.conversation.stage === 'ending') story.when(issuesLink(story.conversationId))
      sendAll(story)
      return story.state.conversation.stage
    }
    expect(crossing(says('valeu!'))).toBe('none')
    expect(crossing(says('e agora?', { providerMessageId: 'in.crossed' }))).toBe('with_robot')
    expect(crossing(says('e agora?', { providerMessageId: 'in.crossed' }), revokes('in.crossed'))).toBe(
      'none',
    )
    expect(crossing(says('e agora?'), says('PARAR'))).toBe('none')
  })

  test.each([
    ['sent', isSent],
    ['failed', isFailed],
    ['uncertain', isUncertain],
  ])('it closes when the link is %s', (_, outcome) => {
    const story = served()
    story.when(says('tchau'))
    story.when(completes(story.conversationId, 2, [endWithLink]))
    story.when(issuesLink(story.conversationId))
    expect(typesOf(story.when(outcome(queued(story)[0]!))).at(-1)).toBe('ConversationClosed')
  })

  test('it closes when no link comes in time; the late one is on record and not sent', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('tchau'))
    story.when(completes(id, 2, [endWithLink]))
    expect(typesOf(story.later(60).when(expires('ending', reference(story, 'ConversationEnding'))))).toEqual([
      'ConversationClosed',
    ])
    const late = story.when(issuesLink(id))
    expect(typesOf(late)).toEqual(['TranscriptLinkIssued', 'CommandRefused'])
    expect(codes(late)).toEqual(['CONVERSATION_NOT_ENDING'])
    expect(late[1]!.envelope.correlationId).toBe(id)
  })

  test('the deadline of an ending does not touch the ending of a later conversation', () => {
    const story = served()
    story.when(says('tchau'))
    story.when(completes(story.conversationId, 2, [endWithLink]))
    const old = reference(story, 'ConversationEnding')
    story.when(issuesLink(story.conversationId))
    sendAll(story)
    story.when(says('oi'))
    story.when(completes(story.conversationId, 1, [endWithLink]))
    expect(story.when(expires('ending', old))).toEqual([])
  })

  test('the link of an earlier conversation does not end a later one, and a second link is no second message', () => {
    const story = served()
    const earlier = story.conversationId
    story.when(says('tchau'))
    story.when(completes(earlier, 2, [endWithoutLink]))
    story.when(says('oi'))
    story.when(completes(story.conversationId, 1, [endWithLink]))
    expect(codes(story.when(issuesLink(earlier)))).toEqual(['CONVERSATION_NOT_ENDING'])
    expect(purposes(story.when(issuesLink(story.conversationId)))).toEqual(['transcript_link'])
    expect(typesOf(story.when(issuesLink(story.conversationId)))).toEqual(['TranscriptLinkIssued'])
  })

  test('a link that somebody asked for otherwise is a fact and no message', () => {
    const story = served()
    expect(typesOf(story.when(issuesLink(story.conversationId, false)))).toEqual(['TranscriptLinkIssued'])
  })

  test('a view is on record in the conversation that was viewed, after its close too', () => {
    const story = served()
    const data = { conversationId: 'past', linkId: 'l', format: 'page' }
    expect(story.when({ type: 'RecordTranscriptViewed', data })[0]!.envelope.correlationId).toBe('past')
  })

  test('a view that is told again within its quarter of an hour is none, whatever came in between', () => {
    const story = served()
    const views = (linkId: string, format: string) =>
      story.when({ type: 'RecordTranscriptViewed', data: { conversationId: 'past', linkId, format } })
    expect(typesOf(views('l', 'page'))).toEqual(['TranscriptViewed'])
    expect(typesOf(views('l', 'json'))).toEqual(['TranscriptViewed'])
    for (let other = 0; other < 200; other += 1) story.when(says(`message ${other}`))
    expect(typesOf(views('l', 'page'))).toEqual([])
    expect(typesOf(views('other', 'page'))).toEqual(['TranscriptViewed'])
    story.later(900)
    expect(typesOf(views('l', 'page'))).toEqual(['TranscriptViewed'])
  })

  test.each(['', 'constructor', 'function Object() { [native code] }'])(
    'a view in a format that there is not ("%s") is turned down, and the word is not put on record',
    (format) => {
      const story = served()
      const data = { conversationId: 'past', linkId: 'l', format }
      const events = story.when({ type: 'RecordTranscriptViewed', data })
      expect(codes(events)).toEqual(['UNKNOWN_VIEW_FORMAT'])
      expect(factsOf(events, 'CommandRefused')[0]!.fields).toMatchObject([{ name: 'linkId', value: 'l' }])
    },
  )
})

describe('silence', () => {
  test('ends the conversation with its link', () => {
    const story = served()
    const events = story.later(1800).when(expires('silence', reference(story, 'BotTurnCompleted')))
    expect(factsOf(events, 'ConversationEnding')).toMatchObject([{ reason: 'silence', sendsLink: true }])
    expect(messageIn(events.at(-1)!.envelope.content)?.body).toMatchObject({
      $case: 'linkButton',
      value: { text: 'pt: record' },
    })
  })

  test('says so where the company has words for it: nobody takes a record for what was never confirmed', () => {
    const silenceLink = testPolicy().link
    const policy = {
      ...testPolicy(),
      silenceLink: { ...silenceLink, pt: { text: 'pt: over', displayText: 'x' } },
    }
    const story = served(new Story(policy))
    const events = story.later(1800).when(expires('silence', reference(story, 'BotTurnCompleted')))
    expect(messageIn(events.at(-1)!.envelope.content)?.body).toMatchObject({ value: { text: 'pt: over' } })
  })

  test('a word of the customer in between, and the old deadline changes nothing', () => {
    const story = served()
    const old = reference(story, 'BotTurnCompleted')
    story.when(says('ainda aqui'))
    story.when(completes(story.conversationId, 2, [say('que bom')]))
    expect(story.when(expires('silence', old))).toEqual([])
  })

  test('while a turn runs it is not the customer who is silent', () => {
    const story = served()
    story.when(says('oi'))
    expect(story.when(expires('silence', reference(story, 'MessageReceived')))).toEqual([])
  })

  test('outside the reply window it closes without a link', () => {
    const story = served()
    const events = story.later(100_000).when(expires('silence', reference(story, 'BotTurnCompleted')))
    expect(typesOf(events)).toEqual(['ConversationClosed'])
  })
})

describe('the reply window', () => {
  test('is 24 h from the customer’s own clock: what came days late cannot be answered freely, and people take over', () => {
    const story = served()
    story.later(172_801).when(says('oi', { occurredAt: BEGIN }))
    const events = story.when(completes(story.conversationId, 2, [say('Olá!')]))
    expect(codes(events)).toEqual(['OUTSIDE_REPLY_WINDOW'])
    expect(typesOf(story.when(placed(story))), 'nor are they told to wait').toEqual(['ConversationQueued'])
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([{ reason: 'robot_failed' }])
    expect(factsOf(events, 'MessageSendRequested')).toEqual([])
  })

  test('an approved template may go out at any time', () => {
    const story = served()
    story.later(172_801).when(says('oi', { occurredAt: BEGIN }))
    expect(purposes(story.when(completes(story.conversationId, 2, [sayTemplate])))).toEqual(['bot_answer'])
  })

  test('a clock that runs ahead does not open it for longer', () => {
    const story = served()
    story.when(says('oi', { occurredAt: '2027-01-01T00:00:00.000Z' }))
    expect(story.state.contact.lastMessageAt).toBe(BEGIN)
  })

  test('an old message that comes late does not close it', () => {
    const story = served()
    story.later(3600).when(says('nova'))
    story.when(says('velha', { occurredAt: BEGIN }))
    expect(story.state.contact.lastMessageAt).toBe(story.at)
  })
})

describe('stop', () => {
  test('as the very first word: one notice tells how to begin again, and nothing else is sent', () => {
    const events = new Story().when(says('Stop!'))
    expect(typesOf(events)).toEqual([
      'ContactRegistered',
      'ConversationOpened',
      'MessageReceived',
      'ContactOptedOut',
      'MessageSendRequested',
      'ConversationClosed',
    ])
    expect(purposes(events)).toEqual(['stop_notice'])
    expect(textsIn(events[4]!)).toEqual(['pt: stopped'])
  })

  test('said again, or followed by other words, is met with silence by us: they were told how to begin again', () => {
    const story = served()
    story.when(says('STOP'))
    sendAll(story)
    expect(purposes(story.when(says('hi again')))).toEqual([])
    expect(purposes(story.when(says('STOP')))).toEqual([])
  })

  test('whose notice did not reach the customer: the next word brings it', () => {
    const story = served()
    story.when(says('STOP'))
    story.when(isFailed(queued(story)[0]!))
    expect(purposes(story.when(says('hi again')))).toEqual(['stop_notice'])
    expect(purposes(story.when(says('hello?')))).toEqual([])
  })

  test('whose notice did not reach the customer: thanks bring it too, in the conversation that ended, and open none', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('STOP'))
    story.when(isFailed(queued(story)[0]!))
    const events = story.when(says('obrigada'))
    expect(typesOf(events)).toEqual(['MessageReceived', 'MessageSendRequested'])
    expect(purposes(events)).toEqual(['stop_notice'])
    expect(events.map(({ envelope }) => envelope.correlationId)).toEqual([id, id])
    expect(typesOf(story.when(says('obrigada')))).toEqual(['MessageReceived'])
  })

  test('that came after the reply window closed: thanks open the window, and the notice goes out', () => {
    const story = new Story()
    const old = new Date(Date.parse(story.at) - 200_000_000).toISOString()
    expect(codes(story.when(says('PARE.', { occurredAt: old })))).toEqual(['OUTSIDE_REPLY_WINDOW'])
    expect(purposes(story.when(says('obrigada')))).toEqual(['stop_notice'])
  })

  test('edited into a message that nobody remembers, after the end: the notice stands in the last conversation', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('tchau'))
    story.when(completes(id, 2, [endWithoutLink]))
    const events = story.when(edits('in.forgotten', 'PARE.'))
    expect(purposes(events)).toEqual(['stop_notice'])
    expect(events.at(-1)!.envelope.correlationId).toBe(id)
  })

  test('edited into what was a note of the channel: the notice stands in the conversation that is open', () => {
    const story = new Story()
    story.when(notes('number_changed', { providerMessageId: 'in.note' }))
    story.when(says('oi'))
    const id = story.conversationId
    const events = story.when(edits('in.note', 'PARE.'))
    expect(purposes(events)).toEqual(['stop_notice'])
    expect(new Set(events.map(({ envelope }) => envelope.correlationId))).toEqual(new Set([id]))
  })

  test('after a start, the next stop is told again', () => {
    const story = served()
    story.when(says('STOP'))
    story.when(says('Voltar'))
    expect(purposes(story.when(says('STOP')))).toEqual(['stop_notice'])
  })

  test('of one who proved to be another contact was told there: nothing is sent', () => {
    const story = served()
    story.when({ type: 'AbsorbContact', data: { fromContactId: 'younger', optedOut: true } })
    expect(purposes(story.when(says('hi again')))).toEqual([])
  })

  test('while a turn runs: closed at once, and the late answer is refused and not sent', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('oi'))
    expect(factsOf(story.when(says('parar')), 'ConversationClosed')).toMatchObject([{ reason: 'opted_out' }])
    expect(typesOf(story.when(completes(id, 2, [say('Olá!')])))).toEqual(['CommandRefused'])
    expect(codes(story.events)).toEqual(['CONTACT_OPTED_OUT'])
  })

  test('edited into a message: the words that stand in the chat count', () => {
    const story = served()
    story.when(says('oi', { providerMessageId: 'in.2' }))
    expect(typesOf(story.when(edits('in.2', 'PARAR 🙏')))).toEqual([
      'MessageEdited',
      'ContactOptedOut',
      'MessageSendRequested',
      'ConversationClosed',
    ])
  })

  test('while the notice is in flight: the notice counts as shown, and nothing follows', () => {
    const story = new Story()
    story.when(says('oi'))
    const [notice] = queued(story)
    story.when(says('বন্ধ'))
    expect(typesOf(story.when(isSent(notice!)))).toEqual(['MessageSent', 'PrivacyNoticeShown'])
  })

  test('while the link is on its way: no link is sent', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('tchau'))
    story.when(completes(id, 2, [endWithLink]))
    story.when(says('sair'))
    expect(codes(story.when(issuesLink(id)))).toEqual(['CONTACT_OPTED_OUT'])
  })

  test('holds: later messages are on record, without turn or answer, and silence closes without a link', () => {
    const story = served()
    story.when(says('STOP'))
    expect(typesOf(story.when(says('oi')))).toEqual(['ConversationOpened', 'MessageReceived'])
    expect(typesOf(story.later(1800).when(expires('silence', reference(story, 'MessageReceived'))))).toEqual([
      'ConversationClosed',
    ])
  })

  test('until the customer says start: that message is an input again', () => {
    const story = served()
    story.when(says('STOP'))
    story.when(says('oi'))
    const events = story.when(says('Voltar'))
    expect(typesOf(events)).toEqual(['ContactOptedIn', 'MessageReceived', 'BotTurnRequested'])
    expect(inputsOf(events)).toEqual([['Voltar']])
  })

  test('the stop itself edited into a start ends it too', () => {
    const story = served()
    story.when(says('PARAR', { providerMessageId: 'in.stop' }))
    expect(typesOf(story.when(edits('in.stop', 'VOLTAR')))).toEqual(['ContactOptedIn', 'MessageEdited'])
    expect(typesOf(story.when(says('oi')))).toContain('BotTurnRequested')
  })

  test('holds by when it was said, not by when it came: a start from before it begins nothing, and it ends nothing that began after it', () => {
    const stopped = served().later(60)
    stopped.when(says('PARAR'))
    stopped.when(says('Voltar', { occurredAt: BEGIN }))
    expect(stopped.state.contact.optedOut).toBe(true)
    const started = served().later(60)
    started.when(says('Voltar'))
    expect(typesOf(started.when(says('PARAR', { occurredAt: BEGIN })))).toEqual(['MessageReceived'])
    expect(started.state.contact.optedOut).toBe(false)
  })

  test('that comes when what was said since holds is on record and answered by nobody: it opens nothing, and the robot is not given it', () => {
    const story = served().later(60)
    const id = story.conversationId
    story.when(says('tchau'))
    const late = (words: string) => {
      const events = story.when(says(words, { occurredAt: BEGIN }))
      return events.map(({ type, envelope }) => `${type} ${envelope.correlationId === id ? 'here' : ''}`)
    }
    story.when(says('Voltar'))
    expect(late('PARAR')).toEqual(['MessageReceived here'])
    story.when(completes(id, 2, [say('Olá!')]))
    expect(inputsOf(queued(story).flatMap((one) => story.when(isSent(one))))).toEqual([['Voltar']])
    story.when(completes(id, 3, [endWithoutLink]))
    expect(story.state.conversation.stage).toBe('none')
    expect(late('PARAR')).toEqual(['MessageReceived here'])
    expect(typesOf(story.when({ ...edits('in.forgotten', 'PARAR'), occurredAt: BEGIN }))).toEqual([
      'MessageEdited',
    ])
    story.later(60).when(says('PARAR'))
    sendAll(story)
    const last = story.state.conversation
    expect(typesOf(story.when(says('Voltar', { occurredAt: BEGIN })))).toEqual(['MessageReceived'])
    expect(story.state.conversation).toEqual(last)
  })

  test('that stands in an edit, and no longer holds, is no turn of the robot either', () => {
    const story = served().later(60)
    story.when(says('oi', { providerMessageId: 'in.2' }))
    story.when(completes(story.conversationId, 2, [say('Olá!')]))
    sendAll(story)
    story.when(says('Voltar'))
    story.when(completes(story.conversationId, 3, [say('Olá!')]))
    sendAll(story)
    expect(typesOf(story.when({ ...edits('in.2', 'PARAR'), occurredAt: BEGIN }))).toEqual(['MessageEdited'])
  })

  test('start without a stop before is an ordinary word', () => {
    expect(typesOf(served().when(says('start')))).toEqual(['MessageReceived', 'BotTurnRequested'])
  })
})

describe('block', () => {
  test('closes, refuses what was under way, and ends with unblock', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('oi'))
    expect(typesOf(story.when(blocks))).toEqual(['ContactBlocked', 'ConversationClosed'])
    expect(story.when(blocks)).toEqual([])
    expect(codes(story.when(completes(id, 2, [say('x')])))).toEqual(['CONTACT_BLOCKED'])
    expect(typesOf(story.when(says('?')))).toEqual(['ConversationOpened', 'MessageReceived'])
    expect(typesOf(story.when(expires('silence', reference(story, 'MessageReceived'))))).toEqual([
      'ConversationClosed',
    ])
    story.when(says('?'))
    story.when(unblocks)
    expect(typesOf(story.when(says('??')))).toEqual(['MessageReceived', 'BotTurnRequested'])
  })

  test('why is passed on among the words: the fact says none of what somebody typed', () => {
    const story = served()
    const why = { data: { reason: 'rude' }, content: contentOf({ note: 'rude' }) }
    const events = [
      ...story.when({ type: 'BlockContact', ...why }),
      ...story.when({ type: 'UnblockContact', ...why }),
    ]
    const told = events.filter(({ type }) => type === 'ContactBlocked' || type === 'ContactUnblocked')
    expect(told.map(({ data, envelope }) => [data, noteIn(envelope.content)])).toMatchObject([
      [{ reason: '' }, 'rude'],
      [{ reason: '' }, 'rude'],
    ])
  })
})

describe('delivery', () => {
  const answered = () => {
    const story = new Story()
    story.when(says('oi'))
    sendAll(story)
    story.when(completes(story.conversationId, 1, [say('Olá!')]))
    return { story, id: queued(story)[0]! }
  }

  test('only moves forward, however the receipts come', () => {
    const { story, id } = answered()
    expect(typesOf(story.when(receipt(id, 'read')))).toEqual(['MessageSent', 'DeliveryStatusAdvanced'])
    for (const status of ['sent', 'delivered', 'read', 'failed'])
      expect(story.when(receipt(id, status))).toEqual([])
    expect(story.when(isFailed(id))).toEqual([])
    expect(typesOf(story.when(receipt(id, 'played')))).toEqual(['DeliveryStatusAdvanced'])
  })

  test('failed is the end, unless it had arrived', () => {
    const { story, id } = answered()
    story.when(isSent(id))
    expect(story.when(isFailed(id)), 'the call failed, but the provider has it').toEqual([])
    expect(factsOf(story.when(receipt(id, 'failed')), 'MessageFailed')).toHaveLength(1)
    expect(story.when(receipt(id, 'delivered'))).toEqual([])
  })

  test('an uncertain message moves on when a receipt shows where it is, known by the provider’s id alone', () => {
    const { story, id } = answered()
    story.when(isUncertain(id))
    expect(story.when(isUncertain(id))).toEqual([])
    expect(typesOf(story.when(receipt(id, 'delivered', 'wamid.x')))).toEqual([
      'MessageSent',
      'DeliveryStatusAdvanced',
    ])
    expect(typesOf(story.when(receipt('', 'read', 'wamid.x')))).toEqual(['DeliveryStatusAdvanced'])
  })

  test('a second attempt is let go once, and only while nobody knows what became of the first', () => {
    const { story, id } = answered()
    expect(factsOf(story.when(isResent(id)), 'MessageResent')).toMatchObject([{ messageId: id, attempt: 2 }])
    expect(story.when({ ...isResent(id), commandId: 'another wish' })).toEqual([])
    const third: Wish = { type: 'RecordMessageResent', data: { messageId: id, attempt: 3 } }
    expect(story.when(third)).toEqual([])
    expect(codes(story.when(isResent('who')))).toEqual(['UNKNOWN_MESSAGE'])
  })

  test.each([
    ['sent', isSent],
    ['failed', isFailed],
    ['uncertain', isUncertain],
  ])('what is known as %s is not sent again', (_, outcome) => {
    const { story, id } = answered()
    story.when(outcome(id))
    expect(story.when(isResent(id))).toEqual([])
  })

  test('whom nothing may be sent gets no second attempt', () => {
    const { story, id } = answered()
    story.when(says('parar'))
    expect(story.when(isResent(id))).toEqual([])
  })

  test('an uncertain message says how often it was tried', () => {
    const once = answered()
    expect(factsOf(once.story.when(isUncertain(once.id)), 'MessageSendUncertain')).toMatchObject([
      { messageId: once.id, attempts: 1 },
    ])
    const twice = answered()
    twice.story.when(isResent(twice.id))
    expect(factsOf(twice.story.when(isUncertain(twice.id)), 'MessageSendUncertain')).toMatchObject([
      { messageId: twice.id, attempts: 2 },
    ])
  })

  test('both attempts went out: that is on record once, and receipts of either move the message on', () => {
    const { story, id } = answered()
    story.when(isResent(id))
    story.when(isSent(id, 'wamid.first'))
    const events = story.when(receipt(id, 'delivered', 'wamid.second'))
    expect(factsOf(events, 'MessageDoubled')).toMatchObject([
      { messageId: id, providerMessageId: 'wamid.second' },
    ])
    expect(typesOf(events)).toEqual(['MessageDoubled', 'DeliveryStatusAdvanced'])
    expect(typesOf(story.when(receipt('', 'read', 'wamid.second')))).toEqual(['DeliveryStatusAdvanced'])
    expect(story.when(isSent(id, 'wamid.second'))).toEqual([])
    expect(typesOf(story.when(receipt('', 'played', 'wamid.first')))).toEqual(['DeliveryStatusAdvanced'])
  })

  test('of a doubled message, one that failed does not take the other back', () => {
    const { story, id } = answered()
    story.when(isResent(id))
    story.when(isSent(id, 'wamid.first'))
    expect(typesOf(story.when(receipt(id, 'failed', 'wamid.second')))).toEqual(['MessageDoubled'])
    expect(story.state.messages.at(-1)).toMatchObject({ status: 'sent', providerMessageId: 'wamid.first' })
  })

  test('a status that nobody knows is refused, and nothing of it is on record', () => {
    const { story, id } = answered()
    story.when(isResent(id))
    story.when(isSent(id, 'wamid.first'))
    expect(codes(story.when(receipt(id, 'deleted', 'wamid.second')))).toEqual(['UNKNOWN_STATUS'])
  })

  test('a late receipt carries its own conversation, and an unknown message is refused', () => {
    const { story, id } = answered()
    const first = story.conversationId
    story.when(isSent(id))
    story.when(says('parar'))
    story.when(says('start'))
    expect(story.conversationId).not.toBe(first)
    expect(story.when(receipt(id, 'delivered'))[0]!.envelope.correlationId).toBe(first)
    expect(codes(story.when(receipt('who', 'delivered', 'what')))).toEqual(['UNKNOWN_MESSAGE'])
    expect(codes(story.when(receipt(id, 'deleted')))).toEqual(['UNKNOWN_STATUS'])
  })
})

test('the memory of messages is bounded: a receipt for what was said 256 messages ago finds nobody', () => {
  const story = served()
  const ours = story.state.messages.find(({ by }) => by === 'us')!.id
  story.when(blocks)
  for (let count = 0; count < MESSAGES_MAX; count++) story.when(says('?'))
  expect(story.state.messages).toHaveLength(MESSAGES_MAX)
  expect(codes(story.when(receipt(ours, 'read')))).toEqual(['UNKNOWN_MESSAGE'])
})

describe('what customers change', () => {
  test('an input that still waits reaches the robot as it was edited, or not at all when it was deleted', () => {
    const story = served()
    story.when(says('um'))
    story.when(says('dosi', { providerMessageId: 'in.2' }))
    story.when(says('três', { providerMessageId: 'in.3' }))
    story.when(edits('in.2', 'dois'))
    story.when(revokes('in.3'))
    expect(inputsOf(story.when(completes(story.conversationId, 2, [])))).toEqual([['dois']])
  })

  test('an edit whose words could not be read leaves the input as it was', () => {
    const story = served()
    story.when(says('um'))
    story.when(says('dois', { providerMessageId: 'in.2' }))
    story.when({ type: 'EditMessage', data: { targetProviderMessageId: 'in.2', hasMessage: false } })
    expect(inputsOf(story.when(completes(story.conversationId, 2, [])))).toEqual([['dois']])
  })

  test('of a message that nobody remembers is on record all the same', () => {
    const story = served()
    const [edited] = factsOf(story.when(edits('in.old', 'x')), 'MessageEdited')
    expect(edited).toMatchObject({ targetMessageId: '', targetProviderMessageId: 'in.old' })
  })

  test('a change that came before its message is told again behind it, and the robot is given what the chat shows', () => {
    const story = served()
    story.when(edits('in.late', 'dois'))
    story.when(revokes('in.gone'))
    const told = story.when(says('dosi', { providerMessageId: 'in.late' }))
    expect(inputsOf(told)).toEqual([['dois']])
    const { messageId } = factsOf(told, 'MessageReceived')[0]!
    expect(factsOf(told, 'MessageEdited')).toMatchObject([
      { targetMessageId: messageId, targetProviderMessageId: 'in.late', isOutdated: false },
    ])
    const gone = story.when(says('três', { providerMessageId: 'in.gone' }))
    expect(factsOf(gone, 'MessageRevoked')).toHaveLength(1)
    expect(inputsOf(story.when(completes(story.conversationId, 2, [])))).toEqual([])
    expect(story.state.earlyChanges).toEqual([])
  })

  test('of the changes of messages that never come the last ones of a week are kept', () => {
    const story = served()
    for (let n = 0; n < EARLY_CHANGES_MAX + 3; n++) story.when(edits(`in.none.${n}`, 'x'))
    expect(story.state.earlyChanges).toHaveLength(EARLY_CHANGES_MAX)
    story.later(8 * 24 * 3600).when(revokes('in.none'))
    expect(story.state.earlyChanges).toHaveLength(1)
    story.later(8 * 24 * 3600).when(says('oi'))
    expect(story.state.earlyChanges, 'any message lets go of what is older').toEqual([])
  })

  test('a stop that a message was edited into before it came ends there, and opens nothing', () => {
    const story = served()
    story.when(says('1'))
    story.when(completes(story.conversationId, 2, [endWithoutLink]))
    expect(story.state.conversation.stage).toBe('none')
    story.when(edits('in.late', 'PARAR'))
    sendAll(story)
    const last = story.state.conversation
    const told = story.later(5).when(says('oi', { providerMessageId: 'in.late' }))
    expect(typesOf(told)).toEqual(['MessageReceived', 'MessageEdited'])
    expect(story.state.conversation).toEqual(last)
  })

  test('a stop that the very first message was edited into before it came is told how to begin again, and closes at once', () => {
    const story = new Story()
    story.when(edits('in.first', 'PARAR'))
    const told = story.later(5).when(says('oi', { providerMessageId: 'in.first' }))
    expect(typesOf(told)).toEqual([
      'ContactAliasesAdded',
      'ConversationOpened',
      'MessageReceived',
      'MessageEdited',
      'MessageSendRequested',
      'ConversationClosed',
    ])
    expect(factsOf(told, 'ConversationClosed')).toMatchObject([{ reason: 'opted_out' }])
    expect(story.state.conversation.stage).toBe('none')
  })

  test('of two edits the later one by the customer’s clock holds, and what was deleted stays deleted', () => {
    const story = served()
    const at = (seconds: number) => new Date(Date.parse(story.at) + seconds * 1000).toISOString()
    const [first, second] = [at(10), at(20)]
    story.when(says('um'))
    story.when(says('dosi', { providerMessageId: 'in.2' }))
    story.when(says('trse', { providerMessageId: 'in.3' }))
    story.later(60)
    story.when({ ...edits('in.2', 'dois'), occurredAt: second })
    const [late] = factsOf(story.when({ ...edits('in.2', 'doiss'), occurredAt: first }), 'MessageEdited')
    expect(late).toMatchObject({ isOutdated: true })
    story.when({ ...revokes('in.3'), occurredAt: second })
    story.when({ ...edits('in.3', 'três'), occurredAt: first })
    story.when({ ...edits('in.4', 'quatro'), occurredAt: second })
    story.when({ ...edits('in.4', 'qatro'), occurredAt: first })
    story.when(says('4', { providerMessageId: 'in.4' }))
    expect(inputsOf(story.when(completes(story.conversationId, 2, [])))).toEqual([['dois', 'quatro']])
  })

  test('a reaction to our message names it', () => {
    const story = served()
    const ours = story.state.messages.findLast(({ by }) => by === 'us')!
    expect(factsOf(story.when(reacts(ours.providerMessageId)), 'MessageReacted')).toMatchObject([
      { targetMessageId: ours.id },
    ])
  })
})

describe('which question an answer belongs to', () => {
  const lastInputs = (events: readonly Told[]) => factsOf(events, 'BotTurnRequested').at(-1)?.inputs
  /** The robot asked in turn 2; its question is sent at the story's time. */
  const asking = () => {
    const story = served()
    story.later(60).when(says('perdi'))
    story.when(completes(story.conversationId, 2, [say('one moment'), say('CPF?')]))
    return story
  }
  const wamidOf = (story: Story) => {
    const message = story.state.messages.findLast(({ by }) => by === 'us')!
    return message.providerMessageId
  }

  test('a message written after the question was sent has seen it', () => {
    const story = asking()
    sendAll(story)
    expect(lastInputs(story.later(5).when(says('529')))).toMatchObject([
      { seenTurn: 2, askedTurn: 2, replyToTurn: undefined, change: '', at: story.at },
    ])
  })

  test('a second message of a burst, written before the question was there, has not', () => {
    const story = served()
    story.later(60).when(says('no shopping'))
    story.when(says('Ibirapuera'))
    story.when(completes(story.conversationId, 2, [say('Right?')]))
    expect(lastInputs(story.when(isSent(queued(story)[0]!)))).toMatchObject([{ seenTurn: 1, askedTurn: 1 }])
  })

  test('one that came in while the question was on its way may have: the robot is asked once that is settled', () => {
    const story = asking()
    story.when(isSent(queued(story)[0]!))
    expect(typesOf(story.when(says('Ibirapuera')))).toEqual(['MessageReceived'])
    expect(lastInputs(story.when(isSent(queued(story)[0]!)))).toMatchObject([{ seenTurn: 1, askedTurn: 2 }])
  })

  test('one that came late, written before the question was on the phone, has not', () => {
    const story = asking()
    sendAll(story)
    const occurredAt = after(story.at, -3)
    expect(lastInputs(story.later(5).when(says('sim', { occurredAt })))).toMatchObject([
      { seenTurn: 1, askedTurn: 1, at: occurredAt },
    ])
  })

  test('the channel’s word for when it was delivered counts more than when we heard that it was sent', () => {
    const late = asking()
    const ids = queued(late)
    sendAll(late)
    const sentAt = late.at
    for (const id of ids) late.later(30).when({ ...receipt(id, 'delivered'), occurredAt: after(sentAt, 30) })
    expect(lastInputs(late.when(says('sim', { occurredAt: after(sentAt, 20) })))).toMatchObject([
      { seenTurn: 1 },
    ])
    const early = asking()
    const clockAhead = early.at
    for (const id of queued(early)) early.when(isSent(id))
    for (const { id } of early.state.messages.slice(-2))
      early.later(5).when({ ...receipt(id, 'read'), occurredAt: after(clockAhead, -30) })
    expect(lastInputs(early.when(says('sim', { occurredAt: after(clockAhead, -20) })))).toMatchObject([
      { seenTurn: 2 },
    ])
  })

  test('what is quoted or tapped names its turn: of this conversation, of another, or of nobody', () => {
    const story = asking()
    sendAll(story)
    const question = wamidOf(story)
    const reply = (replyToProviderMessageId: string, at = story.at) => {
      const events = story.when(says('x', { replyToProviderMessageId, occurredAt: at }))
      const inputs = lastInputs(events)
      story.when(
        completes(
          story.conversationId,
          story.state.conversation.stage === 'with_robot' ? story.state.conversation.turns : 0,
          [],
        ),
      )
      return inputs
    }
    // Whoever taps it has seen it, whatever the clocks say.
    expect(reply(question, after(story.at, -50))).toMatchObject([{ seenTurn: 2, replyToTurn: 2 }])
    const greeting = story.state.messages.find((one) => one.by === 'us' && one.turn === 1)!
    expect(reply(greeting.providerMessageId)).toMatchObject([
      { replyToTurn: 1, replyToMessageId: greeting.id },
    ])
    expect(reply('wamid.unknown')).toMatchObject([{ replyToTurn: 0, replyToMessageId: '' }])
    const own = story.state.messages.find(({ by }) => by === 'customer')!
    expect(reply(own.providerMessageId)).toMatchObject([{ replyToTurn: undefined, replyToMessageId: own.id }])
  })

  test('a tap on a question whose sending nobody could confirm is known to be on that question', () => {
    const story = asking()
    const [first, second] = queued(story)
    story.when(isSent(first!))
    story.when(says('x', { replyToProviderMessageId: 'wamid.nobody.told.us' }))
    const events = story.when(isUncertain(second!))
    expect(lastInputs(events)).toMatchObject([{ seenTurn: 2, replyToTurn: 2, replyToMessageId: second }])
  })

  test('nor is it lost where a turn is taken back, whether it came before, while that runs or afterwards', () => {
    const story = asking()
    const [first, second] = queued(story)
    const tap = (providerMessageId: string) =>
      says('x', { providerMessageId, replyToProviderMessageId: 'wamid.nobody.told.us' })
    const repliesIn = (events: readonly Told[]) =>
      lastInputs(events)!.map(({ providerMessageId, replyToTurn, replyToMessageId }) => [
        providerMessageId,
        replyToTurn,
        replyToMessageId,
      ])
    story.when(isSent(first!))
    story.when(tap('in.before'))
    story.when(isUncertain(second!))
    story.when(tap('in.while'))
    const again = story.when(completes(story.conversationId, 3, [], '', { holdsBack: true }))
    expect(repliesIn(again)).toEqual([
      ['in.before', 2, second],
      ['in.while', 2, second],
    ])
    story.when(tap('in.after'))
    const next = story.when(completes(story.conversationId, 4, []))
    expect(repliesIn(next)).toEqual([['in.after', 2, second]])
  })

  test('a question that failed and was written past was not seen', () => {
    const story = asking()
    story.when(says('alô?'))
    const [first, second] = queued(story)
    story.when(isSent(first!))
    expect(lastInputs(story.when(isFailed(second!)))).toMatchObject([{ seenTurn: 1, askedTurn: 1 }])
  })

  test('while it stays unknown whether the question arrived, silence is ours: people take over', () => {
    const story = asking()
    story.when(says('529'))
    const events = story.later(1800).when(expires('silence', reference(story, 'MessageReceived')))
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([{ reason: 'answer_not_sent' }])
  })

  test('a question that was said once more is seen by who writes after that', () => {
    const story = served(new Story({ ...testPolicy(), afterUnsentAnswer: 'ask_again' }))
    story.when(says('saldo'))
    story.when(completes(story.conversationId, 2, [say('Which account?')]))
    story.when(isFailed(queued(story)[0]!))
    sendAll(story)
    expect(lastInputs(story.later(5).when(says('the first')))).toMatchObject([{ seenTurn: 2 }])
  })
})

describe('an answer that was given and is changed', () => {
  const given = () => {
    const story = served()
    story.when(says('4312', { providerMessageId: 'in.card' }))
    story.when(completes(story.conversationId, 2, [say('Right?')]))
    sendAll(story)
    return story
  }
  const cardOf = (story: Story) =>
    story.state.messages.find(({ providerMessageId }) => providerMessageId === 'in.card')!.id

  test('is the robot’s next input, under the id of the message that it changes', () => {
    const story = given()
    const events = story.when(edits('in.card', '4321'))
    expect(typesOf(events)).toEqual(['MessageEdited', 'BotTurnRequested'])
    expect(factsOf(events, 'BotTurnRequested')[0]!.inputs).toMatchObject([
      { messageId: cardOf(story), change: 'edited' },
    ])
    expect(inputsOf(events)).toEqual([['4321']])
  })

  test('is an input without words when it is deleted, and shifts nobody else’s', () => {
    const story = given()
    story.when(says('um'))
    story.when(revokes('in.card'))
    story.when(says('dois'))
    story.when(completes(story.conversationId, 3, [say('ok')]))
    const events = story.when(isSent(queued(story)[0]!))
    expect(factsOf(events, 'BotTurnRequested')[0]!.inputs.map(({ change }) => change)).toEqual([
      'deleted',
      '',
    ])
    expect(inputsOf(events)).toEqual([['dois']])
  })

  test('twice before the robot looks, counts as it is in the end', () => {
    const story = given()
    story.when(says('um'))
    story.when(edits('in.card', '1111'))
    story.when(edits('in.card', '2222'))
    const edited = story.when(completes(story.conversationId, 3, []))
    expect(inputsOf(edited)).toEqual([['2222']])
    story.when(edits('in.card', '3333'))
    story.when(revokes('in.card'))
    const deleted = story.when(completes(story.conversationId, 4, []))
    expect(factsOf(deleted, 'BotTurnRequested')[0]!.inputs.map(({ change }) => change)).toEqual(['deleted'])
    expect(inputsOf(deleted)).toEqual([[]])
  })

  const registered = () => {
    const story = given()
    story.when(says('sim'))
    story.when(
      completes(story.conversationId, 3, [say('Done'), endWithoutLink], '', {
        usedMessageIds: [cardOf(story)],
      }),
    )
    return story
  }
  test.each([
    ['edited', edits('in.card', '4321')],
    ['deleted', revokes('in.card')],
  ])('after it was registered with: %s, the customer is told that it is too late', (_, change) => {
    const ending = registered()
    expect(ending.state.conversation.stage).toBe('ending')
    expect(purposes(ending.when(change))).toEqual(['too_late_notice'])
    const closed = registered()
    sendAll(closed)
    expect(closed.state.conversation.stage).toBe('none')
    const id = closed.state.messages.at(-1)!.conversationId
    const events = closed.when(change)
    expect(purposes(events)).toEqual(['too_late_notice'])
    expect(textsIn(events.at(-1)!)).toEqual(['pt: too late'])
    expect(events.map(({ envelope }) => envelope.correlationId)).toEqual([id, id])
  })

  const registers = (story: Story, turn: number, canBeTakenBack = true) =>
    completes(story.conversationId, turn, [say('Done'), endWithoutLink], '', {
      usedMessageIds: [cardOf(story)],
      canBeTakenBack,
    })

  test.each([
    ['a no', says('não, espera'), [['sim', 'não, espera']], ['', '']],
    ['an edit of what is to be used', edits('in.card', '4321'), [['sim', '4321']], ['', 'edited']],
    ['an edit of the yes', edits('in.yes', 'não'), [['não']], ['']],
    ['its deletion', revokes('in.yes'), [[]], ['deleted']],
  ])(
    'what is in the log before something irreversible is done is heard first, with what the turn was given: %s',
    (_, change, heard, changes) => {
      const story = given()
      story.when(says('sim', { providerMessageId: 'in.yes' }))
      story.when(change)
      const events = story.when(registers(story, 3))
      expect(typesOf(events).slice(0, 1)).toEqual(['BotTurnFailed'])
      expect(factsOf(events, 'BotTurnFailed')).toMatchObject([{ reason: 'overtaken', turn: 3 }])
      expect(purposes(events)).toEqual([])
      const asked = factsOf(events, 'BotTurnRequested')
      expect(inputsOf(events)).toEqual(heard)
      expect(asked.flatMap(({ inputs }) => inputs.map(({ change: how }) => how))).toEqual(changes)
      expect(asked.map(({ turn, mayAct }) => [turn, mayAct])).toEqual(heard.map(() => [4, false]))
    },
  )

  test('a robot that does not say that nothing was done outside is not asked again, or it would act twice', () => {
    const story = given()
    story.when(says('sim'))
    story.when(says('não, espera'))
    const events = story.when(registers(story, 3, false))
    expect(purposes(events)).toEqual(['bot_answer', 'too_late_notice'])
    expect(factsOf(events, 'BotTurnRequested')).toEqual([])
  })

  test('once all that a turn was held back with is deleted, the robot asks anew before it acts', () => {
    const story = given()
    story.when(says('sim', { providerMessageId: 'in.yes' }))
    story.when(revokes('in.yes'))
    const held = story.when(completes(story.conversationId, 3, [], '', { holdsBack: true }))
    expect(factsOf(held, 'BotTurnRequested')).toMatchObject([{ turn: 4, mayAct: false }])
    story.when(completes(story.conversationId, 4, []))
    expect(factsOf(story.later(60).when(says('sim')), 'BotTurnRequested')).toMatchObject([
      { turn: 5, mayAct: false },
    ])
  })

  test('a silence that was over while a turn ran that is taken back, and of which all is deleted, begins anew: the conversation ends', () => {
    const story = given()
    story.when(says('sim', { providerMessageId: 'in.yes' }))
    const silence = () =>
      expires('silence', (story.state.conversation as { silenceReference: string }).silenceReference)
    expect(typesOf(story.when(silence()))).toEqual([])
    story.when(revokes('in.yes'))
    story.when(registers(story, 3))
    const [answered] = factsOf(story.when(completes(story.conversationId, 4, [])), 'BotTurnCompleted')
    expect(answered?.silenceDeadlineAt).toBeDefined()
    expect(typesOf(story.when(silence()))).toContain('ConversationEnding')
  })

  test('a robot that asks before it acts is asked again at once, and what comes then is told that it is too late', () => {
    const story = given()
    story.when(says('sim'))
    const held = completes(story.conversationId, 3, [], '', { holdsBack: true })
    const events = story.when(held)
    expect(factsOf(events, 'BotTurnFailed')).toMatchObject([{ reason: 'held_back' }])
    expect(factsOf(events, 'BotTurnRequested')).toMatchObject([{ turn: 4, mayAct: true }])
    expect(inputsOf(events)).toEqual([['sim']])
    story.when(edits('in.card', '4321'))
    story.when(says('não, espera'))
    expect(purposes(story.when(registers(story, 4)))).toEqual(['bot_answer', 'too_late_notice'])
    expect(factsOf(story.events, 'BotTurnRequested')).toHaveLength(4)
  })

  test('a robot that holds a turn back twice is one that fails', () => {
    const story = given()
    story.when(says('sim'))
    story.when(completes(story.conversationId, 3, [], '', { holdsBack: true }))
    const events = story.when(completes(story.conversationId, 4, [], '', { holdsBack: true }))
    expect(factsOf(events, 'BotTurnFailed')).toMatchObject([{ code: 'BOT_HELD_BACK_TWICE' }])
    expect(typesOf(events)).toEqual(['BotTurnFailed', 'HandoverRequested'])
  })

  test('a no once it is registered and until it is closed: the customer is told that it is registered', () => {
    const ending = registered()
    expect(purposes(ending.when(says('não!')))).toEqual(['too_late_notice'])
  })

  test('thanks right behind the yes overtake nothing, and are told nothing of the kind', () => {
    const thanked = given()
    thanked.when(says('sim'))
    thanked.when(says('obrigada!'))
    expect(purposes(thanked.when(registers(thanked, 3)))).toEqual(['bot_answer'])
    expect(purposes(thanked.when(says('obrigada!')))).toEqual([])
    const unused = given()
    unused.when(says('não'))
    unused.when(says('espera'))
    expect(purposes(unused.when(completes(unused.conversationId, 3, [endWithoutLink])))).toEqual([])
  })

  test('behind a later question that ended the flow, is no matter of what was registered before: it begins a new conversation', () => {
    const story = given()
    story.when(says('sim'))
    const registers = { usedMessageIds: [cardOf(story)] }
    story.when(completes(story.conversationId, 3, [say('Done. May we write by e-mail?')], '', registers))
    sendAll(story)
    story.when(says('não'))
    const id = story.conversationId
    story.when(completes(id, 4, [say('All right'), endWithoutLink]))
    expect(story.state.conversation.stage).toBe('ending')
    expect(purposes(story.when(says('espera, pode mandar sim')))).toEqual([])
    expect(purposes(story.when(edits('in.card', '4321')))).toEqual(['too_late_notice'])
    const other = given()
    other.when(says('sim'))
    other.when(
      completes(other.conversationId, 3, [say('Done. E-mail?')], '', { usedMessageIds: [cardOf(other)] }),
    )
    sendAll(other)
    other.when(says('não'))
    other.when(completes(other.conversationId, 4, [say('All right'), endWithoutLink]))
    other.when(says('espera, pode mandar sim'))
    const before = other.conversationId
    sendAll(other)
    expect(other.conversationId).not.toBe(before)
    expect(factsOf(other.events, 'BotTurnRequested').at(-1)!.inputs).toHaveLength(1)
  })

  test('to whom nothing may be sent, nothing is', () => {
    const story = registered()
    sendAll(story)
    story.when(says('STOP'))
    expect(codes(story.when(edits('in.card', '4321')))).toEqual(['CONTACT_OPTED_OUT'])
  })
})

describe('thanks after the end', () => {
  const ended = () => {
    const story = served()
    const id = story.conversationId
    story.when(says('tchau'))
    story.when(completes(id, 2, [endWithoutLink]))
    return { story, id }
  }
  test('belong to what ended: no new conversation, no menu', () => {
    const { story, id } = ended()
    const events = story.later(300).when(says('obrigada!'))
    expect(typesOf(events)).toEqual(['MessageReceived'])
    expect(events[0]!.envelope.correlationId).toBe(id)
  })
  test('that come late, or say more, begin a new one', () => {
    const late = ended().story
    expect(typesOf(late.later(601).when(says('obrigada!')))).toContain('ConversationOpened')
    const more = ended().story
    expect(typesOf(more.when(says('obrigada, e o cartão?')))).toContain('ConversationOpened')
  })
  test('in the middle are words like others', () => {
    expect(typesOf(served().when(says('obrigada')))).toContain('BotTurnRequested')
  })
})

describe('an answer of the robot that does not reach the customer', () => {
  const answeredUnder = (afterUnsentAnswer: 'ask_again' | 'hand_over') => {
    const story = served(new Story({ ...testPolicy(), afterUnsentAnswer }))
    story.when(says('saldo'))
    story.when(completes(story.conversationId, 2, [say('Your balance'), say('Anything else?')]))
    return { story, ids: queued(story) }
  }
  const outcomes = [
    ['fails', isFailed],
    ['stays uncertain', isUncertain],
    ['is taken and not delivered', (id: string) => receipt(id, 'failed')],
  ] as const

  test.each(outcomes)('and %s: people take over, once', (_, outcome) => {
    const { story, ids } = answeredUnder('hand_over')
    const events = story.when(outcome(ids[0]!))
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([{ reason: 'answer_not_sent' }])
    expect(factsOf(story.when(outcome(ids[1]!)), 'HandoverRequested')).toEqual([])
  })

  test.each(outcomes)(
    'and %s: by policy the same words are said once more, and then people take over',
    (_, outcome) => {
      const { story, ids } = answeredUnder('ask_again')
      const [, again] = story.when(outcome(ids[0]!))
      expect(again).toMatchObject({
        data: { purpose: 'bot_answer_again', type: 'text' },
        envelope: { actor: { kind: 'bot', id: 'flow' } },
      })
      expect(textsIn(again!)).toEqual(['Your balance'])
      expect(story.when(says('', { isNote: true })).slice(1), 'nothing else is said').toEqual([])
      const events = story.when(outcome(queued(story).at(-1)!))
      expect(factsOf(events, 'HandoverRequested')).toMatchObject([{ reason: 'answer_not_sent' }])
    },
  )

  test('each message of it is said once more at most, however often it is reported', () => {
    const { story, ids } = answeredUnder('ask_again')
    story.when(isUncertain(ids[0]!))
    expect(purposes(story.when(isFailed(ids[0]!)))).toEqual([])
    expect(textsIn(story.when(isFailed(ids[1]!))[1]!)).toEqual(['Anything else?'])
    sendAll(story)
    expect(story.state.conversation).toMatchObject({ stage: 'with_robot', robot: { step: 'listening' } })
  })

  test('what cannot be said again because the reply window closed goes to people', () => {
    const { story, ids } = answeredUnder('ask_again')
    const events = story.later(90_000).when(isFailed(ids[0]!))
    expect(codes(events)).toContain('OUTSIDE_REPLY_WINDOW')
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([{ reason: 'answer_not_sent' }])
  })

  test('what was delivered needs no words any more; they are not kept', () => {
    const { story, ids } = answeredUnder('ask_again')
    for (const id of ids) story.when(receipt(id, 'delivered'))
    expect(story.state.conversation).toMatchObject({ robot: { step: 'listening', answer: [] } })
  })

  test('hands over nothing when the customer went on, said stop, or is with people already', () => {
    const onward = answeredUnder('hand_over')
    onward.story.when(says('another thing'))
    expect(typesOf(onward.story.when(isFailed(onward.ids[0]!)))).toEqual(['MessageFailed'])
    expect(typesOf(onward.story.when(isFailed(onward.ids[1]!)))).toEqual([
      'MessageFailed',
      'BotTurnRequested',
    ])
    const earlier = answeredUnder('hand_over')
    sendAll(earlier.story)
    earlier.story.when(says('another thing'))
    earlier.story.when(completes(earlier.story.conversationId, 3, [say('Here')]))
    expect(typesOf(earlier.story.when(receipt(earlier.ids[0]!, 'failed')))).toEqual(['MessageFailed'])
    const stopped = answeredUnder('hand_over')
    stopped.story.when(says('parar'))
    expect(typesOf(stopped.story.when(isFailed(stopped.ids[0]!)))).toEqual(['MessageFailed'])
    const withPeople = answeredUnder('hand_over')
    withPeople.story.when(says('atendente'))
    withPeople.story.when(completes(withPeople.story.conversationId, 3, [handOver]))
    expect(typesOf(withPeople.story.when(isFailed(withPeople.ids[0]!)))).toEqual(['MessageFailed'])
  })
})

describe('the same again', () => {
  test('a message is known by the provider’s id, long after its command is forgotten', () => {
    const story = served()
    const first = says('uma vez', { providerMessageId: 'in.once' })
    story.when(first)
    for (let count = 0; count < 200; count++) story.when(expires('silence', `${count}`))
    for (let count = 0; count < 200; count++) story.when(blocks).concat(story.when(unblocks))
    expect(story.when({ ...first, commandId: 'another command' })).toEqual([])
  })
})

describe('two contacts that prove to be one', () => {
  test('the younger closes and says where it went; what is wished of it goes there, words and all', () => {
    const story = served()
    story.when(says('', { profile: { waId: '5511999990000', name: 'Ana Maria' } }))
    const merged = story.when(merges())
    expect(typesOf(merged)).toEqual(['CommandRedirected', 'ConversationClosed', 'ContactMerged'])
    expect(profileIn(merged[2]!.envelope.content)).toMatchObject({ name: 'Ana Maria' })
    expect(story.when(merges())).toEqual([])
    const events = story.when(says('oi?', { providerMessageId: 'in.moved' }))
    const [redirected] = factsOf(events, 'CommandRedirected')
    expect(redirected).toMatchObject({ intoContactId: ELDER, commandType: 'ReceiveMessage' })
    const command = CommandEnvelope.decode(redirected!.command)
    expect(command.content, 'the words are the content of the event alone').toEqual([])
    expect(conversations.readCommand(command)).toMatchObject({ data: { providerMessageId: 'in.moved' } })
    expect(textsIn(events[0]!)).toEqual(['oi?'])
  })

  /** What of the merge the other contact is told, in order. */
  const passedOn = (events: readonly Told[]): Wish[] => {
    const { intoContactId: _, ...asked } = factsOf(events, 'ContactMerged')[0]!
    const said = events
      .filter(({ type }) => type === 'CommandRedirected')
      .map((event): Wish => {
        const [{ command }] = factsOf([event], 'CommandRedirected') as [EventData<'CommandRedirected'>]
        const { occurredAt = '', ...read } = CommandEnvelope.decode(command)
        const { type, data } = conversations.readCommand({ ...read, occurredAt })
        return { type, data, occurredAt, actor: by('customer'), content: event.envelope.content } as Wish
      })
    return [...said, { type: 'AbsorbContact', data: { fromContactId: 'younger', ...asked } }]
  }

  test.each([
    ['a turn ran that was given the first of it', () => served()],
    ['they were about to be told who reads along', () => new Story()],
  ])(
    'what the robot had not answered is heard under the other name, in its order and at its time: %s',
    (_, begin) => {
      const from = begin()
      from.when(says('onde está meu cartão?', { providerMessageId: 'in.first' }))
      const { at } = from
      from.later(3).when(says('o azul', { providerMessageId: 'in.second' }))
      from.when(edits('in.second', 'o verde'))
      from.when(says('obrigada'))
      const merged = from.later(5).when(merges())
      const into = served()
      const heard = passedOn(merged).flatMap((wish) => [...into.later(1).when(wish)])
      expect(factsOf(heard, 'MessageReceived')).toMatchObject([
        { providerMessageId: 'in.first', type: 'text' },
        { providerMessageId: 'in.second', type: 'text' },
      ])
      expect(heard.filter(({ type }) => type === 'MessageReceived').map((one) => textsIn(one))).toEqual([
        ['onde está meu cartão?'],
        ['o verde'],
      ])
      const [first] = heard.filter(({ type }) => type === 'MessageReceived')
      expect(first?.envelope.occurredAt).toBe(at)
      expect(profileIn(first!.envelope.content)).toMatchObject({ name: 'Ana' })
      expect(typesOf(heard)).toContain('BotTurnRequested')
      expect(factsOf(merged, 'ContactMerged')).toMatchObject([{ peopleQueue: '' }])
      // The channel sends it once more: it is known under both.
      expect(into.when(says('onde está meu cartão?', { providerMessageId: 'in.first' }))).toEqual([])
    },
  )

  test('what the robot may have acted on is not said to it again: people look at it', () => {
    const from = served()
    from.when(says('registre', { providerMessageId: 'in.act' }))
    from.when(completes(from.conversationId, 2, [], 'session', { holdsBack: true, canBeTakenBack: true }))
    expect(factsOf(from.events, 'BotTurnRequested').at(-1)).toMatchObject({ mayAct: true })
    const merged = from.when(merges())
    expect(typesOf(merged)).not.toContain('CommandRedirected')
    expect(factsOf(merged, 'ContactMerged')).toMatchObject([{ peopleQueue: testPolicy().defaultQueue }])
    const into = served()
    for (const wish of passedOn(merged)) into.when(wish)
    expect(into.state.conversation).toMatchObject({ stage: 'waiting', queue: testPolicy().defaultQueue })
  })

  test('what may be sensitive is repeated nowhere: people look at it', () => {
    const from = served()
    from.when(says('cartão'))
    from.when(completes(from.conversationId, 2, [say('Qual é o CPF?')], 'session', { asksSensitive: true }))
    sendAll(from)
    from.when(says('529.982.247-25'))
    const merged = from.when(merges())
    expect(typesOf(merged)).not.toContain('CommandRedirected')
    expect(factsOf(merged, 'ContactMerged')).toMatchObject([{ peopleQueue: testPolicy().defaultQueue }])
  })

  test('what whoever writes in the app answers is said to no robot', () => {
    const from = served()
    from.when(says('oi?'))
    from.when(writesInApp('Aqui é a Carla'))
    from.when(says('que bom'))
    const merged = from.when(merges())
    expect(typesOf(merged)).toEqual(['ConversationClosed', 'ContactMerged'])
    expect(factsOf(merged, 'ContactMerged')).toMatchObject([{ peopleQueue: '' }])
  })

  test('a change that still waits for its message goes where the message will come, at its own time', () => {
    const story = served()
    story.when({ ...edits('in.late', 'dois'), occurredAt: BEGIN })
    story.when(revokes('in.gone'))
    const merged = story.when(merges())
    const passed = factsOf(merged, 'CommandRedirected').map(({ command }) => CommandEnvelope.decode(command))
    expect(passed.map((command) => conversations.readCommand(command))).toMatchObject([
      { type: 'EditMessage', data: { targetProviderMessageId: 'in.late', hasMessage: true } },
      { type: 'RevokeMessage', data: { targetProviderMessageId: 'in.gone' } },
    ])
    expect(passed.map(({ occurredAt, actor }) => [occurredAt, actor?.kind])).toEqual([
      [BEGIN, 'customer'],
      [story.at, 'customer'],
    ])
    expect(textsIn(merged.find(({ type }) => type === 'CommandRedirected')!)).toEqual(['dois'])
    expect(story.state.earlyChanges).toEqual([])
  })

  test.each([
    ['holds', [], true],
    ['was taken back', [says('VOLTAR')], false],
  ] as const)(
    'a stop in a change that still waits for its message is heard once, whoever it goes along with: it %s',
    (_, since, isStopped) => {
      const from = served()
      from.when({ ...edits('in.late', 'PARAR'), occurredAt: from.at })
      for (const wish of since) from.later(60).when(wish)
      const merged = from.when(merges())
      const redirected = factsOf(merged, 'CommandRedirected').find(
        ({ commandType }) => commandType === 'EditMessage',
      )
      const into = served()
      const { occurredAt, ...command } = CommandEnvelope.decode(redirected!.command)
      const wish = conversations.readCommand({ ...command, occurredAt })
      expect(typesOf(into.when({ type: wish.type, data: wish.data, occurredAt } as Wish))).toEqual([
        'MessageEdited',
      ])
      const { intoContactId: __, ...asked } = factsOf(merged, 'ContactMerged')[0]!
      const absorbed = typesOf(
        into.when({ type: 'AbsorbContact', data: { fromContactId: 'younger', ...asked } }),
      )
      expect(absorbed).toEqual(isStopped ? ['ContactAbsorbed', 'ConversationClosed'] : ['ContactAbsorbed'])
      expect(into.state.contact.optedOut).toBe(isStopped)
    },
  )

  test('late receipts stay with it, a late answer is refused, a late deadline changes nothing', () => {
    const story = new Story()
    story.when(says('oi', { providerMessageId: 'in.here' }))
    sendAll(story)
    const id = story.conversationId
    const turn = reference(story, 'BotTurnRequested')
    const notice = story.state.messages.find(({ by }) => by === 'us')!.id
    story.when(merges())
    expect(typesOf(story.when(receipt(notice, 'read')))).toEqual(['DeliveryStatusAdvanced'])
    expect(codes(story.when(completes(id, 1, [say('x')])))).toEqual(['NOT_THE_OWNER'])
    expect(story.when(expires('bot_turn', turn))).toEqual([])
    expect(story.when({ ...says('oi', { providerMessageId: 'in.here' }), commandId: 'again' })).toEqual([])
  })

  test('the survivor takes over a stop, and closes what was open', () => {
    const story = served()
    const absorb: Wish = { type: 'AbsorbContact', data: { fromContactId: 'younger', optedOut: true } }
    expect(typesOf(story.when(absorb))).toEqual(['ContactAbsorbed', 'ConversationClosed'])
    expect(story.state.contact).toMatchObject({ optedOut: true, absorbed: ['younger'] })
    expect(story.when(absorb)).toEqual([])
  })

  test('the survivor is written in the language that was chosen last under either name, and says so as at any other time', () => {
    const story = served()
    const absorb = (fromContactId: string, language: string, seconds: number): Wish => ({
      type: 'AbsorbContact',
      data: {
        fromContactId,
        language,
        languageChosenAt: new Date(Date.parse(BEGIN) + seconds * 1000).toISOString(),
      },
    })
    const chosen = factsOf(story.when(absorb('younger', 'bn', 30)), 'ContactLanguageChosen')
    expect(chosen).toMatchObject([{ language: 'bn', chosenBy: 'merge' }])
    expect(typesOf(story.later(90).when(absorb('earlier', 'en', 20)))).toEqual(['ContactAbsorbed'])
    expect(typesOf(story.when(absorb('later', 'en', 60)))).toContain('ContactLanguageChosen')
    expect(story.state.contact.language).toBe('en')
  })

  describe('of a stop under one name and a start under the other', () => {
    const said = (words: string, seconds: number): Story => {
      const story = served().later(seconds)
      story.when(says(words))
      return story
    }
    const absorbs = (into: Story, from: Story): readonly string[] => {
      const { intoContactId: _, ...asked } = factsOf(from.when(merges()), 'ContactMerged')[0]!
      return typesOf(into.when({ type: 'AbsorbContact', data: { fromContactId: 'younger', ...asked } }))
    }
    test.each([
      ['a start after the stop of the survivor', said('PARAR', 10), said('VOLTAR', 60), false],
      ['a start of the survivor after the stop', said('VOLTAR', 60), said('PARAR', 10), false],
      ['a stop of the survivor after the start', said('PARAR', 60), said('VOLTAR', 10), true],
      ['a stop after the start of the survivor', said('VOLTAR', 10), said('PARAR', 60), true],
      ['at one time, the stop', said('VOLTAR', 10), said('PARAR', 10), true],
      ['at one time, the stop of the survivor', said('PARAR', 10), said('VOLTAR', 10), true],
    ])('what they said later holds: %s', (_, into, from, isStopped) => {
      const wasStopped = into.state.contact.optedOut
      const types = absorbs(into, from)
      expect(into.state.contact.optedOut).toBe(isStopped)
      expect(types.includes('ContactOptedIn'), 'on record').toBe(wasStopped && !isStopped)
    })

    test('a stop that is said once more after the start is the later word', () => {
      const stopped = said('PARAR', 10).later(100)
      stopped.when(says('PARAR'))
      absorbs(stopped, said('VOLTAR', 60))
      expect(stopped.state.contact.optedOut).toBe(true)
    })

    test('a stop of which nobody kept the time holds', () => {
      const story = said('VOLTAR', 60)
      story.when({ type: 'AbsorbContact', data: { fromContactId: 'younger', optedOut: true } })
      expect(story.state.contact.optedOut).toBe(true)
    })
  })

  test('the smaller id becomes nobody: the merge is turned around, and the conversation goes on', () => {
    const story = served()
    const events = story.when(merges('younger'))
    expect(factsOf(events, 'MergeTurnedAround')).toMatchObject([{ fromContactId: 'younger' }])
    expect(typesOf(events)).toEqual(['MergeTurnedAround'])
    expect(typesOf(story.when(says('oi')))).toContain('MessageReceived')
  })

  test('one that proved to be this one is merged already: nothing is turned around', () => {
    const story = served()
    story.when({ type: 'AbsorbContact', data: { fromContactId: 'younger' } })
    expect(story.when(merges('younger'))).toEqual([])
  })

  test('what the former contact is told to absorb goes on to whom it became', () => {
    const story = served()
    story.when(merges())
    const events = story.when({ type: 'AbsorbContact', data: { fromContactId: 'younger', optedOut: true } })
    expect(typesOf(events)).toEqual(['CommandRedirected'])
  })

  test('nobody merges into themselves', () => {
    const story = served()
    expect(codes(story.when(merges(story.events[0]!.envelope.streamId)))).toEqual(['MERGE_INTO_ITSELF'])
  })
})

test('a decision that recorded events and then refuses is a bug that throws: its events would vanish', () => {
  const { state } = served()
  const wish = wishOf(
    conversations.command('BlockContact', {}),
    conversations.commandEnvelope({
      ...conversations.command('BlockContact', {}),
      commandId: 'command',
      streamId: CONTACT,
      occurredAt: BEGIN,
      actor: by('system'),
    }),
    BEGIN,
  )
  const decision = new Decision(testPolicy(), wish, state)
  expect(decision.outcome(refuse('ANY'))).toEqual(refuse('ANY'))
  decision.record(conversations.event('ContactBlocked', {}))
  expect(() => decision.outcome(refuse('ANY'))).toThrow('ANY')
})

describe('words', () => {
  const told = (policy = testPolicy()) => {
    const story = served(new Story({ ...policy, afterUnsentAnswer: 'ask_again' }))
    story.when(says('um', { profile: { waId: '5511912345678', name: 'Ana' } }))
    story.when(says('dois', { providerMessageId: 'in.2' }))
    story.when(edits('in.2', 'dois e meio'))
    story.when(completes(story.conversationId, 2, [say('certo')], 'step 2'))
    story.when(completes(story.conversationId, 3, [say('tchau'), endWithLink]))
    story.when(issuesLink(story.conversationId))
    return story
  }
  const facts = (story: Story) =>
    story.events.map(({ type, data, envelope }) => ({
      type,
      data,
      envelope: {
        ...envelope,
        payload: Buffer.from(envelope.payload).toString('latin1'),
        content: [],
        prevHash: null,
      },
    }))

  test('change nothing of what is decided: with all of them blanked the same facts follow', () => {
    const story = told()
    const wordless = story.retold({ isWordless: true })
    expect(facts(wordless)).toEqual(facts(story))
    expect(wordless.state).toEqual(story.state)
  })

  test('stand in no payload and in no state', () => {
    const story = told()
    const seen = JSON.stringify([story.state, facts(story)], (_, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    )
    for (const word of ['dois', 'meio', 'certo', 'step 2', 'Ana', '5511912345678', 'Your record', 'token'])
      expect(seen).not.toContain(word)
  })
})

test('decided anew after the configuration changed twice in between, a log gives the same bytes', () => {
  const story = served(new Story(testPolicy('a')))
  story.when(says('um'))
  story.under({ ...testPolicy('b'), silenceTimeoutSeconds: 60, botTurnTimeoutSeconds: 5 })
  story.when(completes(story.conversationId, 2, [say('certo')]))
  story.when(says('dois'))
  story.under({ ...testPolicy('c'), defaultQueue: 'cards' })
  sendAll(story)
  story.later(60).when(expires('silence', reference(story, 'MessageReceived')))
  const bytesOf = ({ events }: Story) => events.map(({ raw }) => Buffer.from(raw).toString('hex'))
  expect(bytesOf(story.retold())).toEqual(bytesOf(story))
  expect(bytesOf(story.retold({ policy: testPolicy('c') }))).not.toEqual(bytesOf(story))
})
