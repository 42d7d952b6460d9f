import type { CommandData, ConversationCommand } from '@parley/conversation'
import { WAIT_BUTTONS, contentOf, messageIn, profileIn } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import { after } from './window.ts'
import {
  Story,
  type Told,
  type Wish,
  blocks,
  by,
  chooses,
  completes,
  endWithLink,
  endWithoutLink,
  expires,
  factsOf,
  handOver,
  merges,
  placed,
  say,
  says,
  sendAll,
  served,
  testPolicy,
  textBody,
  typesOf,
} from '../../test/story.ts'

/** Handed over, and with ana. */
function withAna(policy = testPolicy()): Story {
  const story = served(new Story(policy))
  story.when(says('atendente'))
  story.when(completes(story.conversationId, 2, [handOver]))
  sendAll(story)
  story.when(assigned(story, 'ana', 5))
  return story
}

function assigned({ conversationId }: Story, agentId: string, revision: number): Wish {
  return {
    type: 'AssignConversation',
    data: { conversationId, agentId, how: 'accepted', offerId: 'offer', queue: 'cards', revision },
    actor: by('agent', agentId),
  }
}

type OfAgent =
  | 'SendAgentMessage'
  | 'AddNote'
  | 'HoldConversation'
  | 'EndHold'
  | 'ParkConversation'
  | 'CloseConversation'
  | 'UndoClose'

function agentWishes<Type extends OfAgent & ConversationCommand['type']>(
  story: Story,
  type: Type,
  more: Partial<CommandData<Type>> = {},
  content: Wish['content'] = [],
): Wish {
  const data = { conversationId: story.conversationId, agentId: 'ana', ...more }
  return { type, data, content, actor: by('agent', data.agentId) }
}

function refusalIn(events: readonly Told[]): string {
  expect(typesOf(events)).toEqual(['CommandRefused'])
  return factsOf(events, 'CommandRefused')[0]!.code
}

const lastMessage = ({ state }: Story): string => state.messages.at(-1)!.id

describe('whose it is', () => {
  test('a hand-over says who the pool is to look for, and counts on from what was heard of it', () => {
    const story = served()
    story.when(says('atendente'))
    const [asked] = factsOf(story.when(completes(story.conversationId, 2, [handOver])), 'HandoverRequested')
    expect(asked).toMatchObject({ queue: 'cards', lastAgentId: '', revision: 1 })
  })

  test('only its owner writes to the customer, in the agent’s name', () => {
    const story = withAna()
    const text = contentOf({ messages: [textBody('Olá, sou a Ana')] })
    const [sent] = story.when(agentWishes(story, 'SendAgentMessage', { type: 'text' }, text))
    expect(sent).toMatchObject({
      type: 'MessageSendRequested',
      data: { purpose: 'agent_message', type: 'text' },
      envelope: { actor: { kind: 'agent', id: 'ana' }, correlationId: story.conversationId },
    })
    expect(
      refusalIn(story.when(agentWishes(story, 'SendAgentMessage', { type: 'text', agentId: 'bia' }, text))),
    ).toBe('NOT_THE_OWNER')
  })

  test('outside the reply window only a template goes out; to whom said stop nothing', () => {
    const story = withAna().later(25 * 60 * 60)
    expect(refusalIn(story.when(agentWishes(story, 'SendAgentMessage', { type: 'text' })))).toBe(
      'OUTSIDE_REPLY_WINDOW',
    )
    expect(typesOf(story.when(agentWishes(story, 'SendAgentMessage', { type: 'template' })))).toEqual([
      'MessageSendRequested',
    ])
  })

  test('what the pool says late or twice changes nothing; what is newer moves it on', () => {
    const story = withAna()
    expect(typesOf(story.when({ ...assigned(story, 'bia', 5), commandId: 'late' }))).toEqual([
      'NothingChanged',
    ])
    const [moved] = factsOf(story.when(assigned(story, 'bia', 6)), 'ConversationAssigned')
    expect(moved).toMatchObject({ agentId: 'bia', fromAgentId: 'ana' })
  })

  test('of a conversation that people do not have the pool is told to forget', () => {
    const story = served()
    const conversationId = story.conversationId
    expect(typesOf(story.when(assigned(story, 'ana', 3)))).toEqual(['PoolContradicted'])
    expect(story.conversationId).toBe(conversationId)
    expect(story.state.conversation.stage).toBe('with_robot')
  })

  const returned = (story: Story) =>
    story.when({
      type: 'ReturnConversationToRobot',
      data: {
        conversationId: story.conversationId,
        agentId: 'ana',
        flow: 'menu',
        step: 'welcome',
        revision: 9,
        noteMessageId: 'note',
      },
      content: contentOf({ note: 'wants the menu' }),
      actor: by('agent', 'ana'),
    })

  test('back with the robot it goes on at once at the point that the agent named; the customer is told who answers', () => {
    const story = withAna()
    const events = returned(story)
    expect(factsOf(events, 'MessageSendRequested')).toMatchObject([{ purpose: 'robot_returns' }])
    expect(factsOf(events, 'BotTurnRequested')).toMatchObject([
      { turn: 3, flow: 'menu', step: 'welcome', inputs: [] },
    ])
    sendAll(story)
    story.when(completes(story.conversationId, 3, [say('Menu')]))
    sendAll(story)
    expect(factsOf(story.when(says('oi')), 'BotTurnRequested')).toMatchObject([
      { turn: 4, flow: '', step: '' },
    ])
  })

  test('a robot that asks before it acts goes on there still when it is asked again', () => {
    const story = withAna()
    returned(story)
    story.when(completes(story.conversationId, 3, [], '', { holdsBack: true }))
    expect(factsOf(story.events, 'BotTurnRequested').at(-1)).toMatchObject({
      turn: 4,
      flow: 'menu',
      step: 'welcome',
      mayAct: true,
    })
    sendAll(story)
    story.when(completes(story.conversationId, 4, [say('Menu')]))
    sendAll(story)
    expect(factsOf(story.when(says('oi')), 'BotTurnRequested')).toMatchObject([
      { turn: 5, flow: '', step: '' },
    ])
  })
})

