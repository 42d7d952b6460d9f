import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Roster } from '@parley/people'
import { somebody } from '@parley/testkit'
import { createLogger } from '@parley/service'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { siteCookies } from '../../services/agent/src/adapters/sign-in/cookies.ts'
import { doorkeeper } from '../../services/agent/src/adapters/sign-in/doorkeeper.ts'
import { PeopleStore } from '../../services/agent/src/adapters/sign-in/people-store.ts'
import { SessionStore } from '../../services/agent/src/adapters/sign-in/session-store.ts'
import { type Server, allServers, asksForPerson, isTurnedAway, pathOf } from './servers.ts'

const ISSUER = 'http://localhost:4704'
const HOUR_MS = 3_600_000
const PEOPLE = ['ana', 'bea', 'dana', 'rui', 'tara', 'lea']

const rosterOf = (people: readonly (readonly [string, string])[]): Roster => ({
  teams: new Map(),
  people: new Map(people.map(([id, team]) => [id, somebody(id, team, 'agent')])),
})

let mongo: MongoClient
let console: Server
let servers: readonly Server[]
/** Cookies by what is wrong with them, and one that is good. */
const over = new Map<string, string>()
let good: string

/** The real store of sessions before all routes. Its clock is two hours ahead, so that what is over is still stored, whatever the store itself sweeps out. */
beforeAll(async () => {
  mongo = await MongoClient.connect(inject('mongoUri'))
  const db = mongo.db(`sessions_${randomUUID().slice(0, 8)}`)
  const before = new PeopleStore(db, rosterOf(PEOPLE.map((id) => [id, 'ours'])), ISSUER)
  const movedAndGone = PEOPLE.filter((id) => id !== 'lea').map(
    (id) => [id, id === 'tara' ? 'theirs' : 'ours'] as const,
  )
  const people = new PeopleStore(db, rosterOf(movedAndGone), ISSUER)
  const opened = (idleHours: number, hours: number, aheadHours: number) =>
    SessionStore.open(
      db,
      aheadHours === 0 ? before : people,
      { idleSeconds: idleHours * 3_600, seconds: hours * 3_600 },
      () => new Date(Date.now() + aheadHours * HOUR_MS),
    )
  const begin = async (store: SessionStore, id: string, providerSession: string | null = null) =>
    store.begin((await before.bySubject(ISSUER, id))!, providerSession)

  const sessions = await opened(12, 24, 2)
  over.set('too long unused', await begin(await opened(1, 24, 0), 'ana'))
  over.set('at its end', await begin(await opened(12, 1, 0), 'ana'))
  const signedOut = await begin(sessions, 'ana')
  await sessions.endOfCookie(signedOut)
  over.set('signed out', signedOut)
  over.set('ended by the provider', await begin(sessions, 'ana', 'session-1'))
  await sessions.endOfProvider({ word: 'word-1', session: 'session-1', personId: undefined })
  over.set('of somebody deactivated', await begin(sessions, 'dana'))
  await people.setActive(before.byLogin('dana')!, false, async () => {})
  over.set('of somebody deactivated and activated again', await begin(sessions, 'bea'))
  for (const isActive of [false, true])
    await people.setActive(before.byLogin('bea')!, isActive, async () => {})
  over.set('of somebody with other roles now', await begin(sessions, 'rui'))
  await people.setRoles(before.byLogin('rui')!, ['supervisor'], async () => {})
  over.set('of somebody in another team now', await begin(sessions, 'tara'))
  over.set('of somebody who left', await begin(sessions, 'lea'))
  over.set('that nobody was given', randomBytes(32).toString('base64url'))
  good = await begin(sessions, 'ana')
  over.set('as the database has it', createHash('sha256').update(good).digest('base64url'))
  over.set('cut short', good.slice(0, -1))

  servers = await allServers(
    doorkeeper({
      sessions,
      cookies: siteCookies(false),
      record: async () => {},
      counted: { add: async () => {} },
      log: createLogger({ service: 'test', level: 'silent' }),
    }),
  )
  console = servers.find(({ name }) => name === 'console')!
})
afterAll(async () => {
  await Promise.all((servers ?? []).map((server) => server.close()))
  await mongo?.close()
})

test('a session that is over, and one that never was, opens no route', async () => {
  const routes = console.routes.filter(asksForPerson)
  expect(routes.length).toBeGreaterThan(50)
  const wrong: string[] = []
  for (const route of routes)
    for (const [what, session] of over) {
      const answer = await fetch(console.url + pathOf(route), {
        method: route.method,
        redirect: 'manual',
        headers: {
          cookie: `parley_session=${session}`,
          origin: console.url,
          'content-type': 'application/json',
        },
      })
      const { status, headers } = answer
      // A stream that opened would never end.
      if (status === 200) await answer.body?.cancel()
      const code = status === 200 ? undefined : /"code":"(\w+)"/.exec(await answer.text())?.[1]
      if (!isTurnedAway(route, { status, code, location: headers.get('location') ?? '' }))
        wrong.push(`${route.method} ${route.url}, ${what}: ${status} ${code}`)
    }
  expect(wrong).toEqual([])
  const me = await fetch(`${console.url}/api/me`, { headers: { cookie: `parley_session=${good}` } })
  expect([me.status, await me.json()]).toMatchObject([200, { id: 'ana' }])
})
