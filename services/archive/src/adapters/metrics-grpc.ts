import { didYouMean } from '@parley/authoring'
import type { ProjectionReader } from '@parley/eventlog'
import { type Dimension, FIGURES, type Figure, POOL_SUBJECTS, figureNamed } from '@parley/figures'
import type { Roster, Scope } from '@parley/people'
import { MetricsServiceService, ReadFigureResponse } from '@parley/proto/metrics'
import { type GrpcService, grpcError, grpcService, status, whenSeen } from '@parley/service'
import type { Of } from '../metrics/count.ts'
import type { WindowKind, Windows } from '../metrics/windows.ts'
import type { ArchivePeople } from './archive-people.ts'
import { type CountedPlace, type FigureModel, readFigure } from './metric-store.ts'
import { positionOf } from './pages.ts'

const NAMES = [...new Set(FIGURES.map(({ name }) => name))]
/** An answer of gRPC holds 4 MB. */
const ROWS_MAX = 20_000

/** The projection that counts, as it is now: a switch changes its model. */
export interface CountingProjection extends Pick<ProjectionReader, 'whenProcessed' | 'progress'> {
  readonly model: Pick<FigureModel, 'figures' | 'counted'>
}

export interface FiguresServed {
  readonly conversations: CountingProjection
  readonly pool: CountingProjection
  readonly windows: Windows
  readonly roster: Roster
  readonly people: Pick<ArchivePeople, 'scopeOf' | 'readsFigures'>
}

export function metricsGrpc({ conversations, pool, windows, roster, people }: FiguresServed): GrpcService {
  return grpcService(MetricsServiceService, {
    async readFigure(request, metadata, call) {
      const { metric, version, by, window, from, to, withPlaces } = request
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
      const projection = POOL_SUBJECTS.has(figure.subject) ? pool : conversations
      await whenSeen(projection, metadata, call)
      // Before the figures: they hold at least what it says.
      const position = positionOf(projection)
      const isOwn = !(await people.readsFigures(call.person))
      const rows = await readFigure(
        projection.model.figures,
        windows,
        {
          figure,
          by: countedBy(dimension),
          window,
          from: Date.parse(from),
          to: Date.parse(to),
          key: isOwn ? call.person : undefined,
          withPlaces,
        },
        isOwn
          ? ownKey(dimension, call.person)
          : keysShown(dimension, await people.scopeOf(call.person), roster),
      )
      if (rows.length > ROWS_MAX)
        throw grpcError(
          status.INVALID_ARGUMENT,
          'FIGURE_TOO_LARGE',
          `That is ${rows.length} rows; an answer holds ${ROWS_MAX}. Ask for days instead of hours, or for less at a time.`,
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
  places.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) }))

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

/** Of one's own work, and of nothing else. */
const ownKey = (dimension: Dimension | undefined, person: string | undefined) => (key: string) =>
  dimension === 'agent' && key === person ? key : undefined

/** As whom a key is shown to whoever has that scope; undefined: not at all, like what does not exist. */
export function keysShown(
  dimension: Dimension | undefined,
  scope: Scope,
  { people, teams }: Roster,
): (key: string) => string | undefined {
  const isMine = (team: string | null | undefined): boolean =>
    scope.kind === 'all' || (scope.kind === 'part' && scope.team !== null && scope.team === team)
  const only = (isShown: (key: string) => boolean) => (key: string) => (isShown(key) ? key : undefined)
  switch (dimension) {
    case 'queue':
      return only((queue) => scope.kind === 'all' || (scope.kind === 'part' && scope.queues.includes(queue)))
    case 'agent':
      return only((agent) => isMine(people.get(agent)?.team))
    case 'team':
      return only(isMine)
    case 'vendor': {
      // The figure of a vendor is that of all its teams, whoever asks: a part under its name would be another figure.
      const isWhole = (vendor: string) => teamsOf(teams, [vendor]).every(isMine)
      return (team) => {
        const vendor = teams.get(team)?.vendor ?? undefined
        return vendor !== undefined && isWhole(vendor) ? vendor : undefined
      }
    }
    case 'flow':
    case undefined:
      return only(() => scope.kind === 'all')
  }
}
