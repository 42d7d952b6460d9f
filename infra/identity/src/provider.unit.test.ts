import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type JWTPayload, decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { isPassword, passwordOf } from './passwords.ts'
import { type IdentityProviderOptions, startIdentityProvider } from './provider.ts'

const options: IdentityProviderOptions = {
  issuer: 'http://localhost:4704',
  port: 0,
  client: { id: 'parley-console', secret: 'of-tests-only-9876543210', consoleUrl: 'http://localhost:4700' },
  accounts: [
    { login: 'ana', subject: 'p01' },
    { login: 'vera', subject: 'p09' },
  ],
  passwordSecret: 'of-tests-only-0123456789',
}

test.each<[string, Partial<IdentityProviderOptions>]>([
  ['an issuer that others reach', { issuer: 'http://login.example.com' }],
  ['an issuer that is only named like it', { issuer: 'http://localhost.example.com' }],
  ['a console that others reach', { client: { ...options.client, consoleUrl: 'https://desk.example.com' } }],
  ['an address that others reach', { host: '0.0.0.0' }],
  ['a console elsewhere', { client: { ...options.client, reachedAt: 'http://desk.example.com' } }],
])('it refuses to run for %s', async (_, other) => {
  await expect(startIdentityProvider({ ...options, ...other })).rejects.toMatchObject({
    code: 'IDENTITY_NOT_LOCAL',
    message: expect.stringContaining('OIDC_ISSUER'),
  })
})

