import { randomUUID } from 'node:crypto'
import { testMongoUri } from '@parley/testkit'
import { MongoClient } from 'mongodb'
import { expect, onTestFinished, test } from 'vitest'
import { WRITTEN_AT_ONCE, writeIgnoringNewer } from './writing.ts'

test('many documents are written a few at a time, and those that were there are told by their place among all', async () => {
  const client = await new MongoClient(testMongoUri(), { monitorCommands: true }).connect()
  onTestFinished(() => client.close())
  const collection = client
    .db(`writing_${randomUUID().slice(0, 12)}`)
    .collection<{ _id: number; by: string }>('documents')
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
