/** Conversations and the pool are two families: what one decides, the other hears by a wish that the event causes. */

/** What a conversation says that concerns the pool. */
export const POOL_HEARS = [
  'HandoverRequested',
  'ConversationBegun',
  'ContactLanguageChosen',
  'WaitAsked',
  'ConversationParked',
  'UnparkRequested',
  'ConversationEnding',
  'ConversationClosed',
  'PoolContradicted',
] as const

/** What the pool says that concerns the conversation. */
export const CONVERSATION_HEARS = [
  'ConversationEnqueued',
  'ConversationTakenOn',
  'WaitEstimated',
  'ConversationOffered',
  'OfferEnded',
  'ConversationAssigned',
  'ConversationRequeued',
  'ConversationReturnedToRobot',
] as const

/** What is wished because of such an event, as `causedId` takes it: by it whoever waits knows the other family's answer. */
export const TO_POOL = 'to the pool'
export const TO_CONVERSATION = 'to the conversation'
