import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Access, DeclaredRoute } from './access.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** One sentence, for /api/openapi.json. */
    summary?: string
  }
}

const PATH = '/api/openapi.json'

/** What a route under /api says of itself: its `schema`, with zod's schemas in it. `bodyOf` and `queryOf` check by these and no others. */
interface RouteSchema {
  readonly summary?: string
  readonly params?: z.ZodType
  readonly querystring?: z.ZodType
  readonly body?: z.ZodType
  /** By status; others than these are refusals. */
  readonly response?: Readonly<Record<string, z.ZodType>>
}

const refusal = z.object({
  code: z.string(),
  message: z.string(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

/** `GET /api/openapi.json`: every route under /api as it is declared, made when it is first asked for. */
export function addOpenApi(app: FastifyInstance): void {
  let text: string | undefined
  app.get(
    PATH,
    { config: { access: 'signed in' }, schema: { summary: 'This description.' } },
    (_request, reply) => {
      text ??= JSON.stringify(describe(app.declaredRoutes))
      return reply.type('application/json; charset=utf-8').send(text)
    },
  )
}

/** https://spec.openapis.org/oas/v3.1.0 */
function describe(routes: readonly DeclaredRoute[]): object {
  const paths = Map.groupBy(
    routes.filter(({ url }) => url.startsWith('/api/')),
    ({ url }) => url.replaceAll(/:(\w+)/g, '{$1}'),
  )
  return {
    openapi: '3.1.0',
    info: { title: 'Parley', version: '1' },
    paths: Object.fromEntries(
      [...paths].map(([path, declared]) => [
        path,
        Object.fromEntries(declared.map((route) => [route.method.toLowerCase(), operation(route)])),
      ]),
    ),
    components: { schemas: { Refusal: jsonSchema(refusal, 'output') } },
  }
}

function operation({ url, access, schema, config }: DeclaredRoute): object {
  const { summary, params, querystring, body, response } = (schema ?? {}) as RouteSchema
  const parameters = [
    ...[...url.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
      name,
      in: 'path',
      required: true,
      schema: properties(params).get(name)?.schema ?? { type: 'string' },
    })),
    ...[...properties(querystring)].map(([name, parameter]) => ({ name, in: 'query', ...parameter })),
    ...(config.isKeyed === true ? [IDEMPOTENCY_KEY] : []),
  ]
  return {
    ...(summary !== undefined && { summary }),
    'x-access': nameOf(access),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: json(jsonSchema(body, 'input')) } }),
    responses: {
      ...(config.isKeyed === true && UNDECIDED),
      ...Object.fromEntries(
        Object.entries(response ?? {}).map(([status, answer]) => [
          status,
          { description: 'the answer', content: json(jsonSchema(answer, 'output')) },
        ]),
      ),
      default: { description: 'a refusal', content: json({ $ref: '#/components/schemas/Refusal' }) },
    },
  }
}

const json = (schema: object) => ({ 'application/json': { schema } })

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  schema: { type: 'string', pattern: '^[!-~]{1,128}$' },
}

/** Of each change: what every one of them may answer beside what it decides. */
const UNDECIDED = {
  202: {
    description: 'nothing is decided yet: ask again with the same key',
    content: json(jsonSchema(z.object({ commandId: z.uuid() }), 'output')),
  },
  409: {
    description: 'the rules refused it',
    content: json({ $ref: '#/components/schemas/Refusal' }),
  },
}

/** `signed in`, `public`, or the permission's name as in /api/me. */
const nameOf = (access: Access): string => (typeof access === 'object' ? access.permission : access)

function properties(
  schema: z.ZodType | undefined,
): ReadonlyMap<string, { readonly required: boolean; readonly schema: object }> {
  if (schema === undefined) return new Map()
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, object>
    required?: string[]
  }
  return new Map(
    Object.entries(properties).map(([name, schema]) => [name, { required: required.includes(name), schema }]),
  )
}
