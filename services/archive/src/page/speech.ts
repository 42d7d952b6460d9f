import type { AgentName } from '../transcript/transcript.ts'
import type { Speech, Words } from '../transcript/words/words.ts'

/** Dates, times and numbers in the words' language and the company's time zone. */
export interface PageSpeech extends Speech {
  day(iso: string): string
  /** Hour and minute. */
  time(iso: string): string
  /** Changes when the day does, in the company's time zone. */
  dayKey(iso: string): string
  number(value: number): string
  /** As people call it, with its distance from UTC: `Horário de Brasília (UTC-3)`. */
  timeZone(iso: string): string
}

export function pageSpeech(
  words: Words,
  company: { readonly name: string; readonly timeZone: string; readonly agentName: AgentName },
): PageSpeech {
  const { timeZone } = company
  const formatter = (options: Intl.DateTimeFormatOptions, tag = words.tag) =>
    new Intl.DateTimeFormat(tag, { timeZone, ...options })
  const day = formatter({ dateStyle: 'full' })
  const time = formatter({ timeStyle: 'short', hourCycle: 'h23' })
  const moment = formatter({ dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23' })
  const dayKey = formatter({ dateStyle: 'short' }, 'sv-SE')
  const zoneName = formatter({ timeZoneName: 'longGeneric' })
  const zoneOffset = formatter({ timeZoneName: 'shortOffset' }, 'en-GB')
  const languages = new Intl.DisplayNames(words.tag, { type: 'language' })
  const number = new Intl.NumberFormat(words.tag)
  const format = (formatted: Intl.DateTimeFormat, iso: string) => {
    const date = new Date(iso)
    return Number.isNaN(date.getTime()) ? '—' : formatted.format(date)
  }
  return {
    company: company.name,
    agent: company.agentName,
    moment: (iso) => format(moment, iso).replace(BENGALI_AT, ', '),
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
      const nameOf = (formatted: Intl.DateTimeFormat) =>
        formatted.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? ''
      const offset = nameOf(zoneOffset).replace('GMT', 'UTC')
      const name = nameOf(zoneName).replace(STANDARD, '')
      return name.startsWith('GMT') ? offset : `${name} (${offset})`
    },
  }
}

/** Between a day and a time; nobody says it of a clock. */
const BENGALI_AT = ' এ '
/** Where no clock is changed, Intl names the standard time; people do not: `Horário Padrão de Brasília`. */
const STANDARD = / (?:Padrão|Standard|মানক)(?= )/
