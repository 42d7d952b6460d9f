import { randomUUID } from 'node:crypto'
import { readCommand } from '@parley/kernel'
import {
  Chain,
  type TallyCommand,
  type TallyEvent,
  block,
  measuring,
  tallies,
  testMongoUri,
} from '@parley/testkit'
import { type Db, MongoClient } from 'mongodb'
import { expect, onTestFinished, test, vi } from 'vitest'
import { eventRecord } from '../commands.ts'
import { tampered } from '../decider-host/host.fixture.ts'
import type { EventLog } from '../log.ts'
import { memoryLog } from '../memory.ts'
import type { ProjectionTrouble } from '../projections/live.ts'
import type { ProjectedDocument, StuckReader } from '../reader/index.ts'
import { UNTOLD } from '../reader/trouble.fixture.ts'
import { watchedDb } from '../reader/watched-db.fixture.ts'
import { topicsOf } from '../topics.ts'
import { DeadlineStore } from './deadline-store.ts'
import type { FamilyDeadlines } from './deadlines.ts'
import { runDeadlines } from './run-deadlines.ts'

const eventually = { timeout: 40_000, interval: 10 }

/** All that a family says of its deadlines: what is added is due at the time that is its id, and blocks the tally when nothing else came. */
const deadlines: FamilyDeadlines<TallyCommand, TallyEvent, 'Added' | 'Blocked'> = {
  types: ['Added', 'Blocked'],
  deadlinesOf: (event) =>
    event.type === 'Added'
      ? { set: [{ kind: 'idle', dueAt: event.data.id }], clear: [] }
      : { set: [], clear: ['idle'] },
  expiry: () => block,
}

