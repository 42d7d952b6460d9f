import {
  type RecordedCommand,
  type RecordedEvent,
  type StreamState,
  Table,
  decideOn,
  deterministicId,
  emptyStream,
  evolveStream,
} from '@parley/kernel'
import {
  type Tally,
  type TallyCommand,
  add,
  block,
  tallies,
  tally,
  testMongoUri,
  unblock,
} from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { type Collection, type Db, type Document, type FindCursor, MongoClient } from 'mongodb'
import { afterAll, expect, test } from 'vitest'
import { watchedDb } from '../reader/watched-db.fixture.ts'
import { type Entry, type Ledger, ledger } from './ledger.fixture.ts'
import { PartitionFenced, SnapshotStore } from './snapshots.ts'

const client = new MongoClient(testMongoUri())
let databases = 0
afterAll(() => client.close())

/** Writing ends after so many documents, a bulk write in its middle too; with the last one written, or with its answer lost as well. */
class Fuse {
  left = Number.POSITIVE_INFINITY
  losesAnswer = false

  set(left: number, losesAnswer = false): void {
    this.left = left
    this.losesAnswer = losesAnswer
  }
}

function fused(db: Db, fuse: Fuse): Db {
  const blown = () => new Error('The connection is cut.')
  const written = (count: number) => {
    fuse.left -= count
    if (fuse.left === 0 && fuse.losesAnswer) throw blown()
  }
  const collection = (target: Collection<any>) =>
    new Proxy(target, {
      get(_, method: keyof Collection) {
        const value = target[method] as unknown
        if (typeof value !== 'function') return value
        if (method === 'bulkWrite')
          return async (operations: Document[], options: object) => {
            const some = operations.slice(0, fuse.left)
            if (some.length > 0) await target.bulkWrite(some as never, options)
            if (some.length < operations.length) throw blown()
            written(some.length)
          }
        if (method !== 'updateOne' && method !== 'findOneAndUpdate') return value.bind(target) as unknown
        return async (...args: unknown[]) => {
          if (fuse.left <= 0) throw blown()
          const result: unknown = await value.apply(target, args)
          written(1)
          return result
        }
      },
    })
  return new Proxy(db, {
    get: (target, name) =>
      name === 'collection'
        ? (of: string) => collection(target.collection(of))
        : (Reflect.get(target, name) as unknown),
  })
}

const streamIds = ['pool-1', 'pool-2']
interface Stored {
  readonly streamId: string
  readonly event: RecordedEvent
}
type Streams = Map<string, StreamState<Ledger>>

/** What a partition writer does with its streams, one step at a time. */
class Writer {
  readonly store: SnapshotStore<Ledger>
  readonly streams: Streams
  readonly #log: Stored[]
  #dirty = new Set<string>(streamIds)

  private constructor(store: SnapshotStore<Ledger>, streams: Streams, log: Stored[]) {
    this.store = store
    this.streams = streams
    this.#log = log
  }

  static async claim(db: Db, log: Stored[]): Promise<Writer> {
    const store = await SnapshotStore.claim<Ledger>(db, ledger, 0)
    const streams: Streams = new Map(await store.load(streamIds))
    for (const streamId of streamIds)
      if (!streams.has(streamId)) streams.set(streamId, emptyStream(ledger, streamId))
    for (let at = Number(store.mark); at < log.length; at += 1) {
      const { streamId, event } = log[at]!
      streams.set(streamId, evolveStream(ledger, streams.get(streamId)!, event, BigInt(at)))
    }
    return new Writer(store, streams, log)
  }

