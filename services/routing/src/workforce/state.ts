import { Table, entryOf } from '@parley/kernel'
import type { QueueConfiguration, SkillLevel, ZoneConfiguration } from '@parley/proto/workforce-configuration'
import type { Presence } from '@parley/workforce'
import { NOTHING_ORDERED, type Ordered } from './ordered.ts'

/**
 * One pool: who is there, what waits, who has what. Times are milliseconds since 1970. What stands twice (who is ready, what waits in
 * which order, what an agent has) is an index of `agents` and `works`, and changes together with them in `change.ts` alone.
 */
export interface PoolState {
  readonly configuration: Configuration
  readonly agents: Table<Agent>
  /** By conversation. */
  readonly works: Table<Work>
  /** By line (`lineOf`): what waits, first come first, priority counted as waiting. */
  readonly lines: Table<Ordered>
  /** The lines of each queue that are not empty. */
  readonly queueLines: Readonly<Record<string, readonly string[]>>
  /** By profile: the agents who could be given something, the least busy first, of these the longest idle. */
  readonly ready: Table<Ordered>
  /** By time: what is to be looked at then (`kind id`). What was settled before stays until its time, and is nothing then. */
  readonly timers: Table<readonly string[]>
  /** The times of `timers`, in order, by their names there. */
  readonly timerTimes: Ordered
  /** The deadline that the log was told of; null: none. */
  readonly wakeAt: number | null
  /** Of queues with hours: since when they are open or closed, and until when. */
  readonly hours: Readonly<
    Record<string, { readonly isOpen: boolean; readonly since: number; readonly until: number | null }>
  >
  /** How fast a queue gets shorter: milliseconds from one conversation that is taken to the next while something waits. */
  readonly pace: Readonly<Record<string, { readonly at: number; readonly intervalMs: number }>>
  /** Processes that hold desks, and until when they are believed to live. */
  readonly replicas: Readonly<Record<string, number>>
}

export interface Configuration {
  /** Empty: the pool has none yet. */
  readonly hash: string
  readonly queues: Readonly<Record<string, Queue>>
  /** Agents who differ in nothing that matters to an offer are of one profile. */
  readonly profiles: Readonly<Record<string, Profile>>
  /** By queue: the profiles that serve it. */
  readonly serving: Readonly<Record<string, readonly string[]>>
  readonly zones: Readonly<Record<string, ZoneConfiguration>>
  /** The steps of each flow: where a conversation can go on with the robot. */
  readonly flows: Readonly<Record<string, readonly string[]>>
  /** Those who are no agents: they are in the pool while they have something. */
  readonly supervisors: readonly string[]
  readonly graceMs: number
  /** Never shorter. */
  readonly outageGraceMs: number
  readonly offerAgainMs: number
  readonly stickyMs: number
}

export type Queue = Omit<QueueConfiguration, 'texts'>

export interface Profile {
  readonly queues: readonly string[]
  readonly skills: Readonly<Record<string, number>>
  readonly languages: readonly string[]
}

export interface Agent {
  readonly profile: string
  readonly team: string
  /** 0: a supervisor who is no agent. */
  readonly capacity: number
  readonly isSupervisor: boolean
  readonly status: Presence
  /** Since their load last changed, or they came. */
  readonly idleSince: number
  /** By weight: what they have, are offered, and are wrapping up. */
  readonly load: number
  readonly sessions: readonly Session[]
  /** The last desk is gone: they are offline from then on. */
  readonly graceUntil: number | null
  /** Deactivated, or without the right to answer, and not back since: what they have parked is nobody's to wait for. */
  readonly hasLeft: boolean
  /** Offers missed in a row. */
  readonly misses: number
  /** The conversations that they have. */
  readonly has: readonly string[]
  /** The conversations that they are offered. */
  readonly offered: readonly string[]
  readonly wrapsUp: readonly string[]
  /** What waits and is rather theirs than anybody else's. */
  readonly awaited: readonly string[]
  /** How their last offers ended, oldest first. */
  readonly ended: readonly EndedOffer[]
}

export interface Session {
  readonly id: string
  readonly replica: string
}

export interface EndedOffer {
  readonly id: string
  readonly outcome: string
  readonly at: number
}

interface AnyWork {
  readonly contactId: string
  readonly queue: string
  readonly language: string
  /** Of the contact's stream, as of which that is its language. */
  readonly languageVersion: number
  readonly skills: readonly SkillLevel[]
  readonly weight: number
  readonly priorityMinutes: number
  /** Counts the words of the pool about it. */
  readonly revision: number
  /** The word of the pool with which it came. */
  readonly cameRevision: number
  /** The customer waits, or waited, since. */
  readonly since: number
  /** In this queue: its overflow counts from here, open or closed. */
  readonly enteredAt: number
  /** Its rings count from here: later than it entered by as long as the queue was closed, for nobody could have taken it then. */
  readonly ringsFrom: number
  /** Its place in the order of what waits: the lower, the sooner. */
  readonly rank: number
  /** How many rings have widened. */
  readonly ring: number
  readonly preferred: { readonly agentId: string; readonly until: number } | null
  /** What the customer heard of it last; null: nothing, for they are silent and wait for nothing. */
  readonly told: Told | null
  /** Who declined it, missed it or gave it away. */
  readonly excluded: readonly { readonly agentId: string; readonly until: number }[]
}

