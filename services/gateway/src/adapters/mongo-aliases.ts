import { atMost, insertNew } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import type { Collection, Db } from 'mongodb'
import { type Alias, type Change, type KnownContact, type Merge, isNumber } from '../identity/aliases.ts'
import type { AliasStore } from '../identity/resolve.ts'

interface AliasDocument {
  /** `<channel account>|<kind>:<value>` */
  _id: string
  contactId: string
  /** Of a number: the person that it is bound to, and by what they wrote when. */
  boundBy?: Alias
  boundAt?: Date
  /** Of a BSUID: when it came first. */
  seenAt?: Date
  /** Since then the contact has another name instead. */
  until?: Date
}

function documentOf({ contactId, bound, seenAt, until }: KnownContact) {
  return {
    contactId,
    ...(bound === undefined ? {} : { boundBy: bound.by, boundAt: new Date(bound.at) }),
    ...(seenAt === undefined ? {} : { seenAt: new Date(seenAt) }),
    ...(until === undefined ? {} : { until: new Date(until) }),
  }
}

function contactOf({ contactId, boundBy, boundAt, seenAt, until }: AliasDocument): KnownContact {
  return {
    contactId,
    ...(boundBy === undefined || boundAt === undefined
      ? {}
      : { bound: { by: boundBy, at: boundAt.getTime() } }),
    ...(seenAt === undefined ? {} : { seenAt: seenAt.getTime() }),
    ...(until === undefined ? {} : { until: until.getTime() }),
  }
}

export interface MongoAliases extends AliasStore {
  /** Once the log has the merges: the aliases of the one are the survivor's now. */
  repoint(merges: readonly Merge[]): Promise<void>
}

/** Two of each contact that wrote last, 700 bytes each: 28 MB. */
const ALIASES_CACHED_MAX = 40_000

export async function mongoAliases(db: Db): Promise<MongoAliases> {
  const collection: Collection<AliasDocument> = db.collection('aliases')
  await collection.createIndexes([{ key: { contactId: 1 }, name: 'contact' }])
  // A BSUID only ever moves by a merge: who still says the old contact is told by CommandRedirected. A number may move to another person:
  // where nothing but the number says whose it is, it is read from the store; elsewhere the change of an outdated one fails, and is read.
  const cache = new LRUCache<Alias, KnownContact>({ ...atMost(ALIASES_CACHED_MAX), ttl: 10 * 60_000 })

  const forget = (contactId: string): void => {
    for (const [alias, contact] of cache) if (contact.contactId === contactId) cache.delete(alias)
  }
  return {
    async find(aliases, uncached) {
      const known = new Map<Alias, KnownContact>()
      const missing: Alias[] = []
      for (const alias of aliases) {
        const contact = uncached?.has(alias) ? undefined : cache.get(alias)
        if (contact === undefined) missing.push(alias)
        else known.set(alias, contact)
      }
      if (missing.length === 0) return known
      for (const found of await collection.find({ _id: { $in: missing } }).toArray()) {
        const contact = contactOf(found)
        known.set(found._id, contact)
        cache.set(found._id, contact)
      }
      return known
    },
    async numbersOf(contactIds) {
      const found = await collection.find({ contactId: { $in: [...contactIds] } }).toArray()
      return new Map(
        found.filter(({ _id }) => isNumber(_id)).map((document) => [document._id, contactOf(document)]),
      )
    },
    insertAbsent: (aliases) =>
      insertNew(
        collection,
        aliases.map(([_id, contact]) => ({ _id, ...documentOf(contact) })),
      ),
    async change({ alias, seen, now }: Change) {
      const { matchedCount } = await collection.updateOne(
        {
          _id: alias,
          contactId: seen.contactId,
          boundBy: seen.bound === undefined ? { $exists: false } : seen.bound.by,
          ...(seen.bound === undefined ? {} : { boundAt: new Date(seen.bound.at) }),
          until: seen.until === undefined ? { $exists: false } : new Date(seen.until),
        },
        {
          $set: documentOf(now),
          // What is there already is set above: only a name that is taken up again loses its end.
          ...(now.until === undefined && seen.until !== undefined ? { $unset: { until: '' } } : {}),
        },
      )
      if (matchedCount === 1) cache.set(alias, now)
      else cache.delete(alias)
      return matchedCount === 1
    },
    async repoint(merges) {
      for (const { from, into } of merges) {
        await collection.updateMany({ contactId: from }, { $set: { contactId: into } })
        forget(from)
      }
    },
  }
}
