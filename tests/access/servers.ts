import {
  type DeclaredRoute,
  type Doorkeeper,
  type SignedIn,
  bodyOf,
  createHttpServer,
  createLogger,
  idempotencyKeyOf,
  listen,
  probeServer,
} from '@parley/service'
import type { Roster } from '@parley/people'
import { somebody } from '@parley/testkit'
import type { FastifyInstance } from 'fastify'
import { startSimulator } from '../../infra/simulator/src/index.ts'
import { type ConsoleSite, consoleSite } from '../../services/agent/src/adapters/console-site.ts'
import type {
  ConversationDocument,
  MessageDocument,
} from '../../services/agent/src/adapters/read-models/conversation-documents.ts'
import type { EvaluationDocument } from '../../services/agent/src/adapters/judging/evaluation-store.ts'
import type { Alert } from '../../services/agent/src/alerts/alert.ts'
import { UNKNOWN_CONTACT } from '../../services/agent/src/conversation/contact.ts'
import { NOTHING } from '../../services/agent/src/wallboard/wallboard.fixture.ts'
import { wallboardOf } from '../../services/agent/src/wallboard/wallboard.ts'
import { noConversation } from '../../services/agent/src/adapters/desk/sight.ts'
import { siteCookies } from '../../services/agent/src/adapters/sign-in/cookies.ts'
import { IdentityUnavailable } from '../../services/agent/src/adapters/sign-in/identity-client.ts'
import { pageAssets } from '../../services/archive/src/adapters/page-assets.ts'
import { transcriptSite } from '../../services/archive/src/adapters/transcript-site.ts'
import { webhookRoutes } from '../../services/gateway/src/adapters/webhook-routes.ts'

/** One of Parley's HTTP servers with its own routes, on a port of loopback; what lies behind the routes is empty. */
export interface Server {
  readonly name: string
  readonly url: string
  readonly routes: readonly DeclaredRoute[]
  close(): Promise<void>
}

export const HOSTS = ['localhost', '127.0.0.1']
const http = { hosts: HOSTS, trustedProxies: [], connectionsMax: 10_000, connectionsPerAddressMax: 10_000 }

/** Knows a person for each set of permissions that a cookie may name: `session=with:a,b`. Any other cookie is forged. */
export const anyPerson: Doorkeeper = {
  async signedIn({ headers: { cookie = '' } }) {
    const permissions = /^session=with:(.*)$/.exec(cookie)?.[1]
    if (permissions === undefined) return undefined
    const person: SignedIn = {
      id: 'p-1',
      login: 'ana',
      name: 'Ana',
      roles: ['agent', 'supervisor'],
      team: 'ours',
      vendor: null,
      permissions: permissions.split(',').filter((each) => each !== ''),
      sessionId: 's-1',
    }
    return person
  },
  refused: () => {},
}

export const cookieWith = (...permissions: readonly string[]): string =>
  `session=with:${permissions.join(',')}`

/** Of whatever a path may name, the one that another team has: by this id there is a conversation, its contact, a message, an evaluation, an alert, an offer, a television, an upload. */
export const THEIRS = 'theirs'
/** The conversation that the person has: what else its change names is looked at once it is seen. */
export const OURS = 'ours'
const ROSTER: Roster = {
  teams: new Map(
    ['ours', 'others'].map((id) => [id, { id, name: id, vendor: null, queues: [`queue of ${id}`] }]),
  ),
  people: new Map(
    [
      ['p-1', 'ours'],
      ['p-2', 'others'],
    ].map(([id = '', team = '']) => [id, somebody(id, team, 'agent')]),
  ),
}
const conversation = {
  _id: THEIRS,
  contact: { id: THEIRS, name: 'Maria', language: 'pt' },
  stage: { name: 'with_agent', since: new Date(0).toISOString(), isOnHold: false },
  queue: 'queue of others',
  agentId: 'p-2',
  lastAgentId: 'p-2',
  offeredTo: null,
} as unknown as ConversationDocument
const ownConversation: ConversationDocument = {
  ...conversation,
  _id: OURS,
  contact: { ...conversation.contact, id: OURS },
  queue: 'queue of ours',
  agentId: 'p-1',
  lastAgentId: 'p-1',
}
const message = {
  _id: THEIRS,
  conversationId: THEIRS,
  file: { sha256: 'a'.repeat(64), mimeType: 'image/jpeg', bytes: 1, filename: '' },
  deletedAt: null,
  isSensitive: false,
} as unknown as MessageDocument
const evaluation = {
  _id: THEIRS,
  conversationId: THEIRS,
  judgeId: 'p-3',
  subjectId: 'p-2',
  judges: 1,
  status: 'standing',
  replies: [],
} as unknown as EvaluationDocument
const alert = { id: THEIRS, conversationId: THEIRS, queue: 'queue of others', team: 'others' } as Alert
const television = { id: THEIRS, personId: 'p-2', filter: {}, expiresAt: new Date(0).toISOString() }
const named = <Thing>(thing: Thing, ids: readonly string[]) => (ids.includes(THEIRS) ? [thing] : [])

