/**
 * The one reader of what people type. Whoever compares typed text with something (a word that stops messages, an option, a date, an
 * amount, a CPF) asks here first; with a second normaliser beside it, the same message would be a stop to one service and none to the other.
 */

/** What comes longer is read so far, and is no word, option or value that ends before it does. */
const CHARACTERS_MAX = 4096
/** Stands for all that was cut off: a letter of a dead script, for every comparison takes letters into account. */
const CUT_OFF = ' \u{12000}'

/** What nobody sees: joiners, marks of direction, fillers (U+3164), variants of emoji, the box of a keycap (U+20E3), controls. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u20e3[\p{Cc}--\s]]/gv
const QUOTES = /[\u2018\u2019\u201b\u02bc\u00b4\u0060\u2032\u02b9\u1fef\u1ffd]/g
/** Dashes of every kind, and the minus sign, as an emoji too. */
const DASHES = /[\p{Pd}\u2212\u2796]/gu
/** Of a fraction, of a division. */
const SLASHES = /[\u2044\u2215\u29f8]/g
/** Of Bengali and Urdu: they part sentences as a point does. */
const FULL_STOPS = /[\u0964\u0965\u06d4]/g
/** Exponents, indices and fractions are no digits of a number: `4³21` is not 4321, nor `1½` 112. */
const NO_DIGITS = '\u00b2\u00b3\u00b9\u00bc-\u00be\u2070\u2074-\u2079\u2080-\u2089\u2150-\u215f\u2189'
/** Signs of money that NFKC would spell: `₨`, `﷼`. */
const MONEY = '\u20a8\ufdfc'
const COMPATIBLE = new RegExp(`[^${NO_DIGITS}${MONEY}]+`, 'gu')
/** `nº 5`, of which NFKC would make the word `no`; phones offer the degree in its place. */
const NUMBER_SIGN = /(?<![\p{L}\p{M}\p{N}])n\.?\u00b0\.?\s*/giu
/** Words of letters in circles, brackets and on tiles: each row is A to Z. One or two beside a word are emoji or signs (`🅿`, `Ⓜ`). */
const TILE =
  '[\\u249c-\\u24e9\\u{1f110}-\\u{1f129}\\u{1f130}-\\u{1f149}\\u{1f150}-\\u{1f169}\\u{1f170}-\\u{1f189}]'
const LETTER_TILES = new RegExp(`${TILE}{3,}|${TILE}(?<=\\p{L}\\p{M}*${TILE})(?=(?!\u2139)\\p{L})`, 'gu')

/** NFKC leaves those on tiles as they are. */
const lettersOn = (tiles: string) =>
  Array.from(tiles, (tile) => {
    const letter = tile.normalize('NFKC')
    return letter === tile ? String.fromCodePoint(65 + ((tile.codePointAt(0)! - 0x1f150) % 32)) : letter
  }).join('')

/** Signs of which NFKC would make a word beside what was said, or marks: `™`, `№`, `ℹ`, `㊗`, `🈲`, `¨`. */
const SIGNS = /[[\p{P}\p{S}\u2139]--\p{Sc}]/gv
const withoutLetters = (sign: string) => (/[\p{L}\p{M}]/u.test(sign.normalize('NFKC')) ? ' ' : sign)

/**
 * The same characters whatever keyboard, font or clipboard they came from: compatible forms folded (NFKC: `５` → `5`, `①` → `1`),
 * invisible ones dropped, every decimal digit and every digit in a circle as 0 to 9, every dash a hyphen, every kind of space one space; a line break stays one.
 */
