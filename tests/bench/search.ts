import { conversationSearch } from '@parley/archive'
import { cursorOf } from '@parley/eventlog'
import type { Db } from 'mongodb'
import type { SearchModel } from '../../services/archive/src/adapters/search-store.ts'
import type { Pages } from './pages.ts'
import { type Aim, percentile, verdictOf } from './report.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const YEAR_MS = 365 * DAY_MS
const BEGIN = Date.UTC(2025, 0, 1)
const WORDS = 20_000
const WORDS_EACH = 40
const AGENTS = 2_000
const QUEUES = 20
const REASONS = ['solved', 'no_answer', 'silence', 'flow_ended', 'left']
const BATCH = 2_000
const ASKED_EACH = 40

export interface SearchTimes {
  readonly name: string
  /** The very first, before anything of it was asked for. */
  readonly firstMs: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly foundCount: number
  /** Not answered, or with a refusal: such as what takes longer than a page waits. */
  readonly failedCount: number
}

const dayOf = (at: number) => new Date(BEGIN + at).toISOString()

/** The nth of a year, by its day: it is called the same in what figures count. */
export const idOf = (day: number, nth: number) => `c-${day}-${nth}`

/** A year of conversations as the projection writes them. */
export async function fillSearch(db: Db, conversations: number): Promise<SearchModel> {
  const model = await conversationSearch.open(db, 1)
  const next = chance(20_260_302)
  // Few words are in very many conversations, as in any language.
  const word = () => `w${Math.floor(WORDS ** next()) - 1}`
  const aDay = Math.round(conversations / 365)
  for (let begun = 0; begun < conversations; begun += BATCH) {
    const documents = Array.from({ length: Math.min(BATCH, conversations - begun) }, (_, nth) => {
      const agent = `agent-${Math.floor(next() * AGENTS)}`
      const words = new Set(Array.from({ length: WORDS_EACH }, word))
      return {
        _id: idOf(Math.floor((begun + nth) / aDay), (begun + nth) % aDay),
        streamId: `contact-${begun + nth}`,
        seenVersion: 30,
        channelAccountId: 'account',
        stage: 'closed' as const,
        language: 'pt',
        openedAt: dayOf(((begun + nth) / conversations) * YEAR_MS),
        closed: { at: dayOf(0), reason: REASONS[Math.floor(next() * REASONS.length)]! },
        messageCount: 20,
        processors: [],
        held: { by: 'nobody' as const },
        lastAgentId: agent,
        contactName: 'Ana',
        queues: [`queue-${Math.floor(next() * QUEUES)}`],
        agentIds: [agent],
        score: next() < 0.2 ? 1 + Math.floor(next() * 5) : null,
        continuesConversationId: '',
        lastMessage: null,
        said: [],
        ours: '',
        hidden: [],
        words: [...words],
      }
    })
    await model.collection.insertMany(documents, { ordered: false })
  }
  // Once, SecantusDB reads all documents before it looks into an index over a list: for each that asks meanwhile again, and all of them into memory.
  await model.collection.find().sort({ openedAt: -1 }).limit(1).toArray()
  return model
}

