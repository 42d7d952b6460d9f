import {
  type ConversationEvent,
  type EventData,
  type SentStatus,
  fileIn,
  isFurther,
  messageIn,
  shownIn,
  statusOfReceipt,
} from '@parley/conversation'
import { clocksOf, ofTypes, unreachable } from '@parley/kernel'
import { MessageBody, type StoredFile } from '@parley/proto/content'
import type { EventEnvelope } from '@parley/proto/envelope'
export { MASK } from '@parley/conversation'

/** `company`: somebody of it, in the WhatsApp Business app; the channel does not tell who. */
export type AuthorKind = 'customer' | 'bot' | 'agent' | 'company' | 'system'

/** As protobuf's JSON. */
export type StoredBody = Readonly<Record<string, unknown>>

/** In the media store, or why it is not. */
export type MessageFile =
  | {
      readonly sha256: string
      readonly mimeType: string
      readonly bytes: number
      readonly filename: string
    }
  | { readonly unavailable: string }

/** One thing that was said, by either side, or among colleagues. Times are ISO 8601 UTC. */
export interface DeskMessage {
  readonly conversationId: string
  /** Its place among the messages of the conversation. */
  readonly begunAt: number
  readonly author: { readonly kind: AuthorKind; readonly id: string | null }
  /** The provider's word; `note` for what only colleagues see. */
  readonly type: string
  readonly body: StoredBody
  /** Null: it has none, or it is being fetched. */
  readonly file: MessageFile | null
  readonly providerMessageId: string
  readonly replyToProviderMessageId: string
  /** Null: the customer's, or a note. */
  readonly status: SentStatus | null
  readonly failure: { readonly code: string; readonly message: string } | null
  readonly occurredAt: string
  readonly recordedAt: string
  readonly isNote: boolean
  /** Of a supervisor, for the agent who has the conversation. */
  readonly isWhisper: boolean
  readonly mentions: readonly string[]
  /** Said to a question that a flow marks as sensitive: it is masked wherever it is repeated. */
  readonly isSensitive: boolean
  /** More than the answer stands in it: only what is `shownAs` is masked. Absent: all of it is. */
  readonly isSensitiveInPart?: boolean
  /** What stands in the robot's texts for it; absent: no robot has heard it. */
  readonly shownAs?: readonly string[]
  readonly deletedAt: string | null
  readonly edits: readonly { readonly body: StoredBody; readonly at: string }[]
  readonly reactions: readonly { readonly emoji: string; readonly by: AuthorKind }[]
}

export const MESSAGE_TYPES = [
  'MessageReceived',
  'AppMessageSent',
  'MessageSendRequested',
  'NoteAdded',
  'MessageSent',
  'DeliveryStatusAdvanced',
  'MessageFailed',
  'MessageSendUncertain',
  'MediaStored',
  'MediaUnavailable',
  'MessageEdited',
  'MessageRevoked',
  'MessageReacted',
  'BotTurnCompleted',
] as const satisfies readonly ConversationEvent['type'][]

export type MessageFact = Extract<ConversationEvent, { type: (typeof MESSAGE_TYPES)[number] }> & {
  readonly envelope: EventEnvelope
}

export const isMessageFact = ofTypes(MESSAGE_TYPES)

const BEGINNINGS = [
  'MessageReceived',
  'AppMessageSent',
  'MessageSendRequested',
  'NoteAdded',
] as const satisfies readonly MessageFact['type'][]

/** Nothing is known of its message before. */
export const beginsMessage = ofTypes(BEGINNINGS)

/** The messages that the event begins or changes. */
export function messageIdsOf(event: MessageFact): readonly string[] {
  switch (event.type) {
    case 'MessageEdited':
    case 'MessageRevoked':
    case 'MessageReacted':
      return event.data.targetMessageId === '' ? [] : [event.data.targetMessageId]
    case 'BotTurnCompleted':
      return [...event.data.sensitiveMessageIds, ...event.data.plainMessageIds]
    default:
      return [event.data.messageId]
  }
}

/** Pure. Undefined: the event changes nothing that is shown; so does one about a message that is not known here. @param id of the message */
export function evolveMessage(
  message: DeskMessage | undefined,
  event: MessageFact,
  id: string,
): DeskMessage | undefined {
  const { envelope } = event
  switch (event.type) {
    case 'MessageReceived':
      // Masked until the robot has heard what it was; for ever where it never does.
      return message ?? { ...spoken(envelope, event.data, null), isSensitive: event.data.perhapsSensitive }
    case 'AppMessageSent':
      return message ?? spoken(envelope, event.data, 'sent')
    case 'MessageSendRequested':
      return message ?? spoken(envelope, { ...event.data, providerMessageId: '' }, 'queued')
    case 'NoteAdded': {
      const { messageId, mentionedAgentIds: mentions, isWhisper } = event.data
      const note = { messageId, type: 'note', providerMessageId: '', replyToProviderMessageId: '' }
      return message ?? { ...spoken(envelope, note, null), isNote: true, isWhisper, mentions }
    }
    default:
      return message === undefined ? undefined : changed(message, event, id)
  }
}

