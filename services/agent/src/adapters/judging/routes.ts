import { didYouMean } from '@parley/authoring'
import {
  REPLIES,
  type Scorecards,
  evaluationFamily,
  evaluationIdOf,
  formNamed,
  notesOf,
} from '@parley/evaluation'
import { type RecordAct, HttpRefusal, queryOf } from '@parley/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { calibrationOf } from '../../evaluation/calibration.ts'
import { judgesOf } from '../../evaluation/evaluation.ts'
import { type DeskChanges, decided, refused } from '../desk-changes/desk-changes.ts'
import type { DeskRoutes } from '../desk/routes.ts'
import { NOT_SEEN, conversationSeen, isOfUnseen, namesOf, noConversation, sightOf } from '../desk/sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { calibrationShape, evaluationShape, formsShape, shapeOf } from './shapes.ts'
import type { EvaluationDocument, EvaluationStore } from './evaluation-store.ts'
import { addSampleRoutes } from './sample-routes.ts'
import { type SayEvaluation, deciding } from './saying.ts'
import { evaluationSight, noEvaluation } from './sight.ts'

export interface EvaluationRoutes {
  readonly evaluations: EvaluationStore
  readonly scorecards: Scorecards
  readonly say: SayEvaluation
  readonly now: () => Date
}

const listed = z.object({ evaluations: z.array(evaluationShape) })

const words = z.string().trim().min(1).max(4_096)
const evaluation = z.object({
  form: z.string().max(40),
  version: z.int().min(1).max(1_000),
  answers: z
    .array(
      z.object({
        item: z.string().max(40),
        value: z.int().min(0).max(10),
        note: words.optional(),
        messageIds: z.array(z.string().max(100)).max(20).default([]),
      }),
    )
    .max(50),
})
const replied = z.object({ text: words, as: z.enum(REPLIES).default('answer') })

type Desk = DeskChanges & Omit<DeskRoutes, 'opened'> & { readonly record: RecordAct }

