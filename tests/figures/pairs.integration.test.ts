import { randomUUID } from 'node:crypto'
import { type ReadEvent, projectDocuments } from '@parley/eventlog'
import { type Dimension, FIGURES, POOL_SUBJECTS, worthTogether } from '@parley/figures'
import { readEventOf, testMongoUri } from '@parley/testkit'
import { HUNT, runs } from '@parley/testkit/properties'
import { workforces } from '@parley/workforce'
import { array, assert, asyncProperty, boolean, constantFrom, nat, record, tuple } from 'fast-check'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { recount } from '../../services/archive/recount/index.ts'
import { keepsRows } from '../../services/archive/src/metrics/counted.ts'
import { Days } from '../../services/archive/src/metrics/days.fixture.ts'
import { Windows } from '../../services/archive/src/metrics/windows.ts'
import { recordedAtOf } from '../../services/archive/src/metrics/work.ts'
import { readCounted } from '../../services/archive/src/adapters/counted-reading.ts'
import {
  type FigureModel,
  conversationFigures,
  poolFigures,
} from '../../services/archive/src/adapters/figure-projections.ts'
import {
  type FigureQuestion,
  type FigureRow,
  readFigure,
} from '../../services/archive/src/adapters/figure-reading.ts'
import { history, lived } from './decided.ts'

/** Of 25 hours, of 23, of 24 and a half, one whose midnight is skipped, one that nearly ends twice, and the last of a month. */
const BEGINS = [
  ['Europe/Lisbon', '2026-10-24T18:00:00.000Z'],
  ['Europe/Lisbon', '2026-03-28T18:00:00.000Z'],
  ['Australia/Lord_Howe', '2026-04-04T07:00:00.000Z'],
  ['America/Sao_Paulo', '2018-11-03T22:00:00.000Z'],
  ['America/Santiago', '2026-04-04T20:00:00.000Z'],
  ['Asia/Kathmandu', '2026-01-31T08:00:00.000Z'],
] as const
/** Of both teams. */
const VENDOR_OF = new Map([
  ['north', 'both'],
  ['south', 'both'],
])
const DAY_MS = 24 * 60 * 60 * 1_000
const PARTITIONS = 3
const FAMILIES = ['conversation', 'workforce'] as const
type FamilyName = (typeof FAMILIES)[number]
/** What their readers are given. */
const READ: Readonly<Record<FamilyName, ReadonlySet<string>>> = {
  conversation: new Set(conversationFigures('UTC').types),
  workforce: new Set(poolFigures('UTC').types),
}

/** Whatever happens, and whether the log's clock is set back meanwhile. */
const told = record({
  place: constantFrom(...BEGINS),
  isSetBack: boolean(),
  acts: array(tuple(nat(), nat(), nat(), nat({ max: 4_000 })), {
    minLength: 60,
    maxLength: 160,
    size: 'max',
  }),
}).map(({ place: [zone, begins], isSetBack, acts }): Lived => {
  const days = new Days(begins, { isSetBack })
  for (const act of acts) days.act(...act)
  return { zone, begins, happened: days.happened }
})

/** The same as the rules decide it, which set no clock back. */
const decided = history.map((one): Lived => {
  const world = lived(one)
  const [zone, begins] = one.begins
  // Refusals too: a recount follows each stream from record to record.
  const ofPool = world.pool.stated.map((event) => ({
    family: 'workforce' as const,
    event: readEventOf(workforces.readEvent(event.envelope), event),
  }))
  const ofContacts = world.told.map((event) => ({ family: 'conversation' as const, event }))
  return { zone, begins, happened: [...ofPool, ...ofContacts] }
})

/** How it is read off the log, and which stretch of which contact's stream is parked meanwhile, and comes late. */
const reading = record({
  batch: nat({ max: 60 }),
  parked: tuple(nat({ max: 3 }), nat({ max: 60 }), nat({ max: 40 })),
})

interface Lived {
  readonly zone: string
  readonly begins: string
  /** Each family's events in their order. */
  readonly happened: readonly { readonly family: FamilyName; readonly event: ReadEvent<any> }[]
}

let client: MongoClient
beforeAll(async () => {
  client = await new MongoClient(testMongoUri()).connect()
})
afterAll(() => client.close())

interface Placed {
  readonly family: FamilyName
  readonly event: ReadEvent<any>
}

/** Each stream in a partition of its own choice, as the log would have it. */
function inLog({ happened }: Lived): readonly Placed[] {
  const ends = new Map<string, bigint>()
  return happened.map(({ family, event }) => {
    const partition =
      family === 'workforce' ? 0 : Number(event.envelope.streamId.split('-').at(-1)) % PARTITIONS
    const place = `${family} ${partition}`
    const offset = ends.get(place) ?? 0n
    ends.set(place, offset + 1n)
    return { family, event: { ...event, record: { ...event.record, partition, offset } } }
  })
}

