import { randomUUID } from 'node:crypto'
import { readCommand } from '@parley/kernel'
import { Chain, type TallyCommand, type TallyEvent, block, tallies, testMongoUri } from '@parley/testkit'
import { type Db, MongoClient } from 'mongodb'
import { expect, onTestFinished, test, vi } from 'vitest'
import { eventRecord } from '../commands.ts'
import { memoryLog } from '../memory.ts'
import { topicsOf } from '../topics.ts'
import type { FamilyDeadlines } from './deadlines.ts'
import { type DeadlinesOptions, runDeadlines } from './run-deadlines.ts'

const eventually = { timeout: 20_000, interval: 10 }

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
  let now = new Date('2026-03-02T12:00:00.000Z')
  const log = memoryLog({ partitions: 1, now: () => now })
  undo.defer(() => log.close())
  return {
    log,
    topics,
    looks: () => looks,
    at(time: string) {
      now = new Date(time)
    },
    run: (more: Partial<DeadlinesOptions<TallyCommand, TallyEvent, 'Added' | 'Blocked'>> = {}) =>
      runDeadlines({
        log,
        topics,
        deadlines,
        version: 1,
        namespace,
        db,
        everyMs: 5,
        elapsedMs: () => now.getTime(),
        onError: () => {},
        onFault: () => {},
        ...more,
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

const added = (dueAt: string) => ({ type: 'Added', data: { id: dueAt } }) as const

test('what has passed is wished for, once, and survives a restart; what was cleared or set anew is not', async () => {
  await using at = await stage()
  const [ana, rui, eva] = ['ana', 'rui', 'eva'].map((streamId) => new Chain(tallies, streamId))
  const first = await at.run()
  await at.append(ana!.add(added('2026-03-02T12:10:00.000Z')), rui!.add(added('2026-03-02T12:10:00.000Z')))
  await at.append(rui!.add({ type: 'Blocked' }), eva!.add(added('2026-03-02T12:05:00.000Z')))
  await at.append(eva!.add(added('2026-03-02T13:00:00.000Z')))
  await first.stop()
  const running = await at.run()
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
  const chain = new Chain(tallies, 'ana')
  await at.append(chain.add(added('2026-03-02T12:00:59.000Z')))
  await vi.waitFor(async () => expect((await at.said()).early).toHaveLength(1), eventually)
  const twentyTicks = async () => {
    let ticks = 0
    const neighbour = await at.run({ name: 'others', elapsedMs: () => ticks++ })
    await vi.waitFor(() => expect(ticks).toBeGreaterThan(20), eventually)
    await neighbour.stop()
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

test('a deadline that another process wrote just before its partition came here is found within a minute', async () => {
  await using at = await stage()
  const other = await at.run()
  await vi.waitFor(() => expect(other.isReady()).toBe(true), eventually)
  await at.append(new Chain(tallies, 'ana').add(added('2026-03-02T12:00:30.000Z')))
  await vi.waitFor(() => expect(at.looks()).toBeGreaterThan(0), eventually)
  await other.stop()
  const here = await at.run()
  at.at('2026-03-02T12:01:00.000Z')
  await vi.waitFor(async () => expect((await at.said()).due).toHaveLength(1), eventually)
  await here.stop()
})

test('more than one look brings are said all the same, each once', async () => {
  await using at = await stage()
  const running = await at.run()
  const events = Array.from({ length: 450 }, (_, index) =>
    new Chain(tallies, `stream-${index}`).add(added('2026-03-02T12:00:01.000Z')),
  )
  await at.append(...events)
  at.at('2026-03-02T12:00:01.000Z')
  await vi.waitFor(
    async () => expect(new Set((await at.said()).due.map(({ commandId }) => commandId)).size).toBe(450),
    eventually,
  )
  await running.stop()
  expect((await at.said()).due).toHaveLength(450)
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
