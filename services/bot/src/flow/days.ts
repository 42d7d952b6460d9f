import { foldedText, wordSet } from '@parley/conversation'
import type { Language } from './language.ts'
import { bengaliDigits } from './wording.ts'

/** A calendar day, ISO 8601 (`2026-11-20`): dates of people have no clock and no zone. */
export type Day = string

/**
 * Making a formatter takes longer than a whole turn otherwise does. @date-fns/tz would ask Intl too, at seven times the cost of a call
 * (measured with 1.5.0), and what is left of this file is what customers write, which no library reads.
 */
const clocks = new Map<string, Intl.DateTimeFormat>()

/** The day that a clock shows in a time zone. */
export function dayIn(at: string, timeZone: string): Day {
  let clock = clocks.get(timeZone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    clocks.set(timeZone, clock)
  }
  return clock.format(new Date(at))
}

export function addDays(day: Day, count: number): Day {
  const moment = new Date(`${day}T00:00:00Z`)
  moment.setUTCDate(moment.getUTCDate() + count)
  return moment.toISOString().slice(0, 10)
}

function day(year: number, month: number, date: number): Day | undefined {
  if (year < 1900 || year > 2200) return undefined
  const moment = new Date(Date.UTC(year, month - 1, date))
  if (moment.getUTCMonth() !== month - 1 || moment.getUTCDate() !== date) return undefined
  return moment.toISOString().slice(0, 10)
}

const RELATIVE: [number, ReadonlySet<string>][] = [
  [
    0,
    wordSet(
      'hoje|hj|agora|agorinha|agora há pouco|agora pouco|há pouco|esta manhã|essa manhã|esta madrugada|essa madrugada|hoje cedo',
      'today|tdy|just now|right now|now|this morning|this afternoon|this evening|tonight',
      'আজ|আজকে|এখন|এইমাত্র',
    ),
  ],
  [
    -1,
    wordSet(
      'ontem|ontem a noite',
      'yesterday|yday|last night|last evening',
      'গতকাল|গত কাল|কালকে|গতকালকে|গত রাতে|গতরাতে',
    ),
  ],
  [
    -2,
    wordSet(
      'anteontem|antes de ontem|antiontem',
      'the day before yesterday|day before yesterday',
      'গত পরশু|পরশু|গতপরশু|পরশুদিন',
    ),
  ],
  [1, wordSet('amanhã|amanha', 'tomorrow|tmrw', 'আগামীকাল|আগামী কাল')],
]

const NUMBER_WORDS: readonly ReadonlySet<string>[] = [
  wordSet('um|uma|a|an|one|এক'),
  wordSet('dois|duas|two|দুই|দু'),
  wordSet('três|three|তিন'),
  wordSet('quatro|four|চার'),
  wordSet('cinco|five|পাঁচ'),
  wordSet('seis|six|ছয়'),
  wordSet('sete|seven|সাত'),
  wordSet('oito|eight|আট'),
  wordSet('nove|nine|নয়'),
  wordSet('dez|ten|দশ'),
]

function count(written: string): number | undefined {
  if (/^\d{1,3}$/.test(written)) return Number(written)
  const index = NUMBER_WORDS.findIndex((words) => words.has(written))
  return index < 0 ? undefined : index + 1
}

