import { type RecordedEvent, unreachable } from '@parley/kernel'
import { type Content, MessageBody } from '@parley/proto/content'
import type {
  AuthorKind,
  Clocks,
  MessageEntry,
  MessageStatus,
  Reaction,
  StoredBody,
  SystemEntry,
  SystemLine,
  TranscriptEntry,
} from './entry.ts'
import { outboundType } from './readable-text.ts'

type Envelope = RecordedEvent['envelope']

/** Refusals that kept something from being said. All others are between the services, and only in the raw record. */
const SENDING_REFUSALS: ReadonlySet<string> = new Set([
  'OUTSIDE_REPLY_WINDOW',
  'CONTACT_OPTED_OUT',
  'CONTACT_BLOCKED',
])

const RANK: Readonly<Record<MessageStatus, number>> = {
  received: 0,
  queued: 0,
  uncertain: 1,
  sent: 2,
  delivered: 3,
  read: 4,
  failed: 5,
}

/** The entries that the event begins or changes: a message has the id of the message, a system line that of its event. */
export function entryIdsOf(envelope: Envelope): readonly string[] {
  if (envelope.correlationId === '') return []
  const { payload } = envelope
  switch (payload.$case) {
    case 'messageReceived':
    case 'messageSendRequested':
    case 'messageSent':
    case 'deliveryStatusAdvanced':
    case 'messageFailed':
    case 'messageSendUncertain':
      return [payload.value.messageId]
    case 'messageEdited':
    case 'messageRevoked':
    case 'messageReacted':
      return [payload.value.targetMessageId || envelope.eventId]
    default:
      return systemLineOf(envelope) === undefined ? [] : [envelope.eventId]
  }
}

/** Pure. An event about a message that the archive does not hold changes nothing. */
export function foldEntry(
  entry: TranscriptEntry | undefined,
  envelope: Envelope,
  id: string,
): TranscriptEntry | undefined {
  const { payload } = envelope
  switch (payload.$case) {
    case 'messageReceived':
      return entry ?? received(envelope, payload.value)
    case 'messageSendRequested':
      return entry ?? sendRequested(envelope, payload.value)
    default:
      if (id === envelope.eventId) return entry ?? systemEntry(envelope)
      return entry?.kind === 'message' ? foldMessage(entry, envelope) : entry
  }
}

function foldMessage(entry: MessageEntry, envelope: Envelope): MessageEntry {
  const { payload } = envelope
  const clocks = clocksOf(envelope)
  switch (payload.$case) {
    case 'messageSent':
      return {
        ...reached(entry, 'sent', clocks),
        providerMessageId: payload.value.providerMessageId || entry.providerMessageId,
      }
    case 'deliveryStatusAdvanced':
      return reached(entry, payload.value.status === 'delivered' ? 'delivered' : 'read', clocks)
    case 'messageFailed':
      return {
        ...reached(entry, 'failed', clocks),
        failure: { code: payload.value.providerCode, title: payload.value.providerTitle },
      }
    case 'messageSendUncertain':
      return reached(entry, 'uncertain', clocks)
    case 'messageEdited':
      return {
        ...entry,
        body: storedBody(payload.value.content),
        edits: [...entry.edits, { before: entry.body, ...clocks }],
      }
    case 'messageRevoked':
      return { ...entry, revoked: clocks }
    case 'messageReacted':
      return {
        ...entry,
        reactions: reacted(entry.reactions, authorOf(envelope), emojiOf(payload.value.content)),
      }
    default:
      return entry
  }
}

/** One reaction per author, as in the chat; an empty emoji takes it back. */
function reacted(reactions: readonly Reaction[], by: string, emoji: string): readonly Reaction[] {
  const others = reactions.filter((reaction) => reaction.by !== by)
  return emoji === '' ? others : [...others, { by, emoji }]
}

function reached(entry: MessageEntry, status: MessageStatus, { occurredAt }: Clocks): MessageEntry {
  return RANK[status] > RANK[entry.status] ? { ...entry, status, statusAt: occurredAt } : entry
}

function received(
  envelope: Envelope,
  message: Extract<Envelope['payload'], { $case: 'messageReceived' }>['value'],
): MessageEntry {
  return {
    ...placed(envelope, message.messageId),
    kind: 'message',
    author: 'customer',
    type: message.type,
    purpose: '',
    body: storedBody(message.content),
    providerMessageId: message.providerMessageId,
    replyToProviderMessageId: message.replyToProviderMessageId,
    forwarded: message.forwarded || message.frequentlyForwarded,
    status: 'received',
    statusAt: envelope.occurredAt ?? '',
    failure: null,
    edits: [],
    revoked: null,
    reactions: [],
  }
}

