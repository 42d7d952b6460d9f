import { randomUUID } from 'node:crypto'
import type { RecordedEvent } from '@parley/kernel'
import { projected, readEventOf, recorded, testKafka, testMongoUri } from '@parley/testkit'
import { type Collection, MongoClient } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { eventRecord } from './commands.ts'
import { ensureTopics } from './kafka/ensure-topics.ts'
import { kafkaLog } from './kafka/kafka-log.ts'
import type { EventLog } from './log.ts'
import { type MemoryLog, memoryLog } from './memory.ts'
import {
  type DocumentProjection,
  PoisonEvent,
  type ProjectedDocument,
  type ReadEvent,
  type Reader,
  type ReaderOptions,
  headsOf,
  projectDocuments,
  runReader,
} from './reader.ts'
import { topicsOf } from './topics.ts'

const partitions = 3
const eventually = { timeout: 30_000, interval: 20 }

/** Everything that a stream's messages said, in order: any loss, repeat or change of order shows. */
interface Transcript extends ProjectedDocument {
  texts: string[]
}

function transcripts(collection: Collection<Transcript>): DocumentProjection<Transcript> {
  return {
    collection,
    route: ({ envelope }) =>
      envelope.payload.$case === 'messageReceived' ? [envelope.streamId, `${envelope.streamId}/copy`] : [],
    fold(doc, { envelope: { payload } }) {
      if (payload.$case !== 'messageReceived') return undefined
      return { texts: [...(doc?.texts ?? []), payload.value.providerMessageId] }
    },
  }
}

async function stage<Log extends EventLog>(open: (namespace: string) => Promise<Log>) {
  const namespace = `reader-${randomUUID()}`
  const topic = topicsOf(namespace).conversationEvents
  const log = await open(namespace)
  const client = await new MongoClient(testMongoUri()).connect()
  const db = client.db(`reader_${namespace.slice(-12)}`)
  const readers: Reader[] = []
  return {
    namespace,
    topic,
    log,
    db,
    async reader(options: Pick<ReaderOptions, 'handle'> & Partial<ReaderOptions>): Promise<Reader> {
      const reader = await runReader({
        log,
        topic,
        name: 'transcripts',
        version: 1,
        namespace,
        db,
        onFault(error) {
          throw error
        },
        ...options,
      })
      readers.push(reader)
      return reader
    },
    say: (events: readonly RecordedEvent[]) => log.append(topic, events.map(eventRecord)),
    documents: async (collection: string) =>
      new Map((await db.collection<Transcript>(collection).find().toArray()).map((doc) => [doc._id, doc])),
    async [Symbol.asyncDispose]() {
      await Promise.all(readers.map((reader) => reader.stop()))
      await log.close()
      await db.dropDatabase()
      await client.close()
    },
  }
}

const inMemory = async (): Promise<MemoryLog> => memoryLog({ partitions, batchRecordsMax: 7 })
const onKafka = async (namespace: string): Promise<EventLog> => {
  const settings = { brokers: testKafka() }
  await ensureTopics(settings, namespace, partitions)
  return kafkaLog(settings, 'readers')
}

const message = (providerMessageId: string) => ({
  $case: 'messageReceived' as const,
  value: { providerMessageId },
})
const stream = (at: number) => `contact-${at}`
/** The history of a stream: `count` messages with a fact between them that the projection has no use for. */
const history = (at: number, count: number) =>
  recorded(
    stream(at),
    Array.from({ length: count }, (_, n) =>
      n % 5 === 4 ? { $case: 'contactBlocked' as const } : message(`${at}.${n}`),
    ),
  )

/** The events of all streams, mixed as a log mixes them. */
function mixed(histories: readonly (readonly ReadEvent[])[]): ReadEvent[] {
  const all: ReadEvent[] = []
  for (let at = 0; histories.some((events) => at < events.length); at += 1)
    all.push(...histories.flatMap((events) => events.slice(at, at + 1)))
  return all
}

const plain = (docs: ReadonlyMap<string, Transcript>) =>
  [...docs.values()]
    .map(({ _id, streamId, seenVersion, texts }) => ({ _id, streamId, seenVersion, texts }))
    .toSorted((a, b) => a._id.localeCompare(b._id))

