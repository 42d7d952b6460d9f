import { expect, test } from 'vitest'
import { currentTraceparent, withSpan } from './spans.ts'
import { startTracing } from './tracing.ts'

startTracing('agent', {})
const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('without an exporter a trace travels on as it came: nobody sees a span that has no record', async () => {
  for (const came of [parent, parent.replace(/01$/, '00')])
    expect(await withSpan('work', { traceparent: came }, () => currentTraceparent())).toBe(came)
})

test('a span inside a span belongs to the same trace, across awaits', async () => {
  const [outer, inner] = await withSpan('outer', {}, async () => {
    await Promise.resolve()
    return [currentTraceparent(), await withSpan('inner', {}, async () => currentTraceparent())] as const
  })
  expect(outer).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  expect(inner.slice(0, 36)).toBe(outer.slice(0, 36))
  expect(currentTraceparent()).toBe('')
})

test('without an exporter nothing is recorded', async () => {
  expect(await withSpan('work', {}, (span) => span.isRecording())).toBe(false)
})

test('a broken traceparent begins a new trace', async () => {
  expect(await withSpan('work', { traceparent: 'nonsense' }, () => currentTraceparent())).toMatch(
    /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/,
  )
})
