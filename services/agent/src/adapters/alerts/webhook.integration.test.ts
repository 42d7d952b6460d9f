import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingHttpHeaders, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { Alert } from '../../alerts/alert.ts'
import { AlertStore } from './store.ts'
import { AlertWebhook } from './webhook.ts'

const SECRET = Buffer.from('0123456789abcdefghijklmnopqrstuv')
const alert: Alert = {
  id: 'a-1',
  rule: 'threatens_to_sue',
  reason: 'Read along.',
  figure: null,
  over: null,
  limit: null,
  isBelow: false,
  value: null,
  queue: 'cards',
  team: null,
  conversationId: 'c-1',
  since: '2026-03-02T11:59:59.000Z',
  openedAt: '2026-03-02T12:00:00.000Z',
  endedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
}
const ENDED_AT = '2026-03-02T12:05:00.000Z'

interface Told {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver, and replicas that tell it what the store has. The clock stands unless it is moved. */
async function receiver(
  answer: (told: readonly Told[]) => number | 'without an end' | undefined = () => 204,
) {
  const kept = await testDb()
  const { db } = kept
  const store = await AlertStore.open(db, true)
  const told: Told[] = []
  let cut = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    told.push({ headers: request.headers, body })
    const status = answer(told)
    if (status === 'without an end') {
      response.writeHead(200).on('close', () => (cut += 1))
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(10_000)));
      }
      response.on('drain', more)
      more()
      return
    }
    // Undefined: it never answers.
    if (status !== undefined) response.writeHead(status, { location: '/elsewhere' }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const teller: AlertWebhook[] = []
  const givenUp: string[] = []
  const refused: unknown[] = []
  let skewMs = 0
  return {
    cut: () => cut,
    store,
    told,
    givenUp,
    refused,
    ids: () => told.map(({ headers }) => String(headers['webhook-id'])),
    later: (ms: number) => void (skewMs += ms),
    start() {
      const webhook = new AlertWebhook({
        store,
        url: new URL(`http://127.0.0.1:${port}/alarms`),
        secret: SECRET,
        fetch,
        now: () => new Date(Date.now() + skewMs),
        onRefused: (_, error) => refused.push(error),
        onGivenUp: (_, telling) => givenUp.push(telling),
        everyMs: 5,
      })
      teller.push(webhook)
      return webhook
    },
    async [Symbol.asyncDispose]() {
      for (const { resource } of teller) await resource.close()
      server.closeAllConnections()
      server.close()
      await kept[Symbol.asyncDispose]()
    },
  }
}

test('each alert is told when it opens and when it ends, once, however many replicas tell; signed, and without anything that was said', async () => {
  await using it = await receiver()
  for (let count = 0; count < 3; count += 1) it.start()
  await it.store.begin([alert])
  await it.store.begin([alert])
  await expect.poll(() => it.ids(), { timeout: 20_000 }).toEqual(['a-1.opened'])
  await it.store.endOfConversations([{ id: 'c-1', at: ENDED_AT }])
  await it.store.endOfConversations([{ id: 'c-1', at: ENDED_AT }])
  await it.store.begin([{ ...alert, id: 'a-2', conversationId: 'c-2' }])
  await expect
    .poll(() => it.ids().toSorted(), { timeout: 20_000 })
    .toEqual(['a-1.ended', 'a-1.opened', 'a-2.opened'])
  for (const { headers, body } of it.told) {
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = headers
    const expected = createHmac('sha256', SECRET)
      .update(`${String(id)}.${String(at)}.${body}`)
      .digest('base64')
    expect(signature).toBe(`v1,${expected}`)
    expect(Math.abs(Date.now() / 1_000 - Number(at))).toBeLessThan(60)
  }
  expect(JSON.parse(it.told[0]!.body)).toEqual({
    type: 'alert.opened',
    timestamp: alert.openedAt,
    data: {
      id: 'a-1',
      rule: 'threatens_to_sue',
      figure: null,
      over: null,
      limit: null,
      isBelow: false,
      value: null,
      queue: 'cards',
      team: null,
      conversationId: 'c-1',
      since: alert.since,
      openedAt: alert.openedAt,
      endedAt: null,
    },
  })
})

