import { projectDocuments } from '@parley/eventlog'
import { figureNamed } from '@parley/figures'
import { testDb, until } from '@parley/testkit'
import type { Collection, CommandStartedEvent, Db, MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { Days } from '../metrics/days.fixture.ts'
import { Windows } from '../metrics/windows.ts'
import { conversationFigures, poolFigures } from './figure-projections.ts'
import { type FigureQuestion, readFigure } from './figure-reading.ts'
import { keepingSums } from './sums-keeping.ts'

const ZONE = 'America/Sao_Paulo'
const BEGINS = '2025-02-26T12:00:00.000Z'
const NOW = Date.parse('2026-03-02T12:00:00.000Z')
const windows = new Windows(ZONE)
const days = { from: Date.parse('2025-01-20T03:00:00.000Z'), to: Date.parse('2025-05-10T03:00:00.000Z') }

const stage = () => testDb({ monitorCommands: true })

/** The database, with something done before and after each request that writes. */
function between(db: Db, look: () => Promise<void>): Db {
  const watched = (collection: Collection) =>
    new Proxy(collection, {
      get(own, key) {
        const value: unknown = Reflect.get(own, key, own)
        if (key !== 'bulkWrite') return typeof value === 'function' ? value.bind(own) : value
        return async (...args: Parameters<Collection['bulkWrite']>) => {
          await look()
          const written = await own.bulkWrite(...args)
          await look()
          return written
        }
      },
    })
  return new Proxy(db, {
    get: (own, key) =>
      key === 'collection' ? (name: string) => watched(own.collection(name)) : Reflect.get(own, key, own),
  })
}

const QUESTIONS: readonly FigureQuestion[] = [
  ...(['windows', 'keys', undefined] as const).flatMap((together) =>
    (
      [
        ['handle_time', 'agent'],
        ['service_level', 'queue'],
        ['occupancy', 'team'],
      ] as const
    ).map(([name, by]) => ({ figure: figureNamed(name)!, by, window: 'day' as const, together, ...days })),
  ),
  // How it went with the whole company, day by day.
  { figure: figureNamed('handle_time')!, by: undefined, window: 'day', ...days },
]

/** Days of two months. */
const events = Days.lived(BEGINS, 1_600, { contacts: 6 }).happened.flatMap(({ family, event }) =>
  family === 'workforce' ? [event] : [],
)

/** Of some days. */
const some = events.slice(0, events.length >> 1)

const batch = (some: typeof events, isLate = false) => ({
  generation: 1,
  isLate,
  isOwned: () => true,
  heartbeat: async () => {},
  events: some,
})

test('what was kept of days, weeks and months is what their documents hold, whenever it was kept while they were written, and after what came late', async () => {
  await using on = await stage()
  const model = await poolFigures(ZONE).open(on.db, 1)
  const read = (question: FigureQuestion) => readFigure(model, windows, question, NOW, 10_000)
  // As all figures are asked for of which it is told up to where they count: of their documents.
  const counted = async (question: FigureQuestion) =>
    (await read({ ...question, withPlaces: true }))!.map((row) => ({ ...row, places: [], wholePlaces: [] }))
  // Of no whole month: the last week of one and the first of the next.
  const inWeeks = { from: Date.parse('2025-02-20T03:00:00.000Z'), to: Date.parse('2025-03-10T03:00:00.000Z') }
  const asked = [...QUESTIONS, ...QUESTIONS.map((question) => ({ ...question, ...inWeeks }))]
  let looks = 0
  const look = async () => {
    looks += 1
    await read(asked[looks % asked.length]!)
  }
  const written = await poolFigures(ZONE).open(between(on.db, look), 1)
  const size = Math.ceil(events.length / 8)
  const rounds: number[] = []
  for (let begin = 0; begin < events.length; begin += size) {
    await projectDocuments(
      written.documents,
      batch(events.slice(begin, begin + size), (begin / size) % 4 === 3),
    )
    for (const question of asked) {
      const kept = (await read(question))!
      const own = await counted(question)
      expect(kept.map(({ key, date }) => [key, date])).toEqual(own.map(({ key, date }) => [key, date]))
      for (const [nth, { numerator, denominator }] of kept.entries()) {
        expect(numerator).toBeCloseTo(own[nth]!.numerator, 6)
        expect(denominator).toBeCloseTo(own[nth]!.denominator!, 6)
      }
      rounds.push(kept.length)
    }
  }
  expect(looks).toBeGreaterThan(100)
  const whole = (await counted({ ...QUESTIONS[0]!, together: 'keys' })).map(({ date }) => date)
  expect(new Set(whole.map((date) => date.slice(0, 7))).size).toBe(2)
  expect(Math.max(...rounds)).toBeGreaterThan(12)
}, 240_000)

test('what is kept ahead, time and again, is read, and of its days nothing more than whether they have changed: by all whose figures they are', async () => {
  await using on = await stage()
  const model = await poolFigures(ZONE).open(on.db, 1)
  const half = events.length >> 1
  // Also where nothing is new.
  for (const more of [events.slice(0, half), events.slice(half), []]) {
    await projectDocuments(model.documents, batch(more))
    await model.sums.keep(
      new Set(QUESTIONS.map(({ figure }) => figure.subject)),
      windows.nameAt('day', NOW),
      new AbortController().signal,
    )
  }
  const looked: string[] = []
  let keptCount = 0
  const askedFor: number[] = []
  on.client.on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'find') askedFor.push(command['filter']._id?.$in?.length ?? 0)
    if (commandName === 'aggregate') looked.push(command['pipeline'][0].$match.metric ?? '')
    if (commandName === 'update' || commandName === 'insert') keptCount += 1
  })
  // A week is made by who asks for it first, of its days as they are kept.
  for (const question of QUESTIONS) await readFigure(model, windows, question, NOW, 10_000)
  const keptBefore = keptCount
  const forEver = { from: 0, to: Date.parse('9999-01-01T00:00:00.000Z') }
  for (const question of QUESTIONS) {
    askedFor.length = 0
    const own = await readFigure(model, windows, question, NOW, 10_000)
    // What each is worth, and how all of them went, is in the months and weeks that are whole and the days that are left: each key on each day alone is in the days.
    const isEachDay = question.together === undefined && question.by !== undefined
    expect(Math.max(...askedFor)).toBe(isEachDay ? 110 : 12)
    expect(own!.length).toBeGreaterThan(0)
    const rows = own!.length
    expect(await readFigure(model, windows, question, NOW, rows)).toHaveLength(rows)
    expect(await readFigure(model, windows, question, NOW, rows - 1)).toBeUndefined()
  }
  for (const question of QUESTIONS.filter(({ together }) => together === 'windows')) {
    const own = (await readFigure(model, windows, question, NOW, 10_000))!
    expect(await readFigure(model, windows, { ...question, ...forEver }, NOW, 10_000)).toEqual(
      own.map((row) => ({ ...row, from: '1969-12-31T03:00:00.000Z', date: '1969-12-31' })),
    )
  }
  expect(looked.length).toBeGreaterThan(0)
  expect(looked.filter((one) => one !== '')).toEqual([])
  expect(keptCount).toBe(keptBefore)
}, 120_000)

