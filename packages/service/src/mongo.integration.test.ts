import { measuring } from '@parley/testkit'
import { expect, inject, test } from 'vitest'
import { connectMongo } from './mongo.ts'

const samplesOf = measuring()

test('a connection writes to the database named, counts its requests and is ready until it is closed', async () => {
  const { db, resource } = await connectMongo(inject('mongoUri'), `service_test_${process.pid}`)
  const requests = async () => (await samplesOf('parley_mongo_requests_total'))['']!
  const before = await requests()
  const things = db.collection<{ _id: string; n: number; left?: undefined }>('things')
  await things.bulkWrite([
    { updateOne: { filter: { _id: 'a' }, update: { $set: { n: 1, left: undefined } }, upsert: true } },
  ])
  expect(await things.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 1 })
  expect((await requests()) - before).toBe(2)
  expect(resource.isReady?.()).toBe(true)
  await db.dropDatabase()
  await resource.close()
})

test('whatever the address says, reads go to the primary, and writes are acknowledged by the majority', async () => {
  const uri = new URL(inject('mongoUri'))
  uri.pathname ||= '/'
  uri.searchParams.set('readPreference', 'secondaryPreferred')
  uri.searchParams.set('w', '1')
  const { client, db, resource } = await connectMongo(uri.href, `service_test_${process.pid}`)
  expect(client.readPreference.mode).toBe('primary')
  expect(db.collection('any').readPreference?.mode).toBe('primary')
  // Without an end to the wait, a majority that is away would be told nobody.
  expect(client.writeConcern).toMatchObject({ w: 'majority', wtimeoutMS: 30_000 })
  await resource.close()
})

test.each([
  'mongodb://zoe:hunt/er2@127.0.0.1:9/x',
  'mongodb://zoe:hunter2@one:two:three/x',
  'mongodb://zoe:hunter2@127.0.0.1:9/?option=that-nobody-knows',
  'mongodb://zoe:hunter2@/x',
])('an address that cannot be read is told as a setting, without user and password: %s', async (uri) => {
  await expect(connectMongo(uri, 'service_test', { deadlineMs: 300 })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/MONGODB_URI(?![\s\S]*hunt)(?![\s\S]*zoe)/) as unknown,
  })
})

test('a server that does not answer is reported without user and password', async () => {
  await expect(
    connectMongo('mongodb://ann:hunter2@127.0.0.1:9/x', 'service_test', { deadlineMs: 300 }),
  ).rejects.toMatchObject({
    code: 'MONGO_UNREACHABLE',
    message: expect.stringMatching(/^MongoDB at 127\.0\.0\.1:9 did not answer(?!.*hunter2)/) as unknown,
  })
})
