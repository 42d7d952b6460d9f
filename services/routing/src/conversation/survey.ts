import { type CommandData, SURVEY_REASONS, type SurveyReason, surveyButton } from '@parley/conversation'
import { companyChoice, companyTemplate, companyText, languageOf } from './company-words.ts'
import { type Decision, type Outgoing, sendingRefusal } from './decision.ts'
import type { SurveyTexts } from './policy.ts'
import { type Contact, openConversationId } from './state.ts'
import { type AskedSurvey, lastAsked } from './survey-stages.ts'
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
  /** Which it judges. */
  readonly conversationId: string
  /** Where it stands, and is answered; empty: in none that is known any more. */
  readonly standsIn: string
  /** In time, and of the survey that waits. */
  readonly counts: boolean
}

/** Whichever name it was asked under. */
export function waitingSurvey({ survey, surveyElsewhere }: Contact): AskedSurvey | null {
  const last = lastAsked(survey, surveyElsewhere)
  return last?.score === 0 ? last : null
}

/**
 * Which conversation a message judges; undefined: none, it says something else. A tap names its conversation. A typed number counts while
 * nobody could mean anything else by it: the survey waits, here or under another name of theirs, and no conversation is open.
 */
export function judgedBy(
  { state: { contact, conversation }, wish, at }: Decision,
  { surveyScore, surveyConversationId: tapped }: CommandData<'ReceiveMessage'>,
): Judged | undefined {
  const open = openConversationId(conversation)
  const waiting = waitingSurvey(contact)
  const isTyped = surveyScore > 0 && open === '' && waiting !== null
  const conversationId = tapped || (isTyped ? waiting.conversationId : '')
  if (conversationId === '') return undefined
  const asked = [contact.survey, contact.surveyElsewhere].find(
    (one) => one?.conversationId === conversationId,
  )
  const counts = asked?.step === 'asked' && isInTime(asked, customerTime(wish.occurredAt, at))
  if (tapped === '' && !counts) return undefined
  // Of another name or an earlier survey, however late: it begins nothing all the same.
  const last = conversation.stage === 'none' ? (conversation.last?.id ?? '') : ''
  const isOwn = contact.survey?.conversationId === conversationId
  return { conversationId, standsIn: isOwn ? conversationId : open || last, counts }
}

/** What the customer makes of it is answered, whether or not it counts: another tap, or a late one, is thanked for like the first. */
export function answerSurvey(
  decision: Decision,
  { surveyScore: score, surveyReason: reason, surveyConversationId: tapped }: CommandData<'ReceiveMessage'>,
  messageId: string,
  { conversationId, standsIn, counts }: Judged,
): void {
  const { survey } = decision.state.contact
  const texts = decision.policy.survey.texts[languageOf(decision.state.contact)]
  const via = tapped === '' ? 'typed' : 'button'
  const answer = { conversationId, messageId, score, reason, via }
  const isOthers = survey?.conversationId !== conversationId
  const isNews = isOthers ? passOn(decision, answer) : counts && count(decision, answer)
  if (isNews && score >= 1 && score <= LOW_SCORE_MAX)
    tell(decision, standsIn, 'survey_reason', reasonQuestion(texts, conversationId))
  else tell(decision, standsIn, 'survey_thanks', companyText(texts.thanks))
}

/** What was said under the name that this contact became. Whoever heard it there answers it there. */
export function judgeConversation(decision: Decision, answer: CommandData<'JudgeConversation'>): void {
  const { wish, at, state } = decision
  const { survey } = state.contact
  if (survey?.step !== 'asked' || survey.conversationId !== answer.conversationId)
    return void passOn(decision, answer)
  if (isInTime(survey, customerTime(wish.occurredAt, at))) count(decision, answer)
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
function count(decision: Decision, { conversationId, messageId, score, reason: said, via }: Answer): boolean {
  const { survey } = decision.state.contact
  if (survey?.step !== 'asked') return false
  if (survey.score === 0 && score >= 1 && score <= 5) {
    decision.record(
      { type: 'SurveyAnswered', data: { conversationId, messageId, score, via: via || 'button' } },
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