export function plainText(text: string): string {
  const isWhole = text.length <= CHARACTERS_MAX
  const taken = isWhole ? text : text.slice(0, CHARACTERS_MAX - CUT_OFF.length) + CUT_OFF
  if (isPlain(taken)) return taken.trim()
  return (
    taken
      // Before NFKC, which makes a space and an accent of an acute that stands alone.
      .replace(QUOTES, "'")
      .replace(INVISIBLE, '')
      .replaceAll('\u00ba', '\u00b0')
      .replace(LETTER_TILES, lettersOn)
      .replace(SIGNS, withoutLetters)
      .replace(COMPATIBLE, (part) => part.normalize('NFKC'))
      .replace(QUOTES, "'")
      .replace(NUMBER_SIGN, 'numero ')
      .replace(/[^\P{Nd}0-9]|\p{No}/gu, (sign) => digitOf(sign) ?? sign)
      .replace(DASHES, '-')
      .replace(SLASHES, '/')
      .replace(FULL_STOPS, '.')
      .replaceAll('\u066b', '.')
      .replaceAll('\u066c', ',')
      .replace(/[^\S\n]*(?:[\n\v\f\r\u2028\u2029]\s*)+/g, '\n')
      .replace(/[^\S\n]+/g, ' ')
      .trim()
  )
}

/** Most of what is typed is; the gateway reads every message. */
const isPlain = (text: string) => /^(?:[!-_a-~]| (?! ))*$/.test(text)

/**
 * What one digit stands for, of whatever script and whether it stands in a circle: `٤` and `❹` → `4`; undefined where the character is no
 * digit of a number. Decimal digits (\p{Nd}) stand in runs of ten, from zero to nine (The Unicode Standard, section 4.6).
 */
export function digitOf(character: string): string | undefined {
  if (character >= '0' && character <= '9' && character.length === 1) return character
  if (!/^\p{N}$/u.test(character)) return undefined
  const known = DIGITS.get(character)
  if (known !== undefined) return known
  const codePoint = character.codePointAt(0)!
  const digit = /\p{Nd}/u.test(character) ? decimal(codePoint) : circled(codePoint)
  if (digit !== undefined) DIGITS.set(character, digit)
  return digit
}
/** As they are met: there are some seven hundred. */
const DIGITS = new Map<string, string>()

function decimal(codePoint: number): string {
  let zero = codePoint
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  return String((codePoint - zero) % 10)
}

/** The first of each run of 1 to 9 in circles, plain, doubled, filled, and of each zero. */
const CIRCLED_ONES = [0x2460, 0x24f5, 0x2776, 0x2780, 0x278a]
const CIRCLED_ZEROS: ReadonlySet<number> = new Set([0x24ea, 0x24ff, 0x1f10b, 0x1f10c])

function circled(codePoint: number): string | undefined {
  if (CIRCLED_ZEROS.has(codePoint)) return '0'
  const one = CIRCLED_ONES.find((first) => codePoint >= first && codePoint < first + 9)
  return one === undefined ? undefined : String(codePoint - one + 1)
}

/** As `plainText`, without case, accents of Latin letters, and the punctuation, symbols and emoji around it: `Dia 20/11, à noite.` → `dia 20/11, a noite`. */
export const foldedText = (text: string) => withoutEdges(folded(text))

