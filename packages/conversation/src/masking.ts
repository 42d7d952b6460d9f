import { digitOf } from './typed-text.ts'

/** Stands for what is on record and not shown. */
export const MASK = '••••••'

const SEPARATOR = String.raw`[\s\p{Pd}\p{Cf}\p{M}\u2212./_,|*~\\•·]{0,40}`
/** Groups of digits with any marks between them (`*4111* *1111*`); shorter groups are days and times. A `+` begins another number. */
const GROUPS = String.raw`\p{N}{3,}(?:[^\p{L}\p{N}+]{1,40}\p{N}{3,})+`
/** Digits of any script, with little between them. */
const DIGIT_RUN = new RegExp(String.raw`(?<!\p{N})(?:\p{N}(?:${SEPARATOR}\p{N}){12,}|${GROUPS})`, 'gu')
const CARD_DIGITS_MIN = 13
const CARD_DIGITS_MAX = 19
/** Of a telephone number after its `+` (E.164). */
const TELEPHONE_DIGITS_MAX = 15
/** The last four name the card to its owner, and to nobody else. */
const SHOWN_DIGITS = 4
/** In one of ten there would be a card by chance. */
const NO_CARD = [
  /** A robot's reference number: a day and eight digits. */
  /^20\d{6}-\d{8}$/,
  /** A Brazilian company's number. */
  /^\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2}$/,
  /** A place that was shared without a name. */
  /^\d{1,3}\.\d{4,6}, ?-?\d{1,3}\.\d{4,6}$/,
  /** The line of digits of a Brazilian payment slip, and of one for taxes and utilities. */
  /^\d{5}\.?\d{5} ?\d{5}\.?\d{6} ?\d{5}\.?\d{6} ?\d ?\d{10,14}$/,
  /^\d{11}-?\d(?: ?\d{11}-?\d){3}$/,
]

/**
 * Card numbers of 13 to 19 digits that pass the check of Luhn, however they are grouped and in whatever digits: all but the last four
 * become dots, what stands between them stays. Where two could be meant, as a number that stands beside a card makes it, both are masked.
 */
export function maskCards(text: string): string {
  return text.replace(DIGIT_RUN, maskCardsInRun)
}

/** A text that is nothing but digits, in groups as of a card. What a NUL parts is joined by none. */
const GROUPS_ALONE = /^[^\p{L}\p{N}+\0]*\p{N}{3,}(?:[^\p{L}\p{N}+\0]+\p{N}{3,})*[^\p{L}\p{N}+\0]*$/u

/**
 * The same of texts that somebody said one behind the other: a card that is sent group by group is one in none of them. All but the last four
 * of its digits become dots in each text that has some of them.
 */
export function maskCardsAcross(texts: readonly string[]): readonly string[] {
  const masked = [...texts]
  for (let from = 0; from < texts.length; from += 1) {
    let to = from
    while (to < texts.length && GROUPS_ALONE.test(texts[to]!)) to += 1
    if (to - from > 1)
      masked.splice(from, to - from, ...maskCards(texts.slice(from, to).join('\0')).split('\0'))
    from = Math.max(from, to)
  }
  return masked
}

function maskCardsInRun(run: string, from: number, text: string): string {
  if (NO_CARD.some((other) => other.test(run))) return run
  const characters = Array.from(run)
  const places = characters.flatMap((character, place) => (isDigit(character) ? [place] : []))
  if (text[from - 1] === '+' && places.length <= TELEPHONE_DIGITS_MAX) return run
  const digits = places.map((place) => Number(digitShown(characters[place]!)))
  // A card begins and ends where a group of digits does.
  const begins = (at: number) => at === 0 || places[at - 1]! + 1 < places[at]!
  const ends = (at: number) => at === places.length || begins(at)
  for (let at = 0; at < digits.length; at += 1) {
    if (!begins(at)) continue
    for (let end = at + CARD_DIGITS_MIN; end <= at + CARD_DIGITS_MAX && end <= digits.length; end += 1)
      if (ends(end) && passesLuhn(digits, at, end))
        for (let masked = at; masked < end - SHOWN_DIGITS; masked += 1) characters[places[masked]!] = '•'
  }
  return characters.join('')
}

