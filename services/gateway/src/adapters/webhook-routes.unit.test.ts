import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { createHttpServer, listen } from '@parley/service'
import { expect, test } from 'vitest'
import type { ReadWebhook } from '../webhook/canonical.ts'
import { ACCOUNT, messageOf, messagesWebhook, signatureOf } from '../webhook/webhook.fixture.ts'
import type { BodyBudget } from './webhook-bodies.ts'
import { webhookRoutes } from './webhook-routes.ts'

const SECRET = 'app secret of the tests'
const GOOD = Buffer.from(
  JSON.stringify(messagesWebhook([messageOf({ id: 'wamid.1', type: 'text', text: { body: 'oi' } })])),
)
const FORGED = `sha256=${'0'.repeat(64)}`
const BUDGET: BodyBudget = {
  bytesMax: 64 * 1024 * 1024,
  smallBytesMax: 64 * 1024,
  smallShareBytes: 16 * 1024 * 1024,
  stillMs: 10_000,
  graceWhereFullMs: 1_000,
}
const BUSY = { timeout: 20_000 }
const MB = 1024 * 1024

async function served(budget: Partial<BodyBudget> = {}) {
  const accepted: ReadWebhook[] = []
  const app = createHttpServer({ hosts: ['127.0.0.1'] })
  const intake = { accept: async (webhook: ReadWebhook) => accepted.push(webhook) > 0 }
  webhookRoutes(app, intake, {
    appSecrets: [SECRET],
    verifyTokens: ['T'],
    knownAccounts: new Set([ACCOUNT]),
    budget: { ...BUDGET, ...budget },
    now: () => 0,
    traceparent: () => '',
    noticed: () => {},
  })
  const resource = await listen(app, '127.0.0.1', 0)
  const sockets: Socket[] = []
  const url = `http://127.0.0.1:${resource.port}/webhook`
  return {
    url,
    accepted,
    /** Sends headers and the beginning of a body; `answer` resolves with the status. */
    async begin(headers: Readonly<Record<string, string>>, body: Buffer | string = '') {
      const socket = connect(resource.port, '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => {})
      await once(socket, 'connect')
      const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      )
      socket.write(`POST /webhook HTTP/1.1\r\n${lines.join('')}\r\n`)
      if (body.length > 0) socket.write(body)
      const answer = once(socket, 'data').then(([chunk]) => Number((chunk as Buffer).toString().slice(9, 12)))
      return { socket, answer }
    },
    post: (body: Buffer, signature = signatureOf(body, SECRET)) =>
      fetch(url, {
        method: 'POST',
        body: new Uint8Array(body),
        headers: { 'x-hub-signature-256': signature },
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await resource.close()
    },
  }
}

const declared = (bytes: number, signature = FORGED) => ({
  'x-hub-signature-256': signature,
  'content-length': String(bytes),
})

const CHUNKED = { 'x-hub-signature-256': FORGED, 'transfer-encoding': 'chunked' }
const signed = (body: Buffer) => ({ 'x-hub-signature-256': signatureOf(body, SECRET) })
const chunk = (bytes: Buffer) => `${bytes.length.toString(16)}\r\n${bytes.toString('latin1')}\r\n`
/** So many bytes of a body that these headers announce, and no end. */
const beginningOf = (headers: Readonly<Record<string, string>>, bytes: number) =>
  headers === CHUNKED ? chunk(Buffer.alloc(bytes)) : Buffer.alloc(bytes)

test('without a signature of the right shape the answer is 401 before a byte of the body', async () => {
  await using door = await served()
  for (const signature of ['', 'sha256=00', `sha1=${'0'.repeat(40)}`, `sha256=${'0'.repeat(65)}`]) {
    const { answer } = await door.begin(declared(3 * MB, signature))
    expect(await answer).toBe(401)
  }
  const { answer } = await door.begin({ 'transfer-encoding': 'chunked' })
  expect(await answer).toBe(401)
})

test('a client that asks first is told to send its body only where it could be taken', async () => {
  await using door = await served()
  const expecting = { expect: '100-continue' }
  const unsigned = await door.begin({ ...declared(GOOD.length, ''), ...expecting })
  expect(await unsigned.answer).toBe(401)
  const large = await door.begin({ ...declared(3 * MB + 1), ...expecting })
  expect(await large.answer).toBe(413)

  const signed = await door.begin({ ...declared(GOOD.length, signatureOf(GOOD, SECRET)), ...expecting })
  expect(await signed.answer).toBe(100)
  const answer = once(signed.socket, 'data')
  signed.socket.write(GOOD)
  expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 200 /)
  expect(door.accepted).toHaveLength(1)
})

