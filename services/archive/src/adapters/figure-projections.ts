import { type ConversationEvent, conversations } from '@parley/conversation'
import {
  DocumentCache,
  type DocumentProjection,
  type MetricDocument,
  type ProjectedDocument,
  type ReadModel,
  defineProjection,
  metricProjection,
} from '@parley/eventlog'
import { type WorkforceEvent, workforces } from '@parley/workforce'
import type { Collection, Db } from 'mongodb'
import { COMPANY } from '../metrics/count.ts'
import { type CountedOnce, countedOnce } from '../metrics/counted.ts'
import {
  type OfContact,
  type OfPool,
  conversationRemembering,
  poolRemembering,
} from '../metrics/remembering.ts'
import { Windows, isDay, isMonth } from '../metrics/windows.ts'
import { FigureSums, type KeptSums } from './figure-sums.ts'

export interface FigureModel extends ReadModel<any> {
  readonly figures: Collection<MetricDocument>
  readonly counted: Collection<CountedDocument>
  readonly sums: FigureSums
}

/** By the conversation's id: what figures count it for. */
export interface CountedDocument extends ProjectedDocument {
  readonly counts: readonly CountedOnce[]
}

/** Figures wait for each other: a conversation that goes fast changes the same ones many times in a second. */
const GATHER_MS = 400

const CONVERSATION_TYPES = [
  'ConversationOpened',
  'MessageReceived',
  'AppMessageSent',
  'MessageSendRequested',
  'BotTurnRequested',
  'BotTurnCompleted',
  'HandoverRequested',
  'ConversationBegun',
  'ConversationQueued',
  'ConversationAssigned',
  'ConversationRequeued',
  'ConversationReturnedToRobot',
  'ConversationParked',
  'HoldBegan',
  'HoldEnded',
  'ConversationEnding',
  'ConversationClosed',
  'SurveyAsked',
  'SurveyAnswered',
] as const

const POOL_TYPES = [
  'ConversationEnqueued',
  'ConversationOffered',
  'ConversationAssigned',
  'ConversationRequeued',
  'ConversationParked',
  'ConversationReturnedToRobot',
  'ConversationWithdrawn',
  'WrapUpEnded',
  'PresenceChanged',
] as const

/** What conversations say of themselves. */
export const conversationFigures = (timeZone: string) =>
  defineProjection({
    name: 'conversation_figures',
    family: conversations,
    types: CONVERSATION_TYPES,
    gatherMs: GATHER_MS,
    async open(db, version): Promise<FigureModel> {
      const contacts: DocumentProjection<ProjectedDocument & OfContact, ConversationEvent> = {
        collection: db.collection(`conversation_figures_v${version}_contacts`),
        cache: new DocumentCache(),
        ...conversationRemembering(new Windows(timeZone)),
      }
      const name = `conversation_figures_v${version}`
      const figures = await figuresOf(db, name)
      const counted = await countedOf(db, name)
      const rows: DocumentProjection<CountedDocument, ConversationEvent> = {
        ...countedRows(counted, contacts),
        // By its close alone, which comes once.
        begins: () => true,
        route: (event, _, measured) =>
          // What its close counts is its own; what its opening does may be the one before's.
          event.type === 'ConversationClosed' && countedOnce(measured).length > 0
            ? [event.envelope.correlationId]
            : [],
      }
      return {
        figures,
        counted,
        documents: [contacts, figuresFrom(figures, contacts), rows],
        ...keptOf(db, figures),
      }
    },
  })

/** What the pool says of conversations and of agents. */
export const poolFigures = (timeZone: string) =>
  defineProjection({
    name: 'pool_figures',
    family: workforces,
    types: POOL_TYPES,
    gatherMs: GATHER_MS,
    async open(db, version): Promise<FigureModel> {
      const remembered: DocumentProjection<ProjectedDocument & OfPool, WorkforceEvent> = {
        collection: db.collection(`pool_figures_v${version}_remembered`),
        cache: new DocumentCache(),
        ...poolRemembering(new Windows(timeZone)),
        // The pool is one stream: its documents are not to be read together when versions are compared. Their figures are compared.
        seen: ({ envelope }) => ({ streamId: '', seenVersion: envelope.streamVersion }),
      }
      const name = `pool_figures_v${version}`
      const figures = await figuresOf(db, name)
      const counted = await countedOf(db, name)
      const rows: DocumentProjection<CountedDocument, WorkforceEvent> = {
        ...countedRows(counted, remembered),
        route: (event, _, measured) =>
          'conversationId' in event.data && countedOnce(measured).length > 0
            ? [event.data.conversationId]
            : [],
        ...(remembered.seen !== undefined && { seen: remembered.seen }),
      }
      return {
        figures,
        counted,
        documents: [remembered, figuresFrom(figures, remembered), rows],
        ...keptOf(db, figures),
      }
    },
  })

async function figuresOf(db: Db, name: string): Promise<Collection<MetricDocument>> {
  const figures = db.collection<MetricDocument>(name)
  await figures.createIndex({ metric: 1, window: 1, key: 1 })
  return figures
}

function figuresFrom<Event extends ConversationEvent | WorkforceEvent>(
  figures: Collection<MetricDocument>,
  countsFrom: DocumentProjection<any, Event>,
): DocumentProjection<MetricDocument, Event> {
  return {
    ...metricProjection(figures, countsFrom),
    // By the company's days what was kept of a day is known to hold, and by its months what was kept of its days.
    turn: ({ key, window }) => (key !== COMPANY ? 0 : isMonth(window) ? 2 : isDay(window) ? 1 : 0),
  }
}

function keptOf(db: Db, figures: Collection<MetricDocument>): Pick<FigureModel, 'sums' | 'derived'> {
  const kept = db.collection<KeptSums>(`${figures.collectionName}_sums`)
  return { sums: new FigureSums(figures, kept), derived: [kept] }
}

/** By which people open what a number counts: each has an index. */
export const DIMENSIONS_OF_ROWS = ['queue', 'agent', 'team'] as const

async function countedOf(db: Db, name: string): Promise<Collection<CountedDocument>> {
  const counted = db.collection<CountedDocument>(`${name}_rows`)
  await counted.createIndexes([
    { key: { 'counts.window': 1 } },
    ...DIMENSIONS_OF_ROWS.map((of) => ({ key: { [`counts.of.${of}`]: 1, 'counts.window': 1 } })),
  ])
  return counted
}

const countedRows = <Event extends ConversationEvent | WorkforceEvent>(
  collection: Collection<CountedDocument>,
  countsFrom: DocumentProjection<any, Event>,
): Pick<DocumentProjection<CountedDocument, Event>, 'collection' | 'cache' | 'countsFrom' | 'fold'> => ({
  collection,
  cache: new DocumentCache(),
  countsFrom,
  fold: (document, _event, _id, measured) => ({
    counts: [...(document?.counts ?? []), ...countedOnce(measured)],
  }),
})
