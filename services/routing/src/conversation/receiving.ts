import type { CommandOf } from '@parley/kernel'
import { Content } from '@parley/proto/content'
import { isNote } from './body.ts'
import { observe } from './contact.ts'
import type { Decision } from './decision.ts'
import { close } from './ending.ts'
import { type ConsentWish, consentWishOf } from './opt-out.ts'
import { messageByProviderId, openConversationId } from './state.ts'
import { letRobotGoOn, tellToWait } from './turns.ts'
import { isReplyWindowOpen } from './window.ts'

const REMIND_EVERY_MILLISECONDS = 60 * 60 * 1000

export function receiveMessage(decision: Decision, command: CommandOf<'receiveMessage'>): void {
  const { channelAccountId, content } = command
  if (messageByProviderId(decision.state, command.providerMessageId)?.by === 'customer') return

  const note = isNote(content?.message)
  const open = openConversationId(decision.state.conversation)
  const opens = open === '' && !note
  const conversationId = opens ? decision.newConversationId() : open
  observe(decision, channelAccountId, content?.profile, conversationId)
  if (opens) openConversation(decision, command, conversationId)

  const messageId = decision.newMessageId()
  const consent = consentWishOf(content?.message)
  // Before the message, so that the message itself is an input again.
  if (consent?.wish === 'start') optIn(decision, consent, messageId)
  decision.record({
    $case: 'messageReceived',
    value: {
      messageId,
      providerMessageId: command.providerMessageId,
      type: command.type,
      replyToProviderMessageId: command.replyToProviderMessageId,
      forwarded: command.forwarded,
      frequentlyForwarded: command.frequentlyForwarded,
      content,
    },
  })
  if (note) return
  if (consent?.wish === 'stop') return optOut(decision, consent, messageId)
  letRobotGoOn(decision)
  remindOfWaiting(decision)
}

export function editMessage(decision: Decision, command: CommandOf<'editMessage'>): void {
  const { target, conversationId } = targetOf(decision, command)
  decision.record({ $case: 'messageEdited', value: { ...target, content: command.content } }, conversationId)
}

export function revokeMessage(decision: Decision, command: CommandOf<'revokeMessage'>): void {
  const { target, conversationId } = targetOf(decision, command)
  decision.record({ $case: 'messageRevoked', value: { ...target, content: command.content } }, conversationId)
}

export function reactToMessage(decision: Decision, command: CommandOf<'reactToMessage'>): void {
  const { target, conversationId } = targetOf(decision, command)
  decision.record({ $case: 'messageReacted', value: { ...target, content: command.content } }, conversationId)
}

/** The message meant, if it is still remembered; what is said about an older one is on record all the same. */
function targetOf(
  decision: Decision,
  command: CommandOf<'editMessage'> | CommandOf<'revokeMessage'> | CommandOf<'reactToMessage'>,
) {
  const { providerMessageId, targetProviderMessageId } = command
  const message = messageByProviderId(decision.state, targetProviderMessageId)
  const conversationId = message?.conversationId ?? openConversationId(decision.state.conversation)
  observe(decision, command.channelAccountId, command.content?.profile, conversationId)
  return {
    target: { targetMessageId: message?.id ?? '', targetProviderMessageId, providerMessageId },
    conversationId,
  }
}

function openConversation(
  decision: Decision,
  { channelAccountId, content }: CommandOf<'receiveMessage'>,
  conversationId: string,
): void {
  const { language } = decision.state.contact
  const referral = content?.referral
  decision.record(
    {
      $case: 'conversationOpened',
      value: {
        conversationId,
        channelAccountId,
        language,
        content: referral === undefined ? undefined : { ...Content.fromPartial({}), referral },
      },
    },
    conversationId,
  )
}

function optOut(decision: Decision, { via }: ConsentWish, messageId: string): void {
  if (!decision.state.contact.optedOut)
    decision.record({ $case: 'contactOptedOut', value: { via, messageId } })
  close(decision, 'opted_out')
}

function optIn(decision: Decision, { via }: ConsentWish, messageId: string): void {
  if (decision.state.contact.optedOut) decision.record({ $case: 'contactOptedIn', value: { via, messageId } })
}

/** Again and again the customer hears that people will answer, but not at every word. */
function remindOfWaiting(decision: Decision): void {
  const { contact, conversation } = decision.state
  if (conversation.stage !== 'waiting' || contact.optedOut || contact.blocked) return
  if (decision.events.some(({ payload }) => payload.$case === 'handoverRequested')) return
  if (!isReplyWindowOpen(contact.lastMessageAt, decision.at)) return
  const { notifiedAt } = conversation
  if (notifiedAt === null || Date.parse(decision.at) - Date.parse(notifiedAt) >= REMIND_EVERY_MILLISECONDS)
    tellToWait(decision)
}
