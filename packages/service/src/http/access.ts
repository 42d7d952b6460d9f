import FindMyWay, { type HTTPMethod } from 'find-my-way'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { HttpRefusal } from './refusal.ts'

/**
 * Who may use a route. `public`: anybody. `webhook`: whoever signs the body. `capability`: whoever holds the secret that
 * the request itself carries (a transcript link, the Graph API's token). `probe`: whoever reaches the probe port.
 * `signed in`: any person with a session. `{ permission }`: a person who has it, by its name in `/api/me`.
 */
export type Access =
  | 'public'
  | 'webhook'
  | 'capability'
  | 'probe'
  | 'signed in'
  | { readonly permission: string }

/** A person with a session. */
export interface SignedIn {
  readonly id: string
  readonly login: string
  readonly name: string
  readonly roles: readonly string[]
  readonly team: string | null
  readonly vendor: string | null
  readonly permissions: readonly string[]
  readonly sessionId: string
}

/** Who knows sessions: the agent service gives it; servers without people have none, and then no route may ask for a person. */
export interface Doorkeeper {
  /** The person of this request's session cookie, or undefined. Throws only when the store is away (503). */
  signedIn(request: FastifyRequest): Promise<SignedIn | undefined>
  /** A refused access leaves a trace; `person` is undefined where nobody is signed in, so strangers can cause it at will. Must not throw, must not delay the answer. */
  refused(
    person: SignedIn | undefined,
    request: { readonly method: string; readonly route: string; readonly code: string },
  ): void
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Required: a route without it stops the start. */
    access?: Access
    /**
     * The body that the route reads. `json` and `form`: `request.body` is the text, and `bodyOf` parses it, so that a handler can
     * refuse for its own reasons first. `upload` (multipart) and `raw` (whatever it is): the route's scope has a parser of its own. Without it a body is refused, unread.
     * A route that changes something for a person reads JSON unless it says otherwise: a form of another site cannot send that.
     */
    body?: 'json' | 'form' | 'upload' | 'raw'
    /** An event stream: it answers 401 where a page leads to the sign-in. */
    stream?: boolean
    /**
     * Required of changes for people under /api. True: it takes an `Idempotency-Key` (changes.ts). False: said twice it does no
     * more than said once.
     */
    isKeyed?: boolean
    /** What a browser shows to whoever opens the page and is refused it, as HTML; undefined, and for programs: the code and its sentence. */
    refusedPage?: (refusal: HttpRefusal, request: FastifyRequest, reply: FastifyReply) => string | undefined
    /** `own`: whatever the method, no page of another site may call it. So it is with all of /api where people are known. */
    origin?: 'own'
  }
  interface FastifyRequest {
    /** Set on routes that ask for a person. */
    person?: SignedIn
    /**
     * Of a person who was let in a while ago: asks whether their session is good still. Before it acts, watches or is told, a request that
     * waited (for its body, for what it reads first) must not outlive a sign-out or a deactivation. Throws the refusal (401, 503).
     */
    stillSignedIn(): Promise<void>
    /** Tells the doorkeeper that something was refused here; a refusal that is thrown leaves its own. */
    leaveTrace(code: string): void
  }
  interface FastifyInstance {
    /** Every route of this server, as it was declared. */
    readonly declaredRoutes: readonly DeclaredRoute[]
  }
}

export interface DeclaredRoute {
  readonly method: string
  readonly url: string
  readonly access: Access
  readonly schema: RouteOptions['schema']
  readonly config: Readonly<NonNullable<RouteOptions['config']>>
}

/** A route that was declared in a way that leaves open who may use it: the start ends. */
export class RouteRefused extends Error {
  readonly code: 'ROUTE_WITHOUT_ACCESS' | 'ROUTE_WITHOUT_DOORKEEPER' | 'ROUTE_WITHOUT_KEY'

  constructor(code: RouteRefused['code'], route: string, fix: string) {
    super(`${route} cannot be served (${code}). ${fix}`)
    this.code = code
  }
}

export interface AccessOptions {
  /** The names that this server answers to, without a port: `localhost`, `127.0.0.1`, `[::1]`. */
  readonly hosts: readonly string[]
  readonly doorkeeper?: Doorkeeper
  /** So long whoever was let in counts as signed in. */
  readonly letInForMs: number
  /** Answers for what is not there. */
  readonly notFound: (reply: FastifyReply) => FastifyReply
  /** How the server matches paths, for those of fastify's options that change it. */
  readonly routing?: { readonly ignoreTrailingSlash?: boolean; readonly ignoreDuplicateSlashes?: boolean }
}

