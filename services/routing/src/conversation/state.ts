import type { KeptReference } from '@parley/kernel'
import type { Offered, Parked, Wait, Waiting, WithAgent } from './people-stages.ts'
import type { AskedSurvey, Survey } from './survey-stages.ts'

/**
 * What the rules remember of one contact. Plain JSON, immutable and bounded: it is kept as a snapshot,
 * and `snapshot + tail` must equal the full fold. It holds no words: where later decisions pass words on, it names the event that
 * has them (`keeps` lists these events).
 */
export interface ContactState {
  readonly contact: Contact
  readonly conversation: Conversation
  /** The last messages of both sides, oldest first: for receipts, edits and repeats that come late. */
  readonly messages: readonly RememberedMessage[]
  /** What customers changed of messages that did not come in yet, oldest first: the channel keeps no order. See `withEarlyChange`. */
  readonly earlyChanges: readonly EarlyChange[]
  /** The last views of transcripts, oldest first: see `viewed`. */
  readonly views: readonly string[]
}

export interface Contact {
  /** False until ContactRegistered: some facts (an opt-out that was absorbed) may come before. */
  readonly registered: boolean
  readonly channelAccountId: string
  readonly language: string
  /** By the log's clock; null while the customer chose none. */
  readonly languageChosenAt: string | null
  /** Of the sets of names that the contact was seen under: one that is known is no news. */
  readonly profileDigests: readonly string[]
  /** The event whose `profile` has the newest names; empty when none is known. */
  readonly profileFrom: string
  readonly optedOut: boolean
  /** When the customer said what `optedOut` is, by their clock; null: never, or before that was kept. */
  readonly consentAt: string | null
  readonly blocked: boolean
  /** Since the last stop: the message that told how to begin again, or the contact that was told; empty: nobody was told. */
  readonly startTold: string
  /** The privacy notice that reached them last. */
  readonly shownNotice: { readonly version: string; readonly messageId: string } | null
  /** By the customer's clock, never in the future: the reply window counts from here. */
  readonly lastMessageAt: string | null
  /** Contacts that proved to be this one. */
  readonly absorbed: readonly string[]
  /** The agent who had this customer last; `endedAt` when they were the ones who ended it. */
  readonly lastAgent: {
    readonly agentId: string
    readonly queue: string
    readonly conversationId: string
    readonly endedAt: string | null
  } | null
  /** Somebody writes to the customer in the WhatsApp Business app: until then the robot does not. `reference` is the event that said so. */
  readonly robotSilence: { readonly until: string; readonly reference: string } | null
  /** Of the last conversation that an agent ended in a queue that asks; null: none yet. */
  readonly survey: Survey | null
  /** The last that waited for a score under a name that became this one, which alone counts it; null: none. */
  readonly surveyElsewhere: AskedSurvey | null
}

export type Conversation =
  | NoConversation
  | WithRobot
  | Waiting
  | Offered
  | WithAgent
  | Parked
  | Ending
  | Merged

export interface NoConversation {
  readonly stage: 'none'
  /** The one that was closed last. */
  readonly last: { readonly id: string; readonly closedAt: string } | null
  /** What crossed its end: the first words of the one that opens with it. */
  readonly crossed: readonly WaitingInput[]
}

export interface WithRobot {
  readonly stage: 'with_robot'
  readonly id: string
  readonly robot: Robot
  /** What the customer said that no turn has been given yet. */
  readonly inputs: readonly WaitingInput[]
  /** How many turns were requested. */
  readonly turns: number
  /** The last of them that was answered: one that was taken back said nothing. */
  readonly answered: number
  /** The event whose `session` is what the responder keeps between turns; empty before its first answer. */
  readonly sessionFrom: string
  /** The event that set the silence deadline last: only that deadline still counts. */
  readonly silenceReference: string
  /** What was heard of the pool; 0: it was never with people. */
  readonly revision: number
  /** What they were told while they waited for people before. */
  readonly wait: Wait
  /** Somebody wrote in the app since the robot did: before it answers again, the customer is told that it does. */
  readonly isLeftToApp: boolean
  /** The question that waits is one whose answers are masked. */
  readonly asksSensitive: boolean
  /** An agent gave it back at this point: the robot's next turn begins there, whether or not the customer writes. */
  readonly goesOnAt: { readonly flow: string; readonly step: string } | null
}

