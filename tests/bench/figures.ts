import {
  type FigureQuestion,
  Windows,
  type CountedDocument,
  conversationFigures,
  countedOnce,
  measurementsOf,
  readCounted,
  readFigure,
} from '@parley/archive'
import { type MetricDocument, figureId } from '@parley/eventlog'
import { CONVERSATIONS, figureNamed } from '@parley/figures'
import type { Db } from 'mongodb'
import { type SearchTimes, askedOften } from './search.ts'

const ZONE = 'America/Sao_Paulo'
const PARTITIONS = 12
const AGENTS = 2_000
const TEAMS = 20
const QUEUES = 20
const DAY_MS = 24 * 60 * 60 * 1_000
const BEGIN = Date.parse('2025-01-01T03:00:00.000Z')
const DAYS = 365
const BATCH = 5_000
/** Of an answer of the archive. */
const ROWS_MAX = 20_000

/** The figures of a year of closed conversations as the projection writes them, and what pages ask of them. */
export async function benchFigures(db: Db, conversations: number): Promise<readonly SearchTimes[]> {
  const { figures, counted } = await conversationFigures(ZONE).open(db, 1)
  const windows = new Windows(ZONE)
  for (let day = 0; day < DAYS; day += 1)
    await insertDay({ figures, counted }, windows, day, Math.round(conversations / DAYS))

  let state = 20_260_302
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
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
      async () => (await readFigure(figures, windows, { figure, ...question() }, ROWS_MAX))?.length ?? 0,
    )
  const closed = { figure: figureNamed('closed')!, by: 'queue', isDenominator: false } as const
  await time('which conversations a day of a queue counts', async () => {
    const found = await readCounted(counted, windows, { ...closed, keys: ['queue-7'], ...days(1) }, ROWS_MAX)
    return found?.size ?? 0
  })
  await time('which conversations a year of an agent counts', async () => {
    const asked = { ...closed, by: 'agent', keys: ['agent-7'], ...days(DAYS) } as const
    return (await readCounted(counted, windows, asked, ROWS_MAX))?.size ?? 0
  })
  return times
}

async function insertDay(
  {
    figures,
    counted,
  }: Pick<Awaited<ReturnType<ReturnType<typeof conversationFigures>['open']>>, 'figures' | 'counted'>,
  windows: Windows,
  day: number,
  conversations: number,
): Promise<void> {
  const documents = new Map<string, MetricDocument>()
  const rows: CountedDocument[] = []
  for (let nth = 0; nth < conversations; nth += 1) {
    const at = BEGIN + day * DAY_MS + Math.floor((nth / conversations) * DAY_MS)
    const agent = (nth * 7_919 + day * 31) % AGENTS
    const of = {
      queue: `queue-${nth % QUEUES}`,
      agent: `agent-${agent}`,
      team: `team-${agent % TEAMS}`,
      flow: 'atendimento',
    }
    const add = { closed: 1, openSeconds: 60 + (nth % 900), closedByPeople: 1, hadRobot: 1 }
    const partition = (nth * 31 + day) % PARTITIONS
    const measured = measurementsOf([{ subject: CONVERSATIONS, at, of, add }], windows)
    rows.push({ _id: `c-${day}-${nth}`, streamId: '', seenVersion: 1, counts: countedOnce(measured) })
    for (const { add: sums, ...figure } of measured) {
      const _id = figureId({ ...figure, partition })
      const document = documents.get(_id)
      if (document === undefined)
        documents.set(_id, { _id, streamId: '', seenVersion: 1, ...figure, partition, sums: { ...sums } })
      else
        for (const [name, one] of Object.entries(sums)) document.sums[name] = (document.sums[name] ?? 0) + one
    }
  }
  const all = [...documents.values()]
  for (let start = 0; start < all.length; start += BATCH)
    await figures.insertMany(all.slice(start, start + BATCH), { ordered: false })
  await counted.insertMany(rows, { ordered: false })
}
