import { unreachable, entryOf } from '@parley/kernel'
import { type WorkforceEvent, isPresence } from '@parley/workforce'
import { withAgent, withWaitingTimers, withWork } from './change.ts'
import { configured } from './configured.ts'
import { idsOf } from './ordered.ts'
import { paced } from './pace.ts'
import {
  type Agent,
  ENDED_OFFERS_MAX,
  ENDED_OFFERS_MS,
  HEAD_MS,
  MISSED_OFFERS,
  type Offer,
  type PoolState,
  REMOVED,
  type TakenFrom,
  type Work,
  changedAt,
} from './state.ts'
import { type TimerKind, timersFrom, withTimers } from './timers.ts'

/** An event as far as these rules look at it. */
export type PoolFact = WorkforceEvent & { readonly recordedAt: string }

export function evolve(state: PoolState, fact: PoolFact): PoolState {
  const at = Date.parse(fact.recordedAt)
  switch (fact.type) {
    case 'PoolConfigured':
      return fact.data.configuration === undefined ? state : configured(state, fact.data.configuration, at)

    case 'ConversationEnqueued': {
      const { conversationId: id, contactId, queue, language, skills, weight, revision } = fact.data
      const { preferredAgentId, priorityMinutes, contactVersion: languageVersion } = fact.data
      const { waitingSince = fact.recordedAt, isAtHead } = fact.data
      const since = Date.parse(waitingSince)
      const work: Work = {
        stage: 'waiting',
        contactId,
        queue,
        language,
        languageVersion,
        skills: skills.map(({ name, level }) => ({ name, level })),
        weight,
        priorityMinutes,
        revision,
        cameRevision: revision,
        since,
        enteredAt: at,
        ringsFrom: at,
        rank: rankOf(state, queue, priorityMinutes, since, isAtHead),
        ring: 0,
        preferred:
          preferredAgentId === ''
            ? null
            : { agentId: preferredAgentId, until: at + state.configuration.stickyMs },
        told: toldBy(fact.data),
        excluded: [],
      }
      return withWaitingTimers(withWork(state, id, work, at), [id], at)
    }
    case 'ConversationTakenOn': {
      const { conversationId: id, contactId, queue, language, agentId, weight, revision } = fact.data
      const work: Work = {
        stage: 'parked',
        contactId,
        queue,
        language,
        languageVersion: 0,
        skills: [],
        weight,
        priorityMinutes: 0,
        revision,
        cameRevision: revision,
        since: at,
        enteredAt: at,
        ringsFrom: at,
        rank: at,
        ring: 0,
        preferred: null,
        told: null,
        excluded: [],
        agentId,
        takenFrom: null,
        // Whatever the conversation says of it is news.
        heardRevision: 0,
        snoozedUntil: null,
      }
      return withWork(state, id, work, at)
    }
    case 'WaitEstimated': {
      const { conversationId: id, revision } = fact.data
      const work = state.works.get(id)
      return work === undefined
        ? state
        : withWork(state, id, { ...work, revision, told: toldBy(fact.data) }, at)
    }
    case 'ConversationOffered': {
      const {
        conversationId: id,
        agentId,
        offerId,
        expiresAt,
        revision,
        fromAgentId,
        noteMessageId,
      } = fact.data
      const work = state.works.get(id)
      if (work === undefined) return state
      const offer: Offer = {
        id: offerId,
        agentId,
        until: Date.parse(expiresAt ?? fact.recordedAt),
        isHandedOn: noteMessageId !== '',
      }
      const next: Work | undefined =
        fromAgentId === ''
          ? { ...anyStage(work), stage: 'offered', revision, offer }
          : work.stage === 'with_agent'
            ? { ...work, revision, transfer: offer }
            : undefined
      if (next === undefined) return state
      return timed(withWork(state, id, next, at), offer.until, 'offer', id)
    }
    case 'OfferEnded': {
      const { conversationId: id, agentId, offerId, outcome, revision, againAt } = fact.data
      const work = state.works.get(id)
      if (work === undefined) return state
      const until = againAt === undefined ? undefined : Date.parse(againAt)
      const excluded = until === undefined ? work.excluded : excludedToo(work.excluded, agentId, until, at)
      let next: PoolState = state
      if (work.stage === 'offered')
        next = withWaitingTimers(
          withWork(state, id, { ...anyStage(work), stage: 'waiting', revision, excluded }, at),
          [id],
          at,
        )
      else if (work.stage === 'with_agent')
        next = withWork(state, id, { ...work, revision, transfer: null }, at)
      if (until !== undefined && work.stage === 'offered') next = timed(next, until, 'again', id)
      return withAgent(next, agentId, (agent) => ({
        ...endedWith(agent, offerId, outcome, at),
        misses: outcome === 'timed_out' ? agent.misses + 1 : outcome === 'declined' ? 0 : agent.misses,
      }))
    }
    case 'ConversationAssigned': {
      const { conversationId: id, agentId, offerId, revision, fromAgentId, how } = fact.data
      const work = state.works.get(id)
      if (work === undefined) return state
      const next = withWork(
        state,
        id,
        {
          ...anyStage(work),
          stage: 'with_agent',
          agentId,
          revision,
          ownedRevision: revision,
          transfer: null,
          takenFrom: takenFromBy(work, { agentId, fromAgentId, how }),
        },
        at,
      )
      const known = withAgent(next, agentId, (agent) => ({
        ...(offerId === '' ? agent : endedWith(agent, offerId, 'accepted', at)),
        misses: offerId === '' ? agent.misses : 0,
      }))
      return fromAgentId === '' ? paced(known, work, at) : known
    }
    case 'ConversationRequeued': {
      const {
        conversationId: id,
        queue,
        reason,
        isAtHead,
        preferredAgentId,
        revision,
        weight,
        waitingSince,
        fromAgentId,
        againAt,
      } = fact.data
      const work = state.works.get(id)
      if (work === undefined) return state
      const since = Date.parse(waitingSince ?? fact.recordedAt)
      const until = againAt === undefined ? undefined : Date.parse(againAt)
      const excluded = work.queue === queue ? work.excluded : []
      const next: Work = {
        ...anyStage(work),
        stage: 'waiting',
        queue,
        weight,
        revision,
        since,
        enteredAt: at,
        ringsFrom: at,
        rank: rankOf(state, queue, work.priorityMinutes, since, isAtHead),
        ring: 0,
        preferred:
          preferredAgentId === ''
            ? null
            : { agentId: preferredAgentId, until: at + state.configuration.stickyMs },
        // Whose conversation was parked is silent, unless they wrote.
        told: work.stage === 'parked' && reason !== 'customer_wrote' ? null : toldBy(fact.data),
        excluded: until === undefined ? excluded : excludedToo(excluded, fromAgentId, until, at),
      }
      const waits = withWaitingTimers(withWork(state, id, next, at), [id], at)
      return until === undefined ? waits : timed(waits, until, 'again', id)
    }
    case 'ConversationParked': {
      const { conversationId: id, agentId, revision, snoozedUntil, heardRevision } = fact.data
      const work = state.works.get(id)
      if (work === undefined) return state
      const until = snoozedUntil === undefined ? null : Date.parse(snoozedUntil)
      const parked = withWork(
        state,
        id,
        {
          ...anyStage(work),
          stage: 'parked',
          agentId,
          takenFrom: 'takenFrom' in work ? work.takenFrom : null,
          revision,
          heardRevision,
          snoozedUntil: until,
        },
        at,
      )
      return until === null ? parked : timed(parked, until, 'snooze', id)
    }
    case 'ConversationReturnedToRobot':
      return withWork(state, fact.data.conversationId, undefined, at)
    case 'ConversationWithdrawn': {
      const { conversationId: id, agentId, wrapUpUntil } = fact.data
      const work = state.works.get(id)
      if (work === undefined) return state
      if (wrapUpUntil === undefined) return withWork(state, id, undefined, at)
      const until = Date.parse(wrapUpUntil)
      const next: Work = { ...anyStage(work), stage: 'wrap_up', agentId, until }
      return timed(withWork(state, id, next, at), until, 'wrap_up', id)
    }
    case 'WrapUpEnded':
      return withWork(state, fact.data.conversationId, undefined, at)
    case 'RingWidened': {
      const { conversationId: id, ring } = fact.data
      const work = state.works.get(id)
      if (work === undefined) return state
      return withWaitingTimers(withWork(state, id, { ...work, ring }, at), [id], at)
    }

    case 'LanguageChanged': {
      const { conversationId: id, language, contactVersion: languageVersion } = fact.data
      const work = state.works.get(id)
      return work === undefined ? state : withWork(state, id, { ...work, language, languageVersion }, at)
    }

    case 'PresenceChanged': {
      const { agentId, status, reasonCode } = fact.data
      if (!isPresence(status)) return state
      // What the rules say of somebody who is not there is no sign of them: with a desk made of it they would keep what they have for ever.
      if (reasonCode === MISSED_OFFERS)
        return withAgent(state, agentId, (agent) => ({ ...agent, status, misses: 0 }))
      return withAgent(state, agentId, (agent) => ({
        ...agent,
        status,
        misses: 0,
        idleSince: status === 'available' ? at : agent.idleSince,
        sessions:
          status === 'offline'
            ? agent.sessions.filter(({ id }) => id !== WITHOUT_DESK)
            : agent.sessions.length > 0
              ? agent.sessions
              : [{ id: WITHOUT_DESK, replica: '' }],
        graceUntil: status === 'offline' || agent.sessions.length === 0 ? null : agent.graceUntil,
        hasLeft: reasonCode === REMOVED,
      }))
    }
    case 'SessionOpened': {
      const { agentId, sessionId: id, replicaId: replica } = fact.data
      return withAgent(state, agentId, (agent) => ({
        ...agent,
        graceUntil: null,
        hasLeft: false,
        sessions: [
          ...agent.sessions.filter((session) => session.id !== id && session.id !== WITHOUT_DESK),
          { id, replica },
        ],
      }))
    }
    case 'SessionClosed': {
      const { agentId, sessionId, graceUntil } = fact.data
      const until = graceUntil === undefined ? null : Date.parse(graceUntil)
      const closed = withAgent(state, agentId, (agent) => ({
        ...agent,
        sessions: agent.sessions.filter(({ id }) => id !== sessionId),
        graceUntil: until ?? agent.graceUntil,
      }))
      return until === null ? closed : timed(closed, until, 'grace', agentId)
    }
    case 'ReplicaRenewed': {
      const { replicaId, until } = fact.data
      const time = Date.parse(until ?? fact.recordedAt)
      const replicas = { ...state.replicas, [replicaId]: time }
      return timed({ ...state, replicas }, time, 'replica', replicaId)
    }
    case 'ReplicaLost': {
      const { [fact.data.replicaId]: _, ...replicas } = state.replicas
      return { ...state, replicas }
    }
    case 'QueueHoursChanged': {
      const { queue, isOpen, until } = fact.data
      const time = until === undefined ? null : Date.parse(until)
      const before = entryOf(state.hours, queue)
      const since = before?.isOpen === isOpen ? before.since : changedAt(before, at)
      const hours = { ...state.hours, [queue]: { isOpen, since, until: time } }
      const pace = entryOf(state.pace, queue)
      let changed: PoolState = {
        ...state,
        hours,
        // Nobody is taken while it is closed: that is no pace.
        pace: isOpen && pace !== undefined ? { ...state.pace, [queue]: { ...pace, at } } : state.pace,
      }
      if (isOpen && before?.isOpen === false) changed = rested(changed, queue, before.since, since, at)
      for (const line of entryOf(changed.queueLines, queue) ?? [])
        changed = withWaitingTimers(changed, idsOf(changed.lines.get(line)!), at)
      return time === null ? changed : timed(changed, time, 'hours', queue)
    }
    case 'WakeScheduled': {
      const { dueAt } = fact.data
      const wakeAt = dueAt === undefined ? null : Date.parse(dueAt)
      return { ...state, ...timersFrom(state, wakeAt ?? at + 1), wakeAt }
    }
    default:
      return unreachable(fact)
  }
}

