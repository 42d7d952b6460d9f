import { randomUUID } from 'node:crypto'
import { type Db, UUID } from 'mongodb'
import { PartitionCountMismatch } from './errors.ts'
import { isRepeat } from './repeats.ts'

interface StoreDocument {
  _id: 'this'
  id: string
  /** With which it was begun: what is kept by partition, and by contact, was made of those. */
  partitions: number
}

const STORE = 'store'

/**
 * Which database this is: see `KafkaSettings.store`. It gets its name when it is first asked. A dump of it that was put into another server
 * has that name, too, and there another collection, where the server tells.
 * @throws {PartitionCountMismatch} it was begun with another count
 */
export async function storeIdOf(db: Db, partitions: number): Promise<string> {
  const stores = db.collection<StoreDocument>(STORE)
  let named: StoreDocument | null = null
  while (named === null)
    named = await stores
      .findOneAndUpdate(
        { _id: 'this' },
        { $setOnInsert: { id: randomUUID(), partitions } },
        { upsert: true, returnDocument: 'after' },
      )
      // Another process named it in this moment.
      .catch((error: unknown) => {
        if (isRepeat(error)) return null
        throw error
      })
  if (named.partitions !== partitions) {
    // A first start that was refused for its count leaves its name and nothing else: the next one, with the right count, is the first one.
    if (!(await isNothingKept(db)))
      throw new PartitionCountMismatch(db.databaseName, named.partitions, partitions)
    await stores.updateOne({ _id: 'this' }, { $set: { partitions } })
  }
  const [collection] = await db.listCollections({ name: stores.collectionName }).toArray()
  const uuid: unknown = collection !== undefined && 'info' in collection ? collection.info?.uuid : undefined
  return uuid instanceof UUID ? `${named.id}/${uuid.toHexString()}` : named.id
}

/** Collections may be there, for indexes make them. */
async function isNothingKept(db: Db): Promise<boolean> {
  for await (const { name } of db.listCollections({}, { nameOnly: true }))
    if (name !== STORE && !name.startsWith('system.') && (await db.collection(name).findOne()) !== null)
      return false
  return true
}
