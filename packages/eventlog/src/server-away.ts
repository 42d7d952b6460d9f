/** Names of the errors by which the driver of MongoDB says that nobody answers, or that nobody knows whether it was written. */
const NAMES: ReadonlySet<string> = new Set([
  'MongoClientClosedError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerClosedError',
  'MongoServerSelectionError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoWriteConcernError',
  // As the driver names it.
  'PoolClearedOnNetworkError',
])

/**
 * What a MongoDB server answers while it starts, stops or steps down, has no majority that acknowledges, or finds no room on its disk
 * (https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml), and 1, by which SecantusDB says the last.
 */
const CODES: ReadonlySet<unknown> = new Set([
  1, 6, 7, 50, 64, 89, 91, 100, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031,
])

/** True for an error that says that MongoDB or the log is away: who asked can do nothing but come again. */
export function isServerAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (NAMES.has(error.name)) return true
  if (!('code' in error)) return false
  return error.code === 'LOG_UNAVAILABLE' || (error.name.startsWith('Mongo') && CODES.has(error.code))
}
