import { type CommandsOf, type DataOf, type EventsOf, defineFamily } from '@parley/kernel'
import * as commands from '@parley/proto/commands'
import * as events from '@parley/proto/events'
import { upcasts } from './upcasts.ts'

/** The contract of conversations: one stream per contact. What may be wished, what may be stated. */
export const conversations = defineFamily({
  name: 'conversation',
  commands: {
    ReceiveMessage: commands.ReceiveMessage,
    EditMessage: commands.EditMessage,
    RevokeMessage: commands.RevokeMessage,
    ReactToMessage: commands.ReactToMessage,
    RecordAppMessage: commands.RecordAppMessage,
    RecordDeliveryStatus: commands.RecordDeliveryStatus,
    RecordMessageSent: commands.RecordMessageSent,
    RecordMessageFailed: commands.RecordMessageFailed,
    RecordMessageUncertain: commands.RecordMessageUncertain,
    RecordMessageResent: commands.RecordMessageResent,
    SetMarketingPreference: commands.SetMarketingPreference,
    AddContactAliases: commands.AddContactAliases,
    ReleaseContactNumber: commands.ReleaseContactNumber,
    MergeContact: commands.MergeContact,
    AbsorbContact: commands.AbsorbContact,
    BlockContact: commands.BlockContact,
    UnblockContact: commands.UnblockContact,
    CompleteBotTurn: commands.CompleteBotTurn,
    FailBotTurn: commands.FailBotTurn,
    ExpireDeadline: commands.ExpireDeadline,
    RecordTranscriptLinkIssued: commands.RecordTranscriptLinkIssued,
    RecordTranscriptLinkRevoked: commands.RecordTranscriptLinkRevoked,
    RecordTranscriptViewed: commands.RecordTranscriptViewed,
  },
  events: {
    ContactRegistered: events.ContactRegistered,
    ContactAliasesAdded: events.ContactAliasesAdded,
    ContactNumberReleased: events.ContactNumberReleased,
    ContactMerged: events.ContactMerged,
    ContactAbsorbed: events.ContactAbsorbed,
    ContactLanguageChosen: events.ContactLanguageChosen,
    ContactOptedOut: events.ContactOptedOut,
    ContactOptedIn: events.ContactOptedIn,
    ContactBlocked: events.ContactBlocked,
    ContactUnblocked: events.ContactUnblocked,
    MarketingPreferenceChanged: events.MarketingPreferenceChanged,
    CommandRedirected: events.CommandRedirected,
    ConversationOpened: events.ConversationOpened,
    MessageReceived: events.MessageReceived,
    AppMessageSent: events.AppMessageSent,
    RobotResumed: events.RobotResumed,
    MessageEdited: events.MessageEdited,
    MessageRevoked: events.MessageRevoked,
    MessageReacted: events.MessageReacted,
    MessageSendRequested: events.MessageSendRequested,
    MessageSent: events.MessageSent,
    DeliveryStatusAdvanced: events.DeliveryStatusAdvanced,
    MessageFailed: events.MessageFailed,
    MessageSendUncertain: events.MessageSendUncertain,
    MessageResent: events.MessageResent,
    MessageDoubled: events.MessageDoubled,
    PrivacyNoticeShown: events.PrivacyNoticeShown,
    BotTurnRequested: events.BotTurnRequested,
    BotTurnCompleted: events.BotTurnCompleted,
    BotTurnFailed: events.BotTurnFailed,
    HandoverRequested: events.HandoverRequested,
    ConversationEnding: events.ConversationEnding,
    TranscriptLinkIssued: events.TranscriptLinkIssued,
    TranscriptLinkRevoked: events.TranscriptLinkRevoked,
    TranscriptViewed: events.TranscriptViewed,
    ConversationClosed: events.ConversationClosed,
  },
  upcasts,
})

export type ConversationCommand = CommandsOf<typeof conversations>
export type ConversationEvent = EventsOf<typeof conversations>
export type CommandData<Type extends ConversationCommand['type']> = DataOf<ConversationCommand, Type>
export type EventData<Type extends ConversationEvent['type']> = DataOf<ConversationEvent, Type>
