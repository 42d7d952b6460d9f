import type { ConversationEvent } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import type { Of } from './count.ts'
import { recordedAtOf } from './work.ts'

/** What figures need to know of one contact. Times are milliseconds since 1970, by the log's clock. */
export interface Attendance {
  readonly open: OpenConversation | null
  /** The one before, however long ago. */
  readonly ended: EndedConversation | null
}

export interface OpenConversation {
  readonly openedAt: number
  /** The robot was asked at least once. */
  readonly hadRobot: boolean
  /** The robot's last one. */
  readonly flow: string
  readonly side: 'robot' | 'people'
  /** The last queue and agent; empty: none yet. */
  readonly queue: string
  readonly agent: string
  readonly team: string
  /** It was handed over, and nobody has written to the customer since; null: it was not, or somebody has. */
  readonly awaitsFirstResponseSince: number | null
  readonly wasHandedOver: boolean
  /** The customer's first message that nobody has answered. */
  readonly unansweredSince: number | null
  readonly heldSince: number | null
}

export interface EndedConversation {
  readonly at: number
  readonly of: Of
  /** An agent had it at the end. */
  readonly byPeople: boolean
}

export const NO_ATTENDANCE: Attendance = { open: null, ended: null }

/** Pure. */
export function evolveAttendance(
  { open, ended }: Attendance,
  event: ReadEvent<ConversationEvent>,
): Attendance {
  const at = recordedAtOf(event)
  if (event.type === 'ConversationOpened')
    return {
      ended,
      open: {
        openedAt: at,
        hadRobot: false,
        flow: '',
        side: 'robot',
        queue: '',
        agent: '',
        team: '',
        awaitsFirstResponseSince: null,
        wasHandedOver: false,
        unansweredSince: null,
        heldSince: null,
      },
    }
  if (open === null) return { open, ended }
  const to = (change: Partial<OpenConversation>): Attendance => ({ open: { ...open, ...change }, ended })
  switch (event.type) {
    case 'ConversationClosed':
      return { open: null, ended: { at, of: whoseIs(open), byPeople: isWithAgent(open) } }
    case 'MessageReceived':
      return to({ unansweredSince: open.unansweredSince ?? at })
    case 'AppMessageSent':
      return to({ unansweredSince: null })
    case 'MessageSendRequested':
      if (isRobots(event.data.purpose)) return to({ unansweredSince: null })
      return event.data.purpose === 'agent_message'
        ? to({ unansweredSince: null, awaitsFirstResponseSince: null })
        : { open, ended }
    case 'BotTurnRequested':
      return to({ hadRobot: true })
    case 'BotTurnCompleted':
      return event.data.flow === '' ? { open, ended } : to({ flow: event.data.flow })
    case 'HandoverRequested':
      return to({
        side: 'people',
        queue: event.data.queue,
        agent: '',
        team: '',
        wasHandedOver: true,
        awaitsFirstResponseSince: at,
      })
    case 'ConversationBegun': {
      const { queue, agentId: agent, team } = event.data
      return to({ side: 'people', queue, agent, team })
    }
    case 'ConversationQueued':
      return to({ queue: event.data.queue })
    case 'ConversationRequeued':
      return to({ queue: event.data.queue, heldSince: null })
    case 'ConversationAssigned': {
      const { queue, agentId: agent, team } = event.data
      return to({ side: 'people', queue, agent, team, heldSince: null })
    }
    case 'ConversationReturnedToRobot':
      return to({ side: 'robot', awaitsFirstResponseSince: null, heldSince: null })
    case 'HoldBegan':
      return to({ heldSince: at })
    case 'HoldEnded':
    case 'ConversationParked':
    case 'ConversationEnding':
      return to({ heldSince: null })
    default:
      return { open, ended }
  }
}

/** The last who had it: a conversation of several queues or agents counts for the last. */
export function whoseIs({ queue, agent, team, flow }: OpenConversation): Of {
  return { queue, agent, team, flow }
}

export function isWithAgent({ side, agent }: OpenConversation): boolean {
  return side === 'people' && agent !== ''
}

export function isRobots(purpose: string): boolean {
  return purpose === 'bot_answer' || purpose === 'bot_answer_again'
}
