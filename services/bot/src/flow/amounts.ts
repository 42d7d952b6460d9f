import { foldedText } from '@parley/conversation'
import { bareValue, saidTwice } from './around-value.ts'
import type { Language } from './language.ts'
import { numberOf } from './number-words.ts'

const LONGEST_AMOUNT = 80

const CURRENCY = '(?:r ?\\$|us ?\\$|\\$|€|£|৳|₨|brl|usd|eur|bdt|tk\\.?|rs\\.?)'
const CURRENCY_WORDS =
  '(?:de )?(?:reais|real|conto|contos|pila|pilas|d[oó]lares|d[oó]lar|dollars?|bucks|euros?|pounds?|taka|টাকা|টাকার|r ?\\$|\\$|€|£|৳|₨|brl|usd|eur|bdt|tk)'
const CENTS = '(?:centavos?|cents?|পয়সা|paisa|poisha)'
const DECORATION = '[^\\p{L}\\p{M}\\p{N}$€£৳₨%+,.-]'
const WRITTEN = new RegExp(
  `^(?:${DECORATION}|[.,]{2,}|[.,](?!\\d))*([-+]?) ?(?:${CURRENCY})?[ :]*([-+]?)(.+?)(?:\\/-|[.,]?-)?[.,]* ?(?:${CURRENCY_WORDS})?(?:${DECORATION}|[.,-])*$`.normalize(
    'NFC',
  ),
  'u',
)
const CENTS_BEHIND = new RegExp(`^(.+) ${CENTS}$`.normalize('NFC'), 'u')
const BEFORE_AMOUNT = new RegExp(`^${CURRENCY} ?`)
const BEHIND_AMOUNT = new RegExp(` ?${CURRENCY_WORDS}$`.normalize('NFC'))
const NONE = /^(?:nenhum|nenhuma|none|nada|কিছু না|একটাও না)$/

/**
 * `1.234,56` in Portuguese, `1,234.56` in English, `১,২৩,৪৫৬` in Bengali, `2 mil`, `1,5 milhão`, `two hundred`, `50 centavos`, with a currency
 * before or behind it and with words that say nothing more around it; a lone separator is the decimal one unless three digits follow it as
 * thousands do. Undefined where it could be two numbers, or any but one.
 */
export function readNumber(text: string, language: Language): number | undefined {
  return saidTwice(text, (written) => readOne(written, language))
}

function readOne(text: string, language: Language): number | undefined {
  const bare = bareValue(text, 'number').toLowerCase()
  if (bare.length > LONGEST_AMOUNT) return undefined
  const [, sign, innerSign, amount] = WRITTEN.exec(bare) ?? []
  if (amount === undefined || (sign && innerSign)) return undefined
  const number = inFigures(amount, language) ?? inWords(bare, amount, language)
  return number !== undefined && (sign || innerSign) === '-' ? 0 - number : number
}

function inWords(bare: string, amount: string, language: Language): number | undefined {
  const folded = foldedText(bare)
  if (NONE.test(folded)) return 0
  const figure = (written: string) => inFigures(written, language)
  const cents = CENTS_BEHIND.exec(folded.replace(BEFORE_AMOUNT, ''))?.[1]
  if (cents !== undefined) return withCents(cents, figure)
  // A comma between words parts two things.
  return /^[\p{L}\p{M}\p{N}., -]+$/u.test(amount) && !/[.,](?!\d)/.test(amount.replace(/[.,]$/, ''))
    ? numberOf(foldedText(amount), figure)
    : undefined
}

/** `cinquenta e cinco reais e dez`, of cents: one of the words for "and" parts the whole from them. */
function withCents(written: string, figure: (written: string) => number | undefined): number | undefined {
  const alone = numberOf(written, figure)
  const parted = Array.from(written.matchAll(/ (?:e|and|ও) /g), ({ index, 0: and }) => ({
    whole: numberOf(written.slice(0, index).replace(BEHIND_AMOUNT, ''), figure),
    part: numberOf(written.slice(index + and.length), figure),
    hasCurrency: BEHIND_AMOUNT.test(written.slice(0, index)),
  }))
  const isCents = (part: number | undefined) => part !== undefined && part < 100 && Number.isInteger(part)
  const found = parted.filter(({ whole, part }) => Number.isInteger(whole) && isCents(part))
  // "vinte e um centavos" is one number, unless what is before the "and" has its currency.
  const { whole, part } =
    found.find(({ hasCurrency }) => hasCurrency) ?? (isCents(alone) ? {} : (found[0] ?? {}))
  if (whole !== undefined && part !== undefined) return whole + part / 100
  return isCents(alone) ? alone! / 100 : undefined
}

function inFigures(amount: string, language: Language): number | undefined {
  if (/^[.,]\d{1,2}$/.test(amount)) return Number(`0.${amount.slice(1)}`)
  if (!/^\d[\d., ]*$/.test(amount)) return undefined
  const written = amount.replace(/[., ]+$/, '')
  if (!/^\d{1,3}(?: \d{3})+(?:[.,]\d+)?$|^[^ ]+$/.test(written)) return undefined
  const plain = written.replaceAll(' ', '')
  if (plain.length > 18) return undefined
  const decimal = language === 'pt' ? ',' : '.'
  const thousands = language === 'pt' ? '.' : ','
  for (const [point, comma] of [
    [decimal, thousands],
    [thousands, decimal],
  ] as const) {
    const parts = plain.split(point)
    if (parts.length > 2 || parts[1] === '' || parts[1]?.includes(comma)) continue
    const whole = parts[0]!
    if (whole.includes(comma) && !isGrouped(whole, comma)) continue
    return Number(`${whole.replaceAll(comma, '')}${parts[1] === undefined ? '' : `.${parts[1]}`}`)
  }
  return undefined
}

function isGrouped(digits: string, separator: string): boolean {
  const groups = digits.split(separator)
  return (
    groups.length > 1 &&
    groups.at(-1)!.length === 3 &&
    groups.slice(1).every((group) => group.length === 2 || group.length === 3) &&
    groups[0]!.length <= 3
  )
}
