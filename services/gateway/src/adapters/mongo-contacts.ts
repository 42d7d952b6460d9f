import { LRUCache } from 'lru-cache'
import type { Collection, Db } from 'mongodb'
import type { Address } from '../sending/graph-request.ts'
import { groupCommit } from './group-commit.ts'

/** Where each contact can be written to. */
interface ContactDocument {
  _id: string
  accountId: string
  waId: string
  userId: string
  parentUserId: string
  /** When the customer wrote under these names. */
  namedAt: Date
  mergedInto?: string
}

export interface NamedContact {
  readonly contactId: string
  readonly accountId: string
  readonly names: Address
  readonly namedAt: Date
}

export interface StoredContact extends Address {
  readonly accountId: string
}

export interface MongoContacts {
  /** One bulkWrite for those whose names are news; none when all are known. */
  name(contacts: readonly NamedContact[]): Promise<void>
  addressOf(contactId: string): Promise<StoredContact | undefined>
  mergedInto(contactId: string, survivorId: string): Promise<void>
}

interface Cached extends StoredContact {
  readonly namedAt: number
}

const NAMES = ['waId', 'userId', 'parentUserId'] as const

export function mongoContacts(db: Db, cacheMax = 100_000): MongoContacts {
  const collection: Collection<ContactDocument> = db.collection('contacts')
  /** Names that surely are stored by now: whoever writes under them again costs nothing. */
  const named = new LRUCache<string, Cached>({ max: cacheMax })
  // Another gateway may learn of a new number first.
  const addresses = new LRUCache<string, Cached>({ max: cacheMax, ttl: 60_000 })

  const find = groupCommit(async (ids: readonly string[]): Promise<readonly (Cached | undefined)[]> => {
    const found = await collection.find({ _id: { $in: [...new Set(ids)] } }).toArray()
    const byId = new Map(
      found.map(({ _id, accountId, waId, userId, parentUserId, namedAt }) => [
        _id,
        { accountId, waId, userId, parentUserId, namedAt: namedAt.getTime() },
      ]),
    )
    return ids.map((id) => byId.get(id))
  })

  return {
    async name(contacts) {
      const news = new Map<string, Cached>()
      for (const { contactId, accountId, names, namedAt } of contacts) {
        const known = news.get(contactId) ?? named.get(contactId)
        if (known !== undefined && (known.namedAt > namedAt.getTime() || addsNothing(known, names))) continue
        news.set(contactId, { ...joined(known, names), accountId, namedAt: namedAt.getTime() })
      }
      if (news.size === 0) return
      await collection.bulkWrite(
        [...news].map(([contactId, { accountId, namedAt, ...names }]) => ({
          updateOne: {
            filter: { _id: contactId },
            // A name that was not told this time stays as it is.
            update: {
              $set: { accountId, namedAt: new Date(namedAt), ...given(names) },
              $setOnInsert: absent(names),
            },
            upsert: true,
          },
        })),
        { ordered: false },
      )
      for (const [contactId, contact] of news) {
        named.set(contactId, contact)
        const address = addresses.get(contactId)
        if (address !== undefined) addresses.set(contactId, { ...contact, ...joined(address, contact) })
      }
    },
    async addressOf(contactId) {
      const known = addresses.get(contactId)
      if (known !== undefined) return known
      const found = await find(contactId)
      if (found !== undefined) addresses.set(contactId, found)
      return found
    },
    async mergedInto(contactId, survivorId) {
      await collection.updateOne({ _id: contactId }, { $set: { mergedInto: survivorId } })
    },
  }
}

function addsNothing(known: Address, names: Address): boolean {
  return NAMES.every((name) => names[name] === '' || names[name] === known[name])
}

function joined(known: Address | undefined, names: Address): Address {
  return {
    waId: names.waId || (known?.waId ?? ''),
    userId: names.userId || (known?.userId ?? ''),
    parentUserId: names.parentUserId || (known?.parentUserId ?? ''),
  }
}

function given(names: Address): Partial<Address> {
  return Object.fromEntries(NAMES.filter((name) => names[name] !== '').map((name) => [name, names[name]]))
}

function absent(names: Address): Partial<Address> {
  return Object.fromEntries(NAMES.filter((name) => names[name] === '').map((name) => [name, '']))
}
