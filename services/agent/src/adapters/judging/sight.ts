import type { Roster } from '@parley/people'
import type { HttpRefusal } from '@parley/service'
import type { FastifyRequest } from 'fastify'
import type { Place } from '../../conversation/conversation.ts'
import type { Sight } from '../../conversation/viewing.ts'
import { type Onlooker, shownAmong } from '../../evaluation/evaluation.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'
import { notThere, sightOf } from '../desk/sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import type { EvaluationDocument, EvaluationStore } from './evaluation-store.ts'

export function onlookerOf(request: FastifyRequest): Onlooker {
  const { id, permissions } = signedInOf(request)
  const seesAll = ['conversations.supervise', 'audit.read'].some((one) => permissions.includes(one))
  return { personId: id, seesAll }
}

export interface EvaluationSightOptions {
  readonly evaluations: Pick<EvaluationStore, 'ofConversations' | 'byId'>
  readonly conversations: Pick<ConversationStore, 'conversations'>
  readonly roster: Roster
  readonly now: () => Date
}

/** Which evaluations whoever asks may see. */
export function evaluationSight({ evaluations, conversations, roster, now }: EvaluationSightOptions) {
  /** Of these conversations, as far as a calibration lets them be known. */
  const shown = async (request: FastifyRequest, conversationIds: readonly string[]) =>
    shownAmong(onlookerOf(request), await evaluations.ofConversations(conversationIds), now())

  /** Of conversations that the sight includes. What left the desk is still seen as that of whom it judged: an appeal may come late, and is to be decided. */
  const among = async (
    sight: Sight,
    found: readonly EvaluationDocument[],
  ): Promise<readonly EvaluationDocument[]> => {
    const known = await conversations.conversations([...new Set(found.map((one) => one.conversationId))])
    const places = new Map<string, Place>(known.map((one) => [one._id, one]))
    return found.filter((one) => sight.sees(places.get(one.conversationId) ?? leftPlaceOf(one)))
  }

  /** @throws {HttpRefusal} 404: it is not there, or they may not see it */
  const one = async (request: FastifyRequest, id: string): Promise<EvaluationDocument> => {
    const found = await evaluations.byId(id)
    const isSeen =
      found !== null &&
      (found.subjectId === signedInOf(request).id ||
        (await among(sightOf(request, roster), [found])).length > 0)
    const seen = isSeen
      ? (await shown(request, [found.conversationId])).find(({ _id }) => _id === id)
      : undefined
    if (seen === undefined) throw noEvaluation(found !== null)
    return seen
  }

  return { shown, among, one }
}

/** @param isThere as of a conversation */
export const noEvaluation = (isThere = false): HttpRefusal => notThere('evaluation', isThere)

/** It was over: whoever had it last was judged. Of the robot alone nobody is known any more. */
const leftPlaceOf = ({ subjectId, at }: EvaluationDocument): Place => ({
  stage: { name: 'closed', since: at, reason: '' },
  agentId: null,
  lastAgentId: subjectId,
  offeredTo: null,
})
