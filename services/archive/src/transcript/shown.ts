import type { ConversationEvent } from '@parley/conversation'
import type { CommonEvent, RecordedEvent } from '@parley/kernel'

/** Whether a transcript is folded from it. Each new event is to be decided on here. */
const SHOWN = {
  ConversationOpened: true,
  MessageReceived: true,
  AppMessageSent: true,
  RobotResumed: true,
  MediaStored: true,
  MediaUnavailable: true,
  MessageEdited: true,
  MessageRevoked: true,
  MessageReacted: true,
  MessageSendRequested: true,
  MessageSent: true,
  DeliveryStatusAdvanced: true,
  MessageFailed: true,
  MessageSendUncertain: true,
  MessageResent: true,
  MessageDoubled: true,
  ContactLanguageChosen: true,
  PrivacyNoticeShown: true,
  HandoverRequested: true,
  ConversationEnding: true,
  TranscriptLinkIssued: true,
  TranscriptLinkRevoked: true,
  ConversationClosed: true,
  ContactOptedOut: true,
  ContactOptedIn: true,
  ContactBlocked: true,
  ContactUnblocked: true,
  MarketingPreferenceChanged: true,
  ContactMerged: true,
  ContactAbsorbed: true,
  // Those that kept a message from being sent.
  CommandRefused: true,
  // It tells which answers are sensitive.
  BotTurnCompleted: true,
  ContactRegistered: false,
  ContactAliasesAdded: false,
  ContactNumberReleased: false,
  CommandRedirected: false,
  BotTurnRequested: false,
  BotTurnFailed: false,
  // Looking at a transcript does not write into it.
  TranscriptViewed: false,
  PolicyAdopted: false,
  // What people do among themselves; a note never reaches the customer.
  ConversationQueued: false,
  ConversationOffered: false,
  ConversationOfferEnded: false,
  ConversationAssigned: false,
  ConversationRequeued: false,
  ConversationReturnedToRobot: false,
  NoteAdded: false,
  HoldBegan: false,
  HoldEnded: false,
  ConversationParked: false,
  UnparkRequested: false,
  CloseAnnounced: false,
  CloseUndone: false,
  PoolContradicted: false,
} as const satisfies Record<(ConversationEvent | CommonEvent)['type'], boolean>

export type ShownType = {
  [Type in keyof typeof SHOWN]: (typeof SHOWN)[Type] extends true ? Type : never
}[keyof typeof SHOWN]

/** What happened, without what surrounds it. */
export type ShownFact = Extract<ConversationEvent | CommonEvent, { type: ShownType }>

/** An event that a transcript is folded from; its words are in the envelope's content. */
export type ShownEvent = ShownFact & Pick<RecordedEvent, 'envelope'>

export const SHOWN_TYPES = (Object.keys(SHOWN) as (keyof typeof SHOWN)[]).filter(
  (type): type is ShownType => SHOWN[type],
)