/** A path that the pattern matches. */
export const pathOf = ({ url }: DeclaredRoute, value = '1'): string =>
  url.replaceAll(/:\w+(?:\([^)]*\))?/g, value).replaceAll('*', value)

export const asksForPerson = ({ access }: DeclaredRoute): boolean =>
  access === 'signed in' || typeof access === 'object'

export const isApi = ({ url }: DeclaredRoute): boolean => url.startsWith('/api/')

/** How whoever is not signed in is answered: a page leads to the sign-in, all else says so. */
export const isTurnedAway = (
  route: DeclaredRoute,
  {
    status,
    code,
    location,
  }: { readonly status: number; readonly code: string | undefined; readonly location: string },
): boolean =>
  !isApi(route) && route.config.stream !== true && route.method === 'GET'
    ? status === 302 && location.startsWith('/sign-in?returnTo=%2F')
    : status === 401 && code === 'NOT_SIGNED_IN'

async function serve(name: string, app: FastifyInstance): Promise<Server> {
  const resource = await listen(app, '127.0.0.1', 0)
  return {
    name,
    url: `http://127.0.0.1:${resource.port}`,
    routes: app.declaredRoutes,
    close: () => resource.close(),
  }
}

/**
 * All of them. `routes.unit.test.ts` sees to it that none is made anywhere else.
 * @param doorkeeper of the console, which alone knows people
 */
export async function allServers(doorkeeper: Doorkeeper = anyPerson): Promise<readonly Server[]> {
  const webhooks = createHttpServer(http)
  webhookRoutes(
    webhooks,
    { accept: async () => true },
    {
      appSecrets: ['secret'],
      verifyTokens: ['token'],
      knownAccounts: new Set(),
      budget: {
        bytesMax: 2 ** 26,
        smallBytesMax: 2 ** 16,
        smallShareBytes: 2 ** 24,
        stillMs: 10_000,
        graceWhereFullMs: 250,
      },
      now: () => 0,
      traceparent: () => '',
      noticed: () => {},
    },
  )
  const simulator = await startSimulator({
    webhookUrl: 'http://127.0.0.1:9/webhook',
    numbers: [{ phoneNumberId: '1', wabaId: '2', displayPhoneNumber: '15550783881', name: 'Banco Aurora' }],
    appSecret: 'secret',
    verifyToken: 'token',
    accessToken: 'token',
  })
  const console = await consoleSite(emptyConsole(doorkeeper))
  return [
    await serve('console', console.app),
    await serve('webhooks', webhooks),
    await serve(
      'transcripts',
      transcriptSite({
        links: { open: async () => undefined, openAmong: async () => new Set() },
        transcript: async () => undefined,
        message: async () => undefined,
        whole: async () => undefined,
        recordView: () => {},
        company: { name: 'Banco Aurora', timeZone: 'UTC', agentName: () => undefined },
        assets: pageAssets(),
        showRevoked: false,
        readFile: async () => new Uint8Array(),
        viewsPerMinute: 60,
        http,
      }),
    ),
    {
      name: 'phone',
      url: simulator.url,
      routes: simulator.routes,
      close: () => simulator.close(),
    },
    await serve(
      'probes',
      probeServer(
        { isReady: () => true, notReady: () => [], stuck: () => [], scrape: async () => '' },
        HOSTS,
      ),
    ),
  ]
}

