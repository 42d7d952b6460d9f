import { didYouMean } from '@parley/authoring'
import { auditPerson } from '@parley/audit'
import {
  type EvaluationCommand,
  REPLIES,
  type Scorecards,
  agreementOf,
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
import { BLIND_MS, type Evaluation, type Onlooker, shownAmong } from '../evaluation/evaluation.ts'
import type { ConversationDocument, ListPlace } from './conversation-store.ts'
import { type DeskChanges, decided, outcomeOf, refused } from './desk-changes/desk-changes.ts'
import { type DeskRoutes, rowsFor } from './desk-routes.ts'
import { rowShape } from './desk-shapes.ts'
import type { Name } from '../conversation/shown.ts'
import { conversationSeen, namesOf, noConversation, sightOf } from './desk-sight.ts'
import { signedInOf } from './doorkeeper.ts'
import { cursorOf, placeIn } from './list-cursor.ts'
import type { EvaluationDocument, EvaluationStore } from './evaluation-store.ts'

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

const time = z.iso.datetime()
const evaluationShape = z.object({
  id: z.string(),
  conversationId: z.string(),
  form: z.string(),
  version: z.int(),
  judge: z.string(),
  judgeName: z.string().nullable(),
  subject: z.object({
    kind: z.enum(['agent', 'bot']),
    id: z.string().nullable(),
    name: z.string().nullable(),
  }),
  queue: z.string().nullable(),
  at: time,
  score: z.number(),
  failedItems: z.array(z.string()),
  answers: z.array(
    z.object({
      item: z.string(),
      value: z.int(),
      note: z.string().nullable(),
      messageIds: z.array(z.string()),
    }),
  ),
  status: z.enum(['standing', 'appealed', 'upheld', 'withdrawn']),
  replies: z.array(
    z.object({ person: z.string(), name: z.string().nullable(), as: z.string(), text: z.string(), at: time }),
  ),
})
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

  /** Of conversations that the person may judge, as far as they are known here still. */
  const seenAmong = async (
    request: FastifyRequest,
    found: readonly EvaluationDocument[],
  ): Promise<readonly EvaluationDocument[]> => {
    const known = await conversations.conversations([...new Set(found.map((one) => one.conversationId))])
    const sight = sightOf(request, roster, judging.access.permission)
    const seen = new Set(known.filter((one) => sight.sees(one)).map(({ _id }) => _id))
    return found.filter((one) => seen.has(one.conversationId))
  }

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
    return (await seenAmong(request, appealed)).slice(0, APPEALS_SHOWN)
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
          await conversationSeen(desk, request, judging.access.permission)
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

  const isSupervised = async (request: FastifyRequest, conversationId: string): Promise<boolean> => {
    const [conversation] = await conversations.conversations([conversationId])
    const sight = sightOf(request, roster, judging.access.permission)
    return conversation !== undefined && sight.sees(conversation)
  }

  /** What the person may see of it; else it is not there. @throws {HttpRefusal} 404 */
  const evaluationSeen = async (request: FastifyRequest, id: string): Promise<EvaluationDocument> => {
    const found = await evaluations.byId(id)
    const [conversation] = found === null ? [] : await conversations.conversations([found.conversationId])
    const isSeen =
      found !== null &&
      (found.subjectId === signedInOf(request).id ||
        (conversation !== undefined && sightOf(request, roster).sees(conversation)))
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
          if (decides && !(await isSupervised(request, found.conversationId)))
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

  app.get(
    '/api/samples',
    {
      config: judging,
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
      const { personId, scope, teamIds } = sightOf(request, roster)
      const drawn: ConversationDocument[] = []
      let after: ListPlace | null | undefined = cursor === undefined ? undefined : placeIn(cursor)
      for (
        let page = 0;
        after !== null && page < SAMPLED_PAGES_MAX && drawn.length < SAMPLED_ENOUGH;
        page += 1
      ) {
        const { conversations: found, next } = await conversations.list(
          { personId, scope, teamIds },
          { view: 'closed', queue: rule.queue ?? undefined, after },
        )
        const taken = found.filter((one) => isSampled(rule, { ...one, id: one._id }))
        const ofRule = Map.groupBy(
          (await evaluations.ofConversations(taken.map(({ _id }) => _id))).filter(
            ({ form }) => form === rule.form,
          ),
          ({ conversationId }) => conversationId,
        )
        const judged = new Set(
          [...ofRule].flatMap(([id, all]) =>
            all.length >= rule.judges || all.some(({ judgeId }) => judgeId === personId) ? [id] : [],
          ),
        )
        drawn.push(...taken.filter(({ _id, lastAgentId }) => !judged.has(_id) && lastAgentId !== personId))
        after = next
      }
      const rows = rowsFor(desk)
      return reply.send({
        conversations: await rows(drawn, personId),
        cursor: after ? cursorOf(after) : null,
      })
    },
  )

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
      const found = Map.groupBy(
        isWhole ? calibrated : await seenAmong(request, calibrated),
        ({ conversationId }) => conversationId,
      )
      const pairs = [...found.values()].flatMap((judged) => {
        const [one, other] = blindPairOf(judged)
        return one === undefined || other === undefined
          ? []
          : one.answers.flatMap(({ item, value }) => {
              const theirs = other.answers.find((answer) => answer.item === item)
              return theirs === undefined ? [] : [{ item, pair: [value, theirs.value] as const }]
            })
      })
      const byItem = Map.groupBy(pairs, ({ item }) => item)
      return reply.send({
        form,
        ...agreementOf(pairs.map(({ pair }) => pair)),
        items: [...byItem].map(([item, all]) => ({ item, ...agreementOf(all.map(({ pair }) => pair)) })),
      })
    },
  )
}