export type Robot =
  | Listening
  | { readonly step: 'awaiting_notice'; readonly messageId: string; readonly wording: string }
  | {
      readonly step: 'answering'
      readonly turn: number
      readonly requestId: string
      /** What it was given: all of it waits again where the turn is taken back. */
      readonly inputs: readonly WaitingInput[]
      /** Where an agent told it to go on, and where it goes on still when the turn is taken back. */
      readonly goesOnAt: WithRobot['goesOnAt']
      /** It may be done outside already what cannot be taken back. */
      readonly mayAct: boolean
    }

export interface Listening {
  readonly step: 'listening'
  /** Who said the answer; empty while there is none. */
  readonly responder: string
  /** The messages of the answer that the customer is to react to, without those that arrived. */
  readonly answer: readonly AnswerMessage[]
  /** Something irreversible was done in the turn that said it. */
  readonly isDone: boolean
  /** The turn was held back that was given what waits now: with all of it the robot may act. */
  readonly isHeldBack: boolean
}

export const LISTENING: Listening = {
  step: 'listening',
  responder: '',
  answer: [],
  isDone: false,
  isHeldBack: false,
}

export interface AnswerMessage {
  readonly messageId: string
  readonly type: string
  /** The event whose `message` has its words. */
  readonly words: string
  /** It says again what did not reach the customer the first time. */
  readonly isRepeated: boolean
}

/** Something that the customer said, or a change of what a turn was given before. */
export interface WaitingInput {
  readonly messageId: string
  readonly providerMessageId: string
  /** The provider's word for it; empty: it is a change. */
  readonly type: string
  readonly change: '' | 'edited' | 'deleted'
  /** The event whose `message` has its words: the one that brought it, or its last edit. Empty when it was deleted. */
  readonly words: string
  readonly characters: number
  /** By the customer's clock, never in the future. */
  readonly at: string
  /** The provider's id of the message that it refers to; empty when it refers to none. */
  readonly replyTo: string
  /** The robot's last turn that was answered when it came in, and the last whose answer was sent. */
  readonly askedTurn: number
  readonly sentTurn: number
  readonly isPerhapsSensitive: boolean
  readonly isCourtesy: boolean
}

export interface Ending {
  readonly stage: 'ending'
  readonly id: string
  readonly reason: string
  /** The event that began the ending: its deadline refers to it. */
  readonly reference: string
  readonly awaits: EndingAwaits
  readonly revision: number
  /** An agent ended it, and nobody else. */
  readonly isAgents: boolean
  /** Its flow ended with something irreversible: what is said until it is closed comes too late. */
  readonly isDone: boolean
  /** What the customer said that nobody answered, and nobody here will. */
  readonly crossed: readonly WaitingInput[]
}

export type EndingAwaits =
  | { readonly what: 'link'; /** The event whose `message` will carry the link. */ readonly words: string }
  | { readonly what: 'link_sent'; readonly messageId: string }
  | { readonly what: 'messages_sent' }

export interface Merged {
  readonly stage: 'merged'
  /** Its id is the smaller. */
  readonly into: string
}

export type RememberedMessage = OurMessage | CustomerMessage | AppMessage | Note

export interface OurMessage {
  readonly by: 'us'
  readonly id: string
  /** Empty until the provider gave one. */
  readonly providerMessageId: string
  /** The other attempt's, where both reached the channel; empty for nearly all. */
  readonly secondProviderMessageId: string
  readonly attempts: number
  readonly status: MessageStatus
  readonly conversationId: string
  /** Of a privacy notice: the digest of its words. Empty for all else. */
  readonly wording: string
  /** The robot's turn that said it; 0 for what no turn said. */
  readonly turn: number
  /** When it reached the phone as far as is known: when it was sent, or by the first receipt. Null until then, and when it failed. */
  readonly shownAt: string | null
}

