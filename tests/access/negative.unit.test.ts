import { Agent, request } from 'node:http'
import { permissionsOf } from '@parley/people'
import { type DeclaredRoute, type Doorkeeper, createHttpServer, listen } from '@parley/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type Server,
  HOSTS,
  OURS,
  THEIRS,
  allServers,
  anyPerson,
  asksForPerson,
  cookieWith,
  isApi,
  isTurnedAway,
  pathOf,
} from './servers.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND']

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

const agent = new Agent({ keepAlive: true })

const ask = (
  { url }: Server,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    // Node's client would send the body of a DELETE without its length.
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const asked = request(url, { agent, method, path, headers: { ...headers, ...length } }, (answer) => {
      const { statusCode: status = 0, headers } = answer
      let text = ''
      const settle = () => resolve({ status, text, code: /"code":"(\w+)"/.exec(text)?.[1], headers })
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.once('end', settle)
      // A stream never ends.
      if (headers['content-type']?.startsWith('text/event-stream') === true) {
        answer.destroy()
        settle()
      }
    })
    asked.on('error', reject)
    asked.end(body)
  })

const bodyTypeOf = ({ config }: DeclaredRoute): string =>
  config.body === 'upload' ? 'multipart/form-data; boundary=x' : 'application/json'
const isChange = ({ method }: DeclaredRoute): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method)
const permissionsFor = ({ access }: DeclaredRoute): string[] =>
  typeof access === 'object' ? [access.permission] : []

let servers: readonly Server[] = []
/** Codes of what the doorkeeper was told. */
const traces: string[] = []
beforeAll(async () => {
  const doorkeeper: Doorkeeper = { ...anyPerson, refused: (_person, { code }) => void traces.push(code) }
  servers = [...(await allServers(doorkeeper)), await exampleServer()]
})
afterAll(async () => {
  agent.destroy()
  await Promise.all(servers.map((server) => server.close()))
})

/** One route of each kind, so that the suite bites also where no server has one. */
async function exampleServer(): Promise<Server> {
  const app = createHttpServer({ hosts: HOSTS, doorkeeper: anyPerson })
  app.get('/page', { config: { access: 'signed in' } }, async () => 'page')
  app.get('/stream', { config: { access: 'signed in', stream: true } }, async () => 'stream')
  app.get('/api/me', { config: { access: 'signed in' } }, async () => 'me')
  app.get('/api/audit', { config: { access: { permission: 'audit.read' } } }, async () => 'audit')
  app.post('/ping', { config: { access: 'public' } }, async () => 'pong')
  app.post(
    '/api/things/:id',
    { config: { access: { permission: 'things.write' }, isKeyed: false } },
    async () => 'thing',
  )
  app.delete('/things/:id', { config: { access: { permission: 'things.write' } } }, async () => 'gone')
  const resource = await listen(app, '127.0.0.1', 0)
  return {
    name: 'example',
    url: `http://127.0.0.1:${resource.port}`,
    routes: app.declaredRoutes,
    close: () => resource.close(),
  }
}

/** Calls on every route of every server: what went wrong, by the route's name. */
async function wrongRoutes(
  check: (server: Server, route: DeclaredRoute) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const server of servers)
    for (const route of server.routes) {
      const problem = await check(server, route)
      if (problem !== undefined) wrong.push(`${server.name} ${route.method} ${route.url}: ${problem}`)
    }
  return wrong
}

const unless = (isRight: boolean, { status, code }: Answer): string | undefined =>
  isRight ? undefined : `${status} ${code}`

test('no route answers to another name, be it in the header or in a whole address', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    const path = pathOf(route)
    const cookie = cookieWith(...permissionsFor(route))
    for (const [asked, host] of [
      [path, 'evil.example'],
      [`http://evil.example${path}`, 'localhost'],
    ] as const) {
      const answer = await ask(server, route.method, asked, { host, cookie })
      if (answer.status !== 421 || (route.method !== 'HEAD' && answer.code !== 'HOST_UNKNOWN'))
        return `${asked}: ${answer.status} ${answer.code}`
    }
    return undefined
  })
  expect(wrong).toEqual([])
})

