import type { Person } from '@parley/people'
import { type Outcome, type SignedIn, bodyOf, createHttpServer } from '@parley/service'
import { expect, test } from 'vitest'
import { UNKNOWN_CONTACT } from '../../conversation/contact.ts'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'
import { addBegin } from './begin.ts'
import { addContactChanges } from './contact.ts'
import type { DeskChanges } from './desk-changes.ts'

const ana = {
  id: 'ana',
  login: 'ana',
  name: 'Ana',
  roles: ['agent'],
  team: 'team',
  vendor: null,
  languages: [],
  isActive: true,
  permissions: ['conversations.read', 'conversations.answer'],
  sessionId: 'ana',
} as unknown as Person & SignedIn

/** Ana sees conversations of `before`, whom the customer was until they proved to be `now`. */
function desk() {
  const said: string[] = []
  const wished: object[] = []
  let blockedAt: string | null = null
  const app = createHttpServer({
    hosts: ['127.0.0.1'],
    doorkeeper: { signedIn: async () => ana, refused: () => {} },
  })
  const ports = {
    roster: { people: new Map([[ana.id, ana]]), teams: new Map() },
    conversations: {
      ofContact: async (_, contactId) => (contactId === 'before' ? [{} as ConversationDocument] : []),
      contact: async () => (blockedAt === null ? UNKNOWN_CONTACT : { ...UNKNOWN_CONTACT, blockedAt }),
      presentContactId: async (contactId) => (contactId === 'before' ? 'now' : contactId),
    } satisfies Partial<DeskChanges['conversations']>,
    channel: {
      block: async (contactId) => {
        said.push(`block ${contactId}`)
        blockedAt = '2026-03-02T12:00:00.000Z'
        return undefined
      },
      unblock: async (contactId) => {
        said.push(`unblock ${contactId}`)
        blockedAt = null
        return undefined
      },
      templates: async () => [
        { name: 'call_back', language: 'en', category: '', text: 'Hello', parameterCount: 0 },
      ],
    } satisfies Partial<DeskChanges['channel']>,
    wishes: {
      async say(_, { type, streamId, data }) {
        said.push(`${type} ${streamId}`)
        wished.push(data as object)
        return { refusal: null, messageId: 'm-1', conversationId: 'c-1', position: '1' }
      },
    } satisfies Partial<DeskChanges['wishes']>,
    feed: {
      position: () => '1',
      readPosition: async () => '1',
      pool: { hasQueue: (queue: string) => queue === 'cards' },
    },
    changes: {
      async answer(request, reply, { scope, body, act }) {
        await scope()
        const outcome: Outcome = await act(bodyOf(request, body), 'w-1', AbortSignal.timeout(5_000), false)
        return reply.send(outcome.kind === 'decided' ? outcome.answer : outcome)
      },
    } satisfies DeskChanges['changes'],
  } as unknown as DeskChanges
  addContactChanges(app, ports)
  addBegin(app, ports)
  const answerTo = (method: 'POST' | 'PUT', path: string, body: object) =>
    app.inject({
      method,
      url: `/api/contacts/${path}`,
      headers: { host: '127.0.0.1', origin: 'http://127.0.0.1', 'content-type': 'application/json' },
      payload: body,
    })
  const change = async (...asked: Parameters<typeof answerTo>) => (await answerTo(...asked)).statusCode
  return { answerTo, change, said, wished }
}

test('what is done on the card of a contact who proved to be another one is done to whom they are now', async () => {
  const { change, said } = desk()
  const template = { name: 'call_back', language: 'en' }
  expect([
    await change('POST', 'before/block', {}),
    await change('POST', 'before/unblock', {}),
    await change('PUT', 'before/language', { language: 'bn' }),
    await change('POST', 'before/conversations', { template }),
  ]).toEqual([200, 200, 200, 200])
  expect(said).toEqual(['block now', 'unblock now', 'ChooseContactLanguage now', 'BeginConversation now'])
})

test('nothing is done to a customer of whom the person sees no conversation', async () => {
  const { change, said } = desk()
  expect(await change('POST', 'stranger/block', {})).toBe(404)
  expect(said).toEqual([])
})

test('a conversation is begun in a queue that is in force, or in that of the rules: no other name gets on record', async () => {
  const { answerTo, said } = desk()
  const template = { name: 'call_back', language: 'en' }
  const begin = async (queue: string) =>
    (await answerTo('POST', 'before/conversations', { template, queue })).json<object>()
  expect(await begin('maria owes us 300')).toMatchObject({
    kind: 'refused',
    code: 'UNKNOWN_QUEUE',
    fields: {},
  })
  expect(said).toEqual([])
  for (const queue of ['cards', '']) expect(await begin(queue)).toMatchObject({ conversationId: 'c-1' })
})

test('what an agent begins is their team’s from the first moment: nobody else says so until the customer answers', async () => {
  const { change, wished } = desk()
  await change('POST', 'before/conversations', { template: { name: 'call_back', language: 'en' } })
  expect(wished).toMatchObject([{ agentId: 'ana', team: 'team' }])
})
