import type { ConversationEvent } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { CONVERSATIONS } from '@parley/figures'
import {
  type Attendance,
  continuedBy,
  isWithAgent,
  unreturnedOf,
  wasWithAgent,
  whoseIs,
} from './attendance.ts'
import { type Count, secondsBetween } from './count.ts'
import { recordedAtOf } from './work.ts'

/** Who writes again within so long came for the same. */
export const SAME_MATTER_DAYS = 7

/** How conversations begin and end, and whether the customer had to come again. */
export function countConversations(
  attendance: Attendance,
  event: ReadEvent<ConversationEvent>,
): readonly Count[] {
  const { open } = attendance
  const at = recordedAtOf(event)
  const count = (add: Count['add'], of: Count['of'] = {}, when = at): Count => ({
    subject: CONVERSATIONS,
    at: when,
    of,
    add,
  })
  if (event.type === 'ConversationOpened') {
    const isCustomers = event.data.begunByAgentId === ''
    const cameBackFor = isCustomers
      ? unreturnedOf(attendance).filter(
          (one) => secondsBetween(one.at, at) <= SAME_MATTER_DAYS * 24 * 60 * 60,
        )
      : []
    const { continuesConversationId } = event.data
    const continued = continuedBy(attendance, continuesConversationId)
    return [
      count({ opened: 1 }),
      ...(continuesConversationId === ''
        ? []
        : [count({ reopened: 1, reopenedOfAgent: Number(continued?.withAgent === true) }, continued?.of)]),
      // Each in the window of the conversation that did not solve it.
      ...cameBackFor.map((one) =>
        count({ cameBack: 1, cameBackToAgent: Number(one.withAgent) }, one.of, one.at),
      ),
    ]
  }
  if (event.type !== 'ConversationClosed' || open === null) return []
  return [
    count(
      {
        closed: 1,
        openSeconds: secondsBetween(open.openedAt, at),
        handedOver: Number(open.wasHandedOver),
        closedByPeople: Number(wasWithAgent(open)),
        closedWithAgent: Number(isWithAgent(open)),
        hadRobot: Number(open.hadRobot),
        contained: Number(open.hadRobot && !open.wasHandedOver),
        flowEnded: Number(open.hadRobot && !open.wasHandedOver && event.data.reason === 'flow_ended'),
      },
      whoseIs(open),
    ),
  ]
}
