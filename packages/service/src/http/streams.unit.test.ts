import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type HttpServerOptions, createHttpServer, listen } from './server.ts'
import { httpOf, httpSettings, streamSettings } from './settings.ts'
import { type EventStream, EventStreams, type StreamLimits, framesOf } from './streams.ts'
import { readSettings } from '../settings.ts'

/** The machine may do other work. */
const BUSY = { timeout: 20_000 }

const LIMITS = { streamsMax: 50, streamsPerAddressMax: 40, streamsPerSessionMax: 8 }

/** @param letIn what a stream waits for before it opens */
async function served(
  limits: Partial<StreamLimits> = {},
  options: Partial<HttpServerOptions> = {},
  letIn: () => Promise<void> = async () => {},
) {
  const over = new Set<string>()
  const app = createHttpServer({
    hosts: ['127.0.0.1'],
    trustedProxies: ['127.0.0.1'],
    ...options,
    doorkeeper: {
      signedIn: async ({ headers: { cookie } }) =>
        cookie === undefined || over.has(cookie)
          ? undefined
          : {
              id: cookie,
              login: '',
              name: '',
              roles: [],
              team: null,
              vendor: null,
              permissions: [],
              sessionId: cookie,
            },
      refused: () => {},
    },
  })
  const streams = new EventStreams(app, { ...LIMITS, ...limits })
  const ending = Promise.withResolvers<void>()
  app.addHook('preClose', async () => ending.resolve())
  const listeners = new Set<EventStream>()
  let begunCount = 0
  app.get(
    '/live',
    { exposeHeadRoute: true, config: { access: 'signed in', stream: true } },
    async (request, reply) => {
      await letIn()
      return streams.open(request, reply, (stream) => {
        begunCount += 1
        listeners.add(stream)
        stream.retryAfter(1_000)
        return () => void listeners.delete(stream)
      })
    },
  )
  const resource = await listen(app, '127.0.0.1', 0)
  const url = `http://127.0.0.1:${resource.port}/live`
  const asking = new AbortController()
  const watch = (session: string, address = '192.0.2.1') =>
    fetch(url, { headers: { cookie: session, 'x-forwarded-for': address }, signal: asking.signal })
  return {
    port: resource.port,
    resource,
    streams,
    listeners,
    begunCount: () => begunCount,
    over,
    ending: ending.promise,
    watch,
    leave: () => asking.abort(),
    [Symbol.asyncDispose]: () => resource.close(),
  }
}

test('a stream says what it is told, and its listener ends with the socket', async () => {
  await using server = await served()
  const answer = await server.watch('s-1')
  for (const stream of server.listeners) stream.send('state', { text: 'one\ntwo' }, '7')
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.endsWith('}\n\n')) text += (await reader.read()).value ?? ''
  expect(text).toBe('retry: 1000\n\nid: 7\nevent: state\ndata: {"text":"one\\ntwo"}\n\n')
  server.leave()
  await expect.poll(() => server.listeners.size, BUSY).toBe(0)
  expect(server.streams.count).toBe(0)
})

test('where nobody knows whose sessions are good any more, nothing more is said', async () => {
  await using server = await served()
  const answer = await server.watch('s-1')
  server.streams.trustSessionsUntil(performance.now() - 1)
  for (const stream of server.listeners) stream.send('state', { text: 'not for them' })
  expect(await answer.text()).toBe('retry: 1000\n\n')
})

test('a thousand requests that end without reading a stream leave no listener', async () => {
  await using server = await served()
  const socket = connect(server.port, '127.0.0.1')
  let answers = 0
  socket.on('data', (chunk: Buffer) => (answers += chunk.toString().split('HTTP/1.1 200').length - 1))
  for (let asked = 0; asked < 1_000; asked++) {
    socket.write('HEAD /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: s-1\r\n\r\n')
    await expect.poll(() => answers, { interval: 1, ...BUSY }).toBe(asked + 1)
  }
  expect(server.listeners.size).toBe(0)
  socket.destroy()
  await once(socket, 'close')
})

test('a session, an address and the server have each their number of streams; a closed one makes room', async () => {
  await using server = await served({ streamsMax: 20, streamsPerAddressMax: 12, streamsPerSessionMax: 8 })
  const statusOf = async (session: string, address?: string) => (await server.watch(session, address)).status
  for (let count = 0; count < 8; count++) expect(await statusOf('s-1')).toBe(200)
  const refused = await server.watch('s-1')
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
    429,
    'TOO_MANY_STREAMS',
  ])
  for (let count = 0; count < 4; count++) expect(await statusOf('s-2')).toBe(200)
  expect(await statusOf('s-2')).toBe(429)
  for (let count = 0; count < 8; count++)
    expect(await statusOf('s-2', '192.0.2.2').catch(() => 0)).toBe(count < 4 ? 200 : 429)
  for (let count = 0; count < 4; count++) expect(await statusOf('s-3', '192.0.2.3')).toBe(200)
  expect(await statusOf('s-4', '192.0.2.4')).toBe(503)
  server.leave()
  await expect.poll(() => server.streams.count, BUSY).toBe(0)
})

