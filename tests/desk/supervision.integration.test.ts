import { afterAll, beforeAll, expect, test } from 'vitest'
import { expires, factsOf, says } from '../../services/routing/test/story.ts'
import { gatewayOfDesks } from './gateway.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

let gateway: Awaited<ReturnType<typeof gatewayOfDesks>>
let desk: Awaited<ReturnType<typeof deskWorld>>
let ana: Person
let sonia: Person
let tiago: Person
beforeAll(async () => {
  gateway = await gatewayOfDesks()
  desk = await deskWorld({ GATEWAY_GRPC_ADDRESS: gateway.address })
  const person = (login: string) => Person.signedIn(desk, login)
  ;[ana, sonia, tiago] = await Promise.all([person('ana'), person('sonia'), person('tiago')])
})
afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await gateway.close()
})

async function ofAna() {
  const { contact, conversationId: id } = await desk.waits('general')
  await ana.is('busy')
  expect(await ana.claims(id)).toMatchObject({ status: 200 })
  // Who may see it is known by what is read, a moment behind what was decided: until then it waits in a queue of other teams.
  await until(
    'all read whose it is',
    async () => (await ana.thread(id))['conversation'].owner?.kind === 'agent',
  )
  return { contact, id, path: `/api/conversations/${id}` }
}

const WORDS = 'Ofereça o desconto de fidelidade.'

test('a whisper is at the agent’s desk at once and in the thread, and by no way at the customer', async () => {
  const { contact, id, path } = await ofAna()
  await using toAna = await ana.stream()
  await using toSonia = await sonia.stream()
  const said = await sonia.post(`${path}/whispers`, { text: WORDS })
  expect(said).toMatchObject({ status: 200, body: { messageId: expect.any(String) } })
  const whisper = await toAna.until('the whisper', ({ event }) => event === 'whisper')
  expect(whisper.data).toEqual({
    conversationId: id,
    from: 'p07',
    text: WORDS,
    at: expect.stringMatching(/Z$/),
  })
  expect((await ana.thread(id))['messages'].at(-1)).toMatchObject({
    id: said.body['messageId'],
    isNote: true,
    isWhisper: true,
    text: WORDS,
    author: { kind: 'agent', id: 'p07' },
  })

  // Whatever goes on in it afterwards: an answer, an edit of who has it, the end with its link.
  await ana.post(`${path}/messages`, { type: 'text', text: 'Temos um desconto.' })
  await desk.wish(contact, says('obrigado'))
  expect(await ana.post(`${path}/close`, { reason: 'solved', text: 'Até logo' })).toMatchObject({
    status: 200,
  })
  const events = await desk.told(contact)
  const holding = events.flatMap(({ type, envelope }) =>
    envelope.content
      .filter(({ value }) => Buffer.from(value).toString('utf8').includes(WORDS))
      .map(({ name }) => `${type} ${name}`),
  )
  expect(holding).toEqual(['NoteAdded note'])
  // All that a gateway ever sends is asked for by this event.
  const sent = events.filter(({ type }) => type === 'MessageSendRequested')
  expect(sent.length).toBeGreaterThan(0)
  expect(
    JSON.stringify(
      sent.map(({ envelope }) => envelope.content.map(({ value }) => Buffer.from(value).toString('utf8'))),
    ),
  ).not.toContain(WORDS)
  expect(toSonia.of('whisper')).toEqual([])
  expect(desk.agent.lines.join('')).not.toContain(WORDS)
})

