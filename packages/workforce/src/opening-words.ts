import type { Language } from '@parley/conversation'
import type {
  OpenSpan,
  QueueConfiguration,
  ZoneConfiguration,
  ZoneOffset,
} from '@parley/proto/workforce-configuration'
import { openness } from './opening.ts'
import { localOf } from './zone-clock.ts'

/** The company's own time, as a policy carries it: tables of zones differ between machines. */
export interface Clock {
  readonly offsets: readonly ZoneOffset[]
  /** `Brasilia time`: which clock the times are of. */
  readonly zoneName: Readonly<Record<Language, string>>
}

/** Of the queues of a pool. */
export interface Calendars {
  readonly queues: readonly Pick<QueueConfiguration, 'name' | 'zone' | 'hours' | 'holidays'>[]
  readonly zones: readonly ZoneConfiguration[]
}

/** `openingInWords` says no more where a day has two spans, though all seven differ; with three it may. */
export const OPENING_CHARACTERS_MAX = 850

interface HourWords {
  readonly locale: string
  /** From Monday on. Ours and not the runtime's: what a rule says must be the same bytes on every machine. */
  readonly weekdays: readonly string[]
  twoDays(first: string, second: string): string
  days(from: string, to: string): string
  readonly allDay: string
  times(from: string, to: string): string
  readonly and: string
  /** `09:00` as people say it; `24:00` is a midnight that ends a day or stands in a span. */
  clock(time: string): string
  closedUntil(day: string, time: string, zone: string): string
  readonly closed: string
  /** `until` as these words say it. */
  openUntil(until: string, zone: string): string
  readonly always: string
  until(time: string): string
  untilDay(weekday: string, day: number, month: number, time: string): string
  week(hours: string): string
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
    twoDays: (first, second) => `${shortPt(first)} e ${shortPt(second)}`,
    days: (from, to) => `de ${shortPt(from)} a ${shortPt(to)}`,
    allDay: 'o dia todo',
    times: (from, to) => `${isOnePt(from) ? 'da' : 'das'} ${from} ${isOnePt(to) ? 'à' : 'às'} ${to}`,
    and: ' e ',
    clock: (time) =>
      time === '24:00'
        ? 'meia-noite'
        : `${Number(time.slice(0, 2))}h${time.endsWith(':00') ? '' : time.slice(3)}`,
    closedUntil: (day, time, zone) =>
      `Estamos fechados agora; voltamos ${day} ${isOnePt(time) ? 'à' : 'às'} ${time} (${zone}).`,
    closed: 'Estamos fechados agora.',
    openUntil: (until, zone) => `Estamos atendendo agora, ${until} (${zone}).`,
    always: 'A qualquer hora.',
    until: (time) => `até ${isOnePt(time) ? 'a' : 'as'} ${time}`,
    untilDay: (weekday, day, month, time) =>
      `até ${isOnePt(time) ? 'a' : 'as'} ${time} de ${weekday}, ${day}/${month}`,
    week: (hours) => `Horário: ${hours}.`,
    today: 'hoje',
    tomorrow: (weekday) => `amanhã, ${weekday},`,
    onDay: (weekday, day, month) => `${weekday.endsWith('feira') ? 'na' : 'no'} ${weekday}, ${day}/${month},`,
  },
  en: {
    locale: 'en-GB',
    weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    twoDays: (first, second) => `${first} and ${second}`,
    days: (from, to) => `${from} to ${to}`,
    allDay: 'all day',
    times: (from, to) => `${from} to ${to}`,
    and: ' and ',
    clock: (time) => (time === '24:00' ? 'midnight' : time.replace(/^0/, '')),
    closedUntil: (day, time, zone) => `We are closed now; we are back ${day} at ${time} (${zone}).`,
    closed: 'We are closed now.',
    openUntil: (until, zone) => `We are open now, ${until} (${zone}).`,
    always: 'At any hour.',
    until: (time) => `until ${time}`,
    untilDay: (weekday, day, month, time) => `until ${time} on ${weekday}, ${day} ${MONTHS_EN[month - 1]}`,
    week: (hours) => `Hours: ${hours}.`,
    today: 'today',
    tomorrow: (weekday) => `tomorrow, ${weekday},`,
    onDay: (weekday, day, month) => `on ${weekday}, ${day} ${MONTHS_EN[month - 1]},`,
  },
  bn: {
    locale: 'bn-BD',
    weekdays: ['সোমবার', 'মঙ্গলবার', 'বুধবার', 'বৃহস্পতিবার', 'শুক্রবার', 'শনিবার', 'রবিবার'],
    twoDays: (first, second) => `${first} ও ${second}`,
    days: (from, to) => `${from} থেকে ${to}`,
    allDay: 'সারা দিন',
    times: (from, to) => `${from} থেকে ${to}`,
    and: ' এবং ',
    clock: (time) => {
      const [hour, minute] = [Number(time.slice(0, 2)) % 24, Number(time.slice(3))]
      const said = hour % 12 === 0 ? 12 : hour % 12
      return `${partOfDay(hour)} ${bengali(said)}টা${minute === 0 ? '' : ` ${bengali(minute)} মিনিট`}`
    },
    closedUntil: (day, time, zone) =>
      `এখন বন্ধ আছে; ${day} ${time}${time.endsWith('টা') ? 'য়' : 'ে'} আবার খুলব (${zone})।`,
    closed: 'এখন বন্ধ আছে।',
    openUntil: (until, zone) => `এখন খোলা আছে, ${until} (${zone})।`,
    always: 'যেকোনো সময়।',
    until: (time) => `${time} পর্যন্ত`,
    untilDay: (weekday, day, month, time) =>
      `${weekday} ${bengali(day)}/${bengali(month)} তারিখ ${time} পর্যন্ত`,
    week: (hours) => `সময়সূচি: ${hours}।`,
    today: 'আজ',
    tomorrow: (weekday) => `আগামীকাল ${weekday}`,
    onDay: (weekday, day, month) => `${weekday} ${bengali(day)}/${bengali(month)} তারিখে`,
  },
}
/** `segunda a sexta`. */
function shortPt(weekday: string): string {
  return weekday.replace('-feira', '')
}
/** `à 1h`, `às 9h`. */
function isOnePt(time: string): boolean {
  return /^(?:[01]h|meia)/.test(time)
}
const MONTHS_EN =
  'January February March April May June July August September October November December'.split(' ')

