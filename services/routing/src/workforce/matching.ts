import { type Refusal, refuse, entryOf } from '@parley/kernel'
import { isOnlySupervisor } from '@parley/workforce'
import { entriesOf, idsOf } from './ordered.ts'
import { type Agent, type PoolState, type Profile, type Work, isOpen, isReady } from './state.ts'

/** The skill that an agent of this profile lacks for the work; undefined when they may have it. */
export function lackedSkill(
  { configuration }: Pick<PoolState, 'configuration'>,
  profile: Profile,
  work: Work,
): string | undefined {
  const queue = entryOf(configuration.queues, work.queue)
  const widened = queue?.rings.slice(0, work.ring) ?? []
  if (work.language !== '' && !profile.languages.includes(work.language))
    if (!widened.some(({ anyLanguage }) => anyLanguage)) return work.language
  for (const { name, level } of [...(queue?.requiredSkills ?? []), ...work.skills])
    if ((entryOf(profile.skills, name) ?? 0) < level)
      if (!widened.some(({ withoutSkills }) => withoutSkills.includes(name))) return name
  return undefined
}

/** How much of what is wished an agent of this profile has. */
function wishesMet({ configuration }: PoolState, profile: Profile, work: Work): number {
  let met = 0
  for (const { name, level } of entryOf(configuration.queues, work.queue)?.wishedSkills ?? []) {
    const has = entryOf(profile.skills, name) ?? 0
    if (has > 0) met += has >= level ? 2 : 1
  }
  return met
}

/** Whoever is only a supervisor gets nothing but what they take, and may take what they must. */
export function roomOf(agent: Agent): number {
  const { capacity, load } = agent
  return isOnlySupervisor(agent) ? Number.POSITIVE_INFINITY : capacity - load
}

export function atCapacity(agentId: string, { capacity, load }: Agent): Refusal {
  return refuse('AGENT_AT_CAPACITY', { agentId, capacity, load })
}

function isExcluded({ excluded }: Work, agentId: string, at: number): boolean {
  return excluded.some((one) => one.agentId === agentId && one.until > at)
}

/**
 * What a ready agent is to be given next: what is theirs first, otherwise the first in order of what they may take, over all their
 * queues. One that needs more room than they have is not overtaken by what came later: else it would wait for ever.
 */
export function nextFor(state: PoolState, agentId: string, agent: Agent, at: number): string | undefined {
  const profile = entryOf(state.configuration.profiles, agent.profile)
  if (profile === undefined || !isReady(agent)) return undefined
  const room = roomOf(agent)

  let best: { readonly id: string; readonly work: Work } | undefined
  for (const id of agent.awaited) {
    const work = state.works.get(id)!
    if (work.preferred!.until < at || work.weight > room || !isOpen(state, work.queue)) continue
    if (!profile.queues.includes(work.queue) || isExcluded(work, agentId, at)) continue
    if (lackedSkill(state, profile, work) !== undefined) continue
    if (best === undefined || work.rank < best.work.rank) best = { id, work }
  }
  if (best !== undefined) return best.id

  for (const queue of profile.queues) {
    const lines = entryOf(state.queueLines, queue)
    if (lines === undefined || lines.length === 0 || !isOpen(state, queue)) continue
    for (const line of lines) {
      const waiting = state.lines.get(line)!
      const first = state.works.get(waiting.blocks[0]!.ids[0]!)!
      if (best !== undefined && first.rank >= best.work.rank) continue
      if (lackedSkill(state, profile, first) !== undefined) continue
      for (const id of idsOf(waiting)) {
        const work = state.works.get(id)!
        if (work.weight > agent.capacity || isExcluded(work, agentId, at)) continue
        if (best === undefined || work.rank < best.work.rank) best = { id, work }
        break
      }
    }
  }
  return best === undefined || best.work.weight > room ? undefined : best.id
}

/** To whom a waiting conversation goes: their last agent, otherwise the longest idle of the least busy among the best matched. */
export function agentFor(state: PoolState, id: string, at: number): string | undefined {
  const work = state.works.get(id)
  if (work?.stage !== 'waiting' || !isOpen(state, work.queue)) return undefined
  const takes = (agentId: string, agent: Agent): boolean =>
    work.weight <= roomOf(agent) && nextFor(state, agentId, agent, at) === id
  if (work.preferred !== null && work.preferred.until >= at) {
    const agent = state.agents.get(work.preferred.agentId)
    if (agent !== undefined && takes(work.preferred.agentId, agent)) return work.preferred.agentId
  }
  let best: { readonly agentId: string; readonly met: number; readonly order: number } | undefined
  for (const name of entryOf(state.configuration.serving, work.queue) ?? []) {
    const ready = state.ready.get(name)
    if (ready === undefined) continue
    const profile = entryOf(state.configuration.profiles, name)!
    const met = wishesMet(state, profile, work)
    if (best !== undefined && met < best.met) continue
    if (lackedSkill(state, profile, work) !== undefined) continue
    for (const [order, agentId] of entriesOf(ready)) {
      if (best !== undefined && met === best.met && order >= best.order) break
      if (!takes(agentId, state.agents.get(agentId)!)) continue
      best = { agentId, met, order }
      break
    }
  }
  return best?.agentId
}
