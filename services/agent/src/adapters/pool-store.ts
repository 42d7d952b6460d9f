import {
  type DocumentProjection,
  type ProjectedDocument,
  type ReadEvent,
  type ReadModel,
  defineProjection,
} from '@parley/eventlog'
import type { CommonEvent } from '@parley/kernel'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { POOL, type WorkforceEvent, workforces } from '@parley/workforce'
import type { Collection } from 'mongodb'
import {
  type AgentPresence,
  type Offer,
  PRESENCE_TYPES,
  type PresenceFact,
  type Recorded,
  WORK_TYPES,
  type Work,
  type WorkFact,
  evolvePresence,
  evolveWork,
} from '../workforce/pool.ts'
import { type OutcomeDocument, outcomeDocuments, outcomesIn } from './outcomes.ts'

interface ConfigurationDocument extends ProjectedDocument {
  readonly configuration: PoolConfiguration
}
interface PresenceDocument extends ProjectedDocument, AgentPresence {}
interface HoursDocument extends ProjectedDocument {
  readonly isOpen: boolean
}
interface WorkDocument extends ProjectedDocument, Work {
  /** Null while the pool has it. */
  readonly leavesAt: Date | null
}

const TYPES = [
  ...PRESENCE_TYPES,
  ...WORK_TYPES,
  'PoolConfigured',
  'QueueHoursChanged',
  'CommandRefused',
  'NothingChanged',
] as const
export type PoolFact = Extract<WorkforceEvent | CommonEvent, { type: (typeof TYPES)[number] }>

export interface PoolModel extends ReadModel<PoolFact> {
  readonly configurations: Collection<ConfigurationDocument>
  readonly presences: Collection<PresenceDocument>
  readonly hours: Collection<HoursDocument>
  readonly works: Collection<WorkDocument>
  readonly outcomes: Collection<OutcomeDocument>
}

const GATHER_MS = 50
/** What the pool has no more may be spoken of late. */
const GONE_KEPT_MS = 60 * 60 * 1_000

/** The pool as the desks see it: who is there, what waits, who is offered what. */
export const deskPool = defineProjection({
  name: 'desk_pool',
  family: workforces,
  types: TYPES,
  gatherMs: GATHER_MS,
  async open(db, version): Promise<PoolModel> {
    const configurations = db.collection<ConfigurationDocument>(`desk_configurations_v${version}`)
    const presences = db.collection<PresenceDocument>(`desk_presences_v${version}`)
    const hours = db.collection<HoursDocument>(`desk_hours_v${version}`)
    const works = db.collection<WorkDocument>(`desk_works_v${version}`)
    await works.createIndex({ leavesAt: 1 }, { expireAfterSeconds: 0 })
    await works.createIndex({ agentId: 1 })
    const outcomes = await outcomesIn(db, workforces.name, version)
    return {
      configurations,
      presences,
      hours,
      works,
      outcomes,
      documents: [
        configurationDocuments(configurations),
        presenceDocuments(presences),
        hoursDocuments(hours),
        workDocuments(works),
        outcomeDocuments(outcomes),
      ],
      compared: (document) =>
        'leavesAt' in document && (document as WorkDocument).leavesAt !== null ? undefined : document,
    }
  },
})

const recorded = ({ envelope, record }: ReadEvent<PoolFact>): Recorded => ({
  at: envelope.recordedAt ?? '',
  partition: record.partition,
  offset: record.offset,
})

const isPresenceFact = (event: { readonly type: string }): event is PresenceFact =>
  (PRESENCE_TYPES as readonly string[]).includes(event.type)
const isWorkFact = (event: { readonly type: string }): event is WorkFact =>
  (WORK_TYPES as readonly string[]).includes(event.type)

function configurationDocuments(
  collection: Collection<ConfigurationDocument>,
): DocumentProjection<ConfigurationDocument, PoolFact> {
  return {
    collection,
    route: (event) => (event.type === 'PoolConfigured' ? [event.envelope.streamId] : []),
    fold(_, event) {
      if (event.type !== 'PoolConfigured' || event.data.configuration === undefined) return undefined
      return { configuration: event.data.configuration }
    },
  }
}

