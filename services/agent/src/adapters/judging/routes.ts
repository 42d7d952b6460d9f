import { didYouMean } from '@parley/authoring'
import {
  REPLIES,
  type Scorecards,
  evaluationFamily,
  evaluationIdOf,
  formHash,
  formNamed,
  notesOf,
} from '@parley/evaluation'
import { type PagePlace, cursorOf } from '@parley/eventlog'
import { type RecordAct, HttpRefusal, queryOf } from '@parley/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { calibrationOf } from '../../evaluation/calibration.ts'
import type { Sight } from '../../conversation/viewing.ts'
import { judgesOf } from '../../evaluation/evaluation.ts'
import { type DeskChanges, decided, refused } from '../desk-changes/desk-changes.ts'
import type { DeskRoutes } from '../desk/routes.ts'
import { NOT_SEEN, conversationSeen, isOfUnseen, namesOf, noConversation, sightOf } from '../desk/sight.ts'
import { placeBehind } from '../list-cursor.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { calibrationShape, evaluationShape, formsShape, shapeOf } from './shapes.ts'
import {
  APPEALS_A_PAGE,
  EVALUATIONS_A_PAGE,
  type EvaluationDocument,
  type EvaluationStore,
} from './evaluation-store.ts'
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

/** With the place behind which there may be more. */
interface Listed {
  readonly found: readonly EvaluationDocument[]
  readonly next: PagePlace | undefined
}

const placeOf = (one: EvaluationDocument | undefined): PagePlace | undefined =>
  one && { at: one.at, id: one._id }

const words = z.string().trim().min(1).max(4_096)
const evaluation = z.object({
  form: z.string().max(40),
  version: z.int().min(1).max(1_000),
  formHash: z
    .string()
    .max(100)
    .optional()
    .describe(
      'of the form that the judge was shown, as `GET /api/scorecards` has it; left out: of what that has now',
    ),
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
  const forms = scorecards.forms.map((form) => ({ ...form, hash: formHash(form) }))
  const hashOf = (name: string, version: number) =>
    forms.find((form) => form.name === name && form.version === version)?.hash
  const shaped = (found: EvaluationDocument) => shapeOf(found, namesOf(roster), hashOf)
  const seen = evaluationSight({ ...desk, evaluations, now })
  const judgingSight = (request: FastifyRequest) => sightOf(request, roster, judging.access.permission)
  const decide = deciding({ ...desk, say, evaluations, now })
  const listedIn = async (
    { view, cursor }: z.output<typeof ownQuery>,
    request: FastifyRequest,
  ): Promise<Listed> => {
    const { id, permissions } = signedInOf(request)
    const behind = placeBehind(cursor)
    if (view === 'appealed')
      return permissions.includes('conversations.supervise')
        ? appealsFor(judgingSight(request), behind)
        : { found: [], next: undefined }
    const found = await evaluations[view === 'made' ? 'by' : 'about'](id, behind)
    return { found, next: found.length < EVALUATIONS_A_PAGE ? undefined : placeOf(found.at(-1)) }
  }
  /** However many wait longer that others are to decide. */
  const appealsFor = async (sight: Sight, behind: PagePlace | undefined): Promise<Listed> => {
    const theirs: EvaluationDocument[] = []
    let next = behind
    for (let page = 0; page < APPEAL_PAGES_MAX && theirs.length <= EVALUATIONS_A_PAGE; page += 1) {
      const appealed = await evaluations.appealed(next)
      const ofOthers = appealed.filter(
        ({ judgeId, subjectId }) => judgeId !== sight.personId && subjectId !== sight.personId,
      )
      theirs.push(...(await seen.among(sight, ofOthers)))
      next = appealed.length < APPEALS_A_PAGE ? undefined : placeOf(appealed.at(-1))
      if (next === undefined) break
    }
    const found = theirs.slice(0, EVALUATIONS_A_PAGE)
    return { found, next: theirs.length > found.length ? placeOf(found.at(-1)) : next }
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
        forms,
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
          'Evaluations of one’s own conversations, or those that one made: newest first. Or what was appealed against and the person may decide: what waits longest first. 50 a page at most; the cursor goes on.',
        querystring: ownQuery,
        response: { 200: listed.extend({ cursor: z.string().nullable() }) },
      },
    },
    async (request, reply) => {
      const { found, next } = await listedIn(queryOf(request, ownQuery), request)
      // Of a calibration the others are to be known, too, before anything is shown.
      const shown = new Set(
        (
          await seen.shown(
            request,
            found.map((one) => one.conversationId),
          )
        ).map((one) => one._id),
      )
      return reply.send({
        evaluations: found.filter((one) => shown.has(one._id)).map(shaped),
        cursor: next === undefined ? null : cursorOf(next),
      })
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
        async act({ form, version, answers, formHash: shown }, commandId, signal) {
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
                formHash: shown ?? hashOf(form, version) ?? '',
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
      const names = forms.map(({ name }) => name)
      if (!names.includes(form))
        throw new HttpRefusal(404, 'NOT_FOUND', `There is no such form${didYouMean(form, names) || '.'}`)
      const calibrated = await evaluations.calibrated(form)
      const isWhole = sightOf(request, roster).scope.kind === 'all'
      const known = isWhole ? calibrated : await seen.among(judgingSight(request), calibrated)
      return reply.send({ form, ...calibrationOf(known) })
    },
  )
}

/** For one request. */
const APPEAL_PAGES_MAX = 20

const ownQuery = z.object({
  view: z.enum(['about_me', 'made', 'appealed']).default('about_me'),
  cursor: z.string().max(500).optional(),
})
const calibrationQuery = z.object({ form: z.string().max(40) })
