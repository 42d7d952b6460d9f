import { once } from 'node:events'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Doorkeeper, SignedIn } from './access.ts'
import { bodyOf } from './body.ts'
import { HttpRefusal } from './refusal.ts'
import { type HttpServerOptions, createHttpServer, listen } from './server.ts'
import { createLogger } from '../logger.ts'

const ana: SignedIn = {
  id: 'p-1',
  login: 'ana',
  name: 'Ana',
  roles: ['agent'],
  team: 'cards',
  vendor: null,
  permissions: ['desk.use'],
  sessionId: 's-1',
}
const SESSION = { cookie: 'session=ana' }

/** A door with one session, which keeps what was refused. */
function door() {
  const refusals: unknown[] = []
  const state = { isAway: false, isOver: false }
  const doorkeeper: Doorkeeper = {
    async signedIn({ headers }: FastifyRequest) {
      if (state.isAway) throw new Error('the store is away')
      return headers.cookie === SESSION.cookie && !state.isOver ? ana : undefined
    },
    refused: (person, request) => void refusals.push([person?.id, request]),
  }
  return { doorkeeper, refusals, state }
}

const noteSchema = z.object({ note: z.string().min(1) })

function routes(app: FastifyInstance): void {
  app.get('/', { config: { access: 'signed in' } }, async ({ person }) => `page of ${person?.name}`)
  app.get('/live', { config: { access: 'signed in', stream: true } }, async () => 'stream')
  app.get('/open', { config: { access: 'public' } }, async () => 'open')
  app.get('/own', { config: { access: 'public', origin: 'own' } }, async () => 'own')
  app.post('/hook', { config: { access: 'public', body: 'form' } }, async ({ body }) => ({ body }))
  app.post('/bodiless', { config: { access: 'public' } }, async ({ body }) => ({ body: body ?? null }))
  app.get('/api/status', { config: { access: 'public' } }, async () => ({ open: true }))
  app.get('/api/me', { config: { access: 'signed in' } }, async ({ person }) => person)
  app.get('/api/audit', { config: { access: { permission: 'audit.read' } } }, async () => [])
  app.post('/api/audit', { config: { access: { permission: 'audit.read' }, isKeyed: false } }, async () => [])
  const note = {
    config: { access: { permission: 'desk.use' }, isKeyed: false },
    schema: { body: noteSchema },
  }
  app.post('/api/notes/:id', note, (request, reply) => {
    const { id } = request.params as { id: string }
    if (id === 'theirs')
      throw new HttpRefusal(404, 'NOT_FOUND', 'There is nothing here.', { onRecordAs: 'NOT_SEEN' })
    if (id !== 'mine') throw new HttpRefusal(404, 'NOT_FOUND', 'There is nothing here.')
    return reply.send(bodyOf(request, noteSchema))
  })
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>> | readonly string[]
  readonly body?: string | Buffer
}

async function served(options: Partial<HttpServerOptions> = {}, declare = routes) {
  const { doorkeeper, refusals, state } = door()
  const app = createHttpServer({ hosts: ['localhost', '127.0.0.1', '[::1]'], doorkeeper, ...options })
  declare(app)
  const resource = await listen(app, '127.0.0.1', 0)
  const site = `http://127.0.0.1:${resource.port}`
  /** `fetch` would not let a test name another host. */
  const ask = (path: string, { method = 'GET', headers = {}, body }: Asked = {}) =>
    new Promise<{ status: number; code: string | undefined; headers: Record<string, unknown>; text: string }>(
      (resolve, reject) => {
        const asked = httpRequest(
          { port: resource.port, host: '127.0.0.1', path, method, headers },
          (answer) => {
            const chunks: Buffer[] = []
            answer.on('data', (chunk: Buffer) => chunks.push(chunk))
            answer.on('end', () => {
              const text = Buffer.concat(chunks).toString()
              const isJson = answer.headers['content-type']?.includes('json') === true && text !== ''
              const code = isJson ? (JSON.parse(text) as { code?: string } | null)?.code : undefined
              resolve({ status: answer.statusCode ?? 0, code, headers: answer.headers, text })
            })
          },
        )
        asked.on('error', reject)
        asked.end(body)
      },
    )
  return { app, site, refusals, state, ask, [Symbol.asyncDispose]: () => resource.close() }
}

const json = { 'content-type': 'application/json' }

