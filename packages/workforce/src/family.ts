import { type CommandsOf, type DataOf, type EventsOf, defineFamily } from '@parley/kernel'
import * as commands from '@parley/proto/workforce-commands'
import * as events from '@parley/proto/workforce-events'

/** The contract of the workforce: one stream per pool of agents and queues. Who is there, who has room, what waits, who is offered what. */
export const workforces = defineFamily({
  name: 'workforce',
  commands: {
    ConfigurePool: commands.ConfigurePool,
    EnqueueConversation: commands.EnqueueConversation,
    TakeOnConversation: commands.TakeOnConversation,
    EstimateWait: commands.EstimateWait,
    WithdrawConversation: commands.WithdrawConversation,
    AcceptOffer: commands.AcceptOffer,
    DeclineOffer: commands.DeclineOffer,
    ClaimConversation: commands.ClaimConversation,
    TransferConversation: commands.TransferConversation,
    TakeOverConversation: commands.TakeOverConversation,
    GiveBackConversation: commands.GiveBackConversation,
    ReassignConversation: commands.ReassignConversation,
    ParkConversation: commands.ParkConversation,
    UnparkConversation: commands.UnparkConversation,
    ChangeLanguage: commands.ChangeLanguage,
    ResumeConversation: commands.ResumeConversation,
    SetPresence: commands.SetPresence,
    OpenSession: commands.OpenSession,
    CloseSession: commands.CloseSession,
    RenewReplica: commands.RenewReplica,
    SignOut: commands.SignOut,
    Wake: commands.Wake,
  },
  events: {
    PoolConfigured: events.PoolConfigured,
    ConversationEnqueued: events.ConversationEnqueued,
    ConversationTakenOn: events.ConversationTakenOn,
    WaitEstimated: events.WaitEstimated,
    ConversationOffered: events.ConversationOffered,
    OfferEnded: events.OfferEnded,
    ConversationAssigned: events.ConversationAssigned,
    ConversationRequeued: events.ConversationRequeued,
    ConversationParked: events.ConversationParked,
    ConversationReturnedToRobot: events.ConversationReturnedToRobot,
    ConversationWithdrawn: events.ConversationWithdrawn,
    WrapUpEnded: events.WrapUpEnded,
    RingWidened: events.RingWidened,
    LanguageChanged: events.LanguageChanged,
    PresenceChanged: events.PresenceChanged,
    SessionOpened: events.SessionOpened,
    SessionClosed: events.SessionClosed,
    ReplicaRenewed: events.ReplicaRenewed,
    ReplicaLost: events.ReplicaLost,
    QueueHoursChanged: events.QueueHoursChanged,
    WakeScheduled: events.WakeScheduled,
  },
})

export type WorkforceCommand = CommandsOf<typeof workforces>
export type WorkforceEvent = EventsOf<typeof workforces>
export type PoolCommandData<Type extends WorkforceCommand['type']> = DataOf<WorkforceCommand, Type>
export type PoolEventData<Type extends WorkforceEvent['type']> = DataOf<WorkforceEvent, Type>

/** The stream of the one pool of an installation. */
export const POOL = 'main'
