import { DIMENSIONS } from '@parley/figures'
import type { Roster } from '@parley/people'
import { HttpRefusal, bodyOf, queryOf, whileAsked } from '@parley/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { shownAmong } from '../../evaluation/evaluation.ts'
import { askedKeys } from './asked-keys.ts'
import { momentIn } from './asked-times.ts'
import { rowShape } from '../desk/shapes.ts'
import { sightOf } from '../desk/sight.ts'
import { onlookerOf } from '../judging/sight.ts'
import type { EvaluationStore } from '../judging/evaluation-store.ts'
import type { Finder } from './search-client.ts'

export interface SearchRoutes {
  readonly find: Finder
  readonly company: { readonly timeZone: string }
  readonly desk: { readonly roster: Roster }
  readonly judging: { readonly evaluations: Pick<EvaluationStore, 'judgedBelow' | 'ofConversations'> }
  readonly now: () => Date
}

/** What a figure counts in some days may have been judged before, while it went on: so long before is looked back. */
const JUDGED_BEFORE_MS = 30 * 24 * 60 * 60 * 1_000

/** Their ids travel with the question. */
const JUDGED_MAX = 5_000

const ANSWER = z.object({
  conversations: z.array(
    rowShape.extend({
      counted: z.int().min(0).describe('how often the figure that was asked for counts it; 0: none was'),
    }),
  ),
  cursor: z.string().nullable(),
  countedInAll: z
    .int()
    .min(0)
    .describe(
      'how often the figure, asked for alone, counts what anybody has; 0: not asked, or not theirs to know',
    ),
  isBehind: z
    .boolean()
    .describe('what the figure that was asked for counted last is not searched yet, and may be missing'),
  position: z.string(),
})

/** All conversations that there ever were, within the person's scope. */
export function searchRoutes(
  app: FastifyInstance,
  { find, company, desk, judging, now }: SearchRoutes,
): void {
  const moment = momentIn(company.timeZone)
  const asked = z.object({
    text: z
      .string()
      .trim()
      .max(200)
      .default('')
      .describe('whole words, all of them; one that ends in * begins so'),
    agent: z.string().max(100).default('').describe('the id of who had it at some time'),
    queue: z.string().max(80).default('').describe('in which it was at some time'),
    from: moment.describe('ISO 8601, inclusive: opened then or later'),
    to: moment.describe('ISO 8601, exclusive'),
    reason: z.string().max(80).default('').describe('for which it was closed'),
    scoreBelow: z.coerce
      .number()
      .int()
      .min(2)
      .max(6)
      .optional()
      .describe('the customer answered the survey, 1 to 5, with less'),
    judgedBelow: z.coerce
      .number()
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('an evaluation that the person may see, 0 to 100, gave less and was not withdrawn'),
    metric: z
      .string()
      .max(80)
      .optional()
      .describe('only what this figure counts; from and to are then the days in which it counted'),
    by: z
      .enum(DIMENSIONS)
      .or(z.literal(''))
      .default('')
      .describe('of that figure; the whole company where none is named'),
    key: askedKeys,
    part: z
      .enum(['numerator', 'denominator'])
      .default('numerator')
      .describe('of that figure: above the line, or below it'),
    cursor: z.string().max(500).default(''),
  })
  const config = { access: { permission: 'conversations.read' } } as const
  const summary = 'Conversations by words, person, queue, time, reason and score: newest first, 50 a page.'
  const judgedBelow = async (request: FastifyRequest, below: number, since: string | undefined) => {
    const { evaluations } = judging
    const low = await evaluations.judgedBelow(below, since, JUDGED_MAX)
    if (low === undefined)
      throw new HttpRefusal(
        400,
        'FIGURE_TOO_LARGE',
        `More than ${JUDGED_MAX} evaluations gave less. Ask for fewer days.`,
      )
    // Whether a calibration may be shown, all that was said of the conversation tells.
    const shown = shownAmong(onlookerOf(request), await evaluations.ofConversations(low), now())
    const counts = shown.filter(({ score, status }) => score < below && status !== 'withdrawn')
    return [...new Set(counts.map((one) => one.conversationId))]
  }
  const found = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { scoreBelow = 0, judgedBelow: below, from, to, metric, by, key, part, ...query }: z.output<typeof asked>,
  ) => {
    const since =
      metric === undefined || from === undefined
        ? from
        : new Date(Date.parse(from) - JUDGED_BEFORE_MS).toISOString()
    const among = below === undefined ? undefined : await judgedBelow(request, below, since)
    const counted =
      metric === undefined
        ? undefined
        : {
            metric,
            by,
            keys: key,
            isDenominator: part === 'denominator',
          }
    return find(
      { ...query, from, to, scoreBelow, counted, among },
      sightOf(request, desk.roster),
      whileAsked(reply),
    )
  }

  app.get(
    '/api/search',
    { config, schema: { summary, querystring: asked, response: { 200: ANSWER } } },
    async (request, reply) => reply.send(await found(request, reply, queryOf(request, asked))),
  )

  // What people look for stands in no address, and so in no log and no history of a browser.
  app.post(
    '/api/search/archive',
    {
      config: { ...config, isKeyed: false },
      schema: { summary: `${summary} Asked by the body.`, body: asked, response: { 200: ANSWER } },
    },
    async (request, reply) => reply.send(await found(request, reply, bodyOf(request, asked))),
  )
}
