import { type EventPayload, unreachable } from '@parley/kernel'
import type { EventEnvelope } from '@parley/proto/envelope'
import type { ContactProfile, MessageBody } from '@parley/proto/content'
import { isNote, packed } from './body.ts'
import { wordingOf } from './policy.ts'
import {
  ALIASES_MAX,
  type Contact,
  type ContactState,
  type Conversation,
  MESSAGES_MAX,
  type MessageStatus,
  type OurMessage,
  type RememberedMessage,
  type WaitingInput,
  type WithRobot,
  openConversationId,
} from './state.ts'
import { customerTime, later } from './window.ts'

const LISTENING = { step: 'listening', answer: [], again: false } as const

/** An event as far as the rules look at it. */
export type Fact = Pick<EventEnvelope, 'eventId' | 'occurredAt' | 'recordedAt' | 'correlationId'> & {
  readonly payload: EventPayload
}

export function evolve(state: ContactState, fact: Fact): ContactState {
  const { payload } = fact
  switch (payload.$case) {
    case 'contactRegistered': {
      const { channelAccountId, language, content } = payload.value
      const contact = withProfile(state.contact, content?.profile)
      return { ...state, contact: { ...contact, registered: true, channelAccountId, language } }
    }
    case 'contactAliasesAdded':
      return { ...state, contact: withProfile(state.contact, payload.value.content?.profile) }
    case 'contactMerged':
      return { ...state, conversation: { stage: 'merged', into: payload.value.intoContactId } }
    case 'contactAbsorbed': {
      const { fromContactId, optedOut, blocked, content } = payload.value
      const contact = withProfile(state.contact, content?.profile)
      return {
        ...state,
        contact: {
          ...contact,
          optedOut: contact.optedOut || optedOut,
          blocked: contact.blocked || blocked,
          absorbed: withAlias(contact.absorbed, fromContactId),
        },
      }
    }
    case 'contactLanguageChosen':
      return { ...state, contact: { ...state.contact, language: payload.value.language } }
    case 'contactOptedOut':
      return { ...state, contact: { ...state.contact, optedOut: true } }
    case 'contactOptedIn':
      return { ...state, contact: { ...state.contact, optedOut: false } }
    case 'contactBlocked':
      return { ...state, contact: { ...state.contact, blocked: true } }
    case 'contactUnblocked':
      return { ...state, contact: { ...state.contact, blocked: false } }

    case 'conversationOpened':
      return {
        ...state,
        conversation: {
          stage: 'with_robot',
          id: payload.value.conversationId,
          robot: LISTENING,
          inputs: [],
          turns: 0,
          session: '',
          silenceReference: fact.eventId,
        },
      }
    case 'messageReceived': {
      const { messageId, providerMessageId, content } = payload.value
      const messages = remembering(state.messages, {
        by: 'customer',
        id: messageId,
        providerMessageId,
        conversationId: fact.correlationId,
      })
      if (isNote(content?.message)) return { ...state, messages }
      const at = customerTime(fact.occurredAt, fact.recordedAt ?? '')
      const { contact, conversation } = state
      return {
        contact: { ...contact, lastMessageAt: later(contact.lastMessageAt, at) },
        conversation: heard(conversation, contact, fact.eventId, () => ({
          messageId,
          providerMessageId,
          body: packedOrEmpty(content?.message),
        })),
        messages,
      }
    }
    case 'messageEdited': {
      const { targetProviderMessageId, content } = payload.value
      const body = packedOrEmpty(content?.message)
      if (body === '') return state
      return withInputs(state, (inputs) =>
        inputs.map((input) =>
          input.providerMessageId === targetProviderMessageId ? { ...input, body } : input,
        ),
      )
    }
    case 'messageRevoked': {
      const { targetProviderMessageId } = payload.value
      return withInputs(state, (inputs) =>
        inputs.filter(({ providerMessageId }) => providerMessageId !== targetProviderMessageId),
      )
    }

    case 'messageSendRequested': {
      const { messageId, purpose, content } = payload.value
      const wording = purpose === 'privacy_notice' ? wordingOf(textOf(content?.message)) : ''
      return {
        ...state,
        conversation: asked(state.conversation, purpose, messageId, wording, fact.recordedAt ?? ''),
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
    case 'messageSent': {
      const { messageId, providerMessageId } = payload.value
      return withStatus(state, messageId, 'sent', providerMessageId)
    }
    case 'deliveryStatusAdvanced': {
      const { messageId, status } = payload.value
      return isReceipt(status) ? withStatus(state, messageId, status, '') : state
    }
    case 'messageFailed': {
      const { messageId, providerMessageId } = payload.value
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
    case 'messageSendUncertain':
      return withStatus(state, payload.value.messageId, 'uncertain', '')
    case 'messageResent':
      return withOurMessage(state, payload.value.messageId, (message) => ({ ...message, attempts: 2 }))
    case 'messageDoubled': {
      const { messageId, providerMessageId } = payload.value
      return withOurMessage(state, messageId, (message) => ({
        ...message,
        secondProviderMessageId: providerMessageId,
      }))
    }
    case 'privacyNoticeShown': {
      const { noticeVersion, messageId } = payload.value
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

    case 'botTurnRequested': {
      const { turn, again } = payload.value
      return withRobot(state, (conversation) => ({
        ...conversation,
        robot: { step: 'answering', turn, requestId: fact.eventId, again },
        inputs: [],
        turns: turn,
      }))
    }
    case 'botTurnCompleted': {
      const session = payload.value.content?.turn?.session ?? ''
      return withRobot(state, (conversation) => ({
        ...conversation,
        robot: {
          ...LISTENING,
          again: conversation.robot.step === 'answering' && conversation.robot.again,
        },
        session,
        silenceReference: fact.eventId,
      }))
    }
    case 'botTurnFailed':
      return withRobot(state, (conversation) => ({ ...conversation, robot: LISTENING }))
    case 'handoverRequested': {
      const { queue } = payload.value
      return withRobot(state, ({ id }) => ({ stage: 'waiting', id, queue, notifiedAt: null }))
    }
    case 'conversationEnding': {
      const { reason, content } = payload.value
      const { conversation } = state
      if (conversation.stage !== 'with_robot') return state
      const body = packedOrEmpty(content?.message)
      return {
        ...state,
        conversation: {
          stage: 'ending',
          id: conversation.id,
          reason,
          reference: fact.eventId,
          awaits: body === '' ? { what: 'messages_sent' } : { what: 'link', body },
        },
      }
    }
    case 'conversationClosed':
      return openConversationId(state.conversation) === payload.value.conversationId &&
        state.conversation.stage !== 'merged'
        ? { ...state, conversation: { stage: 'none' } }
        : state

    case 'marketingPreferenceChanged':
    case 'commandRedirected':
    case 'messageReacted':
    case 'transcriptLinkIssued':
    case 'transcriptLinkRevoked':
    case 'transcriptViewed':
    case 'commandRefused':
      return state
    default:
      return unreachable(payload)
  }
}

/** Whom nothing may be sent has no input for the robot either: it is on record, and that is all. */
function heard(
  conversation: Conversation,
  contact: Contact,
  eventId: string,
  input: () => WaitingInput,
): Conversation {
  if (conversation.stage !== 'with_robot') return conversation
  const inputs = contact.optedOut || contact.blocked ? conversation.inputs : [...conversation.inputs, input()]
  return { ...conversation, inputs, silenceReference: eventId }
}

/** What a request to send means for the conversation that it is a part of. */
function asked(
  conversation: Conversation,
  purpose: string,
  messageId: string,
  wording: string,
  at: string,
): Conversation {
  switch (conversation.stage) {
    case 'with_robot':
      if (purpose === 'privacy_notice')
        return { ...conversation, robot: { step: 'awaiting_notice', messageId, wording } }
      return purpose === 'bot_answer' && conversation.robot.step === 'listening'
        ? {
            ...conversation,
            robot: { ...conversation.robot, answer: [...conversation.robot.answer, messageId] },
          }
        : conversation
    case 'waiting':
      return purpose === 'waiting_notice' ? { ...conversation, notifiedAt: at } : conversation
    case 'ending':
      return purpose === 'transcript_link'
        ? { ...conversation, awaits: { what: 'link_sent', messageId } }
        : conversation
    case 'none':
    case 'merged':
      return conversation
    default:
      return unreachable(conversation)
  }
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
  if (message?.by !== 'us') return state
  return { ...state, messages: state.messages.with(index, change(message)) }
}

function isReceipt(status: string): status is 'delivered' | 'read' | 'played' {
  return status === 'delivered' || status === 'read' || status === 'played'
}

function withProfile(contact: Contact, profile: ContactProfile | undefined): Contact {
  if (profile === undefined) return contact
  return {
    ...contact,
    waIds: withAlias(contact.waIds, profile.waId),
    userIds: withAlias(contact.userIds, profile.userId),
    parentUserIds: withAlias(contact.parentUserIds, profile.parentUserId),
    name: profile.name === '' ? contact.name : profile.name,
    username: profile.username === '' ? contact.username : profile.username,
  }
}

function withAlias(known: readonly string[], alias: string): readonly string[] {
  return alias === '' || known.includes(alias) ? known : [...known, alias].slice(-ALIASES_MAX)
}

function packedOrEmpty(message: MessageBody | undefined): string {
  return message === undefined ? '' : packed(message)
}

function textOf(message: MessageBody | undefined): string {
  return message?.body?.$case === 'text' ? message.body.value.text : ''
}
