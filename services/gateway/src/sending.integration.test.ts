import { randomUUID } from 'node:crypto'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { contentOf, conversations, messageIn, profileIn } from '@parley/conversation'
import { CommandEnvelope } from '@parley/proto/envelope'
import { grpcCall } from '@parley/service'
import { type Simulator, startSimulator } from '@parley/simulator'
import { describe, expect, test } from 'vitest'
import {
  ACCESS_TOKEN,
  type AnyDocument,
  APP_SECRET,
  type RunningGateway,
  type Surroundings,
  VERIFY_TOKEN,
  recordReceipts,
  startGateway,
  surroundings,
  until,
} from './gateway.fixture.ts'
import { ACCOUNT } from './webhook/webhook.fixture.ts'

interface World extends AsyncDisposable {
  readonly around: Surroundings
  readonly gateway: RunningGateway
  readonly simulator: Simulator
  faults(faults: object): Promise<void>
  /** What the simulator accepted, in order: texts. */
  sent(waId: string): Promise<readonly string[]>
  outboxStates(): Promise<readonly string[]>
}

/** Gateway and simulator, each with the other's address; the rest of Parley is the test. */
async function world(settings: NodeJS.ProcessEnv = {}): Promise<World> {
  await using undo = new AsyncDisposableStack()
  const around = undo.use(await surroundings())
  let webhookUrl = ''
  const relay = undo.use(await startRelay(() => webhookUrl))
  const simulator = undo.use(
    await startSimulator({
      webhookUrl: relay.url,
      numbers: [{ phoneNumberId: ACCOUNT, wabaId: '1', displayPhoneNumber: '15550783881', name: 'Bank' }],
      appSecret: APP_SECRET,
      verifyToken: VERIFY_TOKEN,
      accessToken: ACCESS_TOKEN,
    }),
  )
  const gateway = undo.use(
    await startGateway(around.namespace, { WHATSAPP_GRAPH_URL: simulator.url, ...settings }),
  )
  webhookUrl = gateway.webhookUrl
  const running = undo.move()
  return {
    around,
    gateway,
    simulator,
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
function startRelay(target: () => string): ReturnType<typeof startServer> {
  return startServer(async ({ method = 'GET', url = '/', headers }, body) => {
    const answer = await fetch(`${target()}${new URL(url, 'http://relay').search}`, {
      method,
      headers: { 'x-hub-signature-256': String(headers['x-hub-signature-256'] ?? '') },
      ...(method === 'POST' ? { body: new Uint8Array(body) } : {}),
    })
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
    const recorded = new Set<string>()
    await until(
      'all is done',
      async () => {
        await recordReceipts(it.around, recorded)
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
    replyToProviderMessageId: '',
    content: [],
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
  const recorded = new Set<string>()
  await until('the next is sent', async () => {
    await recordReceipts(it.around, recorded)
    return (await it.sent(waId)).includes('next')
  })
  expect(await it.sent(waId)).toEqual(['lost', 'next'])
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
  for (const waId of contacts)
    await until('all is sent', async () => (await it.sent(waId)).length >= texts.length, 40_000)
  for (const waId of contacts) expect(await it.sent(waId)).toEqual(texts)
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
    await using it = await world({ WHATSAPP_ACCESS_TOKEN: 'revoked' })
    const list = () => grpcCall(it.gateway.client, 'listChannelAccounts', {}, { timeoutMs: 5_000 })
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
      grpcCall(it.gateway.client, 'blockContact', { contactId: id, reason: 'abuse' }, { timeoutMs: 5_000 })
    await block(contactId)
    await grpcCall(it.gateway.client, 'unblockContact', { contactId, reason: 'mended' }, { timeoutMs: 5_000 })
    await expect(block(silent)).rejects.toMatchObject({ code: 'PROVIDER_REFUSED' })
    await expect(block(randomUUID())).rejects.toMatchObject({ code: 'UNKNOWN_CONTACT' })
    const wishes = (await it.around.commands()).filter(({ type }) => type.endsWith('lockContact'))
    expect(wishes.map(({ type, envelope }) => [envelope.streamId, type])).toEqual([
      [contactId, 'BlockContact'],
      [contactId, 'UnblockContact'],
    ])
  })
})