/** Who says they are there without a desk that is connected counts as one desk until the first one comes. */
const WITHOUT_DESK = ''

/** The place of what waits since then in the order of its queue. */
export function rankOf(
  { configuration }: PoolState,
  queue: string,
  minutes: number,
  since: number,
  isAtHead: boolean,
): number {
  const priority = (entryOf(configuration.queues, queue)?.priorityMinutes ?? 0) + minutes
  return since - priority * 60_000 - (isAtHead ? HEAD_MS : 0)
}

/** Who takes over from a supervisor has it from whom that one had it. */
function takenFromBy(
  work: Work,
  {
    agentId,
    fromAgentId,
    how,
  }: { readonly agentId: string; readonly fromAgentId: string; readonly how: string },
): TakenFrom {
  const before = 'takenFrom' in work ? work.takenFrom : null
  if (how === 'taken_over') return before ?? fromAgentId
  return how === 'resumed' && agentId === fromAgentId ? before : null
}

/** Without what belongs to its stage. */
function anyStage(work: Work) {
  const { contactId, queue, language, languageVersion, skills, weight, priorityMinutes, since } = work
  const { revision, cameRevision, enteredAt, ringsFrom, rank, ring, preferred, told, excluded } = work
  return {
    contactId,
    queue,
    language,
    languageVersion,
    skills,
    weight,
    priorityMinutes,
    revision,
    cameRevision,
    since,
    enteredAt,
    ringsFrom,
    rank,
    ring,
    preferred,
    told,
    excluded,
  }
}

