import { randomUUID } from 'node:crypto'
import { connectMongo } from '@parley/service'
import { expect, inject, test } from 'vitest'
import { UploadStore } from './upload-store.ts'

test('an upload is its person’s, and kept once under its id', async () => {
  const { db, resource } = await connectMongo(inject('mongoUri'), `uploads-${randomUUID()}`)
  const uploads = await UploadStore.open(db)
  const file = { sha256: 'a'.repeat(64), mimeType: 'audio/ogg', bytes: 5n }
  const upload = { type: 'audio', file, filename: 'a.ogg' }
  expect(await uploads.keep('ana', 'u1', upload)).toBe(true)
  expect(await uploads.keep('ana', 'u1', upload)).toBe(true)
  expect(await uploads.keep('ana', 'u1', { ...upload, filename: 'b.ogg' })).toBe(false)
  expect(await uploads.keep('ana', 'u1', { ...upload, file: { ...file, sha256: 'b'.repeat(64) } })).toBe(
    false,
  )
  expect(await uploads.find('ana', 'u1')).toEqual(upload)
  expect(await uploads.find('bruno', 'u1')).toBeUndefined()
  await db.dropDatabase()
  await resource.close()
})
