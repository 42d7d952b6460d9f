import { createHttpServer } from '@parley/service'
import { somebody } from '@parley/testkit'
import { expect, test } from 'vitest'
import { noConversation } from '../desk/sight.ts'
import { addTranscriptLinks } from './transcript-links.ts'

const PEOPLE = [
  somebody('sonia', 'north', 'supervisor'),
  somebody('ana', 'north', 'agent'),
  somebody('rui', 'south', 'agent'),
]
const roster = {
  teams: new Map(['north', 'south'].map((id) => [id, { id, name: id, vendor: null, queues: [] }])),
  people: new Map(PEOPLE.map((person) => [person.id, person])),
}
const heldBy = (agentId: string) => ({
  _id: `of-${agentId}`,
  stage: { name: 'with_agent', since: '2026-03-02T12:00:00.000Z', isOnHold: false },
  agentId,
  lastAgentId: agentId,
  offeredTo: null,
})

test('whoever sees a conversation that the archive does not have yet is told to ask again, and not that there is none', async () => {
  const conversations = ['ana', 'rui'].map(heldBy)
  const app = createHttpServer({
    hosts: ['localhost'],
    trustedProxies: [],
    connectionsMax: 10,
    connectionsPerAddressMax: 10,
    doorkeeper: {
      signedIn: async () => ({ ...PEOPLE[0]!, sessionId: 's-1', permissions: ['conversations.export'] }),
      refused: () => {},
    },
  })
  addTranscriptLinks(app, {
    desk: {
      conversations: {
        conversations: async (ids) => conversations.filter(({ _id }) => ids.includes(_id)) as never,
      },
      feed: { position: () => '7', readPosition: async () => '7' },
      roster,
    },
    issueLink: () => Promise.reject(noConversation()),
  })
  const ask = async (id: string) => {
    const answer = await app.inject({
      method: 'POST',
      url: `/api/conversations/${id}/transcript-links`,
      headers: { host: 'localhost', origin: 'http://localhost' },
      payload: {},
    })
    return [answer.statusCode, answer.json().code, answer.headers['retry-after'] !== undefined]
  }
  expect(await ask('of-ana')).toEqual([503, 'ARCHIVE_UNAVAILABLE', true])
  expect(await ask('of-rui')).toEqual([404, 'NOT_FOUND', false])
  expect(await ask('nothing')).toEqual([404, 'NOT_FOUND', false])
})
