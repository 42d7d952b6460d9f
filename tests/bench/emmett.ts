import { transcripts } from '@parley/archive'
import type { ReadEvent } from '@parley/eventlog'
import type { RecordedEvent } from '@parley/kernel'
import { conversationDecider } from '@parley/routing'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Db } from 'mongodb'
import { decidedInMemory } from './inbound.ts'
import { startPostgres } from './postgres.ts'
import { fillLog, readEventOf, rebuilt, watchMemory } from './rebuild.ts'
import type { Comparison, Measured } from './report.ts'

/** Fetched when it is asked for, as its packages say no licence, so nobody else gets them with Parley: by npm, without scripts. */
const PACKAGES = [
  '@event-driven-io/emmett@0.42.0',
  '@event-driven-io/emmett-postgresql@0.42.0',
  '@event-driven-io/pongo@0.16.11',
  '@event-driven-io/dumbo@0.12.7',
  'ansis@3.17.0',
  'async-retry@1.3.3',
  'pg@8.16.3',
  'pg-connection-string@2.9.1',
  'uuid@10.0.0',
]
const EVENTS_A_BATCH = 1_000

/** As far as it is used here. */
interface Emmett {
  getPostgreSQLEventStore(connectionString: string): {
    appendToStream(stream: string, events: readonly StoredEvent[]): Promise<unknown>
    readonly schema: { migrate(): Promise<unknown> }
    close(): Promise<void>
  }
  pongoProjection(options: {
    readonly name: string
    readonly canHandle: readonly string[]
    handle(events: readonly StoredEvent[], context: { readonly pongo: Pongo }): Promise<void>
  }): object
  rebuildPostgreSQLProjections(options: {
    readonly connectionString: string
    readonly projections: readonly object[]
    readonly pulling: { readonly batchSize: number }
  }): { start(): Promise<void>; close(): Promise<void> }
  pongoClient(connectionString: string): Pongo & { close(): Promise<void> }
}

interface Pongo {
  db(): {
    collection(name: string): {
      handle(id: string, fold: (before: object | null) => object | null): Promise<unknown>
      /** PostgreSQL counts in 64 bits. */
      countDocuments(): Promise<bigint | string>
    }
  }
}

interface StoredEvent {
  readonly type: string
  readonly data: { readonly key: string; readonly raw: string }
}

/** Some 20,000 events: a document read and written for each keeps its pace, a part of a large load tells it. */
const LOAD = { commands: 14_000, contacts: 2_000 }

/**
 * The peer: Emmett's own rebuild of a projection into documents of Pongo on PostgreSQL, as its guide writes one. It gets the same events and folds by the same
 * rules; where Parley reads Kafka and writes MongoDB, it reads and writes PostgreSQL.
 */
export async function benchEmmett(
  at: Pick<Parameters<typeof fillLog>[0], 'kafka' | 'namespace' | 'policy'> & {
    readonly db: Db
    say(text: string): void
  },
): Promise<Comparison> {
  await using postgres = await startPostgres()
  const emmett = await fetched(postgres.directory)
  const events = await fillLog({ ...at, ...LOAD })
  at.say(`${events} events are appended to PostgreSQL by Emmett`)
  await append(emmett, postgres.uri, decidedInMemory(conversationDecider, at.policy, LOAD))
  at.say('the transcripts are built anew, by ours and by Emmett')
  const ours = await rebuilt(transcripts, { ...at, events })
  const theirs = await rebuiltByEmmett(emmett, postgres.uri, at.db)
  return {
    name: 'rebuild of transcripts, beside Emmett on PostgreSQL',
    peer: 'emmett',
    unit: 'events',
    count: events,
    ours,
    bare: theirs,
    heapMb: ours.heapMb,
    bareHeapMb: theirs.heapMb,
    aim: { ratioMin: 1 },
    note: `${PACKAGES[1]} with documents of Pongo, ${EVENTS_A_BATCH} events a batch and transaction; ${postgres.version} as it comes. The stores differ, and their processor time is not in it`,
  }
}

async function fetched(directory: string): Promise<Emmett> {
  const into = join(directory, 'emmett')
  const words = [
    'install',
    '--prefix',
    into,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--legacy-peer-deps',
  ]
  await promisify(execFile)('npm', [...words, ...PACKAGES])
  const imported = (name: string): Promise<object> =>
    import(pathToFileURL(join(into, `node_modules/@event-driven-io/${name}/dist/index.js`)).href)
  return { ...(await imported('emmett-postgresql')), ...(await imported('pongo')) } as Emmett
}

async function append(emmett: Emmett, uri: string, events: Iterable<RecordedEvent>): Promise<void> {
  const streams = new Map<string, StoredEvent[]>()
  for (const { envelope, raw } of events) {
    const stored = {
      type: envelope.type,
      data: { key: envelope.streamId, raw: Buffer.from(raw).toString('base64') },
    }
    const stream = streams.get(envelope.streamId)
    if (stream === undefined) streams.set(envelope.streamId, [stored])
    else stream.push(stored)
  }
  const store = emmett.getPostgreSQLEventStore(uri)
  await store.schema.migrate()
  // One after the other: of what was appended at once its rebuild, which reads in the order of transactions and goes on by positions, misses some.
  for (const [stream, all] of streams) await store.appendToStream(stream, all)
  await store.close()
}

async function rebuiltByEmmett(
  emmett: Emmett,
  uri: string,
  db: Db,
): Promise<Measured & { readonly heapMb: readonly number[] }> {
  const { documents } = await transcripts.open(db, 98)
  const projection = emmett.pongoProjection({
    name: transcripts.name,
    canHandle: [...transcripts.types],
    async handle(events, { pongo }) {
      const db = pongo.db()
      const collections = documents.map(({ collection }) => db.collection(collection.collectionName))
      for (const { data } of events) {
        // Emmett hands over what it can handle, and no other.
        const event = readEventOf(Buffer.from(data.raw, 'base64'), data.key) as ReadEvent<any>
        const { streamId, streamVersion: seenVersion } = event.envelope
        for (const [nth, one] of documents.entries())
          for (const id of one.route(event, false, []))
            await collections[nth]!.handle(id, (before) => {
              const next = one.fold(before ?? undefined, event, id, [])
              return next === undefined ? before : { ...next, _id: id, streamId, seenVersion }
            })
      }
    },
  })
  const consumer = emmett.rebuildPostgreSQLProjections({
    connectionString: uri,
    projections: [projection],
    pulling: { batchSize: EVENTS_A_BATCH },
  })
  const memory = watchMemory()
  const [beganAt, cpuAtStart] = [performance.now(), process.cpuUsage()]
  await consumer.start()
  const wallMs = performance.now() - beganAt
  const { user, system } = process.cpuUsage(cpuAtStart)
  const heapMb = memory()
  await consumer.close()
  const pongo = emmett.pongoClient(uri)
  for (const [nth, { collection }] of (await transcripts.open(db, 1)).documents.entries()) {
    const ours = await collection.countDocuments()
    const { collectionName } = documents[nth]!.collection
    const theirs = Number(await pongo.db().collection(collectionName).countDocuments())
    if (ours !== theirs)
      throw new Error(`${collection.collectionName}: ${ours} documents by ours, ${theirs} by Emmett.`)
  }
  await pongo.close()
  return { wallMs, cpuMs: (user + system) / 1_000, heapMb }
}
