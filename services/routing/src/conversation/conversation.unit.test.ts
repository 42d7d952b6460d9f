import { CommandEnvelope } from '@parley/proto/envelope'
import {
  AbsorbContact,
  AddContactAliases,
  BlockContact,
  EditMessage,
  MergeContact,
  ReactToMessage,
  RecordTranscriptViewed,
  RevokeMessage,
  SetMarketingPreference,
  UnblockContact,
} from '@parley/proto/commands'
import { describe, expect, test } from 'vitest'
import { MESSAGES_MAX, WAITING_INPUTS_MAX } from './state.ts'
import {
  BEGIN,
  Story,
  chooses,
  completes,
  endWithLink,
  endWithoutLink,
  expires,
  fails,
  handOver,
  isFailed,
  isSent,
  isResent,
  isUncertain,
  issuesLink,
  notes,
  payloads,
  queued,
  receipt,
  say,
  says,
  sendAll,
  served,
  testPolicy,
  typesOf,
} from './story.ts'

const codes = (events: Parameters<typeof payloads>[0]) =>
  payloads(events, 'commandRefused').map(({ code }) => code)
const purposes = (events: Parameters<typeof payloads>[0]) =>
  payloads(events, 'messageSendRequested').map(({ purpose }) => purpose)
const inputsOf = (events: Parameters<typeof payloads>[0]) =>
  payloads(events, 'botTurnRequested').map(({ content }) =>
    content!.turn!.inputs.map(({ message }) =>
      message?.body?.$case === 'text' ? message.body.value.text : '',
    ),
  )
const reference = (story: Story, type: string) =>
  story.events.findLast(({ envelope }) => envelope.payload.$case === type)!.envelope.eventId
const block = {
  payload: { $case: 'blockContact', value: BlockContact.fromPartial({ reason: 'abuse' }) },
} as const
const unblock = { payload: { $case: 'unblockContact', value: UnblockContact.fromPartial({}) } } as const
const merge = (intoContactId = 'elder') =>
  ({ payload: { $case: 'mergeContact', value: MergeContact.fromPartial({ intoContactId }) } }) as const

describe('the thin path', () => {
  test('oi → notice → turn → answers → ending → closed, in versions 1..n of one stream', () => {
    const story = new Story()
    expect(typesOf(story.when(says('oi')))).toEqual([
      'contactRegistered',
      'conversationOpened',
      'messageReceived',
      'messageSendRequested',
    ])
    const id = story.conversationId
    expect(typesOf(story.when(isSent(queued(story)[0]!)))).toEqual([
      'messageSent',
      'privacyNoticeShown',
      'botTurnRequested',
    ])
    expect(typesOf(story.when(completes(id, 1, [say('Olá!'), endWithLink])))).toEqual([
      'botTurnCompleted',
      'messageSendRequested',
      'conversationEnding',
    ])
    sendAll(story)
    expect(typesOf(story.when(issuesLink(id)))).toEqual(['transcriptLinkIssued', 'messageSendRequested'])
    expect(payloads(story.events, 'messageSendRequested').at(-1)?.content?.message?.body).toMatchObject({
      $case: 'linkButton',
      value: { text: 'Your record', displayText: 'Open', url: 'https://example.test/t/token' },
    })
    expect(typesOf(story.when(isSent(queued(story)[0]!)))).toEqual(['messageSent', 'conversationClosed'])
    expect(story.events.map(({ envelope }) => envelope.streamVersion)).toEqual(
      story.events.map((_, index) => index + 1),
    )
    expect(new Set(story.events.map(({ envelope }) => envelope.correlationId))).toEqual(new Set([id]))
  })
})

