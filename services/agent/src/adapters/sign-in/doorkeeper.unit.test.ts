import { createHttpServer, createLogger } from '@parley/service'
import type { AuditEntry } from '@parley/audit'
import type { Person } from '@parley/people'
import { expect, test } from 'vitest'
import { siteCookies } from './cookies.ts'
import type { CountedActs } from './counted-acts.ts'
import { doorkeeper } from './doorkeeper.ts'

const ana: Person = { id: 'p01', login: 'ana', name: 'Ana', roles: ['agent'], team: 'cards', vendor: null }

function served(record: (entry: AuditEntry) => Promise<void>, add: CountedActs['add'] = async () => {}) {
  const lines: string[] = []
  const log = createLogger({
    service: 'test',
    destination: { write: (line: string) => void lines.push(line) },
  })
  const cookies = siteCookies(false)
  const app = createHttpServer({
    hosts: ['localhost'],
    doorkeeper: doorkeeper({
      sessions: { of: async (cookie) => (cookie === 'good' ? { id: 's-1', person: ana } : undefined) },
      cookies,
      record,
      counted: { add },
      log,
    }),
  })
  app.get('/api/audit', { config: { access: { permission: 'audit.read' } } }, async () => ({}))
  app.get('/api/mine', { config: { access: { permission: 'conversations.read' } } }, async () => ({}))
  const get = (url: string, cookie = '') =>
    app.inject({ url, headers: { host: 'localhost', cookie } }).then(({ statusCode }) => statusCode)
  return { get, lines }
}

test('whom the roles do not let in leaves a trace each time, with who it was, what was asked, and why not; strangers once in five seconds', async () => {
  const entries: AuditEntry[] = []
  const counted: object[] = []
  const { get } = served(
    async (entry) => void entries.push(entry),
    async (person, act) => void counted.push({ person, ...act }),
  )
  const session = 'parley_session=good'
  expect(await get('/api/mine', session)).toBe(200)
  for (let time = 0; time < 3; time += 1) {
    expect(await get('/api/audit', session)).toBe(403)
    expect(await get('/api/audit', 'parley_session=forged')).toBe(401)
  }
  const subject = { kind: 'route', id: 'GET /api/audit' }
  const refused = {
    type: 'access_refused',
    person: { id: 'p01', login: 'ana', name: 'Ana' },
    subject,
    code: 'NOT_ALLOWED',
  }
  expect(counted).toEqual([refused, refused, refused])
  expect(entries).toEqual([
    { type: 'access_refused', person: null, subject, fields: { code: 'NOT_SIGNED_IN' } },
  ])
})

test('an audit that is away keeps nobody waiting and lets nobody in', async () => {
  const away = () => Promise.reject(new Error('away'))
  const { get, lines } = served(away, away)
  expect(await get('/api/audit', 'parley_session=good')).toBe(403)
  expect(await get('/api/audit')).toBe(401)
  expect(lines.filter((line) => line.includes('ACT_NOT_RECORDED'))).toHaveLength(2)
})
