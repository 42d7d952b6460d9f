import {
  type EventData,
  type SentStatus,
  fileIn,
  isFurther,
  messageIn,
  noteIn,
  referralIn,
  shownIn,
  statusOfReceipt,
} from '@parley/conversation'
import { type Words, clocksOf, unreachable } from '@parley/kernel'
import type { EventEnvelope } from '@parley/proto/envelope'
import { MessageBody, type StoredFile } from '@parley/proto/content'
import type {
  AuthorKind,
  Clocks,
  EntryFile,
  InternalEntry,
  InternalLine,
  MessageEntry,
  Reaction,
  StoredBody,
  SystemEntry,
  SystemLine,
  TranscriptEntry,
} from './entry.ts'
import { type FoldedEvent, isInternal } from './audience.ts'

/** Refusals that kept something from being said. All others are between the services, and only in the raw record. */
const SENDING_REFUSALS: ReadonlySet<string> = new Set([
  'OUTSIDE_REPLY_WINDOW',
  'CONTACT_OPTED_OUT',
  'CONTACT_BLOCKED',
])

/** The entries that the event begins or changes: a message has the id of the message, a system line that of its event. */
export function entryIdsOf(event: FoldedEvent): readonly string[] {
  const { envelope } = event
  // Said when no conversation was open, of a message that nobody remembers: it is hidden in the one that it stands in.
  const isOfAny = event.type === 'MessageRevoked' && event.data.targetMessageId === ''
  if (envelope.correlationId === '' && !isOfAny) return []
  switch (event.type) {
    case 'MessageReceived':
    case 'AppMessageSent':
    case 'MessageSendRequested':
    case 'MessageSent':
    case 'DeliveryStatusAdvanced':
    case 'MessageFailed':
    case 'MessageSendUncertain':
    case 'MessageResent':
    case 'MessageDoubled':
    case 'MediaStored':
    case 'MediaUnavailable':
      return [event.data.messageId]
    case 'MessageEdited':
    case 'MessageRevoked':
    case 'MessageReacted':
      return [event.data.targetMessageId || envelope.eventId]
    case 'BotTurnCompleted':
      return [...event.data.sensitiveMessageIds, ...event.data.plainMessageIds]
    default:
      return lineEntry(event) === undefined ? [] : [envelope.eventId]
  }
}

/** A message begins with what says it, and a line is its event. */
export function beginsEntry({ type, envelope }: FoldedEvent, id: string): boolean {
  return (
    type === 'MessageReceived' ||
    type === 'AppMessageSent' ||
    type === 'MessageSendRequested' ||
    id === envelope.eventId
  )
}

/** Pure. An event about a message that the archive does not hold changes nothing. */
export function foldEntry(
  entry: TranscriptEntry | undefined,
  event: FoldedEvent,
  id: string,
): TranscriptEntry | undefined {
  switch (event.type) {
    case 'MessageReceived':
      return entry ?? received(event.envelope, event.data)
    case 'AppMessageSent':
      return entry ?? sentInApp(event.envelope, event.data)
    case 'MessageSendRequested':
      return entry ?? sendRequested(event.envelope, event.data)
    default:
      if (id === event.envelope.eventId) return entry ?? lineEntry(event)
      return entry?.kind === 'message' ? foldMessage(entry, event) : entry
  }
}

