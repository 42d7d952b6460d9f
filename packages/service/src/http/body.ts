import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { HttpRefusal } from './refusal.ts'

/**
 * The JSON body of a route, by the `schema.body` that it declares. Called by the handler, after it has refused what the caller may not see.
 * @throws {HttpRefusal} 400 BODY_INVALID with the fields that are wrong; never with their values
 */
export function bodyOf<Schema extends z.ZodType>(request: FastifyRequest, schema: Schema): z.output<Schema> {
  declares(request, 'body', schema)
  let json: unknown
  try {
    json = JSON.parse(typeof request.body === 'string' ? request.body : '')
  } catch {
    throw invalid('BODY_INVALID', 'The body is not JSON.', [{ path: '', message: 'it is not JSON' }])
  }
  return checked(schema, json, 'BODY_INVALID', 'The body is not what this route takes.')
}

/**
 * The parameters after the `?`, by the `schema.querystring` that the route declares. One that is empty is one that is not given: a form, or
 * a tool that fills in `?queue=&cursor=`, sends all names that it knows.
 * @throws {HttpRefusal} 400 QUERY_INVALID with the parameters that are wrong; never with their values
 */
export function queryOf<Schema extends z.ZodType>(request: FastifyRequest, schema: Schema): z.output<Schema> {
  declares(request, 'querystring', schema)
  const given = Object.fromEntries(
    Object.entries(request.query as Readonly<Record<string, unknown>>).filter(([, value]) => value !== ''),
  )
  return checked(schema, given, 'QUERY_INVALID', 'The address has parameters that cannot be used.')
}

/** What /api/openapi.json says is what is checked: another schema than the declared one is a mistake of ours. */
function declares(request: FastifyRequest, part: 'body' | 'querystring', schema: z.ZodType): void {
  if (request.routeOptions.schema?.[part] !== schema)
    throw new Error(`${request.routeOptions.url} checks its ${part} by a schema that it does not declare.`)
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  code: 'BODY_INVALID' | 'QUERY_INVALID',
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(
    code,
    what,
    parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })),
  )
}

const invalid = (
  code: 'BODY_INVALID' | 'QUERY_INVALID',
  message: string,
  fields: readonly { path: string; message: string }[],
): HttpRefusal => new HttpRefusal(400, code, message, { fields })
