import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { factsOf, isSent, issuesLink, says, typesOf } from '../../services/routing/test/story.ts'
import { gatewayOfDesks } from './gateway.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

let gateway: Awaited<ReturnType<typeof gatewayOfDesks>>
let desk: Awaited<ReturnType<typeof deskWorld>>
let ana: Person
let bruno: Person
let vera: Person
beforeAll(async () => {
  gateway = await gatewayOfDesks()
  desk = await deskWorld({ GATEWAY_GRPC_ADDRESS: gateway.address })
  const person = (login: string) => Person.signedIn(desk, login)
  ;[ana, bruno, vera] = await Promise.all([person('ana'), person('bruno'), person('vera')])
})
afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await gateway.close()
})

/** A conversation of the general queue that is this person's, and its customer. */
async function owned(person: Person) {
  const { contact, conversationId: id } = await desk.waits('general')
  await person.is('busy')
  const claimed = await person.claims(id)
  expect(claimed).toMatchObject({ status: 200 })
  return { contact, id, path: `/api/conversations/${id}` }
}

const close = (person: Person, path: string) => person.post(`${path}/close`, { reason: 'solved' })

describe('what is said twice', () => {
  test('what an answer says was decided is in what is read next, however many read meanwhile', async () => {
    const { id, path } = await owned(ana)
    const over = new AbortController()
    const readers = Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) await vera.get(path)
    })
    for (let count = 0; count < 20; count += 1) {
      const { body } = await ana.post(`${path}/messages`, { type: 'text', text: `linha ${count}` })
      const { messages } = await ana.thread(id)
      expect(messages.map((message: { id: string }) => message.id)).toContain(body['messageId'])
    }
    over.abort()
    await Promise.all(readers)
    await close(ana, path)
  })

  test('one key is one message, whoever repeats it and when; another body is 422, none is 400', async () => {
    const { contact, path } = await owned(ana)
    const key = randomUUID()
    const text = { type: 'text', text: 'Bom dia!' }
    const [first, second] = await Promise.all([
      ana.post(`${path}/messages`, text, key),
      ana.post(`${path}/messages`, text, key),
    ])
    expect(first).toMatchObject({
      status: 200,
      body: { messageId: expect.any(String), position: expect.any(String) },
    })
    expect(second).toEqual(first)
    expect(await ana.post(`${path}/messages`, { ...text, text: 'Boa noite!' }, key)).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    })
    expect(await ana.post(`${path}/messages`, text, null)).toMatchObject({
      status: 400,
      body: { code: 'IDEMPOTENCY_KEY_MISSING' },
    })
    const said = (await desk.told(contact)).filter(
      ({ type, data }) =>
        type === 'MessageSendRequested' && 'purpose' in data && data.purpose === 'agent_message',
    )
    expect(said).toHaveLength(1)
    // Whoever lost it in between is told what became of their own wish.
    await close(ana, path)
    expect(await ana.post(`${path}/messages`, text, key)).toEqual(first)
  })

  test('what was so already is answered too: a presence, a hold, the end of no hold', async () => {
    const { contact, path } = await owned(ana)
    expect(await ana.is('busy')).toMatchObject({ status: 200 })
    for (const what of ['hold', 'hold', 'resume', 'resume'])
      expect(await ana.post(`${path}/${what}`)).toMatchObject({
        status: 200,
        body: { position: expect.any(String) },
      })
    const types = typesOf(await desk.told(contact)).slice(-4)
    expect(types).toEqual(['HoldBegan', 'NothingChanged', 'HoldEnded', 'NothingChanged'])
    await close(ana, path)
  })
})

test('the position of an answer is right behind the decision: a stream that goes on from it tells of what came then, and of nothing before', async () => {
  const { contact, id, path } = await owned(ana)
  const { body } = await ana.post(`${path}/messages`, { type: 'text', text: 'Um momento.' })
  await desk.wish(contact, isSent(body['messageId']))
  await desk.untilTold(contact, 'MessageSent', 2)
  await using stream = await ana.stream(body['position'])
  await stream.until('it is sent', ({ event, data }) => event === 'message' && data['conversationId'] === id)
  expect(stream.of('message').map(({ data }) => data['message'])).toMatchObject([
    { id: body['messageId'], status: 'sent' },
  ])
  await close(ana, path)
})

