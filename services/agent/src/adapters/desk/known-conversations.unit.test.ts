import { type ConversationEvent, contentOf, conversations } from '@parley/conversation'
import type { Told } from '@parley/service'
import { MessageBody } from '@parley/proto/content'
import { Chain, type Sketch } from '@parley/testkit'
import { expect, test } from 'vitest'
import { evolve, isConversationFact } from '../../conversation/conversation.ts'
import { evolveMessage, isMessageFact, messageIdsOf } from '../../conversation/message.ts'
import type { ConversationDocument, MessageDocument } from '../read-models/conversation-documents.ts'
import { type DeskEvent, KnownConversations } from './known-conversations.ts'

const ID = 'c-1'
const chain = new Chain(conversations, 'contact-1')
const event = (sketch: Sketch<ConversationEvent>, text = ''): DeskEvent => {
  const body = MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })
  const content = text === '' ? [] : contentOf({ messages: [body] })
  return chain.add(sketch, { correlationId: ID, content }) as DeskEvent
}
/** A robot hears a secret and repeats it; then an agent takes over, and holds. */
const STORY = [
  event({ type: 'ConversationOpened', data: { conversationId: ID } }),
  event(
    { type: 'MessageReceived', data: { messageId: 'm-1', type: 'text', perhapsSensitive: true } },
    'verde77',
  ),
  event({ type: 'BotTurnCompleted', data: { sensitiveMessageIds: ['m-1'] } }),
  event(
    { type: 'MessageSendRequested', data: { messageId: 'b-1', type: 'text' } },
    'A senha verde77 está certa?',
  ),
  event({ type: 'ConversationAssigned', data: { conversationId: ID, agentId: 'p01', queue: 'general' } }),
  event({ type: 'HoldBegan', data: { agentId: 'p01' } }),
]
const ANSWERED = [
  event({ type: 'MessageSendRequested', data: { messageId: 'a-1', type: 'text' } }, 'Qual é a cidade?'),
  event({ type: 'MessageSent', data: { messageId: 'a-1', providerMessageId: 'wamid.1' } }),
  event(
    {
      type: 'MessageReceived',
      data: { messageId: 'm-2', type: 'text', replyToProviderMessageId: 'wamid.1' },
    },
    'Recife',
  ),
]

/** A store that has read so much of the story as it is set to. */
class Store {
  readCount = 0
  namesAsked = 0
  /** What a query waits for once it has its answer. */
  answered: Promise<unknown> = Promise.resolve()
  /** Once the messages are asked for. */
  onMessagesAsked = () => {}

  readonly known = new KnownConversations({
    conversations: {
      conversations: async (ids) => this.#later(ids.length > 0 ? this.#row() : []),
      messagesById: async (ids) => {
        this.onMessagesAsked()
        return this.#messages().filter(({ _id }) => ids.includes(_id))
      },
      sensitive: async (ids) =>
        ids.length > 0 ? this.#messages().filter(({ isSensitive }) => isSensitive) : [],
      byProviderId: async () => new Map(),
    },
    desks: { readUpTo: async () => new Map() },
    name: () => {
      this.namesAsked += 1
      return null
    },
    ends: new Map([[0, 99n]]),
  })

  async #later<Answer>(answer: Answer): Promise<Answer> {
    await this.answered
    return answer
  }

  #row(): readonly ConversationDocument[] {
    let row: ConversationDocument | undefined
    for (const one of STORY.slice(0, this.readCount).filter(isConversationFact)) {
      const { streamId, streamVersion: seenVersion } = one.envelope
      const next = evolve(row, one)
      if (next !== undefined) row = { ...next, _id: ID, streamId, seenVersion, leavesAt: null }
    }
    return row === undefined ? [] : [row]
  }

  #messages(): readonly MessageDocument[] {
    const messages = new Map<string, MessageDocument>()
    for (const one of STORY.slice(0, this.readCount).filter(isMessageFact))
      for (const _id of messageIdsOf(one)) {
        const { streamId, streamVersion: seenVersion } = one.envelope
        const next = evolveMessage(messages.get(_id), one, _id)
        if (next !== undefined)
          messages.set(_id, { ...next, _id, streamId, seenVersion, leavesAt: new Date(0) })
      }
    return [...messages.values()]
  }

  async takes(batch: readonly DeskEvent[]): Promise<readonly Told[]> {
    const around = await this.known.around(batch)
    return batch.flatMap((one) => {
      const item = this.known.take(one, around)
      return item === undefined
        ? []
        : [...item.messages.map(({ told }) => told), ...(item.row ? [item.row] : [])]
    })
  }
}

const first = STORY.slice(0, 4)
const dataOf = (told: readonly Told[]): string => JSON.stringify(told.map(({ data }) => data))

test('a secret that the store comes to know while the log is followed behind it is dots in what repeats it', async () => {
  const between = new Store()
  between.readCount = 1
  await between.takes(first.slice(0, 1))
  between.readCount = 3
  expect(dataOf(await between.takes(first.slice(1)))).not.toContain('verde77 está certa')

  const within = new Store()
  within.onMessagesAsked = () => (within.readCount = 4)
  expect(dataOf(await within.takes(first))).not.toContain('verde77 está certa')
})

test('what the store answers late never goes behind what was taken meanwhile', async () => {
  const store = new Store()
  const around = await store.known.around(STORY.slice(0, 5))
  store.readCount = 1
  const answer = Promise.withResolvers<void>()
  store.answered = answer.promise
  const late = store.known.read([ID])
  for (const one of STORY.slice(0, 5)) store.known.take(one, around)
  answer.resolve()
  await late
  expect(store.known.row(ID)).toMatchObject({ agentId: 'p01', seenVersion: 5 })
  await store.takes(STORY.slice(5))
  expect(store.known.row(ID)).toMatchObject({ agentId: 'p01', stage: { name: 'with_agent', isOnHold: true } })
})

test('an answer to what the store does not have yet is told with what it answers', async () => {
  for (const batches of [[ANSWERED], ANSWERED.map((one) => [one])]) {
    const store = new Store()
    await store.takes(STORY)
    const told: Told[] = []
    for (const batch of batches) told.push(...(await store.takes(batch)))
    expect(told.filter(({ event }) => event === 'message').at(-1)?.data).toMatchObject({
      message: { id: 'm-2', replyTo: 'a-1' },
    })
  }
})

test('what nobody is told is never made, and what many are told is made once', async () => {
  const store = new Store()
  const told = await store.takes(STORY)
  expect(store.namesAsked).toBe(0)
  expect(dataOf(told)).toContain('p01')
  const once = store.namesAsked
  expect(once).toBeGreaterThan(0)
  dataOf(told)
  expect(store.namesAsked).toBe(once)
})
