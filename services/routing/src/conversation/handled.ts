import type { ConversationEvent, EventData } from '@parley/conversation'
import { ofTypes, unreachable } from '@parley/kernel'
import { type Offered, type Parked, UNTOLD, type Waiting, type WithAgent } from './people-stages.ts'
import { type Contact, type ContactState, type Conversation, LISTENING, remembering } from './state.ts'

export type WithPeople = Waiting | Offered | WithAgent | Parked

export function isWithPeople(conversation: Conversation): conversation is WithPeople {
  const { stage } = conversation
  return stage === 'waiting' || stage === 'offered' || stage === 'with_agent' || stage === 'parked'
}

export function hasAgent({ stage }: Conversation): boolean {
  return stage === 'with_agent' || stage === 'parked'
}

const TYPES = [
  'ConversationBegun',
  'WaitAsked',
  'CallBackChosen',
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
type HandlingFact = HandlingEvent & {
  readonly eventId: string
  readonly recordedAt: string
  readonly correlationId: string
}

export const isHandlingFact = ofTypes(TYPES)

export function evolveHandling(state: ContactState, fact: HandlingFact): ContactState {
  const { contact, conversation } = state
  if (fact.type === 'ConversationBegun') return begun(state, fact.data)
  if (fact.type === 'NoteAdded') {
    const note = {
      by: 'note',
      id: fact.data.messageId,
      providerMessageId: '',
      conversationId: fact.correlationId,
    } as const
    return { ...state, messages: remembering(state.messages, note) }
  }
  if (!isWithPeople(conversation)) return state
  const { id, queue, turns, wait } = conversation
  const to = (next: Conversation, lastAgent: Contact['lastAgent'] = contact.lastAgent): ContactState => ({
    ...state,
    contact: lastAgent === contact.lastAgent ? contact : { ...contact, lastAgent },
    conversation: next,
  })
  switch (fact.type) {
    case 'ConversationQueued':
      return to({
        ...conversation,
        queue: fact.data.queue,
        revision: fact.data.revision,
        wait: { ...wait, opensAt: fact.data.opensAt ?? null },
      })
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
        wait,
        ...waitOf(conversation, fact.recordedAt),
      })
    }
    case 'ConversationOfferEnded': {
      const { revision } = fact.data
      if (conversation.stage !== 'offered') return to({ ...conversation, revision })
      return to({
        stage: 'waiting',
        id,
        queue,
        turns,
        revision,
        wait,
        ...waitOf(conversation, fact.recordedAt),
      })
    }
    case 'ConversationAssigned': {
      const { agentId, revision, closeReasons, asksSurvey } = fact.data
      return to(
        {
          stage: 'with_agent',
          id,
          queue: fact.data.queue,
          turns,
          revision,
          wait,
          agentId,
          isOnHold: false,
          closing: null,
          closeReasons,
          asksSurvey,
        },
        { agentId, queue: fact.data.queue, conversationId: id, endedAt: null },
      )
    }
    case 'ConversationRequeued': {
      const { revision, waitingSince: since = fact.recordedAt, isAtHead } = fact.data
      return to({
        stage: 'waiting',
        id,
        queue: fact.data.queue,
        turns,
        revision,
        wait: { ...wait, opensAt: fact.data.opensAt ?? null },
        ...waitOf(conversation, since),
        since,
        isAtHead,
      })
    }
    case 'ConversationReturnedToRobot':
      return to({
        stage: 'with_robot',
        id,
        robot: LISTENING,
        inputs: [],
        turns,
        answered: turns,
        sessionFrom: '',
        silenceReference: fact.eventId,
        revision: fact.data.revision,
        wait,
        // The customer was talking to a person: before the robot answers, they are told that it does.
        asksSensitive: false,
        isLeftToApp: true,
        goesOnAt: { flow: fact.data.flow, step: fact.data.step },
      })
    case 'HoldBegan':
      return conversation.stage === 'with_agent' ? to({ ...conversation, isOnHold: true }) : state
    case 'HoldEnded':
      return conversation.stage === 'with_agent' ? to({ ...conversation, isOnHold: false }) : state
    case 'ConversationParked': {
      if (conversation.stage !== 'with_agent') return state
      const { isOnHold: _, ...kept } = conversation
      return to({ ...kept, stage: 'parked', closing: null, isUnparking: false })
    }
    case 'UnparkRequested':
      return conversation.stage === 'parked' ? to({ ...conversation, isUnparking: true }) : state
    case 'CloseAnnounced': {
      if (conversation.stage !== 'with_agent' && conversation.stage !== 'parked') return state
      const { agentId, reason, type } = fact.data
      return to({ ...conversation, closing: { agentId, reason, reference: fact.eventId, type } })
    }
    case 'CloseUndone':
      return 'closing' in conversation ? to({ ...conversation, closing: null }) : state
    case 'CallBackChosen':
      return 'callsBack' in conversation ? to({ ...conversation, callsBack: true }) : state
    case 'WaitAsked':
    case 'PoolContradicted':
      return state
    default:
      return unreachable(fact)
  }
}

/** How it waits: what somebody had from now on. */
export function waitOf(conversation: WithPeople, at: string) {
  if (conversation.stage === 'waiting' || conversation.stage === 'offered') {
    const { since, isAtHead, callsBack, isSilent } = conversation
    return { since, isAtHead, callsBack, isSilent }
  }
  const isSilent = conversation.stage === 'parked' && !conversation.isUnparking
  return { since: at, isAtHead: true, callsBack: false, isSilent }
}

function begun(
  state: ContactState,
  { conversationId: id, agentId, queue, revision }: EventData<'ConversationBegun'>,
): ContactState {
  return {
    ...state,
    contact: { ...state.contact, lastAgent: { agentId, queue, conversationId: id, endedAt: null } },
    conversation: {
      stage: 'parked',
      id,
      queue,
      turns: 0,
      revision,
      wait: UNTOLD,
      agentId,
      closing: null,
      closeReasons: [],
      asksSurvey: false,
      isUnparking: false,
    },
  }
}
