import { plainDigit } from './typed-text.ts'

/** Stands for what is on record and not shown. */
export const MASK = '••••••'

const SEPARATOR = String.raw`[\s\p{Pd}\p{Cf}./_,|\ufe0f\u20e3]{0,4}`
/** Digits of any script, with little between them; a number after `+` is a telephone's. */
const DIGIT_RUN = new RegExp(String.raw`(?<![+\p{Nd}])\p{Nd}(?:${SEPARATOR}\p{Nd}){12,}`, 'gu')
const CARD_DIGITS_MIN = 13
const CARD_DIGITS_MAX = 19
/** A longer run is something else: the line of digits of a Brazilian payment slip has 47, and would have a card in it by chance. */
const RUN_DIGITS_MAX = 40
/** The last four name the card to its owner, and to nobody else. */
const SHOWN_DIGITS = 4
/** A robot's reference number (day and eight digits) and a Brazilian company's number: of ten, one would be taken for a card. */
const NO_CARD = /^(?:20\d{6}-\d{8}|\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2})$/

/**
 * Card numbers of 13 to 19 digits that pass the check of Luhn, however they are grouped and in whatever digits: all but the last four
 * become dots, what stands between them stays.
 */
export function maskCards(text: string): string {
  return text.replace(DIGIT_RUN, maskCardsInRun)
}

function maskCardsInRun(run: string): string {
  if (NO_CARD.test(run)) return run
  const characters = Array.from(run)
  const places = characters.flatMap((character, place) => (isDigit(character) ? [place] : []))
  if (places.length > RUN_DIGITS_MAX) return run
  const digits = places.map((place) => Number(plainDigit(characters[place]!)))
  // A card begins and ends where a group of digits does.
  const begins = (at: number) => at === 0 || places[at - 1]! + 1 < places[at]!
  const ends = (at: number) => at === places.length || begins(at)
  for (let at = 0; at < digits.length; at += 1) {
    if (!begins(at)) continue
    for (let length = CARD_DIGITS_MAX; length >= CARD_DIGITS_MIN; length -= 1) {
      const end = at + length
      if (end > digits.length || !ends(end) || !passesLuhn(digits.slice(at, end))) continue
      for (const place of places.slice(at, end - SHOWN_DIGITS)) characters[place] = '•'
      at = end - 1
      break
    }
  }
  return characters.join('')
}

function passesLuhn(digits: readonly number[]): boolean {
  let sum = 0
  for (const [place, digit] of digits.toReversed().entries()) {
    const doubled = place % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Shorter values stand in too many texts by chance. */
const VALUE_CHARACTERS_MIN = 3

/**
 * What others may repeat of a text that is masked: the whole of it, each number in it and each address, without what is between their
 * letters and digits. `CPF: 111.444.777-35` gives `cpf11144477735` and `11144477735`.
 */
export function valuesIn(text: string): readonly string[] {
  const numbers = text.match(/\p{Nd}(?:[\s\p{Pd}\p{Cf}./]{0,3}\p{Nd})*/gu) ?? []
  const addresses = text.match(/[^\s@]+@[^\s@]+/gu) ?? []
  const values = [text, ...numbers, ...addresses].map((part) =>
    significantIn(part)
      .map(({ character }) => character)
      .join(''),
  )
  return [...new Set(values)].filter((value) => value.length >= VALUE_CHARACTERS_MIN)
}

/** @param values as `valuesIn` gives them; where one stands in the text by itself, however it is written, a mask stands in its place */
export function maskValues(text: string, values: readonly string[]): string {
  if (values.length === 0) return text
  const significant = significantIn(text)
  const squeezed = significant.map(({ character }) => character).join('')
  const spans: { readonly from: number; readonly to: number }[] = []
  for (const value of values)
    for (let at = squeezed.indexOf(value); at >= 0; at = squeezed.indexOf(value, at + 1)) {
      const from = significant[at]!.from
      const to = significant[at + value.length - 1]!.to
      if (!joins(text.slice(0, from).at(-1), text[from]) && !joins(text[to - 1], text[to]))
        spans.push({ from, to })
    }
  let masked = ''
  let done = 0
  for (const { from, to } of spans.toSorted((one, other) => one.from - other.from || other.to - one.to)) {
    if (to <= done) continue
    masked += text.slice(done, Math.max(from, done)) + (from >= done ? MASK : '')
    done = to
  }
  return masked + text.slice(done)
}

/** Whether the two are of one word or one number. */
function joins(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return [/\p{N}/u, /[\p{L}\p{M}]/u].some((kind) => kind.test(one) && kind.test(other))
}

interface Significant {
  /** One UTF-16 unit: lower case, compatible form, plain digits. */
  readonly character: string
  /** Where it stands in the text, in UTF-16 units. */
  readonly from: number
  readonly to: number
}

function significantIn(text: string): readonly Significant[] {
  const significant: Significant[] = []
  let from = 0
  for (const written of text) {
    const to = from + written.length
    const plain = isDigit(written) ? plainDigit(written) : written.normalize('NFKC').toLowerCase()
    if (/[\p{L}\p{M}\p{N}@]/u.test(plain))
      for (let unit = 0; unit < plain.length; unit += 1)
        significant.push({ character: plain[unit]!, from, to })
    from = to
  }
  return significant
}

const isDigit = (character: string) => /^\p{Nd}$/u.test(character)
