import type { ConversationEvent } from '@parley/conversation'
import type { Measurement, ReadEvent } from '@parley/eventlog'
import type { WorkforceEvent } from '@parley/workforce'
import { type Attendance, NO_ATTENDANCE, evolveAttendance } from './attendance.ts'
import { countConversations } from './conversations.ts'
import { measurementsOf } from './count.ts'
import { countHandling } from './handling.ts'
import { countHolds } from './holds.ts'
import { countMessages } from './messages.ts'
import { type AgentTime, agentsIn, countPresence, evolveAgent } from './presence.ts'
import { countSteps } from './steps.ts'
import { countSurveys } from './surveys.ts'
import { countWaits } from './waits.ts'
import type { Windows } from './windows.ts'
import { type Work, evolveWork } from './work.ts'

/** What is remembered of a family's events, by id, and what each event adds to figures by what is remembered. Pure. */
export interface Remembering<Remembered, Event extends ConversationEvent | WorkforceEvent> {
  route(event: ReadEvent<Event>): readonly string[]
  measure(before: Remembered | undefined, event: ReadEvent<Event>, id: string): readonly Measurement[]
  fold(before: Remembered | undefined, event: ReadEvent<Event>, id: string): Remembered | undefined
}

export interface OfContact {
  readonly attendance: Attendance
}

/** One for each contact. */
export function conversationRemembering(windows: Windows): Remembering<OfContact, ConversationEvent> {
  return {
    route: ({ envelope }) => [envelope.streamId],
    measure(before, event) {
      const attendance = before?.attendance ?? NO_ATTENDANCE
      const counts = [countConversations, countMessages, countHolds, countSurveys, countSteps].flatMap((of) =>
        of(attendance, event),
      )
      return measurementsOf(counts, windows)
    },
    fold: (before, event) => ({ attendance: evolveAttendance(before?.attendance ?? NO_ATTENDANCE, event) }),
  }
}

export interface OfPool {
  readonly work?: Work
  readonly agent?: AgentTime
}

const CONVERSATION = 'conversation '
const AGENT = 'agent '

/** One for each conversation that a pool has had, and one for each agent. */
export function poolRemembering(windows: Windows): Remembering<OfPool, WorkforceEvent> {
  return {
    route: (event) => [
      // What comes out of a queue is the queue's offer, which nobody counts.
      ...('conversationId' in event.data &&
      (event.type !== 'ConversationOffered' || event.data.fromAgentId !== '')
        ? [`${CONVERSATION}${event.data.conversationId}`]
        : []),
      ...agentsIn(event).map((id) => `${AGENT}${id}`),
    ],
    measure(before, event, id) {
      const counts = id.startsWith(CONVERSATION)
        ? [countWaits, countHandling].flatMap((of) => of(before?.work, event))
        : countPresence(before?.agent, event, id.slice(AGENT.length), windows)
      return measurementsOf(counts, windows)
    },
    fold(before, event, id) {
      if (id.startsWith(CONVERSATION)) {
        const work = evolveWork(before?.work, event)
        return work && { work }
      }
      const agent = evolveAgent(before?.agent, event, id.slice(AGENT.length))
      return agent && { agent }
    },
  }
}