const MONTHS: Record<Language, string[]> = {
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
const MONTH_OF = new Map<string, number>()
for (const [language, names] of Object.entries(MONTHS))
  for (const [index, name] of names.entries()) {
    MONTH_OF.set(foldedText(name), index + 1)
    if (language !== 'bn') MONTH_OF.set(foldedText(name).slice(0, 3), index + 1)
  }

/** Sunday first, as `Date` counts. Short forms count in their own language only: `sex` is a Friday in Portuguese. */
const WEEKDAYS: Record<Language, { readonly names: string[]; readonly short: string[] }> = {
  pt: {
    names: ['domingo', 'segunda', 'terça', 'quarta', 'quinta', 'sexta', 'sábado'],
    short: ['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sab'],
  },
  en: {
    names: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
    short: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  },
  bn: {
    names: ['রবিবার', 'সোমবার', 'মঙ্গলবার', 'বুধবার', 'বৃহস্পতিবার', 'শুক্রবার', 'শনিবার'],
    short: ['রবি', 'সোম', 'মঙ্গল', 'বুধ', 'বৃহস্পতি', 'শুক্র', 'শনি'],
  },
}

/** What the question allows. A day that is written short is completed within it. */
export interface DayBounds {
  readonly notBefore?: Day | undefined
  readonly notAfter?: Day | undefined
}

/**
 * What a customer writes for a day: `ontem à tarde`, `hj`, `segunda`, `20/11/2026`, `20112026`, `20/11`, `dia 20`, `2026-11-20`, `20 de novembro`,
 * `Nov 20`, `há dois dias`, digits of any script; a time of day beside it is passed over. The whole text must be the day: nothing is picked out
 * of a sentence. Day before month; month before day only where it can be nothing else and the language is English. A day without a year, a
 * month or a week is the last one that is not after today, or the next one where the question allows no other; a year of two digits is
 * the century that the question allows.
 */
export function readDay(
  text: string,
  today: Day,
  language: Language,
  bounds: DayBounds = {},
): Day | undefined {
  const whole = foldedText(text).replace(/\s+/g, ' ')
  if (whole.length > LONGEST_DAY) return undefined
  const folded = withoutTimeOfDay(whole)
  // "last night" is a day, and would be none without its time.
  for (const [days, words] of RELATIVE) if (words.has(whole) || words.has(folded)) return addDays(today, days)

  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(folded)
  if (iso) return day(Number(iso[1]), Number(iso[2]), Number(iso[3]))

  return (
    daysAway(folded, today) ??
    weekday(folded, today, language, bounds) ??
    inDigits(folded, today, language, bounds) ??
    byMonthName(folded, today, bounds) ??
    dayOfMonth(folded, today, bounds)
  )
}

const LONGEST_DAY = 80

const CLOCK = '\\d{1,2}(?::\\d{2}|h(?:\\d{2})?(?:min)?| ?horas?| ?hs| ?hrs| ?am| ?pm| ?টায়| ?টার দিকে| ?টা)'
const PART_OF_DAY = [
  '(?:de|da|pela|na|a|de) (?:manha|tarde|noite|madrugada|tardinha)|(?:ao|no|perto do) meio[- ]dia|a meia[- ]noite|no fim da tarde|na hora do almoco|cedo|cedinho|tarde da noite|mesmo',
  '(?:in the|this|early|late) (?:morning|afternoon|evening)|at (?:night|noon|midnight|lunch|lunchtime)|morning|afternoon|evening|night|early|late',
  'ভোরে|ভোর|সকালে|সকাল|দুপুরে|দুপুর|বিকেলে|বিকালে|বিকেল|বিকাল|সন্ধ্যায়|সন্ধ্যা|রাতে|রাত',
].join('|')
const TIME_BEHIND = new RegExp(
  `[ ,]+(?:${PART_OF_DAY}|(?:as|umas|pelas|la pelas|por volta das?|depois das?|antes das?|at|around|about|by) (?:${CLOCK}|\\d{1,2})|${CLOCK})$`.normalize(
    'NFC',
  ),
)
/** `foi ontem`, `no dia 20/11`, `on Monday`: says that it is a day, and no more. */
const BEFORE_DAY = /^(?:foi|era|no(?= dia )|it was|was|on) /

function withoutTimeOfDay(folded: string): string {
  let rest = folded
  for (let before = ''; before !== rest;) {
    before = rest
    rest = rest.replace(BEFORE_DAY, '').replace(TIME_BEHIND, '')
  }
  return rest
}

/** `há 2 dias`, `uma semana atrás`, `two days ago`, `৩ দিন আগে`; `daqui a 3 dias`, `in a week`. */
function daysAway(folded: string, today: Day): Day | undefined {
  const back =
    /^(?:(ha|faz) (?:uns |umas |cerca de )?)?(\S+) (dias?|semanas?|days?|weeks?|দিন|সপ্তাহ)(?: (atras|ago|আগে))?$/.exec(
      folded,
    )
  const ahead = /^(?:daqui a|daqui|em|dentro de|in) (\S+) (dias?|semanas?|days?|weeks?)$/.exec(folded)
  if (ahead) return away(ahead[1]!, ahead[2]!, 1, today)
  // "um dia" is some day; "3 dias" can only be meant as ago.
  const isAgo = back?.[1] !== undefined || back?.[4] !== undefined || /^\d+ dias?$/.test(folded)
  return back && isAgo ? away(back[2]!, back[3]!, -1, today) : undefined
}

function away(number: string, unit: string, direction: 1 | -1, today: Day): Day | undefined {
  const units = count(number)
  return units === undefined
    ? undefined
    : addDays(today, direction * units * (/^(?:semana|week|সপ্তাহ)/.test(unit) ? 7 : 1))
}

const LAST = wordSet('última|último|passada|passado|last|গত')
const NEXT = wordSet('próxima|próximo|next|আগামী|সামনের')

/** `segunda`, `na sexta-feira passada`, `next Monday`, `গত সোমবার`: never today, for which people say today. */
function weekday(folded: string, today: Day, language: Language, bounds: DayBounds): Day | undefined {
  const words = folded
    .replace(/^(?:na|no|nesta|neste|essa|esse|this) /, '')
    .replace(/^([2-6])a[- ]feira/, (_, place: string) => foldedText(WEEKDAYS.pt.names[Number(place) - 1]!))
    .replace(/[- ]feira(?= |$)/, '')
    .replace(/ que vem$/, ' proxima')
    .split(' ')
  const which = words.find((word) => LAST.has(word) || NEXT.has(word)) ?? ''
  const [name = '', ...more] = words.filter((word) => word !== which)
  const wanted = WEEKDAY_OF.get(name) ?? SHORT_WEEKDAY_OF[language].get(name)
  if (wanted === undefined || more.length > 0) return undefined
  const now = new Date(`${today}T00:00:00Z`).getUTCDay()
  const last = addDays(today, -((now - wanted + 7) % 7 || 7))
  const next = addDays(today, (wanted - now + 7) % 7 || 7)
  if (LAST.has(which)) return last
  if (NEXT.has(which)) return next
  return allowed(last, bounds) || !allowed(next, bounds) ? last : next
}

const WEEKDAY_OF = new Map(
  Object.values(WEEKDAYS).flatMap(({ names }) =>
    names.map((name, index) => [foldedText(name), index] as const),
  ),
)
const shortWeekdays = (language: Language) =>
  new Map(WEEKDAYS[language].short.map((name, index) => [foldedText(name), index] as const))
const SHORT_WEEKDAY_OF = { pt: shortWeekdays('pt'), en: shortWeekdays('en'), bn: shortWeekdays('bn') }

/** `20/11/2026`, `20.11.26`, `20/11`, `20112026`, `201126`. */
function inDigits(folded: string, today: Day, language: Language, bounds: DayBounds): Day | undefined {
  const run = /^(\d{2})(\d{2})(\d{4}|\d{2})$/.exec(folded)
  const parted = /^(?:dia )?(\d{1,2}) ?[-/. ] ?(\d{1,2})(?: ?[-/. ] ?(\d{4}|\d{2}))?$/.exec(folded)
  const found = run ?? parted
  if (found) {
    const [first, second] = [Number(found[1]), Number(found[2])]
    const byDay = withYear(found[3], second, first, today, bounds)
    if (byDay) return byDay
    if (language === 'en' && second > 12) return withYear(found[3], first, second, today, bounds)
  }
  const yearFirst = /^(\d{4})(\d{2})(\d{2})$/.exec(folded)
  return yearFirst ? day(Number(yearFirst[1]), Number(yearFirst[2]), Number(yearFirst[3])) : undefined
}

function byMonthName(folded: string, today: Day, bounds: DayBounds): Day | undefined {
  const parts = folded
    .replace(/\b(de|of|the|dia|on)\b/g, ' ')
    .replace(/(\d)(st|nd|rd|th|º|o)(?![\p{L}\p{N}])/gu, '$1')
    .replace(/[.,/-]/g, ' ')
    .trim()
    .split(/\s+/)
  if (parts.length < 2 || parts.length > 3) return undefined
  const [first = '', second = '', year] = parts
  const month = MONTH_OF.get(first) ?? MONTH_OF.get(second)
  const date = MONTH_OF.has(first) ? second : first
  if (month === undefined || !/^\d{1,2}$/.test(date) || (year !== undefined && !/^(\d{4}|\d{2})$/.test(year)))
    return undefined
  return withYear(year, month, Number(date), today, bounds)
}

/** `dia 20`, `the 20th`, `২০ তারিখ`; a number alone could be anything. */
function dayOfMonth(folded: string, today: Day, bounds: DayBounds): Day | undefined {
  const found = /^(?:dia (\d{1,2})|the (\d{1,2})(?:st|nd|rd|th)|(\d{1,2}) ?তারিখে?)$/.exec(folded)
  const date = found?.[1] ?? found?.[2] ?? found?.[3]
  if (date === undefined) return undefined
  const [year, month] = today.split('-').map(Number) as [number, number]
  // A 31st may be two months away.
  const candidates = [0, -1, -2, 1, 2].map((away) => {
    const index = year * 12 + month - 1 + away
    return day(Math.floor(index / 12), (index % 12) + 1, Number(date))
  })
  return nearest(candidates, today, bounds)
}

function withYear(
  written: string | undefined,
  month: number,
  date: number,
  today: Day,
  bounds: DayBounds,
): Day | undefined {
  if (written?.length === 4) return day(Number(written), month, date)
  if (written !== undefined) return inCentury(Number(written), month, date, today, bounds)
  const thisYear = Number(today.slice(0, 4))
  // 29 February may be up to eight years away.
  const candidates = [0, -1, -2, -3, -4, -5, -6, -7, -8, 1, 2, 3, 4, 5, 6, 7, 8].map((away) =>
    day(thisYear + away, month, date),
  )
  return nearest(candidates, today, bounds)
}

/** Of days that were written alike: the last one that is not after today, or the next one where the question allows no other. */
function nearest(candidates: readonly (Day | undefined)[], today: Day, bounds: DayBounds): Day | undefined {
  const days = candidates.filter((each) => each !== undefined)
  const past = days.filter((each) => each <= today).toSorted()
  const future = days.filter((each) => each > today).toSorted()
  const last = past.at(-1)
  if (last !== undefined && allowed(last, bounds)) return last
  return (
    future.find((each) => allowed(each, bounds)) ??
    past.findLast((each) => allowed(each, bounds)) ??
    last ??
    future[0]
  )
}

/** By the question's bounds, and by nearness to today where they allow both. A day of this year or the next that is too late is a slip, and nobody's day of a hundred years ago. */
function inCentury(
  year: number,
  month: number,
  date: number,
  today: Day,
  bounds: DayBounds,
): Day | undefined {
  const [old, young] = [day(1900 + year, month, date), day(2000 + year, month, date)]
  if (old === undefined || young === undefined) return old ?? young
  const thisYear = Number(today.slice(0, 4))
  const isSlip = 2000 + year === thisYear || 2000 + year === thisYear + 1
  if (allowed(old, bounds) !== allowed(young, bounds) && !isSlip) return allowed(old, bounds) ? old : young
  return 2000 + year - thisYear <= thisYear - (1900 + year) ? young : old
}

const allowed = (value: Day, { notBefore, notAfter }: DayBounds) =>
  (notBefore === undefined || value >= notBefore) && (notAfter === undefined || value <= notAfter)

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
