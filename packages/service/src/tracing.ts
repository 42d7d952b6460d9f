import { randomBytes } from 'node:crypto'
import {
  type Context,
  type Span,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  context as contexts,
  isSpanContextValid,
  propagation,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchSpanProcessor, TracerProvider as RecordingTracerProvider } from '@opentelemetry/sdk-trace'
import { otlpEndpoint, telemetryResource } from './telemetry.ts'

export interface Tracing {
  /** Sends what is recorded and stops. Never rejects: telemetry must not fail a shutdown. */
  shutdown(): Promise<void>
}

/**
 * Registers tracing for the process. Spans are recorded and exported (OTLP over HTTP) only when OTEL_EXPORTER_OTLP_ENDPOINT
 * is set; without it, ids still travel, so that one message keeps one trace through services that do export.
 */
export function startTracing(name: string, env: NodeJS.ProcessEnv = process.env): Tracing {
  contexts.setGlobalContextManager(new AsyncLocalStorageContextManager())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  const endpoint = otlpEndpoint(env)
  if (endpoint === undefined) {
    trace.setGlobalTracerProvider(propagatingTracerProvider)
    return { shutdown: async () => {} }
  }
  const provider = new RecordingTracerProvider({
    resource: telemetryResource(name),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }),
        scheduledDelayMillis: 1_000,
        maxQueueSize: 8_192,
      }),
    ],
  })
  trace.setGlobalTracerProvider(provider)
  return { shutdown: () => provider.shutdown().catch(() => {}) }
}

/** Gives every span its ids and records nothing: two random numbers per span is all that it costs. */
const propagatingTracer: Tracer = {
  startSpan(_name, options, context = contexts.active()) {
    const parent = options?.root === true ? undefined : trace.getSpanContext(context)
    const known = parent !== undefined && isSpanContextValid(parent)
    return trace.wrapSpanContext({
      traceId: known ? parent.traceId : randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      traceFlags: known ? parent.traceFlags : TraceFlags.SAMPLED,
      ...(known && parent.traceState !== undefined ? { traceState: parent.traceState } : {}),
    })
  },
  startActiveSpan(name: string, ...rest: unknown[]) {
    const run = rest.at(-1) as (span: Span) => unknown
    const parent = rest.length > 2 ? (rest[1] as Context) : contexts.active()
    const span = propagatingTracer.startSpan(name, undefined, parent)
    return contexts.with(trace.setSpan(parent, span), run, undefined, span) as never
  },
}
const propagatingTracerProvider: TracerProvider = { getTracer: () => propagatingTracer }