interface Told {
  /** When its queue opens; null: it is open. */
  readonly opensAt: number | null
}

/** Whose it was when a supervisor took it over; empty: it waited; null: nobody took it over. */
export type TakenFrom = string | null

export interface Offer {
  readonly id: string
  readonly agentId: string
  readonly until: number
  /** By a person, who may choose anybody with the skills: also who does not serve its queue. */
  readonly isHandedOn: boolean
}

export type Waiting = AnyWork & { readonly stage: 'waiting' }
export type Offered = AnyWork & { readonly stage: 'offered'; readonly offer: Offer }
export type WithAgent = AnyWork & {
  readonly stage: 'with_agent'
  readonly agentId: string
  /** The word of the pool that gave it to them. */
  readonly ownedRevision: number
  /** To another agent, who has a place kept for it. */
  readonly transfer: Offer | null
  readonly takenFrom: TakenFrom
}
export type Parked = AnyWork & {
  readonly stage: 'parked'
  readonly agentId: string
  readonly takenFrom: TakenFrom
  /** What the conversation had heard of the pool when it parked: what it says of an earlier park is late. */
  readonly heardRevision: number
  readonly snoozedUntil: number | null
}
export type WrapUp = AnyWork & { readonly stage: 'wrap_up'; readonly agentId: string; readonly until: number }
export type Work = Waiting | Offered | WithAgent | Parked | WrapUp

/** More than a person is offered in that hour; a wall against a pool that offers without end. */
export const ENDED_OFFERS_MAX = 256
export const ENDED_OFFERS_MS = 60 * 60 * 1000
/** So much earlier than anything that came in its time. */
export const HEAD_MS = 1e13

/** Why the rules make an agent away. */
export const MISSED_OFFERS = 'missed_offers'
/** Why somebody is offline who does not come back: deactivated, without the right to answer, or in no configuration any more. */
export const REMOVED = 'removed'

export const NO_CONFIGURATION: Configuration = {
  hash: '',
  queues: {},
  profiles: {},
  serving: {},
  zones: {},
  flows: {},
  supervisors: [],
  graceMs: 0,
  outageGraceMs: 0,
  offerAgainMs: 0,
  stickyMs: 0,
}

export const emptyPool: PoolState = {
  configuration: NO_CONFIGURATION,
  agents: Table.empty(),
  works: Table.empty(),
  lines: Table.empty(),
  queueLines: {},
  ready: Table.empty(),
  timers: Table.empty(),
  timerTimes: NOTHING_ORDERED,
  wakeAt: null,
  hours: {},
  pace: {},
  replicas: {},
}

/** What is open of it: an offer of its queue, or one of a transfer. */
export function offerOf(work: Work): Offer | null {
  if (work.stage === 'offered') return work.offer
  return work.stage === 'with_agent' ? work.transfer : null
}

export function isReady({ status, graceUntil, load, capacity }: Agent): boolean {
  return status === 'available' && graceUntil === null && load < capacity
}

export function isOpen({ configuration, hours }: PoolState, queue: string): boolean {
  const { hours: spans = [] } = entryOf(configuration.queues, queue) ?? {}
  return spans.length === 0 || entryOf(hours, queue)?.isOpen === true
}

/** When a queue opens that is closed; null: it is open, or nobody knows. */
export function opensAt(state: PoolState, queue: string): number | null {
  return isOpen(state, queue) ? null : (entryOf(state.hours, queue)?.until ?? null)
}

/** Whether what its customer heard is true no more: the queue closed since, or opens at another time. What is sent on goes with a word of its own. */
export function isClosedUntold(state: PoolState, { queue, told }: Waiting): boolean {
  const until = opensAt(state, queue)
  return until !== null && told !== null && told.opensAt !== until && waitsIn(state, queue) === queue
}

/** When hours that are now found to be others changed: when they were to, where that is past. Else what they go by has changed just now. */
export function changedAt(before: { readonly until: number | null } | undefined, at: number): number {
  return before?.until != null && before.until <= at ? before.until : at
}

/** Where it waits: a queue that is closed may send on what comes. Configurations lead nowhere in a circle; should one do so, it stays. */
export function waitsIn(state: PoolState, name: string): string {
  const { queues } = state.configuration
  const seen = new Set<string>()
  let queue = name
  while (!seen.has(queue) && !isOpen(state, queue)) {
    seen.add(queue)
    const { outsideHours = '', overflowQueue = '' } = entryOf(queues, queue) ?? {}
    if (outsideHours !== 'overflow' || overflowQueue === '') return queue
    queue = overflowQueue
  }
  return seen.has(queue) ? name : queue
}
