import { COMMAND, type Refusal, refuse } from '@parley/kernel'
import { type Presence, type PoolCommandData, isOnlySupervisor, isPresence } from '@parley/workforce'
import { type Decision, isoOf } from './decision.ts'
import { endOffer, endOffersTo, fillAgent, offerAll, requeue } from './dispatch.ts'
import { MISSED_OFFERS, REMOVED, type WithAgent } from './state.ts'

export function setPresence(
  decision: Decision,
  { agentId, status, hasReason }: PoolCommandData<'SetPresence'>,
): Refusal | undefined {
  const agent = decision.state.agents.get(agentId)
  if (agent === undefined || isOnlySupervisor(agent)) return refuse('UNKNOWN_AGENT', { agentId })
  if (!isPresence(status)) return refuse('UNKNOWN_PRESENCE', { status })
  const isAsBefore = agent.status === status && agent.graceUntil === null
  if (isAsBefore && (!hasReason || status === 'offline')) return undefined
  if (status === 'offline') return goOffline(decision, agentId, 'offline')
  decision.record('PresenceChanged', { agentId, status }, [{ from: COMMAND, name: 'reason' }])
  afterPresence(decision, agentId, status)
  return undefined
}

/** Who steps in is there as long as their desk is: should it be lost, customers do not wait for somebody who is gone. */
export function comeIn(decision: Decision, agentId: string): void {
  if (decision.state.agents.get(agentId)?.status === 'offline')
    decision.conclude('PresenceChanged', { agentId, status: 'busy', reasonCode: 'takes_over' })
}

/** Who takes no more is offered nothing any longer; who does gets what waits. */
function afterPresence(decision: Decision, agentId: string, status: Presence): void {
  if (status === 'available') return fillAgent(decision, agentId)
  offerAll(decision, endOffersTo(decision, decision.state.agents.get(agentId)!))
}

export function openSession(
  decision: Decision,
  { agentId, sessionId, replicaId }: PoolCommandData<'OpenSession'>,
): Refusal | undefined {
  const agent = decision.state.agents.get(agentId)
  if (agent === undefined) return refuse('UNKNOWN_AGENT', { agentId })
  if (sessionId === '') return refuse('UNKNOWN_SESSION', { agentId })
  if (agent.sessions.some(({ id }) => id === sessionId)) return undefined
  decision.record('SessionOpened', { agentId, sessionId, replicaId })
  fillAgent(decision, agentId)
  return undefined
}

export function closeSession(
  decision: Decision,
  { agentId, sessionId, isOutage }: PoolCommandData<'CloseSession'>,
): void {
  const { agents, configuration } = decision.state
  const agent = agents.get(agentId)
  if (agent === undefined || sessionId === '') return
  if (!agent.sessions.some(({ id }) => id === sessionId)) return
  const isLast = agent.sessions.length === 1 && agent.status !== 'offline'
  const graceMs = isOutage ? configuration.outageGraceMs : configuration.graceMs
  const graceUntil = isLast ? isoOf(decision.at + graceMs) : undefined
  decision.record('SessionClosed', { agentId, sessionId, graceUntil })
}

export function signOut(decision: Decision, { agentId, isForGood }: PoolCommandData<'SignOut'>): void {
  const agent = decision.state.agents.get(agentId)
  if (agent === undefined) return
  if (agent.status !== 'offline') goOffline(decision, agentId, 'signed_out')
  if (!isForGood) return
  // What they began a moment before comes to be theirs only now.
  if (!agent.hasLeft)
    decision.conclude('PresenceChanged', { agentId, status: 'offline', reasonCode: REMOVED })
  handOnParked(decision, agentId)
}

/** What somebody has parked who does not come back: else it would lie there until its customer writes, and nobody else would look at it. */
export function handOnParked(decision: Decision, agentId: string): void {
  const parked: string[] = []
  for (const [id, work] of decision.state.works.entries()) {
    if (work.stage !== 'parked' || work.agentId !== agentId) continue
    parked.push(id)
    const preferredAgentId = work.takenFrom ?? ''
    requeue(decision, id, { queue: work.queue, reason: 'signed_out', isAtHead: true, preferredAgentId })
  }
  offerAll(decision, parked)
}

export function renewReplica(
  decision: Decision,
  { replicaId, aliveSeconds }: PoolCommandData<'RenewReplica'>,
): Refusal | undefined {
  if (replicaId === '' || aliveSeconds === 0) return refuse('UNKNOWN_REPLICA')
  decision.record('ReplicaRenewed', { replicaId, until: isoOf(decision.at + aliveSeconds * 1000) })
  return undefined
}

/** The process died: its desks are gone, and their people, who did not leave, have the grace of an outage to come back through another one. */
export function loseReplica(decision: Decision, replicaId: string): void {
  decision.conclude('ReplicaLost', { replicaId })
  for (const [agentId, { sessions }] of decision.state.agents.entries())
    for (const session of sessions)
      if (session.replica === replicaId)
        closeSession(decision, { agentId, sessionId: session.id, isOutage: true })
}

/** What they were offered and what they have goes back to the head of its queue, with all that is known of it. */
export function goOffline(
  decision: Decision,
  agentId: string,
  reason: 'offline' | 'signed_out' | 'connection_lost',
): undefined {
  const before = decision.state.agents.get(agentId)!
  if (reason === 'offline')
    decision.record('PresenceChanged', { agentId, status: 'offline' }, [{ from: COMMAND, name: 'reason' }])
  else decision.conclude('PresenceChanged', { agentId, status: 'offline', reasonCode: reason })
  endOffersTo(decision, before)
  const receivers = new Set<string>()
  for (const id of before.has) {
    const { transfer } = decision.state.works.get(id) as WithAgent
    if (transfer !== null) receivers.add(transfer.agentId)
    endOffer(decision, id, 'withdrawn')
    const work = decision.state.works.get(id)!
    const takenFrom = work.stage === 'with_agent' ? (work.takenFrom ?? '') : ''
    requeue(decision, id, { queue: work.queue, reason, isAtHead: true, preferredAgentId: takenFrom })
  }
  for (const id of before.wrapsUp) decision.conclude('WrapUpEnded', { conversationId: id, agentId })
  offerAll(decision, [...before.has, ...before.offered])
  // The place that was kept for a transfer may be for what waits elsewhere, where they may not take what went back.
  for (const receiver of receivers) fillAgent(decision, receiver)
}

/** Two offers in a row that nobody looked at: nobody is there. */
export function afterMiss(decision: Decision, agentId: string): void {
  const agent = decision.state.agents.get(agentId)
  if (agent === undefined || agent.misses < 2 || agent.status !== 'available') return
  decision.conclude('PresenceChanged', { agentId, status: 'away', reasonCode: MISSED_OFFERS })
  afterPresence(decision, agentId, 'away')
}
