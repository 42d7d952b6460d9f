import { type CommandData, type ConversationCommand, conversations } from '@parley/conversation'
import { COMMAND, type Refusal, refuse, unreachable } from '@parley/kernel'
import { companyLink } from './company-words.ts'
import { type Decision, sendingRefusal } from './decision.ts'
import { beginEnding } from './ending.ts'
import { type WithPeople, isWithPeople } from './handled.ts'
import type { Parked, WithAgent } from './people-stages.ts'
import { type Contact, type ContactState, openConversationId } from './state.ts'
import { languageOf } from './turns.ts'
import { after } from './window.ts'

const TYPES = [
  'RecordQueued',
  'RecordOffer',
  'RecordOfferEnded',
  'AssignConversation',
  'RequeueConversation',
  'ReturnConversationToRobot',
  'SendAgentMessage',
  'AddNote',
  'HoldConversation',
  'EndHold',
  'ParkConversation',
  'CloseConversation',
  'UndoClose',
] as const

type HandlingCommand = Extract<ConversationCommand, { type: (typeof TYPES)[number] }>

export function isHandling<Wish extends { readonly type: string }>(
  wish: Wish,
): wish is Extract<Wish, { readonly type: HandlingCommand['type'] }> {
  return (TYPES as readonly string[]).includes(wish.type)
}

/** What the pool and people wish of a conversation. The pool says whose it is, the conversation what they may do with it. */
export function handle(decision: Decision, wish: HandlingCommand): Refusal | undefined {
  switch (wish.type) {
    case 'RecordQueued':
      if (heard(decision, wish.data) !== undefined)
        decision.record({ type: 'ConversationQueued', data: wish.data })
      return undefined
    case 'RecordOffer': {
      const { noteMessageId, ...offer } = wish.data
      if (heard(decision, offer) === undefined) return undefined
      if (offer.fromAgentId !== '') note(decision, noteMessageId, offer.fromAgentId)
      decision.record({ type: 'ConversationOffered', data: offer })
      return undefined
    }
    case 'RecordOfferEnded':
      if (heard(decision, wish.data) !== undefined)
        decision.record({ type: 'ConversationOfferEnded', data: wish.data })
      return undefined
    case 'AssignConversation': {
      const conversation = heard(decision, wish.data)
      if (conversation === undefined) return undefined
      const fromAgentId = ownerOf(conversation)
      decision.record({ type: 'ConversationAssigned', data: { ...wish.data, fromAgentId } })
      return undefined
    }
    case 'RequeueConversation': {
      const { noteMessageId, ...data } = wish.data
      if (heard(decision, data) === undefined) return undefined
      if (noteMessageId !== '') note(decision, noteMessageId, data.fromAgentId)
      decision.record({ type: 'ConversationRequeued', data })
      return undefined
    }
    case 'ReturnConversationToRobot': {
      const { noteMessageId, ...data } = wish.data
      if (heard(decision, data) === undefined) return undefined
      note(decision, noteMessageId, data.agentId)
      const silenceDeadlineAt = after(decision.at, decision.policy.silenceTimeoutSeconds)
      decision.record({ type: 'ConversationReturnedToRobot', data: { ...data, silenceDeadlineAt } })
      return undefined
    }
    case 'SendAgentMessage':
      return sendAgentMessage(decision, wish.data)
    case 'AddNote': {
      const { conversationId, agentId, mentionedAgentIds } = wish.data
      if (openConversationId(decision.state.conversation) !== conversationId)
        return refuse('CONVERSATION_NOT_OPEN', { conversationId })
      note(decision, decision.newMessageId(), agentId, mentionedAgentIds)
      return undefined
    }
    case 'HoldConversation':
    case 'EndHold': {
      const { agentId } = wish.data
      const owned = ownedBy(decision, wish.data)
      if ('refused' in owned) return owned
      if (owned.stage === 'parked') return refuse('CONVERSATION_PARKED', { conversationId: owned.id })
      const holds = wish.type === 'HoldConversation'
      if (owned.isOnHold !== holds)
        decision.record({ type: holds ? 'HoldBegan' : 'HoldEnded', data: { agentId } })
      return undefined
    }
    case 'ParkConversation':
      return parkConversation(decision, wish.data)
    case 'CloseConversation':
      return closeConversation(decision, wish.data)
    case 'UndoClose': {
      const owned = ownedBy(decision, wish.data)
      if ('refused' in owned) return owned
      if (owned.closing === null) return refuse('NOT_CLOSING', { conversationId: owned.id })
      decision.record({ type: 'CloseUndone', data: { by: 'agent' } })
      return undefined
    }
    default:
      return unreachable(wish)
  }
}

/**
 * The conversation that the pool speaks of, where that is news. What came late or twice is none. A conversation that people do not
 * have (it ended, or the robot has it) the pool must forget.
 */
function heard(
  decision: Decision,
  { conversationId, revision }: { readonly conversationId: string; readonly revision: number },
): WithPeople | undefined {
  const { conversation } = decision.state
  if (isWithPeople(conversation) && conversation.id === conversationId)
    return revision > conversation.revision ? conversation : undefined
  decision.record({ type: 'PoolContradicted', data: { conversationId, revision } }, [], conversationId)
  return undefined
}

function note(
  decision: Decision,
  messageId: string,
  agentId: string,
  mentionedAgentIds: readonly string[] = [],
): void {
  decision.record(
    { type: 'NoteAdded', data: { messageId, agentId, mentionedAgentIds: [...mentionedAgentIds] } },
    [{ from: COMMAND, name: 'note' }],
  )
}

