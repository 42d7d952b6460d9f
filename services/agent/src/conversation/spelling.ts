/** Small Latin letters with their marks, by the letter alone. */
const MARKED = new Map<string, string>()
for (const [from, to] of [
  [0x00c0, 0x024f],
  [0x1e00, 0x1eff],
] as const)
  for (let code = from; code <= to; code += 1) {
    const letter = String.fromCodePoint(code)
    const base = letter.normalize('NFD').charAt(0)
    if (letter.normalize('NFD') !== letter && /[a-z]/.test(base))
      MARKED.set(base, (MARKED.get(base) ?? '') + letter)
  }

/** Keyboards write them as one character, and every normal form takes them apart. */
const TAKEN_APART = ['\u09dc', '\u09dd', '\u09df'].map((letter) => [letter.normalize('NFD'), letter] as const)

/** MongoDB takes no expression that holds a NUL itself. */
const escaped = (text: string): string =>
  text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('\0', String.raw`\x00`)

/**
 * A regular expression for these very words, however they are spelt: `Joao` finds João, and neither depends on whether a letter and its
 * mark are one character or two. To be used without regard to case.
 */
export function asSpelt(text: string): string {
  return [...text.normalize('NFD').matchAll(/\P{M}\p{M}*|\p{M}+/gu)]
    .map(([cluster]) => {
      const base = cluster.charAt(0).toLowerCase()
      if (/[a-z]/.test(base)) return `[${base}${MARKED.get(base) ?? ''}][\u0300-\u036f]*`
      const composed = TAKEN_APART.reduce((spelt, [apart, one]) => spelt.replaceAll(apart, one), cluster)
      const spellings = [...new Set([cluster, cluster.normalize('NFC'), composed])].map(escaped)
      return spellings.length === 1 ? spellings[0]! : `(?:${spellings.join('|')})`
    })
    .join('')
}

/** A text as names are compared: without marks over letters, case, and more than one space. */
function folded(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

const NAME_PIECE = 3
/** Nobody has a longer one, and whoever says so is found by its beginning. */
const NAME_CHARACTERS_MAX = 100
/** Fewer digits are in almost every number. */
export const DIGITS_MIN = 4
/** Of what is asked for: so many leave few. */
const PIECES_ASKED_MAX = 20

/** All that are so long, each once. */
const piecesOf = (characters: readonly string[], length: number): readonly string[] => [
  ...new Set(characters.slice(length - 1).map((_, at) => characters.slice(at, at + length).join(''))),
]

/** Its end first: who goes on writing asks for what is rarer. */
const asked = (characters: readonly string[], length: number): readonly string[] =>
  piecesOf(characters, length).toReversed().slice(0, PIECES_ASKED_MAX)

/** A word begins behind a space, the first one too. */
const asName = (name: string): string[] => Array.from(` ${folded(name)}`).slice(0, NAME_CHARACTERS_MAX)

/** What a name is looked up by: every three characters of it in a row. An index of them finds part of a name without looking at each name that there is. */
export const piecesOfName = (name: string): readonly string[] => piecesOf(asName(name), NAME_PIECE)
/** The same of a number. */
export const piecesOfNumber = (digits: string): readonly string[] => piecesOf(Array.from(digits), DIGITS_MIN)

/** What has this part has all of its pieces; few have all of them without it. */
export interface Part {
  /** None: it is part of nothing. */
  readonly pieces: readonly string[]
  isIn(whole: string): boolean
}

/** Part of a name, however it is spelt; of two characters: the beginning of a word. */
export function partOfName(text: string): Part {
  const characters = Array.from(folded(text))
  const part = characters.length < NAME_PIECE ? [' ', ...characters] : characters
  return { pieces: asked(part, NAME_PIECE), isIn: (name) => asName(name).join('').includes(part.join('')) }
}

export function partOfNumber(digits: string): Part {
  return { pieces: asked(Array.from(digits), DIGITS_MIN), isIn: (number) => number.includes(digits) }
}