describe('who writes', () => {
  test.each([
    ['5511999990000', 'pt'],
    ['8801711000000', 'bn'],
    ['14155550100', 'en'],
    ['BR.1', 'pt'],
    ['BD.1', 'bn'],
    ['US.1', 'en'],
  ])('%s is spoken to in %s until the customer chooses', (id, language) => {
    const story = new Story()
    const profile = id.includes('.') ? { userId: id } : { waId: id }
    story.when(
      says('oi', {
        content: { message: { body: { $case: 'text', value: { text: 'oi' } } }, profile } as never,
      }),
    )
    expect(story.state.contact.language).toBe(language)
  })

  test('a name or alias that is new goes on record once', () => {
    const story = served()
    const again = { content: { profile: { waId: '5511999990000', userId: 'BR.9', name: 'Ana' } } as never }
    expect(typesOf(story.when(says('', again)))).toContain('contactAliasesAdded')
    expect(typesOf(story.when(says('', again)))).not.toContain('contactAliasesAdded')
  })

  test('a changed number is a fact of the same contact', () => {
    const story = served()
    const wish = {
      payload: {
        $case: 'addContactAliases',
        value: AddContactAliases.fromPartial({
          reason: 'number_changed',
          content: { profile: { waId: '5521' } },
        }),
      },
    } as const
    expect(payloads(story.when(wish), 'contactAliasesAdded')).toMatchObject([{ reason: 'number_changed' }])
    expect(story.when(wish)).toEqual([])
  })

  test('a preference for marketing is on record, even of who never wrote', () => {
    const story = new Story()
    const value = SetMarketingPreference.fromPartial({
      channelAccountId: 'account',
      category: 'm',
      value: 'stop',
    })
    expect(typesOf(story.when({ payload: { $case: 'setMarketingPreference', value } }))).toEqual([
      'contactRegistered',
      'marketingPreferenceChanged',
    ])
  })
})

