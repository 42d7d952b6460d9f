import { figureIdsWithin } from '@parley/eventlog'
import { type Figure, type Together, type Worth, termOf, wholeOf, worthOf } from '@parley/figures'
import { COMPANY, type Of, metricOf } from '../metrics/count.ts'
import { type WindowKind, type Windows, daysBetween } from '../metrics/windows.ts'
import type { FigureModel } from './figure-projections.ts'

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

/** The last record of a partition that added to what one key has in a row: it is what that partition says up to there. */
export interface CountedPlace {
  /** Of which the row is, or one of them. */
  readonly key: string
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

/** Each by its own ids, which begin with metric, key and window: a year of one agent is read, and not a year of all. */
const KEYS_LOOKED_UP_MAX = 100
/** Days of keys: more of them are more than what was kept of all keys together. */
const DAYS_LOOKED_UP_MAX = 50
/** What was kept of a day has all agents, and one of them has little in it. */
const AGENTS_DAYS_LOOKED_UP_MAX = 2_000

/**
 * Undefined: there are more rows than `max`: hours of thousands of agents are millions.
 * @param now milliseconds since 1970
 * @param signal nobody waits for it any more
 */
export async function readFigure(
  model: Pick<FigureModel, 'figures' | 'sums'>,
  windows: Windows,
  question: FigureQuestion,
  now: number,
  max: number,
  signal?: AbortSignal,
): Promise<readonly FigureRow[] | undefined> {
  const { figure, by, keys, window, from, to, together, withPlaces = false } = question
  const [first, end] = [windows.nameAt(window, from), windows.firstName(window, to)]
  const counted = keys && [...keys.keys()]
  const wholes = figure.isOfParts ? (counted ?? []).flatMap((key) => wholeOf(key) ?? []) : []
  const asked: Asked = {
    metric: metricOf(figure.subject, by),
    keys: counted && [...new Set([...counted, ...wholes])],
    first,
    end,
    // A term may stand above and below the line; it is read once.
    terms: [
      ...new Set([...figure.numerator, ...(figure.denominator ?? [])].map((term) => termOf(term).name)),
    ],
    together,
  }
  if (asked.keys?.length === 0) return []
  const today = windows.nameAt('day', now)
  // What was kept says no places, nor of hours or the day that it is.
  const isKept = window === 'day' && first < today && !withPlaces
  const found =
    isKept && !isLittle(asked, question)
      ? await sumsKept(model.sums, asked, question, today, max, signal)
      : await sumsOfDocuments(model.figures, asked, withPlaces, max, signal)
  if (found.length > max) return undefined
  const { terms } = asked
  const rows = new Map<string, Row>()
  for (const { window: name, key: counts, places, sums } of found) {
    const key = keys?.get(counts) ?? counts
    const place = JSON.stringify([name, key])
    const row = rows.get(place) ?? { window: name, key, sums: terms.map(() => 0), places: [] }
    row.places.push(...places)
    for (const [nth, sum] of sums.entries()) row.sums[nth]! += sum
    rows.set(place, row)
  }
  // Where nobody came to a part, its whole counts all the same: else the windows of a part were no sum of what it is a share of.
  if (figure.isOfParts) {
    const there = [...rows.values()]
    const partsOf = Map.groupBy(new Set(there.map(({ key }) => key)), wholeOf)
    for (const { window: name, key: whole } of there)
      for (const key of partsOf.get(whole) ?? []) {
        const place = JSON.stringify([name, key])
        if (!rows.has(place)) rows.set(place, { window: name, key, sums: terms.map(() => 0), places: [] })
      }
    if (rows.size > max) return undefined
  }
  const byTerm = (sums: readonly number[]) => Object.fromEntries(terms.map((term, nth) => [term, sums[nth]!]))
  // Time zones are slow to ask, and many keys have the same windows.
  const begins = new Map<string, { readonly from: string; readonly date: string }>()
  const beginning = (name: string) => {
    const known = begins.get(name)
    if (known !== undefined) return known
    const at = windows.beginOfNamed(name)
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
          ...worthOf(figure, byTerm(sums), wholeRow && byTerm(wholeRow.sums)),
          places,
          wholePlaces: wholeRow?.places ?? [],
        },
      ]
    })
}

interface Asked {
  readonly metric: string
  /** Undefined: all. */
  readonly keys: readonly string[] | undefined
  /** Names of windows: from this one to before that one. */
  readonly first: string
  readonly end: string
  readonly terms: readonly string[]
  readonly together: Together | undefined
}

