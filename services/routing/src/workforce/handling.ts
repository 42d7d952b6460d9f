import { COMMAND, type Refusal, refuse, entryOf } from '@parley/kernel'
import { type PoolCommandData, isOnlySupervisor } from '@parley/workforce'
import { type Decision, aboutOf, isoOf, ofQueue } from './decision.ts'
import { endOffer, fillAgent, offerWaiting, requeue, stopsWaiting } from './dispatch.ts'
import { rankOf } from './evolve.ts'
import { atCapacity, lackedSkill, roomOf } from './matching.ts'
import { comeIn, handOnParked } from './presence.ts'
import { type Offered, type Parked, type Waiting, type Work, offerOf, waitsIn } from './state.ts'
import { endTransfer } from './transferring.ts'

export function enqueue(decision: Decision, command: PoolCommandData<'EnqueueConversation'>): void {
  const { conversationId, contactId, language, skills, lastAgentId, contactVersion } = command
  const known = decision.state.works.get(conversationId)
  let freed: ReadonlySet<string> = new Set()
  if (known !== undefined) {
    // Said again, or late: the pool said more since. Otherwise the conversation was elsewhere meanwhile, and what the pool has is a ghost.
    if (known.stage !== 'wrap_up' && command.revision < known.revision) return
    freed = forget(decision, conversationId, known, { reason: 'superseded' })
  }
  const queue = waitsIn(decision.state, queueFor(decision, command.queue))
  const { configuration, agents } = decision.state
  const isTheirs = (command.isReopened || configuration.stickyMs > 0) && agents.has(lastAgentId)
  const { weight = 1 } = entryOf(configuration.queues, queue) ?? {}
  // By another partition's clock: nobody waits from later on than now.
  const since = Math.min(Date.parse(command.waitingSince ?? isoOf(decision.at)), decision.at)
  const { isAtHead } = command
  const rank = rankOf(decision.state, queue, command.priorityMinutes, since, isAtHead)
  decision.record('ConversationEnqueued', {
    conversationId,
    contactId,
    queue,
    language,
    skills,
    priorityMinutes: command.priorityMinutes,
    weight,
    preferredAgentId: isTheirs ? lastAgentId : '',
    revision: command.revision + 1,
    contactVersion,
    waitingSince: command.waitingSince === undefined ? undefined : isoOf(since),
    isAtHead,
    ...decision.outlook(queue, rank),
  })
  offerWaiting(decision, conversationId)
  for (const agentId of freed) fillAgent(decision, agentId)
}

/** A flow may name a queue that is none any more: somebody must look after the customer all the same. */
function queueFor({ state }: Decision, name: string): string {
  const { queues } = state.configuration
  return entryOf(queues, name) === undefined ? (Object.keys(queues)[0] ?? name) : name
}

/** What an agent began waits for the customer's answer: it takes no room until then. Said again, it is known. */
export function takeOn(decision: Decision, command: PoolCommandData<'TakeOnConversation'>): void {
  const { conversationId, contactId, language, agentId, revision } = command
  if (decision.state.works.has(conversationId)) return
  const queue = queueFor(decision, command.queue)
  const { weight = 1 } = entryOf(decision.state.configuration.queues, queue) ?? {}
  decision.record('ConversationTakenOn', {
    conversationId,
    contactId,
    queue,
    language,
    agentId,
    weight,
    revision: revision + 1,
  })
  if (decision.state.agents.get(agentId)?.hasLeft === true) handOnParked(decision, agentId)
}

/** As it is now. Whoever is offered it is about to answer. */
export function estimateWait(decision: Decision, { conversationId }: PoolCommandData<'EstimateWait'>): void {
  const work = decision.state.works.get(conversationId)
  if (work?.stage === 'waiting' || work?.stage === 'offered')
    decision.record('WaitEstimated', estimateOf(decision, conversationId, work))
}

export function estimateOf(decision: Decision, conversationId: string, work: Waiting | Offered) {
  const { queue, rank, stage } = work
  // Somebody is about to answer, though its queue has closed since, or a supervisor offers it out of a closed one.
  const outlook =
    stage === 'offered'
      ? { position: 1, expectedWaitSeconds: 0, opensAt: undefined }
      : decision.outlook(queue, rank, true)
  return { ...aboutOf(conversationId, work), queue, ...outlook }
}

/** The conversation says that it is over or no longer people's, and it is right about that whatever the pool thought. */
export function withdraw(decision: Decision, command: PoolCommandData<'WithdrawConversation'>): void {
  const { conversationId, revision } = command
  const work = decision.state.works.get(conversationId)
  if (work === undefined || work.stage === 'wrap_up') return
  // Of an earlier stay with people, and late: since then the robot handed it over again.
  if (revision !== 0 && revision < work.cameRevision) return
  for (const agentId of forget(decision, conversationId, work, command)) fillAgent(decision, agentId)
}

