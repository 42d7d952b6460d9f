import { type ConversationEvent, messageIn, profileIn, readableText } from '@parley/conversation'
import { clocksOf, ofTypes, unreachable } from '@parley/kernel'
import type { EventEnvelope } from '@parley/proto/envelope'
import type { ConversationPlace } from '@parley/people'
import { type AuthorKind, MASK, authorOf } from './message.ts'

/** Who has the conversation, or that nobody has it any more. Times are ISO 8601 UTC, by the log's clock. */
export type Stage =
  | { readonly name: 'with_robot'; readonly since: string }
  | { readonly name: 'waiting'; readonly since: string; readonly queue: string; readonly reason: string }
  | { readonly name: 'offered'; readonly since: string; readonly queue: string; readonly reason: string }
  | { readonly name: 'with_agent'; readonly since: string; readonly isOnHold: boolean }
  | { readonly name: 'parked'; readonly since: string; readonly snoozedUntil: string | null }
  | Ended<'ending'>
  | Ended<'closed'>

interface Ended<Name> {
  readonly name: Name
  readonly since: string
  readonly reason: string
  /** Where it waited when it ended: whoever served the queue had it in sight, and has it still. */
  readonly queue?: string
}

/** As far as it decides who may see it. */
export type Place = Pick<Conversation, 'stage' | 'agentId' | 'lastAgentId' | 'offeredTo'>

/** Where it was, and the version of the stream that changed that. */
export interface PastPlace extends Place {
  readonly until: number
}

/** A conversation as the people who serve customers see it. Its messages are read models of their own. */
export interface Conversation {
  readonly contact: { readonly id: string; readonly name: string; readonly language: string }
  readonly stage: Stage
  /** The queue that it is in or was in last; null: it was never with people. */
  readonly queue: string | null
  /** Whose it is; null: no agent's. */
  readonly agentId: string | null
  /** Whose it is or was last; of one that a supervisor took over, from whom: it stays in sight of who had it and of their team. */
  readonly lastAgentId: string | null
  /** By the supervisor whose it is. */
  readonly isTakenOver: boolean
  /** The supervisor who closed it, or handed it on, over its owner's head; null: its owner did, or nobody. */
  readonly movedBy: string | null
  /** That agent's, as it was when they got it. */
  readonly lastTeam: string | null
  /** The robot's last one; null: it said nothing. */
  readonly flow: string | null
  /** Messages of ours that did not reach the customer, the newest last. */
  readonly failedSends: readonly string[]
  /** Those of which nobody knows. */
  readonly uncertainSends: readonly string[]
  /** To whom it is offered, be it out of a queue or by a transfer. */
  readonly offeredTo: string | null
  /** The customer waits since. */
  readonly waitingSince: string | null
  readonly lastMessage: {
    readonly id: string
    readonly author: AuthorKind
    readonly text: string
    readonly at: string
  } | null
  /** Versions of the stream at which the customer wrote, the newest last: what of it is unread is told by a version. */
  readonly customerWroteAt: readonly number[]
  /** What an agent wrote last: whoever answers has read. */
  readonly answeredAt: number
  /** https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages#customer-service-windows */
  readonly replyWindowEndsAt: string | null
  readonly openedAt: string
  readonly lastActivityAt: string
  readonly closedAt: string | null
  /** Told by whoever closes it, from the first word of the end on. */
  readonly closeReason: string | null
  /** Until then a close may be taken back. */
  readonly closesAt: string | null
  /** The conversation that this one takes up again. */
  readonly continues: string | null
  /** Why people have it, by the rules' word for it. */
  readonly why: string | null
  /** The last ones, the newest last: who loses it is told so, by a reader too that met the document ahead of the log. */
  readonly pasts: readonly PastPlace[]
}

/** What a conversation is folded from. Receipts are many, and say nothing that is shown here: what they prove to be sent is `MessageSent`. */
export const CONVERSATION_TYPES = [
  'ConversationOpened',
  'ContactLanguageChosen',
  'MessageReceived',
  'AppMessageSent',
  'MessageSendRequested',
  'MessageSent',
  'MessageFailed',
  'MessageSendUncertain',
  'MessageEdited',
  'MessageRevoked',
  'MessageReacted',
  'BotTurnCompleted',
  'HandoverRequested',
  'ConversationQueued',
  'ConversationOffered',
  'ConversationOfferEnded',
  'ConversationAssigned',
  'ConversationRequeued',
  'ConversationReturnedToRobot',
  'HoldBegan',
  'HoldEnded',
  'ConversationBegun',
  'ConversationParked',
  'CloseAnnounced',
  'CloseUndone',
  'ConversationEnding',
  'ConversationClosed',
] as const satisfies readonly ConversationEvent['type'][]

