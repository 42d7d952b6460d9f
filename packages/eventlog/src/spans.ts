import {
  type Context,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  defaultTextMapGetter,
  defaultTextMapSetter,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'

/** Not the process's propagator: what stands in an envelope is W3C's form, whatever a process uses at its edges. */
const w3c = new W3CTraceContextPropagator()

/** The context that a W3C traceparent names; the root when it is none. https://www.w3.org/TR/trace-context/#traceparent-header */
export function spanParent(traceparent: string): Context {
  return w3c.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter)
}

/** The traceparent of a span; `otherwise` when there is no span, or one without ids. */
export function traceparentOf(span: Span | undefined, otherwise: string): string {
  if (span === undefined) return otherwise
  const carrier: { traceparent?: string } = {}
  w3c.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, defaultTextMapSetter)
  return carrier.traceparent ?? otherwise
}

/** False while no tracer provider is set: then a span for each record is work that nobody sees. */
export function isTraced(tracerName: string): boolean {
  const provider = trace.getTracerProvider()
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(tracerName) !== undefined
}
