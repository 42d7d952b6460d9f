// For tests and the bench: pools of agents and queues, told as people, customers and the clock would.
import {
  type Actor,
  type DataOf,
  type NewCommand,
  type Partially,
  type RecordedCommand,
  type RecordedEvent,
  type StreamState,
  decideOn,
  deterministicId,
  emptyStream,
  entryOf,
} from '@parley/kernel'
import type {
  AgentConfiguration,
  PoolConfiguration,
  QueueConfiguration,
} from '@parley/proto/workforce-configuration'
import { PoolConfiguration as PoolConfigurationCodec } from '@parley/proto/workforce-configuration'
import {
  POOL,
  type PoolCommandData,
  type WorkforceCommand,
  type WorkforceEvent,
  workforces,
} from '@parley/workforce'
import { workforceDecider } from '../src/workforce/decider.ts'
import { lackedSkill } from '../src/workforce/matching.ts'
import { NOTHING_ORDERED, entriesOf, idsOf } from '../src/workforce/ordered.ts'
import { type Agent, type PoolState, type Work, isOpen, isReady } from '../src/workforce/state.ts'
import { nextTime } from '../src/workforce/timers.ts'

export const BEGIN = Date.parse('2026-03-02T12:00:00.000Z')

export function queue(name: string, more: Partially<QueueConfiguration> = {}): Partially<QueueConfiguration> {
  return { name, weight: 1, offerSeconds: 20, isClaimable: true, ...more }
}

export function agent(id: string, more: Partially<AgentConfiguration> = {}): Partially<AgentConfiguration> {
  return { id, capacity: 2, languages: ['pt', 'en', 'bn'], queues: ['general'], team: 'day', ...more }
}

/** No agent: they take over what others have. */
export function supervisor(id: string, team = 'day'): Partially<AgentConfiguration> {
  return { id, isSupervisor: true, team }
}

export function pool(
  queues: readonly Partially<QueueConfiguration>[],
  agents: readonly Partially<AgentConfiguration>[],
  more: Partially<PoolConfiguration> = {},
): PoolConfiguration {
  const whole = {
    graceSeconds: 60,
    outageGraceSeconds: 300,
    offerAgainSeconds: 30,
    stickySeconds: 120,
    flows: [{ id: 'menu', steps: ['welcome', 'cards'] }],
    ...more,
    queues: [...queues],
    agents: [...agents],
  }
  return PoolConfigurationCodec.fromPartial({
    hash: deterministicId(JSON.stringify(whole)),
    ...whole,
  } as PoolConfiguration)
}

type Data<Type extends WorkforceCommand['type']> = Partially<PoolCommandData<Type>>
type EventOf<Type extends WorkforceEvent['type']> = DataOf<WorkforceEvent, Type>

/** One pool, decided as a host would, with a clock that the test turns. */
export class Pool {
  at = BEGIN
  stream: StreamState<PoolState> = emptyStream(workforceDecider, POOL)
  /** All that it stated, for whoever hears of it. */
  readonly stated: RecordedEvent[] = []
  readonly #commands: RecordedCommand[] = []
  readonly #hashes: string[] = []

  constructor(configuration?: PoolConfiguration) {
    if (configuration !== undefined) this.when('ConfigurePool', { configuration })
  }

  get state(): PoolState {
    return this.stream.state
  }

