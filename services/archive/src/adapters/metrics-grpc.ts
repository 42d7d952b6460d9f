import { didYouMean } from '@parley/authoring'
import type { ProjectionReader } from '@parley/eventlog'
import {
  type Dimension,
  FIGURES,
  type Figure,
  POOL_SUBJECTS,
  TOGETHER,
  type Together,
  figureNamed,
} from '@parley/figures'
import type { Roster, Scope } from '@parley/people'
import { MetricsServiceService, ReadFigureResponse } from '@parley/proto/metrics'
import { type GrpcService, grpcError, grpcService, status, whenSeen } from '@parley/service'
import type { Of } from '../metrics/count.ts'
import type { WindowKind, Windows } from '../metrics/windows.ts'
import type { ArchivePeople } from './archive-people.ts'
import type { FigureModel } from './figure-projections.ts'
import { type CountedPlace, readFigure } from './figure-reading.ts'
import { positionOf } from './pages.ts'

const NAMES = [...new Set(FIGURES.map(({ name }) => name))]
/** An answer of gRPC holds 4 MB. */
const ROWS_MAX = 20_000

/** The projection that counts, as it is now: a switch changes its model. */
export interface CountingProjection extends Pick<ProjectionReader, 'whenProcessed' | 'progress'> {
  readonly model: Pick<FigureModel, 'figures' | 'counted' | 'sums'>
}

export interface FiguresServed {
  readonly conversations: CountingProjection
  readonly pool: CountingProjection
  readonly windows: Windows
  readonly roster: Roster
  readonly people: Pick<ArchivePeople, 'scopeOf' | 'readsFigures'>
  readonly now: () => Date
}

export function metricsGrpc({
  conversations,
  pool,
  windows,
  roster,
  people,
  now,
}: FiguresServed): GrpcService {
  return grpcService(MetricsServiceService, {
    async readFigure(request, metadata, call) {
      const { metric, version, by, window, from, to, withPlaces, keys, together } = request
      const { figure, dimension } = figureAsked(metric, version, by)
      if (dimension === undefined && figure.isOfParts)
        throw invalid(
          'by',
          `${metric} is not counted for the whole company: ask by=${figure.by.join(' or by=')}.`,
        )
      if (!isWindow(window))
        throw invalid(
          'window',
          `There is no window "${window}"${meant(window, ['hour', 'day'])} It is hour or day.`,
        )
      if (from === undefined || to === undefined || from >= to) throw invalid('to', 'from is before to.')
      if (keys.length > 0 && dimension === undefined)
        throw invalid('key', 'A key is of a dimension: name that with by.')
      if (!isTogether(together))
        throw invalid(
          'together',
          `There is no "${together}"${meant(together, TOGETHER)} Rows are together by ${TOGETHER.join(' or ')}.`,
        )
      if (together === 'keys' && figure.isOfParts)
        throw invalid('together', `There is no sum of what ${metric} counts: each is a share of its whole.`)
      const projection = POOL_SUBJECTS.has(figure.subject) ? pool : conversations
      await whenSeen(projection, metadata, call)
      // Before the figures: they hold at least what it says.
      const position = positionOf(projection)
      const shown = (await people.readsFigures(call.person))
        ? keysShown(dimension, await people.scopeOf(call.person), roster)
        : ownKeys(dimension, call.person)
      const rows = await readFigure(
        projection.model,
        windows,
        {
          figure,
          by: countedBy(dimension),
          window,
          from: Date.parse(from),
          to: Date.parse(to),
          keys: keys.length === 0 ? shown : among(shown, new Set(keys)),
          together: together || undefined,
          withPlaces,
        },
        now().getTime(),
        ROWS_MAX,
        call.signal,
      )
      if (rows === undefined)
        throw grpcError(
          status.INVALID_ARGUMENT,
          'FIGURE_TOO_LARGE',
          `That is more rows than an answer holds: ${ROWS_MAX}. Ask for days instead of hours, for fewer keys, or for them together.`,
        )
      return ReadFigureResponse.fromPartial({
        version: figure.version,
        unit: figure.unit,
        position,
        rows: rows.map(({ key, from: begins, date, value, numerator, denominator, places, wholePlaces }) => ({
          key,
          from: begins,
          date,
          value: value ?? undefined,
          numerator,
          denominator: denominator ?? undefined,
          places: placesIn(places),
          wholePlaces: placesIn(wholePlaces),
        })),
      })
    },
  })
}