/** Gives a reply that was sent, or undefined for a request that may go on to its handler. Throws a refusal. */
export type Admit = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

const ALL_METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
/** A name, or an address in brackets, and a port. Whatever else a Host header may hold is no name of ours. */
const HOST = /^(\[[\da-f:.]+\]|[^\s:@/[\]]+)(?::\d{1,5})?$/i
const MEDIA_TYPES = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  upload: 'multipart/form-data',
} as const

/**
 * Decides who may use which route, before a byte of a body is read. The refusals come in one order, so that none of them
 * tells a stranger more than the one before: host (421), session (401), path and method (404, 405), origin (403),
 * content type (415), permission (403). What follows (idempotency key, scope, body, rules) is the handler's.
 */
export function addAccess(app: FastifyInstance, options: AccessOptions): Admit {
  const { doorkeeper, letInForMs, notFound } = options
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()))
  const routes: DeclaredRoute[] = []
  const methodsOf = FindMyWay({ ...options.routing, maxParamLength: MAX_PARAM_LENGTH })

  app.decorate('declaredRoutes', routes)
  app.decorateRequest('person')
  app.addHook('onRoute', ({ method, url, config = {}, schema }) => {
    const methods = [method].flat()
    const name = `${methods.join(',')} ${url}`
    const { access } = config
    if (access === undefined)
      throw new RouteRefused(
        'ROUTE_WITHOUT_ACCESS',
        name,
        "Say in its config.access who may use it: 'public', 'webhook', 'capability', 'probe', 'signed in' or { permission }.",
      )
    if (isForPeople(access) && doorkeeper === undefined)
      throw new RouteRefused(
        'ROUTE_WITHOUT_DOORKEEPER',
        name,
        'It asks for a person, and this server knows no sessions: hand createHttpServer a doorkeeper.',
      )
    if (
      isForPeople(access) &&
      isApiPath(url) &&
      config.isKeyed === undefined &&
      methods.some((each) => !SAFE_METHODS.has(each))
    )
      throw new RouteRefused(
        'ROUTE_WITHOUT_KEY',
        name,
        'A change that is sent twice must not be done twice: say in config.isKeyed whether it takes an Idempotency-Key.',
      )
    for (const each of methods) {
      routes.push({ method: each, url, access, schema, config })
      methodsOf.on(each as HTTPMethod, url, () => {})
    }
  })

  const personOf = async (request: FastifyRequest): Promise<SignedIn | undefined> => {
    try {
      return await doorkeeper?.signedIn(request)
    } catch (error) {
      throw new HttpRefusal(503, 'SESSIONS_UNAVAILABLE', 'Nobody can be recognised at the moment.', {
        cause: error,
      })
    }
  }

  const letInAtMs = new WeakMap<FastifyRequest, number>()
  app.decorateRequest('stillSignedIn', async function (this: FastifyRequest) {
    const beganAtMs = performance.now()
    if (beganAtMs - (letInAtMs.get(this) ?? Infinity) < letInForMs || this.person === undefined) return
    if ((await personOf(this)) === undefined) throw notSignedIn()
    letInAtMs.set(this, beganAtMs)
  })

  const admit: Admit = async (request, reply) => {
    const host = HOST.exec(request.host)?.[1]?.toLowerCase()
    if (host === undefined || !hosts.has(host) || !saysHostOnce(request))
      throw new HttpRefusal(421, 'HOST_UNKNOWN', 'This server does not answer to that name.')

    const { access, body, stream, origin } = request.routeOptions.config
    const isUnknown = access === undefined
    const path = pathOf(request)
    const isApi = doorkeeper !== undefined && isApiPath(path)
    const asksForPerson = isUnknown ? isApi : isForPeople(access)

    const person = asksForPerson ? await personOf(request) : undefined
    if (asksForPerson && person === undefined) {
      if (isUnknown || isApi || stream === true || request.method !== 'GET') throw notSignedIn()
      return reply
        .code(302)
        .header('location', `/sign-in?returnTo=${encodeURIComponent(request.url)}`)
        .send()
    }
    if (person !== undefined) {
      request.person = person
      letInAtMs.set(request, performance.now())
    }

    if (isUnknown) {
      const others = ALL_METHODS.filter((method) => methodsOf.find(method, path) !== null)
      if (others.length === 0) return notFound(reply)
      void reply.header('allow', others.join(', '))
      throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', `Only ${others.join(', ')} can be used here.`)
    }
    // A link of theirs carries the cookie along: what it opens would stand in the audit as the person's own doing.
    if ((origin === 'own' || isApi) && isOfAnotherSite(request))
      throw new HttpRefusal(403, 'ORIGIN_REFUSED', 'Only pages of this site may ask for this.')
    const isChange = !SAFE_METHODS.has(request.method)
    if (asksForPerson && isChange && !isOfThisSite(request))
      throw new HttpRefusal(403, 'ORIGIN_REFUSED', 'Only pages of this site may ask for this.')
    const wanted = body ?? (asksForPerson ? 'json' : 'none')
    if (isChange && wanted !== 'raw' && !hasBodyOf(wanted, request))
      throw new HttpRefusal(
        415,
        'CONTENT_TYPE_REFUSED',
        wanted === 'none' ? 'Send no body.' : `Send it as ${MEDIA_TYPES[wanted]}, and not compressed.`,
      )
    if (typeof access === 'object' && person?.permissions.includes(access.permission) !== true)
      throw new HttpRefusal(403, 'NOT_ALLOWED', 'Your role does not allow this.')
    return undefined
  }
  app.addHook('onRequest', admit)
  // The body may have come slowly, and whoever sends it chooses how.
  if (doorkeeper !== undefined) app.addHook('preHandler', (request) => request.stillSignedIn())
  // What it tells may have been waited for. What tells nothing was done: the sign-out, which ended the session itself.
  if (doorkeeper !== undefined)
    app.addHook('onSend', async (request, reply, payload) => {
      if (reply.statusCode < 400 && payload != null) await request.stillSignedIn()
    })
  return admit
}

