import leven from 'leven'

/** `; did you mean "menu"?`, when one of the known words is near enough; otherwise nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: leven(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((left, right) => left.distance - right.distance)[0]
  // Two letters changed places count as two changes; the dashes of an option make it no longer.
  const { length } = word.replace(/^-+/, '')
  const near = Math.min(Math.max(2, Math.floor(length / 3)), length - 1)
  if (nearest === undefined || nearest.distance > near) return ''
  return `; did you mean "${nearest.candidate}"?`
}
