import { describe, expect, test } from 'vitest'
import {
  Story,
  blocks,
  chooses,
  completes,
  edits,
  expires,
  factsOf,
  handOver,
  merges,
  receipt,
  revokes,
  says,
  say,
  sendAll,
  served,
  testPolicy,
  typesOf,
  writesInApp,
} from '../../test/story.ts'

const HALF_AN_HOUR = 1800

function silenceReference(story: Story): string {
  return story.state.contact.robotSilence?.reference ?? ''
}

describe('what the company writes in the WhatsApp Business app', () => {
  test("is on record as the company's, in the conversation that is open, and once however often it is echoed", () => {
    const story = served()
    const decided = story.when(writesInApp('Aqui é a Carla', { providerMessageId: 'wamid.app' }))
    expect(typesOf(decided)).toEqual(['AppMessageSent'])
    expect(decided[0]!.envelope).toMatchObject({
      actor: { kind: 'company' },
      correlationId: story.conversationId,
    })
    expect(
      story.when({ ...writesInApp('Aqui é a Carla', { providerMessageId: 'wamid.app' }), commandId: 'b' }),
    ).toEqual([])
  })

  test('opens a conversation where none is open, with a customer of whom nothing is known too', () => {
    const story = new Story()
    expect(typesOf(story.when(writesInApp('Bom dia')))).toEqual([
      'ContactRegistered',
      'ConversationOpened',
      'AppMessageSent',
    ])
  })

  test('can be edited and taken back', () => {
    const story = served()
    story.when(writesInApp('Aqui é a Carla', { providerMessageId: 'wamid.app' }))
    const messageId = factsOf(story.events, 'AppMessageSent')[0]!.messageId
    expect(factsOf(story.when(edits('wamid.app', 'Aqui é o Caio')), 'MessageEdited')).toMatchObject([
      { targetMessageId: messageId },
    ])
    expect(factsOf(story.when(revokes('wamid.app')), 'MessageRevoked')).toMatchObject([
      { targetMessageId: messageId },
    ])
  })

  test('has its receipts on record, each once and forwards only, and nothing waits for them', () => {
    const story = served()
    story.when(writesInApp('Aqui é a Carla', { providerMessageId: 'wamid.app' }))
    const messageId = factsOf(story.events, 'AppMessageSent')[0]!.messageId
    const told = ['sent', 'delivered', 'delivered', 'read', 'delivered', 'failed'].map((status) =>
      factsOf(story.when(receipt('', status, 'wamid.app')), 'DeliveryStatusAdvanced'),
    )
    expect(told).toMatchObject([
      [],
      [{ messageId, status: 'delivered' }],
      [],
      [{ messageId, status: 'read' }],
      [],
      [],
    ])
  })

  test('does not open the reply window', () => {
    const story = new Story()
    story.when(writesInApp('Bom dia'))
    expect(story.state.contact.lastMessageAt).toBeNull()
  })
})

describe('while somebody writes in the app', () => {
  test('the robot says nothing, to a new customer either, and what the customer wrote is kept for it', () => {
    for (const story of [served(), new Story()]) {
      story.when(writesInApp('Aqui é a Carla'))
      story.later(60)
      expect(typesOf(story.when(says('oi, Carla')))).toEqual(['MessageReceived'])
      expect(story.state.conversation).toMatchObject({ stage: 'with_robot', inputs: [{}] })
    }
  })

  test('the robot says nothing in a conversation that the customer opens meanwhile', () => {
    const story = served()
    story.when(writesInApp('Até logo'))
    story.when(blocks)
    story.when({ type: 'UnblockContact', data: {} })
    expect(typesOf(story.when(says('mais uma coisa')))).toEqual(['ConversationOpened', 'MessageReceived'])
  })

  test('the answer that the robot was about to give is not given', () => {
    const story = served()
    story.when(says('quero um cartão'))
    expect(typesOf(story.when(writesInApp('Eu cuido disso')))).toEqual(['AppMessageSent', 'BotTurnFailed'])
    expect(typesOf(story.when(completes(story.conversationId, 2, [say('Qual cartão?')])))).toEqual([
      'CommandRefused',
    ])
  })

  test('the conversation does not end for want of an answer', () => {
    const story = served()
    const answered = story.events.findLast(({ type }) => type === 'BotTurnCompleted')!
    story.when(writesInApp('Eu cuido disso'))
    story.later(HALF_AN_HOUR + 1)
    expect(story.when(expires('silence', answered.envelope.eventId))).toEqual([])
  })

  test('customers who wait for people are not told so again', () => {
    const story = served()
    story.when(says('uma pessoa, por favor'))
    story.when(completes(story.conversationId, 2, [handOver]))
    sendAll(story)
    story.later(2 * 60 * 60)
    story.when(writesInApp('Aqui é a Carla'))
    story.later(60)
    expect(typesOf(story.when(says('que bom')))).toEqual(['MessageReceived'])
  })

  test('of a message that comes days late the robot takes no notice', () => {
    const story = served()
    story.later(3 * 24 * 60 * 60)
    const occurredAt = new Date(Date.parse(story.at) - 2 * 24 * 60 * 60 * 1000).toISOString()
    expect(factsOf(story.when(writesInApp('Bom dia', { occurredAt })), 'AppMessageSent')).toMatchObject([
      { robotSilentUntil: undefined },
    ])
    expect(typesOf(story.when(says('oi')))).toContain('BotTurnRequested')
  })

  test('nor where the company does not want it silent', () => {
    const story = served(new Story({ ...testPolicy(), robotSilenceSeconds: 0 }))
    story.when(writesInApp('Bom dia'))
    expect(typesOf(story.when(says('oi')))).toContain('BotTurnRequested')
  })
})

