import { type Refusal, refuse, entryOf } from '@parley/kernel'
import type { PoolCommandData } from '@parley/workforce'
import { type Decision, aboutOf, ofQueue } from './decision.ts'
import { endOffer, fillAgent, offerWaiting, requeue, stopsWaiting } from './dispatch.ts'
import { atCapacity, roomOf } from './matching.ts'
import { comeIn } from './presence.ts'
import { type Agent } from './state.ts'
import { endTransfer, isOfAnotherTeam } from './transferring.ts'

/**
 * Operators change roles while the company works: the session knows it at once, the configuration with the next one that is applied. Where
 * the command says that it is a supervisor's, the pool only has to know them, for what they take counts there.
 */
function supervisorOf({ state }: Decision, agentId: string, bySupervisor: boolean): Agent | Refusal {
  const agent = state.agents.get(agentId)
  if (bySupervisor) return agent ?? refuse('UNKNOWN_AGENT', { agentId })
  return agent?.isSupervisor === true ? agent : refuse('NOT_A_SUPERVISOR', { agentId })
}

/** A supervisor steps in: it is theirs, whoever had it, and whatever was offered to whom. */
export function takeOver(
  decision: Decision,
  { agentId, conversationId, bySupervisor }: PoolCommandData<'TakeOverConversation'>,
): Refusal | undefined {
  const supervisor = supervisorOf(decision, agentId, bySupervisor)
  if ('refused' in supervisor) return supervisor
  const work = decision.state.works.get(conversationId)
  if (work === undefined || work.stage === 'wrap_up')
    return refuse('UNKNOWN_CONVERSATION', { conversationId })
  const from = 'agentId' in work ? work.agentId : ''
  if (work.stage === 'with_agent' && from === agentId) return undefined
  if (isOfAnotherTeam(decision, supervisor, work)) return refuse('CONVERSATION_NOT_SEEN', { conversationId })
  if (roomOf(supervisor) < work.weight) return atCapacity(agentId, supervisor)
  const offeredTo = work.stage === 'offered' ? work.offer.agentId : ''
  if (work.stage === 'offered') endOffer(decision, conversationId, 'withdrawn')
  else endTransfer(decision, conversationId)
  comeIn(decision, agentId)
  const now = decision.state.works.get(conversationId)!
  decision.record('ConversationAssigned', {
    ...aboutOf(conversationId, now),
    agentId,
    how: 'taken_over',
    ...ofQueue(decision.state, now),
    fromAgentId: from,
  })
  stopsWaiting(decision, now)
  for (const freed of new Set([from, offeredTo])) if (freed !== '') fillAgent(decision, freed)
  return undefined
}

export function giveBack(
  decision: Decision,
  { agentId, conversationId }: PoolCommandData<'GiveBackConversation'>,
): Refusal | undefined {
  const work = decision.state.works.get(conversationId)
  if (work === undefined) return refuse('UNKNOWN_CONVERSATION', { conversationId })
  if ((work.stage !== 'with_agent' && work.stage !== 'parked') || work.agentId !== agentId)
    return refuse('NOT_THE_OWNER', { conversationId, stage: work.stage })
  if (work.takenFrom === null) return refuse('NOT_TAKEN_OVER', { conversationId })
  endTransfer(decision, conversationId)
  const to = decision.state.agents.get(work.takenFrom)
  if (to?.status === 'available' && to.graceUntil === null && roomOf(to) >= work.weight)
    decision.record('ConversationAssigned', {
      ...aboutOf(conversationId, decision.state.works.get(conversationId)!),
      agentId: work.takenFrom,
      how: 'given_back',
      ...ofQueue(decision.state, work),
      fromAgentId: agentId,
    })
  else {
    requeue(
      decision,
      conversationId,
      {
        queue: work.queue,
        reason: 'given_back',
        isAtHead: true,
        preferredAgentId: to === undefined ? '' : work.takenFrom,
      },
      { noteMessageId: '', content: [] },
    )
    offerWaiting(decision, conversationId)
  }
  fillAgent(decision, agentId)
  return undefined
}

/** What waits goes to another queue, as long as it has waited. */
export function reassign(
  decision: Decision,
  { agentId, conversationId, toQueue, bySupervisor }: PoolCommandData<'ReassignConversation'>,
): Refusal | undefined {
  const supervisor = supervisorOf(decision, agentId, bySupervisor)
  if ('refused' in supervisor) return supervisor
  const work = decision.state.works.get(conversationId)
  if (work?.stage !== 'waiting' && work?.stage !== 'offered') return refuse('NOT_WAITING', { conversationId })
  if (entryOf(decision.state.configuration.queues, toQueue) === undefined) return refuse('UNKNOWN_QUEUE')
  if (work.queue === toQueue) return undefined
  const offeredTo = work.stage === 'offered' ? work.offer.agentId : ''
  endOffer(decision, conversationId, 'withdrawn')
  requeue(
    decision,
    conversationId,
    {
      queue: toQueue,
      reason: 'reassigned',
      isAtHead: false,
      preferredAgentId: work.preferred?.agentId ?? '',
      since: work.since,
    },
    { noteMessageId: '', content: [] },
  )
  offerWaiting(decision, conversationId)
  if (offeredTo !== '') fillAgent(decision, offeredTo)
  return undefined
}

/** Whoever is only a supervisor is in the pool while they have something of it. */
export function leaveIdle(decision: Decision): void {
  for (const agentId of decision.state.configuration.supervisors) {
    const supervisor = decision.state.agents.get(agentId)
    if (supervisor === undefined || supervisor.status === 'offline' || supervisor.load > 0) continue
    decision.conclude('PresenceChanged', { agentId, status: 'offline', reasonCode: 'gave_back' })
  }
}