function foldMessage(entry: MessageEntry, event: FoldedEvent): MessageEntry {
  const { envelope } = event
  const clocks = clocksOf(envelope)
  switch (event.type) {
    case 'MessageSent':
      return {
        ...reached(entry, 'sent', clocks),
        providerMessageId: event.data.providerMessageId || entry.providerMessageId,
      }
    case 'DeliveryStatusAdvanced':
      return reached(entry, statusOfReceipt(event.data.status), clocks)
    case 'MessageFailed':
      return {
        ...reached(entry, 'failed', clocks),
        failure: { code: event.data.providerCode, title: event.data.providerTitle },
      }
    case 'MessageSendUncertain':
      return { ...reached(entry, 'uncertain', clocks), attempts: event.data.attempts }
    case 'MessageResent':
      return { ...entry, attempts: event.data.attempt }
    case 'MessageDoubled':
      return { ...entry, doubledProviderMessageId: event.data.providerMessageId }
    case 'MediaStored': {
      const file = fileIn(envelope.content)
      return file === undefined ? entry : { ...entry, file: entryFile(file) }
    }
    case 'MediaUnavailable':
      return entry.file === null ? { ...entry, file: { unavailable: event.data.reason } } : entry
    case 'MessageEdited':
      // Which of the new words are sensitive nobody has said yet.
      return edited(
        entry.sensitiveInPart ? { ...entry, sensitiveInPart: false } : entry,
        storedBody(envelope.content),
        clocks,
      )
    case 'MessageRevoked':
      return { ...entry, revoked: clocks }
    case 'BotTurnCompleted': {
      const { sensitiveMessageIds, partlySensitiveMessageIds } = event.data
      if (!sensitiveMessageIds.includes(entry._id)) return { ...entry, sensitive: false }
      const wasInPart = entry.sensitiveInPart === true
      // Of what it said before an edit, or since, nobody was asked.
      const isInPart = partlySensitiveMessageIds.includes(entry._id) && entry.edits.length === 0
      return {
        ...entry,
        sensitive: true,
        // What was masked as a whole stays so.
        ...((wasInPart || isInPart) && { sensitiveInPart: isInPart && (wasInPart || !entry.sensitive) }),
        shownAs: [...new Set([...entry.shownAs, ...shownIn(envelope.content)])],
      }
    }
    case 'MessageReacted':
      return {
        ...entry,
        reactions: reacted(entry.reactions, authorOf(envelope), emojiOf(envelope.content)),
      }
    default:
      return entry
  }
}

/** In the order of the customer's clock: an older edit that comes behind a later one is part of what the message said before. */
function edited(entry: MessageEntry, body: StoredBody, clocks: Clocks): MessageEntry {
  const { edits } = entry
  const next = edits.findIndex(({ occurredAt }) => Date.parse(occurredAt) > Date.parse(clocks.occurredAt))
  if (next < 0) return { ...entry, body, edits: [...edits, { before: entry.body, ...clocks }] }
  const later = edits[next]!
  const both = [
    { before: later.before, ...clocks },
    { ...later, before: body },
  ]
  return { ...entry, edits: edits.toSpliced(next, 1, ...both) }
}

/** One reaction per author, as in the chat; an empty emoji takes it back. */
function reacted(reactions: readonly Reaction[], by: string, emoji: string): readonly Reaction[] {
  const others = reactions.filter((reaction) => reaction.by !== by)
  return emoji === '' ? others : [...others, { by, emoji }]
}

function reached(entry: MessageEntry, status: SentStatus, { occurredAt }: Clocks): MessageEntry {
  const isOurs = entry.status !== 'received'
  return isOurs && isFurther(status, entry.status) ? { ...entry, status, statusAt: occurredAt } : entry
}

function received(envelope: EventEnvelope, message: EventData<'MessageReceived'>): MessageEntry {
  return {
    ...said(envelope, message),
    author: 'customer',
    agentId: '',
    purpose: '',
    providerMessageId: message.providerMessageId,
    forwarded: message.forwarded || message.frequentlyForwarded,
    // Until the turn that hears it tells.
    sensitive: message.perhapsSensitive,
    status: 'received',
  }
}

/** Of what was written in the app the channel tells that it was sent, and no more. */
function sentInApp(envelope: EventEnvelope, message: EventData<'AppMessageSent'>): MessageEntry {
  return {
    ...said(envelope, message),
    author: 'company',
    agentId: '',
    purpose: '',
    providerMessageId: message.providerMessageId,
    forwarded: false,
    status: 'sent',
  }
}

function sendRequested(envelope: EventEnvelope, message: EventData<'MessageSendRequested'>): MessageEntry {
  return {
    ...said(envelope, message),
    author: authorOf(envelope),
    agentId: agentIdOf(envelope),
    purpose: message.purpose,
    providerMessageId: '',
    forwarded: false,
    status: 'queued',
  }
}