test('an address of IPv6 is its network: whoever has one watches no more by asking from another of its addresses', async () => {
  await using server = await served({ streamsPerAddressMax: 2 })
  const statusOf = async (session: string, address: string) => (await server.watch(session, address)).status
  expect(await statusOf('s-1', '2001:db8::1')).toBe(200)
  expect(await statusOf('s-2', '2001:db8::2')).toBe(200)
  expect(await statusOf('s-3', '2001:db8::3')).toBe(429)
  expect(await statusOf('s-3', '2001:db8:0:1::3')).toBe(200)
})

test('streams end with their session, and with the server', async () => {
  await using server = await served()
  const [ended, kept] = [await server.watch('s-1'), await server.watch('s-2')]
  server.streams.endOf(new Set(['s-1']))
  expect(await ended.text()).toBe('retry: 1000\n\n')
  expect([...server.listeners].map(({ sessionId }) => sessionId)).toEqual(['s-2'])
  await server.resource.drain?.()
  expect(await kept.text()).toBe('retry: 1000\n\n')
})

test('who was being let in when the server began to end is told to come again, and holds up no stop', async () => {
  const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  await using server = await served({}, {}, () => {
    reached.resolve()
    return gate.promise
  })
  const asked = server.watch('s-1')
  await reached.promise
  const drained = server.resource.drain?.()
  await server.ending
  gate.resolve()
  const { status, headers } = await asked
  expect([status, headers.get('retry-after')]).toEqual([503, '5'])
  await drained
  expect(server.listeners.size).toBe(0)
})

test('whose session ended while they were being let in watches nothing', async () => {
  const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  await using server = await served({}, { patience: { letInForMs: 0 } }, () => {
    reached.resolve()
    return gate.promise
  })
  const asked = server.watch('s-1')
  await reached.promise
  server.over.add('s-1')
  gate.resolve()
  expect((await asked).status).toBe(401)
  expect(server.begunCount()).toBe(0)
})

test('a reader that takes nothing is let go', async () => {
  await using server = await served()
  const socket = connect(server.port, '127.0.0.1').pause()
  socket.write('GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: s-1\r\n\r\n')
  await expect.poll(() => server.listeners.size, BUSY).toBe(1)
  const big = 'x'.repeat(100_000)
  await expect
    .poll(
      () => {
        for (const stream of server.listeners)
          for (let count = 0; count < 100; count++) stream.send('state', big)
        return server.listeners.size
      },
      { interval: 5, ...BUSY },
    )
    .toBe(0)
  socket.destroy()
})

test('a reader that is slow gets the newest state once it has read the one before, however many came between', async () => {
  await using server = await served()
  const socket = connect(server.port, '127.0.0.1').pause()
  socket.write('GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: s-1\r\n\r\n')
  await expect.poll(() => server.listeners.size, BUSY).toBe(1)
  const [stream] = server.listeners
  const state = framesOf('state', ({ nth }: { nth: number }) => ({ nth, agents: 'x'.repeat(400_000) }))
  for (let nth = 1; nth <= 100; nth++) {
    stream!.sendNewest(state({ nth }))
    // The socket takes what it has room for.
    await new Promise(setImmediate)
  }
  expect(server.listeners.size).toBe(1)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.resume()
  const told = () => [...text.matchAll(/"nth":(\d+)/g)].map(([, nth]) => Number(nth))
  await expect.poll(() => told().at(-1), BUSY).toBe(100)
  expect(told().length).toBeLessThan(50)
  expect(told()).toEqual(told().toSorted((one, other) => one - other))
  socket.destroy()
})

test('by default 1,500 screens of one machine watch at once, and another one still may', async () => {
  const settings = readSettings(z.object({ ...httpSettings('AGENT'), ...streamSettings('AGENT') }), {})
  await using server = await served(settings, httpOf(settings))
  const sockets = await Promise.all(
    Array.from({ length: 1_500 }, async (_, number) => {
      const socket = connect(server.port, '127.0.0.1')
      socket.write(`GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: s-${number}\r\n\r\n`)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /)
      return socket
    }),
  )
  expect(server.streams.count).toBe(1_500)
  expect((await server.watch('another')).status).toBe(200)
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => server.streams.count, BUSY).toBe(1)
})