interface Row {
  readonly window: string
  readonly key: string
  /** One of each term. */
  readonly sums: number[]
  readonly places: CountedPlace[]
}

/** What a key, or all together, counted in a window, or in all together. */
interface Counted {
  readonly window: string
  readonly key: string
  /** One of each term. */
  readonly sums: readonly number[]
  readonly places: readonly CountedPlace[]
}

function isLittle({ keys, first, end }: Asked, { by, together }: FigureQuestion): boolean {
  // To know that what was kept of days holds, all that the company counted on them is read.
  if (by === undefined && together !== 'windows') return daysBetween(first, end) <= DAYS_LOOKED_UP_MAX
  if (keys === undefined || keys.length > KEYS_LOOKED_UP_MAX) return false
  const max = by === 'agent' && together !== 'windows' ? AGENTS_DAYS_LOOKED_UP_MAX : DAYS_LOOKED_UP_MAX
  return keys.length * daysBetween(first, end) <= max
}

/** Of at most one more than `max`: the store tells that there are more before it hands them over. */
async function sumsOfDocuments(
  figures: FigureModel['figures'],
  { metric, keys, first, end, terms, together }: Asked,
  withPlaces: boolean,
  max: number,
  signal: AbortSignal | undefined,
): Promise<readonly Counted[]> {
  const columns = terms.map((term, nth) => [`of${nth}`, { $sum: `$sums.${term}` }] as const)
  const found = await figures
    .aggregate<{ _id: { window: string; key: string }; places?: readonly CountedPlace[] }>(
      [
        {
          $match:
            keys !== undefined && keys.length <= KEYS_LOOKED_UP_MAX
              ? { $or: keys.map((key) => ({ _id: figureIdsWithin({ metric, key }, first, end) })) }
              : {
                  metric,
                  window: { $gte: first, $lt: end },
                  ...(keys !== undefined && { key: { $in: keys } }),
                },
        },
        {
          $group: {
            _id: {
              window: together === 'windows' ? first : '$window',
              key: together === 'keys' ? COMPANY : '$key',
            },
            ...Object.fromEntries(columns),
            ...(withPlaces && {
              places: { $push: { key: '$key', partition: '$partition', offset: '$seenVersion' } },
            }),
          },
        },
        { $match: { $or: columns.map(([column]) => ({ [column]: { $ne: 0 } })) } },
        { $limit: max + 1 },
      ],
      { signal },
    )
    .toArray()
  return found.map(({ _id: { window, key }, places = [], ...sums }) => {
    const counted = new Map<string, unknown>(Object.entries(sums))
    return { window, key, places, sums: columns.map(([column]) => Number(counted.get(column) ?? 0)) }
  })
}

/** Of at most a day's more than `max`, where each key on each day is a row of its own. */
async function sumsKept(
  sums: FigureModel['sums'],
  { keys, first, end, terms, together }: Asked,
  { figure: { subject }, by }: FigureQuestion,
  today: string,
  max: number,
  signal: AbortSignal | undefined,
): Promise<readonly Counted[]> {
  const each =
    together === 'windows'
      ? 'key'
      : keys === undefined && (together === 'keys' || by === undefined)
        ? 'day'
        : 'key on each day'
  const found = await sums.read({ subject, by, first, end, names: terms, each, today }, signal)
  const asked = keys && each !== 'day' ? new Set(keys) : undefined
  // By window and key. Of a year of thousands of agents these are a hundred thousand numbers: nothing is made for each.
  const rows = new Map<string, Map<string, number[]>>()
  let count = 0
  for (const [name, { of, columns }] of found) {
    const ofTerms = terms.map((term) => columns.get(term) ?? [])
    for (const [nth, one] of of.entries()) {
      if (asked?.has(one) === false || !ofTerms.some((column) => column[nth])) continue
      const window = each === 'day' ? one : each === 'key' ? first : name
      const key = each === 'day' || together === 'keys' ? COMPANY : one
      let ofWindow = rows.get(window)
      if (ofWindow === undefined) rows.set(window, (ofWindow = new Map<string, number[]>()))
      let row = ofWindow.get(key)
      if (row === undefined) {
        ofWindow.set(key, (row = terms.map(() => 0)))
        count += 1
      }
      for (let at = 0; at < row.length; at += 1) row[at]! += ofTerms[at]![nth] ?? 0
    }
    if (together === undefined && count > max) break
  }
  return [...rows].flatMap(([window, ofWindow]) =>
    [...ofWindow].flatMap(([key, counted]) =>
      counted.some((sum) => sum !== 0) ? [{ window, key, sums: counted, places: [] }] : [],
    ),
  )
}
