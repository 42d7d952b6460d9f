import { randomUUID } from 'node:crypto'
import { PeopleServiceClient } from '@parley/proto/people'
import { grpcCall, grpcClient } from '@parley/service'
import { callerCredentials } from '@parley/testkit'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { factsOf, isSent, says } from '../../services/routing/test/story.ts'
import type { Browser } from '../../services/agent/src/adapters/testing/browser.ts'
import { type Customer, type DeskStream, type SentEvent, deskWorld, until } from './world.ts'

let world: Awaited<ReturnType<typeof deskWorld>>
beforeAll(async () => {
  world = await deskWorld()
})
// Nobody is there and nothing waits when the next test begins.
afterEach(() => world.clear())
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

async function desk(login: string, options?: Parameters<typeof world.stream>[1]) {
  const browser = await world.signedIn(login)
  const stream = await world.stream(browser, options)
  return { browser, stream }
}

const messagesOf = (stream: DeskStream, messageId: string): readonly Record<string, any>[] =>
  stream
    .of('message')
    .map(({ data }) => data['message'] as Record<string, any>)
    .filter(({ id }) => id === messageId)

const idsOf = (agents: readonly { readonly id: string }[]): readonly string[] =>
  agents.map(({ id }) => id).toSorted()

/** From one agent to another, who takes it. */
async function passedOn(customer: Customer, agentId: string, toAgentId: string): Promise<void> {
  await world.wishPool('SetPresence', { agentId: toAgentId, status: 'available' })
  const { contact, conversationId } = customer
  await world.wishPool('TransferConversation', { agentId, conversationId, toAgentId })
  const events = await world.untilTold(contact, 'ConversationOffered', 2)
  const { offerId } = factsOf(events, 'ConversationOffered').at(-1)!
  await world.wishPool('AcceptOffer', { agentId: toAgentId, offerId })
  await world.untilTold(contact, 'ConversationAssigned', 2)
}

test('nobody is shown what a conversation holds without an entry: its thread, its customer, what comes on its stream', async () => {
  const opened = async (personId: string) =>
    (await world.recorded(personId, 'conversation_opened')).map(({ subject }) => subject)
  const ids: string[] = []
  for (let count = 0; count < 3; count += 1) ids.push((await world.waits('general')).conversationId)
  const [thread, customer, watched] = ids
  const vera = await world.signedIn('vera')
  for (const path of [thread, `${customer}/customer`])
    await until('it is read', async () => {
      const { status } = await world.read(vera, `/api/conversations/${path}`)
      return status === 200
    })
  await world.stream(vera, { watch: watched! })
  await until('all three are on record', async () => (await opened('p09')).length >= 3)
  expect(await opened('p09')).toEqual(ids)
})

test('what somebody watches who may not see it is told once it comes into their sight, and not before that is on record', async () => {
  const customer = await world.taken('p03')
  const { contact, conversationId } = customer
  const browser = await world.signedIn('rahim')
  const stream = await world.stream(browser, { watch: conversationId })
  await world.wish(contact, says('for carla alone'))
  // The other team serves the queue, too.
  await world.wishPool('TransferConversation', { agentId: 'p03', conversationId, toQueue: 'general' })
  await stream.row(conversationId, 'waiting')
  await world.wish(contact, says('is anybody there?'))
  await until('the stream ends', () => stream.hasEnded)
  expect(stream.of('message')).toEqual([])
  const opened = async () =>
    (await world.recorded('p04', 'conversation_opened')).filter(({ subject }) => subject === conversationId)
  expect(await opened()).toEqual([])
  await until('a list has it', async () => {
    const { body } = await world.read(browser, '/api/conversations?view=waiting')
    return JSON.stringify(body).includes('is anybody there?')
  })
  const again = await world.stream(browser, {
    watch: conversationId,
    lastEventId: stream.events.at(-1)?.id,
  })
  await again.until('the word', ({ data }) => data['message']?.text === 'is anybody there?')
  await until('it is on record', async () => (await opened()).length === 1)
  expect(JSON.stringify(again.of('message'))).not.toContain('for carla alone')
})