function presenceDocuments(
  collection: Collection<PresenceDocument>,
): DocumentProjection<PresenceDocument, PoolFact> {
  return {
    collection,
    route: (event) => (isPresenceFact(event) ? [event.data.agentId] : []),
    fold: (_, event) => (isPresenceFact(event) ? evolvePresence(event, recorded(event)) : undefined),
  }
}

function hoursDocuments(collection: Collection<HoursDocument>): DocumentProjection<HoursDocument, PoolFact> {
  return {
    collection,
    route: (event) => (event.type === 'QueueHoursChanged' ? [event.data.queue] : []),
    fold: (_, event) => (event.type === 'QueueHoursChanged' ? { isOpen: event.data.isOpen } : undefined),
  }
}

function workDocuments(collection: Collection<WorkDocument>): DocumentProjection<WorkDocument, PoolFact> {
  return {
    collection,
    route: (event) => (isWorkFact(event) ? [event.data.conversationId] : []),
    fold(document, event) {
      const at = recorded(event)
      const next = isWorkFact(event) ? evolveWork(document, event, at) : undefined
      if (next === undefined) return undefined
      return { ...next, leavesAt: next.stage === 'gone' ? new Date(Date.parse(at.at) + GONE_KEPT_MS) : null }
    },
  }
}

export interface AgentNow {
  readonly id: string
  readonly status: AgentPresence['status']
  /** Null: they never came. */
  readonly since: string | null
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
}

export interface PoolStore {
  now(): Promise<PoolNow>
  /** All that are open. */
  offers(): Promise<readonly Offer[]>
}

/** @param current The version that is read now: another one after a switch. */
export function poolStore(current: () => PoolModel): PoolStore {
  const configuration = async () => (await current().configurations.findOne({ _id: POOL }))?.configuration
  return {
    async now() {
      const { presences, hours, works } = current()
      const [configured, present, opening, held] = await Promise.all([
        configuration(),
        presences.find().toArray(),
        hours.find().toArray(),
        works.find({ stage: { $ne: 'gone' } }).toArray(),
      ])
      const presenceOf = new Map(present.map((each) => [each._id, each]))
      const isOpen = new Map(opening.map((each) => [each._id, each.isOpen]))
      const loads = new Map<string, number>()
      const add = (agentId: string, weight: number) => loads.set(agentId, (loads.get(agentId) ?? 0) + weight)
      for (const { stage, agentId, weight, offer } of held) {
        if (agentId !== null && (stage === 'with_agent' || stage === 'wrap_up')) add(agentId, weight)
        if (offer !== null) add(offer.agentId, weight)
      }
      const ofQueue = Map.groupBy(held, ({ queue }) => queue)
      return {
        agents: (configured?.agents ?? []).map(({ id, capacity, skills, queues, languages }) => ({
          id,
          status: presenceOf.get(id)?.status ?? 'offline',
          since: presenceOf.get(id)?.since ?? null,
          load: loads.get(id) ?? 0,
          capacity,
          skills: skills.map(({ name, level }) => ({ name, level })),
          queues,
          languages,
        })),
        queues: (configured?.queues ?? []).map((queue) => {
          const { name, closeReasons, hours: spans } = queue
          const here = ofQueue.get(name) ?? []
          const count = (stage: Work['stage']) => here.filter((work) => work.stage === stage).length
          const since = here.flatMap((work) => (work.stage === 'waiting' ? (work.waitingSince ?? []) : []))
          return {
            name,
            waitingCount: count('waiting'),
            longestWaitingSince: since.toSorted()[0] ?? null,
            offeredCount: count('offered'),
            withAgentCount: count('with_agent'),
            isOpen: spans.length === 0 || isOpen.get(name) === true,
            closeReasons,
          }
        }),
      }
    },

    async offers() {
      const found = await current()
        .works.find({ offer: { $ne: null } })
        .toArray()
      return found.flatMap(({ offer }) => offer ?? [])
    },
  }
}
