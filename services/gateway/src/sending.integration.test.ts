import { randomUUID } from 'node:crypto'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { contentOf, conversations, messageIn, profileIn } from '@parley/conversation'
import { CommandEnvelope } from '@parley/proto/envelope'
import { GatewayServiceClient } from '@parley/proto/gateway'
import { grpcCall, grpcClient } from '@parley/service'
import { type Simulator, startSimulator } from '@parley/simulator'
import { callerCredentials, measuring, mongoProxy, testMongoUri, until } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import {
  ACCESS_TOKEN,
  type AnyDocument,
  APP_SECRET,
  type RunningGateway,
  type Surroundings,
  VERIFY_TOKEN,
  decideSending,
  startGateway,
  surroundings,
} from './gateway.fixture.ts'
import { ACCOUNT } from './webhook/webhook.fixture.ts'

const samplesOf = measuring()
/** Over all gateways of this file. */
const counted = async (what: 'uncertain' | 'resent' | 'doubled') =>
  (await samplesOf(`parley_send_${what}_total`))[''] ?? 0

interface World extends AsyncDisposable {
  readonly around: Surroundings
  readonly gateway: RunningGateway
  readonly simulator: Simulator
  /** The simulator behind the wire. */
  readonly graphUrl: string
  /** Webhooks go there from now on. */
  reach(webhookUrl: string): void
  faults(faults: object): Promise<void>
  /** What the simulator accepted, in order: texts. */
  sent(waId: string): Promise<readonly string[]>
  outboxStates(): Promise<readonly string[]>
  /** What becomes of a call of the Graph API, and what a webhook waits for: for the test to set. */
  wire: {
    call(text: string): 'passes' | 'is lost' | 'loses its answer'
    webhook(body: string): Promise<void> | undefined
  }
}

