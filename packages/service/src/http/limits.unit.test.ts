import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { expect, test } from 'vitest'
import { sourceOf } from './limits.ts'
import { type HttpServerOptions, createHttpServer, listen } from './server.ts'

/** The machine may do other work. */
const BUSY = { timeout: 20_000 }

async function served(options: Partial<HttpServerOptions> = {}) {
  const app = createHttpServer({ hosts: ['127.0.0.1'], ...options })
  app.get('/hello', { config: { access: 'public' } }, async () => 'hello')
  app.post('/echo', { config: { access: 'public', body: 'json' } }, async ({ body }) => body)
  app.addContentTypeParser('multipart/form-data', async (_request: unknown, body: AsyncIterable<Buffer>) => {
    let bytes = 0
    for await (const piece of body) bytes += piece.length
    return bytes
  })
  app.post(
    '/file',
    { config: { access: 'public', body: 'upload' } },
    async ({ body }) => `${Number(body)} bytes`,
  )
  app.get('/large', { config: { access: 'public' } }, async () => 'x'.repeat(50_000_000))
  const resource = await listen(app, '127.0.0.1', 0)
  const sockets: Socket[] = []
  const open = async (localAddress = '127.0.0.1'): Promise<Socket> => {
    const socket = connect({ port: resource.port, host: '127.0.0.1', localAddress })
    socket.on('error', () => {})
    sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }
  return {
    url: `http://127.0.0.1:${resource.port}`,
    open,
    connections: () =>
      new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count))),
    /** What comes back on a new connection until it closes, or until an answer is complete. */
    async say(text: string, localAddress?: string) {
      const socket = await open(localAddress)
      socket.write(text)
      return answerOn(socket)
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await resource.close()
    },
  }
}

