import { type ConversationCommand, type ConversationEvent, conversations } from '@parley/conversation'
import type { Decider } from '@parley/kernel'
import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import type { ConversationPolicy } from './policy.ts'
import { type ContactState, initialState, keeps } from './state.ts'

/** The rules of conversations: one stream per contact. */
export const conversationDecider: Decider<
  ContactState,
  ConversationCommand,
  ConversationEvent,
  ConversationPolicy
> = {
  family: conversations,
  version: 12,
  commandsRemembered: 128,
  answersPeople: true,
  initialState: () => initialState,
  decide,
  evolve,
  keeps,
}
