import { randomUUID } from 'node:crypto'
import { testMongoUri } from '@parley/testkit'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StoredRecord } from '../log.ts'
import { Parking } from './parking.ts'
import { watchedDb } from './watched-db.fixture.ts'

let client: MongoClient
beforeAll(async () => {
  client = await new MongoClient(testMongoUri()).connect()
})
afterAll(() => client.close())

const record = (offset: number): StoredRecord => ({
  topic: 'events',
  partition: 3,
  offset: BigInt(offset),
  timestamp: '2026-01-05T12:00:00.000Z',
  key: 'contact-1',
  value: Buffer.from(String(offset)),
  headers: {},
})

/** A stream that is parked by its first record; each call on the collections goes through a hand. */
async function parked(hand: Parameters<typeof watchedDb>[1]) {
  const db = client.db(`parking_${randomUUID().slice(0, 12)}`)
  await new Parking(db, 'reader').park(record(0), [record(0)], 'No way.')
  return {
    db,
    parking: new Parking(watchedDb(db, hand), 'reader'),
    [Symbol.asyncDispose]: async () => void (await db.dropDatabase()),
  }
}

test('what queues is in the queue before the mark says so: whoever frees the stream by the mark leaves nothing behind', async () => {
  let queued = 0
  await using on = await parked(async (own, { collection, method }) => {
    if (collection === 'reader_parked' && method === 'bulkWrite')
      queued = await on.db.collection('reader_parked_records').countDocuments()
    return own()
  })
  expect(await on.parking.queue([record(1)])).toBe(true)
  expect(queued).toBe(2)
})

test('what is left out is on record before it is out of the queue: a version that is built later is to do without it as well', async () => {
  await using on = await parked((own, { collection, method }) => {
    if (collection === 'reader_parked_records' && method === 'updateOne')
      throw new Error('The store is away.')
    return own()
  })
  await expect(on.parking.discardPoison('contact-1', '3:0', 'known bug 12')).rejects.toThrow('away')
  expect(await on.parking.discardedAs('3:0')).toBe('known bug 12')
})
