import type { Decider } from '@parley/kernel'
import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import type { ConversationPolicy } from './policy.ts'
import { type ContactState, initialState } from './state.ts'

/** The rules of conversations: one stream per contact. */
export function conversationDecider(policy: ConversationPolicy): Decider<ContactState> {
  return {
    name: 'conversation',
    version: 1,
    initialState: () => initialState,
    decide: (command, state) => decide(policy, command, state),
    evolve,
  }
}
