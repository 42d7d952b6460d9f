import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HttpCall } from '../flow/calls.ts'
import { httpCalls } from './http-calls.ts'

let server: Server
let address: string
const received: { method: string | undefined; url: string | undefined; key: unknown; body: string }[] = []
const calls = httpCalls()

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push({
        method: request.method,
        url: request.url,
        key: request.headers['idempotency-key'],
        body,
      })
      if (request.url === '/never') return
      if (request.url === '/slow-body') {
        response.write('{"a":')
        return
      }
      if (request.url === '/big') {
        response.end(JSON.stringify({ a: 'x'.repeat(70_000) }))
        return
      }
      if (request.url === '/moved') response.writeHead(302, { location: '/ok' })
      if (request.url === '/broken') response.writeHead(500)
      response.end(request.url === '/text' ? 'fine' : request.url === '/empty' ? '' : '{"status":"ok"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await calls.close()
  server.closeAllConnections()
  server.close()
})

const call = (path: string, change: Partial<HttpCall> = {}) =>
  calls.call(
    {
      step: 'look_up',
      method: 'POST',
      url: address + path,
      privateHosts: ['127.0.0.1'],
      headers: { 'content-type': 'application/json', 'idempotency-key': 'turn:look_up' },
      body: '{"cpf":"52998224725"}',
      timeoutMs: 30_000,
      expect: [200],
      ...change,
    },
    new AbortController().signal,
  )

describe('a call of a flow', () => {
  test('brings the JSON of the answer, and carries its key', async () => {
    expect(await call('/ok')).toEqual({ ok: true, json: { status: 'ok' } })
    expect(received.at(-1)).toEqual({
      method: 'POST',
      url: '/ok',
      key: 'turn:look_up',
      body: '{"cpf":"52998224725"}',
    })
  })
  test.each([
    ['/big', 'UND_ERR_RES_EXCEEDED_MAX_SIZE'],
    ['/moved', 'STATUS_302'],
    ['/broken', 'STATUS_500'],
    ['/text', 'NOT_JSON'],
  ])('%s fails as %s, and does not reject', async (path, why) => {
    expect(await call(path)).toEqual({ ok: false, why })
  })
  test.each(['/never', '/slow-body'])('%s fails as TIMEOUT when its time is up', async (path) => {
    expect(await call(path, { timeoutMs: 300 })).toEqual({ ok: false, why: 'TIMEOUT' })
  })
  test('an expected status and an empty answer are fine', async () => {
    expect(await call('/empty')).toEqual({ ok: true, json: undefined })
    expect(await call('/moved', { expect: [302] })).toEqual({ ok: true, json: { status: 'ok' } })
  })
  test('nobody there, and an address that the flow may not call, are failures', async () => {
    expect(await call('', { url: 'http://127.0.0.1:1/' })).toEqual({ ok: false, why: 'ECONNREFUSED' })
    expect(await call('', { url: undefined })).toEqual({ ok: false, why: 'BAD_ADDRESS' })
  })
  test('a name that leads to a private address is not connected to, unless the flow names it', async () => {
    const url = `${address.replace('127.0.0.1', 'localhost')}/ok`
    const before = received.length
    expect(await call('', { url, privateHosts: [] })).toEqual({ ok: false, why: 'PRIVATE_ADDRESS' })
    expect(received.length).toBe(before)
    expect((await call('', { url, privateHosts: ['localhost'] })).ok).toBe(true)
    // The connection that the other flow may use is open now, and no way in for this one.
    expect(await call('', { url, privateHosts: [] })).toEqual({ ok: false, why: 'PRIVATE_ADDRESS' })
    expect((await call('', { url, privateHosts: ['127.0.0.0/8', '::1'] })).ok).toBe(true)
  })
  test('a turn that was given up gives up its call', async () => {
    const turn = new AbortController()
    const before = received.length
    const outcome = calls.call(
      {
        step: 's',
        method: 'GET',
        url: `${address}/never`,
        privateHosts: ['127.0.0.1'],
        headers: {},
        body: undefined,
        timeoutMs: 20_000,
        expect: [200],
      },
      turn.signal,
    )
    await expect.poll(() => received.length).toBe(before + 1)
    turn.abort()
    // By its own time it would have ended too, and as TIMEOUT.
    expect(await outcome).toEqual({ ok: false, why: 'AbortError' })
  })
})
