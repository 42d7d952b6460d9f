import {
  type FigureQuestion,
  Windows,
  type CountedDocument,
  conversationFigures,
  countedOnce,
  measurementsOf,
  poolFigures,
  readCounted,
  readFigure,
} from '@parley/archive'
import { type Measurement, type MetricDocument, figureId } from '@parley/eventlog'
import { CONVERSATIONS, FIGURES, HANDLING, POOL_SUBJECTS, STEPS, WAITS, figureNamed } from '@parley/figures'
import type { Db } from 'mongodb'
import { type SearchTimes, askedOften, chance } from './search.ts'

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
/** Of an answer of the archive. */
const ROWS_MAX = 20_000

/** The figures of a year of conversations as the projections write them, and what pages ask of them. */
export async function benchFigures(db: Db, conversations: number): Promise<readonly SearchTimes[]> {
  const models = {
    conversations: await conversationFigures(ZONE).open(db, 1),
    pool: await poolFigures(ZONE).open(db, 1),
  }
  const { counted } = models.conversations
  const windows = new Windows(ZONE)
  for (let day = 0; day < DAYS; day += 1)
    await insertDay(models, windows, day, Math.round(conversations / DAYS))

  // As the archive does within ten minutes of the end of a day.
  const subjects = new Set(FIGURES.map(({ subject }) => subject))
  const today = windows.nameAt('day', Date.now())
  for (const { sums } of Object.values(models)) await sums.keep(subjects, today, new AbortController().signal)

  const next = chance(20_260_302)
  const days = (count: number) => {
    const from = BEGIN + Math.floor(next() * (DAYS - count)) * DAY_MS
    return { from, to: from + count * DAY_MS }
  }
  const named = (keys: readonly string[]) => new Map(keys.map((key) => [key, key]))
  const agents = (count: number) => named(Array.from({ length: count }, (_, nth) => `agent-${nth}`))
  const asked: Readonly<Record<string, () => Omit<FigureQuestion, 'figure'>>> = {
    'a year of the company, by days': () => ({ by: undefined, window: 'day', ...days(DAYS) }),
    'a quarter of each queue, by days': () => ({ by: 'queue', window: 'day', ...days(91) }),
    'a week of each team, by hours': () => ({ by: 'team', window: 'hour', ...days(7) }),
    'a week of each of 2,000 agents, by days': () => ({ by: 'agent', window: 'day', ...days(7) }),
    'a day of each of 2,000 agents, by hours': () => ({ by: 'agent', window: 'hour', ...days(1) }),
    'a year of each queue, by days': () => ({ by: 'queue', window: 'day', ...days(DAYS) }),
    'a year of each queue together': () => ({
      by: 'queue',
      window: 'day',
      together: 'windows',
      ...days(DAYS),
    }),
    'four weeks of each of 2,000 agents together': () => ({
      by: 'agent',
      window: 'day',
      together: 'windows',
      ...days(28),
    }),
    'four weeks of 2,000 agents together, by days': () => ({
      by: 'agent',
      window: 'day',
      together: 'keys',
      ...days(28),
    }),
    'a year of five agents, by days': () => ({
      by: 'agent',
      window: 'day',
      keys: agents(5),
      ...days(DAYS),
    }),
    'a day of a team of 100 agents': () => ({ by: 'agent', window: 'day', keys: agents(100), ...days(1) }),
    'a day of three queues': () => ({
      by: 'queue',
      window: 'day',
      keys: named(['queue-1', 'queue-2', 'queue-3']),
      ...days(1),
    }),
    'a year of each of 2,000 agents together': () => ({
      by: 'agent',
      window: 'day',
      together: 'windows',
      ...days(DAYS),
    }),
  }
  const times: SearchTimes[] = []
  const time = async (name: string, ask: () => Promise<number>) =>
    void times.push(await askedOften(`figures: ${name}`, ask))
  const figure = figureNamed('conversation_time')!
  for (const [name, question] of Object.entries(asked))
    await time(
      name,
      async () =>
        (await readFigure(models.conversations, windows, { figure, ...question() }, Date.now(), ROWS_MAX))
          ?.length ?? 0,
    )
  // As pages ask: several at once.
  const together = async (
    asked: readonly (readonly [metric: string, by: FigureQuestion['by']])[],
    question: Omit<FigureQuestion, 'figure' | 'by'>,
  ): Promise<number> => {
    const rows = await Promise.all(
      asked.map(([metric, by]) => {
        const figure = figureNamed(metric)!
        const model = POOL_SUBJECTS.has(figure.subject) ? models.pool : models.conversations
        return readFigure(model, windows, { figure, by, ...question }, Date.now(), ROWS_MAX)
      }),
    )
    return rows.reduce((sum, some) => sum + (some?.length ?? 0), 0)
  }
  const whole = { window: 'day', together: 'windows' } as const
  const six = [
    'waits',
    'service_level',
    'average_speed_of_answer',
    'abandonment',
    'handle_time',
    'closed',
  ] as const
  const ofPeople = [
    'handled',
    'handle_time',
    'transfer_rate',
    'closed',
    'conversation_time',
    'wrap_up_time',
  ] as const
  const board = [
    ['service_level', 'queue'],
    ['abandonment', 'queue'],
    ['handled', 'queue'],
    ['handled', 'team'],
    ['handled', 'team'],
    ['containment', undefined],
    ['containment', 'flow'],
  ] as const
  const by = (metrics: readonly string[], of: FigureQuestion['by']) =>
    metrics.map((metric) => [metric, of] as const)
  for (const [name, count] of [
    ['a week', 7],
    ['four weeks', 28],
    ['a year', DAYS],
  ] as const) {
    await time(`six of each queue at once, ${name}`, () =>
      together(by(six, 'queue'), { ...whole, ...days(count) }),
    )
    await time(`six of each of 2,000 agents at once, ${name}`, () =>
      together(by(ofPeople, 'agent'), { ...whole, ...days(count) }),
    )
    await time(`a funnel, ${name}`, () =>
      together([['flow_step_reached', 'flow']], { ...whole, ...days(count) }),
    )
  }
  await time('the seven of a wallboard', () => together(board, { window: 'day', ...days(1) }))
  const closed = { figure: figureNamed('closed')!, by: 'queue', isDenominator: false } as const
  await time('which conversations a day of a queue counts', async () => {
    const found = await readCounted(counted, windows, { ...closed, keys: ['queue-7'], ...days(1) }, ROWS_MAX)
    return found?.size ?? 0
  })
  await time('which conversations ten days of the company count', async () => {
    const asked = { ...closed, by: undefined, keys: undefined, ...days(10) } as const
    return (await readCounted(counted, windows, asked, 100_000))?.size ?? 0
  })
  await time('which conversations a year of an agent counts', async () => {
    const asked = { ...closed, by: 'agent', keys: ['agent-7'], ...days(DAYS) } as const
    return (await readCounted(counted, windows, asked, ROWS_MAX))?.size ?? 0
  })
  return times
}

