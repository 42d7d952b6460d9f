import { describe, expect, test } from 'vitest'
import { Refused, Unreachable } from '../api/client.ts'
import type { Accepted } from '../api/shapes.ts'
import { Outbox } from './outbox.ts'

/** A service that answers as it is told, and the requests that came to it. */
function outbox(answers: (() => Accepted)[]) {
  const asked: { path: string; body: unknown; key: string }[] = []
  let keys = 0
  const box = new Outbox(
    {
      post: async (path, body, key) => {
        asked.push({ path, body, key })
        return (answers.shift() ?? (() => ({ messageId: `m-${key}` })))()
      },
      newKey: () => `key-${(keys += 1)}`,
      lastMessageId: () => undefined,
      now: () => '2026-03-03T09:00:00.000Z',
      pause: () => new Promise(() => {}),
    },
    () => {},
  )
  return { box, asked }
}
const unreachable = () => {
  throw new Unreachable('away')
}
const texts = (asked: readonly { body: unknown }[]) =>
  asked.map(({ body }) => (body as { text: string }).text)
const kinds = (box: Outbox) => box.unsent.map(({ state }) => state.kind)

describe('what is written', () => {
  test('goes out in its order when the line is back, with the keys it had', async () => {
    const { box, asked } = outbox([unreachable, unreachable])
    box.write('a', { type: 'text', text: 'one' })
    box.write('a', { type: 'text', text: 'two' })
    await expect.poll(() => kinds(box)).toEqual(['unsent', 'sending'])
    expect(box.isHolding).toBe(true)
    box.wake()
    await expect.poll(() => asked.length).toBe(2)
    box.wake()
    await expect.poll(() => kinds(box)).toEqual(['taken', 'taken'])
    expect(texts(asked)).toEqual(['one', 'one', 'one', 'two'])
    expect(asked.map(({ key }) => key)).toEqual(['key-1', 'key-1', 'key-1', 'key-2'])
  })

  test('is asked for again with its key while there is no decision', async () => {
    const { box, asked } = outbox([() => ({ commandId: 'c1' })])
    box.write('a', { type: 'text', text: 'one' })
    await expect.poll(() => asked.length).toBe(1)
    await expect
      .poll(() => {
        box.wake()
        return kinds(box)
      })
      .toEqual(['taken'])
    expect(asked.map(({ key }) => key)).toEqual(['key-1', 'key-1'])
  })

  test('stands as failed with its reason when it is refused, and what follows goes on; a retry is a new wish', async () => {
    const { box, asked } = outbox([
      () => {
        throw new Refused(409, { code: 'REPLY_WINDOW_CLOSED', message: 'closed' })
      },
    ])
    box.write('a', { type: 'text', text: 'one' })
    box.write('a', { type: 'text', text: 'two' })
    await expect.poll(() => kinds(box)).toEqual(['failed', 'taken'])
    box.retry('key-1')
    await expect.poll(() => kinds(box)).toEqual(['taken', 'taken'])
    expect(asked.map(({ key }) => key)).toEqual(['key-1', 'key-2', 'key-3'])
  })

  test('of one conversation does not wait for another', async () => {
    const { box } = outbox([unreachable])
    box.write('a', { type: 'text', text: 'one' })
    box.write('b', { type: 'text', text: 'two' })
    await expect.poll(() => kinds(box)).toEqual(['unsent', 'taken'])
  })

  test('a note goes to the notes and nowhere else, whatever it holds', async () => {
    const { box, asked } = outbox([])
    box.write('a', { type: 'note', text: 'R: tell the customer', mentions: ['p02'] })
    await expect.poll(() => kinds(box)).toEqual(['taken'])
    expect(asked).toEqual([
      {
        path: '/api/conversations/a/notes',
        body: { text: 'R: tell the customer', mentions: ['p02'] },
        key: 'key-1',
      },
    ])
  })

  test('is waited for where a close follows it, and not where it cannot go out', async () => {
    const { box } = outbox([() => ({ messageId: 'm1' }), unreachable])
    box.write('a', { type: 'text', text: 'one' })
    expect(kinds(box)).toEqual(['sending'])
    expect(await box.settled('a')).toBe(true)
    expect(kinds(box)).toEqual(['taken'])
    box.write('b', { type: 'text', text: 'two' })
    box.write('b', { type: 'text', text: 'three' })
    expect(await box.settled('b')).toBe(false)
    expect(kinds(box)).toEqual(['taken', 'unsent', 'sending'])
    expect(await box.settled('c')).toBe(true)
  })

  test('leaves when the conversation shows it', async () => {
    const { box } = outbox([() => ({ messageId: 'm1' })])
    box.write('a', { type: 'text', text: 'one' })
    await expect.poll(() => kinds(box)).toEqual(['taken'])
    box.arrived(new Set(['m1']))
    expect(box.unsent).toEqual([])
  })
})