test('no route answers to a method that it does not declare, HEAD and OPTIONS among them', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    const declared = server.routes.filter(({ url }) => url === route.url).map(({ method }) => method)
    for (const method of METHODS.filter((method) => !declared.includes(method))) {
      const answer = await ask(server, method, pathOf(route), { cookie: cookieWith() })
      if (answer.status !== 405) return `${method} ${answer.status} ${answer.code}`
    }
    return undefined
  })
  expect(wrong).toEqual([])
})

test('a route that asks for a person leads nobody else past its door: no session, a forged one', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    if (!asksForPerson(route)) return undefined
    for (const cookie of ['', 'session=', 'session=forged']) {
      const headers = { cookie, origin: server.url, 'content-type': 'application/json' }
      const { status, code, headers: got } = await ask(server, route.method, pathOf(route), headers)
      if (!isTurnedAway(route, { status, code, location: String(got['location']) }))
        return `${cookie} ${status} ${code}`
    }
    return undefined
  })
  expect(wrong).toEqual([])
})

test('403 comes exactly where the permission is missing', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    if (!asksForPerson(route)) return undefined
    const own = { origin: server.url, 'content-type': bodyTypeOf(route) }
    const body = isChange(route) ? '{}' : ''
    const without = await ask(
      server,
      route.method,
      pathOf(route),
      { ...own, cookie: cookieWith('other') },
      body,
    )
    const has = { ...own, cookie: cookieWith(...permissionsFor(route)) }
    const allowed = await ask(server, route.method, pathOf(route), has, body)
    if (permissionsFor(route).length > 0 && without.code !== 'NOT_ALLOWED')
      return `without: ${without.status} ${without.code}`
    return unless(allowed.status !== 403 && allowed.status !== 401, allowed)
  })
  expect(wrong).toEqual([])
})

test('what changes something for a person takes JSON (an upload: a form with a file) from its own site, and nothing else', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    if (!asksForPerson(route) || !isChange(route)) return undefined
    const cookie = cookieWith(...permissionsFor(route))
    const codeOf = async (headers: Readonly<Record<string, string>>) =>
      (await ask(server, route.method, pathOf(route), { cookie, ...headers }, '{}')).code
    const json = { 'content-type': 'application/json' }
    for (const foreign of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ])
      if ((await codeOf({ ...json, ...foreign })) !== 'ORIGIN_REFUSED') return JSON.stringify(foreign)
    const taken = bodyTypeOf(route)
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      json['content-type'],
    ])
      if (
        !taken.startsWith(type) &&
        (await codeOf({ origin: server.url, 'content-type': type })) !== 'CONTENT_TYPE_REFUSED'
      )
        return type
    return undefined
  })
  expect(wrong).toEqual([])
})

/** What has to be, whatever a route says of itself: all that people are known at, and what steers the simulator. */
const isOfOwnSite = ({ name }: Server, { url, config }: DeclaredRoute): boolean =>
  config.origin === 'own' || (name === 'console' ? url.startsWith('/api/') : url.startsWith('/_sim/'))

test('a route for pages of its own site, as all of /api and /_sim are, refuses those of others, whatever its method', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    if (!isOfOwnSite(server, route)) return undefined
    const cookie = cookieWith(...permissionsFor(route))
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const answer = await ask(server, route.method, pathOf(route), { ...headers, cookie })
      if (answer.code !== 'ORIGIN_REFUSED') return `${answer.status} ${answer.code}`
    }
    return undefined
  })
  expect(wrong).toEqual([])
})

