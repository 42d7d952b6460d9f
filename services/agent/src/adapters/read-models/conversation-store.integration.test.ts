import { somebody, testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { piecesOfName, piecesOfNumber } from '../../conversation/spelling.ts'
import { Sight } from '../../conversation/viewing.ts'
import { viewerOf } from '../desk/sight.ts'
import { type StoredConversation, consoleConversations } from './conversation-documents.ts'
import { conversationStore, isNarrowed, placeOfCounted } from './conversation-store.ts'

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
  await using kept = await testDb()
  const { db } = kept
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
      }) as unknown as StoredConversation,
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
        }) as unknown as StoredConversation,
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

test('in whatever stage, everybody is listed, finds, and has among the others of its contact exactly what their sight includes', async () => {
  await using kept = await testDb()
  const { db } = kept
  const model = await consoleConversations.open(db, 1)
  const at = '2026-03-02T12:00:00.000Z'
  const waited = (['waiting', 'offered', 'ending', 'closed'] as const).flatMap((name) =>
    ['general', 'cards'].map((queue) => ({ name, since: at, queue })),
  )
  const others = (['with_robot', 'with_agent', 'parked', 'ending', 'closed'] as const).map((name) => ({
    name,
    since: at,
  }))
  const conversations = [...waited, ...others].flatMap((stage) =>
    [null, 'ana', 'sonia', 'rui'].map(
      (lastAgentId) =>
        ({
          _id: `${stage.name} ${'queue' in stage ? stage.queue : ''} ${lastAgentId ?? 'nobody'}`,
          stage,
          contact: { id: 'contact', name: 'Joana', language: 'pt' },
          nameParts: piecesOfName('Joana'),
          agentId: ['with_agent', 'parked'].includes(stage.name) ? lastAgentId : null,
          lastAgentId,
          offeredTo: stage.name === 'offered' ? 'rui' : null,
          lastActivityAt: at,
        }) as unknown as StoredConversation,
    ),
  )
  await model.collection.insertMany([...conversations])
  const store = conversationStore(
    () => model,
    'UTC',
    () => new Date(at),
  )
  for (const person of PEOPLE) {
    const sight = new Sight(person, roster)
    const viewer = viewerOf(sight)
    const seen = conversations.filter((one) => sight.sees(one))
    const ids = (rows: readonly { readonly _id: string }[]) => rows.map(({ _id }) => _id).toSorted()
    const open = ids(seen.filter(({ stage }) => stage.name !== 'closed'))
    const all = await store.list(viewer, { view: 'all', after: undefined })
    expect([person.id, 'lists', ids(all.conversations)]).toEqual([person.id, 'lists', open])
    // A page has fifty.
    const first = (rows: readonly { readonly _id: string }[]) => [
      person.id,
      rows.length,
      ids(rows).filter((id) => !ids(seen).includes(id)),
    ]
    expect(first(await store.search(viewer, 'Joana'))).toEqual([person.id, Math.min(50, seen.length), []])
    expect(first(await store.ofContact(viewer, 'contact'))).toEqual([
      person.id,
      Math.min(50, seen.length),
      [],
    ])
  }
})