/** What the messages of both sides have in common. The address of the record's own link is no part of the message: it stays in the raw event. */
function said(
  envelope: EventEnvelope,
  {
    messageId,
    type,
    replyToProviderMessageId,
  }: Pick<EventData<'MessageReceived'>, 'messageId' | 'type' | 'replyToProviderMessageId'>,
) {
  return {
    ...placed(envelope, messageId),
    kind: 'message',
    type,
    body: storedBody(envelope.content),
    file: sentFile(envelope.content),
    replyToProviderMessageId,
    statusAt: envelope.occurredAt ?? '',
    failure: null,
    attempts: 1,
    doubledProviderMessageId: null,
    edits: [],
    sensitive: false,
    shownAs: [],
    revoked: null,
    reactions: [],
  } as const
}

function lineEntry(event: FoldedEvent): SystemEntry | InternalEntry | undefined {
  const place = placed(event.envelope, event.envelope.eventId)
  if (isInternal(event)) {
    const line = internalLineOf(event)
    return line && { ...place, kind: 'internal', line }
  }
  const line = systemLineOf(event)
  return line && { ...place, kind: 'system', line }
}

function internalLineOf(event: FoldedEvent): InternalLine | undefined {
  switch (event.type) {
    case 'NoteAdded': {
      const text = noteIn(event.envelope.content)
      return { name: 'note', ...event.data, text }
    }
    case 'ConversationOffered': {
      const { agentId, fromAgentId } = event.data
      return { name: 'offered', agentId, fromAgentId }
    }
    case 'ConversationOfferEnded': {
      const { agentId, outcome } = event.data
      return { name: 'offer_ended', agentId, outcome }
    }
    case 'CloseAnnounced': {
      const { agentId, reason } = event.data
      return { name: 'close_announced', agentId, reason }
    }
    case 'CloseUndone':
      return { name: 'close_undone', by: event.data.by }
    case 'CommandRefused': {
      const { commandType, code } = event.data
      return { name: 'wish_refused', commandType, code }
    }
    default:
      return undefined
  }
}

