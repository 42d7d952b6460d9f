import { randomUUID } from 'node:crypto'
import {
  LiveProjection,
  type ProjectionPlace,
  type ProjectionTrouble,
  buildNext,
  eventRecord,
  memoryLog,
  switchToBuilt,
  topicsOf,
} from '@parley/eventlog'
import { FIGURES, type Figure, POOL_SUBJECTS, figureNamed } from '@parley/figures'
import { testDb } from '@parley/testkit'
import { conversations } from '@parley/conversation'
import { workforces } from '@parley/workforce'
import { expect, test } from 'vitest'
import { measurementsOf } from '../metrics/count.ts'
import { keepsRows } from '../metrics/counted.ts'
import { Days } from '../metrics/days.fixture.ts'
import { Windows } from '../metrics/windows.ts'
import { recordedAtOf } from '../metrics/work.ts'
import type { Searched } from '../search/searched.ts'
import { COUNTED_MAX } from './search-grpc.ts'
import { conversationFinder, conversationSearch } from './search-store.ts'
import { readCounted } from './counted-reading.ts'
import { conversationFigures, poolFigures } from './figure-projections.ts'
import { readFigure } from './figure-reading.ts'

const ZONE = 'UTC'
const LAST_YEAR = '2025-03-02'
const NOW = Date.parse('2026-03-02T12:00:00.000Z')
const fail = (error: unknown): never => {
  throw error
}
const FATAL: ProjectionTrouble = {
  onParked: ({ reason }) => fail(new Error(reason)),
  onStuck: ({ error }) => fail(error),
  onFault: fail,
  onRouteUnreadable: fail,
  onSwitched() {},
}

/** What somebody adds today: how often presence changed. */
const CHANGES: Figure = {
  name: 'presence_changes',
  version: 1,
  unit: 'count',
  subject: 'changes 1',
  by: ['agent'],
  numerator: ['changes'],
}

/** The projection as it is after that: one thing more is measured. */
function withChanges(): ReturnType<typeof poolFigures> {
  const before = poolFigures(ZONE)
  const windows = new Windows(ZONE)
  return {
    ...before,
    async open(db, version) {
      const model = await before.open(db, version)
      const [remembered] = model.documents
      const { measure } = remembered!
      remembered!.measure = (doc, event, id) => {
        const own = measure!(doc, event, id)
        if (event.type !== 'PresenceChanged') return own
        const { agentId: agent } = event.data as { agentId: string }
        const count = {
          subject: CHANGES.subject,
          at: recordedAtOf(event),
          of: { agent },
          add: { changes: 1 },
        }
        return [...own, ...measurementsOf([count], windows)]
      }
      return model
    },
  }
}

test('a figure that is added today is there for last year, after a rebuild beside the live one; what was there is the same', async () => {
  await using undo = new AsyncDisposableStack()
  const namespace = `figures-${randomUUID().slice(0, 8)}`
  const log = memoryLog({ partitions: 1 })
  undo.defer(() => log.close())
  const { db } = undo.use(await testDb())
  const place: ProjectionPlace = { log, topics: topicsOf(namespace, workforces), namespace, db }

  const { happened } = Days.lived(`${LAST_YEAR}T08:00:00.000Z`, 400)
  const events = happened.flatMap(({ family, event }) => (family === 'workforce' ? [event] : []))
  await log.append(place.topics.events, events.map(eventRecord))
  const live = await LiveProjection.start(poolFigures(ZONE), place, FATAL)
  undo.defer(() => live.stop())

  const read = async (figure: Figure) =>
    (await readFigure(
      live.model,
      new Windows(ZONE),
      {
        figure,
        by: 'agent',
        window: 'day',
        from: Date.parse(`${LAST_YEAR}T00:00:00.000Z`),
        to: Date.parse('2025-04-01T00:00:00.000Z'),
      },
      NOW,
      1_000,
    ))!
  const eventually = { timeout: 20_000, interval: 50 }
  await expect
    .poll(
      async () => live.whenProcessed({ partition: 0, offset: BigInt(events.length - 1) }, 1_000),
      eventually,
    )
    .toBe(true)
  const handled = await read(figureNamed('handled')!)
  expect(handled.length).toBeGreaterThan(2)
  expect(await read(CHANGES)).toEqual([])

  await buildNext(withChanges(), place, { signal: new AbortController().signal, patienceMs: 1_000 })
  await switchToBuilt(withChanges(), place, { acceptDifferences: true })
  await expect.poll(() => live.version, eventually).toBe(2)
  expect(await read(figureNamed('handled')!)).toEqual(handled)
  const changes = events.filter(({ type }) => type === 'PresenceChanged')
  const added = await read(CHANGES)
  expect(added.reduce((sum, { numerator }) => sum + numerator, 0)).toBe(changes.length)
  expect(changes.length).toBeGreaterThan(20)
}, 60_000)

