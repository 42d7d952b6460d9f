import { isoTime } from '@parley/kernel'
import { LogClientCrashed } from '../errors.ts'
import type { LogRecord, StoredRecord } from '../log.ts'
import { unpacked } from './compression.ts'

/**
 * Kafka's record batches (https://kafka.apache.org/documentation/#recordbatch), from bytes and to bytes. kafkajs does both at 15 to 20 µs
 * a record, most of it for fields that nobody reads; here a record is cut out of the answer's bytes and read field by field, when asked.
 */
export interface Producer {
  readonly producerId: bigint
  readonly producerEpoch: number
}

const HEADER_BYTES = 61
/** The bytes before the ones that the batch's length counts. */
const LENGTH_END = 12
const CRC_AT = 17
const CRC_FROM = 21
const MAGIC = 2
const COMPRESSION = 0x07
const LOG_APPEND_TIME = 0x08
const CONTROL = 0x20

export function encodeRecordBatch(
  records: readonly LogRecord[],
  { producerId, producerEpoch }: Producer,
  firstSequence: number,
  timestampMs: number,
): Buffer {
  const bodies = records.map((record, at) => bodyBytes(record, at))
  const bytes = bodies.reduce((sum, body) => sum + varintBytes(body) + body, HEADER_BYTES)
  const into = new Writer(Buffer.allocUnsafe(bytes), HEADER_BYTES)
  for (const [at, record] of records.entries()) {
    into.varint(bodies[at]!)
    into.byte(0)
    into.varint(0)
    into.varint(at)
    into.text(record.key)
    into.bytes(record.value)
    const headers = Object.entries(record.headers ?? {})
    into.varint(headers.length)
    for (const [name, value] of headers) {
      into.text(name)
      into.text(value)
    }
  }
  const { buffer } = into
  buffer.writeBigInt64BE(0n, 0)
  buffer.writeInt32BE(bytes - LENGTH_END, 8)
  buffer.writeInt32BE(-1, 12)
  buffer.writeInt8(MAGIC, 16)
  buffer.writeInt16BE(0, 21)
  buffer.writeInt32BE(records.length - 1, 23)
  buffer.writeBigInt64BE(BigInt(timestampMs), 27)
  buffer.writeBigInt64BE(BigInt(timestampMs), 35)
  buffer.writeBigInt64BE(producerId, 43)
  buffer.writeInt16BE(producerEpoch, 51)
  buffer.writeInt32BE(firstSequence, 53)
  buffer.writeInt32BE(records.length, 57)
  buffer.writeUInt32BE(crc32c(buffer, CRC_FROM), CRC_AT)
  return buffer
}

/** The records and marks of a fetch answer, which may end in the middle of a batch. `bytes` is kept: records are views of it. */
export function decodeRecordBatches(topic: string, partition: number, bytes: Buffer): KafkaRecord[] {
  const records: KafkaRecord[] = []
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    const magic = bytes.readInt8(at + 16)
    if (magic !== MAGIC)
      throw new LogClientCrashed(
        `${topic}/${partition} holds records in format ${magic}. Only format 2 is read, which Kafka writes since 0.11.`,
      )
    const baseOffset = Number(bytes.readBigInt64BE(at))
    // Of a broken record the hash would be another one, and all that follows in its stream pass for what lost against it.
    if (crc32c(bytes.subarray(at, end), CRC_FROM) !== bytes.readUInt32BE(at + CRC_AT))
      throw new LogClientCrashed(
        `${topic}/${partition} came with broken bytes at offset ${baseOffset}. If it does so again, they are broken on the broker's disk: read them from another replica.`,
      )
    const attributes = bytes.readInt16BE(at + 21)
    const isMark = (attributes & CONTROL) !== 0
    const isLogTime = (attributes & LOG_APPEND_TIME) !== 0
    const time = Number(bytes.readBigInt64BE(at + (isLogTime ? 35 : 27)))
    const from = new Reader(plain(topic, attributes, bytes.subarray(at + HEADER_BYTES, end)))
    for (let count = bytes.readInt32BE(at + 57); count > 0; count -= 1) {
      const next = from.varint()
      const recordEnd = from.at + next
      from.at += 1
      const timestampDelta = from.varint()
      const position = baseOffset + from.varint()
      const key = from.bytes()
      const value = from.bytes()
      records.push(
        new KafkaRecord(
          topic,
          partition,
          position,
          isLogTime ? time : time + timestampDelta,
          key,
          value,
          from.buffer,
          from.at,
          baseOffset,
          isMark,
        ),
      )
      from.at = recordEnd
    }
    at = end
  }
  return records
}

function plain(topic: string, attributes: number, bytes: Buffer): Buffer {
  try {
    return unpacked(attributes & COMPRESSION, bytes)
  } catch (cause) {
    throw new LogClientCrashed(
      `${topic} holds a batch of records that cannot be unpacked. Whoever writes there must send them plain, or by gzip, snappy, lz4 or zstd, and to 64 MB at most.`,
      { cause },
    )
  }
}

