import {
  type CommandPayload,
  type EventPayload,
  type NewCommand,
  type PayloadOf,
  type RecordedEvent,
  type StreamState,
  type ActorKind,
  decideOn,
  deterministicId,
  emptyStream,
  encodeCommand,
  evolveStream,
  readCommand,
  readEvent,
} from '@parley/kernel'
import {
  BotAction,
  CompleteBotTurn,
  type EndConversation,
  ExpireDeadline,
  FailBotTurn,
  ReceiveMessage,
  RecordDeliveryStatus,
  RecordMessageFailed,
  RecordMessageResent,
  RecordMessageSent,
  RecordMessageUncertain,
  RecordTranscriptLinkIssued,
} from '@parley/proto/commands'
import { conversationDecider } from './decider.ts'
import { type ConversationPolicy, wordingOf } from './policy.ts'
import { type ContactState, openConversationId } from './state.ts'
import { after } from './window.ts'

// For tests and the bench: conversations of one contact, told as customers, robots and the channel would.

export function testPolicy(words = 'Who reads along'): ConversationPolicy {
  const text = { pt: `pt: ${words}`, en: `en: ${words}`, bn: `bn: ${words}` }
  return {
    botTurnTimeoutSeconds: 45,
    silenceTimeoutSeconds: 1800,
    endingTimeoutSeconds: 60,
    defaultQueue: 'general',
    afterUnsentAnswer: 'hand_over',
    notice: { version: wordingOf(words), processors: ['Meta', 'Hosting'], text },
    waitingNotice: { pt: 'pt: wait', en: 'en: wait', bn: 'bn: wait' },
    link: {
      pt: { text: 'pt: record', displayText: 'Abrir' },
      en: { text: 'en: record', displayText: 'Open' },
      bn: { text: 'bn: record', displayText: 'খুলুন' },
    },
  }
}

export const BEGIN = '2026-03-02T12:00:00.000Z'
export const CONTACT = 'a5f1c0de-0000-4000-8000-000000000001'

export interface Wish {
  readonly payload: CommandPayload
  readonly actor?: NewCommand['actor']
  readonly commandId?: string
  /** By the clock of its origin; default: when it is recorded. */
  readonly occurredAt?: string
  readonly correlationId?: string
}

/** One contact's stream. Everything goes over the wire format on its way in and out, as in the log. */
export class Story {
  readonly events: RecordedEvent[] = []
  #decider
  #stream: StreamState<ContactState>
  #at = BEGIN
  #count = 0

  constructor(policy = testPolicy()) {
    this.#decider = conversationDecider(policy)
    this.#stream = emptyStream(this.#decider, CONTACT)
  }

  get state(): ContactState {
    return this.#stream.state
  }

  get at(): string {
    return this.#at
  }

  get conversationId(): string {
    return openConversationId(this.state.conversation)
  }

  under(policy: ConversationPolicy): this {
    this.#decider = conversationDecider(policy)
    return this
  }

  later(seconds: number): this {
    this.#at = after(this.#at, seconds)
    return this
  }