test('an offer comes with who, queue, why and until when; who opens a desk later gets it too, and nobody else does; taken it is theirs, and their desks get what is said', async () => {
  const colleague = await desk('bruno')
  const { browser, stream } = await desk('carla')
  expect(stream.events[0]).toMatchObject({ event: 'ready', data: { position: stream.events[0]?.id } })
  await world.wishPool('SetPresence', { agentId: 'p03', status: 'available' })
  await stream.until(
    'the presence of oneself',
    ({ event, data }) => event === 'presence' && data['agentId'] === 'p03',
  )
  const { contact, conversationId } = await world.waits('general')
  const offer = await stream.until('an offer', ({ event }) => event === 'offer')
  expect(offer.data).toMatchObject({
    conversationId,
    queue: 'general',
    contact: { id: contact },
    why: 'requested',
    expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    waitingSince: expect.stringMatching(/Z$/),
  })
  expect(await stream.row(conversationId, 'offered')).toMatchObject({
    data: { owner: { kind: 'queue', id: 'general' }, waitingSince: expect.any(String) },
  })

  const second = await world.stream(browser)
  const [ready, again] = await until('the offer is told again', () =>
    second.events.length > 1 ? second.events : undefined,
  )
  expect([ready?.event, again?.event]).toEqual(['ready', 'offer'])
  expect(again?.data).toEqual(offer.data)
  expect(
    (await world.read(browser, '/api/conversations?view=mine&queue=&cursor=')).body['conversations'],
  ).toMatchObject([{ id: conversationId, stage: 'offered' }])

  await world.wishPool('AcceptOffer', { agentId: 'p03', offerId: offer.data['offerId'] })
  const ended = await stream.until('its end', ({ event }) => event === 'offer_ended')
  expect(ended.data).toEqual({ offerId: offer.data['offerId'], outcome: 'accepted' })
  expect((await stream.row(conversationId, 'with_agent')).data).toMatchObject({
    owner: { kind: 'agent', id: 'p03', name: 'Carla Nunes' },
    waitingSince: null,
    isOnHold: false,
  })
  // They share the queue and the team: the row is theirs to see.
  await colleague.stream.row(conversationId, 'with_agent')
  expect([...colleague.stream.of('offer'), ...colleague.stream.of('offer_ended')]).toEqual([])
  await world.wish(contact, says('are you there?'))
  const message = await stream.until('a word', ({ data }) => data['message']?.text === 'are you there?')
  expect(message.data).toMatchObject({
    conversationId,
    message: {
      author: { kind: 'customer' },
      type: 'text',
      text: 'are you there?',
      status: null,
      isNote: false,
    },
  })
  // What came before it was theirs was told as the row alone.
  const customers = stream.of('message').filter(({ data }) => data['message'].author.kind === 'customer')
  expect(customers).toEqual([message])
  const { body } = await world.read(browser, `/api/conversations/${conversationId}`)
  expect(body['messages'].at(-1)).toEqual(message.data['message'])
  const versions = body['messages'].map(({ version }: { version: number }) => version)
  expect(versions).toEqual(versions.toSorted((one: number, other: number) => one - other))
  expect(body['conversation'].version).toBeGreaterThanOrEqual(message.data['message'].version)
})

test('an offer of a conversation that is not known here yet comes all the same, and desks can read it', async () => {
  const { stream } = await desk('carla')
  await world.wishPool('SetPresence', { agentId: 'p03', status: 'available' })
  const unknown = { conversationId: randomUUID(), contactId: randomUUID() }
  await world.wishPool('EnqueueConversation', { ...unknown, queue: 'general', language: 'pt' })
  const { data } = await stream.until('an offer', ({ event }) => event === 'offer')
  expect(data).toMatchObject({
    conversationId: unknown.conversationId,
    contact: { id: unknown.contactId, name: '', language: 'pt' },
    why: null,
  })
})

test('after any event that was told, whoever comes back gets exactly the next ones, each once', async () => {
  const { browser, stream } = await desk('sonia')
  const customer = await world.taken('p03')
  const messageId = await world.answers('p03', customer, 'How can I help?')
  await world.wish(customer.contact, isSent(messageId))
  await world.untilTold(customer.contact, 'MessageSent', 2)
  await world.wish(customer.contact, says('my card is gone'))
  await stream.until('the last word', ({ data }) => data['lastMessage']?.text === 'my card is gone')
  const [ready, ...events] = stream.events
  expect(new Set(stream.events.map(({ id }) => id)).size).toBe(stream.events.length)
  for (const [index, { id }] of [ready!, ...events].entries()) {
    const again = await world.stream(browser, { lastEventId: id })
    const missed = events.slice(index)
    await until('what was missed is told', () => again.events.length > missed.length)
    expect(again.events.slice(1).map(told)).toEqual(missed.map(told))
    await again.close()
  }
  const strange = await world.stream(browser, { lastEventId: 'not-a-position' })
  await until('a new ready', () => strange.of('ready').length === 2)
  expect(strange.events.map(({ event }) => event).slice(0, 3)).toEqual(['ready', 'refetch', 'ready'])
  expect(strange.events[1]?.data).toEqual({ reason: 'position_unknown' })
})
const told = ({ event, data, id }: SentEvent) => ({ id, event, data })

