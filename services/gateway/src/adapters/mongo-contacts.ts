import { spellingsOf } from '@parley/conversation'
import { atMost } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import type { Collection, Db, Document } from 'mongodb'
import type { LostNumber } from '../reacting/reactions.ts'
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
  /** The number that they lost last: told of before and come after, it is not theirs. */
  lost?: { waId: string; at: Date }
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
  /** Of the contact that this one proved to be: the number that it was known by itself may be a stranger's by now. */
  presentAddressOf(contactId: string): Promise<StoredContact | undefined>
  /** The number is another person's now: from here on the contact is written to by BSUID. */
  release(lost: LostNumber): Promise<void>
  /** For partitions that another gateway had meanwhile: it may have learnt of numbers that were lost. */
  forgetAddresses(): void
  mergedInto(contactId: string, survivorId: string): Promise<void>
  /** Contacts that proved to be this one, by way of others too. */
  formerOf(contactId: string): Promise<readonly string[]>
}

interface Cached extends StoredContact {
  readonly namedAt: number
  readonly mergedInto?: string | undefined
}

const NAMES = ['waId', 'userId', 'parentUserId'] as const

/** Twice, a kilobyte each: 40 MB. */
const CONTACTS_CACHED_MAX = 20_000

export async function mongoContacts(db: Db): Promise<MongoContacts> {
  const collection: Collection<ContactDocument> = db.collection('contacts')
  await collection.createIndex({ mergedInto: 1 }, { name: 'merged', sparse: true })
  /** Names that the store was told: whoever writes under them again costs nothing. Another gateway may learn that a number was lost. */
  const named = new LRUCache<string, Cached>({ ...atMost(CONTACTS_CACHED_MAX), ttl: 10 * 60_000 })
  // Another gateway may learn of a new number first.
  const addresses = new LRUCache<string, Cached>({ ...atMost(CONTACTS_CACHED_MAX), ttl: 60_000 })

  const find = groupCommit(async (ids: readonly string[]): Promise<readonly (Cached | undefined)[]> => {
    const found = await collection.find({ _id: { $in: [...new Set(ids)] } }).toArray()
    const byId = new Map(
      found.map(({ _id, accountId, waId, userId, parentUserId, namedAt, mergedInto }) => [
        _id,
        { accountId, waId, userId, parentUserId, namedAt: namedAt.getTime(), mergedInto },
      ]),
    )
    return ids.map((id) => byId.get(id))
  })

  const addressOf = async (contactId: string): Promise<Cached | undefined> => {
    const cached = addresses.get(contactId)
    if (cached !== undefined) return cached
    const found = await find(contactId)
    if (found !== undefined) addresses.set(contactId, found)
    return found
  }

  return {
    async name(contacts) {
      const news = new Map<string, NamedContact>()
      for (const contact of contacts) {
        const { contactId, names, namedAt } = contact
        const known = named.get(contactId)
        if (known !== undefined && (known.namedAt > namedAt.getTime() || addsNothing(known, names))) continue
        const before = news.get(contactId)
        if (before === undefined) news.set(contactId, contact)
        else {
          const [earlier, later] = before.namedAt > namedAt ? [contact, before] : [before, contact]
          news.set(contactId, { ...later, names: joined(earlier.names, later.names) })
        }
      }
      if (news.size === 0) return
      await collection.bulkWrite(
        [...news.values()].map(({ contactId, accountId, names, namedAt }) => ({
          updateOne: {
            filter: { _id: contactId },
            update: [newNames(accountId, names, namedAt)],
            upsert: true,
          },
        })),
        { ordered: false },
      )
      for (const [contactId, { accountId, names, namedAt }] of news) {
        named.set(contactId, {
          ...joined(named.get(contactId), names),
          accountId,
          namedAt: namedAt.getTime(),
        })
        // Whether the number counts is for the store to say.
        addresses.delete(contactId)
      }
    },
    async release({ contactId, accountId, waId, at }) {
      await collection.updateOne(
        { _id: contactId },
        [
          {
            $set: {
              accountId: { $ifNull: ['$accountId', accountId] },
              waId: { $cond: [{ $in: ['$waId', spellingsOf(waId)] }, '', { $ifNull: ['$waId', ''] }] },
              userId: { $ifNull: ['$userId', ''] },
              parentUserId: { $ifNull: ['$parentUserId', ''] },
              namedAt: { $ifNull: ['$namedAt', new Date(0)] },
              lost: { $cond: [{ $gt: ['$lost.at', at] }, '$lost', { waId, at }] },
            },
          },
        ],
        { upsert: true },
      )
      named.delete(contactId)
      addresses.delete(contactId)
    },
    forgetAddresses: () => addresses.clear(),
    addressOf,
    async presentAddressOf(contactId) {
      let contact = await addressOf(contactId)
      // It ends: merges go from the greater id to the smaller.
      while (contact?.mergedInto !== undefined) contact = await addressOf(contact.mergedInto)
      return contact
    },
    async mergedInto(contactId, survivorId) {
      await collection.updateOne({ _id: contactId }, { $set: { mergedInto: survivorId } })
      addresses.delete(contactId)
    },
    async formerOf(contactId) {
      const all: string[] = []
      for (let into = [contactId]; into.length > 0; all.push(...into)) {
        const merged = await collection
          .find({ mergedInto: { $in: into } }, { projection: { _id: 1 } })
          .toArray()
        into = merged.map(({ _id }) => _id)
      }
      return all
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

/** A name that was not told this time stays as it is; of what was told earlier and comes later, only a BSUID that is still missing counts. */
function newNames(accountId: string, { waId, userId, parentUserId }: Address, namedAt: Date): Document {
  const isNewer = { $lte: [{ $ifNull: ['$namedAt', namedAt] }, namedAt] }
  // Of another number than the one that they lost it says nothing: a notice from before, of the number that they went to, may come after.
  const isLost = {
    $and: [
      { $in: [{ $ifNull: ['$lost.waId', null] }, [...spellingsOf(waId), '']] },
      { $gte: ['$lost.at', namedAt] },
    ],
  }
  const stored = (name: keyof Address) => ({ $ifNull: [`$${name}`, ''] })
  // Literally: a name that begins with `$` would be taken for that of a field or a variable, and one that is none fails what comes with it, each time again.
  const bsuid = (name: 'userId' | 'parentUserId', told: string) =>
    told === ''
      ? stored(name)
      : {
          $cond: [{ $or: [isNewer, { $eq: [stored(name), ''] }] }, { $literal: told }, stored(name)],
        }
  return {
    $set: {
      accountId,
      waId:
        waId === ''
          ? stored('waId')
          : { $cond: [{ $and: [isNewer, { $not: [isLost] }] }, waId, stored('waId')] },
      userId: bsuid('userId', userId),
      parentUserId: bsuid('parentUserId', parentUserId),
      namedAt: { $max: ['$namedAt', namedAt] },
    },
  }
}