/** Tells what the figures themselves are asked for, when it begins. */
function watchMaking(client: MongoClient, heard: (asked: string) => void): Disposable {
  const listen = ({ commandName, command }: CommandStartedEvent) => {
    const { metric, window } = commandName === 'aggregate' ? command['pipeline'][0].$match : {}
    if (metric !== undefined) heard(`${metric} ${window.$gte}`)
  }
  client.on('commandStarted', listen)
  return { [Symbol.dispose]: () => void client.off('commandStarted', listen) }
}

test('what several ask for at once is made once, and each of them has it', async () => {
  await using on = await stage()
  const model = await poolFigures(ZONE).open(on.db, 1)
  await projectDocuments(model.documents, batch(some))
  const made: string[] = []
  using _listening = watchMaking(on.client, (asked) => made.push(asked))
  const asked = QUESTIONS.filter(({ by, together }) => by === 'agent' && together === 'windows')
  const rows = await Promise.all(
    [...asked, ...asked, ...asked].map((question) => readFigure(model, windows, question, NOW, 10_000)),
  )
  expect(rows[0]!.length).toBeGreaterThan(2)
  for (const one of rows) expect(one).toEqual(rows[0])
  expect(made.length).toBeGreaterThan(0)
  expect(made).toEqual([...new Set(made)])
}, 120_000)