describe('the privacy notice', () => {
  test('the robot gets nothing before it is sent, then all that waited, as one turn', () => {
    const story = new Story()
    story.when(says('oi'))
    expect(typesOf(story.when(says('tem alguém?')))).toEqual(['messageReceived'])
    expect(inputsOf(story.when(isSent(queued(story)[0]!)))).toEqual([['oi', 'tem alguém?']])
  })

  test('a receipt that comes before the answer of the call counts as sent', () => {
    const story = new Story()
    story.when(says('oi'))
    expect(typesOf(story.when(receipt(queued(story)[0]!, 'delivered')))).toEqual([
      'messageSent',
      'privacyNoticeShown',
      'botTurnRequested',
      'deliveryStatusAdvanced',
    ])
  })

  test.each([
    ['failed', isFailed],
    ['uncertain', isUncertain],
  ])('%s: people take over, and a customer is told so', (_, outcome) => {
    const story = new Story()
    story.when(says('oi'))
    const events = story.when(outcome(queued(story)[0]!))
    expect(payloads(events, 'handoverRequested')).toMatchObject([{ reason: 'notice_not_sent' }])
    expect(purposes(events)).toEqual(['waiting_notice'])
  })

  test('an uncertain notice that proves to be sent is shown, and people keep the conversation', () => {
    const story = new Story()
    story.when(says('oi'))
    const [notice] = queued(story)
    story.when(isUncertain(notice!))
    expect(typesOf(story.when(receipt(notice!, 'sent')))).toEqual(['messageSent', 'privacyNoticeShown'])
    expect(story.state.conversation.stage).toBe('waiting')
  })

  test('in the next conversation it is not shown again', () => {
    const story = served()
    story.when(completes(story.conversationId, 2, []))
    story.later(2000).when(expires('silence', reference(story, 'botTurnCompleted')))
    story.when(issuesLink(story.conversationId))
    sendAll(story)
    expect(typesOf(story.when(says('oi de novo')))).toEqual([
      'conversationOpened',
      'messageReceived',
      'botTurnRequested',
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
    expect(typesOf(events)).toEqual(['messageSent', 'messageSendRequested'])
    expect(inputsOf(story.when(isSent(queued(story)[0]!)))).toEqual([['oi']])
  })

  test('one that the provider took and could not deliver was not shown: the next turn shows it again', () => {
    const story = new Story()
    story.when(says('oi'))
    const [notice] = queued(story)
    story.when(isSent(notice!))
    story.when(receipt(notice!, 'failed'))
    story.when(completes(story.conversationId, 1, [say('Olá!')]))
    expect(purposes(story.when(says('e agora?')))).toEqual(['privacy_notice'])
  })
})

describe('turns', () => {
  test('what is written while a turn runs makes the next turn, with the session that the robot left', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('um'))
    expect(typesOf(story.when(says('dois')))).toEqual(['messageReceived'])
    story.when(says('três'))
    const events = story.when(completes(id, 2, [say('certo')], 'step 2'))
    expect(inputsOf(events)).toEqual([['dois', 'três']])
    expect(payloads(events, 'botTurnRequested')).toMatchObject([
      { turn: 3, content: { turn: { session: 'step 2' } } },
    ])
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
      'botTurnFailed',
      'handoverRequested',
      'messageSendRequested',
    ])
    const late = new Story()
    late.when(says('oi'))
    sendAll(late)
    const events = late.later(45).when(expires('bot_turn', reference(late, 'botTurnRequested')))
    expect(payloads(events, 'handoverRequested')).toMatchObject([
      { reason: 'robot_timeout', queue: 'general' },
    ])
    expect(codes(late.when(completes(late.conversationId, 1, [say('Olá!')])))).toEqual(['NOT_THE_OWNER'])
    expect(typesOf(late.when(says('?')))).toEqual(['messageReceived'])
  })

  test('the deadline of a turn that was answered changes nothing', () => {
    const story = new Story()
    story.when(says('oi'))
    sendAll(story)
    const turn = reference(story, 'botTurnRequested')
    story.when(completes(story.conversationId, 1, []))
    story.when(says('mais'))
    expect(story.when(expires('bot_turn', turn))).toEqual([])
  })

  test('after it handed over, the rest of an answer is turned down, on record', () => {
    const story = served()
    story.when(says('pessoa'))
    const events = story.when(completes(story.conversationId, 2, [say('já passo'), handOver, say('e mais')]))
    expect(typesOf(events)).toEqual([
      'botTurnCompleted',
      'messageSendRequested',
      'handoverRequested',
      'messageSendRequested',
      'commandRefused',
    ])
    expect(payloads(events, 'handoverRequested')).toMatchObject([{ queue: 'cards', reason: 'requested' }])
    expect(codes(events)).toEqual(['NOT_THE_OWNER'])
  })

  test('an answer that cannot be carried out is not said in part: people take over', () => {
    const story = served()
    story.when(says('oi'))
    const events = story.when(
      completes(story.conversationId, 2, [say('a'), { $case: 'say', value: { content: undefined } }]),
    )
    expect(payloads(events, 'botTurnFailed')).toMatchObject([{ code: 'BOT_ACTION_NOT_SENDABLE' }])
    expect(purposes(events)).toEqual(['waiting_notice'])
  })

  test('a chosen language holds for the next turn and the next conversation', () => {
    const story = served()
    story.when(says('english'))
    story.when(completes(story.conversationId, 2, [chooses('en'), endWithoutLink]))
    expect(payloads(story.when(says('hi')), 'conversationOpened')).toMatchObject([{ language: 'en' }])
    expect(payloads(story.events, 'botTurnRequested').at(-1)).toMatchObject({ language: 'en' })
  })

  test('more than a robot can take at once goes to people', () => {
    const story = served()
    story.when(says('first'))
    for (let count = 0; count <= WAITING_INPUTS_MAX; count++) story.when(says(`and ${count}`))
    expect(payloads(story.events, 'handoverRequested')).toMatchObject([{ reason: 'robot_timeout' }])
    expect(payloads(story.events, 'messageReceived')).toHaveLength(WAITING_INPUTS_MAX + 3)
  })
})

