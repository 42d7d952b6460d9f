/**
 * The one reader of what people type. Whoever compares typed text with something (a word that stops messages, an option, a date, an
 * amount, a CPF) asks here first; with a second normaliser beside it, the same message would be a stop to one service and none to the other.
 */

/** WhatsApp's own limit of a text; nothing that comes longer is compared with anything. */
const CHARACTERS_MAX = 4096

/** What nobody sees: joiners, marks of direction, fillers (U+3164), variants of emoji, the box of a keycap (U+20E3), controls. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u20e3[\p{Cc}--\s]]/gv
const QUOTES = /[\u2018\u2019\u201b\u02bc\u00b4\u0060\u2032\u02b9\u1fef\u1ffd]/g
/** Dashes of every kind, and the minus sign. */
const DASHES = /[\p{Pd}\u2212]/gu

/**
 * The same characters whatever keyboard, font or clipboard they came from: compatible forms folded (NFKC: `５` → `5`, `①` → `1`),
 * invisible ones dropped, every decimal digit as 0 to 9, every dash a hyphen, every kind of space one space; a line break stays one.
 */
export function plainText(text: string): string {
  const taken = text.slice(0, CHARACTERS_MAX)
  if (isPlain(taken)) return taken.trim()
  return (
    taken
      // Before NFKC, which makes a space and an accent of an acute that stands alone.
      .replace(QUOTES, "'")
      .replace(INVISIBLE, '')
      .normalize('NFKC')
      .replace(/[^\P{Nd}0-9]/gu, plainDigit)
      .replace(DASHES, '-')
      .replace(/[^\S\n]*(?:[\n\v\f\r\u2028\u2029]\s*)+/g, '\n')
      .replace(/[^\S\n]+/g, ' ')
      .trim()
  )
}

/** Most of what is typed is; the gateway reads every message. */
const isPlain = (text: string) => /^(?:[!-_a-~]| (?! ))*$/.test(text)

/** `٤` → `4`. Decimal digits (\p{Nd}) stand in runs of ten, from zero to nine (The Unicode Standard, section 4.6). */
export function plainDigit(digit: string): string {
  const known = DIGITS.get(digit)
  if (known !== undefined) return known
  const codePoint = digit.codePointAt(0)!
  let zero = codePoint
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  const plain = String((codePoint - zero) % 10)
  DIGITS.set(digit, plain)
  return plain
}
/** As they are met: there are some seven hundred. */
const DIGITS = new Map<string, string>()

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

/** Whether there is anything to read: a letter or a digit. Emoji, punctuation and invisible characters say nothing that a rule may use. */
export const saysSomething = (text: string) => /[\p{L}\p{N}]/u.test(plainText(text))

export const wordSet = (...lists: readonly string[]): ReadonlySet<string> =>
  new Set(lists.flatMap((list) => list.split('|').map(wordsOf)))

const COURTESIES = wordSet(
  'por favor|por gentileza|pf|pfv|pfvr|porfavor|obrigado|obrigada|obg|obgd|brigado|brigada|muito obrigado|muito obrigada|grato|grata|valeu',
  'please|pls|plz|thank you|thanks|thx|ty|thank you very much|many thanks|kindly',
  'দয়া করে|অনুগ্রহ করে|প্লিজ|ধন্যবাদ|অনেক ধন্যবাদ',
  'oi|oii|olá|opa|bom dia|boa tarde|boa noite|hi|hello|hey|good morning|good afternoon|good evening|হাই|হ্যালো|নমস্কার|সালাম|আসসালামু আলাইকুম',
)
const LONGEST_COURTESY_WORDS = 4

/** Words (`wordsOf`) without greetings, a please and a thank-you before and behind them; words that are nothing else stay. */
export function withoutCourtesies(words: string): string {
  const all = words.split(' ')
  const courtesyAt = (from: number, to: number) => COURTESIES.has(all.slice(from, to).join(' '))
  let [start, end] = [0, all.length]
  for (let length = LONGEST_COURTESY_WORDS; length > 0; length -= 1) {
    if (start + length < end && courtesyAt(start, start + length)) {
      start += length
      length = LONGEST_COURTESY_WORDS + 1
    } else if (start + length < end && courtesyAt(end - length, end)) {
      end -= length
      length = LONGEST_COURTESY_WORDS + 1
    }
  }
  return all.slice(start, end).join(' ')
}