test('who gives up leaves no work behind, and takes none from who waits for the same', async () => {
  await using on = await stage()
  const model = await poolFigures(ZONE).open(on.db, 1)
  await projectDocuments(model.documents, batch(some))
  const read = (question: FigureQuestion, signal?: AbortSignal) =>
    readFigure(model, windows, question, NOW, 10_000, signal)
  const giveUp = async (question: FigureQuestion): Promise<void> => {
    const gone = new AbortController()
    using _leaving = watchMaking(on.client, () => gone.abort())
    const outcome = await read(question, gone.signal).catch((error: unknown) => error)
    expect(gone.signal.aborted).toBe(true)
    expect(outcome).toBe(gone.signal.reason)
  }
  const [byAgent, byQueue] = QUESTIONS
  await giveUp(byAgent!)
  // Whatever was to follow has come by then.
  for (let nth = 0; nth < 50; nth += 1) await on.db.command({ ping: 1 })
  expect(await on.db.collection(`${model.figures.collectionName}_sums`).countDocuments()).toBe(0)

  const [own] = await Promise.all([read(byQueue!), giveUp(byQueue!)])
  expect(own!.length).toBeGreaterThan(1)

  // By now it is kept: who gives up while that is looked up is told so, too.
  const gone = new AbortController()
  const leave = ({ commandName }: CommandStartedEvent) => void (commandName === 'find' && gone.abort())
  on.client.on('commandStarted', leave)
  await expect(read(byQueue!, gone.signal)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  on.client.off('commandStarted', leave)
}, 120_000)

test('of a version that has just become live it is kept at once, and not when the next time comes', async () => {
  await using on = await stage()
  const [before, after] = [await poolFigures(ZONE).open(on.db, 1), await poolFigures(ZONE).open(on.db, 2)]
  const some = batch(events.slice(0, events.length >> 3))
  for (const { documents } of [before, after]) await projectDocuments(documents, some)
  const pool = { model: before }
  const conversations = { model: await conversationFigures(ZONE).open(on.db, 1) }
  const errors: unknown[] = []
  const keeping = keepingSums({
    conversations,
    pool,
    windows,
    now: () => new Date(NOW),
    onError: (error) => errors.push(error),
    lookEveryMs: 10,
  })
  const keptOf = ({ figures }: typeof before) =>
    on.db.collection(`${figures.collectionName}_sums`).countDocuments()
  pool.model = after
  await until('it is kept', async () => (await keptOf(after)) > 0)
  await keeping.close()
  expect(await keptOf(before)).toBe(0)
  expect(errors).toEqual([])
}, 120_000)

test('the day that it is, is not kept, and is as it is now', async () => {
  await using on = await stage()
  const model = await poolFigures(ZONE).open(on.db, 1)
  const last = events.at(-1)!
  const now = Date.parse(last.envelope.recordedAt!)
  const question = { ...QUESTIONS[0]!, from: now - 3 * 24 * 60 * 60_000, to: now + 1 }
  const handled = async () => {
    const rows = await readFigure(model, windows, question, now, 1_000)
    return rows!.reduce((sum, { denominator }) => sum + denominator!, 0)
  }
  let before = -1
  for (const half of [events.slice(0, -40), events.slice(-40)]) {
    await projectDocuments(model.documents, batch(half))
    const sum = await handled()
    expect(sum).toBeGreaterThan(before)
    before = sum
  }
  const kept = await on.db.collection(`${model.figures.collectionName}_sums`).find().toArray()
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.map(({ _id }) => String(_id)).filter((id) => id.includes(windows.nameAt('day', now)))).toEqual(
    [],
  )
}, 120_000)

test('what the log has of a day that has not come yet by this machine’s clock is shown, and not kept', async () => {
  await using on = await stage()
  const model = await poolFigures(ZONE).open(on.db, 1)
  await projectDocuments(model.documents, batch(some))
  const last = windows.beginOf(windows.dateOf(Date.parse(some.at(-1)!.envelope.recordedAt!)))
  const behind = last - 60_000
  for (const { figure, by, together } of QUESTIONS) {
    const question = { figure, by, together, window: 'day', from: days.from, to: days.to } as const
    const shown = await readFigure(model, windows, question, behind, 10_000)
    const counted = await readFigure(model, windows, { ...question, withPlaces: true }, behind, 10_000)
    expect(shown!.map(({ key, date, denominator }) => [key, date, denominator])).toEqual(
      counted!.map(({ key, date, denominator }) => [key, date, denominator]),
    )
  }
  const kept = await on.db.collection(`${model.figures.collectionName}_sums`).find().toArray()
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.filter(({ _id }) => String(_id).includes(windows.nameAt('day', last)))).toEqual([])
}, 120_000)

test('a long period that begins within a month has nothing of that month from before, and each day is in one of two that meet there', async () => {
  await using on = await stage()
  const model = await poolFigures(ZONE).open(on.db, 1)
  const { happened } = Days.lived('2025-03-02T12:00:00.000Z', 400, { contacts: 3 })
  const few = happened.flatMap(({ family, event }) => (family === 'workforce' ? [event] : []))
  await projectDocuments(model.documents, { ...batch([]), events: few })
  const midMonth = windows.beginOf('2025-03-03')
  const before = { from: windows.beginOf('2024-06-10'), to: midMonth }
  const after = { from: midMonth, to: windows.beginOf('2026-03-01') }
  const read = async (question: FigureQuestion) =>
    (await readFigure(model, windows, question, NOW, 10_000))!.map(
      ({ key, from, numerator, denominator }) => ({ key, from, numerator, denominator: denominator! }),
    )
  const figure = figureNamed('occupancy')!
  for (const together of ['windows', 'keys', undefined] as const) {
    const rows: string[] = []
    for (const period of [before, after]) {
      const question = { figure, by: 'agent', together, window: 'day', ...period } as const
      const own = await read(question)
      expect(own.length).toBeGreaterThan(0)
      const counted = await read({ ...question, withPlaces: true })
      expect(own).toEqual(
        counted.map((row) => ({
          ...row,
          numerator: expect.closeTo(row.numerator, 6),
          denominator: expect.closeTo(row.denominator, 6),
        })),
      )
      rows.push(...own.map(({ key, from }) => `${from} ${key}`))
    }
    // As the parts of a file meet.
    expect(rows).toEqual([...new Set(rows)])
  }
}, 120_000)