test('the conversations of a figure are exactly those that it counts, above the line and below it, of each key', async () => {
  await using undo = new AsyncDisposableStack()
  const namespace = `figures-${randomUUID().slice(0, 8)}`
  const log = memoryLog({ partitions: 1 })
  undo.defer(() => log.close())
  const { db } = undo.use(await testDb())
  const { happened } = Days.lived(`${LAST_YEAR}T08:00:00.000Z`, 400)
  const folded = async (
    projection: ReturnType<typeof poolFigures> | ReturnType<typeof conversationFigures>,
    family: 'conversation' | 'workforce',
  ) => {
    const topics =
      family === 'workforce' ? topicsOf(namespace, workforces) : topicsOf(namespace, conversations)
    const events = happened.flatMap((one) => (one.family === family ? [one.event] : []))
    await log.append(
      topics.events,
      events.map((event) => eventRecord(event as never)),
    )
    const live = await LiveProjection.start(
      projection as ReturnType<typeof poolFigures>,
      { log, topics, namespace, db },
      FATAL,
    )
    undo.defer(() => live.stop())
    await expect
      .poll(() => live.whenProcessed({ partition: 0, offset: BigInt(events.length - 1) }, 1_000), {
        timeout: 20_000,
        interval: 50,
      })
      .toBe(true)
    return live.model
  }
  const [ofPool, ofConversations] = await Promise.all([
    folded(poolFigures(ZONE), 'workforce'),
    folded(conversationFigures(ZONE), 'conversation'),
  ])
  const windows = new Windows(ZONE)
  const days = {
    from: Date.parse(`${LAST_YEAR}T00:00:00.000Z`),
    to: Date.parse('2025-04-01T00:00:00.000Z'),
  }
  const compared: string[] = []
  for (const figure of FIGURES.filter(keepsRows)) {
    const model = POOL_SUBJECTS.has(figure.subject) ? ofPool : ofConversations
    for (const by of [undefined, ...figure.by.filter((one) => one !== 'vendor')]) {
      const rows = (await readFigure(model, windows, { figure, by, window: 'day', ...days }, NOW, 1_000))!
      for (const [key, own] of Map.groupBy(rows, (row) => row.key)) {
        // By its ids alone, and as one of more keys than are looked up by theirs.
        for (const strangers of by === undefined ? [] : [0, 100]) {
          const names = [key, ...Array.from({ length: strangers }, (_, nth) => `stranger ${nth}`)]
          const keys = new Map(names.map((name) => [name, name]))
          const asked = { figure, by, window: 'day', ...days, keys } as const
          expect(await readFigure(model, windows, asked, NOW, 1_000)).toEqual(own)
        }
        for (const part of ['numerator', 'denominator'] as const) {
          if (own[0]![part] === null) continue
          const times = (await readCounted(
            model.counted,
            windows,
            {
              figure,
              by,
              keys: by === undefined ? undefined : [key],
              isDenominator: part === 'denominator',
              ...days,
            },
            10_000,
          ))!
          const sum = [...times.values()].reduce((all, one) => all + one, 0)
          const said = own.reduce((all, row) => all + row[part]!, 0)
          expect(sum, `${part} of ${figure.name} by ${by} ${key}`).toBe(said)
          if (sum > 0) compared.push(figure.name)
        }
      }
    }
  }
  const handled = { figure: figureNamed('handled')!, by: 'team', window: 'day', ...days } as const
  const teamRows = await readFigure(ofPool, windows, handled, NOW, 1_000)
  expect(await readFigure(ofPool, windows, handled, NOW, teamRows!.length)).toEqual(teamRows)
  expect(await readFigure(ofPool, windows, handled, NOW, teamRows!.length - 1)).toBeUndefined()
  const sumOf = async (...teams: readonly string[]) => {
    const keys = new Map(teams.map((team) => [team, 'vendor']))
    const rows = await readFigure(ofPool, windows, { ...handled, keys }, NOW, 1_000)
    return rows!.reduce((sum, row) => sum + row.numerator, 0)
  }
  const teams = await Promise.all([sumOf('north'), sumOf('south')])
  expect(Math.min(...teams)).toBeGreaterThan(0)
  expect(await sumOf('north', 'south')).toBe(teams[0] + teams[1])
  expect([...new Set(compared)]).toEqual(
    expect.arrayContaining(['handled', 'service_level', 'abandonment', 'containment', 'closed', 'waits']),
  )
}, 60_000)

