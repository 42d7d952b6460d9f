import { type Table, entryOf } from '@parley/kernel'
import { NOTHING_ORDERED, type Ordered, inserted, removed } from './ordered.ts'
import { type Agent, type PoolState, type Work, isClosedUntold, isOpen, isReady, waitsIn } from './state.ts'
import { type Timer, withTimers } from './timers.ts'

/** What waits under the same name is taken by the same agents: one look at the first of a line is enough for all of it. */
export function lineOf({ queue, ring, language, skills }: Work): string {
  return `${queue} ${ring} ${language} ${skills.map(({ name, level }) => `${name}:${level}`).join(',')}`
}

/** What a work takes of agents: a place for each entry. */
function placesOf(
  work: Work | undefined,
): readonly { agentId: string; list: 'has' | 'offered' | 'wrapsUp' }[] {
  switch (work?.stage) {
    case 'offered':
      return [{ agentId: work.offer.agentId, list: 'offered' }]
    case 'with_agent':
      return [
        { agentId: work.agentId, list: 'has' },
        ...(work.transfer === null ? [] : [{ agentId: work.transfer.agentId, list: 'offered' as const }]),
      ]
    case 'wrap_up':
      return [{ agentId: work.agentId, list: 'wrapsUp' }]
    case 'waiting':
    case 'parked':
    case undefined:
      return []
  }
}

/** A conversation as it is from now on, or gone, and with it every index that it stands in. The only place where either changes. */
export function withWork(state: PoolState, id: string, next: Work | undefined, at: number): PoolState {
  const before = state.works.get(id)
  const works = next === undefined ? state.works.delete(id) : state.works.set(id, next)
  let changed: PoolState = { ...state, works }

  const agents = new Map<string, (agent: Agent) => Agent>()
  const change = (agentId: string, by: (agent: Agent) => Agent): void => {
    const earlier = agents.get(agentId)
    agents.set(agentId, earlier === undefined ? by : (agent) => by(earlier(agent)))
  }
  const from = placesOf(before)
  const to = placesOf(next)
  for (const place of from) {
    if (to.some((other) => isSame(place, other))) continue
    change(place.agentId, (agent) => ({
      ...agent,
      [place.list]: agent[place.list].filter((other) => other !== id),
      load: agent.load - before!.weight,
      idleSince: at,
    }))
  }
  for (const place of to) {
    if (from.some((other) => isSame(place, other))) continue
    change(place.agentId, (agent) => ({
      ...agent,
      [place.list]: [...agent[place.list], id],
      load: agent.load + next!.weight,
      idleSince: at,
    }))
  }
  const awaitedBefore = awaitedOf(before)
  const awaitedNext = awaitedOf(next)
  if (awaitedBefore !== awaitedNext) {
    if (awaitedBefore !== undefined)
      change(awaitedBefore, (agent) => ({ ...agent, awaited: agent.awaited.filter((other) => other !== id) }))
    if (awaitedNext !== undefined)
      change(awaitedNext, (agent) => ({ ...agent, awaited: [...agent.awaited, id] }))
  }
  for (const [agentId, by] of agents) changed = withAgent(changed, agentId, by)

  const lineBefore = before?.stage === 'waiting' ? lineOf(before) : undefined
  const lineNext = next?.stage === 'waiting' ? lineOf(next) : undefined
  if (lineBefore === lineNext && before?.rank === next?.rank) return changed
  if (lineBefore !== undefined)
    changed = withLine(changed, before!.queue, lineBefore, (line) => removed(line, before!.rank, id))
  if (lineNext !== undefined)
    changed = withLine(changed, next!.queue, lineNext, (line) => inserted(line, next!.rank, id))
  return changed
}

function isSame(left: { agentId: string; list: string }, right: { agentId: string; list: string }): boolean {
  return left.agentId === right.agentId && left.list === right.list
}

function awaitedOf(work: Work | undefined): string | undefined {
  return work?.stage === 'waiting' ? work.preferred?.agentId : undefined
}

export function withAgent(state: PoolState, id: string, change: (agent: Agent) => Agent): PoolState {
  const before = state.agents.get(id)
  if (before === undefined) return state
  const next = change(before)
  return { ...state, agents: state.agents.set(id, next), ready: readyWith(state.ready, id, before, next) }
}

/** @param before Undefined: they were not among the agents; `next` undefined: they are not any more. */
export function readyWith(
  ready: Table<Ordered>,
  id: string,
  before: Agent | undefined,
  next: Agent | undefined,
): Table<Ordered> {
  const from = before !== undefined && isReady(before) ? before : undefined
  const to = next !== undefined && isReady(next) ? next : undefined
  if (from !== undefined && to !== undefined && from.profile === to.profile && orderOf(from) === orderOf(to))
    return ready
  let changed = ready
  if (from !== undefined) changed = without(changed, from.profile, orderOf(from), id)
  if (to !== undefined)
    changed = changed.set(to.profile, inserted(changed.get(to.profile) ?? NOTHING_ORDERED, orderOf(to), id))
  return changed
}

/** The least busy first, of these the longest idle. */
export function orderOf({ load, idleSince }: Agent): number {
  return load * 1e13 + idleSince
}

function without(table: Table<Ordered>, key: string, order: number, id: string): Table<Ordered> {
  const rest = removed(table.get(key) ?? NOTHING_ORDERED, order, id)
  return rest.blocks.length === 0 ? table.delete(key) : table.set(key, rest)
}

function withLine(
  state: PoolState,
  queue: string,
  key: string,
  change: (line: Ordered) => Ordered,
): PoolState {
  const before = state.lines.get(key)
  const line = change(before ?? NOTHING_ORDERED)
  const isEmpty = line.blocks.length === 0
  const lines = isEmpty ? state.lines.delete(key) : state.lines.set(key, line)
  if ((before === undefined) === isEmpty) return { ...state, lines }
  const known = entryOf(state.queueLines, queue) ?? []
  const names = isEmpty ? known.filter((name) => name !== key) : [...known, key]
  return { ...state, lines, queueLines: { ...state.queueLines, [queue]: names } }
}

/**
 * What a waiting conversation waits for besides agents: less to be asked of them, another queue, and to be told that its own is closed. Of a
 * queue that is closed and sends on, that is due at once, as is what became due while it was offered. At once is behind this moment: a wake passes over what it sets for its
 * own, and for an earlier one, and nobody would ever look at it.
 */
export function withWaitingTimers(state: PoolState, ids: Iterable<string>, at: number): PoolState {
  const atOnce = at + 1
  const after = (from: number, seconds: number): number => Math.max(from + seconds * 1000, atOnce)
  const timers: Timer[] = []
  for (const id of ids) {
    const work = state.works.get(id)
    const queue = work === undefined ? undefined : entryOf(state.configuration.queues, work.queue)
    if (work?.stage !== 'waiting' || queue === undefined) continue
    const ring = queue.rings[work.ring]
    if (ring !== undefined && isOpen(state, work.queue))
      timers.push({ at: after(work.ringsFrom, ring.afterSeconds), kind: 'ring', id })
    if (queue.overflowQueue !== '')
      timers.push({ at: after(work.enteredAt, queue.overflowSeconds), kind: 'overflow', id })
    if (waitsIn(state, work.queue) !== work.queue) timers.push({ at: atOnce, kind: 'overflow', id })
    if (isClosedUntold(state, work)) timers.push({ at: atOnce, kind: 'closed', id })
  }
  return timers.length === 0 ? state : { ...state, ...withTimers(state, timers) }
}
