import { randomBytes } from 'node:crypto'
import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  type SpanOptions as OpenSpanOptions,
  SpanStatusCode,
  TraceFlags,
  context as contexts,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api'
import { spanParent, traceparentOf } from '@parley/eventlog/spans'

export interface SpanOptions {
  /** The parent, from an envelope or a header. Default: the active span. */
  readonly traceparent?: string
  readonly kind?: SpanKind
  /** Ids, codes and counts only: never message text, names, phone numbers or tokens. */
  readonly attributes?: Attributes
}

/** Runs `work` inside a span. An error marks the span with its code alone: its message might quote a customer. */
export async function withSpan<Result>(
  name: string,
  { traceparent, kind = SpanKind.INTERNAL, attributes = {} }: SpanOptions,
  work: (span: Span) => Promise<Result> | Result,
): Promise<Result> {
  const parent = traceparent === undefined || traceparent === '' ? contexts.active() : spanParent(traceparent)
  const span = startSpan(name, { kind, attributes }, parent)
  try {
    return await contexts.with(trace.setSpan(parent, span), work, undefined, span)
  } catch (error) {
    markFailed(span, error)
    throw error
  } finally {
    span.end()
  }
}

/** https://www.w3.org/TR/trace-context/#traceparent-header-field-values */
const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8

/** Begins a trace where there is none, also in a process that exports nothing: others that do know its messages by it. */
export function startSpan(name: string, options: OpenSpanOptions, parent: Context): Span {
  const span = trace.getTracer('parley').startSpan(name, options, parent)
  if (isSpanContextValid(span.spanContext())) return span
  const ids = randomBytes(TRACE_ID_BYTES + SPAN_ID_BYTES)
  return trace.wrapSpanContext({
    traceId: ids.toString('hex', 0, TRACE_ID_BYTES),
    spanId: ids.toString('hex', TRACE_ID_BYTES),
    traceFlags: TraceFlags.SAMPLED,
  })
}

export function markFailed(span: Span, error: unknown): void {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  const kind =
    typeof code === 'string' || typeof code === 'number'
      ? String(code)
      : error instanceof Error
        ? error.name
        : 'unknown'
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.setAttribute('error.type', kind.slice(0, 100))
}

/** W3C traceparent of the active span; empty when there is none. */
export function currentTraceparent(): string {
  return traceparentOf(trace.getActiveSpan(), '')
}
