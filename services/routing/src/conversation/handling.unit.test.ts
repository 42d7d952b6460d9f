import type { CommandData, ConversationCommand } from '@parley/conversation'
import { contentOf } from '@parley/conversation'
import { describe, expect, test } from 'vitest'
import {
  Story,
  type Told,
  type Wish,
  by,
  completes,
  expires,
  factsOf,
  handOver,
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
    expect(story.when({ ...assigned(story, 'bia', 5), commandId: 'late' })).toEqual([])
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

  test('back with the robot its turns are counted on, and the customer is told who answers', () => {
    const story = withAna()
    story.when({
      type: 'ReturnConversationToRobot',
      data: {
        conversationId: story.conversationId,
        agentId: 'ana',
        flow: 'menu',
        revision: 9,
        noteMessageId: 'note',
      },
      content: contentOf({ note: 'wants the menu' }),
      actor: by('agent', 'ana'),
    })
    const events = story.when(says('oi'))
    expect(factsOf(events, 'BotTurnRequested')).toMatchObject([{ turn: 3 }])
    expect(factsOf(events, 'MessageSendRequested')).toMatchObject([{ purpose: 'robot_returns' }])
  })
})

describe('notes', () => {
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
})

describe('hold, park, close', () => {
  test('hold keeps it with the agent', () => {
    const story = withAna()
    expect(typesOf(story.when(agentWishes(story, 'HoldConversation')))).toEqual(['HoldBegan'])
    expect(story.when(agentWishes(story, 'HoldConversation'))).toEqual([])
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
