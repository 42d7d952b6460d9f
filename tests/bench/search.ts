import { type SearchQuestion, conversationFinder, conversationSearch } from '@parley/archive'
import type { PagePlace } from '@parley/eventlog'
import type { Db } from 'mongodb'
import { type Aim, percentile, verdictOf } from './report.ts'

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000
const BEGIN = Date.UTC(2025, 0, 1)
const WORDS = 20_000
const WORDS_EACH = 40
const AGENTS = 2_000
const QUEUES = 20
const REASONS = ['solved', 'no_answer', 'silence', 'flow_ended', 'left']
const PAGE = 50
const BATCH = 2_000
const ASKED_EACH = 40

export interface SearchTimes {
  readonly name: string
  readonly p50Ms: number
  readonly p95Ms: number
  readonly foundCount: number
}

/** A year of conversations as the projection writes them, and pages of what supervisors ask, each as often with other words, people and days. */
export async function benchSearch(db: Db, conversations: number): Promise<readonly SearchTimes[]> {
  const model = await conversationSearch.open(db, 1)
  const next = chance(20_260_302)
  // Few words are in very many conversations, as in any language.
  const word = () => `w${Math.floor(WORDS ** next()) - 1}`
  const dayOf = (at: number) => new Date(BEGIN + at).toISOString()
  for (let begun = 0; begun < conversations; begun += BATCH) {
    const documents = Array.from({ length: Math.min(BATCH, conversations - begun) }, (_, nth) => {
      const agent = `agent-${Math.floor(next() * AGENTS)}`
      const words = new Set(Array.from({ length: WORDS_EACH }, word))
      return {
        _id: `conversation-${begun + nth}`,
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

  const team = new Map(
    Array.from({ length: AGENTS }, (_, nth) => [
      `agent-${nth}`,
      { id: `agent-${nth}`, team: `team-${nth % 20}` } as never,
    ]),
  )
  const find = conversationFinder(
    () => model,
    team,
    () => new Date(BEGIN + YEAR_MS),
  )
  const nothing = {
    text: '',
    agentId: undefined,
    queue: undefined,
    from: undefined,
    to: undefined,
    reason: undefined,
    scoreBelow: undefined,
  }
  const ofTeam = { kind: 'part', personId: 'supervisor', team: 'team-7', queues: ['queue-1'] } as const
  const queue = () => `queue-${Math.floor(next() * QUEUES)}`
  const rare = () => `w${Math.floor(WORDS / 2 + (next() * WORDS) / 2)}`
  const common = () => `w${Math.floor(next() * 20)}`
  const someWeek = () => {
    const from = next() * (YEAR_MS - 7 * 24 * 60 * 60 * 1_000)
    return { from: dayOf(from), to: dayOf(from + 7 * 24 * 60 * 60 * 1_000) }
  }
  const somewhere = () => ({ at: dayOf(next() * YEAR_MS), id: '' })
  const asked: Readonly<Record<string, () => Partial<SearchQuestion> & { readonly after?: PagePlace }>> = {
    'everything, newest first': () => ({}),
    'a common word': () => ({ text: common() }),
    'a rare word': () => ({ text: rare() }),
    'a common and a rare word': () => ({ text: `${common()} ${rare()}` }),
    'three common words': () => ({ text: `${common()} ${common()} ${common()}` }),
    'words that begin so': () => ({ text: `${rare().slice(0, 5)}*` }),
    'many words that begin so': () => ({ text: `w${1 + Math.floor(next() * 9)}*` }),
    'an agent': () => ({ agentId: `agent-${Math.floor(next() * AGENTS)}` }),
    'a queue in a week': () => ({ queue: queue(), ...someWeek() }),
    'a low score in a queue': () => ({ queue: queue(), scoreBelow: 3 }),
    'a word in a week, closed for a reason': () => ({ text: common(), reason: 'solved', ...someWeek() }),
    'a sentence of 30 words': () => ({ text: Array.from({ length: 30 }, common).join(' ') }),
    'what a figure counts on a day': () => {
      const day = Math.round(conversations / 365)
      const first = Math.floor(next() * (conversations - day))
      return { ids: Array.from({ length: day }, (_, nth) => `conversation-${first + nth}`) }
    },
    'a later page of everything': () => ({ after: somewhere() }),
    'a later page of a common word': () => ({ text: common(), after: somewhere() }),
  }
  const times: SearchTimes[] = []
  for (const [name, question] of Object.entries(asked))
    for (const scope of [{ kind: 'all' } as const, ofTeam]) {
      const of = scope.kind === 'all' ? '' : ', of a team of 100'
      const ask = async () => {
        const { after, ...asks } = question()
        return (await find(scope, { ...nothing, ...asks }, PAGE, after)).found.length
      }
      times.push(await askedOften(`${name}${of}`, ask))
    }
  return times
}

/** @param ask resolves to how many rows it found */
export async function askedOften(name: string, ask: () => Promise<number>): Promise<SearchTimes> {
  const took: number[] = []
  let foundCount = 0
  for (let nth = 0; nth < ASKED_EACH; nth += 1) {
    const beganAt = performance.now()
    foundCount += await ask()
    took.push(performance.now() - beganAt)
  }
  const sorted = took.toSorted((one, other) => one - other)
  return {
    name,
    p50Ms: percentile(sorted, 0.5),
    p95Ms: percentile(sorted, 0.95),
    foundCount: Math.round(foundCount / ASKED_EACH),
  }
}

const P95_MS_MAX = 300

export function aimsOfSearch(times: readonly SearchTimes[]): readonly Aim[] {
  return times.map(({ name, p95Ms }) => ({
    what: `${name}: p95 ${p95Ms.toFixed(1)} ms (aim: below ${P95_MS_MAX})`,
    holds: p95Ms < P95_MS_MAX,
  }))
}

export function searchReport(times: readonly SearchTimes[], conversations: number): string {
  const rows = times.map(
    ({ name, p50Ms, p95Ms, foundCount }) =>
      `  ${name.padEnd(60)} ${p50Ms.toFixed(1).padStart(9)} ${p95Ms.toFixed(1).padStart(9)} ${String(foundCount).padStart(6)}`,
  )
  return [
    `pages of a search, of lists and of figures, over a year of ${conversations} conversations (aim: p95 below ${P95_MS_MAX} ms)`,
    `  ${''.padEnd(60)} ${'p50 ms'.padStart(9)} ${'p95 ms'.padStart(9)} ${'found'.padStart(6)}`,
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