function sendRequested(
  envelope: Envelope,
  message: Extract<Envelope['payload'], { $case: 'messageSendRequested' }>['value'],
): MessageEntry {
  return {
    ...placed(envelope, message.messageId),
    kind: 'message',
    author: authorOf(envelope),
    type: outboundType(message.content?.message) ?? message.type,
    purpose: message.purpose,
    body: storedBody(message.content),
    providerMessageId: '',
    replyToProviderMessageId: message.replyToProviderMessageId,
    forwarded: false,
    status: 'queued',
    statusAt: envelope.occurredAt ?? '',
    failure: null,
    edits: [],
    revoked: null,
    reactions: [],
  }
}

function systemEntry(envelope: Envelope): SystemEntry | undefined {
  const line = systemLineOf(envelope)
  return line === undefined ? undefined : { ...placed(envelope, envelope.eventId), kind: 'system', line }
}

function systemLineOf({ payload }: Envelope): SystemLine | undefined {
  switch (payload.$case) {
    case 'conversationOpened':
      return { name: 'conversation_opened', advertisement: payload.value.content?.referral?.headline ?? '' }
    case 'contactLanguageChosen':
      return { name: 'language_chosen', language: payload.value.language }
    case 'privacyNoticeShown':
      return { name: 'privacy_notice_shown', processors: payload.value.processors }
    case 'handoverRequested':
      return { name: 'handed_over', queue: payload.value.queue, reason: payload.value.reason }
    case 'transcriptLinkIssued':
      return { name: 'link_issued', expiresAt: payload.value.expiresAt ?? '' }
    case 'transcriptLinkRevoked':
      return { name: 'link_revoked' }
    case 'conversationClosed':
      return { name: 'conversation_closed', reason: payload.value.reason }
    case 'contactOptedOut':
      return { name: 'opted_out' }
    case 'contactOptedIn':
      return { name: 'opted_in' }
    case 'contactBlocked':
      return { name: 'contact_blocked' }
    case 'contactUnblocked':
      return { name: 'contact_unblocked' }
    case 'marketingPreferenceChanged':
      return { name: 'marketing_preference_changed', value: payload.value.value }
    case 'contactMerged':
      return { name: 'contact_merged' }
    case 'contactAbsorbed':
      return { name: 'contact_absorbed' }
    case 'commandRefused':
      return SENDING_REFUSALS.has(payload.value.code)
        ? { name: 'sending_refused', code: payload.value.code }
        : undefined
    case 'messageEdited':
      return { name: 'unknown_message_edited', body: storedBody(payload.value.content) }
    case 'messageRevoked':
      return { name: 'unknown_message_revoked' }
    case 'messageReacted':
      return { name: 'unknown_message_reacted', emoji: emojiOf(payload.value.content) }
    case 'contactRegistered':
    case 'contactAliasesAdded':
    case 'commandRedirected':
    case 'messageReceived':
    case 'messageSendRequested':
    case 'messageSent':
    case 'deliveryStatusAdvanced':
    case 'messageFailed':
    case 'messageSendUncertain':
    case 'messageResent':
    case 'messageDoubled':
    case 'botTurnRequested':
    case 'botTurnCompleted':
    case 'botTurnFailed':
    case 'conversationEnding':
    case 'transcriptViewed':
      return undefined
    default:
      return unreachable(payload)
  }
}

function placed(envelope: Envelope, id: string) {
  return {
    _id: id,
    streamId: envelope.streamId,
    seenVersion: envelope.streamVersion,
    conversationId: envelope.correlationId,
    streamVersion: envelope.streamVersion,
    ...clocksOf(envelope),
  }
}

function clocksOf({ occurredAt, recordedAt }: Envelope): Clocks {
  return { occurredAt: occurredAt ?? recordedAt ?? '', recordedAt: recordedAt ?? '' }
}

function authorOf({ actor }: Envelope): AuthorKind {
  switch (actor?.kind) {
    case 'customer':
    case 'bot':
    case 'agent':
      return actor.kind
    default:
      return 'system'
  }
}

function storedBody(content: Content | undefined): StoredBody {
  return content?.message === undefined ? {} : (MessageBody.toJSON(content.message) as StoredBody)
}

function emojiOf(content: Content | undefined): string {
  const body = content?.message?.body
  return body?.$case === 'reaction' ? body.value.emoji : ''
}