test('a route that does not say who may use it stops the start, wherever it is registered', async () => {
  const app = createHttpServer({ hosts: ['localhost'] })
  expect(() => app.get('/forgotten', async () => '')).toThrow(
    'GET /forgotten cannot be served (ROUTE_WITHOUT_ACCESS)',
  )
  await app.close()
  const other = createHttpServer({ hosts: ['localhost'] })
  void other.register(async (scope) => {
    scope.post('/forgotten', async () => '')
  })
  await expect(other.ready()).rejects.toMatchObject({ code: 'ROUTE_WITHOUT_ACCESS' })
})

test('a route that asks for a person stops the start of a server that knows no sessions', async () => {
  const app = createHttpServer({ hosts: ['localhost'] })
  for (const access of ['signed in', { permission: 'audit.read' }] as const)
    expect(() => app.get('/people', { config: { access } }, async () => '')).toThrow(
      'ROUTE_WITHOUT_DOORKEEPER',
    )
  await app.close()
})

test('a change of a person’s under /api that does not say whether it takes a key stops the start', async () => {
  const doorkeeper = { signedIn: async () => undefined, refused: () => {} }
  await using app = createHttpServer({ hosts: ['localhost'], doorkeeper })
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
    expect(() =>
      app.route({
        method,
        url: '/api/forgotten',
        config: { access: 'signed in' },
        handler: async () => '',
      }),
    ).toThrow('ROUTE_WITHOUT_KEY')
})

test('a name that is not of this server gets 421 before anything else, on every path', async () => {
  await using server = await served()
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    'evil.example:4700',
    'localhost@evil.example',
    '[::2]',
  ])
    for (const path of ['/', '/open', '/api/me', '/nothing', '/%'])
      expect([host, path, (await server.ask(path, { headers: { host, ...SESSION } })).code]).toEqual([
        host,
        path,
        'HOST_UNKNOWN',
      ])
  for (const host of ['LOCALHOST', 'localhost:4700', '127.0.0.1:1', '[::1]:4700'])
    expect((await server.ask('/open', { headers: { host } })).status).toBe(200)
})

test('whichever way a request says its host, the whole address or the header, it is one name, and one of ours', async () => {
  await using server = await served()
  for (const path of ['http://evil.example/open', 'http://evil.example/api/me', '//evil.example/open'])
    expect([path, (await server.ask(path, { headers: { host: 'localhost' } })).status]).toEqual([
      path,
      path.startsWith('http') ? 421 : 404,
    ])
  for (const path of ['http://localhost/open', 'HTTP://LOCALHOST:4700/open', 'https://[::1]/open?a=b'])
    expect([path, (await server.ask(path, { headers: { host: 'evil.example' } })).status]).toEqual([
      path,
      200,
    ])
  expect((await server.ask('http://localhost/', {})).headers).toMatchObject({
    location: '/sign-in?returnTo=%2F',
  })
  for (const other of ['evil.example', 'localhost'])
    expect((await server.ask('/open', { headers: ['Host', 'localhost', 'Host', other] })).code).toBe(
      'HOST_UNKNOWN',
    )
})

test('X-Forwarded-Host counts only from a listed proxy', async () => {
  const headers = { host: 'inside', 'x-forwarded-host': 'localhost', 'x-forwarded-for': '192.0.2.1' }
  await using plain = await served()
  expect((await plain.ask('/open', { headers })).status).toBe(421)
  expect(
    (await plain.ask('/open', { headers: { ...headers, host: 'localhost', 'x-forwarded-host': 'evil' } }))
      .status,
  ).toBe(200)
  await using other = await served({ trustedProxies: ['10.0.0.0/8'] })
  expect((await other.ask('/open', { headers })).status).toBe(421)
  await using proxied = await served({ trustedProxies: ['127.0.0.0/8'] })
  expect((await proxied.ask('/open', { headers })).status).toBe(200)
  expect((await proxied.ask('/open', { headers: { ...headers, 'x-forwarded-host': 'evil' } })).status).toBe(
    421,
  )
})

