import { metrics } from '@opentelemetry/api'
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import pRetry from 'p-retry'
import type { Resource } from './lifecycle.ts'
import { hostsOf } from './mongo-hosts.ts'
import { SettingsError } from './settings.ts'

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
 * Where there is a primary and no majority (one of two secondaries is an arbiter, and the other one is down), a write waits for its
 * acknowledgement without an end, and nobody is told. After so long it fails: it is written then, and is written again, to no other effect.
 */
const ACKNOWLEDGED_WITHIN_MS = 30_000

/** What the driver says of an address that it cannot read may hold all of it, and with it the password. */
function clientOf(uri: string, options: MongoClientOptions): MongoClient {
  try {
    return new MongoClient(uri, options)
  } catch (error) {
    throw new SettingsError([
      {
        variable: 'MONGODB_URI',
        why: `MongoDB's driver cannot read it (${(error as Error).name})`,
        how: 'for example mongodb://user:password@one:27017,two:27017/?replicaSet=rs0; in user and password a sign such as @ : / % is written as %40 %3A %2F %25, and only options that the driver knows may stand behind the question mark',
      },
    ])
  }
}

/**
 * Connects to the service's own database, trying again with growing pauses.
 * Writes are acknowledged by the majority, so what a checkpoint says is done survives a failover. Reads go to the primary, whatever the
 * address says: a secondary that lags gives the snapshots and heads of a while ago, and who decides on those loses what came since.
 * @throws {SettingsError} @throws {MongoUnreachable}
 */
export async function connectMongo(
  uri: string,
  databaseName: string,
  { deadlineMs = 30_000, maxPoolSize = 20 }: MongoOptions = {},
): Promise<MongoConnection> {
  const client = clientOf(uri, {
    appName: databaseName,
    maxPoolSize,
    serverSelectionTimeoutMS: Math.min(5_000, deadlineMs),
    writeConcern: { w: 'majority', wtimeoutMS: ACKNOWLEDGED_WITHIN_MS },
    readPreference: 'primary',
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
