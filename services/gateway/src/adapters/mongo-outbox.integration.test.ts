import { randomUUID } from 'node:crypto'
import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { OfContact, OutboxMessage, Shelf } from '../sending/outbox.ts'
import { mongoOutbox } from './mongo-outbox.ts'
import { mongoReceipts } from './mongo-receipts.ts'

const message = (messageId: string, of: Partial<OutboxMessage>): OutboxMessage => ({
  messageId,
  contactId: 'ana',
  accountId: 'A',
  partition: 0,
  streamVersion: 1,
  conversationId: 'conversation',
  causationId: 'event',
  traceparent: '',
  position: 0,
  replyToProviderMessageId: '',
  content: [],
  ...of,
})

test('of two gateways that claim a message at once one gets it, and no step is taken from where the message does not stand', async () => {
  await using it = await testDb()
  const [outbox, other] = [await mongoOutbox(it.db), await mongoOutbox(it.db)]
  await outbox.put([message('m', {})])
  const claim = (attemptId: string) =>
    ({
      changeId: attemptId,
      messageId: 'm',
      from: ['pending'],
      to: 'attempting',
      attemptId,
      attemptAt: 1,
    }) as const
  const [mine, theirs] = await Promise.all([outbox.change(claim('mine')), other.change(claim('theirs'))])
  expect([mine, theirs].filter(Boolean)).toHaveLength(1)
  const [winner, loser] = mine ? ['mine', 'theirs'] : ['theirs', 'mine']
  expect(await outbox.load('m')).toMatchObject({ state: 'attempting', attemptId: winner })
  // Its answer was lost, and it is asked for again.
  expect(await outbox.change(claim(winner))).toBe(true)

  const resend = { messageId: 'm', from: ['attempting'], ofAttempt: 1, to: 'resending', attempt: 2 } as const
  expect(await outbox.change({ ...resend, changeId: 'of the loser', ofAttemptId: loser })).toBe(false)
  expect(await outbox.change({ ...resend, changeId: 'second', ofAttemptId: winner })).toBe(true)
  expect(await outbox.change({ ...claim('third'), from: ['resending'] })).toBe(true)
  expect(await outbox.change({ ...resend, changeId: 'no third attempt', ofAttemptId: 'third' })).toBe(false)
  expect(await outbox.load('m')).toMatchObject({ state: 'attempting', attempt: 2 })
})

test('whom a message went to is told by the channel’s id, among those who are asked about', async () => {
  await using it = await testDb()
  const outbox = await mongoOutbox(it.db)
  await outbox.put([message('m', { contactId: 'ana' }), message('n', { contactId: 'bia' })])
  for (const messageId of ['m', 'n'])
    await outbox.change({
      changeId: messageId,
      messageId,
      from: ['pending'],
      to: 'done',
      outcome: { status: 'sent', providerId: `wamid.${messageId}` },
    })
  expect(await outbox.receiverOf(['ana', 'bia'], 'wamid.n')).toBe('bia')
  expect(await outbox.receiverOf(['ana'], 'wamid.n')).toBeUndefined()
})

test('what is open is read page by page in the order of the log, whatever states it goes through meanwhile', async () => {
  await using it = await testDb()
  const outbox = await mongoOutbox(it.db)
  const order = Array.from({ length: 9 }, (_, index) => index)
  await outbox.put([
    ...order
      .toReversed()
      .map((position) => message(`m${position}`, { position, contactId: `c${position % 2}` })),
    message('other number', { accountId: 'B', position: 20 }),
    message('other partition', { partition: 1, position: 1 }),
  ])
  const change = (messageId: string, to: 'attempting' | 'pending' | 'done') =>
    outbox.change({
      changeId: randomUUID(),
      messageId,
      from: ['pending', 'attempting'],
      to,
      attemptId: 'x',
      attemptAt: 1,
    })
  const read = async (of: Shelf | OfContact, after: number, limit: number) =>
    (await outbox.open(of, after, limit)).map(({ messageId, state }) => `${messageId} ${state}`)
  await change('m1', 'done')
  await change('m4', 'attempting')
  expect(await read({ partition: 0, accountId: 'A' }, -1, 4)).toEqual([
    'm0 pending',
    'm2 pending',
    'm3 pending',
    'm4 attempting',
  ])
  await change('m4', 'pending')
  await change('m6', 'attempting')
  expect(await read({ partition: 0, accountId: 'A' }, 3, 9)).toEqual([
    'm4 pending',
    'm5 pending',
    'm6 attempting',
    'm7 pending',
    'm8 pending',
  ])
  expect(await read({ contactId: 'c0' }, 0, 3)).toEqual(['m2 pending', 'm4 pending', 'm6 attempting'])
  const begun: string[] = []
  for await (const { messageId } of outbox.begun([0, 1])) begun.push(messageId)
  expect(begun).toEqual(['m6'])
  const shelves = (await outbox.backlogs([0, 1])).map(
    ({ partition, accountId }) => `${partition} ${accountId}`,
  )
  expect(shelves.toSorted()).toEqual(['0 A', '0 B', '1 A'])
})

test('the latest call of which a report has come is known to every gateway, by number, and never goes back', async () => {
  await using it = await testDb()
  const outbox = await mongoOutbox(it.db)
  const ids = ['early', 'late', 'second attempt']
  await outbox.put(ids.map((id, position) => message(id, { position })))
  for (const [index, messageId] of ids.entries())
    await outbox.change({
      changeId: randomUUID(),
      messageId,
      from: ['pending'],
      to: 'attempting',
      attemptId: messageId,
      attemptAt: 1_000 * (index + 1),
      attempt: messageId === 'second attempt' ? 2 : 1,
    })
  const fail = (error: unknown) => expect.unreachable(String(error))
  const [one, other] = [mongoReceipts(it.db, fail), mongoReceipts(it.db, fail)]
  expect(await other.latestCall('A')).toBe(0)
  for (const id of ids) one.came('A', id)
  await one.drain()
  await expect.poll(() => other.latestCall('A')).toBe(2_000)
  one.came('A', 'early')
  await one.drain()
  expect(await mongoReceipts(it.db, fail).latestCall('A')).toBe(2_000)
  expect(await other.latestCall('B')).toBe(0)
})
