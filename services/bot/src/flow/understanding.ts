import {
  COURTESIES,
  foldedText,
  isLaughter,
  isMeasure,
  isPlainNo,
  isPuzzled,
  isQuestion,
  otherLetters,
  otherSpellings,
  plainText,
  saidOnce,
  saysSomething,
  saysThanks,
  withoutCourtesies,
  withoutHeldLetters,
  withoutStruckOut,
  wordSet,
  wordsOf,
} from '@parley/conversation/said'
import type { MessageBody } from '@parley/proto/content'
import { unreachable } from '@parley/kernel'
import { bareValue, saidTwice } from './around-value.ts'
import { readNumber } from './amounts.ts'
import { cpfDigits } from './cpf.ts'
import { type DayBefore, isOfAnyYear, readDay, saysNoOneDay } from './day-reading.ts'
import type { Day } from './days.ts'
import { readAddress } from './email.ts'
import type { Ask, Option } from './flow.ts'
import type { Language } from './language.ts'
import { asButtons } from './messages.ts'
import { matchesPattern } from './pattern.ts'
import { spokenDigits } from './number-words.ts'
import type { PhraseName } from './phrases.ts'
import { type GlobalWish, globalWish, placeIn, withoutAddressee } from './wording.ts'

export type Value = string | number | boolean

/** What one message of the customer is to a question: its answer, or why it is none (the words for the reply). */
export type Understood =
  | { fits: Value; goto?: string | undefined }
  /** `meant`: the option that it may be about, which is asked for and never taken. */
  | { misfit: PhraseName; meant?: Option | undefined }

