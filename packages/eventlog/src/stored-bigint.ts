import type { Long } from 'mongodb'

/** The driver gives back a Long as a number when it fits (promoteLongs). */
export const bigIntIn = (stored: Long | number): bigint =>
  typeof stored === 'number' ? BigInt(stored) : stored.toBigInt()
