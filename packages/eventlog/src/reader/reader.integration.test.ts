import { randomUUID } from 'node:crypto'
import { type RecordedEvent, headAfter } from '@parley/kernel'
import { Chain, projected, tallies, type TallyEvent, testDb } from '@parley/testkit'
import { type Collection, type Db, MongoNetworkError } from 'mongodb'
import { describe, expect, test, vi } from 'vitest'
import { eventRecord } from '../commands.ts'
import type { EventLog, SubscribeOptions } from '../log.ts'
import { bothLogs, partitions } from '../logs.fixture.ts'
import { type MemoryLog, memoryLog } from '../memory.ts'
import { topicsOf } from '../topics.ts'
import {
  DocumentCache,
  type DocumentProjection,
  Poisons,
  type ProjectedDocument,
  type ReadEvent,
  type Reader,
  type MetricDocument,
  type ReaderOptions,
  type StuckReader,
  StoredHeads,
  projectDocuments,
  projectionPrefix,
  runProjection,
} from './index.ts'
import { measuringAlone, sumOf } from './measuring.fixture.ts'
import { Parking } from './parking.ts'
import { Progress } from './progress.ts'
import { startReader } from './reader.ts'
import { UNTOLD } from './trouble.fixture.ts'
import { watchedDb } from './watched-db.fixture.ts'

const eventually = { timeout: 30_000, interval: 20 }
/** By whoever must see it: far beyond what it takes. */
const SEEN_WITHIN_MS = 30_000

type AnyEvent = ReadEvent<TallyEvent>
type Options = ReaderOptions<TallyEvent, TallyEvent['type']>
const TYPES = ['Added', 'Blocked', 'Unblocked', 'Repeated'] as const

/** Everything that was added to a stream, in order: any loss, repeat or change of order shows. */
interface Transcript extends ProjectedDocument {
  texts: string[]
}

function transcripts(collection: Collection<Transcript>): DocumentProjection<Transcript, TallyEvent> {
  return {
    collection,
    begins: ({ envelope }) => envelope.streamVersion === 1,
    route: ({ type, envelope }) => (type === 'Added' ? [envelope.streamId, `${envelope.streamId}/copy`] : []),
    fold: (doc, event) =>
      event.type === 'Added' ? { texts: [...(doc?.texts ?? []), event.data.id] } : undefined,
  }
}

async function stage<Log extends EventLog>(open: (namespace: string) => Promise<Log>) {
  const namespace = `reader-${randomUUID()}`
  const topics = topicsOf(namespace, tallies)
  const log = await open(namespace)
  const store = await testDb()
  const { db } = store
  const readers: Reader[] = []
  const common = {
    log,
    topics,
    types: TYPES,
    name: 'transcripts',
    namespace,
    db,
    ...UNTOLD,
    onFault(error: Error) {
      throw error
    },
  }
  return {
    namespace,
    topics,
    topic: topics.events,
    log,
    db,
    /** A reader with a handler of the test's own. */
    async reader(
      options: Pick<Options, 'handle'> & Partial<Options> & { version?: number },
    ): Promise<Reader> {
      const prefix = projectionPrefix('transcripts', options.version ?? 1)
      const group = `${namespace}.transcripts.v${options.version ?? 1}`
      const reader = await startReader<TallyEvent, TallyEvent['type']>(
        { ...common, ...options },
        { group, prefix },
      )
      readers.push(reader)
      return reader
    },
    async projection(
      version: number,
      documents: readonly DocumentProjection<any, TallyEvent>[],
      options: Partial<Options> & { onProjected?(): void } = {},
    ) {
      const reader = await runProjection({ ...common, ...options, version, documents })
      readers.push(reader)
      return reader
    },
    say: (events: readonly RecordedEvent[]) => log.append(topics.events, events.map(eventRecord)),
    documents: async (collection: string) =>
      new Map((await db.collection<Transcript>(collection).find().toArray()).map((doc) => [doc._id, doc])),
    async [Symbol.asyncDispose]() {
      await Promise.all(readers.map((reader) => reader.stop()))
      await log.close()
      await store[Symbol.asyncDispose]()
    },
  }
}

const inMemory = async (): Promise<MemoryLog> => memoryLog({ partitions, batchRecordsMax: 7 })
const logs = bothLogs(inMemory)

const message = (id: string) => ({ type: 'Added' as const, data: { id } })
const stream = (at: number) => `contact-${at}`
const recorded = (
  streamId: string,
  events: readonly Parameters<Chain<TallyEvent>['add']>[0][],
): AnyEvent[] => {
  const chain = new Chain(tallies, streamId)
  return events.map((event) => chain.add(event))
}
/** The history of a stream: `count` messages with a fact between them that the projection has no use for. */
const history = (at: number, count: number) =>
  recorded(
    stream(at),
    Array.from({ length: count }, (_, n) =>
      n % 5 === 4 ? { type: 'Blocked' as const } : message(`${at}.${n}`),
    ),
  )

/** The events of all streams, mixed as a log mixes them. */
function mixed(histories: readonly (readonly AnyEvent[])[]): AnyEvent[] {
  const all: AnyEvent[] = []
  for (let at = 0; histories.some((events) => at < events.length); at += 1)
    all.push(...histories.flatMap((events) => events.slice(at, at + 1)))
  return all
}

/** The numbers of streams that lie in one partition. A second member gets partition 1 of the first one's three. */
async function streamsIn(
  on: { log: EventLog; topic: string },
  partition: number,
  count: number,
): Promise<number[]> {
  const found: number[] = []
  for (let at = 0; found.length < count; at += 1)
    if ((await on.log.partitionOf(stream(at), on.topic)) === partition) found.push(at)
  return found
}

const plain = (docs: ReadonlyMap<string, Transcript>) =>
  [...docs.values()]
    .map(({ _id, streamId, seenVersion, texts }) => ({ _id, streamId, seenVersion, texts }))
    .toSorted((a, b) => a._id.localeCompare(b._id))

