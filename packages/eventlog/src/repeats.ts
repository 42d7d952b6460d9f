import {
  type Collection,
  type Document,
  MongoBulkWriteError,
  MongoServerError,
  type OptionalUnlessRequiredId,
} from 'mongodb'

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

/** In one request; what is there already stays as it is. @returns whether all of them were new */
export async function insertNew<Doc extends Document>(
  collection: Collection<Doc>,
  documents: readonly OptionalUnlessRequiredId<Doc>[],
): Promise<boolean> {
  if (documents.length === 0) return true
  try {
    await collection.insertMany(documents, { ordered: false })
    return true
  } catch (error) {
    return repeatsIn(error).length === 0
  }
}