test('a supervisor takes over: they alone may write, and given back it is the agent’s again', async () => {
  const { contact, id, path } = await ofAna()
  await using toAna = await ana.stream()
  expect(await sonia.post(`${path}/messages`, { type: 'text', text: 'x' })).toMatchObject({
    status: 409,
    body: { code: 'NOT_THE_OWNER' },
  })
  expect(await sonia.post(`${path}/give-back`)).toMatchObject({
    status: 409,
    body: { code: 'NOT_THE_OWNER' },
  })
  expect(await sonia.post(`${path}/take-over`)).toMatchObject({
    status: 200,
    body: { position: expect.any(String) },
  })
  expect(await sonia.post(`${path}/take-over`)).toMatchObject({ status: 200 })
  expect(await ana.post(`${path}/messages`, { type: 'text', text: 'x' })).toMatchObject({
    status: 409,
    body: { code: 'NOT_THE_OWNER' },
  })
  expect(await sonia.post(`${path}/messages`, { type: 'text', text: 'Aqui é a Sônia.' })).toMatchObject({
    status: 200,
  })
  await toAna.until(
    'whose it is now',
    ({ event, data }) => event === 'conversation' && data['id'] === id && data['owner']?.id === 'p07',
  )
  expect((await sonia.thread(id))['conversation']).toMatchObject({ isTakenOver: true, stage: 'with_agent' })
  const assigned = factsOf(await desk.told(contact), 'ConversationAssigned')
  expect(assigned.at(-1)).toMatchObject({ agentId: 'p07', how: 'taken_over', fromAgentId: 'p01' })

  await ana.is('available')
  expect(await sonia.post(`${path}/give-back`)).toMatchObject({ status: 200 })
  expect(await ana.post(`${path}/messages`, { type: 'text', text: 'Voltei.' })).toMatchObject({ status: 200 })
  expect((await ana.thread(id))['conversation']).toMatchObject({ isTakenOver: false, owner: { id: 'p01' } })

  // A supervisor of all has no team: it stays in sight of the team from which it was taken.
  const vera = await Person.signedIn(desk, 'vera')
  expect(await vera.post(`${path}/take-over`)).toMatchObject({ status: 200 })
  expect(await ana.post(`${path}/messages`, { type: 'text', text: 'x' })).toMatchObject({
    status: 409,
    body: { code: 'NOT_THE_OWNER' },
  })
  expect(await vera.post(`${path}/give-back`)).toMatchObject({ status: 200 })
  expect(await ana.post(`${path}/close`, { reason: 'solved' })).toMatchObject({ status: 200 })
})

test('given back while the agent has no time, it waits at the head of its queue; a waiting one can be taken, ended and moved', async () => {
  const { id, path } = await ofAna()
  expect(await sonia.post(`${path}/take-over`)).toMatchObject({ status: 200 })
  expect(await sonia.post(`${path}/give-back`)).toMatchObject({ status: 200 })
  expect((await sonia.thread(id))['conversation']).toMatchObject({ stage: 'waiting', queue: 'general' })
  expect(await sonia.post(`${path}/take-over`)).toMatchObject({ status: 200 })
  expect(await sonia.post(`${path}/transfer`, { to: { queue: 'cards' }, note: '' })).toMatchObject({
    status: 200,
  })
  expect((await sonia.thread(id))['conversation']).toMatchObject({ stage: 'waiting', queue: 'cards' })
  expect(await sonia.post(`${path}/take-over`)).toMatchObject({ status: 200 })
  expect(await sonia.post(`${path}/close`, { reason: 'solved' })).toMatchObject({ status: 200 })
})

test('a supervisor closes and hands on what an agent has, without taking it over, and the agent’s desk is told who did', async () => {
  const one = await ofAna()
  await using toAna = await ana.stream()
  expect(await tiago.post(`${one.path}/close`, { reason: 'solved' })).toMatchObject({ status: 404 })
  expect(await tiago.post(`${one.path}/transfer`, { to: { queue: 'cards' }, note: '' })).toMatchObject({
    status: 404,
  })
  const moved = await sonia.post(`${one.path}/transfer`, {
    to: { queue: 'cards' },
    note: 'Melhor com vocês.',
  })
  expect(moved).toMatchObject({ status: 200, body: { messageId: expect.any(String) } })
  const told = await toAna.row(one.id, 'waiting')
  expect(told.data).toMatchObject({ movedBy: { id: 'p07' }, owner: { kind: 'queue', id: 'cards' } })
  expect((await sonia.thread(one.id))['messages'].at(-1)).toMatchObject({
    id: moved.body['messageId'],
    isNote: true,
    author: { kind: 'agent', id: 'p07' },
  })
  expect(await ana.post(`${one.path}/close`, { reason: 'solved' })).toMatchObject({
    status: 409,
    body: { code: 'NOT_THE_OWNER' },
  })
  // What waits ends at once: there is nobody's work to go back to.
  expect(await sonia.post(`${one.path}/close`, { reason: 'solved', undoSeconds: 5 })).toMatchObject({
    status: 200,
  })
  expect(factsOf(await desk.told(one.contact), 'ConversationEnding')).toMatchObject([{ reason: 'solved' }])

  const other = await ofAna()
  expect(await sonia.post(`${other.path}/close`, { reason: 'solved', undoSeconds: 60 })).toMatchObject({
    status: 200,
  })
  expect(await sonia.post(`${other.path}/close/undo`)).toMatchObject({ status: 200 })
  expect(await sonia.post(`${other.path}/close`, { reason: 'none of ours' })).toMatchObject({
    status: 409,
    body: { code: 'CLOSE_REASON_UNKNOWN' },
  })
  expect(await sonia.post(`${other.path}/close`, { reason: 'solved' })).toMatchObject({ status: 200 })
  const ended = await toAna.row(other.id, 'ending')
  expect(ended.data).toMatchObject({ movedBy: { id: 'p07' }, owner: null, closeReason: 'solved' })
  const ending = (await desk.told(other.contact)).find(({ type }) => type === 'ConversationEnding')
  expect(ending?.envelope.actor).toMatchObject({ kind: 'agent', id: 'p07' })
})

