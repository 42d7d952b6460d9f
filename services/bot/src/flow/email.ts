import { wordsOf } from '@parley/conversation/said'
import { bareValue } from './around-value.ts'

/** Of any longer one no mailbox is known (RFC 5321, 4.5.3.1). */
const ADDRESS_CHARACTERS_MAX = 254
const WRITTEN_CHARACTERS_MAX = 300

/** Nobody's address begins with other marks, though RFC 5322 would let it. */
const BEFORE_ADDRESS = /^(?:[^\p{L}\p{M}\p{N}_]|_\s)+/u
const ADDRESS =
  /^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63})$/

/**
 * The address that a text is and nothing else, with its domain in small letters: as it is written, with spaces around its `@`, or as it is
 * dictated (`ana ponto silva arroba exemplo ponto com`). Words that are left between spaces may be part of a name, so there it is none.
 */
export function readAddress(text: string): string | undefined {
  const written = bareValue(text, 'email')
  if (written.length > WRITTEN_CHARACTERS_MAX) return undefined
  const isSaid = isDictated(written) || HALF_DICTATED.test(written)
  const whole = isSaid ? fromDictation(written) : written.replace(/ ?@ ?/, '@')
  const ended = whole.replace(/[^\p{L}\p{M}\p{N}]+$/u, '')
  const begun = ended.replace(BEFORE_ADDRESS, '')
  // An address may begin with `_`; a pair of them is WhatsApp's italics.
  const isItalic = begun.startsWith('_') && whole.slice(ended.length).includes('_')
  const address = isItalic ? begun.replace(/^_+/, '') : begun
  if (address.length > ADDRESS_CHARACTERS_MAX) return undefined
  const [, name = '', domain = ''] = ADDRESS.exec(address) ?? []
  if (name === '' || address.includes('..') || name.startsWith('.') || name.endsWith('.')) return undefined
  return `${name}@${domain.toLowerCase()}`
}

/** What people say for the signs of an address; `at` alone is a word of English, and is one only before a `dot` or a `.`. */
const SAID: readonly (readonly [sign: string, words: string])[] = [
  ['@', 'arroba|at the rate of|at the rate|at sign|at|অ্যাট দ্য রেট|অ্যাট দা রেট|অ্যাট|এ্যাট|এট দ্য রেট|এট দা রেট|এট'],
  ['.', 'ponto|dot|ডট'],
  ['_', 'underline|underscore|sublinhado|sublinha|traço baixo|আন্ডারস্কোর'],
  ['-', 'traço|hífen|hifen|dash|hyphen|ড্যাশ|হাইফেন'],
]
/** The parts of addresses that are written as they sound. */
const AS_IT_SOUNDS: readonly (readonly [part: string, words: string])[] = [
  ['gmail', 'জিমেইল|জিমেল'],
  ['yahoo', 'ইয়াহু'],
  ['hotmail', 'হটমেইল|হটমেল'],
  ['outlook', 'আউটলুক'],
  ['com', 'কম'],
]
const word = (words: string) => `(?<![^\\s@.])(?:${words.normalize('NFC')})(?![^\\s@.])`
const SIGNS_SAID = SAID.map(([sign, words]) => [sign, new RegExp(`\\s*${word(words)}\\s*`, 'giu')] as const)
const PARTS_SAID = AS_IT_SOUNDS.map(([part, words]) => [part, new RegExp(word(words), 'giu')] as const)

/** As phones write it where somebody dictates the end of what they say. */
const FULL_STOP_SAID = /\s+(?:ponto final|full stop|ponto|period)$/iu

const fromDictation = (written: string): string => {
  let address = written
    .normalize('NFC')
    .replace(FULL_STOP_SAID, '')
    .replace(/\s*@\s*/, '@')
  for (const [part, said] of PARTS_SAID) address = address.replace(said, part)
  for (const [sign, said] of SIGNS_SAID) address = address.replace(said, sign)
  return address
}

const AT_SAID = new RegExp(
  '(?:^| )(?:arroba|at the rate|at [^ ]+ dot|(?:অ্যাট|এ্যাট|এট)(?: দ্য রেট| দা রেট)? [^ ]+ ডট)(?= |$)'.normalize(
    'NFC',
  ),
)
const isDictated = (text: string): boolean => AT_SAID.test(wordsOf(text))

/** `ana@example ponto com`: of its domain nothing is written with a point. */
const HALF_DICTATED = /@\s*[^\s@.]+\s+(?:ponto|dot|ডট)\s/iu

/** Whether an address stands in a text, as it is written or as it is said. */
export const holdsAddress = (text: string): boolean => text.includes('@') || isDictated(text)

/** Whether there may be one, however it is broken off. */
export const mayHoldAddress = (text: string): boolean =>
  text.includes('@') || /(?:^| )(?:arroba|at|অ্যাট|এ্যাট|এট)(?: |$)/.test(wordsOf(text))

/** `at the mall`, `at home`: no domain begins so, where no `dot` follows. */
const AT_PLACE =
  /(?:^| )at (?:the(?! rate)|a|an|my|home|work|school|night|noon|midnight)(?= |$)(?!.* (?:dot|ponto)(?: |$))/g

/** The same of a text that was not asked for one. */
export const mayTellAddress = (text: string): boolean =>
  text.includes('@') || mayHoldAddress(wordsOf(text).replace(AT_PLACE, ''))

/** What in a text may be an address, and is to be read by itself. */
export function addressesIn(text: string): readonly string[] {
  const said = isDictated(text)
    ? text.split(/(?<![\p{L}\p{M}])(?:é|is|e-?mail)(?![\p{L}\p{M}])|[,;:!?\n]/iu)
    : []
  return [...(text.match(/[^\s@]+@[^\s@]+/g) ?? []), ...said]
}