test('without a session: 401 under /api whatever the path and method, 302 to the sign-in for pages, 401 for streams', async () => {
  await using server = await served()
  for (const path of [
    '/api/me',
    '/api/nothing',
    '/api/%zz',
    '/%61pi/%zz',
    '/api#',
    'http://localhost/api/me',
    'http://localhost/api/nothing',
    '/api',
    '/api/',
    '/api/%',
    `/api/${'x'.repeat(900)}`,
    '/%61pi/me',
  ])
    for (const method of ['GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS']) {
      const { status, code } = await server.ask(path, {
        method,
        headers: json,
        ...(method === 'POST' && { body: '{' }),
      })
      const told = method === 'HEAD' ? undefined : 'NOT_SIGNED_IN'
      expect([path, method, status, code]).toEqual([path, method, 401, told])
    }
  expect((await server.ask('/api/status')).status).toBe(200)
  expect((await server.ask('/live')).code).toBe('NOT_SIGNED_IN')
  const page = await server.ask('/?a=b&c=/d')
  expect([page.status, page.headers['location']]).toEqual([302, '/sign-in?returnTo=%2F%3Fa%3Db%26c%3D%2Fd'])
  expect((await server.ask('/', { headers: { cookie: 'session=forged' } })).status).toBe(302)
  expect((await server.ask('/', { headers: SESSION })).text).toBe('page of Ana')
})

test('what is not there is 404 and a wrong method 405, before any body is parsed; HEAD is for routes that ask for it', async () => {
  await using server = await served()
  const broken = { headers: { ...json, ...SESSION }, body: '{' }
  expect((await server.ask('/nothing', { method: 'POST', ...broken })).code).toBe('NOT_FOUND')
  expect((await server.ask('/api/nothing', { method: 'POST', ...broken })).code).toBe('NOT_FOUND')
  expect((await server.ask('/%', { method: 'POST', ...broken })).code).toBe('NOT_FOUND')
  const wrong = await server.ask('/api/audit', { method: 'PUT', ...broken })
  expect([wrong.status, wrong.code, wrong.headers['allow']]).toEqual([405, 'METHOD_NOT_ALLOWED', 'GET, POST'])
  for (const path of ['/', '/live', '/open', '/api/me', '/api/status'])
    expect((await server.ask(path, { method: 'HEAD', headers: SESSION })).status).toBe(405)
})

test('a change for a person must come from a page of this site and be JSON, in this order, and then be allowed', async () => {
  await using server = await served()
  const post = async (headers: Record<string, string>, path = '/api/audit') =>
    (await server.ask(path, { method: 'POST', headers: { ...SESSION, ...headers }, body: '{}' })).code
  for (const headers of [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: server.site.replace('http', 'https') },
    { origin: 'http://127.0.0.1' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ])
    expect(await post({ ...headers, 'content-type': 'text/plain' })).toBe('ORIGIN_REFUSED')
  for (const own of [{ origin: server.site }, { 'sec-fetch-site': 'same-origin' }]) {
    expect(await post({ ...own })).toBe('CONTENT_TYPE_REFUSED')
    expect(await post({ ...own, 'content-type': 'application/x-www-form-urlencoded' })).toBe(
      'CONTENT_TYPE_REFUSED',
    )
    expect(await post({ ...own, ...json, 'content-encoding': 'gzip' })).toBe('CONTENT_TYPE_REFUSED')
    for (const charset of ['iso-8859-1', '"utf-16"', 'utf-8; charset=latin1'])
      expect(await post({ ...own, 'content-type': `application/json; charset=${charset}` })).toBe(
        'CONTENT_TYPE_REFUSED',
      )
    expect(await post({ ...own, ...json })).toBe('NOT_ALLOWED')
    expect(await post({ ...own, ...json }, '/api/notes/other')).toBe('NOT_FOUND')
    for (const charset of ['utf-8', 'UTF8', '"Utf-8"; x=y'])
      expect(
        await post({ ...own, 'content-type': `application/json;charset=${charset}` }, '/api/notes/mine'),
      ).toBe('BODY_INVALID')
  }
})