describe('a projection', () => {
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
    await expect.poll(() => on.log.committed(group, on.topic, 0), eventually).toBe(end)
    expect(plain(await on.documents('live'))).toEqual(expected)
  })

  test('that gathers writes once what came in several appends, and says how far it is after that', async () => {
    await using on = await stage(inMemory)
    const projection = transcripts(on.db.collection('live'))
    const heads = headsOf(on.db, 'transcripts', 1)
    const batches: number[] = []
    await on.reader({
      gatherMs: 300,
      commitEveryMs: 0,
      async handle(batch) {
        expect(await heads.countDocuments()).toBe(batches.length === 0 ? 0 : 1)
        batches.push(batch.events.length)
        await projectDocuments([projection], batch)
      },
    })
    const events = history(0, 4)
    for (const event of events) await on.say([event])
    await expect
      .poll(async () => (await heads.findOne({ _id: events[0]!.envelope.streamId }))?.version, eventually)
      .toBe(4)
    expect(batches.reduce((sum, count) => sum + count, 0)).toBe(4)
    expect(batches.length).toBeLessThan(4)
    expect(plain(await on.documents('live'))).toEqual(plain(projected(projection, events)))
  })

  test('that is fed by two members at once, one of which was put out and does not know it = fed once', async () => {
    await using on = await stage(inMemory)
    const projection = transcripts(on.db.collection('live'))
    const gate = Promise.withResolvers<void>()
    const asleep = Promise.withResolvers<void>()
    const zombie = await on.reader({
      async handle(batch) {
        asleep.resolve()
        await gate.promise
        await projectDocuments([projection], batch)
      },
    })
    const events = mixed(Array.from({ length: 5 }, (_, at) => history(at, 20)))
    await on.say(events.slice(0, 50))
    await asleep.promise
    await on.reader({ handle: (batch) => projectDocuments([projection], batch) })
    await on.say(events.slice(50))
    on.log.rebalance(`${on.namespace}.transcripts.v1`)
    gate.resolve()
    await expect
      .poll(async () => plain(await on.documents('live')), eventually)
      .toEqual(plain(projected(projection, events)))
    await zombie.stop()
    expect(plain(await on.documents('live'))).toEqual(plain(projected(projection, events)))
  })

  test('rebuilt = live', async () => {
    await using on = await stage(inMemory)
    const live = transcripts(on.db.collection('live'))
    const rebuilt = transcripts(on.db.collection('rebuilt'))
    await on.reader({ handle: (batch) => projectDocuments([live], batch) })
    const events = mixed(Array.from({ length: 6 }, (_, at) => history(at, 25)))
    for (let at = 0; at < 90; at += 9) await on.say(events.slice(at, at + 9))
    // While the second version reads from offset zero, the first goes on, and so does the log.
    await on.reader({ version: 2, handle: (batch) => projectDocuments([rebuilt], batch) })
    await on.say(events.slice(90))
    const expected = plain(projected(live, events))
    await expect.poll(async () => plain(await on.documents('live')), eventually).toEqual(expected)
    await expect.poll(async () => plain(await on.documents('rebuilt')), eventually).toEqual(expected)
  })

  test('on Kafka goes on after a restart, and a rebuilt one agrees with it', async () => {
    await using on = await stage(onKafka)
    const live = transcripts(on.db.collection('live'))
    const rebuilt = transcripts(on.db.collection('rebuilt'))
    let handled = 0
    const handle = async (batch: Parameters<ReaderOptions['handle']>[0]) => {
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
    await on.reader({ version: 2, handle: (batch) => projectDocuments([rebuilt], batch) })
    const expected = plain(projected(live, events))
    await expect.poll(async () => plain(await on.documents('live')), eventually).toEqual(expected)
    await expect.poll(async () => plain(await on.documents('rebuilt')), eventually).toEqual(expected)
  })
})

