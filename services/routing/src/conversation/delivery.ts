import type { CommandData } from '@parley/conversation'
import { type Refusal, refuse } from '@parley/kernel'
import type { Decision } from './decision.ts'
import { endWhenSent } from './ending.ts'
import { wordingOf } from './policy.ts'
import {
  type AppMessage,
  type MessageStatus,
  type OurMessage,
  isReceipt,
  messageByProviderId,
  ourMessage,
} from './state.ts'
import { answerNotSent, handOver, letRobotGoOn } from './turns.ts'

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

const ATTEMPTS_MAX = 2

export function recordDeliveryStatus(
  decision: Decision,
  command: CommandData<'RecordDeliveryStatus'>,
): Refusal | undefined {
  const { messageId, providerMessageId, status, providerCode, providerTitle } = command
  const written = messageByProviderId(decision.state, providerMessageId)
  if (written?.by === 'app') return receiptOfApp(decision, written, status)
  const message = ourMessage(decision.state, messageId) ?? ourMessageByProviderId(decision, providerMessageId)
  if (message === undefined) return unknownMessage(messageId, providerMessageId)
  switch (status) {
    case 'sent':
      doubled(decision, message, providerMessageId)
      sent(decision, message, providerMessageId)
      return undefined
    case 'delivered':
    case 'read':
    case 'played':
      doubled(decision, message, providerMessageId)
      if (PROGRESS[status] <= PROGRESS[message.status]) return undefined
      sent(decision, message, providerMessageId)
      decision.record(
        {
          type: 'DeliveryStatusAdvanced',
          data: {
            messageId: message.id,
            providerMessageId: providerMessageId || message.providerMessageId,
            status,
          },
        },
        [],
        message.conversationId,
      )
      return undefined
    case 'failed':
      // One of two failed: what the customer got by the other one is not taken back.
      if (!doubled(decision, message, providerMessageId) && PROGRESS[message.status] <= PROGRESS.sent)
        failed(decision, message, { providerMessageId, providerCode, providerTitle })
      return undefined
    default:
      return refuse('UNKNOWN_STATUS', { messageId: message.id, status }, message.conversationId)
  }
}

/** Nothing of it was sent by us, and no rule waits for it: it is shown. */
function receiptOfApp(decision: Decision, message: AppMessage, status: string): undefined {
  if (!isReceipt(status) || PROGRESS[status] <= PROGRESS[message.status]) return
  const { id: messageId, providerMessageId, conversationId } = message
  decision.record(
    { type: 'DeliveryStatusAdvanced', data: { messageId, providerMessageId, status } },
    [],
    conversationId,
  )
}

export function recordMessageSent(
  decision: Decision,
  { messageId, providerMessageId }: CommandData<'RecordMessageSent'>,
): Refusal | undefined {
  const message = ourMessage(decision.state, messageId)
  if (message === undefined) return unknownMessage(messageId, providerMessageId)
  doubled(decision, message, providerMessageId)
  sent(decision, message, providerMessageId)
  return undefined
}

/** The provider turned the call down. What a receipt has proved to be on its way is not taken back by that. */
export function recordMessageFailed(
  decision: Decision,
  { messageId, providerCode, providerTitle }: CommandData<'RecordMessageFailed'>,
): Refusal | undefined {
  const message = ourMessage(decision.state, messageId)
  if (message === undefined) return unknownMessage(messageId, '')
  if (PROGRESS[message.status] < PROGRESS.sent)
    failed(decision, message, { providerMessageId: '', providerCode, providerTitle })
  return undefined
}

export function recordMessageUncertain(
  decision: Decision,
  { messageId }: CommandData<'RecordMessageUncertain'>,
): Refusal | undefined {
  const message = ourMessage(decision.state, messageId)
  if (message === undefined) return unknownMessage(messageId, '')
  if (message.status !== 'queued') return undefined
  const { attempts, conversationId } = message
  decision.record({ type: 'MessageSendUncertain', data: { messageId, attempts } }, [], conversationId)
  notReached(decision, messageId)
  return undefined
}

/**
 * The gateway's wish to call a second time. It stands in the log behind every receipt that came before it, so a message that proved to
 * be sent is not sent again; once uncertain or failed it stays so, because what was said after it may be on its way.
 */
export function recordMessageResent(
  decision: Decision,
  { messageId, attempt }: CommandData<'RecordMessageResent'>,
): Refusal | undefined {
  const message = ourMessage(decision.state, messageId)
  if (message === undefined) return unknownMessage(messageId, '')
  const { contact } = decision.state
  if (contact.optedOut || contact.blocked || message.status !== 'queued') return undefined
  if (attempt !== message.attempts + 1 || attempt > ATTEMPTS_MAX) return undefined
  decision.record({ type: 'MessageResent', data: { messageId, attempt } }, [], message.conversationId)
  return undefined
}

/** True when the id is not the one that the message is known by: both attempts reached the channel. On record once. */
function doubled(
  decision: Decision,
  { id: messageId, providerMessageId: known, secondProviderMessageId: second, conversationId }: OurMessage,
  providerMessageId: string,
): boolean {
  if (known === '' || providerMessageId === '' || providerMessageId === known) return false
  if (second === '')
    decision.record({ type: 'MessageDoubled', data: { messageId, providerMessageId } }, [], conversationId)
  return true
}

function sent(decision: Decision, message: OurMessage, providerMessageId: string): void {
  if (PROGRESS[message.status] >= PROGRESS.sent) return
  const { id: messageId, conversationId } = message
  decision.record({ type: 'MessageSent', data: { messageId, providerMessageId } }, [], conversationId)
  noticeSent(decision, message)
  endWhenSent(decision, messageId)
  letRobotGoOn(decision)
}

function failed(
  decision: Decision,
  { id: messageId, providerMessageId: known, conversationId }: OurMessage,
  {
    providerMessageId,
    ...reason
  }: { providerMessageId: string; providerCode: number; providerTitle: string },
): void {
  decision.record(
    { type: 'MessageFailed', data: { messageId, providerMessageId: providerMessageId || known, ...reason } },
    [],
    conversationId,
  )
  notReached(decision, messageId)
}

function notReached(decision: Decision, messageId: string): void {
  giveUpOnNotice(decision, messageId)
  answerNotSent(decision, messageId)
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
      type: 'PrivacyNoticeShown',
      data: { noticeVersion: notice.version, processors: [...notice.processors], messageId },
    },
    [],
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