export type ConversationFact = Extract<ConversationEvent, { type: (typeof CONVERSATION_TYPES)[number] }> & {
  readonly envelope: EventEnvelope
}

export const isConversationFact = ofTypes(CONVERSATION_TYPES)

/** More than anybody sends again by hand. */
const SENDS_MAX = 50
/** More than a badge shows. */
const UNREAD_MAX = 100
const REPLY_WINDOW_MS = 24 * 60 * 60 * 1_000

const windowEnd = (wroteAt: string): string => new Date(Date.parse(wroteAt) + REPLY_WINDOW_MS).toISOString()

/** More than change within the second or two that a reader may meet a document ahead of the log. */
const PASTS_MAX = 10

/** Pure. Undefined: the event changes nothing of it; so does each event of a conversation that never opened here. */
export function evolve(
  conversation: Conversation | undefined,
  event: ConversationFact,
): Conversation | undefined {
  const next = changed(conversation, event)
  if (next === undefined || conversation === undefined || isSamePlace(conversation, next)) return next
  const { stage, agentId, lastAgentId, offeredTo } = conversation
  const past = { until: event.envelope.streamVersion, stage, agentId, lastAgentId, offeredTo }
  return { ...next, pasts: [...conversation.pasts, past].slice(-PASTS_MAX) }
}

function isSamePlace(one: Place, other: Place): boolean {
  return (
    one.stage.name === other.stage.name &&
    queueIn(one) === queueIn(other) &&
    one.agentId === other.agentId &&
    one.lastAgentId === other.lastAgentId &&
    one.offeredTo === other.offeredTo
  )
}

/** Where it waits, or waited when it ended. */
const queueIn = ({ stage }: Pick<Place, 'stage'>): string | null =>
  'queue' in stage ? (stage.queue ?? null) : null

