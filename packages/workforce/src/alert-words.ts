import { repeatsProblem, wordsOf } from '@parley/conversation'
import { RE2JS } from 're2js'

/** One of the patterns of a rule cannot be used. */
export class AlertPatternInvalid extends Error {
  readonly index: number
  constructor(index: number, why: string, cause?: unknown) {
    super(why, { cause })
    this.index = index
  }
}

/** Whether one of them is among these words, as `wordsOf` reads them: once for all rules. */
export type HasWords = (words: string) => boolean

/**
 * Patterns of words as whole words of what people type, read by the one reader of it (`wordsOf`: small letters, no accents, no
 * punctuation, one space). They run on RE2: linear in the length of the text, times how large the pattern is (`checkAlertWords`).
 * @param patterns a phrase in any spelling, or RE2 (https://github.com/google/re2/wiki/Syntax) over such words
 * @throws {AlertPatternInvalid} one that is no RE2, or that no text could ever match
 */
export function compileAlertWords(patterns: readonly string[]): HasWords {
  const compiled = patterns.map((pattern, index) => compiledPattern(pattern, index))
  return (words) => compiled.some((one) => one.matcher(words).find())
}

/**
 * As `compileAlertWords`, for whoever writes them (`repeatsProblem`). What is in force already is used as it is: refused where it is looked for,
 * it would silence all rules.
 * @throws {AlertPatternInvalid}
 */
export function checkAlertWords(patterns: readonly string[]): void {
  for (const [index, pattern] of patterns.entries()) {
    const compiled = compiledPattern(pattern, index)
    assertSayable(pattern, index)
    const why = repeatsProblem(pattern, compiled.programSize())
    if (why !== undefined) throw new AlertPatternInvalid(index, why)
  }
}

const SYNTAX = /[\\^$.|?*+()[\]{}]/

function compiledPattern(pattern: string, index: number): RE2JS {
  const isPhrase = !SYNTAX.test(pattern)
  const words = isPhrase ? wordsOf(pattern) : pattern
  if (words.trim() === '') throw new AlertPatternInvalid(index, 'it has no word')
  if (!isPhrase) assertFolded(pattern, index)
  try {
    // By itself first: `a)|(b` would be another pattern inside others' brackets.
    RE2JS.compile(words)
  } catch (error) {
    throw new AlertPatternInvalid(index, `it is no RE2 pattern: ${(error as Error).message}`, error)
  }
  // The edges of what was said are edges of words: `^` and `$` mean them, and between two spaces they would match nothing.
  const whole = RE2JS.compile(`(?:^| )(?:${words})(?:$| )`)
  if (whole.matcher('').find()) throw new AlertPatternInvalid(index, 'it matches where nothing is said')
  return whole
}

/** They name classes (`\PL`, `\p{Bengali}`) and edges (`\b`), or a sign that stands for itself. */
const ESCAPES = /\\(?:[pP]\{[^}]*\}|[pP]?.)/gu
/** What else stands for something else than itself: classes, counts, and how groups begin. */
const NO_LITERAL = /\[[^\]]*\]|\{[^}]*\}|\(\?(?:P?<\w+>|[a-zA-Z-]*:?)/gu

/** No text has what is taken out of each of them: a rule that names it would be silent for ever. */
function assertSayable(pattern: string, index: number): void {
  if (!SYNTAX.test(pattern)) return
  const literal = pattern.replaceAll(ESCAPES, ' ').replaceAll(NO_LITERAL, ' ')
  for (const [word] of literal.matchAll(/[^\s\\^$.|?*+()[\]{}]+/gu)) {
    const lost = Array.from(word).find((sign) => !/[\p{L}\p{M}]/u.test(sign) && !isKept(sign))
    if (lost !== undefined)
      throw new AlertPatternInvalid(
        index,
        `"${word}" never matches: texts are compared without "${lost}"; write "${wordsOf(word)}"`,
      )
  }
}

/** Wherever it stands: signs of numbers are kept within them. */
const isKept = (sign: string): boolean =>
  ['a-a', '1-1', '-1', '1-', 'a-', '-a', 'a - a'].some((text) =>
    wordsOf(text.replace('-', sign)).includes(sign),
  )

/** Texts have no capital letter and no accent: a rule that names one would be silent for ever. */
function assertFolded(pattern: string, index: number): void {
  for (const [word] of pattern.replaceAll(ESCAPES, ' ').matchAll(/[\p{L}\p{M}]+/gu)) {
    const read = wordsOf(word)
    if (read !== word)
      throw new AlertPatternInvalid(
        index,
        `"${word}" never matches: texts are compared in small letters without accents; write "${read}"`,
      )
  }
}
