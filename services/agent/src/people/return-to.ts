const LENGTH_MAX = 2_000
const HERE = 'http://here.invalid'

/**
 * Where a person goes after the sign-in: a path of this site as it was asked for, otherwise `/`. Nothing that a browser would take for
 * another site (`//evil`, `/\evil`, `/.//evil`), so that a link to our sign-in cannot lead on to a copy of it.
 * @param asMatched a path as it is matched with our routes, however it is spelt
 */
export function returnPath(asked: unknown, asMatched: (path: string) => string): string {
  if (typeof asked !== 'string' || asked.length > LENGTH_MAX || !/^\/[^\\\p{Cc}]*$/u.test(asked)) return '/'
  const url = URL.parse(asked, HERE)
  if (url === null || url.origin !== HERE || url.pathname.startsWith('//')) return '/'
  // To come back to the sign-in would go round for ever, however its path is spelt.
  if (/^\/sign-(?:in|out)(?:\/|$)/.test(asMatched(url.pathname))) return '/'
  return `${url.pathname}${url.search}${url.hash}`
}
