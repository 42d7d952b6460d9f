import { randomUUID } from 'node:crypto'
import type { Role, Roster, RosterPerson } from '@parley/people'
import { somebody } from '@parley/testkit'
import { type DeclaredRoute, createLogger } from '@parley/service'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { siteCookies } from '../../services/agent/src/adapters/sign-in/cookies.ts'
import { doorkeeper } from '../../services/agent/src/adapters/sign-in/doorkeeper.ts'
import { PeopleStore } from '../../services/agent/src/adapters/sign-in/people-store.ts'
import { SessionStore } from '../../services/agent/src/adapters/sign-in/session-store.ts'
import { type Server, THEIRS, allServers, asksForPerson, isTurnedAway, pathOf } from './servers.ts'

// What people may do, once more and by hand: as the table of docs/guides/people.md says it, not as permissions.ts does.

const GRANTS: Readonly<Record<Role, readonly string[]>> = {
  agent: ['conversations.read', 'conversations.answer', 'conversations.assign'],
  supervisor: [
    'conversations.read',
    'conversations.answer',
    'conversations.assign',
    'conversations.supervise',
    'conversations.export',
    'metrics.read',
  ],
  auditor: ['conversations.read', 'conversations.export', 'metrics.read', 'audit.read'],
  administrator: ['conversations.read', 'metrics.read'],
}

/** Whether the role lets them see the one conversation that there is, which an agent of `others` has. */
const reaches = (role: Role, team: string | null): boolean =>
  role === 'auditor' ||
  role === 'administrator' ||
  team === 'others' ||
  (role === 'supervisor' && team === null)

interface Standing {
  readonly roles: readonly Role[]
  readonly team: string | null
}

const PEOPLE: Readonly<Record<string, Standing>> = {
  ana: { roles: ['agent'], team: 'ours' },
  rui: { roles: ['agent'], team: 'others' },
  sol: { roles: ['supervisor'], team: 'ours' },
  lia: { roles: ['supervisor'], team: null },
  otavio: { roles: ['auditor'], team: null },
  beto: { roles: ['agent', 'auditor'], team: 'ours' },
}
const NAMES = Object.keys(PEOPLE)
const ROLES: readonly (readonly Role[])[] = [
  ['agent'],
  ['supervisor'],
  ['auditor'],
  ['administrator'],
  ['agent', 'auditor'],
  ['agent', 'supervisor'],
  ['supervisor', 'administrator'],
]
const ISSUER = 'http://localhost:4704'
const IDLE_MINUTES = 60
const WHOLE_MINUTES = 12 * 60
/** Ahead of the store's own clock, which would sweep out what is over. */
const BEGIN = Date.now() + 48 * 3_600_000

let mongo: MongoClient

/** One replica of the console before the store that all share. A restart may bring another people.yaml. */
class Replica {
  #sessions!: SessionStore
  #people!: PeopleStore
  readonly teams = new Map(NAMES.map((name) => [name, PEOPLE[name]!.team]))
  servers: readonly Server[] = []

  async start(): Promise<void> {
    this.servers = await allServers(
      doorkeeper({
        sessions: { of: (cookie) => this.#sessions.of(cookie) },
        cookies: siteCookies(false),
        record: async () => {},
        counted: { add: async () => {} },
        log: createLogger({ service: 'test', level: 'silent' }),
      }),
    )
  }

  async restart(world: World): Promise<void> {
    const roster: Roster = {
      teams: new Map(),
      people: new Map(
        NAMES.map((id) => {
          const { roles } = PEOPLE[id]!
          return [id, somebody(id, this.teams.get(id) ?? null, ...roles)]
        }),
      ),
    }
    this.#people = new PeopleStore(world.db, roster, ISSUER)
    const limits = { idleSeconds: IDLE_MINUTES * 60, seconds: WHOLE_MINUTES * 60 }
    this.#sessions = await SessionStore.open(world.db, this.#people, limits, () => new Date(world.nowMs))
  }

  personOf(place: number): RosterPerson {
    return this.#people.byLogin(NAMES[place]!)!
  }

  get people(): PeopleStore {
    return this.#people
  }
  get sessions(): SessionStore {
    return this.#sessions
  }
  get console(): Server {
    return this.servers.find(({ name }) => name === 'console')!
  }
}

/** What a session was begun as, and how long it lasts. */
interface Open {
  readonly cookie: string
  readonly name: string
  readonly provider: string
  readonly as: string
  readonly endsAt: number
  usedAt: number
  isOver: boolean
}

/** The store, and beside it what must be true. */
class World {
  readonly db
  readonly open: Open[] = []
  readonly changed = new Map<string, { roles: readonly Role[]; isActive: boolean; changes: number }>()
  nowMs = BEGIN

