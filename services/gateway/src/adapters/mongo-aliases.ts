import { repeatsIn } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import type { Collection, Db } from 'mongodb'
import type { Alias, KnownContact, Merge } from '../identity/aliases.ts'
import type { AliasStore } from '../identity/resolve.ts'

interface AliasDocument {
  /** `<channel account>|<kind>:<value>` */
  _id: string
  contactId: string
  /** Since when the contact is one. */
  createdAt: Date
}

export interface MongoAliases extends AliasStore {
  /** Once the log has the merges: the aliases of the younger are the survivor's now. */
  repoint(merges: readonly Merge[]): Promise<void>
  /** By the survivor's id alone. */
  repointTo(from: string, into: string): Promise<void>
}

export async function mongoAliases(db: Db, cacheMax = 200_000): Promise<MongoAliases> {
  const collection: Collection<AliasDocument> = db.collection('aliases')
  await collection.createIndexes([{ key: { contactId: 1 }, name: 'contact' }])
  // An alias only ever moves by a merge. Who still says the old contact is told by CommandRedirected.
  const cache = new LRUCache<Alias, KnownContact>({ max: cacheMax, ttl: 10 * 60_000 })

  const forget = (contactId: string): void => {
    for (const [alias, contact] of cache) if (contact.contactId === contactId) cache.delete(alias)
  }
  const repointOne = async (from: string, into: KnownContact): Promise<void> => {
    await collection.updateMany(
      { contactId: from },
      { $set: { contactId: into.contactId, createdAt: new Date(into.since) } },
    )
    forget(from)
  }

  return {
    async find(aliases) {
      const known = new Map<Alias, KnownContact>()
      const missing: Alias[] = []
      for (const alias of aliases) {
        const contact = cache.get(alias)
        if (contact === undefined) missing.push(alias)
        else known.set(alias, contact)
      }
      if (missing.length === 0) return known
      for (const { _id, contactId, createdAt } of await collection
        .find({ _id: { $in: missing } })
        .toArray()) {
        const contact = { contactId, since: createdAt.getTime() }
        known.set(_id, contact)
        cache.set(_id, contact)
      }
      return known
    },
    async insertAbsent(aliases) {
      try {
        await collection.insertMany(
          aliases.map(([_id, { contactId, since }]) => ({ _id, contactId, createdAt: new Date(since) })),
          { ordered: false },
        )
        return true
      } catch (error) {
        // Somebody was first with one of them; the others are inserted all the same.
        return repeatsIn(error).length === 0
      }
    },
    async repoint(merges) {
      for (const { from, into } of merges) await repointOne(from, into)
    },
    async repointTo(from, into) {
      const survivor = await collection.findOne({ contactId: into })
      await repointOne(from, { contactId: into, since: survivor?.createdAt.getTime() ?? Date.now() })
    },
  }
}
