import { type EventData, messageIn, surveyButton } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import {
  Story,
  type Told,
  type Wish,
  blocks,
  by,
  completes,
  factsOf,
  handOver,
  isSent,
  issuesLink,
  merges,
  queued,
  says,
  sendAll,
  served,
  testPolicy,
  typesOf,
} from '../../test/story.ts'

const HOUR = 60 * 60
/** It may merge into the elder, and any story's contact into it. */
const YOUNGER = 'a3e1de40-0000-4000-8000-000000000001'

/** With ana, in a queue that asks its customers. */
function withAna(policy = testPolicy(), asksSurvey = true): Story {
  const story = served(new Story(policy))
  story.when(says('atendente'))
  story.when(completes(story.conversationId, 2, [handOver]))
  sendAll(story)
  const { conversationId } = story
  const data = { conversationId, agentId: 'ana', how: 'accepted', queue: 'cards', revision: 5, asksSurvey }
  story.when({ type: 'AssignConversation', data, actor: by('agent', 'ana') })
  return story
}

const closes = ({ conversationId }: Story) =>
  ({
    type: 'CloseConversation',
    data: { conversationId, agentId: 'ana', reason: 'solved' },
    actor: by('agent', 'ana'),
  }) as const

/** Ended by ana: the link is sent, and the conversation closed. What the closing said comes with it. */
function ended(story = withAna()): { story: Story; id: string; last: readonly Told[] } {
  const id = story.conversationId
  story.when(closes(story))
  story.when(issuesLink(id))
  const last = story.when(isSent(queued(story)[0]!))
  return { story, id, last }
}

function asked(): { story: Story; id: string } {
  const { story, id } = ended()
  sendAll(story)
  return { story, id }
}

const taps = (id: string, answer: Parameters<typeof surveyButton>[1], more = {}) =>
  says('', {
    type: 'interactive',
    message: MessageBody.fromPartial({
      body: {
        $case: 'choice',
        value: { source: 'button_reply', id: surveyButton(id, answer), title: `${answer}` },
      },
    }),
    ...more,
  })

const purposes = (events: readonly Told[]) =>
  factsOf(events, 'MessageSendRequested').map(({ purpose }) => purpose)

describe('asking', () => {
  test('when an agent ended it, after the link, by three buttons that name the conversation', () => {
    const { last, id, story } = ended()
    expect(typesOf(last)).toEqual([
      'MessageSent',
      'ConversationClosed',
      'MessageSendRequested',
      'SurveyAsked',
    ])
    expect(purposes(last)).toEqual(['survey'])
    expect(last.every(({ envelope }) => envelope.correlationId === id)).toBe(true)
    const body = messageIn(last[2]!.envelope.content)?.body
    expect(body?.$case === 'buttons' && body.value.buttons.map((button) => button.id)).toEqual([
      surveyButton(id, 5),
      surveyButton(id, 3),
      surveyButton(id, 1),
    ])
    expect(story.state.conversation.stage).toBe('none')
  })

  test('not in a queue that does not ask', () => {
    const { last } = ended(withAna(testPolicy(), false))
    expect(typesOf(last)).not.toContain('SurveyAsked')
  })

  test('not whom nothing may be sent: a stop or a block while it ends asks nothing, nor does a merge', () => {
    for (const ending of [says('parar'), blocks, merges()]) {
      const story = withAna()
      story.when(closes(story))
      const last = story.when(ending)
      expect(typesOf(last)).toContain('ConversationClosed')
      expect(typesOf(last)).not.toContain('SurveyAsked')
      expect(purposes(last)).not.toContain('survey')
    }
  })

  test('outside the reply window by the account’s template, and without one not at all', () => {
    const quiet = withAna().later(25 * HOUR)
    expect(typesOf(quiet.when(closes(quiet)))).toEqual(['SurveyDue', 'ConversationClosed'])
    const template = {
      pt: { name: 'avaliacao', language: 'pt_BR' },
      en: { name: 'survey', language: 'en' },
      bn: { name: 'survey', language: 'bn' },
    }
    const policy = testPolicy()
    const told = withAna({ ...policy, survey: { ...policy.survey, template } }).later(25 * HOUR)
    const last = told.when(closes(told))
    expect(typesOf(last)).toEqual(['SurveyDue', 'ConversationClosed', 'MessageSendRequested', 'SurveyAsked'])
    expect(messageIn(last[2]!.envelope.content)?.body).toMatchObject({
      $case: 'template',
      value: template.pt,
    })
  })
})