function passesLuhn(digits: readonly number[], from: number, to: number): boolean {
  let sum = 0
  for (let at = from; at < to; at += 1) {
    const digit = digits[at]!
    const doubled = (to - at) % 2 === 0 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Shorter values stand in too many texts by chance. */
const VALUE_CHARACTERS_MIN = 3

/** A group within a number that is written with spaces is none by itself, unless it could be the end of a card. */
const GROUP_DIGITS_MIN = 4

/**
 * What others may repeat of a text that is masked: the whole of it, each number in it (with whatever marks between its digits, and as one
 * of several that stand side by side) and each address, without what is between their letters and digits. `CPF: 111.444.777-35` gives
 * `cpf11144477735` and `11144477735`.
 */
export function valuesIn(text: string): readonly string[] {
  const numbers = text.match(/\p{N}(?:[^\p{L}\p{N}]{0,4}\p{N})*/gu) ?? []
  const groups = text.match(/\p{N}(?:[^\p{L}\p{N}\s]{0,4}\p{N})*/gu) ?? []
  const addresses = text.match(/[^\s@]+@[^\s@]+/gu) ?? []
  const whole = [text, ...numbers, ...addresses].map(squeezed)
  return [
    ...new Set([
      ...whole.filter((value) => value.length >= VALUE_CHARACTERS_MIN),
      ...groups.map(squeezed).filter((value) => value.length >= GROUP_DIGITS_MIN),
    ]),
  ]
}

/** The same of a text that is one value as it stands: `15/03/1985` gives `15031985`, and not the year alone. */
export function valueOf(text: string): readonly string[] {
  const value = squeezed(text)
  return value.length >= VALUE_CHARACTERS_MIN ? [value] : []
}

const squeezed = (text: string) =>
  significantIn(text)
    .map(({ character }) => character)
    .join('')

/** @param values as `valuesIn` and `valueOf` give them; where one stands in the text by itself, however it is written, a mask stands in its place */
export function maskValues(text: string, values: readonly string[]): string {
  if (values.length === 0) return text
  const significant = significantIn(text)
  const whole = significant.map(({ character }) => character).join('')
  const spans: { readonly from: number; readonly to: number }[] = []
  for (const value of values)
    for (let at = whole.indexOf(value); at >= 0; at = whole.indexOf(value, at + 1)) {
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
  /** One UTF-16 unit: lower case, compatible form, plain digits, no accent. */
  readonly character: string
  /** Where it stands in the text, in UTF-16 units, with the marks on it. */
  readonly from: number
  to: number
}

/** Accents, the box of a keycap, and what nobody sees. */
const MARKS_UPON = /[\u0300-\u036f\p{Me}\p{Default_Ignorable_Code_Point}]/gu

function significantIn(text: string): readonly Significant[] {
  const significant: Significant[] = []
  let from = 0
  for (const written of text) {
    const to = from + written.length
    const { plain, isSignificant } = asRead(written)
    const last = significant.at(-1)
    if (isSignificant)
      for (let unit = 0; unit < plain.length; unit += 1)
        significant.push({ character: plain[unit]!, from, to })
    else if (plain === '' && last?.to === from) last.to = to
    from = to
  }
  return significant
}

interface AsRead {
  readonly plain: string
  readonly isSignificant: boolean
}

/** Texts are long and repeat few characters: to look each up anew held a reader of a long record for seconds. */
const READ_BEFORE = new Map<string, AsRead>()
const READ_BEFORE_MAX = 10_000

function asRead(written: string): AsRead {
  const known = READ_BEFORE.get(written)
  if (known !== undefined) return known
  const plain = digitShown(written) ?? written.normalize('NFKD').toLowerCase().replace(MARKS_UPON, '')
  const read = { plain, isSignificant: /[\p{L}\p{M}\p{N}@]/u.test(plain) }
  if (READ_BEFORE.size === READ_BEFORE_MAX) READ_BEFORE.clear()
  READ_BEFORE.set(written, read)
  return read
}

const isDigit = (character: string) => digitShown(character) !== undefined

/** What a reader sees as one digit, in a circle, with a dot or raised: `①`, `⒈`, `⑴`, `¹`. */
function digitShown(character: string): string | undefined {
  if (!/^\p{N}$/u.test(character)) return undefined
  const found = /^\P{Nd}?(\p{Nd})\P{Nd}?$/u.exec(character.normalize('NFKD'))
  return digitOf(found?.[1] ?? character)
}