describe('notes', () => {
  test('the note of a transfer is by whoever handed it over, be it a supervisor', () => {
    const story = withAna()
    const events = story.when({
      type: 'RequeueConversation',
      data: {
        conversationId: story.conversationId,
        queue: 'cards',
        reason: 'reassigned',
        revision: 6,
        fromAgentId: 'ana',
        noteMessageId: 'note',
      },
      content: contentOf({ note: 'for the others' }),
      actor: by('agent', 'sonia'),
    })
    expect(factsOf(events, 'NoteAdded')).toMatchObject([{ agentId: 'sonia' }])
  })

  test('a whisper is a note for whoever has it by then, and for nobody where nobody else does', () => {
    const story = withAna()
    const whispers = (agentId: string) =>
      story.when(
        agentWishes(
          story,
          'AddNote',
          { agentId, isWhisper: true, mentionedAgentIds: ['rui'] },
          contentOf({ note: 'be kind' }),
        ),
      )
    const events = whispers('sonia')
    expect(typesOf(events)).toEqual(['NoteAdded'])
    expect(factsOf(events, 'NoteAdded')).toMatchObject([
      { agentId: 'sonia', mentionedAgentIds: ['ana'], isWhisper: true },
    ])
    expect(refusalIn(whispers('ana'))).toBe('NOBODY_TO_WHISPER_TO')
    story.when({
      type: 'RequeueConversation',
      data: { conversationId: story.conversationId, queue: 'cards', reason: 'offline', revision: 6 },
    })
    expect(refusalIn(whispers('sonia'))).toBe('NOBODY_TO_WHISPER_TO')
  })

  test('a note is an event of its own: its words are in no message, and nothing is asked to be sent', () => {
    const story = withAna()
    const events = story.when(
      agentWishes(
        story,
        'AddNote',
        { agentId: 'sonia', mentionedAgentIds: ['ana'] },
        contentOf({ note: 'be careful' }),
      ),
    )
    expect(typesOf(events)).toEqual(['NoteAdded'])
    expect(events[0]!.envelope.content.map(({ name }) => name)).toEqual(['note'])
    story.when(agentWishes(story, 'CloseConversation', { reason: 'solved' }))
    const said = story.events.filter(({ type }) => type !== 'NoteAdded')
    expect(
      JSON.stringify(
        said.map(({ envelope }) =>
          envelope.content.map(({ value }) => Buffer.from(value).toString('latin1')),
        ),
      ),
    ).not.toContain('be careful')
  })

  test('what just ended takes notes, on its own record, even when the customer writes again by then; whispers it does not', () => {
    const story = withAna()
    const { conversationId } = story
    const ending = story.when(agentWishes(story, 'CloseConversation', { reason: 'solved' }))
    story.when(expires('ending', ending.at(-1)!.envelope.eventId))
    expect(story.state.conversation.stage).toBe('none')
    const notes = (of: string, isWhisper = false) =>
      story.when(
        agentWishes(
          story,
          'AddNote',
          { conversationId: of, isWhisper },
          contentOf({ note: 'will send papers' }),
        ),
      )
    expect(typesOf(notes(conversationId))).toEqual(['NoteAdded'])
    story.when(says('oi de novo'))
    expect(story.conversationId).not.toBe(conversationId)
    const events = notes(conversationId)
    expect(typesOf(events)).toEqual(['NoteAdded'])
    expect(events[0]!.envelope.correlationId).toBe(conversationId)
    expect(story.state.messages.at(-1)).toMatchObject({ by: 'note', conversationId })
    expect(refusalIn(notes(conversationId, true))).toBe('CONVERSATION_NOT_OPEN')
    expect(refusalIn(notes('another customer’s'))).toBe('CONVERSATION_NOT_OPEN')
  })
})

