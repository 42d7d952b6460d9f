import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { RecordedEvent } from '@parley/kernel'
import { Chain, type TallyEvent, projected, tallies, testMongoUri } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { type Collection, type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventRecord } from '../commands.ts'
import type { SubscribeOptions, Subscription } from '../log.ts'
import { memoryLog } from '../memory.ts'
import { topicsOf } from '../topics.ts'
import { Poisons, type ReadEvent } from './batch.ts'
import {
  DocumentCache,
  type DocumentProjection,
  type ProjectedDocument,
  projectDocuments,
} from './documents.ts'
import { StoredHeads } from './heads.ts'
import { measuringAlone, sumOf } from './measuring.fixture.ts'
import type { MetricDocument } from './metric-projection.ts'
import { Progress } from './progress.ts'
import { type Reader, startReader } from './reader.ts'
import { UNTOLD } from './trouble.fixture.ts'

/**
 * Everything that happens to a reader, in any order: batches, rebalances, members that join, leave, die between two words to the store or
 * live on as zombies, a store and a handler that fail now and then, poison, and operators who retry. The clock and the network of the
 * real store shuffle it once more. In memory alone: Kafka has no word for a rebalance or an eviction at a chosen step.
 */
const STREAMS = 5
const PARTITIONS = 2

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      streams: fc.array(fc.nat(STREAMS - 1), { minLength: 1, maxLength: 12 }),
      isRepeated: fc.boolean(),
      isForked: fc.boolean(),
    }),
  },
  ...(['join', 'leave', 'crash', 'sleep', 'rebalance', 'retry'] as const).map((kind) => ({
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant(kind), which: fc.nat(10), afterCalls: fc.nat(6) }),
  })),
)
const history = fc.record({
  steps: fc.array(step, { minLength: 6, maxLength: 16 }),
  poison: fc.array(fc.tuple(fc.nat(STREAMS - 1), fc.nat(6)), { maxLength: 3 }),
  sharesBatches: fc.boolean(),
  chance: fc.integer(),
})

interface Transcript extends ProjectedDocument {
  ids: string[]
}

function transcripts(collection: Collection<Transcript>): DocumentProjection<Transcript, TallyEvent> {
  return {
    collection,
    cache: new DocumentCache(),
    route: ({ type, envelope }) => (type === 'Added' ? [envelope.streamId] : []),
    fold: (doc, event) =>
      event.type === 'Added' ? { ids: [...(doc?.ids ?? []), event.data.id] } : undefined,
  }
}

const counts = (collection: Collection<MetricDocument>) =>
  measuringAlone<TallyEvent>(collection, ({ type }) =>
    type === 'Added' ? [{ metric: 'added', key: 'all', window: '2026-01-05', add: { count: 1 } }] : [],
  )

/** The same numbers for the same seed. */
function chanceOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The database as one process sees it: slow now and then, failing now and then, and gone when the process is dead. */
class ChaoticDb {
  callsLeft = Number.POSITIVE_INFINITY
  isCalm = false
  readonly db: Db
  readonly #chance: () => number

  constructor(db: Db, chance: () => number) {
    this.#chance = chance
    this.db = this.#wrapped(db)
  }

