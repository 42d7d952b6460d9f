import { setTimeout as pause } from 'node:timers/promises'
import { type EvaluationEvent, evaluationFamily } from '@parley/evaluation'
import {
  DocumentCache,
  type DocumentProjection,
  type PagePlace,
  type ProjectionReader,
  type ProjectedDocument,
  type ReadModel,
  defineProjection,
} from '@parley/eventlog'
import type { CommonEvent } from '@parley/kernel'
import type { Collection } from 'mongodb'
import { type Evaluation, evolveEvaluation } from '../../evaluation/evaluation.ts'
import {
  type DecidedWish,
  type OutcomeDocument,
  outcomeDocuments,
  outcomesIn,
} from '../read-models/outcomes.ts'

const TYPES = ['ConversationEvaluated', 'EvaluationReplied', 'CommandRefused', 'NothingChanged'] as const
type EvaluationFact = Extract<EvaluationEvent | CommonEvent, { type: (typeof TYPES)[number] }>

export interface EvaluationDocument extends ProjectedDocument, Evaluation {}

export interface EvaluationModel extends ReadModel<EvaluationFact> {
  readonly collection: Collection<EvaluationDocument>
  readonly outcomes: Collection<OutcomeDocument>
}

/** Whoever judges waits for what the rules make of it. */
const GATHER_MS = 50

/** Evaluations as judges and those who are judged read them. */
export const evaluationsRead = defineProjection({
  name: 'evaluations',
  family: evaluationFamily,
  types: TYPES,
  gatherMs: GATHER_MS,
  async open(db, version): Promise<EvaluationModel> {
    const collection = db.collection<EvaluationDocument>(`evaluations_v${version}`)
    await collection.createIndexes(
      ['conversationId', 'judgeId', 'subjectId', 'form', 'status', 'score'].map((field) => ({
        key: { [field]: 1, at: -1, _id: -1 },
      })),
    )
    const outcomes = await outcomesIn(db, evaluationFamily.name, version)
    const documents: DocumentProjection<EvaluationDocument, EvaluationFact> = {
      collection,
      cache: new DocumentCache(),
      route: (event) => (isOfOne(event) ? [event.envelope.streamId] : []),
      fold: (document, event) => (isOfOne(event) ? evolveEvaluation(document, event) : undefined),
    }
    return {
      collection,
      outcomes,
      documents: [documents, outcomeDocuments(outcomes)],
      // The store drops them after a time.
      compared: (document) => ('leavesAt' in document ? undefined : document),
    }
  },
})

function isOfOne<Event extends { readonly type: string }>(
  event: Event,
): event is Event & Extract<Event, { type: EvaluationEvent['type'] }> {
  return event.type === 'ConversationEvaluated' || event.type === 'EvaluationReplied'
}

export interface EvaluationStore {
  ofConversations(ids: readonly string[]): Promise<readonly EvaluationDocument[]>
  byId(id: string): Promise<EvaluationDocument | null>
  /** Newest first. @returns fewer than `EVALUATIONS_A_PAGE`: there are no more */
  about(subjectId: string, behind?: PagePlace): Promise<readonly EvaluationDocument[]>
  by(judgeId: string, behind?: PagePlace): Promise<readonly EvaluationDocument[]>
  /** Appeals that nobody has decided; those that wait longest first. @returns fewer than `APPEALS_A_PAGE`: there are no more */
  appealed(behind?: PagePlace): Promise<readonly EvaluationDocument[]>
  /** Of a form, those of calibrations; newest first. */
  calibrated(form: string): Promise<readonly EvaluationDocument[]>
  /** Conversations with an evaluation that stands and gave less, made at `since` (ISO 8601 UTC) or later; undefined: more evaluations than `max`. */
  judgedBelow(score: number, since: string | undefined, max: number): Promise<readonly string[] | undefined>
  /** What the rules made of a wish: resolves once they did. */
  decided(commandId: string, signal: AbortSignal): Promise<DecidedWish>
}

export const EVALUATIONS_A_PAGE = 50
const CALIBRATED_MAX = 1_000
/** Of the whole company: what a person sees of them is a part. */
export const APPEALS_A_PAGE = 500
/** A handful of people judge at a time: asking costs less than following one more topic in each replica. */
const ASKED_EVERY_MS = 50

const READ_WITHIN_MS = 2_000

/** Of the version that is read now: another one after a switch. */
export function evaluationStore(
  reader: Pick<ProjectionReader, 'whenProcessed'> & { readonly model: EvaluationModel },
): EvaluationStore {
  const current = () => reader.model
  const newest = (filter: object, limit: number) =>
    current().collection.find(filter).sort({ at: -1, _id: -1 }).limit(limit).toArray()
  const behindOf = (place: PagePlace | undefined, than: '$lt' | '$gt') =>
    place && { $or: [{ at: { [than]: place.at } }, { at: place.at, _id: { [than]: place.id } }] }
  return {
    async ofConversations(ids) {
      return ids.length === 0
        ? []
        : current()
            .collection.find({ conversationId: { $in: [...ids] } })
            .sort({ at: -1, _id: -1 })
            .toArray()
    },
    byId: (id) => current().collection.findOne({ _id: id }),
    about: (subjectId, behind) => newest({ subjectId, ...behindOf(behind, '$lt') }, EVALUATIONS_A_PAGE),
    by: (judgeId, behind) => newest({ judgeId, ...behindOf(behind, '$lt') }, EVALUATIONS_A_PAGE),
    appealed: (behind) =>
      current()
        .collection.find({ status: 'appealed', ...behindOf(behind, '$gt') })
        .sort({ at: 1, _id: 1 })
        .limit(APPEALS_A_PAGE)
        .toArray(),
    calibrated: (form) => newest({ form, judges: { $gt: 1 } }, CALIBRATED_MAX),
    async judgedBelow(score, since, max) {
      const found = await newest(
        {
          score: { $lt: score },
          status: { $ne: 'withdrawn' },
          ...(since !== undefined && { at: { $gte: since } }),
        },
        max + 1,
      )
      return found.length > max ? undefined : [...new Set(found.map((one) => one.conversationId))]
    },
    async decided(commandId, signal) {
      for (;;) {
        const found = await current().outcomes.findOne({ _id: commandId })
        if (found !== null) {
          // The evaluation is written beside the outcome, perhaps a moment later: whoever hears the outcome reads the evaluation next.
          const position = { partition: found.partition, offset: BigInt(found.offset) }
          await reader.whenProcessed(position, READ_WITHIN_MS, signal)
          return found
        }
        await pause(ASKED_EVERY_MS, undefined, { signal })
      }
    },
  }
}
