import { randomUUID } from 'node:crypto'
import { testMongoUri } from '@parley/testkit'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { mongoContacts } from './mongo-contacts.ts'

test('a contact that proved to be another one is reached as that one is, however often that happened', async () => {
  await using client = await new MongoClient(testMongoUri()).connect()
  const db = client.db(`contacts_${randomUUID().slice(0, 8)}`)
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
  await contacts.mergedInto('c', 'a')
  expect(await reached('a')).toBeDefined()
  expect((await contacts.formerOf('a')).toSorted()).toEqual(['b', 'c'])
  await db.dropDatabase()
})