interface Batch {
  readonly events: readonly Placed[]
  readonly isLate: boolean
}

/** In the order of the log, but for a stretch of one contact: that comes behind what stood behind it, and before more of the same contact is read. */
function batchesOf(
  log: readonly Placed[],
  size: number,
  [contact, from, count]: readonly [number, number, number],
): readonly Batch[] {
  const parked = log
    .filter(({ event }) => event.envelope.streamId === `contact-${contact}`)
    .slice(from, from + count)
  const next = behind(log, parked)
  const cut = next === undefined ? log.length : log.indexOf(next)
  const sliced = (some: readonly Placed[]): readonly Batch[] =>
    Array.from({ length: Math.ceil(some.length / size) }, (_, nth) => ({
      events: some.slice(nth * size, (nth + 1) * size),
      isLate: false,
    }))
  return [
    ...sliced(log.slice(0, cut).filter((one) => !parked.includes(one))),
    ...(parked.length === 0 ? [] : [{ events: parked, isLate: true }]),
    ...sliced(log.slice(cut)),
  ]
}

/** The next of the same stream behind these. */
function behind(log: readonly Placed[], parked: readonly Placed[]): Placed | undefined {
  const last = parked.at(-1)?.event.envelope
  return (
    last &&
    log.find(
      ({ event: { envelope } }) =>
        envelope.streamId === last.streamId && envelope.streamVersion > last.streamVersion,
    )
  )
}

const modelsOf = async (db: Db, zone: string, version: number) => ({
  conversation: await conversationFigures(zone).open(db, version),
  workforce: await poolFigures(zone).open(db, version),
})
type Models = Awaited<ReturnType<typeof modelsOf>>

async function fold(models: Models, { events, isLate }: Batch): Promise<void> {
  for (const family of FAMILIES) {
    const own = events.flatMap((one) =>
      one.family === family && READ[family].has(one.event.type) ? [one.event] : [],
    )
    const { documents }: FigureModel = models[family]
    if (own.length > 0)
      await projectDocuments<any>(documents, {
        generation: 1,
        events: own,
        isLate,
        isOwned: () => true,
        heartbeat: async () => {},
      })
  }
}

// One world is thousands of questions: a minute of a store that is busy. Whoever hunts has the time of whoever hunts.
if (HUNT === undefined) vi.setConfig({ testTimeout: 240_000 })
const INTERRUPTED = HUNT === undefined ? { interruptAfterTimeLimit: 200_000 } : {}