describe('an answer', () => {
  test.each([
    ['a tap', (id: string) => taps(id, 5), 'button'],
    ['a number that is the whole message', () => says('5, obrigado!'), 'typed'],
  ])('%s judges the conversation that ended, and opens none', (_, answer, via) => {
    const { story, id } = asked()
    const events = story.later(3 * HOUR).when(answer(id))
    expect(typesOf(events)).toEqual(['MessageReceived', 'SurveyAnswered', 'MessageSendRequested'])
    expect(factsOf(events, 'SurveyAnswered')).toMatchObject([{ conversationId: id, score: 5, via }])
    expect(purposes(events)).toEqual(['survey_thanks'])
    expect(events.every(({ envelope }) => envelope.correlationId === id)).toBe(true)
    expect(story.state.conversation.stage).toBe('none')
  })

  test('a low score is asked for its reason, which counts once', () => {
    const { story, id } = asked()
    expect(purposes(story.when(taps(id, 1)))).toEqual(['survey_reason'])
    const events = story.when(taps(id, 'slow'))
    expect(factsOf(events, 'SurveyReasonGiven')).toMatchObject([{ conversationId: id, reason: 'slow' }])
    expect(purposes(events)).toEqual(['survey_thanks'])
    const again = story.when(taps(id, 'unsolved'))
    expect(typesOf(again)).toEqual(['MessageReceived', 'MessageSendRequested'])
    expect(purposes(again)).toEqual(['survey_thanks'])
  })

  test('the first one counts: a second tap is on record, is thanked for and changes nothing', () => {
    const { story, id } = asked()
    story.when(taps(id, 5))
    const again = story.when(taps(id, 1))
    expect(typesOf(again)).toEqual(['MessageReceived', 'MessageSendRequested'])
    expect(purposes(again)).toEqual(['survey_thanks'])
  })

  /** The first contact's survey was asked; it became the second, which became the third. What is said to the third goes back as the gateway would take it. */
  function askedUnderAnotherName(elder = new Story(testPolicy())) {
    const { story: youngest, id } = asked()
    const younger = new Story(testPolicy())
    absorbed(younger, 'youngest', youngest.when(merges(YOUNGER)))
    absorbed(elder, YOUNGER, younger.when(merges()))
    const judge = (events: readonly Told[], contactId: string): Wish[] =>
      factsOf(events, 'SurveyAnswerPassedOn')
        .filter((passed) => passed.contactId === contactId)
        .map((passed) => {
          const { contactId: _, ...data } = passed
          return { type: 'JudgeConversation', data }
        })
    const said = (wish: Wish) => {
      const heard = elder.when(wish)
      const further = judge(heard, YOUNGER).flatMap((one) => judge(younger.when(one), 'youngest'))
      return { heard, counted: further.flatMap((one) => youngest.when(one)) }
    }
    return { youngest, elder, id, said }
  }

  function absorbed(story: Story, fromContactId: string, merged: readonly Told[]): void {
    const [{ intoContactId: _, ...holds }] = factsOf(merged, 'ContactMerged') as [EventData<'ContactMerged'>]
    story.when({ type: 'AbsorbContact', data: { fromContactId, ...holds } })
  }

  test('under the name that proved to be another one it counts where it was asked, and is answered where they write now', () => {
    const { id, said } = askedUnderAnotherName(served(new Story(testPolicy())))
    const tapped = (answer: Parameters<typeof taps>[1]) => said(taps(id, answer))

    const low = tapped(1)
    expect(typesOf(low.heard)).toEqual(['MessageReceived', 'SurveyAnswerPassedOn', 'MessageSendRequested'])
    expect(purposes(low.heard)).toEqual(['survey_reason'])
    expect(typesOf(low.counted)).toEqual(['SurveyAnswered'])
    expect(factsOf(low.counted, 'SurveyAnswered')).toMatchObject([{ conversationId: id, score: 1 }])
    expect(low.counted[0]!.envelope.correlationId).toBe(id)

    const why = tapped('slow')
    expect(purposes(why.heard)).toEqual(['survey_thanks'])
    expect(factsOf(why.counted, 'SurveyReasonGiven')).toMatchObject([{ conversationId: id, reason: 'slow' }])
    expect(tapped(5).counted).toEqual([])
  })

  test('a number that is typed under the name that they became judges what was asked under the other one, once', () => {
    const { elder, id, said } = askedUnderAnotherName()
    const { heard, counted } = said(says('4'))
    expect(typesOf(heard)).not.toContain('ConversationOpened')
    expect(factsOf(heard, 'MessageReceived')).toMatchObject([{ isSurveyAnswer: true }])
    expect(factsOf(counted, 'SurveyAnswered')).toMatchObject([{ conversationId: id, score: 4, via: 'typed' }])
    expect(counted[0]!.envelope.correlationId).toBe(id)
    expect(typesOf(elder.when(says('4')))).toContain('ConversationOpened')
  })

  test.each([
    ['once it was tapped', 0, (id: string) => [taps(id, 5)]],
    ['too late', 49 * HOUR, () => []],
    ['once something else was said', 0, () => [says('oi')]],
  ])('such a number is a word like any other %s', (_, seconds, before) => {
    const { elder, id, said } = askedUnderAnotherName()
    elder.later(seconds)
    for (const wish of before(id)) said(wish)
    const { heard, counted } = said(says('5'))
    expect(factsOf(heard, 'MessageReceived')).toMatchObject([{ isSurveyAnswer: false }])
    expect(counted).toEqual([])
  })

  test.each([
    ['their own', 2 * HOUR, true],
    ['the other one’s', 0, false],
  ])('of two names’ surveys such a number is about the one that was asked last: %s', (_, seconds, isOwn) => {
    const { story: elder, id: own } = ended(withAna().later(seconds))
    const { story: younger, id: others } = ended(withAna().later(HOUR))
    absorbed(elder.later(3 * HOUR), YOUNGER, younger.when(merges()))
    const heard = elder.when(says('5'))
    expect(factsOf(heard, isOwn ? 'SurveyAnswered' : 'SurveyAnswerPassedOn')).toMatchObject([
      { conversationId: isOwn ? own : others, score: 5 },
    ])
    expect(typesOf(elder.when(says('5')))).toContain('ConversationOpened')
  })

  test('that comes to the other name too late is answered, and does not count', () => {
    const { story, id } = asked()
    story.when(merges())
    const data = { conversationId: id, messageId: 'of the other name', score: 5, reason: '' }
    expect(story.later(49 * HOUR).when({ type: 'JudgeConversation', data })).toEqual([])
  })

  test.each(['quero 5 cartões', 'foi ruim', 'oi'])('"%s" is a new conversation with the robot', (words) => {
    const { story, id } = asked()
    const events = story.when(says(words))
    expect(typesOf(events)).toContain('ConversationOpened')
    expect(typesOf(events)).not.toContain('SurveyAnswered')
    expect(story.conversationId).not.toBe(id)
  })

  test('within its hours it counts, later not: and a tap is thanked for and opens nothing even then', () => {
    const late = asked()
    expect(typesOf(late.story.later(47 * HOUR).when(taps(late.id, 4)))).toContain('SurveyAnswered')
    const tooLate = asked()
    const events = tooLate.story.later(49 * HOUR).when(taps(tooLate.id, 4))
    expect(typesOf(events)).toEqual(['MessageReceived', 'MessageSendRequested'])
    expect(purposes(events)).toEqual(['survey_thanks'])
    expect(events.every(({ envelope }) => envelope.correlationId === tooLate.id)).toBe(true)
    expect(typesOf(tooLate.story.later(HOUR).when(says('4')))).toContain('ConversationOpened')
  })

  test('while the robot asks something a typed number is its answer; a tap judges the one before', () => {
    const { story, id } = asked()
    story.later(HOUR).when(says('oi de novo'))
    story.when(completes(story.conversationId, 1, []))
    const open = story.conversationId
    const typed = story.when(says('5'))
    expect(typesOf(typed)).toEqual(['MessageReceived', 'BotTurnRequested'])
    story.when(completes(open, 2, []))
    const events = story.when(taps(id, 5))
    expect(typesOf(events)).toEqual(['MessageReceived', 'SurveyAnswered', 'MessageSendRequested'])
    expect(events[0]!.envelope.correlationId).toBe(id)
    expect(story.conversationId).toBe(open)
  })

  test('once the customer is back with the agent a tap judges what ended, and a typed number is a word to the agent', () => {
    const { story, id } = ended(withAna({ ...testPolicy(), reopenSeconds: 1800 }))
    sendAll(story)
    story.later(60).when(says('voltou o problema'))
    const again = story.conversationId
    expect(story.state.conversation.stage).toBe('waiting')
    expect(typesOf(story.when(says('5')))).not.toContain('SurveyAnswered')
    const events = story.when(taps(id, 2))
    expect(factsOf(events, 'SurveyAnswered')).toMatchObject([{ conversationId: id, score: 2 }])
    expect(events.every(({ envelope }) => envelope.correlationId === id)).toBe(true)
    expect(story.state.conversation).toMatchObject({ stage: 'waiting', id: again })
    // The next close asks about the next one.
    expect(typesOf(story.when(taps(id, 5)))).toEqual(['MessageReceived', 'MessageSendRequested'])
  })

  test('under an earlier survey judges no later one, and the robot is not given it', () => {
    const { story, id: earlier } = asked()
    story.later(HOUR).when(says('oi de novo'))
    story.when(completes(story.conversationId, 1, [handOver]))
    sendAll(story)
    const { conversationId } = story
    const data = { conversationId, agentId: 'ana', queue: 'cards', revision: 5, asksSurvey: true }
    story.when({ type: 'AssignConversation', data, actor: by('agent', 'ana') })
    const { id: later } = ended(story)
    const tapped = story.when(taps(earlier, 1))
    expect(typesOf(tapped)).toEqual(['MessageReceived', 'MessageSendRequested'])
    expect(purposes(tapped)).toEqual(['survey_thanks'])
    expect(factsOf(story.when(taps(later, 5)), 'SurveyAnswered')).toMatchObject([{ conversationId: later }])
  })

  test('of whom nothing may be sent is on record, and nothing is sent', () => {
    const { story, id } = asked()
    story.when(blocks)
    expect(typesOf(story.when(taps(id, 1)))).toEqual(['MessageReceived', 'SurveyAnswered'])
  })

  test('that says stop is a stop', () => {
    const { story } = asked()
    const events = story.when(says('parar'))
    expect(typesOf(events)).toContain('ContactOptedOut')
    expect(typesOf(events)).not.toContain('SurveyAnswered')
  })
})
