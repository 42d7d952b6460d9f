/** A link for people to follow, or undefined: only plain web addresses become links (javascript:, data: and the like never do). */
export function followable(address: string): string | undefined {
  const url = URL.parse(address)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined
}