/** `foldedText` of words only, with one space between them: `“PARAR” 🙏` → `parar`, `That’s correct!` → `thats correct`, `opt-out` → `opt out`, `👍` → nothing. */
export const wordsOf = (text: string) =>
  folded(text)
    .replaceAll("'", '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()

function folded(text: string): string {
  const lower = plainText(text).toLowerCase()
  return isPlain(lower)
    ? lower
    : lower
        .normalize('NFD')
        .replace(/[\u0300-\u036f]/g, '')
        .normalize('NFC')
}

/** By hand: a pattern that ends in `+$` takes time by the square of the length. */
function withoutEdges(text: string): string {
  const characters = Array.from(text)
  const isInside = (character: string) => /[\p{L}\p{M}\p{N}]/u.test(character)
  const start = characters.findIndex(isInside)
  return start < 0 ? '' : characters.slice(start, characters.findLastIndex(isInside) + 1).join('')
}

/** As people write in a hurry, written out: `nao qro` is `nao quero`. @param words as `wordsOf` @param short forms, each with what it is short for */
export const writtenOut = (words: string, short: ReadonlyMap<string, string>) =>
  words
    .split(' ')
    .map((word) => short.get(word) ?? word)
    .join(' ')

/** `siiim`, `PARARRR`, `obrigadaaaa`: a letter that is held is typed once. @param words as `wordsOf` */
export const withoutHeldLetters = (words: string) => words.replace(/(\p{L})\1{2,}/gu, '$1')

const typedOnce = (word: string) => word.replace(/(\p{L})\1+/gu, '$1')

/** Of a text each word that is one of these but for letters typed twice, as that one: `stopp` and `stoop` as `stop`, `pararr de` as `parar de`. @param known single words, as `wordsOf` */
export function typedTwice(known: Iterable<string>): (words: string) => string {
  const meant = new Map(Array.from(known, (word) => [typedOnce(word), word]))
  return (words) =>
    words
      .split(' ')
      .map((word) => meant.get(typedOnce(word)) ?? word)
      .join(' ')
}

/** `PARAR PARAR PARAR`: said three times, meant once. @param words as `wordsOf` */
export function saidOnce(words: string): string {
  const [first, ...more] = words.split(' ')
  return more.every((word) => word === first) ? first! : words
}

/** Question marks of every script, and those that are emoji; NFKC makes `?` of the others. */
const QUESTION_MARKS = /[?\u00bf\u061f\u203d\u2753\u2754\u2e2e]/u

export const isQuestion = (text: string) => QUESTION_MARKS.test(plainText(text))

/** An amount, a change or a share is no place in a list and no score: `-1`, `R$ 1`, `1%`. */
const MEASURE = /^[^\p{L}\p{N}]*[-+]\d|\p{Sc} ?\d|\d ?[%٪‰\p{Sc}]/u

export const isMeasure = (text: string) => MEASURE.test(plainText(text))

/** WhatsApp's strike-through, and letters with a line through each, which keyboards offer. */
const STRUCK_OUT =
  /(?<![\p{L}\p{N}])~(?=\S)[^~\n]*[\p{L}\p{N}][^~\n]*~(?![\p{L}\p{N}])|\S\p{M}*?[\u0335-\u0338]\p{M}*/gu

/** What the customer left of a text: `~4322~ 4321` takes back what is struck out. */
export const withoutStruckOut = (text: string) => text.replace(STRUCK_OUT, '')

/** Whether there is anything to read: a letter or a digit. Emoji, punctuation and invisible characters say nothing that a rule may use. */
export const saysSomething = (text: string) => /[\p{L}\p{N}]/u.test(plainText(text))

export const wordSet = (...lists: readonly string[]): ReadonlySet<string> =>
  new Set(lists.flatMap((list) => list.split('|').map(wordsOf)))

const LONGEST_PHRASE_WORDS = 5

/**
 * A text without the phrases before and behind the rest of it, however they are written: `“O final é: 4321.”` without `o`, `final` and `é` is
 * `4321.”`. A text that is nothing else stays.
 * @param phrases of `wordSet`
 */
export function withoutAround(text: string, phrases: ReadonlySet<string>): string {
  const written = text.trim().split(/\s+/)
  const [start, end] = within(written.map(wordsOf), phrases)
  return written.slice(start, end).join(' ')
}

/** Words (`wordsOf`) without the phrases before and behind them; words that are nothing else stay. */
export function wordsWithout(words: string, phrases: ReadonlySet<string>): string {
  const all = words.split(' ')
  const [start, end] = within(all, phrases)
  return all.slice(start, end).join(' ')
}

/** Where what is left begins and ends. */
function within(words: readonly string[], phrases: ReadonlySet<string>): readonly [number, number] {
  let [start, end] = [0, words.length]
  const isPhrase = (from: number, to: number) =>
    phrases.has(
      words
        .slice(from, to)
        .filter((word) => word !== '')
        .join(' '),
    )
  for (let length = Math.min(LONGEST_PHRASE_WORDS, words.length - 1); length > 0; length -= 1) {
    if (start + length < end && isPhrase(start, start + length)) start += length
    else if (start + length < end && isPhrase(end - length, end)) end -= length
    else continue
    length = LONGEST_PHRASE_WORDS + 1
  }
  return [start, end]
}
