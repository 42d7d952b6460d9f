import { didYouMean } from '@parley/authoring'
import { auditPerson } from '@parley/audit'
import {
  type EvaluationCommand,
  REPLIES,
  type Scorecards,
  evaluationFamily,
  evaluationIdOf,
  formNamed,
  isSampled,
  notesOf,
} from '@parley/evaluation'
import { type EventLog, type FamilyTopics, appendCommands } from '@parley/eventlog'
import type { Words } from '@parley/kernel'
import { type Outcome, type RecordAct, HttpRefusal, queryOf } from '@parley/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Place } from '../../conversation/conversation.ts'
import type { Sight } from '../../conversation/viewing.ts'
import { calibrationOf } from '../../evaluation/calibration.ts'
import { type Onlooker, shownAmong } from '../../evaluation/evaluation.ts'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'
import { type DeskChanges, decided, outcomeOf, refused } from '../desk-changes/desk-changes.ts'
import type { DeskRoutes } from '../desk/routes.ts'
import { conversationSeen, namesOf, noConversation, sightOf } from '../desk/sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { calibrationShape, evaluationShape, formsShape, shapeOf } from './shapes.ts'
import type { EvaluationDocument, EvaluationStore } from './evaluation-store.ts'
import { addSampleRoutes } from './sample-routes.ts'

export interface EvaluationRoutes {
  readonly evaluations: EvaluationStore
  readonly scorecards: Scorecards
  /** Says a wish to the rules of evaluations. */
  readonly say: (command: SaidEvaluation) => Promise<void>
  readonly now: () => Date
}

type SaidEvaluation = EvaluationCommand & {
  readonly commandId: string
  readonly streamId: string
  readonly correlationId: string
  readonly occurredAt: string
  readonly actor: { readonly kind: 'agent'; readonly id: string }
  readonly content: readonly Words[]
}

export const sayingEvaluations =
  (log: EventLog, topics: FamilyTopics): EvaluationRoutes['say'] =>
  async (command) =>
    void (await appendCommands(log, topics, [command]))

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

export function onlookerOf(request: FastifyRequest): Onlooker {
  const { id, permissions } = signedInOf(request)
  const seesAll = ['conversations.supervise', 'audit.read'].some((one) => permissions.includes(one))
  return { personId: id, seesAll }
}

