import type { Language } from './language.ts'

/** WhatsApp's own limit of a text: what comes longer is no answer to anything. */
const LONGEST_TEXT = 4096
const BENGALI_ZERO = '০'.codePointAt(0)!

/** Bengali digits as the ones that rules are written in: `৪৩২১` → `4321`. */
export function plainDigits(text: string): string {
  return text.replace(/[০-৯]/g, (digit) => String(digit.codePointAt(0)! - BENGALI_ZERO))
}

export function bengaliDigits(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCodePoint(BENGALI_ZERO + Number(digit)))
}

/** Joiners, emoji variants and the box of a keycap digit. */
const INVISIBLE = /\u200b|\u200c|\u200d|\ufe0f|\u20e3/g

/** For comparing what people write: no case, no accents (Latin ones; Bengali vowel signs stay), no punctuation at the edges, single spaces. */
export function fold(text: string): string {
  return withoutEdges(
    plainDigits(text.slice(0, LONGEST_TEXT))
      .normalize('NFD')
      .replace(/[\u0300-\u036f]/g, '')
      .normalize('NFC')
      .toLowerCase()
      .replace(INVISIBLE, '')
      .replace(/\s+/g, ' '),
  )
}

/** Without the punctuation, symbols and spaces around it. By hand: a pattern that ends in `+$` takes time by the square of the length. */
function withoutEdges(text: string): string {
  const characters = Array.from(text)
  const isEdge = (character: string | undefined) =>
    character !== undefined && /[\p{P}\p{S}\s]/u.test(character)
  let start = 0
  let end = characters.length
  while (start < end && isEdge(characters[start])) start += 1
  while (end > start && isEdge(characters[end - 1])) end -= 1
  return characters.slice(start, end).join('')
}

const words = (...lists: string[]) => new Set(lists.flatMap((list) => list.split('|').map(fold)))

const GREETINGS = words(
  'oi|oii|oie|olá|opa|e aí|bom dia|boa tarde|boa noite|tudo bem|tudo bom|alô',
  'hi|hello|hey|hi there|hello there|good morning|good afternoon|good evening',
  'হাই|হ্যালো|ওহে|নমস্কার|সালাম|আসসালামু আলাইকুম|শুভ সকাল|শুভ সন্ধ্যা|শুভ অপরাহ্ন',
)
const MENU = words('menu|início|voltar ao menu|menu principal|main menu|start over|মেনু|মূল মেনু|শুরুতে')
const PERSON = words(
  'atendente|humano|pessoa|falar com atendente|falar com um atendente|falar com uma atendente',
  'agent|person|human|representative|operator|real person',
  'মানুষ|এজেন্ট|প্রতিনিধি',
)
const PERSON_PHRASES = [
  /\b(falar|conversar|quero|preciso|chama\w*|passa\w*)\b.*\b(atendente|humano)\b/,
  /\b(falar|conversar) com\b.*\b(pessoa|alguem)\b/,
  /\b(talk|speak|chat|connect|want|need|give)\b.*\b(agent|human|person|someone|representative|operator)\b/,
  /(মানুষ|এজেন্ট|প্রতিনিধি)(ের|র)? (সাথে|সঙ্গে)/,
]
const LANGUAGE_WORDS: Record<Language, Set<string>> = {
  pt: words('português|portuguese|em português|pt|পর্তুগিজ'),
  en: words('english|inglês|in english|em inglês|en|ইংরেজি|ইংলিশ'),
  bn: words('বাংলা|bangla|bengali|bengalês|বাংলায়|in bengali|in bangla|bn'),
}
/** Without "no": in Portuguese it is "in the". */
const NEGATIONS = [...words("não|nunca|nem|not|never|don't|dont|didn't|না|নয়|নেই|নি")]

export const isNegated = (folded: string) => NEGATIONS.some((negation) => hasWords(folded, negation))

/** "oi", "Oi, bom dia!", "hello 👋": said to begin, never an answer. */
export function isGreeting(text: string): boolean {
  const folded = fold(text)
  if (folded === '') return false
  if (GREETINGS.has(folded)) return true
  const parts = folded
    .split(/[^\p{L}\p{M}\p{N} ]+/u)
    .map(fold)
    .filter((part) => part !== '')
  return parts.length > 0 && parts.every((part) => GREETINGS.has(part) || isTwoGreetings(part))
}

/** A greeting, "?", "👍": the customer is there and said nothing yet. */
export const isNudge = (text: string) => fold(text) === '' || isGreeting(text)

function isTwoGreetings(text: string): boolean {
  const at = [...text.matchAll(/ /g)].map((match) => match.index)
  return at.some((index) => GREETINGS.has(text.slice(0, index)) && GREETINGS.has(text.slice(index + 1)))
}

export type GlobalWish = { wish: 'menu' } | { wish: 'person' } | { wish: 'language'; language: Language }

/** What a customer may say at any time, whatever was asked. */
export function globalWish(text: string): GlobalWish | undefined {
  const folded = fold(text)
  if (MENU.has(folded)) return { wish: 'menu' }
  if (
    PERSON.has(folded) ||
    (folded.length <= 120 && !isNegated(folded) && PERSON_PHRASES.some((phrase) => phrase.test(folded)))
  )
    return { wish: 'person' }
  for (const [language, known] of Object.entries(LANGUAGE_WORDS) as [Language, Set<string>][])
    if (known.has(folded)) return { wish: 'language', language }
  return undefined
}

/** Whether the words stand in the text as whole words; both folded. `\b` knows only Latin letters, hence by hand. */
export function hasWords(text: string, wanted: string): boolean {
  if (wanted === '') return false
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (!LETTER_AT_END.test(text.slice(0, at)) && !LETTER_AT_START.test(text.slice(at + wanted.length)))
      return true
  }
  return false
}

const LETTER_AT_END = /[\p{L}\p{M}\p{N}]$/u
const LETTER_AT_START = /^[\p{L}\p{M}\p{N}]/u
