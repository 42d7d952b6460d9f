import { permissionsOf } from '@parley/people'
import { createHttpServer } from '@parley/service'
import { somebody } from '@parley/testkit'
import { expect, test } from 'vitest'
import { UNKNOWN_CONTACT } from '../../conversation/contact.ts'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'
import { addDeskCustomer } from './customer.ts'
import type { DeskStore } from './store.ts'

const ana = somebody('ana', 'north', 'agent')

/** Of Ana's, when the store has read so far. */
const OWNED: Partial<ConversationDocument> = {
  _id: 'c1',
  contact: { id: 'k1', name: 'Maria', language: 'pt' },
  stage: { name: 'with_agent', since: '2026-11-26T12:00:00.000Z', isOnHold: false },
  agentId: 'ana',
  lastAgentId: 'ana',
  offeredTo: null,
}

/** @param reads how far the store is once it had its time */
function asking(reads: string) {
  let isRead = false
  const traces: string[] = []
  const app = createHttpServer({
    hosts: ['localhost'],
    doorkeeper: {
      signedIn: async () => ({ ...ana, permissions: permissionsOf(ana.roles), sessionId: 's' }),
      refused: (_, { code }) => void traces.push(code),
    },
  })
  const conversations: Partial<ConversationStore> = {
    conversations: async () => (isRead ? [OWNED as ConversationDocument] : []),
    ofContact: async () => [],
    contact: async () => UNKNOWN_CONTACT,
    learnt: async () => [],
    sensitive: async () => [],
    moods: async () => new Map(),
  }
  const desks: Pick<DeskStore, 'readUpTo' | 'drafted' | 'draft'> = {
    readUpTo: async () => new Map(),
    drafted: async () => new Set(),
    draft: async () => null,
  }
  addDeskCustomer(app, {
    conversations: conversations as ConversationStore,
    desks,
    roster: { people: new Map([[ana.id, ana]]), teams: new Map() },
    feed: {
      position: () => '7',
      async readPosition() {
        isRead = reads === '7'
        return reads
      },
    } as Parameters<typeof addDeskCustomer>[1]['feed'],
    opened: async () => {},
    record: async () => {},
  })
  const get = () => app.inject({ url: '/api/conversations/c1/customer', headers: { host: 'localhost' } })
  return { get, traces }
}

test('the card of a conversation that a desk heard of a moment before the store is there, or comes in a moment: nobody is said to have looked at what is not theirs', async () => {
  const inTime = asking('7')
  expect((await inTime.get()).statusCode).toBe(200)
  const behind = asking('5')
  const answer = await behind.get()
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, 'NOT_READ_YET'])
  expect([...inTime.traces, ...behind.traces]).toEqual([])
})
