import type { ConversationEvent } from '@parley/conversation'
import { unreachable } from '@parley/kernel'
import type { Offered, Parked, WithAgent } from './people-stages.ts'
import type { Contact, ContactState, Conversation, Waiting } from './state.ts'

export type WithPeople = Waiting | Offered | WithAgent | Parked

export function isWithPeople(conversation: Conversation): conversation is WithPeople {
  const { stage } = conversation
  return stage === 'waiting' || stage === 'offered' || stage === 'with_agent' || stage === 'parked'
}

const TYPES = [
  'ConversationQueued',
  'ConversationOffered',
  'ConversationOfferEnded',
  'ConversationAssigned',
  'ConversationRequeued',
  'ConversationReturnedToRobot',
  'NoteAdded',
  'HoldBegan',
  'HoldEnded',
  'ConversationParked',
  'UnparkRequested',
  'CloseAnnounced',
  'CloseUndone',
  'PoolContradicted',
] as const

type HandlingEvent = Extract<ConversationEvent, { type: (typeof TYPES)[number] }>
type HandlingFact = HandlingEvent & { readonly eventId: string; readonly recordedAt: string }

export function isHandlingFact<Fact extends { readonly type: string }>(
  fact: Fact,
): fact is Extract<Fact, { readonly type: HandlingEvent['type'] }> {
  return (TYPES as readonly string[]).includes(fact.type)
}

export function evolveHandling(state: ContactState, fact: HandlingFact): ContactState {
  const { contact, conversation } = state
  if (!isWithPeople(conversation)) return state
  const { id, queue, turns } = conversation
  const to = (next: Conversation, lastAgent: Contact['lastAgent'] = contact.lastAgent): ContactState => ({
    ...state,
    contact: lastAgent === contact.lastAgent ? contact : { ...contact, lastAgent },
    conversation: next,
  })
  switch (fact.type) {
    case 'ConversationQueued':
      return to({ ...conversation, queue: fact.data.queue, revision: fact.data.revision })
    case 'ConversationOffered': {
      const { offerId, agentId, revision, fromAgentId } = fact.data
      // A transfer: it stays whose it is until it is taken.
      if (fromAgentId !== '') return to({ ...conversation, revision })
      return to({
        stage: 'offered',
        id,
        queue,
        turns,
        revision,
        offerId,
        agentId,
        notifiedAt: notifiedAtOf(conversation),
      })
    }
    case 'ConversationOfferEnded': {
      const { revision } = fact.data
      if (conversation.stage !== 'offered') return to({ ...conversation, revision })
      return to({ stage: 'waiting', id, queue, turns, revision, notifiedAt: conversation.notifiedAt })
    }
    case 'ConversationAssigned': {
      const { agentId, revision } = fact.data
      return to(
        {
          stage: 'with_agent',
          id,
          queue: fact.data.queue,
          turns,
          revision,
          agentId,
          isOnHold: false,
          closing: null,
        },
        { agentId, queue: fact.data.queue, conversationId: id, endedAt: null },
      )
    }
    case 'ConversationRequeued': {
      const { revision } = fact.data
      return to({
        stage: 'waiting',
        id,
        queue: fact.data.queue,
        turns,
        revision,
        notifiedAt: notifiedAtOf(conversation),
      })
    }
    case 'ConversationReturnedToRobot':
      return to({
        stage: 'with_robot',
        id,
        robot: { step: 'listening', responder: '', answer: [] },
        inputs: [],
        turns,
        sessionFrom: '',
        silenceReference: fact.eventId,
        revision: fact.data.revision,
        // The customer was talking to a person: before the robot answers, they are told that it does.
        asksSensitive: false,
        isLeftToApp: true,
      })
    case 'HoldBegan':
      return conversation.stage === 'with_agent' ? to({ ...conversation, isOnHold: true }) : state
    case 'HoldEnded':
      return conversation.stage === 'with_agent' ? to({ ...conversation, isOnHold: false }) : state
    case 'ConversationParked': {
      const { revision } = conversation
      const { agentId } = fact.data
      return to({ stage: 'parked', id, queue, turns, revision, agentId, closing: null, isUnparking: false })
    }
    case 'UnparkRequested':
      return conversation.stage === 'parked' ? to({ ...conversation, isUnparking: true }) : state
    case 'CloseAnnounced': {
      if (conversation.stage !== 'with_agent' && conversation.stage !== 'parked') return state
      const { agentId, reason } = fact.data
      return to({ ...conversation, closing: { agentId, reason, reference: fact.eventId } })
    }
    case 'CloseUndone':
      return 'closing' in conversation ? to({ ...conversation, closing: null }) : state
    case 'NoteAdded':
    case 'PoolContradicted':
      return state
    default:
      return unreachable(fact)
  }
}

function notifiedAtOf(conversation: WithPeople): string | null {
  return 'notifiedAt' in conversation ? conversation.notifiedAt : null
}
