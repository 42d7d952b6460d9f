import { context as contexts, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchSpanProcessor, TracerProvider as RecordingTracerProvider } from '@opentelemetry/sdk-trace'
import { otlpEndpoint, telemetryResource } from './otlp.ts'

export interface Tracing {
  /** Sends what is recorded and stops. Never rejects: telemetry must not fail a shutdown. */
  shutdown(): Promise<void>
}

/**
 * Registers tracing for the process. Spans are recorded and exported (OTLP over HTTP) only when OTEL_EXPORTER_OTLP_ENDPOINT
 * is set; without it, the ids that a message came with travel on unchanged, so that it keeps one trace through services that do export.
 */
export function startTracing(name: string, env: NodeJS.ProcessEnv = process.env): Tracing {
  contexts.setGlobalContextManager(new AsyncLocalStorageContextManager())
  const endpoint = otlpEndpoint(env)
  if (endpoint === undefined) return { shutdown: async () => {} }
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