const placesIn = (places: readonly CountedPlace[]) =>
  places.map(({ key, partition, offset }) => ({ key, partition, offset: BigInt(offset) }))

/** @throws {GrpcError} INVALID_ARGUMENT for what is not counted, or not so */
export function figureAsked(
  metric: string,
  version: number,
  by: string,
): { readonly figure: Figure; readonly dimension: Dimension | undefined } {
  const figure = figureNamed(metric, version)
  if (figure === undefined && figureNamed(metric) !== undefined)
    throw invalid('version', `There is no version ${version} of ${metric}: docs/reference/metrics.md.`)
  if (figure === undefined)
    throw invalid(
      'metric',
      `There is no figure "${metric}"${meant(metric, NAMES)} There are ${NAMES.join(', ')}: docs/reference/metrics.md.`,
    )
  const dimension = figure.by.find((one) => one === by)
  if (by !== '' && dimension === undefined)
    throw invalid(
      'by',
      `${metric} is not counted by "${by}"${meant(by, figure.by)} It is by ${figure.by.join(', ') || 'the whole company alone'}.`,
    )
  return { figure, dimension }
}

function isWindow(text: string): text is WindowKind {
  return text === 'hour' || text === 'day'
}

function isTogether(text: string): text is Together | '' {
  return text === '' || TOGETHER.some((one) => one === text)
}

/** Ends the sentence: with what was meant, where one is near. */
function meant(word: string, known: readonly string[]): string {
  return didYouMean(word, known) || '.'
}

export function invalid(field: string, message: string) {
  return grpcError(status.INVALID_ARGUMENT, 'FIGURE_QUESTION_INVALID', message, field)
}

/** A vendor is counted by its teams. */
export function countedBy(dimension: Dimension | undefined): keyof Of | undefined {
  return dimension === 'vendor' ? 'team' : dimension
}

/** Of these vendors; none named: of all that there are. */
export function teamsOf(teams: Roster['teams'], vendors: readonly string[]): readonly string[] {
  return [...teams].flatMap(([id, { vendor }]) =>
    vendor !== null && (vendors.length === 0 || vendors.includes(vendor)) ? [id] : [],
  )
}

type Keys = ReadonlyMap<string, string>

const asTheyAre = (keys: readonly string[]): Keys => new Map(keys.map((key) => [key, key]))

/** Of those that are shown, the ones of these names; what is not there is in no row. */
function among(shown: Keys | undefined, names: ReadonlySet<string>): Keys {
  return shown === undefined
    ? asTheyAre([...names])
    : new Map([...shown].filter(([, name]) => names.has(name)))
}

/** Of one's own work, and of nothing else. */
const ownKeys = (dimension: Dimension | undefined, person: string | undefined): Keys =>
  asTheyAre(dimension === 'agent' && person !== undefined ? [person] : [])

/** What whoever has that scope is shown, each key as what it counts for; undefined: all keys, as they are. */
export function keysShown(
  dimension: Dimension | undefined,
  scope: Scope,
  { people, teams }: Roster,
): Keys | undefined {
  const mine = scope.kind === 'part' ? scope.team : null
  if (dimension === 'vendor') {
    // The figure of a vendor is that of all its teams, whoever asks: a part under its name would be another figure.
    const isWhole = (vendor: string) =>
      scope.kind === 'all' || teamsOf(teams, [vendor]).every((team) => team === mine)
    return new Map(
      [...teams].flatMap(([team, { vendor }]) =>
        vendor !== null && isWhole(vendor) ? [[team, vendor] as const] : [],
      ),
    )
  }
  if (scope.kind === 'all') return undefined
  switch (dimension) {
    case 'queue':
      return asTheyAre(scope.kind === 'part' ? scope.queues : [])
    case 'agent':
      return asTheyAre(
        mine === null ? [] : [...people.values()].flatMap(({ id, team }) => (team === mine ? [id] : [])),
      )
    case 'team':
      return asTheyAre(mine === null ? [] : [mine])
    case 'flow':
    case undefined:
      return asTheyAre([])
  }
}
