import { randomUUID } from 'node:crypto'
import { freePort } from '@parley/stack'
import { expect, test } from 'vitest'
import { factsOf, says } from '../../services/routing/test/story.ts'
import { AgentProcess } from './agent-process.ts'
import { Person } from './person.ts'
import { type DeskStream, deskWorld, until } from './world.ts'

const AGAIN_WITHIN_MS = 5_000

/** All that a person's desks are told but where each stream began. */
const told = (streams: readonly DeskStream[]): readonly string[] =>
  streams.flatMap(({ events }) =>
    events.flatMap(({ event, data }) =>
      event === 'ready' || event === 'presence' ? [] : [`${event} ${JSON.stringify(data)}`],
    ),
  )

const hasHeard = ({ events }: DeskStream, text: string): boolean =>
  events.some(({ event, data }) => event === 'conversation' && data['lastMessage']?.text === text)

/** Documents come behind what is told: what a replica that was killed had of them is another's only once its session is over. */
const untilReadAsOf = (agentId: string, reader: Person, conversationId: string) =>
  until(
    `whoever reads it finds it with ${agentId}`,
    async () => (await reader.thread(conversationId))['conversation'].owner?.id === agentId,
  )

test('of three replicas of the agent service two are killed: their desks go on at another one within 5 s, with each event once, and nobody loses a conversation', async () => {
  await using desk = await deskWorld()
  const [first, second] = await Promise.all([
    AgentProcess.start(desk, await freePort()),
    AgentProcess.start(desk, await freePort()),
  ])
  await using _first = first
  await using _second = second
  const [anaBrowser, brunoBrowser] = [await desk.signedIn('ana'), await desk.signedIn('bruno')]
  const ana = await Person.signedIn(desk, 'ana')
  const open = (browser: typeof anaBrowser, url: string, lastEventId?: string) =>
    desk.stream(browser, { lastEventId }, url)
  // Each person's second desk stays where it is: what the first one is told must be the same.
  const steady = {
    ana: await open(anaBrowser, desk.agent.url),
    bruno: await open(brunoBrowser, desk.agent.url),
  }
  const moving = {
    ana: [await open(anaBrowser, first.url)],
    bruno: [await open(brunoBrowser, second.url)],
  }
  const { contact, conversationId: id } = await desk.waits('general')
  await ana.is('busy')
  expect(await ana.claims(id)).toMatchObject({ status: 200 })

  let words = 0
  const talking = new AbortController()
  const talk = (async () => {
    while (!talking.signal.aborted) {
      await desk.wish(contact, says(`word ${words}`))
      await until(`word ${words} is heard`, () => hasHeard(steady.ana, `word ${words}`))
      words += 1
    }
  })()
  talk.catch(() => undefined)
  const lastOf = (stream: DeskStream) => stream.events.at(-1)!.id
  const goesOn = async (streams: DeskStream[], browser: typeof anaBrowser, url: string): Promise<number> => {
    const from = performance.now()
    const broken = streams.at(-1)!
    await broken.close()
    const stream = await open(browser, url, lastOf(broken))
    streams.push(stream)
    await stream.until('what happens now', ({ event }) => event === 'conversation')
    return performance.now() - from
  }
  const heardSome = (streams: DeskStream[]) =>
    until('words are heard', () => streams.at(-1)!.events.length > 20)

  await heardSome(moving.ana)
  await first.killed()
  const anaAfterMs = await goesOn(moving.ana, anaBrowser, second.url)
  await heardSome(moving.ana)
  await second.killed()
  const [again, brunoAfterMs] = await Promise.all([
    goesOn(moving.ana, anaBrowser, desk.agent.url),
    goesOn(moving.bruno, brunoBrowser, desk.agent.url),
  ])
  await heardSome(moving.bruno)
  talking.abort()
  await talk

  const last = `word ${words - 1}`
  await until('all have heard the last word', () =>
    [steady.ana, steady.bruno, moving.ana.at(-1)!, moving.bruno.at(-1)!].every((stream) =>
      hasHeard(stream, last),
    ),
  )
  expect(told(moving.ana)).toEqual(told([steady.ana]))
  expect(told(moving.bruno)).toEqual(told([steady.bruno]))
  for (const stream of [...moving.ana, ...moving.bruno]) expect(stream.of('refetch')).toEqual([])
  await untilReadAsOf('p01', ana, id)
  // The machine may do something else meanwhile, but not each time.
  expect(Math.min(anaAfterMs, again, brunoAfterMs)).toBeLessThan(AGAIN_WITHIN_MS)
}, 240_000)

