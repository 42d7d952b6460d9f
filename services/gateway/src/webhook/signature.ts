import { type KeyObject, createHmac, timingSafeEqual } from 'node:crypto'

/** `X-Hub-Signature-256: sha256=<64 hex>` over the raw bytes of the body, by any of the secrets, compared in constant time. */
export function isSigned(
  body: Uint8Array,
  header: string | readonly string[] | undefined,
  secrets: readonly KeyObject[],
): boolean {
  if (typeof header !== 'string') return false
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header.trim())?.[1]
  if (hex === undefined) return false
  const given = Buffer.from(hex, 'hex')
  let matches = false
  for (const secret of secrets)
    if (timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given)) matches = true
  return matches
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