describe('hold, park, close', () => {
  test('hold keeps it with the agent', () => {
    const story = withAna()
    expect(typesOf(story.when(agentWishes(story, 'HoldConversation')))).toEqual(['HoldBegan'])
    expect(typesOf(story.when(agentWishes(story, 'HoldConversation')))).toEqual(['NothingChanged'])
    expect(story.state.conversation).toMatchObject({ stage: 'with_agent', isOnHold: true })
    expect(typesOf(story.when(agentWishes(story, 'EndHold')))).toEqual(['HoldEnded'])
  })

  test('the customer’s word into what is parked asks the pool once who has it', () => {
    const story = withAna()
    story.when(agentWishes(story, 'ParkConversation'))
    expect(refusalIn(story.when(agentWishes(story, 'SendAgentMessage', { type: 'text' })))).toBe(
      'CONVERSATION_PARKED',
    )
    expect(typesOf(story.when(says('ainda está aí?')))).toEqual(['MessageReceived', 'UnparkRequested'])
    expect(typesOf(story.when(says('?')))).toEqual(['MessageReceived'])
    story.when(assigned(story, 'ana', 8))
    expect(story.state.conversation).toMatchObject({ stage: 'with_agent', agentId: 'ana' })
  })

  test.each(['ParkConversation', 'CloseConversation'] as const)(
    '%s over a word that crossed is refused',
    (type) => {
      const story = withAna()
      const seenMessageId = lastMessage(story)
      story.when(says('mais uma coisa'))
      expect(refusalIn(story.when(agentWishes(story, type, { seenMessageId, reason: 'solved' })))).toBe(
        'CUSTOMER_WROTE',
      )
      expect(
        refusalIn(story.when(agentWishes(story, type, { seenMessageId, reason: 'solved', agentId: 'bia' }))),
      ).toBe('NOT_THE_OWNER')
      const events = story.when(
        agentWishes(story, type, { seenMessageId: lastMessage(story), reason: 'solved' }),
      )
      expect(typesOf(events)).not.toContain('CommandRefused')
    },
  )

  test('a close begins the ending with its link, for the agent’s reason, and the pool is told', () => {
    const story = withAna()
    const [ending] = factsOf(
      story.when(agentWishes(story, 'CloseConversation', { reason: 'solved' })),
      'ConversationEnding',
    )
    expect(ending).toMatchObject({ reason: 'solved', sendsLink: true, revision: 5 })
  })

  test('only for a reason of its queue, where the pool named them', () => {
    const story = withAna()
    const { data, ...wish } = assigned(story, 'ana', 6)
    story.when({ ...wish, data: { ...data, closeReasons: ['solved', 'no_answer'] } as never })
    const [refusal] = story.when(agentWishes(story, 'CloseConversation', { reason: 'bored' }))
    expect(refusal).toMatchObject({ type: 'CommandRefused', data: { code: 'CLOSE_REASON_UNKNOWN' } })
    expect(JSON.stringify(refusal!.data)).not.toContain('bored')
    expect(typesOf(story.when(agentWishes(story, 'CloseConversation', { reason: 'no_answer' })))).toEqual([
      'ConversationEnding',
    ])
  })

  test('the reasons that are in force when it is closed count, whatever they were when the agent got it', () => {
    const story = withAna()
    const { data, ...wish } = assigned(story, 'ana', 6)
    story.when({ ...wish, data: { ...data, closeReasons: ['solved'] } as never })
    const closes = (reason: string) =>
      story.when(
        agentWishes(story, 'CloseConversation', { reason, closeReasons: ['card_found', 'no_answer'] }),
      )
    expect(closes('solved')).toMatchObject([{ data: { code: 'CLOSE_REASON_UNKNOWN' } }])
    expect(typesOf(closes('card_found'))).toEqual(['ConversationEnding'])
  })

  test.each([0, 5])(
    'a last word of the agent goes out before the link, with %i seconds to undo it too',
    (undoSeconds) => {
      const story = withAna()
      const words = contentOf({ messages: [textBody('Até logo!')] })
      const events = story.when(
        agentWishes(story, 'CloseConversation', { reason: 'solved', type: 'text', undoSeconds }, words),
      )
      const said =
        undoSeconds === 0
          ? events
          : story.later(6).when(expires('closing', events[0]!.envelope.eventId, story.at))
      expect(typesOf(said)).toEqual(['MessageSendRequested', 'ConversationEnding'])
      expect(messageIn(said[0]!.envelope.content)?.body).toMatchObject({ value: { text: 'Até logo!' } })
      expect(said[0]!.envelope.actor).toEqual({ kind: 'agent', id: 'ana' })
      const late = withAna().later(25 * 60 * 60)
      expect(
        refusalIn(
          late.when(agentWishes(late, 'CloseConversation', { reason: 'solved', type: 'text' }, words)),
        ),
      ).toBe('OUTSIDE_REPLY_WINDOW')
    },
  )

  test('the queue’s customers are asked how it went, not those who said stop', () => {
    const asking = (): Story => {
      const story = withAna()
      const { data, ...wish } = assigned(story, 'ana', 6)
      story.when({ ...wish, data: { ...data, asksSurvey: true } as never })
      return story
    }
    const story = asking()
    const { conversationId } = story
    expect(
      factsOf(story.when(agentWishes(story, 'CloseConversation', { reason: 'solved' })), 'SurveyDue'),
    ).toMatchObject([{ conversationId, agentId: 'ana', queue: 'cards', reason: 'solved' }])
    const plain = withAna()
    expect(typesOf(plain.when(agentWishes(plain, 'CloseConversation', { reason: 'solved' })))).not.toContain(
      'SurveyDue',
    )
  })

  test('a supervisor closes what an agent has: in their name, and its customer judges the agent; whoever closed it may take that back', () => {
    const story = withAna()
    const closes = (more: Partial<CommandData<'CloseConversation'>> = {}) =>
      story.when(
        agentWishes(story, 'CloseConversation', {
          agentId: 'sonia',
          reason: 'solved',
          bySupervisor: true,
          seenOwnerId: 'ana',
          ...more,
        }),
      )
    expect(refusalIn(closes({ bySupervisor: false }))).toBe('NOT_THE_OWNER')
    // Seen when it was another's, or nobody's.
    expect(refusalIn(closes({ seenOwnerId: 'bia' }))).toBe('NOT_THE_OWNER')
    expect(refusalIn(closes({ seenOwnerId: '' }))).toBe('NOT_THE_OWNER')
    const [announced] = factsOf(closes({ undoSeconds: 5 }), 'CloseAnnounced')
    expect(announced).toMatchObject({ agentId: 'sonia', reason: 'solved' })
    expect(refusalIn(story.when(agentWishes(story, 'UndoClose', { agentId: 'bia' })))).toBe('NOT_THE_OWNER')
    expect(typesOf(story.when(agentWishes(story, 'UndoClose', { agentId: 'sonia' })))).toEqual([
      'CloseUndone',
    ])
    expect(refusalIn(closes({ seenMessageId: 'none' }))).toBe('CUSTOMER_WROTE')
    const ending = closes()
    expect(ending.at(-1)!.envelope).toMatchObject({
      type: 'ConversationEnding',
      actor: { kind: 'agent', id: 'sonia' },
    })
    expect(refusalIn(closes())).toBe('CONVERSATION_NOT_OPEN')

    const judged = served()
    judged.when(says('atendente'))
    judged.when(completes(judged.conversationId, 2, [handOver]))
    sendAll(judged)
    const { data, ...wish } = assigned(judged, 'ana', 5)
    judged.when({ ...wish, data: { ...data, asksSurvey: true } } as Wish)
    const asked = judged.when(
      agentWishes(judged, 'CloseConversation', {
        agentId: 'sonia',
        reason: 'solved',
        bySupervisor: true,
        seenOwnerId: 'ana',
      }),
    )
    expect(factsOf(asked, 'SurveyDue')).toMatchObject([{ agentId: 'ana' }])
  })

  test('a supervisor closes what waits, at once: there is nobody’s work to go back to; not what the robot has', () => {
    const story = served()
    const closes = () =>
      story.when(
        agentWishes(story, 'CloseConversation', {
          agentId: 'sonia',
          reason: 'not_ours',
          bySupervisor: true,
          undoSeconds: 5,
        }),
      )
    expect(refusalIn(closes())).toBe('NOT_THE_OWNER')
    story.when(says('atendente'))
    story.when(completes(story.conversationId, 2, [handOver]))
    sendAll(story)
    const events = closes()
    expect(typesOf(events)).toEqual(['ConversationEnding'])
    expect(events[0]!.envelope.actor).toMatchObject({ kind: 'agent', id: 'sonia' })
  })

  test.each(['offline', 'signed_out', 'connection_lost'])(
    'a close within its seconds stands when its agent leaves (%s): nobody is told to wait; what is not closed waits for the next one',
    (reason) => {
      const leaves = (story: Story) =>
        story.when({
          type: 'RequeueConversation',
          data: {
            conversationId: story.conversationId,
            queue: 'cards',
            reason,
            revision: 6,
            fromAgentId: 'ana',
          },
        })
      const closing = withAna()
      const word = contentOf({ messages: [textBody('Até logo!')] })
      const close = { reason: 'solved', undoSeconds: 5, type: 'text' }
      closing.when(agentWishes(closing, 'CloseConversation', close, word))
      const events = leaves(closing)
      expect(typesOf(events)).toEqual(['MessageSendRequested', 'ConversationEnding'])
      expect(factsOf(events, 'ConversationEnding')).toMatchObject([{ reason: 'solved', hadAgent: true }])
      expect(events[0]!.envelope.actor).toMatchObject({ kind: 'agent', id: 'ana' })
      expect(typesOf(leaves(withAna()))[0]).toBe('ConversationRequeued')
    },
  )

  test('a note after the last message is no word of the customer’s', () => {
    const story = withAna()
    const note = story.when(agentWishes(story, 'AddNote', {}, contentOf({ note: 'x' })))
    const seenMessageId = factsOf(note, 'NoteAdded')[0]!.messageId
    expect(
      typesOf(story.when(agentWishes(story, 'CloseConversation', { reason: 'solved', seenMessageId }))),
    ).toEqual(['ConversationEnding'])
    const crossed = withAna()
    const seen = factsOf(
      crossed.when(agentWishes(crossed, 'AddNote', {}, contentOf({ note: 'x' }))),
      'NoteAdded',
    )[0]!.messageId
    crossed.when(says('mais uma coisa'))
    expect(
      refusalIn(
        crossed.when(agentWishes(crossed, 'CloseConversation', { reason: 'solved', seenMessageId: seen })),
      ),
    ).toBe('CUSTOMER_WROTE')
  })

  test('within its seconds a close may be taken back, by the agent or by a word of the customer', () => {
    const story = withAna()
    const announce = () =>
      story.when(agentWishes(story, 'CloseConversation', { reason: 'solved', undoSeconds: 5 }))[0]!
    expect(announce().type).toBe('CloseAnnounced')
    expect(typesOf(story.when(agentWishes(story, 'UndoClose')))).toEqual(['CloseUndone'])
    expect(refusalIn(story.when(agentWishes(story, 'UndoClose')))).toBe('NOT_CLOSING')
    const second = announce().envelope.eventId
    expect(factsOf(story.when(says('espera')), 'CloseUndone')).toMatchObject([{ by: 'customer' }])
    expect(story.later(6).when(expires('closing', second, story.at))).toEqual([])
    const third = announce().envelope.eventId
    expect(typesOf(story.later(6).when(expires('closing', third, story.at)))).toEqual(['ConversationEnding'])
    expect(refusalIn(story.when(agentWishes(story, 'UndoClose')))).toBe('CONVERSATION_NOT_OPEN')
  })

  test('it sleeps only until a time that is to come', () => {
    const story = withAna()
    const until = (snoozedUntil: string) =>
      story.when(agentWishes(story, 'ParkConversation', { snoozedUntil }))
    expect(refusalIn(until(story.at))).toBe('SNOOZE_OVER')
    expect(typesOf(until(new Date(Date.parse(story.at) + 1000).toISOString()))).toEqual([
      'ConversationParked',
    ])
  })
})

