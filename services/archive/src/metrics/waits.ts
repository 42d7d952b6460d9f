import type { ReadEvent } from '@parley/eventlog'
import { WAITS } from '@parley/figures'
import type { WorkforceEvent } from '@parley/workforce'
import { type Count, secondsBetween } from './count.ts'
import { type Work, isReturn, recordedAtOf } from './work.ts'

/** Who leaves so soon did not wait: they may have written by mistake. */
export const SHORT_ABANDON_SECONDS = 5

/** A wait in a queue: it is entered, and ends by an answer, by the customer leaving, or by moving to another queue. */
export function countWaits(work: Work | undefined, event: ReadEvent<WorkforceEvent>): readonly Count[] {
  const at = recordedAtOf(event)
  const count = (of: Count['of'], add: Count['add']): Count => ({ subject: WAITS, at, of, add })
  switch (event.type) {
    case 'ConversationEnqueued':
      return [count({ queue: event.data.queue }, { entered: 1 })]
    case 'ConversationRequeued':
      if (isReturn(event.data.reason)) return []
      return [
        ...(work?.stage === 'waiting' && work.counts ? [count({ queue: work.queue }, { moved: 1 })] : []),
        count({ queue: event.data.queue }, { entered: 1 }),
      ]
    case 'ConversationAssigned': {
      if (work?.stage !== 'waiting' || !work.counts) return []
      const seconds = secondsBetween(work.enteredAt, at)
      const { agentId: agent, team } = event.data
      return [
        count(
          { queue: work.queue, agent, team },
          {
            answered: 1,
            answerSeconds: seconds,
            // A queue without a target keeps it always.
            inTime: Number(work.targetSeconds === 0 || seconds <= work.targetSeconds),
          },
        ),
      ]
    }
    case 'ConversationWithdrawn': {
      if (work?.stage !== 'waiting' || !work.counts || !event.data.isAbandoned) return []
      const seconds = secondsBetween(work.enteredAt, at)
      return [
        count(
          { queue: work.queue },
          {
            abandoned: 1,
            abandonSeconds: seconds,
            abandonedSoon: Number(seconds <= SHORT_ABANDON_SECONDS),
            abandonedInTime: Number(work.targetSeconds > 0 && seconds <= work.targetSeconds),
          },
        ),
      ]
    }
    default:
      return []
  }
}
