import { entryOf } from '@parley/kernel'
/**
 * JSON values together with the exact bytes they were written in. JSON.parse alone forgets those, and parsing then writing again
 * gives other bytes (escapes, invalid UTF-8, numbers): they would be no proof of what the channel said.
 *
 * jsonc-parser is not used: its positions count the characters of a decoded text, not the bytes on the wire, and its tree is built by
 * recursion, so that a body of a million brackets, which JSON.parse takes, ends in a stack overflow (measured with 3.3.1).
 */
export interface Located {
  readonly value: unknown
  readonly start: number
  readonly end: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const COMMA = 0x2c

/** Bytes that are not UTF-8 read as U+FFFD. @throws {SyntaxError} for what is not JSON. */
export function locateJson(bytes: Buffer): Located {
  const value: unknown = JSON.parse(bytes.toString('utf8'))
  const start = skipSpace(bytes, 0)
  return { value, start, end: endOfValue(bytes, start) }
}

/** The elements of an array, or undefined for anything else. */
export function elementsOf(bytes: Buffer, array: Located | undefined): readonly Located[] | undefined {
  if (array === undefined || !Array.isArray(array.value)) return undefined
  const elements: Located[] = []
  let at = skipSpace(bytes, array.start + 1)
  for (const value of array.value as readonly unknown[]) {
    const end = endOfValue(bytes, at)
    elements.push({ value, start: at, end })
    at = skipSpace(bytes, skipSpace(bytes, end) + 1)
  }
  return elements
}

/** The members of an object (of a repeated key the last one, as JSON.parse has it); none for anything else. */
export function membersOf(bytes: Buffer, object: Located | undefined): ReadonlyMap<string, Located> {
  const members = new Map<string, Located>()
  if (object === undefined || typeof object.value !== 'object' || object.value === null) return members
  if (bytes[object.start] !== OPEN_OBJECT) return members
  const values = object.value as Readonly<Record<string, unknown>>
  let at = skipSpace(bytes, object.start + 1)
  while (bytes[at] === QUOTE) {
    const endOfKey = endOfString(bytes, at)
    const key = JSON.parse(bytes.toString('utf8', at, endOfKey)) as string
    const start = skipSpace(bytes, skipSpace(bytes, endOfKey) + 1)
    const end = endOfValue(bytes, start)
    members.set(key, { value: entryOf(values, key), start, end })
    at = skipSpace(bytes, end)
    if (bytes[at] !== COMMA) break
    at = skipSpace(bytes, at + 1)
  }
  return members
}

export function bytesOf(bytes: Buffer, located: Located): Buffer {
  return bytes.subarray(located.start, located.end)
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  for (;;) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
    at++
  }
}

function endOfString(bytes: Buffer, from: number): number {
  let at = from + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at + 1
}

/** Not recursive: a body may nest a million brackets. */
function endOfValue(bytes: Buffer, from: number): number {
  let depth = 0
  let at = from
  while (at < bytes.length) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      at = endOfString(bytes, at)
      if (depth === 0) return at
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth++
      at++
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth === 0) return at
      depth--
      at++
      if (depth === 0) return at
    } else if (
      depth === 0 &&
      (byte === COMMA || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)
    ) {
      return at
    } else {
      at++
    }
  }
  return at
}