describe('what whoever waits is told', () => {
  const AT_NINE = '2026-03-03T12:00:00.000Z'
  const waits = (policy = testPolicy(), actions = [handOver]): Story => {
    const story = served(new Story(policy))
    story.when(says('atendente'))
    story.when(completes(story.conversationId, 2, actions))
    sendAll(story)
    return story
  }
  const said = (events: readonly Told[]): readonly string[] =>
    events
      .filter(({ type }) => type === 'MessageSendRequested')
      .map(({ envelope }) => {
        const body = messageIn(envelope.content)?.body
        return body?.$case === 'text' || body?.$case === 'buttons' ? body.value.text : (body?.$case ?? '')
      })
  const purposes = (events: readonly Told[]) =>
    factsOf(events, 'MessageSendRequested').map(({ purpose }) => purpose)

  test('the place and the wait, once the pool said them, and the new ones in another queue', () => {
    const story = waits()
    expect(said(story.when(placed(story, { position: 3, expectedWaitSeconds: 300 })))).toEqual([
      'pt: Você está em 3º lugar na fila. A espera deve ser de cerca de 5 minutos.',
    ])
    const { conversationId } = story
    const moved = { conversationId, queue: 'general', reason: 'overflow', position: 2, revision: 9 }
    expect(said(story.when({ type: 'RequeueConversation', data: moved })), 'told just now').toEqual([])
    const again = { ...moved, revision: 10 }
    expect(said(story.later(120).when({ type: 'RequeueConversation', data: again }))).toEqual([
      'pt: Você está em 2º lugar na fila.',
    ])
  })

  test('again when they ask, but not within two minutes, however often they ask', () => {
    const story = waits()
    story.when(placed(story))
    expect(typesOf(story.later(119).when(says('quanto tempo?')))).toEqual(['MessageReceived'])
    const asked = story.later(1).when(says('quanto tempo falta?'))
    expect(typesOf(asked)).toEqual(['MessageReceived', 'WaitAsked'])
    // Another question before the pool answered the first one: one answer.
    expect(typesOf(story.when(says('how long?')))).toEqual(['MessageReceived', 'WaitAsked'])
    expect(purposes(story.when(placed(story, { position: 2 })))).toEqual(['waiting_notice'])
    expect(purposes(story.when(placed(story, { position: 2 })))).toEqual([])
    expect(typesOf(story.later(119).when(says('কত সময় লাগবে?')))).toEqual(['MessageReceived'])
    expect(typesOf(story.later(1).when(says('কত সময় লাগবে?')))).toEqual(['MessageReceived', 'WaitAsked'])
  })

  test('again when they tap what the robot offered before, and within two minutes, once, only that they wait', () => {
    const story = waits()
    const tap = () => story.when(says('', { type: 'interactive' }))
    story.when(placed(story, { position: 3, expectedWaitSeconds: 300 }))
    const answer = tap()
    expect(purposes(answer)).toEqual(['still_waiting'])
    expect(said(answer)).toEqual(['Seu atendimento já está na fila: nossa equipe vai responder por aqui.'])
    expect(typesOf(tap()), 'again').toEqual(['MessageReceived'])
    expect(typesOf(story.later(119).when(says('', { type: 'interactive' })))).toEqual(['MessageReceived'])
    story.later(1)
    expect(typesOf(tap())).toEqual(['MessageReceived', 'WaitAsked'])
    expect(typesOf(tap()), 'before the pool answered').toEqual(['MessageReceived', 'WaitAsked'])
    expect(purposes(story.when(placed(story, { position: 2 })))).toEqual(['waiting_notice'])
    expect(purposes(story.when(placed(story, { position: 2 })))).toEqual([])
    expect(purposes(tap()), 'behind another notice').toEqual(['still_waiting'])
  })

  test('while it is closed when it opens, with the choice to be written to or to leave it', () => {
    const story = waits()
    const [words] = said(story.when(placed(story, { opensAt: AT_NINE })))
    expect(words).toBe(
      'pt: Estamos fechados agora; voltamos amanhã, terça-feira, às 9h (horário de Brasília).\n\npt: write to you?',
    )
    expect(factsOf(story.events, 'MessageSendRequested').at(-1)).toMatchObject({ type: 'interactive' })
  })

  test('that it closed while they waited, with the choice, however lately they were told their place', () => {
    const story = waits()
    story.when(placed(story, { position: 2 }))
    const [words] = said(story.later(1).when(placed(story, { position: 2, opensAt: AT_NINE })))
    expect(words).toMatch(/^pt: Estamos fechados agora.*\n\npt: write to you\?$/s)
    expect(said(story.when(placed(story, { position: 1, opensAt: AT_NINE })))).toEqual([])
  })

  test('at once when they go from people to a closed queue, or out of one, however lately they were told to wait', () => {
    const story = waits()
    story.when(placed(story))
    story.when(assigned(story, 'ana', 6))
    const { conversationId } = story
    const moved = (queue: string, revision: number, opensAt?: string) =>
      said(
        story.when({
          type: 'RequeueConversation',
          data: { conversationId, queue, reason: 'transferred', position: 2, revision, opensAt },
        }),
      )
    expect(moved('branches', 7, AT_NINE)[0]).toMatch(/Estamos fechados agora/)
    expect(moved('branches', 8, AT_NINE)).toEqual([])
    expect(moved('general', 9)).toEqual(['pt: Você está em 2º lugar na fila.'])
    expect(moved('general', 10)).toEqual([])
  })

  test('not who is silent: what was parked goes to the queue without a word, and with one where they wrote meanwhile', () => {
    const leaves = (story: Story) =>
      story.when({
        type: 'RequeueConversation',
        data: {
          conversationId: story.conversationId,
          queue: 'cards',
          reason: 'signed_out',
          revision: 9,
          fromAgentId: 'ana',
          position: 1,
        },
      })
    const parked = (): Story => {
      const story = waits()
      story.when(placed(story))
      story.when(assigned(story, 'ana', 8))
      story.later(300).when(agentWishes(story, 'ParkConversation'))
      return story
    }
    const silent = parked()
    expect(purposes(leaves(silent))).toEqual([])
    const { conversationId } = silent
    const moved = { conversationId, queue: 'general', reason: 'overflow', position: 1, revision: 10 }
    expect(
      purposes(silent.when({ type: 'RequeueConversation', data: moved })),
      'nor where it goes on',
    ).toEqual([])
    // However lately they were told, before somebody served them.
    expect(typesOf(silent.when(says('oi?')))).toEqual(['MessageReceived', 'WaitAsked'])
    expect(purposes(silent.when(placed(silent)))).toEqual(['waiting_notice'])
    const wrote = parked()
    expect(typesOf(wrote.when(says('oi?')))).toEqual(['MessageReceived', 'UnparkRequested'])
    expect(purposes(leaves(wrote))).toEqual(['waiting_notice'])
  })

  test('in the words of its queue, where that has its own, and without the choice where the queue gives none', () => {
    const own = (outsideHours: string): Story => {
      const policy = testPolicy()
      const { pt } = policy.waiting
      const texts = { ...policy.waiting, pt: { ...pt, closed: 'agência?', callBackNoted: 'agência: sim' } }
      const story = served(new Story({ ...policy, waitingIn: { cards: { texts, outsideHours } } }))
      story.when(says('atendente'))
      story.when(completes(story.conversationId, 2, [handOver]))
      sendAll(story)
      return story
    }
    const story = own('ask')
    expect(said(story.when(placed(story, { opensAt: AT_NINE })))[0]).toMatch(/às 9h .*\n\nagência\?$/)
    expect(said(story.when(says('Sim, escrevam')))).toEqual(['agência: sim'])
    const elsewhere = { queue: 'general', opensAt: AT_NINE, reason: 'overflow', revision: 9 }
    const { conversationId } = story
    expect(
      said(story.later(120).when({ type: 'RequeueConversation', data: { conversationId, ...elsewhere } }))[0],
    ).toMatch(/^pt: /)
    const told = own('wait')
    const [words] = said(told.when(placed(told, { opensAt: AT_NINE })))
    expect(words).toMatch(/às 9h \(horário de Brasília\)\.$/)
    expect(factsOf(told.events, 'MessageSendRequested').at(-1)).toMatchObject({ type: 'text' })
  })

  test('and once it opened where they stand, though the pool said so a moment before', () => {
    const story = waits()
    const wish = placed(story, { opensAt: new Date(Date.parse(story.at) + 1000).toISOString() })
    expect(said(story.later(1).when(wish))).toEqual(['pt: Você é a próxima pessoa da fila.'])
    expect(factsOf(story.events, 'MessageSendRequested').at(-1)).toMatchObject({ type: 'text' })
  })

  test('who leaves it ends it, and the pool hears that they left', () => {
    const story = waits()
    story.when(placed(story, { opensAt: AT_NINE }))
    const events = story.when(says('não precisa'))
    expect(factsOf(events, 'ConversationEnding')).toMatchObject([{ reason: 'left', sendsLink: true }])
    expect(factsOf(events, 'ConversationEnding')[0]!.revision).toBeGreaterThan(0)
  })

  test('a plain yes or no answers the choice where it was given, and nothing anywhere else', () => {
    const asked = (opensAt: string | undefined, policy = testPolicy()) => {
      const story = waits(policy)
      story.when(placed(story, { opensAt }))
      sendAll(story)
      story.later(5)
      return story
    }
    for (const yes of ['sim', 'Sim, por favor', 'quero', 'হ্যাঁ']) {
      const story = asked(AT_NINE)
      expect(typesOf(story.when(says(yes)))).toContain('CallBackChosen')
      // It was answered: a no behind it is about something else.
      expect(typesOf(story.later(5).when(says('não')))).toEqual(['MessageReceived'])
    }
    const left = asked(AT_NINE).when(says('não, obrigado'))
    expect(factsOf(left, 'ConversationEnding')).toMatchObject([{ reason: 'left' }])
    // "In the", and the place in the next message.
    expect(typesOf(asked(AT_NINE).when(says('no')))).toEqual(['MessageReceived'])
    const english = waits(testPolicy(), [chooses('en'), handOver])
    english.when(placed(english, { opensAt: AT_NINE }))
    sendAll(english)
    expect(factsOf(english.later(5).when(says('no')), 'ConversationEnding')).toMatchObject([
      { reason: 'left' },
    ])

    const { waiting: texts } = testPolicy()
    const unasked = { ...testPolicy(), waitingIn: { cards: { texts, outsideHours: 'wait' } } }
    for (const said of ['sim', 'não']) {
      for (const story of [asked(undefined), asked(AT_NINE, unasked)])
        expect(typesOf(story.when(says(said)))).toEqual(['MessageReceived'])
      const opened = asked(AT_NINE)
      opened.later(Date.parse(AT_NINE) / 1000 - Date.parse(opened.at) / 1000)
      expect(typesOf(opened.when(says(said)))).not.toContain('CallBackChosen')
      expect(opened.state.conversation.stage).toBe('waiting')
      // Written before the choice was there.
      const crossed = asked(AT_NINE)
      const occurredAt = after(crossed.at, -60)
      expect(typesOf(crossed.when(says(said, { occurredAt })))).toEqual(['MessageReceived'])
    }
  })

  test('a no that was written before the choice was on the phone is to what an agent asked, and ends nothing', () => {
    const story = waits()
    story.when(assigned(story, 'ana', 6))
    const { conversationId } = story
    const data = { conversationId, queue: 'branches', reason: 'transferred', position: 2, revision: 7 }
    story.when({ type: 'RequeueConversation', data: { ...data, opensAt: AT_NINE } })
    const early = story.later(5).at
    expect(typesOf(story.when(says('não')))).toEqual(['MessageReceived'])
    sendAll(story.later(5))
    const late = story.later(5).when(says('não', { occurredAt: early }))
    expect(typesOf(late)).toEqual(['MessageReceived'])
    expect(factsOf(story.when(says('não')), 'ConversationEnding')).toMatchObject([{ reason: 'left' }])
  })

  test('who wishes to be written to waits, and is told once that we will', () => {
    const story = waits()
    story.when(placed(story, { opensAt: AT_NINE }))
    expect(typesOf(story.when(says('Sim, escrevam')))).toEqual([
      'MessageReceived',
      'CallBackChosen',
      'MessageSendRequested',
    ])
    expect(typesOf(story.when(says('Sim, escrevam')))).toEqual(['MessageReceived'])
    expect(story.state.conversation).toMatchObject({ stage: 'waiting', callsBack: true })
    // Asked again it is said without the choice.
    const [words] = said(story.later(7200).when(placed(story, { opensAt: AT_NINE })))
    expect(words).not.toContain('write to you?')
  })

  test('not again within two minutes where the robot had them meanwhile', () => {
    const again = (seconds: number): readonly string[] => {
      const story = waits()
      story.when(placed(story))
      story.when(assigned(story, 'ana', 7))
      const { conversationId } = story
      const back = { conversationId, agentId: 'ana', flow: 'menu', step: '', revision: 8 }
      story.when({ type: 'ReturnConversationToRobot', data: back })
      sendAll(story)
      story.when(completes(conversationId, 3, [handOver]))
      sendAll(story)
      return purposes(story.later(seconds).when(placed(story)))
    }
    expect(again(60)).toEqual([])
    expect(again(120)).toEqual(['waiting_notice'])
  })

  test('once the queue is open nobody is promised a word when it opens: they hear where they stand', () => {
    const tap = says('', {
      type: 'interactive',
      message: MessageBody.fromPartial({ body: { $case: 'choice', value: { id: WAIT_BUTTONS.callBack } } }),
    })
    for (const wish of [says('me avisem'), tap]) {
      const opened = waits()
      opened.when(placed(opened, { opensAt: AT_NINE }))
      opened.later(Date.parse(AT_NINE) / 1000 - Date.parse(opened.at) / 1000)
      expect(typesOf(opened.when(wish))).toEqual(['MessageReceived', 'CallBackChosen', 'WaitAsked'])
    }
    // Told a moment ago that they are next.
    const open = waits()
    open.when(placed(open))
    expect(purposes(open.when(says('me avisem')))).toEqual(['still_waiting'])
    expect(open.state.conversation).toMatchObject({ callsBack: true })
  })

  const callBackTemplate = {
    pt: { name: 'retorno', language: 'pt_BR' },
    en: { name: 'call_back', language: 'en' },
    bn: { name: 'call_back', language: 'bn' },
  }

  test('once the reply window closed whoever wished that is written to by the template, and nobody else', () => {
    const story = waits({ ...testPolicy(), callBackTemplate })
    story.when(placed(story, { opensAt: AT_NINE }))
    story.when(says('Sim, escrevam'))
    const events = story.later(25 * 60 * 60).when(assigned(story, 'ana', 9))
    expect(purposes(events)).toEqual(['call_back'])
    expect(messageIn(events.at(-1)!.envelope.content)?.body).toMatchObject({
      $case: 'template',
      value: callBackTemplate.pt,
    })
    const quiet = waits({ ...testPolicy(), callBackTemplate })
    quiet.when(placed(quiet, { opensAt: AT_NINE }))
    expect(purposes(quiet.later(25 * 60 * 60).when(assigned(quiet, 'ana', 9)))).toEqual([])
  })

  test('who took over, in their language, and not again when it is the same one', () => {
    const story = waits()
    const names = contentOf({ messages: ['pt', 'en', 'bn'].map((one) => textBody(`${one}: Ana`)) })
    const introduced = (agentId: string, revision: number): Wish => {
      const wish = assigned(story, agentId, revision)
      return { ...wish, data: { ...wish.data, introduces: true } as never, content: names }
    }
    expect(said(story.when(introduced('ana', 5)))).toEqual(['pt: Ana'])
    const { conversationId } = story
    story.when({
      type: 'RequeueConversation',
      data: { conversationId, queue: 'cards', reason: 'connection_lost', revision: 6, fromAgentId: 'ana' },
    })
    expect(said(story.when(introduced('ana', 7)))).toEqual([])
    expect(said(story.when(introduced('bia', 8)))).toEqual(['pt: Ana'])
    expect(said(story.later(25 * 60 * 60).when(introduced('ana', 9))), 'nothing arrives then').toEqual([])
  })
})