test('a body that says it is too large is refused before its first byte, one that does not say it at the byte too many', async () => {
  await using door = await served()
  const { answer } = await door.begin(declared(3 * MB + 1))
  expect(await answer).toBe(413)
  const chunked = await door.begin({ 'x-hub-signature-256': FORGED, 'transfer-encoding': 'chunked' })
  chunked.socket.write(`${(3 * MB + 1).toString(16)}\r\n`)
  chunked.socket.write(Buffer.alloc(3 * MB + 1))
  expect(await chunked.answer).toBe(413)
})

test('a hundred forgeries of 3 MB that never end hold no more than the budget, whoever came first is not cut for who comes later, and real webhooks pass meanwhile', async () => {
  await using door = await served({ graceWhereFullMs: 0, stillMs: 60_000 })
  const almost = Buffer.alloc(3 * MB - 1)
  const before = process.memoryUsage().arrayBuffers
  const begun = await Promise.all(Array.from({ length: 100 }, () => door.begin(declared(3 * MB), almost)))
  const answered: number[] = []
  for (const { answer } of begun) void answer.then((status) => answered.push(status)).catch(() => {})
  // 48 MB are for large bodies: 15 wait for their last byte, and the others are told to come again.
  await expect.poll(() => answered.length, BUSY).toBe(85)
  expect(new Set(answered)).toEqual(new Set([503]))
  expect((await door.post(GOOD)).status).toBe(200)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(120 * MB)
  const refused = await door.post(Buffer.concat([GOOD, Buffer.alloc(3 * MB - GOOD.length, ' ')]))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
})

test('small forgeries that stand still cannot keep a real webhook out', async () => {
  await using door = await served({ smallShareBytes: MB, graceWhereFullMs: 50, stillMs: 60_000 })
  const begun = await Promise.all(
    Array.from({ length: 40 }, () => door.begin(declared(60_000), Buffer.alloc(59_000))),
  )
  const statuses: number[] = []
  for (const { answer } of begun) void answer.then((status) => statuses.push(status)).catch(() => {})
  // The share is full: 17 of them stand still in it.
  await expect.poll(() => statuses.length, BUSY).toBe(40 - 17)
  const real = Buffer.concat([GOOD, Buffer.alloc(60_000 - GOOD.length, ' ')])
  await expect.poll(async () => (await door.post(real)).status, BUSY).toBe(200)
  await expect.poll(() => statuses.length, BUSY).toBe(40 - 16)
  expect(new Set(statuses)).toEqual(new Set([503]))
})

test('a small webhook that does not say its length is kept out by no forgery of whatever size', async () => {
  await using door = await served({ bytesMax: 6 * MB, smallShareBytes: MB, stillMs: 60_000 })
  const large = [declared(3 * MB), CHUNKED].flatMap((headers) => Array(6).fill(headers))
  const begun = await Promise.all(large.map((headers) => door.begin(headers, beginningOf(headers, 2 * MB))))
  const statuses: number[] = []
  for (const { answer } of begun) void answer.then((status) => statuses.push(status)).catch(() => {})
  // 5 MB are for large bodies, those among them that do not say it: two are read on, the others are told to come again.
  await expect.poll(() => statuses.length, BUSY).toBe(10)
  const real = Buffer.concat([GOOD, Buffer.alloc(60_000 - GOOD.length, ' ')])
  const { answer } = await door.begin({ ...CHUNKED, ...signed(real) }, `${chunk(real)}0\r\n\r\n`)
  expect(await answer).toBe(200)
})

