import type { AlertRule, PoolConfiguration, WallboardTargets } from '@parley/proto/workforce-configuration'
import { type WorkforceEvent, isOnlySupervisor } from '@parley/workforce'
import {
  type AgentPresence,
  type Offer,
  type Recorded,
  type Work,
  evolvePresence,
  evolveWork,
  isPresenceFact,
  isWorkFact,
} from './pool.ts'

/** Something of the pool, and the last version of the pool's stream that it has seen. */
export interface Seen<Value> {
  readonly value: Value
  readonly seenVersion: number
}

/** What the pool is made of, by id. */
export interface PoolParts {
  readonly configuration: Seen<PoolConfiguration> | undefined
  readonly presences: ReadonlyMap<string, Seen<AgentPresence>>
  /** By queue: whether it is open. */
  readonly hours: ReadonlyMap<string, Seen<boolean>>
  /** By conversation. */
  readonly works: ReadonlyMap<string, Seen<Work>>
}

export interface AgentNow {
  readonly id: string
  readonly status: AgentPresence['status']
  /** Null: they never came. */
  readonly since: string | null
  /** What they said why; null: nothing. */
  readonly reason: string | null
  /** Why the rules made them so, such as `missed_offers`; null: they wished it. */
  readonly reasonCode: string | null
  /** By weight: what they have, are offered and wrap up. */
  readonly load: number
  readonly capacity: number
  readonly skills: readonly { readonly name: string; readonly level: number }[]
  readonly queues: readonly string[]
  readonly languages: readonly string[]
}

export interface QueueNow {
  readonly name: string
  readonly waitingCount: number
  /** ISO 8601 UTC; null: nothing waits. */
  readonly longestWaitingSince: string | null
  readonly offeredCount: number
  readonly withAgentCount: number
  readonly isOpen: boolean
  readonly closeReasons: readonly string[]
}

export interface PoolNow {
  readonly agents: readonly AgentNow[]
  readonly queues: readonly QueueNow[]
  /** What the robot can go on with, and where in it. */
  readonly flows: readonly { readonly name: string; readonly steps: readonly string[] }[]
}

/**
 * The pool as it is after each event of its stream. It stands in memory because its documents are written one after the other: whoever
 * reads them meanwhile sees somebody over capacity who never was.
 */
export class PoolView {
  #configuration: Seen<PoolConfiguration> | undefined
  readonly #presences = new Map<string, Seen<AgentPresence>>()
  readonly #hours = new Map<string, Seen<boolean>>()
  readonly #works = new Map<string, Seen<Work>>()
  readonly #offers = new Map<string, Offer>()
  #now: PoolNow | undefined

  /** What is newer there than what is known here. Events that it has seen change nothing of it when they come. */
  restore({ configuration, presences, hours, works }: PoolParts): void {
    this.#now = undefined
    this.#configuration = configuration
    for (const [id, presence] of presences) this.#presences.set(id, presence)
    for (const [queue, isOpen] of hours) this.#hours.set(queue, isOpen)
    for (const [id, { value, seenVersion }] of works) this.#setWork(id, value, seenVersion)
  }

