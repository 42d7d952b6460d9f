import {
  type ConversationCommand,
  type ConversationEvent,
  conversations,
  profileIn,
} from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { type Actor, type NewCommand, causedBy, clocksOf, deterministicId, unreachable } from '@parley/kernel'
import { CommandEnvelope } from '@parley/proto/envelope'
import type { Merge } from '../identity/aliases.ts'
import type { OutboxMessage, Suppression } from '../sending/outbox.ts'

/** The customer is to see that we read the message and are writing. */
export interface TypingSign {
  readonly accountId: string
  readonly providerMessageId: string
}

/** What the gateway does about events, beside what it wishes because of them: all of it may be done again after a crash. */
export interface Reactions {
  readonly messages: readonly OutboxMessage[]
  /** Of which the log now says that they were sent or failed. */
  readonly settledMessageIds: readonly string[]
  /** Those that may be sent once more. */
  readonly resentMessageIds: readonly string[]
  /** Those that turned out to have been sent twice. */
  readonly doubledMessageIds: readonly string[]
  /** Who is not to be written to any more: their messages that still wait stay here. */
  readonly suppressions: readonly Suppression[]
  /** Numbers that are another person's now. */
  readonly lostNumbers: readonly LostNumber[]
  readonly merges: readonly Merge[]
  readonly typing: readonly TypingSign[]
}

export interface LostNumber {
  readonly contactId: string
  readonly accountId: string
  readonly waId: string
  /** When the channel saw the number with its next owner. */
  readonly at: Date
}

/** Of the rest the gateway learns by other ways, or has nothing to do with it. */
export const REACTED_TO = [
  'MessageSendRequested',
  'MessageSent',
  'MessageFailed',
  'DeliveryStatusAdvanced',
  'MessageResent',
  'MessageDoubled',
  'ContactOptedOut',
  'ContactBlocked',
  'ContactAbsorbed',
  'ContactMerged',
  'MergeTurnedAround',
  'ContactNumberReleased',
  'CommandRedirected',
  'SurveyAnswerPassedOn',
  'BotTurnRequested',
] as const satisfies readonly ConversationEvent['type'][]

type ReadOf<Type extends ConversationEvent['type']> = ReadEvent<Extract<ConversationEvent, { type: Type }>>
export type ReactedEvent = ReadOf<(typeof REACTED_TO)[number]>

/** Later than that the robot's answer is long there, or will not come. */
const TYPING_AGE_MAX_MS = 30_000

/** Pure: the same events give the same reactions, but for the typing signs, which grow old. */
export function reactionsTo(events: readonly ReactedEvent[], now: number): Reactions {
  const messages: OutboxMessage[] = []
  const settledMessageIds: string[] = []
  const resentMessageIds: string[] = []
  const doubledMessageIds: string[] = []
  const suppressions: Suppression[] = []
  const lostNumbers: LostNumber[] = []
  const merges: Merge[] = []
  const typing: TypingSign[] = []
  for (const event of events) {
    const { streamId, streamVersion, recordedAt } = event.envelope
    const suppress = (reason: Suppression['reason']): void =>
      void suppressions.push({
        contactId: streamId,
        partition: event.record.partition,
        beforeVersion: streamVersion,
        reason,
      })
    switch (event.type) {
      case 'MessageSendRequested':
        messages.push(outboxMessage(event))
        break
      case 'MessageSent':
      case 'MessageFailed':
      case 'DeliveryStatusAdvanced':
        settledMessageIds.push(event.data.messageId)
        break
      case 'MessageResent':
        resentMessageIds.push(event.data.messageId)
        break
      case 'MessageDoubled':
        doubledMessageIds.push(event.data.messageId)
        break
      case 'ContactOptedOut':
        suppress('CONTACT_OPTED_OUT')
        break
      case 'ContactBlocked':
        suppress('CONTACT_BLOCKED')
        break
      // What was forbidden under one name holds under all of them.
      case 'ContactAbsorbed':
        if (event.data.optedOut) suppress('CONTACT_OPTED_OUT')
        else if (event.data.blocked) suppress('CONTACT_BLOCKED')
        break
      case 'ContactMerged':
        merges.push({ from: streamId, into: event.data.intoContactId })
        break
      // Nothing is merged by it.
      case 'SurveyAnswerPassedOn':
      case 'MergeTurnedAround':
        break
      case 'ContactNumberReleased':
        lostNumbers.push(lostNumber(event))
        break
      // An alias that still led to the merged contact brought the wish here: the next one is to go the right way.
      case 'CommandRedirected':
        merges.push({ from: streamId, into: event.data.intoContactId })
        break
      case 'BotTurnRequested': {
        const { channelAccountId: accountId, inputs } = event.data
        const providerMessageId = inputs.at(-1)?.providerMessageId ?? ''
        if (isProviders(providerMessageId) && now - Date.parse(recordedAt ?? '') < TYPING_AGE_MAX_MS)
          typing.push({ accountId, providerMessageId })
        break
      }
      default:
        unreachable(event)
    }
  }
  return {
    messages,
    settledMessageIds,
    resentMessageIds,
    doubledMessageIds,
    suppressions,
    lostNumbers,
    merges,
    typing,
  }
}

