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
 * The tokens that the bytes of a record hold, as parts of addresses: `/t/TOKEN`, in JSON and in other addresses too. A token is of a
 * known length; what stands behind it in the record may look like more of it.
 */
export function tokensIn(record: Uint8Array): readonly string[] {
  const text = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('latin1')
  return Array.from(text.matchAll(/(?:\/|%2F)t(?:\\?\/|%2F)([\w-]{43})/gi), ([, token]) => token!)
}
