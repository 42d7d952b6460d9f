import { type Context, ROOT_CONTEXT, type Span, isSpanContextValid, trace } from '@opentelemetry/api'

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** The context that a W3C traceparent names, or none. https://www.w3.org/TR/trace-context/#traceparent-header */
export function spanParent(traceparent: string): Context {
  const match = TRACEPARENT.exec(traceparent)
  if (match === null) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: match[1]!,
    spanId: match[2]!,
    traceFlags: Number.parseInt(match[3]!, 16),
    isRemote: true,
  })
}

/** The traceparent of a span; `otherwise` when nothing records it. */
export function traceparentOf(span: Span | undefined, otherwise: string): string {
  const context = span?.spanContext()
  if (context === undefined || !isSpanContextValid(context)) return otherwise
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`
}
