import { didYouMean } from '@parley/authoring'
import { queryOf } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { momentIn } from './asked-times.ts'
import { signedInOf } from './doorkeeper.ts'
import type { FigureReader } from './metrics-client.ts'

export interface MetricsRoutes {
  readonly figures: FigureReader
  readonly company: { readonly timeZone: string }
  readonly now: () => Date
}

/** What is asked for where no time is named: windows that began so long ago or later. */
const SHOWN_MS = { hour: 24 * 60 * 60 * 1_000, day: 7 * 24 * 60 * 60 * 1_000 }

const DIMENSIONS = ['queue', 'agent', 'team', 'vendor', 'flow'] as const
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
export function metricsRoutes(app: FastifyInstance, { figures, company, now }: MetricsRoutes): void {
  const moment = momentIn(company.timeZone)
  const querystring = z.object({
    metric: z.string().describe('a figure of docs/reference/metrics.md'),
    version: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .describe('of its definition; newest where none is named'),
    by: z.enum(DIMENSIONS, oneOf(DIMENSIONS)).optional().describe('the whole company where none is named'),
    window: z.enum(WINDOWS, oneOf(WINDOWS)).default('day').describe('of the company’s time zone'),
    from: moment.describe('ISO 8601, inclusive: windows that begin then or later'),
    to: moment.describe('ISO 8601, exclusive; now where none is named'),
  })
  app.get(
    '/api/metrics',
    {
      config: { access: { permission: 'metrics.read' } },
      schema: { summary: 'A figure by hours or days.', querystring, response: { 200: ANSWER } },
    },
    async (request, reply) => {
      const {
        metric,
        version = 0,
        by = '',
        window,
        from,
        to = now().toISOString(),
      } = queryOf(request, querystring)
      const answer = await figures(
        {
          metric,
          version,
          by,
          window,
          from: from ?? new Date(Date.parse(to) - SHOWN_MS[window]).toISOString(),
          to,
        },
        signedInOf(request).id,
      )
      return reply.send({ metric, ...answer })
    },
  )
}
