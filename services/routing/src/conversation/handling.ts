import { type CommandData, type ConversationCommand, LANGUAGES, conversations } from '@parley/conversation'
import { COMMAND, type Refusal, ofTypes, refuse, unreachable } from '@parley/kernel'
import { companyLink, companyTemplate, companyText, languageOf } from './company-words.ts'
import { type Decision, type Outgoing, sendingRefusal } from './decision.ts'
import { beginEnding } from './ending.ts'
import { type WithPeople, isWithPeople } from './handled.ts'
import type { Parked, WithAgent } from './people-stages.ts'
import { type Contact, type ContactState, openConversationId } from './state.ts'
import { wordingOf } from './policy.ts'
import { letRobotGoOn } from './turns.ts'
import { tellToWait } from './waiting.ts'
import { after } from './window.ts'

const TYPES = [
  'RecordQueued',
  'RecordTakenOn',
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

export const isHandling = ofTypes(TYPES)

/** What the pool and people wish of a conversation. The pool says whose it is, the conversation what they may do with it. */
export function handle(decision: Decision, wish: HandlingCommand): Refusal | undefined {
  switch (wish.type) {
    case 'RecordQueued':
      if (heard(decision, wish.data) === undefined) return undefined
      decision.record({ type: 'ConversationQueued', data: wish.data })
      tellToWait(decision, wish.data)
      return undefined
    case 'RecordTakenOn':
      heard(decision, wish.data)
      return undefined
    case 'RecordOffer': {
      const { noteMessageId, ...offer } = wish.data
      if (heard(decision, offer) === undefined) return undefined
      noteOfTransfer(decision, noteMessageId, offer.fromAgentId)
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
      const { introduces, ...data } = wish.data
      const { lastAgent } = decision.state.contact
      decision.record({
        type: 'ConversationAssigned',
        data: { ...data, fromAgentId: ownerOf(conversation) },
      })
      if ('callsBack' in conversation && conversation.callsBack && callBackByTemplate(decision))
        return undefined
      const isKnown = lastAgent?.agentId === data.agentId && lastAgent.conversationId === conversation.id
      if (introduces && !isKnown) introduce(decision)
      return undefined
    }
    case 'RequeueConversation': {
      const { noteMessageId, ...data } = wish.data
      const conversation = heard(decision, data)
      if (conversation === undefined) return undefined
      if (LEFT.has(data.reason) && carryOutClose(decision, conversation)) return undefined
      noteOfTransfer(decision, noteMessageId, data.fromAgentId)
      decision.record({ type: 'ConversationRequeued', data })
      tellToWait(decision, data)
      return undefined
    }
    case 'ReturnConversationToRobot': {
      const { noteMessageId, ...data } = wish.data
      if (heard(decision, data) === undefined) return undefined
      note(decision, noteMessageId, data.agentId)
      const silenceDeadlineAt = after(decision.at, decision.policy.silenceTimeoutSeconds)
      decision.record({ type: 'ConversationReturnedToRobot', data: { ...data, silenceDeadlineAt } })
      letRobotGoOn(decision)
      return undefined
    }
    case 'SendAgentMessage':
      return sendAgentMessage(decision, wish.data)
    case 'AddNote': {
      const { conversationId, agentId, mentionedAgentIds, isWhisper } = wish.data
      const { conversation } = decision.state
      if (!isWhisper && isRemembered(decision.state, conversationId)) {
        note(decision, decision.newMessageId(), agentId, { mentionedAgentIds, conversationId })
        return undefined
      }
      if (openConversationId(conversation) !== conversationId || !isWhisper)
        return refuse('CONVERSATION_NOT_OPEN', { conversationId })
      const owner = isWithPeople(conversation) ? ownerOf(conversation) : ''
      if (owner === '' || owner === agentId)
        return refuse('NOBODY_TO_WHISPER_TO', { conversationId, stage: conversation.stage })
      note(decision, decision.newMessageId(), agentId, { mentionedAgentIds: [owner], isWhisper: true })
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
      const handled = inPeoplesHands(decision, wish.data)
      if ('refused' in handled) return handled
      const closing = 'closing' in handled ? handled.closing : null
      // A supervisor who closed it may take that back, and so may its owner.
      const may = closing?.agentId === wish.data.agentId ? handled : ownedBy(decision, wish.data)
      if ('refused' in may) return may
      if (closing === null) return refuse('NOT_CLOSING', { conversationId: handled.id })
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

/** Who answers from now on, where the company wants that said. What cannot be sent need not be. */
function introduce(decision: Decision): void {
  const nth = LANGUAGES.indexOf(languageOf(decision.state.contact))
  const words: Outgoing = { type: 'text', content: [{ from: COMMAND, name: 'message', nth }] }
  if (sendingRefusal(decision.state, words.type, decision.at) === undefined)
    decision.send('taken_over', words)
}

/** Whom we promised to write to, and who can no longer be written to freely. @returns whether they were */
function callBackByTemplate(decision: Decision): boolean {
  const { state, at, policy } = decision
  const template = policy.callBackTemplate?.[languageOf(decision.state.contact)]
  if (template === undefined || sendingRefusal(state, 'text', at) !== 'OUTSIDE_REPLY_WINDOW') return false
  return decision.send('call_back', companyTemplate(template)) === 'requested'
}

function note(
  decision: Decision,
  messageId: string,
  agentId: string,
  {
    mentionedAgentIds = [],
    isWhisper = false,
    conversationId,
  }: {
    readonly mentionedAgentIds?: readonly string[]
    readonly isWhisper?: boolean
    /** Default: the open one. */
    readonly conversationId?: string
  } = {},
): void {
  decision.record(
    { type: 'NoteAdded', data: { messageId, agentId, mentionedAgentIds: [...mentionedAgentIds], isWhisper } },
    [{ from: COMMAND, name: 'note' }],
    conversationId,
  )
}

/** It is open, or over for so short a time that the rules still know what was said in it: people note down what they just ended. */
function isRemembered({ conversation, messages }: ContactState, conversationId: string): boolean {
  return (
    openConversationId(conversation) === conversationId ||
    messages.some((message) => message.conversationId === conversationId)
  )
}

/** By whoever hands it over: whose it is, or a supervisor. */
function noteOfTransfer(decision: Decision, messageId: string, ownerId: string): void {
  const { actor } = decision.wish
  if (messageId !== '') note(decision, messageId, actor.kind === 'agent' ? actor.id : ownerId)
}

function ownerOf(conversation: WithPeople): string {
  return conversation.stage === 'with_agent' || conversation.stage === 'parked' ? conversation.agentId : ''
}

/** Somebody's, or about to be. */
function inPeoplesHands(
  { state: { conversation } }: Decision,
  { conversationId }: { readonly conversationId: string },
): Refusal | WithPeople {
  if (openConversationId(conversation) !== conversationId || conversation.stage === 'ending')
    return refuse('CONVERSATION_NOT_OPEN', { conversationId })
  return isWithPeople(conversation)
    ? conversation
    : refuse('NOT_THE_OWNER', { conversationId, stage: conversation.stage })
}

/** Only whose it is may do anything with it. */
function ownedBy(
  decision: Decision,
  wish: { readonly conversationId: string; readonly agentId: string },
): Refusal | WithAgent | Parked {
  const conversation = inPeoplesHands(decision, wish)
  if ('refused' in conversation) return conversation
  if (
    (conversation.stage !== 'with_agent' && conversation.stage !== 'parked') ||
    conversation.agentId !== wish.agentId
  )
    return refuse('NOT_THE_OWNER', { conversationId: conversation.id, stage: conversation.stage })
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
  saidByAgent(decision, type, replyToProviderMessageId)
  return undefined
}

/** The command's message goes out. */
export function saidByAgent(decision: Decision, type: string, replyToProviderMessageId = ''): void {
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
}

function parkConversation(decision: Decision, command: CommandData<'ParkConversation'>): Refusal | undefined {
  const { conversationId, agentId, seenMessageId, snoozedUntil } = command
  const owned = ownedBy(decision, command)
  if ('refused' in owned) return owned
  if (owned.stage === 'parked') return refuse('CONVERSATION_PARKED', { conversationId })
  if (snoozedUntil !== undefined && Date.parse(snoozedUntil) <= Date.parse(decision.at))
    return refuse('SNOOZE_OVER', { conversationId })
  if (wroteSince(decision.state, conversationId, seenMessageId))
    return refuse('CUSTOMER_WROTE', { conversationId })
  decision.record({
    type: 'ConversationParked',
    data: { conversationId, agentId, revision: owned.revision, snoozedUntil },
  })
  return undefined
}

/** By whose it is; by a supervisor, whoever has it and while it waits: then there is nobody's close to take back, and it ends at once. */
function closeConversation(
  decision: Decision,
  command: CommandData<'CloseConversation'>,
): Refusal | undefined {
  const { conversationId, agentId, reason, seenMessageId, undoSeconds, type, bySupervisor } = command
  const handled = bySupervisor ? inPeoplesHands(decision, command) : ownedBy(decision, command)
  if ('refused' in handled) return handled
  if (bySupervisor && ownerOf(handled) !== command.seenOwnerId)
    return refuse('NOT_THE_OWNER', { conversationId, stage: handled.stage })
  if (reason === '') return refuse('CLOSE_REASON_MISSING', { conversationId })
  const { queue } = handled
  const known = 'closeReasons' in handled ? handled.closeReasons : []
  const closeReasons = command.closeReasons.length > 0 ? command.closeReasons : known
  if (closeReasons.length > 0 && !closeReasons.includes(reason))
    return refuse('CLOSE_REASON_UNKNOWN', { conversationId, queue, reasons: closeReasons.join(', ') })
  if (wroteSince(decision.state, conversationId, seenMessageId))
    return refuse('CUSTOMER_WROTE', { conversationId })
  const refusal = type === '' ? undefined : sendingRefusal(decision.state, type, decision.at)
  if (refusal !== undefined) return refuse(refusal, { conversationId })
  const words = type === '' ? [] : [{ from: COMMAND, name: 'message' }]
  if (undoSeconds > 0 && 'closing' in handled)
    decision.record(
      { type: 'CloseAnnounced', data: { agentId, reason, until: after(decision.at, undoSeconds), type } },
      words,
    )
  else endByAgent(decision, handled, { agentId, reason, last: { type, content: words } })
  return undefined
}

function endByAgent(
  decision: Decision,
  handled: WithPeople,
  { agentId, reason, last }: { readonly agentId: string; readonly reason: string; readonly last: Outgoing },
): void {
  const { contact } = decision.state
  const actor = { kind: 'agent', id: agentId } as const
  if (last.type !== '') decision.send('agent_message', last, { actor })
  // The customer judges who served them, whoever closed it.
  if ('asksSurvey' in handled && handled.asksSurvey && !contact.optedOut && !contact.blocked)
    decision.conclude({
      type: 'SurveyDue',
      data: { conversationId: handled.id, agentId: handled.agentId, queue: handled.queue, reason },
    })
  const link = companyLink(decision.policy.link[languageOf(decision.state.contact)])
  const mayGetLink = sendingRefusal(decision.state, link.type, decision.at) === undefined
  beginEnding(decision, reason, mayGetLink ? link : undefined, actor)
}

/** Nobody took it back. */
export function expireClosing(decision: Decision, reference: string): void {
  const { conversation } = decision.state
  if (!isWithPeople(conversation) || !('closing' in conversation)) return
  if (conversation.closing?.reference === reference) carryOutClose(decision, conversation)
}

/**
 * Why the pool takes a conversation from an agent who went. A close that they had announced nobody takes back any more: the customer, who
 * was served, would be told to wait.
 */
const LEFT: ReadonlySet<string> = new Set(['offline', 'signed_out', 'connection_lost'])

/** @returns whether one was announced */
function carryOutClose(decision: Decision, conversation: WithPeople): boolean {
  if (!('closing' in conversation) || conversation.closing === null) return false
  const { agentId, reason, type, reference } = conversation.closing
  const content = type === '' ? [] : [{ from: reference, name: 'message' }]
  endByAgent(decision, conversation, { agentId, reason, last: { type, content } })
  return true
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
  if (isWithPeople(conversation)) showNoticeToo(decision, conversation.id)
  if (conversation.stage !== 'with_agent' && conversation.stage !== 'parked') return
  if (conversation.closing !== null) decision.conclude({ type: 'CloseUndone', data: { by: 'customer' } })
  if (conversation.stage !== 'parked' || conversation.isUnparking) return
  const { id: conversationId, revision } = conversation
  decision.conclude({ type: 'UnparkRequested', data: { conversationId, revision } })
}

/** Whoever comes to people past the robot, or is with them when it changes, is shown who reads along too; once in a conversation. */
function showNoticeToo(decision: Decision, conversationId: string): void {
  const { contact, messages } = decision.state
  const { text, version } = decision.policy.notice
  if (contact.shownNotice?.version === version) return
  const wordings = Object.values(text).map(wordingOf)
  if (
    messages.some(
      (one) => one.by === 'us' && one.conversationId === conversationId && wordings.includes(one.wording),
    )
  )
    return
  const words = text[languageOf(decision.state.contact)]
  const notice = companyText(words)
  if (sendingRefusal(decision.state, notice.type, decision.at) === undefined)
    decision.send('privacy_notice', notice, { wording: wordingOf(words) })
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
