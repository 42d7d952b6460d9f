import {
  type EvaluationEvent,
  type ReplyKind,
  type SampleRule,
  type Sampleable,
  isSampled,
  notesIn,
} from '@parley/evaluation'
import { unreachable } from '@parley/kernel'
import type { EventEnvelope } from '@parley/proto/envelope'

/** How somebody judged a conversation, and what was said to that. Times are ISO 8601 UTC. */
export interface Evaluation {
  readonly conversationId: string
  readonly form: string
  readonly version: number
  /** Undefined: an earlier release judged, which did not say by which text. */
  readonly formHash?: string
  readonly judgeId: string
  /** Null: the robot. */
  readonly subjectId: string | null
  readonly queue: string | null
  readonly at: string
  /** 0 to 100. */
  readonly score: number
  readonly failedItems: readonly string[]
  readonly answers: readonly {
    readonly item: string
    readonly value: number
    readonly note: string | null
    readonly messageIds: readonly string[]
  }[]
  /** How many are to judge it without knowing of each other. */
  readonly judges: number
  readonly status: 'standing' | 'appealed' | 'upheld' | 'withdrawn'
  readonly replies: readonly {
    readonly personId: string
    readonly as: string
    readonly text: string
    readonly at: string
  }[]
}

const STATUS_AFTER: Readonly<Record<ReplyKind, Evaluation['status'] | null>> = {
  answer: null,
  appeal: 'appealed',
  upheld: 'upheld',
  withdrawn: 'withdrawn',
}

/** Pure. Undefined: the event changes nothing. */
export function evolveEvaluation(
  evaluation: Evaluation | undefined,
  event: EvaluationEvent & { readonly envelope: EventEnvelope },
): Evaluation | undefined {
  const { envelope } = event
  const at = envelope.recordedAt ?? ''
  const notes = notesIn(envelope.content)
  switch (event.type) {
    case 'ConversationEvaluated': {
      const {
        conversationId,
        form,
        version,
        formHash,
        judgeId,
        subjectKind,
        subjectId,
        queue,
        score,
        judges,
      } = event.data
      const noted = event.data.answers.filter(({ hasNote }) => hasNote)
      return {
        conversationId,
        form,
        version,
        ...(formHash !== '' && { formHash }),
        judgeId,
        subjectId: subjectKind === 'agent' ? subjectId : null,
        queue: queue || null,
        at,
        score,
        failedItems: event.data.failedItems,
        answers: event.data.answers.map((answer) => ({
          item: answer.item,
          value: answer.value,
          note: answer.hasNote ? (notes[noted.indexOf(answer)] ?? null) : null,
          messageIds: answer.messageIds,
        })),
        judges,
        status: 'standing',
        replies: [],
      }
    }
    case 'EvaluationReplied': {
      if (evaluation === undefined) return undefined
      const { personId, as } = event.data
      const status = isReply(as) ? STATUS_AFTER[as] : null
      return {
        ...evaluation,
        status: status ?? evaluation.status,
        replies: [...evaluation.replies, { personId, as, text: notes[0] ?? '', at }],
      }
    }
    default:
      return unreachable(event)
  }
}

/** Whether what each answered is the same question: of the same version, and not edited in between. */
export const isBySameForm = (one: Evaluation, other: Evaluation): boolean =>
  one.form === other.form &&
  one.version === other.version &&
  (one.formHash ?? other.formHash) === (other.formHash ?? one.formHash)

const isReply = (word: string): word is ReplyKind => Object.hasOwn(STATUS_AFTER, word)

/** Who looks at evaluations. */
export interface Onlooker {
  readonly personId: string
  /** Supervisors and auditors; others see what concerns themselves. */
  readonly seesAll: boolean
}

/** Whoever was judged answers and appeals by then, whether a second judge came or not. */
export const BLIND_MS = 7 * 24 * 60 * 60 * 1_000

/**
 * Those of one conversation that a person may see. While a calibration lacks a judge nobody but the judge sees what was said: a second one who
 * had read the first would agree too much. Whoever comes later than `BLIND_MS` has read it, and is compared with nobody.
 */
export function shownTo<Of extends Evaluation>(
  { personId, seesAll }: Onlooker,
  ofOneConversation: readonly Of[],
  now: Date,
): readonly Of[] {
  return ofOneConversation.filter(({ judgeId, subjectId, form, judges }) => {
    if (judgeId === personId) return true
    const judged = ofOneConversation.filter((other) => other.form === form && other.judges > 1)
    const first = Math.min(...judged.map(({ at }) => Date.parse(at)))
    if (judges > 1 && judged.length < judges && now.getTime() - first < BLIND_MS) return false
    return seesAll || subjectId === personId
  })
}

/** The same of those of several conversations: all that was said of each. */
export function shownAmong<Of extends Evaluation>(
  onlooker: Onlooker,
  ofConversations: readonly Of[],
  now: Date,
): readonly Of[] {
  const byConversation = Map.groupBy(ofConversations, (one) => one.conversationId)
  return [...byConversation.values()].flatMap((ofOne) => shownTo(onlooker, ofOne, now))
}

/**
 * Of a conversation that a rule has drawn: nobody judges in their own case, twice, or what as many as the rule wants have judged; nor, of a
 * calibration, what is open to be read, be it that nobody else judged it in time or that it was judged before the rule drew it: that would be compared with nothing.
 */
export function isStillToJudge(
  { form, judges }: { readonly form: string; readonly judges: number },
  { lastAgentId }: { readonly lastAgentId: string | null },
  ofConversation: readonly Evaluation[],
  personId: string,
  now: Date,
): boolean {
  const byForm = ofConversation.filter((one) => one.form === form)
  const isOpen = byForm.some((one) => one.judges < judges || now.getTime() - Date.parse(one.at) >= BLIND_MS)
  return (
    lastAgentId !== personId &&
    byForm.length < judges &&
    !isOpen &&
    !byForm.some(({ judgeId }) => judgeId === personId)
  )
}

/**
 * How many judge a conversation by a form without knowing of each other: as many as the rules want that drew it. What was judged before they did is open to be read, and while it is not over
 * no rule draws it: another agent may have it when the second one judges.
 */
export function judgesOf(
  rules: readonly SampleRule[],
  form: string,
  conversation: Sampleable & { readonly closedAt: string | null },
  ofConversation: readonly Evaluation[],
): number {
  if (conversation.closedAt === null) return 1
  if (ofConversation.some((one) => one.form === form && one.judges === 1)) return 1
  return rules
    .filter((rule) => rule.form === form && isSampled(rule, conversation))
    .reduce((most, { judges }) => Math.max(most, judges), 1)
}
