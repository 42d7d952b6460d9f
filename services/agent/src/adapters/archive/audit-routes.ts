import { ENTRY_TYPES } from '@parley/audit'
import { type Language, acceptedLanguage, isLanguage } from '@parley/conversation'
import { HttpRefusal, PAGE_STYLE, pageFile, queryOf, servePageFiles, whileAsked } from '@parley/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type AuditShown, auditPage } from '../../audit/audit-page.ts'
import {
  AuditUnavailable,
  CursorUnknown,
  type EntryPage,
  type EntryQuery,
  type ListEntries,
  QUERY_FIELDS,
  type QueryProblem,
  querySchema,
  readQuery,
} from '../../audit/entries.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'

export interface AuditRoutes {
  readonly entries: ListEntries
  readonly company: { readonly name: string; readonly timeZone: string }
}

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const DESCRIBED = {
  summary: 'Who did what, newest first, 50 a page.',
  response: {
    200: z.object({
      entries: z.array(
        z.object({
          id: z.string(),
          at: z.iso.datetime(),
          person: z.object({ id: z.string(), login: z.string(), name: z.string() }).nullable(),
          type: z.enum(ENTRY_TYPES),
          subject: z.object({ kind: z.string(), id: z.string() }),
          fields: z.record(z.string(), z.string()),
        }),
      ),
      cursor: z.string().nullable(),
    }),
  },
}

const STATUS: Readonly<Record<AuditShown['kind'], number>> = {
  entries: 200,
  not_allowed: 403,
  query_invalid: 400,
  unavailable: 503,
}

/** The audit for those who may read it: `/audit` for people, `/api/audit` for programs. Neither changes anything. */
export function auditRoutes(app: FastifyInstance, { entries, company }: AuditRoutes): void {
  const access = { permission: 'audit.read' } as const
  const stylesheet = pageFile('/audit', 'css', [
    PAGE_STYLE,
    new URL('../../audit/audit.css', import.meta.url),
  ])

  const querystring = querySchema(company.timeZone)

  app.get(
    '/api/audit',
    { config: { access }, schema: { ...DESCRIBED, querystring } },
    async (request, reply) =>
      reply.send(
        pageOf(
          await listed(entries, queryOf(request, querystring), signedInOf(request).id, whileAsked(reply)),
        ),
      ),
  )

  const pageFor = (request: FastifyRequest, reply: FastifyReply, shown: AuditShown): string => {
    const asked = request.query as Readonly<Record<string, unknown>>
    const language = languageOf(request)
    void reply
      .code(STATUS[shown.kind])
      .headers({ 'content-security-policy': PAGE_POLICY, 'content-language': language })
      .type('text/html; charset=utf-8')
    return auditPage({
      shown,
      asked: Object.fromEntries(
        QUERY_FIELDS.flatMap((field) => {
          const text = Object.hasOwn(asked, field) ? asked[field] : ''
          return typeof text === 'string' && text !== '' ? [[field, text]] : []
        }),
      ),
      language,
      company,
      stylesheet: stylesheet.path,
    })
  }
  const refusedPage = ({ code }: HttpRefusal, request: FastifyRequest, reply: FastifyReply) =>
    code === 'NOT_ALLOWED' ? pageFor(request, reply, { kind: 'not_allowed' }) : undefined

  app.get('/audit', { config: { access, refusedPage } }, async (request, reply) => {
    const { query, problems } = readQuery(request.query, company.timeZone)
    const shown: AuditShown =
      problems.length > 0
        ? { kind: 'query_invalid', problems }
        : await listed(entries, query, signedInOf(request).id, whileAsked(reply))
    if (shown.kind === 'unavailable') void reply.header('retry-after', '5')
    return reply.send(pageFor(request, reply, shown))
  })

  servePageFiles(app, [stylesheet])
}

type Listed = Exclude<AuditShown, { kind: 'not_allowed' }>

/** @throws {HttpRefusal} */
function pageOf(shown: Listed): EntryPage {
  switch (shown.kind) {
    case 'entries':
      return { entries: shown.entries, cursor: shown.cursor }
    case 'query_invalid':
      throw new HttpRefusal(400, 'QUERY_INVALID', 'This cannot be asked: see fields.', {
        fields: shown.problems,
      })
    case 'unavailable':
      throw new HttpRefusal(503, 'ARCHIVE_UNAVAILABLE', 'The archive does not answer at the moment.')
  }
}

async function listed(
  entries: ListEntries,
  query: EntryQuery,
  person: string,
  signal: AbortSignal,
): Promise<Listed> {
  try {
    return { kind: 'entries', ...(await entries(query, person, signal)) }
  } catch (error) {
    if (error instanceof AuditUnavailable) return { kind: 'unavailable' }
    if (!(error instanceof CursorUnknown)) throw error
    const problem: QueryProblem = { path: 'cursor', message: 'it is none of an earlier answer' }
    return { kind: 'query_invalid', problems: [problem] }
  }
}

/** As asked for in the address, else by the browser. */
function languageOf({ query, headers }: FastifyRequest): Language {
  const { lang } = query as { lang?: unknown }
  return isLanguage(lang) ? lang : acceptedLanguage(headers['accept-language'])
}
