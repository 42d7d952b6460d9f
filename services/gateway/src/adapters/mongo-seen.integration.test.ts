import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { mongoSeen } from './mongo-seen.ts'

test('what told no time is remembered without an end, all else for eight days', async () => {
  await using store = await testDb()
  const { db } = store
  const seen = await mongoSeen(db)
  await seen.remember(
    new Map([
      ['timed', 'ana'],
      ['untimed', ''],
    ]),
    new Set(['untimed']),
  )
  expect(await seen.contactsOf(['timed', 'untimed', 'new'])).toEqual(new Map([['timed', 'ana']]))
  expect(await seen.seenOf(['timed', 'untimed', 'new'])).toEqual(new Set(['timed', 'untimed']))
  // MongoDB removes what has a time in the index; a document without one is never removed.
  const [index] = (await db.collection('seen').indexes()).filter(({ name }) => name === 'kept')
  expect(index).toMatchObject({ key: { at: 1 }, expireAfterSeconds: 8 * 24 * 60 * 60 })
  const documents = await db.collection<{ _id: string; at?: Date }>('seen').find().toArray()
  expect(new Map(documents.map(({ _id, at }) => [_id, at instanceof Date]))).toEqual(
    new Map([
      ['timed', true],
      ['untimed', false],
    ]),
  )
})
