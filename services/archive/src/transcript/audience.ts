import { type ConversationCommand, type ConversationEvent, conversations } from '@parley/conversation'
import { type CommonEvent, type RecordedEvent, UnreadableRecord, readEvent } from '@parley/kernel'

type Told = ConversationEvent | CommonEvent

/**
 * What a customer gets of an event. `shown`: it is told, and the download has its record. `recorded`: the download has its record, and
 * nothing tells of it. `internal`: it is told to people of the company alone, and the download has its hash. Each new event is to be
 * decided on here.
 */
const AUDIENCE = {
  ConversationOpened: 'shown',
  MessageReceived: 'shown',
  AppMessageSent: 'shown',
  RobotResumed: 'shown',
  MediaStored: 'shown',
  MediaUnavailable: 'shown',
  MessageEdited: 'shown',
  MessageRevoked: 'shown',
  MessageReacted: 'shown',
  MessageSendRequested: 'shown',
  MessageSent: 'shown',
  DeliveryStatusAdvanced: 'shown',
  MessageFailed: 'shown',
  MessageSendUncertain: 'shown',
  MessageResent: 'shown',
  MessageDoubled: 'shown',
  ContactLanguageChosen: 'shown',
  PrivacyNoticeShown: 'shown',
  HandoverRequested: 'shown',
  ConversationQueued: 'shown',
  ConversationBegun: 'shown',
  CallBackChosen: 'shown',
  ConversationAssigned: 'shown',
  ConversationRequeued: 'shown',
  ConversationReturnedToRobot: 'shown',
  HoldBegan: 'shown',
  HoldEnded: 'shown',
  ConversationParked: 'shown',
  ConversationEnding: 'shown',
  TranscriptLinkIssued: 'shown',
  TranscriptLinkRevoked: 'shown',
  ConversationClosed: 'shown',
  ContactOptedOut: 'shown',
  ContactOptedIn: 'shown',
  ContactBlocked: 'shown',
  ContactUnblocked: 'shown',
  MarketingPreferenceChanged: 'shown',
  ContactMerged: 'shown',
  ContactAbsorbed: 'shown',
  // Those that kept a message from being sent, unless it was a person's: see `isInternal`.
  CommandRefused: 'shown',
  // It tells which answers are sensitive.
  BotTurnCompleted: 'shown',
  NoteAdded: 'internal',
  ConversationOffered: 'internal',
  ConversationOfferEnded: 'internal',
  CloseAnnounced: 'internal',
  CloseUndone: 'internal',
  ContactRegistered: 'recorded',
  ContactAliasesAdded: 'recorded',
  ContactNumberReleased: 'recorded',
  MergeTurnedAround: 'recorded',
  CommandRedirected: 'recorded',
  BotTurnRequested: 'recorded',
  BotTurnFailed: 'recorded',
  UnparkRequested: 'recorded',
  PoolContradicted: 'recorded',
  WaitAsked: 'recorded',
  SurveyDue: 'recorded',
  SurveyAsked: 'recorded',
  SurveyAnswered: 'recorded',
  SurveyReasonGiven: 'recorded',
  SurveyAnswerPassedOn: 'recorded',
  // Looking at a transcript does not write into it.
  TranscriptViewed: 'recorded',
  PolicyAdopted: 'recorded',
  NothingChanged: 'recorded',
} as const satisfies Record<Told['type'], 'shown' | 'recorded' | 'internal'>

type Audience = typeof AUDIENCE
type FoldedType = {
  [Type in keyof Audience]: Audience[Type] extends 'recorded' ? never : Type
}[keyof Audience]

/** What happened, without what surrounds it. */
export type FoldedFact = Extract<Told, { type: FoldedType }>

/** An event that a transcript is folded from; its words are in the envelope's content. */
export type FoldedEvent = FoldedFact & Pick<RecordedEvent, 'envelope'>

export const FOLDED_TYPES = (Object.keys(AUDIENCE) as (keyof Audience)[]).filter(
  (type): type is FoldedType => AUDIENCE[type] !== 'recorded',
)

/** Commands that name the person who gave them, and those by which the pool speaks of one. */
type PeoplesCommand = Extract<ConversationCommand, { data: { agentId: string } }>['type']

/** What people wish among themselves, and are refused, is no business of the customer's. */
const PEOPLES_COMMANDS = {
  RecordOffer: true,
  RecordOfferEnded: true,
  AssignConversation: true,
  ReturnConversationToRobot: true,
  SendAgentMessage: true,
  BeginConversation: true,
  AddNote: true,
  HoldConversation: true,
  EndHold: true,
  ParkConversation: true,
  CloseConversation: true,
  UndoClose: true,
} as const satisfies Record<PeoplesCommand, true>

/** Whether an event is for people of the company alone. */
export function isInternal({ type, data }: Told): boolean {
  if (type === 'CommandRefused') return Object.hasOwn(PEOPLES_COMMANDS, data.commandType)
  return AUDIENCE[type] === 'internal'
}

/** The parts of a content that come from the customer or went to them, or are the robot's. */
const CUSTOMERS_WORDS: ReadonlySet<string> = new Set([
  'message',
  'file',
  'profile',
  'referral',
  'session',
  'raw',
  'url',
])

/** The same of a record. One that holds words of another kind, or that this code cannot read, is: nobody decided that it is not. */
export function isInternalRecord(record: Uint8Array): boolean {
  try {
    const { envelope } = readEvent(record)
    if (!envelope.content.every(({ name }) => CUSTOMERS_WORDS.has(name))) return true
    return isInternal(conversations.readEvent(envelope))
  } catch (error) {
    if (error instanceof UnreadableRecord) return true
    throw error
  }
}