async function answerOn(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

const HELLO = 'GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'
const hasClosed = (socket: Socket) =>
  new Promise<void>((resolve) => {
    if (socket.closed) resolve()
    else socket.resume().once('close', () => resolve())
  })

test('a thousand connections that say nothing are cut, and meanwhile everybody else is served', async () => {
  await using server = await served({ patience: { headersMs: 2_000, checkedEveryMs: 50 } })
  const idle = await Promise.all(Array.from({ length: 1_000 }, () => server.open()))
  expect(await (await fetch(`${server.url}/hello`)).text()).toBe('hello')
  await Promise.all(idle.map(hasClosed))
})

test('a client that sends its headers byte by byte is cut, however steadily it sends', async () => {
  await using server = await served({ patience: { headersMs: 300, checkedEveryMs: 50 } })
  const socket = await server.open()
  socket.write('GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n')
  const drip = setInterval(() => socket.write('X-A: b\r\n'), 20)
  const answer = await answerOn(socket)
  clearInterval(drip)
  // What it still sends may reset the connection before it has read the answer.
  expect(answer).toMatch(/^(HTTP\/1.1 408 |$)/)
})

test('a body that never ends is cut', async () => {
  await using server = await served({ patience: { headersMs: 100, requestMs: 300, checkedEveryMs: 50 } })
  const answer = await server.say(
    'POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  )
  expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout[^]*nosniff[^]*"code":"REQUEST_INVALID","message":/)
})

test('what cannot be read is refused with a code and the headers of any answer, and ends its connection', async () => {
  await using server = await served({})
  for (const unread of [
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: gzip, chunked, x\r\nContent-Length: 1\r\n\r\n',
    'no request at all\r\n\r\n',
    'GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n',
    'CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    'CONNECT /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  ])
    expect(await server.say(unread)).toMatch(
      /^HTTP\/1.1 400 Bad Request\r\n[^]*no-store[^]*\r\n\r\n\{"code":"REQUEST_INVALID","message":"[^"]+"\}$/,
    )
})

test('whoever names no host, or only in a whole address, is told so as of any name that is not ours, with the headers of any answer', async () => {
  await using server = await served({})
  for (const asked of ['GET /hello HTTP/1.1', 'GET http://127.0.0.1/hello HTTP/1.1', 'GET /hello HTTP/1.0'])
    expect(await server.say(`${asked}\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 421 [^]*nosniff[^]*\r\n\r\n\{"code":"HOST_UNKNOWN","message":"[^"]+"\}$/,
    )
})

test('a file takes as long as its line needs, from whoever may send it', async () => {
  // Nothing but the time for a body ends a connection here.
  const patience = {
    headersMs: 500,
    requestMs: 700,
    checkedEveryMs: 50,
    keepAliveMs: 600_000,
    silenceMs: 600_000,
  }
  await using server = await served({ patience })
  const socket = await server.open()
  const head = (host: string, connection: string) =>
    `POST /file HTTP/1.1\r\nHost: ${host}\r\nConnection: ${connection}\r\nContent-Type: multipart/form-data\r\nContent-Length: 20\r\n\r\n`
  socket.write(head('127.0.0.1', 'close'))
  let sent = 0
  const drip = setInterval(() => (sent += 1) <= 20 && socket.write('x'), 100)
  const answer = await answerOn(socket)
  clearInterval(drip)
  expect(answer).toMatch(/^HTTP\/1.1 200 [^]*20 bytes$/)
  // Who is told that they may not has no more time than for anything else.
  expect(await server.say(`${head('elsewhere', 'keep-alive')}x`)).toMatch(/^HTTP\/1.1 421 /)
})

test('a client that does not read its answer is cut', async () => {
  await using server = await served({ patience: { silenceMs: 300 } })
  const socket = await server.open()
  socket.pause()
  socket.write('GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await expect.poll(() => server.connections(), BUSY).toBe(0)
})

test('headers above 16 kB are refused, and bodies above the limit, also where their length is not told', async () => {
  await using server = await served({ bodyLimitBytes: 1_000 })
  expect(
    await server.say(`GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`),
  ).toMatch(/^HTTP\/1.1 431 [^]*"code":"REQUEST_INVALID"/)
  const head =
    'POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n'
  expect(await server.say(`${head}Content-Length: 1001\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 /)
  const chunk = `${(500).toString(16)}\r\n${'x'.repeat(500)}\r\n`
  expect(await server.say(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 413 /,
  )
})

test('one address has a share of the connections, the rest stays for others, and what it closes it may open again', async () => {
  await using server = await served({ connectionsMax: 10, connectionsPerAddressMax: 3 })
  const mine = await Promise.all([server.open(), server.open(), server.open()])
  await hasClosed(await server.open())
  expect(await server.say(HELLO, '127.0.0.2')).toMatch(/^HTTP\/1.1 200 /)
  mine[0]?.destroy()
  await expect.poll(() => server.say(HELLO), BUSY).toMatch(/^HTTP\/1.1 200 /)
})

test('a listed proxy is not held to the share of one address, but to the number in all', async () => {
  await using server = await served({
    connectionsMax: 4,
    connectionsPerAddressMax: 1,
    trustedProxies: ['127.0.0.0/8', '::1'],
  })
  const proxied = await Promise.all([server.open(), server.open(), server.open()])
  expect(await server.say(HELLO)).toMatch(/^HTTP\/1.1 200 /)
  expect(proxied.map(({ closed }) => closed)).toEqual([false, false, false])
  await server.open()
  await hasClosed(await server.open())
})

test('IPv6 counts by what one subscriber has, IPv4 by address', () => {
  expect(sourceOf('192.0.2.7')).toBe('192.0.2.7')
  expect(sourceOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(sourceOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
  expect(sourceOf('2001:db8::7')).toBe('2001:db8:0:0')
  expect(sourceOf('fe80::1%eth0')).toBe('fe80:0:0:0')
  expect(sourceOf('::1')).toBe('0:0:0:0')
})
