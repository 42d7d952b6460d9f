import type { AnyBulkWriteOperation, Collection } from 'mongodb'
import { repeatsIn } from './repeats.ts'

/**
 * Documents in one request. A store has room for few writers at a time, so what a customer waits for, which is one document, waits for
 * whole requests of those who are in no hurry.
 */
export const WRITTEN_AT_ONCE = 20

/** A document that is there already (a repeat, or a newer one of another member) is left as it is. The indexes of those operations. */
export async function writeIgnoringNewer<Doc extends { _id: string | number }>(
  collection: Collection<Doc>,
  operations: AnyBulkWriteOperation<Doc>[],
): Promise<readonly number[]> {
  const already: number[] = []
  for (let from = 0; from < operations.length; from += WRITTEN_AT_ONCE)
    try {
      await collection.bulkWrite(operations.slice(from, from + WRITTEN_AT_ONCE), { ordered: false })
    } catch (error) {
      already.push(...repeatsIn(error).map((index) => from + index))
    }
  return already
}
