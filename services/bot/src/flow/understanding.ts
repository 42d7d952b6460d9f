import { foldedText, plainText, saysSomething, withoutCourtesies, wordsOf } from '@parley/conversation'
import type { MessageBody } from '@parley/proto/content'
import { unreachable } from '@parley/kernel'
import { cpfDigits } from './cpf.ts'
import { type Day, readDay } from './days.ts'
import type { Ask, Option } from './flow.ts'
import type { Language } from './language.ts'
import { matchesPattern } from './pattern.ts'
import type { PhraseName } from './phrases.ts'
import { type GlobalWish, globalWish } from './wording.ts'

export type Value = string | number | boolean

/** What one message of the customer is to a question: its answer, or why it is none (the words for the reply). */
export type Understood = { fits: Value; goto?: string | undefined } | { misfit: PhraseName }

export interface Moment {
  readonly today: Day
  readonly language: Language
}

export type Spoken =
  /** `otherwise`: what to say of the message when its words are no answer (the photo above a caption). */
  | { readonly text: string; readonly otherwise?: PhraseName }
  | { readonly tapped: { readonly id: string; readonly title: string } }
  /** In words: its name and address, or its coordinates. */
  | { readonly place: string }
  | { readonly misfit: PhraseName }

/** What the customer said as words, or the phrase that says why we cannot take it. `undefined`: nothing was said at all (a note of the channel). */
export function spoken(message: MessageBody | undefined): Spoken | undefined {
  const body = message?.body
  switch (body?.$case) {
    case 'text':
      return { text: body.value.text }
    case 'choice': {
      const { source, id, title } = body.value
      // A template's quick reply has no id of ours: its words are what was said.
      return source === 'template_button' ? { text: title } : { tapped: { id, title } }
    }
    case 'media': {
      const { type, caption, filename } = body.value
      const otherwise = type === 'audio' ? 'noAudio' : type === 'sticker' ? 'noSticker' : 'noMedia'
      // Phones put the name of a document where its caption stands.
      return saysSomething(caption) && caption !== filename
        ? { text: caption, otherwise }
        : { misfit: otherwise }
    }
    case 'location': {
      const { name, address, latitude, longitude } = body.value
      const words = [name, address].filter(saysSomething).join(', ')
      return { place: words === '' ? `${latitude.toFixed(5)}, ${longitude.toFixed(5)}` : words }
    }
    case 'contactCards':
    case 'formReply':
    case 'order':
    case 'unsupported':
    case 'buttons':
    case 'list':
    case 'linkButton':
    case 'template':
      return { misfit: 'noSuchType' }
    case 'reaction':
    case 'note':
    case undefined:
      return undefined
    default:
      return { misfit: 'noSuchType' }
  }
}

/** What the message wishes whatever was asked; without `ask`, before anything was. */
export function wishOf(message: MessageBody | undefined, ask?: Ask): GlobalWish | undefined {
  const said = spoken(message)
  if (said === undefined || 'misfit' in said || 'place' in said) return undefined
  return globalWish('text' in said ? said.text : said.tapped.title, ask?.type === 'text')
}

export function understand(ask: Ask, message: MessageBody | undefined, moment: Moment): Understood {
  const said = spoken(message)
  if (said === undefined) return { misfit: 'notUnderstood' }
  if ('misfit' in said) return said
  if ('place' in said)
    return ask.type === 'text' ? readText(ask, said.place, moment) : { misfit: 'noLocation' }
  if ('tapped' in said) {
    if (ask.type === 'choice')
      return chosen(ask.options.find((option) => option.id === said.tapped.id)) ?? { misfit: 'oldButton' }
    // A button of an earlier message: nobody meant its words as free text.
    if (ask.type === 'text') return { misfit: 'oldButton' }
    const read = readText(ask, said.tapped.title, moment)
    return 'fits' in read ? read : { misfit: 'oldButton' }
  }
  const read = readText(ask, said.text, moment)
  return 'misfit' in read && said.otherwise !== undefined ? { misfit: said.otherwise } : read
}

