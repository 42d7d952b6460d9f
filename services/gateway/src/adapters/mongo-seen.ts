import { insertNew } from '@parley/eventlog'
import type { Collection, Db } from 'mongodb'

interface SeenDocument {
  _id: string
  /** Whose record it is in; empty or absent: nobody's. */
  contactId?: string
  /** Absent: for ever. */
  at?: Date
}

/** What customers wrote and was taken already. WhatsApp repeats an unanswered webhook for up to 7 days. */
export interface SeenStore {
  seenOf(keys: readonly string[]): Promise<ReadonlySet<string>>
  /** In whose record each of these is, as far as that is remembered. */
  contactsOf(keys: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** @param taken in whose record each key is @param forEver of these */
  remember(taken: ReadonlyMap<string, string>, forEver: ReadonlySet<string>): Promise<void>
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
    async contactsOf(keys) {
      const found = await collection.find({ _id: { $in: [...keys] } }).toArray()
      return new Map(found.flatMap(({ _id, contactId }) => (contactId ? [[_id, contactId]] : [])))
    },
    async remember(taken, forEver) {
      const at = new Date()
      // Another gateway may take the same webhook at the same time.
      await insertNew(
        collection,
        [...taken].map(([_id, contactId]) => ({ _id, contactId, ...(forEver.has(_id) ? {} : { at }) })),
      )
    },
  }
}