  /** Decides; returns what was stated. */
  when<Type extends WorkforceCommand['type']>(
    type: Type,
    data: Data<Type>,
    actor: Actor = { kind: 'system', id: 'test' },
  ): readonly WorkforceEvent[] {
    const events = this.decides({
      ...(workforces.command(type, data as never) as unknown as WorkforceCommand),
      commandId: deterministicId('pool', String(this.#commands.length)),
      streamId: POOL,
      occurredAt: new Date(this.at).toISOString(),
      actor,
    })
    return events.map(({ envelope }) => workforces.readEvent(envelope) as WorkforceEvent)
  }

  decides(wish: NewCommand<WorkforceCommand>): readonly RecordedEvent[] {
    const command: RecordedCommand = {
      recordedAt: new Date(this.at).toISOString(),
      offset: BigInt(this.#commands.length),
      envelope: workforces.commandEnvelope(wish),
    }
    this.#commands.push(command)
    const { events, stream } = decideOn(workforceDecider, command, this.stream, undefined)
    this.stream = stream
    this.stated.push(...events)
    for (const { raw } of events) this.#hashes.push(Buffer.from(raw).toString('base64'))
    return events
  }

  /** Time passes, and what is due is looked at as the ticker would. */
  later(seconds: number): readonly WorkforceEvent[] {
    const until = this.at + seconds * 1000
    const all: WorkforceEvent[] = []
    while (this.state.wakeAt !== null && this.state.wakeAt <= until) {
      this.at = Math.max(this.at, this.state.wakeAt)
      all.push(...this.when('Wake', { dueAt: new Date(this.state.wakeAt).toISOString() }))
    }
    this.at = until
    return all
  }

  /** The same commands decided anew, from nothing, give the same bytes. */
  decidedAnew(): { readonly bytes: readonly string[]; readonly again: readonly string[] } {
    let stream = emptyStream(workforceDecider, POOL)
    const again: string[] = []
    for (const command of this.#commands) {
      const decided = decideOn(workforceDecider, command, stream, undefined)
      stream = decided.stream
      for (const { raw } of decided.events) again.push(Buffer.from(raw).toString('base64'))
    }
    return { bytes: this.#hashes, again }
  }

  arrives(conversationId: string, more: Data<'EnqueueConversation'> = {}): readonly WorkforceEvent[] {
    return this.when('EnqueueConversation', {
      conversationId,
      contactId: `contact of ${conversationId}`,
      queue: 'general',
      language: 'pt',
      ...more,
    })
  }

  comes(...agentIds: readonly string[]): readonly WorkforceEvent[] {
    return agentIds.flatMap((agentId) => this.when('SetPresence', { agentId, status: 'available' }))
  }

  agent(id: string): Agent {
    return this.state.agents.get(id)!
  }

  work(id: string): Work | undefined {
    return this.state.works.get(id)
  }

  /** The offer of the conversation that is open. */
  offer(id: string) {
    const work = this.work(id)
    const offer =
      work?.stage === 'offered' ? work.offer : work?.stage === 'with_agent' ? work.transfer : undefined
    if (offer === undefined || offer === null) throw new Error(`${id} is not offered: ${work?.stage}`)
    return { agentId: offer.agentId, offerId: offer.id }
  }

  accepts(id: string): readonly WorkforceEvent[] {
    return this.when('AcceptOffer', this.offer(id))
  }

  /** Who has it, or where it stands. */
  where(id: string): string {
    const work = this.work(id)
    switch (work?.stage) {
      case undefined:
        return 'nowhere'
      case 'waiting':
        return `waiting in ${work.queue}`
      case 'offered':
        return `offered to ${work.offer.agentId}`
      case 'with_agent':
        return work.transfer === null
          ? `with ${work.agentId}`
          : `with ${work.agentId}, offered to ${work.transfer.agentId}`
      case 'parked':
        return `parked by ${work.agentId}`
      case 'wrap_up':
        return `wrapped up by ${work.agentId}`
    }
  }
}

export function eventsOf<Type extends WorkforceEvent['type']>(
  events: readonly WorkforceEvent[],
  type: Type,
): readonly EventOf<Type>[] {
  return events.filter((event) => event.type === type).map(({ data }) => data as EventOf<Type>)
}

/** All that is wrong with a pool, by what stands in it alone: worked out here without the indexes of the rules. */
export function wrongWith(state: PoolState, at: number): readonly string[] {
  const wrong: string[] = []
  const works = [...state.works.entries()]
  const agents = [...state.agents.entries()]
  for (const [id, agent] of agents) {
    const holds = (matches: (work: Work) => boolean) =>
      works.filter(([, work]) => matches(work)).map(([workId]) => workId)
    const has = holds((work) => work.stage === 'with_agent' && work.agentId === id)
    const offered = holds(
      (work) =>
        (work.stage === 'offered' && work.offer.agentId === id) ||
        (work.stage === 'with_agent' && work.transfer?.agentId === id),
    )
    const wrapsUp = holds((work) => work.stage === 'wrap_up' && work.agentId === id)
    const awaited = holds((work) => work.stage === 'waiting' && work.preferred?.agentId === id)
    const same = (what: string, left: readonly string[], right: readonly string[]) => {
      if (left.toSorted().join() !== right.toSorted().join())
        wrong.push(`${id} ${what}: ${left.join()} for ${right.join()}`)
    }
    same('has', agent.has, has)
    same('is offered', agent.offered, offered)
    same('wraps up', agent.wrapsUp, wrapsUp)
    same('is awaited by', agent.awaited, awaited)
    const load = [...has, ...offered, ...wrapsUp].reduce(
      (sum, work) => sum + state.works.get(work)!.weight,
      0,
    )
    if (load !== agent.load) wrong.push(`${id} has load ${agent.load} for ${load}`)
    if (agent.capacity > 0 && load > agent.capacity) wrong.push(`${id} has ${load} of ${agent.capacity}`)
    const isListed = [...idsOf(state.ready.get(agent.profile) ?? NOTHING_ORDERED)].includes(id)
    if (isListed !== isReady(agent)) wrong.push(`${id} is ${isListed ? '' : 'not '}listed as ready`)
    if (agent.status === 'offline' && load > 0) wrong.push(`${id} is offline with ${load}`)
    const parked = holds((work) => work.stage === 'parked' && work.agentId === id)
    if (agent.hasLeft && parked.length > 0) wrong.push(`${id} left, and has ${parked.join()} parked`)
  }
  for (const [, ready] of state.ready.entries()) {
    const keys = [...entriesOf(ready)].map(([key]) => key)
    if (keys.some((key, index) => index > 0 && key < keys[index - 1]!))
      wrong.push('who is ready stands in no order')
  }

  const lined = [...state.lines.entries()].flatMap(([, line]) => [...idsOf(line)])
  const waiting = works.filter(([, work]) => work.stage === 'waiting')
  if (
    lined.toSorted().join() !==
    waiting
      .map(([id]) => id)
      .toSorted()
      .join()
  )
    wrong.push(`lines hold ${lined.join()} for ${waiting.map(([id]) => id).join()}`)
  for (const [name, lines] of Object.entries(state.queueLines))
    for (const line of lines)
      if (!line.startsWith(`${name} `) || !state.lines.has(line)) wrong.push(`${name} names line ${line}`)

  const takes = (agentId: string, { profile, capacity }: Agent, work: Work): boolean => {
    const known = entryOf(state.configuration.profiles, profile)!
    return (
      known.queues.includes(work.queue) &&
      capacity >= work.weight &&
      isOpen(state, work.queue) &&
      !work.excluded.some((one) => one.agentId === agentId && one.until > at) &&
      lackedSkill(state, known, work) === undefined
    )
  }
  for (const [agentId, agent] of agents.filter(([, one]) => isReady(one))) {
    const room = agent.capacity - agent.load
    const could = waiting
      .filter(([, work]) => takes(agentId, agent, work))
      .toSorted(([, left], [, right]) => left.rank - right.rank)
    // Of those that came at one moment any is the next one; who needs more room than there is holds up those behind it.
    const next = could.filter(([, { rank }]) => rank === could[0]![1].rank)
    if (next.length > 0 && next.every(([, { weight }]) => weight <= room))
      wrong.push(`${next[0]![0]} waits though ${agentId} has room for it`)
  }
  const timed = new Set([...state.timers.entries()].flatMap(([, entries]) => entries))
  const looksAt = (what: string): void => {
    if (!timed.has(what)) wrong.push(`nobody looks at ${what} in its time`)
  }
  for (const [id, work] of works) {
    const {
      rings = [],
      overflowQueue = '',
      outsideHours = '',
    } = entryOf(state.configuration.queues, work.queue) ?? {}
    if (work.stage === 'waiting' && work.ring < rings.length && isOpen(state, work.queue))
      looksAt(`ring ${id}`)
    if (work.stage === 'waiting' && overflowQueue !== '') looksAt(`overflow ${id}`)
    const { isOpen: opened = true, until = null } = entryOf(state.hours, work.queue) ?? {}
    const sendsOn = overflowQueue !== '' && outsideHours === 'overflow'
    if (work.stage === 'waiting' && !opened && !sendsOn && work.told !== null && work.told.opensAt !== until)
      looksAt(`closed ${id}`)
    if (work.stage === 'offered' || (work.stage === 'with_agent' && work.transfer !== null))
      looksAt(`offer ${id}`)
    if (work.stage === 'parked' && work.snoozedUntil !== null) looksAt(`snooze ${id}`)
    if (work.stage === 'wrap_up') looksAt(`wrap_up ${id}`)
  }
  for (const [id, { graceUntil }] of agents) if (graceUntil !== null) looksAt(`grace ${id}`)
  const earliest = nextTime(state)
  if (earliest !== undefined && (state.wakeAt === null || state.wakeAt > earliest))
    wrong.push(`nobody wakes the pool for ${earliest}`)
  return wrong
}

/**
 * What was given against the rules by these facts, each judged by the pool as it was just before it: to somebody who may not have it, before
 * what was theirs or came sooner, or past whoever it is rather given to. Worked out here without the indexes of the rules.
 */
export function wronglyGiven(before: PoolState, facts: readonly RecordedEvent[]): readonly string[] {
  const wrong: string[] = []
  let state = before
  for (const { envelope } of facts) {
    if (!workforces.isFolded(envelope.type)) continue
    const event = workforces.readEvent(envelope) as WorkforceEvent
    const recordedAt = envelope.recordedAt!
    const given = givenBy(event)
    if (given !== undefined) wrong.push(...wrongOf(state, given, Date.parse(recordedAt)))
    state = workforceDecider.evolve(state, { ...event, recordedAt } as never)
  }
  return wrong
}

interface Given {
  readonly id: string
  readonly agentId: string
}

/** Out of a queue by the rules, and not by a person. */
function givenBy(event: WorkforceEvent): Given | undefined {
  if (event.type === 'ConversationOffered') {
    const { conversationId: id, agentId, fromAgentId, noteMessageId } = event.data
    return fromAgentId === '' && noteMessageId === '' ? { id, agentId } : undefined
  }
  if (event.type !== 'ConversationAssigned' || event.data.how !== 'auto') return undefined
  return { id: event.data.conversationId, agentId: event.data.agentId }
}

function wrongOf(state: PoolState, { id, agentId }: Given, at: number): readonly string[] {
  const work = state.works.get(id)
  if (work?.stage !== 'waiting') return [`${id} is given to ${agentId} and does not wait: ${work?.stage}`]
  const waiting = [...state.works.entries()].filter(([, one]) => one.stage === 'waiting')
  const mayHave = (to: Agent, one: Work, whose: string): boolean => {
    const known = entryOf(state.configuration.profiles, to.profile)!
    return (
      known.queues.includes(one.queue) &&
      to.capacity >= one.weight &&
      isOpen(state, one.queue) &&
      !one.excluded.some((other) => other.agentId === whose && other.until > at) &&
      lackedSkill(state, known, one) === undefined
    )
  }
  /** What an agent is to be given: of what is theirs, otherwise of all, that which comes first. */
  const nextOf = (whose: string): readonly string[] => {
    const to = state.agents.get(whose)!
    if (!isReady(to)) return []
    const room = to.capacity - to.load
    const could = waiting.filter(([, one]) => mayHave(to, one, whose))
    const theirs = could.filter(
      ([, one]) => one.preferred?.agentId === whose && one.preferred.until >= at && one.weight <= room,
    )
    const among = theirs.length > 0 ? theirs : could
    const first = Math.min(...among.map(([, { rank }]) => rank))
    return among.filter(([, { rank, weight }]) => rank === first && weight <= room).map(([one]) => one)
  }
  if (!nextOf(agentId).includes(id))
    return [`${id} is given to ${agentId}, whose next is ${nextOf(agentId).join(' or ') || 'none'}`]
  const met = (whose: string): number => {
    const { skills } = entryOf(state.configuration.profiles, state.agents.get(whose)!.profile)!
    const wished = entryOf(state.configuration.queues, work.queue)?.wishedSkills ?? []
    return wished.reduce((sum, { name, level }) => {
      const has = entryOf(skills, name) ?? 0
      return sum + (has === 0 ? 0 : has >= level ? 2 : 1)
    }, 0)
  }
  const isTheirs = (whose: string) => work.preferred?.agentId === whose && work.preferred.until >= at
  const isRather = (one: string, other: string): boolean => {
    if (isTheirs(one) !== isTheirs(other)) return isTheirs(one)
    if (met(one) !== met(other)) return met(one) > met(other)
    const [left, right] = [state.agents.get(one)!, state.agents.get(other)!]
    return left.load === right.load ? left.idleSince < right.idleSince : left.load < right.load
  }
  // Who declined is asked again at the next look, a quarter of a second later at most.
  const isAskedAgain = (whose: string) =>
    !work.excluded.some((one) => one.agentId === whose && one.until > at - 250)
  return [...state.agents.entries()]
    .filter(([other]) => isAskedAgain(other))
    .filter(([other]) => other !== agentId && nextOf(other).includes(id) && isRather(other, agentId))
    .map(([other]) => `${id} is given to ${agentId}, and is rather ${other}’s`)
}
