import type { Db } from 'mongodb'

/** Which version of the transcript projection is read and kept up to date. Switching is the writing of this one document. */
interface TranscriptRoute {
  readonly _id: 'transcript'
  readonly version: number
  /** The highest version that was ever switched to: the next rebuild takes the one after it. */
  readonly newest: number
  readonly switchedAt: Date | null
}

export const TRANSCRIPT_PROJECTION = 'transcript'
const FIRST_VERSION = 1

export interface TranscriptRouting {
  current(): Promise<{ readonly version: number; readonly newest: number }>
  /** Compare and set: false when another switch came first. */
  switch(from: number, to: number, at: Date): Promise<boolean>
}

export function transcriptRouting(db: Db): TranscriptRouting {
  const routes = db.collection<TranscriptRoute>('projection_routes')
  return {
    async current() {
      const route = await routes.findOneAndUpdate(
        { _id: TRANSCRIPT_PROJECTION },
        { $setOnInsert: { version: FIRST_VERSION, newest: FIRST_VERSION, switchedAt: null } },
        { upsert: true, returnDocument: 'after' },
      )
      return { version: route?.version ?? FIRST_VERSION, newest: route?.newest ?? FIRST_VERSION }
    },
    async switch(from, to, at) {
      const { matchedCount } = await routes.updateOne(
        { _id: TRANSCRIPT_PROJECTION, version: from },
        { $set: { version: to, switchedAt: at }, $max: { newest: to } },
      )
      return matchedCount === 1
    },
  }
}
