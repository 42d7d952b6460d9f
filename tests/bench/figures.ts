import {
  Windows,
  type CountedDocument,
  conversationFigures,
  countedOnce,
  measurementsOf,
  poolFigures,
} from '@parley/archive'
import { type MetricDocument, figureId } from '@parley/eventlog'
import { CONVERSATIONS, FIGURES, HANDLING, MESSAGES, PRESENCE, STEPS, SURVEYS, WAITS } from '@parley/figures'
import type { Db } from 'mongodb'
import { TodaysFigures } from '../../services/agent/src/adapters/wallboard/todays-figures.ts'
import type { FigureModel } from '../../services/archive/src/adapters/figure-projections.ts'
import type { Count } from '../../services/archive/src/metrics/count.ts'
import type { Period } from '../../services/console/src/figures/period.ts'
import { type Pages, type PagesServed, askFigures } from './pages.ts'
import { type SearchTimes, askedOften, chance, idOf } from './search.ts'

const ZONE = 'America/Sao_Paulo'
const PARTITIONS = 12
const AGENTS = 2_000
const TEAMS = 20
const QUEUES = 20
const DAY_MS = 24 * 60 * 60 * 1_000
const BEGIN = Date.parse('2025-01-01T03:00:00.000Z')
const DAYS = 365
const BATCH = 5_000
const STEPS_EACH = Array.from({ length: 3 }, (_, nth) => `step_${nth}`)
/** Of the last days alone: of a year by hours no page of figures is made. */
const HOURS_OF_DAYS = 28

/** It is the last day of the year: that one is not over, and nothing of it is kept. */
export const AS_OF = new Date(BEGIN + (DAYS - 1) * DAY_MS + 15 * 60 * 60 * 1_000)

export type FigureModels = Pick<PagesServed, 'conversations' | 'pool' | 'windows' | 'timeZone'>

/**
 * The figures of a year of conversations as the projections write them.
 * @param hasRows with the conversations behind them
 * @param days of which they are: the last ones of the year
 */
export async function fillFigures(
  db: Db,
  conversations: number,
  {
    hasRows = true,
    agents = AGENTS,
    days = DAYS,
  }: { readonly hasRows?: boolean; readonly agents?: number; readonly days?: number } = {},
): Promise<FigureModels> {
  const models = {
    conversations: await conversationFigures(ZONE).open(db, 1),
    pool: await poolFigures(ZONE).open(db, 1),
  }
  const windows = new Windows(ZONE)
  for (let day = DAYS - days; day < DAYS; day += 1)
    await insertDay(models, windows, day, Math.round(conversations / days), { hasRows, agents })
  return { ...models, windows, timeZone: ZONE }
}

/** What days and months came to, as the archive keeps it within ten minutes of their end. */
export async function keepFigures({ conversations, pool, windows }: FigureModels): Promise<void> {
  const today = windows.nameAt('day', AS_OF.getTime())
  const subjects = new Set(FIGURES.map(({ subject }) => subject))
  for (const { sums } of [conversations, pool]) await sums.keep(subjects, today, new AbortController().signal)
}

const PRESETS = { 'a day': 1, 'a week': 7, 'four weeks': 28, 'a year': DAYS } as const
const BYS = ['', 'queue', 'agent', 'team', 'vendor', 'flow'] as const