  /** Decides and appends; returns what was stated. */
  when({ payload, actor, commandId, occurredAt, correlationId }: Wish): readonly RecordedEvent[] {
    const command = readCommand(
      encodeCommand({
        commandId: commandId ?? deterministicId('test', this.#count++),
        streamId: CONTACT,
        payload,
        occurredAt: occurredAt ?? this.#at,
        actor: actor ?? { kind: 'channel', id: 'whatsapp' },
        correlationId: correlationId ?? '',
      }),
      this.#at,
    )
    const { events, stream } = decideOn(this.#decider, command, this.#stream)
    const again = decideOn(this.#decider, command, this.#stream)
    if (again.events.some(({ hash }, index) => !hash.equals(events[index]?.hash ?? Buffer.alloc(0))))
      throw new Error('Deciding again gave other bytes.')
    this.#stream = stream
    this.events.push(...events)
    return events
  }

  /** The state that a reader gets who knows nothing but the bytes in the log, by way of a snapshot after `snapshotAt` events. */
  folded(snapshotAt = 0): ContactState {
    let stream = emptyStream(this.#decider, CONTACT)
    for (const [index, { raw }] of this.events.entries()) {
      stream = evolveStream(this.#decider, stream, readEvent(raw))
      if (index + 1 === snapshotAt)
        stream = { ...stream, state: JSON.parse(JSON.stringify(stream.state)) as ContactState }
    }
    return stream.state
  }
}

export function by(kind: ActorKind, id: string = kind): NewCommand['actor'] {
  return { kind, id }
}

let wamids = 0
export function says(
  text: string,
  more: Partial<ReceiveMessage> & { occurredAt?: string; waId?: string } = {},
): Wish {
  const { occurredAt, waId = '5511999990000', ...fields } = more
  const providerMessageId = fields.providerMessageId ?? `wamid.${wamids++}`
  return {
    actor: by('customer'),
    commandId: deterministicId('inbound', 'account', providerMessageId),
    ...(occurredAt === undefined ? {} : { occurredAt }),
    payload: {
      $case: 'receiveMessage',
      value: ReceiveMessage.fromPartial({
        channelAccountId: 'account',
        type: 'text',
        content: {
          message: { body: { $case: 'text', value: { text } } },
          profile: { waId, name: 'Ana' },
        },
        ...fields,
        providerMessageId,
      }),
    },
  }
}

/** What the channel says about the customer. */
export function notes(kind: string, more: Parameters<typeof says>[1] = {}): Wish {
  const message = { body: { $case: 'note', value: { kind, text: kind } } }
  const profile = { waId: '5511999990000', name: 'Ana' }
  return says('', { type: 'system', content: { message, profile } as never, ...more })
}

export function isSent(messageId: string, providerMessageId = `wamid.of.${messageId}`): Wish {
  return {
    commandId: deterministicId('sent', messageId),
    payload: {
      $case: 'recordMessageSent',
      value: RecordMessageSent.fromPartial({ messageId, providerMessageId }),
    },
  }
}

export function isFailed(messageId: string): Wish {
  return {
    commandId: deterministicId('failed', messageId),
    payload: {
      $case: 'recordMessageFailed',
      value: RecordMessageFailed.fromPartial({
        messageId,
        providerCode: 131_026,
        providerTitle: 'Undeliverable',
      }),
    },
  }
}

export function isUncertain(messageId: string): Wish {
  return {
    commandId: deterministicId('uncertain', messageId),
    payload: { $case: 'recordMessageUncertain', value: RecordMessageUncertain.fromPartial({ messageId }) },
  }
}

export function isResent(messageId: string): Wish {
  return {
    commandId: deterministicId('resent', messageId),
    payload: {
      $case: 'recordMessageResent',
      value: RecordMessageResent.fromPartial({ messageId, attempt: 2 }),
    },
  }
}

export function receipt(
  messageId: string,
  status: string,
  providerMessageId = `wamid.of.${messageId}`,
): Wish {
  return {
    payload: {
      $case: 'recordDeliveryStatus',
      value: RecordDeliveryStatus.fromPartial({ messageId, status, providerMessageId }),
    },
  }
}

type Action = NonNullable<BotAction['action']>

export function completes(
  conversationId: string,
  turn: number,
  actions: readonly Action[],
  session = '',
): Wish {
  return {
    actor: by('bot', 'flow'),
    correlationId: conversationId,
    payload: {
      $case: 'completeBotTurn',
      value: CompleteBotTurn.fromPartial({
        turn,
        responder: 'flow',
        flow: 'bank',
        flowVersion: '1',
        actions: actions.map((action) => ({ action })),
        content: { turn: { session } },
      }),
    },
  }
}

export function fails(conversationId: string, turn: number): Wish {
  return {
    actor: by('bot', 'flow'),
    correlationId: conversationId,
    payload: { $case: 'failBotTurn', value: FailBotTurn.fromPartial({ turn, code: 'RESPONDER_DOWN' }) },
  }
}

export function expires(kind: string, reference: string): Wish {
  return {
    actor: by('system', 'deadlines'),
    commandId: deterministicId('deadline', reference, kind),
    payload: { $case: 'expireDeadline', value: ExpireDeadline.fromPartial({ kind, reference }) },
  }
}

export function issuesLink(conversationId: string, forEnding = true): Wish {
  return {
    actor: by('system', 'archive'),
    correlationId: conversationId,
    payload: {
      $case: 'recordTranscriptLinkIssued',
      value: RecordTranscriptLinkIssued.fromPartial({
        conversationId,
        linkId: 'link',
        expiresAt: '2027-01-01T00:00:00.000Z',
        content: { url: 'https://example.test/t/token' },
        forEnding,
      }),
    },
  }
}

export function say(text: string): Action {
  return BotAction.fromPartial({
    action: { $case: 'say', value: { content: { message: { body: { $case: 'text', value: { text } } } } } },
  }).action!
}

export const endWithoutLink: Action = {
  $case: 'end',
  value: { content: undefined } satisfies EndConversation,
}

export const endWithLink: Action = BotAction.fromPartial({
  action: {
    $case: 'end',
    value: {
      content: {
        message: { body: { $case: 'linkButton', value: { text: 'Your record', displayText: 'Open' } } },
      },
    },
  },
}).action!

export const handOver: Action = { $case: 'handOver', value: { queue: 'cards' } }

export function chooses(language: string): Action {
  return { $case: 'chooseLanguage', value: { language } }
}

export function typesOf(events: readonly RecordedEvent[]): readonly EventPayload['$case'][] {
  return events.map(({ envelope }) => envelope.payload.$case)
}

type PayloadCase = EventPayload['$case']
export function payloads<Case extends PayloadCase>(
  events: readonly RecordedEvent[],
  wanted: Case,
): readonly PayloadOf<Case>[] {
  return events
    .map(({ envelope }) => envelope.payload)
    .filter(({ $case }) => $case === wanted)
    .map(({ value }) => value as PayloadOf<Case>)
}

/** Messages that were asked for and that nobody has reported on yet. */
export function queued(story: Story): readonly string[] {
  return story.state.messages.flatMap((message) =>
    message.by === 'us' && message.status === 'queued' ? [message.id] : [],
  )
}

export function sendAll(story: Story): void {
  for (const id of queued(story)) story.when(isSent(id))
}

/** A contact who knows who reads along, and whose first words were answered: the robot listens. */
export function served(story = new Story()): Story {
  story.when(says('oi'))
  sendAll(story)
  story.when(completes(story.conversationId, 1, [say('Olá!')]))
  sendAll(story)
  return story
}