describe('a note of the channel', () => {
  test('of an unknown contact is on record, and opens nothing, asks nothing, tells nothing', () => {
    const story = new Story()
    const wish = notes('identity_key_changed', { providerMessageId: 'note' })
    const events = story.when(wish)
    expect(typesOf(events)).toEqual(['contactRegistered', 'messageReceived'])
    expect(events.map(({ envelope }) => envelope.correlationId)).toEqual(['', ''])
    expect(story.when({ ...wish, commandId: 'another' })).toEqual([])
    expect(typesOf(story.when(says('oi')))).toEqual([
      'conversationOpened',
      'messageReceived',
      'messageSendRequested',
    ])
  })

  test('belongs to the conversation that is open, and is no input of the robot', () => {
    const story = served()
    const events = story.when(notes('number_changed'))
    expect(typesOf(events)).toEqual(['messageReceived'])
    expect(events[0]!.envelope.correlationId).toBe(story.conversationId)
    expect(inputsOf(story.when(says('oi')))).toEqual([['oi']])
    story.when(notes('number_changed'))
    expect(typesOf(story.when(completes(story.conversationId, 2, [])))).toEqual(['botTurnCompleted'])
  })

  test('does not keep the reply window open, nor remind who waits for people', () => {
    const story = served()
    story.when(says('pessoa'))
    story.when(completes(story.conversationId, 2, [handOver]))
    story.later(23 * 3600)
    expect(typesOf(story.when(notes('number_changed')))).toEqual(['messageReceived'])
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
    expect(purposes(story.later(3599).when(says('?')))).toEqual([])
    expect(purposes(story.later(1).when(says('??')))).toEqual(['waiting_notice'])
    expect(purposes(story.later(1).when(says('???')))).toEqual([])
  })

  test('it does not time out', () => {
    const story = served()
    story.when(says('pessoa'))
    story.when(completes(story.conversationId, 2, [handOver]))
    expect(story.later(90_000).when(expires('silence', reference(story, 'messageReceived')))).toEqual([])
  })
})

describe('the end', () => {
  test('without a link a conversation closes once all that was said is sent', () => {
    const story = served()
    story.when(says('tchau'))
    story.when(completes(story.conversationId, 2, [say('Até logo'), endWithoutLink]))
    expect(story.state.conversation.stage).toBe('ending')
    expect(payloads(story.when(isSent(queued(story)[0]!)), 'conversationClosed')).toMatchObject([
      { reason: 'flow_ended' },
    ])
  })

  test('a message during the ending belongs to the conversation still open; the next one opens a new one', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('tchau'))
    story.when(completes(id, 2, [endWithLink]))
    expect(story.when(says('ah!')).map(({ envelope }) => envelope.correlationId)).toEqual([id])
    story.when(issuesLink(id))
    sendAll(story)
    story.when(says('oi'))
    expect(story.conversationId).not.toBe(id)
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
    expect(typesOf(story.when(outcome(queued(story)[0]!))).at(-1)).toBe('conversationClosed')
  })

  test('it closes when no link comes in time; the late one is on record and not sent', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('tchau'))
    story.when(completes(id, 2, [endWithLink]))
    expect(typesOf(story.later(60).when(expires('ending', reference(story, 'conversationEnding'))))).toEqual([
      'conversationClosed',
    ])
    const late = story.when(issuesLink(id))
    expect(typesOf(late)).toEqual(['transcriptLinkIssued', 'commandRefused'])
    expect(codes(late)).toEqual(['CONVERSATION_NOT_ENDING'])
    expect(late[1]!.envelope.correlationId).toBe(id)
  })

  test('the deadline of an ending does not touch the ending of a later conversation', () => {
    const story = served()
    story.when(says('tchau'))
    story.when(completes(story.conversationId, 2, [endWithLink]))
    const old = reference(story, 'conversationEnding')
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
    expect(typesOf(story.when(issuesLink(story.conversationId)))).toEqual(['transcriptLinkIssued'])
  })

  test('a link that somebody asked for otherwise is a fact and no message', () => {
    const story = served()
    expect(typesOf(story.when(issuesLink(story.conversationId, false)))).toEqual(['transcriptLinkIssued'])
  })

  test('a view is on record in the conversation that was viewed, after its close too', () => {
    const story = served()
    const value = RecordTranscriptViewed.fromPartial({ conversationId: 'past', linkId: 'l', format: 'page' })
    expect(
      story.when({ payload: { $case: 'recordTranscriptViewed', value } })[0]!.envelope.correlationId,
    ).toBe('past')
  })
})

