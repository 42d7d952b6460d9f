import type { ConversationEvent, EventData } from '@parley/conversation'
import { ofTypes, unreachable } from '@parley/kernel'
import type { Offered, Waiting } from './people-stages.ts'
import {
  type ContactState,
  type Conversation,
  type MessageStatus,
  type OurMessage,
  type RememberedMessage,
  isReceipt,
  ourMessage,
  remembering,
  withRobot,
} from './state.ts'
import { customerTime, opensAfter } from './window.ts'

const TYPES = [
  'MessageSendRequested',
  'MessageSent',
  'DeliveryStatusAdvanced',
  'MessageFailed',
  'MessageSendUncertain',
  'MessageResent',
  'MessageDoubled',
] as const

type OurMessagesEvent = Extract<ConversationEvent, { type: (typeof TYPES)[number] }>
type OurMessagesFact = OurMessagesEvent & {
  readonly eventId: string
  readonly occurredAt: string
  readonly recordedAt: string
  readonly correlationId: string
}

export const isOurMessagesFact = ofTypes(TYPES)

/** What is to be sent, and what became of it. */
export function evolveOurMessages(state: ContactState, fact: OurMessagesFact): ContactState {
  switch (fact.type) {
    case 'MessageSendRequested': {
      const { messageId, purpose, wording } = fact.data
      const { contact, conversation } = state
      const isRepeated = purpose === 'bot_answer_again'
      const turn =
        conversation.stage === 'with_robot' && (isRepeated || purpose === 'bot_answer')
          ? conversation.turns
          : 0
      return {
        ...state,
        contact: purpose === 'stop_notice' ? { ...contact, startTold: messageId } : contact,
        conversation: asked(state, fact),
        messages: remembering(isRepeated ? withoutUnsent(state.messages, turn) : state.messages, {
          by: 'us',
          id: messageId,
          providerMessageId: '',
          secondProviderMessageId: '',
          attempts: 1,
          status: 'queued',
          conversationId: fact.correlationId,
          wording,
          turn,
          shownAt: null,
        }),
      }
    }
    case 'MessageSent': {
      const { messageId, providerMessageId } = fact.data
      const shownAt = customerTime(fact.occurredAt, fact.recordedAt)
      return shown(withStatus(state, messageId, 'sent', providerMessageId), messageId, shownAt)
    }
    case 'DeliveryStatusAdvanced': {
      const { messageId, status } = fact.data
      if (!isReceipt(status)) return state
      const ofApp = state.messages.findLastIndex(({ by, id }) => by === 'app' && id === messageId)
      const appMessage = state.messages[ofApp]
      if (appMessage?.by === 'app')
        return { ...state, messages: state.messages.with(ofApp, { ...appMessage, status }) }
      const isFirst = ourMessage(state, messageId)?.status === 'sent'
      const received = arrived(withStatus(state, messageId, status, ''), messageId)
      // The channel's own word, by the clock that customers' messages have: better than when we heard that it was sent.
      return isFirst ? shown(received, messageId, customerTime(fact.occurredAt, fact.recordedAt)) : received
    }
    case 'MessageFailed': {
      const { messageId, providerMessageId } = fact.data
      const { contact } = state
      // The provider took the notice and could not deliver it: it was not shown after all.
      const shownNotice = contact.shownNotice?.messageId === messageId ? null : contact.shownNotice
      const startTold = contact.startTold === messageId ? '' : contact.startTold
      const failed = withStatus(
        { ...state, contact: { ...contact, shownNotice, startTold } },
        messageId,
        'failed',
        providerMessageId,
      )
      return shown(failed, messageId, null)
    }
    case 'MessageSendUncertain':
      return withStatus(state, fact.data.messageId, 'uncertain', '')
    case 'MessageResent': {
      const { messageId, attempt: attempts } = fact.data
      return withOurMessage(state, messageId, (message) => ({ ...message, attempts }))
    }
    case 'MessageDoubled': {
      const { messageId, providerMessageId: secondProviderMessageId } = fact.data
      return withOurMessage(state, messageId, (message) => ({ ...message, secondProviderMessageId }))
    }
    default:
      return unreachable(fact)
  }
}

