/**
 * What the rules remember of one contact. Plain JSON, immutable and bounded: it is kept as a snapshot,
 * and `snapshot + tail` must equal the full fold.
 */
export interface ContactState {
  readonly contact: Contact
  readonly conversation: Conversation
  /** The last messages of both sides, oldest first: for receipts, edits and repeats that come late. */
  readonly messages: readonly RememberedMessage[]
}

export interface Contact {
  /** False until ContactRegistered: some facts (an opt-out that was absorbed) may come before. */
  readonly registered: boolean
  readonly channelAccountId: string
  readonly language: string
  readonly waIds: readonly string[]
  readonly userIds: readonly string[]
  readonly parentUserIds: readonly string[]
  readonly name: string
  readonly username: string
  readonly optedOut: boolean
  readonly blocked: boolean
  /** The privacy notice that reached them last. */
  readonly shownNotice: { readonly version: string; readonly messageId: string } | null
  /** By the customer's clock, never in the future: the reply window counts from here. */
  readonly lastMessageAt: string | null
  /** Contacts that proved to be this one. */
  readonly absorbed: readonly string[]
}

export type Conversation = NoConversation | WithRobot | Waiting | Ending | Merged

export interface NoConversation {
  readonly stage: 'none'
}

export interface WithRobot {
  readonly stage: 'with_robot'
  readonly id: string
  readonly robot: Robot
  /** What the customer said that no turn has been given yet. */
  readonly inputs: readonly WaitingInput[]
  /** How many turns were requested. */
  readonly turns: number
  /** What the responder keeps between turns; opaque. */
  readonly session: string
  /** The event that set the silence deadline last: only that deadline still counts. */
  readonly silenceReference: string
}

export type Robot =
  | {
      readonly step: 'listening'
      /** The messages of the answer that the customer is to react to. */
      readonly answer: readonly string[]
      /** That answer stands in for one that did not reach the customer. */
      readonly again: boolean
    }
  | { readonly step: 'awaiting_notice'; readonly messageId: string; readonly wording: string }
  | {
      readonly step: 'answering'
      readonly turn: number
      readonly requestId: string
      readonly again: boolean
    }

export interface WaitingInput {
  readonly messageId: string
  readonly providerMessageId: string
  /** The protobuf bytes of its MessageBody, base64: JSON keeps it whole, unknown fields included. */
  readonly body: string
}

export interface Waiting {
  readonly stage: 'waiting'
  readonly id: string
  readonly queue: string
  /** When the customer was last told that people will answer. */
  readonly notifiedAt: string | null
}

export interface Ending {
  readonly stage: 'ending'
  readonly id: string
  readonly reason: string
  /** The event that began the ending: its deadline refers to it. */
  readonly reference: string
  readonly awaits: EndingAwaits
}

export type EndingAwaits =
  | { readonly what: 'link'; /** MessageBody, as in WaitingInput. */ readonly body: string }
  | { readonly what: 'link_sent'; readonly messageId: string }
  | { readonly what: 'messages_sent' }

export interface Merged {
  readonly stage: 'merged'
  readonly into: string
}

export type RememberedMessage = OurMessage | CustomerMessage

export interface OurMessage {
  readonly by: 'us'
  readonly id: string
  /** Empty until the provider gave one. */
  readonly providerMessageId: string
  /** Another one that turned out for it later; empty but for a doubled message. */
  readonly secondProviderMessageId: string
  readonly attempts: 1 | 2
  readonly status: MessageStatus
  readonly conversationId: string
  /** Of a privacy notice: the digest of its words. Empty for all else. */
  readonly wording: string
}

export interface CustomerMessage {
  readonly by: 'customer'
  readonly id: string
  readonly providerMessageId: string
  readonly conversationId: string
}

export type MessageStatus = 'queued' | 'uncertain' | 'sent' | 'delivered' | 'read' | 'played' | 'failed'

export const MESSAGES_MAX = 256
export const ALIASES_MAX = 16
/** More than this unanswered, and people must look: the robot does not keep up. */
export const WAITING_INPUTS_MAX = 64
export const WAITING_INPUTS_CHARACTERS_MAX = 200_000
export const SESSION_CHARACTERS_MAX = 64_000

export const initialState: ContactState = {
  contact: {
    registered: false,
    channelAccountId: '',
    language: 'en',
    waIds: [],
    userIds: [],
    parentUserIds: [],
    name: '',
    username: '',
    optedOut: false,
    blocked: false,
    shownNotice: null,
    lastMessageAt: null,
    absorbed: [],
  },
  conversation: { stage: 'none' },
  messages: [],
}

/** The conversation that a fact of now belongs to; empty when none is open. */
export function openConversationId(conversation: Conversation): string {
  switch (conversation.stage) {
    case 'none':
    case 'merged':
      return ''
    default:
      return conversation.id
  }
}

export function ourMessage(state: ContactState, messageId: string): OurMessage | undefined {
  const message = state.messages.findLast(({ by, id }) => by === 'us' && id === messageId)
  return message?.by === 'us' ? message : undefined
}

export function messageByProviderId(
  { messages }: ContactState,
  providerMessageId: string,
): RememberedMessage | undefined {
  if (providerMessageId === '') return undefined
  // A plain loop: every message that comes in is looked up here, and usually is not there.
  for (let index = messages.length - 1; index >= 0; index--)
    if (messages[index]!.providerMessageId === providerMessageId) return messages[index]
  return undefined
}

export function hasQueuedMessages(state: ContactState, conversationId: string): boolean {
  return state.messages.some(
    (message) =>
      message.by === 'us' && message.status === 'queued' && message.conversationId === conversationId,
  )
}

export function overwhelmed({ inputs }: WithRobot): boolean {
  if (inputs.length > WAITING_INPUTS_MAX) return true
  return inputs.reduce((total, { body }) => total + body.length, 0) > WAITING_INPUTS_CHARACTERS_MAX
}
