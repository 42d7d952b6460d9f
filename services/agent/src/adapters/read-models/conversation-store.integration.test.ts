import { randomUUID } from 'node:crypto'
import { somebody, testMongoUri } from '@parley/testkit'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { Sight } from '../../conversation/viewing.ts'
import { viewerOf } from '../desk/sight.ts'
import { type ConversationDocument, consoleConversations } from './conversation-documents.ts'
import { conversationStore } from './conversation-store.ts'

const PEOPLE = [
  somebody('ana', 'north', 'agent'),
  somebody('sonia', 'north', 'supervisor'),
  somebody('rui', 'south', 'agent'),
  somebody('vera', null, 'supervisor'),
]
const roster = {
  teams: new Map(
    ['north', 'south'].map(
      (id) =>
        [
          id,
          { id, name: id, vendor: null, queues: id === 'south' ? ['general', 'cards'] : ['general'] },
        ] as const,
    ),
  ),
  people: new Map(PEOPLE.map((person) => [person.id, person] as const)),
}

test('of what was closed everybody is listed, and counted, exactly what their sight includes', async () => {
  await using undo = new AsyncDisposableStack()
  const client = await new MongoClient(testMongoUri()).connect()
  undo.defer(() => client.close())
  const db = client.db(`closed-${randomUUID().slice(0, 8)}`)
  undo.defer(async () => void (await db.dropDatabase()))
  const model = await consoleConversations.open(db, 1)
  const at = '2026-03-02T12:00:00.000Z'
  const closed = ['ana', 'sonia', 'rui', 'vera', null].map(
    (lastAgentId, nth) =>
      ({
        _id: `of ${lastAgentId ?? 'the robot'}`,
        stage: { name: 'closed', since: at, reason: 'solved' },
        queue: 'general',
        agentId: null,
        lastAgentId,
        offeredTo: null,
        lastActivityAt: new Date(Date.parse(at) - nth * 86_400_000).toISOString(),
      }) as unknown as ConversationDocument,
  )
  const left = [null, 'ana'].flatMap((lastAgentId, nth) =>
    ['general', 'cards'].map(
      (queue) =>
        ({
          _id: `left ${queue}, of ${lastAgentId ?? 'nobody'}`,
          stage: { name: 'closed', since: at, reason: 'left', queue },
          queue,
          agentId: null,
          lastAgentId,
          offeredTo: null,
          lastActivityAt: new Date(
            Date.parse(at) - (10 + nth * 2 + Number(queue === 'cards')) * 86_400_000,
          ).toISOString(),
        }) as unknown as ConversationDocument,
    ),
  )
  closed.push(...left)
  await model.collection.insertMany([...closed])
  const store = conversationStore(
    () => model,
    'UTC',
    () => new Date(at),
  )
  for (const person of PEOPLE) {
    const sight = new Sight(person, roster)
    const seen = closed.filter((one) => sight.sees(one)).map(({ _id }) => _id)
    const { conversations } = await store.list(viewerOf(sight), { view: 'closed', after: undefined })
    expect([person.id, conversations.map(({ _id }) => _id)]).toEqual([person.id, seen])
    expect(await store.count(viewerOf(sight), { view: 'closed' })).toBe(seen.length)
  }
})
