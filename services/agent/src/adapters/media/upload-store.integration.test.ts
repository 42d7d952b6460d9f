import { testDb } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { UploadStore } from './upload-store.ts'

const HOUR_MS = 60 * 60 * 1_000

async function store(bytesPerDayMax = 1_000) {
  const kept = await testDb()
  onTestFinished(() => kept[Symbol.asyncDispose]())
  const clock = { now: new Date('2026-11-28T13:00:00.000Z') }
  const uploads = await UploadStore.open(kept.db, bytesPerDayMax, () => clock.now)
  return { clock, uploads }
}

const file = { sha256: 'a'.repeat(64), mimeType: 'audio/ogg', bytes: 5n }
const upload = { type: 'audio', file, filename: 'a.ogg' }

test('an upload is its person’s, and kept once under its id', async () => {
  const { uploads } = await store()
  expect(await uploads.keep('ana', 'u1', upload)).toBe(true)
  expect(await uploads.keep('ana', 'u1', upload)).toBe(true)
  expect(await uploads.keep('ana', 'u1', { ...upload, filename: 'b.ogg' })).toBe(false)
  expect(await uploads.keep('ana', 'u1', { ...upload, file: { ...file, sha256: 'b'.repeat(64) } })).toBe(
    false,
  )
  expect(await uploads.find('ana', 'u1')).toEqual(upload)
  expect(await uploads.find('bruno', 'u1')).toBe('of another')
  expect(await uploads.find('bruno', 'u2')).toBeUndefined()
})

test('an upload can be named for a day and no longer, whether the store has removed it by then or not', async () => {
  const { clock, uploads } = await store()
  await uploads.keep('ana', 'u1', upload)
  clock.now = new Date(clock.now.getTime() + 24 * HOUR_MS - 1)
  expect(await uploads.find('ana', 'u1')).toEqual(upload)
  clock.now = new Date(clock.now.getTime() + 1)
  expect(await uploads.find('ana', 'u1')).toBeUndefined()
})

test('a person uploads so many bytes a day, whatever comes at one moment, and is told when it goes on', async () => {
  const { clock, uploads } = await store(1_000)
  const counted = await Promise.all(Array.from({ length: 20 }, () => uploads.count('ana', 100)))
  expect(counted.filter((wait) => wait === undefined)).toHaveLength(10)
  expect(new Set(counted)).toEqual(new Set([undefined, 11 * 60 * 60]))
  expect(await uploads.count('bruno', 1_000)).toBeUndefined()
  clock.now = new Date(clock.now.getTime() + 11 * HOUR_MS)
  expect(await uploads.count('ana', 1_000)).toBeUndefined()
  expect(await uploads.count('ana', 1)).toBe(24 * 60 * 60)
})
