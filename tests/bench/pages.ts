import { type Roster, permissionsOf } from '@parley/people'
import { MetricsServiceClient } from '@parley/proto/metrics'
import { SearchServiceClient } from '@parley/proto/search'
import { createHttpServer, grpcClient, grpcIdentity, listen, startGrpcServer } from '@parley/service'
import { callerCredentials, callerEnv, somebody } from '@parley/testkit'
import type { Windows } from '../../services/archive/src/metrics/windows.ts'
import { archivePeople } from '../../services/archive/src/adapters/archive-people.ts'
import type { FigureModel } from '../../services/archive/src/adapters/figure-projections.ts'
import { metricsGrpc } from '../../services/archive/src/adapters/metrics-grpc.ts'
import { searchGrpc } from '../../services/archive/src/adapters/search-grpc.ts'
import { type SearchModel, conversationFinder } from '../../services/archive/src/adapters/search-store.ts'
import {
  type FigureReader,
  archivedFigures,
} from '../../services/agent/src/adapters/archive/figures-client.ts'
import { metricsRoutes } from '../../services/agent/src/adapters/archive/figures-routes.ts'
import { archiveFinder } from '../../services/agent/src/adapters/archive/search-client.ts'
import { searchRoutes } from '../../services/agent/src/adapters/archive/search-routes.ts'
import { AT_A_GLANCE, type By } from '../../services/console/src/figures/catalogue.ts'
import type { Period } from '../../services/console/src/figures/period.ts'
import { type Part, askedOf } from '../../services/console/src/figures/question.ts'
import { byKey } from '../../services/console/src/figures/worth.ts'

export interface PagesServed {
  readonly conversations: FigureModel
  readonly pool: FigureModel
  readonly search: SearchModel
  readonly windows: Windows
  readonly timeZone: string
  readonly roster: Roster
  readonly now: () => Date
}

export interface Pages extends AsyncDisposable {
  /** Of whoever asks: their id. @throws {Error} where it is refused */
  get(person: string, address: string): Promise<any>
  /** As the wallboard asks for the figures of its day. */
  readonly figures: FigureReader
}

/** Lines of one chart. */
const LINES_MAX = 5

/**
 * The archive's doors over read models as they stand, and before them the routes of the agent service that pages of figures and of search ask: all that
 * a page waits for but the sign-in and the browser.
 */
export async function servePages({
  conversations,
  pool,
  search,
  windows,
  timeZone,
  roster,
  now,
}: PagesServed): Promise<Pages> {
  await using undo = new AsyncDisposableStack()
  // What is read stands still.
  const standing = { whenProcessed: async () => true, progress: () => new Map<number, bigint>() }
  const people = archivePeople(roster, { changesOf: async () => ({}) })
  const counting = {
    conversations: { ...standing, model: conversations },
    pool: { ...standing, model: pool },
    windows,
    roster,
  }
  const grpc = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    isReady: () => true,
    permits: people.permits,
    identity: await grpcIdentity('archive', callerEnv('archive')),
    services: [
      metricsGrpc({ ...counting, people, now }),
      searchGrpc({
        search: conversationFinder(() => search, roster.people, now),
        projection: standing,
        offsets: async () => [],
        people,
        counting,
        now,
      }),
    ],
  })
  undo.defer(() => grpc.close())
  const address = `127.0.0.1:${grpc.port}`
  const credentials = await callerCredentials('agent')
  const metrics = undo.adopt(grpcClient(MetricsServiceClient, address, credentials), (it) => it.close())
  const searching = undo.adopt(grpcClient(SearchServiceClient, address, credentials), (it) => it.close())
  const name = (id: string) => roster.people.get(id)?.name ?? null
  const figures = archivedFigures(metrics)
  const app = createHttpServer({
    hosts: ['127.0.0.1'],
    doorkeeper: {
      async signedIn({ headers }) {
        const person = roster.people.get(String(headers['x-person']))
        return person && { ...person, permissions: permissionsOf(person.roles), sessionId: person.id }
      },
      refused: () => {},
    },
  })
  metricsRoutes(app, { figures, company: { timeZone }, now, record: async () => {}, name })
  searchRoutes(app, {
    // Nothing of it is at the desk any more.
    find: archiveFinder(searching, {
      conversations: { conversations: async () => [] },
      rows: async () => [],
      name,
    }),
    company: { timeZone },
    desk: { roster },
    judging: { evaluations: { judgedBelow: async () => [], ofConversations: async () => [] } },
    now,
  })
  const http = await listen(app, '127.0.0.1', 0)
  undo.defer(() => http.close())
  const running = undo.move()
  return {
    figures,
    async get(person, path) {
      const answer = await fetch(`http://127.0.0.1:${http.port}${path}`, { headers: { 'x-person': person } })
      const body = await answer.json()
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`)
      return body
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** A page of figures as the console asks for it: what is seen at a glance, what each is worth, how it went, and the lines of those that count most. @returns how many rows */
export async function askFigures(
  { get }: Pages,
  person: string,
  by: By,
  period: Period,
  metric = AT_A_GLANCE[by][0]!,
): Promise<number> {
  const question = { by, metric, window: 'day', period, key: undefined, isCompared: false } as const
  const ask = async (part: Part, of = metric) =>
    get(person, `/api/metrics?${String(askedOf({ ...question, metric: of }, period, part))}`)
  let rowCount = 0
  const count = <Answer extends { readonly rows: readonly object[] }>(answer: Answer): Answer => {
    rowCount += answer.rows.length
    return answer
  }
  const [totals] = await Promise.all([
    ask({ of: 'totals' }).then(count),
    // The page asks for the same once.
    ...AT_A_GLANCE[by].filter((one) => one !== metric).map((one) => ask({ of: 'totals' }, one).then(count)),
  ])
  const keys = [...byKey(totals.unit, totals.rows).keys()].slice(0, LINES_MAX)
  if (by !== '' && metric !== 'flow_step_reached')
    await Promise.all([ask({ of: 'course' }).then(count), ask({ of: 'lines', keys }).then(count)])
  return rowCount
}

/** Agents in teams of a hundred, a supervisor of one team and one of all. */
export function rosterOf(agents: number, teams: number): Roster {
  const all = [
    ...Array.from({ length: agents }, (_, nth) => somebody(`agent-${nth}`, `team-${nth % teams}`, 'agent')),
    somebody('supervisor', 'team-7', 'supervisor'),
    somebody('manager', null, 'supervisor'),
  ]
  const team = (nth: number) => ({
    id: `team-${nth}`,
    name: `team-${nth}`,
    vendor: `vendor-${nth % 4}`,
    queues: [`queue-${nth}`],
  })
  return {
    people: new Map(all.map((one) => [one.id, one])),
    teams: new Map(Array.from({ length: teams }, (_, nth) => [`team-${nth}`, team(nth)])),
  }
}
