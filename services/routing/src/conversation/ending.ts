import type { CommandData } from '@parley/conversation'
import { type Actor, COMMAND, unreachable } from '@parley/kernel'
import { type Decision, type Outgoing, RULES, sendingRefusal } from './decision.ts'
import { hasAgent } from './handled.ts'
import { hasQueuedMessages, openConversationId, revisionOf } from './state.ts'
import { askSurvey } from './survey.ts'
import { after } from './window.ts'

/** Closes the conversation that is open, if one is. */
export function close(decision: Decision, reason: string, by: Actor = RULES): void {
  const conversationId = openConversationId(decision.state.conversation)
  if (conversationId === '') return
  const revision = revisionOf(decision.state.conversation)
  const hadAgent = hasAgent(decision.state.conversation)
  decision.conclude(
    { type: 'ConversationClosed', data: { conversationId, reason, revision, hadAgent } },
    [],
    conversationId,
    by,
  )
  askSurvey(decision, conversationId, reason)
}

/** With a link: it is issued and sent first. Without: the conversation closes as soon as all that was said is sent. */
export function beginEnding(
  decision: Decision,
  reason: string,
  link: Outgoing | undefined,
  by: Actor = RULES,
): void {
  const refusal = link === undefined ? undefined : sendingRefusal(decision.state, link.type, decision.at)
  if (refusal !== undefined) decision.turnDown(refusal, { purpose: 'transcript_link' })
  const sendsLink = link !== undefined && refusal === undefined
  if (!sendsLink && !hasQueuedMessages(decision.state, openConversationId(decision.state.conversation)))
    return close(decision, reason, by)
  const deadlineAt = after(decision.at, decision.policy.endingTimeoutSeconds)
  const revision = revisionOf(decision.state.conversation)
  const hadAgent = hasAgent(decision.state.conversation)
  decision.conclude(
    { type: 'ConversationEnding', data: { reason, deadlineAt, sendsLink, revision, hadAgent } },
    sendsLink ? link.content : [],
    undefined,
    by,
  )
}

export function recordTranscriptLinkIssued(
  decision: Decision,
  { conversationId, linkId, expiresAt, forEnding }: CommandData<'RecordTranscriptLinkIssued'>,
): void {
  const url = { from: COMMAND, name: 'url' }
  decision.record(
    { type: 'TranscriptLinkIssued', data: { conversationId, linkId, expiresAt } },
    [url],
    conversationId,
  )
  if (!forEnding) return
  const { contact, conversation } = decision.state
  if (conversation.stage !== 'ending' || conversation.id !== conversationId) {
    const code = contact.optedOut
      ? 'CONTACT_OPTED_OUT'
      : contact.blocked
        ? 'CONTACT_BLOCKED'
        : 'CONVERSATION_NOT_ENDING'
    return decision.turnDown(code, { purpose: 'transcript_link', conversationId })
  }
  if (conversation.awaits.what !== 'link') return
  const message = { from: conversation.awaits.words, name: 'message' }
  if (decision.send('transcript_link', { type: 'interactive', content: [message, url] }) !== 'requested')
    close(decision, conversation.reason)
}

/** What the ending waited for may have happened now. */
export function endWhenSent(decision: Decision, messageId: string): void {
  const { conversation } = decision.state
  if (conversation.stage !== 'ending') return
  const { awaits, id, reason } = conversation
  switch (awaits.what) {
    case 'link':
      return
    case 'link_sent':
      if (awaits.messageId === messageId) close(decision, reason)
      return
    case 'messages_sent':
      if (!hasQueuedMessages(decision.state, id)) close(decision, reason)
      return
    default:
      unreachable(awaits)
  }
}

export function expireEnding(decision: Decision, reference: string): void {
  const { conversation } = decision.state
  if (conversation.stage === 'ending' && conversation.reference === reference)
    close(decision, conversation.reason)
}
