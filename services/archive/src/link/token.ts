import { createHash, createHmac } from 'node:crypto'

/** 256 bits: whoever holds it may read one transcript. It is told once and kept nowhere; the archive keeps its hash. */
export function tokenOfEnding(secret: string, eventId: string): string {
  return createHmac('sha256', secret).update(eventId).digest('base64url')
}

/** Names the link without being it: SHA-256 of the token, hex. Any string has one, so a malformed token is looked up like all others. */
export function linkIdOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex')
}
