import { type ConversationEvent, conversations } from '@parley/conversation'
import {
  DocumentCache,
  type DocumentProjection,
  type MetricDocument,
  type ProjectedDocument,
  defineProjection,
  figureIdsWithin,
  metricProjection,
} from '@parley/eventlog'
import { type Figure, type Together, type Worth, termOf, wholeOf, worthOf } from '@parley/figures'
import { type WorkforceEvent, workforces } from '@parley/workforce'
import type { Collection, Db } from 'mongodb'
import { type Of, metricOf } from '../metrics/count.ts'
import { type CountedOnce, countedOnce, timesCounted } from '../metrics/counted.ts'
import {
  type OfContact,
  type OfPool,
  conversationRemembering,
  poolRemembering,
} from '../metrics/remembering.ts'
import { type WindowKind, Windows } from '../metrics/windows.ts'

export interface FigureModel {
  readonly figures: Collection<MetricDocument>
  readonly counted: Collection<CountedDocument>
  readonly documents: readonly DocumentProjection<any, any>[]
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
      return { figures, counted, documents: [contacts, metricProjection(figures, contacts), rows] }
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
      return { figures, counted, documents: [remembered, metricProjection(figures, remembered), rows] }
    },
  })

async function figuresOf(db: Db, name: string): Promise<Collection<MetricDocument>> {
  const figures = db.collection<MetricDocument>(name)
  await figures.createIndex({ metric: 1, window: 1, key: 1 })
  return figures
}

/** By which people open what a number counts. */
const DIMENSIONS_OF_ROWS = ['queue', 'agent', 'team'] as const

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

export interface RowQuestion extends Pick<FigureQuestion, 'figure' | 'by' | 'from' | 'to'> {
  /** Of these keys alone; undefined: of all. */
  readonly keys: readonly string[] | undefined
  readonly isDenominator: boolean
}

/** How often the figure counts each conversation, in days from the one that `from` is in to the last that begins before `to`; undefined: it counts more than `max`. */
export async function readCounted(
  counted: Collection<CountedDocument>,
  windows: Windows,
  { figure, by, keys, from, to, isDenominator }: RowQuestion,
  max: number,
): Promise<ReadonlyMap<string, number> | undefined> {
  const terms = (isDenominator ? figure.denominator : figure.numerator) ?? []
  const [first, end] = [nameAt(windows, 'day', from), firstName(windows, 'day', to)]
  const found = await counted
    .find({
      counts: {
        $elemMatch: {
          // First what is rarer, for SecantusDB takes the first that has an index: what an agent had in years is less than what all had in days.
          ...(by === 'agent' && keys !== undefined && { 'of.agent': { $in: [...keys] } }),
          subject: figure.subject,
          window: daysWithin(first, end) ?? { $gte: first, $lt: end },
          ...(by !== undefined && {
            [`of.${by}`]: keys === undefined ? { $exists: true } : { $in: [...keys] },
          }),
          $or: terms
            .map(termOf)
            .filter(({ sign }) => sign > 0)
            .map(({ name }) => ({ [`add.${name}`]: { $gt: 0 } })),
        },
      },
    })
    .limit(max + 1)
    .toArray()
  if (found.length > max) return undefined
  const isAsked = ({ subject, window, of }: CountedOnce): boolean =>
    subject === figure.subject &&
    window >= first &&
    window < end &&
    (by === undefined || (keys === undefined ? of[by] !== undefined : keys.includes(of[by] ?? '')))
  return new Map(
    found
      .map(({ _id, counts }) => [_id, timesCounted(terms, counts.filter(isAsked))] as const)
      .filter(([, times]) => times > 0),
  )
}

const DAYS_NAMED_MAX = 366

/**
 * Each by its name: of a list SecantusDB cuts an index off at one end alone, and would read each day from the first that is asked for up to today. Undefined: they are too many to be named.
 * @param end the first that is not asked for
 */
function daysWithin(first: string, end: string): { readonly $in: readonly string[] } | undefined {
  const names: string[] = []
  for (let name = first; name < end; name = `day ${dayAfter(name.slice('day '.length))}`) {
    if (names.length === DAYS_NAMED_MAX) return undefined
    names.push(name)
  }
  return { $in: names }
}

export interface FigureQuestion {
  readonly figure: Figure
  /** Undefined: the whole company. */
  readonly by: keyof Of | undefined
  /** Of these alone, each with what it is shown as, such as the vendor of a team; undefined: of all, as they are. */
  readonly keys?: ReadonlyMap<string, string> | undefined
  readonly window: WindowKind
  /** Milliseconds since 1970: from the window that it is in, or that begins then. */
  readonly from: number
  /** Windows that begin before it. */
  readonly to: number
  /** Undefined: a row for each key in each window. */
  readonly together?: Together | undefined
  /** Rows say up to where in the log they were counted. */
  readonly withPlaces?: boolean
}

/** The last record of a partition that added to a row: it is what that partition says up to there. */
export interface CountedPlace {
  readonly partition: number
  readonly offset: number
}

