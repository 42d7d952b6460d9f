import { isUtf8 } from 'node:buffer'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify'
import { PortNotFree } from '../grpc/server.ts'
import { type Doorkeeper, MAX_PARAM_LENGTH, addAccess } from './access.ts'
import { limitConnections } from './limits.ts'
import { addOpenApi } from './openapi.ts'
import { isPartAway, processEnding, refusalIn } from './refusal.ts'
import { addTelemetry } from './telemetry.ts'
import type { Resource } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'

export interface HttpServerOptions {
  readonly log?: Logger
  /** Of a JSON or form body. */
  readonly bodyLimitBytes?: number
  /** The names that this server answers to, without a port. */
  readonly hosts: readonly string[]
  /** Addresses or networks of proxies whose X-Forwarded-Host, -Proto and -For count. */
  readonly trustedProxies?: readonly string[]
  /** Connections at once, in all and from one address that is no trusted proxy. */
  readonly connectionsMax?: number
  readonly connectionsPerAddressMax?: number
  readonly patience?: Partial<Patience>
  readonly doorkeeper?: Doorkeeper
  /** Answers for what is not there. */
  readonly notFound?: (reply: FastifyReply) => FastifyReply
  /** The path that a path asked for stands for. */
  readonly routedPath?: (path: string) => string
  /** For what a service needs beyond the defaults. */
  readonly fastify?: Omit<FastifyServerOptions, 'rewriteUrl'>
}

/** How long a client may take. Whoever takes longer is cut. */
export interface Patience {
  /** From the opening of a connection, or the first byte of a further request, to the end of its headers. */
  readonly headersMs: number
  /** From the end of its headers to the end of its body. */
  readonly requestMs: number
  /** The same of a file from somebody who may send it: a hundred megabytes take what a slow line takes. */
  readonly uploadMs: number
  /** Without a byte in either direction while an answer is due or under way: event streams must beat more often. */
  readonly silenceMs: number
  /** Between two requests. */
  readonly keepAliveMs: number
  readonly checkedEveryMs: number
  /** From when its person was let in until it is asked again whether their session is good: what ends one is in force within a second. */
  readonly letInForMs: number
}

const PATIENCE: Patience = {
  headersMs: 10_000,
  requestMs: 30_000,
  uploadMs: 30 * 60_000,
  silenceMs: 60_000,
  keepAliveMs: 65_000,
  checkedEveryMs: 1_000,
  letInForMs: 1_000,
}

/** A route may override each of them. */
const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const RETRY_AFTER_SECONDS = '5'

