import { closestMatch } from 'leven'

/** `; did you mean "menu"?`, when one of the known words is near enough; otherwise nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  // Two letters changed places count as two changes; the dashes of an option make it no longer.
  const { length } = word.replace(/^-+/, '')
  const near = Math.min(Math.max(2, Math.floor(length / 3)), length - 1)
  const lower = known.map((candidate) => candidate.toLowerCase())
  const nearest = closestMatch(word.toLowerCase(), lower, { maxDistance: near })
  return nearest === undefined ? '' : `; did you mean "${known[lower.indexOf(nearest)]}"?`
}
