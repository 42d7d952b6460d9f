import { type CommandOf, type Refusal, refuse } from '@parley/kernel'
import type { Decision } from './decision.ts'
import { endWhenSent } from './ending.ts'
import { wordingOf } from './policy.ts'
import { type MessageStatus, type OurMessage, messageByProviderId, ourMessage } from './state.ts'
import { handOver, letRobotGoOn } from './turns.ts'

/** How far a message is. Receipts come in any order and more than once; a message only moves up. */
const PROGRESS = {
  queued: 0,
  uncertain: 0,
  sent: 1,
  delivered: 2,
  read: 3,
  played: 4,
  failed: 5,
} as const satisfies Record<MessageStatus, number>

export function recordDeliveryStatus(
  decision: Decision,
  command: CommandOf<'recordDeliveryStatus'>,
): Refusal | undefined {
  const { messageId, providerMessageId, status } = command
  const message = ourMessage(decision.state, messageId) ?? ourMessageByProviderId(decision, providerMessageId)
  if (message === undefined) return unknownMessage(messageId, providerMessageId)
  switch (status) {
    case 'sent':
      sent(decision, message, providerMessageId)
      return undefined
    case 'delivered':
    case 'read':
    case 'played':
      if (PROGRESS[status] <= PROGRESS[message.status]) return undefined
      sent(decision, message, providerMessageId)
      decision.record(
        {
          $case: 'deliveryStatusAdvanced',
          value: {
            messageId: message.id,
            providerMessageId: providerMessageId || message.providerMessageId,
            status,
          },
        },
        message.conversationId,
      )
      return undefined
    case 'failed':
      if (PROGRESS[message.status] <= PROGRESS.sent)
        failed(decision, message, providerMessageId, command.providerCode, command.providerTitle)
      return undefined
    default:
      return refuse('UNKNOWN_STATUS', { messageId: message.id, status }, message.conversationId)
  }
}

export function recordMessageSent(
  decision: Decision,
  { messageId, providerMessageId }: CommandOf<'recordMessageSent'>,
): Refusal | undefined {
  const message = ourMessage(decision.state, messageId)
  if (message === undefined) return unknownMessage(messageId, providerMessageId)
  sent(decision, message, providerMessageId)
  return undefined
}

/** The provider turned the call down. What a receipt has proved to be on its way is not taken back by that. */
export function recordMessageFailed(
  decision: Decision,
  { messageId, providerCode, providerTitle }: CommandOf<'recordMessageFailed'>,
): Refusal | undefined {
  const message = ourMessage(decision.state, messageId)
  if (message === undefined) return unknownMessage(messageId, '')
  if (PROGRESS[message.status] < PROGRESS.sent)
    failed(decision, message, message.providerMessageId, providerCode, providerTitle)
  return undefined
}

export function recordMessageUncertain(
  decision: Decision,
  { messageId }: CommandOf<'recordMessageUncertain'>,
): Refusal | undefined {
  const message = ourMessage(decision.state, messageId)
  if (message === undefined) return unknownMessage(messageId, '')
  if (message.status !== 'queued') return undefined
  decision.record({ $case: 'messageSendUncertain', value: { messageId } }, message.conversationId)
  giveUpOnNotice(decision, messageId)
  endWhenSent(decision, messageId)
  return undefined
}

function sent(decision: Decision, message: OurMessage, providerMessageId: string): void {
  if (PROGRESS[message.status] >= PROGRESS.sent) return
  const { id: messageId, conversationId } = message
  decision.record({ $case: 'messageSent', value: { messageId, providerMessageId } }, conversationId)
  noticeSent(decision, message)
  endWhenSent(decision, messageId)
  letRobotGoOn(decision)
}

function failed(
  decision: Decision,
  { id: messageId, providerMessageId: known, conversationId }: OurMessage,
  providerMessageId: string,
  providerCode: number,
  providerTitle: string,
): void {
  decision.record(
    {
      $case: 'messageFailed',
      value: { messageId, providerMessageId: providerMessageId || known, providerCode, providerTitle },
    },
    conversationId,
  )
  giveUpOnNotice(decision, messageId)
  endWhenSent(decision, messageId)
}

/** Only the words of today's notice count as shown: an older one in flight does not name today's processors. */
function noticeSent(decision: Decision, { id: messageId, wording, conversationId }: OurMessage): void {
  const { contact, conversation } = decision.state
  const { notice } = decision.policy
  if (wording === '' || conversation.stage === 'merged' || contact.shownNotice?.version === notice.version)
    return
  if (!Object.values(notice.text).some((text) => wordingOf(text) === wording)) return
  decision.conclude(
    {
      $case: 'privacyNoticeShown',
      value: { noticeVersion: notice.version, processors: [...notice.processors], messageId },
    },
    conversationId,
  )
}

function giveUpOnNotice(decision: Decision, messageId: string): void {
  const { conversation } = decision.state
  if (conversation.stage !== 'with_robot' || conversation.robot.step !== 'awaiting_notice') return
  if (conversation.robot.messageId === messageId)
    handOver(decision, 'notice_not_sent', decision.policy.defaultQueue)
}

function ourMessageByProviderId(decision: Decision, providerMessageId: string): OurMessage | undefined {
  const message = messageByProviderId(decision.state, providerMessageId)
  return message?.by === 'us' ? message : undefined
}

function unknownMessage(messageId: string, providerMessageId: string): Refusal {
  return refuse('UNKNOWN_MESSAGE', { messageId, providerMessageId })
}
