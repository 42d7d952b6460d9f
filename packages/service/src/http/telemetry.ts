import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  context as contexts,
  trace,
} from '@opentelemetry/api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { durations } from '../telemetry/metrics.ts'
import { markFailed, startSpan } from '../telemetry/spans.ts'

interface Running {
  readonly span: Span
  readonly context: Context
  readonly beganAtMs: number
  isAnswered: boolean
  isGivenUp: boolean
}

/**
 * A span and a measured duration for each request, from its first byte until its answer is out. Of an event stream only its
 * opening counts: it lasts as long as somebody watches. A caller who gives up does not end the work, so the span goes on.
 * A trace begins here: a `traceparent` of a stranger could tie his requests to other people's, and choose what is recorded.
 * Both carry the route's pattern, never the url: urls carry transcript tokens.
 */
export function addTelemetry(app: FastifyInstance): void {
  const measure = durations('http.server.request.duration', 'From the first byte of a request to its answer.')
  const running = new WeakMap<FastifyRequest, Running>()

  const end = (request: FastifyRequest, answered: number): void => {
    const entry = running.get(request)
    if (entry === undefined) return
    running.delete(request)
    const statusCode = entry.isGivenUp ? CALLER_GAVE_UP : answered
    entry.span.setAttribute('http.response.status_code', statusCode)
    if (statusCode >= 500) entry.span.setStatus({ code: SpanStatusCode.ERROR })
    entry.span.end()
    measure(entry.beganAtMs, {
      'http.request.method': request.method,
      'http.route': routeOf(request),
      'http.response.status_code': statusCode,
    })
  }

  app.addHook('onRequest', (request, _reply, done) => {
    const route = routeOf(request)
    const span = startSpan(
      `${request.method} ${route}`,
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'http.route': route } },
      ROOT_CONTEXT,
    )
    const context = trace.setSpan(ROOT_CONTEXT, span)
    running.set(request, {
      span,
      context,
      beganAtMs: performance.now(),
      isAnswered: false,
      isGivenUp: false,
    })
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
  app.addHook('onSend', (request, reply, payload, done) => {
    const entry = running.get(request)
    if (entry !== undefined) {
      entry.isAnswered = true
      if (entry.isGivenUp || isEventStream(reply)) end(request, reply.statusCode)
    }
    done(null, payload)
  })
  app.addHook('onResponse', (request, reply, done) => {
    end(request, reply.statusCode)
    done()
  })
  app.addHook('onRequestAbort', (request, done) => {
    const entry = running.get(request)
    if (entry !== undefined) {
      entry.isGivenUp = true
      if (entry.isAnswered) end(request, CALLER_GAVE_UP)
    }
    done()
  })
}

/** What nginx writes for it: no status was received. */
const CALLER_GAVE_UP = 499

const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'unknown route'

const isEventStream = (reply: FastifyReply): boolean =>
  String(reply.getHeader('content-type') ?? '').startsWith('text/event-stream')
