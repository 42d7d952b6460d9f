import type { Head } from '@parley/kernel'
import { Binary, Long } from 'mongodb'
import { bigIntIn } from './stored-bigint.ts'

/** Where a stream stands, as it is stored: but for what was left out, of which a writer has nothing. */
export interface StoredHead {
  version: number
  hash: Binary
  offset: Long
  superseded: Binary[]
}

export const storedHead = ({ version, hash, offset, superseded }: Head): StoredHead => ({
  version,
  hash: new Binary(hash),
  offset: Long.fromBigInt(offset),
  superseded: binariesOf(superseded),
})

export const headIn = ({ version, hash, offset, superseded }: StoredHead): Head => ({
  version,
  hash: Buffer.from(hash.value()),
  offset: bigIntIn(offset),
  superseded: buffersIn(superseded),
})

export const binariesOf = (hashes: readonly Buffer[]): Binary[] => hashes.map((hash) => new Binary(hash))

export const buffersIn = (hashes: readonly Binary[]): readonly Buffer[] =>
  hashes.map((hash) => Buffer.from(hash.value()))
