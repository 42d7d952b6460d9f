import type { FastifyReply, FastifyRequest } from 'fastify'
import { type GraphError, graphErrorBody, noSuchObject } from '../../graph/errors.ts'
import { type Parameters, readParameters } from '../../graph/parameters.ts'

export type Query = Readonly<Record<string, string | undefined>>
export const queryOf = (request: FastifyRequest): Query => request.query as Query
export const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id
export const parametersOf = (request: FastifyRequest): Parameters | undefined =>
  readParameters(request.headers['content-type'], request.body as Buffer | undefined)

export const refuse = (reply: FastifyReply, error: GraphError): FastifyReply => {
  if (error.httpStatus === 401)
    void reply.header('www-authenticate', `OAuth "Facebook Platform" "invalid_token" "${error.title}"`)
  return reply.code(error.httpStatus).send(graphErrorBody(error))
}

export const refuseUnknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  refuse(reply, noSuchObject(request.method.toLowerCase(), idOf(request)))

export const page = (items: readonly object[], query: Query): object => {
  const limit = Math.min(Math.max(Number(query['limit']) || 100, 1), 1000)
  const start =
    query['after'] === undefined ? 0 : Number(Buffer.from(query['after'], 'base64url').toString()) || 0
  const data = items.slice(start, start + limit)
  const cursor = (at: number): string => Buffer.from(String(at)).toString('base64url')
  const end = start + data.length
  return {
    data,
    ...(data.length === 0 ? {} : { paging: { cursors: { before: cursor(start), after: cursor(end) } } }),
  }
}

export const onlyFields = (node: Readonly<Record<string, unknown>>, query: Query): object => {
  const wanted = query['fields']?.split(',').map((field) => field.trim())
  if (wanted === undefined) return node
  return Object.fromEntries(
    Object.entries(node).filter(([field]) => field === 'id' || wanted.includes(field)),
  )
}

/** A path that names something by its id; whether it is a number, an account or a file is seen by whoever has it. */
export const AN_ID = '/:id(^\\d+$)'
export const READ = { config: { access: 'capability' } } as const
export const WRITE = { config: { access: 'capability', body: 'raw' } } as const

/** A call on something that is known here: the handler gets it, or the call is refused as Meta does. */
export type On<Thing> = (
  handle: (thing: Thing, request: FastifyRequest, reply: FastifyReply) => unknown,
) => (request: FastifyRequest, reply: FastifyReply) => unknown

export const on =
  <Thing>(find: (id: string) => Thing | undefined): On<Thing> =>
  (handle) =>
  (request, reply) => {
    const found = find(idOf(request))
    return found === undefined ? refuseUnknown(request, reply) : handle(found, request, reply)
  }
