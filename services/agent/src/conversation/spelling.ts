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
