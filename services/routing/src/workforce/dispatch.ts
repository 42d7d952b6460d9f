import { type NewEvent, entryOf } from '@parley/kernel'
import { type Decision, aboutOf, isoOf, ofQueue } from './decision.ts'
import { rankOf } from './evolve.ts'
import { agentFor, nextFor } from './matching.ts'
import { NOTHING_ORDERED, entriesOf, idsOf } from './ordered.ts'
import { type Agent, type Work, offerOf, waitsIn } from './state.ts'

/** A conversation that waits goes to whoever may take it now, if anybody may. */
export function offerWaiting(decision: Decision, id: string): void {
  const agentId = agentFor(decision.state, id, decision.at)
  if (agentId !== undefined) give(decision, id, agentId)
}

/**
 * What came to wait in one moment goes out in its order. Whoever is to be given one of them before another is asked again for that other one:
 * asked once each, in the order in which an agent had them, the first would wait though whoever got the second has room for both.
 */
export function offerAll(decision: Decision, ids: readonly string[]): void {
  const waiting = ids.flatMap((id) => {
    const work = decision.state.works.get(id)
    return work?.stage === 'waiting' ? [{ id, rank: work.rank }] : []
  })
  let left = waiting.toSorted((one, other) => one.rank - other.rank).map(({ id }) => id)
  for (let before = Infinity; left.length < before;) {
    before = left.length
    for (const id of left) offerWaiting(decision, id)
    left = left.filter((id) => decision.state.works.get(id)?.stage === 'waiting')
  }
}

/** An agent gets what they have room for. */
export function fillAgent(decision: Decision, agentId: string): void {
  for (;;) {
    const agent = decision.state.agents.get(agentId)
    const id = agent === undefined ? undefined : nextFor(decision.state, agentId, agent, decision.at)
    if (id === undefined) return
    give(decision, id, agentId)
  }
}

/**
 * What waits in these queues goes out in its order, each to whom it would go if it came now: asked one after the other, the first agents
 * would be given all that they have room for, whoever's it rather is, and the last ones nothing. Whatever is left an agent may still have room for.
 */
export function offerInOrder(decision: Decision, queues: readonly string[]): void {
  const { queueLines, lines } = decision.state
  const waiting = queues
    .flatMap((queue) => entryOf(queueLines, queue) ?? [])
    .flatMap((line) => [...entriesOf(lines.get(line)!)].map(([rank, id]) => ({ id, line, rank })))
    .toSorted((one, other) => one.rank - other.rank)
  const leftOver = new Set<string>()
  for (const { id, line } of waiting) {
    if (leftOver.has(line)) continue
    offerWaiting(decision, id)
    // What stands behind it is taken by the same agents.
    if (decision.state.works.get(id)?.stage === 'waiting') leftOver.add(line)
  }
}

/** Everybody who serves the queue gets what they have room for. */
export function fillServing(decision: Decision, queue: string): void {
  // Of thousands who are ready none is asked what they could have of nothing.
  if (decision.state.lines.size === 0) return
  for (const profile of entryOf(decision.state.configuration.serving, queue) ?? [])
    for (const agentId of idsOf(decision.state.ready.get(profile) ?? NOTHING_ORDERED))
      fillAgent(decision, agentId)
}

function give(decision: Decision, id: string, agentId: string): void {
  const work = decision.state.works.get(id)!
  const queue = entryOf(decision.state.configuration.queues, work.queue)!
  if (queue.autoAccepts)
    decision.conclude('ConversationAssigned', {
      ...aboutOf(id, work),
      agentId,
      how: 'auto',
      ...ofQueue(decision.state, work),
    })
  else
    decision.conclude('ConversationOffered', {
      ...aboutOf(id, work),
      offerId: decision.newId('offer'),
      agentId,
      queue: work.queue,
      language: work.language,
      waitingSince: isoOf(work.since),
      expiresAt: isoOf(decision.at + queue.offerSeconds * 1000),
    })
  stopsWaiting(decision, work)
}

/** One that needed more room than some had held them up: what came behind it is theirs now. */
export function stopsWaiting(decision: Decision, work: Work): void {
  if (work.stage === 'waiting' && work.weight > 1) fillServing(decision, work.queue)
}

/** Takes back what is offered, of a queue or of a transfer. What it came from keeps it; nobody is offered it yet. */
export function endOffer(
  decision: Decision,
  id: string,
  outcome: 'declined' | 'timed_out' | 'withdrawn',
  content: NewEvent['content'] = [],
): void {
  const work = decision.state.works.get(id)!
  const offer = offerOf(work)
  if (offer === null) return
  const isTransfer = work.stage === 'with_agent'
  const data = {
    ...aboutOf(id, work),
    offerId: offer.id,
    agentId: offer.agentId,
    outcome,
    fromAgentId: isTransfer ? work.agentId : '',
    againAt: isTransfer || outcome === 'withdrawn' ? undefined : againAt(decision),
  }
  if (outcome === 'declined') decision.record('OfferEnded', data, content)
  else decision.conclude('OfferEnded', data)
}

/** Until then somebody else is to take what this agent did not want. */
const againAt = ({ at, state }: Decision): string => isoOf(at + state.configuration.offerAgainMs)

/** All that the agent is offered is taken back. @returns the conversations that wait again */
export function endOffersTo(decision: Decision, agent: Agent): readonly string[] {
  for (const id of agent.offered) endOffer(decision, id, 'withdrawn')
  return agent.offered
}

export function requeue(
  decision: Decision,
  id: string,
  {
    queue: to,
    reason,
    isAtHead,
    preferredAgentId = '',
    since = decision.at,
  }: {
    readonly queue: string
    readonly reason: string
    readonly isAtHead: boolean
    readonly preferredAgentId?: string
    readonly since?: number
  },
  transfer?: { readonly noteMessageId: string; readonly content: NewEvent['content'] },
): void {
  const work = decision.state.works.get(id)!
  const queue = waitsIn(decision.state, to)
  const { weight = work.weight } = entryOf(decision.state.configuration.queues, queue) ?? {}
  const rank = rankOf(decision.state, queue, work.priorityMinutes, since, isAtHead)
  const fromAgentId = 'agentId' in work ? work.agentId : ''
  const data = {
    ...aboutOf(id, work),
    queue,
    reason,
    isAtHead,
    preferredAgentId,
    weight,
    waitingSince: isoOf(since),
    ...decision.outlook(queue, rank),
    fromAgentId,
    noteMessageId: transfer?.noteMessageId ?? '',
    againAt: transfer === undefined || fromAgentId === '' ? undefined : againAt(decision),
  }
  if (transfer === undefined) decision.conclude('ConversationRequeued', data)
  else decision.record('ConversationRequeued', data, transfer.content)
  stopsWaiting(decision, work)
}
