import type { Document } from 'mongodb'
import { expect, test } from 'vitest'
import { conversationStore } from './conversation-store.ts'

/** What the store asks of MongoDB here, over these contacts. */
function storeOf(contacts: readonly Document[]) {
  return conversationStore(
    () =>
      ({
        contacts: {
          findOne: async ({ _id }: Document) => contacts.find((contact) => contact['_id'] === _id) ?? null,
        },
      }) as unknown as ReturnType<Parameters<typeof conversationStore>[0]>,
    'America/Sao_Paulo',
    () => new Date(),
  )
}

test('a customer is known by the contact that the last merge led to', async () => {
  const store = storeOf([
    { _id: 'a', number: '', mergedInto: 'b' },
    { _id: 'b', number: '', mergedInto: 'c' },
    { _id: 'c', number: '5511' },
  ])
  expect(await store.presentContactId('a')).toBe('c')
  expect(await store.contact('a')).toMatchObject({ number: '5511' })
  expect(await store.presentContactId('nobody')).toBe('nobody')
})

test('merges that lead back to where they began are followed once', async () => {
  const store = storeOf([
    { _id: 'a', number: '1', mergedInto: 'b' },
    { _id: 'b', number: '2', mergedInto: 'a' },
  ])
  expect(await store.presentContactId('a')).toBe('b')
  expect(await store.contact('b')).toMatchObject({ number: '1' })
})
