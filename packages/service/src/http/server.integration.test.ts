import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { until } from '@parley/testkit'
import { expect, test } from 'vitest'
import { whileAsked } from './asked.ts'
import { type HttpServerOptions, createHttpServer, listen } from './server.ts'
import { createLogger } from '../logger.ts'
import { currentTraceparent } from '../telemetry/spans.ts'
import { startTracing } from '../telemetry/tracing.ts'

startTracing('agent', {})
const SAID = 'my card was stolen, call +5511987654321'
const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

async function served(options: Partial<HttpServerOptions> = {}) {
  const logged: string[] = []
  const log = createLogger({
    service: 'agent',
    destination: { write: (line: string) => void logged.push(line) },
  })
  const app = createHttpServer({ log, hosts: ['127.0.0.1'], ...options })
  const slow = Promise.withResolvers<string>()
  const reached = Promise.withResolvers<void>()
  const config = { access: 'public' } as const
  app.get('/hello', { config }, async () => 'hello')
  app.post('/trace', { config: { access: 'public', body: 'json' } }, async () => currentTraceparent())
  app.get('/broken/:token', { config }, () => Promise.reject(new Error(SAID)))
  app.get('/slow', { config }, () => {
    reached.resolve()
    return slow.promise
  })
  const asked: AbortSignal[] = []
  app.post('/asked', { config: { access: 'public', body: 'json' } }, async (request, reply) => {
    const signal = whileAsked(reply)
    asked.push(signal)
    if (request.body !== '"wait"') return 'answered'
    reached.resolve()
    return new Promise<string>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error)),
    )
  })
  const resource = await listen(app, '127.0.0.1', 0)
  return {
    asked,
    app,
    resource,
    logged,
    slow,
    reached: reached.promise,
    url: `http://127.0.0.1:${resource.port}`,
    [Symbol.asyncDispose]: () => resource.close(),
  }
}

test('a handler runs in a trace of its own, never in one that a stranger names, also after a body was read', async () => {
  await using server = await served()
  const answer = await fetch(`${server.url}/trace`, {
    method: 'POST',
    headers: { traceparent: parent, 'content-type': 'application/json' },
    body: JSON.stringify({ much: 'x'.repeat(200_000) }),
  })
  const traceparent = await answer.text()
  expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  expect(traceparent).not.toContain('0af7651916cd43dd8448eb211c80319c')
})

test('what is read for somebody ends when they leave before they are answered, which is no failure; not behind their answer', async () => {
  await using server = await served()
  const leaving = new AbortController()
  const ask = (body: string, signal?: AbortSignal) =>
    fetch(`${server.url}/asked`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    })
  const left = ask('wait', leaving.signal).catch(() => 'left')
  await server.reached
  leaving.abort()
  expect(await left).toBe('left')
  await until('it is told', () => server.asked[0]?.aborted === true)
  expect(await (await ask('hello')).text()).toBe('answered')
  await server.app.close()
  expect(server.asked.map(({ aborted }) => aborted)).toEqual([true, false])
  expect(server.logged).toEqual([])
})

test('an error of ours tells the caller a code and no more, and the log no url, phone number or text', async () => {
  await using server = await served()
  const answer = await fetch(`${server.url}/broken/AbCdEf123456`)
  expect(answer.status).toBe(500)
  expect(await answer.json()).toEqual({
    code: 'INTERNAL',
    message: 'The service failed; its log has the error.',
  })
  expect(server.logged.join('')).toContain('/broken/:token')
  expect(server.logged.join('')).not.toMatch(/AbCdEf123456|5511987654321/)
})

test('what is not there or too large gets its own status and a code', async () => {
  await using server = await served({ bodyLimitBytes: 100 })
  const post = (body: string) =>
    fetch(`${server.url}/trace`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(await (await fetch(`${server.url}/nothing`)).json()).toMatchObject({ code: 'NOT_FOUND' })
  expect((await post(JSON.stringify('x'.repeat(200)))).status).toBe(413)
})

test('every answer forbids sniffing, framing, caching and scripts unless its route says otherwise', async () => {
  await using server = await served()
  for (const path of ['/hello', '/nothing', '/broken/x']) {
    const { headers } = await fetch(server.url + path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  }
})

test('draining answers what was asked, closes idle connections and takes no new ones', async () => {
  await using server = await served()
  const idle = connect(server.resource.port, '127.0.0.1')
  idle.write('GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await once(idle, 'data')
  idle.resume()
  const asked = fetch(`${server.url}/slow`)
  await server.reached
  const drained = server.resource.drain?.()
  await once(idle, 'close')
  await expect(fetch(`${server.url}/hello`)).rejects.toThrow('fetch failed')
  server.slow.resolve('answered')
  expect(await (await asked).text()).toBe('answered')
  await drained
})

test('whoever asks on a connection that is still in use while it drains is told when to come again, as wherever a part is away', async () => {
  await using server = await served()
  const socket = connect(server.resource.port, '127.0.0.1')
  let told = ''
  socket.on('data', (bytes: Buffer) => (told += bytes.toString()))
  socket.write('GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await server.reached
  const drained = server.resource.drain?.()
  const asked = once(server.app.server, 'request')
  socket.write('GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await asked
  server.slow.resolve('answered')
  await once(socket, 'close')
  await drained
  const [, , second = ''] = told.split('HTTP/1.1 ')
  expect(second).toMatch(/^503 /)
  expect(second).toMatch(/^retry-after: 5\r$/im)
  expect(second).toMatch(/^x-content-type-options: nosniff\r$/im)
  expect(second).toContain('{"code":"UNAVAILABLE","message":"')
})

/** Of connections to a port: those that nobody has answered yet, by Linux's own table (proc_net_tcp, state SYN_SENT). */
function unheard(port: number): number {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , to, state]) => to?.endsWith(remote) && state === '02').length
}

test('of a thousand connections that come at once each is heard, however busy the service is', async () => {
  await using server = await served()
  const { port } = server.resource
  const sockets = Array.from({ length: 1_000 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  // They ask before the loop turns, so the server, which runs in this process, has taken none yet. Whoever is not heard asks again after a second, then after three.
  await new Promise(process.nextTick)
  expect(unheard(port)).toBe(0)
  for (const socket of sockets) socket.destroy()
})

test('closing cuts a request that never ends', async () => {
  const server = await served()
  const asked = fetch(`${server.url}/slow`).then(
    () => 'answered',
    () => 'cut',
  )
  await server.reached
  void server.resource.drain?.()
  await server.resource.close()
  expect(await asked).toBe('cut')
})

test('a port that is taken is named with the way out', async () => {
  await using server = await served()
  await expect(
    listen(createHttpServer({ hosts: [] }), '127.0.0.1', server.resource.port),
  ).rejects.toMatchObject({
    code: 'PORT_NOT_FREE',
  })
})