function changed(
  message: DeskMessage,
  event: Exclude<MessageFact, { type: (typeof BEGINNINGS)[number] }>,
  id: string,
): DeskMessage | undefined {
  const { envelope } = event
  const at = clocksOf(envelope).recordedAt
  switch (event.type) {
    case 'MessageSent': {
      const { providerMessageId } = event.data
      return { ...(reached(message, 'sent') ?? message), providerMessageId }
    }
    case 'DeliveryStatusAdvanced':
      return reached(message, statusOfReceipt(event.data.status))
    case 'MessageFailed': {
      const { providerCode, providerTitle } = event.data
      const failed = reached(message, 'failed')
      return failed && { ...failed, failure: { code: String(providerCode), message: providerTitle } }
    }
    case 'MessageSendUncertain':
      return reached(message, 'uncertain')
    case 'MediaStored': {
      const file = fileIn(envelope.content)
      return file && { ...message, file: fileOf(file, message.body) }
    }
    case 'MediaUnavailable':
      return message.file === null ? { ...message, file: { unavailable: event.data.reason } } : undefined
    case 'MessageEdited':
      // A later edit came before it: it is one of those that the message was before.
      if (event.data.isOutdated)
        return { ...message, edits: [...message.edits, { body: bodyOf(envelope), at }] }
      return {
        ...message,
        body: bodyOf(envelope),
        edits: [...message.edits, { body: message.body, at }],
        // Which of the new words are sensitive nobody has said yet.
        ...(message.isSensitiveInPart && { isSensitiveInPart: false }),
      }
    case 'MessageRevoked':
      return { ...message, deletedAt: at }
    case 'MessageReacted': {
      const by = authorOf(envelope).kind
      const others = message.reactions.filter((reaction) => reaction.by !== by)
      const body = messageIn(envelope.content)?.body
      const emoji = body?.$case === 'reaction' ? body.value.emoji : ''
      return { ...message, reactions: emoji === '' ? others : [...others, { emoji, by }] }
    }
    case 'BotTurnCompleted':
      if (event.data.sensitiveMessageIds.includes(id))
        return hiddenAs(message, shownIn(envelope.content), event.data.partlySensitiveMessageIds.includes(id))
      return message.isSensitive ? { ...message, isSensitive: false } : undefined
    default:
      return unreachable(event)
  }
}

function hiddenAs(
  message: DeskMessage,
  shown: readonly string[],
  isInPart: boolean,
): DeskMessage | undefined {
  const known = message.shownAs ?? []
  const shownAs = [...new Set([...known, ...shown])]
  const wasInPart = message.isSensitiveInPart === true
  // What was masked as a whole stays so, and of what it said before an edit, or since, nobody was asked.
  const isSensitiveInPart = isInPart && message.edits.length === 0 && (wasInPart || !message.isSensitive)
  const isNoNews =
    message.shownAs !== undefined && shownAs.length === known.length && wasInPart === isSensitiveInPart
  return isNoNews
    ? undefined
    : { ...message, isSensitive: true, shownAs, ...((wasInPart || isInPart) && { isSensitiveInPart }) }
}

function reached(message: DeskMessage, status: SentStatus): DeskMessage | undefined {
  return message.status !== null && isFurther(status, message.status) ? { ...message, status } : undefined
}

function spoken(
  envelope: EventEnvelope,
  {
    type,
    providerMessageId,
    replyToProviderMessageId,
  }: Pick<EventData<'MessageReceived'>, 'type' | 'providerMessageId' | 'replyToProviderMessageId'>,
  status: SentStatus | null,
): DeskMessage {
  return {
    conversationId: envelope.correlationId,
    begunAt: envelope.streamVersion,
    author: authorOf(envelope),
    type,
    body: bodyOf(envelope),
    file: sentFile(envelope),
    providerMessageId,
    replyToProviderMessageId,
    status,
    failure: null,
    ...clocksOf(envelope),
    isNote: false,
    isWhisper: false,
    mentions: [],
    isSensitive: false,
    deletedAt: null,
    edits: [],
    reactions: [],
  }
}

function fileOf({ sha256, mimeType, bytes }: StoredFile, body: StoredBody): MessageFile {
  const said = MessageBody.fromJSON(body).body
  const filename = said?.$case === 'media' ? said.value.filename : ''
  return { sha256, mimeType, bytes: Number(bytes), filename }
}

/** What we send is in the store before it is sent. */
function sentFile(envelope: EventEnvelope): MessageFile | null {
  const body = messageIn(envelope.content)?.body
  const stored = body?.$case === 'media' ? body.value.stored : undefined
  return stored === undefined ? null : fileOf(stored, bodyOf(envelope))
}

/** Of a note, its text. */
function bodyOf({ content }: EventEnvelope): StoredBody {
  const note = content.find(({ name }) => name === 'note')
  const message =
    note === undefined
      ? messageIn(content)
      : MessageBody.fromPartial({
          body: { $case: 'text', value: { text: Buffer.from(note.value).toString('utf8') } },
        })
  return message === undefined ? {} : (MessageBody.toJSON(message) as StoredBody)
}

export function authorOf({ actor }: EventEnvelope): DeskMessage['author'] {
  switch (actor?.kind) {
    case 'customer':
    case 'bot':
    case 'company':
      return { kind: actor.kind, id: null }
    case 'agent':
      return { kind: 'agent', id: actor.id }
    default:
      return { kind: 'system', id: null }
  }
}