export interface Moment {
  readonly today: Day
  /** The day on which it was said, by which `ontem` is read: a message may be hours on its way, or come a moment past midnight. Without it, today. */
  readonly saidOn?: Day
  readonly language: Language
  readonly dayBefore?: DayBefore
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

/** What the message wishes whatever was asked; without `asked`, before anything was. */
export function wishOf(
  message: MessageBody | undefined,
  asked?: { readonly ask: Ask; readonly language: Language },
): GlobalWish | undefined {
  const said = spoken(message)
  if (said === undefined || 'misfit' in said || 'place' in said) return undefined
  const freeIn = asked?.ask.type === 'text' ? asked.language : undefined
  return globalWish('text' in said ? said.text : said.tapped.title, freeIn)
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
  const takesAll = ask.type === 'text' || ask.type === 'choice'
  const asksBack = isPuzzled(said.text)
  // To a free question every text would be an answer.
  if (asksBack && ask.type === 'text') return { misfit: 'puzzled' }
  const read = readText(ask, takesAll ? said.text : withoutStruckOut(said.text), moment)
  if (said.otherwise === undefined) return asksBack && 'misfit' in read ? { misfit: 'puzzled' } : read
  return 'fits' in read && !isPerhapsDenied(ask, read.fits, moment) ? read : { misfit: said.otherwise }
}

/** Before something irreversible: nobody knows what the picture above a yes says. */
function isPerhapsDenied(ask: Ask, value: Value, { language }: Moment): boolean {
  if (ask.type !== 'choice' || !ask.irreversible) return false
  return !isRefusal(
    ask.options.find(({ id }) => id === value)!,
    language,
  )
}

function readText(ask: Ask, text: string, moment: Moment): Understood {
  switch (ask.type) {
    case 'text': {
      const written = text.trim()
      if (!saysSomething(written) || Array.from(plainText(written)).length < ask.min_length)
        return { misfit: 'notUnderstood' }
      if (Array.from(written).length > ask.max_length) return { misfit: 'tooLong' }
      if (ask.matches !== undefined && !matchesPattern(ask.matches, plainText(written)))
        return { misfit: 'notUnderstood' }
      return { fits: written }
    }
    case 'digits': {
      const digits = readDigits(text)
      return digits?.length === ask.length ? { fits: digits } : { misfit: 'notDigits' }
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
      const { saidOn: today = moment.today, language } = moment
      const bounds = { notBefore, notAfter }
      const day = readDay(text, today, language, bounds, moment.dayBefore)
      if (day === undefined) {
        // The words for `noOneDay` show a day without a year, which would be none here.
        const isDayWanted = saysNoOneDay(text, language) && !isOfAnyYear({ today, bounds })
        return { misfit: isDayWanted ? 'noOneDay' : 'notDate' }
      }
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
    case 'email': {
      const address = readAddress(text)
      return address === undefined ? { misfit: 'notEmail' } : { fits: address }
    }
    default:
      return unreachable(ask)
  }
}

/** `last 4 digits`, `os 4 últimos números`, `শেষ ৪টি সংখ্যা`: how many there are is none of them. */
const HOW_MANY = new RegExp(
  '(?:^|(?<= ))(?:(?:os |the |my )?(?:(?:ultimos|last|final) (?:4|6|four|six|quatro|seis)|(?:4|6|quatro|seis) (?:ultimos|finais))(?= are | is | sao |: |, ?\\d))|(?:^|(?<= ))(?:(?:ultimos|finais|last|final|শেষ|শেষের) )?(?:\\d{1,2}|quatro|four|seis|six|tres|three|চার|ছয়) ?(?:টি |টা )?(?:(?:ultimos|finais|last|final) )?(?:digitos|numeros|algarismos|digits?|numbers?|সংখ্যা|ডিজিট)(?: finais)?(?=[ :])'.normalize(
    'NFC',
  ),
)
/** What stands for the digits that are not told. */
const HIDDEN_DIGITS = /(?:^|(?<=[ -]))x{2,}(?=[ \d-])/g

/** `4321`, `o final é 4321`, `xxxx xxxx xxxx 4321`, `4, 3, 2, 1`, `quatro três dois um`. */
function readDigits(text: string): string | undefined {
  return saidTwice(text, digitsIn)
}

function digitsIn(text: string): string | undefined {
  const folded = foldedText(text).replace(HIDDEN_DIGITS, '').replace(HOW_MANY, '')
  const bare = foldedText(bareValue(folded, 'digits'))
  if (/^\d(?:[\s,.;/()-]+\d)+$/.test(bare)) return bare.replace(/\D/g, '')
  const digits = bare.replace(/[\s.-]/g, '')
  return /^\d+$/.test(digits) ? digits : spokenDigits(bare)
}

export const chosen = (option: Option | undefined): Extract<Understood, { fits: Value }> | undefined =>
  option && { fits: option.id, ...(option.goto === undefined ? {} : { goto: option.goto }) }

interface Names {
  readonly title: string
  readonly words: readonly string[]
  /** Of a plain yes or no among them, where no other option is called so. */
  readonly spellings: ReadonlySet<string>
  /** Of these, those that are the same word in other letters: before something irreversible no other word stands for it. */
  readonly letters: ReadonlySet<string>
  /** One of them is a thank-you. */
  readonly isThanks: boolean
}

/** By what an option is known when it is typed in a language, as `wordsOf`: its title, then its other words, then other spellings of those. */
export const namesOf = (option: Option, language: Language): Names => {
  const known = namesKnown.get(option)?.[language]
  if (known) return known
  const title = wordsOf(option.title[language])
  const words = (option.words?.[language] ?? []).map(wordsOf)
  const spellings = new Set([title, ...words].flatMap((word) => otherSpellings(word, language)))
  const letters = new Set([title, ...words].flatMap((word) => otherLetters(word, language)))
  const isThanks = [title, ...words].some(saysThanks)
  const names = { title, words, spellings, letters, isThanks }
  namesKnown.set(option, { ...namesKnown.get(option), [language]: names })
  return names
}
const namesKnown = new WeakMap<Option, Partial<Record<Language, Names>>>()

/** The number before which an option stands in its list, as it is typed: `1`, `2.`, `opção 3`, `a 4`, `2ª`, `the 2nd one`, `১ নম্বর`, `২য়টা`. */
export const numberIn = (words: string): number | undefined => {
  const number = NUMBERED.exec(words)
  return number ? Number(number[1]) : undefined
}
const NUMBERED = new RegExp(
  '^(?:(?:a|o|the) )?(?:opcao |option |বিকল্প )?(?:numero |number )?(\\d{1,2})(?:[ao]|(?:[ao] )? ?opcao|(?:st|nd|rd|th)(?: option| one)?|(?:ম|য়|র্থ|ষ্ঠ)(?: বিকল্প|টা|টি)?| (?:নম্বর|নাম্বার)(?:টা|টি)?| নং| nombor| number)?$'.normalize(
    'NFC',
  ),
)

/** Signs that only agree, thank, greet or point. Whatever else stands beside a yes (`✕`, `🛑`, `🧐`, `😂`) may take it back. */
const AGREES =
  /[👍👌🤝👏🙌💪✅✔✓☑🆗💯🙏🫶🫡✌🤙👋❤♥❣\u{1f493}\u{1f495}-\u{1f49d}💟🖤🤍🤎🧡🩷🩵🩶😀😁😃😄😇😉😊🙂☺😌😍🥰😘😚😋😎🤗🤩🥳⭐🌟✨🎉🎊\u{1f337}-\u{1f33c}💐🟢💚👆👇👉👈☝→➡▶•°]/gu
/** ASCII's own symbols are punctuation to whoever types them. */
const SYMBOL = /[[\p{So}\p{Sm}]--\p{ASCII}]/v
/** Faces that doubt. */
const DOUBT = /[🤔🤨🤷🧐]/u
/** Faces of ASCII that do not smile, from either side: `:(`, `:'/`, `):`, `-_-`, `>.<`. */
const SULKS = /[:;=]['-]?[([{/\\|<]|[)\]}/\\|>]['-]?[:;=]|-[_.]+-|>[_.]?</

/**
 * By the whole message, in the language of the conversation: a title, other words of an option, its number in the list, or two of these
 * that agree (`1 - Confirmar`). Never by words inside a sentence: "sim, mas a data está errada" holds one and means the opposite. A plain yes
 * or no is one in all its spellings (`s`, `siiim`). Where nothing irreversible follows, a thank-you may stand beside it (and one among an option's names is one in all its spellings), the number may be a
 * word, and several clauses may each name the option ("não, era só isso"); before something irreversible not even a question mark may ("tá
 * certo?" asks us), and beside a yes no sign but those that agree. Words that two options share choose neither.
 */
function readChoice(ask: Extract<Ask, { type: 'choice' }>, text: string, language: Language): Understood {
  const plain = plainText(text)
  if (plain !== withoutStruckOut(plain)) return { misfit: 'notAnOption' }
  const called = (words: string) => optionCalled(ask, words, { language, isMeasure: isMeasure(plain) })
  const whole = wordsOf(text)
  if (ask.irreversible) {
    const found = whole === '' ? undefined : called(whole)
    return found && !isDoubted(found, text, language) ? chosen(found)! : { misfit: 'notAnOption' }
  }
  const [bare, alone] = [withoutCourtesies(whole), withoutAddressee(whole)]
  for (const words of new Set([whole, bare, alone, withoutCourtesies(alone)])) {
    const found = words === '' ? undefined : called(words)
    if (found && (words === whole || !isOfAnother(ask, found, whole, language))) return chosen(found)!
  }
  const clauses = plain.split(/[.,;!…\n]+|(?<= )- /).map((clause) => withoutCourtesies(wordsOf(clause)))
  const said = clauses.filter((words) => words !== '' && !COURTESIES.has(words))
  const meant = new Set(said.map(called))
  const [option] = meant
  if (option && meant.size === 1 && said.length > 1 && !isOfAnother(ask, option, whole, language))
    return chosen(option)!
  const thanked = saysThanks(whole) ? ask.options.filter((one) => namesOf(one, language).isThanks) : []
  return (
    (thanked.length === 1 && chosen(thanked[0])) || {
      misfit: 'notAnOption',
      meant: optionAbout(ask, text, language),
    }
  )
}

/** What denies, or tells of something else than one's own. */
const DENIES: Record<Language, ReadonlySet<string>> = {
  pt: wordSet('não|n|num|nem|nunca|jamais|sem|quase'),
  en: wordSet('not|no|never|dont|didnt|havent|hasnt|isnt|wasnt|without|almost'),
  bn: wordSet('না|নাই|নেই|নি|নয়|nai|na'),
}
const NAME_CHARACTERS_MIN = 4

/**
 * Of a list the one option that is named where a text neither asks nor denies: "perdi meu cartão ontem no metrô". Buttons are few, and
 * decide things; nobody is asked there whether they meant one.
 */
function optionAbout(
  ask: Extract<Ask, { type: 'choice' }>,
  text: string,
  language: Language,
): Option | undefined {
  const told = (plainText(text).match(/[^.!?\n]+[.!?\n]*/g) ?? []).filter((part) => !isQuestion(part))
  const words = withoutHeldLetters(wordsOf(told.join(' ')))
  if (asButtons(ask) || words.split(' ').some((word) => DENIES[language].has(word))) return undefined
  const named = ask.options.filter((option) => {
    const { title, words: others } = namesOf(option, language)
    return [title, ...others].some(
      (name) => name.length >= NAME_CHARACTERS_MIN && ` ${words} `.includes(` ${name} `),
    )
  })
  return named.length === 1 ? named[0] : undefined
}

/** Whether a question mark, a face that doubts, laughter or, unless the option turns back, any sign that does not agree stands beside an option. */
export function isDoubted(option: Option, text: string, language: Language): boolean {
  const plain = plainText(text)
  if (isQuestion(plain) || DOUBT.test(plain) || isLaughter(wordsOf(text))) return true
  const isAgreed = !SULKS.test(plain) && !SYMBOL.test(plain.replace(AGREES, ''))
  return !isAgreed && !isRefusal(option, language)
}

/** An option that a plain no means. */
export function isRefusal(option: Option, language: Language): boolean {
  const { title, words } = namesOf(option, language)
  return [title, ...words].some((name) => isPlainNo(name, language))
}

/** "não não, obrigado" is no "não" where another option is called "Não, obrigado". */
const isOfAnother = (
  { options }: Extract<Ask, { type: 'choice' }>,
  found: Option,
  whole: string,
  language: Language,
): boolean =>
  options.some((option) => option !== found && ` ${whole} `.includes(` ${namesOf(option, language).title} `))

function optionCalled(
  ask: Extract<Ask, { type: 'choice' }>,
  words: string,
  { language, isMeasure }: { readonly language: Language; readonly isMeasure: boolean },
): Option | undefined {
  const named = optionNamed(ask, words, language)
  if (named.length > 0) return named.length === 1 ? named[0] : undefined
  const placed = isMeasure ? undefined : placeSaid(ask, words, language)
  if (placed !== undefined) {
    const { option, word } = placed
    // `3` at "2 vezes, 3 vezes, 6 vezes", `a segunda` at "Segunda via, Limite": nobody knows which is meant.
    const [called] = ask.options.filter((one) => isCalledBy(word, one, language))
    return called === undefined || (option !== undefined && isCalledBy(word, option, language))
      ? option
      : undefined
  }
  const [, before, name, behind] = /^(?:(\d{1,2}) )?(.+?)(?: (\d{1,2}))?$/.exec(words) ?? []
  const [option, ...others] = name === undefined ? [] : optionNamed(ask, name, language)
  const places = [before, behind].filter((place) => place !== undefined)
  return others.length === 0 && places.every((place) => ask.options[Number(place) - 1] === option)
    ? option
    : undefined
}

/** Where in the list the words say that an option stands. Before something irreversible a place is a number. */
export function placeSaid(
  { options, irreversible }: Pick<Extract<Ask, { type: 'choice' }>, 'options' | 'irreversible'>,
  words: string,
  language: Language,
): { readonly option: Option | undefined; readonly word: string } | undefined {
  const number = numberIn(words)
  const inWords = number === undefined && !irreversible ? placeIn(words, language) : undefined
  const said = inWords ?? (number === undefined ? undefined : { place: number, word: String(number) })
  return (
    said && { option: options[(said.place === 'last' ? options.length : said.place) - 1], word: said.word }
  )
}

/** Whether a name of an option holds a word, or `3x` for `3`. */
const isCalledBy = (word: string, option: Option, language: Language): boolean => {
  const { title, words } = namesOf(option, language)
  return [title, ...words].some((name) =>
    name.split(' ').some((each) => each === word || each === `${word}x`),
  )
}

/** The first that are: those with this title, those with it among their words, those with another spelling of one of these. */
function optionNamed(
  { options, irreversible }: Extract<Ask, { type: 'choice' }>,
  words: string,
  language: Language,
): readonly Option[] {
  const held = withoutHeldLetters(isLaughter(words) ? words : saidOnce(words))
  const isSpelling = (names: Names) => {
    const spellings = irreversible ? names.letters : names.spellings
    return spellings.has(words) || spellings.has(held)
  }
  for (const isNamed of [
    ({ title }: Names) => title === words,
    (names: Names) => names.words.includes(words),
    isSpelling,
  ]) {
    const found = options.filter((option) => isNamed(namesOf(option, language)))
    if (found.length > 0) return found
  }
  return []
}
