import { describe, expect, test } from 'vitest'
import { webhookDelivery, type SentWebhook } from './delivery.ts'

/** A product in memory: what it got, and the answers that it will give. */
const product = (answer: (body: string, attempt: number) => number | Promise<number>) => {
  const got: string[] = []
  const begun: SentWebhook[] = []
  let open = 0
  let mostOpen = 0
  const delivery = webhookDelivery({
    target: {
      host: 'product',
      post: async (body) => {
        open += 1
        mostOpen = Math.max(mostOpen, open)
        const text = body.toString()
        got.push(text)
        try {
          return await answer(text, got.filter((other) => other === text).length)
        } finally {
          open -= 1
        }
      },
    },
    appSecret: 'secret',
    concurrency: 4,
    retryFirstMs: 1,
    retryLongestMs: 8,
    retryForMs: 60_000,
    random: () => 0.5,
    now: Date.now,
    began: (_, webhook) => begun.push(webhook),
  })
  return { delivery, got, begun, mostOpen: () => mostOpen }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('webhook delivery', () => {
  test('one lane keeps its order: the next goes out after the answer to the one before', async () => {
    const course: string[] = []
    const { delivery } = product(async (body) => {
      course.push(`${body} goes out`)
      await turn()
      course.push(`${body} is answered`)
      return 200
    })
    const posted = ['1', '2', '3'].map((body) => delivery.post('ana', ['ana'], Buffer.from(body)))
    await Promise.all(posted.map(({ delivered }) => delivered))
    expect(course).toEqual(['1', '2', '3'].flatMap((body) => [`${body} goes out`, `${body} is answered`]))
    expect(delivery.pending()).toBe(0)
  })

  test('at most the given number of webhooks is in flight', async () => {
    const { delivery, mostOpen } = product(async () => {
      await turn()
      return 200
    })
    const posted = Array.from({ length: 40 }, (_, n) => delivery.post(`c${n}`, [], Buffer.from(String(n))))
    await Promise.all(posted.map(({ delivered }) => delivered))
    expect(mostOpen()).toBe(4)
  })

  test.each([500, 204, 302])('an answer of %d is tried again until it is 200', async (status) => {
    const { delivery, got } = product((_, attempt) => (attempt < 4 ? status : 200))
    await delivery.post('ana', [], Buffer.from('x')).delivered
    expect(got).toHaveLength(4)
  })

  test('a failed webhook does not hold up the ones behind it', async () => {
    const { delivery, got } = product((body, attempt) => (body === '1' && attempt < 3 ? 503 : 200))
    const first = delivery.post('ana', [], Buffer.from('1'))
    const second = delivery.post('ana', [], Buffer.from('2'))
    await second.delivered
    expect(delivery.pending()).toBe(1)
    await first.delivered
    expect(got.filter((body) => body === '1')).toHaveLength(3)
  })

  test('tried settles after the first attempt even if it failed', async () => {
    const { delivery } = product(() =>
      Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })),
    )
    await delivery.post('ana', [], Buffer.from('x')).tried
    expect(delivery.pending()).toBe(1)
    delivery.clear()
    expect(delivery.pending()).toBe(0)
  })

  test('each attempt is recorded with its number and outcome', async () => {
    const { delivery, begun } = product((_, attempt) => (attempt < 2 ? 500 : 200))
    await delivery.post('ana', ['ana'], Buffer.from('x')).delivered
    expect(begun.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 500],
      [2, 200],
    ])
  })
})
