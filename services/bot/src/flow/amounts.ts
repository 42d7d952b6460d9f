import { foldedText } from '@parley/conversation/said'
import { bareValue, saidTwice } from './around-value.ts'
import type { Language } from './language.ts'
import { numberOf } from './number-words.ts'

const LONGEST_AMOUNT = 80

const CURRENCY = '(?:r ?\\$|us ?\\$|\\$|€|£|৳|₨|brl|usd|eur|bdt|tk\\.?|rs\\.?|taka|টাকা)'
const CURRENCY_WORDS =
  '(?:de )?(?:reais|real|conto|contos|pila|pilas|d[oó]lares|d[oó]lar|dollars?|bucks|euros?|pounds?|taka|টাকা|টাকার|r ?\\$|\\$|€|£|৳|₨|brl|usd|eur|bdt|tk)'
const CENTS = '(?:centavos?|cents?|পয়সা|paisa|poisha)'
/** No sign that changes the number beside it: `<50`, `±50`, `50‰`, `5º`. */
const DECORATION = '(?:[~=|→]|[^\\p{L}\\p{M}\\p{N}\\p{Sm}$€£৳₨¢%°٪‰‱؉؊+,.-])'
const WRITTEN = new RegExp(
  `^(?:${DECORATION}|[.,]{2,}|[.,](?!\\d))*([-+]?) ?(?:${CURRENCY})?[ :]*([-+]?)(.+?)(?:\\/-|[.,]?-)?[.,]* ?(?:${CURRENCY_WORDS})?(?:${DECORATION}|[.,-])*$`.normalize(
    'NFC',
  ),
  'u',
)
const CENTS_BEHIND = new RegExp(`^(.+) ${CENTS}$`.normalize('NFC'), 'u')
const BEFORE_AMOUNT = new RegExp(`^${CURRENCY} ?`.normalize('NFC'))
/** `10 reais e 50 centavos`, `৫০ টাকা ৫০ পয়সা`. */
const CURRENCY_BETWEEN = new RegExp(
  `^(.+?) ?${CURRENCY_WORDS} (?:(?:e|and|ও) )?(.+?) ${CENTS}$`.normalize('NFC'),
)
/** Behind another number it may be the last digit of it or take it back: `এক হাজার নয়`. */
const NINE_OR_NOT = ` ${foldedText('নয়')}`
const NONE = /^(?:nenhum|nenhuma|none|nada|কিছু না|একটাও না)$/

/**
 * `1.234,56` in Portuguese, `1,234.56` in English, `১,২৩,৪৫৬` in Bengali, `2 mil`, `1,5 milhão`, `two hundred`, `50 centavos`, with a currency
 * before or behind it and with words that say nothing more around it. A separator is what it is in the language, and what it is in another where
 * only that makes a number. Undefined where it could be two numbers, or any but one: `R$ 1,234` is some 1 or some 1,000.
 */
export function readNumber(text: string, language: Language): number | undefined {
  return saidTwice(text, (written) => readOne(written, language))
}

function readOne(text: string, language: Language): number | undefined {
  const bare = bareValue(text, 'number').toLowerCase().replace(/ ?¢/, ' cents')
  if (bare.length > LONGEST_AMOUNT) return undefined
  const [, sign, innerSign, amount] = WRITTEN.exec(bare) ?? []
  if (amount === undefined || (sign && innerSign)) return undefined
  const number = inFigures(amount, language) ?? inWords(bare, amount, language)
  return number !== undefined && (sign || innerSign) === '-' ? 0 - number : number
}

function inWords(bare: string, amount: string, language: Language): number | undefined {
  const folded = foldedText(bare)
  if (NONE.test(folded)) return 0
  if (folded.endsWith(NINE_OR_NOT)) return undefined
  const figure = (written: string) => inFigures(written, language)
  const unsigned = folded.replace(BEFORE_AMOUNT, '')
  const [, units = '', more = ''] = CURRENCY_BETWEEN.exec(unsigned) ?? []
  const [whole, part] = [numberOf(units, figure), numberOf(more, figure)]
  if (whole !== undefined && Number.isInteger(whole) && isCents(part)) return whole + part / 100
  const centsAlone = CENTS_BEHIND.exec(unsigned)?.[1]
  if (centsAlone !== undefined) return withCents(centsAlone, figure)
  // A comma between words parts two things.
  return /^[\p{L}\p{M}\p{N}., -]+$/u.test(amount) && !/[.,](?!\d)/.test(amount.replace(/[.,]$/, ''))
    ? numberOf(foldedText(amount), figure)
    : undefined
}

const isCents = (part: number | undefined): part is number =>
  part !== undefined && part < 100 && Number.isInteger(part)

/** Of what stands before the word for cents. `vinte e um` is one number; of `dez e vinte` a word for "and" parts the whole from them. */
function withCents(written: string, figure: (written: string) => number | undefined): number | undefined {
  const alone = numberOf(written, figure)
  if (isCents(alone)) return alone / 100
  for (const { index, 0: and } of written.matchAll(/ (?:e|and|ও) /g)) {
    const whole = numberOf(written.slice(0, index), figure)
    const part = numberOf(written.slice(index + and.length), figure)
    if (whole !== undefined && Number.isInteger(whole) && isCents(part)) return whole + part / 100
  }
  return undefined
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
  if (plain.includes(decimal) && /^[1-9](?:\d{0,2}[.,]\d{3}|\d*[.,]000+)$/.test(plain)) return undefined
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
    !digits.startsWith('0') &&
    groups.at(-1)!.length === 3 &&
    groups.slice(1).every((group) => group.length === 2 || group.length === 3) &&
    groups[0]!.length <= 3
  )
}
