import type { ReadEvent } from '@parley/eventlog'
import { PRESENCE } from '@parley/figures'
import type { WorkforceEvent } from '@parley/workforce'
import type { Count } from './count.ts'
import type { Windows } from './windows.ts'
import { recordedAtOf } from './work.ts'

/** What an agent does, as far as figures need it. */
export interface AgentTime {
  readonly team: string
  readonly status: string
  readonly since: number
  /** Up to here their time stands in figures. Undefined: none does, or written before it was kept. */
  readonly countedUntil?: number
  /** The conversations that are theirs, parked ones not. */
  readonly has: readonly string[]
  readonly wrapsUp: readonly string[]
}

const NOBODY: AgentTime = { team: '', status: 'offline', since: 0, has: [], wrapsUp: [] }

/** The agents whose work the event changes. */
export function agentsIn(event: ReadEvent<WorkforceEvent>): readonly string[] {
  switch (event.type) {
    case 'PresenceChanged':
    case 'ConversationParked':
    case 'ConversationWithdrawn':
    case 'WrapUpEnded':
      return [event.data.agentId].filter(isSomebody)
    case 'ConversationReturnedToRobot':
      return [event.data.fromAgentId || event.data.agentId].filter(isSomebody)
    case 'ConversationAssigned':
      return [...new Set([event.data.agentId, event.data.fromAgentId])].filter(isSomebody)
    case 'ConversationRequeued':
      return [event.data.fromAgentId].filter(isSomebody)
    default:
      return []
  }
}

const isSomebody = (agentId: string) => agentId !== ''

/** Pure. */
export function evolveAgent(
  before: AgentTime | undefined,
  event: ReadEvent<WorkforceEvent>,
  agentId: string,
): AgentTime | undefined {
  const at = recordedAtOf(event)
  const isCounted = before !== undefined && before.status !== 'offline' && at > beginOf(before)
  const agent: AgentTime = { ...(before ?? NOBODY), ...(isCounted && { countedUntil: at }), since: at }
  switch (event.type) {
    case 'PresenceChanged':
      return { ...agent, status: event.data.status, team: event.data.team }
    case 'ConversationAssigned': {
      const { conversationId: id, team } = event.data
      const has = agent.has.filter((other) => other !== id)
      return event.data.agentId === agentId ? { ...agent, team, has: [...has, id] } : { ...agent, has }
    }
    case 'ConversationWithdrawn':
    case 'ConversationParked':
    case 'ConversationReturnedToRobot':
    case 'ConversationRequeued': {
      const { conversationId: id } = event.data
      const wrapsUp = event.type === 'ConversationWithdrawn' && event.data.wrapUpUntil !== undefined
      return {
        ...agent,
        has: agent.has.filter((other) => other !== id),
        wrapsUp: wrapsUp ? [...agent.wrapsUp, id] : agent.wrapsUp,
      }
    }
    case 'WrapUpEnded':
      return { ...agent, wrapsUp: agent.wrapsUp.filter((id) => id !== event.data.conversationId) }
    default:
      return before
  }
}

/** Of the time that is still to be counted. A clock that is set back comes by the same moments again: they are counted already, and no hour of anybody has more than an hour. */
const beginOf = ({ since, countedUntil = since }: AgentTime): number => Math.max(since, countedUntil)

/**
 * The time since the agent's work last changed, in the hours that it lay in. So the figure of an hour is whole once something changed after
 * it. `there`: could be given work or is busy with it; away and offline are not.
 */
export function countPresence(
  agent: AgentTime | undefined,
  event: ReadEvent<WorkforceEvent>,
  agentId: string,
  windows: Windows,
): readonly Count[] {
  if (agent === undefined || agent.status === 'offline') return []
  const isThere = agent.status !== 'away'
  const works = agent.has.length + agent.wrapsUp.length
  return [...windows.parts(beginOf(agent), recordedAtOf(event))].map(({ at, seconds }) => ({
    subject: PRESENCE,
    at,
    of: { agent: agentId, team: agent.team },
    add: {
      signedInSeconds: seconds,
      thereSeconds: isThere ? seconds : 0,
      // Who keeps writing while away is busy, but was not to be counted on.
      occupiedSeconds: isThere && works > 0 ? seconds : 0,
      workingSeconds: works > 0 ? seconds : 0,
      workSeconds: works * seconds,
    },
  }))
}