describe.each(logs)('a projection (%s)', (_, open) => {
  test('whose batch comes again with more behind it folds what is new, and nothing twice', async () => {
    await using on = await stage(open)
    const projection = transcripts(on.db.collection('live'))
    const events = history(0, 6)
    let handled = 0
    await on.reader({
      async handle(batch) {
        await projectDocuments([projection], batch)
        if ((handled += 1) > 1) return
        await on.say(events.slice(3))
        // Written, and the process died before it could say so.
        throw new Error('Not committed.')
      },
    })
    await on.say(events.slice(0, 3))
    await expect
      .poll(async () => plain(await on.documents('live')), eventually)
      .toEqual(plain(projected(projection, events)))
  })

  test('that gathers writes once what came in several appends, and says how far it is after that', async () => {
    await using on = await stage(open)
    const projection = transcripts(on.db.collection('live'))
    const streamId = stream(0)
    const version = async () => (await storedHeads(on.db).of([streamId])).get(streamId)?.version
    const batches: number[] = []
    await on.reader({
      // Longer than a busy machine takes for four appends.
      gatherMs: 1_500,
      commitEveryMs: 0,
      async handle(batch) {
        expect((await version()) === undefined).toBe(batches.length === 0)
        batches.push(batch.events.length)
        await projectDocuments([projection], batch)
      },
    })
    const events = history(0, 4)
    for (const event of events) await on.say([event])
    await expect.poll(version, eventually).toBe(4)
    expect(batches.reduce((sum, count) => sum + count, 0)).toBe(4)
    expect(batches.length).toBeLessThan(4)
    expect(plain(await on.documents('live'))).toEqual(plain(projected(projection, events)))
  })

  test('rebuilt = live', async () => {
    await using on = await stage(open)
    const live = transcripts(on.db.collection('live'))
    const rebuilt = transcripts(on.db.collection('rebuilt'))
    await on.projection(1, [live])
    const events = mixed(Array.from({ length: 6 }, (_, at) => history(at, 25)))
    for (let at = 0; at < 90; at += 9) await on.say(events.slice(at, at + 9))
    // While the second version reads from offset zero, the first goes on, and so does the log.
    await on.projection(2, [rebuilt])
    await on.say(events.slice(90))
    const expected = plain(projected(live, events))
    await expect.poll(async () => plain(await on.documents('live')), eventually).toEqual(expected)
    await expect.poll(async () => plain(await on.documents('rebuilt')), eventually).toEqual(expected)
  })

  test('goes on after a restart, and a rebuilt one agrees with it', async () => {
    await using on = await stage(open)
    const live = transcripts(on.db.collection('live'))
    const rebuilt = transcripts(on.db.collection('rebuilt'))
    let handled = 0
    const handle: Options['handle'] = async (batch) => {
      await projectDocuments([live], batch)
      if ((handled += 1) % 3 === 0) throw new Error('Not committed.')
    }
    const first = await on.reader({ handle })
    const events = mixed(Array.from({ length: 6 }, (_, at) => history(at, 25)))
    await on.say(events.slice(0, 70))
    await expect.poll(() => handled, eventually).toBeGreaterThan(0)
    await first.stop()
    await on.say(events.slice(40, 100))
    await on.reader({ handle })
    await on.say(events.slice(100))
    await on.projection(2, [rebuilt])
    const expected = plain(projected(live, events))
    await expect.poll(async () => plain(await on.documents('live')), eventually).toEqual(expected)
    await expect.poll(async () => plain(await on.documents('rebuilt')), eventually).toEqual(expected)
  })
})

describe('a projection', () => {
  test('looks for no document that begins, and folds it on by what is there where the event comes again', async () => {
    await using on = await stage(inMemory)
    const asked: string[] = []
    const db = watchedDb(on.db, (own, { method }) => {
      asked.push(method)
      return own()
    })
    const projection = transcripts(db.collection('live'))
    const events = history(0, 8)
    const project = async (from: number, to: number) => {
      asked.length = 0
      await projectDocuments([projection], {
        generation: 1,
        events: events.slice(from, to),
        isLate: false,
        isOwned: () => true,
        heartbeat: async () => {},
      })
      return plain(await on.documents('live'))
    }
    expect(await project(0, 3)).toEqual(plain(projected(projection, events.slice(0, 3))))
    expect(asked).toEqual(['bulkWrite'])
    expect(await project(3, 6)).toEqual(plain(projected(projection, events.slice(0, 6))))
    expect(asked).toEqual(['find', 'bulkWrite'])
    // Again from the beginning: less than there is, and more.
    expect(await project(0, 3)).toEqual(plain(projected(projection, events.slice(0, 6))))
    expect(await project(0, 8)).toEqual(plain(projected(projection, events)))
    expect(asked).toEqual(['bulkWrite', 'find', 'bulkWrite'])
  })

  const batchOf = (events: readonly AnyEvent[]) => ({
    generation: 1,
    events,
    isLate: false,
    isOwned: () => true,
    heartbeat: async () => {},
  })

  test('that holds its documents in memory folds once more what the store did not take', async () => {
    await using on = await stage(inMemory)
    let isAway = true
    const db = tamperedDb(on.db, 'live', 'bulkWrite', async (own) => {
      if (isAway) throw new Error('The store is away.')
      return own()
    })
    const projection = { ...transcripts(db.collection('live')), cache: new DocumentCache<Transcript>() }
    const batch = batchOf(history(0, 3))
    await expect(projectDocuments([projection], batch)).rejects.toThrow('The store is away.')
    isAway = false
    await projectDocuments([projection], batch)
    expect((await on.documents('live')).get(stream(0))?.texts).toEqual(['0.0', '0.1', '0.2'])
  })

  test('whose documents of a later turn tell of others writes them behind those', async () => {
    await using on = await stage(inMemory)
    let writes = 0
    const db = tamperedDb(on.db, 'live', 'bulkWrite', async (own) => {
      if ((writes += 1) > 1) throw new Error('The store is away.')
      return own()
    })
    const projection: DocumentProjection<Transcript, TallyEvent> = {
      ...transcripts(db.collection('live')),
      turn: ({ _id }) => (_id.endsWith('/copy') ? 0 : 1),
    }
    await expect(projectDocuments([projection], batchOf(history(0, 2)))).rejects.toThrow('away')
    expect([...(await on.documents('live')).keys()]).toEqual([`${stream(0)}/copy`])
  })

  test('tells of what it wrote once it stands in the store', async () => {
    await using on = await stage(inMemory)
    const seen: Promise<number>[] = []
    await on.projection(1, [transcripts(on.db.collection('live'))], {
      onProjected: () => void seen.push(on.db.collection('live').countDocuments()),
    })
    await on.say(history(0, 1))
    await expect.poll(() => seen.length, eventually).toBe(1)
    expect(await seen[0]).toBe(2)
  })

  test('that is fed duplicated and redelivered batches = fed once', async () => {
    await using on = await stage(inMemory)
    const projection = transcripts(on.db.collection('live'))
    let handled = 0
    await on.reader({
      async handle(batch) {
        await projectDocuments([projection], batch)
        handled += 1
        // Written, and the process died before it could say so.
        if (handled % 4 === 0) throw new Error('Not committed.')
      },
    })
    const events = mixed(Array.from({ length: 8 }, (_, at) => history(at, 30)))
    const group = `${on.namespace}.transcripts.v1`
    for (let at = 0; at < events.length; at += 16) {
      const part = events.slice(at, at + 16)
      await on.say(part)
      // A writer that was not told that its records are stored writes them again.
      if (at % 3 === 0) await on.say(part)
      if (at % 5 === 0) on.log.rebalance(group)
      if (at % 7 === 0) on.log.rewind(group, on.topic, at % partitions, 0n)
    }
    const expected = plain(projected(projection, events))
    await expect.poll(async () => plain(await on.documents('live')), eventually).toEqual(expected)
    for (let partition = 0; partition < partitions; partition += 1)
      on.log.rewind(group, on.topic, partition, 0n)
    const end = await on.log.endOffset(on.topic, 0)
    await expect.poll(async () => (await on.log.groupOffsets(group, on.topic)).get(0), eventually).toBe(end)
    expect(plain(await on.documents('live'))).toEqual(expected)
  })

  test('that is fed by two members at once, one of which was put out and does not know it = fed once', async () => {
    await using on = await stage(inMemory)
    const projection = transcripts(on.db.collection('live'))
    const gate = Promise.withResolvers<void>()
    const asleep = Promise.withResolvers<void>()
    // It has read the documents, and wakes to write them when the other member is far beyond.
    const late = tamperedDb(on.db, 'live', 'bulkWrite', async (own) => {
      asleep.resolve()
      await gate.promise
      return own()
    })
    const zombie = await on.reader({
      // It looked for its documents, and found none.
      handle: (batch) =>
        projectDocuments([{ ...transcripts(late.collection('live')), begins: () => false }], batch),
    })
    const streams = await streamsIn(on, 1, 5)
    const events = mixed(streams.map((at) => history(at, 20)))
    const expected = plain(projected(projection, events))
    await on.say(events.slice(0, 50))
    await asleep.promise
    await on.reader({ handle: (batch) => projectDocuments([projection], batch) })
    await on.say(events.slice(50))
    await expect.poll(async () => plain(await on.documents('live')), eventually).toEqual(expected)
    gate.resolve()
    await zombie.stop()
    expect(plain(await on.documents('live'))).toEqual(expected)
  })
})

