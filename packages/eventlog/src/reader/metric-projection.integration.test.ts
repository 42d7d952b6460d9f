import { randomUUID } from 'node:crypto'
import type { RecordedEvent } from '@parley/kernel'
import { Chain, type TallyEvent, tallies, testMongoUri } from '@parley/testkit'
import { type Db, MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { eventRecord } from '../commands.ts'
import { FigureComparison, figuresIn } from '../projections/comparing-figures.ts'
import { memoryLog } from '../memory.ts'
import { topicsOf } from '../topics.ts'
import { type DocumentProjection, type ProjectedDocument, projectDocuments } from './documents.ts'
import { sumOf } from './measuring.fixture.ts'
import { type MetricDocument, metricProjection } from './metric-projection.ts'
import { type ProjectionReader, runProjection } from './projection.ts'
import { UNTOLD } from './trouble.fixture.ts'
import { watchedDb } from './watched-db.fixture.ts'

const eventually = { timeout: 20_000, interval: 20 }
const STREAMS = 6

interface LastDocument extends ProjectedDocument {
  readonly number: number
}

const numberIn = (id: string) => Number(id.split('.')[1])

async function stage() {
  const namespace = `metrics-${randomUUID()}`
  const log = memoryLog({ partitions: 2, batchRecordsMax: 5 })
  const topics = topicsOf(namespace, tallies)
  const client = await new MongoClient(testMongoUri()).connect()
  const db = client.db(`metrics_${namespace.slice(-12)}`)
  const chains = Array.from({ length: STREAMS }, (_, at) => new Chain(tallies, `stream-${at}`))
  const poison = new Set<string>()
  const readers: ProjectionReader[] = []
  /** How many were added, how many letters, for how long, and how many numbers lay between one and the next of the stream, by the stream's parity. */
  const measured = (store: Db, version: number): DocumentProjection<LastDocument, TallyEvent> => ({
    collection: store.collection<LastDocument>(`last_v${version}`),
    route: ({ envelope }) => [envelope.streamId],
    measure(last, event) {
      if (event.type !== 'Added') return []
      const { id } = event.data
      if (poison.has(id)) throw new Error('It cannot be measured.')
      const key = Number(id.split('.')[0]) % 2 === 0 ? 'even' : 'odd'
      const between = numberIn(id) - (last?.number ?? 0)
      const seconds = numberIn(id) / 10
      return [
        {
          metric: 'added',
          key,
          window: '2026-01-05T12',
          add: { count: 1, letters: id.length, between, seconds },
        },
      ]
    },
    fold: (_, event) => ({ number: numberIn((event.data as { id: string }).id) }),
  })
  let said = 0
  let letters = 0
  const lastOf = new Map<number, number>()
  return {
    log,
    db,
    poison,
    group: `${namespace}.added.v1`,
    topic: topics.events,
    async run(version = 1, store: Db = db) {
      const collection = store.collection<MetricDocument>(`added_v${version}`)
      const source = measured(store, version)
      const reader = await runProjection<TallyEvent, 'Added'>({
        log,
        topics,
        types: ['Added'],
        name: 'added',
        namespace,
        version,
        db: store,
        documents: [source, metricProjection(collection, source)],
        ...UNTOLD,
        onFault(error) {
          throw error
        },
      })
      readers.push(reader)
      return reader
    },
    async say(rounds: number) {
      const events: RecordedEvent[] = []
      for (let round = 0; round < rounds; round += 1)
        for (const [at, chain] of chains.entries()) {
          const id = `${at}.${said}`
          events.push(chain.add({ type: 'Added', data: { id } }))
          lastOf.set(at, said)
          said += 1
          letters += id.length
        }
      await log.append(topics.events, events.map(eventRecord))
    },
    expected: () => ({
      count: said,
      letters,
      seconds: (said * (said - 1)) / 20,
      between: [...lastOf.values()].reduce((sum, last) => sum + last, 0),
    }),
    async allDone() {
      const ends = (await log.offsets(topics.events)).map(({ end }) => end)
      await expect
        .poll(async () => {
          const offsets = await log.groupOffsets(`${namespace}.added.v1`, topics.events)
          return ends.map((_, partition) => offsets.get(partition) ?? 0n)
        }, eventually)
        .toEqual(ends)
    },
    sums: (version = 1) => sumOf(db.collection<MetricDocument>(`added_v${version}`), { metric: 'added' }),
    documents: () => db.collection<MetricDocument>('added_v1').find().toArray(),
    async [Symbol.asyncDispose]() {
      await Promise.all(readers.map((reader) => reader.stop()))
      await log.close()
      await db.dropDatabase()
      await client.close()
    },
  }
}

test('what is delivered again, before and after a rebalance, and at a second member, counts once', async () => {
  await using on = await stage()
  await on.run()
  await on.say(10)
  on.log.rewind(on.group, on.topic, 0, 0n)
  const second = await on.run()
  await on.say(10)
  on.log.rebalance(on.group)
  on.log.rewind(on.group, on.topic, 1, 0n)
  await on.say(5)
  await expect.poll(() => on.sums(), eventually).toEqual(on.expected())
  await second.stop()
  on.log.rewind(on.group, on.topic, 1, 0n)
  await on.say(1)
  await expect.poll(() => on.sums(), eventually).toEqual(on.expected())
  // Two keys of two partitions at the most, each its own document: nobody shares one.
  expect((await on.documents()).length).toBeLessThanOrEqual(4)
})

test('a parked stream that comes back behind others counts in a correction, once, however often it is retried', async () => {
  await using on = await stage()
  const reader = await on.run()
  await on.say(2)
  on.poison.add('3.15')
  await on.say(4)
  await expect.poll(async () => (await reader.parked()).length, eventually).toBe(1)
  await on.say(2)
  await on.allDone()
  expect(await reader.retry('stream-3')).toBe(false)
  on.poison.clear()
  expect(await reader.retry('stream-3')).toBe(true)
  expect(await reader.retry('stream-3')).toBe(true)
  await expect.poll(() => on.sums(), eventually).toEqual(on.expected())
  const corrections = (await on.documents()).filter(({ streamId }) => streamId !== '')
  expect(corrections).toMatchObject([{ streamId: 'stream-3', key: 'odd', sums: { count: 6 } }])
  await on.say(2)
  for (const partition of [0, 1]) on.log.rewind(on.group, on.topic, partition, 0n)
  await expect.poll(() => on.sums(), eventually).toEqual(on.expected())
})

test('a crash before a stream was parked costs no event of it, though others behind it were counted and its poison is mended meanwhile', async () => {
  await using on = await stage()
  let isDead = false
  const dying = dyingAt(on.db, 'added_v1_parked', () => {
    isDead = true
    // The release that starts next can measure it.
    on.poison.clear()
  })
  // Stream 5 counts for the same figure, behind it in the same batch.
  on.poison.add('3.3')
  const first = await on.run(1, dying)
  await on.say(4)
  await expect.poll(() => isDead, eventually).toBe(true)
  await first.stop()
  await on.run()
  await expect.poll(() => on.sums(), eventually).toEqual(on.expected())
  await on.allDone()
  expect(await on.sums()).toEqual(on.expected())
})

test.each(['added_v1', 'last_v1'])(
  'a crash between what was measured and what counts it, at the write to %s, counts each event once',
  async (collection) => {
    await using on = await stage()
    let isDead = false
    const first = await on.run(
      1,
      dyingAt(on.db, collection, () => (isDead = true), 'bulkWrite'),
    )
    await on.say(3)
    await expect.poll(() => isDead, eventually).toBe(true)
    await first.stop()
    await on.run()
    await on.say(3)
    await on.allDone()
    await expect.poll(() => on.sums(), eventually).toEqual(on.expected())
  },
)

test('a crash once figures were written, and poison behind what they counted in the batch that comes then: each event counts once', async () => {
  await using on = await stage()
  let isDead = false
  const first = await on.run(
    1,
    dyingAt(on.db, 'last_v1', () => (isDead = true), 'bulkWrite'),
  )
  await on.say(1)
  await expect.poll(() => isDead, eventually).toBe(true)
  await first.stop()
  // The next of each stream.
  for (let at = 0; at < STREAMS; at += 1) on.poison.add(`${at}.${STREAMS + at}`)
  await on.say(1)
  const reader = await on.run()
  await on.allDone()
  on.poison.clear()
  for (const { streamId } of await reader.parked()) expect(await reader.retry(streamId)).toBe(true)
  expect(await on.sums()).toEqual(on.expected())
})

test('a figure that was taken to begin, and is there since a crash before what it measures was written, counts what came behind', async () => {
  await using on = await stage()
  const chain = new Chain(tallies, 'stream-0')
  const events = ['0.0', '0.1'].map((id) => chain.add({ type: 'Added', data: { id } }))
  const project = async (store: Db, count: number) => {
    const source: DocumentProjection<LastDocument, TallyEvent> = {
      collection: store.collection<LastDocument>('last'),
      route: ({ envelope }) => [envelope.streamId],
      measure: () => [{ metric: 'added', key: '', window: '', add: { count: 1 } }],
      fold: (_, { envelope }) => ({ number: envelope.streamVersion }),
    }
    const figures: DocumentProjection<MetricDocument, TallyEvent> = {
      ...metricProjection<TallyEvent>(store.collection<MetricDocument>('figures'), source),
      begins: ({ envelope }) => envelope.streamVersion === 1,
    }
    await projectDocuments<TallyEvent>([source, figures], {
      generation: 1,
      events: events.slice(0, count),
      isLate: false,
      isOwned: () => true,
      heartbeat: async () => {},
    })
  }
  await expect(
    project(
      dyingAt(on.db, 'last', () => {}, 'bulkWrite'),
      1,
    ),
  ).rejects.toThrow('dead')
  await project(on.db, 2)
  const sums = await sumOf(on.db.collection<MetricDocument>('figures'), { metric: 'added' })
  expect(sums).toEqual({ count: 2 })
})

/** The database of a process that dies with its first such write to that collection: neither it nor anything after it is carried out. */
function dyingAt(db: Db, name: string, died: () => void, how = 'updateOne'): Db {
  let isDead = false
  return watchedDb(db, (own, { collection, method }) => {
    if (collection === name && method === how) {
      isDead = true
      died()
    }
    if (isDead) throw new Error('This process is dead.')
    return own()
  })
}

test('rebuilt = live to the last digit, also where the live one counted late, and so in another order', async () => {
  await using on = await stage()
  const reader = await on.run()
  on.poison.add('2.8')
  await on.say(5)
  await expect.poll(async () => (await reader.parked()).length, eventually).toBe(1)
  on.poison.clear()
  await reader.retry('stream-2')
  await on.run(2)
  await on.say(5)
  await expect.poll(() => on.sums(), eventually).toEqual(on.expected())
  await expect.poll(() => on.sums(2), eventually).toEqual(on.expected())
  const all = async (partitions: readonly number[]) => new Map(partitions.map((one) => [one, 1_000n]))
  const comparison = new FigureComparison(
    figuresIn(on.db.collection('added_v1'), all),
    figuresIn(on.db.collection('added_v2'), all),
  )
  const verdicts = await comparison.look(await comparison.ids())
  expect(verdicts.size).toBeGreaterThan(1)
  expect([...verdicts].filter(([, verdict]) => verdict !== 'same')).toEqual([])
})
