import type { CommandData } from '@parley/conversation'
import { observe } from './contact.ts'
import type { Decision } from './decision.ts'
import { openConversation } from './receiving.ts'
import { messageByProviderId, openConversationId } from './state.ts'
import { letRobotGoOn } from './turns.ts'
import { after, customerTime, later } from './window.ts'

/**
 * Coexistence: somebody of the company writes to the customer in the WhatsApp Business app, under the same number. It is on record as the
 * company's, in a conversation of its own where none is open, and the robot leaves the chat to them.
 */
export function recordAppMessage(
  decision: Decision,
  {
    channelAccountId,
    providerMessageId,
    type,
    replyToProviderMessageId,
    observed,
  }: CommandData<'RecordAppMessage'>,
): void {
  // Repeated, or an echo of what we sent ourselves.
  if (messageByProviderId(decision.state, providerMessageId) !== undefined) return
  const open = openConversationId(decision.state.conversation)
  const conversationId = open === '' ? decision.newConversationId() : open
  observe(decision, channelAccountId, observed, conversationId)
  if (open === '') openConversation(decision, channelAccountId, conversationId)

  const { conversation } = decision.state
  const robotSilentUntil = silentUntil(decision)
  decision.record(
    {
      type: 'AppMessageSent',
      data: {
        messageId: decision.newMessageId(),
        providerMessageId,
        type,
        replyToProviderMessageId,
        robotSilentUntil,
      },
    },
    'all',
    conversationId,
  )
  if (
    robotSilentUntil !== undefined &&
    conversation.stage === 'with_robot' &&
    conversation.robot.step === 'answering'
  )
    decision.conclude({
      type: 'BotTurnFailed',
      data: { turn: conversation.robot.turn, reason: 'app_message', code: 'WRITTEN_IN_APP' },
    })
}

/**
 * A greeting, which the app sends by itself at once; an echo does not tell (ADR 0022). Only the first one to the message that opened the
 * conversation, before the robot's first answer: from then on a quick answer is somebody's, who is not to be talked over.
 */
function isAutomatic({ state, policy, wish, at }: Decision): boolean {
  const { lastMessageAt, robotSilence } = state.contact
  if (policy.appAnswersByItselfSeconds === 0 || lastMessageAt === null || robotSilence !== null) return false
  const conversationId = openConversationId(state.conversation)
  const said = state.messages.filter((message) => message.conversationId === conversationId)
  const isAnswered = said.some((message) => message.by === 'app' || (message.by === 'us' && message.turn > 0))
  if (isAnswered || said.filter(({ by }) => by === 'customer').length !== 1) return false
  const seconds = (Date.parse(customerTime(wish.occurredAt, at)) - Date.parse(lastMessageAt)) / 1000
  return seconds >= 0 && seconds <= policy.appAnswersByItselfSeconds
}

/** From when it was written: what comes days late silences nobody. */
function silentUntil(decision: Decision): string | undefined {
  if (isAutomatic(decision)) return undefined
  const { state, policy, wish, at } = decision
  const until = later(
    state.contact.robotSilence?.until ?? null,
    after(customerTime(wish.occurredAt, at), policy.robotSilenceSeconds),
  )
  return Date.parse(until) > Date.parse(at) ? until : undefined
}

/** Nobody wrote there for long: what the customer wrote last is the robot's to answer. */
export function expireRobotSilence(decision: Decision, reference: string): void {
  const { contact, conversation } = decision.state
  if (contact.robotSilence?.reference !== reference || conversation.stage !== 'with_robot') return
  decision.conclude({
    type: 'RobotResumed',
    data: { silenceDeadlineAt: after(decision.at, decision.policy.silenceTimeoutSeconds) },
  })
  letRobotGoOn(decision)
}
