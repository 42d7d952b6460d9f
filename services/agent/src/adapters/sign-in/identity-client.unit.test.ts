import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import { passwordOf, startIdentityProvider } from '@parley/identity'
import { SIGN_IN_FAILED_EVENT } from '@parley/people'
import { freePort } from '@parley/stack'
import { type CryptoKey, SignJWT, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { IdentityClient, IdentityUnavailable } from './identity-client.ts'
import { Browser } from '../testing/browser.ts'

const client = { id: 'parley-console', secret: 'of-tests-only-9876543210' }
const challenge = { state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) }
const consoleUrl = 'http://localhost:1'
const callbackUrl = `${consoleUrl}/sign-in/callback`

const clientOf = (issuer: string, clientSecret = client.secret) =>
  new IdentityClient({ issuer, clientId: client.id, clientSecret, callbackUrl, fetch })

describe('with the local provider', () => {
  const passwordSecret = 'of-tests-only-0123456789'
  let provider: Awaited<ReturnType<typeof startIdentityProvider>>
  let issuer: string
  beforeAll(async () => {
    const port = await freePort()
    issuer = `http://localhost:${port}`
    provider = await startIdentityProvider({
      issuer,
      port,
      client: { ...client, consoleUrl },
      accounts: [{ login: 'ana', subject: 'p01' }],
      passwordSecret,
    })
  })
  afterAll(() => provider.close())

  /** What the browser is sent back with. */
  async function callback(asked: IdentityClient) {
    const browser = new Browser()
    const page = await browser.get(await asked.authorizationUrl(challenge, false))
    const action = /action="([^"]+)"/.exec(await page.text())?.[1] ?? ''
    let answer = await browser.ask(new URL(action, issuer).href, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ login: 'ana', password: passwordOf(passwordSecret, 'ana') }).toString(),
    })
    while (!answer.headers.get('location')!.startsWith(consoleUrl))
      answer = await browser.ask(answer.headers.get('location')!)
    const { pathname, search } = new URL(answer.headers.get('location')!)
    return pathname + search
  }

  test('the code is redeemed for whom the provider vouches for, once', async () => {
    const asked = clientOf(issuer)
    const query = await callback(asked)
    expect(await asked.vouched(query, challenge)).toEqual({
      issuer,
      subject: 'p01',
      session: expect.stringMatching(/^.{10,}$/),
    })
    await expect(asked.vouched(query, challenge)).rejects.toMatchObject({ code: 'SIGN_IN_INVALID' })
  })

  test.each([
    ['another state', { ...challenge, state: 'x'.repeat(43) }],
    ['another nonce', { ...challenge, nonce: 'x'.repeat(43) }],
    ['another verifier', { ...challenge, verifier: 'x'.repeat(43) }],
  ])('a callback that was not asked for signs in nobody: %s', async (_, other) => {
    const asked = clientOf(issuer)
    const query = await callback(asked)
    await expect(asked.vouched(query, other)).rejects.toMatchObject({ code: 'SIGN_IN_INVALID' })
  })

  test.each([
    '/sign-in/callback',
    `/sign-in/callback?state=${challenge.state}`,
    '/sign-in/callback?code=x&code=y',
  ])('a misshapen callback signs in nobody: %s', async (query) => {
    await expect(clientOf(issuer).vouched(query, challenge)).rejects.toMatchObject({
      code: 'SIGN_IN_INVALID',
    })
  })

  test('a refusal of the provider signs in nobody', async () => {
    const refusal = new URLSearchParams({ error: 'access_denied', state: challenge.state, iss: issuer })
    const query = `/sign-in/callback?${refusal.toString()}`
    await expect(clientOf(issuer).vouched(query, challenge)).rejects.toMatchObject({
      code: 'SIGN_IN_INVALID',
    })
  })

  test('a provider that went away is said to be away, and known again when it is back', async () => {
    const asked = clientOf(`http://localhost:${await freePort()}`)
    await expect(asked.authorizationUrl(challenge, false)).rejects.toBeInstanceOf(IdentityUnavailable)
    await expect(asked.authorizationUrl(challenge, false)).rejects.toBeInstanceOf(IdentityUnavailable)
  })
})