/** What lies behind the console's routes, and is empty. */
export function emptyConsole(doorkeeper: Doorkeeper): ConsoleSite {
  const away = () => Promise.reject(new IdentityUnavailable('no provider here'))
  return {
    http,
    limits: { streamsMax: 100, streamsPerAddressMax: 100, streamsPerSessionMax: 8 },
    log: createLogger({ service: 'test', level: 'silent' }),
    doorkeeper,
    quickReplies: [],
    names: { queues: {}, closeReasons: {}, flows: {}, steps: {}, answers: {} },
    deskSettings: { of: async () => ({}), keep: async () => {} },
    live: { of: () => ({ subscribe: () => () => {}, changed: () => {}, close: () => {} }) },
    desk: {
      conversations: {
        overview: () => Promise.reject(new Error('not asked for here')),
        waiting: async () => [],
        openCounts: async () => [],
        list: async () => ({ conversations: [], next: null }),
        count: async () => 0,
        conversations: async (ids) => [
          ...named(conversation, ids),
          ...(ids.includes(OURS) ? [ownConversation] : []),
        ],
        messages: async () => ({ messages: [], before: null }),
        messagesById: async (ids) => named(message, ids),
        sensitive: async () => [],
        search: async () => [],
        ofContact: async (_viewer, id) => (id === OURS ? [ownConversation] : []),
        contact: async (id) => (id === THEIRS ? { ...UNKNOWN_CONTACT } : UNKNOWN_CONTACT),
        presentContactId: async (id) => id,
        learnt: async () => [],
        moods: async () => new Map(),
        byProviderId: async () => new Map(),
      },
      desks: {
        draft: async () => null,
        drafted: async () => new Set(),
        readUpTo: async () => new Map(),
        setDraft: async () => true,
        setRead: async () => {},
      },
      feed: {
        given: async (lastEventId) => lastEventId,
        goesOnFrom: () => true,
        open: () => () => {},
        watcher: () => ({ told: () => [] }),
        readPosition: async () => '0',
        beginning: async () => '0!',
        position: () => '0',
        newest: (read) => read,
        pool: {
          has: () => false,
          statusOf: () => 'offline',
          now: () => ({ agents: [], queues: [], flows: [] }),
          hasQueue: () => false,
          closeReasonsOf: () => [],
          offersTo: () => [],
          targets: undefined,
          alerts: [],
        },
      },
      sessions: { open: () => () => {}, signOut: async () => {} },
      record: async () => {},
      roster: ROSTER,
      wishes: {
        say: async () => ({ refusal: null, messageId: 'm-1', conversationId: OURS, position: '0' }),
        known: async () => undefined,
      },
      changes: {
        hold: async (request) => idempotencyKeyOf(request),
        async answer(request, reply, { scope, body, act }) {
          idempotencyKeyOf(request)
          await scope()
          const over = new AbortController()
          const outcome = await act(bodyOf(request, body), 'c-1', over.signal, false)
          if (outcome.kind === 'decided') return reply.send(outcome.answer)
          const { code, message, fields } = outcome
          return reply.code(409).send({ code, message, fields })
        },
      },
      offers: { offeredTo: async (id) => (id === THEIRS ? 'p-2' : undefined) },
      signs: { open: () => () => {}, typed: async () => {}, read: async () => {} },
      channel: {
        showTyping: async () => {},
        templates: async () => [],
        block: async () => undefined,
        unblock: async () => undefined,
      },
      files: {
        store: () => Promise.reject(new Error('not asked for here')),
        read: () => Promise.reject(new Error('not asked for here')),
      },
      uploads: {
        keep: async () => true,
        find: async (_personId, id) => (id === THEIRS ? 'of another' : undefined),
        count: async () => undefined,
      },
    },
    wallboard: {
      wallboards: {
        read: async () => wallboardOf(NOTHING),
        watch: () => () => {},
      },
      televisions: {
        add: async () => ({ token: 'token', expiresAt: new Date(0).toISOString() }),
        list: async (personId) => (personId === undefined || personId === 'p-2' ? [television] : []),
        remove: async () => {},
        of: async () => undefined,
      },
      personNow: async () => undefined,
      targets: () => undefined,
    },
    alerts: {
      alerts: {
        page: async () => [],
        byId: async (id) => named(alert, [id])[0],
        acknowledge: async () => undefined,
      },
      changed: () => {},
    },
    judging: {
      evaluations: {
        ofConversations: async (ids) => named(evaluation, ids),
        byId: async (id) => named(evaluation, [id])[0] ?? null,
        about: async () => [],
        by: async () => [],
        appealed: async () => [],
        calibrated: async () => [],
        judgedBelow: async () => [],
        decided: () => Promise.reject(new Error('not asked for here')),
      },
      scorecards: { forms: [], samples: [] },
      say: async () => {},
    },
    entries: async () => ({ entries: [], cursor: null }),
    issueLink: () => Promise.reject(noConversation()),
    find: async () => ({ conversations: [], cursor: null, countedInAll: 0, isBehind: false, position: '' }),
    figures: async () => ({ version: 1, unit: 'count', rows: [], position: '' }),
    now: () => new Date(0),
    company: { name: 'Banco Aurora', timeZone: 'UTC' },
    publicUrl: new URL('http://127.0.0.1'),
    identity: { authorizationUrl: away, vouched: away, loggedOut: away, signInFailed: away },
    people: { teams: new Map(), bySubject: async () => undefined, named: () => undefined },
    sessions: {
      begin: async () => 'session',
      endOfBrowser: async (id: string) => [id],
      endOfCookie: async () => {},
      endOfProvider: async () => [],
    },
    signIns: {
      begin: async () => true,
      take: async () => undefined,
    },
    counted: { add: async () => {} },
    cookies: siteCookies(false),
    record: async () => {},
  }
}