describe('order of refusals', () => {
  test('what is out of sight answers like what does not exist, before the body is looked at', async () => {
    const contact = randomUUID()
    await desk.wish(contact, says('oi'))
    const robots = (await desk.untilTold(contact, 'MessageReceived')).at(-1)!.envelope.correlationId
    for (const what of ['messages', 'notes', 'hold', 'close', 'claim', 'transfer', 'typing', 'read']) {
      const unknown = await ana.post('/api/conversations/no-such-thing/' + what, { wrong: true })
      expect({ what, ...unknown }).toMatchObject({ what, status: 404, body: { code: 'NOT_FOUND' } })
      expect(await ana.post(`/api/conversations/${robots}/${what}`, { wrong: true })).toEqual(unknown)
    }
  })

  test('a role that does not suffice is 403, a body that cannot be used 400 with its fields', async () => {
    const { path } = await owned(ana)
    const otavio = await Person.signedIn(desk, 'otavio')
    expect(await otavio.post(`${path}/messages`, { type: 'text', text: 'x' })).toMatchObject({
      status: 403,
      body: { code: 'NOT_ALLOWED' },
    })
    expect(await ana.post(`${path}/messages`, { type: 'text', text: '' })).toMatchObject({
      status: 400,
      body: { code: 'BODY_INVALID', fields: [{ path: 'text' }] },
    })
    expect(await ana.post(`${path}/notes`, { text: 'x', mentions: ['p99'] })).toMatchObject({
      status: 400,
      body: { fields: [{ path: 'mentions.0' }] },
    })
    await close(ana, path)
  })

  test('a colleague sees it and may note something, and is refused what only the owner may', async () => {
    const { path } = await owned(ana)
    expect(await bruno.post(`${path}/notes`, { text: 'Cuidado, é VIP.' })).toMatchObject({
      status: 200,
      body: { messageId: expect.any(String) },
    })
    for (const [what, body] of [
      ['messages', { type: 'text', text: 'x' }],
      ['hold', {}],
      ['park', {}],
      ['close', { reason: 'solved' }],
      ['transfer', { to: { queue: 'general' }, note: '' }],
    ] as const)
      expect({ what, ...(await bruno.post(`${path}/${what}`, body)) }).toMatchObject({
        what,
        status: 409,
        body: { code: 'NOT_THE_OWNER', message: expect.any(String), fields: expect.any(Object) },
      })
    await close(ana, path)
  })
})

describe('offers', () => {
  test('accepted once, at once theirs: the first message is not refused; a second accept is told how it ended, anybody else nothing', async () => {
    await using stream = await ana.stream()
    await ana.is('available')
    const { conversationId: id } = await desk.waits('general')
    const offer = await stream.until(
      'an offer',
      ({ event, data }) => event === 'offer' && data['conversationId'] === id,
    )
    const path = `/api/offers/${offer.data['offerId']}/accept`
    const foreign = await bruno.post(path)
    expect(foreign).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    const misshapen = { status: 400, body: { code: 'BODY_INVALID' } }
    const notOfAnybody = async () => {
      for (const other of [path, '/api/offers/none/accept'])
        for (const body of [{}, []]) expect(await bruno.post(other, body)).toEqual(foreign)
    }
    await notOfAnybody()
    expect(await ana.post(path, [])).toMatchObject(misshapen)
    expect(await ana.post(path)).toMatchObject({ status: 200 })
    await notOfAnybody()
    expect(await ana.post(path, [])).toMatchObject(misshapen)
    expect(await ana.post(`/api/conversations/${id}/messages`, { type: 'text', text: 'Oi!' })).toMatchObject({
      status: 200,
    })
    expect(await ana.post(path)).toMatchObject({
      status: 409,
      body: { code: 'OFFER_ENDED', fields: { outcome: 'accepted' } },
    })
    await ana.is('busy')
    await close(ana, `/api/conversations/${id}`)
  })

  test('declined it goes elsewhere, and accepting it afterwards says so', async () => {
    await using stream = await bruno.stream()
    await bruno.is('available')
    const { conversationId: id } = await desk.waits('general')
    const offer = await stream.until(
      'an offer',
      ({ event, data }) => event === 'offer' && data['conversationId'] === id,
    )
    const path = `/api/offers/${offer.data['offerId']}`
    expect(await bruno.post(`${path}/decline`, { reason: 'lunch' })).toMatchObject({ status: 200 })
    expect(await bruno.post(`${path}/accept`)).toMatchObject({
      status: 409,
      body: { code: 'OFFER_ENDED', fields: { outcome: 'declined' } },
    })
    await bruno.is('busy')
    expect(await bruno.post(`/api/conversations/${id}/claim`)).toMatchObject({ status: 200 })
    expect(await ana.post(`/api/conversations/${id}/claim`)).toMatchObject({
      status: 409,
      body: { code: 'NOT_WAITING' },
    })
    await close(bruno, `/api/conversations/${id}`)
  })
})