describe('silence', () => {
  test('ends the conversation with its link', () => {
    const story = served()
    const [ending] = payloads(
      story.later(1800).when(expires('silence', reference(story, 'botTurnCompleted'))),
      'conversationEnding',
    )
    expect(ending).toMatchObject({
      reason: 'silence',
      content: { message: { body: { $case: 'linkButton' } } },
    })
  })

  test('a word of the customer in between, and the old deadline changes nothing', () => {
    const story = served()
    const old = reference(story, 'botTurnCompleted')
    story.when(says('ainda aqui'))
    story.when(completes(story.conversationId, 2, [say('que bom')]))
    expect(story.when(expires('silence', old))).toEqual([])
  })

  test('while a turn runs it is not the customer who is silent', () => {
    const story = served()
    story.when(says('oi'))
    expect(story.when(expires('silence', reference(story, 'messageReceived')))).toEqual([])
  })

  test('outside the reply window it closes without a link', () => {
    const story = served()
    const events = story.later(100_000).when(expires('silence', reference(story, 'botTurnCompleted')))
    expect(typesOf(events)).toEqual(['conversationClosed'])
  })
})

describe('the reply window', () => {
  test('is 24 h from the customer’s own clock: what came days late cannot be answered freely, and people take over', () => {
    const story = served()
    story.later(172_801).when(says('oi', { occurredAt: BEGIN }))
    const events = story.when(completes(story.conversationId, 2, [say('Olá!')]))
    expect(codes(events), 'the answer and the waiting notice').toEqual([
      'OUTSIDE_REPLY_WINDOW',
      'OUTSIDE_REPLY_WINDOW',
    ])
    expect(payloads(events, 'handoverRequested')).toMatchObject([{ reason: 'robot_failed' }])
    expect(payloads(events, 'messageSendRequested')).toEqual([])
  })

  test('an approved template may go out at any time', () => {
    const story = served()
    story.later(172_801).when(says('oi', { occurredAt: BEGIN }))
    const template = {
      $case: 'template' as const,
      value: { name: 'hello', language: 'pt_BR', parameters: [] },
    }
    const action = { $case: 'say', value: { content: { message: { body: template } } } } as never
    expect(purposes(story.when(completes(story.conversationId, 2, [action])))).toEqual(['bot_answer'])
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
  test('as the very first word: on record, and nothing is sent', () => {
    expect(typesOf(new Story().when(says('Stop!')))).toEqual([
      'contactRegistered',
      'conversationOpened',
      'messageReceived',
      'contactOptedOut',
      'conversationClosed',
    ])
  })

  test('while a turn runs: closed at once, and the late answer is refused and not sent', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('oi'))
    expect(payloads(story.when(says('parar')), 'conversationClosed')).toMatchObject([{ reason: 'opted_out' }])
    expect(typesOf(story.when(completes(id, 2, [say('Olá!')])))).toEqual(['commandRefused'])
    expect(codes(story.events)).toEqual(['CONTACT_OPTED_OUT'])
  })

  test('while the notice is in flight: the notice counts as shown, and nothing follows', () => {
    const story = new Story()
    story.when(says('oi'))
    const [notice] = queued(story)
    story.when(says('বন্ধ'))
    expect(typesOf(story.when(isSent(notice!)))).toEqual(['messageSent', 'privacyNoticeShown'])
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
    expect(typesOf(story.when(says('oi')))).toEqual(['conversationOpened', 'messageReceived'])
    expect(typesOf(story.later(1800).when(expires('silence', reference(story, 'messageReceived'))))).toEqual([
      'conversationClosed',
    ])
  })

  test('until the customer says start: that message is an input again', () => {
    const story = served()
    story.when(says('STOP'))
    story.when(says('oi'))
    const events = story.when(says('Voltar'))
    expect(typesOf(events)).toEqual(['contactOptedIn', 'messageReceived', 'botTurnRequested'])
    expect(inputsOf(events)).toEqual([['Voltar']])
  })

  test('start without a stop before is an ordinary word', () => {
    expect(typesOf(served().when(says('start')))).toEqual(['messageReceived', 'botTurnRequested'])
  })
})

