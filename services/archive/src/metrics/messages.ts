import type { ConversationEvent } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { MESSAGES } from '@parley/figures'
import { type Attendance, type OpenConversation, isFromCustomer, isRobots } from './attendance.ts'
import { type Count, type Of, secondsBetween } from './count.ts'
import { recordedAtOf } from './work.ts'

/** What either side said, and how long the customer waited for it. What was written with no conversation open counts for the company alone. */
export function countMessages({ open }: Attendance, event: ReadEvent<ConversationEvent>): readonly Count[] {
  const at = recordedAtOf(event)
  const count = (add: Count['add']): readonly Count[] => [
    { subject: MESSAGES, at, of: open === null ? {} : withWhom(open), add },
  ]
  switch (event.type) {
    case 'MessageReceived':
      return isFromCustomer(event.data) ? count({ fromCustomer: 1 }) : []
    case 'AppMessageSent':
      return count({ fromApp: 1 })
    case 'MessageSendRequested': {
      const { purpose } = event.data
      if (isRobots(purpose))
        return count({ fromRobot: 1, ...repliedIn('robotReply', open?.unansweredSince, at) })
      if (purpose !== 'agent_message' || open === null) return count({ fromSystem: 1 })
      const { unansweredSince, awaitsFirstResponseSince: handedOverAt } = open
      // What the customer wrote to the robot waits for people from the hand-over on.
      const since = unansweredSince === null ? null : Math.max(unansweredSince, handedOverAt ?? 0)
      return count({
        fromAgent: 1,
        ...repliedIn('firstResponse', handedOverAt, at),
        ...repliedIn('reply', since, at),
      })
    }
    default:
      return []
  }
}

function repliedIn(what: string, since: number | null | undefined, at: number): Count['add'] {
  if (since === null || since === undefined) return {}
  return { [what]: 1, [`${what}Seconds`]: secondsBetween(since, at) }
}

/** While people have it, theirs; while the robot has it, the flow's. */
function withWhom({ side, queue, agent, team, flow }: OpenConversation): Of {
  return side === 'people' ? { queue, agent, team } : { flow }
}
