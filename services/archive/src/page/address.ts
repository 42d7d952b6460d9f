/**
 * A link for people to follow, or undefined: only plain web addresses become links (javascript:, data: and the like never do), and none
 * with a name before its host, which looks like another host.
 */
export function followable(address: string): string | undefined {
  const url = URL.parse(address)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined
}

/** Of an address within a text: only where the host that is read is the host that is followed, letter by letter. */
export function followableAsWritten(address: string): string | undefined {
  const href = followable(address)
  return href !== undefined &&
    /^[\x21-\x7e]+$/.test(address) &&
    address.toLowerCase().includes(new URL(href).host)
    ? href
    : undefined
}
