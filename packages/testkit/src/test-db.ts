import { randomUUID } from 'node:crypto'
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { testMongoUri } from './brokers.ts'

export interface TestDb extends AsyncDisposable {
  readonly client: MongoClient
  readonly db: Db
}

/** A database of the test's own, written as services write theirs; it goes with the test. @param options `uri`: of a proxy before the server */
export async function testDb({
  uri = testMongoUri(),
  ...options
}: MongoClientOptions & { readonly uri?: string } = {}): Promise<TestDb> {
  const client = await new MongoClient(uri, { ignoreUndefined: true, ...options }).connect()
  const db = client.db(`test_${randomUUID()}`)
  return {
    client,
    db,
    async [Symbol.asyncDispose]() {
      await db.dropDatabase()
      await client.close()
    },
  }
}
