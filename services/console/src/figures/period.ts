import { isDate } from '@parley/time-zone'

/** Dates are the company's, `YYYY-MM-DD`; both are of the period. */
export interface Period {
  readonly from: string
  readonly to: string
}

export const DAY_MS = 24 * 60 * 60 * 1_000

export const daysIn = ({ from, to }: Period): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1

/** The first and the last date that is written with four digits of a year: an address may ask for ever. */
const [FIRST_MS, LAST_MS] = [Date.parse('0001-01-01'), Date.parse('9999-12-31')]

/** @param days may be negative */
export const dayAfter = (date: string, days: number): string =>
  new Date(Math.min(Math.max(Date.parse(date) + days * DAY_MS, FIRST_MS), LAST_MS)).toISOString().slice(0, 10)

/** As long, and ending where this one begins. */
export const periodBefore = (period: Period): Period => ({
  from: dayAfter(period.from, -daysIn(period)),
  to: dayAfter(period.from, -1),
})

export const mondayOf = (date: string): string => dayAfter(date, -((new Date(date).getUTCDay() + 6) % 7))

/** The company's date of a moment. */
export function datesIn(timeZone: string): (at: string | number) => string {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  return (at) => format.format(new Date(at))
}

/** As the address says; the last seven days where it does not. */
export function periodAsked(asked: URLSearchParams, today: string): Period {
  const [from, to] = [asked.get('from'), asked.get('to')]
  const last = to !== null && isDate(to) ? to : today
  const first = from !== null && isDate(from) ? from : dayAfter(last, -6)
  return first <= last ? { from: first, to: last } : { from: last, to: first }
}

export const PRESETS = { today: 1, week: 7, month: 28, year: 365 } as const
export type Preset = keyof typeof PRESETS

export const presetPeriod = (preset: Preset, today: string): Period => ({
  from: dayAfter(today, 1 - PRESETS[preset]),
  to: today,
})
