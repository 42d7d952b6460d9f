import { didYouMean } from '@parley/authoring'
import { type Scorecards, isSampled } from '@parley/evaluation'
import { HttpRefusal, queryOf } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { isStillToJudge } from '../../evaluation/evaluation.ts'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'
import { type PagePlace, cursorOf } from '@parley/eventlog'
import { type DeskRoutes, rowsFor } from '../desk/routes.ts'
import { rowShape } from '../desk/shapes.ts'
import { sightOf, viewerOf } from '../desk/sight.ts'
import type { EvaluationStore } from './evaluation-store.ts'
import { placeBehind } from '../list-cursor.ts'

const ENOUGH = 50
/** Of closed ones, for one request; who wants to see further back asks again. */
const PAGES_MAX = 20

const sampleQuery = z.object({ rule: z.string().max(40), cursor: z.string().max(500).optional() })

/** What rules draw for judges. */
export function addSampleRoutes(
  app: FastifyInstance,
  desk: Pick<DeskRoutes, 'conversations' | 'desks' | 'feed' | 'roster'>,
  {
    evaluations,
    scorecards,
    now,
  }: {
    readonly evaluations: Pick<EvaluationStore, 'ofConversations'>
    readonly scorecards: Pick<Scorecards, 'samples'>
    readonly now: () => Date
  },
): void {
  app.get(
    '/api/samples',
    {
      config: { access: { permission: 'conversations.supervise' } },
      schema: {
        summary:
          'Closed conversations that a rule has drawn and the person has not judged yet, closed last first; the cursor goes further back.',
        querystring: sampleQuery,
        response: { 200: z.object({ conversations: z.array(rowShape), cursor: z.string().nullable() }) },
      },
    },
    async (request, reply) => {
      const { rule: name, cursor } = queryOf(request, sampleQuery)
      const rule = scorecards.samples.find((one) => one.name === name)
      const rules = scorecards.samples.map((one) => one.name)
      if (rule === undefined)
        throw new HttpRefusal(404, 'NOT_FOUND', `There is no such rule${didYouMean(name, rules) || '.'}`)
      const viewer = viewerOf(sightOf(request, desk.roster, 'conversations.supervise'))
      const { personId } = viewer
      // Desks hear of a close before the store has it, and the page of what is to be judged asks once.
      await desk.feed.readPosition()
      const drawn: ConversationDocument[] = []
      let after: PagePlace | null | undefined = placeBehind(cursor)
      for (let page = 0; after !== null && page < PAGES_MAX && drawn.length < ENOUGH; page += 1) {
        const query = { view: 'closed', queue: rule.queue ?? undefined, after } as const
        const { conversations, next } = await desk.conversations.list(viewer, query)
        const taken = conversations.filter((one) => isSampled(rule, { ...one, id: one._id }))
        const judged = Map.groupBy(
          await evaluations.ofConversations(taken.map(({ _id }) => _id)),
          ({ conversationId }) => conversationId,
        )
        drawn.push(
          ...taken.filter((one) => isStillToJudge(rule, one, judged.get(one._id) ?? [], personId, now())),
        )
        after = next
      }
      return reply.send({
        conversations: await rowsFor(desk)(drawn, personId),
        cursor: after ? cursorOf(after) : null,
      })
    },
  )
}