test('it answers to loopback names only, so that no stranger’s name that points here reads it', async () => {
  const provider = await startIdentityProvider(options)
  const statusFor = (host: string, path = '/healthz') =>
    new Promise<number | undefined>((resolve, reject) => {
      request({ port: provider.port, host: '127.0.0.1', path, headers: { host } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
        .once('error', reject)
        .end()
    })
  for (const host of ['localhost', 'localhost:4704', '127.0.0.1:1', '[::1]:4704', 'identity.localhost:4704'])
    expect([host, await statusFor(host)]).toEqual([host, 200])
  for (const host of ['evil.example', 'localhost.evil.example', 'localhost:4704.evil.example', '10.0.0.1'])
    expect([host, await statusFor(host)]).toEqual([host, 421])
  // A path that is no address ends nothing.
  expect(await statusFor('localhost', '//')).toBeGreaterThanOrEqual(400)
  expect(await statusFor('localhost')).toBe(200)
  await provider.close()
})

test('no answer, of the library or of an error, is sniffed, framed or kept', async () => {
  const provider = await startIdentityProvider(options)
  for (const path of [
    '/healthz',
    '/nothing',
    '/auth',
    '/interaction/none',
    '/.well-known/openid-configuration',
  ]) {
    const { headers } = await fetch(new URL(path, `http://127.0.0.1:${provider.port}`), {
      redirect: 'manual',
    })
    expect([path, headers.get('x-content-type-options'), headers.get('x-frame-options')]).toEqual([
      path,
      'nosniff',
      'DENY',
    ])
    expect([path, headers.get('cache-control')]).toEqual([path, expect.stringContaining('no-store')])
  }
  await provider.close()
})

test('who says nothing, and who never ends their headers, is cut', async () => {
  const patience = { headersTimeout: 100, connectionsCheckingInterval: 50 }
  const provider = await startIdentityProvider({ ...options, patience })
  const lines = ['', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'].map((first) => {
    const line = connect(provider.port, '127.0.0.1', () => line.write(first))
    return line.resume()
  })
  await Promise.all(lines.map((line) => once(line, 'close')))
  expect(lines.map(({ destroyed }) => destroyed)).toEqual([true, true])
  await provider.close()
})

/** A browser before the provider's form. */
function browserAt(port: number) {
  const cookies = new Map<string, string>()
  const ask = async (path: string, body?: URLSearchParams) => {
    const answer = await fetch(new URL(path, `http://127.0.0.1:${port}`), {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
      ...(body && { body }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const next = answer.headers.get('location')?.replace(options.issuer, '') ?? `no way on: ${answer.status}`
    return { next, status: answer.status, text: await answer.text() }
  }
  return { ask, form: async () => (await ask(`/auth?${challenge.toString()}`)).next }
}

const challenge = new URLSearchParams({
  client_id: options.client.id,
  redirect_uri: `${options.client.consoleUrl}/sign-in/callback`,
  response_type: 'code',
  scope: 'openid',
  state: 'a-state',
  nonce: 'a-nonce',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})
const rightFor = (login: string) =>
  new URLSearchParams({ login, password: passwordOf(options.passwordSecret, login) })
const LET_IN = /^http:\/\/localhost:4700\/sign-in\/callback\?code=/

test('whoever signed in before in the same browser, the next one passes by the form alone', async () => {
  const provider = await startIdentityProvider(options)
  const { ask, form } = browserAt(provider.port)
  for (const login of ['ana', 'vera', 'ana', 'ana']) {
    const path = await form()
    expect(path).toMatch(/^\/interaction\//)
    const { next } = await ask(path, rightFor(login))
    expect([login, (await ask(next)).next]).toEqual([login, expect.stringMatching(LET_IN)])
  }
  await provider.close()
})

/** What a console is told, which answers with this status, once it may. */
async function consoleTold(status = 204, mayAnswer: Promise<void> = Promise.resolve()) {
  const told: { readonly path: string | undefined; readonly claims: JWTPayload }[] = []
  const server = createServer(async (asked, answer) => {
    const token = new URLSearchParams(await text(asked)).get('event_token') ?? ''
    told.push({ path: asked.url, claims: decodeJwt(token) })
    await mayAnswer
    answer.writeHead(status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { told, url: `http://127.0.0.1:${port}`, close: () => void server.close() }
}

test('each wrong password and unknown login is told to the console, never what was typed; the pages are alike, and the form lets one try again', async () => {
  const site = await consoleTold()
  const client = { ...options.client, reachedAt: site.url }
  const provider = await startIdentityProvider({ ...options, client })
  const { ask, form } = browserAt(provider.port)
  const path = await form()
  const tries = [
    ['ana', 'wrong'],
    [' ANA ', ''],
    ['nobody-has-this', 'wrong'],
    ['constructor', 'wrong'],
    ...Array.from({ length: 6 }, () => ['vera', passwordOf(options.passwordSecret, 'ana')]),
  ]
  const pages = new Set<string>()
  for (const [login = '', password = ''] of tries) {
    const { status, text } = await ask(path, new URLSearchParams({ login, password }))
    pages.add(`${status} ${text}`)
  }
  expect([...pages]).toEqual([expect.stringMatching(/^401 [\s\S]*role="alert"[\s\S]*name="password"/)])
  const { next } = await ask(path, rightFor('ana'))
  expect((await ask(next)).next).toMatch(LET_IN)
  await provider.close()
  expect(new Set(site.told.map(({ path }) => path))).toEqual(new Set(['/backchannel-sign-in-failed']))
  expect(site.told.map(({ claims }) => claims.sub ?? 'unknown').toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    ['p01', 'p01', ...Array.from({ length: 6 }, () => 'p09'), 'unknown', 'unknown'],
  )
  expect(new Set(site.told.map(({ claims }) => claims.jti)).size).toBe(tries.length)
  for (const { claims } of site.told)
    expect(
      Object.keys(claims)
        .filter((name) => name !== 'sub')
        .toSorted(),
    ).toEqual(['aud', 'events', 'iat', 'iss', 'jti'])
  site.close()
})

test('nobody learns from how long the form takes whether a login is known: it is answered before the console is', async () => {
  const mayAnswer = Promise.withResolvers<void>()
  const site = await consoleTold(204, mayAnswer.promise)
  const untold: unknown[] = []
  const provider = await startIdentityProvider({
    ...options,
    client: { ...options.client, reachedAt: site.url },
    onUntold: (error) => untold.push(error),
  })
  const { ask, form } = browserAt(provider.port)
  const path = await form()
  for (const login of ['ana', 'nobody-has-this'])
    expect((await ask(path, new URLSearchParams({ login, password: 'wrong' }))).status).toBe(401)
  mayAnswer.resolve()
  await provider.close()
  expect([site.told.length, untold]).toEqual([2, []])
  site.close()
})

test('a console that cannot be told keeps nobody from the form, and that is said', async () => {
  const site = await consoleTold(503)
  const untold: unknown[] = []
  const client = { ...options.client, reachedAt: site.url }
  const provider = await startIdentityProvider({
    ...options,
    client,
    onUntold: (error) => untold.push(error),
  })
  const { ask, form } = browserAt(provider.port)
  const path = await form()
  expect((await ask(path, new URLSearchParams({ login: 'ana', password: 'wrong' }))).status).toBe(401)
  const { next } = await ask(path, rightFor('ana'))
  expect((await ask(next)).next).toMatch(LET_IN)
  await provider.close()
  expect(untold).toHaveLength(1)
  site.close()
})

test('a password is the same each time, another for each login and each stack, and easy to type', () => {
  const secret = options.passwordSecret
  const password = passwordOf(secret, 'ana')
  expect(password).toMatch(/^[a-hj-km-np-z2-9]{14}$/)
  expect(passwordOf(secret, 'ana')).toBe(password)
  expect(passwordOf(secret, 'bruno')).not.toBe(password)
  expect(passwordOf('another-secret-0123', 'ana')).not.toBe(password)
  expect(isPassword(secret, 'ana', password)).toBe(true)
  for (const wrong of ['', password.slice(1), passwordOf(secret, 'bruno')])
    expect(isPassword(secret, 'ana', wrong)).toBe(false)
})
