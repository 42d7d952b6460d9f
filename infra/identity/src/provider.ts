import { type KeyObject, createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { SIGN_IN_FAILED_EVENT } from '@parley/people'
import { isLoopback } from '@parley/service'
import { type Configuration, Provider, errors } from 'oidc-provider'
import { formPage } from './form.ts'
import { isPassword } from './passwords.ts'
import { memoryStore } from './store.ts'

export interface IdentityProviderOptions {
  /** `http://localhost:4704`: where browsers and the agent service find it. Only loopback. */
  readonly issuer: string
  readonly host?: string
  readonly patience?: Partial<typeof PATIENCE>
  /** Inside a container, whose port is published on loopback alone, it has to listen on the container's own address. */
  readonly isInContainer?: boolean
  /** 0 takes a free one; the issuer then names it only when `issuer` was made after it. */
  readonly port: number
  readonly client: {
    readonly id: string
    readonly secret: string
    /** Where browsers find the console: its sign-in callback lies there. */
    readonly consoleUrl: string
    /** Where this process finds it, if not there: in Compose, by its name. */
    readonly reachedAt?: string
  }
  /** What each person has: the login they type, and the subject that the provider vouches for. */
  readonly accounts: readonly { readonly login: string; readonly subject: string }[]
  /** Of all passwords: see `passwordOf`. */
  readonly passwordSecret: string
  /** The console could not be told of a wrong login or password: its audit lacks it. */
  readonly onUntold?: (error: unknown) => void
}

export interface IdentityProvider {
  readonly port: number
  /** Ends a person's session here and tells the console so (OpenID Connect Back-Channel Logout 1.0), as a company's provider does. */
  logOut(subject: string): Promise<void>
  close(): Promise<void>
}

/** Everybody's password derives from one secret of a developer's machine: this must never stand for a company's provider. */
export class NotLocal extends Error {
  readonly code = 'IDENTITY_NOT_LOCAL'
  constructor(what: string) {
    super(
      `The local provider of identities runs on loopback only, and ${what} is not. Use your company's provider: set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.`,
    )
  }
}

/** The library's cookie, and its signature. */
const EARLIER_SESSION = /(?:^|; *)_session(?:\.sig)?=[^;]*/g
const FORM_BYTES_MAX = 4_096
/** The console may be away: a provider that ends waits no longer. */
const TELL_WITHIN_MS = 2_000

/** The library has none of them for what it answers itself. */
const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** As our own servers have it. Whoever takes longer for their headers, or for all of a request, is cut. */
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 }
const CONNECTIONS_MAX = 10_000