const texts = (events: readonly AnyEvent[]) =>
  events.flatMap((event) => (event.type === 'Added' ? [event.data.id] : []))

/** A handler of effects: what it did, in order, and the texts that it cannot take. */
function effects(seen: string[], poison: ReadonlySet<string>): Options['handle'] {
  return async ({ events }) => {
    const poisons = new Poisons()
    for (const event of events)
      if (texts([event]).some((text) => poison.has(text))) poisons.add(event, new Error('No way.'))
    poisons.assertNone()
    seen.push(...texts(events))
  }
}

describe.each(logs)('first in the log wins, for a reader too (%s)', (_, open) => {
  test('a fork is set aside, told apart from repeats, and never handed over as an event', async () => {
    await using on = await stage(open)
    const seen: string[] = []
    await on.reader({ handle: async ({ events }) => void seen.push(...texts(events)) })
    const [one, two, three] = recorded('contact-1', [message('a'), message('b'), message('c')])
    const fork = recorded('contact-1', [message('a'), message('zombie'), message('zombie again')])
    await on.say([one!, two!, fork[1]!, one!, fork[2]!, two!, three!])
    await expect.poll(() => seen, eventually).toEqual(['a', 'b', 'c'])
  })

  test('a gap stops the reader with the stream and both versions; nothing behind it is handed over', async () => {
    await using on = await stage(open)
    const seen: string[] = []
    const faults: Error[] = []
    await on.reader({
      handle: async ({ events }) => void seen.push(...texts(events)),
      onFault: (error) => void faults.push(error),
    })
    const events = recorded('contact-1', [message('a'), message('b'), message('c'), message('d')])
    await on.say([events[0]!, events[1]!])
    await expect.poll(() => seen, eventually).toEqual(['a', 'b'])
    await on.say([events[3]!])
    await expect.poll(() => faults[0]?.message, eventually).toContain('version 4, where 3 was expected')
    expect(faults[0]?.message).toContain('contact-1')
    expect(seen).toEqual(['a', 'b'])
  })
})

describe('first in the log wins, for a reader too', () => {
  test.each([
    ['_heads', 0],
    ['_heads_moving', undefined],
  ])(
    'offsets are committed only once the heads that belong to them are written, in %s',
    async (where, commitEveryMs) => {
      await using on = await stage(inMemory)
      const group = `${on.namespace}.transcripts.v1`
      const partition = await on.log.partitionOf(stream(0), on.topic)
      let attempts = 0
      let isBroken = true
      const reader = await on.reader({
        ...(commitEveryMs === undefined ? {} : { commitEveryMs }),
        db: tamperedDb(on.db, where, 'bulkWrite', async (own) => {
          attempts += 1
          if (isBroken) throw new Error('The store is away.')
          return own()
        }),
        handle: async () => {},
      })
      await on.say(history(0, 3))
      await expect.poll(() => attempts, eventually).toBeGreaterThan(2)
      const committed = async () => (await on.log.groupOffsets(group, on.topic)).get(partition)
      expect(await committed()).toBeUndefined()
      isBroken = false
      await expect.poll(committed, eventually).toBe(3n)
      await reader.stop()
    },
  )
})

describe('a place from which a store that was put back is read on', () => {
  const places = (on: { db: Db }) => new Progress(on.db, projectionPrefix('transcripts', 1))
  const keptOf = async (on: { db: Db }, partition: number) =>
    (await places(on).keptOf([partition])).get(partition)
  const storedOf = async (on: { db: Db }, partition: number) =>
    (await places(on).stored([partition])).get(partition)

  test('is kept only once the heads that belong to it are stored: of what is done while they are written none are', async () => {
    await using on = await stage(inMemory)
    const [first, second] = (await Promise.all([0, 1].map((one) => streamsIn(on, one, 1)))).flat() as [
      number,
      number,
    ]
    let writes = 0
    await on.projection(1, [transcripts(on.db.collection('live'))], {
      db: tamperedDb(on.db, '_heads_moving', 'bulkWrite', async (own) => {
        if ((writes += 1) > 1) throw new Error('The store is away.')
        await on.say(history(second, 1))
        await expect.poll(() => storedOf(on, 1), eventually).toBe(1n)
        return own()
      }),
    })
    await on.say(history(first, 1))
    await expect.poll(() => keptOf(on, 0), eventually).toBe(1n)
    expect([await storedOf(on, 1), await keptOf(on, 1)]).toEqual([1n, 0n])
  })

  test('is not kept while the heads cannot be stored, though the documents are', async () => {
    await using on = await stage(inMemory)
    const [only] = await streamsIn(on, 0, 1)
    let attempts = 0
    await on.projection(1, [transcripts(on.db.collection('live'))], {
      db: tamperedDb(on.db, '_heads_moving', 'bulkWrite', async () => {
        attempts += 1
        throw new Error('The store is away.')
      }),
    })
    await on.say(history(only!, 1))
    await expect.poll(() => attempts, eventually).toBeGreaterThan(1)
    expect([await storedOf(on, 0), await keptOf(on, 0)]).toEqual([1n, 0n])
  })

  test('is kept with its own heads, though the group is shared out anew before they are written', async () => {
    await using on = await stage(inMemory)
    const [only] = await streamsIn(on, 0, 1)
    const isAsked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    // What a member asks of its reader, when the test says so.
    let member: SubscribeOptions | undefined
    const log: EventLog = {
      ...on.log,
      async subscribe(options) {
        member = options
        return {
          assigned: () => [0],
          isReady: () => true,
          stuck: () => [],
          lag: () => [],
          stop: async () => {},
        }
      },
    }
    await on.projection(1, [transcripts(on.db.collection('live'))], {
      log,
      db: tamperedDb(on.db, '_progress', 'bulkWrite', async (own) => {
        isAsked.resolve()
        await answer.promise
        return own()
      }),
    })
    await on.say(history(only!, 1))
    const { onAssigned, onBatch, onDone, beforeCommit } = member!
    const batch = { topic: on.topic, partition: 0, records: await on.log.read(on.topic, 0, 0n, 1n) }
    await onAssigned!([0], 1)
    await onBatch({ ...batch, generation: 1, isOwned: () => true, heartbeat: async () => {} })
    onDone!(0, 1n)
    const committed = beforeCommit!()
    await isAsked.promise
    await onAssigned!([1], 2)
    answer.resolve()
    await committed
    const streamId = stream(only!)
    const head = (await storedHeads(on.db).of([streamId])).get(streamId)
    expect([await keptOf(on, 0), head?.version]).toEqual([1n, 1])
  })

  test('is not kept of a partition that went to another member before its heads were stored', async () => {
    await using on = await stage(inMemory)
    const [mine, theirs] = (await Promise.all([0, 1].map((one) => streamsIn(on, one, 1)))).flat() as [
      number,
      number,
    ]
    let isAway = true
    const documents = [transcripts(on.db.collection('live'))]
    const one = await on.projection(1, documents, {
      db: tamperedDb(on.db, '_heads_moving', 'bulkWrite', async (own) => {
        if (isAway) throw new Error('The store is away.')
        return own()
      }),
    })
    await on.say(history(theirs, 1))
    await expect.poll(() => storedOf(on, 1), eventually).toBe(1n)
    // The other member is at work on it, and has not come to its end.
    const gate = Promise.withResolvers<void>()
    const asleep = await on.projection(1, documents, {
      db: tamperedDb(on.db, '_heads_moving', 'bulkWrite', (own) => gate.promise.then(own)),
    })
    await expect.poll(() => [one.assigned(), asleep.assigned()], eventually).toEqual([[0, 2], [1]])
    isAway = false
    await on.say(history(mine, 1))
    await expect.poll(() => keptOf(on, 0), eventually).toBe(1n)
    expect(await keptOf(on, 1)).toBe(0n)
    gate.resolve()
  })
})