/**
 * The two that judged without knowing of each other: whoever judges after them has read both. None, where one of the two is withdrawn, they went
 * by different versions, or the second may have read the first. The same of two people is always the first, for chance is reckoned by how each of them judges.
 */
function blindPairOf(judged: readonly EvaluationDocument[]): readonly EvaluationDocument[] {
  const pair = judged
    .toSorted((one, other) => (one.at < other.at ? -1 : Number(one.at > other.at)))
    .slice(0, 2)
  const isBlind = ({ at }: Evaluation) => Date.parse(at) - Date.parse(pair[0]?.at ?? at) < BLIND_MS
  return pair.some((one) => one.status === 'withdrawn' || one.version !== pair[0]?.version || !isBlind(one))
    ? []
    : pair.toSorted((one, other) => (one.judgeId < other.judgeId ? -1 : 1))
}

interface Saying {
  readonly commandId: string
  readonly evaluationId: string
  readonly act: string
  readonly signal: AbortSignal
}

const SAMPLED_ENOUGH = 50
const APPEALS_SHOWN = 50
/** Of closed ones, for one request; who wants to see further back asks again. */
const SAMPLED_PAGES_MAX = 20

const ownQuery = z.object({ view: z.enum(['about_me', 'made', 'appealed']).default('about_me') })
const sampleQuery = z.object({ rule: z.string().max(40), cursor: z.string().max(500).optional() })
const calibrationQuery = z.object({ form: z.string().max(40) })
const agreement = { count: z.int(), observed: z.number().nullable(), kappa: z.number().nullable() }
const calibrationShape = z.object({
  form: z.string(),
  ...agreement,
  items: z.array(z.object({ item: z.string(), ...agreement })),
})
const inLanguages = z.object({ pt: z.string(), en: z.string(), bn: z.string() })
const formsShape = z.object({
  samples: z.array(z.object({ name: z.string(), form: z.string(), judges: z.int() })),
  forms: z.array(
    z.object({
      name: z.string(),
      version: z.int(),
      for: z.enum(['agent', 'robot']),
      title: inLanguages,
      items: z.array(
        z.object({
          id: z.string(),
          text: inLanguages,
          weight: z.number(),
          max: z.int(),
          critical: z.boolean(),
          optional: z.boolean(),
        }),
      ),
    }),
  ),
})

/** As many as the rules that drew the conversation for this form want. */
function judgesOf({ samples }: Scorecards, form: string, conversation: ConversationDocument): number {
  return samples
    .filter((rule) => rule.form === form && isSampled(rule, { ...conversation, id: conversation._id }))
    .reduce((most, { judges }) => Math.max(most, judges), 1)
}

function shapeOf({ _id: id, ...found }: Evaluation & { readonly _id: string }, name: Name) {
  const { conversationId, form, version, judgeId, subjectId, queue, at, score, failedItems, answers } = found
  return {
    id,
    conversationId,
    form,
    version,
    judge: judgeId,
    judgeName: name(judgeId),
    subject: {
      kind: subjectId === null ? ('bot' as const) : ('agent' as const),
      id: subjectId,
      name: subjectId === null ? null : name(subjectId),
    },
    queue,
    at,
    score,
    failedItems: [...failedItems],
    answers: answers.map((answer) => ({ ...answer, messageIds: [...answer.messageIds] })),
    status: found.status,
    replies: found.replies.map(({ personId, ...said }) => ({
      person: personId,
      name: name(personId),
      ...said,
    })),
  }
}