test('whose session ends while their body comes acts no more: how slowly it comes is their own choice', async () => {
  let actCount = 0
  await using server = await served({ patience: { letInForMs: 0 } }, (app) => {
    app.post(
      '/api/notes/:id',
      { config: { access: { permission: 'desk.use' }, isKeyed: false }, schema: { body: noteSchema } },
      (request, reply) => {
        actCount += 1
        return reply.send(bodyOf(request, noteSchema))
      },
    )
  })
  const post = async (path: string, isOver: boolean) => {
    server.state.isOver = false
    const body = '{"note":"x"}'
    const headers = { ...SESSION, ...json, 'content-length': body.length, origin: server.site }
    const asked = httpRequest(`${server.site}${path}`, {
      method: 'POST',
      headers: { ...headers, expect: '100-continue' },
    })
    asked.flushHeaders()
    // Told to go on, so it was let in.
    await once(asked, 'continue')
    server.state.isOver = isOver
    asked.end(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    return answer.statusCode
  }
  expect(await post('/api/notes/mine', false)).toBe(200)
  server.refusals.length = 0
  expect(await post('/api/notes/mine', true)).toBe(401)
  expect(server.refusals).toEqual([
    ['p-1', { method: 'POST', route: '/api/notes/:id', code: 'NOT_SIGNED_IN' }],
  ])
  expect(actCount).toBe(1)
})

test('whose session ends while what they asked for is read is not told it; what tells nothing is answered as it was done', async () => {
  const reading = Promise.withResolvers<void>()
  let begun = Promise.withResolvers<void>()
  await using server = await served({ patience: { letInForMs: 0 } }, (app) => {
    const config = { access: 'signed in' } as const
    app.get('/api/words', { config }, async (_request, reply) => {
      begun.resolve()
      await reading.promise
      return reply.header('content-type', 'text/plain').send('what was said')
    })
    app.post('/sign-out', { config }, async (_request, reply) => {
      server.state.isOver = true
      return reply.code(204).send()
    })
  })
  const own = { ...SESSION, ...json, origin: server.site }
  const asked = server.ask('/api/words', { headers: SESSION })
  await begun.promise
  expect((await server.ask('/sign-out', { method: 'POST', headers: own, body: '{}' })).status).toBe(204)
  reading.resolve()
  const { status, code, text } = await asked
  expect([status, code]).toEqual([401, 'NOT_SIGNED_IN'])
  expect(text).not.toContain('what was said')

  server.state.isOver = false
  begun = Promise.withResolvers<void>()
  expect((await server.ask('/api/words', { headers: SESSION })).text).toBe('what was said')
})

test('behind a proxy a site is the one that browsers name, whether the proxy says its port or not', async () => {
  await using server = await served({ trustedProxies: ['127.0.0.0/8'] })
  const post = async (host: string, protocol: string, origin: string) => {
    const headers = { ...SESSION, ...json, 'x-forwarded-host': host, 'x-forwarded-proto': protocol, origin }
    return (await server.ask('/api/notes/mine', { method: 'POST', headers, body: '{"note":"x"}' })).status
  }
  for (const host of ['localhost', 'localhost:443', 'LOCALHOST:443'])
    expect(await post(host, 'https', 'https://localhost')).toBe(200)
  expect(await post('localhost:80', 'http', 'http://localhost')).toBe(200)
  expect(await post('localhost:8443', 'https', 'https://localhost:8443')).toBe(200)
  for (const [host, protocol, origin] of [
    ['localhost:443', 'http', 'http://localhost'],
    ['localhost:8443', 'https', 'https://localhost'],
    ['localhost', 'https', 'http://localhost'],
    ['localhost', 'wss', 'null'],
    ['localhost', 'x', 'null'],
    ['localhost', '', ''],
  ] as const)
    expect(await post(host, protocol, origin)).toBe(403)
})

test('what a person may not is 403 exactly where the permission is missing', async () => {
  await using server = await served()
  expect((await server.ask('/api/audit', { headers: SESSION })).code).toBe('NOT_ALLOWED')
  expect((await server.ask('/api/me', { headers: SESSION })).status).toBe(200)
})

test('a body that is not JSON, or not the right one, is refused after the scope, with its fields and without its values', async () => {
  await using server = await served()
  const post = (path: string, body: string | Buffer) =>
    server.ask(path, { method: 'POST', headers: { ...SESSION, ...json, origin: server.site }, body })
  const latin1 = Buffer.from('{"note":"Olá"}', 'latin1')
  for (const body of ['{', '', 'null', '{"note":5}', '[]', latin1]) {
    expect((await post('/api/notes/other', body)).status).toBe(404)
    expect((await post('/api/notes/mine', body)).code).toBe('BODY_INVALID')
  }
  expect(JSON.parse((await post('/api/notes/mine', '{"note":""}')).text)).toMatchObject({
    code: 'BODY_INVALID',
    fields: [{ path: 'note' }],
  })
  expect(JSON.parse((await post('/api/notes/mine', '{"note":"Olá, আমি"}')).text)).toEqual({
    note: 'Olá, আমি',
  })
  const tooLarge = await post('/api/notes/mine', JSON.stringify({ note: 'x'.repeat(300_000) }))
  expect([tooLarge.status, tooLarge.code]).toEqual([413, 'BODY_TOO_LARGE'])
})

test('a route that asks for no body gets none', async () => {
  await using server = await served()
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  expect((await server.ask('/bodiless', { method: 'POST', headers: json, body: '{' })).code).toBe(
    'CONTENT_TYPE_REFUSED',
  )
  expect(
    (
      await server.ask('/bodiless', {
        method: 'POST',
        headers: { 'transfer-encoding': 'chunked' },
        body: 'x',
      })
    ).code,
  ).toBe('CONTENT_TYPE_REFUSED')
  expect((await server.ask('/bodiless', { method: 'POST' })).text).toBe('{"body":null}')
  expect((await server.ask('/hook', { method: 'POST', headers: form, body: 'a=b' })).text).toBe(
    '{"body":"a=b"}',
  )
  expect((await server.ask('/hook', { method: 'POST', headers: json, body: '{}' })).code).toBe(
    'CONTENT_TYPE_REFUSED',
  )
})

test('who expects what nobody offers is answered as anybody else', async () => {
  await using server = await served()
  const expecting = { expect: 'a-miracle' }
  expect((await server.ask('/open', { headers: expecting })).text).toBe('open')
  expect((await server.ask('/api/me', { headers: expecting })).code).toBe('NOT_SIGNED_IN')
  expect((await server.ask('/open', { headers: { ...expecting, host: 'evil.example' } })).code).toBe(
    'HOST_UNKNOWN',
  )
})

test('a route for pages of this site refuses those of others on GET too, and lets programs in', async () => {
  await using server = await served()
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ])
    expect((await server.ask('/own', { headers })).code).toBe('ORIGIN_REFUSED')
  for (const headers of [{}, { origin: server.site }, { 'sec-fetch-site': 'same-origin' }])
    expect((await server.ask('/own', { headers })).text).toBe('own')
})