/** Pages of figures as the console asks for them, of some days, weeks and of the year; and what tools ask. */
export async function askOfFigures(
  pages: Pages,
  { conversations }: Pick<FigureModels, 'conversations'>,
  often?: number,
): Promise<readonly SearchTimes[]> {
  const next = chance(20_260_302)
  const dateOf = (day: number) => new Date(BEGIN + day * DAY_MS).toISOString().slice(0, 10)
  /** @param ofLast of the last so many days of the year */
  const some = (count: number, ofLast = DAYS): Period => {
    const first = DAYS - ofLast + Math.floor(next() * (ofLast - count))
    return { from: dateOf(first), to: dateOf(first + count - 1) }
  }
  const times: SearchTimes[] = []
  const time = async (name: string, ask: () => Promise<number>, before?: () => Promise<unknown>) =>
    void times.push(await askedOften(`figures: ${name}`, ask, often, before))
  for (const [period, count] of Object.entries(PRESETS))
    for (const by of BYS)
      await time(`the page by ${by || 'company'}, ${period}`, () =>
        askFigures(pages, 'manager', by, some(count)),
      )
  for (const [period, count] of Object.entries(PRESETS))
    await time(`a funnel, ${period}`, () =>
      askFigures(pages, 'manager', 'flow', some(count), 'flow_step_reached'),
    )
  await time('the page by agent of a team of 100, a year', () =>
    askFigures(pages, 'supervisor', 'agent', some(DAYS)),
  )
  // Who comes again, and who answers a survey, changes figures of the week before.
  const lastWeek = dateOf(DAYS - 8)
  await time(
    'the page by agent, a year, while its last week still changes',
    () => askFigures(pages, 'manager', 'agent', { from: dateOf(0), to: dateOf(DAYS - 1) }, 'closed'),
    () =>
      conversations.figures.updateMany(
        {
          metric: { $in: [CONVERSATIONS, SURVEYS] },
          $or: [{ window: { $gte: `day ${lastWeek}` } }, { window: `month ${lastWeek.slice(0, 7)}` }],
        },
        { $inc: { seenVersion: 1 } },
      ),
  )
  await time('the seven of a wallboard', async () => {
    const board = new TodaysFigures({
      figures: pages.figures,
      timeZone: ZONE,
      now: () => AS_OF,
      onError: (error) => {
        throw error
      },
    })
    const read = await board.read({ key: 'all', personId: 'manager' })
    board.close()
    if (read === undefined) throw new Error('not answered within the time that a wallboard waits')
    return read.handledByQueue.size
  })
  const asked = (query: Readonly<Record<string, string>>) => async () =>
    (await pages.get('manager', `/api/metrics?${String(new URLSearchParams(query))}`)).rows.length as number
  const hours = () => {
    const { from, to } = some(2, HOURS_OF_DAYS)
    return { from, to, window: 'hour' }
  }
  await time('a day of each team, by hours', () => asked({ metric: 'closed', by: 'team', ...hours() })())
  await time('a day of each of 2,000 agents, by hours', () =>
    asked({ metric: 'closed', by: 'agent', ...hours() })(),
  )
  await time('a year of each queue, by days', () => {
    const { from, to } = some(DAYS)
    return asked({ metric: 'closed', by: 'queue', from, to })()
  })
  return times
}