test('of what a person is shown a browser keeps nothing: whoever sits there next, and goes back, sees none of it', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    if (!asksForPerson(route) || isChange(route)) return undefined
    const { status, headers } = await ask(server, route.method, pathOf(route), {
      cookie: cookieWith(...permissionsFor(route)),
    })
    const kept = String(headers['cache-control'])
    return kept.includes('no-store') ? undefined : `${status} ${kept}`
  })
  expect(wrong).toEqual([])
})

test('every change under /api says what its body is, be it nothing: what cannot be used is not passed over', async () => {
  const wrong = await wrongRoutes(async (server, route) =>
    server.name === 'console' &&
    isApi(route) &&
    isChange(route) &&
    route.config.body !== 'upload' &&
    route.schema?.body === undefined
      ? 'no schema.body'
      : undefined,
  )
  expect(wrong).toEqual([])
})

test('a route that asks for no body takes none', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    if (asksForPerson(route) || !isChange(route) || route.config.body !== undefined) return undefined
    const answer = await ask(server, route.method, pathOf(route), { 'content-type': 'application/json' }, '{')
    return unless(answer.status === 415, answer)
  })
  expect(wrong).toEqual([])
})

test('what a person does not see is not there, whatever the body says of it', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    if (server.name !== 'console' || !route.url.includes(':') || route.schema?.body === undefined)
      return undefined
    const headers = {
      origin: server.url,
      'idempotency-key': 'key',
      'content-type': 'application/json',
      cookie: cookieWith(...permissionsFor(route)),
    }
    for (const body of ['', '{', 'null', '[]', '"x"']) {
      const answer = await ask(server, route.method, pathOf(route), headers, body)
      if (answer.status !== 404) return `${answer.status} ${answer.code} to ${body}`
    }
    return undefined
  })
  expect(wrong).toEqual([])
})

test('what another team has is answered as what there is not, to the byte, on each route that names something', async () => {
  let askedCount = 0
  const wrong = await wrongRoutes(async (server, route) => {
    if (server.name !== 'console' || !isApi(route) || !route.url.includes(':')) return undefined
    const answer = async (id: string) => {
      const headers = {
        origin: server.url,
        cookie: cookieWith(...permissionsFor(route)),
        'idempotency-key': id,
        ...(isChange(route) && { 'content-type': 'application/json' }),
      }
      const body = isChange(route) ? '{}' : ''
      traces.length = 0
      const { status, text } = await ask(server, route.method, pathOf(route, id), headers, body)
      return { told: `${status} ${text.replaceAll(id, 'ID')}`, left: traces.join() }
    }
    askedCount += 1
    const [theirs, nothing] = [await answer(THEIRS), await answer('nothing')]
    if (theirs.told !== nothing.told) return `${theirs.told}, and ${nothing.told} of what is not there`
    return theirs.left === 'NOT_SEEN' && nothing.left === ''
      ? undefined
      : `on record: ${theirs.left}, and ${nothing.left} of what is not there`
  })
  expect(wrong).toEqual([])
  expect(askedCount).toBeGreaterThan(20)
})

const ANSWER = { item: 'greeting', value: 1 }
/** Bodies that name by an id what a team or a person has, by the routes that take them. */
const NAMED_IN_BODIES: Readonly<Record<string, (id: string) => readonly object[]>> = {
  'POST /api/conversations/:id/messages': (id) => [
    { type: 'text', text: 'x', replyTo: id },
    { type: 'media', uploadId: id },
    { type: 'media', uploadId: 'u', replyTo: id },
  ],
  'POST /api/conversations/:id/read': (id) => [{ upTo: id }],
  'POST /api/conversations/:id/reveal': (id) => [{ messageId: id }],
  'POST /api/conversations/:id/evaluations': (id) => [
    { form: 'service', version: 1, answers: [{ ...ANSWER, messageIds: [id] }] },
  ],
  'POST /api/reassignments': (id) => [{ conversationIds: [id], queue: 'queue of ours' }],
}
/** Names of fields that name something; whom the company has is no team's own, and what is done with them the rules decide. */
const IS_NAME = /(?:^i|I)ds?$|^(?:replyTo|upTo)$/
const OF_THE_COMPANY: ReadonlySet<string> = new Set(['agentId'])

