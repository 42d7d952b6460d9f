// The console's pages over their real routes, with figures and conversations of the test behind them.
import { once } from 'node:events'
import type { AuditEntry } from '@parley/audit'
import { type Roster, permissionsOf } from '@parley/people'
import { somebody } from '@parley/testkit'
import { type HttpRefusal, createHttpServer, listen } from '@parley/service'
import { deskPage } from '../../services/agent/src/adapters/desk/page.ts'
import { addDeskSettings } from '../../services/agent/src/adapters/desk/settings.ts'
import { addMeRoutes } from '../../services/agent/src/adapters/desk/me-routes.ts'
import type { FigureQuery, ReadFigure } from '../../services/agent/src/adapters/archive/figures-client.ts'
import { metricsRoutes } from '../../services/agent/src/adapters/archive/figures-routes.ts'
import type { FoundRow, SearchQuery } from '../../services/agent/src/adapters/archive/search-client.ts'
import { addTranscriptLinks } from '../../services/agent/src/adapters/archive/transcript-links.ts'
import { searchRoutes } from '../../services/agent/src/adapters/archive/search-routes.ts'

export const TIME_ZONE = 'America/Sao_Paulo'
const PEOPLE = [
  { ...somebody('p01', 'atendimento', 'agent'), name: 'Ana Souza' },
  { ...somebody('p02', 'atendimento', 'agent'), name: 'Bruno Lima' },
  { ...somebody('p07', 'atendimento', 'supervisor'), name: 'Sônia Castro' },
  { ...somebody('p09', null, 'supervisor'), name: 'Vera Campos' },
]
const QUEUES = ['general', 'cards']
const JUDGED = {
  conversationId: 'new',
  form: 'service',
  judgeId: 'p07',
  subjectId: 'p01',
  judges: 1,
  score: 40,
  status: 'standing',
}
const words = (pt: string, en: string, bn: string) => ({ pt, en, bn })
const NAMES = {
  queues: { cards: words('Cartões', 'Cards', 'কার্ড') },
  closeReasons: { no_answer: words('Cliente não respondeu', 'Customer did not answer', 'গ্রাহক উত্তর দেননি') },
  flows: { lost_card: words('Cartão perdido', 'Lost card', 'হারানো কার্ড') },
  steps: { cpf: words('Pergunta o CPF', 'Asks for the CPF', 'CPF জানতে চায়') },
  answers: {},
}
const roster: Roster = {
  teams: new Map([['atendimento', { id: 'atendimento', name: 'Atendimento', vendor: null, queues: QUEUES }]]),
  people: new Map(PEOPLE.map((person) => [person.id, person])),
}

export interface PagesSite extends AsyncDisposable {
  readonly url: string
  readonly audit: readonly AuditEntry[]
  /** Every address that was asked for. */
  readonly addresses: readonly string[]
  readonly searched: readonly SearchQuery[]
  /** Those that were issued. */
  readonly links: readonly { readonly conversationId: string; readonly person: string }[]
  /** What is asked next is answered so; undefined: as ever. */
  fail(refusal: HttpRefusal | undefined): void
  /** Figures that are asked next are not answered. @returns how many are waited for still, and by how many nobody waits any more */
  hold(): { readonly waitedFor: number; readonly left: number; release(): void }
}

