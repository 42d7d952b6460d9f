import { gunzipSync, zstdDecompressSync } from 'node:zlib'

/** The largest batch of ours is 8 MB. A few bytes of somebody's that unpack to gigabytes must not take the memory of every reader. */
export const UNPACKED_BYTES_MAX = 64 * 2 ** 20

/**
 * What record batches are packed by (https://kafka.apache.org/documentation/#recordbatch). We send ours plain, and brokers pack them anew where
 * `compression.type` of the topic, or of the cluster, says so: a reader that did not know one of these would end at the first record.
 */
const unpackers: ReadonlyMap<number, (bytes: Buffer) => Buffer> = new Map([
  [0, (bytes: Buffer) => bytes],
  [1, (bytes: Buffer) => gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX })],
  [2, unsnapped],
  [3, lz4Unpacked],
  [4, (bytes: Buffer) => zstdDecompressSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX })],
])

/** @throws for what was packed by something else, or is broken, or larger than any batch */
export function unpacked(compression: number, bytes: Buffer): Buffer {
  const unpack = unpackers.get(compression)
  if (unpack === undefined) throw new RangeError(`Nothing is known of compression ${compression}.`)
  return unpack(bytes)
}

/** Grows as it is written, no further than a batch may. */
class Growing {
  #bytes: Buffer
  at = 0

  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafe(Math.min(room, UNPACKED_BYTES_MAX))
  }

  get written(): Buffer {
    return this.#bytes.subarray(0, this.at)
  }

  add(from: Buffer, start: number, length: number): void {
    if (start + length > from.length) throw new RangeError('It ends in the middle of what it packs.')
    this.#room(length)
    this.at += from.copy(this.#bytes, this.at, start, start + length)
  }

  /** What was written so far back, again; it may overlap what it writes. */
  again(back: number, length: number): void {
    if (back <= 0 || back > this.at) throw new RangeError('It repeats what does not stand before it.')
    this.#room(length)
    const bytes = this.#bytes
    for (const end = this.at + length; this.at < end; this.at += 1) bytes[this.at] = bytes[this.at - back]!
  }

  #room(length: number): void {
    const wanted = this.at + length
    if (wanted <= this.#bytes.length) return
    if (wanted > UNPACKED_BYTES_MAX)
      throw new RangeError(`It unpacks to more than ${UNPACKED_BYTES_MAX} bytes.`)
    const larger = Buffer.allocUnsafe(Math.min(Math.max(wanted, this.#bytes.length * 2), UNPACKED_BYTES_MAX))
    this.written.copy(larger)
    this.#bytes = larger
  }
}

const XERIAL = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0])
const XERIAL_HEADER_BYTES = 16

/** As snappy-java frames it (Kafka's own client and its brokers), or without a frame (librdkafka). */
function unsnapped(bytes: Buffer): Buffer {
  const out = new Growing(bytes.length * 4)
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) unsnapInto(out, bytes)
  else
    for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
      const end = at + 4 + bytes.readUInt32BE(at)
      unsnapInto(out, bytes.subarray(at + 4, end))
      at = end
    }
  return out.written
}

/** https://github.com/google/snappy/blob/main/format_description.txt */
function unsnapInto(out: Growing, bytes: Buffer): void {
  let at = 0
  // The length of what comes out, which is learnt by unpacking it.
  while (bytes.readUInt8(at) >= 0x80) at += 1
  at += 1
  while (at < bytes.length) {
    const tag = bytes[at++]!
    const kind = tag & 3
    if (kind === 0) {
      let length = (tag >> 2) + 1
      const more = length - 60
      if (more > 0) {
        length = bytes.readUIntLE(at, more) + 1
        at += more
      }
      out.add(bytes, at, length)
      at += length
    } else if (kind === 1) {
      out.again(((tag >> 5) << 8) | bytes.readUInt8(at), ((tag >> 2) & 7) + 4)
      at += 1
    } else {
      const wide = kind === 2 ? 2 : 4
      out.again(bytes.readUIntLE(at, wide), (tag >> 2) + 1)
      at += wide
    }
  }
}

const LZ4_MAGIC = 0x184d2204

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md; the sum over the record batch tells whether the bytes are sound. */
function lz4Unpacked(bytes: Buffer): Buffer {
  if (bytes.readUInt32LE(0) !== LZ4_MAGIC) throw new RangeError('It does not begin as lz4 frames do.')
  const out = new Growing(bytes.length * 4)
  const flags = bytes.readUInt8(4)
  const hasSize = (flags & 0x08) !== 0
  const hasDictionary = (flags & 0x01) !== 0
  const sumBytes = (flags & 0x10) === 0 ? 0 : 4
  let at = 6 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1
  for (;;) {
    const head = bytes.readUInt32LE(at)
    at += 4
    if (head === 0) return out.written
    const length = head & 0x7fffffff
    // The top bit: it would have become no smaller.
    if (head >= 0x80000000) out.add(bytes, at, length)
    else unpackBlockInto(out, bytes.subarray(at, at + length))
    at += length + sumBytes
  }
}

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
function unpackBlockInto(out: Growing, block: Buffer): void {
  let at = 0
  const lengthOf = (short: number): number => {
    let length = short
    if (short === 15)
      for (let more = 255; more === 255;) {
        more = block.readUInt8(at++)
        length += more
      }
    return length
  }
  while (at < block.length) {
    const token = block[at++]!
    const literals = lengthOf(token >> 4)
    out.add(block, at, literals)
    at += literals
    // The last sequence is literals alone.
    if (at === block.length) return
    const back = block.readUInt16LE(at)
    at += 2
    out.again(back, lengthOf(token & 15) + 4)
  }
}