export interface CustomerMessage {
  readonly by: 'customer'
  readonly id: string
  readonly providerMessageId: string
  readonly conversationId: string
  /** Something irreversible was done with its words. */
  readonly isUsed: boolean
  /** Its last change by the customer's clock: of two edits the later one holds, whichever comes last, and what was deleted stays deleted. */
  readonly changed: { readonly change: 'edited' | 'deleted'; readonly at: string } | null
}

export interface EarlyChange {
  /** The provider's ids, of the message and of the change. */
  readonly target: string
  readonly providerMessageId: string
  readonly change: 'edited' | 'deleted'
  /** The event whose `message` has the new words; empty when it was deleted. */
  readonly words: string
  readonly characters: number
  readonly consent: string
  /** By the customer's clock, and by the log's. */
  readonly at: string
  readonly recordedAt: string
}

/** The company's, written in the app: nothing of it was sent by us, and its receipts are all that is known. */
export interface AppMessage {
  readonly by: 'app'
  readonly id: string
  readonly providerMessageId: string
  readonly conversationId: string
  readonly status: 'sent' | 'delivered' | 'read' | 'played'
}

export const isReceipt = (status: string): status is 'delivered' | 'read' | 'played' =>
  status === 'delivered' || status === 'read' || status === 'played'
/** Of a colleague: where it stands tells what its reader had seen. */
export interface Note {
  readonly by: 'note'
  readonly id: string
  readonly providerMessageId: ''
  readonly conversationId: string
}

export type MessageStatus = 'queued' | 'uncertain' | 'sent' | 'delivered' | 'read' | 'played' | 'failed'

export const MESSAGES_MAX = 256
/** The channel sends again for seven days what was not taken; more than these of one contact at once are no accident of order. */
export const EARLY_CHANGES_MAX = 16
export const EARLY_CHANGES_MILLISECONDS = 7 * 24 * 60 * 60 * 1000
/** Of the sets of names, and of absorbed contacts. */
export const ALIASES_MAX = 16
/** More than this unanswered, and people must look: the robot does not keep up. */
export const WAITING_INPUTS_MAX = 64
export const WAITING_INPUTS_CHARACTERS_MAX = 200_000
export const SESSION_CHARACTERS_MAX = 64_000

export const initialState: ContactState = {
  contact: {
    registered: false,
    channelAccountId: '',
    language: 'en',
    languageChosenAt: null,
    profileDigests: [],
    profileFrom: '',
    optedOut: false,
    consentAt: null,
    blocked: false,
    startTold: '',
    shownNotice: null,
    lastMessageAt: null,
    absorbed: [],
    lastAgent: null,
    robotSilence: null,
    survey: null,
    surveyElsewhere: null,
  },
  conversation: { stage: 'none', last: null, crossed: [] },
  messages: [],
  earlyChanges: [],
  views: [],
}

/** The conversation that a fact of now belongs to; empty when none is open. */
export function openConversationId(conversation: Conversation): string {
  switch (conversation.stage) {
    case 'none':
    case 'merged':
      return ''
    default:
      return conversation.id
  }
}

/** Changes what the robot has; what it has not stays as it is. */
export function withRobot(
  state: ContactState,
  change: (conversation: WithRobot) => Conversation,
): ContactState {
  const { conversation } = state
  return conversation.stage === 'with_robot' ? { ...state, conversation: change(conversation) } : state
}

/** What the conversation has heard of the pool; 0: it was never with people. */
export function revisionOf(conversation: Conversation): number {
  return 'revision' in conversation ? conversation.revision : 0
}

/** Somebody writes to the customer in the app. */
export function isRobotSilent({ contact: { robotSilence } }: ContactState, at: string): boolean {
  return robotSilence !== null && Date.parse(robotSilence.until) > Date.parse(at)
}

