import type { MessageBody } from '@parley/proto/content'
import { unreachable } from '@parley/kernel'
import { cpfDigits } from './cpf.ts'
import { type Day, readDay } from './days.ts'
import type { Ask, Option } from './flow.ts'
import type { Language } from './language.ts'
import { LANGUAGES } from './language.ts'
import { matchesPattern } from './pattern.ts'
import type { PhraseName } from './phrases.ts'
import { type GlobalWish, fold, globalWish, hasWords, isNegated, plainDigits } from './wording.ts'

export type Value = string | number | boolean

/** What one message of the customer is to a question: its answer (`guessed` out of a longer sentence), or why it is none (the words for the reply). */
export type Understood =
  | { fits: Value; goto?: string | undefined; guessed?: boolean }
  | { misfit: PhraseName }

export interface Moment {
  readonly today: Day
  readonly language: Language
}

/** What the customer said as words, or the phrase that says why we cannot take it. `undefined`: nothing was said at all (a note of the channel). */
export function spoken(
  message: MessageBody | undefined,
): { text: string } | { tapped: { id: string; title: string } } | { misfit: PhraseName } | undefined {
  const body = message?.body
  switch (body?.$case) {
    case 'text':
      return { text: body.value.text }
    case 'choice':
      return { tapped: { id: body.value.id, title: body.value.title } }
    case 'media':
      return {
        misfit:
          body.value.type === 'audio' ? 'noAudio' : body.value.type === 'sticker' ? 'noSticker' : 'noMedia',
      }
    case 'location':
      return { misfit: 'noLocation' }
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
export function wishOf(message: MessageBody | undefined, _ask?: Ask): GlobalWish | undefined {
  const said = spoken(message)
  if (said === undefined || 'misfit' in said) return undefined
  return globalWish('text' in said ? said.text : said.tapped.title)
}

export function understand(ask: Ask, message: MessageBody | undefined, moment: Moment): Understood {
  const said = spoken(message)
  if (said === undefined) return { misfit: 'notUnderstood' }
  if ('misfit' in said) return said
  if ('tapped' in said) {
    if (ask.type === 'choice')
      return (
        chosen(ask.options.find((option) => option.id === said.tapped.id)) ??
        readChoice(ask.options, said.tapped.title)
      )
    // A button of an earlier message: nobody meant its words as free text.
    if (ask.type === 'text') return { misfit: 'oldButton' }
    const read = readText(ask, said.tapped.title, moment)
    return 'fits' in read ? read : { misfit: 'oldButton' }
  }
  return readText(ask, said.text, moment)
}

function readText(ask: Ask, text: string, moment: Moment): Understood {
  const trimmed = text.trim()
  switch (ask.type) {
    case 'text':
      if (trimmed.length < ask.min_length) return { misfit: 'notUnderstood' }
      if (trimmed.length > ask.max_length) return { misfit: 'tooLong' }
      if (ask.matches !== undefined && !matchesPattern(ask.matches, plainDigits(trimmed)))
        return { misfit: 'notUnderstood' }
      return { fits: trimmed }
    case 'digits': {
      const digits = plainDigits(trimmed).replace(/[\s.-]/g, '')
      return digits.length === ask.length && /^\d+$/.test(digits) ? { fits: digits } : { misfit: 'notDigits' }
    }
    case 'number': {
      const number = readNumber(trimmed, moment.language)
      if (number === undefined || (ask.whole && !Number.isInteger(number))) return { misfit: 'notNumber' }
      if ((ask.min !== undefined && number < ask.min) || (ask.max !== undefined && number > ask.max))
        return { misfit: 'outOfRange' }
      return { fits: number }
    }
    case 'date': {
      const day = readDay(trimmed, moment.today, moment.language)
      if (day === undefined) return { misfit: 'notDate' }
      const bound = (value: Day) => (value === 'today' ? moment.today : value)
      if (ask.not_after !== undefined && day > bound(ask.not_after))
        return { misfit: ask.not_after === 'today' ? 'dateInFuture' : 'outOfRange' }
      if (ask.not_before !== undefined && day < bound(ask.not_before))
        return { misfit: ask.not_before === 'today' ? 'dateInPast' : 'outOfRange' }
      return { fits: day }
    }
    case 'choice':
      return readChoice(ask.options, trimmed)
    case 'cpf': {
      const digits = cpfDigits(plainDigits(trimmed))
      return digits === undefined ? { misfit: 'notCpf' } : { fits: digits }
    }
    case 'email':
      return readEmail(trimmed)
    default:
      return unreachable(ask)
  }
}

const chosen = (option: Option | undefined): Extract<Understood, { fits: Value }> | undefined =>
  option && { fits: option.id, ...(option.goto === undefined ? {} : { goto: option.goto }) }

interface FoldedOption {
  readonly id: string
  readonly names: readonly string[]
  readonly words: readonly string[]
}
const foldedOptions = new WeakMap<Option, FoldedOption>()

/** An option as answers are compared with it: folded once, for it stays as long as its flow. */
function foldedOf(option: Option): FoldedOption {
  let folded = foldedOptions.get(option)
  if (!folded) {
    folded = {
      id: fold(option.id),
      names: LANGUAGES.map((language) => fold(option.title[language])),
      words: (option.words ?? []).map(fold),
    }
    foldedOptions.set(option, folded)
  }
  return folded
}

/** By id, title in any language, number in the list, or by the option's words inside a sentence when they name one option only. */
function readChoice(options: readonly Option[], text: string): Understood {
  const folded = fold(text)
  if (folded === '') return { misfit: 'notAnOption' }
  const number = /^(?:opcao |option |numero |number |বিকল্প )?(\d{1,2})$/.exec(folded)
  const exact =
    options.find((option) => foldedOf(option).id === folded) ??
    options.find((option) => foldedOf(option).names.includes(folded)) ??
    options.find((option) => foldedOf(option).words.includes(folded)) ??
    (number ? options[Number(number[1]) - 1] : undefined)
  if (exact) return chosen(exact)!

  // "não perdi meu cartão" holds the title and means the opposite: then only an option that itself says no may be meant.
  const negated = isNegated(folded)
  const named = options.filter((option) =>
    [...foldedOf(option).names, ...foldedOf(option).words].some(
      (name) => hasWords(folded, name) && (!negated || isNegated(name)),
    ),
  )
  const only = named.length === 1 ? chosen(named[0]) : undefined
  return only ? { ...only, guessed: true } : { misfit: 'notAnOption' }
}

/** `1.234,56` in Portuguese, `1,234.56` in English, `১,২৩,৪৫৬` in Bengali; a lone separator is the decimal one unless three digits follow it as thousands do. */
export function readNumber(text: string, language: Language): number | undefined {
  const plain = plainDigits(text)
    .replace(/\s/g, '')
    .replace(/^(r\$|us\$|\$|৳|bdt|brl)/i, '')
  if (!/^[-+]?\d[\d.,]*$/.test(plain) || plain.length > 18) return undefined
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
    const parts = plain.replace(/^[-+]/, '').split(point)
    if (parts.length > 2 || parts[1] === '' || parts[1]?.includes(comma)) continue
    const whole = parts[0]!
    if (whole.includes(comma) && !grouped(whole, comma)) continue
    return Number(
      `${plain.startsWith('-') ? '-' : ''}${whole.replaceAll(comma, '')}${parts[1] === undefined ? '' : `.${parts[1]}`}`,
    )
  }
  return undefined
}

function readEmail(text: string): Understood {
  const address = text.replace(/^mailto:/i, '').replace(/^<|>$/g, '')
  if (address.length > 254) return { misfit: 'notEmail' }
  const parts =
    /^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63})$/.exec(
      address,
    )
  if (!parts || address.includes('..') || address.startsWith('.') || parts[1]!.endsWith('.'))
    return { misfit: 'notEmail' }
  return { fits: `${parts[1]}@${parts[2]!.toLowerCase()}` }
}
