import type { FastifyInstance } from 'fastify'
import { MongoServerSelectionError } from 'mongodb'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { SignedIn } from './access.ts'
import { bodyOf, queryOf } from './body.ts'
import { GrpcError, status } from '../grpc/status.ts'
import { sentAs } from './openapi.ts'
import { createHttpServer } from './server.ts'

const person: SignedIn = {
  id: 'p-1',
  login: 'ana',
  name: 'Ana',
  roles: [],
  team: null,
  vendor: null,
  permissions: ['notes.write'],
  sessionId: 's-1',
}
const note = z.object({ note: z.string().min(1).max(100) })
const filter = z.object({ from: z.iso.datetime().optional(), kind: z.enum(['a', 'b']) })

function served(declare: (app: FastifyInstance) => void) {
  const app = createHttpServer({
    hosts: ['localhost'],
    doorkeeper: { signedIn: async () => person, refused: () => {} },
  })
  declare(app)
  return app
}

const headers = { host: 'localhost', origin: 'http://localhost', 'content-type': 'application/json' }

test('the description lists all routes under /api and no other, each with who may use it and what it takes', async () => {
  await using app = served((app) => {
    app.get('/', { config: { access: 'signed in' } }, async () => '')
    app.get('/api/status', { config: { access: 'public' } }, async () => '')
    app.post(
      '/api/notes/:id',
      {
        config: { access: { permission: 'notes.write' }, isKeyed: false },
        schema: { summary: 'Writes a note.', body: note, response: { 200: z.object({ id: z.string() }) } },
      },
      async () => '',
    )
    app.get(
      '/api/notes',
      { config: { access: 'signed in' }, schema: { querystring: filter } },
      async () => '',
    )
  })
  const answer = await app.inject({ url: '/api/openapi.json', headers })
  const description = answer.json<{ paths: Record<string, Record<string, object>> }>()
  expect(description).toMatchObject({ openapi: '3.1.0', info: { title: 'Parley' } })
  expect(
    Object.entries(description.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [
        method,
        path,
        (operation as never)['x-access'],
      ]),
    ),
  ).toEqual([
    ['get', '/api/openapi.json', 'signed in'],
    ['get', '/api/status', 'public'],
    ['post', '/api/notes/{id}', 'notes.write'],
    ['get', '/api/notes', 'signed in'],
  ])
  expect(description.paths['/api/notes/{id}']?.['post']).toMatchObject({
    summary: 'Writes a note.',
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    requestBody: {
      content: {
        'application/json': {
          schema: { properties: { note: { type: 'string', maxLength: 100 } }, required: ['note'] },
        },
      },
    },
    responses: {
      200: { content: { 'application/json': { schema: { properties: { id: { type: 'string' } } } } } },
      default: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } } },
    },
  })
  expect(description.paths['/api/notes']?.['get']).toMatchObject({
    parameters: [
      { name: 'from', in: 'query', required: false, schema: { format: 'date-time' } },
      { name: 'kind', in: 'query', required: true, schema: { enum: ['a', 'b'] } },
    ],
  })
})

test('an answer that is no JSON is described by what it is sent as, one without content by nothing, what the rules refuse by what explains it', async () => {
  await using app = served((app) => {
    const config = { access: 'signed in', isKeyed: true } as const
    const schema = { response: { 200: sentAs('text/csv', 'application/jsonl'), 204: z.null() } }
    app.get('/api/file', { config, schema }, async () => '')
    app.post('/api/notes', { config, schema: { body: note } }, async () => '')
    app.post('/api/files', { config: { ...config, isKeyed: false, body: 'upload' } }, async () => '')
  })
  const { paths, components } = (await app.inject({ url: '/api/openapi.json', headers })).json<{
    paths: Record<string, Record<string, unknown>>
    components: unknown
  }>()
  expect(paths['/api/file']?.['get']).toMatchObject({
    responses: {
      200: { content: { 'text/csv': {}, 'application/jsonl': {} } },
      204: { description: 'it is done' },
    },
  })
  expect(JSON.stringify(paths['/api/file'])).not.toContain('mediaTypes')
  expect(paths['/api/notes']?.['post']).toMatchObject({
    parameters: [{ name: 'Idempotency-Key', required: true }],
    responses: {
      409: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Ruling' } } } },
    },
  })
  expect(components).toMatchObject({
    schemas: { Ruling: { properties: { fields: { additionalProperties: { type: 'string' } } } } },
  })
  expect(paths['/api/files']?.['post']).toMatchObject({
    parameters: [{ name: 'Idempotency-Key', required: false }],
    requestBody: { content: { 'multipart/form-data': { schema: { required: ['file'] } } } },
  })
})