const notSignedIn = (): HttpRefusal => new HttpRefusal(401, 'NOT_SIGNED_IN', 'Sign in first.')

/** Longer parts of a path match no route. */
export const MAX_PARAM_LENGTH = 500

const isForPeople = (access: Access): boolean => access === 'signed in' || typeof access === 'object'

/** As the router matches it with a route: `/%61pi` is `/api`. */
export const asMatched = (path: string): string =>
  path.replaceAll(/%([2-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))

/** Whatever follows. */
const isApiPath = (path: string): boolean => asMatched(path.split('/', 2)[1] ?? '') === 'api'

/** Ends where the router ends it. */
const pathOf = (request: FastifyRequest): string => (request.raw.url ?? '/').split(/[?#]/, 1)[0] ?? '/'

/** Of several Node takes the first, whoever is in front of us perhaps the last; without one a whole address is not to be believed either (RFC 9112, 3.2). */
const saysHostOnce = ({ raw }: FastifyRequest): boolean =>
  raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length === 1

/**
 * As browsers name it in `Origin`: without the port that goes without saying, which some proxies write into `X-Forwarded-Host`. Undefined
 * where a proxy says that it came by what is neither http nor https: no origin is that.
 */
function siteOf({ protocol, host }: FastifyRequest): string | undefined {
  const url = URL.parse(`${protocol}://${host}`)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url.origin : undefined
}

/** Browsers send one or both with every change, and pages cannot forge them. */
export function isOfThisSite(request: FastifyRequest): boolean {
  const { origin } = request.headers
  return origin === undefined
    ? request.headers['sec-fetch-site'] === 'same-origin'
    : origin.toLowerCase() === siteOf(request)
}

/** Programs send neither header. */
function isOfAnotherSite(request: FastifyRequest): boolean {
  const { origin } = request.headers
  if (request.headers['sec-fetch-site'] === 'cross-site') return true
  return origin !== undefined && origin.toLowerCase() !== siteOf(request)
}

/** Text is read as UTF-8, and as nothing else. */
const isNoOtherCharset = (parameter: string): boolean =>
  !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter)

function hasBodyOf(wanted: keyof typeof MEDIA_TYPES | 'none', { headers }: FastifyRequest): boolean {
  if (wanted === 'none')
    return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
  const [type, ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  return (
    type?.trim() === MEDIA_TYPES[wanted] &&
    encoding === 'identity' &&
    parameters.every((parameter) => isNoOtherCharset(parameter.trim()))
  )
}
