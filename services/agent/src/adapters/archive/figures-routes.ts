import { auditPerson } from '@parley/audit'
import { didYouMean } from '@parley/authoring'
import { DIMENSIONS, TOGETHER } from '@parley/figures'
import { type RecordAct, queryOf } from '@parley/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Name } from '../../conversation/shown.ts'
import { askedKeys } from './asked-keys.ts'
import { momentIn } from './asked-times.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { FIGURE_FORMATS, figureFile } from './figure-file.ts'
import type { FigureReader } from './figures-client.ts'

export interface MetricsRoutes {
  readonly figures: FigureReader
  readonly company: { readonly timeZone: string }
  readonly now: () => Date
  readonly record: RecordAct
  /** Of agents, by whose ids figures are counted. */
  readonly name: Name
}

/** What is asked for where no time is named: from the window of so long ago on. */
const SHOWN_MS = { hour: 24 * 60 * 60 * 1_000, day: 7 * 24 * 60 * 60 * 1_000 }

const WINDOWS = ['hour', 'day'] as const

const oneOf = (words: readonly string[]) => ({
  error: ({ input }: { readonly input?: unknown }) =>
    `${JSON.stringify(input)} is none of ${words.join(', ')}${didYouMean(String(input), words)}`,
})

const ANSWER = z.object({
  metric: z.string(),
  version: z.int(),
  unit: z.enum(['percent', 'seconds', 'count', 'ratio']),
  rows: z.array(
    z.object({
      key: z.string(),
      from: z.iso.datetime(),
      value: z.number().nullable(),
      numerator: z.number(),
      denominator: z.number().nullable(),
    }),
  ),
  position: z.string(),
})

/** Figures for programs and for the pages that show them: docs/reference/metrics.md */
export function metricsRoutes(
  app: FastifyInstance,
  { figures, company, now, record, name }: MetricsRoutes,
): void {
  const moment = momentIn(company.timeZone)
  const own = z.object({
    metric: z.string().describe('a figure of docs/reference/metrics.md'),
    version: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .describe('of its definition; newest where none is named'),
    window: z.enum(WINDOWS, oneOf(WINDOWS)).default('day').describe('of the company’s time zone'),
    from: moment.describe('ISO 8601: from the window that it is in on'),
    to: moment.describe('ISO 8601: windows that begin before it; now where none is named'),
  })
  const querystring = own.extend({
    by: z.enum(DIMENSIONS, oneOf(DIMENSIONS)).optional().describe('the whole company where none is named'),
    key: askedKeys,
    together: z
      .enum(TOGETHER, oneOf(TOGETHER))
      .optional()
      .describe('windows: one row for each key, of the whole time; keys: one row for each window, `all`'),
  })
  const exported = querystring.extend({ format: z.enum(FIGURE_FORMATS) })

  const read = async (
    request: FastifyRequest,
    {
      metric,
      version = 0,
      by,
      window,
      from,
      to = now().toISOString(),
      key,
      together,
    }: z.output<typeof querystring>,
  ) => {
    const since = from ?? new Date(Date.parse(to) - SHOWN_MS[window]).toISOString()
    const query = {
      metric,
      version,
      by: by ?? '',
      window,
      from: since,
      to,
      keys: key,
      ...(together && { together }),
    }
    return { metric, ...(await figures(query, signedInOf(request).id)) }
  }

  app.get(
    '/api/metrics',
    {
      config: { access: { permission: 'metrics.read' } },
      schema: { summary: 'A figure by hours or days.', querystring, response: { 200: ANSWER } },
    },
    async (request, reply) => reply.send(await read(request, queryOf(request, querystring))),
  )

  app.get(
    '/api/me/metrics',
    {
      config: { access: { permission: 'conversations.read' } },
      schema: {
        summary: 'A figure of the person’s own work by hours or days.',
        querystring: own,
        response: { 200: ANSWER },
      },
    },
    async (request, reply) => {
      const { id } = signedInOf(request)
      const answer = await read(request, { ...queryOf(request, own), by: 'agent', key: [id] })
      return reply.send({ ...answer, rows: answer.rows.filter(({ key }) => key === id) })
    },
  )

  app.get(
    '/api/metrics/export',
    {
      config: { access: { permission: 'metrics.read' } },
      schema: {
        summary: 'The same as a file: CSV that spreadsheets take as text and numbers alone, or JSON Lines.',
        querystring: exported,
      },
    },
    async (request, reply) => {
      const { format, ...query } = queryOf(request, exported)
      const answer = await read(request, query)
      await record({
        type: 'exported',
        person: auditPerson(signedInOf(request)),
        subject: { kind: 'figure', id: answer.metric },
        fields: { format, ...(query.by !== undefined && { by: query.by }) },
      })
      const { text, type } = figureFile(format, { ...answer, by: query.by ?? '' }, (key) =>
        query.by === 'agent' ? name(key) : null,
      )
      return reply
        .headers({
          'content-disposition': `attachment; filename="figures.${format}"`,
          'cache-control': 'no-store',
        })
        .type(type)
        .send(text)
    },
  )
}
