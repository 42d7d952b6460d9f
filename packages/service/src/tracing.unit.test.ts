import { trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { currentTraceparent, withSpan } from './spans.ts'
import { startTracing } from './tracing.ts'

startTracing('agent', {})
const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('without an exporter a trace still travels: same trace id, same flags, a new span id', async () => {
  const inside = await withSpan('work', { traceparent: parent }, () => currentTraceparent())
  expect(inside).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
  expect(inside).not.toBe(parent)
  expect(
    await withSpan('work', { traceparent: parent.replace(/01$/, '00') }, () => currentTraceparent()),
  ).toMatch(/-00$/)
})

test('a span inside a span belongs to the same trace, across awaits', async () => {
  const [outer, inner] = await withSpan('outer', {}, async () => {
    await Promise.resolve()
    return [currentTraceparent(), await withSpan('inner', {}, async () => currentTraceparent())] as const
  })
  expect(inner.slice(0, 36)).toBe(outer.slice(0, 36))
  expect(inner).not.toBe(outer)
  expect(currentTraceparent()).toBe('')
})

test('without an exporter nothing is recorded', () => {
  trace.getTracer('test').startActiveSpan('work', (span) => {
    expect(span.isRecording()).toBe(false)
    expect(currentTraceparent()).toContain(span.spanContext().spanId)
  })
})

test('a broken traceparent begins a new trace', async () => {
  expect(await withSpan('work', { traceparent: 'nonsense' }, () => currentTraceparent())).toMatch(
    /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/,
  )
})
