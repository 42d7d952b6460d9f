import {
  type EvaluationCommand,
  type EvaluationEvent,
  REPLIES,
  type ReplyKind,
  type ScorecardForm,
  evaluationFamily,
  evaluationIdOf,
  formHash,
  formNamed,
  problemOf,
  scoreOf,
} from '@parley/evaluation'
import { type Decider, type NewEvent, type Refusal, refuse, unreachable } from '@parley/kernel'

/** By which forms is judged. Plain JSON: it is adopted by a command in the log. */
export interface EvaluationPolicy {
  readonly forms: readonly ScorecardForm[]
}

export type EvaluationState =
  | { readonly stage: 'none' }
  | {
      readonly stage: 'standing' | 'appealed' | 'decided' | 'withdrawn'
      readonly judgeId: string
      /** The agent who was judged; empty: the robot. */
      readonly subjectId: string
      readonly replies: number
    }

/** A discussion belongs elsewhere. An appeal, and what is decided of it, are said once each, and whoever answers much takes nobody's right to them. */
export const REPLIES_MAX = 50

/** The rules of evaluations: what may be answered to a form, what it is worth, and who may say what about it. */
export const evaluationDecider: Decider<
  EvaluationState,
  EvaluationCommand,
  EvaluationEvent,
  EvaluationPolicy
> = {
  family: evaluationFamily,
  version: 1,
  commandsRemembered: 16,
  answersPeople: true,
  initialState: () => ({ stage: 'none' }),
  decide(wish, state, policy) {
    switch (wish.type) {
      case 'EvaluateConversation':
        return evaluate(wish.streamId, wish.data, state, policy)
      case 'ReplyToEvaluation':
        return reply(wish.data, state)
      default:
        return unreachable(wish)
    }
  },
  evolve(state, fact) {
    switch (fact.type) {
      case 'ConversationEvaluated':
        return {
          stage: 'standing',
          judgeId: fact.data.judgeId,
          subjectId: fact.data.subjectId,
          replies: 0,
        }
      case 'EvaluationReplied': {
        if (state.stage === 'none') return state
        return { ...state, replies: state.replies + 1, stage: STAGE_AFTER.get(fact.data.as) ?? state.stage }
      }
      default:
        return unreachable(fact)
    }
  },
}

const STAGE_AFTER: ReadonlyMap<string, 'appealed' | 'decided' | 'withdrawn'> = new Map([
  ['appeal', 'appealed'],
  ['upheld', 'decided'],
  ['withdrawn', 'withdrawn'],
])

interface Decided {
  readonly events: readonly NewEvent<EvaluationEvent>[]
}

function evaluate(
  streamId: string,
  data: Extract<EvaluationCommand, { type: 'EvaluateConversation' }>['data'],
  state: EvaluationState,
  { forms }: EvaluationPolicy,
): Decided | Refusal {
  const { conversationId, form: name, version, judgeId, subjectKind, subjectId, answers } = data
  // Its stream is what keeps a judge from judging twice.
  if (streamId !== evaluationIdOf(conversationId, name, judgeId)) return refuse('EVALUATION_MISPLACED')
  if (state.stage !== 'none') return refuse('ALREADY_EVALUATED', { conversationId, form: name })
  const form = formNamed(forms, name, version)
  if (form === undefined) return refuse('UNKNOWN_FORM')
  const hash = formHash(form)
  // The answers are to another text than that which holds: of items that were weighed, or worded, otherwise.
  if (data.formHash !== '' && data.formHash !== hash) return refuse('FORM_CHANGED', { form: name, version })
  if ((form.for === 'agent') !== (subjectKind === 'agent'))
    return refuse('FORM_NOT_FOR_THIS', { form: name, for: form.for })
  if (subjectKind === 'agent' && subjectId === judgeId) return refuse('JUDGE_IN_OWN_CASE', { conversationId })
  const problem = problemOf(form, answers)
  // What is in no form is not repeated: it may be anything that somebody typed, and would stand among the facts for ever.
  if (problem?.code === 'ITEM_UNKNOWN') return refuse(problem.code, { form: name })
  if (problem !== undefined) return refuse(problem.code, { form: name, item: problem.item })
  const { score, failedItems } = scoreOf(form, answers)
  return {
    events: [
      {
        type: 'ConversationEvaluated',
        data: { ...data, score, failedItems: [...failedItems], formHash: hash },
        content: 'all',
      },
    ],
  }
}

function reply(
  { personId, as }: Extract<EvaluationCommand, { type: 'ReplyToEvaluation' }>['data'],
  state: EvaluationState,
): Decided | Refusal {
  if (state.stage === 'none') return refuse('UNKNOWN_EVALUATION')
  const kind: ReplyKind | undefined = REPLIES.find((one) => one === as)
  if (kind === undefined) return refuse('UNKNOWN_REPLY', {})
  if (state.stage === 'withdrawn') return refuse('EVALUATION_WITHDRAWN')
  if (kind === 'answer' && state.replies >= REPLIES_MAX)
    return refuse('TOO_MANY_REPLIES', { repliesMax: REPLIES_MAX })
  const refusal = refusalOf(kind, personId, state)
  if (refusal !== undefined) return refusal
  return { events: [{ type: 'EvaluationReplied', data: { personId, as: kind }, content: 'all' }] }
}

function refusalOf(
  kind: ReplyKind,
  personId: string,
  { stage, judgeId, subjectId }: Exclude<EvaluationState, { stage: 'none' }>,
): Refusal | undefined {
  switch (kind) {
    case 'answer':
      return undefined
    case 'appeal':
      if (personId !== subjectId) return refuse('NOT_YOURS_TO_APPEAL')
      return stage === 'standing' ? undefined : refuse('APPEALED_ALREADY')
    case 'upheld':
    case 'withdrawn':
      if (stage !== 'appealed') return refuse('NOT_APPEALED')
      return personId === judgeId || personId === subjectId ? refuse('JUDGE_IN_OWN_CASE') : undefined
    default:
      return unreachable(kind)
  }
}
