import { dateAt } from '@parley/time-zone'
import type { Language } from './language.ts'
import { bengaliDigits } from './wording.ts'

/** A calendar day, ISO 8601 (`2026-11-20`): dates of people have no clock and no zone. */
export type Day = string

/** The day that a clock shows in a time zone. */
export function dayIn(at: string, timeZone: string): Day {
  return dateAt(Date.parse(at), timeZone)
}

/** As many months later; a day that a month has not is its last one. */
export function addMonths(from: Day, count: number): Day {
  const [year, month, date] = from.split('-').map(Number) as [number, number, number]
  const index = year * 12 + month - 1 + count
  const [newYear, newMonth] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1]
  for (let last = date; ; last -= 1) {
    const found = dayOf(newYear, newMonth, last)
    if (found !== undefined || last <= 28) return found ?? from
  }
}

/** 0: Sunday. */
export const weekdayOf = (day: Day): number => new Date(`${day}T00:00:00Z`).getUTCDay()

export function addDays(day: Day, count: number): Day {
  const moment = new Date(`${day}T00:00:00Z`)
  moment.setUTCDate(moment.getUTCDate() + count)
  return moment.toISOString().slice(0, 10)
}

export const daysBetween = (one: Day, other: Day): number =>
  Math.abs(Date.parse(one) - Date.parse(other)) / 86_400_000

/** Undefined where the calendar has no such day. */
export function dayOf(year: number, month: number, date: number): Day | undefined {
  if (year < 1900 || year > 2200) return undefined
  const moment = new Date(Date.UTC(year, month - 1, date))
  if (moment.getUTCMonth() !== month - 1 || moment.getUTCDate() !== date) return undefined
  return moment.toISOString().slice(0, 10)
}

/** January first. */
export const MONTHS: Record<Language, string[]> = {
  pt: [
    'janeiro',
    'fevereiro',
    'março',
    'abril',
    'maio',
    'junho',
    'julho',
    'agosto',
    'setembro',
    'outubro',
    'novembro',
    'dezembro',
  ],
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  bn: [
    'জানুয়ারি',
    'ফেব্রুয়ারি',
    'মার্চ',
    'এপ্রিল',
    'মে',
    'জুন',
    'জুলাই',
    'আগস্ট',
    'সেপ্টেম্বর',
    'অক্টোবর',
    'নভেম্বর',
    'ডিসেম্বর',
  ],
}
/** `20/11/2026`, `20 November 2026`, `২০ নভেম্বর ২০২৬`. */
export function showDay(value: Day, language: Language): string {
  const [year, month, date] = value.split('-') as [string, string, string]
  switch (language) {
    case 'pt':
      return `${date}/${month}/${year}`
    case 'en':
      return `${Number(date)} ${MONTHS.en[Number(month) - 1]} ${year}`
    case 'bn':
      return bengaliDigits(`${Number(date)} ${MONTHS.bn[Number(month) - 1]} ${year}`)
  }
}
