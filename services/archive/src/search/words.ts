import { wordsOf } from '@parley/conversation'

/** Of one message; who looks for a word at the end of a novel looks for another one too. */
const WORDS_MAX = 400
const WORD_CHARACTERS_MAX = 40
/** What people ask in holds no more (200 characters): each of their words must be there. */
const ASKED_MAX = 100

/** The words of a text as they are compared: without case and accents of Latin letters, digits of any script as 0 to 9; scripts of their own as they are. */
export function wordsIn(text: string): readonly string[] {
  const words = wordsOf(text)
  return words === '' ? [] : words.split(' ', WORDS_MAX).map((word) => word.slice(0, WORD_CHARACTERS_MAX))
}

export interface AskedWord {
  readonly word: string
  /** It ended in `*`: words that begin so. */
  readonly begins: boolean
}

/** What somebody asks for, longest first: a long word is in fewer conversations. */
export function wordsAsked(text: string): readonly AskedWord[] {
  const asked = new Map<string, AskedWord>()
  for (const written of text.trim().split(/\s+/)) {
    const words = wordsIn(written)
    for (const [at, word] of words.entries()) {
      const begins = at === words.length - 1 && written.endsWith('*')
      asked.set(`${word}${begins ? '*' : ''}`, { word, begins })
    }
  }
  return [...asked.values()].toSorted((one, other) => other.word.length - one.word.length).slice(0, ASKED_MAX)
}
