import { repeatsIn } from '@parley/eventlog'
import type { Collection, Db } from 'mongodb'

interface SeenDocument {
  _id: string
  /** Absent: for ever. */
  at?: Date
}

/** What customers wrote and was taken already. WhatsApp repeats an unanswered webhook for up to 7 days. */
export interface SeenStore {
  seenOf(keys: readonly string[]): Promise<ReadonlySet<string>>
  /** @param forEver of these */
  remember(keys: readonly string[], forEver: ReadonlySet<string>): Promise<void>
}

/** Longer than anything is taken that comes again (intake.ts). */
const KEPT_SECONDS = 8 * 24 * 60 * 60

export async function mongoSeen(db: Db): Promise<SeenStore> {
  const collection: Collection<SeenDocument> = db.collection('seen')
  await collection.createIndexes([{ key: { at: 1 }, name: 'kept', expireAfterSeconds: KEPT_SECONDS }])
  return {
    async seenOf(keys) {
      if (keys.length === 0) return new Set()
      const found = await collection.find({ _id: { $in: [...keys] } }, { projection: { _id: 1 } }).toArray()
      return new Set(found.map(({ _id }) => _id))
    },
    async remember(keys, forEver) {
      if (keys.length === 0) return
      const at = new Date()
      try {
        await collection.insertMany(
          keys.map((_id) => (forEver.has(_id) ? { _id } : { _id, at })),
          { ordered: false },
        )
      } catch (error) {
        // Another gateway took the same webhook at the same time. The others are inserted all the same.
        repeatsIn(error)
      }
    },
  }
}