function systemLineOf(event: FoldedEvent): SystemLine | undefined {
  const { content } = event.envelope
  switch (event.type) {
    case 'ConversationOpened':
      return { name: 'conversation_opened', advertisement: referralIn(content)?.headline ?? '' }
    case 'ContactLanguageChosen':
      return { name: 'language_chosen', language: event.data.language }
    case 'PrivacyNoticeShown':
      return { name: 'privacy_notice_shown', processors: event.data.processors }
    case 'RobotResumed':
      return { name: 'robot_resumed' }
    case 'HandoverRequested':
      return { name: 'handed_over', queue: event.data.queue, reason: event.data.reason }
    case 'ConversationBegun':
      return { name: 'agent_began', agentId: event.data.agentId }
    case 'CallBackChosen':
      return { name: 'call_back_chosen' }
    case 'ConversationQueued':
      return { name: 'queued', queue: event.data.queue }
    case 'ConversationAssigned': {
      const { agentId, fromAgentId } = event.data
      return { name: 'taken_over', agentId, fromAgentId }
    }
    case 'ConversationRequeued': {
      const { queue, fromAgentId, reason } = event.data
      // It waited: who had it did nothing, and who moved it is whose wish it was.
      const movedBy = reason === 'reassigned' ? agentIdOf(event.envelope) : ''
      return movedBy === ''
        ? { name: 'requeued', queue, fromAgentId, isTransfer: reason === 'transferred' }
        : { name: 'requeued', queue, fromAgentId: movedBy, isTransfer: true }
    }
    case 'ConversationReturnedToRobot':
      return { name: 'returned_to_robot', agentId: event.data.agentId }
    case 'HoldBegan':
      return { name: 'hold_began', agentId: event.data.agentId }
    case 'HoldEnded':
      return { name: 'hold_ended', agentId: event.data.agentId }
    case 'ConversationParked': {
      const { agentId, snoozedUntil } = event.data
      return { name: 'parked', agentId, until: snoozedUntil ?? '' }
    }
    case 'ConversationEnding': {
      const agentId = agentIdOf(event.envelope)
      return agentId === '' ? undefined : { name: 'agent_ended', agentId, reason: event.data.reason }
    }
    case 'TranscriptLinkIssued':
      return { name: 'link_issued', expiresAt: event.data.expiresAt ?? '' }
    case 'TranscriptLinkRevoked':
      return { name: 'link_revoked' }
    case 'ConversationClosed': {
      const agentId = agentIdOf(event.envelope)
      const { reason } = event.data
      return agentId === ''
        ? { name: 'conversation_closed', reason }
        : { name: 'agent_closed', agentId, reason }
    }
    case 'ContactOptedOut':
      return { name: 'opted_out' }
    case 'ContactOptedIn':
      return { name: 'opted_in' }
    case 'ContactBlocked':
      return { name: 'contact_blocked' }
    case 'ContactUnblocked':
      return { name: 'contact_unblocked' }
    case 'MarketingPreferenceChanged':
      return { name: 'marketing_preference_changed', value: event.data.value }
    case 'ContactMerged':
      return { name: 'contact_merged' }
    case 'ContactAbsorbed':
      return { name: 'contact_absorbed' }
    case 'CommandRefused':
      return SENDING_REFUSALS.has(event.data.code)
        ? { name: 'sending_refused', code: event.data.code }
        : undefined
    case 'MessageEdited':
      return {
        name: 'unknown_message_edited',
        body: storedBody(content),
        targetProviderMessageId: event.data.targetProviderMessageId,
      }
    case 'MessageRevoked':
      return {
        name: 'unknown_message_revoked',
        targetProviderMessageId: event.data.targetProviderMessageId,
      }
    case 'MessageReacted':
      return { name: 'unknown_message_reacted', emoji: emojiOf(content) }
    case 'MessageReceived':
    case 'AppMessageSent':
    case 'MessageSendRequested':
    case 'MessageSent':
    case 'DeliveryStatusAdvanced':
    case 'MessageFailed':
    case 'MessageSendUncertain':
    case 'MessageResent':
    case 'MessageDoubled':
    case 'MediaStored':
    case 'MediaUnavailable':
    case 'BotTurnCompleted':
    case 'NoteAdded':
    case 'ConversationOffered':
    case 'ConversationOfferEnded':
    case 'CloseAnnounced':
    case 'CloseUndone':
      return undefined
    default:
      return unreachable(event)
  }
}

function placed(envelope: EventEnvelope, id: string) {
  return {
    _id: id,
    streamId: envelope.streamId,
    seenVersion: envelope.streamVersion,
    conversationId: envelope.correlationId,
    streamVersion: envelope.streamVersion,
    ...clocksOf(envelope),
  }
}

function authorOf({ actor }: EventEnvelope): AuthorKind {
  switch (actor?.kind) {
    case 'customer':
    case 'bot':
    case 'agent':
    case 'company':
      return actor.kind
    default:
      return 'system'
  }
}

function agentIdOf({ actor }: EventEnvelope): string {
  return actor?.kind === 'agent' ? actor.id : ''
}

function storedBody(content: readonly Words[]): StoredBody {
  const message = messageIn(content)
  return message === undefined ? {} : (MessageBody.toJSON(message) as StoredBody)
}

function entryFile({ sha256, mimeType, bytes }: StoredFile): EntryFile {
  return { sha256, mimeType, bytes: Number(bytes) }
}

/** What we send is in the store before it is sent. */
function sentFile(content: readonly Words[]): EntryFile | null {
  const body = messageIn(content)?.body
  return body?.$case === 'media' && body.value.stored !== undefined ? entryFile(body.value.stored) : null
}

function emojiOf(content: readonly Words[]): string {
  const body = messageIn(content)?.body
  return body?.$case === 'reaction' ? body.value.emoji : ''
}
