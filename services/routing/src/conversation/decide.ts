import { type NewEvent, type RecordedCommand, type Refusal, refuse, unreachable } from '@parley/kernel'
import {
  absorbContact,
  addContactAliases,
  blockContact,
  mergeContact,
  redirect,
  setMarketingPreference,
  unblockContact,
} from './contact.ts'
import { Decision } from './decision.ts'
import {
  recordDeliveryStatus,
  recordMessageFailed,
  recordMessageResent,
  recordMessageSent,
  recordMessageUncertain,
} from './delivery.ts'
import { expireEnding, recordTranscriptLinkIssued } from './ending.ts'
import type { ConversationPolicy } from './policy.ts'
import { editMessage, reactToMessage, receiveMessage, revokeMessage } from './receiving.ts'
import { expireSilence } from './silence.ts'
import { type ContactState, messageByProviderId } from './state.ts'
import { completeBotTurn, expireBotTurn, failBotTurn } from './turns.ts'

export function decide(
  policy: ConversationPolicy,
  command: RecordedCommand,
  state: ContactState,
): readonly NewEvent[] | Refusal {
  const decision = new Decision(policy, command, state)
  return follow(decision) ?? decision.events
}

function follow(decision: Decision): Refusal | undefined | void {
  const { payload } = decision.command
  const { contact, conversation } = decision.state
  if (conversation.stage === 'merged' && !staysWithMerged(decision, conversation.into))
    return redirect(decision, conversation.into)

  switch (payload.$case) {
    case 'receiveMessage':
      return receiveMessage(decision, payload.value)
    case 'editMessage':
      return editMessage(decision, payload.value)
    case 'revokeMessage':
      return revokeMessage(decision, payload.value)
    case 'reactToMessage':
      return reactToMessage(decision, payload.value)
    case 'recordDeliveryStatus':
      return recordDeliveryStatus(decision, payload.value)
    case 'recordMessageSent':
      return recordMessageSent(decision, payload.value)
    case 'recordMessageFailed':
      return recordMessageFailed(decision, payload.value)
    case 'recordMessageUncertain':
      return recordMessageUncertain(decision, payload.value)
    case 'recordMessageResent':
      return recordMessageResent(decision, payload.value)
    case 'setMarketingPreference':
      return setMarketingPreference(decision, payload.value)
    case 'addContactAliases':
      return addContactAliases(decision, payload.value)
    case 'mergeContact':
      return conversation.stage === 'merged' ? undefined : mergeContact(decision, payload.value)
    case 'absorbContact':
      return absorbContact(decision, payload.value)
    case 'blockContact':
      return blockContact(decision, payload.value)
    case 'unblockContact':
      return unblockContact(decision, payload.value)
    case 'completeBotTurn':
      return completeBotTurn(decision, payload.value)
    case 'failBotTurn':
      return failBotTurn(decision, payload.value)
    case 'expireDeadline':
      return expireDeadline(decision, payload.value.kind, payload.value.reference)
    case 'recordTranscriptLinkIssued':
      if (!contact.registered) return refuse('UNKNOWN_CONTACT')
      return recordTranscriptLinkIssued(decision, payload.value)
    case 'recordTranscriptLinkRevoked': {
      if (!contact.registered) return refuse('UNKNOWN_CONTACT')
      const { conversationId, linkId } = payload.value
      return decision.record(
        { $case: 'transcriptLinkRevoked', value: { conversationId, linkId } },
        conversationId,
      )
    }
    case 'recordTranscriptViewed': {
      if (!contact.registered) return refuse('UNKNOWN_CONTACT')
      const { conversationId, linkId, format } = payload.value
      return decision.record(
        { $case: 'transcriptViewed', value: { conversationId, linkId, format } },
        conversationId,
      )
    }
    default:
      return unreachable(payload)
  }
}

/** Late receipts, records of the transcript and the end of a turn concern what this contact was, not whom it became. */
function staysWithMerged({ command, state }: Decision, into: string): boolean {
  const { payload } = command
  switch (payload.$case) {
    case 'receiveMessage':
      return messageByProviderId(state, payload.value.providerMessageId)?.by === 'customer'
    case 'mergeContact':
      return payload.value.intoContactId === into
    case 'recordDeliveryStatus':
    case 'recordMessageSent':
    case 'recordMessageFailed':
    case 'recordMessageUncertain':
    case 'recordMessageResent':
    case 'completeBotTurn':
    case 'failBotTurn':
    case 'expireDeadline':
    case 'recordTranscriptLinkIssued':
    case 'recordTranscriptLinkRevoked':
    case 'recordTranscriptViewed':
      return true
    case 'editMessage':
    case 'revokeMessage':
    case 'reactToMessage':
    case 'setMarketingPreference':
    case 'addContactAliases':
    case 'absorbContact':
    case 'blockContact':
    case 'unblockContact':
      return false
    default:
      return unreachable(payload)
  }
}

/** A deadline that no longer applies changes nothing. */
function expireDeadline(decision: Decision, kind: string, reference: string): Refusal | undefined | void {
  switch (kind) {
    case 'bot_turn':
      return expireBotTurn(decision, reference)
    case 'silence':
      return expireSilence(decision, reference)
    case 'ending':
      return expireEnding(decision, reference)
    default:
      return refuse('UNKNOWN_DEADLINE', { kind })
  }
}
