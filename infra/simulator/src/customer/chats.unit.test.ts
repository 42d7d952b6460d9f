import { describe, expect, test } from 'vitest'
import { reachesPhone } from '../adapters/phones.ts'
import { chatBook, type Chat, type ChatFact } from './chats.ts'
import { bsuidOf, countryOf, isBsuid, waIdOf } from './identity.ts'

const waba = '102290129340398'
const number = '106540352242922'
const hour = 60 * 60 * 1000

const book = () => {
  const chats = chatBook(waba)
  const key = chats.keyOf('5511987654321')
  const write = (at: number, id: string, element: Readonly<Record<string, unknown>>): void =>
    chats.apply({ kind: 'wrote', key, number, at, id, element })
  const chat = (): Chat => chats.chatAt(chats.customerAt(key), number)
  return { chats, key, write, chat }
}
const text = (body: string) => ({ type: 'text', text: { body } })

describe('the 24-hour window', () => {
  test('is open for 24 hours after the customer wrote, and each message opens it anew', () => {
    const { chats, key, write } = book()
    write(0, 'a', text('oi'))
    expect(chats.window(key, number, 24 * hour)).toEqual({ open: true })
    expect(chats.window(key, number, 24 * hour + 1)).toEqual({ open: false, shows: 'status' })
    write(25 * hour, 'b', text('oi'))
    expect(chats.window(key, number, 26 * hour)).toEqual({ open: true })
  })

  test('is closed for who never wrote here, until a test opens it', () => {
    const { chats } = book()
    const key = chats.keyOf('8801711111111')
    expect(chats.window(key, number, 0)).toEqual({ open: false, shows: 'status' })
    chats.apply({ kind: 'window', key, number, closed: 'no' })
    expect(chats.window(key, number, 100 * hour)).toEqual({ open: true })
  })

  test('that a test closed stays closed until the customer writes', () => {
    const { chats, key, write } = book()
    write(0, 'a', text('oi'))
    chats.apply({ kind: 'window', key, number, closed: 'status' })
    expect(chats.window(key, number, 1)).toEqual({ open: false, shows: 'status' })
    write(2, 'b', text('oi'))
    expect(chats.window(key, number, 3)).toEqual({ open: true })
  })

  test("is not opened by the business's own messages", () => {
    const { chats, key, write } = book()
    write(0, 'a', text('oi'))
    chats.apply({
      kind: 'answered',
      key,
      number,
      at: 23 * hour,
      id: 'o',
      type: 'text',
      content: { body: 'hi' },
    })
    expect(chats.window(key, number, 25 * hour).open).toBe(false)
  })
})

describe('a chat', () => {
  test('shows edits, deletions and reactions on their message', () => {
    const { write, chat } = book()
    write(0, 'a', text('oi'))
    write(1, 'e', { type: 'edit', edit: { original_message_id: 'a', message: text('olá') } })
    write(2, 'r', { type: 'reaction', reaction: { message_id: 'a', emoji: '👍' } })
    expect(chat().entries.get('a')).toMatchObject({
      content: { body: 'olá' },
      edited: true,
      reactionOfCustomer: '👍',
    })
    write(3, 'r2', { type: 'reaction', reaction: { message_id: 'a' } })
    write(4, 'd', { type: 'revoke', revoke: { original_message_id: 'a' } })
    expect(chat().entries.get('a')).toMatchObject({ deleted: true, reactionOfCustomer: undefined })
    expect(chat().entries.size).toBe(1)
  })

  test('never takes a status back', () => {
    const { chats, key, write, chat } = book()
    write(0, 'a', text('oi'))
    for (const status of ['read', 'delivered', 'sent'] as const) {
      chats.apply({ kind: 'progressed', key, number, id: 'a', status })
    }
    expect(chat().entries.get('a')?.status).toBe('read')
  })

  test('does not let a phone show what cannot be delivered', () => {
    const { chats, key, chat } = book()
    const fact = { kind: 'answered', key, number, at: 0, type: 'text', content: { body: 'x' } } as const
    chats.apply({ ...fact, id: 'fails', undeliverable: true })
    chats.apply({ ...fact, id: 'arrives' })
    expect([...chat().entries.values()].filter(reachesPhone).map(({ id }) => id)).toEqual(['arrives'])
  })

  test('keeps its last 500 entries', () => {
    const { write, chat } = book()
    for (let n = 0; n < 600; n += 1) write(n, `m${n}`, text(String(n)))
    expect(chat().entries.size).toBe(500)
    expect(chat().entries.has('m99')).toBe(false)
  })

  test('is the same after its facts are replayed', () => {
    const facts: ChatFact[] = [
      { kind: 'known', key: bsuidOf('5511987654321', waba), waId: '5511987654321', name: 'Ana' },
      { kind: 'wrote', key: bsuidOf('5511987654321', waba), number, at: 0, id: 'a', element: text('oi') },
    ]
    const once = chatBook(waba)
    const again = chatBook(waba)
    for (const fact of facts) once.apply(fact)
    for (const fact of facts) again.apply(JSON.parse(JSON.stringify(fact)) as ChatFact)
    expect([...again.all()]).toEqual([...once.all()])
  })
})

describe('who a customer is', () => {
  test('a number and its BSUID are one customer', () => {
    const { chats, key } = book()
    expect(chats.keyOf(bsuidOf('5511987654321', waba))).toBe(key)
    expect(chats.keyOf('+55 11 98765-4321')).toBe(key)
  })
  test('a BSUID that a test gave means the same customer from then on', () => {
    const { chats, key } = book()
    chats.apply({ kind: 'known', key, waId: '5511987654321', userId: 'BR.42' })
    expect(chats.keyOf('BR.42')).toBe(key)
  })
  test('the BSUID begins with the country of the number', () => {
    expect(bsuidOf('5511987654321', waba)).toMatch(/^BR\.\d{20}$/)
    expect(['16505551234', '8801711111111', '351912345678', '999'].map(countryOf)).toEqual([
      'US',
      'BD',
      'PT',
      'ZZ',
    ])
  })
  test('numbers and BSUIDs are told apart', () => {
    expect(isBsuid('US.ENT.11815799212886844830')).toBe(true)
    expect(isBsuid('5511987654321')).toBe(false)
    expect(waIdOf('BR.1349')).toBeUndefined()
  })
})
