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

/** Of a route's `schema.response`: an answer that is no JSON, and as what it is sent. */
export const sentAs = (...mediaTypes: readonly string[]): z.ZodType => z.unknown().meta({ mediaTypes })

const refusal = z.object({
  code: z.string(),
  message: z.string(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

/** What the rules make of a wish names what explains it, and no places of a body. */
const ruling = refusal.extend({ fields: z.record(z.string(), z.string()).optional() })

const description = z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })

/** `GET /api/openapi.json`: every route under /api as it is declared, made when it is first asked for. */
export function addOpenApi(app: FastifyInstance): void {
  let text: string | undefined
  app.get(
    PATH,
    {
      config: { access: 'signed in' },
      schema: { summary: 'This description.', response: { 200: description } },
    },
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
    components: {
      schemas: { Refusal: jsonSchema(refusal, 'output'), Ruling: jsonSchema(ruling, 'output') },
    },
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
    ...(config.isKeyed === true || config.body === 'upload'
      ? [{ ...IDEMPOTENCY_KEY, required: config.isKeyed === true }]
      : []),
  ]
  const taken = config.body === 'upload' ? FORM_WITH_FILE : body && json(jsonSchema(body, 'input'))
  return {
    ...(summary !== undefined && { summary }),
    'x-access': nameOf(access),
    ...(parameters.length > 0 && { parameters }),
    ...(taken && { requestBody: { required: true, content: taken } }),
    responses: {
      ...(config.isKeyed === true && UNDECIDED),
      ...Object.fromEntries(
        Object.entries(response ?? {}).map(([status, answer]) => [
          status,
          status === NO_CONTENT ? { description: 'it is done' } : answered(answer),
        ]),
      ),
      default: { description: 'a refusal', content: json({ $ref: '#/components/schemas/Refusal' }) },
    },
  }
}

const NO_CONTENT = '204'

function answered(answer: z.ZodType): object {
  const { mediaTypes } = answer.meta() ?? {}
  return {
    description: 'the answer',
    content: Array.isArray(mediaTypes)
      ? Object.fromEntries(mediaTypes.map((type) => [type, {}]))
      : json(jsonSchema(answer, 'output')),
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
  schema: { type: 'string', pattern: '^[!-~]{1,128}$' },
}

/** Of a body that is an `upload`: in the field `file`. */
const FORM_WITH_FILE = {
  'multipart/form-data': {
    schema: {
      type: 'object',
      properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
      required: ['file'],
    },
  },
}

/** Of each change: what every one of them may answer beside what it decides. */
const UNDECIDED = {
  202: {
    description: 'nothing is decided yet: ask again with the same key',
    content: json(jsonSchema(z.object({ commandId: z.uuid() }), 'output')),
  },
  409: {
    description: 'the rules refused it',
    content: json({ $ref: '#/components/schemas/Ruling' }),
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
