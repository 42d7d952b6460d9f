/** Within it free text may be sent; outside it only approved templates. */
export type ReplyWindow =
  /** The customer has never written. */
  | { readonly kind: 'never' }
  | { readonly kind: 'open' | 'ending'; readonly leftMs: number }
  | { readonly kind: 'closed' }

const HOUR_MS = 3_600_000

export function replyWindowOf(endsAt: string | null, nowMs: number): ReplyWindow {
  if (endsAt === null) return { kind: 'never' }
  const leftMs = Date.parse(endsAt) - nowMs
  if (leftMs <= 0) return { kind: 'closed' }
  return { kind: leftMs < HOUR_MS ? 'ending' : 'open', leftMs }
}
