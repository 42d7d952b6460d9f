import { isTimeZone } from '@parley/authoring'
import { z } from 'zod'
import type { Language } from '@parley/conversation'

/** `09:00-18:00`, several with commas, or `closed`. */
export const opening = z.string().transform((text, context) => {
  if (text.trim() === 'closed') return []
  return text.split(',').map((part) => {
    const [, from = '', to = ''] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(part.trim()) ?? []
    if (!isTime(from) || !isTime(to) || from >= to)
      context.addIssue(`"${part.trim()}" is no time span; write for example 09:00-18:00, or closed`)
    return { from, to }
  })
})

export const timezone = z
  .string()
  .refine(isTimeZone, 'it is no time zone of the IANA list; write for example America/Sao_Paulo')

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const
type Opening = z.output<typeof opening>
export type Week = Readonly<Record<(typeof WEEKDAYS)[number], Opening>>

const LOCALE: Readonly<Record<Language, string>> = { pt: 'pt-BR', en: 'en-GB', bn: 'bn-BD' }
const WORDS: Readonly<
  Record<
    Language,
    { days(from: string, to: string): string; times(from: string, to: string): string; and: string }
  >
> = {
  pt: { days: (from, to) => `de ${from} a ${to}`, times: (from, to) => `das ${from} às ${to}`, and: ' e ' },
  en: { days: (from, to) => `${from} to ${to}`, times: (from, to) => `${from} to ${to}`, and: ' and ' },
  bn: { days: (from, to) => `${from} থেকে ${to}`, times: (from, to) => `${from} থেকে ${to}`, and: ' এবং ' },
}

/** `Monday to Friday, 09:00 to 18:00; Saturday, 09:00 to 13:00 (Brasilia Standard Time)`. */
export function hoursInWords(week: Week, timeZone: string, language: Language): string {
  const { days, times, and } = WORDS[language]
  const runs: { first: number; last: number; words: string }[] = []
  for (const [index, day] of WEEKDAYS.entries()) {
    const words = week[day].map(({ from, to }) => times(clock(from, language), clock(to, language))).join(and)
    const run = runs.at(-1)
    if (run !== undefined && run.words === words) run.last = index
    else runs.push({ first: index, last: index, words })
  }
  const said = runs
    .filter(({ words }) => words !== '')
    .map(({ first, last, words }) => {
      const from = weekday(first, language)
      return `${first === last ? from : days(from, weekday(last, language))}, ${words}`
    })
  return `${said.join('; ')} (${zoneName(timeZone, language)})`
}

function isTime(text: string): boolean {
  return text === '24:00' || /^([01]\d|2[0-3]):[0-5]\d$/.test(text)
}

/** In the digits of the language. */
function clock(time: string, language: Language): string {
  if (language !== 'bn') return time
  const digits = new Intl.NumberFormat(LOCALE.bn)
  return time.replaceAll(/\d/g, (digit) => digits.format(Number(digit)))
}

function weekday(index: number, language: Language): string {
  // 1 January 2024 was a Monday.
  const day = new Date(Date.UTC(2024, 0, 1 + index))
  return new Intl.DateTimeFormat(LOCALE[language], { weekday: 'long', timeZone: 'UTC' }).format(day)
}

function zoneName(timeZone: string, language: Language): string {
  const format = new Intl.DateTimeFormat(LOCALE[language], { timeZone, timeZoneName: 'longGeneric' })
  return (
    format.formatToParts(new Date(Date.UTC(2024, 0, 1))).find(({ type }) => type === 'timeZoneName')?.value ??
    timeZone
  )
}