/** Judging conversations, and answering to that. */
export function addEvaluationRoutes(
  app: FastifyInstance,
  desk: Desk,
  { evaluations, scorecards, say, now }: EvaluationRoutes,
): void {
  const { conversations, changes, feed, roster, record } = desk
  const judging = { access: { permission: 'conversations.supervise' } } as const
  const reading = { access: { permission: 'conversations.read' } } as const
  const shaped = (found: EvaluationDocument) => shapeOf(found, namesOf(roster))
  const shownOf = async (request: FastifyRequest, conversationIds: readonly string[]) =>
    shownAmong(onlookerOf(request), await evaluations.ofConversations(conversationIds), now())

  /** Says it, waits for what the rules make of it, and leaves a trace where they took it. */
  const decide = async (
    request: FastifyRequest,
    conversationId: string,
    { type, data, content }: EvaluationCommand & { readonly content: readonly Words[] },
    { commandId, evaluationId, act, signal }: Saying,
  ): Promise<Outcome> => {
    const person = signedInOf(request)
    await say({
      ...({ type, data } as EvaluationCommand),
      commandId,
      streamId: evaluationId,
      correlationId: conversationId,
      occurredAt: new Date().toISOString(),
      actor: { kind: 'agent', id: person.id },
      content,
    })
    const { refusal } = await evaluations.decided(commandId, signal)
    if (refusal !== null) return refused(refusal.code, refusal.fields)
    await record(
      {
        type: 'evaluated',
        person: auditPerson(person),
        subject: { kind: 'conversation', id: conversationId },
        fields: { act, evaluationId },
      },
      commandId,
    )
    const position = await feed.readPosition()
    const stands = await evaluations.byId(evaluationId)
    return outcomeOf(
      { refusal: null, messageId: null, conversationId, position },
      { evaluationId, score: stands?.score ?? null },
    )
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
        samples: scorecards.samples.map(({ name, form, judges }) => ({ name, form, judges })),
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
      return reply.send({ evaluations: (await shownOf(request, [conversation._id])).map(shaped) })
    },
  )

  /** Of conversations that the sight includes. What left the desk is still seen as that of whom it judged: an appeal may come late, and is to be decided. */
  const seenAmong = async (
    sight: Sight,
    found: readonly EvaluationDocument[],
  ): Promise<readonly EvaluationDocument[]> => {
    const known = await conversations.conversations([...new Set(found.map((one) => one.conversationId))])
    const places = new Map<string, Place>(known.map((one) => [one._id, one]))
    return found.filter((one) => sight.sees(places.get(one.conversationId) ?? leftPlaceOf(one)))
  }
  const judgingSight = (request: FastifyRequest) => sightOf(request, roster, judging.access.permission)

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
    return (await seenAmong(judgingSight(request), appealed)).slice(0, APPEALS_SHOWN)
  }

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
          await shownOf(
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
          if (strange !== undefined) return refused('EVIDENCE_UNKNOWN', { messageId: strange })
          const judgeId = signedInOf(request).id
          const isRobots = formNamed(scorecards.forms, form, version)?.for === 'robot'
          return decide(
            request,
            conversationId,
            {
              ...evaluationFamily.command('EvaluateConversation', {
                conversationId,
                form,
                version,
                judgeId,
                subjectKind: isRobots || lastAgentId === null ? 'bot' : 'agent',
                subjectId: isRobots ? '' : (lastAgentId ?? ''),
                queue: queue ?? '',
                judges: judgesOf(scorecards, form, conversation),
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
              evaluationId: evaluationIdOf(conversationId, form, judgeId),
              act: 'evaluated',
              signal,
            },
          )
        },
      }),
  )

  /** What the person may see of it; else it is not there. @throws {HttpRefusal} 404 */
  const evaluationSeen = async (request: FastifyRequest, id: string): Promise<EvaluationDocument> => {
    const found = await evaluations.byId(id)
    const isSeen =
      found !== null &&
      (found.subjectId === signedInOf(request).id ||
        (await seenAmong(sightOf(request, roster), [found])).length > 0)
    const shown = isSeen ? await shownOf(request, [found.conversationId]) : []
    const seen = shown.find((one) => one._id === id)
    if (seen === undefined) throw new HttpRefusal(404, 'NOT_FOUND', 'There is no such evaluation.')
    return seen
  }

  app.post<{ Params: { id: string } }>(
    '/api/evaluations/:id/replies',
    {
      config: { ...reading, isKeyed: true },
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
          await evaluationSeen(request, request.params.id)
        },
        async act({ text, as }, commandId, signal) {
          const found = await evaluations.byId(request.params.id)
          if (found === null) throw new HttpRefusal(404, 'NOT_FOUND', 'There is no such evaluation.')
          const personId = signedInOf(request).id
          const decides = as === 'upheld' || as === 'withdrawn'
          if (decides && (await seenAmong(judgingSight(request), [found])).length === 0)
            return refused('NOT_YOURS_TO_DECIDE')
          return decide(
            request,
            found.conversationId,
            {
              ...evaluationFamily.command('ReplyToEvaluation', { personId, as }),
              content: notesOf([text]),
            },
            { commandId, evaluationId: found._id, act: as, signal },
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
      const seen = isWhole ? calibrated : await seenAmong(judgingSight(request), calibrated)
      return reply.send({ form, ...calibrationOf(seen) })
    },
  )
}

/** It was over: whoever had it last was judged. Of the robot alone nobody is known any more. */
const leftPlaceOf = ({ subjectId, at }: EvaluationDocument): Place => ({
  stage: { name: 'closed', since: at, reason: '' },
  agentId: null,
  lastAgentId: subjectId,
  offeredTo: null,
})

interface Saying {
  readonly commandId: string
  readonly evaluationId: string
  readonly act: string
  readonly signal: AbortSignal
}

const APPEALS_SHOWN = 50

const ownQuery = z.object({ view: z.enum(['about_me', 'made', 'appealed']).default('about_me') })
const calibrationQuery = z.object({ form: z.string().max(40) })

/** As many as the rules that drew the conversation for this form want. */
function judgesOf({ samples }: Scorecards, form: string, conversation: ConversationDocument): number {
  return samples
    .filter((rule) => rule.form === form && isSampled(rule, { ...conversation, id: conversation._id }))
    .reduce((most, { judges }) => Math.max(most, judges), 1)
}