describe('an agent writes first', () => {
  const template = contentOf({
    messages: [
      MessageBody.fromPartial({ body: { $case: 'template', value: { name: 'hello', language: 'pt_BR' } } }),
    ],
  })
  const begins: Wish = {
    type: 'BeginConversation',
    data: { agentId: 'ana', queue: 'cards', type: 'template' },
    content: template,
    actor: by('agent', 'ana'),
  }
  const known = (): Story => {
    const story = served()
    story.when(completes(story.conversationId, 2, []))
    story.when(says('tchau'))
    story.when(completes(story.conversationId, 2, [endWithoutLink]))
    sendAll(story)
    expect(story.conversationId).toBe('')
    return story.later(3 * 24 * 60 * 60)
  }

  test('by a template, days later; the answer goes to that agent past the robot', () => {
    const story = known()
    const events = story.when(begins)
    expect(typesOf(events)).toEqual(['ConversationOpened', 'ConversationBegun', 'MessageSendRequested'])
    expect(events[0]).toMatchObject({ data: { begunByAgentId: 'ana', crossedCount: 0 } })
    // Their window is that of what they wrote before.
    expect(events[0]).toMatchObject({ data: { lastMessageAt: after(story.at, -3 * 24 * 60 * 60) } })
    expect(profileIn(events[1]!.envelope.content)).toMatchObject({ name: 'Ana' })
    expect(events[2]).toMatchObject({
      data: { purpose: 'agent_message', type: 'template' },
      envelope: { actor: { kind: 'agent', id: 'ana' }, correlationId: story.conversationId },
    })
    expect(story.state.conversation).toMatchObject({ stage: 'parked', agentId: 'ana', queue: 'cards' })
    expect(typesOf(story.when(says('oi, sim')))).toEqual(['MessageReceived', 'UnparkRequested'])
  })

  test('who answers it and was not shown today’s notice is shown it, once', () => {
    const story = known()
    story.under(testPolicy('Somebody else reads along too'))
    story.when(begins)
    const asked = (events: readonly Told[]) =>
      factsOf(events, 'MessageSendRequested').map(({ purpose }) => purpose)
    expect(asked(story.when(says('oi, sim')))).toEqual(['privacy_notice'])
    expect(asked(story.when(says('alô?')))).toEqual([])
    sendAll(story)
    expect(typesOf(story.events)).toContain('PrivacyNoticeShown')
    expect(asked(story.when(says('e agora?')))).toEqual([])
  })

  test('not to whom is unknown, said stop, is blocked or has an open conversation, and only by a template', () => {
    expect(refusalIn(new Story().when(begins))).toBe('UNKNOWN_CONTACT')
    expect(refusalIn(withAna().when(begins))).toBe('CONVERSATION_OPEN')
    const free = { ...begins, data: { agentId: 'ana', queue: 'cards', type: 'text' } } as Wish
    expect(refusalIn(known().when(free))).toBe('TEMPLATE_NEEDED')
    const stopped = withAna()
    stopped.when(says('PARAR'))
    sendAll(stopped)
    expect(refusalIn(stopped.when(begins))).toBe('CONTACT_OPTED_OUT')
    const blocked = known()
    blocked.when(blocks)
    expect(refusalIn(blocked.when(begins))).toBe('CONTACT_BLOCKED')
    const merged = known()
    merged.when(merges())
    expect(refusalIn(merged.when(begins))).toBe('CONTACT_MERGED')
  })
})