test('an offer outlives the replica that told of it: it is there at another one, and an accept whose answer was lost is answered there by its key', async () => {
  await using desk = await deskWorld()
  await using first = await AgentProcess.start(desk, await freePort())
  const browser = await desk.signedIn('ana')
  const ana = await Person.signedIn(desk, 'ana')
  const broken = await desk.stream(browser, {}, first.url)
  await ana.is('available')
  const { contact, conversationId: id } = await desk.waits('general')
  const offer = await broken.until('the offer', ({ event }) => event === 'offer')
  const path = `/api/offers/${offer.data['offerId']}/accept`
  const key = randomUUID()
  const lost = browser
    .ask(`${first.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: first.url, 'idempotency-key': key },
      body: '{}',
    })
    .catch(() => undefined)
  await desk.untilTold(contact, 'ConversationAssigned')
  await first.killed()
  expect([undefined, 200]).toContain((await lost)?.status)

  await using resumed = await ana.stream(broken.events.at(-1)!.id)
  const answer = await until('the accept is answered', async () => {
    const { status, body } = await ana.post(path, {}, key)
    return status === 202 ? undefined : { status, body }
  })
  expect(answer).toMatchObject({ status: 200 })
  // Whichever of the two told it.
  const toldBy = (event: string) => [broken, resumed].flatMap((stream) => stream.of(event))
  await until('a desk has the conversation', () =>
    toldBy('conversation').some(({ data }) => data['id'] === id && data['stage'] === 'with_agent'),
  )
  const ends = await until('a desk knows its end', () => {
    const all = toldBy('offer_ended')
    return all.length > 0 ? all : undefined
  })
  expect(ends.map(({ data }) => data)).toEqual([{ offerId: offer.data['offerId'], outcome: 'accepted' }])
  expect(resumed.of('offer')).toEqual([])
  expect(factsOf(await desk.told(contact), 'ConversationAssigned')).toHaveLength(1)
  expect(await ana.post(path)).toMatchObject({ status: 409, body: { code: 'OFFER_ENDED' } })
  await untilReadAsOf('p01', ana, id)
}, 240_000)

test('two replicas are one service: a presence is told and offers are made, taken, handed on and ended over both, each once, and a key counts on both', async () => {
  await using desk = await deskWorld()
  const other = await desk.anotherReplica()
  const ana = await Person.signedIn(desk, 'ana')
  const bruno = (await Person.signedIn(desk, 'bruno')).at(other)
  await using anaDesk = await ana.stream()
  await using brunoDesk = await bruno.stream()
  const position = async (person: Person) => String((await person.get('/api/me')).body['position'])

  // Said at one replica, it is told at the other.
  await bruno.is('available')
  await anaDesk.until(
    'that Bruno is available',
    ({ event, data }) => event === 'presence' && data['agentId'] === 'p02' && data['status'] === 'available',
  )
  const brunoOf = async (person: Person) =>
    (await person.get('/api/me')).body['colleagues'].find(({ id }: { id: string }) => id === 'p02')
  expect(await brunoOf(ana)).toMatchObject({ status: 'available' })

  // Of two accepts at once, one at each replica, one takes it.
  const { contact, conversationId: id } = await desk.waits('general')
  const offer = await brunoDesk.until('the offer', ({ event }) => event === 'offer')
  const accept = `/api/offers/${offer.data['offerId']}/accept`
  const accepts = await Promise.all([bruno, bruno.at(desk.agent.url)].map((person) => person.post(accept)))
  expect(accepts.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409])
  expect(accepts.find(({ status }) => status === 409)?.body).toMatchObject({
    code: 'OFFER_ENDED',
    fields: { outcome: 'accepted' },
  })

  // One key at both replicas at once is one message.
  const [path, key] = [`/api/conversations/${id}`, randomUUID()]
  const says = { type: 'text', text: 'Bom dia' }
  const said = await Promise.all(
    [bruno, bruno.at(desk.agent.url)].map((person) => person.post(`${path}/messages`, says, key)),
  )
  expect(said).toMatchObject([{ status: 200 }, { status: 200, body: said[0]!.body }])

  // Handed on at one replica, it is offered at the other; declined there, both are told, and it stays where it was.
  const toAna = { to: { agentId: 'p01' }, note: 'conhece o caso' }
  expect(await bruno.post(`${path}/transfer`, toAna)).toMatchObject({
    status: 409,
    body: { code: 'AGENT_NOT_AVAILABLE' },
  })
  const before = await position(ana)
  await ana.is('available')
  expect(await bruno.post(`${path}/transfer`, toAna)).toMatchObject({ status: 200 })
  const offered = (stream: DeskStream) =>
    stream.until('the transfer', ({ event, data }) => event === 'offer' && data['conversationId'] === id)
  const handedOn = (await offered(anaDesk)).data['offerId']
  // Whoever opens a desk meanwhile, at whichever replica, has the offer once: read before, or behind it.
  for (const lastEventId of [undefined, before, await position(ana)])
    for (const url of [desk.agent.url, other]) {
      await using opened = await ana.at(url).stream(lastEventId)
      await offered(opened)
      expect(opened.of('offer').map(({ data }) => data['offerId'])).toEqual([handedOn])
      expect(opened.of('refetch')).toEqual([])
    }
  expect(await ana.post(`/api/offers/${handedOn}/decline`, { reason: 'pausa' })).toMatchObject({
    status: 200,
  })
  for (const stream of [anaDesk, brunoDesk])
    await stream.until(
      'its end',
      ({ event, data }) =>
        event === 'offer_ended' && data['offerId'] === handedOn && data['outcome'] === 'declined',
    )
  await untilReadAsOf('p02', ana, id)

  // Taken at the replica that did not offer it, whoever had it is told whose it is.
  expect(await bruno.post(`${path}/transfer`, toAna)).toMatchObject({ status: 200 })
  const again = await anaDesk.until(
    'the second transfer',
    ({ event, data }) => event === 'offer' && data['offerId'] !== handedOn,
  )
  const taken = await ana.at(other).post(`/api/offers/${again.data['offerId']}/accept`)
  expect(taken).toMatchObject({ status: 200 })
  await brunoDesk.until(
    'whose it is',
    ({ event, data }) => event === 'conversation' && data['owner']?.id === 'p01',
  )
  expect(await bruno.post(`${path}/messages`, says)).toMatchObject({ body: { code: 'NOT_THE_OWNER' } })
  expect(await ana.post(`${path}/messages`, says)).toMatchObject({ status: 200 })
  expect(factsOf(await desk.told(contact), 'ConversationAssigned').map(({ agentId }) => agentId)).toEqual([
    'p02',
    'p01',
  ])

  // A person's desks on both are one presence: one of them lost begins no grace.
  await using elsewhere = await bruno.at(desk.agent.url).stream()
  await brunoDesk.close()
  const closed = await until('the pool has lost one desk', async () =>
    (await desk.pooled()).find(
      ({ type, data }) => type === 'SessionClosed' && 'agentId' in data && data.agentId === 'p02',
    ),
  )
  expect(closed.data).not.toHaveProperty('graceUntil', expect.anything())
  expect(await brunoOf(ana)).toMatchObject({ status: 'available' })
  expect(elsewhere.of('refetch')).toEqual([])
}, 120_000)