test('what just ended takes notes on its record, and no whispers', async () => {
  const { contact, id, path } = await ofAna()
  expect(await ana.post(`${path}/close`, { reason: 'solved' })).toMatchObject({ status: 200 })
  const [ending] = (await desk.told(contact)).filter(({ type }) => type === 'ConversationEnding')
  await desk.wish(contact, expires('ending', ending!.envelope.eventId))
  await desk.untilTold(contact, 'ConversationClosed')
  const noted = await ana.post(`${path}/notes`, { text: 'Pediu a segunda via por carta.' })
  expect(noted).toMatchObject({ status: 200, body: { messageId: expect.any(String) } })
  const { conversation, messages } = await ana.thread(id)
  expect(conversation).toMatchObject({ stage: 'closed' })
  expect(messages.at(-1)).toMatchObject({ id: noted.body['messageId'], isNote: true })
  expect(await sonia.post(`${path}/whispers`, { text: 'x' })).toMatchObject({
    status: 409,
    body: { code: 'CONVERSATION_NOT_OPEN' },
  })
})

test('who is no supervisor, or of another team, does none of it; and reading along leaves everything unread', async () => {
  const { contact, id, path } = await ofAna()
  await desk.wish(contact, says('tem alguém?'))
  await desk.untilTold(contact, 'MessageReceived', 2)
  for (const what of ['whispers', 'take-over', 'give-back']) {
    expect(await ana.post(`${path}/${what}`, { text: 'x' })).toMatchObject({
      status: 403,
      body: { code: 'NOT_ALLOWED' },
    })
    expect(await tiago.post(`${path}/${what}`, { text: 'x' })).toMatchObject({ status: 404 })
  }
  const before = (await ana.thread(id))['conversation'].unreadCount
  expect(before).toBeGreaterThan(0)
  await sonia.thread(id)
  expect((await ana.thread(id))['conversation'].unreadCount).toBe(before)
  expect(await sonia.post(`${path}/whispers`, { text: ' ' })).toMatchObject({
    status: 400,
    body: { code: 'BODY_INVALID' },
  })
  expect(await sonia.get('/api/workforce')).toMatchObject({ status: 200 })
  const { body } = await sonia.get('/api/workforce')
  expect(body['agents'].map(({ id: agentId }: { id: string }) => agentId)).not.toContain('p07')
  await ana.post(`${path}/close`, { reason: 'solved' })
  expect(desk.agent.faults).toEqual([])
})

test('of what a supervisor moves at once each that cannot be moved is named with its reason, and what another team has is not there', async () => {
  const waiting = await desk.waits('general')
  const hers = await ofAna()
  const rahims = await desk.taken('p04')
  const left = await desk.waits('general')
  await sonia.thread(left.conversationId)
  expect(
    await sonia.post(`/api/conversations/${left.conversationId}/close`, { reason: 'solved' }),
  ).toMatchObject({ status: 200 })
  await until(
    'whose it is is read',
    async () => (await sonia.get(`/api/conversations/${rahims.conversationId}`)).status === 404,
  )
  const ids = [waiting.conversationId, hers.id, rahims.conversationId, left.conversationId, 'no such one']
  const moved = await sonia.post('/api/reassignments', { conversationIds: ids, queue: 'cards' })
  expect(moved).toMatchObject({ status: 200, body: { moved: [waiting.conversationId] } })
  const refused = new Map<string, string>(
    moved.body['refused'].map(({ id, code }: { id: string; code: string }) => [id, code]),
  )
  expect([...refused.keys()].toSorted()).toEqual(ids.slice(1).toSorted())
  expect(refused.get(rahims.conversationId)).toBe('NOT_FOUND')
  expect(refused.get('no such one')).toBe('NOT_FOUND')
  // What is known and waits no more is refused by the pool, by a word of its own.
  for (const id of [hers.id, left.conversationId]) expect(refused.get(id)).not.toBe('NOT_FOUND')
  const tooMany = Array.from({ length: 101 }, (_, nth) => `c${nth}`)
  expect(await sonia.post('/api/reassignments', { conversationIds: tooMany, queue: 'cards' })).toMatchObject({
    status: 400,
    body: { code: 'BODY_INVALID' },
  })
  expect(await sonia.post('/api/reassignments', { conversationIds: [], queue: 'cards' })).toMatchObject({
    status: 400,
  })
  expect(
    await ana.post('/api/reassignments', { conversationIds: [waiting.conversationId], queue: 'cards' }),
  ).toMatchObject({ status: 403 })
})
