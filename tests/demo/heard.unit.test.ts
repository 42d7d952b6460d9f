import { expect, test } from 'vitest'
import { Heard } from './heard.ts'

const CONVERSATION = 'c'

const thread = (version: number, ...messages: { id: string; version: number }[]) => ({
  conversation: { id: CONVERSATION, version },
  messages,
})

test('a thread without a message that was heard, or with an older one, is not acted upon', () => {
  const heard = new Heard()
  expect(heard.isIn(thread(1))).toBe(true)
  heard.add(CONVERSATION, { id: 'm', version: 3 })
  expect(heard.isIn(thread(9))).toBe(false)
  expect(heard.isIn(thread(9, { id: 'm', version: 2 }))).toBe(false)
  expect(heard.isIn(thread(2, { id: 'm', version: 4 }))).toBe(true)
})

test('a thread whose row is older than the one that was heard is not acted upon, however new its messages are', () => {
  const heard = new Heard()
  heard.add(CONVERSATION, { id: CONVERSATION, version: 5 })
  expect(heard.isIn(thread(4, { id: 'm', version: 7 }))).toBe(false)
  heard.add(CONVERSATION, { id: CONVERSATION, version: 3 })
  expect(heard.isIn(thread(5, { id: 'm', version: 7 }))).toBe(true)
})