test('the position of any answer resumes with what came behind it', async () => {
  const { browser } = await desk('vera')
  const customer = await world.waits('branches')
  for (const path of [
    '/api/conversations?view=all',
    `/api/conversations/${customer.conversationId}`,
    '/api/workforce',
  ]) {
    const { body } = await world.read(browser, path)
    await world.wish(customer.contact, says(`after ${path}`))
    const stream = await world.stream(browser, { lastEventId: body['position'] })
    await stream.until('what came behind it', ({ data }) => data['lastMessage']?.text === `after ${path}`)
    expect(stream.of('refetch')).toEqual([])
    await stream.close()
  }
})

test('a message comes again, by the same id, when its status changed, and never unchanged', async () => {
  const customer = await world.taken('p03')
  const { stream } = await desk('carla')
  const messageId = await world.answers('p03', customer, 'One moment.')
  const providerMessageId = `wamid.of.${messageId}`
  // The receipt overtakes the answer of the provider.
  const receipt = (status: string) =>
    world.wish(customer.contact, {
      type: 'RecordDeliveryStatus',
      data: { messageId, providerMessageId, status },
    })
  await receipt('delivered')
  await world.wish(customer.contact, isSent(messageId))
  await receipt('delivered')
  await receipt('read')
  await receipt('sent')
  await world.wish(customer.contact, says('that is all'))
  await stream.until('the last word', ({ data }) => data['message']?.text === 'that is all')
  const statuses = messagesOf(stream, messageId).map(({ status }) => status)
  expect(statuses[0]).toBe('queued')
  expect(statuses.at(-1)).toBe('read')
  expect(new Set(statuses).size).toBe(statuses.length)
})

test('who loses a conversation is told whose it is now, once, without what was said; and it is gone for them', async () => {
  const customer = await world.taken('p03')
  const { browser, stream } = await desk('carla')
  const watch = customer.conversationId
  const theirs = await desk('tiago', { watch })
  const own = await desk('sonia', { watch })
  const blind = await desk('sonia')
  await world.wish(customer.contact, says('for team one'))
  await own.stream.until('what is said', ({ data }) => data['message']?.text === 'for team one')

  await passedOn(customer, 'p03', 'p06')
  const lost = await stream.until('the loss', ({ data }) => data['owner']?.id === 'p06')
  expect(lost.data).toMatchObject({ id: customer.conversationId, stage: 'with_agent' })
  expect(lost.data).not.toHaveProperty('lastMessage')
  await world.wish(customer.contact, says('for team two'))
  // It came into their sight: told once that is on record, which it is with a stream that begins then.
  await until('their stream ends', () => theirs.stream.hasEnded)
  const again = await world.stream(theirs.browser, { watch, lastEventId: theirs.stream.events.at(-1)?.id })
  await again.until('what is said', ({ data }) => data['message']?.text === 'for team two')
  const unknown = await world.read(browser, '/api/conversations/no-such-thing')
  expect(unknown.status).toBe(404)
  expect(await world.read(browser, `/api/conversations/${customer.conversationId}`)).toEqual(unknown)

  const about = ({ events }: DeskStream) =>
    events.filter(({ data }) => data['id'] === customer.conversationId)
  expect(about(stream).at(-1)).toEqual(lost)
  expect(about(theirs.stream)[0]?.data).toMatchObject({ owner: { id: 'p06' } })
  for (const { events } of [stream, own.stream]) expect(JSON.stringify(events)).not.toContain('for team two')
  expect(blind.stream.of('message')).toEqual([])
  expect(own.stream.of('presence').map(({ data }) => data['agentId'])).not.toContain('p06')
})

test('on a replica that started since, who comes back is told how things are now: of each row the last, and whose it is that they lost', async () => {
  const customer = await world.taken('p03')
  const [lost, kept] = [await desk('carla'), await desk('vera')]
  const messageId = await world.answers('p03', customer, 'One moment.')
  await world.wish(customer.contact, isSent(messageId))
  await passedOn(customer, 'p03', 'p06')
  await world.wish(customer.contact, says('still there?'))
  await kept.stream.until('the last word', ({ data }) => data['lastMessage']?.text === 'still there?')
  // What the read models have not folded by then a replica tells one by one.
  expect((await world.read(kept.browser, `/api/conversations/${customer.conversationId}`)).status).toBe(200)

  const consoleUrl = await world.anotherReplica()
  for (const { browser, stream } of [lost, kept]) {
    const again = await world.stream(browser, { lastEventId: stream.events[0]?.id }, consoleUrl)
    const { data } = await again.until('its new owner', (event) => event.data['owner']?.id === 'p06')
    expect('lastMessage' in data).toBe(stream === kept.stream)
    expect(again.of('conversation').filter((event) => event.data['id'] === data['id'])).toHaveLength(1)
    expect(again.of('refetch')).toEqual([])
  }
})

