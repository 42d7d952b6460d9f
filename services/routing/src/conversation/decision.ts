import {
  type ActorKind,
  type EventPayload,
  type NewEvent,
  type PayloadOf,
  type RecordedCommand,
  deterministicId,
  typeName,
} from '@parley/kernel'
import type { MessageBody } from '@parley/proto/content'
import { contentWith, sendableType } from './body.ts'
import { evolve } from './evolve.ts'
import type { ConversationPolicy } from './policy.ts'
import { type ContactState, openConversationId } from './state.ts'
import { isReplyWindowOpen } from './window.ts'

export type Actor = { readonly kind: ActorKind; readonly id: string }

/** Who decides what nobody asked for in words. */
export const RULES: Actor = { kind: 'system', id: 'rules' }

export type SendingRefusal = 'CONTACT_OPTED_OUT' | 'CONTACT_BLOCKED' | 'OUTSIDE_REPLY_WINDOW'

/** One decision in the making: each fact is folded at once, so that the next rule sees the contact as it is by then. */
export class Decision {
  readonly policy: ConversationPolicy
  readonly command: RecordedCommand['envelope']
  /** The only clock of the rules. */
  readonly at: string
  readonly #events: NewEvent[] = []
  #state: ContactState
  #messages = 0

  constructor(policy: ConversationPolicy, { envelope, recordedAt }: RecordedCommand, state: ContactState) {
    this.policy = policy
    this.command = envelope
    this.at = recordedAt
    this.#state = state
  }

  get state(): ContactState {
    return this.#state
  }

  get events(): readonly NewEvent[] {
    return this.#events
  }

  newConversationId(): string {
    return deterministicId(this.command.commandId, 'conversation')
  }

  newMessageId(): string {
    return deterministicId(this.command.commandId, 'message', this.#messages++)
  }

  /** What the command itself says: by its actor, at its time. */
  record(payload: EventPayload, conversationId = openConversationId(this.#state.conversation)): void {
    this.#add({ payload, correlationId: conversationId })
  }

  /** What follows from it by the rules, when it was recorded. */
  conclude(
    payload: EventPayload,
    conversationId = openConversationId(this.#state.conversation),
    actor: Actor = RULES,
  ): void {
    this.#add({ payload, correlationId: conversationId, actor, occurredAt: this.at })
  }

  /** A part of the wish that is turned down while the rest holds. */
  turnDown(code: string, fields: Readonly<Record<string, string>>): void {
    const { $case } = this.command.payload
    this.conclude(
      {
        $case: 'commandRefused',
        value: {
          commandType: typeName($case),
          code,
          fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
        },
      },
      openConversationId(this.#state.conversation) || this.command.correlationId,
    )
  }

  /** Sends in the open conversation, or puts on record why not. */
  send(
    purpose: PayloadOf<'messageSendRequested'>['purpose'],
    message: MessageBody,
    actor: Actor = RULES,
  ): 'requested' | SendingRefusal {
    const refusal = sendingRefusal(this.#state, message, this.at)
    if (refusal !== undefined) {
      this.turnDown(refusal, { purpose })
      return refusal
    }
    this.conclude(
      {
        $case: 'messageSendRequested',
        value: {
          messageId: this.newMessageId(),
          channelAccountId: this.#state.contact.channelAccountId,
          purpose,
          type: sendableType(message) ?? 'unsupported',
          replyToProviderMessageId: '',
          content: contentWith(message),
        },
      },
      openConversationId(this.#state.conversation),
      actor,
    )
    return 'requested'
  }

  #add(event: NewEvent): void {
    const index = this.#events.push(event) - 1
    const { commandId } = this.command
    this.#state = evolve(this.#state, {
      // As the log will number it; a hash that most events do not need.
      get eventId() {
        return deterministicId(commandId, index)
      },
      occurredAt: event.occurredAt ?? this.command.occurredAt,
      recordedAt: this.at,
      correlationId: event.correlationId ?? this.command.correlationId,
      payload: event.payload,
    })
  }
}

/** Why nothing may be sent to this contact now; undefined when it may. */
export function sendingRefusal(
  { contact }: ContactState,
  message: MessageBody,
  at: string,
): SendingRefusal | undefined {
  if (contact.optedOut) return 'CONTACT_OPTED_OUT'
  if (contact.blocked) return 'CONTACT_BLOCKED'
  if (message.body?.$case !== 'template' && !isReplyWindowOpen(contact.lastMessageAt, at))
    return 'OUTSIDE_REPLY_WINDOW'
  return undefined
}