/** A provider whose tokens the test writes. */
async function scriptedProvider() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const key = { ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig' }
  let idToken = ''
  const sick = new Map<string, readonly [number, string]>()
  let authMethods: readonly string[] | undefined
  const isOurs = (authorization: string | undefined, form: URLSearchParams): boolean =>
    authMethods?.includes('client_secret_post') === true
      ? authorization === undefined && form.get('client_secret') === client.secret
      : decodeURIComponent(atob(authorization?.slice('Basic '.length) ?? '')) ===
          `${client.id}:${client.secret}` && !form.has('client_secret')
  const server = createServer(async (request, response) => {
    const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
    const answers: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': {
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
        token_endpoint_auth_methods_supported: authMethods,
      },
      '/keys': { keys: [key] },
      '/token': { access_token: 'x', token_type: 'Bearer', id_token: idToken },
    }
    const { authorization } = request.headers
    const sickness = sick.get(request.url ?? '')
    if (sickness !== undefined) {
      const [status, body] = sickness
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
      return
    }
    if (request.url === '/token' && !isOurs(authorization, new URLSearchParams(await text(request)))) {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}')
      return
    }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answers[request.url ?? ''] ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    privateKey,
    gives: (token: string) => void (idToken = token),
    /** Answers so at this path, until it is asked to answer as it does. */
    isSick: (path: string, status: number, body: string) => void sick.set(path, [status, body]),
    isWell: () => sick.clear(),
    takes: (methods: readonly string[] | undefined) => void (authMethods = methods),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('with a provider of another kind', () => {
  let provider: Awaited<ReturnType<typeof scriptedProvider>>
  let otherKey: CryptoKey
  beforeAll(async () => {
    provider = await scriptedProvider()
    otherKey = (await generateKeyPair('RS256')).privateKey
  })
  afterAll(() => provider.close())

  const now = () => Math.floor(Date.now() / 1_000)
  const signed = (
    claims: Readonly<Record<string, unknown>>,
    key: CryptoKey | Uint8Array = provider.privateKey,
  ) =>
    new SignJWT({ iss: provider.issuer, aud: client.id, iat: now(), exp: now() + 60, ...claims })
      .setProtectedHeader({ alg: key instanceof Uint8Array ? 'HS256' : 'RS256' })
      .sign(key)
  const unsigned = (claims: Readonly<Record<string, unknown>>) =>
    [{ alg: 'none' }, { iss: provider.issuer, aud: client.id, iat: now(), exp: now() + 60, ...claims }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
      .concat('.')
  const query = `/sign-in/callback?code=c&state=${challenge.state}`
  const idClaims = { sub: 'p01', nonce: challenge.nonce }
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const logout = { sub: 'p01', sid: 'session-1', jti: 'j', events: event }
  const failure = { sub: 'p01', jti: 'j', events: { [SIGN_IN_FAILED_EVENT]: {} } }

  test.each([
    { methods: undefined },
    { methods: ['client_secret_basic'] },
    { methods: ['client_secret_basic', 'client_secret_post'] },
  ])('our secret is sent as the provider takes it: $methods', async ({ methods }) => {
    provider.takes(methods)
    provider.gives(await signed(idClaims))
    expect(await clientOf(provider.issuer).vouched(query, challenge)).toMatchObject({ subject: 'p01' })
    provider.takes(undefined)
  })

  test('a provider that does not know our client is our setting, and nobody’s failed sign-in', async () => {
    provider.gives(await signed(idClaims))
    const asked = clientOf(provider.issuer, 'another-secret-of-tests-only')
    await expect(asked.vouched(query, challenge)).rejects.toBeInstanceOf(IdentityUnavailable)
  })

  test.each([
    ['/keys', 503, 'away'],
    ['/keys', 200, '<html>We are updating our systems.</html>'],
    ['/keys', 200, '{"keys":"none"}'],
    ['/token', 503, '{"error":"server_error"}'],
    ['/token', 429, '{"error":"slow_down"}'],
  ])(
    'a provider that is sick (%s answers %i %s) is away: nobody’s sign-in failed, and it is to say again who signed out',
    async (path, status, body) => {
      provider.isSick(path, status, body)
      const asked = clientOf(provider.issuer)
      provider.gives(await signed(idClaims))
      const token = await signed(logout)
      const words = [
        () => asked.vouched(query, challenge),
        // A word of its own is taken without its token endpoint.
        ...(path === '/keys' ? [() => asked.loggedOut(token)] : []),
      ]
      for (const word of words) await expect(word()).rejects.toBeInstanceOf(IdentityUnavailable)
      provider.isWell()
      expect(await asked.vouched(query, challenge)).toMatchObject({ subject: 'p01' })
    },
  )

  test('an id token of the provider is taken', async () => {
    provider.gives(await signed(idClaims))
    expect(await clientOf(provider.issuer).vouched(query, challenge)).toEqual({
      issuer: provider.issuer,
      subject: 'p01',
      session: null,
    })
  })

  test.each([
    ['ahead', 25],
    ['behind', -25],
  ])('a provider whose clock is %s by some seconds is believed', async (_, seconds) => {
    const at = now() + seconds
    const clock = { iat: at, nbf: at, exp: at + 20 }
    provider.gives(await signed({ ...idClaims, ...clock }))
    const asked = clientOf(provider.issuer)
    expect(await asked.vouched(query, challenge)).toMatchObject({ subject: 'p01' })
    expect(await asked.loggedOut(await signed({ ...logout, ...clock }))).toMatchObject({ subject: 'p01' })
    expect(await asked.signInFailed(await signed({ ...failure, ...clock }))).toMatchObject({ subject: 'p01' })
  })

  test.each([
    ['of another key', () => signed(idClaims, otherKey)],
    [
      'signed with our own secret',
      () => signed(idClaims, new TextEncoder().encode(client.secret.padEnd(32, '0'))),
    ],
    ['not signed', () => unsigned(idClaims)],
    ['of another issuer', () => signed({ ...idClaims, iss: 'https://evil.example' })],
    ['for another client', () => signed({ ...idClaims, aud: 'another' })],
    ['with another nonce', () => signed({ ...idClaims, nonce: 'x' })],
    ['that is over', () => signed({ ...idClaims, exp: now() - 600, iat: now() - 900 })],
    ['that begins later', () => signed({ ...idClaims, nbf: now() + 600, exp: now() + 900 })],
    ['without a subject', () => signed({ nonce: challenge.nonce })],
  ])('an id token %s signs in nobody', async (_, made) => {
    provider.gives(await made())
    await expect(clientOf(provider.issuer).vouched(query, challenge)).rejects.toMatchObject({
      code: 'SIGN_IN_INVALID',
    })
  })

  test('a logout token of the provider is taken', async () => {
    expect(await clientOf(provider.issuer).loggedOut(await signed(logout))).toEqual({
      id: 'j',
      issuer: provider.issuer,
      subject: 'p01',
      session: 'session-1',
    })
  })

  test.each([
    ['whose it was', failure, 'p01'],
    ['that nobody has it', { ...failure, sub: undefined }, ''],
  ])(
    'the provider’s word that a login or password was wrong is taken, and says %s',
    async (_, claims, subject) => {
      expect(await clientOf(provider.issuer).signInFailed(await signed(claims))).toEqual({
        id: 'j',
        issuer: provider.issuer,
        subject,
      })
    },
  )

  test.each([
    ['of another key', () => signed(failure, otherKey)],
    ['not signed', () => unsigned(failure)],
    ['of another issuer', () => signed({ ...failure, iss: 'https://evil.example' })],
    ['for another client', () => signed({ ...failure, aud: 'another' })],
    ['that is a logout token', () => signed(logout)],
    ['without an id', () => signed({ ...failure, jti: undefined })],
    ['that is old', () => signed({ ...failure, iat: now() - 600, exp: now() + 60 })],
  ])('a word %s is none of a failed sign-in', async (_, made) => {
    await expect(clientOf(provider.issuer).signInFailed(await made())).rejects.toMatchObject({
      code: 'SIGN_IN_INVALID',
    })
  })

  test.each([
    ['of another key', () => signed(logout, otherKey)],
    [
      'signed with our own secret',
      () => signed(logout, new TextEncoder().encode(client.secret.padEnd(32, '0'))),
    ],
    ['not signed', () => unsigned(logout)],
    ['of another issuer', () => signed({ ...logout, iss: 'https://evil.example' })],
    ['for another client', () => signed({ ...logout, aud: 'another' })],
    ['that is an id token', () => signed({ ...logout, nonce: 'n' })],
    ['without the event', () => signed({ ...logout, events: {} })],
    ['that says that a sign-in failed', () => signed(failure)],
    ['of nobody', () => signed({ jti: 'j', events: event })],
    ['whose id is no text', () => signed({ ...logout, jti: 5 })],
    ['that is old', () => signed({ ...logout, iat: now() - 600, exp: now() + 60 })],
    ['of later', () => signed({ ...logout, iat: now() + 600, exp: now() + 900 })],
    ['that is none', async () => 'x'],
  ])('a logout token %s ends no session', async (_, made) => {
    await expect(clientOf(provider.issuer).loggedOut(await made())).rejects.toMatchObject({
      code: 'SIGN_IN_INVALID',
    })
  })
})