/** `Monday to Friday, 9:00 to 18:00; Saturday, 9:00 to 13:00`. */
function hoursInWords(hours: readonly OpenSpan[], language: Language): string {
  const { twoDays, days, allDay, times, and, weekdays, clock } = WORDS[language]
  const runs: { first: number; last: number; words: string }[] = []
  for (const index of weekdays.keys()) {
    const words = hours
      .filter(({ weekday }) => weekday === index + 1)
      .toSorted((left, right) => left.fromMinute - right.fromMinute)
      .map(({ fromMinute, toMinute }) =>
        toMinute - fromMinute === DAY_MINUTES
          ? allDay
          : times(clock(timeOf(fromMinute || DAY_MINUTES)), clock(timeOf(toMinute))),
      )
      .join(and)
    const run = runs.at(-1)
    if (run !== undefined && run.words === words) run.last = index
    else runs.push({ first: index, last: index, words })
  }
  return runs
    .filter(({ words }) => words !== '')
    .map(({ first, last, words }) => {
      const [from, to] = [weekdays[first]!, weekdays[last]!]
      const said = first === last ? from : last === first + 1 ? twoDays(from, to) : days(from, to)
      return `${said}, ${words}`
    })
    .join('; ')
}

const DAY_MINUTES = 24 * 60
const WEEK_MS = 7 * 24 * 60 * 60 * 1000

const timeOf = (minute: number) =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':')

