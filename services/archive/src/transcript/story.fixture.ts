import {
  type ConversationEvent,
  type Said,
  contentOf,
  conversations,
  sendableType,
} from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import type { ActorKind, CommonEvent, Words } from '@parley/kernel'
import { AdReferral, type MessageBody } from '@parley/proto/content'
import { Chain, type Sketch } from '@parley/testkit'
import { acceptedOf } from '../record/accepted.ts'
import { type RawEvent, rawRecordOf } from '../record/raw-record.ts'

type Body = NonNullable<MessageBody['body']>

export interface StoryOptions {
  readonly contactId?: string
  readonly conversationId?: string
  readonly language?: string
  /** Before every message id, for stories that share a store. */
  readonly prefix?: string
  /** ISO 8601 UTC of the first event. */
  readonly begins?: string
}

interface Told {
  readonly by?: ActorKind
  /** Default: the kind. */
  readonly id?: string
  readonly occurredAt?: string
  readonly correlationId?: string
  readonly words?: Said
  /** Words of a kind that nobody knows yet. */
  readonly unknownWords?: readonly Words[]
}

/** A contact's stream as routing would write it. */
export class Story {
  readonly contactId: string
  readonly conversationId: string
  readonly language: string
  readonly events: ReadEvent<ConversationEvent>[] = []
  readonly #chain: Chain<ConversationEvent>
  readonly #prefix: string
  #clock: number
  #ours = 0
  #theirs = 0

  constructor(options: StoryOptions = {}) {
    this.contactId = options.contactId ?? '0f5e3b52-7b1c-4d55-9a43-6a3f0c1d2e4f'
    this.conversationId = options.conversationId ?? '3d1b6a0c-52f7-5c1e-8b9a-4f1f7a2b9c10'
    this.language = options.language ?? 'en'
    this.#chain = new Chain(conversations, this.contactId)
    this.#prefix = options.prefix ?? ''
    this.#clock = Date.parse(options.begins ?? '2026-03-02T13:04:05.000Z')
  }

  tell(
    event: Sketch<ConversationEvent | CommonEvent>,
    { by = 'system', id = by, occurredAt, correlationId, words = {}, unknownWords = [] }: Told = {},
  ): this {
    this.#clock += 1_250
    this.events.push(
      this.#chain.add(event, {
        at: new Date(this.#clock).toISOString(),
        occurredAt: occurredAt ?? new Date(this.#clock - 1_000).toISOString(),
        correlationId: correlationId ?? this.conversationId,
        actor: { kind: by, id },
        content: [...contentOf(words), ...unknownWords],
      }),
    )
    return this
  }

  /** The whole id of a message of this story. */
  id(short: string): string {
    return short === '' ? '' : `${this.#prefix}${short}`
  }

  /** Time goes by. */
  pause(seconds: number): this {
    this.#clock += seconds * 1000
    return this
  }

  opened(advertisement = ''): this {
    return this.tell(
      {
        type: 'ConversationOpened',
        data: {
          conversationId: this.conversationId,
          channelAccountId: '106540352242922',
          language: this.language,
        },
      },
      {
        words: {
          referral: advertisement === '' ? undefined : AdReferral.fromPartial({ headline: advertisement }),
        },
      },
    )
  }

  received(
    body: Body,
    options: { id?: string; type?: string; replyTo?: string; occurredAt?: string } = {},
  ): this {
    this.#theirs += 1
    const messageId = this.id(options.id ?? `in-${this.#theirs}`)
    return this.tell(
      {
        type: 'MessageReceived',
        data: {
          messageId,
          providerMessageId: `wamid.${messageId}`,
          type: options.type ?? body.$case,
          replyToProviderMessageId: options.replyTo ?? '',
        },
      },
      {
        by: 'customer',
        words: { messages: [{ body }] },
        ...(options.occurredAt === undefined ? {} : { occurredAt: options.occurredAt }),
      },
    )
  }

  wrote(text: string, options: { id?: string; replyTo?: string; occurredAt?: string } = {}): this {
    return this.received({ $case: 'text', value: { text } }, options)
  }

  sendRequested(
    body: Body,
    options: {
      id?: string
      by?: ActorKind
      agentId?: string
      purpose?: string
      replyTo?: string
      url?: string
    } = {},
  ): this {
    this.#ours += 1
    return this.tell(
      {
        type: 'MessageSendRequested',
        data: {
          messageId: this.id(options.id ?? `out-${this.#ours}`),
          channelAccountId: '106540352242922',
          purpose: options.purpose ?? 'bot_answer',
          type: sendableType({ body }) ?? 'unsupported',
          replyToProviderMessageId: options.replyTo ?? '',
        },
      },
      {
        by: options.by ?? 'bot',
        ...(options.agentId === undefined ? {} : { id: options.agentId }),
        words: { messages: [{ body }], ...(options.url === undefined ? {} : { url: options.url }) },
      },
    )
  }

