import { isTimeZone } from '@parley/authoring'
import type { Language } from '@parley/conversation'
import type { ZoneOffset } from '@parley/proto/workforce-configuration'
import { z } from 'zod'
import { localOf } from './zone.ts'

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

/** Days that are not like their day of the week: `2026-12-25: closed`. */
export const holidays = z.record(
  z
    .string()
    .refine((day) => z.iso.date().safeParse(day).success, 'it is no day; write for example 2026-12-25'),
  opening,
)

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

/** When people answer, in the company's own time. */
export interface OpeningHours {
  readonly week: Week
  readonly holidays: Readonly<Record<string, Opening>>
  /** The zone's, as they were known when the policy was made: what the rules say of hours is arithmetic, the same in every release of Node. */
  readonly offsets: readonly ZoneOffset[]
  /** `Brasilia time`: which clock the times are of. */
  readonly zoneName: Readonly<Record<Language, string>>
}

interface HourWords {
  readonly locale: string
  /** From Monday on. Ours and not the runtime's: what a rule says must be the same bytes on every machine. */
  readonly weekdays: readonly string[]
  days(from: string, to: string): string
  times(from: string, to: string): string
  readonly and: string
  /** `09:00` as people say it. */
  clock(time: string): string
  readonly always: string
  openUntil(time: string, zone: string): string
  readonly closed: string
  closedUntil(day: string, time: string, zone: string): string
  readonly today: string
  tomorrow(weekday: string): string
  onDay(weekday: string, day: number, month: number): string
}

const WORDS: Readonly<Record<Language, HourWords>> = {
  pt: {
    locale: 'pt-BR',
    weekdays: [
      'segunda-feira',
      'terça-feira',
      'quarta-feira',
      'quinta-feira',
      'sexta-feira',
      'sábado',
      'domingo',
    ],
    days: (from, to) => `de ${from} a ${to}`,
    times: (from, to) => `das ${from} às ${to}`,
    and: ' e ',
    clock: (time) => `${Number(time.slice(0, 2))}h${time.endsWith(':00') ? '' : time.slice(3)}`,
    always: 'Atendemos a qualquer hora.',
    openUntil: (time, zone) => `Estamos atendendo agora, até as ${time} (${zone}).`,
    closed: 'Estamos fechados agora.',
    closedUntil: (day, time, zone) =>
      `Estamos fechados agora; voltamos ${day} ${time.startsWith('1h') ? 'à' : 'às'} ${time} (${zone}).`,
    today: 'hoje',
    tomorrow: (weekday) => `amanhã, ${weekday},`,
    onDay: (weekday, day, month) => `${weekday.endsWith('feira') ? 'na' : 'no'} ${weekday}, ${day}/${month},`,
  },
  en: {
    locale: 'en-GB',
    weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    days: (from, to) => `${from} to ${to}`,
    times: (from, to) => `${from} to ${to}`,
    and: ' and ',
    clock: (time) => time.replace(/^0/, ''),
    always: 'We answer at any hour.',
    openUntil: (time, zone) => `We are open now, until ${time} (${zone}).`,
    closed: 'We are closed now.',
    closedUntil: (day, time, zone) => `We are closed now; we are back ${day} at ${time} (${zone}).`,
    today: 'today',
    tomorrow: (weekday) => `tomorrow, ${weekday},`,
    onDay: (weekday, day, month) => `on ${weekday}, ${day} ${MONTHS_EN[month - 1]},`,
  },
  bn: {
    locale: 'bn-BD',
    weekdays: ['সোমবার', 'মঙ্গলবার', 'বুধবার', 'বৃহস্পতিবার', 'শুক্রবার', 'শনিবার', 'রবিবার'],
    days: (from, to) => `${from} থেকে ${to}`,
    times: (from, to) => `${from} থেকে ${to}`,
    and: ' এবং ',
    clock: (time) => {
      const [hour, minute] = [Number(time.slice(0, 2)) % 24, Number(time.slice(3))]
      const said = hour % 12 === 0 ? 12 : hour % 12
      return `${partOfDay(hour)} ${bengali(said)}টা${minute === 0 ? '' : ` ${bengali(minute)} মিনিট`}`
    },
    always: 'আমরা সব সময় উত্তর দিই।',
    openUntil: (time, zone) => `আমরা এখন খোলা আছি, ${time} পর্যন্ত (${zone})।`,
    closed: 'আমরা এখন বন্ধ।',
    closedUntil: (day, time, zone) => `আমরা এখন বন্ধ; আবার খুলব ${day} ${time} থেকে (${zone})।`,
    today: 'আজ',
    tomorrow: (weekday) => `আগামীকাল ${weekday}`,
    onDay: (weekday, day, month) => `${weekday} ${bengali(day)}/${bengali(month)} তারিখে`,
  },
}
const MONTHS_EN =
  'January February March April May June July August September October November December'.split(' ')

