import { metrics } from '@opentelemetry/api'
import { type Db, MongoClient } from 'mongodb'
import pRetry from 'p-retry'
import type { Resource } from './lifecycle.ts'
import { hostsOf } from './mongo-hosts.ts'

export interface MongoOptions {
  /** How long to try before giving up. Default 30 s. */
  readonly deadlineMs?: number
  /** Default 20. */
  readonly maxPoolSize?: number
}

export interface MongoConnection {
  readonly db: Db
  readonly client: MongoClient
  readonly resource: Resource
}

export class MongoUnreachable extends Error {
  readonly code = 'MONGO_UNREACHABLE'
  constructor(uri: string, deadlineMs: number, cause: unknown) {
    super(
      `MongoDB at ${hostsOf(uri)} did not answer within ${deadlineMs / 1000} s. ` +
        'Check that it runs, that MONGODB_URI names it, and that its user and password are right.',
      { cause },
    )
  }
}

/**
 * Connects to the service's own database, trying again with growing pauses.
 * Writes are acknowledged by the majority, so what a checkpoint says is done survives a failover.
 * @throws {MongoUnreachable}
 */
export async function connectMongo(
  uri: string,
  databaseName: string,
  { deadlineMs = 30_000, maxPoolSize = 20 }: MongoOptions = {},
): Promise<MongoConnection> {
  const client = new MongoClient(uri, {
    appName: databaseName,
    maxPoolSize,
    serverSelectionTimeoutMS: Math.min(5_000, deadlineMs),
    writeConcern: { w: 'majority' },
    ignoreUndefined: true,
  })
  // A connection is taken for each request, and this costs no copy of it as monitoring commands would.
  const requests = metrics.getMeter('@parley/service').createCounter('parley.mongo.requests', {
    unit: '{request}',
    description: 'Requests to MongoDB.',
  })
  client.on('connectionCheckedOut', () => requests.add(1))
  let isReachable = false
  client.on('serverHeartbeatSucceeded', () => (isReachable = true))
  client.on('serverHeartbeatFailed', () => (isReachable = false))

  const db = client.db(databaseName)
  try {
    await pRetry(
      async () => {
        await client.connect()
        await db.command({ ping: 1 })
      },
      { retries: Number.POSITIVE_INFINITY, minTimeout: 100, maxTimeout: 2_000, maxRetryTime: deadlineMs },
    )
  } catch (error) {
    await client.close()
    throw new MongoUnreachable(uri, deadlineMs, error)
  }
  isReachable = true
  return {
    db,
    client,
    resource: { name: 'mongodb', isReady: () => isReachable, close: () => client.close() },
  }
}
