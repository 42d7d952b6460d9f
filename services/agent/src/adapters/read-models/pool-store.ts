import {
  type DocumentProjection,
  type ProjectedDocument,
  type ReadModel,
  defineProjection,
} from '@parley/eventlog'
import type { CommonEvent } from '@parley/kernel'
import { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { POOL, type WorkforceEvent, workforces } from '@parley/workforce'
import type { Collection } from 'mongodb'
import type { PoolParts, Seen } from '../../workforce/pool-view.ts'
import {
  type AgentPresence,
  PRESENCE_TYPES,
  WORK_TYPES,
  type Work,
  evolvePresence,
  evolveWork,
  isPresenceFact,
  isWorkFact,
  offerOf,
  recordedOf,
} from '../../workforce/pool.ts'
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
interface OfferDocument extends ProjectedDocument {
  readonly agentId: string
  readonly leavesAt: Date
}

const TYPES = [
  ...PRESENCE_TYPES,
  ...WORK_TYPES,
  'PoolConfigured',
  'QueueHoursChanged',
  // It changes nothing that is shown of the pool: whoever changed the language waits for it.
  'LanguageChanged',
  'CommandRefused',
  'NothingChanged',
] as const
export type PoolFact = Extract<WorkforceEvent | CommonEvent, { type: (typeof TYPES)[number] }>

export interface PoolModel extends ReadModel<PoolFact> {
  readonly configurations: Collection<ConfigurationDocument>
  readonly presences: Collection<PresenceDocument>
  readonly hours: Collection<HoursDocument>
  readonly works: Collection<WorkDocument>
  readonly offers: Collection<OfferDocument>
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
    const offers = db.collection<OfferDocument>(`desk_offers_v${version}`)
    const [outcomes] = await Promise.all([
      outcomesIn(db, workforces.name, version),
      works.createIndexes([{ key: { leavesAt: 1 }, expireAfterSeconds: 0 }, { key: { agentId: 1 } }]),
      offers.createIndex({ leavesAt: 1 }, { expireAfterSeconds: 0 }),
    ])
    return {
      configurations,
      presences,
      hours,
      works,
      offers,
      outcomes,
      documents: [
        configurationDocuments(configurations),
        presenceDocuments(presences),
        hoursDocuments(hours),
        workDocuments(works),
        offerDocuments(offers),
        outcomeDocuments(outcomes),
      ],
      compared: (document) =>
        'leavesAt' in document && (document as WorkDocument).leavesAt !== null ? undefined : document,
    }
  },
})

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
    fold: (_, event) => (isPresenceFact(event) ? evolvePresence(event, recordedOf(event)) : undefined),
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
      const at = recordedOf(event)
      const next = isWorkFact(event) ? evolveWork(document, event, at) : undefined
      if (next === undefined) return undefined
      return { ...next, leavesAt: next.stage === 'gone' ? new Date(Date.parse(at.at) + GONE_KEPT_MS) : null }
    },
  }
}

/** To whom it was made, for as long as the rules know how it ended. */
function offerDocuments(collection: Collection<OfferDocument>): DocumentProjection<OfferDocument, PoolFact> {
  return {
    collection,
    route: (event) => (event.type === 'ConversationOffered' ? [event.data.offerId] : []),
    fold(_, event) {
      if (event.type !== 'ConversationOffered') return undefined
      const { agentId, expiresAt } = offerOf(event.data, recordedOf(event))
      return { agentId, leavesAt: new Date(Date.parse(expiresAt) + GONE_KEPT_MS) }
    },
  }
}

export interface PoolStore {
  /** All that the pool has, each part with the version it has seen. */
  parts(): Promise<PoolParts>
  /** Undefined: to nobody, or its end is more than an hour ago. */
  offeredTo(offerId: string): Promise<string | undefined>
}

/** @param current The version that is read now: another one after a switch. */
export function poolStore(current: () => PoolModel): PoolStore {
  return {
    async parts() {
      const { configurations, presences, hours, works } = current()
      const [configured, present, opening, held] = await Promise.all([
        configurations.findOne({ _id: POOL }),
        presences.find().toArray(),
        hours.find().toArray(),
        works.find({ stage: { $ne: 'gone' } }).toArray(),
      ])
      return {
        // Documents of an earlier release lack what was added to the configuration since.
        configuration: configured
          ? {
              value: PoolConfiguration.fromPartial(configured.configuration),
              seenVersion: configured.seenVersion,
            }
          : undefined,
        presences: seenOf(present, (presence) => presence),
        hours: seenOf(opening, ({ isOpen }) => isOpen),
        works: seenOf(held, (work) => work),
      }
    },
    async offeredTo(offerId) {
      return (await current().offers.findOne({ _id: offerId }))?.agentId
    },
  }
}

function seenOf<Doc extends ProjectedDocument, Value>(
  documents: readonly Doc[],
  value: (document: Doc) => Value,
): ReadonlyMap<string, Seen<Value>> {
  return new Map(
    documents.map((document) => [
      document._id,
      { value: value(document), seenVersion: document.seenVersion },
    ]),
  )
}
