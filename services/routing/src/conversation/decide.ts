import type { CommandData, ConversationCommand, ConversationEvent } from '@parley/conversation'
import {
  COMMAND,
  type Decision as Decided,
  type Refusal,
  type Wish,
  refuse,
  unreachable,
} from '@parley/kernel'
import { expireRobotSilence, recordAppMessage } from './app-messages.ts'
import {
  absorbContact,
  addContactAliases,
  blockContact,
  chooseContactLanguage,
  mergeContact,
  redirect,
  releaseContactNumber,
  setMarketingPreference,
  unblockContact,
} from './contact.ts'
import { beginConversation } from './beginning.ts'
import { Decision } from './decision.ts'
import {
  recordDeliveryStatus,
  recordMessageFailed,
  recordMessageResent,
  recordMessageSent,
  recordMessageUncertain,
} from './delivery.ts'
import { expireEnding, recordTranscriptLinkIssued } from './ending.ts'
import { expireClosing, handle, isHandling } from './handling.ts'
import type { ConversationPolicy } from './policy.ts'
import { editMessage, hearWhatCrossed, reactToMessage, receiveMessage, revokeMessage } from './receiving.ts'
import { expireSilence } from './silence.ts'
import { type ContactState, messageByProviderId } from './state.ts'
import { judgeConversation } from './survey.ts'
import { completeBotTurn, expireBotTurn, failBotTurn } from './turns.ts'
import { isViewed } from './views.ts'

const VIEW_FORMATS: ReadonlySet<string> = new Set(['page', 'print', 'json'])

export function decide(
  wish: Wish<ConversationCommand>,
  state: ContactState,
  policy: ConversationPolicy,
): Decided<ContactState, ConversationEvent> | Refusal {
  const decision = new Decision(policy, wish, state)
  const refusal = carryOut(decision) ?? undefined
  if (refusal === undefined) hearWhatCrossed(decision)
  return decision.outcome(refusal)
}

function carryOut(decision: Decision): Refusal | undefined | void {
  const { wish } = decision
  const { contact, conversation } = decision.state
  if (wish.type === 'BeginConversation') return beginConversation(decision, wish.data)
  if (conversation.stage === 'merged' && !staysWithMerged(decision, conversation.into)) {
    return redirect(decision, conversation.into)
  }
  if (isHandling(wish)) return handle(decision, wish)

  switch (wish.type) {
    case 'ReceiveMessage':
      return receiveMessage(decision, wish.data)
    case 'EditMessage':
      return editMessage(decision, wish.data)
    case 'RevokeMessage':
      return revokeMessage(decision, wish.data)
    case 'ReactToMessage':
      return reactToMessage(decision, wish.data)
    case 'RecordAppMessage':
      return recordAppMessage(decision, wish.data)
    case 'RecordDeliveryStatus':
      return recordDeliveryStatus(decision, wish.data)
    case 'RecordMessageSent':
      return recordMessageSent(decision, wish.data)
    case 'RecordMessageFailed':
      return recordMessageFailed(decision, wish.data)
    case 'RecordMessageUncertain':
      return recordMessageUncertain(decision, wish.data)
    case 'RecordMessageResent':
      return recordMessageResent(decision, wish.data)
    case 'JudgeConversation':
      return judgeConversation(decision, wish.data)
    case 'SetMarketingPreference':
      return setMarketingPreference(decision, wish.data)
    case 'AddContactAliases':
      return addContactAliases(decision, wish.data)
    case 'ReleaseContactNumber':
      return releaseContactNumber(decision)
    case 'MergeContact':
      return conversation.stage === 'merged' ? undefined : mergeContact(decision, wish.data)
    case 'AbsorbContact':
      return absorbContact(decision, wish.data)
    case 'BlockContact':
      return blockContact(decision)
    case 'UnblockContact':
      return unblockContact(decision)
    case 'ChooseContactLanguage':
      return chooseContactLanguage(decision, wish.data)
    case 'CompleteBotTurn':
      return completeBotTurn(decision, wish.data)
    case 'FailBotTurn':
      return failBotTurn(decision, wish.data)
    case 'ExpireDeadline':
      return expireDeadline(decision, wish.data)
    case 'RecordMediaStored': {
      if (!contact.registered) return refuse('UNKNOWN_CONTACT')
      const { conversationId, messageId } = wish.data
      return decision.record(
        { type: 'MediaStored', data: { messageId } },
        [{ from: COMMAND, name: 'file' }],
        conversationId,
      )
    }
    case 'RecordMediaUnavailable': {
      if (!contact.registered) return refuse('UNKNOWN_CONTACT')
      const { conversationId, messageId, reason } = wish.data
      return decision.record({ type: 'MediaUnavailable', data: { messageId, reason } }, [], conversationId)
    }
    case 'RecordTranscriptLinkIssued':
      if (!contact.registered) return refuse('UNKNOWN_CONTACT')
      return recordTranscriptLinkIssued(decision, wish.data)
    case 'RecordTranscriptLinkRevoked': {
      if (!contact.registered) return refuse('UNKNOWN_CONTACT')
      const { conversationId, linkId } = wish.data
      return decision.record(
        { type: 'TranscriptLinkRevoked', data: { conversationId, linkId } },
        [],
        conversationId,
      )
    }
    case 'RecordTranscriptViewed': {
      if (!contact.registered) return refuse('UNKNOWN_CONTACT')
      const { conversationId, linkId, format } = wish.data
      // A word from outside must not stand in the record for ever; not in the refusal either.
      if (!VIEW_FORMATS.has(format)) return refuse('UNKNOWN_VIEW_FORMAT', { linkId })
      if (isViewed(decision.state, wish)) return
      return decision.record(
        { type: 'TranscriptViewed', data: { conversationId, linkId, format } },
        [],
        conversationId,
      )
    }
    default:
      return unreachable(wish)
  }
}