const storedHeads = (db: Db) => new StoredHeads(db, projectionPrefix('transcripts', 1))

/** The database, with one kind of call on the collections of that ending going through a hand. */
function tamperedDb(
  db: Db,
  ending: string,
  method: 'bulkWrite' | 'deleteOne' | 'findOne' | 'updateOne',
  hand: (own: () => Promise<unknown>) => Promise<unknown>,
): Db {
  return watchedDb(db, (own, call) =>
    call.collection.endsWith(ending) && call.method === method ? hand(own as () => Promise<unknown>) : own(),
  )
}

/** The event that parks the stream, as an operator is shown it. */
async function poisonOf(reader: Pick<Reader, 'parked'>, streamId: string): Promise<string> {
  return (await reader.parked()).find((parked) => parked.streamId === streamId)!.poison
}

async function poisoned(open: (namespace: string) => Promise<EventLog>) {
  const on = await stage(open)
  const seen: string[] = []
  const parked: string[] = []
  const poison = new Set(['1.poison'])
  const reader = await on.reader({
    onParked: ({ streamId }) => void parked.push(streamId),
    handle: effects(seen, poison),
  })
  const sick = recorded(stream(1), [
    message('1.a'),
    message('1.poison'),
    message('1.b'),
    message('1.c'),
    message('1.d'),
  ])
  const well = recorded(stream(2), [message('2.a'), message('2.b'), message('2.c')])
  await on.say([sick[0]!, well[0]!, sick[1]!, well[1]!, sick[2]!])
  await expect.poll(() => seen.toSorted(), eventually).toEqual(['1.a', '2.a', '2.b'])
  await on.say([sick[3]!, well[2]!])
  await expect.poll(() => seen.toSorted(), eventually).toEqual(['1.a', '2.a', '2.b', '2.c'])
  expect(parked).toEqual([stream(1)])
  expect(await reader.parked()).toMatchObject([
    { streamId: stream(1), reason: expect.stringContaining('No way.') as string },
  ])
  return { on, reader, seen, poison, sick }
}

describe.each(logs)('a poison event (%s)', (_, open) => {
  test('parks only its stream; what queued behind it comes in order when it is retried', async () => {
    const { on, reader, seen, poison, sick } = await poisoned(open)
    await using _stage = on
    expect(await reader.retry(stream(1))).toBe(false)
    expect(seen.includes('1.b')).toBe(false)
    poison.clear()
    expect(await reader.retry(stream(1))).toBe(true)
    expect(seen.filter((text) => text.startsWith('1.'))).toEqual(['1.a', '1.poison', '1.b', '1.c'])
    expect(await reader.parked()).toEqual([])
    await on.say([sick[4]!])
    await expect.poll(() => seen, eventually).toContain('1.d')
  })

  test('that is discarded is left out, and the rest of its stream goes on', async () => {
    const { on, reader, seen } = await poisoned(open)
    await using _stage = on
    expect(await reader.discard(stream(1), await poisonOf(reader, stream(1)), 'a bug of last week')).toBe(
      true,
    )
    expect(seen.filter((text) => text.startsWith('1.'))).toEqual(['1.a', '1.b', '1.c'])
    expect(await reader.parked()).toEqual([])
  })

  test('that two retry at once frees the stream for neither while it is poisoned still, and for both once it is not', async () => {
    const { on, reader, poison } = await poisoned(open)
    await using _stage = on
    const both = () => Promise.all([reader.retry(stream(1)), reader.retry(stream(1))])
    expect(await both()).toEqual([false, false])
    poison.clear()
    expect(await both()).toEqual([true, true])
  })

  test('that a colleague discarded costs the next one nothing: what only that one was shown is left out', async () => {
    const { on, reader, seen, poison } = await poisoned(open)
    await using _stage = on
    poison.add('1.b')
    const shown = await poisonOf(reader, stream(1))
    expect(await reader.discard(stream(1), shown, 'a bug of last week')).toBe(false)
    await expect(reader.discard(stream(1), shown, 'a bug of last week')).rejects.toMatchObject({
      code: 'POISON_UNSEEN',
    })
    poison.clear()
    expect(await reader.retry(stream(1))).toBe(true)
    expect(seen.filter((text) => text.startsWith('1.'))).toEqual(['1.a', '1.b', '1.c'])
  })

  test('and many more in one batch run it a few times, not once each: nothing that could be handled is handled twice', async () => {
    await using on = await stage(open)
    const seen: string[] = []
    const SICK = 20
    let batches = 0
    const poison = new Set(Array.from({ length: SICK }, (_, at) => `${at}.1`))
    const handle = effects(seen, poison)
    const reader = await on.reader({
      gatherMs: 100,
      handle: async (batch) => {
        batches += 1
        return handle(batch)
      },
    })
    const histories = Array.from({ length: SICK + 3 }, (_, at) =>
      recorded(stream(at), [message(`${at}.0`), message(`${at}.1`), message(`${at}.2`)]),
    )
    await on.say(mixed(histories))
    await expect.poll(async () => (await reader.parked()).length, eventually).toBe(SICK)
    await expect.poll(() => seen.length, eventually).toBe(SICK + 3 * 3)
    expect(new Set(seen).size).toBe(seen.length)
    expect(batches).toBeLessThan(SICK)
    poison.clear()
    for (let at = 0; at < SICK; at += 1) expect(await reader.retry(stream(at))).toBe(true)
    for (let at = 0; at < SICK + 3; at += 1)
      expect(seen.filter((text) => text.startsWith(`${at}.`))).toEqual([`${at}.0`, `${at}.1`, `${at}.2`])
  })

  test('is parked only with its record in the queue, and with what stands before it on record as handled', async () => {
    await using on = await stage(open)
    const seen: string[] = []
    const away = new Set<string>()
    const attempts: string[] = []
    const broken = (ending: string, db: Db) =>
      tamperedDb(db, ending, 'bulkWrite', async (own) => {
        if (!away.has(ending)) return own()
        attempts.push(ending)
        throw new Error('The store is away.')
      })
    const reader = await on.reader({
      db: broken('_heads', broken('_parked_records', on.db)),
      handle: effects(seen, new Set(['1.1'])),
    })
    const attempted = (ending: string) =>
      expect.poll(() => attempts.filter((one) => one === ending).length, eventually).toBeGreaterThan(1)
    away.add('_heads')
    away.add('_parked_records')
    const events = recorded(stream(1), [message('1.0'), message('1.1'), message('1.2')])
    await on.say(events.slice(0, 1))
    await expect.poll(() => seen, eventually).toEqual(['1.0'])
    await on.say(events.slice(1))
    await attempted('_heads')
    expect(attempts).not.toContain('_parked_records')
    expect(await reader.parked()).toEqual([])
    away.delete('_heads')
    await attempted('_parked_records')
    expect(await reader.parked()).toEqual([])
    away.clear()
    await expect.poll(async () => (await reader.parked()).length, eventually).toBe(1)
  })

  test('in bytes that nobody can read parks its stream alone; discarded, the next event continues it', async () => {
    await using on = await stage(open)
    const seen: string[] = []
    const reader = await on.reader({ handle: async (batch) => void seen.push(...texts(batch.events)) })
    await on.log.append(on.topic, [{ key: stream(1), value: Buffer.from('no event at all') }])
    await on.say(recorded(stream(2), [message('2.a')]))
    await expect.poll(() => seen, eventually).toEqual(['2.a'])
    await expect
      .poll(async () => (await reader.parked()).map(({ streamId }) => streamId), eventually)
      .toEqual([stream(1)])
    expect(await reader.discard(stream(1), await poisonOf(reader, stream(1)), 'not ours')).toBe(true)
    expect(await reader.parked()).toEqual([])
  })
})