async function stage() {
  const undo = new AsyncDisposableStack()
  const client = undo.adopt(
    await new MongoClient(testMongoUri(), { monitorCommands: true }).connect(),
    (it) => it.close(),
  )
  const namespace = `deadlines-${randomUUID()}`
  const db: Db = client.db(`deadlines_${namespace.slice(-12)}`)
  undo.defer(() => db.dropDatabase().then(() => undefined))
  let looks = 0
  let brought = 0
  client.on('commandSucceeded', ({ commandName, reply }) => {
    const { cursor } = reply as { cursor?: { ns: string; firstBatch?: { nextDueAt?: unknown }[] } }
    if (commandName === 'find' && cursor?.ns.endsWith('.tally_deadlines_v1'))
      brought += cursor.firstBatch?.length ?? 0
  })
  client.on('commandStarted', ({ commandName, command }) => {
    // The other finds are of the projection, by id.
    if (
      commandName === 'find' &&
      command['find'] === 'tally_deadlines_v1' &&
      'nextDueAt' in command['filter']
    )
      looks += 1
  })
  const topics = topicsOf(namespace, tallies)
  let ticks = 0
  let now = new Date('2026-03-02T12:00:00.000Z')
  const log = memoryLog({ partitions: 1, now: () => now })
  undo.defer(() => log.close())
  return {
    log,
    db,
    topics,
    looks: () => looks,
    /** Documents of its looks, and of the projection, which asks for each it does not know. */
    brought: () => brought,
    ticks: () => ticks,
    /** All events of the stream were projected. */
    async knows(streamId: string, version: number) {
      const found = () => db.collection<ProjectedDocument>('tally_deadlines_v1').findOne({ _id: streamId })
      await vi.waitFor(async () => expect((await found())?.seenVersion).toBe(version), eventually)
    },
    at(time: string) {
      now = new Date(time)
    },
    run: ({
      append = (own) => own(),
      ...told
    }: Partial<ProjectionTrouble> & {
      append?(own: () => ReturnType<EventLog['append']>): ReturnType<EventLog['append']>
    } = {}) =>
      runDeadlines({
        log: tampered(log, topics.commands, append),
        topics,
        deadlines,
        namespace,
        db,
        everyMs: 5,
        elapsedMs: () => (ticks++, now.getTime()),
        onError: () => {},
        ...UNTOLD,
        ...told,
      }),
    append: (...events: readonly ReturnType<Chain<TallyEvent>['add']>[]) =>
      log.append(topics.events, events.map(eventRecord)),
    /** All that was said, and of it what the rules take: by the log's clock it had passed. */
    async said() {
      const end = await log.endOffset(topics.commands, 0)
      const records = await log.read(topics.commands, 0, 0n, end)
      const all = records.map(({ value, timestamp, offset }) => readCommand(value, timestamp, offset))
      return {
        early: all.filter(({ envelope, recordedAt }) => recordedAt < envelope.occurredAt!),
        due: all
          .filter(({ envelope, recordedAt }) => recordedAt >= envelope.occurredAt!)
          .map(({ envelope }) => envelope),
      }
    },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}

const MACHINES = [
  { title: 'an hour ahead', ms: 3_600_000 },
  { title: 'an hour behind', ms: -3_600_000 },
]

interface DeadlinesOf {
  _id: string
  partition: number
  seenVersion: number
  deadlines: []
  nextDueAt: Date
}

const added = (dueAt: string) => ({ type: 'Added', data: { id: dueAt } }) as const

test('deadlines that cannot be said stand still for all to see, and fire once they can be said', async () => {
  const samplesOf = measuring()
  await using at = await stage()
  const told: StuckReader[] = []
  let isAway = true
  const running = await at.run({
    onStuck: (stuck) => void told.push(stuck),
    async append(own) {
      if (isAway) throw new Error('The log takes nothing.')
      return own()
    },
  })
  await at.append(new Chain(tallies, 'ana').add(added('2026-03-02T11:59:00.000Z')))
  const stuck = async () => (await samplesOf('parley_reader_stuck'))['parley_reader="tally_deadlines_ticker"']
  await expect.poll(() => told, eventually).toMatchObject([{ partition: 0, attempts: 5 }])
  expect(running.stuck()).toMatchObject([{ partition: 0 }])
  expect(await stuck()).toBe(1)
  isAway = false
  await expect.poll(async () => (await at.said()).due.length, eventually).toBe(1)
  await expect.poll(() => running.stuck(), eventually).toEqual([])
  expect(await stuck()).toBe(0)
  await running.stop()
})

test('what has passed is wished for, once, and survives a restart; what was cleared or set anew is not', async () => {
  await using at = await stage()
  const [ana, rui, eva] = ['ana', 'rui', 'eva'].map((streamId) => new Chain(tallies, streamId))
  const first = await at.run()
  await at.append(ana!.add(added('2026-03-02T12:10:00.000Z')), rui!.add(added('2026-03-02T12:10:00.000Z')))
  await at.append(rui!.add({ type: 'Blocked' }), eva!.add(added('2026-03-02T12:05:00.000Z')))
  await at.append(eva!.add(added('2026-03-02T13:00:00.000Z')))
  await first.stop()
  const running = await at.run()
  // What is due for a moment, between two batches, is wished for too; whether it applies the rules say.
  await at.knows('rui', 2)
  await at.knows('eva', 2)
  at.at('2026-03-02T12:10:00.000Z')
  await vi.waitFor(async () => expect((await at.said()).due).toHaveLength(1), eventually)
  at.at('2026-03-02T13:00:00.000Z')
  await vi.waitFor(async () => expect((await at.said()).due).toHaveLength(2), eventually)
  await running.stop()
  expect((await at.said()).due).toMatchObject([
    { type: 'Block', streamId: 'ana', occurredAt: '2026-03-02T12:10:00.000Z', actor: { id: 'deadlines' } },
    { type: 'Block', streamId: 'eva', occurredAt: '2026-03-02T13:00:00.000Z' },
  ])
})

test('while nothing is due by what it knows it asks the database nothing, and a nearer deadline is not missed', async () => {
  await using at = await stage()
  const running = await at.run()
  await at.append(new Chain(tallies, 'ana').add(added('2026-03-02T12:00:59.000Z')))
  await vi.waitFor(async () => expect((await at.said()).early).toHaveLength(1), eventually)
  const twentyTicks = async () => {
    const ticks = at.ticks()
    await vi.waitFor(() => expect(at.ticks()).toBeGreaterThan(ticks + 20), eventually)
  }
  await twentyTicks()
  const looks = at.looks()
  await twentyTicks()
  expect(at.looks(), 'twenty ticks later').toBe(looks)
  await at.append(new Chain(tallies, 'rui').add(added('2026-03-02T12:00:10.000Z')))
  at.at('2026-03-02T12:00:10.000Z')
  await vi.waitFor(async () => expect((await at.said()).due).toMatchObject([{ streamId: 'rui' }]), eventually)
  await running.stop()
})

test('a look brings nothing of what is due later than in a minute, however much that is, and nothing of it is missed', async () => {
  await using at = await stage()
  const running = await at.run()
  await at.append(new Chain(tallies, 'now').add(added('2026-03-02T12:00:00.000Z')))
  await vi.waitFor(async () => expect((await at.said()).due).toHaveLength(1), eventually)
  const later = Array.from({ length: 250 }, (_, nth) => `later-${nth}`)
  await at.append(...later.map((id) => new Chain(tallies, id).add(added('2026-03-02T12:30:00.000Z'))))
  await at.knows(later.at(-1)!, 1)
  const before = at.brought()
  at.at('2026-03-02T12:10:00.000Z')
  await at.append(new Chain(tallies, 'soon').add(added('2026-03-02T12:10:00.000Z')))
  await vi.waitFor(async () => expect((await at.said()).due).toHaveLength(2), eventually)
  expect(at.brought() - before).toBeLessThan(20)
  at.at('2026-03-02T12:30:00.000Z')
  await vi.waitFor(async () => expect((await at.said()).due).toHaveLength(252), eventually)
  await running.stop()
})

test('a deadline that another process wrote just before its partition came here is found', async () => {
  await using at = await stage()
  const other = await at.run()
  await vi.waitFor(() => expect(other.isReady()).toBe(true), eventually)
  await at.append(new Chain(tallies, 'ana').add(added('2026-03-02T12:00:30.000Z')))
  await at.knows('ana', 1)
  await other.stop()
  const here = await at.run()
  at.at('2026-03-02T12:01:00.000Z')
  await vi.waitFor(async () => expect((await at.said()).due).toHaveLength(1), eventually)
  await here.stop()
})

test('a deadline that is written while a look asks the store is looked for, though that look did not bring it', async () => {
  await using at = await stage()
  const event = new Chain(tallies, 'ana').add(added('2026-03-02T12:00:10.000Z'))
  let isFirst = true
  const db = watchedDb(at.db, (own, { method }) => {
    // The store has answered by what it had, and the look does not know it yet.
    if (method === 'find' && isFirst) {
      isFirst = false
      store.onWritten({ events: [event] } as never)
    }
    return own()
  })
  const store = await DeadlineStore.open(db, 'tally_deadlines', 1, deadlines, () => 0)
  const due = (time: string) => store.due([0], Date.parse(time), 10)
  expect(await due('2026-03-02T12:00:00.000Z')).toEqual([])
  await at.db.collection<DeadlinesOf>('tally_deadlines_v1').insertOne({
    _id: 'ana',
    partition: 0,
    seenVersion: 1,
    deadlines: [],
    nextDueAt: new Date('2026-03-02T12:00:10.000Z'),
  })
  expect(await due('2026-03-02T12:00:10.000Z')).toMatchObject([{ streamId: 'ana' }])
})

test('more than one look brings are said all the same, each once', async () => {
  await using at = await stage()
  const running = await at.run()
  const events = Array.from({ length: 250 }, (_, index) =>
    new Chain(tallies, `stream-${index}`).add(added('2026-03-02T12:00:01.000Z')),
  )
  await at.append(...events)
  at.at('2026-03-02T12:00:01.000Z')
  await vi.waitFor(
    async () => expect(new Set((await at.said()).due.map(({ commandId }) => commandId)).size).toBe(250),
    eventually,
  )
  await running.stop()
  expect((await at.said()).due).toHaveLength(250)
})

test.each(MACHINES)(
  'a machine $title of the log lets no deadline pass before its time, and none after it',
  async ({ ms }) => {
    await using at = await stage()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-03-02T12:00:00.000Z') + ms })
    onTestFinished(() => void vi.useRealTimers())
    const running = await at.run()
    await at.append(new Chain(tallies, 'ana').add(added('2026-03-02T12:00:45.000Z')))
    // Who never heard of the log's time asks it once, by a wish that comes to nothing.
    await vi.waitFor(async () => expect((await at.said()).early).toHaveLength(1), eventually)
    at.at('2026-03-02T12:00:44.999Z')
    await at.append(new Chain(tallies, 'rui').add(added('2026-03-02T12:00:44.999Z')))
    await vi.waitFor(
      async () => expect((await at.said()).due).toMatchObject([{ streamId: 'rui' }]),
      eventually,
    )
    at.at('2026-03-02T12:00:45.000Z')
    await vi.waitFor(
      async () => expect((await at.said()).due).toMatchObject([{ streamId: 'rui' }, { streamId: 'ana' }]),
      eventually,
    )
    await running.stop()
    expect((await at.said()).early).toHaveLength(1)
  },
)