/**
 * Whether a queue is open this minute and until when, or when it opens, and its hours of the week, of its own calendar: `We are open now,
 * until 18:00 (Brasilia time). Hours: Monday to Friday, 9:00 to 18:00.` Undefined: there is no such queue.
 * @param at ISO 8601
 */
export function openingInWords(
  { queues, zones }: Calendars,
  { queue: name, at, language }: { readonly queue: string; readonly at: string; readonly language: Language },
): string | undefined {
  const queue = queues.find((one) => one.name === name)
  if (queue === undefined) return undefined
  const words = WORDS[language]
  if (queue.hours.length === 0) return words.always
  const zone = zones.find((one) => one.name === queue.zone)
  const { isOpen, until } = openness(queue, zone, Date.parse(at))
  const week = words.week(hoursInWords(queue.hours, language))
  if (isOpen && (until === null || until - Date.parse(at) > WEEK_MS)) return words.always
  if (until === null) return words.closed
  const clock = clockOf(queue.zone, zone?.offsets ?? [])
  const then = new Date(until).toISOString()
  return `${isOpen ? openUntil(clock, at, then, language) : closedUntil(clock, at, then, language)} ${week}`
}

function openUntil(clock: Clock, at: string, until: string, language: Language): string {
  const words = WORDS[language]
  const { day: today } = localTime(at, clock)
  const end = localTime(until, clock)
  // The day that ends then, not the one that begins: `until midnight on Sunday`.
  const { day, time } = end.time === '00:00' ? { day: dayAfter(end.day, -1), time: '24:00' } : end
  const [, month = 0, date = 0] = day.split('-').map(Number)
  const said =
    day === today
      ? words.until(words.clock(time))
      : words.untilDay(words.weekdays[weekdayOf(day)]!, date, month, words.clock(time))
  return words.openUntil(said, clock.zoneName[language])
}

/**
 * `We are closed now; we are back tomorrow, Saturday, at 9:00 (Brasilia time).`
 * @param at ISO 8601
 * @param opensAt ISO 8601, later than that
 */
export function closedUntil(clock: Clock, at: string, opensAt: string, language: Language): string {
  const words = WORDS[language]
  const { day: today } = localTime(at, clock)
  const { day, time } = localTime(opensAt, clock)
  const weekday = words.weekdays[weekdayOf(day)]!
  const [, month = 0, date = 0] = day.split('-').map(Number)
  const when =
    day === today
      ? words.today
      : day === dayAfter(today, 1)
        ? words.tomorrow(weekday)
        : words.onDay(weekday, date, month)
  return words.closedUntil(when, words.clock(time), clock.zoneName[language])
}

/** In the company's zone: `2026-12-24`, `13:05`. */
function localTime(at: string, { offsets }: Clock): { day: string; time: string } {
  const shown = new Date(localOf(offsets, Date.parse(at))).toISOString()
  return { day: shown.slice(0, 10), time: shown.slice(11, 16) }
}

function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

/** Monday is 0. */
const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7

export function bengali(number: number): string {
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

/** Of a zone, with its offsets as they are in force. */
export const clockOf = (timeZone: string, offsets: readonly ZoneOffset[]): Clock => ({
  offsets,
  zoneName: {
    pt: zoneNameOf(timeZone, 'pt'),
    en: zoneNameOf(timeZone, 'en'),
    bn: zoneNameOf(timeZone, 'bn'),
  },
})

/** Of the runtime's list, when a policy is made, as people say it in a sentence: `horário de Brasília`. */
function zoneNameOf(timeZone: string, language: Language): string {
  const format = new Intl.DateTimeFormat(WORDS[language].locale, { timeZone, timeZoneName: 'longGeneric' })
  const name =
    format.formatToParts(new Date(Date.UTC(2024, 0, 1))).find(({ type }) => type === 'timeZoneName')?.value ??
    timeZone
  return name
    .replace(/^Horário( Padrão)?/, 'horário')
    .replace(/( Standard)? Time$/, ' time')
    .replace('মানক ', '')
}