describe('soon after the end', () => {
  const reopening = { ...testPolicy(), reopenSeconds: 1800 }
  const ended = (story: Story): string => {
    const before = story.conversationId
    story.when(agentWishes(story, 'CloseConversation', { reason: 'solved' }))
    const { conversation } = story.state
    story.when(expires('ending', conversation.stage === 'ending' ? conversation.reference : '', story.at))
    return before
  }

  test('the customer’s next message continues it with the same agent, past the robot', () => {
    const story = withAna(reopening)
    const before = ended(story)
    const events = story.later(900).when(says('voltou o problema'))
    expect(factsOf(events, 'ConversationOpened')).toMatchObject([{ continuesConversationId: before }])
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([
      { reason: 'reopened', queue: 'cards', lastAgentId: 'ana' },
    ])
    expect(typesOf(events)).not.toContain('BotTurnRequested')
  })

  test('a word that crossed the end, when it could not be taken back any more, continues it too', () => {
    const story = withAna(reopening)
    const before = story.conversationId
    story.when(agentWishes(story, 'CloseConversation', { reason: 'solved' }))
    story.when(says('só mais uma coisa'))
    const { conversation } = story.state
    const events = story.when(
      expires('ending', conversation.stage === 'ending' ? conversation.reference : '', story.at),
    )
    expect(factsOf(events, 'ConversationOpened')).toMatchObject([{ continuesConversationId: before }])
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([{ reason: 'reopened', lastAgentId: 'ana' }])
  })

  test('who opens it by words that crossed the end is known by name there, and it says how many they are and since when the window counts', () => {
    const story = withAna(reopening)
    story.when(agentWishes(story, 'CloseConversation', { reason: 'solved' }))
    story.later(3).when(says('só mais uma coisa'))
    story.later(2).when(says('o cartão não chegou'))
    story.when(says('obrigada'))
    const { conversation } = story.state
    const wroteAt = story.at
    const events = story
      .later(20)
      .when(expires('ending', conversation.stage === 'ending' ? conversation.reference : '', story.at))
    const opened = events.find(({ type }) => type === 'ConversationOpened')!
    expect(opened.data).toMatchObject({ crossedCount: 2, lastMessageAt: wroteAt })
    expect(profileIn(opened.envelope.content)).toMatchObject({ name: 'Ana' })
  })

  test('later, after a stop, or when the robot had it last, it goes to the robot; the last agent stays known', () => {
    const late = withAna(reopening)
    ended(late)
    const events = late.later(1801).when(says('oi'))
    expect(factsOf(events, 'ConversationOpened')).toMatchObject([{ continuesConversationId: '' }])
    expect(late.state.contact.lastAgent).toMatchObject({ agentId: 'ana' })
    const stopped = withAna(reopening)
    stopped.when(says('PARAR'))
    stopped.when(says('VOLTAR'))
    expect(stopped.state.conversation.stage).toBe('with_robot')
  })
})