  sent(short: string, ...further: readonly ('delivered' | 'read' | 'played')[]): this {
    const messageId = this.id(short)
    const providerMessageId = `wamid.${messageId}`
    this.tell({ type: 'MessageSent', data: { messageId, providerMessageId } }, { by: 'channel' })
    for (const status of further)
      this.tell(
        { type: 'DeliveryStatusAdvanced', data: { messageId, providerMessageId, status } },
        { by: 'channel' },
      )
    return this
  }

  edited(short: string, text: string, options: { occurredAt?: string } = {}): this {
    return this.tell(
      { type: 'MessageEdited', data: { ...this.#changed(short, 'edit'), hasMessage: true } },
      { by: 'customer', words: { messages: [{ body: { $case: 'text', value: { text } } }] }, ...options },
    )
  }

  revoked(short: string): this {
    return this.tell({ type: 'MessageRevoked', data: this.#changed(short, 'revoke') }, { by: 'customer' })
  }

  reacted(short: string, emoji: string): this {
    const changed = this.#changed(short, 'reaction')
    const { targetProviderMessageId } = changed
    const body = { $case: 'reaction', value: { targetProviderMessageId, emoji } } as const
    return this.tell(
      { type: 'MessageReacted', data: changed },
      { by: 'customer', words: { messages: [{ body }] } },
    )
  }

  ending(
    text: string,
    displayText: string,
    { reason = 'flow_ended', agentId }: { reason?: string; agentId?: string } = {},
  ): this {
    return this.tell(
      {
        type: 'ConversationEnding',
        data: {
          reason,
          deadlineAt: new Date(this.#clock + 60_000).toISOString(),
          sendsLink: true,
        },
      },
      {
        ...(agentId === undefined ? {} : { by: 'agent', id: agentId }),
        words: { messages: [{ body: { $case: 'linkButton', value: { text, displayText, url: '' } } }] },
      },
    )
  }

  closed(reason = 'flow_ended', agentId?: string): this {
    return this.tell(
      { type: 'ConversationClosed', data: { conversationId: this.conversationId, reason } },
      agentId === undefined ? {} : { by: 'agent', id: agentId },
    )
  }

  handedOver(queue = 'general', reason = 'requested'): this {
    const { conversationId } = this
    return this.tell({ type: 'HandoverRequested', data: { queue, reason } }).tell({
      type: 'ConversationQueued',
      data: { conversationId, queue, position: 1 },
    })
  }

  /** With a note: as routing tells of a transfer. */
  offered(agentId: string, { from = '', text = '' }: { from?: string; text?: string } = {}): this {
    if (from !== '') this.noted(from, text)
    return this.tell({
      type: 'ConversationOffered',
      data: { conversationId: this.conversationId, offerId: `offer-${agentId}`, agentId, fromAgentId: from },
    })
  }

  offerEnded(agentId: string, outcome: string): this {
    return this.tell({
      type: 'ConversationOfferEnded',
      data: { conversationId: this.conversationId, offerId: `offer-${agentId}`, agentId, outcome },
    })
  }

  assigned(agentId: string, fromAgentId = '', queue = 'general'): this {
    return this.tell(
      {
        type: 'ConversationAssigned',
        data: { conversationId: this.conversationId, agentId, how: 'accepted', queue, fromAgentId },
      },
      { by: 'agent', id: agentId },
    )
  }

  requeued(queue: string, fromAgentId = '', reason = 'connection_lost'): this {
    return this.tell({
      type: 'ConversationRequeued',
      data: { conversationId: this.conversationId, queue, reason, fromAgentId },
    })
  }

  noted(agentId: string, text: string): this {
    return this.tell(
      { type: 'NoteAdded', data: { messageId: this.id(`note-${this.events.length}`), agentId } },
      { by: 'agent', id: agentId, words: { note: text } },
    )
  }

  answered(agentId: string, text: string, id?: string): this {
    return this.sendRequested(
      { $case: 'text', value: { text } },
      { by: 'agent', agentId, purpose: 'agent_message', ...(id === undefined ? {} : { id }) },
    )
  }

  refused(commandType: string, code: string): this {
    return this.tell({ type: 'CommandRefused', data: { commandType, code } })
  }

  #changed(short: string, how: string) {
    const targetMessageId = this.id(short)
    return {
      targetMessageId,
      targetProviderMessageId: `wamid.${targetMessageId || 'elsewhere'}`,
      providerMessageId: `wamid.${how}.${this.events.length}`,
    }
  }

  /** As they are archived. */
  raw(): readonly RawEvent[] {
    return acceptedOf(this.events.map(({ record }) => rawRecordOf(record)))
  }
}