  take(
    event: WorkforceEvent & { readonly envelope: { readonly streamVersion: number } },
    recorded: Recorded,
  ): void {
    this.#now = undefined
    const seenVersion = event.envelope.streamVersion
    const isNew = (seen: Seen<unknown> | undefined) => seen === undefined || seen.seenVersion < seenVersion
    if (event.type === 'PoolConfigured') {
      const { configuration } = event.data
      if (configuration !== undefined && isNew(this.#configuration))
        this.#configuration = { value: configuration, seenVersion }
    } else if (event.type === 'QueueHoursChanged') {
      const { queue, isOpen } = event.data
      if (isNew(this.#hours.get(queue))) this.#hours.set(queue, { value: isOpen, seenVersion })
    } else if (isPresenceFact(event)) {
      const { agentId } = event.data
      const presence = evolvePresence(event, recorded)
      if (presence !== undefined && isNew(this.#presences.get(agentId)))
        this.#presences.set(agentId, { value: presence, seenVersion })
    } else if (isWorkFact(event)) {
      const { conversationId } = event.data
      const known = this.#works.get(conversationId)
      const work = isNew(known) ? evolveWork(known?.value, event, recorded) : undefined
      if (work !== undefined) this.#setWork(conversationId, work, seenVersion)
    }
  }

  /** Whether the pool knows them: agents, and supervisors, who take over. */
  has(agentId: string): boolean {
    return this.#configuration?.value.agents.some(({ id }) => id === agentId) === true
  }

  /** Whether anything is ever offered to them; who is only a supervisor takes over, and is shown among no agents. */
  isAgent(agentId: string): boolean {
    return (
      this.#configuration?.value.agents.some((agent) => agent.id === agentId && !isOnlySupervisor(agent)) ===
      true
    )
  }

  statusOf(agentId: string): AgentPresence['status'] {
    return this.#presences.get(agentId)?.value.status ?? 'offline'
  }

  /** What screens compare with. */
  get targets(): WallboardTargets | undefined {
    return this.#configuration?.value.targets
  }

  /** What is watched. The same list until another configuration is in force; undefined: none is known yet. */
  get alerts(): readonly AlertRule[] | undefined {
    return this.#configuration?.value.alerts
  }

  /** Whether it is in force. */
  hasQueue(queue: string): boolean {
    return this.#configuration?.value.queues.some(({ name }) => name === queue) === true
  }

  /** What the queue is closed for; none: it is not known. */
  closeReasonsOf(queue: string): readonly string[] {
    return this.#configuration?.value.queues.find(({ name }) => name === queue)?.closeReasons ?? []
  }

  offersTo(agentId: string): readonly Offer[] {
    return [...this.#offers.values()].filter((offer) => offer.agentId === agentId)
  }

  get offers(): readonly Offer[] {
    return [...this.#offers.values()]
  }

  /** Reckoned once between two events: after an apply thousands of desks ask for it at once. */
  now(): PoolNow {
    return (this.#now ??= this.#reckoned())
  }

  #reckoned(): PoolNow {
    const loads = new Map<string, number>()
    const add = (agentId: string, weight: number) => loads.set(agentId, (loads.get(agentId) ?? 0) + weight)
    const works = [...this.#works.values()].map(({ value }) => value)
    for (const { stage, agentId, weight, offer } of works) {
      if (agentId !== null && (stage === 'with_agent' || stage === 'wrap_up')) add(agentId, weight)
      if (offer !== null) add(offer.agentId, weight)
    }
    const ofQueue = Map.groupBy(works, ({ queue }) => queue)
    const { agents = [], queues = [], flows = [] } = this.#configuration?.value ?? {}
    return {
      agents: agents
        .filter((agent) => !isOnlySupervisor(agent))
        .map(({ id, capacity, skills, queues: served, languages }) => ({
          id,
          status: this.statusOf(id),
          since: this.#presences.get(id)?.value.since ?? null,
          reason: this.#presences.get(id)?.value.reason || null,
          reasonCode: this.#presences.get(id)?.value.reasonCode || null,
          load: loads.get(id) ?? 0,
          capacity,
          skills: skills.map(({ name, level }) => ({ name, level })),
          queues: served,
          languages,
        })),
      queues: queues.map(({ name, closeReasons, hours }) => {
        const here = ofQueue.get(name) ?? []
        const count = (stage: Work['stage']) => here.filter((work) => work.stage === stage).length
        const since = here.flatMap((work) => (work.stage === 'waiting' ? (work.waitingSince ?? []) : []))
        return {
          name,
          waitingCount: count('waiting'),
          longestWaitingSince: since.toSorted()[0] ?? null,
          offeredCount: count('offered'),
          withAgentCount: count('with_agent'),
          isOpen: hours.length === 0 || this.#hours.get(name)?.value === true,
          closeReasons,
        }
      }),
      flows: flows.map(({ id, steps }) => ({ name: id, steps })),
    }
  }

  #setWork(conversationId: string, work: Work, seenVersion: number): void {
    const before = this.#works.get(conversationId)?.value.offer
    if (before) this.#offers.delete(before.id)
    if (work.offer !== null) this.#offers.set(work.offer.id, work.offer)
    if (work.stage === 'gone') this.#works.delete(conversationId)
    else this.#works.set(conversationId, { value: work, seenVersion })
  }
}