test('the state survives a snapshot at any place, and is the same decided anew', () => {
  const story = withAna({ ...testPolicy(), reopenSeconds: 60 })
  story.when(agentWishes(story, 'ParkConversation'))
  story.when(says('oi'))
  story.when(assigned(story, 'bia', 8))
  story.when(agentWishes(story, 'CloseConversation', { agentId: 'bia', reason: 'solved', undoSeconds: 5 }))
  for (let place = 0; place <= story.events.length; place += 1)
    expect(story.folded(place)).toEqual(story.state)
  expect(story.retold().events.map(({ raw }) => Buffer.from(raw).toString('hex'))).toEqual(
    story.events.map(({ raw }) => Buffer.from(raw).toString('hex')),
  )
})

describe('what people had, or what waited for them, when two contacts proved to be one', () => {
  /** Under the name that goes: as told to the one that stays. */
  const mergedOf = (story: Story) => {
    const events = story.when(merges())
    const { intoContactId: _, ...asked } = factsOf(events, 'ContactMerged')[0]!
    const absorb: Wish = { type: 'AbsorbContact', data: { fromContactId: 'younger', ...asked } }
    return { events, asked, absorb }
  }
  const waiting = (): Story => {
    const story = served()
    story.when(says('atendente'))
    story.when(completes(story.conversationId, 2, [handOver]))
    return story
  }
  const ofAna = { queue: 'cards', reason: 'merged', lastAgentId: 'ana' }

  test.each([
    ['an agent had it', withAna, 'ana'],
    [
      'it was parked by an agent',
      () => {
        const story = withAna()
        story.when(agentWishes(story, 'ParkConversation'))
        return story
      },
      'ana',
    ],
    ['it waited', waiting, ''],
  ] as const)('is told with the merge: %s', (_, before, agentId) => {
    expect(mergedOf(before()).asked).toMatchObject({ peopleQueue: 'cards', peopleAgentId: agentId })
  })

  test('goes on under the one that stays, for its agent first, past the robot', () => {
    const { absorb } = mergedOf(withAna())
    const elder = served()
    elder.when(endWithoutLinkOf(elder))
    const events = elder.when(absorb)
    expect(typesOf(events)).toEqual(['ContactAbsorbed', 'ConversationOpened', 'HandoverRequested'])
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([ofAna])
    expect(elder.state.conversation).toMatchObject({ stage: 'waiting', queue: 'cards' })
    expect(elder.when(absorb)).toEqual([])
  })

  test('the robot that was asked meanwhile gives it up: its answer comes too late', () => {
    const { absorb } = mergedOf(withAna())
    const elder = served()
    elder.when(says('e o meu cartão?'))
    const events = elder.when(absorb)
    expect(typesOf(events)).toEqual(['ContactAbsorbed', 'BotTurnFailed', 'HandoverRequested'])
    expect(factsOf(events, 'BotTurnFailed')).toMatchObject([{ code: 'PEOPLE_HAVE_IT' }])
    expect(factsOf(events, 'HandoverRequested')).toMatchObject([ofAna])
    expect(refusalIn(elder.when(completes(elder.conversationId, 2, [say('Olá!')])))).toBe('NOT_THE_OWNER')
  })

  test('is with people there already, or with nobody who may be written to: nothing of it changes', () => {
    const { absorb } = mergedOf(waiting())
    for (const elder of [withAna(), waiting()]) {
      const { stage } = elder.state.conversation
      expect(typesOf(elder.when(absorb))).toEqual(['ContactAbsorbed'])
      expect(elder.state.conversation.stage).toBe(stage)
    }
    const blocked = served()
    blocked.when(blocks)
    expect(typesOf(blocked.when(absorb))).toEqual(['ContactAbsorbed'])
    expect(typesOf(new Story().when(absorb))).toEqual(['ContactAbsorbed'])
  })

  const AT_NINE = '2026-03-03T12:00:00.000Z'
  const waits = (more: Parameters<typeof placed>[1] = {}): Story => {
    const story = waiting()
    story.when(placed(story, more))
    sendAll(story)
    return story
  }
  const purposes = (events: readonly Told[]) =>
    factsOf(events, 'MessageSendRequested').map((one) => one.purpose)
  /** A robot had answered there, and nothing is open. */
  const elderOf = (): Story => {
    const elder = served()
    elder.when(endWithoutLinkOf(elder))
    return elder
  }

  test('has waited since it began to, under whichever name, and so again under a third one', () => {
    const story = waits()
    const since = story.at
    const { absorb } = mergedOf(story.later(600))
    const elder = elderOf().later(601)
    expect(factsOf(elder.when(absorb), 'HandoverRequested')).toMatchObject([
      { waitSoFar: { since, isAtHead: false, callsBack: false, isSilent: false } },
    ])
    expect(mergedOf(elder.later(60)).asked.waitSoFar).toMatchObject({ since, isAtHead: false })
  })

  test.each([
    ['somebody had it', withAna],
    [
      'it came back from somebody who went',
      () => {
        const story = withAna()
        const { conversationId } = story
        const back = { conversationId, queue: 'cards', reason: 'offline', revision: 6, isAtHead: true }
        story.when({ type: 'RequeueConversation', data: back })
        return story
      },
    ],
  ])('stands before what never was anybody’s, where %s', (_, before) => {
    expect(mergedOf(before()).asked.waitSoFar).toMatchObject({ isAtHead: true, callsBack: false })
  })

  test('waits for as long as it had, whatever queue it went to meanwhile', () => {
    const story = waits()
    const since = story.at
    const { conversationId } = story
    const moved = { conversationId, queue: 'general', reason: 'overflow', revision: 7, waitingSince: since }
    story.later(60).when({ type: 'RequeueConversation', data: moved })
    expect(mergedOf(story).asked).toMatchObject({ peopleQueue: 'general', waitSoFar: { since } })
  })

  test('was promised a word when the queue opens: the promise goes along, and is kept', () => {
    const callBackTemplate = {
      pt: { name: 'retorno', language: 'pt_BR' },
      en: { name: 'call_back', language: 'en' },
      bn: { name: 'call_back', language: 'bn' },
    }
    const story = waits({ opensAt: AT_NINE })
    story.when(says('Sim, escrevam'))
    const { absorb } = mergedOf(story)
    const nobody = elderOf().under({ ...testPolicy(), callBackTemplate })
    expect(typesOf(nobody.when(absorb)).slice(-2)).toEqual(['HandoverRequested', 'CallBackChosen'])
    expect(nobody.state.conversation).toMatchObject({ stage: 'waiting', callsBack: true })
    expect(purposes(nobody.later(25 * 60 * 60).when(assigned(nobody, 'bia', 9)))).toEqual(['call_back'])
    // They wait under both names: one promise holds for both.
    const both = waits({ opensAt: AT_NINE })
    expect(typesOf(both.when(absorb))).toEqual(['ContactAbsorbed', 'CallBackChosen'])
    expect(both.state.conversation).toMatchObject({ stage: 'waiting', callsBack: true })
  })

  test('is not told its place again within two minutes, and may still answer what it was asked', () => {
    const story = waits({ opensAt: AT_NINE })
    const { absorb } = mergedOf(story.later(30))
    const elder = elderOf().later(31)
    elder.when(absorb)
    expect(purposes(elder.when(placed(elder, { opensAt: AT_NINE })))).toEqual([])
    expect(typesOf(elder.later(5).when(says('sim')))).toContain('CallBackChosen')
    const told = elderOf().later(180)
    told.when(absorb)
    expect(purposes(told.when(placed(told, { opensAt: AT_NINE })))).toEqual(['waiting_notice'])
  })

  test('is silent, for its agent had parked it: nothing is told until they write, then where they stand', () => {
    const story = withAna()
    story.when(agentWishes(story, 'ParkConversation'))
    const { absorb } = mergedOf(story)
    const elder = elderOf()
    elder.when(absorb)
    expect(purposes(elder.when(placed(elder)))).toEqual([])
    expect(typesOf(elder.when(says('oi?')))).toEqual(['MessageReceived', 'WaitAsked'])
    expect(purposes(elder.when(placed(elder)))).toEqual(['waiting_notice'])
  })

  test('goes on where the other name’s conversation was just ending: that one ends at once', () => {
    const elder = served()
    elder.when(says('tchau'))
    elder.when(completes(elder.conversationId, 2, [endWithLink]))
    expect(elder.state.conversation.stage).toBe('ending')
    const types = typesOf(elder.when(mergedOf(waiting()).absorb))
    expect(types).toEqual([
      'ContactAbsorbed',
      'ConversationClosed',
      'ConversationOpened',
      'HandoverRequested',
    ])
  })

  test('what its agent had just closed stays closed, for their reason, though it might still be taken back', () => {
    const story = withAna()
    story.when(agentWishes(story, 'CloseConversation', { reason: 'solved', undoSeconds: 5 }))
    const { conversationId } = story
    const { events, asked } = mergedOf(story)
    expect(factsOf(events, 'ConversationClosed')).toMatchObject([{ reason: 'solved', hadAgent: true }])
    expect(asked).toMatchObject({ peopleQueue: '', peopleAgentId: '' })
    expect(refusalIn(story.when(agentWishes(story, 'UndoClose', { conversationId })))).toBe(
      'CONVERSATION_NOT_OPEN',
    )
  })
})

function endWithoutLinkOf(story: Story): Wish {
  story.when(says('tchau'))
  return completes(story.conversationId, 2, [endWithoutLink])
}