test('what another team has is answered as what there is not where a body names it, too, and is on record; each body that names something is asked', async () => {
  const server = servers.find(({ name }) => name === 'console')!
  const routes = server.routes.filter(isApi)
  let askedCount = 0
  for (const route of routes) {
    const bodies = NAMED_IN_BODIES[`${route.method} ${route.url}`]
    if (bodies === undefined) continue
    const answer = async (body: object, id: string) => {
      const headers = {
        origin: server.url,
        cookie: cookieWith(...permissionsFor(route)),
        'idempotency-key': id,
        'content-type': 'application/json',
      }
      traces.length = 0
      const asked = await ask(server, route.method, pathOf(route, OURS), headers, JSON.stringify(body))
      expect(asked.status).toBeLessThan(500)
      expect(asked.text).not.toMatch(/"code":"NOT_FOUND","message":"There is no such co/)
      return { told: `${asked.status} ${asked.text.replaceAll(id, 'ID')}`, left: traces.join() }
    }
    for (const [index, body] of bodies(THEIRS).entries()) {
      askedCount += 1
      const name = `${route.url} ${JSON.stringify(body)}`
      const [theirs, nothing] = [
        await answer(body, THEIRS),
        await answer(bodies('what-is-not')[index]!, 'what-is-not'),
      ]
      expect([name, theirs.told]).toEqual([name, nothing.told])
      expect([name, theirs.left, nothing.left]).toEqual([name, 'NOT_SEEN', ''])
    }
  }
  expect(askedCount).toBe(7)

  const description = await fetch(`${server.url}/api/openapi.json`, { headers: { cookie: cookieWith() } })
  const { paths } = (await description.json()) as {
    paths: Record<string, Record<string, { requestBody?: object }>>
  }
  const unasked = routes.flatMap(({ method, url }) => {
    const { requestBody } = paths[url.replaceAll(/:(\w+)/g, '{$1}')]![method.toLowerCase()]!
    const named = namesIn(requestBody).filter((name) => IS_NAME.test(name) && !OF_THE_COMPANY.has(name))
    const asked = JSON.stringify(NAMED_IN_BODIES[`${method} ${url}`]?.('id') ?? [])
    return named.filter((name) => !asked.includes(`"${name}"`)).map((name) => `${method} ${url}: ${name}`)
  })
  expect(unasked).toEqual([])
})

/** Of all properties that a schema describes, however deep. */
function namesIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : []
  return [...own, ...Object.values(schema).flatMap(namesIn)]
}

test('who watches what is another team’s hears nothing of it, and is on record', async () => {
  const server = servers.find(({ name }) => name === 'console')!
  const leftBy = async (...watched: string[]) => {
    traces.length = 0
    const cookie = cookieWith('conversations.read')
    expect((await ask(server, 'GET', `/api/stream?watch=${watched.join()}`, { cookie })).status).toBe(200)
    return [...traces]
  }
  expect(await leftBy(OURS, THEIRS)).toEqual(['NOT_SEEN'])
  expect(await leftBy(OURS, 'nothing')).toEqual([])
})

test('who names a file of a message that another team has is on record, whichever conversation they name with it', async () => {
  const server = servers.find(({ name }) => name === 'console')!
  const leftBy = async (conversationId: string, messageId: string) => {
    traces.length = 0
    const cookie = cookieWith('conversations.read')
    const answer = await ask(server, 'GET', `/api/media/${conversationId}/${messageId}`, { cookie })
    expect(answer.code).toBe('NOT_FOUND')
    return [...traces]
  }
  expect(await leftBy(OURS, THEIRS)).toEqual(['NOT_SEEN'])
  expect(await leftBy('nothing', THEIRS)).toEqual(['NOT_SEEN'])
  expect(await leftBy(OURS, 'nothing')).toEqual([])
})