  constructor() {
    this.db = mongo.db(`model_${randomUUID().slice(0, 8)}`)
  }

  of(name: string) {
    return this.changed.get(name) ?? { roles: PEOPLE[name]!.roles, isActive: true, changes: 0 }
  }

  /** How this replica has somebody: another word for it ends what was begun under the one before. */
  standing(name: string, replica: Replica): string {
    const { roles, isActive, changes } = this.of(name)
    return JSON.stringify([roles.toSorted(), isActive, changes, replica.teams.get(name)])
  }

  change(name: string, to: { roles?: readonly Role[]; isActive?: boolean }): void {
    const before = this.of(name)
    const after = { ...before, ...to }
    const isSame =
      before.isActive === after.isActive && before.roles.toSorted().join() === after.roles.toSorted().join()
    if (!isSame) this.changed.set(name, { ...after, changes: before.changes + 1 })
  }

  isGood(session: Open, replica: Replica): boolean {
    return (
      !session.isOver &&
      this.of(session.name).isActive &&
      session.as === this.standing(session.name, replica) &&
      this.nowMs < session.endsAt &&
      this.nowMs < session.usedAt + IDLE_MINUTES * 60_000
    )
  }
}

type Step =
  | {
      readonly do: 'sign in' | 'deactivate' | 'activate' | 'end by the provider'
      readonly who: number
      readonly at: number
    }
  | { readonly do: 'roles'; readonly who: number; readonly at: number; readonly roles: number }
  | { readonly do: 'sign out'; readonly session: number; readonly at: number }
  | { readonly do: 'move'; readonly who: number; readonly at: number; readonly team: string | null }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'ask'; readonly session: number; readonly at: number; readonly route: number }

const who = fc.nat(NAMES.length - 1)
const at = fc.nat(1)
const session = fc.nat(3)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sign in' as const), who, at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('deactivate' as const, 'activate' as const, 'end by the provider' as const),
      who,
      at,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('roles' as const), who, at, roles: fc.nat(ROLES.length - 1) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sign out' as const), session, at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      who,
      at,
      team: fc.constantFrom('ours', 'others', null),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(10, 40, 59, 61, 300) }),
  },
  {
    weight: 14,
    arbitrary: fc.record({ do: fc.constant('ask' as const), session, at, route: fc.nat(10_000) }),
  },
)

const replicas = [new Replica(), new Replica()] as const
beforeAll(async () => {
  mongo = await MongoClient.connect(inject('mongoUri'))
  for (const replica of replicas) await replica.start()
})
afterAll(async () => {
  for (const { servers } of replicas) await Promise.all(servers.map((server) => server.close()))
  await mongo?.close()
})

/** Of whom the archive itself asks whether they see the conversation: it has those too that the agent service forgot. */
const OF_THE_ARCHIVE = new Set(['/api/conversations/:id/transcript-links'])

/** What must come of it: the status where it is known, or that it is none of those. */
function expected(
  route: DeclaredRoute,
  { roles, team }: Standing,
): { readonly is?: number; readonly not: readonly number[] } {
  const { access, url } = route
  if (typeof access !== 'object') return { not: [401, 403] }
  const granting = roles.filter((role) => GRANTS[role].includes(access.permission))
  if (granting.length === 0) return { is: 403, not: [] }
  const isOfEvaluation = url.startsWith('/api/evaluations/:id')
  const isOfConversation = url.startsWith('/api/conversations/:id') && !OF_THE_ARCHIVE.has(url)
  if (!isOfConversation && !isOfEvaluation) return { not: [401, 403] }
  // None of them was judged.
  const seesOthers = roles.some((role) => role === 'supervisor' || role === 'auditor')
  if (isOfEvaluation && !seesOthers) return { is: 404, not: [] }
  if (!granting.some((role) => reaches(role, team))) return { is: 404, not: [] }
  return { not: [401, 403, 404] }
}

