import { randomUUID } from 'node:crypto'
import { connectMongo } from '@parley/service'
import { expect, inject, onTestFinished, test } from 'vitest'
import { linkStore } from './link-store.ts'

test('a record in which a customer wrote more that looks like tokens than one question of the store can hold finds those that are some', async () => {
  const { db, resource } = await connectMongo(inject('mongoUri'), `links-${randomUUID()}`)
  onTestFinished(async () => {
    await db.dropDatabase()
    await resource.close()
  })
  const store = linkStore(db)
  const idOf = (number: number) => number.toString(16).padStart(64, '0')
  const at = new Date('2026-11-28T12:00:00Z')
  const link = { conversationId: 'c', contactId: 'k', issuedAt: at, expiresAt: at, revokedAt: null }
  await store.keep([7, 249_999].map((number) => ({ _id: idOf(number), ...link })))
  const found = await store.findAll(Array.from({ length: 250_000 }, (_, number) => idOf(number)))
  expect(found.map(({ _id }) => _id)).toEqual([idOf(7), idOf(249_999)])
})