test('who moves on what is another team’s, and is told that there is none, is on record', async () => {
  const server = servers.find(({ name }) => name === 'console')!
  const leftBy = async (...conversationIds: string[]) => {
    traces.length = 0
    const headers = {
      origin: server.url,
      cookie: cookieWith('conversations.supervise'),
      'idempotency-key': 'key',
      'content-type': 'application/json',
    }
    const body = JSON.stringify({ conversationIds, queue: 'queue of ours' })
    expect((await ask(server, 'POST', '/api/reassignments', headers, body)).status).toBe(200)
    return [...traces]
  }
  expect(await leftBy(OURS, THEIRS)).toEqual(['NOT_SEEN'])
  expect(await leftBy(OURS, 'nothing')).toEqual([])
})

/** Of a field of 32 bits, as contracts have them. */
const WHOLE_NUMBER_MAX = 2 ** 31 - 1

/** What an auditor and an administrator may do beside reading: each of these is on record, is their own, or is a question in a body. */
const NO_CHANGE_OF_THE_COMPANYS = [
  'DELETE /api/wallboard/televisions/:id',
  'POST /api/conversations/:id/transcript-links',
  'POST /api/search',
  'POST /api/search/archive',
  'POST /api/wallboard/televisions',
  'POST /sign-out',
  'PUT /api/settings',
]

test('whoever reads all, auditors and administrators, changes nothing', () => {
  const readers = new Set<string>(permissionsOf(['auditor', 'administrator']))
  const routes = servers
    .find(({ name }) => name === 'console')!
    .routes.filter(asksForPerson)
    .filter(isChange)
  const open = routes.filter((route) => permissionsFor(route).every((permission) => readers.has(permission)))
  expect(open.map(({ method, url }) => `${method} ${url}`).toSorted()).toEqual(NO_CHANGE_OF_THE_COMPANYS)
})

/** In their order, each with what it is answered. What it needs of a route, and what is wrong with the request then. */
const FAULTS = [
  { code: 'HOST_UNKNOWN', of: () => true, host: 'evil.example' },
  { code: 'NOT_SIGNED_IN', of: () => true, cookie: 'session=forged' },
  { code: 'METHOD_NOT_ALLOWED', of: () => true, method: 'PATCH' },
  { code: 'ORIGIN_REFUSED', of: isChange, origin: 'https://evil.example' },
  { code: 'CONTENT_TYPE_REFUSED', of: isChange, type: 'text/plain' },
  {
    code: 'NOT_ALLOWED',
    of: (route: DeclaredRoute) => permissionsFor(route).length > 0,
    cookie: cookieWith('other'),
  },
  {
    code: 'IDEMPOTENCY_KEY_MISSING',
    of: ({ config }: DeclaredRoute) => config.isKeyed === true || config.body === 'upload',
    key: 'no key',
  },
  { code: 'NOT_FOUND', of: ({ url }: DeclaredRoute) => url.includes(':') },
  {
    code: 'BODY_INVALID',
    of: ({ schema, config }: DeclaredRoute) => schema?.body !== undefined || config.body === 'upload',
    body: '[',
  },
  {
    code: 'QUERY_INVALID',
    of: ({ schema }: DeclaredRoute) => schema?.querystring !== undefined,
    twice: true,
  },
] as const