async function ask(replica: Replica, route: DeclaredRoute, cookie: string) {
  const { url } = replica.console
  const isChange = route.method !== 'GET'
  const answer = await fetch(url + pathOf(route, THEIRS), {
    method: route.method,
    redirect: 'manual',
    headers: {
      cookie: `parley_session=${cookie}`,
      origin: url,
      'idempotency-key': randomUUID(),
      ...(isChange && {
        'content-type':
          route.config.body === 'upload' ? 'multipart/form-data; boundary=x' : 'application/json',
      }),
    },
    ...(isChange && { body: '{}' }),
  })
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream ? '' : await answer.text()
  if (isStream) await answer.body?.cancel()
  return {
    status: answer.status,
    code: /"code":"(\w+)"/.exec(text)?.[1],
    location: answer.headers.get('location') ?? '',
  }
}

const answers = new Map<number, number>()

/** Takes the step, and says what differs from what must be. */
async function take(one: Exclude<Step, { do: 'wait' }>, world: World): Promise<string | undefined> {
  const replica = replicas[one.at]!
  switch (one.do) {
    case 'sign out':
    case 'ask': {
      const session = world.open.at(-1 - one.session)
      if (session === undefined) return undefined
      if (one.do === 'ask') return asked(one.route, session, replica, world)
      session.isOver = true
      await replica.sessions.endOfCookie(session.cookie)
      return undefined
    }
    case 'sign in':
      return signIn(NAMES[one.who]!, replica, world)
    case 'move':
      replica.teams.set(NAMES[one.who]!, one.team)
      await replica.restart(world)
      return undefined
    case 'roles':
      await replica.people.setRoles(replica.personOf(one.who), ROLES[one.roles]!, async () => {})
      world.change(NAMES[one.who]!, { roles: ROLES[one.roles]! })
      return undefined
    case 'deactivate':
    case 'activate': {
      const isActive = one.do === 'activate'
      await replica.people.setActive(replica.personOf(one.who), isActive, async () => {})
      world.change(NAMES[one.who]!, { isActive })
      return undefined
    }
    case 'end by the provider': {
      const last = world.open.findLast(({ name }) => name === NAMES[one.who])
      if (last === undefined) return undefined
      last.isOver = true
      await replica.sessions.endOfProvider({
        word: randomUUID(),
        session: last.provider,
        personId: undefined,
      })
      return undefined
    }
    default:
      return one satisfies never
  }
}

async function signIn(name: string, replica: Replica, world: World): Promise<string | undefined> {
  const found = (await replica.people.bySubject(ISSUER, name))!
  if (found.isActive !== world.of(name).isActive) return `${name} may sign in: ${found.isActive}`
  if (!found.isActive) return undefined
  const provider = randomUUID()
  world.open.push({
    cookie: await replica.sessions.begin(found, provider),
    name,
    provider,
    as: world.standing(name, replica),
    endsAt: world.nowMs + WHOLE_MINUTES * 60_000,
    usedAt: world.nowMs,
    isOver: false,
  })
  return undefined
}

async function asked(
  place: number,
  session: Open,
  replica: Replica,
  world: World,
): Promise<string | undefined> {
  const routes = replica.console.routes.filter(asksForPerson)
  const route = routes[place % routes.length]!
  const answer = await ask(replica, route, session.cookie)
  const { status, code } = answer
  answers.set(status, (answers.get(status) ?? 0) + 1)
  const wrong = `${session.name} ${route.method} ${route.url}: ${status} ${code}`
  if (!world.isGood(session, replica)) return isTurnedAway(route, answer) ? undefined : wrong
  session.usedAt = world.nowMs
  const team = replica.teams.get(session.name) ?? null
  const { is, not } = expected(route, { roles: world.of(session.name).roles, team })
  return status === (is ?? status) && !not.includes(status) ? undefined : wrong
}

test('whatever people and operators do, in whatever order and on whichever replica: each request is answered as its person stands at that moment', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const world = new World()
      for (const replica of replicas) {
        for (const name of NAMES) replica.teams.set(name, PEOPLE[name]!.team)
        await replica.restart(world)
      }
      const wrong: string[] = []
      for (const one of steps)
        if (one.do === 'wait') world.nowMs += one.minutes * 60_000
        else wrong.push(...[await take(one, world)].filter((each) => each !== undefined))
      await world.db.dropDatabase()
      expect(wrong).toEqual([])
    }),
    runs(30),
  )
  // It was not all turned away, nor all let in.
  for (const status of [200, 401, 403, 404]) expect(answers.get(status) ?? 0).toBeGreaterThan(0)
})