/** Late receipts, records of the transcript and the end of a turn concern what this contact was, not whom it became. */
function staysWithMerged({ wish, state }: Decision, into: string): boolean {
  if (isHandling(wish)) return true
  switch (wish.type) {
    case 'ReceiveMessage':
      return messageByProviderId(state, wish.data.providerMessageId)?.by === 'customer'
    case 'MergeContact':
      return wish.data.intoContactId === into
    case 'RecordDeliveryStatus':
    case 'RecordMessageSent':
    case 'RecordMessageFailed':
    case 'RecordMessageUncertain':
    case 'RecordMessageResent':
    case 'RecordMediaStored':
    case 'RecordMediaUnavailable':
    case 'JudgeConversation':
    case 'CompleteBotTurn':
    case 'FailBotTurn':
    case 'ExpireDeadline':
    case 'RecordTranscriptLinkIssued':
    case 'RecordTranscriptLinkRevoked':
    case 'RecordTranscriptViewed':
      return true
    // What is said of a message belongs where the message is; an edit that says stop or start is heard by who they are now.
    case 'EditMessage':
      return wish.data.consent === '' && isKnown(state, wish.data)
    case 'RevokeMessage':
    case 'ReactToMessage':
      return isKnown(state, wish.data)
    case 'AbsorbContact':
    case 'RecordAppMessage':
    case 'BeginConversation':
    case 'SetMarketingPreference':
    case 'AddContactAliases':
    case 'ReleaseContactNumber':
    case 'BlockContact':
    case 'UnblockContact':
    case 'ChooseContactLanguage':
      return false
    default:
      return unreachable(wish)
  }
}

function isKnown(
  state: ContactState,
  { targetProviderMessageId }: { targetProviderMessageId: string },
): boolean {
  return messageByProviderId(state, targetProviderMessageId) !== undefined
}

/**
 * A deadline that no longer applies changes nothing; nor does one that comes before its time, by a clock that is ahead of the log's:
 * it comes again. Without that a skew of a minute would take every customer from the robot.
 */
function expireDeadline(
  decision: Decision,
  { kind, reference, dueAt = decision.at }: CommandData<'ExpireDeadline'>,
): Refusal | undefined | void {
  if (Date.parse(decision.at) < Date.parse(dueAt)) return
  switch (kind) {
    case 'bot_turn':
      return expireBotTurn(decision, reference)
    case 'silence':
      return expireSilence(decision, reference)
    case 'ending':
      return expireEnding(decision, reference)
    case 'closing':
      return expireClosing(decision, reference)
    case 'app_silence':
      return expireRobotSilence(decision, reference)
    default:
      return refuse('UNKNOWN_DEADLINE', { kind })
  }
}