describe('a poison event', () => {
  test('in bytes of another writer, discarded, costs no event of the stream, also after a restart', async () => {
    await using on = await stage(inMemory)
    const seen: string[] = []
    const handle = async (batch: { readonly events: readonly AnyEvent[] }) =>
      void seen.push(...texts(batch.events))
    const first = await on.reader({ handle })
    const [a, b, c] = recorded(stream(1), ['a', 'b', 'c'].map(message))
    await on.say([a!])
    await on.log.append(on.topic, [{ key: stream(1), value: Buffer.from('of another') }])
    await expect.poll(async () => (await first.parked()).length, eventually).toBe(1)
    expect(await first.discard(stream(1), await poisonOf(first, stream(1)), 'not ours')).toBe(true)
    await first.stop()
    const partition = await on.log.partitionOf(stream(1), on.topic)
    on.log.rewind(`${on.namespace}.transcripts.v1`, on.topic, partition, 0n)
    const second = await on.reader({ handle })
    await on.say([b!, c!])
    await expect.poll(() => seen, eventually).toEqual(['a', 'b', 'c'])
    expect(await second.parked()).toEqual([])
  })
})

async function parkedStream(on: Awaited<ReturnType<typeof stage<EventLog>>>, options: Partial<Options> = {}) {
  const seen: string[] = []
  const poison = new Set(['1.1'])
  const events = recorded(
    stream(1),
    Array.from({ length: 9 }, (_, at) => message(`1.${at}`)),
  )
  const own = effects(seen, poison)
  const reader = await on.reader({ handle: own, ...options })
  await on.say(events.slice(0, 3))
  await expect.poll(async () => (await reader.parked()).length, eventually).toBe(1)
  return { reader, seen, poison, events, handle: own }
}
const queuedRecords = (on: { db: Db }) =>
  on.db.collection(`${projectionPrefix('transcripts', 1)}_parked_records`).countDocuments()