test('of two faults at once the earlier one is told, on each route under /api', async () => {
  const { url } = servers.find(({ name }) => name === 'console')!
  const description = await fetch(`${url}/api/openapi.json`, { headers: { cookie: cookieWith() } })
  const { paths } = (await description.json()) as {
    paths: Record<string, Record<string, { parameters?: readonly { name: string; in: string }[] }>>
  }
  const parametersOf = (route: DeclaredRoute): readonly string[] => {
    const { parameters = [] } = paths[route.url.replaceAll(/:(\w+)/g, '{$1}')]![route.method.toLowerCase()]!
    return parameters.flatMap((parameter) => (parameter.in === 'query' ? parameter.name : []))
  }
  let askedCount = 0
  const wrong = await wrongRoutes(async (server, route) => {
    if (server.name !== 'console' || !isApi(route)) return undefined
    const own = FAULTS.filter(({ of }) => of(route))
    for (const [index, first] of own.entries())
      for (const second of own.slice(index)) {
        // Nothing that a path can name is there: this fault is in every request that it can be in.
        const faults = own.filter((one) => one === first || one === second || one.code === 'NOT_FOUND')
        const wanted = faults[0]!.code
        const said = Object.assign({}, ...faults.toReversed()) as {
          readonly [part in 'host' | 'cookie' | 'method' | 'origin' | 'type' | 'key' | 'body']?: string
        } & { readonly twice?: true }
        const query = said.twice
          ? `?${parametersOf(route)
              .flatMap((name) => [`${name}=x`, `${name}=y`])
              .join('&')}`
          : ''
        const headers = {
          ...(said.host !== undefined && { host: said.host }),
          cookie: said.cookie ?? cookieWith(...permissionsFor(route)),
          origin: said.origin ?? server.url,
          ...(isChange(route) && { 'content-type': said.type ?? bodyTypeOf(route) }),
          'idempotency-key': said.key ?? 'key',
        }
        askedCount += 1
        const path = pathOf(route, 'nothing') + query
        const body = isChange(route) ? (said.body ?? '{}') : ''
        const answer = await ask(server, said.method ?? route.method, path, headers, body)
        if (answer.code !== wanted)
          return `${answer.status} ${answer.code}, not ${wanted}, of ${faults.map(({ code }) => code).join(' and ')}`
      }
    return undefined
  })
  expect(wrong).toEqual([])
  expect(askedCount).toBeGreaterThan(1_000)
})

interface Described {
  readonly requestBody?: object
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>
  >
}

/** Undefined: the answer is one that the operation tells of. */
function undescribed(
  { responses }: Described,
  schemas: Readonly<Record<string, object>>,
  { status, text, headers }: Answer,
): string | undefined {
  const told = responses[status] ?? (status < 400 ? undefined : responses['default'])
  if (told === undefined) return `${status} is not told of`
  const { content } = told
  if (content === undefined) return text === '' ? undefined : `${status} has content`
  const [type = ''] = String(headers['content-type']).split(';')
  const { schema } = content[type] ?? content['*/*'] ?? {}
  if (content[type] === undefined && content['*/*'] === undefined) return `${status} is sent as ${type}`
  if (schema === undefined) return undefined
  const name = '$ref' in schema ? String(schema.$ref).replace('#/components/schemas/', '') : undefined
  const shape = name === undefined ? schema : schemas[name]
  const { error } = z.fromJSONSchema(shape as never).safeParse(JSON.parse(text))
  return error && `${status} has another shape: ${error.message} in ${text}`
}

test('what a route under /api takes and answers is what its description says: each has an answer that is no refusal, and none is of another status, type or shape', async () => {
  const server = servers.find(({ name }) => name === 'console')!
  const description = await fetch(`${server.url}/api/openapi.json`, { headers: { cookie: cookieWith() } })
  const { paths, components } = (await description.json()) as {
    paths: Record<string, Record<string, Described>>
    components: { schemas: Record<string, object> }
  }
  const statuses = new Set<number>()
  const wrong = await wrongRoutes(async ({ name }, route) => {
    if (name !== 'console' || !isApi(route)) return undefined
    const operation = paths[route.url.replaceAll(/:(\w+)/g, '{$1}')]![route.method.toLowerCase()]!
    if (!Object.keys(operation.responses).some((status) => status.startsWith('2'))) return 'it only refuses'
    if (isChange(route) && operation.requestBody === undefined) return 'no body is told of'
    const bodies = NAMED_IN_BODIES[`${route.method} ${route.url}`]?.(OURS) ?? []
    for (const id of [OURS, THEIRS, 'nothing'])
      for (const body of isChange(route) ? ['{}', '[', ...bodies.map((one) => JSON.stringify(one))] : ['']) {
        const answer = await ask(
          server,
          route.method,
          pathOf(route, id),
          {
            origin: server.url,
            cookie: cookieWith(...permissionsFor(route)),
            'idempotency-key': 'key',
            ...(isChange(route) && { 'content-type': bodyTypeOf(route) }),
          },
          body,
        )
        statuses.add(answer.status)
        const problem = undescribed(operation, components.schemas, answer)
        if (problem !== undefined) return `of ${id} with ${body}: ${problem}`
      }
    return undefined
  })
  expect(wrong).toEqual([])
  expect([...statuses]).toEqual(expect.arrayContaining([200, 204, 400, 404]))
})

