import { createHttpServer } from '@parley/service'
import { expect, test } from 'vitest'
import { AuditUnavailable, CursorUnknown, type EntryQuery } from '../../audit/entries.ts'
import { auditRoutes } from './audit-routes.ts'

const ENTRY = {
  id: 'entry-1',
  at: '2026-03-02T12:00:00.000Z',
  person: null,
  type: 'access_refused',
  subject: { kind: 'route', id: 'GET /api/audit' },
  fields: { code: 'NOT_SIGNED_IN' },
}

interface Asking {
  readonly permissions?: readonly string[] | undefined
  readonly fails?: Error
}

/** The routes, asked by a person with these permissions, or by nobody. */
function asking({ permissions, fails }: Asking = { permissions: ['audit.read'] }) {
  const queries: EntryQuery[] = []
  const app = createHttpServer({
    hosts: ['localhost'],
    doorkeeper: {
      signedIn: async () =>
        permissions && {
          id: 'person-1',
          login: 'ana',
          name: 'Ana',
          roles: [],
          team: null,
          vendor: null,
          permissions,
          sessionId: 'session-1',
        },
      refused() {},
    },
  })
  auditRoutes(app, {
    company: { name: 'Banco Aurora', timeZone: 'America/Sao_Paulo' },
    entries: async (query) => {
      queries.push(query)
      if (fails !== undefined) throw fails
      return { entries: [ENTRY], cursor: 'page-2' }
    },
  })
  const get = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'GET', url, headers: { host: 'localhost', ...headers } })
  return { get, app, queries }
}

test('an auditor gets entries as they are, and the cursor of the next page', async () => {
  const { get, queries } = asking()
  const answer = await get(
    '/api/audit?person=ana&type=access_refused&from=2026-03-02T00:00:00Z&to=&cursor=page-1',
  )
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({ entries: [ENTRY], cursor: 'page-2' })
  expect(queries).toEqual([
    { person: 'ana', type: 'access_refused', from: '2026-03-02T00:00:00.000Z', cursor: 'page-1' },
  ])
})

test('nobody else gets any: not signed in, or without the permission', async () => {
  const stranger = asking({ permissions: undefined })
  expect((await stranger.get('/api/audit')).json()).toMatchObject({ code: 'NOT_SIGNED_IN' })
  expect((await stranger.get('/audit')).headers['location']).toBe('/sign-in?returnTo=%2Faudit')
  const agent = asking({ permissions: ['conversations.read'] })
  for (const path of ['/api/audit', '/audit']) {
    const answer = await agent.get(path)
    expect(answer.statusCode).toBe(403)
    expect(answer.json()).toMatchObject({ code: 'NOT_ALLOWED' })
  }
  // In a browser it is a page that says what to do, and shows no form that would lead nowhere.
  const page = await agent.get('/audit', { accept: 'text/html,*/*;q=0.8', 'accept-language': 'en' })
  expect([page.statusCode, page.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8'])
  expect(page.headers['content-security-policy']).toContain("style-src 'self'")
  expect(page.body).toMatch(/does not let you read the audit.*<a href="\/">/)
  expect(page.body).not.toContain('<form')
  expect([...stranger.queries, ...agent.queries]).toEqual([])
})

test('nothing can be changed or deleted: there is no method but to read', async () => {
  const { app } = asking()
  const headers = { host: 'localhost', origin: 'http://localhost', 'content-type': 'application/json' }
  for (const method of ['DELETE', 'PUT', 'PATCH', 'POST'] as const)
    for (const url of ['/api/audit', '/api/audit/entry-1', '/audit'])
      expect((await app.inject({ method, url, headers, payload: '{}' })).statusCode).toBeOneOf([404, 405])
})

test('a question that makes no sense names its fields, for programs and for people', async () => {
  const { get, queries } = asking()
  const answer = await get('/api/audit?type=constructor&from=soon')
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({
    code: 'QUERY_INVALID',
    fields: [{ path: 'type' }, { path: 'from' }],
  })
  const page = await get('/audit?type=constructor')
  expect([page.statusCode, page.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8'])
  expect(queries).toEqual([])
  const odd = asking({ permissions: ['audit.read'], fails: new CursorUnknown('no cursor of ours') })
  expect((await odd.get('/api/audit?cursor=x')).json()).toMatchObject({ fields: [{ path: 'cursor' }] })
})

test('an archive that is away is said so, with when to ask again', async () => {
  const { get } = asking({ permissions: ['audit.read'], fails: new AuditUnavailable('away') })
  const [api, page] = [await get('/api/audit'), await get('/audit')]
  expect([api.statusCode, page.statusCode]).toEqual([503, 503])
  expect(api.json()).toMatchObject({ code: 'ARCHIVE_UNAVAILABLE' })
  for (const answer of [api, page]) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
})

test.each([
  ['/audit', 'bn-BD,en;q=0.5', 'bn'],
  ['/audit', 'fr', 'en'],
  ['/audit', '', 'en'],
  ['/audit?lang=pt', 'bn', 'pt'],
  ['/audit?lang=constructor', 'pt-BR', 'pt'],
])('%s for a browser in "%s" is in %s', async (url, accepted, language) => {
  const answer = await asking().get(url, { 'accept-language': accepted })
  expect(answer.headers['content-language']).toBe(language)
})

test('the description of the API names the permission, the question and the answer', async () => {
  const { get } = asking()
  const { paths } = (await get('/api/openapi.json')).json<{ paths: Record<string, { get: object }> }>()
  expect(paths['/api/audit']?.get).toMatchObject({
    'x-access': 'audit.read',
    parameters: ['person', 'subject', 'type', 'from', 'to', 'cursor'].map((name) => ({ name, in: 'query' })),
  })
  expect(paths['/audit']).toBeUndefined()
})