export class KafkaRecord implements StoredRecord {
  readonly topic: string
  readonly partition: number
  /** The offset, which as a number is exact up to 2⁵³. */
  readonly position: number
  readonly timestampMs: number
  readonly value: Uint8Array
  /** Offset of the first record of the batch that this one was stored in. */
  readonly batchStart: number
  /** The end of a transaction of somebody's: it takes an offset, and is nobody's record. */
  readonly isMark: boolean
  readonly #keyBytes: Buffer | undefined
  readonly #bytes: Buffer
  readonly #headersAt: number
  #key: string | undefined
  #headers: Readonly<Record<string, string>> | undefined

  constructor(
    topic: string,
    partition: number,
    position: number,
    timestampMs: number,
    key: Buffer | undefined,
    value: Buffer | undefined,
    bytes: Buffer,
    headersAt: number,
    batchStart: number,
    isMark: boolean,
  ) {
    this.topic = topic
    this.partition = partition
    this.position = position
    this.timestampMs = timestampMs
    this.value = value ?? new Uint8Array()
    this.batchStart = batchStart
    this.isMark = isMark
    this.#keyBytes = key
    this.#bytes = bytes
    this.#headersAt = headersAt
  }

  get offset(): bigint {
    return BigInt(this.position)
  }

  get timestamp(): string {
    return isoTime(this.timestampMs)
  }

  get key(): string {
    return (this.#key ??= this.#keyBytes?.toString('utf8') ?? '')
  }

  get headers(): Readonly<Record<string, string>> {
    return (this.#headers ??= this.#readHeaders())
  }

  #readHeaders(): Record<string, string> {
    const from = new Reader(this.#bytes)
    from.at = this.#headersAt
    const headers = new Map<string, string>()
    for (let count = from.varint(); count > 0; count -= 1) {
      const name = from.bytes()?.toString('utf8') ?? ''
      const value = from.bytes()?.toString('utf8') ?? ''
      // A header that came more than once: the first one counts.
      if (!headers.has(name)) headers.set(name, value)
    }
    return Object.fromEntries(headers)
  }
}

/** Zigzag varints: 7 bits a byte, the last byte without its top bit; even numbers are positive. */
class Reader {
  readonly buffer: Buffer
  at = 0

  constructor(buffer: Buffer) {
    this.buffer = buffer
  }

  /** By multiplication, not by shifts: a time difference may need more than 32 bits. */
  varint(): number {
    let byte = this.buffer[this.at++]!
    if (byte < 0x80) return byte & 1 ? -((byte + 1) >>> 1) : byte >>> 1
    let coded = byte & 0x7f
    for (let scale = 128; byte >= 0x80; scale *= 128) {
      byte = this.buffer[this.at++]!
      coded += (byte & 0x7f) * scale
    }
    return coded % 2 === 1 ? -(coded + 1) / 2 : coded / 2
  }

  bytes(): Buffer | undefined {
    const length = this.varint()
    if (length < 0) return undefined
    const start = this.at
    this.at += length
    return this.buffer.subarray(start, this.at)
  }
}

class Writer {
  readonly buffer: Buffer
  at: number

  constructor(buffer: Buffer, at: number) {
    this.buffer = buffer
    this.at = at
  }

  byte(value: number): void {
    this.buffer[this.at++] = value
  }

  varint(value: number): void {
    let coded = value * 2
    for (; coded > 0x7f; coded = Math.floor(coded / 128)) this.byte((coded & 0x7f) | 0x80)
    this.byte(coded)
  }

  text(value: string): void {
    this.varint(Buffer.byteLength(value))
    this.at += this.buffer.write(value, this.at)
  }

  bytes(value: Uint8Array): void {
    this.varint(value.byteLength)
    this.buffer.set(value, this.at)
    this.at += value.byteLength
  }
}

function bodyBytes({ key, value, headers }: LogRecord, at: number): number {
  // Attributes and the time difference, a byte each.
  let bytes = 2 + varintBytes(at) + sized(Buffer.byteLength(key)) + sized(value.byteLength)
  const entries = Object.entries(headers ?? {})
  bytes += varintBytes(entries.length)
  for (const [name, text] of entries) bytes += sized(Buffer.byteLength(name)) + sized(Buffer.byteLength(text))
  return bytes
}

const sized = (bytes: number): number => varintBytes(bytes) + bytes

function varintBytes(value: number): number {
  let bytes = 1
  for (let coded = value * 2; coded > 0x7f; coded = Math.floor(coded / 128)) bytes += 1
  return bytes
}

/** Castagnoli's polynomial, eight bytes a step. Node's zlib has the other CRC-32 only. */
const tables = (() => {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    return crc
  })
  const all = [first]
  while (all.length < 8) all.push(all.at(-1)!.map((crc) => first[crc & 0xff]! ^ (crc >>> 8)))
  return all as [Int32Array, ...Int32Array[]]
})()

export function crc32c(bytes: Uint8Array, from = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let crc = -1
  let at = from
  for (const whole = bytes.length - 7; at < whole; at += 8) {
    const one = crc ^ view.getInt32(at, true)
    const two = view.getInt32(at + 4, true)
    crc =
      t7![one & 0xff]! ^
      t6![(one >>> 8) & 0xff]! ^
      t5![(one >>> 16) & 0xff]! ^
      t4![one >>> 24]! ^
      t3![two & 0xff]! ^
      t2![(two >>> 8) & 0xff]! ^
      t1![(two >>> 16) & 0xff]! ^
      t0[two >>> 24]!
  }
  for (; at < bytes.length; at += 1) crc = t0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}