test.each([
  ['told', told],
  ['decided by the rules', decided],
])(
  'of days that are %s the same number is the same wherever it is shown: of documents and kept, by hours, days, months and all, of each key and together, by the rows behind it, built anew, and recounted',
  async (_, some) => {
    let comparedCount = 0
    await assert(
      asyncProperty(some, reading, async (one, { batch, parked }) => {
        const { zone, begins } = one
        await using undo = new AsyncDisposableStack()
        const db = client.db(`pairs-${randomUUID().slice(0, 8)}`)
        undo.defer(async () => void (await db.dropDatabase()))
        const log = inLog(one)
        const windows = new Windows(zone)
        // A month before and three behind: whole months, and days at both ends.
        const time = { from: Date.parse(begins) - 40 * DAY_MS, to: Date.parse(begins) + 100 * DAY_MS }
        const now = time.to + 60 * DAY_MS
        const read = async (models: Models, question: Asked) =>
          (await readFigure(
            modelOf(models, question),
            windows,
            { window: 'day', ...time, ...question },
            now,
            100_000,
          ))!
        const live = await modelsOf(db, zone, 1)
        for (const [nth, some] of batchesOf(log, batch + 5, parked).entries()) {
          await fold(live, some)
          // Somebody looks meanwhile, and what there is is kept.
          const figure = FIGURES[(nth * 7) % FIGURES.length]!
          await read(live, { figure, by: figure.by.find(isKept), together: 'windows' })
        }
        const built = await modelsOf(db, zone, 2)
        await fold(built, { events: log, isLate: false })
        const dates = [...new Set(log.map(({ event }) => windows.dateOf(recordedAtOf(event))))]
        const recounted = new Map(
          await Promise.all(dates.map(async (date) => [date, await recountOf(date, zone, log)] as const)),
        )

        const different: unknown[] = []
        for (const figure of FIGURES)
          for (const shownBy of [...(figure.isOfParts ? [] : [undefined]), ...figure.by]) {
            const of =
              shownBy === 'vendor' ? ({ by: 'team', keys: VENDOR_OF } as const) : ({ by: shownBy } as const)
            const same = (what: string, one: Sums, other: Sums) => {
              comparedCount += Object.keys(one).length
              if (JSON.stringify(one) !== JSON.stringify(other))
                different.push({
                  what,
                  figure: `${figure.name} ${figure.version} by ${shownBy ?? 'company'}`,
                  one,
                  other,
                })
            }
            const own = await read(live, { figure, ...of, withPlaces: true })
            const byDay = summed(own, ({ key, date }) => `${date} ${key}`)
            const others = {
              'kept days': await read(live, { figure, ...of }),
              'built anew': await read(built, { figure, ...of, withPlaces: true }),
              hours: await read(live, { figure, ...of, window: 'hour' }),
            }
            for (const [what, rows] of Object.entries(others))
              same(
                what,
                byDay,
                summed(rows, ({ key, date }) => `${date} ${key}`),
              )
            const together = await read(live, { figure, ...of, together: 'windows' })
            same(
              'all days',
              summed(own, ({ key }) => key),
              summed(together, ({ key }) => key),
            )
            if (!figure.isOfParts) {
              const course = await read(live, { figure, ...of, together: 'keys' })
              same(
                'all keys',
                summed(own, ({ date }) => date),
                summed(course, ({ date }) => date),
              )
            }
            for (const [date, rows] of recounted) {
              const counted = rows.filter(
                (row) =>
                  row.metric === figure.name && row.version === figure.version && row.by === (shownBy ?? ''),
              )
              // A step counts where somebody came to it.
              const shown = own.filter((row) => row.date === date && (!figure.isOfParts || row.numerator > 0))
              same(
                `recounted ${date}`,
                summed(shown, ({ key }) => key),
                summed(counted, ({ key }) => key),
              )
            }
            if (!keepsRows(figure) || shownBy === 'vendor') continue
            for (const [key, rows] of Map.groupBy(own, (row) => row.key))
              for (const part of ['numerator', 'denominator'] as const) {
                if (rows[0]![part] === null) continue
                const asked = {
                  figure,
                  by: shownBy,
                  keys: shownBy === undefined ? undefined : [key],
                  isDenominator: part === 'denominator',
                  ...time,
                }
                const times = await readCounted(modelOf(live, { figure }).counted, windows, asked, 10_000)
                const behindIt = [...times!.values()].reduce((sum, one) => sum + one, 0)
                const said = rows.reduce((sum, row) => sum + row[part]!, 0)
                same(`rows of ${part} of ${key}`, { all: [said, null] }, { all: [behindIt, null] })
              }
          }
        expect(different).toEqual([])
      }),
      { ...runs(1), ...INTERRUPTED },
    )
    expect(comparedCount).toBeGreaterThan(300)
  },
)

type Asked = Pick<FigureQuestion, 'figure' | 'by'> & Partial<FigureQuestion>
type Sums = Readonly<Record<string, readonly [numerator: number, denominator: number | null]>>

const modelOf = (models: Models, { figure }: Pick<Asked, 'figure'>): FigureModel =>
  models[POOL_SUBJECTS.has(figure.subject) ? 'workforce' : 'conversation']

/** What rows of the same place come to, in an order of their own; of nothing there is none. */
function summed<Row extends Pick<FigureRow, 'numerator' | 'denominator'>>(
  rows: readonly Row[],
  placeOf: (row: Row) => string,
): Sums {
  const worth = ({ numerator, denominator }: Row) => ({ value: null, numerator, denominator })
  return Object.fromEntries(
    [...Map.groupBy(rows, placeOf)]
      .map(([place, same]) => [place, worthTogether('count', same.map(worth))!] as const)
      .filter(([, { numerator, denominator }]) => numerator !== 0 || (denominator ?? 0) !== 0)
      .map(([place, { numerator, denominator }]) => [place, [numerator, denominator]] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
}

const recountOf = (day: string, timeZone: string, log: readonly Placed[]) =>
  recount({
    day,
    timeZone,
    vendors: new Map([['both', [...VENDOR_OF.keys()]]]),
    records: (wanted) =>
      log.flatMap(({ family, event: { raw, record } }) => {
        const { partition, offset } = record
        return `${family}.events` === wanted ? [{ topic: `test.${wanted}`, partition, offset, raw }] : []
      }),
  })

/** A vendor's is made of its teams'. */
const isKept = (by: Dimension): by is Exclude<Dimension, 'vendor'> => by !== 'vendor'