type Model = Awaited<ReturnType<ReturnType<typeof conversationFigures>['open']>>

async function insertDay(
  models: { readonly conversations: Model; readonly pool: Model },
  windows: Windows,
  day: number,
  conversations: number,
): Promise<void> {
  const ofConversations = new Written()
  const ofPool = new Written()
  for (let nth = 0; nth < conversations; nth += 1) {
    const at = BEGIN + day * DAY_MS + Math.floor((nth / conversations) * DAY_MS)
    const agent = (nth * 7_919 + day * 31) % AGENTS
    const [queue, flow] = [`queue-${nth % QUEUES}`, 'atendimento']
    const people = { queue, agent: `agent-${agent}`, team: `team-${agent % TEAMS}` }
    const closed = { closed: 1, openSeconds: 60 + (nth % 900), closedByPeople: 1, hadRobot: 1 }
    const reached = ['', ...STEPS_EACH].map((step) => ({
      subject: STEPS,
      at,
      of: { flow: step === '' ? flow : `${flow}/${step}` },
      add: { reached: 1 },
    }))
    const id = `c-${day}-${nth}`
    ofConversations.add(
      id,
      (nth * 31 + day) % PARTITIONS,
      measurementsOf(
        [{ subject: CONVERSATIONS, at, of: { ...people, flow }, add: closed }, ...reached],
        windows,
      ),
    )
    const answered = { answered: 1, answerSeconds: nth % 90, inTime: Number(nth % 5 > 0) }
    const handled = { handled: 1, withSeconds: 300, parkedSeconds: 0, wrapUpSeconds: 15 }
    // The pool is one stream, and in one partition.
    ofPool.add(
      id,
      0,
      measurementsOf(
        [
          { subject: WAITS, at, of: { queue }, add: { entered: 1 } },
          { subject: WAITS, at, of: people, add: answered },
          { subject: HANDLING, at, of: people, add: handled },
        ],
        windows,
      ),
    )
  }
  await ofConversations.insert(models.conversations)
  await ofPool.insert(models.pool)
}

/** What a projection has written of a day. */
class Written {
  readonly #figures = new Map<string, MetricDocument>()
  readonly #rows: CountedDocument[] = []

  add(id: string, partition: number, measured: readonly Measurement[]): void {
    this.#rows.push({ _id: id, streamId: '', seenVersion: 1, counts: countedOnce(measured) })
    for (const { add: sums, ...figure } of measured) {
      const _id = figureId({ ...figure, partition })
      const document = this.#figures.get(_id)
      if (document === undefined)
        this.#figures.set(_id, { _id, streamId: '', seenVersion: 1, ...figure, partition, sums: { ...sums } })
      else
        for (const [name, one] of Object.entries(sums)) document.sums[name] = (document.sums[name] ?? 0) + one
    }
  }

  async insert({ figures, counted }: Model): Promise<void> {
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
    await counted.insertMany(this.#rows, { ordered: false })
  }
}
