import { type Role, permissionsOf } from '@parley/people'
import { type EventStreams, createHttpServer } from '@parley/service'
import { Chain, somebody } from '@parley/testkit'
import { POOL, workforces } from '@parley/workforce'
import { expect, test } from 'vitest'
import { PoolView } from '../../workforce/pool-view.ts'
import { addMeRoutes } from './me-routes.ts'
import { type DeskRoutes, addDeskRoutes } from './routes.ts'

const teams = new Map(
  ['north', 'south'].map((id) => [id, { id, name: id, vendor: null, queues: [`of-${id}`] }]),
)

/** Sônia of the north, signed in. */
function deskOf(...roles: readonly Role[]) {
  const asking = somebody('sonia', 'north', ...roles)
  const people = [asking, somebody('ana', 'north', 'agent'), somebody('rahim', 'south', 'agent')]
  const pool = new PoolView()
  pool.restore({ configuration: undefined, presences: new Map(), hours: new Map(), works: new Map() })
  const configuration = {
    queues: [
      { name: 'of-north', closeReasons: ['solved'] },
      { name: 'of-south', closeReasons: ['moved'] },
    ],
    agents: ['ana', 'rahim'].map((id) => ({ id, capacity: 1, queues: ['of-north'] })),
  }
  const configured = new Chain(workforces, POOL).add({
    type: 'PoolConfigured',
    data: { configuration },
  })
  pool.take(configured, { at: '', ...configured.record })
  const app = createHttpServer({
    hosts: ['localhost'],
    doorkeeper: {
      signedIn: async () => ({ ...asking, permissions: permissionsOf(roles), sessionId: 's' }),
      refused: () => {},
    },
  })
  const desk = {
    feed: { pool, position: () => '7', beginning: async () => '7' },
    roster: { people: new Map(people.map((one) => [one.id, one])), teams },
  } satisfies Pick<DeskRoutes, 'roster'> & {
    readonly feed: Pick<DeskRoutes['feed'], 'pool' | 'position' | 'beginning'>
  }
  addDeskRoutes(app, undefined as unknown as EventStreams, desk as unknown as DeskRoutes)
  const names = { queues: {}, closeReasons: {}, flows: {}, steps: {}, answers: {} }
  addMeRoutes(app, { ...desk, names, quickReplies: [], company: { timeZone: 'UTC' } })
  return (url: string) => app.inject({ url, headers: { host: 'localhost' } })
}

async function workforceFor(...roles: readonly Role[]) {
  const answer = await deskOf(...roles)('/api/workforce')
  const { agents, queues } = answer.json<Record<'agents' | 'queues', { id?: string; name: string }[]>>()
  return [agents.map(({ id }) => id), queues.map(({ name }) => name)]
}

test('a supervisor sees who is there in their team and what waits in its queues, however much another role lets them read', async () => {
  expect(await workforceFor('supervisor')).toEqual([['ana'], ['of-north']])
  expect(await workforceFor('supervisor', 'auditor')).toEqual([['ana'], ['of-north']])
})

test('an agent knows what a conversation of any queue is closed for, and to which queues it may go: one that they do not serve is handed to them, too', async () => {
  const answer = await deskOf('agent')('/api/me')
  expect(answer.json()).toMatchObject({ closeReasons: { 'of-north': ['solved'], 'of-south': ['moved'] } })
})

test('who names more conversations to watch than a stream tells of is told so: of the last ones it would say nothing, and nobody would know', async () => {
  const answer = await deskOf('agent')(
    `/api/stream?watch=${Array.from({ length: 51 }, (_, nth) => `c${nth}`).join()}`,
  )
  expect([answer.statusCode, answer.json()]).toMatchObject([
    400,
    { code: 'QUERY_INVALID', fields: [{ path: 'watch', message: '50 at most' }] },
  ])
})