/** Gateway and simulator, each with the other's address; the rest of Parley is the test. */
async function world(settings: NodeJS.ProcessEnv = {}): Promise<World> {
  await using undo = new AsyncDisposableStack()
  const around = undo.use(await surroundings())
  let webhookUrl = ''
  const wire: World['wire'] = { call: () => 'passes', webhook: () => undefined }
  const relay = undo.use(await startRelay(() => webhookUrl, wire))
  const simulator = undo.use(
    await startSimulator({
      webhookUrl: relay.url,
      numbers: [{ phoneNumberId: ACCOUNT, wabaId: '1', displayPhoneNumber: '15550783881', name: 'Bank' }],
      appSecret: APP_SECRET,
      verifyToken: VERIFY_TOKEN,
      accessToken: ACCESS_TOKEN,
    }),
  )
  const graph = undo.use(await startGraph(simulator.url, wire))
  const gateway = undo.use(
    await startGateway(around.namespace, {
      WHATSAPP_GRAPH_URL: graph.url,
      WHATSAPP_WABA_ID: '1',
      ...settings,
    }),
  )
  webhookUrl = gateway.webhookUrl
  const running = undo.move()
  return {
    around,
    gateway,
    simulator,
    wire,
    graphUrl: graph.url,
    reach: (url) => void (webhookUrl = url),
    async faults(faults) {
      const response = await fetch(`${simulator.url}/_sim/faults`, {
        method: 'POST',
        body: JSON.stringify(faults),
      })
      expect(response.status).toBeLessThan(300)
    },
    async sent(waId) {
      const response = await fetch(`${simulator.url}/_sim/sent?waId=${waId}`)
      const { sent } = (await response.json()) as { sent: { body: { text: { body: string } } }[] }
      return sent.map(({ body }) => body.text.body)
    },
    async outboxStates() {
      const documents = await around.db.collection<{ state: string }>('outbox').find().toArray()
      return documents.map(({ state }) => state)
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

interface Answer {
  readonly status: number
  readonly body: Buffer
}

async function startServer(
  answer: (request: IncomingMessage, body: Buffer) => Answer | Promise<Answer>,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    void buffer(request)
      .then((body) => answer(request, body))
      .then(
        ({ status, body }) => response.writeHead(status).end(body),
        () => response.writeHead(502).end(),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The simulator wants its webhook's address before the gateway has one. */
function startRelay(target: () => string, wire: World['wire']): ReturnType<typeof startServer> {
  return startServer(async ({ method = 'GET', url = '/', headers }, body) => {
    await wire.webhook(String(body))
    const answer = await fetch(`${target()}${new URL(url, 'http://relay').search}`, {
      method,
      headers: { 'x-hub-signature-256': String(headers['x-hub-signature-256'] ?? '') },
      ...(method === 'POST' ? { body: new Uint8Array(body) } : {}),
    })
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
  })
}

/** Between the gateway and the simulator. */
function startGraph(simulatorUrl: string, wire: World['wire']): ReturnType<typeof startServer> {
  return startServer(async (request, body) => {
    const isRead = request.method === 'GET'
    const { text } = (isRead ? {} : JSON.parse(String(body))) as { text?: { body: string } }
    const fate = wire.call(text?.body ?? '')
    if (fate === 'is lost') {
      request.socket.destroy()
      return { status: 502, body: Buffer.alloc(0) }
    }
    const answer = await fetch(`${simulatorUrl}${request.url}`, {
      method: request.method ?? 'POST',
      headers: { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' },
      ...(!isRead && { body: new Uint8Array(body) }),
    })
    if (fate === 'loses its answer') request.socket.destroy()
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
  })
}

async function writesFirst({ simulator, around }: World, waId: string): Promise<string> {
  const before = (await around.commands()).length
  await fetch(`${simulator.url}/_sim/customers/${waId}/messages`, {
    method: 'POST',
    body: JSON.stringify({ type: 'text', text: { body: 'oi' } }),
  })
  const commands = await until('the message is taken in', async () => {
    const all = await around.commands()
    return all.length > before ? all : undefined
  })
  const last = commands.findLast(
    ({ type, envelope }) => type === 'ReceiveMessage' && profileIn(envelope.content)?.waId === waId,
  )
  return last!.envelope.streamId
}

test('what is asked for in the log is sent once, in order, and its provider id recorded', async () => {
  await using it = await world()
  const contacts = ['5511900000001', '5511900000002', '5511900000003']
  const ids = new Map<string, string>()
  for (const waId of contacts) ids.set(waId, await writesFirst(it, waId))
  const texts = Array.from({ length: 10 }, (_, index) => `message ${index}`)
  await Promise.all(
    contacts.map(async (waId) => {
      for (const text of texts) await it.around.sendRequested(ids.get(waId)!, text)
    }),
  )
  for (const waId of contacts)
    await until('all is sent', async () => (await it.sent(waId)).length >= texts.length)
  for (const waId of contacts) expect(await it.sent(waId)).toEqual(texts)
  await until('all is done', async () => (await it.outboxStates()).every((state) => state === 'done'))
  const sent = (await it.around.commands()).filter(({ type }) => type === 'RecordMessageSent')
  expect(sent).toHaveLength(30)
  expect(it.gateway.faults).toEqual([])
})

test(
  'order and number hold through errors, delays and lost answers; receipts settle what has no answer',
  { timeout: 90_000 },
  async () => {
    await using it = await world({ WHATSAPP_RECEIPT_WAIT_MS: '30000', WHATSAPP_PAIR_BURST: '1000' })
    const waId = '5511900000001'
    const contactId = await writesFirst(it, waId)
    await it.faults({
      dropAnswer: 0.3,
      statusesFirst: 0.3,
      delayMs: 5,
      error: { rate: 0.2, status: 500, code: 131000 },
      seed: 7,
    })
    const texts = Array.from({ length: 20 }, (_, index) => `message ${index}`)
    for (const text of texts) await it.around.sendRequested(contactId, text)
    const decided = new Map<string, string>()
    await until(
      'all is done',
      async () => {
        await decideSending(it.around, decided)
        const states = await it.outboxStates()
        return states.length === texts.length && states.every((state) => state === 'done')
      },
      60_000,
    )
    expect(await it.sent(waId)).toEqual(texts)
    const types = (await it.around.commands()).map(({ type }) => type)
    expect(types).not.toContain('RecordMessageUncertain')
    expect(types).not.toContain('RecordMessageFailed')
  },
)

test('a gateway that is gone between attempt and answer: another one does not send again, and the receipt settles it', async () => {
  await using it = await world({ WHATSAPP_RECEIPT_WAIT_MS: '60000' })
  const waId = '5511900000001'
  const contactId = await writesFirst(it, waId)
  await it.gateway[Symbol.asyncDispose]()
  // As kill -9 leaves it: the attempt is written down, the message was accepted, and nobody knows.
  const lost = await it.around.sendRequested(contactId, 'lost')
  const outbox = it.around.db.collection<AnyDocument>('outbox')
  const graph = `${it.simulator.url}/v23.0/${ACCOUNT}/messages`
  await fetch(graph, {
    method: 'POST',
    headers: { authorization: `Bearer ${ACCESS_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      messaging_product: 'whatsapp',
      to: waId,
      type: 'text',
      text: { body: 'lost' },
      biz_opaque_callback_data: lost,
    }),
  })
  await outbox.insertOne({
    _id: lost,
    state: 'attempting',
    contactId,
    accountId: ACCOUNT,
    partition: await it.around.log.partitionOf(contactId, it.around.topics.events),
    streamVersion: 1,
    conversationId: '',
    causationId: '',
    traceparent: '',
    position: 0,
    replyToProviderMessageId: '',
    content: [],
    isOpen: true,
    attempt: 1,
    tries: 0,
    attemptId: randomUUID(),
    attemptAt: new Date(),
  })
  await it.around.sendRequested(contactId, 'next')
  await using successor = await startGateway(it.around.namespace, {
    WHATSAPP_GRAPH_URL: it.simulator.url,
    WHATSAPP_RECEIPT_WAIT_MS: '60000',
  })
  await successor.post({
    object: 'whatsapp_business_account',
    entry: [
      {
        changes: [
          {
            field: 'messages',
            value: {
              metadata: { phone_number_id: ACCOUNT },
              statuses: [
                { id: 'wamid.L', status: 'sent', recipient_id: waId, biz_opaque_callback_data: lost },
              ],
            },
          },
        ],
      },
    ],
  })
  const decided = new Map<string, string>()
  await until('the next is sent', async () => {
    await decideSending(it.around, decided)
    return (await it.sent(waId)).includes('next')
  })
  expect(await it.sent(waId)).toEqual(['lost', 'next'])
})

describe('a call without an answer', () => {
  const settings = { WHATSAPP_RESEND_AFTER_SECONDS: '1', WHATSAPP_RECEIPT_WAIT_MS: '30000' }
  const typesOf = async ({ around }: World, messageId: string) =>
    (await around.commands()).flatMap(({ type, data }) =>
      'messageId' in data && data.messageId === messageId ? [type] : [],
    )
  const settled = async (it: World, count: number, decided: Map<string, string>) =>
    until('all is done', async () => {
      await decideSending(it.around, decided)
      const states = await it.outboxStates()
      return states.length === count && states.every((state) => state === 'done')
    })

  test('that never went out: when receipts of later calls come, it is made once more, on record, before what comes after it', async () => {
    await using it = await world(settings)
    const [ana, bia] = [await writesFirst(it, '5511900000001'), await writesFirst(it, '5511900000002')]
    let calls = 0
    it.wire.call = (text) => (text === 'lost' && ++calls === 1 ? 'is lost' : 'passes')
    const lost = await it.around.sendRequested(ana, 'lost')
    await it.around.sendRequested(ana, 'next')
    await until('it is lost', () => calls === 1)
    await it.around.sendRequested(bia, 'later')
    const decided = new Map<string, string>()
    await settled(it, 3, decided)
    expect(await it.sent('5511900000001')).toEqual(['lost', 'next'])
    expect(calls).toBe(2)
    const types = await typesOf(it, lost)
    expect(types.filter((type) => type === 'RecordMessageResent')).toHaveLength(1)
    expect(types).not.toContain('RecordMessageUncertain')
    expect(decided.has(`doubled ${lost}`)).toBe(false)
    expect(it.gateway.faults).toEqual([])
  })

  test('that a killed gateway wrote down and left: its successor makes it once more, by evidence and with leave', async () => {
    await using it = await world(settings)
    const [ana, bia] = [await writesFirst(it, '5511900000001'), await writesFirst(it, '5511900000002')]
    const lost = await it.around.sendRequested(ana, 'lost')
    const outbox = it.around.db.collection<AnyDocument>('outbox')
    await until('it is sent', async () => (await it.outboxStates())[0] === 'done')
    await it.gateway[Symbol.asyncDispose]()
    // As kill -9 leaves it between the two steps; that it went out by now is what nobody knows.
    await outbox.updateOne(
      { _id: lost },
      { $set: { state: 'attempting', isOpen: true, attemptAt: new Date() }, $unset: { doneAt: '' } },
    )
    await it.around.sendRequested(ana, 'next')
    await using successor = await startGateway(it.around.namespace, {
      ...settings,
      WHATSAPP_GRAPH_URL: it.graphUrl,
    })
    it.reach(successor.webhookUrl)
    await it.around.sendRequested(bia, 'later')
    const said = await until('it asks', async () => {
      const types = await typesOf(it, lost)
      return types.includes('RecordMessageResent') ? types : undefined
    })
    expect(said.filter((type) => type === 'RecordMessageResent')).toHaveLength(1)
    expect(await it.sent('5511900000001')).toEqual(['lost'])
    await it.around.happened(ana, { type: 'MessageResent', data: { messageId: lost, attempt: 2 } })
    await until('the next is sent', async () => (await it.sent('5511900000001')).includes('next'))
    expect(await it.sent('5511900000001')).toEqual(['lost', 'lost', 'next'])
  })

  test('that never went out, while nothing tells so, stays uncertain: on record, and counted', async () => {
    const uncertain = await counted('uncertain')
    await using it = await world({ ...settings, WHATSAPP_RECEIPT_WAIT_MS: '1500' })
    const ana = await writesFirst(it, '5511900000001')
    it.wire.call = () => 'is lost'
    const lost = await it.around.sendRequested(ana, 'lost')
    await until('that is on record', async () => (await typesOf(it, lost)).includes('RecordMessageUncertain'))
    expect(await counted('uncertain')).toBe(uncertain + 1)
    expect(await it.sent('5511900000001')).toEqual([])
  })

  test('that was taken, and of which a receipt comes, is never made again', async () => {
    await using it = await world(settings)
    const [ana, bia] = [await writesFirst(it, '5511900000001'), await writesFirst(it, '5511900000002')]
    it.wire.call = (text) => (text === 'taken' ? 'loses its answer' : 'passes')
    const taken = await it.around.sendRequested(ana, 'taken')
    await it.around.sendRequested(ana, 'next')
    await it.around.sendRequested(bia, 'later')
    await settled(it, 3, new Map())
    const outbox = it.around.db.collection<AnyDocument>('outbox')
    const { attemptAt } = (await outbox.findOne({ _id: taken })) as unknown as { attemptAt: Date }
    await until('a later receipt is known', async () => {
      const found = await it.around.db.collection<AnyDocument>('receipts').findOne({ _id: ACCOUNT })
      return ((found?.['calledAt'] as Date | undefined) ?? attemptAt) > attemptAt
    })
    await until('its time has passed', () => Date.now() > attemptAt.getTime() + 2_000)
    expect(await it.sent('5511900000001')).toEqual(['taken', 'next'])
    expect(await typesOf(it, taken)).not.toContain('RecordMessageResent')
  })

  test('that was taken, with a receipt that comes too late, is made again: both are on record and counted', async () => {
    const [resent, doubled] = [await counted('resent'), await counted('doubled')]
    await using it = await world(settings)
    const [ana, bia] = [await writesFirst(it, '5511900000001'), await writesFirst(it, '5511900000002')]
    let calls = 0
    it.wire.call = (text) => (text === 'taken' && ++calls === 1 ? 'loses its answer' : 'passes')
    const { promise: isMadeAgain, resolve: madeAgain } = Promise.withResolvers<void>()
    let id = 'nothing yet'
    it.wire.webhook = (body) => (body.includes(id) ? isMadeAgain : undefined)
    id = await it.around.sendRequested(ana, 'taken')
    await until('it is called', () => calls === 1)
    await it.around.sendRequested(bia, 'later')
    const decided = new Map<string, string>()
    await until('it is made again', async () => {
      await decideSending(it.around, decided)
      return calls === 2
    })
    madeAgain()
    await until('that is on record', async () => {
      await decideSending(it.around, decided)
      return decided.has(`doubled ${id}`)
    })
    expect(await it.sent('5511900000001')).toEqual(['taken', 'taken'])
    await settled(it, 2, decided)
    await until('it is counted', async () => (await counted('doubled')) > doubled)
    expect([await counted('resent'), await counted('doubled')]).toEqual([resent + 1, doubled + 1])
  })
})

test('two gateways share the partitions, and when one goes the other takes over what it left', async () => {
  await using it = await world()
  await using other = await startGateway(it.around.namespace, { WHATSAPP_GRAPH_URL: it.simulator.url })
  const contacts = Array.from({ length: 8 }, (_, index) => `55119000000${index}0`)
  const ids = new Map<string, string>()
  for (const waId of contacts) ids.set(waId, await writesFirst(it, waId))
  await it.faults({ delayMs: 30 })
  const texts = Array.from({ length: 6 }, (_, index) => `message ${index}`)
  for (const text of texts) for (const waId of contacts) await it.around.sendRequested(ids.get(waId)!, text)
  await other[Symbol.asyncDispose]()
  const isSent = async (waId: string) => (await it.sent(waId)).length >= texts.length
  for (const waId of contacts)
    await until('all is sent', () => isSent(waId), 40_000).catch(async (cause: unknown) => {
      throw new Error(`not all is sent, the outbox: ${(await it.outboxStates()).join(' ')}`, { cause })
    })
  for (const waId of contacts) expect(await it.sent(waId)).toEqual(texts)
})

test('what was asked for and still waits when the number is lost goes by BSUID, not to who has the number now', async () => {
  await using around = await surroundings()
  const asked: Record<string, unknown>[] = []
  const open = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      asked.push(JSON.parse(body) as Record<string, unknown>)
      void open.promise.then(() =>
        response.end(JSON.stringify({ messages: [{ id: `wamid.${asked.length}` }] })),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await using undo = new AsyncDisposableStack()
  undo.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  await using gateway = await startGateway(around.namespace, {
    WHATSAPP_GRAPH_URL: `http://127.0.0.1:${port}`,
  })
  const contactId = await around.contact('5511999990000')
  await around.db
    .collection<{ _id: string }>('contacts')
    .updateOne({ _id: contactId }, { $set: { userId: 'BR.1' } })
  await around.sendRequested(contactId, 'before')
  await until('the first is on its way', () => asked.length === 1)
  await around.sendRequested(contactId, 'waits')
  const profile = { waId: '5511999990000', userId: '', parentUserId: '', name: '', username: '' }
  await around.happened(contactId, { type: 'ContactNumberReleased' }, contentOf({ profile }))
  await around.sendRequested(contactId, 'after')
  await until(
    'the number is known to be lost',
    async () =>
      (await around.db.collection<{ _id: string; waId: string }>('contacts').findOne({ _id: contactId }))
        ?.waId === '',
  )
  open.resolve()
  await until('all is sent', () => asked.length === 3)
  expect(asked.map(({ to, recipient }) => ({ to, recipient }))).toEqual([
    { to: '5511999990000', recipient: undefined },
    { to: undefined, recipient: 'BR.1' },
    { to: undefined, recipient: 'BR.1' },
  ])
  expect(gateway.faults).toEqual([])
})

test('what the store did not take when it was asked for is sent once it does: nothing is begun that does not stand in the outbox', async () => {
  await using proxy = await mongoProxy(testMongoUri())
  await using it = await world({ MONGODB_URI: proxy.uri })
  const waId = '5511900000001'
  const contactId = await it.around.contact(waId)
  proxy.breakAt('insert', 'command')
  await it.around.sendRequested(contactId, 'once')
  await until('it is sent', async () => (await it.outboxStates())[0] === 'done')
  expect(proxy.breaks).toBe(1)
  expect(await it.sent(waId)).toEqual(['once'])
  expect(it.gateway.faults).toEqual([])
})

describe('reactions', () => {
  test('a merge is told to the survivor, and a redirected wish is said again to it', async () => {
    await using around = await surroundings()
    await using gateway = await startGateway(around.namespace)
    const [younger, survivor] = [await around.contact('1111'), await around.contact('2222')]
    const profile = { waId: '1111', userId: '', parentUserId: '', name: 'Ana', username: '' }
    await around.happened(
      younger,
      { type: 'ContactMerged', data: { intoContactId: survivor, optedOut: true } },
      contentOf({ profile }),
    )
    const wish = conversations.commandEnvelope({
      ...conversations.command('ReceiveMessage', { providerMessageId: 'wamid.1' }),
      commandId: randomUUID(),
      streamId: younger,
      occurredAt: '2026-01-05T12:00:00.000Z',
      actor: { kind: 'customer', id: younger },
    })
    const command = Buffer.from(CommandEnvelope.encode(wish).finish())
    await around.happened(
      younger,
      { type: 'CommandRedirected', data: { intoContactId: survivor, command } },
      contentOf({ messages: [{ body: { $case: 'text', value: { text: 'oi' } } }] }),
    )
    const said = await until('both are said', async () => {
      const commands = await around.commands()
      return commands.length >= 2 ? commands : undefined
    })
    expect(said).toMatchObject([
      {
        type: 'AbsorbContact',
        data: { fromContactId: younger, optedOut: true },
        envelope: { streamId: survivor },
      },
      {
        type: 'ReceiveMessage',
        data: { providerMessageId: 'wamid.1' },
        envelope: { streamId: survivor, actor: { kind: 'customer', id: survivor } },
      },
    ])
    expect(profileIn(said[0]!.envelope.content)).toMatchObject(profile)
    expect(messageIn(said[1]!.envelope.content)).toMatchObject({ body: { value: { text: 'oi' } } })
    const alias = await around.db
      .collection<{ _id: string; contactId: string }>('aliases')
      .findOne({ _id: `${ACCOUNT}|wa:1111` })
    expect(alias?.contactId).toBe(survivor)
    expect(gateway.faults).toEqual([])
  })

  test('when the robot begins, the customer sees that the message was read and somebody writes', async () => {
    await using around = await surroundings()
    const bodies: unknown[] = []
    await using graph = await startServer((_, body) => {
      bodies.push(JSON.parse(String(body)))
      return { status: 200, body: Buffer.from('{"success":true}') }
    })
    await using gateway = await startGateway(around.namespace, { WHATSAPP_GRAPH_URL: graph.url })
    await around.happened(randomUUID(), {
      type: 'BotTurnRequested',
      data: {
        turn: 1,
        channelAccountId: ACCOUNT,
        inputs: [{ messageId: randomUUID(), providerMessageId: 'wamid.IN' }],
      },
    })
    await until('it is shown', () => bodies.length > 0)
    expect(bodies).toEqual([
      {
        messaging_product: 'whatsapp',
        status: 'read',
        message_id: 'wamid.IN',
        typing_indicator: { type: 'text' },
      },
    ])
    expect(await around.commands()).toEqual([])
    expect(gateway.faults).toEqual([])
  })
})

describe('gRPC', () => {
  test('the channel accounts, with the reason when one is paused', async () => {
    await using it = await world({ WHATSAPP_ACCESS_TOKEN: 'a token that was revoked' })
    const list = () => grpcCall(it.gateway.client, 'listChannelAccounts', {}, { timeoutMs: 30_000 })
    expect((await list()).channelAccounts).toMatchObject([
      { channelAccountId: ACCOUNT, channel: 'whatsapp', state: 'sending' },
    ])
    await it.around.sendRequested(await it.around.contact('5511900000001'), 'never')
    const paused = await until('it is paused', async () => {
      const { channelAccounts } = await list()
      return channelAccounts[0]?.state === 'paused' ? channelAccounts[0] : undefined
    })
    expect(paused.pausedCode).toBe('190')
  })

  test('a contact is blocked at the provider first, and on record only when the provider says so', async () => {
    await using it = await world()
    const waId = '5511900000001'
    const contactId = await writesFirst(it, waId)
    const silent = await it.around.contact('5511900000002')
    await fetch(`${it.simulator.url}/_sim/customers/5511900000002/window`, {
      method: 'POST',
      body: JSON.stringify({ closed: true }),
    })
    const block = (id: string) =>
      grpcCall(it.gateway.client, 'blockContact', { contactId: id, reason: 'abuse' }, { timeoutMs: 30_000 })
    await block(contactId)
    await grpcCall(
      it.gateway.client,
      'unblockContact',
      { contactId, reason: 'mended' },
      { timeoutMs: 30_000 },
    )
    // For a person whom the agent service names, too, who may answer customers.
    const agent = grpcClient(GatewayServiceClient, it.gateway.grpcAddress, await callerCredentials('agent'))
    await expect(
      grpcCall(agent, 'blockContact', { contactId, reason: 'abuse' }, { timeoutMs: 30_000, person: 'p99' }),
    ).rejects.toMatchObject({ code: 'PERSON_NOT_PERMITTED' })
    await grpcCall(
      agent,
      'blockContact',
      { contactId, reason: 'abuse' },
      { timeoutMs: 30_000, person: 'p01' },
    )
    agent.close()
    await expect(block(silent)).rejects.toMatchObject({ code: 'PROVIDER_REFUSED' })
    await expect(block(randomUUID())).rejects.toMatchObject({ code: 'UNKNOWN_CONTACT' })
    const wishes = (await it.around.commands()).filter(({ type }) => type.endsWith('lockContact'))
    expect(
      wishes.map(({ type, envelope }) => [
        envelope.streamId,
        type,
        `${envelope.actor?.kind} ${envelope.actor?.id}`,
      ]),
    ).toEqual([
      [contactId, 'BlockContact', 'system gateway'],
      [contactId, 'UnblockContact', 'system gateway'],
      [contactId, 'BlockContact', 'agent p01'],
    ])
  })

  test('the desk knows the approved templates of the number that a customer writes to', async () => {
    await using it = await world()
    const contactId = await writesFirst(it, '5511900000001')
    const agent = grpcClient(GatewayServiceClient, it.gateway.grpcAddress, await callerCredentials('agent'))
    const { templates } = await grpcCall(agent, 'listTemplates', { contactId }, { timeoutMs: 30_000 })
    expect(templates).toContainEqual(
      expect.objectContaining({
        name: 'order_update',
        language: 'en_US',
        text: 'Hello {{1}}, there is news about your order.',
        parameterCount: 1,
      }),
    )
    await expect(
      grpcCall(agent, 'listTemplates', { contactId: randomUUID() }, { timeoutMs: 30_000 }),
    ).rejects.toMatchObject({ code: 'UNKNOWN_CONTACT' })
    agent.close()
  })

  test('typing that the desk asks for is one call of the channel, with the read mark', async () => {
    await using around = await surroundings()
    const contactId = await around.contact('5511900000001')
    const bodies: unknown[] = []
    await using graph = await startServer((_, body) => {
      bodies.push(JSON.parse(String(body)))
      return { status: 200, body: Buffer.from('{"success":true}') }
    })
    await using gateway = await startGateway(around.namespace, { WHATSAPP_GRAPH_URL: graph.url })
    const agent = grpcClient(GatewayServiceClient, gateway.grpcAddress, await callerCredentials('agent'))
    await grpcCall(agent, 'showTyping', { contactId, providerMessageId: 'wamid.IN' }, { timeoutMs: 30_000 })
    agent.close()
    await until('it is shown', () => bodies.length > 0)
    expect(bodies).toMatchObject([
      { status: 'read', message_id: 'wamid.IN', typing_indicator: { type: 'text' } },
    ])
    expect(gateway.faults).toEqual([])
  })
})