/** Judging conversations, and answering to that. */
export function addEvaluationRoutes(
  app: FastifyInstance,
  desk: Desk,
  { evaluations, scorecards, say, now }: EvaluationRoutes,
): void {
  const { conversations, changes, feed, roster } = desk
  const judging = { access: { permission: 'conversations.supervise' } } as const
  const reading = { access: { permission: 'conversations.read' } } as const
  const answering = { access: { permission: 'conversations.answer' } } as const
  const shaped = (found: EvaluationDocument) => shapeOf(found, namesOf(roster))
  const seen = evaluationSight({ ...desk, evaluations, now })
  const judgingSight = (request: FastifyRequest) => sightOf(request, roster, judging.access.permission)
  const decide = deciding({ ...desk, say, evaluations, now })
  const listedIn = async (
    view: z.output<typeof ownQuery>['view'],
    request: FastifyRequest,
  ): Promise<readonly EvaluationDocument[]> => {
    const { id, permissions } = signedInOf(request)
    if (view === 'made') return evaluations.by(id)
    if (view === 'about_me') return evaluations.about(id)
    if (!permissions.includes('conversations.supervise')) return []
    const appealed = (await evaluations.appealed()).filter(
      ({ judgeId, subjectId }) => judgeId !== id && subjectId !== id,
    )
    return (await seen.among(judgingSight(request), appealed)).slice(0, APPEALS_SHOWN)
  }

  app.get(
    '/api/scorecards',
    {
      config: reading,
      schema: {
        summary: 'The forms by which conversations are judged, and the rules that draw them.',
        response: { 200: formsShape },
      },
    },
    (_request, reply) =>
      reply.send({
        forms: scorecards.forms,
        // Not how many percent: who knows that can tell which of their conversations are drawn.
        samples: scorecards.samples.map(({ name, title, form, judges }) => ({ name, title, form, judges })),
      }),
  )

  app.get<{ Params: { id: string } }>(
    '/api/conversations/:id/evaluations',
    {
      config: reading,
      schema: {
        summary: 'How a conversation was judged: of what the person may see.',
        response: { 200: listed },
      },
    },
    async (request, reply) => {
      const conversation = await conversationSeen(desk, request)
      return reply.send({ evaluations: (await seen.shown(request, [conversation._id])).map(shaped) })
    },
  )

  app.get(
    '/api/evaluations',
    {
      config: reading,
      schema: {
        summary:
          'Evaluations of one’s own conversations, or those that one made: newest first. Or what was appealed against and the person may decide: what waits longest first.',
        querystring: ownQuery,
        response: { 200: listed },
      },
    },
    async (request, reply) => {
      const { view } = queryOf(request, ownQuery)
      const found = await listedIn(view, request)
      // Of a calibration the others are to be known, too, before anything is shown.
      const shown = new Set(
        (
          await seen.shown(
            request,
            found.map((one) => one.conversationId),
          )
        ).map((one) => one._id),
      )
      return reply.send({ evaluations: found.filter((one) => shown.has(one._id)).map(shaped) })
    },
  )

  app.post<{ Params: { id: string } }>(
    '/api/conversations/:id/evaluations',
    {
      config: { ...judging, isKeyed: true },
      schema: { summary: 'Judges a conversation by a form.', body: evaluation, response: { 200: decided } },
    },
    (request, reply) =>
      changes.answer(request, reply, {
        body: evaluation,
        async scope() {
          await conversationSeen(desk, request)
        },
        async act({ form, version, answers }, commandId, signal) {
          // What is judged may have happened a moment ago, and desks hear of it before the store has it.
          await feed.readPosition()
          const [conversation] = await conversations.conversations([request.params.id])
          if (conversation === undefined) throw noConversation()
          const { _id: conversationId, lastAgentId, queue } = conversation
          const evidence = [...new Set(answers.flatMap(({ messageIds }) => messageIds))]
          const known = await conversations.messagesById(evidence)
          const strange = evidence.find(
            (id) => !known.some((one) => one._id === id && one.conversationId === conversationId),
          )
          if (strange !== undefined) {
            if (await isOfUnseen(desk, request, conversationId, known)) request.leaveTrace(NOT_SEEN)
            return refused('EVIDENCE_UNKNOWN', { messageId: strange })
          }
          const judgeId = signedInOf(request).id
          const isRobots = formNamed(scorecards.forms, form, version)?.for === 'robot'
          return decide(
            request,
            {
              ...evaluationFamily.command('EvaluateConversation', {
                conversationId,
                form,
                version,
                judgeId,
                subjectKind: isRobots || lastAgentId === null ? 'bot' : 'agent',
                subjectId: isRobots ? '' : (lastAgentId ?? ''),
                queue: queue ?? '',
                judges: judgesOf(
                  scorecards.samples,
                  form,
                  { ...conversation, id: conversationId },
                  await evaluations.ofConversations([conversationId]),
                ),
                answers: answers.map(({ item, value, note, messageIds }) => ({
                  item,
                  value,
                  messageIds,
                  hasNote: note !== undefined,
                })),
              }),
              content: notesOf(answers.flatMap(({ note }) => note ?? [])),
            },
            {
              commandId,
              conversationId,
              evaluationId: evaluationIdOf(conversationId, form, judgeId),
              act: 'evaluated',
              signal,
            },
          )
        },
      }),
  )

  app.post<{ Params: { id: string } }>(
    '/api/evaluations/:id/replies',
    {
      config: { ...answering, isKeyed: true },
      schema: {
        summary: 'Answers to an evaluation, appeals against one’s own, or decides an appeal.',
        body: replied,
        response: { 200: decided },
      },
    },
    (request, reply) =>
      changes.answer(request, reply, {
        body: replied,
        async scope() {
          const found = await seen.one(request, request.params.id)
          if (found.subjectId === signedInOf(request).id) return
          const sight = sightOf(request, roster, answering.access.permission)
          if ((await seen.among(sight, [found])).length === 0) throw noEvaluation(true)
        },
        async act({ text, as }, commandId, signal) {
          const found = await evaluations.byId(request.params.id)
          if (found === null) throw noEvaluation()
          const personId = signedInOf(request).id
          const decides = as === 'upheld' || as === 'withdrawn'
          if (decides && (await seen.among(judgingSight(request), [found])).length === 0)
            return refused('NOT_YOURS_TO_DECIDE')
          return decide(
            request,
            {
              ...evaluationFamily.command('ReplyToEvaluation', { personId, as }),
              content: notesOf([text]),
            },
            { commandId, conversationId: found.conversationId, evaluationId: found._id, act: as, signal },
          )
        },
      }),
  )

  addSampleRoutes(app, desk, { evaluations, scorecards, now })

  app.get(
    '/api/calibration',
    {
      config: judging,
      schema: {
        summary:
          'How far two judges of the same conversations agree, by form and item: of what the person may see.',
        querystring: calibrationQuery,
        response: { 200: calibrationShape },
      },
    },
    async (request, reply) => {
      const { form } = queryOf(request, calibrationQuery)
      const forms = scorecards.forms.map(({ name }) => name)
      if (!forms.includes(form))
        throw new HttpRefusal(404, 'NOT_FOUND', `There is no such form${didYouMean(form, forms) || '.'}`)
      const calibrated = await evaluations.calibrated(form)
      const isWhole = sightOf(request, roster).scope.kind === 'all'
      const known = isWhole ? calibrated : await seen.among(judgingSight(request), calibrated)
      return reply.send({ form, ...calibrationOf(known) })
    },
  )
}

const APPEALS_SHOWN = 50

const ownQuery = z.object({ view: z.enum(['about_me', 'made', 'appealed']).default('about_me') })
const calibrationQuery = z.object({ form: z.string().max(40) })