describe.each(logs)('a retry (%s)', (_, open) => {
  test('beside live batches of the same stream loses nothing and keeps their order', async () => {
    await using on = await stage(open)
    const seen: string[] = []
    const poison = new Set(['1.1'])
    const gate = Promise.withResolvers<void>()
    const isRetrying = Promise.withResolvers<void>()
    const handle = effects(seen, poison)
    const { reader, events } = await parkedStream(on, {
      async handle(batch) {
        if (batch.isLate) {
          isRetrying.resolve()
          await gate.promise
        }
        return handle(batch)
      },
    })
    poison.clear()
    const retried = reader.retry(stream(1))
    await isRetrying.promise
    // They arrive while the retry is under way, one after the other.
    for (const event of events.slice(3, 7)) await on.say([event])
    gate.resolve()
    expect(await retried).toBe(true)
    await on.say(events.slice(7))
    await expect.poll(() => seen, eventually).toEqual(Array.from({ length: 9 }, (_, at) => `1.${at}`))
    expect(await queuedRecords(on)).toBe(0)
  })

  test('frees a stream only as it saw its queue: what a member queued since is handled first', async () => {
    await using on = await stage(open)
    const prefix = projectionPrefix('transcripts', 1)
    const isFreeing = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    let frees = 0
    const db = tamperedDb(on.db, '_parked', 'deleteOne', async (own) => {
      if ((frees += 1) === 1) {
        isFreeing.resolve()
        await gate.promise
      }
      return own()
    })
    const { reader, seen, poison, events } = await parkedStream(on, { db })
    poison.clear()
    const retried = reader.retry(stream(1))
    await isFreeing.promise
    // The owner of before, or the next one, in the middle of its batch: it saw the stream parked.
    await on.say(events.slice(3, 4))
    const partition = await on.log.partitionOf(stream(1), on.topic)
    const late = await on.log.read(on.topic, partition, 3n, 4n)
    expect(await new Parking(on.db, prefix).queue(late)).toBe(true)
    gate.resolve()
    expect(await retried).toBe(true)
    expect(frees).toBe(2)
    expect(seen).toEqual(['1.0', '1.1', '1.2', '1.3'])
    expect(await queuedRecords(on)).toBe(0)
  })

  test('that freed a stream while a batch was about to queue its records: they are handled', async () => {
    await using on = await stage(open)
    const prefix = projectionPrefix('transcripts', 1)
    let isFreed = false
    const db = tamperedDb(on.db, '_parked', 'bulkWrite', async (own) => {
      if (!isFreed) await freeElsewhere()
      isFreed = true
      return own()
    })
    const { seen, poison, events } = await parkedStream(on, { db })
    /** Another member retried the stream with success. */
    async function freeElsewhere(): Promise<void> {
      const heads = storedHeads(on.db)
      const before = (await heads.of([stream(1)])).get(stream(1))
      await heads.writeResting([[stream(1), headAfter(before, events[2]!, 2n)]])
      await on.db
        .collection(`${prefix}_parked_records`)
        .deleteMany({ streamId: stream(1), offset: { $lte: 2 } })
      await on.db.collection<{ _id: string }>(`${prefix}_parked`).deleteOne({ _id: stream(1) })
    }
    poison.clear()
    await on.say(events.slice(3, 5))
    await expect.poll(() => seen, eventually).toEqual(['1.0', '1.3', '1.4'])
  })

  test('lets its records go only once it is on record that they were handled', async () => {
    await using on = await stage(open)
    let isAway = false
    let attempts = 0
    const db = tamperedDb(on.db, '_heads', 'bulkWrite', async (own) => {
      if (isAway) {
        attempts += 1
        throw new Error('The store is away.')
      }
      return own()
    })
    const { reader, seen, poison } = await parkedStream(on, { db })
    poison.clear()
    isAway = true
    const retried = reader.retry(stream(1))
    await expect.poll(() => attempts, eventually).toBeGreaterThan(1)
    expect(await queuedRecords(on)).toBe(2)
    isAway = false
    expect(await retried).toBe(true)
    expect(seen.at(-1)).toBe('1.2')
  })

  test('asked of another replica is carried out by the owner of the partition', async () => {
    await using on = await stage(open)
    const lateAt: string[] = []
    const poison = new Set(['poison'])
    const names = ['first', 'second']
    const replicas: Reader[] = []
    for (const name of names) {
      const handle = effects([], poison)
      replicas.push(
        await on.reader({
          async handle(batch) {
            if (batch.isLate) lateAt.push(name)
            return handle(batch)
          },
        }),
      )
    }
    // The group is whole: who owns a partition now owns it to the end.
    const shares = () => replicas.map((reader) => reader.assigned().length).toSorted((a, b) => a - b)
    await expect.poll(shares, eventually).toEqual([1, 2])
    // One in each partition: who is asked has streams of its own to look after, and may see the wishes of all.
    const streams = (await Promise.all([0, 1, 2].map((partition) => streamsIn(on, partition, 1)))).flat()
    await on.say(streams.flatMap((at) => recorded(stream(at), [message('poison')])))
    await expect.poll(async () => (await replicas[0]!.parked()).length, eventually).toBe(3)
    poison.clear()
    const owners: number[] = []
    for (const [partition, at] of streams.entries()) {
      const owner = replicas.findIndex((reader) => reader.assigned().includes(partition))
      owners.push(owner)
      expect(await replicas[1 - owner]!.retry(stream(at))).toBe(true)
    }
    expect(lateAt).toEqual(owners.map((owner) => names[owner]))
  })

  test('that waits for a batch which hangs is answered in time: it is not carried out yet', async () => {
    await using on = await stage(open)
    const [sick, well] = (await streamsIn(on, 0, 2)).map(stream) as [string, string]
    const hangs = Promise.withResolvers<void>()
    const isHanging = Promise.withResolvers<void>()
    const reader = await on.reader({
      async handle(batch) {
        if (batch.events.some(({ record }) => record.key === well)) {
          isHanging.resolve()
          await hangs.promise
        }
        await effects([], new Set(['poison']))(batch)
      },
    })
    await on.say(recorded(sick, [message('poison')]))
    await expect.poll(async () => (await reader.parked()).length, eventually).toBe(1)
    await on.say(recorded(well, [message('live')]))
    await isHanging.promise
    const now = performance.now.bind(performance)
    let aheadMs = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + (aheadMs += 500))
    try {
      await expect(reader.retry(sick)).rejects.toMatchObject({ code: 'RETRY_NOT_ANSWERED' })
    } finally {
      clock.mockRestore()
      hangs.resolve()
    }
  })

  test('waits for the batch of its partition that is being handled: a handler gets one at a time', async () => {
    await using on = await stage(open)
    const [sick, well] = (await streamsIn(on, 0, 2)).map(stream) as [string, string]
    const [other] = (await streamsIn(on, 1, 1)).map(stream) as [string]
    const poison = new Set(['poison'])
    const first = await on.reader({ handle: effects([], poison) })
    await on.say([sick, other].flatMap((streamId) => recorded(streamId, [message('poison')])))
    await expect.poll(async () => (await first.parked()).length, eventually).toBe(2)
    await first.stop()
    // Asked while nobody is there, so that the next member finds both in one look, with a batch beside one of them.
    const parking = new Parking(on.db, projectionPrefix('transcripts', 1))
    await Promise.all([sick, other].map((streamId) => parking.wish(streamId)))
    await on.say(recorded(well, [message('live')]))
    const parked = async () => (await parking.list()).map(({ streamId }) => streamId)
    const busy = new Set<number>()
    const handled: string[] = []
    let overlaps = 0
    await on.reader({
      sharesBatches: false,
      async handle({ events }) {
        const { partition, key } = events[0]!.record
        if (busy.has(partition)) overlaps += 1
        busy.add(partition)
        // What goes on beside it could have come as far as this.
        if (key === well) await vi.waitUntil(async () => !(await parked()).includes(other), eventually)
        busy.delete(partition)
        handled.push(key)
      },
    })
    await expect.poll(parked, eventually).toEqual([])
    expect(handled.toSorted()).toEqual([sick, well, other].toSorted())
    expect(overlaps).toBe(0)
  })
})

describe('a retry', () => {
  test('takes the mark of the queue before the queue itself: what queues between the two is handled before the stream is free', async () => {
    await using on = await stage(inMemory)
    const prefix = projectionPrefix('transcripts', 1)
    let isRetried = false
    let isQueued = false
    const db = tamperedDb(on.db, '_parked', 'findOne', async (own) => {
      // The last look: all that queued was handled, and the owner of before, in the middle of its batch, queues one more.
      if (isRetried && (await queuedRecords(on)) === 0) {
        isRetried = false
        await on.say(events.slice(3, 4))
        const late = on.log.records(on.topic).find(({ value }) => Buffer.from(value).equals(events[3]!.raw))
        isQueued = await new Parking(on.db, prefix).queue([late!])
      }
      return own()
    })
    const { reader, seen, poison, events } = await parkedStream(on, { db })
    poison.clear()
    isRetried = true
    expect(await reader.retry(stream(1))).toBe(true)
    expect(isQueued).toBe(true)
    expect(seen).toEqual(['1.0', '1.1', '1.2', '1.3'])
    expect(await queuedRecords(on)).toBe(0)
  })
})