function readText(ask: Ask, text: string, moment: Moment): Understood {
  switch (ask.type) {
    case 'text': {
      const written = text.trim()
      if (!saysSomething(written) || Array.from(plainText(written)).length < ask.min_length)
        return { misfit: 'notUnderstood' }
      if (written.length > ask.max_length) return { misfit: 'tooLong' }
      if (ask.matches !== undefined && !matchesPattern(ask.matches, plainText(written)))
        return { misfit: 'notUnderstood' }
      return { fits: written }
    }
    case 'digits': {
      const digits = foldedText(text).replace(/[\s.-]/g, '')
      return digits.length === ask.length && /^\d+$/.test(digits) ? { fits: digits } : { misfit: 'notDigits' }
    }
    case 'number': {
      const number = readNumber(text, moment.language)
      if (number === undefined || (ask.whole && !Number.isInteger(number))) return { misfit: 'notNumber' }
      if ((ask.min !== undefined && number < ask.min) || (ask.max !== undefined && number > ask.max))
        return { misfit: 'outOfRange' }
      return { fits: number }
    }
    case 'date': {
      const bound = (value: Day | undefined) => (value === 'today' ? moment.today : value)
      const [notBefore, notAfter] = [bound(ask.not_before), bound(ask.not_after)]
      const day = readDay(text, moment.today, moment.language, { notBefore, notAfter })
      if (day === undefined) return { misfit: 'notDate' }
      if (notAfter !== undefined && day > notAfter)
        return { misfit: ask.not_after === 'today' ? 'dateInFuture' : 'outOfRange' }
      if (notBefore !== undefined && day < notBefore)
        return { misfit: ask.not_before === 'today' ? 'dateInPast' : 'outOfRange' }
      return { fits: day }
    }
    case 'choice':
      return readChoice(ask, text, moment.language)
    case 'cpf': {
      const digits = cpfDigits(text)
      return digits === undefined ? { misfit: 'notCpf' } : { fits: digits }
    }
    case 'email':
      return readEmail(text)
    default:
      return unreachable(ask)
  }
}

const chosen = (option: Option | undefined): Extract<Understood, { fits: Value }> | undefined =>
  option && { fits: option.id, ...(option.goto === undefined ? {} : { goto: option.goto }) }

/** By what an option is known when it is typed in a language, as `wordsOf`: its title, then its other words. */
export const namesOf = (option: Option, language: Language): { title: string; words: readonly string[] } => {
  const known = namesKnown.get(option)?.[language]
  if (known) return known
  const names = {
    title: wordsOf(option.title[language]),
    words: (option.words?.[language] ?? []).map(wordsOf),
  }
  namesKnown.set(option, { ...namesKnown.get(option), [language]: names })
  return names
}
const namesKnown = new WeakMap<
  Option,
  Partial<Record<Language, { title: string; words: readonly string[] }>>
>()

/** The number before which an option stands in its list, as it is typed: `1`, `2.`, `opção 3`. */
export const numberIn = (words: string): number | undefined => {
  const number = /^(?:opcao |option |numero |number |বিকল্প )?(\d{1,2})$/.exec(words)
  return number ? Number(number[1]) : undefined
}

/**
 * By the whole message, in the language of the conversation: a title, other words of an option, or its number in the list. Never by words
 * inside a sentence: "sim, mas a data está errada" holds one and means the opposite. Before something irreversible not even a thank-you may
 * stand beside it, nor a question mark ("tá certo?" asks us). Words that two options share choose neither.
 */
function readChoice(ask: Extract<Ask, { type: 'choice' }>, text: string, language: Language): Understood {
  if (ask.irreversible && plainText(text).includes('?')) return { misfit: 'notAnOption' }
  const whole = wordsOf(text)
  const candidates = ask.irreversible ? [whole] : [whole, withoutCourtesies(whole)]
  for (const words of candidates) {
    if (words === '') continue
    const titled = ask.options.filter((option) => namesOf(option, language).title === words)
    const named = ask.options.filter((option) => namesOf(option, language).words.includes(words))
    const number = numberIn(words)
    const numbered = number === undefined ? [] : ask.options.slice(number - 1, number)
    const found = [titled, named, numbered].find(({ length }) => length > 0) ?? []
    if (found.length === 1) return chosen(found[0])!
  }
  return { misfit: 'notAnOption' }
}

