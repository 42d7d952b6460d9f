import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ConversationEvent, conversations } from '@parley/conversation'
import { Chain, projected } from '@parley/testkit'
import { expect, test } from 'vitest'
import { absorb, duration } from './adding-to-the-log.ts'

const withoutIndent = (code: string): string => code.replaceAll(/^ +/gm, '').trim()

test('the code of the guide is code that is compiled and tried', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/adding-to-the-log.md'), 'utf8')
  const tried = withoutIndent(readFileSync(join(import.meta.dirname, 'adding-to-the-log.ts'), 'utf8'))
  const told = [...guide.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => withoutIndent(code))
  expect(told.length).toBeGreaterThan(3)
  expect(told.filter((code) => !tried.includes(code))).toEqual([])
})

test('the guide’s projection says how long a conversation took', () => {
  const chain = new Chain<ConversationEvent>(conversations, 'contact-1')
  const begin = '2026-11-28T12:00:00.000Z'
  const opened = chain.add({ type: 'ConversationOpened' }, { correlationId: 'c1', at: begin })
  const closed = chain.add(
    { type: 'ConversationClosed' },
    { correlationId: 'c1', at: '2026-11-28T12:01:30.000Z' },
  )
  expect(
    projected(duration, [opened, closed] as Parameters<typeof duration.fold>[1][]).get('c1'),
  ).toMatchObject({ seconds: 90 })
})

test('the guide’s process manager wishes the same however often it is asked', () => {
  const merged = () =>
    absorb(
      new Chain<ConversationEvent>(conversations, 'contact-1').add({
        type: 'ContactMerged',
        data: { intoContactId: 'contact-2' },
      }) as Parameters<typeof absorb>[0],
    )
  expect(merged()).toEqual(merged())
  expect(merged()).toMatchObject([{ type: 'AbsorbContact', streamId: 'contact-2' }])
})
