import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { startSimulator, type Simulator, type SimulatorOptions } from '../src/simulator.ts'

export interface ReceivedWebhook {
  readonly body: Buffer
  readonly headers: IncomingHttpHeaders
  /** `changes[0].value` of the body. */
  readonly value: WebhookValue
}

export interface WebhookValue {
  readonly metadata: Readonly<Record<string, string>>
  readonly contacts?: readonly Readonly<Record<string, unknown>>[]
  readonly messages?: readonly Readonly<Record<string, unknown>>[]
  readonly statuses?: readonly Readonly<Record<string, unknown>>[]
}

/** Waits until `condition` gives a value; fails with what it waited for. */
export const eventually = async <T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> => {
  const deadline = performance.now() + 60_000
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`Waited 60 s in vain for ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** A stand-in for the product: a webhook that keeps what it gets and answers as it is told. */
export const startProduct = async () => {
  const received: ReceivedWebhook[] = []
  const challenges: string[] = []
  const ways: { answer: (webhook: ReceivedWebhook) => Promise<number> } = { answer: async () => 200 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method === 'GET') {
        const query = new URL(request.url ?? '/', 'http://product').searchParams
        challenges.push(query.get('hub.verify_token') ?? '')
        response.end(query.get('hub.challenge'))
        return
      }
      const body = Buffer.concat(chunks)
      const parsed = JSON.parse(body.toString()) as { entry: { changes: { value: WebhookValue }[] }[] }
      const value = parsed.entry[0]?.changes[0]?.value ?? { metadata: {} }
      const webhook = { body, headers: request.headers, value }
      received.push(webhook)
      const reply = (status: number): unknown =>
        response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
      void ways.answer(webhook).then(reply)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    webhookUrl: `http://127.0.0.1:${port}/webhooks/whatsapp`,
    received,
    challenges,
    ways,
    messages: () => received.flatMap(({ value }) => value.messages ?? []),
    statusesOf: (id: string) =>
      received.flatMap(({ value }) => value.statuses ?? []).filter((status) => status['id'] === id),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export const phoneNumberId = '106540352242922'
export const secondPhoneNumberId = '106540352242923'
export const wabaId = '102290129340398'
export const appSecret = 'a secret for tests'
export const accessToken = 'a token for tests'

export const startSimulatorFor = (
  webhookUrl: string,
  options: Partial<SimulatorOptions> = {},
): Promise<Simulator> =>
  startSimulator({
    webhookUrl,
    numbers: [
      { phoneNumberId, wabaId, displayPhoneNumber: '551140028922', name: 'Banco Parley' },
      {
        phoneNumberId: secondPhoneNumberId,
        wabaId,
        displayPhoneNumber: '551140028923',
        name: 'Banco Parley PJ',
      },
    ],
    appSecret,
    accessToken,
    verifyToken: 'verify',
    retryFirstMs: 10,
    retryLongestMs: 50,
    ...options,
  })

interface Answer {
  readonly status: number
  // Answers of many shapes are read in tests only.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** A caller of the simulator's HTTP interfaces. */
export const callerOf = (simulator: Simulator) => {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const answer = await fetch(simulator.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const authorization = `Bearer ${accessToken}`
  return {
    call,
    graph: (method: string, path: string, body?: unknown): Promise<Answer> =>
      call(method, path, body, { authorization }),
    send: (content: object, to = '5511987654321'): Promise<Answer> =>
      call(
        'POST',
        `/v23.0/${phoneNumberId}/messages`,
        { messaging_product: 'whatsapp', to, ...content },
        { authorization },
      ),
    text: (body: string, to = '5511987654321'): Promise<Answer> =>
      call(
        'POST',
        `/v23.0/${phoneNumberId}/messages`,
        { messaging_product: 'whatsapp', to, type: 'text', text: { body } },
        { authorization },
      ),
    write: (element: object, waId = '5511987654321'): Promise<Answer> =>
      call('POST', `/_sim/customers/${waId}/messages`, element),
    /** Lets the business write freely to who did not write first. */
    openWindow: (waId = '5511987654321'): Promise<Answer> =>
      call('POST', `/_sim/customers/${waId}/window`, { closed: false }),
    faults: (faults: object): Promise<Answer> => call('POST', '/_sim/faults', faults),
    sent: async (waId?: string) =>
      (await call('GET', `/_sim/sent${waId === undefined ? '' : `?waId=${waId}`}`)).body.sent,
    webhooks: async (waId?: string) =>
      (await call('GET', `/_sim/webhooks${waId === undefined ? '' : `?waId=${waId}`}`)).body.webhooks,
    quiet: () =>
      eventually(
        'no webhook to be pending',
        async () => (await call('GET', '/_sim/state')).body.pendingWebhooks === 0,
      ),
  }
}