test('refused people and strangers leave a trace by the pattern of the route, never by its address', async () => {
  await using server = await served()
  await server.ask('/api/notes/secret', { method: 'POST', headers: json, body: '{}' })
  await server.ask('/api/audit', { headers: SESSION })
  await server.ask('/api/me', { headers: SESSION })
  const change = { method: 'POST', headers: { ...SESSION, ...json, origin: server.site }, body: '{}' }
  // What is on record is not in the answer.
  expect((await server.ask('/api/notes/theirs', change)).text).toBe(
    (await server.ask('/api/notes/nothing', change)).text,
  )
  expect(server.refusals).toEqual([
    [undefined, { method: 'POST', route: '/api/notes/:id', code: 'NOT_SIGNED_IN' }],
    ['p-1', { method: 'GET', route: '/api/audit', code: 'NOT_ALLOWED' }],
    ['p-1', { method: 'POST', route: '/api/notes/:id', code: 'NOT_SEEN' }],
  ])
})

test('of a path that cannot be read a stranger is refused like of any other, on record, and nothing fails', async () => {
  await using server = await served()
  expect((await server.ask('/api/notes/%')).code).toBe('NOT_SIGNED_IN')
  expect(server.refusals).toEqual([
    [undefined, { method: 'GET', route: 'unknown route', code: 'NOT_SIGNED_IN' }],
  ])
})

test('what somebody asked in a way that cannot be is not logged: it may repeat what they typed', async () => {
  const lines: string[] = []
  const log = createLogger({ service: 'agent', destination: { write: (line) => void lines.push(line) } })
  const refusing = (app: FastifyInstance) => {
    for (const status of [400, 503])
      app.get(`/${status}`, { config: { access: 'public' } }, async () => {
        throw new HttpRefusal(status, 'REFUSED', 'No.', { cause: new Error('there is no figure maria') })
      })
  }
  await using server = await served({ log }, refusing)
  expect([(await server.ask('/400')).status, (await server.ask('/503')).status]).toEqual([400, 503])
  expect(lines.map((line) => (JSON.parse(line) as { route?: string }).route)).toEqual(['/503'])
})

test('while sessions cannot be read, people are told to come again, and what is public goes on', async () => {
  await using server = await served()
  server.state.isAway = true
  const answer = await server.ask('/api/me', { headers: SESSION })
  expect([answer.status, answer.code, answer.headers['retry-after']]).toEqual([
    503,
    'SESSIONS_UNAVAILABLE',
    '5',
  ])
  expect((await server.ask('/open')).status).toBe(200)
})
