import type { SentStatus } from '@parley/conversation'
import type { ProjectedDocument } from '@parley/eventlog'

/** `company`: somebody of it, in the WhatsApp Business app; the channel does not tell who. */
export type AuthorKind = 'customer' | 'bot' | 'agent' | 'company' | 'system'

/** How far a message got. `received` is for what the customer wrote; the others are ours, and only move forward. */
export type MessageStatus = 'received' | SentStatus

/** The two clocks of a fact: the channel's or the person's, and the log's. ISO 8601 UTC. */
export interface Clocks {
  readonly occurredAt: string
  readonly recordedAt: string
}

/** A MessageBody as its protobuf JSON: what the store keeps and `MessageBody.fromJSON` reads. */
export type StoredBody = object

export type EntryFile =
  | { readonly sha256: string; readonly mimeType: string; readonly bytes: number }
  | { readonly unavailable: string }

export interface Edit extends Clocks {
  readonly before: StoredBody
}

export interface Reaction {
  readonly by: string
  readonly emoji: string
}

/** One line of a transcript: something said, or something that happened. Its place is the version of the event that began it. */
export type TranscriptEntry = CustomersEntry | InternalEntry

/** What a customer may read. */
export type CustomersEntry = MessageEntry | SystemEntry

interface Placed extends ProjectedDocument, Clocks {
  readonly conversationId: string
  readonly streamVersion: number
}

export interface MessageEntry extends Placed {
  readonly kind: 'message'
  readonly author: AuthorKind
  /** Of an agent: who it is. Empty for all others. */
  readonly agentId: string
  readonly type: string
  /** Why we said it (privacy_notice, bot_answer, …); empty for what the customer wrote. */
  readonly purpose: string
  readonly body: StoredBody
  /** The file that it came with, once the gateway has it, or why it cannot be had. */
  readonly file: EntryFile | null
  readonly providerMessageId: string
  readonly replyToProviderMessageId: string
  readonly forwarded: boolean
  readonly status: MessageStatus
  /** When the status was reached, by the channel's clock. */
  readonly statusAt: string
  readonly failure: { readonly code: number; readonly title: string } | null
  /** Calls to the channel that are on record: more than one where an attempt had no answer. */
  readonly attempts: number
  /** Of the second copy, where two attempts reached the channel: the customer has the message twice. */
  readonly doubledProviderMessageId: string | null
  readonly edits: readonly Edit[]
  /** It answered a question that its flow marks as sensitive: see `concealmentOf`. */
  readonly sensitive: boolean
  /** More than the answer stands in it: only what is `shownAs` is masked. Absent: all of it is. */
  readonly sensitiveInPart?: boolean
  /** What the robot shows for it, as it writes that. */
  readonly shownAs: readonly string[]
  /** Whoever said it deleted it. What was said stays here: see `concealmentOf`. */
  readonly revoked: Clocks | null
  readonly reactions: readonly Reaction[]
}

export interface SystemEntry extends Placed {
  readonly kind: 'system'
  readonly line: SystemLine
}

/** What people of the company say and do among themselves. */
export interface InternalEntry extends Placed {
  readonly kind: 'internal'
  readonly line: InternalLine
}

export type InternalLine =
  | {
      readonly name: 'note'
      readonly messageId: string
      readonly agentId: string
      readonly text: string
      readonly mentionedAgentIds: readonly string[]
    }
  | { readonly name: 'offered'; readonly agentId: string; readonly fromAgentId: string }
  | { readonly name: 'offer_ended'; readonly agentId: string; readonly outcome: string }
  | { readonly name: 'close_announced'; readonly agentId: string; readonly reason: string }
  | { readonly name: 'close_undone'; readonly by: string }
  | { readonly name: 'wish_refused'; readonly commandType: string; readonly code: string }

/** Agents stand by their ids: under which name, and whether under one at all, is for whoever shows it. Empty: nobody. */
export type SystemLine =
  | { readonly name: 'conversation_opened'; readonly advertisement: string }
  | { readonly name: 'language_chosen'; readonly language: string }
  | { readonly name: 'privacy_notice_shown'; readonly processors: readonly string[] }
  | { readonly name: 'robot_resumed' }
  | { readonly name: 'handed_over'; readonly queue: string; readonly reason: string }
  | { readonly name: 'agent_began'; readonly agentId: string }
  | { readonly name: 'queued'; readonly queue: string }
  | { readonly name: 'call_back_chosen' }
  | { readonly name: 'taken_over'; readonly agentId: string; readonly fromAgentId: string }
  | {
      readonly name: 'requeued'
      readonly queue: string
      readonly fromAgentId: string
      readonly isTransfer: boolean
    }
  | { readonly name: 'returned_to_robot'; readonly agentId: string }
  | { readonly name: 'hold_began'; readonly agentId: string }
  | { readonly name: 'hold_ended'; readonly agentId: string }
  /** `until` is empty where it waits for the customer alone. */
  | { readonly name: 'parked'; readonly agentId: string; readonly until: string }
  | { readonly name: 'agent_ended'; readonly agentId: string; readonly reason: string }
  | { readonly name: 'link_issued'; readonly expiresAt: string }
  | { readonly name: 'link_revoked' }
  | { readonly name: 'agent_closed'; readonly agentId: string; readonly reason: string }
  | { readonly name: 'conversation_closed'; readonly reason: string }
  | { readonly name: 'opted_out' }
  | { readonly name: 'opted_in' }
  | { readonly name: 'contact_blocked' }
  | { readonly name: 'contact_unblocked' }
  | { readonly name: 'marketing_preference_changed'; readonly value: string }
  | { readonly name: 'contact_merged' }
  | { readonly name: 'contact_absorbed' }
  | { readonly name: 'sending_refused'; readonly code: string }
  /** The provider's id of the message tells which of these lines are about one message: what was deleted of it is hidden in all of them. */
  | {
      readonly name: 'unknown_message_edited'
      readonly body: StoredBody
      readonly targetProviderMessageId: string
    }
  | { readonly name: 'unknown_message_revoked'; readonly targetProviderMessageId: string }
  | { readonly name: 'unknown_message_reacted'; readonly emoji: string }
