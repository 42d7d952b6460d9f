import type { Speech, Words } from '../transcript/words/words.ts'

/** Dates, times and numbers in the words' language and the company's time zone. */
export interface PageSpeech extends Speech {
  day(iso: string): string
  time(iso: string): string
  /** Changes when the day does, in the company's time zone. */
  dayKey(iso: string): string
  number(value: number): string
  /** `America/Sao_Paulo (GMT-3)` */
  timeZone(iso: string): string
}

export function pageSpeech(
  words: Words,
  company: { readonly name: string; readonly timeZone: string },
): PageSpeech {
  const { timeZone } = company
  const formatter = (options: Intl.DateTimeFormatOptions, tag = words.tag) =>
    new Intl.DateTimeFormat(tag, { timeZone, ...options })
  const day = formatter({ dateStyle: 'full' })
  const time = formatter({ timeStyle: 'medium', hourCycle: 'h23' })
  const moment = formatter({ dateStyle: 'long', timeStyle: 'medium', hourCycle: 'h23' })
  const dayKey = formatter({ dateStyle: 'short' }, 'sv-SE')
  const zoneName = formatter({ timeZoneName: 'shortOffset' }, 'en-GB')
  const languages = new Intl.DisplayNames(words.tag, { type: 'language' })
  const number = new Intl.NumberFormat(words.tag)
  const format = (formatted: Intl.DateTimeFormat, iso: string) => {
    const date = new Date(iso)
    return Number.isNaN(date.getTime()) ? '—' : formatted.format(date)
  }
  return {
    company: company.name,
    moment: (iso) => format(moment, iso),
    day: (iso) => format(day, iso),
    time: (iso) => format(time, iso),
    dayKey: (iso) => format(dayKey, iso),
    number: (value) => number.format(value),
    language: (code) => {
      try {
        return languages.of(code) ?? code
      } catch {
        return code
      }
    },
    timeZone: (iso) => {
      const date = new Date(iso)
      if (Number.isNaN(date.getTime())) return timeZone
      const offset = zoneName.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value
      return offset === undefined ? timeZone : `${timeZone} (${offset})`
    },
  }
}