  decide(streamId: string, command: RecordedCommand): void {
    const { events, stream } = decideOn(ledger, command, this.streams.get(streamId)!, undefined)
    for (const event of events) this.#log.push({ streamId, event })
    const head = stream.head && { ...stream.head, offset: BigInt(this.#log.length - 1) }
    this.streams.set(streamId, events.length === 0 ? stream : { ...stream, head })
    this.#dirty.add(streamId)
  }

  async snapshot(): Promise<void> {
    await this.store.write(
      new Map([...this.#dirty].map((streamId) => [streamId, this.streams.get(streamId)!])),
      BigInt(this.#log.length),
    )
    this.#dirty.clear()
  }
}

const standing = (streams: Streams) =>
  streamIds.map((streamId) => {
    const { head, ...rest } = streams.get(streamId)!
    return [streamId, head?.version, head?.hash, rest]
  })

function fullFold(log: readonly Stored[]): Streams {
  const streams: Streams = new Map(streamIds.map((streamId) => [streamId, emptyStream(ledger, streamId)]))
  for (const [at, { streamId, event }] of log.entries())
    streams.set(streamId, evolveStream(ledger, streams.get(streamId)!, event, BigInt(at)))
  return streams
}

const anyWish = fc.record({
  streamId: fc.constantFrom(...streamIds),
  wish: fc.oneof(
    { weight: 6, arbitrary: fc.nat(60).map((id) => add(`agent-${id}`)) },
    { weight: 2, arbitrary: fc.constant(unblock) },
    { weight: 1, arbitrary: fc.constant(block) },
  ),
})
const anyStep = fc.record({
  wishes: fc.array(anyWish, { maxLength: 25 }),
  /** Documents that a snapshot writes before the process dies. */
  fuse: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(40)),
  losesAnswer: fc.boolean(),
  /** Whether another one takes over after a snapshot that was cut short, or the same one goes on. */
  isRestarted: fc.boolean(),
  /** Another one takes over before the snapshot, and this one writes it all the same: a zombie. */
  isZombie: fc.boolean(),
})

test('snapshot + tail = full fold, tables and the order of their entries too, whenever a snapshot was cut short and whatever zombies write', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 8 }), async (steps) => {
      const db = client.db(`tables_${process.pid}_${(databases += 1)}`)
      const fuse = new Fuse()
      const log: Stored[] = []
      let places = 0n
      let writer = await Writer.claim(fused(db, fuse), log)
      let zombie: Writer | undefined
      const refused: unknown[] = []
      const takeOver = async () => {
        writer = await Writer.claim(fused(db, fuse), log)
        expect(standing(writer.streams)).toEqual(standing(fullFold(log)))
      }
      for (const step of steps) {
        for (const { streamId, wish } of step.wishes)
          writer.decide(streamId, commandAt((places += 1n), streamId, wish))
        if (step.isZombie) {
          zombie = writer
          await takeOver()
        }
        // Of the zombie, if there is one: what it has not written yet, once the new one has read.
        fuse.set(step.fuse, step.losesAnswer)
        const cut = await (step.isZombie ? zombie! : writer).snapshot().catch((error: unknown) => error)
        fuse.set(Number.POSITIVE_INFINITY)
        if (step.isZombie) refused.push(cut)
        else if (cut !== undefined && step.isRestarted) await takeOver()
        if (zombie !== undefined) refused.push(await zombie.snapshot().catch((error: unknown) => error))
      }
      expect(refused.every((error) => error instanceof Error)).toBe(true)
      await takeOver()
      await db.dropDatabase()
    }),
    runs(30),
  )
})

test('a writer that was overtaken sets no snapshot back, of a state without tables either', async () => {
  const db = client.db(`tables_${process.pid}_overtaken`)
  const zombie = await SnapshotStore.claim<Tally>(db, tally, 0)
  const owner = await SnapshotStore.claim<Tally>(db, tally, 0)
  const [, one, two] = [add('a'), add('b')].reduce<readonly StreamState<Tally>[]>(
    (streams, wish, at) => [
      ...streams,
      decideOn(tally, commandAt(BigInt(at), 'contact-1', wish), streams[at]!, undefined).stream,
    ],
    [emptyStream(tally, 'contact-1')],
  )
  await owner.write(new Map([['contact-1', two!]]), 2n)
  await expect(zombie.write(new Map([['contact-1', one!]]), 1n)).rejects.toThrow(PartitionFenced)
  const stored = (await owner.load(['contact-1'])).get('contact-1')
  expect(stored).toMatchObject({
    state: { count: 2, last: 'b' },
    head: { version: 2, hash: two!.head!.hash },
  })
  await db.dropDatabase()
})

/** A partition of its own: its store, its log, and one stream that is told things. */
function partition() {
  const db = client.db(`tables_${process.pid}_${(databases += 1)}`)
  const log: Stored[] = []
  let places = 0n
  return {
    db,
    log,
    tell: (writer: Writer, agent = 'agent-1') =>
      writer.decide('pool-1', commandAt((places += 1n), 'pool-1', add(agent))),
    /** Whoever claims it next knows all that was decided. */
    async expectWhole() {
      expect(standing((await Writer.claim(db, log)).streams)).toEqual(standing(fullFold(log)))
    },
    async [Symbol.asyncDispose]() {
      await db.dropDatabase()
    },
  }
}

function commandAt(offset: bigint, streamId: string, wish: TallyCommand): RecordedCommand {
  return {
    offset,
    recordedAt: '2026-01-05T12:00:00.000Z',
    envelope: tallies.commandEnvelope({
      ...wish,
      commandId: deterministicId('tables', String(offset)),
      streamId,
      occurredAt: '2026-01-05T12:00:00.000Z',
      actor: { kind: 'system', id: 'test' },
    }),
  }
}

test('a zombie between the load of the next writer and its first snapshot: that one, cut short, leaves a whole snapshot', async () => {
  await using at = partition()
  const { db, log, tell } = at
  const zombie = await Writer.claim(db, log)
  tell(zombie)
  await zombie.snapshot()
  tell(zombie)
  const fuse = new Fuse()
  const next = await Writer.claim(fused(db, fuse), log)
  await expect(zombie.snapshot()).rejects.toThrow(PartitionFenced)
  tell(next)
  // The one chunk that changed, and not the header that refers to it.
  fuse.set(1)
  await expect(next.snapshot()).rejects.toThrow('The connection is cut.')
  await at.expectWhole()
})

test('a zombie after the first snapshot of the next writer changes no chunk of it', async () => {
  await using at = partition()
  const { db, log, tell } = at
  const zombie = await Writer.claim(db, log)
  tell(zombie)
  await zombie.snapshot()
  tell(zombie)
  const next = await Writer.claim(db, log)
  tell(next)
  await next.snapshot()
  await expect(zombie.snapshot()).rejects.toThrow(PartitionFenced)
  await at.expectWhole()
})

