import type { ConversationEvent, EventData } from '@parley/conversation'
import { unreachable } from '@parley/kernel'
import { evolveHandling, isHandlingFact, isWithPeople } from './handled.ts'
import {
  ALIASES_MAX,
  type Contact,
  type ContactState,
  type Conversation,
  type Listening,
  MESSAGES_MAX,
  type MessageStatus,
  type OurMessage,
  type RememberedMessage,
  type WaitingInput,
  type WithRobot,
  openConversationId,
  ourMessage,
} from './state.ts'
import { customerTime, later } from './window.ts'

/** An event as far as these rules look at it. */
export type ConversationFact = ConversationEvent & {
  readonly eventId: string
  readonly occurredAt: string
  readonly recordedAt: string
  readonly correlationId: string
}

const LISTENING: Listening = { step: 'listening', responder: '', answer: [] }

export function evolve(state: ContactState, fact: ConversationFact): ContactState {
  if (isHandlingFact(fact)) return evolveHandling(state, fact)
  switch (fact.type) {
    case 'ContactRegistered': {
      const { channelAccountId, language, profileDigest } = fact.data
      const contact = withProfile(state.contact, profileDigest, fact.eventId)
      return { ...state, contact: { ...contact, registered: true, channelAccountId, language } }
    }
    case 'ContactAliasesAdded':
      return { ...state, contact: withProfile(state.contact, fact.data.profileDigest, fact.eventId) }
    // The names that were known had the number among them: should it come back, that is news.
    case 'ContactNumberReleased':
      return { ...state, contact: { ...state.contact, profileDigests: [] } }
    case 'ContactMerged':
      return { ...state, conversation: { stage: 'merged', into: fact.data.intoContactId } }
    case 'ContactAbsorbed': {
      const { fromContactId, optedOut, blocked } = fact.data
      const { contact } = state
      return {
        ...state,
        contact: {
          ...contact,
          profileFrom: contact.profileFrom || fact.eventId,
          optedOut: contact.optedOut || optedOut,
          blocked: contact.blocked || blocked,
          absorbed: withNewest(contact.absorbed, fromContactId),
        },
      }
    }
    case 'ContactLanguageChosen':
      return { ...state, contact: { ...state.contact, language: fact.data.language } }
    case 'ContactOptedOut':
      return { ...state, contact: { ...state.contact, optedOut: true } }
    case 'ContactOptedIn':
      return { ...state, contact: { ...state.contact, optedOut: false } }
    case 'ContactBlocked':
      return { ...state, contact: { ...state.contact, blocked: true } }
    case 'ContactUnblocked':
      return { ...state, contact: { ...state.contact, blocked: false } }

    case 'ConversationOpened':
      return {
        ...state,
        conversation: {
          stage: 'with_robot',
          id: fact.data.conversationId,
          robot: LISTENING,
          inputs: [],
          turns: 0,
          sessionFrom: '',
          silenceReference: fact.eventId,
          revision: 0,
        },
      }
    case 'MessageReceived': {
      const { messageId, providerMessageId, isNote, characters } = fact.data
      const messages = remembering(state.messages, {
        by: 'customer',
        id: messageId,
        providerMessageId,
        conversationId: fact.correlationId,
      })
      if (isNote) return { ...state, messages }
      const at = customerTime(fact.occurredAt, fact.recordedAt)
      const { contact, conversation } = state
      return {
        contact: { ...contact, lastMessageAt: later(contact.lastMessageAt, at) },
        conversation: heard(conversation, contact, fact.eventId, {
          messageId,
          providerMessageId,
          characters,
        }),
        messages,
      }
    }
    case 'MessageEdited': {
      const { targetProviderMessageId, hasMessage, characters } = fact.data
      if (!hasMessage) return state
      const { eventId: words } = fact
      return withInputs(state, (inputs) =>
        inputs.map((input) =>
          input.providerMessageId === targetProviderMessageId ? { ...input, words, characters } : input,
        ),
      )
    }
    case 'MessageRevoked': {
      const { targetProviderMessageId } = fact.data
      return withInputs(state, (inputs) =>
        inputs.filter(({ providerMessageId }) => providerMessageId !== targetProviderMessageId),
      )
    }

    case 'MessageSendRequested': {
      const { messageId, wording } = fact.data
      return {
        ...state,
        conversation: asked(state, fact),
        messages: remembering(state.messages, {
          by: 'us',
          id: messageId,
          providerMessageId: '',
          secondProviderMessageId: '',
          attempts: 1,
          status: 'queued',
          conversationId: fact.correlationId,
          wording,
        }),
      }
    }
    case 'MessageSent': {
      const { messageId, providerMessageId } = fact.data
      return withStatus(state, messageId, 'sent', providerMessageId)
    }
    case 'DeliveryStatusAdvanced': {
      const { messageId, status } = fact.data
      return isReceipt(status) ? arrived(withStatus(state, messageId, status, ''), messageId) : state
    }
    case 'MessageFailed': {
      const { messageId, providerMessageId } = fact.data
      const { contact } = state
      // The provider took the notice and could not deliver it: it was not shown after all.
      const shownNotice = contact.shownNotice?.messageId === messageId ? null : contact.shownNotice
      return withStatus(
        { ...state, contact: { ...contact, shownNotice } },
        messageId,
        'failed',
        providerMessageId,
      )
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
    case 'PrivacyNoticeShown': {
      const { noticeVersion, messageId } = fact.data
      const { contact, conversation } = state
      return {
        ...state,
        contact: { ...contact, shownNotice: { version: noticeVersion, messageId } },
        conversation:
          conversation.stage === 'with_robot' && conversation.robot.step === 'awaiting_notice'
            ? { ...conversation, robot: LISTENING }
            : conversation,
      }
    }

    case 'BotTurnRequested': {
      const { turn } = fact.data
      return withRobot(state, (conversation) => ({
        ...conversation,
        robot: { step: 'answering', turn, requestId: fact.eventId },
        inputs: [],
        turns: turn,
      }))
    }
    case 'BotTurnCompleted': {
      const { responder } = fact.data
      return withRobot(state, (conversation) => ({
        ...conversation,
        robot: { ...LISTENING, responder },
        sessionFrom: fact.eventId,
        silenceReference: fact.eventId,
      }))
    }
    case 'BotTurnFailed':
      return withRobot(state, (conversation) => ({ ...conversation, robot: LISTENING }))
    case 'HandoverRequested': {
      const { queue, revision } = fact.data
      return withRobot(state, ({ id, turns }) => ({
        stage: 'waiting',
        id,
        queue,
        notifiedAt: null,
        revision,
        turns,
      }))
    }
    case 'ConversationEnding': {
      const { reason, sendsLink, revision } = fact.data
      const { conversation } = state
      if (conversation.stage !== 'with_robot' && !isWithPeople(conversation)) return state
      return {
        ...state,
        conversation: {
          stage: 'ending',
          id: conversation.id,
          reason,
          reference: fact.eventId,
          awaits: sendsLink ? { what: 'link', words: fact.eventId } : { what: 'messages_sent' },
          revision,
          isAgents: conversation.stage === 'with_agent' || conversation.stage === 'parked',
        },
      }
    }
    case 'ConversationClosed': {
      const { contact, conversation } = state
      if (openConversationId(conversation) !== fact.data.conversationId || conversation.stage === 'merged')
        return state
      return {
        ...state,
        contact: { ...contact, lastAgent: endedBy(contact, conversation, fact) },
        conversation: { stage: 'none' },
      }
    }

    case 'MarketingPreferenceChanged':
    case 'CommandRedirected':
    case 'MessageReacted':
    case 'TranscriptLinkIssued':
    case 'TranscriptLinkRevoked':
    case 'TranscriptViewed':
      return state
    default:
      return unreachable(fact)
  }
}

/** What the customer, the company or the contact's other name ended is not taken up again. */
function endedBy(
  { lastAgent }: Contact,
  conversation: Conversation,
  { data, recordedAt }: { readonly data: EventData<'ConversationClosed'>; readonly recordedAt: string },
): Contact['lastAgent'] {
  if (lastAgent?.conversationId !== data.conversationId) return lastAgent
  if (['opted_out', 'blocked', 'merged'].includes(data.reason)) return lastAgent
  const { stage } = conversation
  const isAgents =
    stage === 'with_agent' || stage === 'parked' || (stage === 'ending' && conversation.isAgents)
  return isAgents ? { ...lastAgent, endedAt: recordedAt } : lastAgent
}

/** Whom nothing may be sent has no input for the robot either: it is on record, and that is all. */
function heard(
  conversation: Conversation,
  contact: Contact,
  eventId: string,
  input: Omit<WaitingInput, 'words'>,
): Conversation {
  if (conversation.stage !== 'with_robot') return conversation
  const inputs =
    contact.optedOut || contact.blocked
      ? conversation.inputs
      : [...conversation.inputs, { ...input, words: eventId }]
  return { ...conversation, inputs, silenceReference: eventId }
}

/** What a request to send means for the conversation that it is a part of. */
function asked(
  state: ContactState,
  fact: {
    readonly eventId: string
    readonly recordedAt: string
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
      return purpose === 'waiting_notice' ? { ...conversation, notifiedAt: fact.recordedAt } : conversation
    case 'ending':
      return purpose === 'transcript_link'
        ? { ...conversation, awaits: { what: 'link_sent', messageId } }
        : conversation
    case 'offered':
    case 'with_agent':
    case 'parked':
    case 'none':
    case 'merged':
      return conversation
    default:
      return unreachable(conversation)
  }
}

function isUnsent(state: ContactState, messageId: string): boolean {
  const status = ourMessage(state, messageId)?.status
  return status === 'failed' || status === 'uncertain'
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

function withRobot(state: ContactState, change: (conversation: WithRobot) => Conversation): ContactState {
  const { conversation } = state
  return conversation.stage === 'with_robot' ? { ...state, conversation: change(conversation) } : state
}

function withInputs(
  state: ContactState,
  change: (inputs: readonly WaitingInput[]) => readonly WaitingInput[],
): ContactState {
  return withRobot(state, (conversation) =>
    conversation.inputs.length === 0
      ? conversation
      : { ...conversation, inputs: change(conversation.inputs) },
  )
}

function remembering(
  messages: readonly RememberedMessage[],
  message: RememberedMessage,
): readonly RememberedMessage[] {
  const kept = messages.length < MESSAGES_MAX ? messages : messages.slice(messages.length - MESSAGES_MAX + 1)
  return [...kept, message]
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

function isReceipt(status: string): status is 'delivered' | 'read' | 'played' {
  return status === 'delivered' || status === 'read' || status === 'played'
}

function withProfile(contact: Contact, digest: string, eventId: string): Contact {
  if (digest === '') return contact
  return {
    ...contact,
    profileDigests: withNewest(contact.profileDigests, digest),
    profileFrom: eventId,
  }
}

function withNewest(known: readonly string[], one: string): readonly string[] {
  return known.includes(one) ? known : [...known, one].slice(-ALIASES_MAX)
}
