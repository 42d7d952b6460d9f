import type { ConversationEvent } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import type { Of } from './count.ts'
import { recordedAtOf } from './work.ts'

/** What figures need to know of one contact. Times are milliseconds since 1970, by the log's clock. */
export interface Attendance {
  readonly open: OpenConversation | null
  /** The one before, however long ago. */
  readonly ended: EndedConversation | null
  /**
   * Those that people ended since the customer opened one last, oldest first: whoever opens the next comes back for each of them, though an
   * agent began others in between. Undefined: written before it was kept.
   */
  readonly unreturned?: readonly EndedConversation[]
  /**
   * The last one that ended with an agent: it is what the customer goes on with, though one that came to nothing ended since. Undefined: none,
   * or written before it was kept.
   */
  readonly helped?: EndedConversation
  /** The last survey that was asked, however long ago. */
  readonly survey: AskedSurvey | null
}

export interface OpenConversation {
  readonly openedAt: number
  /** The robot was asked at least once. */
  readonly hadRobot: boolean
  /** The robot's last one. */
  readonly flow: string
  /** Each flow that the robot played, and each step that it came to: `flow` and `flow/step`. */
  readonly reached: readonly string[]
  readonly side: 'robot' | 'people'
  /** The last queue and agent; empty: none yet. */
  readonly queue: string
  readonly agent: string
  readonly team: string
  /** In a queue, though an agent may have had it before. */
  readonly isWaiting: boolean
  /** It was handed over, and nobody has written to the customer since; null: it was not, or somebody has. */
  readonly awaitsFirstResponseSince: number | null
  readonly wasHandedOver: boolean
  /** The customer's first message that nobody has answered. */
  readonly unansweredSince: number | null
  readonly heldSince: number | null
}

export interface EndedConversation {
  /** Undefined: written before it was kept. */
  readonly id?: string
  readonly at: number
  readonly of: Of
  /** An agent had had it, and the robot did not have it again. */
  readonly byPeople: boolean
  /** And it was that agent's still: nobody who gave up in a queue counts as helped. */
  readonly withAgent: boolean
}

/** Of the conversation that it judges. */
export interface AskedSurvey {
  readonly at: number
  readonly of: Of
}

export const NO_ATTENDANCE: Attendance = { open: null, ended: null, unreturned: [], survey: null }

/** Agents may begin conversations with somebody who opens none, without end; what is remembered of a contact is bounded. */
const UNRETURNED_MAX = 20

/** What a customer who opens a conversation comes back for. */
export function unreturnedOf({ ended, unreturned }: Attendance): readonly EndedConversation[] {
  return unreturned ?? (ended?.byPeople === true ? [ended] : [])
}

/** Which one an opened conversation goes on with. */
export function continuedBy({ ended, helped }: Attendance, id: string): EndedConversation | null {
  return helped?.id === id ? helped : ended
}

/** Pure. */
export function evolveAttendance(before: Attendance, event: ReadEvent<ConversationEvent>): Attendance {
  const { open, ended } = before
  const at = recordedAtOf(event)
  if (event.type === 'SurveyAsked')
    return ended === null ? before : { ...before, survey: { at, of: ended.of } }
  if (event.type === 'ConversationOpened')
    return {
      ...before,
      unreturned: event.data.begunByAgentId === '' ? [] : unreturnedOf(before),
      open: {
        openedAt: at,
        hadRobot: false,
        flow: '',
        reached: [],
        side: 'robot',
        queue: '',
        agent: '',
        team: '',
        isWaiting: false,
        awaitsFirstResponseSince: null,
        wasHandedOver: false,
        unansweredSince: null,
        heldSince: null,
      },
    }
  if (open === null) return before
  const to = (change: Partial<OpenConversation>): Attendance => ({ ...before, open: { ...open, ...change } })
  switch (event.type) {
    case 'ConversationClosed': {
      const of = whoseIs(open)
      const id = event.data.conversationId
      const now = { id, at, of, byPeople: wasWithAgent(open), withAgent: isWithAgent(open) }
      // Of a document that was written before it was kept, what the open one came back for is counted.
      const unreturned = [...(before.unreturned ?? []), ...(now.byPeople ? [now] : [])].slice(-UNRETURNED_MAX)
      return { ...before, open: null, ended: now, ...(now.withAgent && { helped: now }), unreturned }
    }
    case 'MessageReceived':
      return isFromCustomer(event.data) ? to({ unansweredSince: open.unansweredSince ?? at }) : before
    case 'AppMessageSent':
      return to({ unansweredSince: null })
    case 'MessageSendRequested':
      if (isRobots(event.data.purpose)) return to({ unansweredSince: null })
      return event.data.purpose === 'agent_message'
        ? to({ unansweredSince: null, awaitsFirstResponseSince: null })
        : before
    case 'BotTurnRequested':
      return to({ hadRobot: true })
    case 'BotTurnCompleted':
      return event.data.flow === ''
        ? before
        : to({ flow: event.data.flow, reached: reachedBy(open, event.data) })
    case 'HandoverRequested':
      return to({
        side: 'people',
        queue: event.data.queue,
        agent: '',
        team: '',
        isWaiting: true,
        wasHandedOver: true,
        awaitsFirstResponseSince: at,
      })
    case 'ConversationBegun': {
      const { queue, agentId: agent, team } = event.data
      return to({ side: 'people', queue, agent, team, isWaiting: false })
    }
    case 'ConversationQueued':
      return to({ queue: event.data.queue })
    case 'ConversationRequeued':
      return to({ queue: event.data.queue, isWaiting: true, heldSince: null })
    case 'ConversationAssigned': {
      const { queue, agentId: agent, team } = event.data
      return to({ side: 'people', queue, agent, team, isWaiting: false, heldSince: null })
    }
    case 'ConversationReturnedToRobot':
      return to({ side: 'robot', isWaiting: false, awaitsFirstResponseSince: null, heldSince: null })
    case 'HoldBegan':
      return to({ heldSince: at })
    case 'HoldEnded':
    case 'ConversationParked':
    case 'ConversationEnding':
      return to({ heldSince: null })
    default:
      return before
  }
}

function reachedBy(
  { reached }: OpenConversation,
  { flow, steps }: { readonly flow: string; readonly steps: readonly string[] },
): readonly string[] {
  const names = new Set([...reached, flow, ...steps.map((step) => stepOf(flow, step))])
  return names.size === reached.length ? reached : [...names]
}

/** A step as the key of a figure. The name of a flow has no slash. */
export function stepOf(flow: string, step: string): string {
  return `${flow}/${step}`
}

/** The last who had it: a conversation of several queues or agents counts for the last. */
export function whoseIs({ queue, agent, team, flow }: OpenConversation): Of {
  return { queue, agent, team, flow }
}

export function wasWithAgent({ side, agent }: OpenConversation): boolean {
  return side === 'people' && agent !== ''
}

/** Parked too: it waits for nobody else. */
export function isWithAgent(open: OpenConversation): boolean {
  return wasWithAgent(open) && !open.isWaiting
}

/** A note is what the channel says of the customer, such as a new number; a survey's answer waits for nobody. */
export function isFromCustomer(received: { isNote: boolean; isSurveyAnswer: boolean }): boolean {
  return !received.isNote && !received.isSurveyAnswer
}

export function isRobots(purpose: string): boolean {
  return purpose === 'bot_answer' || purpose === 'bot_answer_again'
}
