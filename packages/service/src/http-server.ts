import {
  type Context,
  SpanKind,
  type Span,
  SpanStatusCode,
  context as contexts,
  trace,
} from '@opentelemetry/api'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { PortNotFree } from './grpc-server.ts'
import type { Resource } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import { contextFrom, markFailed } from './tracing.ts'

export interface HttpServerOptions {
  readonly isReady: () => boolean
  /** Names of what is not ready, for /readyz. */
  readonly notReady?: () => readonly string[]
  readonly log?: Logger
  readonly bodyLimitBytes?: number
  /** For what a service needs beyond the defaults. */
  readonly fastify?: FastifyServerOptions
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

const PROBES = new Set(['/livez', '/readyz'])

/** Fastify with /livez, /readyz, a span per request, safe headers, and errors that tell the caller a code and no more. Logs no urls and no bodies. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { isReady, notReady, log, bodyLimitBytes = 3 * 1024 * 1024 } = options
  const app = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    ...options.fastify,
  })
  addSpans(app)
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SAFE_HEADERS)
  })

  app.get('/livez', async () => ({ status: 'live' }))
  app.get('/readyz', async (_request, reply) => {
    if (isReady()) return { status: 'ready', notReady: [] }
    return reply.code(503).send({ status: 'not ready', notReady: notReady?.() ?? [] })
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: 'NOT_FOUND', message: 'There is nothing here.' }),
  )
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const statusCode = error.statusCode ?? 500
    if (statusCode < 500)
      return reply.code(statusCode).send({ code: error.code ?? 'BAD_REQUEST', message: error.message })
    log?.error(
      { code: 'HTTP_HANDLER_FAILED', method: request.method, route: request.routeOptions.url, err: error },
      'an HTTP request failed',
    )
    return reply
      .code(statusCode)
      .send({ code: 'INTERNAL', message: 'The service failed; its log has the error.' })
  })
  return app
}

/** Starts listening. Draining answers what was asked and closes; closing cuts what is left. */
export async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<Resource & { readonly port: number }> {
  try {
    await app.listen({ host, port })
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

/** The route's pattern, never the url: urls carry transcript tokens. */
function addSpans(app: FastifyInstance): void {
  const running = new WeakMap<object, { span: Span; context: Context }>()
  app.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? 'unknown route'
    if (PROBES.has(route)) return done()
    const { traceparent } = request.headers
    const parent = typeof traceparent === 'string' ? contextFrom({ traceparent }) : contexts.active()
    const span = trace
      .getTracer('parley')
      .startSpan(
        `${request.method} ${route}`,
        { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'http.route': route } },
        parent,
      )
    const context = trace.setSpan(parent, span)
    running.set(request, { span, context })
    return contexts.with(context, done)
  })
  // Reading a body loses the async context (the socket's events have another one), so it is entered again.
  app.addHook('preHandler', (request, _reply, done) => {
    const entry = running.get(request)
    return entry === undefined ? done() : contexts.with(entry.context, done)
  })
  app.addHook('onError', (request, _reply, error, done) => {
    const span = running.get(request)?.span
    if (span !== undefined && (error.statusCode ?? 500) >= 500) markFailed(span, error)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const span = running.get(request)?.span
    span?.setAttribute('http.response.status_code', reply.statusCode)
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR })
    span?.end()
    done()
  })
  app.addHook('onRequestAbort', (request, done) => {
    running.get(request)?.span.end()
    done()
  })
}