describe('what the owner does', () => {
  test('nobody parks or closes over a word that crossed', async () => {
    const { contact, id, path } = await owned(ana)
    const seen = (await ana.thread(id))['messages'].at(-1).id as string
    await desk.wish(contact, says('mais uma coisa'))
    await desk.untilTold(contact, 'MessageReceived', 2)
    for (const [what, body] of [
      ['park', { seen }],
      ['snooze', { seen, until: new Date(Date.now() + 60_000).toISOString() }],
      ['close', { seen, reason: 'solved' }],
    ] as const)
      expect({ what, ...(await ana.post(`${path}/${what}`, body)) }).toMatchObject({
        what,
        status: 409,
        body: { code: 'CUSTOMER_WROTE' },
      })
    for (const until of ['9999-12-31T23:59:59-14:00', 'tomorrow', '2027-02-30T09:00:00Z'])
      expect({ until, ...(await ana.post(`${path}/snooze`, { until })) }).toMatchObject({
        until,
        status: 400,
      })
    // Who has seen nothing has not asked for nothing.
    expect(await ana.post(`${path}/close`, { seen: '', reason: 'solved' })).toMatchObject({ status: 400 })
    await close(ana, path)
  })

  test('parked it leaves room at once, resumed it is written in at once', async () => {
    const all = []
    for (let count = 0; count < 4; count += 1) all.push(await owned(ana))
    const { conversationId: waiting } = await desk.waits('general')
    const claim = () => ana.claims(waiting)
    expect(await claim()).toMatchObject({ status: 409, body: { code: 'AGENT_AT_CAPACITY' } })
    const [first] = all
    expect(await ana.post(`${first!.path}/park`)).toMatchObject({ status: 200 })
    expect(await claim()).toMatchObject({ status: 200 })
    expect(await ana.post(`${first!.path}/resume`)).toMatchObject({
      status: 409,
      body: { code: 'AGENT_AT_CAPACITY' },
    })
    expect(await close(ana, `/api/conversations/${waiting}`)).toMatchObject({ status: 200 })
    expect(await ana.post(`${first!.path}/resume`)).toMatchObject({ status: 200 })
    expect(await ana.post(`${first!.path}/messages`, { type: 'text', text: 'Voltei.' })).toMatchObject({
      status: 200,
    })
    for (const { path } of all) expect(await close(ana, path)).toMatchObject({ status: 200 })
  })

  test('a close may be taken back within its seconds', async () => {
    const { id, path } = await owned(ana)
    expect(await ana.post(`${path}/close/undo`)).toMatchObject({ status: 409, body: { code: 'NOT_CLOSING' } })
    expect(await ana.post(`${path}/close`, { reason: 'solved', undoSeconds: 30 })).toMatchObject({
      status: 200,
    })
    expect(await ana.post(`${path}/close/undo`)).toMatchObject({ status: 200 })
    expect((await ana.thread(id))['conversation']).toMatchObject({ stage: 'with_agent' })
    await close(ana, path)
  })

  test('a reply names the message that it answers, and none of another conversation', async () => {
    const [one, other] = [await owned(ana), await owned(ana)]
    const heard = async (id: string) =>
      (await ana.thread(id))['messages'].find(
        ({ author }: { author: { kind: string } }) => author.kind === 'customer',
      ).id as string
    const replyTo = await heard(one.id)
    const answered = await ana.post(`${one.path}/messages`, { type: 'text', text: 'Sim.', replyTo })
    expect(answered.status).toBe(200)
    expect((await ana.thread(one.id))['messages'].at(-1)).toMatchObject({
      id: answered.body['messageId'],
      replyTo,
    })
    expect(await ana.post(`${other.path}/messages`, { type: 'text', text: 'Sim.', replyTo })).toMatchObject({
      status: 409,
      body: { code: 'REPLY_TO_UNKNOWN' },
    })
    for (const { path } of [one, other]) await close(ana, path)
  })

  test('a draft is there on every desk of its person and on nobody else’s; reading and typing change nothing that is recorded', async () => {
    const { contact, id, path } = await owned(ana)
    expect(await ana.change('PUT', `${path}/draft`, { text: 'Prezada' }, null)).toMatchObject({ status: 204 })
    expect((await ana.thread(id))['draft']).toBe('Prezada')
    expect((await bruno.thread(id))['draft']).toBeNull()
    await desk.wish(contact, says('alô?'))
    const heard = factsOf(await desk.untilTold(contact, 'MessageReceived', 2), 'MessageReceived').at(-1)
    const { messageId: upTo, providerMessageId } = heard!
    const before = (await desk.told(contact)).length
    expect(await ana.post(`${path}/read`, { upTo }, null)).toMatchObject({ status: 204 })
    expect((await ana.thread(id))['conversation']).toMatchObject({ unreadCount: 0 })
    for (const person of [bruno, ana, ana])
      expect(await person.post(`${path}/typing`, {}, null)).toMatchObject({ status: 204 })
    expect(await ana.post(`${path}/typing`, { isNote: true }, null)).toMatchObject({ status: 204 })
    // Once, and of the owner alone.
    expect(gateway.shown).toEqual([providerMessageId])
    expect(await ana.post(`${path}/read`, { upTo: 'none' }, null)).toMatchObject({ status: 400 })
    expect(await desk.told(contact)).toHaveLength(before)
    await close(ana, path)
  })
})

