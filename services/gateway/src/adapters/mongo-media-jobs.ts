import { insertNew } from '@parley/eventlog'
import { dueBy } from '@parley/service'
import type { Collection, Db } from 'mongodb'
import { type MediaJob, type MediaJobs, RETRY_LONGEST_MS } from '../media/jobs.ts'

interface JobDocument extends Omit<MediaJob, 'messageId'> {
  _id: string
  /** Nobody takes it before: it waits for its next try, or somebody is at it. */
  dueAt: Date
  tries: number
  wantedSince: Date
}

/** Another gateway may have put a job that is due before those that this one knows of. */
const LOOK_EVERY_MS = 5_000

export async function mongoMediaJobs(db: Db): Promise<MediaJobs> {
  const jobs: Collection<JobDocument> = db.collection('media_jobs')
  await jobs.createIndexes([{ key: { dueAt: 1 }, name: 'due' }])
  return {
    async put(wanted) {
      const now = new Date()
      // Events come again.
      await insertNew(
        jobs,
        wanted.map(({ messageId, ...job }) => ({
          ...job,
          _id: messageId,
          dueAt: now,
          tries: 0,
          wantedSince: now,
        })),
      )
    },
    async claim(leaseMs) {
      const now = Date.now()
      const claimed = await jobs.findOneAndUpdate(
        dueBy('dueAt', new Date(now), Math.max(leaseMs, RETRY_LONGEST_MS)),
        { $set: { dueAt: new Date(now + leaseMs) }, $inc: { tries: 1 } },
        { sort: { dueAt: 1 }, returnDocument: 'after' },
      )
      if (claimed !== null) {
        const { _id: messageId, dueAt: _, ...job } = claimed
        return { job: { ...job, messageId } }
      }
      const next = await jobs.findOne({}, { sort: { dueAt: 1 }, projection: { dueAt: 1 } })
      const waitMs = next === null ? LOOK_EVERY_MS : next.dueAt.getTime() - now
      return { waitMs: Math.min(Math.max(waitMs, 10), LOOK_EVERY_MS) }
    },
    async again(messageId, waitMs) {
      await jobs.updateOne({ _id: messageId }, { $set: { dueAt: new Date(Date.now() + waitMs) } })
    },
    async done(messageId) {
      await jobs.deleteOne({ _id: messageId })
    },
  }
}
