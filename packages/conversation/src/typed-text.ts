/**
 * The one reader of what people type. Whoever compares typed text with something (a word that stops messages, an option, a date, an
 * amount, a CPF) asks here first; with a second normaliser beside it, the same message would be a stop to one service and none to the other.
 */

/** WhatsApp's own limit of a text; nothing that comes longer is compared with anything. */
const CHARACTERS_MAX = 4096

/** What nobody sees: joiners, marks of direction, fillers (U+3164), variants of emoji, the box of a keycap (U+20E3), controls. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u20e3]|(?!\s)\p{Cc}/gu
const QUOTED = /[\u2018\u2019\u201b\u02bc\u00b4\u0060\u2032\u02b9]/g
/** Dashes of every kind, and the minus sign. */
const DASH = /[\p{Pd}\u2212]/gu

/**
 * The same characters whatever keyboard, font or clipboard they came from: compatible forms folded (NFKC: `５` → `5`, `①` → `1`),
 * invisible ones dropped, every decimal digit as 0 to 9, every dash a hyphen, every kind of space one space; a line break stays one.
 */
export function plainText(text: string): string {
  return (
    text
      .slice(0, CHARACTERS_MAX)
      // Before NFKC, which makes a space and an accent of an acute that stands alone.
      .replace(QUOTED, "'")
      .replace(INVISIBLE, '')
      .normalize('NFKC')
      .replace(INVISIBLE, '')
      .replace(/\p{Nd}/gu, plainDigit)
      .replace(DASH, '-')
      .replace(/[^\S\n]*(?:[\n\v\f\r\u2028\u2029]\s*)+/g, '\n')
      .replace(/[^\S\n]+/g, ' ')
      .trim()
  )
}

/** Decimal digits stand in runs of ten, from zero to nine (The Unicode Standard, section 4.6). */
function plainDigit(digit: string): string {
  const codePoint = digit.codePointAt(0)!
  if (codePoint <= 0x39) return digit
  let zero = codePoint
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  return String((codePoint - zero) % 10)
}

/** As `plainText`, without case, accents of Latin letters, and the punctuation, symbols and emoji around it: `Dia 20/11, à noite.` → `dia 20/11, a noite`. */
export const foldedText = (text: string) => withoutEdges(folded(text))

/** `foldedText` of words only, with one space between them: `“PARAR” 🙏` → `parar`, `That’s correct!` → `thats correct`, `opt-out` → `opt out`, `👍` → nothing. */
export const wordsOf = (text: string) =>
  folded(text)
    .replaceAll("'", '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()

const folded = (text: string) =>
  plainText(text)
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')

/** By hand: a pattern that ends in `+$` takes time by the square of the length. */
function withoutEdges(text: string): string {
  const characters = Array.from(text)
  const isInside = (character: string) => /[\p{L}\p{M}\p{N}]/u.test(character)
  const start = characters.findIndex(isInside)
  return start < 0 ? '' : characters.slice(start, characters.findLastIndex(isInside) + 1).join('')
}

/** Whether there is anything to read: a letter or a digit. Emoji, punctuation and invisible characters say nothing that a rule may use. */
export const saysSomething = (text: string) => /[\p{L}\p{N}]/u.test(plainText(text))

/**
 * As it may be shown in one line of a text of ours: what the customer wrote, without line breaks, controls and marks of direction.
 * With them an answer could make lines of its own in a summary, or turn round what stands behind it.
 */
export const oneLine = (text: string) =>
  text
    .replace(/[\p{Bidi_Control}\ufeff]|(?!\s)\p{Cc}/gu, '')
    .replace(/\s+/g, ' ')
    .trim()

export const wordSet = (...lists: readonly string[]): ReadonlySet<string> =>
  new Set(lists.flatMap((list) => list.split('|').map(wordsOf)))

const COURTESIES = [
  ...wordSet(
    'por favor|por gentileza|pf|pfv|pfvr|porfavor|obrigado|obrigada|obg|obgd|brigado|brigada|muito obrigado|muito obrigada|grato|grata|valeu',
    'please|pls|plz|thank you|thanks|thx|ty|thank you very much|many thanks|kindly',
    'দয়া করে|অনুগ্রহ করে|প্লিজ|ধন্যবাদ|অনেক ধন্যবাদ',
    'oi|oii|olá|opa|bom dia|boa tarde|boa noite|hi|hello|hey|good morning|good afternoon|good evening|হাই|হ্যালো|নমস্কার|সালাম|আসসালামু আলাইকুম',
  ),
]

/** Words (`wordsOf`) without a greeting, a please or a thank-you before and behind them; words that are nothing else stay. */
export function withoutCourtesies(words: string): string {
  let rest = words
  for (let before = ''; before !== rest;) {
    before = rest
    for (const courtesy of COURTESIES) {
      if (rest.startsWith(`${courtesy} `)) rest = rest.slice(courtesy.length + 1)
      if (rest.endsWith(` ${courtesy}`)) rest = rest.slice(0, -courtesy.length - 1)
    }
  }
  return rest
}