test('who types is told to those who have the conversation open, on whatever replica, and is not told again to who goes on from it', async () => {
  const { id, path } = await owned(ana)
  const another = await desk.anotherReplica()
  await using own = await ana.stream()
  await using watching = await bruno.at(another).stream(undefined, id)
  await using elsewhere = await bruno.stream()
  await bruno.post(`${path}/typing`, { isNote: true }, null)
  const told = await own.until('who types', ({ event }) => event === 'typing')
  expect(told).toEqual({
    id: expect.stringMatching(/\*1$/),
    event: 'typing',
    data: { conversationId: id, agentId: 'p02', name: 'Bruno Lima' },
  })
  await ana.post(`${path}/typing`, {}, null)
  await watching.until('the owner types', ({ data }) => data['agentId'] === 'p01')
  expect(own.of('typing')).toHaveLength(1)
  expect(watching.of('typing')).toHaveLength(1)
  expect(elsewhere.of('typing')).toEqual([])
  await using back = await ana.at(another).stream(told.id)
  await close(ana, path)
  await back.until('it is closed', ({ event, data }) => event === 'conversation' && data['id'] === id)
  expect(['typing', 'refetch'].flatMap((event) => back.of(event))).toEqual([])
})

test('what its owner reads at one desk is read at their others within a second, on whatever replica, and is not told again to who goes on from it', async () => {
  const { contact, id, path } = await owned(ana)
  const another = await desk.anotherReplica()
  await using beside = await ana.stream()
  await using elsewhere = await ana.at(another).stream()
  await using colleague = await bruno.stream(undefined, id)
  await desk.wish(contact, says('alô?'))
  const unread = (stream: typeof beside) =>
    stream.until(
      'it is unread',
      ({ event, data }) =>
        event === 'conversation' && data['id'] === id && data['lastMessage']?.text === 'alô?',
    )
  const [{ data }] = await Promise.all([unread(beside), unread(elsewhere)])
  expect(data['unreadCount']).toBeGreaterThan(0)
  const upTo = (await ana.thread(id))['messages'].at(-1).id as string
  expect(await bruno.post(`${path}/read`, { upTo }, null)).toMatchObject({ status: 204 })
  expect(await ana.post(`${path}/read`, { upTo }, null)).toMatchObject({ status: 204 })
  for (const stream of [beside, elsewhere])
    expect(await stream.until('it is read', ({ event }) => event === 'read')).toEqual({
      id: expect.stringMatching(/\*1$/),
      event: 'read',
      data: { conversationId: id, unreadCount: 0, version: data['version'] },
    })
  expect(colleague.of('read')).toEqual([])
  await close(ana, path)
})

