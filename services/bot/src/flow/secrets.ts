import { foldedText, maskValues, valueOf, valuesIn } from '@parley/conversation/said'
import type { MessageBody } from '@parley/proto/content'
import { CPF_DIGITS } from './cpf.ts'
import { MONTHS } from './days.ts'
import { addressesIn, holdsAddress, mayHoldAddress, mayTellAddress } from './email.ts'
import type { Ask } from './flow.ts'
import { isMoment, isPoliteness } from './hearing.ts'
import { textMessage } from './messages.ts'
import { digitRuns, digitsTogether, holdsNumberWords } from './number-words.ts'
import { type Moment, type Value, spoken, understand } from './understanding.ts'

/** What is as secret as the answer to a sensitive question, though it was said to another one, before any or behind all. */

/**
 * Whether an input that the question did not hear may hold an answer to it. What is sensitive is masked wherever its words stand, so `ontem`
 * behind the digits of a card is none of them.
 * @param next the question that it crossed
 */
export function mayHoldAnswerTo(
  ask: Ask,
  message: MessageBody | undefined,
  moment: Moment,
  next?: Ask,
): boolean {
  const words = spoken(message)
  if (words === undefined || isPoliteness(message)) return false
  if (isMoment(message)) return false
  if (ask.type !== 'text' && 'fits' in understand(ask, message, moment)) return true
  if (ask.type === 'text' || ask.type === 'choice')
    return next === undefined || next.type === 'text' || !('fits' in understand(next, message, moment))
  // Nobody knows what a picture shows, or a voice says.
  if (!('text' in words)) return 'misfit' in words
  if (ask.type === 'email' && mayHoldAddress(words.text)) return true
  return /[\p{N}@]/u.test(words.text) || holdsNumberWords(foldedText(words.text))
}

const DAY = '(?:0?[1-9]|[12]\\d|3[01])'
const MONTH = '(?:0?[1-9]|1[0-2])'
const YEAR = '(?:19|20)\\d\\d'
const MONTH_NAMES = Object.values(MONTHS)
  .flat()
  .map(foldedText)
  .flatMap((name) => [name, name.slice(0, 3)])
/** Of `foldedText`. */
const DAYS_IN_DIGITS = [
  `(?<!\\d)${DAY}\\/${MONTH}(?:\\/(?:\\d{4}|\\d{2})| (?:de )?${YEAR})?(?!\\d)`,
  `(?<!\\d[.-]?)(?:${DAY}([.-])${MONTH}(?:\\1(?:\\d{4}|\\d{2}))?|${YEAR}-${MONTH}-${DAY})(?![.-]?\\d)`,
  `(?<![\\p{L}\\p{M}])(?:${MONTH_NAMES.join('|')})[ /.,-]+(?:de |of |\\d{1,2}(?:st|nd|rd|th)?[ ,]+)?${YEAR}(?!\\d)`,
].join('|')
const TIMES_IN_DIGITS = '(?<!\\d:?)(?:[01]?\\d|2[0-3]) ?[:h] ?[0-5]\\d(?::[0-5]\\d)?(?!:?\\d)'
/** People correct them more often than anything else, and they have as many digits as the end of a card. */
const WHEN_IN_DIGITS = new RegExp(`${DAYS_IN_DIGITS}|${TIMES_IN_DIGITS}`, 'gu')

/**
 * Whether what was said to another question may hold an answer to this sensitive one: "o final é 4322" at the summary. Fewer digits one
 * behind the other than were asked for are none: what is named is masked wherever it stands, a day and a house number too.
 * @param answer what was said to it. Before that, and where `isAnswer`, as every text answers a free question: only what is beyond doubt is
 * meant for this one
 */
