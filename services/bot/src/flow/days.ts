import type { Language } from './language.ts'
import { bengaliDigits, fold } from './wording.ts'

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

const RELATIVE: [number, string[]][] = [
  [
    0,
    [
      'hoje',
      'hoje cedo',
      'hoje de manha',
      'agora',
      'agora ha pouco',
      'today',
      'just now',
      'now',
      'আজ',
      'আজকে',
      'এখন',
    ],
  ],
  [-1, ['ontem', 'ontem a noite', 'yesterday', 'last night', 'গতকাল', 'গত কাল', 'কালকে', 'গতকালকে']],
  [-2, ['anteontem', 'antes de ontem', 'the day before yesterday', 'day before yesterday', 'গত পরশু', 'পরশু']],
  [1, ['amanha', 'tomorrow', 'আগামীকাল', 'আগামী কাল']],
]
const RELATIVE_WORDS = new Map(
  RELATIVE.flatMap(([days, list]) => list.map((word) => [fold(word), days] as const)),
)

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
    MONTH_OF.set(fold(name), index + 1)
    if (language !== 'bn') MONTH_OF.set(fold(name).slice(0, 3), index + 1)
  }

/**
 * What a customer writes for a day: `ontem`, `20/11/2026`, `20/11`, `2026-11-20`, `20 de novembro`, `Nov 20`, `há 2 dias`, Bengali digits.
 * Day before month; month before day only where it can be nothing else and the language is English. A day without a year is
 * the last one that is not after today.
 */
export function readDay(text: string, today: Day, language: Language): Day | undefined {
  const folded = fold(text)
  const relative = RELATIVE_WORDS.get(folded)
  if (relative !== undefined) return addDays(today, relative)

  const ago = /^(?:ha |faz )?(\d{1,3}) (?:dias?(?: atras)?|days? ago|দিন আগে)$/.exec(folded)
  if (ago) return addDays(today, -Number(ago[1]))

  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(folded)
  if (iso) return day(Number(iso[1]), Number(iso[2]), Number(iso[3]))

  const numbers = /^(?:dia )?(\d{1,2}) ?[-/. ] ?(\d{1,2})(?: ?[-/. ] ?(\d{4}|\d{2}))?$/.exec(folded)
  if (numbers) {
    const [first, second] = [Number(numbers[1]), Number(numbers[2])]
    const byDay = withYear(numbers[3], second, first, today)
    return (
      byDay ?? (language === 'en' && second > 12 ? withYear(numbers[3], first, second, today) : undefined)
    )
  }

  const named = folded
    .replace(/\b(de|of|the|dia|on)\b/g, ' ')
    .replace(/(\d)(st|nd|rd|th|º|o)(?![\p{L}\p{N}])/gu, '$1')
    .replace(/[.,]/g, ' ')
    .trim()
  const parts = named.split(/\s+/)
  if (parts.length < 2 || parts.length > 3) return undefined
  const month = MONTH_OF.get(parts[0]!) ?? MONTH_OF.get(parts[1]!)
  const date = /^\d{1,2}$/.test(parts[0]!)
    ? parts[0]
    : MONTH_OF.has(parts[0]!) && /^\d{1,2}$/.test(parts[1]!)
      ? parts[1]
      : undefined
  if (month === undefined || date === undefined || (parts[2] !== undefined && !/^\d{4}$/.test(parts[2])))
    return undefined
  return withYear(parts[2], month, Number(date), today)
}

function withYear(year: string | undefined, month: number, date: number, today: Day): Day | undefined {
  if (year !== undefined) return day(year.length === 2 ? 2000 + Number(year) : Number(year), month, date)
  const thisYear = Number(today.slice(0, 4))
  // 29 February may be up to eight years back.
  for (let back = 0; back <= 8; back += 1) {
    const found = day(thisYear - back, month, date)
    if (found !== undefined && found <= today) return found
  }
  return undefined
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