test('what is not taken is told again later under the same id, each time after a longer while, and what came behind it waits its turn', async () => {
  await using it = await receiver((told) => (told.length < 3 ? 503 : 204))
  it.start()
  await it.store.begin([alert])
  await expect.poll(() => it.told.length, { timeout: 20_000 }).toBe(1)
  await it.store.endOfConversations([{ id: 'c-1', at: ENDED_AT }])
  it.later(1_000)
  await expect.poll(() => it.told.length, { timeout: 20_000 }).toBe(2)
  it.later(2_000)
  await expect
    .poll(() => it.ids(), { timeout: 20_000 })
    .toEqual(['a-1.opened', 'a-1.opened', 'a-1.opened', 'a-1.ended'])
  expect(it.refused).toHaveLength(1)
})

test('a receiver that takes nothing is given up, and is told of the next alert all the same; it is sent nowhere else', async () => {
  await using it = await receiver(() => 307)
  it.start()
  await it.store.begin([alert])
  await expect.poll(() => (it.later(5 * 60_000), it.givenUp), { timeout: 40_000 }).toEqual(['opened'])
  expect(it.told).toHaveLength(30)
  await it.store.begin([{ ...alert, id: 'a-2' }])
  await expect.poll(() => it.ids().at(-1), { timeout: 20_000 }).toBe('a-2.opened')
})

test('whoever dies while telling is followed by another one, which tells it under the same id; what was told is not told again', async () => {
  let isDead = true
  await using it = await receiver(() => (isDead ? undefined : 204))
  await it.store.begin([alert])
  // What a process that was killed leaves behind: it had taken the job, and perhaps even told it.
  expect(await it.store.claimTelling(new Date(), 30_000, 300_000)).toMatchObject({
    telling: 'opened',
    tries: 1,
  })
  isDead = false
  it.start()
  await it.store.begin([{ ...alert, id: 'a-2' }])
  await expect.poll(() => it.ids(), { timeout: 20_000 }).toEqual(['a-2.opened'])
  it.later(30_000)
  await expect.poll(() => it.ids(), { timeout: 20_000 }).toEqual(['a-2.opened', 'a-1.opened'])
  it.start()
  it.later(60 * 60_000)
  await it.store.begin([{ ...alert, id: 'a-3' }])
  await expect.poll(() => it.ids(), { timeout: 20_000 }).toEqual(['a-2.opened', 'a-1.opened', 'a-3.opened'])
})

test('an answer without an end is cut off as soon as its status is known, and the next alert is told', async () => {
  await using it = await receiver(() => 'without an end')
  it.start()
  await it.store.begin([alert, { ...alert, id: 'a-2' }])
  await expect.poll(() => it.cut()).toBe(2)
  expect(it.ids().toSorted()).toEqual(['a-1.opened', 'a-2.opened'])
  expect(it.refused).toEqual([])
})

test('a receiver that is slow is told of several alerts at once', async () => {
  await using it = await receiver(() => undefined)
  it.start()
  await it.store.begin(['a-1', 'a-2', 'a-3'].map((id) => ({ ...alert, id })))
  // It has answered none of them.
  await expect
    .poll(() => it.ids().toSorted(), { timeout: 9_000 })
    .toEqual(['a-1.opened', 'a-2.opened', 'a-3.opened'])
}, 30_000)

test('a clock that is set back keeps nobody from being told', async () => {
  await using it = await receiver()
  await it.store.begin([alert])
  it.later(-3_600_000)
  it.start()
  await expect.poll(() => it.ids(), { timeout: 20_000 }).toEqual(['a-1.opened'])
})
