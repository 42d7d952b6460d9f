import {
  type CommandsOf,
  type EventsOf,
  type Words,
  asBuffer,
  defineFamily,
  deterministicId,
  wordsNamed,
} from '@parley/kernel'
import * as evaluations from '@parley/proto/evaluations'

/** The contract of evaluations: how conversations are judged. One stream per evaluation. */
export const evaluationFamily = defineFamily({
  name: 'evaluation',
  commands: {
    EvaluateConversation: evaluations.EvaluateConversation,
    ReplyToEvaluation: evaluations.ReplyToEvaluation,
  },
  events: {
    ConversationEvaluated: evaluations.ConversationEvaluated,
    EvaluationReplied: evaluations.EvaluationReplied,
  },
})

export type EvaluationCommand = CommandsOf<typeof evaluationFamily>
export type EvaluationEvent = EventsOf<typeof evaluationFamily>

/** Of one judge, conversation and form there is one evaluation, whoever asks for it again. */
export function evaluationIdOf(conversationId: string, form: string, judgeId: string): string {
  return deterministicId('evaluation', conversationId, form, judgeId)
}

/** What judges and those who answer them write. */
export function notesOf(texts: readonly string[]): Words[] {
  return texts.map((text) => ({ name: 'note', value: Buffer.from(text.toWellFormed()) }))
}

export function notesIn(content: readonly Words[]): readonly string[] {
  return wordsNamed(content, 'note').map((bytes) => asBuffer(bytes).toString('utf8'))
}

export const REPLIES = ['answer', 'appeal', 'upheld', 'withdrawn'] as const
export type ReplyKind = (typeof REPLIES)[number]