  #wrapped<Target extends object>(target: Target): Target {
    return new Proxy(target, {
      get: (own, key) => {
        const value: unknown = Reflect.get(own, key, own)
        if (typeof value !== 'function') return value
        const call = value.bind(own) as (...args: unknown[]) => unknown
        if (key === 'collection') return (name: string) => this.#wrapped(call(name) as object)
        return (...args: unknown[]) => {
          if (key === 'find') return this.#wrapped(call(...args) as object)
          if (['sort', 'limit'].includes(String(key))) return this.#wrapped(call(...args) as object)
          return this.#asked(() => call(...args))
        }
      },
    })
  }

  async #asked(call: () => unknown): Promise<unknown> {
    if (!this.isCalm) {
      if (this.#chance() < 0.3) await pause(Math.floor(this.#chance() * 8))
      if (this.#chance() < 0.04) throw new Error('The store did not answer.')
      this.callsLeft -= 1
      // The last call of a process may have been carried out, or not.
      if (this.callsLeft < 0 || (this.callsLeft === 0 && this.#chance() < 0.5)) {
        await pause(5)
        throw new Error('This process is dead.')
      }
    }
    return call()
  }
}

let client: MongoClient
beforeAll(async () => {
  client = await new MongoClient(testMongoUri()).connect()
})
afterAll(() => client.close())

async function run({ steps, poison, sharesBatches, chance: seed }: HistoryOf<typeof history>): Promise<void> {
  const chance = chanceOf(seed)
  const namespace = `interleaved-${randomUUID()}`
  const name = 'reader'
  const log = memoryLog({ partitions: PARTITIONS, batchRecordsMax: 6 })
  const topics = topicsOf(namespace, tallies)
  const db = client.db(`interleaved_${namespace.slice(-12)}`)
  const heads = new StoredHeads(db, name)
  const chains = Array.from({ length: STREAMS }, (_, at) => new Chain(tallies, `stream-${at}`))
  const accepted: ReadEvent<TallyEvent>[] = []
  const poisoned = new Set(poison.map(([stream, at]) => `${stream}.${at}`))
  const effects = new Map<string, string[]>(chains.map((_, at) => [`stream-${at}`, []]))
  const faults: Error[] = []
  const pending: Promise<unknown>[] = []
  const highest = new Map<string, number>()
  let isCalm = false

  interface Member {
    readonly store: ChaoticDb
    readonly reader: Reader
    readonly subscription: Subscription
  }
  const members: Member[] = []
  const gone: Member[] = []

  async function join(): Promise<void> {
    const store = new ChaoticDb(db, chance)
    store.isCalm = isCalm
    const documents = [transcripts(store.db.collection('live')), ...counts(store.db.collection('counts'))]
    let subscription: Subscription | undefined
    const reader = await untilStarted(() =>
      startReader<TallyEvent, TallyEvent['type']>(
        {
          log: {
            ...log,
            subscribe: async (options: SubscribeOptions) => (subscription = await log.subscribe(options)),
          },
          topics,
          types: ['Added', 'Blocked'],
          name,
          namespace,
          db: store.db,
          sharesBatches,
          async handle(batch) {
            if (!isCalm && chance() < 0.3) await pause(Math.floor(chance() * 15))
            if (!isCalm && chance() < 0.1) throw new Error('A passing fault.')
            const poisons = new Poisons()
            for (const event of batch.events)
              if (event.type === 'Added' && poisoned.has(event.data.id))
                poisons.add(event, new Error('Poison.'))
            poisons.assertNone()
            await projectDocuments(documents, batch)
            for (const event of batch.events)
              if (event.type === 'Added') effects.get(event.envelope.streamId)!.push(event.data.id)
          },
          ...UNTOLD,
          onFault: (error) => void faults.push(error),
        },
        {
          group: namespace,
          prefix: name,
          progress: new Progress(store.db, name),
          headsRestAfterMs: [0, 20, undefined][Math.floor(chance() * 3)],
        },
      ),
    )
    members.push({ store, reader, subscription: subscription! })
  }

  function say(streams: readonly number[], isRepeated: boolean, isForked: boolean): Promise<unknown> {
    const records: RecordedEvent[] = []
    const forks: RecordedEvent[] = []
    for (const at of streams) {
      const chain = chains[at]!
      const fork = new Chain(tallies, `stream-${at}`, { continues: chain.head })
      const ofStream = accepted.filter(({ record }) => record.key === `stream-${at}`)
      const event = chain.add({ type: 'Added', data: { id: `${at}.${ofStream.length}` } })
      accepted.push(event)
      records.push(event)
      if (isForked && chance() < 0.3)
        forks.push(fork.add({ type: 'Added', data: { id: `${at}.lost` } }), fork.add({ type: 'Blocked' }))
    }
    return log.append(
      topics.events,
      [...records, ...forks, ...(isRepeated ? records : [])].map((event) => eventRecord(event)),
    )
  }

  /** Of a stream that is free nothing waits that was not handled; a poison that was not handled waits; no head went back. */
  async function check(): Promise<void> {
    const versions = await heads.of(chains.map((_, at) => `stream-${at}`))
    for (const [streamId, { version }] of versions) {
      expect(version).toBeGreaterThanOrEqual(highest.get(streamId) ?? 0)
      highest.set(streamId, version)
    }
  }

  async function take(one: HistoryOf<typeof step>): Promise<void> {
    if (one.kind === 'say') return void (await say(one.streams, one.isRepeated, one.isForked))
    const { kind, which, afterCalls } = one
    const at = members.length === 0 ? -1 : which % members.length
    const member = members[at]
    switch (kind) {
      case 'join':
        if (members.length < 3) await join()
        return
      case 'rebalance':
        return log.rebalance(namespace)
      case 'retry': {
        const parked = (await db.collection<{ _id: string }>(`${name}_parked`).find().toArray())[0]
        if (parked !== undefined && member !== undefined)
          pending.push(member.reader.retry(parked._id).catch(() => false))
        return
      }
      case 'leave':
        if (member === undefined) return
        members.splice(at, 1)
        return member.reader.stop()
      case 'crash':
        if (member === undefined) return
        members.splice(at, 1)
        gone.push(member)
        member.store.callsLeft = afterCalls
        log.evict(member.subscription)
        return
      case 'sleep':
        if (member === undefined) return
        members.splice(at, 1)
        gone.push(member)
        log.evict(member.subscription)
    }
  }

  await join()
  for (const one of steps) {
    await take(one)
    if (chance() < 0.6) await pause(Math.floor(chance() * 20))
    await check()
  }

  // All is mended: what was not handled yet must be now.
  isCalm = true
  for (const { store } of gone) if (store.callsLeft === Number.POSITIVE_INFINITY) store.isCalm = true
  await Promise.all([...members, ...gone].map(({ reader }) => reader.stop()))
  members.length = 0
  poisoned.clear()
  await join()
  const [{ reader } = { reader: undefined }] = members
  await expect
    .poll(
      async () => {
        for (const { streamId } of await reader!.parked()) await reader!.retry(streamId)
        const offsets = await log.groupOffsets(namespace, topics.events)
        const ends = await log.offsets(topics.events)
        const behind = ends.map(({ end }, partition) => end - (offsets.get(partition) ?? 0n))
        return { behind, parked: (await reader!.parked()).length }
      },
      { timeout: 20_000, interval: 20 },
    )
    .toEqual({ behind: Array<bigint>(PARTITIONS).fill(0n), parked: 0 })
  await Promise.all(pending)
  await check()
  await reader!.stop()

  expect(faults).toEqual([])
  for (const [at, chain] of chains.entries()) {
    const ids = accepted
      .filter(({ record }) => record.key === `stream-${at}`)
      .map(({ data }) => (data as { id: string }).id)
    // Each at least once, and none before the one before it.
    expect([...new Set(effects.get(`stream-${at}`))]).toEqual(ids)
    expect(highest.get(`stream-${at}`) ?? 0).toBe(chain.head?.version ?? 0)
  }
  const documents = await db.collection<Transcript>('live').find().sort({ _id: 1 }).toArray()
  expect(documents.map(({ _id, ids }) => [_id, ids])).toEqual(
    [...projected(transcripts(db.collection('live')), accepted).values()]
      .map(({ _id, ids }) => [_id, ids])
      .toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  )
  expect((await sumOf(db.collection('counts'), { metric: 'added' }))['count'] ?? 0).toBe(accepted.length)
  const waiting = await db
    .collection<{ _id: string; streamId: string; offset: bigint }>(`${name}_parked_records`)
    .find()
    .toArray()
  const reached = await heads.of(waiting.map(({ streamId }) => streamId))
  for (const { streamId, offset } of waiting)
    expect(reached.get(streamId)?.offset).toBeGreaterThanOrEqual(BigInt(String(offset)))
  await log.close()
  await db.dropDatabase()
}

type HistoryOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never

/** A store that fails at the start is tried again, by whoever starts the process. */
async function untilStarted<Started>(start: () => Promise<Started>): Promise<Started> {
  for (;;)
    try {
      return await start()
    } catch {
      await pause(2)
    }
}

test('whatever happens in whatever order: each event is handled in the order of its stream, counted once, and left behind nowhere', async () => {
  await fc.assert(fc.asyncProperty(history, run), {
    ...runs(15),
    endOnFailure: true,
  })
})
