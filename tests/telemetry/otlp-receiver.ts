import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  /** Empty for a root. */
  readonly parentSpanId: string
  readonly name: string
  readonly startedAt: bigint
}

/** The parts of OTLP's JSON that are looked at. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
interface OtlpResource {
  attributes?: { key: string; value: { stringValue?: string } }[]
}
interface OtlpTraces {
  resourceSpans?: {
    resource?: OtlpResource
    scopeSpans?: {
      spans?: {
        traceId: string
        spanId: string
        parentSpanId?: string
        name: string
        startTimeUnixNano: string
      }[]
    }[]
  }[]
}

interface OtlpMetrics {
  resourceMetrics?: {
    resource?: OtlpResource
    scopeMetrics?: { metrics?: { name: string }[] }[]
  }[]
}

export interface ReceivedMetric {
  readonly service: string
  readonly name: string
}

export interface OtlpReceiver extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string
  spans(): readonly ReceivedSpan[]
  metrics(): readonly ReceivedMetric[]
  /** Everything that was received, as it came. */
  text(): string
}

/** A collector of one process, for tests: takes OTLP over HTTP with JSON and keeps it. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const metrics: ReceivedMetric[] = []
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    bodies.push(body)
    const received = JSON.parse(body) as OtlpTraces & OtlpMetrics
    spans.push(...spansOf(received))
    metrics.push(...metricsOf(received))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    metrics: () => metrics,
    text: () => bodies.join('\n'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function spansOf({ resourceSpans = [] }: OtlpTraces): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = serviceOf(resource)
    return scopeSpans.flatMap(({ spans = [] }) =>
      spans.map(({ startTimeUnixNano, parentSpanId = '', ...span }) => ({
        ...span,
        service,
        parentSpanId,
        startedAt: BigInt(startTimeUnixNano),
      })),
    )
  })
}

function metricsOf({ resourceMetrics = [] }: OtlpMetrics): ReceivedMetric[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics = [] }) =>
      metrics.map(({ name }) => ({ service: serviceOf(resource), name })),
    ),
  )
}

function serviceOf(resource: OtlpResource | undefined): string {
  return resource?.attributes?.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
}