test('small forgeries that trickle cannot keep a real webhook out', async () => {
  const tricklers = 4
  const real = Buffer.concat([GOOD, Buffer.alloc(65_000 - GOOD.length, ' ')])
  await using door = await served({
    // They fill it but for 60 kB, where 58 bytes of each fit and a real webhook does not.
    smallShareBytes: tricklers * (64_000 + 256) + 60_000,
    graceWhereFullMs: 200,
    stillMs: 60_000,
  })
  const begun = await Promise.all(
    Array.from({ length: tricklers }, () => door.begin(declared(65_000), Buffer.alloc(64_000))),
  )
  const statuses: number[] = []
  for (const { answer } of begun) void answer.then((status) => statuses.push(status)).catch(() => {})
  let rounds = 0
  const next = async () => {
    rounds++
    for (const { socket } of begun) socket.write('x')
    return (await door.post(real)).status
  }
  await expect.poll(next, { ...BUSY, interval: 20 }).toBe(200)
  expect(rounds).toBeLessThan(50)
  // Only as many are cut as need be.
  await expect.poll(() => statuses, BUSY).toEqual([503])
})

test('a body that stands still is cut, and its share is free again', async () => {
  await using door = await served({ stillMs: 1_000, bytesMax: 4 * MB, smallShareBytes: MB })
  const { answer, socket } = await door.begin(declared(3 * MB), Buffer.alloc(2 * MB))
  expect(await answer).toBe(408)
  await once(socket, 'close')
  expect((await door.post(Buffer.concat([GOOD, Buffer.alloc(2 * MB, ' ')]))).status).toBe(200)
})

test('a body whose sender goes away gives its share back', async () => {
  await using door = await served({
    bytesMax: 4 * MB,
    smallShareBytes: MB,
    stillMs: 60_000,
    graceWhereFullMs: 60_000,
  })
  for (let count = 0; count < 20; count++) {
    const { socket, answer } = await door.begin(declared(3 * MB))
    answer.catch(() => {})
    await new Promise((resolve) => socket.write(Buffer.alloc(2 * MB), resolve))
    socket.destroy()
    await once(socket, 'close')
  }
  const large = Buffer.concat([GOOD, Buffer.alloc(2 * MB, ' ')])
  await expect.poll(async () => (await door.post(large)).status, BUSY).toBe(200)
})

test('a body in thousands of tiny chunks counts for what it holds', async () => {
  await using door = await served({ bytesMax: 2 * MB, smallShareBytes: MB })
  const { answer, socket } = await door.begin(CHUNKED)
  socket.write('1\r\nx\r\n'.repeat(10_000))
  expect(await answer).toBe(503)
})

test('a signed body passes however it arrives', async () => {
  await using door = await served()
  const { socket, answer } = await door.begin(declared(GOOD.length, signatureOf(GOOD, SECRET)))
  for (const byte of GOOD) socket.write(Buffer.of(byte))
  expect(await answer).toBe(200)
  const chunked = await door.begin({
    'x-hub-signature-256': signatureOf(GOOD, SECRET),
    'transfer-encoding': 'chunked',
  })
  for (const half of [GOOD.subarray(0, 50), GOOD.subarray(50)]) {
    chunked.socket.write(`${half.length.toString(16)}\r\n`)
    chunked.socket.write(half)
    chunked.socket.write('\r\n')
  }
  chunked.socket.write('0\r\n\r\n')
  expect(await chunked.answer).toBe(200)
  expect(door.accepted).toHaveLength(2)
  expect((await door.post(GOOD, signatureOf(GOOD, 'another secret'))).status).toBe(401)
})

test('the door of webhooks takes no other name and no other method', async () => {
  await using door = await served()
  const { answer } = await door.begin({ ...declared(1), host: 'evil.example' })
  expect(await answer).toBe(421)
  expect((await fetch(door.url, { method: 'PUT', body: '{}' })).status).toBe(405)
})