export function ourMessage(state: ContactState, messageId: string): OurMessage | undefined {
  const message = state.messages.findLast(({ by, id }) => by === 'us' && id === messageId)
  return message?.by === 'us' ? message : undefined
}

export function messageByProviderId(
  { messages }: ContactState,
  providerMessageId: string,
): RememberedMessage | undefined {
  if (providerMessageId === '') return undefined
  // A plain loop: every message that comes in is looked up here, and usually is not there.
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]!
    if (message.providerMessageId === providerMessageId) return message
    if (message.by === 'us' && message.secondProviderMessageId === providerMessageId) return message
  }
  return undefined
}

/** @param at by the log's clock: what waited for longer than the channel sends anything again waits no more */
export function earlyChangeOf(
  { earlyChanges }: ContactState,
  providerMessageId: string,
  at: string,
): EarlyChange | undefined {
  return stillEarly(earlyChanges, at).find(({ target }) => target === providerMessageId)
}

export function stillEarly(changes: readonly EarlyChange[], at: string): readonly EarlyChange[] {
  if (changes.length === 0) return changes
  const since = Date.parse(at) - EARLY_CHANGES_MILLISECONDS
  return changes.filter(({ recordedAt }) => Date.parse(recordedAt) >= since)
}

export function hasQueuedMessages(state: ContactState, conversationId: string): boolean {
  return state.messages.some(
    (message) =>
      message.by === 'us' && message.status === 'queued' && message.conversationId === conversationId,
  )
}

/**
 * Whether the change is no news: what was deleted stays deleted, and of two edits the later one by the customer's clock holds. Within one second
 * of the channel's clock the one that came last holds.
 */
export function isOutdated(
  known: { readonly change: 'edited' | 'deleted'; readonly at: string } | null | undefined,
  change: 'edited' | 'deleted',
  at: string,
): boolean {
  if (known === null || known === undefined) return false
  if (known.change === 'deleted') return true
  return change === 'edited' && Date.parse(at) < Date.parse(known.at)
}

export const asksSensitive = (conversation: Conversation): boolean =>
  conversation.stage === 'with_robot' && conversation.asksSensitive

export function overwhelmed({ inputs }: WithRobot): boolean {
  if (inputs.length > WAITING_INPUTS_MAX) return true
  return inputs.reduce((total, { characters }) => total + characters, 0) > WAITING_INPUTS_CHARACTERS_MAX
}

export function remembering(
  messages: readonly RememberedMessage[],
  message: RememberedMessage,
): readonly RememberedMessage[] {
  const kept = messages.length < MESSAGES_MAX ? messages : messages.slice(messages.length - MESSAGES_MAX + 1)
  return [...kept, message]
}

/** The words that later decisions may pass on. */
export function keeps({ contact, conversation, earlyChanges }: ContactState): readonly KeptReference[] {
  if (conversation.stage === 'merged') return []
  const references: KeptReference[] = []
  for (const { words } of earlyChanges) if (words !== '') references.push({ from: words, name: 'message' })
  if (contact.profileFrom !== '') references.push({ from: contact.profileFrom, name: 'profile' })
  if (conversation.stage === 'ending' && conversation.awaits.what === 'link')
    references.push({ from: conversation.awaits.words, name: 'message' })
  if ('closing' in conversation && conversation.closing !== null && conversation.closing.type !== '')
    references.push({ from: conversation.closing.reference, name: 'message' })
  if ('crossed' in conversation)
    for (const { words } of conversation.crossed) references.push({ from: words, name: 'message' })
  if (conversation.stage !== 'with_robot') return references
  const { inputs, robot, sessionFrom } = conversation
  for (const { words } of inputs) if (words !== '') references.push({ from: words, name: 'message' })
  if (sessionFrom !== '') references.push({ from: sessionFrom, name: 'session' })
  if (robot.step === 'listening')
    for (const { words } of robot.answer) references.push({ from: words, name: 'message' })
  if (robot.step === 'answering')
    for (const { words } of robot.inputs) if (words !== '') references.push({ from: words, name: 'message' })
  return references
}
