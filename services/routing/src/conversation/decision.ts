import {
  type ConversationCommand,
  type ConversationEvent,
  type EventData,
  conversations,
} from '@parley/conversation'
import {
  type Actor,
  type Decision as Decided,
  type NewEvent,
  type NewWords,
  type Refusal,
  type Wish,
  deterministicId,
  refusedEvent,
} from '@parley/kernel'
import { evolve } from './evolve.ts'
import type { ConversationPolicy } from './policy.ts'
import { type ContactState, openConversationId } from './state.ts'
import { isReplyWindowOpen } from './window.ts'

/** Who decides what nobody asked for in words. */
export const RULES: Actor = { kind: 'system', id: 'rules' }

export type SendingRefusal = 'CONTACT_OPTED_OUT' | 'CONTACT_BLOCKED' | 'OUTSIDE_REPLY_WINDOW'

/** What is to be sent: the provider's word for it, and where its words are. */
export interface Outgoing {
  readonly type: string
  readonly content: readonly NewWords[]
}

/** One decision in the making: each fact is folded at once, so that the next rule sees the contact as it is by then. */
export class Decision {
  readonly policy: ConversationPolicy
  readonly wish: Wish<ConversationCommand>
  /** The only clock of the rules. */
  readonly at: string
  readonly #events: NewEvent<ConversationEvent>[] = []
  /** After each event. */
  readonly #states: ContactState[] = []
  #state: ContactState
  #messages = 0

  constructor(policy: ConversationPolicy, wish: Wish<ConversationCommand>, state: ContactState) {
    this.policy = policy
    this.wish = wish
    this.at = wish.recordedAt
    this.#state = state
  }

  get state(): ContactState {
    return this.#state
  }

  get events(): readonly NewEvent<ConversationEvent>[] {
    return this.#events
  }

  /** @throws when facts were recorded and the wish is refused all the same: they would vanish. That is a bug of the rules. */
  outcome(refusal: Refusal | undefined): Decided<ContactState, ConversationEvent> | Refusal {
    if (refusal === undefined) return { events: this.#events, states: this.#states }
    if (this.#events.length > 0)
      throw new Error(
        `${this.wish.type} was refused (${refusal.refused}) after ${this.#events.length} events were recorded.`,
      )
    return refusal
  }

  newConversationId(): string {
    return deterministicId(this.wish.commandId, 'conversation')
  }

  newMessageId(): string {
    return deterministicId(this.wish.commandId, 'message', this.#messages++)
  }

  /** What the command itself says: by its actor, at its time unless it was done at another. */
  record(
    event: ConversationEvent,
    content: NewEvent['content'] = [],
    conversationId = openConversationId(this.#state.conversation),
    occurredAt = this.wish.occurredAt,
  ): void {
    this.#add({ ...event, content, correlationId: conversationId, occurredAt })
  }

  /** What follows from it by the rules, when it was recorded. */
  conclude(
    event: ConversationEvent,
    content: NewEvent['content'] = [],
    conversationId = openConversationId(this.#state.conversation),
    actor: Actor = RULES,
  ): void {
    this.#add({ ...event, content, correlationId: conversationId, actor, occurredAt: this.at })
  }

  /** A part of the wish that is turned down while the rest holds. */
  turnDown(code: string, fields: Readonly<Record<string, string>>): void {
    this.#events.push({
      ...refusedEvent(this.wish.type, code, fields),
      correlationId: openConversationId(this.#state.conversation) || this.wish.correlationId,
      actor: RULES,
      occurredAt: this.at,
    })
    this.#states.push(this.#state)
  }

  /** Sends in the open conversation or the one that is named, or puts on record why not. */
  send(
    purpose: EventData<'MessageSendRequested'>['purpose'],
    { type, content }: Outgoing,
    {
      actor = RULES,
      wording = '',
      conversationId,
    }: { actor?: Actor; wording?: string; conversationId?: string } = {},
  ): 'requested' | SendingRefusal {
    const refusal = sendingRefusal(this.#state, type, this.at, purpose)
    if (refusal !== undefined) {
      this.turnDown(refusal, { purpose })
      return refusal
    }
    this.conclude(
      conversations.event('MessageSendRequested', {
        messageId: this.newMessageId(),
        channelAccountId: this.#state.contact.channelAccountId,
        purpose,
        type,
        wording,
      }),
      content,
      conversationId,
      actor,
    )
    return 'requested'
  }

  #add(event: Extract<NewEvent<ConversationEvent>, ConversationEvent>): void {
    const index = this.#events.push(event) - 1
    this.#state = evolve(this.#state, {
      ...event,
      eventId: this.wish.eventId(index),
      occurredAt: event.occurredAt ?? this.wish.occurredAt,
      recordedAt: this.at,
      correlationId: event.correlationId ?? this.wish.correlationId,
    })
    this.#states.push(this.#state)
  }
}

/** Why nothing may be sent to this contact now; undefined when it may. */
export function sendingRefusal(
  { contact }: ContactState,
  type: string,
  at: string,
  purpose = '',
): SendingRefusal | undefined {
  // The one message after a stop: without it nobody would know how to begin again (docs/adr/0023).
  if (contact.optedOut && purpose !== 'stop_notice') return 'CONTACT_OPTED_OUT'
  if (contact.blocked) return 'CONTACT_BLOCKED'
  if (type !== 'template' && !isReplyWindowOpen(contact.lastMessageAt, at)) return 'OUTSIDE_REPLY_WINDOW'
  return undefined
}