/** What a request to send means for the conversation that it is a part of. */
function asked(
  state: ContactState,
  fact: {
    readonly eventId: string
    readonly recordedAt: string
    readonly correlationId: string
    readonly data: EventData<'MessageSendRequested'>
  },
): Conversation {
  const { conversation } = state
  const { purpose, messageId, type, wording } = fact.data
  switch (conversation.stage) {
    case 'with_robot': {
      const { robot } = conversation
      if (purpose === 'privacy_notice')
        return { ...conversation, robot: { step: 'awaiting_notice', messageId, wording } }
      if (purpose === 'robot_returns') return { ...conversation, isLeftToApp: false }
      const isRepeated = purpose === 'bot_answer_again'
      if (robot.step !== 'listening' || (purpose !== 'bot_answer' && !isRepeated)) return conversation
      const said = { messageId, type, words: fact.eventId, isRepeated }
      // What is said again takes the place of what did not reach the customer.
      const others = isRepeated
        ? robot.answer.filter((message) => !isUnsent(state, message.messageId))
        : robot.answer
      return { ...conversation, robot: { ...robot, answer: [...others, said] } }
    }
    case 'waiting':
    case 'offered':
      if (purpose === 'still_waiting')
        return { ...conversation, wait: { ...conversation.wait, isTapAnswered: true } }
      return purpose === 'waiting_notice' ? told(conversation, fact.recordedAt) : conversation
    case 'ending':
      if (purpose === 'too_late_notice' && fact.correlationId === conversation.id)
        return { ...conversation, crossed: [] }
      return purpose === 'transcript_link'
        ? { ...conversation, awaits: { what: 'link_sent', messageId } }
        : conversation
    case 'none':
      return purpose === 'too_late_notice' && fact.correlationId === conversation.last?.id
        ? { ...conversation, crossed: [] }
        : conversation
    case 'with_agent':
    case 'parked':
    case 'merged':
      return conversation
    default:
      return unreachable(conversation)
  }
}

function told<Who extends Waiting | Offered>(conversation: Who, at: string): Who {
  const { opensAt } = conversation.wait
  const toldOpensAt = opensAfter(opensAt, at)
  return { ...conversation, wait: { opensAt, toldAt: at, toldOpensAt, isTapAnswered: false } }
}

function isUnsent(state: ContactState, messageId: string): boolean {
  const message = ourMessage(state, messageId)
  return message !== undefined && hasNotReached(message)
}

function hasNotReached({ status }: OurMessage): boolean {
  return status === 'failed' || status === 'uncertain'
}

function shown(state: ContactState, messageId: string, shownAt: string | null): ContactState {
  return withOurMessage(state, messageId, (message) => ({ ...message, shownAt }))
}

/** It needs not be said again: its words may be forgotten. */
function arrived(state: ContactState, messageId: string): ContactState {
  return withRobot(state, (conversation) => {
    const { robot } = conversation
    if (robot.step !== 'listening' || !robot.answer.some((message) => message.messageId === messageId))
      return conversation
    const answer = robot.answer.filter((message) => message.messageId !== messageId)
    return { ...conversation, robot: { ...robot, answer } }
  })
}

/** What is said again takes the place of what did not reach the customer. */
function withoutUnsent(messages: readonly RememberedMessage[], turn: number): readonly RememberedMessage[] {
  return messages.map((message) =>
    message.by === 'us' && message.turn === turn && hasNotReached(message)
      ? { ...message, turn: 0 }
      : message,
  )
}

function withStatus(
  state: ContactState,
  messageId: string,
  status: MessageStatus,
  providerMessageId: string,
): ContactState {
  return withOurMessage(state, messageId, (message) => ({
    ...message,
    status,
    providerMessageId: providerMessageId === '' ? message.providerMessageId : providerMessageId,
  }))
}

function withOurMessage(
  state: ContactState,
  messageId: string,
  change: (message: OurMessage) => OurMessage,
): ContactState {
  const index = state.messages.findLastIndex(({ by, id }) => by === 'us' && id === messageId)
  const message = state.messages[index]
  return message?.by === 'us' ? { ...state, messages: state.messages.with(index, change(message)) } : state
}