/**
 * An OpenID Connect provider for one machine: the example company's people, a form, no consent page, nothing on disk.
 * @throws {NotLocal}
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const { client, accounts, passwordSecret, host = '127.0.0.1' } = options
  for (const address of [options.issuer, client.consoleUrl])
    if (!isLoopback(new URL(address).hostname)) throw new NotLocal(address)
  const reachedAt = client.reachedAt ?? client.consoleUrl
  if (options.isInContainer !== true) {
    if (!isLoopback(host)) throw new NotLocal(`HOST=${host}`)
    if (!isLoopback(new URL(reachedAt).hostname)) throw new NotLocal(reachedAt)
  }

  const subjects = new Map(accounts.map(({ login, subject }) => [login, subject]))
  const known = new Set(subjects.values())
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const provider = new Provider(options.issuer, configurationOf({ ...client, reachedAt }, known, privateKey))
  const sessions = new LRUCache<string, string>({ max: 10_000 })
  provider.on('authorization.success', ({ oidc }) => {
    const session = oidc.session
    if (session?.accountId !== undefined) sessions.set(session.accountId, session.sidFor(client.id))
  })
  const callback = provider.callback()
  const consoleOrigin = new URL(client.consoleUrl).origin
  // The form's answer leads on to the console, which browsers hold to this too.
  const policy = `default-src 'none'; style-src 'sha256-${styleHash()}'; form-action 'self' ${consoleOrigin}; base-uri 'none'; frame-ancestors 'none'`

  const answerForm = (response: ServerResponse, status: number, page: string): void => {
    response
      .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy })
      .end(page)
  }

  const tellings = new Set<Promise<unknown>>()
  /** Nobody but the provider knows of it: the browser stays here. Of a login that nobody has there is no subject, and never what was typed. */
  const tellWrong = async (subject: string | undefined): Promise<void> => {
    const token = new SignJWT({
      events: { [SIGN_IN_FAILED_EVENT]: {} },
      ...(subject !== undefined && { sub: subject }),
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'secevent+jwt' })
      .setIssuer(options.issuer)
      .setAudience(client.id)
      .setIssuedAt()
      .setJti(randomUUID())
    const answer = await fetch(new URL('/backchannel-sign-in-failed', reachedAt), {
      method: 'POST',
      body: new URLSearchParams({ event_token: await token.sign(privateKey) }),
      signal: AbortSignal.timeout(TELL_WITHIN_MS),
    })
    if (!answer.ok) throw new Error(`The console answered ${answer.status}.`)
  }

  const interaction = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const language = request.headers['accept-language']
    try {
      const { uid } = await provider.interactionDetails(request, response)
      const action = `/interaction/${uid}`
      if (request.method !== 'POST')
        return answerForm(response, 200, formPage(language, { action, wrong: false }))
      const form = new URLSearchParams(await textOf(request))
      const login = (form.get('login') ?? '').trim().toLowerCase()
      const isRight = isPassword(passwordSecret, login, form.get('password') ?? '')
      const accountId = subjects.get(login)
      if (isRight && accountId !== undefined)
        return await provider.interactionFinished(request, response, {
          login: { accountId, remember: false },
        })
      answerForm(response, 401, formPage(language, { action, wrong: true }))
      // Behind the answer: how long the console takes tells who is known, whom it counts apart from nobody.
      const telling = tellWrong(accountId)
        .catch((error: unknown) => options.onUntold?.(error))
        .finally(() => tellings.delete(telling))
      tellings.add(telling)
      return
    } catch (error) {
      if (error instanceof errors.SessionNotFound)
        return answerForm(response, 400, formPage(language, 'gone'))
      throw error
    }
  }

  const server = createServer({ ...PATIENCE, ...options.patience }, (request, response) => {
    for (const [name, value] of Object.entries(SAFE_HEADERS)) response.setHeader(name, value)
    // Of a name that was made to point here, a stranger's page could ask.
    if (!isLoopback((request.headers.host ?? '').replace(/:\d+$/, ''))) {
      response.writeHead(421, { 'content-type': 'text/plain' }).end('This answers on loopback names only.\n')
      return
    }
    const pathname = URL.parse(request.url ?? '/', options.issuer)?.pathname ?? ''
    if (pathname === '/healthz') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')
    else if (pathname.startsWith('/interaction/'))
      interaction(request, response).catch(() => {
        if (response.headersSent) response.destroy()
        else response.writeHead(400, { 'content-type': 'text/plain' }).end('That was no form of ours.\n')
      })
    else {
      // Signing out of the console would else be undone by the next sign-in, which would ask nobody; and who comes after somebody else in
      // the same browser would first be shown a page that ends that one's session, and wants script.
      if (pathname.startsWith('/auth') && request.headers.cookie !== undefined)
        request.headers.cookie = request.headers.cookie.replaceAll(EARLIER_SESSION, '')
      void callback(request, response)
    }
  })
  server.maxConnections = CONNECTIONS_MAX
  server.listen(options.port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async logOut(subject) {
      const found: unknown = await provider.Client.find(client.id)
      await (
        found as { backchannelLogout(subject: string, session?: string): Promise<void> }
      ).backchannelLogout(subject, sessions.get(subject))
    },
    async close() {
      await closed(server)
      await Promise.all(tellings)
    },
  }
}

function configurationOf(
  { id, secret, consoleUrl, reachedAt }: Required<IdentityProviderOptions['client']>,
  known: ReadonlySet<string>,
  privateKey: KeyObject,
): Configuration {
  return {
    adapter: memoryStore(),
    clients: [
      {
        client_id: id,
        client_secret: secret,
        redirect_uris: [new URL('/sign-in/callback', consoleUrl).href],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        backchannel_logout_uri: new URL('/backchannel-logout', reachedAt).href,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      userinfo: { enabled: false },
    },
    // The library's own guard lets nothing go to this machine; ours lets nothing go elsewhere: see NotLocal.
    fetch: (url, options) => {
      const { dispatcher: _, ...rest } = options as RequestInit & { readonly dispatcher?: unknown }
      return fetch(url, rest)
    },
    pkce: { required: () => true },
    claims: { openid: ['sub', 'sid'] },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) =>
      known.has(sub) ? { accountId: sub, claims: async () => ({ sub }) } : undefined,
    // No consent page: the console is the company's own.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: id, accountId: oidc.session?.accountId })
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
    ttl: {
      Interaction: 600,
      Session: 12 * 60 * 60,
      Grant: 12 * 60 * 60,
      AuthorizationCode: 60,
      AccessToken: 60,
      IdToken: 300,
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > FORM_BYTES_MAX) throw new Error('The form is too long.')
  }
  return text
}

function styleHash(): string {
  const style = /<style>([\s\S]*)<\/style>/.exec(formPage('en', 'gone'))?.[1] ?? ''
  return createHash('sha256').update(style).digest('base64')
}

async function closed(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