describe('the card of a customer', () => {
  const cpf = { name: 'cpf', value: '529.982.247-25', isSensitive: true }
  const place = { name: 'lost_where', value: 'no shopping', isSensitive: false }

  test('says what the robot learnt and whom the customer was told of; a sensitive answer is revealed to its owner alone, on record', async () => {
    const { contact, conversationId: id } = await desk.waits('general', {
      said: '529.982.247-25',
      learnt: [place, cpf],
    })
    const path = `/api/conversations/${id}`
    await ana.is('busy')
    await ana.claims(id)
    const { body: card } = await ana.get(`${path}/customer`)
    expect(card).toMatchObject({
      learnt: [
        { name: 'lost_where', value: 'no shopping' },
        { name: 'cpf', value: null },
      ],
      optedOutAt: null,
      blockedAt: null,
    })
    expect(card['notice']['processors'].join()).toContain('Meta')
    const { messages } = await ana.thread(id)
    const said = messages.find(({ isSensitive }: { isSensitive: boolean }) => isSensitive)
    expect(said.text).toBe('••••••')
    expect(JSON.stringify([card, messages])).not.toContain('529')

    expect(await bruno.post(`${path}/reveal`, { learnt: 'cpf' }, null)).toMatchObject({
      status: 409,
      body: { code: 'NOT_THE_OWNER' },
    })
    expect(await ana.post(`${path}/reveal`, { learnt: 'lost_where' }, null)).toMatchObject({ status: 404 })
    for (const what of [{ learnt: 'cpf' }, { messageId: said.id }])
      expect(await ana.post(`${path}/reveal`, what, null)).toEqual({
        status: 200,
        body: { text: '529.982.247-25' },
      })
    const acts = await until('both are on record', async () => {
      const found = await desk.recorded('p01', 'sensitive_revealed')
      return found.length >= 2 ? found : undefined
    })
    expect(acts).toEqual([
      { subject: id, fields: { learnt: 'cpf' } },
      { subject: id, fields: { message: said.id } },
    ])
    await desk.wish(contact, says('PARAR'))
    await until('the stop is on the card', async () => (await ana.get(`${path}/customer`)).body['optedOutAt'])
  })

  test('changes the language, for whoever reads the row, and blocks in the name of the person', async () => {
    const { contact, id, path } = await owned(ana)
    const change = { language: 'bn' }
    expect(await ana.change('PUT', `/api/contacts/${contact}/language`, change)).toMatchObject({
      status: 200,
    })
    expect((await ana.thread(id))['conversation']['contact']).toMatchObject({ language: 'bn' })
    expect((await ana.get(`${path}/customer`)).body).toMatchObject({ language: 'bn' })
    const [chosen] = factsOf(await desk.told(contact), 'ContactLanguageChosen')
    expect(chosen).toMatchObject({ language: 'bn', chosenBy: 'agent' })
    expect(await ana.change('PUT', `/api/contacts/${contact}/language`, { language: 'fr' })).toMatchObject({
      status: 400,
    })
    expect(
      await ana.change('PUT', `/api/contacts/${randomUUID()}/language`, { language: 'pt' }),
    ).toMatchObject({ status: 404 })

    const block = (reason: string) => ana.post(`/api/contacts/${contact}/block`, { reason })
    expect(await block('too late')).toMatchObject({ status: 409, body: { code: 'BLOCK_REFUSED' } })
    // The gateway says it to the log. Whoever is answered finds it on the card.
    const onCard = async () => (await ana.get(`${path}/customer`)).body['blockedAt']
    const blocking = block('abuse')
    await until('the channel is asked', () => gateway.blocked.length > 0)
    await desk.wish(contact, { type: 'BlockContact', data: {} })
    expect(await blocking).toMatchObject({ status: 200, body: { position: expect.any(String) } })
    expect(await onCard()).toEqual(expect.any(String))
    const unblocking = ana.post(`/api/contacts/${contact}/unblock`)
    await until('the channel is asked again', () => gateway.blocked.length > 1)
    await desk.wish(contact, { type: 'UnblockContact', data: {} })
    expect(await unblocking).toMatchObject({ status: 200 })
    expect(await onCard()).toBeNull()
    expect(gateway.blocked).toEqual([`block ${contact} abuse`, `unblock ${contact}`])
  })
})