test('every whole number that is asked for has bounds that a contract can carry, and every list an end: each of its places may be wrong, and is told', async () => {
  const server = servers.find(({ name }) => name === 'console')!
  const answer = await fetch(`${server.url}/api/openapi.json`, { headers: { cookie: cookieWith() } })
  const { paths } = (await answer.json()) as {
    paths: Record<string, Record<string, Record<string, unknown>>>
  }
  const wrong: string[] = []
  const walk = (value: unknown, where: string): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, maximum, minimum, maxItems } = value as Readonly<Record<string, unknown>>
    const isBounded = Number(maximum) <= WHOLE_NUMBER_MAX && Number(minimum) >= 0
    if (type === 'integer' ? !isBounded : type === 'array' && maxItems === undefined) wrong.push(where)
    for (const [key, inner] of Object.entries(value)) walk(inner, `${where}.${key}`)
  }
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { parameters, requestBody }] of Object.entries(operations))
      walk({ parameters, requestBody }, `${method} ${path}`)
  expect(wrong).toEqual([])
})

const HOSTILE = [
  'constructor',
  '__proto__',
  'toString',
  '%00',
  '%',
  '..%2f..%2fetc',
  '%F0%9F%92%A9',
  'x'.repeat(3_000),
]
const HOSTILE_BODIES = [
  ['application/json', ''],
  ['application/json', '{'],
  ['application/json', 'null'],
  ['application/json', '{"__proto__":{"x":1},"constructor":[]}'],
  ['application/x-www-form-urlencoded', 'a=%&__proto__=x'],
  ['multipart/form-data; boundary=x', '--x'],
  ['x', '\u0000'],
] as const

/** The phone's server answers as Meta's Graph API does. */
const isToldWhy = ({ name }: Server, { status, text, headers }: Answer): boolean => {
  if (name === 'phone' || status < 400 || !String(headers['content-type']).startsWith('application/json'))
    return true
  const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown }
  return typeof code === 'string' && typeof message === 'string'
}

test('nothing that comes from outside makes a route fail; each answer says that it is not to be sniffed, each refusal in JSON its code and a message', async () => {
  const wrong = await wrongRoutes(async (server, route) => {
    const headers = {
      origin: server.url,
      authorization: 'Bearer token',
      cookie: cookieWith(...permissionsFor(route)),
      'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
    }
    for (const value of HOSTILE)
      for (const [type, body] of isChange(route) ? HOSTILE_BODIES : [['', ''] as const]) {
        const path = `${pathOf(route, value)}?lang=${value}&after=${value}&after=2&waId=${value}&__proto__=x&fields[]=`
        const answer = await ask(server, route.method, path, { ...headers, 'content-type': type }, body)
        if (answer.status >= 500 && answer.status !== 503)
          return `${answer.status} on ${path} ${type} ${body}`
        if (answer.headers['x-content-type-options'] !== 'nosniff') return `sniffed on ${path}`
        if (!isToldWhy(server, answer)) return `${answer.status} without code and message on ${path}`
      }
    return undefined
  })
  expect(wrong).toEqual([])
})