/** Pages of what supervisors ask, each as often with other words, people and days. */
export async function askSearch({ get }: Pages, often?: number): Promise<readonly SearchTimes[]> {
  const next = chance(20_260_303)
  const queue = () => `queue-${Math.floor(next() * QUEUES)}`
  const rare = () => `w${Math.floor(WORDS / 2 + (next() * WORDS) / 2)}`
  const common = () => `w${Math.floor(next() * 20)}`
  // As one writes: some are in most conversations, some in few.
  const word = () => `w${Math.floor(WORDS ** next()) - 1}`
  const someDays = (count: number) => {
    const from = Math.floor(next() * (365 - count)) * DAY_MS
    return { from: dayOf(from).slice(0, 10), to: dayOf(from + count * DAY_MS).slice(0, 10) }
  }
  const somewhere = () => cursorOf({ at: dayOf(next() * YEAR_MS), id: '' })
  const closed = { metric: 'closed', by: 'queue' }
  const asked: Readonly<Record<string, () => Readonly<Record<string, string>>>> = {
    'everything, newest first': () => ({}),
    'a common word': () => ({ text: common() }),
    'a rare word': () => ({ text: rare() }),
    'a common and a rare word': () => ({ text: `${common()} ${rare()}` }),
    'three common words': () => ({ text: `${common()} ${common()} ${common()}` }),
    'words that begin so': () => ({ text: `${rare().slice(0, 5)}*` }),
    'many words that begin so': () => ({ text: `w${1 + Math.floor(next() * 9)}*` }),
    'an agent': () => ({ agent: `agent-${Math.floor(next() * AGENTS)}` }),
    'a queue in a week': () => ({ queue: queue(), ...someDays(7) }),
    'a low score in a queue': () => ({ queue: queue(), scoreBelow: '3' }),
    'a word in a week, closed for a reason': () => ({ text: common(), reason: 'solved', ...someDays(7) }),
    'a sentence of 30 words': () => ({ text: Array.from({ length: 30 }, word).join(' ') }),
    'what a figure counts on a day, of a queue': () => ({ ...closed, key: queue(), ...someDays(1) }),
    'what a figure counts in ten days, of the company': () => ({ metric: 'closed', ...someDays(10) }),
    'what a figure counts in a year, of an agent': () => ({
      metric: 'closed',
      by: 'agent',
      key: 'agent-7',
      ...someDays(364),
    }),
    'a later page of everything': () => ({ cursor: somewhere() }),
    'a later page of a common word': () => ({ text: common(), cursor: somewhere() }),
  }
  const times: SearchTimes[] = []
  for (const [name, question] of Object.entries(asked))
    for (const person of ['manager', 'supervisor'] as const) {
      const of = person === 'manager' ? '' : ', of a team of 100'
      const ask = async () =>
        (await get(person, `/api/search?${String(new URLSearchParams(question()))}`)).conversations.length
      times.push(await askedOften(`${name}${of}`, ask, often))
    }
  return times
}

/**
 * @param ask resolves to how many rows it found
 * @param before what happens before each question, and is no part of its time
 */
export async function askedOften(
  name: string,
  ask: () => Promise<number>,
  often = ASKED_EACH,
  before?: () => Promise<unknown>,
): Promise<SearchTimes> {
  const took: number[] = []
  let foundCount = 0
  let failedCount = 0
  for (let nth = 0; nth < often; nth += 1) {
    await before?.()
    const beganAt = performance.now()
    await ask().then(
      (count) => (foundCount += count),
      () => (failedCount += 1),
    )
    took.push(performance.now() - beganAt)
  }
  const sorted = took.toSorted((one, other) => one - other)
  return {
    name,
    firstMs: took[0]!,
    p50Ms: percentile(sorted, 0.5),
    p95Ms: percentile(sorted, 0.95),
    foundCount: Math.round(foundCount / often),
    failedCount,
  }
}

const P95_MS_MAX = 300

export function aimsOfSearch(times: readonly SearchTimes[]): readonly Aim[] {
  return times.map(({ name, p95Ms, failedCount }) => ({
    what: `${name}: p95 ${p95Ms.toFixed(1)} ms (aim: below ${P95_MS_MAX})${failedCount === 0 ? '' : `, ${failedCount} not answered`}`,
    holds: p95Ms < P95_MS_MAX && failedCount === 0,
  }))
}

export function searchReport(times: readonly SearchTimes[], conversations: number): string {
  const rows = times.map(
    ({ name, firstMs, p50Ms, p95Ms, foundCount }) =>
      `  ${name.padEnd(60)} ${firstMs.toFixed(1).padStart(9)} ${p50Ms.toFixed(1).padStart(9)} ${p95Ms.toFixed(1).padStart(9)} ${String(foundCount).padStart(6)}`,
  )
  return [
    `pages of a search, of lists and of figures, over a year of ${conversations} conversations (aim: p95 below ${P95_MS_MAX} ms)`,
    `  ${''.padEnd(60)} ${'first ms'.padStart(9)} ${'p50 ms'.padStart(9)} ${'p95 ms'.padStart(9)} ${'found'.padStart(6)}`,
    ...rows,
    ...aimsOfSearch(times).map((one) => `  ${verdictOf(one)}`),
  ].join('\n')
}

/** The same in every run. */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
