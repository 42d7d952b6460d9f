import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { spanParent, traceparentOf } from './spans.ts'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('the traceparent of an envelope names the parent of what is done for it, and comes back unchanged', () => {
  const context = spanParent(traceparent)
  expect(trace.getSpanContext(context)).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    isRemote: true,
  })
  expect(traceparentOf(trace.getSpan(context), '')).toBe(traceparent)
})

test.each(['', 'nonsense', '00-00000000000000000000000000000000-b7ad6b7169203331-01', `${traceparent}-more`])(
  'no traceparent (%s) begins a new trace',
  (broken) => {
    expect(spanParent(broken)).toBe(ROOT_CONTEXT)
  },
)

test('without a span, or with one that has no ids, what was there before is passed on', () => {
  expect(traceparentOf(undefined, traceparent)).toBe(traceparent)
  const empty = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 })
  expect(traceparentOf(empty, traceparent)).toBe(traceparent)
})