function ownerOf(conversation: WithPeople): string {
  return conversation.stage === 'with_agent' || conversation.stage === 'parked' ? conversation.agentId : ''
}

/** Only whose it is may do anything with it. */
function ownedBy(
  { state: { conversation } }: Decision,
  { conversationId, agentId }: { readonly conversationId: string; readonly agentId: string },
): Refusal | WithAgent | Parked {
  if (openConversationId(conversation) !== conversationId)
    return refuse('CONVERSATION_NOT_OPEN', { conversationId })
  if (conversation.stage !== 'with_agent' && conversation.stage !== 'parked')
    return refuse('NOT_THE_OWNER', { conversationId, stage: conversation.stage })
  if (conversation.agentId !== agentId)
    return refuse('NOT_THE_OWNER', { conversationId, stage: conversation.stage })
  return conversation
}

function sendAgentMessage(decision: Decision, command: CommandData<'SendAgentMessage'>): Refusal | undefined {
  const { type, replyToProviderMessageId } = command
  const owned = ownedBy(decision, command)
  if ('refused' in owned) return owned
  if (owned.stage === 'parked') return refuse('CONVERSATION_PARKED', { conversationId: owned.id })
  if (type === '') return refuse('MESSAGE_NOT_SENDABLE', { conversationId: owned.id })
  const refusal = sendingRefusal(decision.state, type, decision.at)
  if (refusal !== undefined) return refuse(refusal, { conversationId: owned.id })
  decision.record(
    conversations.event('MessageSendRequested', {
      messageId: decision.newMessageId(),
      channelAccountId: decision.state.contact.channelAccountId,
      purpose: 'agent_message',
      type,
      replyToProviderMessageId,
    }),
    [{ from: COMMAND, name: 'message' }],
  )
  return undefined
}

function parkConversation(decision: Decision, command: CommandData<'ParkConversation'>): Refusal | undefined {
  const { conversationId, agentId, seenMessageId, snoozedUntil } = command
  const owned = ownedBy(decision, command)
  if ('refused' in owned) return owned
  if (owned.stage === 'parked') return refuse('CONVERSATION_PARKED', { conversationId })
  if (wroteSince(decision.state, conversationId, seenMessageId))
    return refuse('CUSTOMER_WROTE', { conversationId })
  decision.record({
    type: 'ConversationParked',
    data: { conversationId, agentId, revision: owned.revision, snoozedUntil },
  })
  return undefined
}

function closeConversation(
  decision: Decision,
  command: CommandData<'CloseConversation'>,
): Refusal | undefined {
  const { conversationId, agentId, reason, seenMessageId, undoSeconds } = command
  const owned = ownedBy(decision, command)
  if ('refused' in owned) return owned
  if (reason === '') return refuse('CLOSE_REASON_MISSING', { conversationId })
  if (wroteSince(decision.state, conversationId, seenMessageId))
    return refuse('CUSTOMER_WROTE', { conversationId })
  if (undoSeconds > 0)
    decision.record({
      type: 'CloseAnnounced',
      data: { agentId, reason, until: after(decision.at, undoSeconds) },
    })
  else endByAgent(decision, agentId, reason)
  return undefined
}

function endByAgent(decision: Decision, agentId: string, reason: string): void {
  const link = companyLink(decision.policy.link[languageOf(decision)])
  const mayGetLink = sendingRefusal(decision.state, link.type, decision.at) === undefined
  beginEnding(decision, reason, mayGetLink ? link : undefined, { kind: 'agent', id: agentId })
}

/** Nobody took it back. */
export function expireClosing(decision: Decision, reference: string): void {
  const { conversation } = decision.state
  if (conversation.stage !== 'with_agent' && conversation.stage !== 'parked') return
  const { closing } = conversation
  if (closing?.reference === reference) endByAgent(decision, closing.agentId, closing.reason)
}

/** Whether the customer wrote behind the last message that the agent had before them. What is too old to be remembered was seen. */
function wroteSince({ messages }: ContactState, conversationId: string, seenMessageId: string): boolean {
  if (seenMessageId === '') return false
  const seen = messages.findLastIndex(({ id }) => id === seenMessageId)
  return messages
    .slice(seen + 1)
    .some((message) => message.by === 'customer' && message.conversationId === conversationId)
}

/** What is parked comes back, and nobody closes over a word that crossed. */
export function customerWrote(decision: Decision): void {
  const { conversation } = decision.state
  if (conversation.stage !== 'with_agent' && conversation.stage !== 'parked') return
  if (conversation.closing !== null) decision.conclude({ type: 'CloseUndone', data: { by: 'customer' } })
  if (conversation.stage !== 'parked' || conversation.isUnparking) return
  const { id: conversationId, revision } = conversation
  decision.conclude({ type: 'UnparkRequested', data: { conversationId, revision } })
}

/** Soon after an agent ended it the customer goes on with that agent. */
export function takenUpAgain({
  state: { contact },
  policy,
  at,
}: Decision): NonNullable<Contact['lastAgent']> | undefined {
  const { lastAgent, optedOut, blocked } = contact
  if (lastAgent === null || lastAgent.endedAt === null || optedOut || blocked) return undefined
  const isSoon = Date.parse(at) <= Date.parse(after(lastAgent.endedAt, policy.reopenSeconds ?? 0))
  return isSoon ? lastAgent : undefined
}
