import { Table, entryOf } from '@parley/kernel'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { isOnlySupervisor } from '@parley/workforce'
import { readyWith, withWaitingTimers } from './change.ts'
import type { Ordered } from './ordered.ts'
import type { Agent, Configuration, PoolState, Profile } from './state.ts'

/** The pool by another configuration: whoever is in it still keeps what they have. */
export function configured(state: PoolState, decoded: PoolConfiguration, at: number): PoolState {
  const from = factsOf(decoded)
  const profiles: Record<string, Profile> = {}
  const serving: Record<string, string[]> = {}
  const names = new Map<string, string>()
  // Who was none of the agents for a while is rather given what still waits for them.
  const waiting = [...state.works.entries()].filter(([, work]) => work.stage === 'waiting')
  const awaited = Map.groupBy(waiting, ([, { preferred }]) => preferred?.agentId)
  let agents = Table.empty<Agent>()
  for (const { id, team, queues, skills, languages, capacity, isSupervisor } of from.agents) {
    const profile: Profile = {
      queues,
      skills: Object.fromEntries(skills.map(({ name, level }) => [name, level])),
      languages,
    }
    const key = JSON.stringify(profile)
    let name = names.get(key)
    if (name === undefined) {
      name = `p${names.size}`
      names.set(key, name)
      profiles[name] = profile
      for (const queue of queues) serving[queue] = [...(entryOf(serving, queue) ?? []), name]
    }
    const known = state.agents.get(id) ?? {
      ...NEW_AGENT,
      awaited: (awaited.get(id) ?? []).map(([workId]) => workId),
    }
    agents = agents.set(id, { ...known, profile: name, team, capacity, isSupervisor })
  }
  let ready = Table.empty<Ordered>()
  for (const [id, agent] of agents.entries()) ready = readyWith(ready, id, undefined, agent)
  const configuration: Configuration = {
    hash: from.hash,
    queues: Object.fromEntries(from.queues.map((queue) => [queue.name, queue])),
    profiles,
    serving,
    zones: Object.fromEntries(from.zones.map((zone) => [zone.name, zone])),
    flows: Object.fromEntries(from.flows.map(({ id, steps }) => [id, steps])),
    supervisors: from.agents.filter(isOnlySupervisor).map(({ id }) => id),
    graceMs: from.graceSeconds * 1000,
    outageGraceMs: Math.max(from.graceSeconds, from.outageGraceSeconds) * 1000,
    offerAgainMs: from.offerAgainSeconds * 1000,
    stickyMs: from.stickySeconds * 1000,
  }
  const next: PoolState = { ...state, configuration, agents, ready }
  return withWaitingTimers(
    next,
    waiting.map(([id]) => id),
    at,
  )
}

/** Not what the decoder keeps of fields that it does not know, nor what is said to customers: the state is what the rules know. */
const NO_FACTS: ReadonlySet<string> = new Set(['_unknownFields', 'texts'])
function factsOf(decoded: PoolConfiguration): PoolConfiguration {
  return JSON.parse(
    JSON.stringify(decoded, (key, value: unknown) => (NO_FACTS.has(key) ? undefined : value)),
  ) as PoolConfiguration
}

const NEW_AGENT: Omit<Agent, 'profile' | 'team' | 'capacity' | 'isSupervisor' | 'awaited'> = {
  status: 'offline',
  idleSince: 0,
  load: 0,
  sessions: [],
  graceUntil: null,
  hasLeft: false,
  misses: 0,
  has: [],
  offered: [],
  wrapsUp: [],
  ended: [],
}
