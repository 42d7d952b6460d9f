import type { ReadEvent } from '@parley/eventlog'
import { HANDLING } from '@parley/figures'
import type { WorkforceEvent } from '@parley/workforce'
import { type Count, secondsBetween } from './count.ts'
import { type Work, handlingUntil, isReturn, recordedAtOf } from './work.ts'

/**
 * A handling: all the time that one agent has a conversation, from when it is theirs until it is somebody else's, a queue's or the robot's,
 * or it and its wrap-up are over. It counts when it ends, whole: so no hour has the time of one and the count of another.
 */
export function countHandling(work: Work | undefined, event: ReadEvent<WorkforceEvent>): readonly Count[] {
  const at = recordedAtOf(event)
  const ended = (more: Count['add'] = {}): readonly Count[] => {
    const handling = handlingUntil(work, at)
    if (handling === null || work === undefined || !('queue' in work)) return []
    const { agent, team, withSeconds, parkedSeconds } = handling
    return [
      {
        subject: HANDLING,
        at,
        of: { queue: work.queue, agent, team },
        add: { handled: 1, withSeconds, parkedSeconds, ...more },
      },
    ]
  }
  switch (event.type) {
    case 'ConversationAssigned': {
      const handling = handlingUntil(work, at)
      if (handling === null || handling.agent === event.data.agentId) return []
      // Taken by another: handed to them, or while it waited for whoever had parked it.
      return ended(isTransfer(work, event.data.how) ? { transferred: 1 } : {})
    }
    case 'ConversationRequeued':
      if (isReturn(event.data.reason)) return []
      return ended(event.data.reason === 'transferred' ? { transferred: 1 } : {})
    case 'ConversationReturnedToRobot':
      return ended({ toRobot: 1 })
    case 'ConversationWithdrawn':
      return event.data.wrapUpUntil === undefined ? ended() : []
    case 'WrapUpEnded':
      return work?.stage === 'wrap_up' ? ended({ wrapUpSeconds: secondsBetween(work.since, at) }) : []
    default:
      return []
  }
}

/** By whose it was. A supervisor who steps in and out, or gives it to another agent, makes no transfer of theirs. */
function isTransfer(work: Work | undefined, how: string): boolean {
  if (work?.stage !== 'with_agent' || how === 'taken_over' || how === 'given_back') return false
  return work.offeredBy === undefined || work.offeredBy === work.handling.agent
}