const toldBy = ({ opensAt }: { readonly opensAt?: string | undefined }): Work['told'] => ({
  opensAt: opensAt === undefined ? null : Date.parse(opensAt),
})

function excludedToo(
  excluded: Work['excluded'],
  agentId: string,
  until: number,
  at: number,
): Work['excluded'] {
  return [...excluded.filter((one) => one.agentId !== agentId && one.until > at), { agentId, until }]
}

function timed(state: PoolState, at: number, kind: TimerKind, id: string): PoolState {
  return { ...state, ...withTimers(state, [{ at, kind, id }]) }
}

function endedWith(agent: Agent, id: string, outcome: string, at: number): Agent {
  const ended = [...agent.ended.filter((one) => one.at > at - ENDED_OFFERS_MS), { id, outcome, at }]
  return { ...agent, ended: ended.slice(-ENDED_OFFERS_MAX) }
}

/**
 * While its queue was closed nobody could take it, so that time counts for no ring, nor for how long its last agent comes first: else
 * whoever wrote at night went at the opening to whoever the widest ring lets have it.
 */
function rested(state: PoolState, queue: string, closedAt: number, openedAt: number, at: number): PoolState {
  let changed = state
  for (const [id, work] of state.works.entries()) {
    if (work.queue !== queue || (work.stage !== 'waiting' && work.stage !== 'offered')) continue
    const closedMs = openedAt - Math.max(work.enteredAt, closedAt)
    // It came behind the opening, of which the pool hears only now.
    if (closedMs <= 0) continue
    const { preferred } = work
    changed = withWork(
      changed,
      id,
      {
        ...work,
        ringsFrom: work.ringsFrom + closedMs,
        preferred: preferred && { ...preferred, until: preferred.until + closedMs },
      },
      at,
    )
  }
  return changed
}
