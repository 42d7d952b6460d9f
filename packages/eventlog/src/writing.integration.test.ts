import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { WRITTEN_AT_ONCE, writeIgnoringNewer } from './writing.ts'

test('many documents are written a few at a time, and those that were there are told by their place among all', async () => {
  await using store = await testDb({ monitorCommands: true })
  const { client, db } = store
  const collection = db.collection<{ _id: number; by: string }>('documents')
  const there = [3, WRITTEN_AT_ONCE + 1, 2 * WRITTEN_AT_ONCE]
  await collection.insertMany(there.map((_id) => ({ _id, by: 'another member' })))
  const requests: number[] = []
  client.on('commandStarted', ({ command }) => {
    if (command['insert'] !== undefined) requests.push(command['documents'].length)
  })

  const ours = Array.from({ length: 2 * WRITTEN_AT_ONCE + 5 }, (_, _id) => ({ _id, by: 'us' }))
  const already = await writeIgnoringNewer(
    collection,
    ours.map((document) => ({ insertOne: { document } })),
  )

  expect(already).toEqual(there)
  expect(await collection.countDocuments({ by: 'us' })).toBe(ours.length - there.length)
  expect(requests).toEqual([WRITTEN_AT_ONCE, WRITTEN_AT_ONCE, 5])
})