describe('what the app sends by itself at once', () => {
  const company = { ...testPolicy(), appAnswersByItselfSeconds: 3 }
  const silence = (story: Story) =>
    factsOf(story.events, 'AppMessageSent').map(({ robotSilentUntil }) => robotSilentUntil !== undefined)

  test('is on record, and the robot goes on with its turn', () => {
    const story = new Story(company)
    story.when(says('oi'))
    sendAll(story)
    story.later(2)
    expect(typesOf(story.when(writesInApp('Olá! Já respondemos.')))).toEqual(['AppMessageSent'])
    expect(silence(story)).toEqual([false])
    expect(typesOf(story.when(completes(story.conversationId, 1, [say('Olá!')])))).toContain(
      'BotTurnCompleted',
    )
  })
  test('is one, and the first, before the robot answered: whoever writes quickly from then on silences it', () => {
    const answered = served(new Story(company))
    answered.when(says('quero ajuda'))
    answered.when(writesInApp('Aqui é a Carla'))
    const twice = new Story(company)
    twice.when(says('oi'))
    twice.when(writesInApp('Olá! Já respondemos.'))
    twice.when(writesInApp('Aqui é a Carla'))
    const more = new Story(company)
    more.when(says('oi'))
    more.when(says('tem alguém?'))
    more.when(writesInApp('Aqui é a Carla'))
    expect([silence(answered), silence(twice), silence(more)]).toEqual([[true], [false, true], [true]])
    answered.later(1)
    expect(typesOf(answered.when(says('oi, Carla')))).toEqual(['MessageReceived'])
  })
  test('is told by its haste: later, or before the customer wrote anything, somebody writes', () => {
    const story = served(new Story(company))
    story.later(60)
    story.when(says('quero ajuda'))
    story.later(4)
    story.when(writesInApp('Aqui é a Carla'))
    const unasked = new Story(company)
    unasked.when(writesInApp('Bom dia'))
    expect([...silence(story), ...silence(unasked)]).toEqual([true, true])
  })
  test('is none where somebody is writing there already', () => {
    const story = served(new Story(company))
    story.later(60)
    story.when(writesInApp('Aqui é a Carla'))
    story.later(10)
    story.when(says('oi, Carla'))
    story.later(1)
    story.when(writesInApp('Tudo bem?'))
    expect(silence(story)).toEqual([true, true])
  })
})

describe('when nobody wrote in the app for as long as the company says', () => {
  test('the robot takes up what waits, says that it is the robot again, and begins anew', () => {
    const story = served()
    story.when(writesInApp('Eu cuido disso'))
    story.later(60)
    story.when(says('obrigado. E o limite?'))
    story.later(HALF_AN_HOUR)
    const decided = story.when(expires('app_silence', silenceReference(story)))
    expect(typesOf(decided)).toEqual(['RobotResumed', 'MessageSendRequested', 'BotTurnRequested'])
    expect(factsOf(decided, 'MessageSendRequested')).toMatchObject([{ purpose: 'robot_returns' }])
    expect(decided.at(-1)!.envelope.content.map(({ name }) => name)).toEqual(['message'])
    // Once.
    story.when(completes(story.conversationId, 2, [say('O limite é este.')]))
    expect(typesOf(story.when(says('ok')))).not.toContain('MessageSendRequested')
  })

  test('what was answered in the app is not answered again', () => {
    const story = served()
    story.when(writesInApp('Eu cuido disso'))
    story.later(60)
    story.when(says('meu cartão sumiu'))
    story.when(writesInApp('Já bloqueei'))
    story.later(HALF_AN_HOUR)
    expect(typesOf(story.when(expires('app_silence', silenceReference(story))))).toEqual(['RobotResumed'])
  })

  test('each message counts anew', () => {
    const story = served()
    story.when(writesInApp('Eu cuido disso'))
    const first = silenceReference(story)
    story.later(60)
    story.when(writesInApp('Um momento'))
    story.later(HALF_AN_HOUR - 30)
    expect(story.when(expires('app_silence', first))).toEqual([])
    expect(typesOf(story.when(says('certo')))).toEqual(['MessageReceived'])
  })

  test('a customer who writes nothing more is said goodbye to as ever', () => {
    const story = served()
    story.when(writesInApp('Eu cuido disso'))
    story.later(HALF_AN_HOUR)
    const [resumed] = story.when(expires('app_silence', silenceReference(story)))
    story.later(HALF_AN_HOUR)
    expect(typesOf(story.when(expires('silence', resumed!.envelope.eventId)))).toContain('ConversationEnding')
  })
})

describe('the language that a customer chose', () => {
  const chosen = (language: string, seconds: number): Story => {
    const story = served()
    story.later(seconds)
    story.when(says('english'))
    story.when(completes(story.conversationId, 2, [chooses(language)]))
    return story
  }
  const absorbs = (into: Story, from: Story): string => {
    const { intoContactId: _, ...asked } = factsOf(from.when(merges()), 'ContactMerged')[0]!
    into.when({ type: 'AbsorbContact', data: { fromContactId: 'other', ...asked } })
    return into.state.contact.language
  }

  test('goes with them to the contact that they became', () => {
    expect(absorbs(served(), chosen('en', 60))).toBe('en')
  })
  test('is the later of two', () => {
    expect(absorbs(chosen('bn', 10), chosen('en', 60))).toBe('en')
    expect(absorbs(chosen('bn', 60), chosen('en', 10))).toBe('bn')
  })
  test('is not changed by one that the country of a number hinted', () => {
    expect(absorbs(chosen('en', 60), served())).toBe('en')
  })
})
