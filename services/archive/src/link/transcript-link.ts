/** What the archive knows of a link. The token itself is not here. */
export interface TranscriptLink {
  /** The link id: SHA-256 of the token, hex. */
  readonly _id: string
  readonly conversationId: string
  /** The stream on which its events are recorded. */
  readonly contactId: string
  readonly issuedAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | null
}

export const TTL_SECONDS_MIN = 1
/** Ten years of 365.25 days. */
export const TTL_SECONDS_MAX = 315_576_000

export function isTtlAllowed(ttlSeconds: number): boolean {
  return Number.isInteger(ttlSeconds) && ttlSeconds >= TTL_SECONDS_MIN && ttlSeconds <= TTL_SECONDS_MAX
}

/** A link that never was, one that expired and one that was revoked are the same to the one who asks: closed. */
export function isOpen(link: TranscriptLink | null, now: Date): link is TranscriptLink {
  return link !== null && link.revokedAt === null && now.getTime() < link.expiresAt.getTime()
}