/** `Monday to Friday, 9:00 to 18:00; Saturday, 9:00 to 13:00 (Brasilia Standard Time)`. */
export function hoursInWords({ week, zoneName }: OpeningHours, language: Language): string {
  const { days, times, and, weekdays, clock } = WORDS[language]
  const runs: { first: number; last: number; words: string }[] = []
  for (const [index, day] of WEEKDAYS.entries()) {
    const words = week[day].map(({ from, to }) => times(clock(from), clock(to))).join(and)
    const run = runs.at(-1)
    if (run !== undefined && run.words === words) run.last = index
    else runs.push({ first: index, last: index, words })
  }
  const said = runs
    .filter(({ words }) => words !== '')
    .map(({ first, last, words }) => {
      const from = weekdays[first]!
      return `${first === last ? from : days(from, weekdays[last]!)}, ${words}`
    })
  return `${said.join('; ')} (${zoneName[language]})`
}

/** What is true at a moment: `We are closed now; we are back tomorrow, Saturday, at 9:00 (Brasilia time).` @param at ISO 8601 */
export function hoursNow(hours: OpeningHours, at: string, language: Language): string {
  const words = WORDS[language]
  const zone = hours.zoneName[language]
  const { day, time } = localTime(at, hours.offsets)
  const running = openingOf(hours, day).find(({ from, to }) => from <= time && time < to)
  if (running !== undefined) {
    const closing = closingAfter(hours, day, running.to)
    return closing === undefined ? words.always : words.openUntil(words.clock(closing), zone)
  }
  for (let ahead = 0; ahead <= LOOKS_AHEAD_DAYS; ahead += 1) {
    const next = dayAfter(day, ahead)
    const opens = openingOf(hours, next)
      .map(({ from }) => from)
      .filter((from) => ahead > 0 || from > time)
      .toSorted()[0]
    if (opens === undefined) continue
    const weekday = words.weekdays[weekdayOf(next)]!
    const [, month = 0, date = 0] = next.split('-').map(Number)
    const when =
      ahead === 0 ? words.today : ahead === 1 ? words.tomorrow(weekday) : words.onDay(weekday, date, month)
    return words.closedUntil(when, words.clock(opens), zone)
  }
  return words.closed
}

/** A company whose holidays reach further says only that it is closed. */
const LOOKS_AHEAD_DAYS = 60

/** A span until midnight goes on with one that begins there. Undefined when it never ends. */
function closingAfter(hours: OpeningHours, day: string, to: string): string | undefined {
  let closing: string | undefined = to
  for (let ahead = 1; closing === '24:00' && ahead <= 7; ahead += 1) {
    const goesOn = openingOf(hours, dayAfter(day, ahead)).find(({ from }) => from === '00:00')
    if (goesOn === undefined) return closing
    closing = goesOn.to
  }
  return closing === '24:00' ? undefined : closing
}

function openingOf({ week, holidays: special }: OpeningHours, day: string): Opening {
  return Object.hasOwn(special, day) ? special[day]! : week[WEEKDAYS[weekdayOf(day)]!]
}

/** In the company's zone: `2026-12-24`, `13:05`. */
function localTime(at: string, offsets: readonly ZoneOffset[]): { day: string; time: string } {
  const local = new Date(localOf(offsets, Date.parse(at))).toISOString()
  return { day: local.slice(0, 10), time: local.slice(11, 16) }
}

function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

/** Monday is 0. */
const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7

function isTime(text: string): boolean {
  return text === '24:00' || /^([01]\d|2[0-3]):[0-5]\d$/.test(text)
}

function bengali(number: number): string {
  return String(number).replaceAll(/\d/g, (digit) => String.fromCodePoint(0x09e6 + Number(digit)))
}

function partOfDay(hour: number): string {
  if (hour >= 4 && hour < 6) return 'ভোর'
  if (hour >= 6 && hour < 12) return 'সকাল'
  if (hour >= 12 && hour < 15) return 'দুপুর'
  if (hour >= 15 && hour < 18) return 'বিকেল'
  if (hour >= 18 && hour < 20) return 'সন্ধ্যা'
  return 'রাত'
}

/** Of the runtime's list, when a policy is made, as people say it in a sentence: `horário de Brasília`. */
export function zoneNameOf(timeZone: string, language: Language): string {
  const format = new Intl.DateTimeFormat(WORDS[language].locale, { timeZone, timeZoneName: 'longGeneric' })
  const name =
    format.formatToParts(new Date(Date.UTC(2024, 0, 1))).find(({ type }) => type === 'timeZoneName')?.value ??
    timeZone
  return name
    .replace(/^Horário( Padrão)?/, 'horário')
    .replace(/( Standard)? Time$/, ' time')
    .replace('মানক ', '')
}
