import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { storeIdOf } from './store-id.ts'

test('a database has one name, whoever asks and however many at once, and another one has another', async () => {
  await using one = await testDb()
  await using other = await testDb()
  const names = await Promise.all(Array.from({ length: 20 }, () => storeIdOf(one.db, 3)))
  expect(new Set([...names, await storeIdOf(one.db, 3)]).size).toBe(1)
  expect(await storeIdOf(other.db, 3)).not.toBe(names[0])
})

test('a copy of a database that is put into another one is not taken for it', async () => {
  await using one = await testDb()
  await using copy = await testDb()
  const name = await storeIdOf(one.db, 3)
  const named = await one.db.collection('store').find().toArray()
  await copy.db.collection('store').insertMany(named)
  expect(await storeIdOf(copy.db, 3)).not.toBe(name)
})

test('a database that was begun with another count of partitions is not gone on with', async () => {
  await using one = await testDb()
  await storeIdOf(one.db, 12)
  await one.db.collection<{ _id: number }>('raw_heads').insertOne({ _id: 0 })
  await expect(storeIdOf(one.db, 6)).rejects.toMatchObject({
    code: 'PARTITION_COUNT_MISMATCH',
    message: expect.stringContaining(
      `${one.db.databaseName} has 12 partitions, the settings say 6`,
    ) as string,
  })
})

test('a database in which nothing is kept yet is begun with the count that is right: the first start had another, and was refused', async () => {
  await using one = await testDb()
  const name = await storeIdOf(one.db, 12)
  await one.db.collection('sessions').createIndex({ personId: 1 })
  expect(await storeIdOf(one.db, 6)).toBe(name)
  await one.db.collection<{ _id: number }>('raw_heads').insertOne({ _id: 0 })
  await expect(storeIdOf(one.db, 12)).rejects.toMatchObject({ code: 'PARTITION_COUNT_MISMATCH' })
})
