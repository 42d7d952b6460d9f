import type { ReadEvent } from '@parley/eventlog'
import { ofTypes } from '@parley/kernel'
import type { Presence, WorkforceEvent } from '@parley/workforce'
import { isPresence } from '@parley/workforce'

/** How somebody is there. Since: ISO 8601 UTC, by the log's clock. */
export interface AgentPresence {
  readonly status: Presence
  readonly since: string
  /** Why the rules changed it; empty: the person wished it. */
  readonly reasonCode: string
  /** What the person said why; empty: nothing. */
  readonly reason: string
}

/** Made to one agent, out of a queue or by a transfer, and not answered yet. */
export interface Offer {
  readonly id: string
  readonly agentId: string
  readonly conversationId: string
  readonly contactId: string
  readonly queue: string
  readonly language: string
  readonly waitingSince: string
  readonly expiresAt: string
  /** Of a transfer: whose the conversation is until then. */
  readonly fromAgentId: string | null
  /** Its place in the log. */
  readonly partition: number
  readonly offset: string
}

/** A conversation as the pool has it. */
export interface Work {
  readonly stage: 'waiting' | 'offered' | 'with_agent' | 'parked' | 'wrap_up' | 'gone'
  readonly queue: string
  readonly weight: number
  readonly agentId: string | null
  readonly waitingSince: string | null
  readonly offer: Offer | null
}

export const PRESENCE_TYPES = ['PresenceChanged'] as const
export const WORK_TYPES = [
  'ConversationEnqueued',
  'ConversationOffered',
  'OfferEnded',
  'ConversationAssigned',
  'ConversationRequeued',
  'ConversationTakenOn',
  'ConversationParked',
  'ConversationReturnedToRobot',
  'ConversationWithdrawn',
  'WrapUpEnded',
] as const

export type PresenceFact = Extract<WorkforceEvent, { type: (typeof PRESENCE_TYPES)[number] }>
export type WorkFact = Extract<WorkforceEvent, { type: (typeof WORK_TYPES)[number] }>

export const isPresenceFact = ofTypes(PRESENCE_TYPES)
export const isWorkFact = ofTypes(WORK_TYPES)

/** Of an event as it was read. */
export function recordedOf({ envelope, record }: ReadEvent): Recorded {
  const reason = envelope.content.find(({ name }) => name === 'reason')?.value
  return {
    at: envelope.recordedAt ?? '',
    partition: record.partition,
    offset: record.offset,
    ...(reason !== undefined && { reason: Buffer.from(reason).toString() }),
  }
}

/** Where a fact stands in the log, and when it was recorded. */
export interface Recorded {
  readonly at: string
  readonly partition: number
  readonly offset: bigint
  /** Of a presence: what the person said why. */
  readonly reason?: string
}

export function evolvePresence(
  { data }: PresenceFact,
  { at, reason = '' }: Recorded,
): AgentPresence | undefined {
  const { status, reasonCode } = data
  return isPresence(status) ? { status, since: at, reasonCode, reason } : undefined
}

/** Pure. Undefined: nothing changes. */
export function evolveWork(work: Work | undefined, fact: WorkFact, recorded: Recorded): Work | undefined {
  const { at } = recorded
  if (fact.type === 'ConversationEnqueued') {
    const { queue, weight, waitingSince = at } = fact.data
    return { stage: 'waiting', queue, weight, agentId: null, waitingSince, offer: null }
  }
  if (fact.type === 'ConversationTakenOn') {
    const { queue, weight, agentId } = fact.data
    return { stage: 'parked', queue, weight, agentId, waitingSince: null, offer: null }
  }
  if (work === undefined) return undefined
  switch (fact.type) {
    case 'ConversationOffered': {
      const offer = offerOf(fact.data, recorded)
      return { ...work, stage: work.stage === 'with_agent' ? 'with_agent' : 'offered', offer }
    }
    case 'OfferEnded':
      return { ...work, stage: work.stage === 'offered' ? 'waiting' : work.stage, offer: null }
    case 'ConversationAssigned': {
      const { agentId, queue } = fact.data
      return { ...work, stage: 'with_agent', queue, agentId, waitingSince: null, offer: null }
    }
    case 'ConversationRequeued': {
      const { queue, weight, waitingSince } = fact.data
      const since = waitingSince ?? at
      return { stage: 'waiting', queue, weight, agentId: null, waitingSince: since, offer: null }
    }
    case 'ConversationParked':
      return { ...work, stage: 'parked', offer: null }
    case 'ConversationReturnedToRobot':
      return { ...work, stage: 'gone', agentId: null, waitingSince: null, offer: null }
    case 'ConversationWithdrawn': {
      const wrapsUp = fact.data.wrapUpUntil !== undefined
      return {
        ...work,
        stage: wrapsUp ? 'wrap_up' : 'gone',
        agentId: wrapsUp ? fact.data.agentId : null,
        waitingSince: null,
        offer: null,
      }
    }
    case 'WrapUpEnded':
      return { ...work, stage: 'gone', agentId: null }
    default:
      return fact satisfies never
  }
}

export function offerOf(
  data: Extract<WorkforceEvent, { type: 'ConversationOffered' }>['data'],
  { at, partition, offset }: Recorded,
): Offer {
  const { offerId, agentId, conversationId, contactId, queue, language } = data
  const { waitingSince, expiresAt, fromAgentId } = data
  return {
    id: offerId,
    agentId,
    conversationId,
    contactId,
    queue,
    language,
    waitingSince: waitingSince ?? at,
    expiresAt: expiresAt ?? at,
    fromAgentId: fromAgentId || null,
    partition,
    offset: String(offset),
  }
}