describe('block', () => {
  test('closes, refuses what was under way, and ends with unblock', () => {
    const story = served()
    const id = story.conversationId
    story.when(says('oi'))
    expect(typesOf(story.when(block))).toEqual(['contactBlocked', 'conversationClosed'])
    expect(story.when(block)).toEqual([])
    expect(codes(story.when(completes(id, 2, [say('x')])))).toEqual(['CONTACT_BLOCKED'])
    expect(typesOf(story.when(says('?')))).toEqual(['conversationOpened', 'messageReceived'])
    expect(typesOf(story.when(expires('silence', reference(story, 'messageReceived'))))).toEqual([
      'conversationClosed',
    ])
    story.when(says('?'))
    story.when(unblock)
    expect(typesOf(story.when(says('??')))).toEqual(['messageReceived', 'botTurnRequested'])
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
    expect(typesOf(story.when(receipt(id, 'read')))).toEqual(['messageSent', 'deliveryStatusAdvanced'])
    for (const status of ['sent', 'delivered', 'read', 'failed'])
      expect(story.when(receipt(id, status))).toEqual([])
    expect(story.when(isFailed(id))).toEqual([])
    expect(typesOf(story.when(receipt(id, 'played')))).toEqual(['deliveryStatusAdvanced'])
  })

  test('failed is the end, unless it had arrived', () => {
    const { story, id } = answered()
    story.when(isSent(id))
    expect(story.when(isFailed(id)), 'the call failed, but the provider has it').toEqual([])
    expect(payloads(story.when(receipt(id, 'failed')), 'messageFailed')).toHaveLength(1)
    expect(story.when(receipt(id, 'delivered'))).toEqual([])
  })

  test('an uncertain message moves on when a receipt shows where it is, known by the provider’s id alone', () => {
    const { story, id } = answered()
    story.when(isUncertain(id))
    expect(story.when(isUncertain(id))).toEqual([])
    expect(typesOf(story.when(receipt(id, 'delivered', 'wamid.x')))).toEqual([
      'messageSent',
      'deliveryStatusAdvanced',
    ])
    expect(typesOf(story.when(receipt('', 'read', 'wamid.x')))).toEqual(['deliveryStatusAdvanced'])
  })

  test('a second attempt is let go once, and only while nobody knows what became of the first', () => {
    const { story, id } = answered()
    expect(payloads(story.when(isResent(id)), 'messageResent')).toEqual([{ messageId: id, attempt: 2 }])
    expect(story.when({ ...isResent(id), commandId: 'another wish' })).toEqual([])
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

  test('both attempts went out: that is on record once, and the first id stays', () => {
    const { story, id } = answered()
    story.when(isResent(id))
    story.when(isSent(id, 'wamid.first'))
    const events = story.when(receipt(id, 'delivered', 'wamid.second'))
    expect(payloads(events, 'messageDoubled')).toEqual([{ messageId: id, providerMessageId: 'wamid.second' }])
    expect(typesOf(events)).toEqual(['messageDoubled', 'deliveryStatusAdvanced'])
    expect(typesOf(story.when(receipt(id, 'read', 'wamid.second')))).toEqual(['deliveryStatusAdvanced'])
    expect(story.when(isSent(id, 'wamid.second'))).toEqual([])
    expect(typesOf(story.when(receipt('', 'played', 'wamid.first')))).toEqual(['deliveryStatusAdvanced'])
  })

  test('of a doubled message, one that failed does not take the other back', () => {
    const { story, id } = answered()
    story.when(isSent(id, 'wamid.first'))
    expect(typesOf(story.when(receipt(id, 'failed', 'wamid.second')))).toEqual(['messageDoubled'])
    expect(story.state.messages.at(-1)).toMatchObject({ status: 'sent', providerMessageId: 'wamid.first' })
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
  story.when(block)
  for (let count = 0; count < MESSAGES_MAX; count++) story.when(says('?'))
  expect(story.state.messages).toHaveLength(MESSAGES_MAX)
  expect(codes(story.when(receipt(ours, 'read')))).toEqual(['UNKNOWN_MESSAGE'])
})

describe('what customers change', () => {
  const about = (target: string) => ({
    channelAccountId: 'account',
    providerMessageId: `about.${target}`,
    targetProviderMessageId: target,
  })
  const edit = (target: string, text: string) => ({
    payload: {
      $case: 'editMessage' as const,
      value: EditMessage.fromPartial({
        ...about(target),
        content: { message: { body: { $case: 'text', value: { text } } } },
      }),
    },
  })

  test('an input that still waits reaches the robot as it was edited, or not at all when it was deleted', () => {
    const story = served()
    story.when(says('um'))
    story.when(says('dosi', { providerMessageId: 'in.2' }))
    story.when(says('três', { providerMessageId: 'in.3' }))
    story.when(edit('in.2', 'dois'))
    story.when({ payload: { $case: 'revokeMessage', value: RevokeMessage.fromPartial(about('in.3')) } })
    expect(inputsOf(story.when(completes(story.conversationId, 2, [])))).toEqual([['dois']])
  })

  test('of a message that nobody remembers is on record all the same', () => {
    const story = served()
    const [edited] = payloads(story.when(edit('in.old', 'x')), 'messageEdited')
    expect(edited).toMatchObject({ targetMessageId: '', targetProviderMessageId: 'in.old' })
  })

  test('a reaction to our message names it', () => {
    const story = served()
    const ours = story.state.messages.findLast(({ by }) => by === 'us')!
    const value = ReactToMessage.fromPartial(about(ours.providerMessageId))
    expect(
      payloads(story.when({ payload: { $case: 'reactToMessage', value } }), 'messageReacted'),
    ).toMatchObject([{ targetMessageId: ours.id }])
  })
})

describe('the same again', () => {
  test('a message is known by the provider’s id, long after its command is forgotten', () => {
    const story = served()
    const first = says('uma vez', { providerMessageId: 'in.once' })
    story.when(first)
    for (let count = 0; count < 200; count++) story.when(expires('silence', `${count}`))
    for (let count = 0; count < 200; count++) story.when(block).concat(story.when(unblock))
    expect(story.when({ ...first, commandId: 'another command' })).toEqual([])
  })
})

describe('two contacts that prove to be one', () => {
  test('the younger closes and says where it went; what is wished of it goes there, in its exact bytes', () => {
    const story = served()
    expect(typesOf(story.when(merge()))).toEqual(['conversationClosed', 'contactMerged'])
    expect(story.when(merge())).toEqual([])
    const events = story.when(says('oi?', { providerMessageId: 'in.moved' }))
    const [redirected] = payloads(events, 'commandRedirected')
    expect(redirected).toMatchObject({ intoContactId: 'elder', commandType: 'ReceiveMessage' })
    expect(CommandEnvelope.decode(redirected!.content!.command).payload).toMatchObject({
      $case: 'receiveMessage',
      value: { providerMessageId: 'in.moved' },
    })
  })

  test('late receipts stay with it, a late answer is refused, a late deadline changes nothing', () => {
    const story = new Story()
    story.when(says('oi', { providerMessageId: 'in.here' }))
    sendAll(story)
    const id = story.conversationId
    const turn = reference(story, 'botTurnRequested')
    const notice = story.state.messages.find(({ by }) => by === 'us')!.id
    story.when(merge())
    expect(typesOf(story.when(receipt(notice, 'read')))).toEqual(['deliveryStatusAdvanced'])
    expect(codes(story.when(completes(id, 1, [say('x')])))).toEqual(['NOT_THE_OWNER'])
    expect(story.when(expires('bot_turn', turn))).toEqual([])
    expect(story.when({ ...says('oi', { providerMessageId: 'in.here' }), commandId: 'again' })).toEqual([])
  })

  test('the survivor takes over a stop, and closes what was open', () => {
    const story = served()
    const value = AbsorbContact.fromPartial({
      fromContactId: 'younger',
      optedOut: true,
      content: { profile: { userId: 'BR.7' } },
    })
    const absorb = { payload: { $case: 'absorbContact', value } } as const
    expect(typesOf(story.when(absorb))).toEqual(['contactAbsorbed', 'conversationClosed'])
    expect(story.state.contact).toMatchObject({ optedOut: true, userIds: ['BR.7'] })
    expect(story.when(absorb)).toEqual([])
  })

  test('nobody merges into themselves', () => {
    const story = served()
    expect(codes(story.when(merge(story.events[0]!.envelope.streamId)))).toEqual(['MERGE_INTO_ITSELF'])
  })
})

describe('an answer of the robot that does not reach the customer', () => {
  const answeredUnder = (afterUnsentAnswer: 'ask_again' | 'hand_over') => {
    const story = served(new Story({ ...testPolicy(), afterUnsentAnswer }))
    story.when(says('saldo'))
    story.when(completes(story.conversationId, 2, [say('Your balance'), say('Anything else?')], 'asking'))
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
    expect(payloads(events, 'handoverRequested')).toMatchObject([{ reason: 'answer_not_sent' }])
    expect(purposes(events)).toEqual(['waiting_notice'])
    expect(payloads(story.when(outcome(ids[1]!)), 'handoverRequested')).toEqual([])
  })

  test.each(outcomes)(
    'and %s: by policy the robot asks again, once, and then people take over',
    (_, outcome) => {
      const { story, ids } = answeredUnder('ask_again')
      const [turn] = payloads(story.when(outcome(ids[0]!)), 'botTurnRequested')
      expect(turn).toMatchObject({
        turn: 3,
        again: true,
        content: { turn: { inputs: [], session: 'asking' } },
      })
      expect(payloads(story.when(outcome(ids[1]!)), 'botTurnRequested')).toEqual([])
      story.when(completes(story.conversationId, 3, [say('Anything else?')], 'asking'))
      const events = story.when(outcome(queued(story)[0]!))
      expect(payloads(events, 'handoverRequested')).toMatchObject([{ reason: 'answer_not_sent' }])
    },
  )

  test('after a new question the robot may ask again once more', () => {
    const { story, ids } = answeredUnder('ask_again')
    story.when(isFailed(ids[0]!))
    story.when(completes(story.conversationId, 3, [say('Anything else?')]))
    story.when(says('yes'))
    story.when(completes(story.conversationId, 4, [say('What?')]))
    expect(payloads(story.when(isFailed(queued(story).at(-1)!)), 'botTurnRequested')).toMatchObject([
      { turn: 5, again: true },
    ])
  })

  test('hands over nothing when the customer went on, said stop, or is with people already', () => {
    const onward = answeredUnder('hand_over')
    onward.story.when(says('another thing'))
    expect(typesOf(onward.story.when(isFailed(onward.ids[0]!)))).toEqual(['messageFailed'])
    const stopped = answeredUnder('hand_over')
    stopped.story.when(says('parar'))
    expect(typesOf(stopped.story.when(isFailed(stopped.ids[0]!)))).toEqual(['messageFailed'])
    const withPeople = answeredUnder('hand_over')
    withPeople.story.when(says('atendente'))
    withPeople.story.when(completes(withPeople.story.conversationId, 3, [handOver]))
    expect(typesOf(withPeople.story.when(isFailed(withPeople.ids[0]!)))).toEqual(['messageFailed'])
  })
})
