/** Reading of JSON that may have any shape at any place: nothing here throws, what does not fit reads as empty. */
export type JsonObject = Readonly<Record<string, unknown>>

const EMPTY: JsonObject = Object.freeze(Object.create(null) as JsonObject)

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : EMPTY
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Lone surrogates become U+FFFD, as they would in any UTF-8 anyway. */
export function textOf(value: unknown, charactersMax = Infinity): string {
  if (typeof value === 'string')
    return (value.length > charactersMax ? value.slice(0, charactersMax) : value).toWellFormed()
  return Number.isSafeInteger(value) ? String(value) : ''
}

export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** A whole number that fits protobuf's int32, otherwise 0. */
export function int32Of(value: unknown): number {
  const number = numberOf(value)
  return number !== undefined && Number.isInteger(number) && Math.abs(number) < 2 ** 31 ? number : 0
}

const SECONDS_MAX = 1e11
const EARLIEST = Date.UTC(2009, 0, 1)
const AHEAD_MAX = 24 * 60 * 60 * 1000

export interface Timed {
  /** ISO 8601. */
  readonly occurredAt: string
  /** Not told: it is the time of receipt. */
  readonly isUntimed?: true
}

/** Seconds (documented) or milliseconds (seen in the field), as text or number. Absent or absurd: the time of receipt. */
export function timeOf(value: unknown, receivedAt: number): Timed {
  const number = numberOf(value)
  const milliseconds = number === undefined ? NaN : number < SECONDS_MAX ? number * 1000 : number
  const credible = milliseconds >= EARLIEST && milliseconds <= receivedAt + AHEAD_MAX
  return credible
    ? { occurredAt: new Date(Math.trunc(milliseconds)).toISOString() }
    : { occurredAt: new Date(receivedAt).toISOString(), isUntimed: true }
}