export async function pagesSite({
  figure = () => [],
  found = () => [],
}: {
  readonly figure?: (query: FigureQuery) => ReadFigure['rows']
  readonly found?: (query: SearchQuery) => readonly FoundRow[]
}): Promise<PagesSite> {
  const audit: AuditEntry[] = []
  const addresses: string[] = []
  const searched: SearchQuery[] = []
  const links: { readonly conversationId: string; readonly person: string }[] = []
  const settings = new Map<string, object>()
  let failure: HttpRefusal | undefined
  let held: { waitedFor: number; left: number } | undefined
  const app = createHttpServer({
    hosts: ['127.0.0.1'],
    trustedProxies: [],
    connectionsMax: 100,
    connectionsPerAddressMax: 100,
    doorkeeper: {
      async signedIn({ headers }) {
        const id = /person=(\w+)/.exec(headers.cookie ?? '')?.[1]
        const person = PEOPLE.find((one) => one.id === id)
        return person && { ...person, permissions: permissionsOf(person.roles), sessionId: person.id }
      },
      refused: () => {},
    },
  })
  app.addHook('onRequest', async ({ url }) => void addresses.push(url))
  deskPage(app)
  app.get('/icon.svg', { config: { access: 'public' } }, async (_request, reply) =>
    reply.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  )
  addDeskSettings(app, {
    deskSettings: {
      of: async (id) => settings.get(id) ?? {},
      keep: async (id, changed) => void settings.set(id, { ...settings.get(id), ...changed }),
    },
  })
  const queue = {
    waitingCount: 0,
    longestWaitingSince: null,
    offeredCount: 0,
    withAgentCount: 0,
    isOpen: true,
    closeReasons: ['solved', 'no_answer'],
  }
  const pool = {
    now: () => ({
      agents: ['p01', 'p02'].map((id) => ({ id, status: 'available', queues: QUEUES })),
      queues: QUEUES.map((name) => ({ ...queue, name })),
      flows: [{ name: 'lost_card', steps: ['start', 'person', 'cpf', 'confirm'] }],
    }),
  }
  addMeRoutes(app, {
    feed: { pool: pool as never, beginning: async () => '' },
    roster,
    quickReplies: [],
    names: NAMES,
    company: { timeZone: TIME_ZONE },
  })
  const unit = (metric: string): string =>
    /level|rate|abandonment|csat|containment|occupancy|completion|step/.test(metric)
      ? 'percent'
      : /time|speed/.test(metric)
        ? 'seconds'
        : 'count'
  metricsRoutes(app, {
    company: { timeZone: TIME_ZONE },
    now: () => new Date(),
    record: async (entry) => void audit.push(entry),
    name: (id) => roster.people.get(id)?.name ?? null,
    async figures(query, _person, signal) {
      if (failure !== undefined) throw failure
      const holding = held
      if (holding !== undefined) {
        holding.waitedFor += 1
        await once(signal!, 'abort')
        holding.waitedFor -= 1
        holding.left += 1
        throw signal!.reason as Error
      }
      return { version: 1, unit: unit(query.metric), rows: figure(query), position: '0:7' }
    },
  })
  searchRoutes(app, {
    now: () => new Date(),
    company: { timeZone: TIME_ZONE },
    desk: { roster },
    judging: {
      evaluations: { judgedBelow: async () => ['new'], ofConversations: async () => [JUDGED as never] },
    },
    async find(query) {
      if (failure !== undefined) throw failure
      searched.push(query)
      const conversations = found(query)
      const at = Number(query.cursor || 0)
      const next = conversations.length > at + 50 ? String(at + 50) : null
      return {
        conversations: conversations.slice(at, at + 50),
        cursor: next,
        countedInAll: 0,
        isBehind: false,
        position: '0:7',
      }
    },
  })
  addTranscriptLinks(app, {
    desk: {
      conversations: { conversations: async () => [] },
      feed: { position: () => '', readPosition: async () => '' },
      roster,
    },
    async issueLink(conversationId, person) {
      links.push({ conversationId, person })
      return { url: '/icon.svg', expiresAt: new Date().toISOString() }
    },
  })
  const server = await listen(app, '127.0.0.1', 0)
  return {
    url: `http://127.0.0.1:${server.port}`,
    audit,
    addresses,
    searched,
    links,
    fail: (refusal) => (failure = refusal),
    hold() {
      held = { waitedFor: 0, left: 0 }
      return Object.assign(held, { release: () => void (held = undefined) })
    },
    async [Symbol.asyncDispose]() {
      await server.drain?.()
      await server.close()
    },
  }
}
