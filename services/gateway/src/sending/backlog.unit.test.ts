import { expect, test } from 'vitest'
import { Backlog } from './backlog.ts'
import type { OutboxMessage } from './outbox.ts'

const message = (contactId: string, position: number): OutboxMessage => ({
  messageId: `${contactId}-${position}`,
  contactId,
  accountId: 'A',
  partition: 0,
  streamVersion: position,
  conversationId: 'conversation',
  causationId: 'event',
  traceparent: '',
  position,
  replyToProviderMessageId: '',
  content: [],
})

test('once a message of a contact is left in the store, those after it are too, until it was read to its end', () => {
  const backlog = new Backlog()
  expect(backlog.admitsOfContact(message('ana', 5), false)).toBe(false)
  expect(backlog.admitsOfContact(message('ana', 6), true)).toBe(false)
  expect(backlog.admitsOfContact(message('bia', 7), true)).toBe(true)
  backlog.emptied('ana')
  const rest = backlog.next(() => true)!
  expect(rest).toMatchObject({ of: { contactId: 'ana' }, readTo: 4 })
  // While it is read, one more comes.
  expect(backlog.admitsOfContact(message('ana', 8), true)).toBe(false)
  backlog.wasRead(rest, 6, true)
  expect(backlog.admitsOfContact(message('ana', 9), true)).toBe(false)
  backlog.emptied('ana')
  backlog.wasRead(
    backlog.next(() => true)!,
    9,
    true,
  )
  expect(backlog.admitsOfContact(message('ana', 10), true)).toBe(true)
})

test('once a message of a number and partition is left in the store, those after it are too', () => {
  const backlog = new Backlog()
  expect(backlog.admits(message('ana', 5), false)).toBe(false)
  expect(backlog.admits(message('bia', 6), true)).toBe(false)
  expect(backlog.admits({ ...message('caio', 7), partition: 1 }, true)).toBe(true)
  const rest = backlog.next(() => true)!
  expect(rest).toMatchObject({ of: { accountId: 'A', partition: 0 }, readTo: 4 })
  backlog.wasRead(rest, 5, false)
  expect(backlog.admits(message('dora', 8), true)).toBe(false)
  backlog.wasRead(
    backlog.next(() => true)!,
    8,
    true,
  )
  expect(backlog.admits(message('eva', 9), true)).toBe(true)
})

test('what waited in partitions that went to another gateway is known no more; what waits in those that came is read', () => {
  const backlog = new Backlog()
  backlog.admits(message('ana', 5), false)
  backlog.admitsOfContact(message('bia', 6), false)
  backlog.emptied('bia')
  const before = backlog.next(() => true)!
  backlog.reset([{ accountId: 'A', partition: 1 }])
  expect(backlog.has(before)).toBe(false)
  for (let nth = 0; nth < 2; nth += 1)
    expect(backlog.next(() => true)).toMatchObject({ of: { accountId: 'A', partition: 1 }, readTo: -1 })
  backlog.reset([])
  expect([backlog.isEmpty, backlog.next(() => true)]).toEqual([true, undefined])
})
