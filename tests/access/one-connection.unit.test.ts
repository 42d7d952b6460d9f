import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, allServers, cookieWith } from './servers.ts'

// Bytes as they come, since no client of HTTP would send them so: a proxy in front of us and we must read one and the same request.

let servers: readonly Server[] = []
let port = 0
beforeAll(async () => {
  servers = await allServers()
  port = Number(new URL(servers.find(({ name }) => name === 'console')!.url).port)
})
afterAll(() => Promise.all(servers.map((server) => server.close())))

/** The status of each answer on one connection, until the server or the last of so many ends it. */
const statusesOf = (bytes: string, count: number): Promise<readonly number[]> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
    socket.on('data', (data) => {
      text += data.toString('latin1')
      if (statuses().length >= count) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(statuses()))
    socket.write(bytes, 'latin1')
  })

const HOST = 'Host: localhost'
const SESSION = `Cookie: ${cookieWith('conversations.read')}`
const lines = (...all: readonly string[]) => [...all, '', ''].join('\r\n')
const me = (...headers: readonly string[]) => lines('GET /api/me HTTP/1.1', HOST, ...headers)
const signOut = (...headers: readonly string[]) =>
  lines(
    'POST /sign-out HTTP/1.1',
    HOST,
    SESSION,
    'Origin: http://localhost',
    'Content-Type: application/json',
    ...headers,
  )

test('each request on a connection is its own cookie’s, whatever came before it on the same', async () => {
  expect(await statusesOf(me(SESSION) + me() + me('Cookie: session=forged') + me(SESSION), 4)).toEqual([
    200, 401, 401, 200,
  ])
  const refusedWithBody = lines(
    'POST /api/search HTTP/1.1',
    HOST,
    'Content-Type: application/json',
    'Content-Length: 2',
  )
  expect(await statusesOf(`${refusedWithBody}{}${me(SESSION)}${me()}`, 3)).toEqual([401, 200, 401])
})

test.each([
  ['two lengths', signOut('Content-Length: 2', 'Content-Length: 3')],
  ['the same length twice', signOut('Content-Length: 2', 'Content-Length: 2')],
  ['a length and chunks', signOut('Content-Length: 2', 'Transfer-Encoding: chunked')],
  ['chunks by another name', signOut('Transfer-Encoding: xchunked')],
  ['chunks twice', signOut('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')],
  ['a space before the colon', signOut('Transfer-Encoding : chunked')],
  ['a header over two lines', me('X: a', ` ${SESSION}`)],
  ['a host over two lines', lines('GET /api/me HTTP/1.1', 'Host:', ' localhost', SESSION)],
  ['a line end of one byte', me(`X: a\n${SESSION}`)],
  ['a NUL', me('X: a\0b', SESSION)],
  [
    'a chunk with an extension without end',
    `${signOut('Transfer-Encoding: chunked')}2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  ],
])('what two servers could read as two requests is none: %s', async (_, bytes) => {
  expect(await statusesOf(bytes + me(SESSION), 2)).toEqual([400])
})