function changed(conversation: Conversation | undefined, event: ConversationFact): Conversation | undefined {
  const { envelope } = event
  const { occurredAt, recordedAt } = clocksOf(envelope)
  if (event.type === 'ConversationOpened') {
    const { language, lastMessageAt, crossedCount } = event.data
    return {
      contact: named({ id: envelope.streamId, name: '', language }, envelope),
      stage: { name: 'with_robot', since: recordedAt },
      queue: null,
      agentId: null,
      lastAgentId: null,
      lastTeam: null,
      flow: null,
      failedSends: [],
      uncertainSends: [],
      isTakenOver: false,
      movedBy: null,
      offeredTo: null,
      waitingSince: null,
      lastMessage: null,
      // What crossed the end of the one before stands there, and nobody has read it.
      customerWroteAt: Array<number>(Math.min(crossedCount, UNREAD_MAX)).fill(envelope.streamVersion),
      answeredAt: 0,
      replyWindowEndsAt: lastMessageAt === undefined ? null : windowEnd(lastMessageAt),
      openedAt: recordedAt,
      lastActivityAt: recordedAt,
      closedAt: null,
      closeReason: null,
      closesAt: null,
      continues: event.data.continuesConversationId || null,
      why: null,
      pasts: [],
    }
  }
  if (conversation === undefined) return undefined
  const { stage } = conversation
  switch (event.type) {
    case 'ContactLanguageChosen':
      return { ...conversation, contact: { ...conversation.contact, language: event.data.language } }
    case 'MessageReceived': {
      if (event.data.isNote) return undefined
      const endsAt = windowEnd(occurredAt)
      const { replyWindowEndsAt } = conversation
      return {
        ...said(conversation, envelope, event.data.messageId, event.data.perhapsSensitive),
        contact: named(conversation.contact, envelope),
        // Nobody has to answer a survey's answer.
        customerWroteAt: event.data.isSurveyAnswer
          ? conversation.customerWroteAt
          : [...conversation.customerWroteAt, envelope.streamVersion].slice(-UNREAD_MAX),
        replyWindowEndsAt:
          replyWindowEndsAt !== null && replyWindowEndsAt > endsAt ? replyWindowEndsAt : endsAt,
      }
    }
    case 'AppMessageSent':
      return said(conversation, envelope, event.data.messageId)
    case 'MessageSendRequested': {
      const next = said(conversation, envelope, event.data.messageId)
      return event.data.purpose === 'agent_message' ? { ...next, answeredAt: envelope.streamVersion } : next
    }
    case 'MessageSent': {
      const { messageId } = event.data
      const { uncertainSends } = conversation
      if (!uncertainSends.includes(messageId)) return undefined
      return { ...conversation, uncertainSends: uncertainSends.filter((id) => id !== messageId) }
    }
    case 'MessageFailed': {
      const { messageId } = event.data
      const { failedSends, uncertainSends } = conversation
      return {
        ...conversation,
        failedSends: [...failedSends, messageId].slice(-SENDS_MAX),
        uncertainSends: uncertainSends.filter((id) => id !== messageId),
      }
    }
    case 'MessageSendUncertain': {
      const { uncertainSends } = conversation
      return {
        ...conversation,
        uncertainSends: [...uncertainSends, event.data.messageId].slice(-SENDS_MAX),
      }
    }
    case 'MessageEdited': {
      const { lastMessage } = conversation
      const isLast = lastMessage?.id === event.data.targetMessageId && !event.data.isOutdated
      return {
        ...conversation,
        lastActivityAt: recordedAt,
        lastMessage:
          isLast && lastMessage.text !== MASK ? { ...lastMessage, text: textOf(envelope) } : lastMessage,
      }
    }
    case 'MessageRevoked':
      return withoutWords(conversation, [event.data.targetMessageId], '', recordedAt)
    case 'MessageReacted':
      return { ...conversation, lastActivityAt: recordedAt }
    case 'BotTurnCompleted': {
      const { flow, sensitiveMessageIds, partlySensitiveMessageIds } = event.data
      // A list masks what is sensitive in part by its values, as a chat does.
      const whole = sensitiveMessageIds.filter((id) => !partlySensitiveMessageIds.includes(id))
      const masked = withoutWords(conversation, whole, MASK, recordedAt)
      if (flow === '' || flow === conversation.flow) return masked
      return { ...(masked ?? conversation), flow }
    }
    case 'HandoverRequested': {
      const { queue, reason, waitSoFar } = event.data
      const waitingSince = waitSoFar?.since ?? recordedAt
      return {
        ...conversation,
        stage: { name: 'waiting', since: waitingSince, queue, reason },
        queue,
        agentId: null,
        waitingSince,
        why: reason,
      }
    }
    case 'ConversationQueued': {
      const { queue } = event.data
      if (stage.name !== 'waiting' || stage.queue === queue) return undefined
      return { ...conversation, stage: { ...stage, queue }, queue }
    }
    case 'ConversationOffered': {
      const offered = { ...conversation, offeredTo: event.data.agentId }
      if (stage.name !== 'waiting') return offered
      return { ...offered, stage: { ...stage, name: 'offered' } }
    }
    case 'ConversationOfferEnded': {
      const ended = { ...conversation, offeredTo: null }
      return stage.name === 'offered' ? { ...ended, stage: { ...stage, name: 'waiting' } } : ended
    }
    case 'ConversationAssigned': {
      const { agentId, queue, how, team } = event.data
      const isHeldStill = how === 'resumed' && agentId === conversation.agentId
      const isTakenOver = how === 'taken_over' || (isHeldStill && conversation.isTakenOver)
      return {
        ...conversation,
        isTakenOver,
        stage: { name: 'with_agent', since: recordedAt, isOnHold: false },
        queue,
        agentId,
        // Who takes over only helps: it stays the work of whoever had it.
        ...(isTakenOver && conversation.agentId !== null
          ? {}
          : { lastAgentId: agentId, lastTeam: team || null }),
        movedBy: null,
        offeredTo: null,
        waitingSince: null,
        closesAt: null,
        closeReason: null,
      }
    }
    case 'ConversationRequeued': {
      const { queue, reason } = event.data
      const waitingSince = conversation.waitingSince ?? recordedAt
      return {
        ...conversation,
        stage: { name: 'waiting', since: waitingSince, queue, reason },
        queue,
        agentId: null,
        isTakenOver: false,
        movedBy: movedBy(conversation, envelope),
        offeredTo: null,
        waitingSince,
        why: reason,
        closesAt: null,
        closeReason: null,
      }
    }
    case 'ConversationReturnedToRobot':
      return {
        ...conversation,
        stage: { name: 'with_robot', since: recordedAt },
        agentId: null,
        isTakenOver: false,
        movedBy: movedBy(conversation, envelope),
        offeredTo: null,
        waitingSince: null,
        closesAt: null,
        closeReason: null,
      }
    case 'HoldBegan':
    case 'HoldEnded': {
      if (stage.name !== 'with_agent') return undefined
      return { ...conversation, stage: { ...stage, isOnHold: event.type === 'HoldBegan' } }
    }
    case 'ConversationBegun': {
      const { agentId, queue, team } = event.data
      const parked = { name: 'parked', since: recordedAt, snoozedUntil: null } as const
      return {
        ...conversation,
        contact: named(conversation.contact, envelope),
        stage: parked,
        queue,
        agentId,
        lastAgentId: agentId,
        lastTeam: team || null,
      }
    }
    case 'ConversationParked': {
      const snoozedUntil = event.data.snoozedUntil ?? null
      return {
        ...conversation,
        stage: { name: 'parked', since: recordedAt, snoozedUntil },
        offeredTo: null,
        closesAt: null,
        closeReason: null,
      }
    }
    case 'CloseAnnounced':
      return { ...conversation, closesAt: event.data.until ?? null, closeReason: event.data.reason }
    case 'CloseUndone':
      return { ...conversation, closesAt: null, closeReason: null }
    case 'ConversationEnding':
    case 'ConversationClosed': {
      const { reason } = event.data
      const isClosed = event.type === 'ConversationClosed'
      const queue = queueIn(conversation)
      return {
        ...conversation,
        stage: {
          name: isClosed ? 'closed' : 'ending',
          since: recordedAt,
          reason,
          ...(queue !== null && { queue }),
        },
        agentId: null,
        isTakenOver: false,
        movedBy: movedBy(conversation, envelope),
        offeredTo: null,
        waitingSince: null,
        closesAt: null,
        closedAt: isClosed ? recordedAt : null,
        closeReason: reason,
      }
    }
    default:
      return unreachable(event)
  }
}