describe('templates', () => {
  test('one is sent as the customer reads it; one that is not approved, or not filled, is refused before anything is said', async () => {
    const { contact, id, path } = await owned(ana)
    const [template] = (await ana.get(`${path}/templates`)).body['templates']
    expect(template).toMatchObject({ name: 'call_back', language: 'pt_BR', parameterCount: 2 })
    const wish = { type: 'template', name: 'call_back', language: 'pt_BR', parameters: ['Rita', 'o cartão'] }
    expect(await ana.post(`${path}/messages`, { ...wish, language: 'en' })).toMatchObject({
      status: 409,
      body: { code: 'TEMPLATE_UNKNOWN' },
    })
    expect(await ana.post(`${path}/messages`, { ...wish, parameters: ['Rita'] })).toMatchObject({
      status: 409,
      body: { code: 'TEMPLATE_NOT_FILLED', fields: { wanted: '2', given: '1' } },
    })
    const sent = await ana.post(`${path}/messages`, wish)
    expect(sent).toMatchObject({ status: 200 })
    expect((await ana.thread(id))['messages'].at(-1)).toMatchObject({
      id: sent.body['messageId'],
      type: 'template',
      text: 'Olá Rita, temos uma resposta sobre o cartão.',
    })
    expect(
      factsOf(await desk.told(contact), 'MessageSendRequested').filter(({ type }) => type === 'template'),
    ).toHaveLength(1)
    await close(ana, path)
  })

  test('an agent writes first to whom they know, once at a time; the customer’s answer comes to them', async () => {
    const { contact, path } = await owned(ana)
    const begin = (person: Person, key?: string, whom = contact) =>
      person.post(
        `/api/contacts/${whom}/conversations`,
        { template: { name: 'call_back', language: 'pt_BR', parameters: ['Rita', 'o cartão'] } },
        key,
      )
    expect(await begin(ana)).toMatchObject({ status: 409, body: { code: 'CONVERSATION_OPEN' } })
    await close(ana, path)
    for (const { messageId } of factsOf(await desk.told(contact), 'MessageSendRequested'))
      await desk.wish(contact, isSent(messageId))
    const elder = await desk.untilTold(contact, 'ConversationEnding')
    await desk.wish(contact, issuesLink(elder[0]!.envelope.correlationId))
    const link = factsOf(await desk.untilTold(contact, 'TranscriptLinkIssued'), 'MessageSendRequested').at(-1)
    await desk.wish(contact, isSent(link!.messageId))
    await desk.untilTold(contact, 'ConversationClosed')

    expect(await begin(ana, undefined, randomUUID())).toMatchObject({ status: 404 })
    const key = randomUUID()
    const begun = await begin(ana, key)
    expect(begun).toMatchObject({ status: 200, body: { conversationId: expect.any(String) } })
    expect(await begin(ana, key)).toEqual(begun)
    const id = begun.body['conversationId'] as string
    expect((await ana.thread(id))['conversation']).toMatchObject({ stage: 'parked', owner: { id: 'p01' } })
    const { body: ofTeam } = await ana.get('/api/conversations?view=mine&team=atendimento')
    expect(ofTeam['conversations'].map((row: { id: string }) => row.id)).toContain(id)
    await ana.is('available')
    await using stream = await ana.stream()
    await desk.wish(contact, says('pode falar'))
    await stream.until(
      'it is theirs',
      ({ event, data }) => event === 'conversation' && data['id'] === id && data['stage'] === 'with_agent',
    )
    await ana.is('busy')
    await close(ana, `/api/conversations/${id}`)
  })
})

