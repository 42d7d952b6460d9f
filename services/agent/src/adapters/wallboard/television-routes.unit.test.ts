import type { Person, Roster } from '@parley/people'
import { EventStreams, createHttpServer, listen } from '@parley/service'
import { somebody, until } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import type { Alert } from '../../alerts/alert.ts'
import { NOTHING } from '../../wallboard/wallboard.fixture.ts'
import { wallboardOf } from '../../wallboard/wallboard.ts'
import { addWallboardRoutes } from './routes.ts'
import { numbersOf } from './television-routes.ts'
import { TELEVISIONS_MAX, type Television } from './televisions.ts'

const team = (id: string, vendor: string | null, queues: readonly string[]) =>
  [id, { id, name: `Team ${id}`, vendor, queues }] as const
const ROSTER: Roster = {
  teams: new Map([team('own', null, ['general', 'fraud']), team('hired', 'Contato Sul', ['cards'])]),
  people: new Map(),
}
const called = (word: string) => ({ pt: word, en: word, bn: word })
const NAMES = {
  queues: { general: called('Geral'), fraud: called('Fraude'), cards: called('Cartões') },
  flows: { menu: called('Menu') },
  closeReasons: {},
  steps: {},
  answers: {},
}

/** A console whose screens are kept in memory, as the store keeps them. */
async function consoleWithScreens(vera: Person) {
  const kept = new Map<string, Television>()
  const store = { isAway: false, lookUpCount: 0 }
  const app = createHttpServer({
    hosts: ['127.0.0.1'],
    doorkeeper: {
      signedIn: async ({ headers: { cookie } }) =>
        cookie === undefined
          ? undefined
          : { ...vera, id: cookie, permissions: ['metrics.read'], sessionId: cookie },
      refused: () => {},
    },
  })
  const streams = new EventStreams(app, { streamsMax: 90, streamsPerAddressMax: 90, streamsPerSessionMax: 9 })
  addWallboardRoutes(app, streams, {
    wallboards: { read: () => Promise.reject(new Error('Nobody reads it.')), watch: () => () => {} },
    names: NAMES,
    televisions: {
      async add(id, personId, filter) {
        if ([...kept.values()].filter((each) => each.personId === personId).length === TELEVISIONS_MAX)
          return undefined
        const [token, expiresAt] = [`token-of-${id}`, '2026-12-31T00:00:00.000Z']
        kept.set(token, { id, personId, filter, expiresAt })
        return { token, expiresAt }
      },
      list: async (personId) => [...kept.values()].filter((each) => each.personId === personId),
      remove: async (id) => [...kept].forEach(([token, each]) => each.id === id && kept.delete(token)),
      async of(token) {
        store.lookUpCount += 1
        if (store.isAway) throw new Error('The store is away.')
        return kept.get(token)
      },
    },
    roster: ROSTER,
    personNow: async (id) => ({ ...vera, id }),
    targets: () => undefined,
    record: async () => {},
    publicUrl: new URL('http://127.0.0.1/'),
  })
  const server = await listen(app, '127.0.0.1', 0)
  onTestFinished(() => server.close())
  const url = `http://127.0.0.1:${server.port}`
  const ask = async (person: string, method: string, path = '') => {
    const answer = await fetch(`${url}/api/wallboard/televisions${path}`, {
      method,
      headers: { cookie: person, origin: url, 'content-type': 'application/json' },
      body: '{}',
    })
    const body = answer.status === 204 ? {} : ((await answer.json()) as Record<string, string>)
    return { status: answer.status, ...body } as { status: number; id: string; url: string; code?: string }
  }
  return { url, ask, kept, store }
}

const VERA = somebody('vera', null, 'supervisor')

test('a person has so many screens and no more, whatever others have; whoever ends one may make another', async () => {
  const { ask } = await consoleWithScreens(VERA)
  const ids: string[] = []
  for (let made = 0; made < 20; made += 1) ids.push((await ask('vera', 'POST')).id)
  expect(await ask('vera', 'POST')).toMatchObject({ status: 409, code: 'TOO_MANY_TELEVISIONS' })
  expect((await ask('sonia', 'POST')).status).toBe(200)
  expect((await ask('vera', 'DELETE', `/${ids[7]}`)).status).toBe(204)
  expect((await ask('vera', 'POST')).status).toBe(200)
})

test('a screen stays on while it cannot be looked up for a moment, and goes dark when it is ended', async () => {
  const { url, ask, kept, store } = await consoleWithScreens(VERA)
  const { pathname } = new URL((await ask('vera', 'POST')).url)
  const screen = await fetch(`${url}${pathname}/stream`)
  store.isAway = true
  const { lookUpCount } = store
  await until('it was looked up twice more', () => store.lookUpCount >= lookUpCount + 2, 20_000)
  store.isAway = false
  kept.clear()
  expect((await screen.text()).match(/event: dark/g)).toHaveLength(1)
})

test('the address of a screen is watched by no more at once than a session may, whoever passed it on; that of another has its own', async () => {
  const { url, ask } = await consoleWithScreens(VERA)
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const [one = '', other = ''] = await Promise.all(
    [0, 1].map(async () => new URL((await ask('vera', 'POST')).url).pathname),
  )
  const statusOf = async (path: string) =>
    (await fetch(`${url}${path}/stream`, { signal: leaving.signal })).status
  for (let count = 0; count < 9; count += 1) expect(await statusOf(one)).toBe(200)
  expect([await statusOf(one), await statusOf(other)]).toEqual([429, 200])
})

test('a screen is told how what it shows is called, and nothing of what else the company has', async () => {
  const told = async (person: Person) => {
    const { url, ask } = await consoleWithScreens(person)
    const { pathname } = new URL((await ask(person.id, 'POST')).url)
    return (await (await fetch(`${url}${pathname}/targets`)).json()) as object
  }
  expect(await told(VERA)).toEqual({
    names: { queues: NAMES.queues, flows: NAMES.flows },
    teams: { own: 'Team own', hired: 'Team hired' },
  })
  expect(await told(somebody('hugo', 'hired', 'supervisor'))).toEqual({
    names: { queues: { cards: called('Cartões') }, flows: {} },
    teams: { hired: 'Team hired' },
  })
})

const at = '2026-03-02T12:00:00.000Z'

test('a screen on a wall is sent numbers alone: no name, no conversation, and no word of an alert’s reason', () => {
  const alert: Alert = {
    id: 'one',
    rule: 'waiting too long',
    reason: 'Tell Dona Rita of the branch in Recife',
    figure: 'waiting',
    over: null,
    limit: 1,
    isBelow: false,
    value: 2,
    queue: 'cards',
    team: null,
    since: at,
    openedAt: at,
    endedAt: null,
    acknowledgedAt: at,
    acknowledgedBy: 'p07',
    conversationId: 'c1',
  }
  const sent = numbersOf(wallboardOf({ ...NOTHING, alerts: [alert] }))
  expect(sent.alerts).toEqual([{ ...alert, reason: '', acknowledgedBy: null, conversationId: null }])
  expect(JSON.stringify(sent)).not.toMatch(/Rita|p07|c1/)
})
