import { createHash, createHmac } from 'node:crypto'

/** 256 bits: whoever holds it may read one transcript. It is told once and kept nowhere; the archive keeps its hash. */
export function tokenOfEnding(secret: string, eventId: string): string {
  return createHmac('sha256', secret).update(eventId).digest('base64url')
}

/** Names the link without being it: SHA-256 of the token, hex. Any string has one, so a malformed token is looked up like all others. */
export function linkIdOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex')
}

/**
 * Whatever in the bytes of a record may be a token that an address names, in JSON and in other addresses too, each as it is spelt there.
 * Browsers open `/t/%41…`, `/t/./TOKEN`, `/t/x/../TOKEN` and `\t\TOKEN` as they open `/t/TOKEN`, so what stands before the last separator
 * is not asked. A token is of a known length; what stands behind it may look like more of it.
 */
export function tokensIn(record: Uint8Array): readonly string[] {
  const text = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('latin1')
  return Array.from(text.matchAll(ADDRESS), ([, token]) => token!)
}
const ADDRESS = /(?:[/\\]|%2F|%5C)(?=((?:[\w-]|%(?:2D|3\d|4[1-9A-F]|5[\dAF]|6[1-9A-F]|7[\dA])){43}))/gi

/** A token of an address as it was given. */
export const asGiven = (spelt: string): string => decodeURIComponent(spelt)
