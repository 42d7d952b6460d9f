import { MongoBulkWriteError, MongoServerError } from 'mongodb'

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