const WHOLE_ADDRESS = /^https?:\/\/([^/?#]*)(.*)$/is

/** A whole address as the request's target names the host, whatever the header says (RFC 9112, 3.2.2). */
function pathAsked(request: IncomingMessage): string {
  const { url = '/', headers } = request
  const [, host, path = ''] = WHOLE_ADDRESS.exec(url) ?? []
  if (host === undefined) return url
  headers.host = host
  return path.startsWith('/') ? path : `/${path}`
}

/** Never the url: it may carry a token. */
const where = ({ method, routeOptions }: FastifyRequest) => ({ method, route: routeOptions.url })

const nothingHere = (reply: FastifyReply): FastifyReply =>
  reply.code(404).send({ code: 'NOT_FOUND', message: 'There is nothing here.' })

/**
 * Fastify, closed by default: each route says who may use it (access.ts), HEAD and bodies are for routes that ask for them.
 * With a span and a measured duration per request, safe headers, and errors that tell the caller a code and no more. Logs no urls
 * and no bodies.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { log, hosts, doorkeeper, trustedProxies = [], notFound = nothingHere } = options
  const { routedPath = (path) => path } = options
  const { bodyLimitBytes = 256 * 1024, connectionsMax = 10_000, connectionsPerAddressMax = 2_500 } = options
  const patience = { ...PATIENCE, ...options.patience }
  const app = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    exposeHeadRoutes: false,
    requestTimeout: patience.uploadMs,
    connectionTimeout: patience.silenceMs,
    keepAliveTimeout: patience.keepAliveMs,
    http: {
      connectionsCheckingInterval: patience.checkedEveryMs,
      maxHeaderSize: 16 * 1024,
      // Node would answer by itself, without a code and without our headers: `admit` refuses whoever names no host.
      requireHostHeader: false,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    rewriteUrl: (request) => routedPath(pathAsked(request)),
    clientErrorHandler: answerUnreadable,
    ...options.fastify,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ...options.fastify?.routerOptions },
    // Of a path that cannot be decoded, or with too long a part: it is not there, like any other unknown one.
    frameworkErrors: (_error, request, reply) => void unknownPath(request, reply),
  })
  app.server.headersTimeout = patience.headersMs
  // Of a method that asks for a tunnel Node hands over the connection, and where nobody takes it ends it without a word.
  app.server.on('connect', (_request, socket) => {
    socket.on('error', () => {})
    sayUnreadable(socket, 400)
    socket.destroy()
  })
  limitConnections(app.server, { connectionsMax, connectionsPerAddressMax, trustedProxies })
  app.removeAllContentTypeParsers()
  // Bytes that are no UTF-8 are no text: read all the same, a letter of each would be lost, and what is left be taken for what was meant.
  for (const type of ['application/json', 'application/x-www-form-urlencoded'])
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, bytes: Buffer, done) =>
      done(null, isUtf8(bytes) ? bytes.toString() : ''),
    )

  addTelemetry(app)
  cutLateBodies(app, patience.requestMs)
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(SAFE_HEADERS)
    done()
  })
  askedBeforeBody(app)
  const { ignoreTrailingSlash, ignoreDuplicateSlashes } = options.fastify?.routerOptions ?? {}
  const admit = addAccess(app, {
    hosts,
    notFound,
    ...(doorkeeper && { doorkeeper }),
    letInForMs: patience.letInForMs,
    routing: {
      ...(ignoreTrailingSlash !== undefined && { ignoreTrailingSlash }),
      ...(ignoreDuplicateSlashes !== undefined && { ignoreDuplicateSlashes }),
    },
  })
  refuseWhileClosing(app)

  // Not the request's own: one whose path cannot be read has nothing that was added to requests.
  const leaveTrace = ({ person, method, routeOptions }: FastifyRequest, code: string): void =>
    doorkeeper?.refused(person, { method, route: routeOptions.url ?? 'unknown route', code })
  app.decorateRequest('leaveTrace', function (this: FastifyRequest, code: string) {
    leaveTrace(this, code)
  })

  const answerError = errorAnswers(log, leaveTrace)
  app.setErrorHandler(answerError)
  // Schemas describe (/api/openapi.json). Handlers check by them, after they have refused what the caller may not see.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))

  const unknownPath = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.headers(SAFE_HEADERS)
    // No hook runs where the path cannot be read, so nothing else cuts what still comes of its body.
    // Of one without a body the connection stays, as of any other unknown path: no answer tells which of them it was.
    if (hasBody(request.raw)) void reply.header('connection', 'close')
    try {
      await admit(request, reply)
    } catch (error) {
      answerError(error as Error, request, reply)
    }
  }
  if (doorkeeper !== undefined) addOpenApi(app)
  return app
}

/** What was thrown, as whoever asked is told it: by a code and no more. */
const errorAnswers =
  (log: Logger | undefined, leaveTrace: (request: FastifyRequest, code: string) => void) =>
  (
    error: Error & { statusCode?: number; code?: string },
    request: FastifyRequest,
    reply: FastifyReply,
  ): FastifyReply => {
    const refusal = refusalIn(error)
    if (refusal !== undefined) {
      const { statusCode, code, message, fields, cause, onRecordAs } = refusal
      // What was asked in a way that cannot be is the caller's own, and may repeat what they typed.
      if (cause !== undefined && statusCode !== 400)
        log?.warn({ ...where(request), code, err: cause }, 'an HTTP request was refused')
      if (statusCode === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS)
      // Whoever refuses, the base or a handler: it leaves a trace.
      if (statusCode === 401 || statusCode === 403 || onRecordAs !== undefined)
        leaveTrace(request, onRecordAs ?? code)
      const { refusedPage } = request.routeOptions.config
      const page = isForBrowser(request) ? refusedPage?.(refusal, request, reply) : undefined
      if (page !== undefined) return reply.code(statusCode).type('text/html; charset=utf-8').send(page)
      return reply.code(statusCode).send({ code, message, ...(fields && { fields }) })
    }
    const statusCode = error.statusCode ?? 500
    if (statusCode === 413)
      return reply.code(413).send({ code: 'BODY_TOO_LARGE', message: 'The body is too large.' })
    if (statusCode < 500)
      return reply.code(statusCode).send({ code: 'REQUEST_INVALID', message: 'The request cannot be read.' })
    if (isPartAway(error)) {
      log?.warn(
        { ...where(request), code: 'HTTP_PART_AWAY', err: error },
        'an HTTP request needed a part that is away',
      )
      return reply
        .code(503)
        .header('retry-after', RETRY_AFTER_SECONDS)
        .send({ code: 'UNAVAILABLE', message: 'A part of the service is away. Try again in a moment.' })
    }
    log?.error({ ...where(request), code: 'HTTP_HANDLER_FAILED', err: error }, 'an HTTP request failed')
    return reply
      .code(statusCode)
      .send({ code: 'INTERNAL', message: 'The service failed; its log has the error.' })
  }

const isForBrowser = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/html') === true

/**
 * A connection on which something was under way when the stop began may bring more: its sender is told to come again, to another replica.
 * Fastify's own answer says neither a code nor when.
 */
function refuseWhileClosing(app: FastifyInstance): void {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.addHook('onRequest', (_request, _reply, done) => done(isClosing ? processEnding() : undefined))
}

/** What Node could not read never comes to a route, and its sender is told as of any other refusal. */
function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  sayUnreadable(socket, UNREADABLE.get(error.code) ?? 400)
  socket.destroy(error)
}

function sayUnreadable(socket: Duplex, status: number): void {
  const body = JSON.stringify({ code: 'REQUEST_INVALID', message: 'The request cannot be read.' })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Length: ${body.length}`,
    'Content-Type: application/json; charset=utf-8',
    'Connection: close',
    ...Object.entries(SAFE_HEADERS).map(([name, value]) => `${name}: ${value}`),
  ]
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
}
const UNREADABLE: ReadonlyMap<string | undefined, number> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
])

function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers
  return length !== '0' || encoding !== undefined
}

/** Node knows one deadline for all bodies, which is that of files. A file has it once it is known that its sender may send one: until then a stranger would hold the connection. */
function cutLateBodies(app: FastifyInstance, withinMs: number): void {
  const cuts = new WeakMap<IncomingMessage, NodeJS.Timeout>()
  app.addHook('onRequest', ({ raw }, { raw: answer }, done) => {
    if (hasBody(raw)) {
      const cut = setTimeout(() => {
        if (answer.headersSent) raw.destroy()
        else app.server.emit('clientError', new LateBody(), raw.socket)
      }, withinMs)
      cuts.set(raw, cut)
      for (const over of ['end', 'close']) raw.once(over, () => clearTimeout(cut))
    }
    done()
  })
  app.addHook('preParsing', ({ raw, routeOptions }, _reply, _body, done) => {
    if (routeOptions.config.body === 'upload') clearTimeout(cuts.get(raw))
    done()
  })
}

/** As Node names it, so that it is answered alike: 408. */
class LateBody extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT'
}

/**
 * A client that sends `Expect: 100-continue` is told to go on once the request is admitted, and not by Node before anybody looked at it.
 * Refused without its body, the connection ends: what comes next on it could be that body.
 */
function askedBeforeBody(app: FastifyInstance): void {
  // What else a client may expect is nothing that anybody offers: else Node would answer by itself, and whoever asks.
  for (const event of ['checkContinue', 'checkExpectation'])
    app.server.on(event, (request, response) => app.server.emit('request', request, response))
  const asks = ({ raw }: FastifyRequest): boolean => raw.headers.expect?.toLowerCase() === '100-continue'
  app.addHook('onRequest', (request, reply, done) => {
    if (asks(request)) void reply.header('connection', 'close')
    done()
  })
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (asks(request)) {
      reply.removeHeader('connection')
      reply.raw.writeContinue()
    }
    done(null, payload)
  })
}

/**
 * Connections that nobody has taken yet; the system has a limit of its own (net.core.somaxconn, 4,096). Node takes 511: of a thousand desks that
 * come back at once the others were not heard, and asked again after 1, 3, 7, 15 and 31 s.
 */
const BACKLOG = 4_096

/** Starts listening. Draining answers what was asked and closes; closing cuts what is left. */
export async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<Resource & { readonly port: number }> {
  try {
    await app.listen({ host, port, backlog: BACKLOG })
  } catch (error) {
    throw new PortNotFree('HTTP', host, port, error)
  }
  const address = app.server.address()
  return {
    name: 'http',
    port: typeof address === 'object' && address !== null ? address.port : port,
    drain: async () => {
      // A connection that was answered after `close` began would else idle until its keep-alive ends.
      const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
      try {
        await app.close()
      } finally {
        clearInterval(sweep)
      }
    },
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}
