import { createRequire } from 'node:module'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../log.ts'
import { UNPACKED_BYTES_MAX, unpacked } from './compression.ts'
import { crc32c, decodeRecordBatches, encodeRecordBatch } from './record-batch.ts'

const producer = { producerId: 7n, producerEpoch: 1 }
const record = fc.record({
  key: fc.string({ unit: 'grapheme', maxLength: 40 }),
  value: fc.uint8Array({ maxLength: 400 }),
  headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ unit: 'grapheme' }), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
})

/** kafkajs's own reader of batches: another pair of eyes on our bytes. */
const kafkajsDecode = async (bytes: Buffer) => {
  const load = createRequire(import.meta.url)
  const Decoder = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object
  const decode = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (from: object) => Promise<{
    producerId: string
    firstSequence: number
    records: { offset: string; key: Buffer; value: Buffer; headers: Record<string, Buffer> }[]
  }>
  return decode(new Decoder(bytes))
}

const seen = (records: readonly LogRecord[]) =>
  records.map(({ key, value, headers }) => ({ key, value: [...value], headers }))

describe('record batches', () => {
  test('what is written is what is read, by us and by kafkajs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async (records) => {
        const bytes = encodeRecordBatch(records, producer, 41, 1_700_000_000_123)
        const ours = decodeRecordBatches('t', 3, bytes)
        expect(seen(ours)).toEqual(seen(records))
        expect(ours.map(({ offset }) => offset)).toEqual(records.map((_, at) => BigInt(at)))
        expect(ours[0]).toMatchObject({ topic: 't', partition: 3, timestamp: '2023-11-14T22:13:20.123Z' })
        const theirs = await kafkajsDecode(bytes)
        expect(theirs).toMatchObject({ producerId: '7', firstSequence: 41 })
        expect(theirs.records.map(({ key, value }) => [key.toString(), [...value]])).toEqual(
          records.map(({ key, value }) => [key, [...value]]),
        )
      }),
    )
  })

  test('the sum over the bytes is the one that brokers check', () => {
    // RFC 3720, appendix B.4
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
  })

  test('an answer that ends in the middle of a batch gives the batches before it', () => {
    const one = encodeRecordBatch([{ key: 'a', value: Buffer.from('1') }], producer, 0, 0)
    const two = encodeRecordBatch([{ key: 'b', value: Buffer.from('2') }], producer, 1, 0)
    const cut = Buffer.concat([one, two.subarray(0, two.length - 1)])
    expect(decodeRecordBatches('t', 0, cut).map(({ key }) => key)).toEqual(['a'])
    expect(decodeRecordBatches('t', 0, two.subarray(0, 20))).toEqual([])
  })

  test('a batch of which a bit changed on its way, or on the disk, is not read: no part of it is sound', async () => {
    const records = [
      { key: 'a', value: Buffer.from('one') },
      { key: 'b', value: Buffer.from('two') },
    ]
    const bytes = encodeRecordBatch(records, producer, 0, 0)
    // From the sum on, which covers what stands behind it; what stands before it the broker itself writes.
    for (let bit = 17 * 8; bit < bytes.length * 8; bit += 1) {
      const broken = Buffer.from(bytes)
      broken[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => decodeRecordBatches('t', 0, broken), `bit ${bit}`).toThrow(/broken bytes at offset 0/)
    }
  })

  const text = 'abcabcabc'.repeat(12)
  /** As both pack what does not repeat: the length, and the bytes. */
  const snapped = (bytes: Buffer) => {
    const head = Buffer.from([(bytes.length & 0x7f) | 0x80, bytes.length >> 7, 61 << 2, 0, 0])
    head.writeUInt16LE(bytes.length - 1, 3)
    return Buffer.concat([head, bytes])
  }
  const framed = (bytes: Buffer) => {
    const chunk = snapped(bytes)
    const head = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0])
    head.writeUInt32BE(chunk.length, 16)
    return Buffer.concat([head, chunk])
  }
  const asLz4 = (bytes: Buffer) => {
    const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0x80])
    head.writeUInt16LE(bytes.length, 7)
    return Buffer.concat([head, bytes, Buffer.alloc(4)])
  }

  const packedBy = (code: number, pack: (bytes: Buffer) => Buffer) => {
    const plain = encodeRecordBatch([{ key: 'a', value: Buffer.from(text) }], producer, 0, 0)
    const packed = Buffer.concat([plain.subarray(0, 61), pack(plain.subarray(61))])
    packed.writeInt32BE(packed.length - 12, 8)
    packed.writeInt16BE(code, 21)
    packed.writeUInt32BE(crc32c(packed, 21), 17)
    return packed
  }

  test.each([
    ['gzip', 1, gzipSync],
    ['snappy', 2, snapped],
    ['snappy in frames', 2, framed],
    ['lz4', 3, asLz4],
    ['zstd', 4, zstdCompressSync],
  ] as const)('batches that another writer, or the broker, packed by %s are read', (_, code, pack) => {
    expect(decodeRecordBatches('t', 0, packedBy(code, pack))).toMatchObject([
      { key: 'a', value: Buffer.from(text) },
    ])
  })

  test.each([
    ['by what nobody knows', 5, (bytes: Buffer) => bytes],
    ['by something else than it says', 3, gzipSync],
    ['to more than any batch holds', 1, () => gzipSync(Buffer.alloc(65 * 2 ** 20))],
  ] as const)('a batch that is packed %s is told as such', (_, code, pack) => {
    expect(() => decodeRecordBatches('t', 0, packedBy(code, pack))).toThrow(
      expect.objectContaining({ code: 'LOG_CLIENT_CRASHED', message: expect.stringContaining('unpacked') }),
    )
  })

  test('what repeats is written again, also where it overlaps what it writes', () => {
    // "abc", then 5 bytes of 3 back, then, of lz4, the end that it must have.
    expect(unpacked(2, Buffer.from([8, 2 << 2, ...Buffer.from('abc'), (1 << 2) | 1, 3])).toString()).toBe(
      'abcabcab',
    )
    const block = [0x31, ...Buffer.from('abc'), 3, 0, 0x10, ...Buffer.from('!')]
    const frame = Buffer.from([
      0x04,
      0x22,
      0x4d,
      0x18,
      0x60,
      0x40,
      0x82,
      block.length,
      0,
      0,
      0,
      ...block,
      0,
      0,
      0,
      0,
    ])
    expect(unpacked(3, frame).toString()).toBe('abcabcab!')
  })

  test('whatever bytes are to be unpacked, it ends', () => {
    const heads = fc.constantFrom(
      [],
      [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82],
      [0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1],
    )
    fc.assert(
      fc.property(fc.constantFrom(2, 3), heads, fc.uint8Array({ maxLength: 60 }), (code, head, rest) => {
        let bytes = 0
        try {
          bytes = unpacked(code, Buffer.from([...head, ...rest])).length
        } catch (error) {
          if (!(error instanceof RangeError)) throw error
        }
        expect(bytes).toBeLessThanOrEqual(UNPACKED_BYTES_MAX)
      }),
      runs(300),
    )
  })
})