test('hold, snooze and close are in the row as they are in force, in a list and in the stream alike', async () => {
  const customer = await world.taken('p03')
  const { browser, stream } = await desk('carla')
  const { conversationId } = customer
  const by = { actor: { kind: 'agent', id: 'p03' } as const, correlationId: conversationId }
  const data = { conversationId, agentId: 'p03' }
  await world.wish(customer.contact, { type: 'HoldConversation', data, ...by })
  const held = await stream.until('hold', (event) => event.data['isOnHold'] === true)
  expect(held.data).toMatchObject({ stage: 'with_agent', owner: { id: 'p03' } })
  await world.wish(customer.contact, { type: 'EndHold', data, ...by })
  const snoozedUntil = new Date(Date.now() + 3_600_000).toISOString()
  await world.wish(customer.contact, { type: 'ParkConversation', data: { ...data, snoozedUntil }, ...by })
  const parked = await stream.row(conversationId, 'parked')
  expect(parked.data).toMatchObject({ snoozedUntil, owner: { id: 'p03' }, isOnHold: false })
  const { body } = await world.read(browser, '/api/conversations?view=mine')
  const { hasDraft, mood, ...row } = body['conversations'].find(
    ({ id }: { id: string }) => id === conversationId,
  )
  expect([hasDraft, mood]).toEqual([false, null])
  expect(row).toEqual(parked.data)

  await world.wish(customer.contact, says('one more thing'))
  await stream.until(
    'it is back',
    (event) =>
      event.data['id'] === conversationId &&
      event.data['stage'] === 'with_agent' &&
      event.data['snoozedUntil'] === null &&
      event.data['version'] > parked.data['version'],
  )
  await world.wish(customer.contact, {
    type: 'CloseConversation',
    data: { ...data, reason: 'solved' },
    ...by,
  })
  expect((await stream.row(conversationId, 'ending')).data).toMatchObject({
    owner: null,
    closeReason: 'solved',
    closedAt: null,
  })
})

test('supervisors read the agents and queues of their scope: who has what, within capacity at every moment; reasons to close stand there and in /api/me', async () => {
  const [vera, sonia, carla] = [
    await world.signedIn('vera'),
    await world.signedIn('sonia'),
    await world.signedIn('carla'),
  ]
  const watched = new AbortController()
  onTestFinished(() => watched.abort())
  let worst = 0
  const watching = (async () => {
    while (!watched.signal.aborted) {
      const { body } = await world.read(vera, '/api/workforce')
      for (const { load, capacity } of body['agents']) worst = Math.max(worst, load - capacity)
    }
  })()
  const taken = []
  for (let count = 0; count < 4; count += 1) taken.push(await world.taken('p03'))
  const fifth = await world.waits('general')
  const p03 = async () =>
    (await world.read(sonia, '/api/workforce')).body['agents'].find(({ id }: { id: string }) => id === 'p03')
  await until('four are with her', async () => (await p03()).load === 4)
  expect(await p03()).toMatchObject({
    name: 'Carla Nunes',
    team: 'atendimento',
    vendor: null,
    status: 'available',
    since: expect.any(String),
    capacity: 4,
    skills: [],
    queues: ['general', 'branches'],
    languages: ['pt', 'en', 'bn'],
  })
  const { body } = await world.read(sonia, '/api/workforce')
  const team = idsOf(body['agents'])
  expect(team).toEqual(expect.arrayContaining(['p01', 'p02', 'p03']))
  expect(new Set(body['agents'].map((agent: { team: string }) => agent.team))).toEqual(
    new Set(['atendimento']),
  )
  expect(idsOf((await world.read(vera, '/api/workforce')).body['agents'])).toEqual(
    expect.arrayContaining([...team, 'p04', 'p05', 'p06']),
  )
  // The pool hears of what waits behind the conversation's own log.
  const general = await until('the fifth waits', async () =>
    (await world.read(sonia, '/api/workforce')).body['queues'].find(
      ({ name, waitingCount }: { name: string; waitingCount: number }) =>
        name === 'general' && waitingCount > 0,
    ),
  )
  expect(general).toMatchObject({ isOpen: true, offeredCount: 0 })
  expect(body['closeReasons']['cards']).toEqual(['solved', 'card_blocked', 'no_answer'])
  const me = (await world.read(carla, '/api/me')).body
  expect(me).toMatchObject({ id: 'p03', status: 'available', closeReasons: body['closeReasons'] })
  expect(idsOf(me['colleagues'])).toEqual(team.filter((id) => id !== 'p03'))
  expect((await world.read(carla, '/api/workforce')).body).toMatchObject({ code: 'NOT_ALLOWED' })
  // Closed, so that another one fits: never five at once.
  const { contact, conversationId } = taken[0]!
  await world.wish(contact, {
    type: 'CloseConversation',
    data: { conversationId, agentId: 'p03', reason: 'solved' },
    actor: { kind: 'agent', id: 'p03' },
    correlationId: conversationId,
  })
  await world.untilTold(fifth.contact, 'ConversationOffered')
  watched.abort()
  await watching
  expect(worst).toBe(0)
})