export function mayCorrect(
  ask: Ask,
  message: MessageBody | undefined,
  {
    moment,
    answer,
    isAnswer,
  }: { readonly moment: Moment; readonly answer: Value | undefined; readonly isAnswer: boolean },
): boolean {
  const words = spoken(message)
  if (words === undefined || !('text' in words)) return false
  const fits = (one: string) => 'fits' in understand(ask, textMessage(one), moment)
  if (isAnswer || answer === undefined) return candidatesIn(ask, words.text).some(fits)
  // Nothing tells words that are meant for these from all others.
  if (ask.type === 'text' || ask.type === 'choice') return false
  if ('fits' in understand(ask, message, moment)) return true
  if (!mayHoldAnswerTo(ask, message, moment)) return false
  if (ask.type === 'email') return holdsAddress(words.text)
  if (ask.type === 'date') return daysIn(words.text).some(fits)
  const wanted = ask.type === 'cpf' ? CPF_DIGITS : ask.type === 'digits' ? ask.length : digitsOfWhole(answer)
  const folded = foldedText(words.text).replace(WHEN_IN_DIGITS, ':')
  return digitsTogether(folded) >= wanted || (ask.type === 'number' && AMOUNT.test(folded))
}

/** `15 de abril de 1985`, `15th of April 1985`. */
const DAY_AND_MONTH = `(?<!\\d)${DAY}(?:st|nd|rd|th|°|শে|এ|ই|লা|রা|ঠা)?(?: (?:de|of))? (?:${MONTH_NAMES.join('|')})(?![\\p{L}\\p{M}])(?:[ ,]+(?:de |of )?\\d{2,4})?(?!\\d)`

/** What in a text may be a day: in digits, in a clause of its own, or behind an `é`. */
function daysIn(text: string): readonly string[] {
  const inDigits = foldedText(text).match(new RegExp(`${DAY_AND_MONTH}|${DAYS_IN_DIGITS}`, 'gu')) ?? []
  return [...inDigits, ...text.split(/(?<![\p{L}\p{M}])(?:é|is)(?![\p{L}\p{M}])|[,;:!?\n]/iu)]
}

/** What makes an amount of whatever number it stands with: `12 mil`, `R$ 900`, `ganho 900`. Of `foldedText`. */
const AMOUNT =
  /(?<![\p{L}\p{M}])(?:mil|milhao|milhoes|reais|conto|contos|por mes|mensais|ganho|recebo|thousand|million|dollars?|taka|lakh|(?:a|per) month|i (?:earn|make)|হাজার|লাখ|লক্ষ|টাকা|মাসে)(?![\p{L}\p{M}])|\d ?k(?![\p{L}\p{M}])|(?:[$€£৳₹]|(?<![\p{L}\p{M}])tk) ?\d/u
/** A house number is no new income: a bare number that corrects another within a sentence has as many digits. */
const digitsOfWhole = (answer: Value) => String(Math.trunc(Math.abs(Number(answer)))).length

/**
 * The values in a text that are as secret as answers to these questions, where they are all that is: "oi, meu CPF é 529.982.247-25, perdi meu
 * cartão". Undefined where they stand in it in words, or where other digits or an address, in words too, stand beside them, of which nobody
 * knows whose answer they are: then all of it is.
 */
export function valuesApart(
  asks: readonly Ask[],
  message: MessageBody | undefined,
  moment: Moment,
): readonly string[] | undefined {
  if (message?.body?.$case !== 'text') return undefined
  const { text } = message.body.value
  const values = asks.flatMap((ask) =>
    candidatesIn(ask, text).flatMap((one) => {
      const understood = understand(ask, textMessage(one), moment)
      return 'fits' in understood ? [String(understood.fits)] : []
    }),
  )
  const masked = maskValues(text, values.flatMap(valueOf))
  const isAll =
    values.length > 0 &&
    values.every((value) => maskValues(text, valueOf(value)) !== text) &&
    !/\p{N}/u.test(masked) &&
    !mayTellAddress(masked) &&
    digitsTogether(foldedText(masked)) < DIGITS_TOLD_MIN
  return isAll && /\p{L}/u.test(masked) ? values : undefined
}

/** `um cartão` tells no number. */
const DIGITS_TOLD_MIN = 2

/** What in a text may be a whole CPF or e-mail address, dictated digit by digit too. Of other questions nothing is beyond doubt. */
function candidatesIn(ask: Ask, text: string): readonly string[] {
  if (ask.type === 'email') return addressesIn(text)
  if (ask.type !== 'cpf') return []
  // "errei um, é um um um quatro…": without its accent the verb would be an "and".
  const parts = text.normalize('NFC').split(/(?<![\p{L}\p{M}])é(?![\p{L}\p{M}])|[:;]/iu)
  return [...valuesIn(text), ...parts.flatMap((part) => digitRuns(foldedText(part)))]
}