test('a transfer that is declined stays where it was, and both are told', async () => {
  await using toAna = await ana.stream()
  await using toBruno = await bruno.stream()
  const { id, path } = await owned(ana)
  await bruno.is('available')
  await ana.post(`${path}/transfer`, { to: { agentId: 'p02' }, note: '' })
  const offer = await toBruno.until(
    'the offer',
    ({ event, data }) => event === 'offer' && data['conversationId'] === id,
  )
  const { offerId } = offer.data
  expect(await bruno.post(`/api/offers/${offerId}/decline`)).toMatchObject({ status: 200 })
  for (const stream of [toAna, toBruno]) {
    const ended = await stream.until(
      'its end',
      ({ event, data }) => event === 'offer_ended' && data['offerId'] === offerId,
    )
    expect(ended.data).toEqual({ offerId, outcome: 'declined', conversationId: id, agentId: 'p02' })
  }
  expect(await ana.thread(id)).toMatchObject({ conversation: { stage: 'with_agent', owner: { id: 'p01' } } })
  await bruno.is('busy')
  await close(ana, path)
})

test('two customers, two agents, a transfer between them: offered, taken, and the first one told whose it is', async () => {
  await using toAna = await ana.stream()
  await using toBruno = await bruno.stream()
  const [one, other] = [await owned(ana), await owned(bruno)]
  await bruno.is('available')
  const handed = await ana.post(`${one.path}/transfer`, { to: { agentId: 'p02' }, note: 'Cartão clonado.' })
  expect(handed).toMatchObject({ status: 200, body: { messageId: expect.any(String) } })
  expect(await ana.post(`${one.path}/messages`, { type: 'text', text: 'Ainda sou eu.' })).toMatchObject({
    status: 200,
  })
  const offer = await toBruno.until(
    'the offer',
    ({ event, data }) => event === 'offer' && data['conversationId'] === one.id,
  )
  expect(await bruno.post(`/api/offers/${offer.data['offerId']}/accept`)).toMatchObject({ status: 200 })
  expect(await bruno.post(`${one.path}/messages`, { type: 'text', text: 'Aqui é o Bruno.' })).toMatchObject({
    status: 200,
  })
  expect(await ana.post(`${one.path}/messages`, { type: 'text', text: 'x' })).toMatchObject({
    status: 409,
    body: { code: 'NOT_THE_OWNER' },
  })
  await toAna.until(
    'whose it is now',
    ({ event, data }) => event === 'conversation' && data['id'] === one.id && data['owner']?.id === 'p02',
  )
  const { messages } = await bruno.thread(one.id)
  const note = messages.find(({ id }: { id: string }) => id === handed.body['messageId'])
  expect(note).toMatchObject({ isNote: true, text: 'Cartão clonado.', author: { id: 'p01' } })
  for (const path of [one.path, other.path]) expect(await close(bruno, path)).toMatchObject({ status: 200 })
  expect(await vera.get('/api/workforce')).toMatchObject({ status: 200 })
  expect(desk.agent.faults).toEqual([])
  expect(desk.agent.lines.join('')).not.toMatch(/Cartão|Bruno\.|Prezada/)
})
