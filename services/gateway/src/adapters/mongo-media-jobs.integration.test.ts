import { testDb } from '@parley/testkit'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { MediaJob } from '../media/jobs.ts'
import { mongoMediaJobs } from './mongo-media-jobs.ts'

const HOUR_MS = 3_600_000

const fileOf = (messageId: string): MediaJob => ({
  messageId,
  contactId: 'contact-1',
  conversationId: 'conversation-1',
  causationId: 'event-1',
  traceparent: '',
  mediaId: 'media-1',
  type: 'image',
  sha256: '',
  mimeType: 'image/jpeg',
})

test('a file that was wanted, or tried, before a clock went back is fetched now, and not when that hour comes again', async () => {
  const kept = await testDb({ uri: inject('mongoUri') })
  onTestFinished(() => kept[Symbol.asyncDispose]())
  const jobs = await mongoMediaJobs(kept.db)
  await jobs.put([fileOf('in-an-hour'), fileOf('in-a-minute')])
  const due = (messageId: string, inMs: number) =>
    kept.db
      .collection<{ _id: string }>('media_jobs')
      .updateOne({ _id: messageId }, { $set: { dueAt: new Date(Date.now() + inMs) } })
  await due('in-an-hour', HOUR_MS)
  await due('in-a-minute', 60_000)
  expect(await jobs.claim(120_000)).toMatchObject({ job: { messageId: 'in-an-hour', tries: 1 } })
  expect(await jobs.claim(120_000)).toEqual({ waitMs: 5_000 })
})