/** Who has it, as far as it decides who may see it. @param teamOf the team of a person */
export function placeOf(place: Place, teamOf: (personId: string) => string | null): ConversationPlace {
  const { stage, agentId, lastAgentId } = place
  const queue = queueIn(place)
  const lastOwner = lastAgentId === null ? null : { personId: lastAgentId, team: teamOf(lastAgentId) }
  if (agentId !== null) return { held: { by: 'agent', personId: agentId }, lastOwner }
  if (queue !== null) return { held: { by: 'queue', queue }, lastOwner }
  return { held: { by: stage.name === 'with_robot' ? 'robot' : 'nobody' }, lastOwner }
}

function named(contact: Conversation['contact'], { content }: EventEnvelope): Conversation['contact'] {
  const name = profileIn(content)?.name ?? ''
  return name === '' ? contact : { ...contact, name }
}

function said(
  conversation: Conversation,
  envelope: EventEnvelope,
  id: string,
  isMasked = false,
): Conversation {
  const { occurredAt, recordedAt } = clocksOf(envelope)
  const text = isMasked ? MASK : textOf(envelope)
  return {
    ...conversation,
    lastActivityAt: recordedAt,
    lastMessage: { id, author: authorOf(envelope).kind, text, at: occurredAt },
  }
}

function movedBy({ agentId, movedBy: before }: Conversation, envelope: EventEnvelope): string | null {
  // It ended, or went on, over whoever's head that was.
  if (agentId === null) return before
  const by = authorOf(envelope)
  return by.kind === 'agent' && by.id !== agentId ? by.id : null
}

function withoutWords(
  conversation: Conversation,
  messageIds: readonly string[],
  text: string,
  at: string,
): Conversation | undefined {
  const { lastMessage } = conversation
  if (lastMessage === null || !messageIds.includes(lastMessage.id)) return undefined
  return { ...conversation, lastActivityAt: at, lastMessage: { ...lastMessage, text } }
}

/** Of the first line or two: a list shows no more. */
export const PREVIEW_CHARACTERS = 160

function textOf({ content }: EventEnvelope): string {
  const message = messageIn(content)
  return message === undefined ? '' : readableText(message).slice(0, PREVIEW_CHARACTERS)
}
