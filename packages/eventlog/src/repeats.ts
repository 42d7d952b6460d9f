import { type AnyBulkWriteOperation, type Collection, MongoBulkWriteError, MongoServerError } from 'mongodb'

const DUPLICATE_KEY = 11000

/** Of a single write that failed: whether a document of its key is there already. */
export const isRepeat = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY

/**
 * Of an unordered bulk write that failed: the indexes of the operations whose document was there already. Any other failure is thrown
 * on; so is a bulk error without write errors: then the connection broke, and nothing is known to be stored.
 */
export function repeatsIn(error: unknown): readonly number[] {
  if (!(error instanceof MongoBulkWriteError)) throw error
  const failures = [error.writeErrors].flat()
  if (failures.length === 0 || failures.some(({ code }) => code !== DUPLICATE_KEY)) throw error
  return failures.map(({ index }) => index)
}

/**
 * Documents in one request of a reader. A store has room for few writers at a time, so what a customer waits for, which is one document, waits for whole
 * requests of those who are in no hurry.
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