const CURRENCY = '(?:r ?\\$|us ?\\$|\\$|€|৳|brl|usd|eur|bdt|tk)'
const CURRENCY_WORDS =
  '(?:reais|real|d[oó]lares|d[oó]lar|dollars?|euros?|taka|টাকা|r ?\\$|\\$|€|৳|brl|usd|eur|bdt|tk)'
const AMOUNT = new RegExp(
  `^[^\\p{L}\\p{N}$€৳+-]*([-+]?) ?(?:${CURRENCY})? ?(\\d[\\d., ]*?)[.,]? ?(?:${CURRENCY_WORDS})?[^\\p{L}\\p{N}%]*$`,
  'u',
)
const LONGEST_AMOUNT = 40

/**
 * `1.234,56` in Portuguese, `1,234.56` in English, `১,২৩,৪৫৬` in Bengali, with a currency before or behind it; a lone separator is the
 * decimal one unless three digits follow it as thousands do.
 */
export function readNumber(text: string, language: Language): number | undefined {
  const written = plainText(text).toLowerCase()
  if (written.length > LONGEST_AMOUNT) return undefined
  const [, sign, amount] = AMOUNT.exec(written) ?? []
  if (amount === undefined || !/^\d{1,3}(?: \d{3})+(?:[.,]\d+)?$|^[^ ]+$/.test(amount)) return undefined
  const plain = amount.replaceAll(' ', '')
  if (plain.length > 18) return undefined
  const decimal = language === 'pt' ? ',' : '.'
  const thousands = language === 'pt' ? '.' : ','
  const grouped = (digits: string, separator: string) => {
    const groups = digits.split(separator)
    return (
      groups.length > 1 &&
      groups.at(-1)!.length === 3 &&
      groups.slice(1).every((group) => group.length === 2 || group.length === 3) &&
      groups[0]!.length <= 3
    )
  }
  for (const [point, comma] of [
    [decimal, thousands],
    [thousands, decimal],
  ] as const) {
    const parts = plain.split(point)
    if (parts.length > 2 || parts[1] === '' || parts[1]?.includes(comma)) continue
    const whole = parts[0]!
    if (whole.includes(comma) && !grouped(whole, comma)) continue
    const number = Number(`${whole.replaceAll(comma, '')}${parts[1] === undefined ? '' : `.${parts[1]}`}`)
    return sign === '-' ? 0 - number : number
  }
  return undefined
}

/** Nobody's address begins with other marks, though RFC 5322 would let it. */
const BEFORE_ADDRESS = /^[^A-Za-z0-9_]+/

function readEmail(text: string): Understood {
  const written = plainText(text)
  if (written.length > 300) return { misfit: 'notEmail' }
  const ended = written.replace(/[^A-Za-z0-9]+$/, '')
  const begun = ended
    .replace(BEFORE_ADDRESS, '')
    .replace(/^(?:e-?mail|mailto) ?: ?/i, '')
    .replace(BEFORE_ADDRESS, '')
  // An address may begin with `_`; a pair of them is WhatsApp's italics.
  const isItalic = begun.startsWith('_') && written.slice(ended.length).includes('_')
  const address = isItalic ? begun.replace(/^_+/, '') : begun
  if (address.length > 254) return { misfit: 'notEmail' }
  const parts =
    /^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63})$/.exec(
      address,
    )
  if (!parts || address.includes('..') || address.startsWith('.') || parts[1]!.endsWith('.'))
    return { misfit: 'notEmail' }
  return { fits: `${parts[1]}@${parts[2]!.toLowerCase()}` }
}
