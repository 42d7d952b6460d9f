const REPLY_WINDOW_MILLISECONDS = 24 * 60 * 60 * 1000

/** WhatsApp: free messages only within 24 h of the customer's last message. */
export function isReplyWindowOpen(lastMessageAt: string | null, at: string): boolean {
  return lastMessageAt !== null && Date.parse(at) - Date.parse(lastMessageAt) <= REPLY_WINDOW_MILLISECONDS
}

/** A customer's clock may be wrong or days late (WhatsApp retries for 7 days), but a message is never from the future. */
export function customerTime(occurredAt: string | undefined, recordedAt: string): string {
  if (occurredAt === undefined) return recordedAt
  return Date.parse(occurredAt) < Date.parse(recordedAt) ? occurredAt : recordedAt
}

export function later(earlier: string | null, candidate: string): string {
  return earlier !== null && Date.parse(earlier) >= Date.parse(candidate) ? earlier : candidate
}

export function after(at: string, seconds: number): string {
  return new Date(Date.parse(at) + seconds * 1000).toISOString()
}

/** When it opens, or null where it did by then. */
export function opensAfter(opensAt: string | null, at: string): string | null {
  return opensAt !== null && Date.parse(opensAt) > Date.parse(at) ? opensAt : null
}
