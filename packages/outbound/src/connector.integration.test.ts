import { freePort } from '@parley/stack'
import { Agent, request } from 'undici'
import { expect, test } from 'vitest'
import { NotConnected, connectorFor } from './connector.ts'
import { fetchBy } from './fetch.ts'
import { SERVER, serverBehindProxy } from './testing.fixture.ts'

/** Far beyond what a busy machine takes to connect. */
const TIMEOUT_MS = 3_000

async function behindProxy(proxy?: URL) {
  const there = await serverBehindProxy()
  const wayOut = { proxy: proxy ?? there.proxy, except: [] }
  const dispatcher = new Agent({ connect: connectorFor(wayOut, { timeoutMs: TIMEOUT_MS }) })
  const call = async (address: string) => {
    const { body } = await request(address, {
      dispatcher,
      headers: { authorization: 'Bearer of-tests-only' },
    })
    return body.json()
  }
  return {
    ...there,
    wayOut,
    call,
    failed: (address: string) =>
      call(address).then(
        () => 'answered',
        (error: Error & { code?: string }) => [error instanceof NotConnected, error.code],
      ),
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy()
      await there[Symbol.asyncDispose]()
    },
  }
}

test('what is called outside goes through the proxy, which sees the server’s name, and nothing of what is sent', async () => {
  await using it = await behindProxy()
  expect(await it.call(`https://${SERVER}/v23.0/messages`)).toEqual({ ok: true })
  expect(it.asked).toEqual([{ server: `${SERVER}:443`, authorization: `Basic ${btoa('parley:p@ss')}` }])
  expect(it.requests).toMatchObject([
    { url: '/v23.0/messages', headers: { authorization: 'Bearer of-tests-only' } },
  ])
  expect(it.requests[0]?.headers['proxy-authorization']).toBeUndefined()
})

test('so it is with fetch', async () => {
  await using it = await behindProxy()
  const fetch = await fetchBy(it.wayOut, TIMEOUT_MS)
  const answer = await fetch(`https://${SERVER}/token`, {
    method: 'POST',
    headers: new Headers({ accept: 'application/json' }),
    body: new URLSearchParams({ code: 'c' }),
    redirect: 'manual',
    signal: AbortSignal.timeout(30_000),
  })
  expect([answer.status, await answer.json()]).toEqual([200, { ok: true }])
  expect(it.requests).toMatchObject([{ url: '/token', headers: { accept: 'application/json' } }])
})

test('through the proxy nothing is sent to a server that does not show the certificate of its name', async () => {
  await using it = await behindProxy()
  expect(await it.failed('https://another.example.com/')).toEqual([true, 'ERR_TLS_CERT_ALTNAME_INVALID'])
  expect(it.asked).toHaveLength(1)
  expect(it.requests).toEqual([])
})

test.each([
  ['refuses', 'PROXY_REFUSED'],
  ['is-silent', 'PROXY_TIMEOUT'],
  ['hangs-up', 'PROXY_UNREACHABLE'],
])('where the proxy %s it is known that nothing was sent', async (name, code) => {
  await using it = await behindProxy()
  expect(await it.failed(`https://${name}.example.com/`)).toEqual([true, code])
})

test('where no proxy is there it is known that nothing was sent', async () => {
  await using it = await behindProxy(new URL(`http://127.0.0.1:${await freePort()}`))
  expect(await it.failed(`https://${SERVER}/`)).toEqual([true, 'PROXY_UNREACHABLE'])
})

test('of a connection that ends later it is not known', async () => {
  await using it = await behindProxy()
  expect(await it.failed(`https://${SERVER}/cut`)).toEqual([false, 'UND_ERR_SOCKET'])
})
