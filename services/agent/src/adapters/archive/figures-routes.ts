import { Readable } from 'node:stream'
import { auditPerson } from '@parley/audit'
import { didYouMean } from '@parley/authoring'
import { DIMENSIONS, TOGETHER } from '@parley/figures'
import { HttpRefusal, type RecordAct, queryOf, sentAs, whileAsked } from '@parley/service'
import { beginOfDay, offsetAt } from '@parley/time-zone'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Name } from '../../conversation/shown.ts'
import { askedKeys } from './asked-keys.ts'
import { momentIn } from './asked-times.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { FIGURE_FORMATS, figureFile } from './figure-file.ts'
import type { FigureQuery, FigureReader, ReadFigure } from './figures-client.ts'

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

const HOUR_MS = 60 * 60 * 1_000

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

/** Of a file at first: the archive reads all that a part is made of, and answers in time or not at all. */
const PART_MS = { hour: 7 * 24 * HOUR_MS, day: 366 * 24 * HOUR_MS }
/** Times as long a part is at most where the ones before it were empty: rows of zeros are left out of answers, and read all the same. */
const EMPTY_PARTS_MAX = 4

/** Where the last window begins by which a part is no longer than that, or the first behind its first one: so each window is in one part alone. Not behind its end. */
function parted({ window, from, to }: FigureQuery, longMs: number, timeZone: string): string {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  if (begin + longMs >= end) return to
  const beginOf = (at: number) => (window === 'day' ? beginOfDay(at, timeZone) : beginOfHour(at, timeZone))
  const last = beginOf(begin + longMs)
  // No day is longer than that.
  const at = last > begin ? last : beginOf(last + (window === 'day' ? 26 : 1) * HOUR_MS)
  return at < end ? new Date(at).toISOString() : to
}

function beginOfHour(at: number, timeZone: string): number {
  const offset = offsetAt(at, timeZone)
  return Math.floor((at + offset) / HOUR_MS) * HOUR_MS - offset
}

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

  const asked = ({
    metric,
    version = 0,
    by,
    window,
    from,
    to = now().toISOString(),
    key,
    together,
  }: z.output<typeof querystring>): FigureQuery => ({
    metric,
    version,
    by: by ?? '',
    window,
    from: from ?? new Date(Date.parse(to) - SHOWN_MS[window]).toISOString(),
    to,
    keys: key,
    ...(together && { together }),
  })
  const read = async (request: FastifyRequest, reply: FastifyReply, query: z.output<typeof querystring>) => ({
    metric: query.metric,
    ...(await figures(asked(query), signedInOf(request).id, whileAsked(reply))),
  })
  /** More rows than an answer holds, window by window: of half of them where they are too many, and of so many at once from then on. @throws {HttpRefusal} */
  async function* readInParts(
    query: FigureQuery,
    person: string,
    signal: AbortSignal,
  ): AsyncGenerator<ReadFigure, void> {
    const end = Date.parse(query.to)
    // One row for all windows is in no parts.
    const usualMs = query.together === 'windows' ? Infinity : PART_MS[query.window]
    let longMs = usualMs
    let { from } = query
    do {
      const part = { ...query, from, to: parted({ ...query, from }, longMs, company.timeZone) }
      const middle =
        query.together === 'windows'
          ? part.to
          : parted(part, (Date.parse(part.to) - Date.parse(from)) / 2, company.timeZone)
      const answer = await figures(part, person, signal).catch((error: unknown) => {
        if (!(error instanceof HttpRefusal) || error.code !== 'FIGURE_TOO_LARGE' || middle === part.to)
          throw error
      })
      if (answer === undefined) longMs = Date.parse(middle) - Date.parse(from)
      else {
        yield answer
        // Of years before there was anything nobody asks week by week; where there is something again, by what is usual.
        longMs =
          answer.rows.length === 0
            ? Math.min(longMs * 2, usualMs * EMPTY_PARTS_MAX)
            : Math.min(longMs, usualMs)
        from = part.to
      }
    } while (Date.parse(from) < end)
  }

  app.get(
    '/api/metrics',
    {
      config: { access: { permission: 'metrics.read' } },
      schema: { summary: 'A figure by hours or days.', querystring, response: { 200: ANSWER } },
    },
    async (request, reply) => reply.send(await read(request, reply, queryOf(request, querystring))),
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
      const answer = await read(request, reply, { ...queryOf(request, own), by: 'agent', key: [id] })
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
        response: { 200: sentAs('text/csv', 'application/jsonl') },
      },
    },
    async (request, reply) => {
      const { format, ...query } = queryOf(request, exported)
      const parts = readInParts(asked(query), signedInOf(request).id, whileAsked(reply))
      // Whatever refuses it refuses it before anything is sent.
      const { value: first } = await parts.next()
      if (first === undefined) throw new Error('A figure was read in no part.')
      await record({
        type: 'exported',
        person: auditPerson(signedInOf(request)),
        subject: { kind: 'figure', id: query.metric },
        fields: { format, ...(query.by !== undefined && { by: query.by }) },
      })
      const { metric, by = '' } = query
      const { type, begin, lines } = figureFile(format, { ...first, metric, by }, (key) =>
        by === 'agent' ? name(key) : null,
      )
      async function* text() {
        yield begin + lines(first!.rows)
        for await (const { rows } of parts) {
          await request.stillSignedIn()
          yield lines(rows)
        }
      }
      return reply
        .headers({
          'content-disposition': `attachment; filename="figures.${format}"`,
          'cache-control': 'no-store',
        })
        .type(type)
        .send(Readable.from(text()))
    },
  )
}