test('a figure of a large day opens all that it counts: those below the line and the few above it, whatever else the day had', async () => {
  await using store = await testDb()
  const { db } = store
  const { counted } = await poolFigures(ZONE).open(db, 1)
  const found = await conversationSearch.open(db, 1)
  const many = 2_100
  const ids = Array.from({ length: many }, (_, nth) => `conversation ${String(nth).padStart(32, '0')}`)
  const isAbandoned = (nth: number) => nth % 20 === 0
  await counted.insertMany(
    ids.map((_id, nth) => ({
      _id,
      streamId: '',
      seenVersion: 1,
      counts: [
        {
          subject: figureNamed('abandonment')!.subject,
          window: `day ${LAST_YEAR}`,
          of: { queue: 'general' },
          add: isAbandoned(nth) ? { abandoned: 1, abandonedSoon: 0 } : { answered: 1, inTime: 0 },
        },
      ],
    })),
  )
  const opened = Date.parse(`${LAST_YEAR}T08:00:00.000Z`)
  await found.collection.insertMany(
    ids.map((_id, nth) => ({ _id, openedAt: new Date(opened + nth).toISOString() }) as Searched),
  )
  const read = (isDenominator: boolean, max: number) =>
    readCounted(
      counted,
      new Windows(ZONE),
      {
        figure: figureNamed('abandonment')!,
        by: 'queue',
        keys: ['general'],
        from: Date.parse(`${LAST_YEAR}T09:30:00.000Z`),
        to: Date.parse('2025-03-03T00:00:00.000Z'),
        isDenominator,
      },
      max,
    )
  expect([...(await read(false, 105))!.keys()].toSorted()).toEqual(ids.filter((_, nth) => isAbandoned(nth)))
  expect(await read(false, 104)).toBeUndefined()

  const all = (await read(true, COUNTED_MAX))!
  expect(all.size).toBe(many)
  const find = conversationFinder(
    () => found,
    new Map(),
    () => new Date(),
  )
  const question = { text: '', agentId: undefined, queue: undefined, from: undefined, to: undefined }
  const asked = { ...question, reason: undefined, scoreBelow: undefined, ids: [...all.keys()] }
  const page = await find({ kind: 'all' }, asked, 2, undefined)
  expect(page.found.map(({ _id }) => _id)).toEqual([ids[many - 1], ids[many - 2]])
  const next = await find({ kind: 'all' }, asked, 2, {
    at: new Date(opened + 2).toISOString(),
    id: ids[2]!,
  })
  expect(next).toMatchObject({ found: [{ _id: ids[1] }, { _id: ids[0] }], next: undefined })
}, 150_000)

test('which conversations some days count is asked for by the name of each day, years by where they begin and end, and beside it by the key that has fewer: of a list the store cuts no index off at both', async () => {
  await using store = await testDb({ monitorCommands: true })
  const { client, db } = store
  const { counted } = await poolFigures('Europe/Lisbon').open(db, 1)
  const asked: unknown[] = []
  const beside: string[] = []
  client.on('commandStarted', ({ commandName, command }) => {
    if (commandName !== 'find') return
    asked.push(command['filter'].counts.$elemMatch.window)
    beside.push(
      Object.keys(command['filter'])
        .filter((one) => one !== 'counts')
        .join(' '),
    )
  })
  const read = (from: string, to: string, by?: 'agent' | 'queue' | 'flow') =>
    readCounted(
      counted,
      new Windows('Europe/Lisbon'),
      {
        figure: figureNamed('handled')!,
        by,
        keys: by && ['one'],
        from: Date.parse(from),
        to: Date.parse(to),
        isDenominator: false,
      },
      10,
    )
  // The clocks go forward on the 29th.
  await read('2026-03-28T00:00:00.000Z', '2026-03-29T23:00:00.000Z')
  await read('2024-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z')
  await read('2000-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z')
  const [days, year, all] = asked as { $in: string[] }[]
  expect(days).toEqual({ $in: ['day 2026-03-28', 'day 2026-03-29'] })
  expect([year?.$in.length, year?.$in.at(-1)]).toEqual([366, 'day 2024-12-31'])
  expect(all).toEqual({ $gte: 'day 2000-01-01', $lt: 'day 2999-01-01' })
  for (const by of ['agent', 'queue', 'flow'] as const) {
    await read('2026-03-28T00:00:00.000Z', '2026-03-29T23:00:00.000Z', by)
    await read('2024-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z', by)
  }
  expect(beside).toEqual(['', '', '', 'counts.of.agent', 'counts.of.agent', '', 'counts.of.queue', '', ''])
})
