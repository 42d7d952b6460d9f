import { type Hmac, type KeyObject, createHmac, timingSafeEqual } from 'node:crypto'

/** The check of one body while its bytes arrive. */
export interface SignatureCheck {
  update(bytes: Uint8Array): void
  /** Asked once, after the last byte. */
  isSigned(): boolean
}

/**
 * `X-Hub-Signature-256: sha256=<64 hex>` over the raw bytes of the body, by any of the secrets, compared in constant time.
 * Undefined for a header of another shape: no body could match it, so none need be read.
 */
export function signatureCheck(
  header: string | readonly string[] | undefined,
  secrets: readonly KeyObject[],
): SignatureCheck | undefined {
  const hex = typeof header === 'string' ? /^sha256=([0-9a-f]{64})$/i.exec(header.trim())?.[1] : undefined
  if (hex === undefined) return undefined
  const given = Buffer.from(hex, 'hex')
  const sums: readonly Hmac[] = secrets.map((secret) => createHmac('sha256', secret))
  return {
    update: (bytes) => {
      for (const sum of sums) sum.update(bytes)
    },
    isSigned: () => {
      let matches = false
      for (const sum of sums) if (timingSafeEqual(sum.digest(), given)) matches = true
      return matches
    },
  }
}

/** The challenge to answer verbatim, or undefined for a caller that does not know the token. */
export function challengeOf(
  query: Readonly<Record<string, unknown>>,
  verifyTokens: readonly string[],
): string | undefined {
  const challenge = query['hub.challenge']
  const token = query['hub.verify_token']
  if (query['hub.mode'] !== 'subscribe' || typeof token !== 'string' || typeof challenge !== 'string')
    return undefined
  const known = verifyTokens.some((expected) => sameText(expected, token))
  return known ? challenge : undefined
}

function sameText(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', 'verify-token').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}