async function insertDay(
  { conversations: ofContacts, pool }: Pick<FigureModels, 'conversations' | 'pool'>,
  windows: Windows,
  day: number,
  conversations: number,
  { hasRows, agents }: { readonly hasRows: boolean; readonly agents: number },
): Promise<void> {
  const isByHours = day >= DAYS - HOURS_OF_DAYS
  const ofConversations = new Written(windows, isByHours)
  const ofPool = new Written(windows, isByHours)
  const begin = BEGIN + day * DAY_MS
  for (let nth = 0; nth < conversations; nth += 1) {
    const at = begin + Math.floor((nth / conversations) * DAY_MS)
    const agent = (nth * 7_919 + day * 31) % agents
    const [queue, flow] = [`queue-${nth % QUEUES}`, 'atendimento']
    const people = { queue, agent: `agent-${agent}`, team: `team-${agent % TEAMS}` }
    const closed = {
      closed: 1,
      openSeconds: 60 + (nth % 900),
      closedByPeople: 1,
      closedWithAgent: 1,
      hadRobot: 1,
      handedOver: 1,
    }
    const said = {
      fromCustomer: 4,
      fromAgent: 4,
      firstResponse: 1,
      firstResponseSeconds: 30 + (nth % 60),
      reply: 3,
      replySeconds: 60 + (nth % 300),
    }
    const reached = ['', ...STEPS_EACH].map((step) => ({
      subject: STEPS,
      at,
      of: { flow: step === '' ? flow : `${flow}/${step}` },
      add: { reached: 1 },
    }))
    const asked = { asked: 1, surveyed: Number(nth % 10 === 0), satisfied: Number(nth % 20 === 0), score: 0 }
    const id = idOf(day, nth)
    ofConversations.add(id, (nth * 31 + day) % PARTITIONS, [
      { subject: CONVERSATIONS, at, of: {}, add: { opened: 1 } },
      { subject: CONVERSATIONS, at, of: { ...people, flow }, add: closed },
      { subject: MESSAGES, at, of: people, add: said },
      ...reached,
      ...(nth % 5 === 0 ? [{ subject: SURVEYS, at, of: { ...people, flow }, add: asked }] : []),
    ])
    const answered = { answered: 1, answerSeconds: nth % 90, inTime: Number(nth % 5 > 0) }
    const handled = { handled: 1, withSeconds: 300, parkedSeconds: 0, wrapUpSeconds: 15 }
    // The pool is one stream, and in one partition.
    ofPool.add(id, 0, [
      { subject: WAITS, at, of: { queue }, add: { entered: 1 } },
      { subject: WAITS, at, of: people, add: answered },
      { subject: HANDLING, at, of: people, add: handled },
    ])
  }
  const there = { signedInSeconds: 3_600, thereSeconds: 3_000, occupiedSeconds: 2_000, workingSeconds: 2_000 }
  // A shift of eight hours each, where hours are told.
  for (let agent = 0; agent < agents; agent += 1)
    for (let hour = 0; hour < (isByHours ? 8 : 1); hour += 1)
      ofPool.add('', 0, [
        {
          subject: PRESENCE,
          at: begin + (8 + hour) * 60 * 60 * 1_000,
          of: { agent: `agent-${agent}`, team: `team-${agent % TEAMS}` },
          add: { ...there, workSeconds: 2_500 },
        },
      ])
  await ofConversations.insert(ofContacts, hasRows)
  await ofPool.insert(pool, hasRows)
}

/** What a projection has written of a day. */
class Written {
  readonly #windows: Windows
  readonly #isByHours: boolean
  readonly #figures = new Map<string, MetricDocument>()
  readonly #rows: CountedDocument[] = []

  constructor(windows: Windows, isByHours: boolean) {
    this.#windows = windows
    this.#isByHours = isByHours
  }

  /** @param id of the conversation; empty: of none */
  add(id: string, partition: number, counts: readonly Count[]): void {
    const measured = measurementsOf(counts, this.#windows)
    if (id !== '') this.#rows.push({ _id: id, streamId: '', seenVersion: 1, counts: countedOnce(measured) })
    for (const { add: sums, ...figure } of measured) {
      if (!this.#isByHours && figure.window.startsWith('hour ')) continue
      const _id = figureId({ ...figure, partition })
      const document = this.#figures.get(_id)
      if (document === undefined)
        this.#figures.set(_id, { _id, streamId: '', seenVersion: 1, ...figure, partition, sums: { ...sums } })
      else
        for (const [name, one] of Object.entries(sums)) document.sums[name] = (document.sums[name] ?? 0) + one
    }
  }

  async insert({ figures, counted }: FigureModel, hasRows: boolean): Promise<void> {
    const isMonths = ({ window }: MetricDocument) => window.startsWith('month ')
    const all = [...this.#figures.values()].filter((one) => !isMonths(one))
    // Of the company alone: each day of the month makes the same.
    await figures.bulkWrite(
      [...this.#figures.values()].filter(isMonths).map((replacement) => ({
        replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
      })),
    )
    for (let start = 0; start < all.length; start += BATCH)
      await figures.insertMany(all.slice(start, start + BATCH), { ordered: false })
    if (hasRows) await counted.insertMany(this.#rows, { ordered: false })
  }
}