describe('first in the log wins, for a reader too', () => {
  test('a fork is set aside, told apart from repeats, and never handed over as an event', async () => {
    await using on = await stage(inMemory)
    const seen: string[] = []
    const superseded: string[] = []
    await on.reader({
      async handle(batch) {
        seen.push(...batch.events.map(({ envelope }) => envelope.eventId))
        superseded.push(...batch.superseded.map(({ envelope }) => envelope.eventId))
      },
    })
    const [one, two, three] = recorded('contact-1', [message('a'), message('b'), message('c')])
    const fork = recorded('contact-1', [message('a'), message('zombie'), message('zombie again')])
    await on.say([one!, two!, fork[1]!, one!, fork[2]!, two!, three!])
    await expect
      .poll(() => seen, eventually)
      .toEqual([one, two, three].map((event) => event!.envelope.eventId))
    await expect
      .poll(() => superseded, eventually)
      .toEqual([fork[1], fork[2]].map((event) => event!.envelope.eventId))
  })
})

describe('a poison event', () => {
  const texts = (events: readonly ReadEvent[]) =>
    events.flatMap(({ envelope: { payload } }) =>
      payload.$case === 'messageReceived' ? [payload.value.providerMessageId] : [],
    )

  async function poisoned(open: (namespace: string) => Promise<EventLog>) {
    const on = await stage(open)
    const seen: string[] = []
    const parked: string[] = []
    const cure = { isFound: false }
    const reader = await on.reader({
      onParked: ({ streamId }) => void parked.push(streamId),
      async handle(batch) {
        const poison = batch.events.find((event) => texts([event])[0] === '1.poison')
        if (poison !== undefined && !cure.isFound) throw new PoisonEvent(poison, new Error('No way.'))
        seen.push(...texts(batch.events))
      },
    })
    const sick = recorded(stream(1), [message('1.a'), message('1.poison'), message('1.b'), message('1.c')])
    const well = recorded(stream(2), [message('2.a'), message('2.b'), message('2.c')])
    await on.say([sick[0]!, well[0]!, sick[1]!, well[1]!, sick[2]!])
    await expect.poll(() => seen.toSorted(), eventually).toEqual(['1.a', '2.a', '2.b'])
    await on.say([sick[3]!, well[2]!])
    await expect.poll(() => seen.toSorted(), eventually).toEqual(['1.a', '2.a', '2.b', '2.c'])
    expect(parked).toEqual([stream(1)])
    expect(await reader.parked()).toMatchObject([
      { streamId: stream(1), reason: expect.stringContaining('No way.') as string },
    ])
    return { on, reader, seen, cure }
  }

  test.each([
    ['memory', inMemory],
    ['Kafka', onKafka],
  ] as const)(
    'parks only its stream; what queued behind it comes in order when it is retried (%s)',
    async (_, open) => {
      const { on, reader, seen, cure } = await poisoned(open)
      await using _stage = on
      expect(await reader.retry(stream(1))).toBe(false)
      expect(seen.includes('1.b')).toBe(false)
      cure.isFound = true
      expect(await reader.retry(stream(1))).toBe(true)
      expect(seen.filter((text) => text.startsWith('1.'))).toEqual(['1.a', '1.poison', '1.b', '1.c'])
      expect(await reader.parked()).toEqual([])
      await on.say([recorded(stream(1), ['1.a', '1.poison', '1.b', '1.c', '1.d'].map(message))[4]!])
      await expect.poll(() => seen, eventually).toContain('1.d')
    },
  )

  test('that is discarded is left out, and the rest of its stream goes on', async () => {
    const { on, reader, seen } = await poisoned(inMemory)
    await using _stage = on
    expect(await reader.discard(stream(1), 'a bug of last week')).toBe(true)
    expect(seen.filter((text) => text.startsWith('1.'))).toEqual(['1.a', '1.b', '1.c'])
    expect(await reader.parked()).toEqual([])
  })

  test('in bytes that nobody can read parks its stream alone; discarded, the next event continues it', async () => {
    await using on = await stage(inMemory)
    const seen: string[] = []
    const reader = await on.reader({ handle: async (batch) => void seen.push(...texts(batch.events)) })
    await on.log.append(on.topic, [{ key: stream(1), value: Buffer.from('no event at all') }])
    await on.say([readEventOf(recorded(stream(2), [message('2.a')])[0]!)])
    await expect.poll(() => seen, eventually).toEqual(['2.a'])
    await expect
      .poll(async () => (await reader.parked()).map(({ streamId }) => streamId), eventually)
      .toEqual([stream(1)])
    expect(await reader.discard(stream(1), 'not ours')).toBe(true)
    expect(await reader.parked()).toEqual([])
  })
})
