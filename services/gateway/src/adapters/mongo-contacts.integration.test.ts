import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { mongoContacts } from './mongo-contacts.ts'

test('a contact that proved to be another one is reached as that one is, however often that happened', async () => {
  await using store = await testDb()
  const { db } = store
  const contacts = await mongoContacts(db)
  const named = (contactId: string, waId: string) => ({
    contactId,
    accountId: 'account',
    names: { waId, userId: '', parentUserId: '' },
    namedAt: new Date('2026-01-01T00:00:00.000Z'),
  })
  await contacts.name([named('a', '1'), named('b', '2'), named('c', '3')])
  const reached = async (contactId: string) => (await contacts.presentAddressOf(contactId))?.waId
  expect(await reached('a')).toBe('1')
  await contacts.mergedInto('a', 'b')
  await contacts.mergedInto('b', 'c')
  expect([await reached('a'), await reached('b'), await reached('c')]).toEqual(['3', '3', '3'])
  expect(await contacts.addressOf('a')).toMatchObject({ waId: '1' })
  expect(await contacts.presentAddressOf('nobody')).toBeUndefined()
  expect([await contacts.formerOf('c'), await contacts.formerOf('a')]).toEqual([['b', 'a'], []])
})

test('a number that was lost does not come back by what was told before; the one that they had gone to is taken, however late that is told', async () => {
  await using store = await testDb()
  const { db } = store
  const contacts = await mongoContacts(db)
  const [first, second, third] = ['5511988880000', '5511977770000', '5511966660000']
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute))
  const told = (contactId: string, waId: string, minute: number) =>
    contacts.name([
      {
        contactId,
        accountId: 'account',
        names: { waId, userId: 'BR.1', parentUserId: '' },
        namedAt: at(minute),
      },
    ])
  const lost = (contactId: string, waId: string, minute: number) =>
    contacts.release({ contactId, accountId: 'account', waId, at: at(minute) })
  const reached = async (contactId: string) => (await contacts.addressOf(contactId))?.waId

  await told('a', second, 3)
  await lost('a', first, 6)
  await told('a', third, 4)
  expect(await reached('a')).toBe(third)

  await told('b', first, 1)
  await lost('b', '551188880000', 6)
  expect(await reached('b')).toBe('')
  await told('b', first, 5)
  expect(await reached('b')).toBe('')

  await lost('c', first, 6)
  await told('c', first, 5)
  expect(await reached('c')).toBe('')
  await told('c', second, 5)
  expect(await reached('c')).toBe(second)
})

test.each(['$waId', '$$ROOT', '$$nobody', '$', 'a.$b', '{"$ne":1}', 'x\u0000y'])(
  'a name is kept as it was told, whatever it looks like to the store: %j',
  async (userId) => {
    await using store = await testDb()
    const contacts = await mongoContacts(store.db)
    const named = (minute: number, names: { userId: string; parentUserId: string }) =>
      contacts.name([
        {
          contactId: 'a',
          accountId: 'account',
          names: { waId: '5511988880000', ...names },
          namedAt: new Date(Date.UTC(2026, 0, 1, 12, minute)),
        },
      ])
    await named(1, { userId, parentUserId: userId })
    // By the store, and not by what this process remembers.
    const stored = async () => (await mongoContacts(store.db)).addressOf('a')
    expect(await stored()).toMatchObject({ waId: '5511988880000', userId, parentUserId: userId })
    await named(2, { userId: 'BR.1', parentUserId: userId })
    expect(await stored()).toMatchObject({ userId: 'BR.1', parentUserId: userId })
  },
)