test('of the counts of everything those of a part are as many as its list has, for whoever looks', async () => {
  await using kept = await testDb()
  const model = await consoleConversations.open(kept.db, 1)
  const at = '2026-03-02T12:00:00.000Z'
  const stages = (['waiting', 'offered', 'ending', 'closed', 'with_agent', 'with_robot'] as const).flatMap(
    (name) => [
      ...(name.startsWith('with') ? [] : ['general', 'cards'].map((queue) => ({ name, since: at, queue }))),
      { name, since: at },
    ],
  )
  const all = stages.flatMap((stage, nth) =>
    [null, 'ana', 'sonia', 'rui'].flatMap((lastAgentId) =>
      [null, 'lost_card'].map(
        (flow) =>
          ({
            _id: `${nth} ${lastAgentId ?? ''} ${flow ?? ''}`,
            stage,
            queue: 'queue' in stage ? stage.queue : nth % 2 === 0 ? 'general' : null,
            flow,
            lastTeam: lastAgentId === null ? null : roster.people.get(lastAgentId)!.team,
            failedSends: nth % 3 === 0 ? ['m'] : [],
            uncertainSends: [],
            agentId: stage.name === 'with_agent' ? (nth % 2 === 0 ? 'ana' : 'rui') : null,
            lastAgentId,
            offeredTo: stage.name === 'offered' ? (flow === null ? 'sonia' : 'rui') : null,
            lastActivityAt: at,
          }) as unknown as StoredConversation,
      ),
    ),
  )
  await model.collection.insertMany([...all])
  const store = conversationStore(
    () => model,
    'UTC',
    () => new Date(at),
  )
  const [together, byOwner] = [await store.openCounts(false), await store.openCounts(true)]
  expect(together.length).toBeLessThan(byOwner.length)
  const place = { teams: ['north'], queues: ['cards'] }
  const parts = [
    {},
    { queue: 'general' },
    { flow: 'lost_card' },
    { team: place },
    { vendor: place, queue: 'cards' },
    { team: place, flow: 'lost_card' },
    { team: { teams: [], queues: [] } },
  ]
  for (const person of PEOPLE) {
    const sight = new Sight(person, roster)
    const viewer = viewerOf(sight)
    for (const everything of sight.scope.kind === 'all' ? [together, byOwner] : [byOwner])
      for (const part of parts) {
        const counts = everything.filter((one) => sight.sees(placeOfCounted(one)) && isNarrowed(one, part))
        const sum = (of: 'count' | 'failedCount') => counts.reduce((total, one) => total + one[of], 0)
        expect([person.id, part, sum('count'), sum('failedCount')]).toEqual([
          person.id,
          part,
          await store.count(viewer, { view: 'all', ...part }),
          await store.count(viewer, { view: 'all', sends: 'failed', ...part }),
        ])
      }
  }
})

test('a name, and a number, is found by a part of it alone, whoever else there is, and what nobody has without looking at what everybody is called', async () => {
  await using kept = await testDb({ monitorCommands: true })
  const { client, db } = kept
  const model = await consoleConversations.open(db, 1)
  const now = Date.parse('2026-03-02T12:00:00.000Z')
  const names = ['João da Silva', 'Joana Dias', 'ISABEL DÁSILVA', 'Isa', 'abrilva si', 'রহিম উদ্দিন']
  await model.collection.insertMany(
    names.map(
      (name, nth) =>
        ({
          _id: name,
          stage: { name: 'with_robot', since: '' },
          contact: { id: `contact ${nth}`, name, language: 'pt' },
          lastActivityAt: new Date(now - nth * 86_400_000 * 10).toISOString(),
          nameParts: piecesOfName(name),
        }) as unknown as StoredConversation,
    ),
  )
  const numbers = ['5511987654321', '5511912349876', '351912345678']
  await model.contacts.insertMany(
    numbers.map(
      (number, nth) => ({ _id: `contact ${nth}`, number, numberParts: piecesOfNumber(number) }) as never,
    ),
  )
  const store = conversationStore(
    () => model,
    'UTC',
    () => new Date(now),
  )
  const viewer = viewerOf(new Sight(PEOPLE[3]!, roster))
  const found = async (text: string) => (await store.search(viewer, text)).map(({ _id }) => _id)
  expect(await found('silva')).toEqual(['João da Silva', 'ISABEL DÁSILVA'])
  expect(await found('dasilva')).toEqual(['ISABEL DÁSILVA'])
  expect(await found('da  silva')).toEqual(['João da Silva'])
  expect(await found('isa')).toEqual(['ISABEL DÁSILVA', 'Isa'])
  expect(await found('jo')).toEqual(['João da Silva', 'Joana Dias'])
  expect(await found('si')).toEqual(['João da Silva', 'abrilva si'])
  expect(await found('উদ্দ')).toEqual(['রহিম উদ্দিন'])
  expect(await found('+55 11 9')).toEqual(['João da Silva', 'Joana Dias'])
  expect(await found('9876')).toEqual(['João da Silva', 'Joana Dias'])
  expect(await found('1234-5678')).toEqual(['ISABEL DÁSILVA'])
  expect(await found('98761234')).toEqual([])
  expect(await found('silvana')).toEqual([])
  const filters: string[] = []
  client.on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'find' && String(command['find']).endsWith('_v1'))
      filters.push(JSON.stringify(command['filter']))
  })
  expect(await found('0000 1111')).toEqual([])
  expect(filters.filter((one) => one.includes('$regex') && !one.includes('conversationId'))).toEqual([])
})