test('presence lasts as long as one stream does: the last one lost begins the grace, another one ends it', async () => {
  const browser = await world.signedIn('diego')
  const sessions = async (type: string) =>
    (await world.pooled()).filter(
      (event) => event.type === type && (event.data as { agentId?: string }).agentId === 'p05',
    )
  const [first, second] = [await world.stream(browser), await world.stream(browser)]
  await until('the pool knows of a desk', async () => (await sessions('SessionOpened')).length === 1)
  await world.wishPool('SetPresence', { agentId: 'p05', status: 'available' })
  await until('he is there', async () => (await sessions('PresenceChanged')).length === 1)
  await first.close()
  await second.close()
  const [closed] = await until('the grace runs', async () => {
    const found = await sessions('SessionClosed')
    return found.length > 0 ? found : undefined
  })
  expect(closed?.data).toMatchObject({ graceUntil: expect.any(String) })
  await world.stream(browser)
  await until('he is back', async () => (await sessions('SessionOpened')).length === 2)
  expect((await sessions('PresenceChanged')).map(({ data }) => (data as { status: string }).status)).toEqual([
    'available',
  ])
})

const signOut = async (browser: Browser): Promise<void> => {
  const answer = await browser.ask(`${world.agent.url}/sign-out`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: '{}',
  })
  if (answer.status !== 204) throw new Error(`Not signed out: ${answer.status}`)
}

const deactivate = async (): Promise<void> => {
  const people = grpcClient(PeopleServiceClient, world.agent.grpcAddress, await callerCredentials('operator'))
  onTestFinished(async () => {
    await grpcCall(people, 'activatePerson', { login: 'rahim' }, { timeoutMs: 10_000 })
    people.close()
  })
  await grpcCall(people, 'deactivatePerson', { login: 'rahim' }, { timeoutMs: 10_000 })
}

test('what somebody had parked who is deactivated waits for others at once, and its customer, who is silent, is told nothing', async () => {
  const { contact, conversationId } = await world.taken('p04')
  await world.wish(contact, {
    type: 'ParkConversation',
    data: { conversationId, agentId: 'p04' },
    actor: { kind: 'agent', id: 'p04' },
  })
  await until('the pool knows', async () =>
    (await world.pooled()).some(
      ({ type, data }) =>
        type === 'ConversationParked' &&
        (data as { conversationId?: string }).conversationId === conversationId,
    ),
  )
  const before = (await world.told(contact)).length
  await deactivate()
  await world.untilTold(contact, 'ConversationRequeued')
  const events = (await world.told(contact)).slice(before)
  expect(events.map(({ type }) => type)).toEqual(['ConversationRequeued'])
  expect(events[0]!.data).toMatchObject({ reason: 'signed_out', fromAgentId: 'p04', queue: 'general' })
})

test.for([
  ['sign-out', signOut],
  ['deactivation', deactivate],
] as const)('%s ends the streams within a second and gives back what was theirs at once', async ([, end]) => {
  const customer = await world.taken('p04')
  const { browser, stream } = await desk('rahim')
  const begun = performance.now()
  await end(browser)
  await until('the stream ends', () => stream.hasEnded)
  // Nothing else would end it before its session ends, so there is room for a machine that does other work.
  expect(performance.now() - begun).toBeLessThan(10_000)
  const events = await world.untilTold(customer.contact, 'ConversationRequeued')
  expect(events.find(({ type }) => type === 'ConversationRequeued')?.data).toMatchObject({
    reason: 'signed_out',
    fromAgentId: 'p04',
  })
})