describe.each(logs)('an error that is neither passing nor poison (%s)', (_, open) => {
  test('is told with its stream, after what comes before it was handled; other partitions go on', async () => {
    await using on = await stage(open)
    const seen: string[] = []
    const stuck: StuckReader[] = []
    const [own, other] = (await Promise.all([0, 1].map((partition) => streamsIn(on, partition, 1))))
      .flat()
      .map(stream) as [string, string]
    const reader = await on.reader({
      onStuck: (one) => void stuck.push(one),
      async handle({ events }) {
        if (texts(events).includes('bad')) throw new Error('A bug.')
        seen.push(...texts(events))
      },
    })
    await on.say([
      ...recorded(own, [message('a'), message('b'), message('c')]),
      ...recorded(other, [message('x'), message('bad'), message('z')]),
    ])
    await expect
      .poll(() => stuck[0], { timeout: 60_000, interval: 50 })
      .toMatchObject({ attempts: 5, streamId: other })
    expect(new Set(seen)).toEqual(new Set(['a', 'b', 'c', 'x']))
    const partition = await on.log.partitionOf(other, on.topic)
    expect(reader.stuck()).toMatchObject([{ partition, streamId: other }])
  })

  test('names no stream where the store is away, nor the one that was at fault before', async () => {
    await using on = await stage(open)
    const stuck: StuckReader[] = []
    const [at] = await streamsIn(on, 0, 1)
    let fault: Error | undefined = new Error('A bug.')
    const seen: string[] = []
    await on.reader({
      onStuck: (one) => void stuck.push(one),
      async handle({ events }) {
        if (fault !== undefined) throw fault
        seen.push(...texts(events))
      },
    })
    const events = recorded(stream(at!), [message('a'), message('b'), message('c')])
    await on.say(events.slice(0, 1))
    const told = { timeout: 60_000, interval: 50 }
    await expect.poll(() => stuck[0], told).toMatchObject({ streamId: stream(at!) })
    fault = undefined
    await expect.poll(() => seen, told).toEqual(['a'])
    stuck.length = 0
    fault = new MongoNetworkError('The store is away.')
    await on.say(events.slice(1))
    await expect.poll(() => stuck[0], told).toMatchObject({ attempts: 5, streamId: undefined })
  })
})

test('a metric counts what a parked stream brings late, behind others that were counted, and counts it once', async () => {
  await using on = await stage(inMemory)
  const counts = on.db.collection<MetricDocument>('counts')
  const measured: string[] = []
  const added = measuringAlone<TallyEvent>(counts, (event) => {
    measured.push(...texts([event]))
    return event.type === 'Added'
      ? [{ metric: 'added', key: 'all', window: '2026-01-05', add: { count: 1 } }]
      : []
  })
  const poison = new Set(['sick.1'])
  const guard: DocumentProjection<Transcript, TallyEvent> = {
    ...transcripts(on.db.collection('guarded')),
    route(event) {
      if (texts([event]).some((text) => poison.has(text))) throw new Error('No way.')
      return []
    },
  }
  const reader = await on.projection(1, [guard, ...added])
  const count = async () => (await sumOf(counts, { metric: 'added' }))['count']
  const partition = await on.log.partitionOf('sick', on.topic)
  let well = ''
  for (let at = 0; well === ''; at += 1)
    if ((await on.log.partitionOf(`well-${at}`, on.topic)) === partition) well = `well-${at}`
  await on.say([
    ...recorded('sick', ['sick.0', 'sick.1', 'sick.2'].map(message)),
    ...recorded(well, ['well.0', 'well.1'].map(message)),
  ])
  await expect.poll(count, eventually).toBe(3)
  await expect.poll(async () => (await reader.parked()).length, eventually).toBe(1)
  poison.clear()
  expect(await reader.retry('sick')).toBe(true)
  expect(await count()).toBe(5)
  await reader.stop()

  on.log.rewind(`${on.namespace}.transcripts.v1`, on.topic, partition, 0n)
  for (const place of ['heads', 'heads_moving'])
    await on.db.collection(`${projectionPrefix('transcripts', 1)}_${place}`).deleteMany({})
  measured.length = 0
  const again = await on.projection(1, added)
  await expect.poll(() => new Set(measured).size, eventually).toBe(5)
  await again.stop()
  expect(await count()).toBe(5)
})

describe('after its generation', () => {
  test('a handler that ends sets no head back: what comes later is handled, by whoever owns the partition then', async () => {
    await using on = await stage(inMemory)
    const seen: string[] = []
    const gate = Promise.withResolvers<void>()
    const asleep = Promise.withResolvers<void>()
    const isWritten = Promise.withResolvers<void>()
    await on.reader({
      db: tamperedDb(on.db, '_heads_moving', 'bulkWrite', (own) => own().finally(() => isWritten.resolve())),
      async handle({ events }) {
        asleep.resolve()
        await gate.promise
        seen.push(...texts(events))
      },
    })
    const [at] = await streamsIn(on, 1, 1)
    const streamId = stream(at!)
    const version = async () => (await storedHeads(on.db).of([streamId])).get(streamId)?.version
    const events = recorded(
      streamId,
      Array.from({ length: 6 }, (_, n) => message(`${n}`)),
    )
    await on.say(events.slice(0, 1))
    await asleep.promise
    // Another member owns the partition for a while, and gets further.
    const other = await on.reader({ handle: async ({ events: some }) => void seen.push(...texts(some)) })
    await on.say(events.slice(1, 3))
    await expect.poll(version, eventually).toBe(3)
    gate.resolve()
    await isWritten.promise
    expect(await version()).toBe(3)
    await other.stop()
    await on.say(events.slice(3))
    await expect
      .poll(() => [...new Set(seen)].toSorted(), eventually)
      .toEqual(Array.from({ length: 6 }, (_, n) => `${n}`))
    await expect.poll(version, eventually).toBe(6)
  })

  test("a batch that waited is not handled: its partition may be somebody else's", async () => {
    await using on = await stage(inMemory)
    const gate = Promise.withResolvers<void>()
    const asleep = Promise.withResolvers<void>()
    const isWaiting = Promise.withResolvers<void>()
    const [one, two] = (await Promise.all([0, 1].map((partition) => streamsIn(on, partition, 1))))
      .flat()
      .map(stream) as [string, string]
    const handled: [text: string, generation: number][] = []
    await on.reader({
      log: {
        ...on.log,
        subscribe: (options) =>
          on.log.subscribe({
            ...options,
            onBatch(batch) {
              const done = options.onBatch(batch)
              if (batch.partition === 1) isWaiting.resolve()
              return done
            },
          }),
      },
      async handle({ events, generation }) {
        handled.push(...texts(events).map((text): [string, number] => [text, generation]))
        asleep.resolve()
        await gate.promise
      },
    })
    await on.say(recorded(one, [message('before')]))
    await asleep.promise
    await on.say(recorded(two, [message('waits')]))
    await isWaiting.promise
    on.log.rebalance(`${on.namespace}.transcripts.v1`)
    gate.resolve()
    await expect
      .poll(() => handled, eventually)
      .toEqual([
        ['before', 1],
        ['waits', 2],
      ])
  })
})

const position = async (on: Awaited<ReturnType<typeof stage<EventLog>>>, events: readonly AnyEvent[]) => {
  const positions = await on.say(events)
  return positions.at(-1)!
}

