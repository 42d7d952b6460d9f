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
  // Never more than three bytes for a character.
  const room = PARLEY_NAMESPACE.length + name.length * 3
  if (scratch.length < room) scratch = scratchOf(room)
  const end = PARLEY_NAMESPACE.length + scratch.write(name, PARLEY_NAMESPACE.length)
  const hex = hash('sha1', scratch.subarray(0, end), 'hex')
  const variant = VARIANTS[Number.parseInt(hex[16]!, 16)]!
  return uuidOf(`${hex.slice(0, 12)}5${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`)
}

/**
 * UUIDv7 (RFC 9562 §5.7): as text in the order of the milliseconds in which ids were made.
 * @param chance 16 bytes, of which the last ten count
 */
export function timeOrderedId(now: number, chance: Uint8Array): string {
  const bytes = Buffer.from(chance)
  bytes.writeUIntBE(now, 0, 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return uuidOf(bytes.toString('hex'))
}

/** @param hex 32 digits */
const uuidOf = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`

/** The hexadecimal digit that holds the variant, by the digit that the hash gave. */
const VARIANTS = '89ab89ab89ab89ab'

/** The namespace, and room for what is hashed with it: used again for each id. */
let scratch = scratchOf(1_024)

function scratchOf(bytes: number): Buffer {
  const made = Buffer.alloc(bytes)
  PARLEY_NAMESPACE.copy(made)
  return made
}