test('a handler checks by the schema that its route declares, or fails', async () => {
  const other = z.object({})
  await using app = served((app) => {
    const access = 'signed in'
    const config = { access, isKeyed: false } as const
    app.get('/api/good', { config, schema: { querystring: filter } }, (request, reply) =>
      reply.send(queryOf(request, filter)),
    )
    app.post('/api/good', { config, schema: { body: note } }, (request, reply) =>
      reply.send(bodyOf(request, note)),
    )
    app.get('/api/bad', { config }, (request, reply) => reply.send(queryOf(request, filter)))
    app.post('/api/bad', { config, schema: { body: other } }, (request, reply) =>
      reply.send(bodyOf(request, note)),
    )
  })
  expect((await app.inject({ url: '/api/good?kind=a&more=x', headers })).json()).toEqual({ kind: 'a' })
  expect((await app.inject({ url: '/api/good?kind=a&from=', headers })).json()).toEqual({ kind: 'a' })
  expect((await app.inject({ url: '/api/good?kind=', headers })).statusCode).toBe(400)
  expect((await app.inject({ url: '/api/good?kind=secret', headers })).json()).toMatchObject({
    code: 'QUERY_INVALID',
    fields: [{ path: 'kind' }],
  })
  expect((await app.inject({ url: '/api/good?kind=secret', headers })).body).not.toContain('secret')
  const good = { method: 'POST', url: '/api/good', headers, payload: '{"note":"x"}' } as const
  expect((await app.inject(good)).json()).toEqual({ note: 'x' })
  expect((await app.inject({ url: '/api/bad?kind=a', headers })).statusCode).toBe(500)
  expect((await app.inject({ ...good, url: '/api/bad' })).statusCode).toBe(500)
})

test('a part that is away is 503 with the time to come again, never 500', async () => {
  const errors: Record<string, Error> = {
    mongo: new MongoServerSelectionError('no server', {} as never),
    grpc: new GrpcError(status.UNAVAILABLE, 'UNAVAILABLE', 'no connection'),
    slow: new GrpcError(status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED', 'too slow'),
    log: Object.assign(new Error('no broker'), { code: 'LOG_UNAVAILABLE' }),
  }
  await using app = served((app) => {
    for (const [name, error] of Object.entries(errors))
      app.get(`/api/${name}`, { config: { access: 'public' } }, () => Promise.reject(error))
  })
  for (const name of Object.keys(errors)) {
    const answer = await app.inject({ url: `/api/${name}`, headers })
    expect([
      name,
      answer.statusCode,
      answer.json<{ code: string }>().code,
      answer.headers['retry-after'],
    ]).toEqual([name, 503, 'UNAVAILABLE', '5'])
  }
})

test('what another service refuses by its rules is refused under its code, and what it does not take of this one is a fault', async () => {
  const errors: Record<string, readonly [status, string, number, string]> = {
    person: [status.PERMISSION_DENIED, 'PERSON_NOT_PERMITTED', 503, 'UNAVAILABLE'],
    unknown: [status.NOT_FOUND, 'UNKNOWN_CONTACT', 409, 'UNKNOWN_CONTACT'],
    rules: [status.FAILED_PRECONDITION, 'NO_ADDRESS', 409, 'NO_ADDRESS'],
    caller: [status.PERMISSION_DENIED, 'CALLER_NOT_PERMITTED', 500, 'INTERNAL'],
    question: [status.INVALID_ARGUMENT, 'ID_INVALID', 500, 'INTERNAL'],
  }
  await using app = served((app) => {
    for (const [name, [grpcStatus, code]] of Object.entries(errors))
      app.get(`/api/${name}`, { config: { access: 'public' } }, () =>
        Promise.reject(new GrpcError(grpcStatus, code, 'why')),
      )
  })
  for (const [name, [, , statusCode, code]] of Object.entries(errors)) {
    const answer = await app.inject({ url: `/api/${name}`, headers })
    expect([name, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([name, statusCode, code])
  }
})
