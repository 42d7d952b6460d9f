import { hash } from 'node:crypto'

/** Parley's own namespace for name-based ids; changing it would give every repeated wish a new identity. */
const PARLEY_NAMESPACE = Buffer.from('6f1d5c1e8a5b4b0e9c5d2f7a3e914c60', 'hex')

/**
 * UUIDv5 (RFC 9562 §5.5) of the parts, in order. Parts are length-prefixed, so ('ab','c') and ('a','bc') differ.
 * The same parts give the same id on every machine: that is what makes a repeated wish one wish.
 */
export function deterministicId(...parts: readonly (string | number)[]): string {
  let name = ''
  for (const part of parts) {
    const text = String(part)
    name += `${Buffer.byteLength(text)}:${text}`
  }
  const bytes = hash('sha1', Buffer.concat([PARLEY_NAMESPACE, Buffer.from(name)]), 'buffer')
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
