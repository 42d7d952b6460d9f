import { type Refusal, refuse, entryOf } from '@parley/kernel'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { type PoolCommandData, type WorkforceEvent, openness, workforces } from '@parley/workforce'
import { type Decision, isoOf } from './decision.ts'
import { endOffer, fillAgent, fillServing, offerInOrder, requeue } from './dispatch.ts'
import { evolve } from './evolve.ts'
import { lackedSkill } from './matching.ts'
import { type PoolState, REMOVED, type Work, changedAt, offerOf } from './state.ts'

const NAME = /^[a-z0-9][a-z0-9_-]{0,59}$/

export function configurePool(
  decision: Decision,
  { configuration, onlyFirst }: PoolCommandData<'ConfigurePool'>,
): Refusal | undefined {
  if (configuration === undefined || configuration.queues.length === 0) return refuse('CONFIGURATION_EMPTY')
  const { hash } = decision.state.configuration
  if (hash === configuration.hash) return undefined
  if (onlyFirst && hash !== '')
    return refuse('CONFIGURATION_IN_FORCE', { inForce: hash, offered: configuration.hash })
  const { queues, agents } = configuration
  const strange = [...queues.map(({ name }) => name), ...agents.map(({ id }) => id)].find(
    (name) => !NAME.test(name),
  )
  if (strange !== undefined) return refuse('CONFIGURATION_NAME', { length: strange.length })
  if (hash !== '') {
    const stranded = strandedBy(decision, configuration)
    if (stranded !== '') return refuse('POOL_WOULD_STRAND', { stranded })
  }
  leaveWithTheirPlace(decision, agents)
  decision.record('PoolConfigured', { configuration })

  for (const queue of queues) lookAtHours(decision, queue.name)
  // What came before there was any configuration waits in queues that may be none.
  const [first] = queues
  for (const [id, work] of decision.state.works.entries())
    if (work.stage === 'waiting' && entryOf(decision.state.configuration.queues, work.queue) === undefined)
      requeue(decision, id, { queue: first!.name, reason: 'overflow', isAtHead: false, since: work.since })
  for (const [agentId] of decision.state.agents.entries()) endWhatTheyMayNotTake(decision, agentId)
  offerInOrder(
    decision,
    queues.map(({ name }) => name),
  )
  for (const [agentId] of decision.state.agents.entries()) fillAgent(decision, agentId)
  return undefined
}

/**
 * Who is none of the agents any more is not there. These rules forget them with the configuration; figures and screens know only what they are
 * told, and would have them there until they are one again, be that in a year.
 */
function leaveWithTheirPlace(decision: Decision, next: PoolConfiguration['agents']): void {
  const ids = new Set(next.map(({ id }) => id))
  for (const [agentId, { status }] of decision.state.agents.entries())
    if (!ids.has(agentId) && status !== 'offline')
      decision.conclude('PresenceChanged', { agentId, status: 'offline', reasonCode: REMOVED })
}

/** What an agent has they keep, whatever the configuration says of them now. Taken, an offer from before would be new to them: past what they may have, or have room for. */
function endWhatTheyMayNotTake(decision: Decision, agentId: string): void {
  const { configuration, agents, works } = decision.state
  const { profile, capacity, offered } = agents.get(agentId)!
  const known = entryOf(configuration.profiles, profile)!
  for (const id of offered.toReversed()) {
    const work = works.get(id)!
    // To an agent a colleague or a supervisor hands on what is of any queue.
    const isTheirs = offerOf(work)?.isHandedOn === true || known.queues.includes(work.queue)
    const isMore = decision.state.agents.get(agentId)!.load > capacity
    if (!isTheirs || isMore || lackedSkill(decision.state, known, work) !== undefined)
      endOffer(decision, id, 'withdrawn')
  }
}

/** What nobody could take or keep any more: `queue cards: 3 waiting` and the like, with commas. */
function strandedBy({ state, wish }: Decision, configuration: PoolConfiguration): string {
  const { queues, agents } = configuration
  const configured = workforces.event('PoolConfigured', { configuration }) as WorkforceEvent
  const next = evolve(state, { ...configured, recordedAt: wish.recordedAt })
  const queueNames = new Set(queues.map(({ name }) => name))
  const served = new Set(agents.flatMap((agent) => agent.queues))
  const agentIds = new Set(agents.map(({ id }) => id))
  const counts = new Map<string, number>()
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)
  for (const [, work] of state.works.entries()) {
    if (work.stage === 'wrap_up') continue
    if (!queueNames.has(work.queue)) count(`queue ${work.queue} is gone`)
    else if (!served.has(work.queue)) count(`queue ${work.queue} is served by nobody`)
    // What nobody could take before is not stranded by this: it may be a step to the mend.
    else if (!('agentId' in work) && !hasTaker(next, work) && hasTaker(state, work))
      count(`queue ${work.queue} is served by nobody who may take it`)
    if ('agentId' in work && !agentIds.has(work.agentId)) count(`agent ${work.agentId} is gone`)
  }
  for (const [id, agent] of state.agents.entries())
    if (!agentIds.has(id) && agent.load > 0 && agent.has.length === 0) count(`agent ${id} is gone`)
  return [...counts].map(([what, number]) => `${what}: ${number} conversations`).join(', ')
}

/** Whether anybody may ever be given what waits: in its queue once that asks for the least, or where it overflows to. */
function hasTaker({ configuration, agents }: PoolState, work: Work): boolean {
  const seen = new Set<string>()
  for (let { queue: name, weight } = work; name !== '' && !seen.has(name);) {
    seen.add(name)
    const queue = entryOf(configuration.queues, name)
    if (queue === undefined) return false
    const wanted = { ...work, queue: name, weight, ring: queue.rings.length }
    for (const [, { profile, capacity }] of agents.entries()) {
      const known = entryOf(configuration.profiles, profile)
      if (known?.queues.includes(name) !== true || capacity < weight) continue
      if (lackedSkill({ configuration }, known, wanted) === undefined) return true
    }
    name = queue.overflowQueue
    weight = entryOf(configuration.queues, name)?.weight ?? weight
  }
  return false
}

/**
 * Opens and closes a queue by its hours, once for each time that it should have been since it was looked at: a night in which nobody looked
 * would else count as a day. One that has no hours any more is open. What waits is offered when it is open now.
 */
export function lookAtHours(decision: Decision, name: string): void {
  const { configuration } = decision.state
  const queue = entryOf(configuration.queues, name)
  if (queue === undefined || (queue.hours.length === 0 && entryOf(decision.state.hours, name) === undefined))
    return
  let isChanged = false
  for (;;) {
    const before = entryOf(decision.state.hours, name)
    const since = changedAt(before, decision.at)
    const now = openness(queue, entryOf(configuration.zones, queue.zone), since)
    if (before?.isOpen === now.isOpen && before.until === now.until) break
    decision.conclude('QueueHoursChanged', {
      queue: name,
      isOpen: now.isOpen,
      until: now.until === null ? undefined : isoOf(now.until),
    })
    isChanged = true
    if (now.until === null || now.until > decision.at) break
  }
  if (!isChanged || entryOf(decision.state.hours, name)?.isOpen !== true) return
  offerInOrder(decision, [name])
  fillServing(decision, name)
}

/** What should have opened or closed by now has, before anything else is decided: the clock's tick may come late, and a customer before it. */
export function catchUpWithHours(decision: Decision): void {
  for (const [name, { until }] of Object.entries(decision.state.hours))
    if (until !== null && until <= decision.at) lookAtHours(decision, name)
}