test('a zombie that writes a snapshot while the next writer loads its stream: what is loaded is of one snapshot', async () => {
  await using at = partition()
  const { db, log, tell } = at
  const zombie = await Writer.claim(db, log)
  tell(zombie)
  await zombie.snapshot()
  tell(zombie, 'agent-2')
  let refused: unknown
  // Between the header and its chunks.
  const between = watchedDb(db, (own, { collection, method }) =>
    collection.endsWith('_chunks') && method === 'find'
      ? {
          async toArray() {
            refused = await zombie.snapshot().catch((error: unknown) => error)
            return (own() as FindCursor).toArray()
          },
        }
      : own(),
  )
  const next = await Writer.claim(between, log)
  expect(refused).toBeInstanceOf(PartitionFenced)
  expect(standing(next.streams)).toEqual(standing(fullFold(log)))
})

test('a zombie that writes its first snapshot between the look of the next writer at the header and its first chunk: that one, cut short, leaves a whole snapshot', async () => {
  await using at = partition()
  const { db, log, tell } = at
  const zombie = await Writer.claim(db, log)
  tell(zombie)
  let refused: unknown
  const between = watchedDb(db, (own, { collection, method }) => {
    if (method !== 'bulkWrite') return own()
    if (collection.endsWith('_chunks'))
      return zombie.snapshot().catch((error: unknown) => {
        refused = error
        return own()
      })
    return Promise.reject(new Error('The connection is cut.'))
  })
  const next = await Writer.claim(between, log)
  tell(next)
  await expect(next.snapshot()).rejects.toThrow('The connection is cut.')
  expect(refused).toBeInstanceOf(PartitionFenced)
  await at.expectWhole()
})

test('a header that was written while its answer was lost: the next snapshot, cut short, leaves a whole one', async () => {
  await using at = partition()
  const { db, log, tell } = at
  const fuse = new Fuse()
  const writer = await Writer.claim(fused(db, fuse), log)
  tell(writer)
  await writer.snapshot()
  tell(writer)
  // The chunk, and the header that refers to it.
  fuse.set(2, true)
  await expect(writer.snapshot()).rejects.toThrow('The connection is cut.')
  tell(writer)
  fuse.set(1)
  await expect(writer.snapshot()).rejects.toThrow('The connection is cut.')
  await at.expectWhole()
})

test('a snapshot of a large state is many small documents, and only those that changed are written', async () => {
  await using at = partition()
  const { db, log, tell } = at
  const writer = await Writer.claim(db, log)
  for (let id = 0; id < 5_000; id += 1) tell(writer, `agent-${id}`)
  await writer.snapshot()
  const documents = await db.collection<{ _id: string; chunk: string }>('tally_v1_chunks').find().toArray()
  expect(Math.max(...documents.map(({ chunk }) => chunk.length))).toBeLessThan(16_384)
  const [header] = await db
    .collection('tally_v1_snapshots')
    .find({ head: { $ne: null } } as never)
    .toArray()
  expect(JSON.stringify(header).length).toBeLessThan(8_192)

  const fuse = new Fuse()
  const again = await Writer.claim(fused(db, fuse), log)
  expect(standing(again.streams)).toEqual(standing(fullFold(log)))
  for (const id of [1, 2, 3]) tell(again, `agent-${id}`)
  fuse.set(100)
  await again.snapshot()
  // Three chunks at most, the headers of two streams, the mark.
  expect(100 - fuse.left).toBeLessThanOrEqual(3 + 2 + 1 + 1)
  await at.expectWhole()
})

test('a large state is written in slices: nothing else in the process waits for more than 20 ms of work', async () => {
  const db = client.db(`tables_${process.pid}_slices`)
  let entries = Table.empty<Entry>()
  for (let id = 0; id < 60_000; id += 1)
    entries = entries.set(`agent-${id}`, { times: id, note: `agent-${id}: `.repeat(20) })
  const store = await SnapshotStore.claim<Ledger>(db, ledger, 0)
  /** In processor time of this thread: what others take of the machine does not count. */
  const longestHoldMs = async (streamId: string) => {
    const empty = emptyStream(ledger, streamId)
    const stream = { ...empty, state: { ...empty.state, entries } }
    const holds: number[] = []
    let before = process.threadCpuUsage()
    const watch = setInterval(() => {
      const { user, system } = process.threadCpuUsage(before)
      holds.push((user + system) / 1_000)
      before = process.threadCpuUsage()
    }, 1)
    await store.write(new Map([[streamId, stream]]), 1n)
    clearInterval(watch)
    expect(holds.length).toBeGreaterThan(20)
    return Math.max(...holds)
  }
  const longest = [
    await longestHoldMs('pool-1'),
    await longestHoldMs('pool-2'),
    await longestHoldMs('pool-3'),
  ]
  // A collection of garbage may hold it as well, but not each time.
  expect(Math.min(...longest)).toBeLessThan(20)
  await db.dropDatabase()
})
