import type { MessageBody } from '@parley/proto/content'
import { withoutCourtesies } from './courtesy.ts'
import { isMeasure, isQuestion, saidOnce, withoutStruckOut, wordSet, wordsOf } from './typed-text.ts'

export const SURVEY_REASONS = ['slow', 'unsolved', 'unfriendly'] as const
export type SurveyReason = (typeof SURVEY_REASONS)[number]

/** What a message answers to the question how a conversation went. */
export interface SurveyAnswer {
  /** 1 (worst) to 5; 0: none. */
  readonly score: number
  readonly reason: SurveyReason | ''
  /** Whose survey the tapped button stands under; empty: it was typed, and the rules know which survey waits for an answer. */
  readonly conversationId: string
}

const PREFIX = 'survey'
const CONVERSATION_ID = /^[\w-]{1,64}$/
const NONE: SurveyAnswer = { score: 0, reason: '', conversationId: '' }

/** The id of a button under a survey: it names the conversation, so that a late tap judges no other one. */
export const surveyButton = (conversationId: string, answer: number | SurveyReason): string =>
  `${PREFIX}:${conversationId}:${answer}`

/** From 1; in the words of three languages, and as the buttons say them. */
const SCORES: readonly ReadonlySet<string>[] = [
  wordSet('1|um|uma|one|এক|1 ruim|1 poor|1 খারাপ'),
  wordSet('2|dois|duas|two|দুই'),
  wordSet('3|três|three|তিন|3 regular|3 fair|3 মোটামুটি'),
  wordSet('4|quatro|four|চার'),
  wordSet('5|cinco|five|পাঁচ|5 ótimo|5 great|5 খুব ভালো'),
]
/** Around a number: `nota 5`, `4 estrelas`, `3 of 5`. Of words. */
const AROUND =
  /^(?:(?:dou |a )?nota |dou |score |i give )|(?: (?:de|of|out of) (?:5|cinco|five)| estrelas?| stars?| তারা)$/gu
/** Longer messages say more than a score. */
const LONGEST = 60

/** By a tapped button, or by the whole typed message: never by a number inside a sentence, a question or an amount. While no survey waits it means nothing. */
export function surveyAnswerOf(message: MessageBody | undefined): SurveyAnswer {
  const body = message?.body
  if (body?.$case === 'choice') {
    const { id, title } = body.value
    return tapped(id) ?? { ...NONE, score: scoreIn(title) }
  }
  return body?.$case === 'text' ? { ...NONE, score: scoreIn(body.value.text) } : NONE
}

function tapped(id: string): SurveyAnswer | undefined {
  const [prefix, conversationId = '', answer = '', ...more] = id.split(':')
  // It becomes a fact, and facts hold no words, nor more than a record takes: what is no id names no conversation.
  if (prefix !== PREFIX || !CONVERSATION_ID.test(conversationId) || more.length > 0) return undefined
  const reason = SURVEY_REASONS.find((one) => one === answer)
  if (reason !== undefined) return { score: 0, reason, conversationId }
  return { score: /^[1-5]$/.test(answer) ? Number(answer) : 0, reason: '', conversationId }
}

function scoreIn(typed: string): number {
  if (typed.length > LONGEST || isMeasure(typed) || isQuestion(typed)) return 0
  const text = withoutStruckOut(typed)
  const stars = text.replaceAll(/[\s\ufe0f]/g, '')
  if (/^(?:⭐|🌟|★){1,5}$/u.test(stars)) return Array.from(stars).length
  const words = withoutCourtesies(wordsOf(text.replace(/(?<=\d) ?\/ ?5(?!\d)/, ''))).replaceAll(AROUND, '')
  return SCORES.findIndex((score) => score.has(saidOnce(words))) + 1
}