export interface FigureRow extends Worth {
  /** Empty: the whole company, or all keys together. */
  readonly key: string
  /** When the window begins, or the first of them, ISO 8601 UTC, and on which date. */
  readonly from: string
  readonly date: string
  /** None where they were not asked for. */
  readonly places: readonly CountedPlace[]
  /** Of what is below the line, where that is another row's. */
  readonly wholePlaces: readonly CountedPlace[]
}

/** Each by its own ids, which begin with metric, key and window: a year of one agent is read, and not a year of all. More keys are most of what there is. */
const KEYS_LOOKED_UP_MAX = 100

/** Undefined: there are more rows than `max`, which the store tells before it hands them over: hours of thousands of agents are millions. */
export async function readFigure(
  figures: Collection<MetricDocument>,
  windows: Windows,
  { figure, by, keys, window, from, to, together, withPlaces = false }: FigureQuestion,
  max: number,
): Promise<readonly FigureRow[] | undefined> {
  // A term may stand above and below the line; it is read once.
  const terms = [
    ...new Set([...figure.numerator, ...(figure.denominator ?? [])].map((term) => termOf(term).name)),
  ]
  const [first, end] = [nameAt(windows, window, from), firstName(windows, window, to)]
  const counted = keys && [...keys.keys()]
  const wholes = figure.isOfParts ? (counted ?? []).flatMap((key) => wholeOf(key) ?? []) : []
  const asked = counted && [...new Set([...counted, ...wholes])]
  const metric = metricOf(figure.subject, by)
  const found = await figures
    .aggregate<{ _id: { window: string; key: string }; places?: readonly CountedPlace[] }>([
      {
        $match:
          asked !== undefined && asked.length > 0 && asked.length <= KEYS_LOOKED_UP_MAX
            ? { $or: asked.map((key) => ({ _id: figureIdsWithin({ metric, key }, first, end) })) }
            : {
                metric,
                window: { $gte: first, $lt: end },
                ...(asked !== undefined && { key: { $in: asked } }),
              },
      },
      {
        $group: {
          _id: {
            window: together === 'windows' ? first : '$window',
            key: together === 'keys' ? '' : '$key',
          },
          ...Object.fromEntries(terms.map((name) => [name, { $sum: `$sums.${name}` }])),
          ...(withPlaces && { places: { $push: { partition: '$partition', offset: '$seenVersion' } } }),
        },
      },
      { $match: { $or: terms.map((name) => ({ [name]: { $ne: 0 } })) } },
      { $limit: max + 1 },
    ])
    .toArray()
  if (found.length > max) return undefined
  const rows = new Map<
    string,
    { window: string; key: string; sums: Record<string, number>; places: CountedPlace[] }
  >()
  for (const { _id, places = [], ...sums } of found) {
    const added = new Map<string, number>(Object.entries(sums))
    const key = keys?.get(_id.key) ?? _id.key
    const place = JSON.stringify([_id.window, key])
    const row = rows.get(place) ?? { window: _id.window, key, sums: {}, places: [] }
    row.places.push(...places)
    for (const name of terms) {
      const before = Object.hasOwn(row.sums, name) ? (row.sums[name] ?? 0) : 0
      row.sums[name] = before + (added.get(name) ?? 0)
    }
    rows.set(place, row)
  }
  // Time zones are slow to ask, and many keys have the same windows.
  const begins = new Map<string, { readonly from: string; readonly date: string }>()
  const beginning = (name: string) => {
    const known = begins.get(name)
    if (known !== undefined) return known
    const at = beginOf(windows, name)
    const begin = { from: new Date(at).toISOString(), date: windows.dateOf(at) }
    begins.set(name, begin)
    return begin
  }
  return [...rows.entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, { window: name, key, sums, places }]) => {
      const whole = figure.isOfParts ? wholeOf(key) : key
      if (whole === undefined) return []
      const wholeRow = figure.isOfParts ? rows.get(JSON.stringify([name, whole])) : undefined
      return [
        {
          key,
          ...beginning(name),
          ...worthOf(figure, sums, wholeRow?.sums),
          places,
          wholePlaces: wholeRow?.places ?? [],
        },
      ]
    })
}

/** Names of windows are compared as text, which knows no years before 0 and beyond 9999: `to` may say "for ever" in any time zone. */
const within = (at: number) =>
  Math.min(Math.max(at, Date.parse('0001-01-01T00:00:00.000Z')), Date.parse('9998-12-31T00:00:00.000Z'))

function nameAt(windows: Windows, kind: WindowKind, asked: number): string {
  const [hour, day] = windows.of(within(asked))
  return kind === 'hour' ? hour : day
}

/** Of the first window that begins at that moment or later. */
function firstName(windows: Windows, kind: WindowKind, asked: number): string {
  const at = within(asked)
  const [hour, day] = windows.of(at)
  if (kind === 'hour')
    return windows.hourOf(at) === at ? hour : windows.of(windows.hourOf(at) + 60 * 60_000)[0]
  const date = windows.dateOf(at)
  return windows.beginOf(date) === at ? day : `day ${dayAfter(date)}`
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) + 24 * 60 * 60_000).toISOString().slice(0, 10)
}

function beginOf(windows: Windows, name: string): number {
  const begins = name.slice(name.indexOf(' ') + 1)
  return name.startsWith('hour ') ? Date.parse(begins) : windows.beginOf(begins)
}
