import {
  type ActorKind,
  type EventPayload,
  type RecordedEvent,
  deterministicId,
  recordedEvent,
  typeName,
} from '@parley/kernel'
import { Content, type MessageBody } from '@parley/proto/content'
import { rawEventOf } from '../record/raw-event.ts'
import type { RawEvent } from '../record/raw-event.ts'

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
  readonly occurredAt?: string
  readonly correlationId?: string
  readonly commandId?: string
}

/** A contact's stream as routing would write it: versions without gaps, each record chained to the one before. For tests. */
export class Story {
  readonly contactId: string
  readonly conversationId: string
  readonly language: string
  readonly events: RecordedEvent[] = []
  readonly #prefix: string
  #clock: number
  #ours = 0
  #theirs = 0

  constructor(options: StoryOptions = {}) {
    this.contactId = options.contactId ?? '0f5e3b52-7b1c-4d55-9a43-6a3f0c1d2e4f'
    this.conversationId = options.conversationId ?? '3d1b6a0c-52f7-5c1e-8b9a-4f1f7a2b9c10'
    this.language = options.language ?? 'en'
    this.#prefix = options.prefix ?? ''
    this.#clock = Date.parse(options.begins ?? '2026-03-02T13:04:05.000Z')
  }

  tell(payload: EventPayload, { by = 'system', occurredAt, correlationId, commandId }: Told = {}): this {
    this.#clock += 1_250
    const version = this.events.length + 1
    const causationId = commandId ?? deterministicId('story', this.contactId, version)
    const recordedAt = new Date(this.#clock).toISOString()
    this.events.push(
      recordedEvent({
        eventId: deterministicId(causationId, version),
        streamId: this.contactId,
        streamVersion: version,
        type: typeName(payload.$case),
        schemaVersion: 1,
        occurredAt: occurredAt ?? new Date(this.#clock - 1_000).toISOString(),
        recordedAt,
        causationId,
        correlationId: correlationId ?? this.conversationId,
        actor: { kind: by, id: by },
        traceparent: '',
        prevHash: this.events.at(-1)?.hash ?? Buffer.alloc(0),
        payload,
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
    return this.tell({
      $case: 'conversationOpened',
      value: {
        conversationId: this.conversationId,
        channelAccountId: '106540352242922',
        language: this.language,
        content: Content.fromPartial(advertisement === '' ? {} : { referral: { headline: advertisement } }),
      },
    })
  }

  received(
    body: Body,
    options: { id?: string; type?: string; replyTo?: string; occurredAt?: string } = {},
  ): this {
    this.#theirs += 1
    const id = this.id(options.id ?? `in-${this.#theirs}`)
    return this.tell(
      {
        $case: 'messageReceived',
        value: {
          messageId: id,
          providerMessageId: `wamid.${id}`,
          type: options.type ?? body.$case,
          replyToProviderMessageId: options.replyTo ?? '',
          forwarded: false,
          frequentlyForwarded: false,
          content: Content.fromPartial({ message: { body } }),
        },
      },
      { by: 'customer', ...(options.occurredAt === undefined ? {} : { occurredAt: options.occurredAt }) },
    )
  }

  wrote(text: string, options: { id?: string; replyTo?: string; occurredAt?: string } = {}): this {
    return this.received({ $case: 'text', value: { text } }, options)
  }

  sendRequested(
    body: Body,
    options: { id?: string; by?: ActorKind; purpose?: string; replyTo?: string } = {},
  ): this {
    this.#ours += 1
    return this.tell(
      {
        $case: 'messageSendRequested',
        value: {
          messageId: this.id(options.id ?? `out-${this.#ours}`),
          channelAccountId: '106540352242922',
          purpose: options.purpose ?? 'bot_answer',
          type: '',
          replyToProviderMessageId: options.replyTo ?? '',
          content: Content.fromPartial({ message: { body } }),
        },
      },
      { by: options.by ?? 'bot' },
    )
  }

  sent(short: string, ...further: readonly ('delivered' | 'read' | 'played')[]): this {
    const messageId = this.id(short)
    const providerMessageId = `wamid.${messageId}`
    this.tell({ $case: 'messageSent', value: { messageId, providerMessageId } }, { by: 'channel' })
    for (const status of further)
      this.tell(
        { $case: 'deliveryStatusAdvanced', value: { messageId, providerMessageId, status } },
        { by: 'channel' },
      )
    return this
  }

  edited(short: string, text: string): this {
    const targetMessageId = this.id(short)
    return this.tell(
      {
        $case: 'messageEdited',
        value: {
          targetMessageId,
          targetProviderMessageId: `wamid.${targetMessageId || 'elsewhere'}`,
          providerMessageId: `wamid.edit.${this.events.length}`,
          content: Content.fromPartial({ message: { body: { $case: 'text', value: { text } } } }),
        },
      },
      { by: 'customer' },
    )
  }

  revoked(short: string): this {
    const targetMessageId = this.id(short)
    return this.tell(
      {
        $case: 'messageRevoked',
        value: {
          targetMessageId,
          targetProviderMessageId: `wamid.${targetMessageId || 'elsewhere'}`,
          providerMessageId: `wamid.revoke.${this.events.length}`,
          content: Content.fromPartial({}),
        },
      },
      { by: 'customer' },
    )
  }

  reacted(short: string, emoji: string): this {
    const targetMessageId = this.id(short)
    const targetProviderMessageId = `wamid.${targetMessageId || 'elsewhere'}`
    return this.tell(
      {
        $case: 'messageReacted',
        value: {
          targetMessageId,
          targetProviderMessageId,
          providerMessageId: `wamid.reaction.${this.events.length}`,
          content: Content.fromPartial({
            message: { body: { $case: 'reaction', value: { targetProviderMessageId, emoji } } },
          }),
        },
      },
      { by: 'customer' },
    )
  }

  ending(text: string, displayText: string): this {
    return this.tell({
      $case: 'conversationEnding',
      value: {
        reason: 'flow_ended',
        deadlineAt: new Date(this.#clock + 60_000).toISOString(),
        content: Content.fromPartial({
          message: { body: { $case: 'linkButton', value: { text, displayText, url: '' } } },
        }),
      },
    })
  }

  closed(reason = 'flow_ended'): this {
    return this.tell({ $case: 'conversationClosed', value: { conversationId: this.conversationId, reason } })
  }

  /** As they would stand in partition 0, from offset 0. */
  raw(): RawEvent[] {
    return this.events.map((event, index) => rawEventOf(event, { partition: 0, offset: BigInt(index) }, true))
  }
}