describe.each(logs)('whoever must see what was just written (%s)', (_, open) => {
  test('waits until the projection holds it, and no longer than the deadline', async () => {
    await using on = await stage(open)
    const gate = Promise.withResolvers<void>()
    const documents = transcripts(on.db.collection('live'))
    const reader = await on.projection(1, [
      {
        ...documents,
        collection: tamperedDb(on.db, 'live', 'bulkWrite', async (own) => {
          await gate.promise
          return own()
        }).collection('live'),
      },
    ])
    const last = await position(on, history(0, 2))
    expect(await reader.whenProcessed(last, 100)).toBe(false)
    const seen = reader.whenProcessed(last, SEEN_WITHIN_MS)
    gate.resolve()
    expect(await seen).toBe(true)
    expect((await on.documents('live')).get(stream(0))?.texts).toEqual(['0.0', '0.1'])
    expect(await reader.whenProcessed({ ...last, offset: last.offset + 1n }, 100)).toBe(false)
  })

  test('may ask a replica that does not own the partition, and one that was just started', async () => {
    await using on = await stage(open)
    const replicas = [
      await on.projection(1, [transcripts(on.db.collection('live'))]),
      await on.projection(1, [transcripts(on.db.collection('live'))]),
    ]
    const last = await position(on, history(0, 3))
    expect(await Promise.all(replicas.map((reader) => reader.whenProcessed(last, SEEN_WITHIN_MS)))).toEqual([
      true,
      true,
    ])
    await Promise.all(replicas.map((reader) => reader.stop()))
    const again = await on.projection(1, [transcripts(on.db.collection('live'))])
    expect(await again.whenProcessed(last, SEEN_WITHIN_MS)).toBe(true)
  })
})

test.each(['reactor', 'projection'])(
  'a %s whose group Kafka forgot goes on where its own store says, and reads nothing again',
  async (kind) => {
    await using on = await stage(inMemory)
    const group = `${on.namespace}.transcripts.v1`
    const read: bigint[] = []
    const log: EventLog = {
      ...on.log,
      subscribe: (options) =>
        on.log.subscribe({
          ...options,
          onBatch(batch) {
            read.push(...batch.records.map(({ offset }) => offset))
            return options.onBatch(batch)
          },
        }),
    }
    const start = () =>
      kind === 'reactor'
        ? on.reader({ log, handle: async () => {} })
        : on.projection(1, [transcripts(on.db.collection('live'))], { log })
    const events = history(0, 9)
    const partition = await on.log.partitionOf(stream(0), on.topic)
    const first = await start()
    await on.say(events.slice(0, 5))
    await expect.poll(() => read.length, eventually).toBe(5)
    await first.stop()
    expect((await on.log.groupOffsets(group, on.topic)).get(partition)).toBe(5n)
    on.log.forget(group)
    const second = await start()
    await on.say(events.slice(5))
    await expect.poll(() => read.length, eventually).toBe(9)
    await second.stop()
    expect(read).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n])
  },
)

describe('whoever must see what was just written', () => {
  test('after a crash finds all that was committed', async () => {
    await using on = await stage(inMemory)
    const reader = await on.projection(1, [transcripts(on.db.collection('live'))])
    const last = await position(on, history(0, 3))
    const group = `${on.namespace}.transcripts.v1`
    await expect
      .poll(async () => (await on.log.groupOffsets(group, on.topic)).get(last.partition), eventually)
      .toBe(last.offset + 1n)
    // Nothing is said at its end: what was committed must be enough.
    const again = await on.projection(1, [])
    expect(await again.whenProcessed(last, SEEN_WITHIN_MS)).toBe(true)
    await reader.stop()
  })
})

test.each(logs)(
  'a projection whose store was put back to an older copy, of while it ran or stood still, or lost, reads again what that lacks, on %s',
  async (_, open) => {
    await using on = await stage(open)
    const collection = on.db.collection<Transcript>('live')
    const [one, two] = [history(0, 6), history(1, 4)]
    const progress = new Progress(on.db, projectionPrefix('transcripts', 1))
    const readThrough = async (events: readonly AnyEvent[], atTheEnd = async () => {}) => {
      const reader = await on.projection(1, [transcripts(collection)])
      for (const { partition, offset } of await on.say(events))
        await expect
          .poll(async () => (await progress.stored([partition])).get(partition), eventually)
          .toBeGreaterThan(offset)
      await atTheEnd()
      await reader.stop()
    }
    const copyOfNow = async () => {
      const names = (await on.db.listCollections().toArray()).map(({ name }) => name)
      return Promise.all(
        names.map(async (name) => ({ name, documents: await on.db.collection(name).find().toArray() })),
      )
    }
    const copies: Awaited<ReturnType<typeof copyOfNow>>[] = []
    await readThrough(one.slice(0, 3), async () => void copies.push(await copyOfNow()))
    copies.push(await copyOfNow())
    await readThrough([...one.slice(3), ...two])
    const whole = await on.documents('live')
    for (const copy of [...copies, []]) {
      for (const { name } of await on.db.listCollections().toArray()) await on.db.dropCollection(name)
      for (const { name, documents } of copy)
        if (documents.length > 0) await on.db.collection(name).insertMany(documents)
      const reader = await on.projection(1, [transcripts(collection)])
      await expect.poll(() => on.documents('live'), eventually).toEqual(whole)
      await reader.stop()
    }
  },
)

test.each(logs)(
  'a projection under which its store is emptied, or put back to an older copy, says so, writes no place there, and reads again what is missing, on %s',
  async (_, open) => {
    await using on = await stage(open)
    const collection = on.db.collection<Transcript>('live')
    const [one, two] = [history(0, 9), history(1, 4)]
    const progress = new Progress(on.db, projectionPrefix('transcripts', 1))
    const untilRead = async (said: Awaited<ReturnType<typeof on.say>>) => {
      for (const { partition, offset } of said)
        await expect
          .poll(async () => (await progress.stored([partition])).get(partition), eventually)
          .toBeGreaterThan(offset)
    }
    const copyOfNow = async () => {
      const names = (await on.db.listCollections().toArray()).map(({ name }) => name)
      return Promise.all(
        names.map(async (name) => ({ name, documents: await on.db.collection(name).find().toArray() })),
      )
    }
    const first = await on.projection(1, [transcripts(collection)])
    await untilRead(await on.say(one.slice(0, 3)))
    const copy = await copyOfNow()
    await untilRead(await on.say([...one.slice(3, 6), ...two]))
    await first.stop()
    for (const [round, putBack] of [copy, []].entries()) {
      const faults: Error[] = []
      const reader = await on.projection(1, [transcripts(collection)], {
        onFault: (error) => void faults.push(error),
      })
      const event = one[6 + round]!
      await untilRead(await on.say([event]))
      for (const { name } of await on.db.listCollections().toArray()) await on.db.dropCollection(name)
      for (const { name, documents } of putBack)
        if (documents.length > 0) await on.db.collection(name).insertMany(documents)
      // Of another stream of its partition: nothing is folded onto what is missing.
      const inItsPartition = await streamsIn(on, await on.log.partitionOf(stream(0), on.topic), 6)
      await on.say(history(inItsPartition[4 + round]!, 1))
      await expect.poll(() => faults, eventually).toMatchObject([{ code: 'STORE_SET_BACK' }])
      await reader.stop()
      const again = await on.projection(1, [transcripts(collection)])
      await expect
        .poll(async () => (await on.documents('live')).get(stream(0))?.texts, eventually)
        .toEqual(one.slice(0, 7 + round).flatMap(({ type, data }) => (type === 'Added' ? [data.id] : [])))
      await expect.poll(async () => (await on.documents('live')).get(stream(1))?.texts.length).toBe(4)
      await again.stop()
    }
  },
)
