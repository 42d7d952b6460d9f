import { type CommandData, WAIT_BUTTONS } from '@parley/conversation'
import { type Place, stillWaits, waitInWords } from '../company/waiting-words.ts'
import { companyChoice, companyLink, companyText, languageOf } from './company-words.ts'
import { type Decision, sendingRefusal } from './decision.ts'
import { beginEnding } from './ending.ts'
import type { ConversationPolicy, WaitingIn } from './policy.ts'
import type { Offered, Waiting } from './people-stages.ts'
import { type Conversation, isRobotSilent } from './state.ts'
import { customerTime, opensAfter } from './window.ts'

/** Nobody is told more often how long they wait, however often they ask. */
const TELL_EVERY_MS = 2 * 60 * 1000
/** Whoever writes something else meanwhile hears it again, but not at every word. */
const REMIND_EVERY_MS = 60 * 60 * 1000

/** Where the customer stands and how long that takes, or that the queue is closed, when it opens, and whether we shall write to them then. */
export function tellToWait(decision: Decision, said: Place): void {
  const { state, policy, at } = decision
  const { conversation } = state
  if (conversation.stage !== 'waiting' && conversation.stage !== 'offered') return
  if (conversation.isSilent) return
  // It may have opened since the pool said so.
  const opensAt = opensAfter(said.opensAt ?? null, at)
  const { toldAt, toldOpensAt } = conversation.wait
  // Whoever was told to wait a moment ago and is in a closed queue by now, or the other way round, was told what is true no more.
  if (opensAt === toldOpensAt && !isLongAgo(toldAt, at, TELL_EVERY_MS)) return
  if (sendingRefusal(state, 'text', at) !== undefined) return
  const place = { ...said, opensAt: opensAt ?? undefined }
  const language = languageOf(decision.state.contact)
  const { texts, outsideHours } = waitingIn(policy, conversation.queue)
  const { notice, closed, callBackButton, leaveButton } = texts[language]
  const words = notice.replaceAll('{now}', () => waitInWords(policy.clock, at, place, language))
  const buttons = [
    { id: WAIT_BUTTONS.callBack, title: callBackButton },
    { id: WAIT_BUTTONS.leave, title: leaveButton },
  ]
  const asks = givesChoice(conversation, outsideHours, opensAt)
  decision.send('waiting_notice', asks ? companyChoice(`${words}\n\n${closed}`, buttons) : companyText(words))
}

/** Whether to be written to once the queue opens is theirs to choose: of that notice, and of an answer to it. */
function givesChoice(
  { callsBack }: Waiting | Offered,
  outsideHours: WaitingIn['outsideHours'],
  opensAt: string | null,
): boolean {
  return opensAt !== null && !callsBack && outsideHours !== 'wait'
}

function waitingIn({ waiting, waitingIn = {} }: ConversationPolicy, queue: string): WaitingIn {
  return Object.hasOwn(waitingIn, queue) ? waitingIn[queue]! : { texts: waiting, outsideHours: 'ask' }
}

/** What whoever waits says to that: how long? write to me then, leave it. */
export function heardWhileWaiting(
  decision: Decision,
  { waitWish, type }: CommandData<'ReceiveMessage'>,
  messageId: string,
  before: Conversation,
): void {
  const { contact, conversation } = decision.state
  if (conversation.stage !== 'waiting' && conversation.stage !== 'offered') return
  if (contact.optedOut || contact.blocked) return
  const { id: conversationId, queue, revision, wait } = conversation
  const isNo = waitWish === 'no' || (waitWish === 'no_unless_pt' && languageOf(contact) !== 'pt')
  const isAsked = (waitWish === 'yes' || isNo) && wasAskedToChoose(decision, conversation)
  if (waitWish === 'leave' || (isNo && isAsked && hadItBefore(decision, conversationId)))
    return leave(decision)
  const choosesCallBack =
    (waitWish === 'call_back' || (waitWish === 'yes' && isAsked)) && !conversation.callsBack
  if (choosesCallBack) {
    decision.record({ type: 'CallBackChosen', data: { conversationId, messageId } })
    // It may be open by now: then there is nothing to wait for but their turn.
    if (opensAfter(wait.opensAt, decision.at) !== null) {
      const { texts } = waitingIn(decision.policy, queue)
      decision.send('call_back_noted', companyText(texts[languageOf(contact)].callBackNoted))
      return
    }
  }
  // It will be told when the pool says where it stands.
  if (decision.events.some(({ type }) => type === 'HandoverRequested')) return
  if (isRobotSilent(decision.state, decision.at)) return
  // A tap on what the robot offered before asks for something, and this is all that there is now.
  const isTap = type === 'interactive'
  // Nor do they know that they wait who were silent when it left whoever had it.
  const wasSilent = 'isSilent' in before && before.isSilent
  const asks = waitWish === 'how_long' || isTap || choosesCallBack || wasSilent
  if (isLongAgo(wait.toldAt, decision.at, asks ? TELL_EVERY_MS : REMIND_EVERY_MS))
    decision.conclude({ type: 'WaitAsked', data: { conversationId, revision } })
  // Nor is one met with silence while it is too early for that; once is enough until they are told again.
  else if (
    (isTap || choosesCallBack) &&
    !wait.isTapAnswered &&
    sendingRefusal(decision.state, 'text', decision.at) === undefined
  )
    decision.send('still_waiting', companyText(stillWaits(languageOf(contact))))
}

/** A plain yes or no answers the choice where it was given, still stands, and was there before the answer was written. */
function wasAskedToChoose({ policy, wish, at }: Decision, waiting: Waiting | Offered): boolean {
  const { outsideHours } = waitingIn(policy, waiting.queue)
  const { toldAt, toldOpensAt } = waiting.wait
  if (toldAt === null || !givesChoice(waiting, outsideHours, opensAfter(toldOpensAt, at))) return false
  return Date.parse(customerTime(wish.occurredAt, at)) > Date.parse(toldAt)
}

/**
 * A no ends the conversation, so the choice must have been on the phone before it: one to what an agent asked before a transfer is none to
 * a notice that was on its way. The notice is the last that we wrote to whoever waits, or came before that.
 */
function hadItBefore({ state, wish, at }: Decision, conversationId: string): boolean {
  const last = state.messages.findLast((one) => one.by === 'us' && one.conversationId === conversationId)
  if (last?.by !== 'us' || last.shownAt === null) return false
  return Date.parse(customerTime(wish.occurredAt, at)) > Date.parse(last.shownAt)
}

function leave(decision: Decision): void {
  const link = companyLink(decision.policy.link[languageOf(decision.state.contact)])
  beginEnding(decision, 'left', link, { kind: 'customer', id: decision.wish.streamId })
}

function isLongAgo(then: string | null, at: string, milliseconds: number): boolean {
  return then === null || Date.parse(at) - Date.parse(then) >= milliseconds
}
