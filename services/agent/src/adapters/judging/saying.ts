import { auditPerson } from '@parley/audit'
import type { EvaluationCommand } from '@parley/evaluation'
import { type EventLog, type FamilyTopics, appendCommands } from '@parley/eventlog'
import type { Words } from '@parley/kernel'
import type { Outcome, RecordAct } from '@parley/service'
import type { FastifyRequest } from 'fastify'
import { outcomeOf, refused } from '../desk-changes/desk-changes.ts'
import type { DeskFeed } from '../desk/feed.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import type { EvaluationStore } from './evaluation-store.ts'

type SaidEvaluation = EvaluationCommand & {
  readonly commandId: string
  readonly streamId: string
  readonly correlationId: string
  readonly occurredAt: string
  readonly actor: { readonly kind: 'agent'; readonly id: string }
  readonly content: readonly Words[]
}

/** Says a wish to the rules of evaluations. */
export type SayEvaluation = (command: SaidEvaluation) => Promise<void>

export const sayingEvaluations =
  (log: EventLog, topics: FamilyTopics): SayEvaluation =>
  async (command) =>
    void (await appendCommands(log, topics, [command]))

export interface DecidingOptions {
  readonly say: SayEvaluation
  readonly evaluations: Pick<EvaluationStore, 'decided' | 'byId'>
  readonly feed: Pick<DeskFeed, 'readPosition'>
  readonly record: RecordAct
  readonly now: () => Date
}

interface Saying {
  readonly commandId: string
  readonly conversationId: string
  readonly evaluationId: string
  readonly act: string
  readonly signal: AbortSignal
}

/** Says a wish, waits for what the rules make of it, and leaves a trace where they took it. */
export const deciding =
  ({ say, evaluations, feed, record, now }: DecidingOptions) =>
  async (
    request: FastifyRequest,
    wish: EvaluationCommand & { readonly content: readonly Words[] },
    { commandId, conversationId, evaluationId, act, signal }: Saying,
  ): Promise<Outcome> => {
    const person = signedInOf(request)
    await say({
      ...wish,
      commandId,
      streamId: evaluationId,
      correlationId: conversationId,
      occurredAt: now().toISOString(),
      actor: { kind: 'agent', id: person.id },
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