/** What the pool never had by right, or what goes on under another name of its customer: nobody abandoned it, and there is nothing to wrap up. */
const NOT_OVER: ReadonlySet<string> = new Set(['not_with_people', 'superseded', 'merged'])

/** @returns the agents who have room for another one now */
function forget(
  decision: Decision,
  conversationId: string,
  work: Work,
  {
    reason,
    hadAgent = false,
    heardRevision = 0,
  }: Pick<PoolCommandData<'WithdrawConversation'>, 'reason'> &
    Partial<PoolCommandData<'WithdrawConversation'>>,
): ReadonlySet<string> {
  const freed = new Set<string>()
  if (work.stage === 'wrap_up') {
    decision.conclude('WrapUpEnded', { conversationId, agentId: work.agentId })
    return freed.add(work.agentId)
  }
  if (work.stage === 'offered') freed.add(work.offer.agentId)
  if (work.stage === 'with_agent') {
    freed.add(work.agentId)
    if (work.transfer !== null) freed.add(work.transfer.agentId)
  }
  endOffer(decision, conversationId, 'withdrawn')
  const wrapUpSeconds = entryOf(decision.state.configuration.queues, work.queue)?.wrapUpSeconds ?? 0
  // Not what was given to them while another one's close of it was on its way.
  const wasTheirs = work.stage === 'with_agent' && (!hadAgent || heardRevision >= work.ownedRevision)
  const wrapsUp = wasTheirs && wrapUpSeconds > 0 && !NOT_OVER.has(reason)
  decision.record('ConversationWithdrawn', {
    conversationId,
    contactId: work.contactId,
    agentId: work.stage === 'with_agent' || work.stage === 'parked' ? work.agentId : '',
    reason,
    isAbandoned: !hadAgent && !NOT_OVER.has(reason) && (work.stage === 'waiting' || work.stage === 'offered'),
    wrapUpUntil: wrapsUp ? isoOf(decision.at + wrapUpSeconds * 1000) : undefined,
  })
  stopsWaiting(decision, work)
  return freed
}

export function acceptOffer(
  decision: Decision,
  { agentId, offerId }: PoolCommandData<'AcceptOffer'>,
): Refusal | undefined {
  const open = openOffer(decision, agentId, offerId)
  if ('refused' in open) return open
  const { id, work } = open
  decision.record('ConversationAssigned', {
    ...aboutOf(id, work),
    agentId,
    how: 'accepted',
    offerId,
    ...ofQueue(decision.state, work),
    fromAgentId: work.stage === 'with_agent' ? work.agentId : '',
  })
  if (work.stage === 'with_agent') fillAgent(decision, work.agentId)
  return undefined
}

export function declineOffer(
  decision: Decision,
  { agentId, offerId }: PoolCommandData<'DeclineOffer'>,
): Refusal | undefined {
  const open = openOffer(decision, agentId, offerId)
  if ('refused' in open) return open
  endOffer(decision, open.id, 'declined', [{ from: COMMAND, name: 'reason' }])
  offerWaiting(decision, open.id)
  fillAgent(decision, agentId)
  return undefined
}

function openOffer(
  { state }: Decision,
  agentId: string,
  offerId: string,
): Refusal | { readonly id: string; readonly work: Work } {
  const agent = state.agents.get(agentId)
  if (agent === undefined) return refuse('UNKNOWN_AGENT', { agentId })
  for (const id of agent.offered) {
    const work = state.works.get(id)!
    if (offerOf(work)?.id === offerId) return { id, work }
  }
  const ended = agent.ended.findLast(({ id }) => id === offerId)
  return ended === undefined
    ? refuse('UNKNOWN_OFFER', { offerId })
    : refuse('OFFER_ENDED', { offerId, outcome: ended.outcome })
}

