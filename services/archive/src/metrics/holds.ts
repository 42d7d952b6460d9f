import type { ConversationEvent } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { HOLDS } from '@parley/figures'
import type { Attendance } from './attendance.ts'
import { type Count, secondsBetween } from './count.ts'
import { recordedAtOf } from './work.ts'

/** A hold ends when the agent ends it, and with whatever takes the conversation from them. */
export function countHolds({ open }: Attendance, event: ReadEvent<ConversationEvent>): readonly Count[] {
  if (open === null || open.heldSince === null) return []
  switch (event.type) {
    case 'HoldEnded':
    case 'ConversationParked':
    case 'ConversationEnding':
    case 'ConversationRequeued':
    case 'ConversationAssigned':
    case 'ConversationReturnedToRobot':
    case 'ConversationClosed': {
      const at = recordedAtOf(event)
      const { queue, agent, team, heldSince } = open
      const holdSeconds = secondsBetween(heldSince, at)
      return [{ subject: HOLDS, at, of: { queue, agent, team }, add: { holds: 1, holdSeconds } }]
    }
    default:
      return []
  }
}