/**
 * What the gateway wishes because of an event. A process manager.
 * @throws {UnreadableRecord} for a redirected wish that this version cannot read
 */
export function wishesFor(event: ReactedEvent): readonly NewCommand<ConversationCommand>[] {
  if (event.type === 'ContactMerged') return [absorbCommand(event)]
  if (event.type === 'MergeTurnedAround') return [turnedMergeCommand(event)]
  if (event.type === 'CommandRedirected') return [redirectedCommand(event)]
  if (event.type === 'SurveyAnswerPassedOn') return [judgeCommand(event)]
  // Read here as well: where the number cannot be read the event is poison, and nothing behind it is done.
  if (event.type === 'ContactNumberReleased') lostNumber(event)
  return []
}

function outboxMessage(event: ReadOf<'MessageSendRequested'>): OutboxMessage {
  const { data, envelope, record, traceparent } = event
  return {
    messageId: data.messageId,
    contactId: envelope.streamId,
    accountId: data.channelAccountId,
    partition: record.partition,
    streamVersion: envelope.streamVersion,
    conversationId: envelope.correlationId,
    causationId: envelope.eventId,
    traceparent,
    position: Number(record.offset),
    replyToProviderMessageId: data.replyToProviderMessageId,
    content: envelope.content,
  }
}

function absorbCommand(event: ReadOf<'ContactMerged'>): NewCommand<ConversationCommand> {
  const { data, envelope } = event
  const { intoContactId, optedOut, consentAt, blocked, language, languageChosenAt } = data
  const { peopleQueue, peopleAgentId } = data
  return causedBy(event, 'absorb', {
    ...conversations.command('AbsorbContact', {
      fromContactId: envelope.streamId,
      optedOut,
      consentAt,
      blocked,
      language,
      languageChosenAt,
      peopleQueue,
      peopleAgentId,
    }),
    streamId: intoContactId,
    occurredAt: clocksOf(envelope).occurredAt,
    actor: { kind: 'system', id: 'gateway' },
    content: envelope.content,
  })
}

/** By the customer's clock, as it was tapped: whether it came in time is decided where the survey is. */
function judgeCommand(event: ReadOf<'SurveyAnswerPassedOn'>): NewCommand<ConversationCommand> {
  const { contactId, ...answer } = event.data
  return causedBy(event, 'judge', {
    ...conversations.command('JudgeConversation', answer),
    streamId: contactId,
    occurredAt: clocksOf(event.envelope).occurredAt,
    actor: { kind: 'customer', id: contactId },
  })
}

function turnedMergeCommand(event: ReadOf<'MergeTurnedAround'>): NewCommand<ConversationCommand> {
  const { data, envelope } = event
  return causedBy(event, 'merge', {
    ...conversations.command('MergeContact', { intoContactId: envelope.streamId }),
    streamId: data.fromContactId,
    occurredAt: clocksOf(envelope).occurredAt,
    actor: { kind: 'system', id: 'gateway' },
  })
}

/** @throws {UnreadableRecord} where the number cannot be read: what stands behind it must not be sent to who has it now */
function lostNumber({ envelope }: ReadOf<'ContactNumberReleased'>): LostNumber {
  return {
    contactId: envelope.streamId,
    accountId: envelope.actor?.id ?? '',
    waId: profileIn(envelope.content)?.waId ?? '',
    at: new Date(clocksOf(envelope).occurredAt),
  }
}

/**
 * The same wish, said again to the contact that the first one became: its facts are in the event, its words beside them. Its id derives
 * from the first wish: that one counts, whichever event sent it on.
 */
function redirectedCommand(event: ReadOf<'CommandRedirected'>): NewCommand<ConversationCommand> {
  const { data, envelope, traceparent } = event
  const command = CommandEnvelope.decode(data.command)
  const kind = (command.actor?.kind ?? 'system') as Actor['kind']
  return {
    ...conversations.readCommand(command),
    commandId: deterministicId('redirect', command.commandId),
    streamId: data.intoContactId,
    occurredAt: command.occurredAt ?? '',
    causationId: command.causationId,
    correlationId: command.correlationId,
    actor: { kind, id: kind === 'customer' ? data.intoContactId : (command.actor?.id ?? '') },
    traceparent,
    content: envelope.content,
  }
}

/** Not one that we made up for a message without an id. */
function isProviders(messageId: string): boolean {
  return messageId !== '' && !messageId.startsWith('sha256:')
}