export function claim(
  decision: Decision,
  { agentId, conversationId }: PoolCommandData<'ClaimConversation'>,
): Refusal | undefined {
  const { state } = decision
  const agent = state.agents.get(agentId)
  if (agent === undefined) return refuse('UNKNOWN_AGENT', { agentId })
  const work = state.works.get(conversationId)
  if (work?.stage !== 'waiting') return refuse('NOT_WAITING', { conversationId })
  if (entryOf(state.configuration.queues, work.queue)?.isClaimable !== true)
    return refuse('QUEUE_NOT_CLAIMABLE', { queue: work.queue })
  if (agent.status === 'away' || agent.status === 'offline')
    return refuse('AGENT_NOT_AVAILABLE', { agentId, status: agent.status })
  if (roomOf(agent) < work.weight) return atCapacity(agentId, agent)
  const profile = entryOf(state.configuration.profiles, agent.profile)!
  if (!profile.queues.includes(work.queue)) return refuse('QUEUE_NOT_SERVED', { queue: work.queue })
  const skill = lackedSkill(state, profile, work)
  if (skill !== undefined) return refuse('SKILL_MISSING', { agentId, skill })
  decision.record('ConversationAssigned', {
    ...aboutOf(conversationId, work),
    agentId,
    how: 'claimed',
    ...ofQueue(state, work),
  })
  stopsWaiting(decision, work)
  return undefined
}

/** Decided by the conversation. If its owner is another one by now, the conversation hears of that and is not parked either. */
export function park(decision: Decision, command: PoolCommandData<'ParkConversation'>): void {
  const { conversationId, agentId, revision, snoozedUntil } = command
  const work = decision.state.works.get(conversationId)
  if (work?.stage !== 'with_agent' || work.agentId !== agentId || revision < work.ownedRevision) return
  endTransfer(decision, conversationId)
  decision.record('ConversationParked', {
    ...aboutOf(conversationId, decision.state.works.get(conversationId)!),
    agentId,
    snoozedUntil,
    heardRevision: revision,
  })
  fillAgent(decision, agentId)
}

export function unpark(
  decision: Decision,
  { conversationId, revision }: PoolCommandData<'UnparkConversation'>,
): void {
  const work = decision.state.works.get(conversationId)
  if (work?.stage !== 'parked' || revision < work.heardRevision) return
  takeUp(decision, conversationId, work, 'customer_wrote')
}

/** To the agent who parked it, where they are and have room; otherwise to the head of its queue, theirs before anybody else's. */
export function takeUp(
  decision: Decision,
  id: string,
  work: Parked,
  reason: 'customer_wrote' | 'snooze_over',
): void {
  const { agentId, queue } = work
  const agent = decision.state.agents.get(agentId)
  if (agent?.status === 'available' && agent.graceUntil === null && roomOf(agent) >= work.weight)
    return decision.conclude('ConversationAssigned', {
      ...aboutOf(id, work),
      agentId,
      how: 'resumed',
      ...ofQueue(decision.state, work),
      fromAgentId: agentId,
    })
  requeue(decision, id, {
    queue,
    reason,
    isAtHead: true,
    preferredAgentId: work.takenFrom ?? (agent === undefined ? '' : agentId),
  })
  offerWaiting(decision, id)
}

/** The language is a skill: whoever was offered it and does not speak the new one has it no more, and it goes to who does. */
export function changeLanguage(
  decision: Decision,
  { conversationId, language, contactVersion }: PoolCommandData<'ChangeLanguage'>,
): void {
  const work = decision.state.works.get(conversationId)
  if (work === undefined || work.stage === 'wrap_up' || contactVersion <= work.languageVersion) return
  const { contactId } = work
  decision.record('LanguageChanged', { conversationId, contactId, language, contactVersion })
  const { state } = decision
  const now = state.works.get(conversationId)!
  const offeredTo = offerOf(now)?.agentId ?? ''
  const agent = state.agents.get(offeredTo)
  if (
    agent !== undefined &&
    lackedSkill(state, entryOf(state.configuration.profiles, agent.profile)!, now) !== undefined
  )
    endOffer(decision, conversationId, 'withdrawn')
  offerWaiting(decision, conversationId)
  stopsWaiting(decision, work)
  if (agent !== undefined) fillAgent(decision, offeredTo)
}

export function resume(
  decision: Decision,
  { agentId, conversationId }: PoolCommandData<'ResumeConversation'>,
): Refusal | undefined {
  const agent = decision.state.agents.get(agentId)
  if (agent === undefined) return refuse('UNKNOWN_AGENT', { agentId })
  const work = decision.state.works.get(conversationId)
  if (work?.stage !== 'parked') return refuse('NOT_PARKED', { conversationId })
  if (work.agentId !== agentId) return refuse('NOT_THE_OWNER', { conversationId })
  if (agent.status === 'offline' && !isOnlySupervisor(agent))
    return refuse('AGENT_NOT_AVAILABLE', { agentId, status: agent.status })
  if (roomOf(agent) < work.weight) return atCapacity(agentId, agent)
  comeIn(decision, agentId)
  decision.record('ConversationAssigned', {
    ...aboutOf(conversationId, work),
    agentId,
    how: 'resumed',
    ...ofQueue(decision.state, work),
    fromAgentId: agentId,
  })
  return undefined
}
