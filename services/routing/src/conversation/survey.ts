import { type CommandData, SURVEY_REASONS, type SurveyReason, surveyButton } from '@parley/conversation'
import { companyChoice, companyTemplate, companyText, languageOf } from './company-words.ts'
import { type Decision, type Outgoing, sendingRefusal } from './decision.ts'
import type { SurveyTexts } from './policy.ts'
import { openConversationId } from './state.ts'
import { after, customerTime } from './window.ts'

/** Up to this score the customer is asked why. */
const LOW_SCORE_MAX = 2

/** The conversation that just closed is to be judged: by buttons while free text may be sent, by a template where the account has one, else not at all. */
export function askSurvey(decision: Decision, conversationId: string, reason: string): void {
  const { state, policy, at } = decision
  const { survey } = state.contact
  if (survey?.step !== 'due' || survey.conversationId !== conversationId || survey.reason !== reason) return
  const question = surveyQuestion(decision, conversationId)
  if (question === undefined) return
  decision.send('survey', question, { conversationId })
  const until = after(at, policy.survey.answerSeconds)
  decision.conclude({ type: 'SurveyAsked', data: { conversationId, until } }, [], conversationId)
}

function surveyQuestion(decision: Decision, conversationId: string): Outgoing | undefined {
  const { state, policy, at } = decision
  const language = languageOf(state.contact)
  const texts = policy.survey.texts[language]
  const { question, good, fair, poor } = texts
  const scores = { 5: good, 3: fair, 1: poor }
  const asked = companyChoice(
    question,
    ([5, 3, 1] as const).map((score) => ({ id: surveyButton(conversationId, score), title: scores[score] })),
  )
  const refusal = sendingRefusal(state, asked.type, at)
  if (refusal === undefined) return asked
  const template = policy.survey.template?.[language]
  return refusal === 'OUTSIDE_REPLY_WINDOW' && template !== undefined ? companyTemplate(template) : undefined
}

export interface Judged {
  /** Empty: none that is known any more. */
  readonly conversationId: string
  readonly counts: boolean
}

/**
 * Which conversation a message judges; undefined: none, it says something else. A tap names its conversation. A typed number counts while
 * nobody could mean anything else by it: the survey waits and no conversation is open.
 */
export function judgedBy(
  { state: { contact, conversation }, wish, at }: Decision,
  { surveyScore, surveyConversationId: tapped }: CommandData<'ReceiveMessage'>,
): Judged | undefined {
  const { survey } = contact
  const open = openConversationId(conversation)
  const isOpen = survey?.step === 'asked' && isInTime(survey, customerTime(wish.occurredAt, at))
  if (tapped !== '') {
    const counts = isOpen && survey.conversationId === tapped
    // Too late, or of an earlier survey: it begins nothing all the same.
    const last = conversation.stage === 'none' ? (conversation.last?.id ?? '') : ''
    return { conversationId: survey?.conversationId === tapped ? tapped : open || last, counts }
  }
  const isTyped = isOpen && survey.score === 0 && surveyScore > 0 && open === ''
  return isTyped ? { conversationId: survey.conversationId, counts: true } : undefined
}

/** What the customer makes of it is answered, whether or not it counts: another tap, or a late one, is thanked for like the first. */
export function answerSurvey(
  decision: Decision,
  { surveyScore: score, surveyReason: reason, surveyConversationId: tapped }: CommandData<'ReceiveMessage'>,
  messageId: string,
  { conversationId, counts }: Judged,
): void {
  const { survey } = decision.state.contact
  const texts = decision.policy.survey.texts[languageOf(decision.state.contact)]
  const via = tapped === '' ? 'typed' : 'button'
  const answer = { conversationId: tapped || conversationId, messageId, score, reason }
  const isOthers = tapped !== '' && survey?.conversationId !== tapped
  const isNews = isOthers ? passOn(decision, answer) : counts && count(decision, answer, via)
  if (isNews && score >= 1 && score <= LOW_SCORE_MAX)
    tell(decision, conversationId, 'survey_reason', reasonQuestion(texts, answer.conversationId))
  else tell(decision, conversationId, 'survey_thanks', companyText(texts.thanks))
}

/** What was tapped under the name that this contact became. Whoever heard it there answers it there. */
export function judgeConversation(decision: Decision, answer: CommandData<'JudgeConversation'>): void {
  const { wish, at, state } = decision
  const { survey } = state.contact
  if (survey?.step !== 'asked' || survey.conversationId !== answer.conversationId)
    return void passOn(decision, answer)
  if (isInTime(survey, customerTime(wish.occurredAt, at))) count(decision, answer, 'button')
}

type Answer = CommandData<'JudgeConversation'>

/** The survey may be one of another name of theirs, which alone knows: its figures are made of its own stream. @returns whether there is another name */
function passOn(decision: Decision, answer: Answer): boolean {
  const { absorbed } = decision.state.contact
  for (const contactId of absorbed)
    decision.record({ type: 'SurveyAnswerPassedOn', data: { contactId, ...answer } }, [], '')
  return absorbed.length > 0
}

/** The first score and the first reason count. @returns whether it is the first score */
function count(
  decision: Decision,
  { conversationId, messageId, score, reason: said }: Answer,
  via: 'typed' | 'button',
): boolean {
  const { survey } = decision.state.contact
  if (survey?.step !== 'asked') return false
  if (survey.score === 0 && score >= 1 && score <= 5) {
    decision.record(
      { type: 'SurveyAnswered', data: { conversationId, messageId, score, via } },
      [],
      conversationId,
    )
    return true
  }
  const reason = SURVEY_REASONS.find((one) => one === said)
  if (reason !== undefined && !survey.hasReason && survey.score > 0 && survey.score <= LOW_SCORE_MAX)
    decision.record(
      { type: 'SurveyReasonGiven', data: { conversationId, messageId, reason } },
      [],
      conversationId,
    )
  return false
}

const isInTime = ({ until }: { readonly until: string }, saidAt: string): boolean =>
  Date.parse(saidAt) <= Date.parse(until)

function reasonQuestion(texts: SurveyTexts, conversationId: string): Outgoing {
  const titles: Readonly<Record<SurveyReason, string>> = texts
  return companyChoice(
    texts.reasonQuestion,
    SURVEY_REASONS.map((reason) => ({ id: surveyButton(conversationId, reason), title: titles[reason] })),
  )
}

/** Nothing where nothing may be sent, or nobody knows in which conversation: an answer needs none. */
function tell(
  decision: Decision,
  conversationId: string,
  purpose: 'survey_reason' | 'survey_thanks',
  words: Outgoing,
): void {
  if (conversationId !== '' && sendingRefusal(decision.state, words.type, decision.at) === undefined)
    decision.send(purpose, words, { conversationId })
}
