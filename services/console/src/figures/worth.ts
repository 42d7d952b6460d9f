import { type Unit, type Worth, worthTogether } from '@parley/figures'
import type { Format } from '../screen/format.ts'
import { offsetAt } from '@parley/time-zone'
import { DAY_MS, datesIn, dayAfter, mondayOf } from './period.ts'
import type { Figure } from './shapes.ts'

export type FigureRow = Figure['rows'][number]

export const WINDOWS = ['hour', 'day', 'week'] as const
export type Window = (typeof WINDOWS)[number]

/**
 * By what a window is told, from a moment in it: an hour by when it begins, a day by its date, a week by its Monday. A day is no moment: where clocks are changed it begins at another
 * time of UTC, and would stand beside the day that it is compared with.
 * @param later of the window so many days later
 */
export function windowsIn(window: Window, timeZone: string, later = 0): (at: string) => string {
  const dateOf = datesIn(timeZone)
  return (at) => {
    if (window === 'hour') return later === 0 ? at : clockAfter(at, later, timeZone)
    const date = dayAfter(dateOf(at), later)
    return window === 'week' ? mondayOf(date) : date
  }
}

/** When the company's clocks show the same so many days later: not always so many times 24 hours. */
function clockAfter(at: string, days: number, timeZone: string): string {
  const before = Date.parse(at)
  const after = before + days * DAY_MS
  return new Date(after + offsetAt(before, timeZone) - offsetAt(after, timeZone)).toISOString()
}

/** Of each key, what counts most first. */
export function byKey(unit: Unit, rows: readonly FigureRow[]): ReadonlyMap<string, Worth> {
  const volume = ({ numerator, denominator }: Worth) => denominator ?? numerator
  const worths = [...Map.groupBy(rows, ({ key }) => key)].flatMap(([key, all]) => {
    const worth = worthTogether(unit, all)
    return worth === undefined ? [] : [[key, worth] as const]
  })
  return new Map(worths.sort(([a, one], [b, other]) => volume(other) - volume(one) || (a < b ? -1 : 1)))
}

/** Of each window that has something, in its order. @param beginOf by what a window is told, from a moment in it: `windowsIn` */
export function byWindow(
  unit: Unit,
  rows: readonly FigureRow[],
  beginOf: (at: string) => string,
): ReadonlyMap<string, Worth> {
  const worths = [...Map.groupBy(rows, ({ from }) => beginOf(from))].flatMap(([begin, all]) => {
    const worth = worthTogether(unit, all)
    return worth === undefined ? [] : [[begin, worth] as const]
  })
  return new Map(worths.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** By how much, in points for percentages and in percent else. Undefined: there is nothing to compare. */
export function changeOf(unit: Unit, now: Worth | undefined, before: Worth | undefined): number | undefined {
  if (now?.value == null || before?.value == null) return undefined
  if (unit === 'percent') return now.value - before.value
  return before.value === 0 ? undefined : ((now.value - before.value) / before.value) * 100
}

/** How a figure's value is written. */
export function shownIn(
  format: Format,
  metric: string,
  unit: Unit,
  value: number | null | undefined,
): string {
  if (value == null) return '–'
  if (unit === 'percent') return format.exactPercent(value / 100)
  if (unit === 'seconds' || metric === 'signed_in_seconds')
    return value < 60 ? format.exactSeconds(value) : format.stopwatch(Math.round(value))
  return unit === 'ratio' ? format.ratio(value) : format.number(value)
}

export interface Step extends Worth {
  readonly name: string
}

/**
 * A flow's steps in its own order; those that it has no more come last, what most conversations reached first. Keys are `<flow>/<step>`.
 * @param order the steps of the flow as it is now
 */
export function funnelOf(
  rows: readonly FigureRow[],
  flow: string,
  order: readonly string[],
): readonly Step[] {
  const own = rows.filter(({ key }) => key.startsWith(`${flow}/`))
  const placeOf = ({ name }: Step) => (order.includes(name) ? order.indexOf(name) : order.length)
  return [...byKey('percent', own)]
    .map(([key, worth]) => ({ name: key.slice(flow.length + 1), ...worth }))
    .sort((one, other) => placeOf(one) - placeOf(other) || other.numerator - one.numerator)
}

export const flowsIn = (rows: readonly FigureRow[]): readonly string[] =>
  [...new Set(rows.map(({ key }) => key.split('/', 1)[0] ?? ''))].sort()
