import { type Actor, CommandEnvelope, EventEnvelope, type Words } from '@parley/proto/envelope'
import { isoTime } from './iso-time.ts'

/**
 * Envelopes from their bytes, as the generated code reads them (a test holds the two to each other) at a third of its cost: every record
 * of every topic comes this way. Bytes are views into `raw`: copy what outlives the record. What is not of the known shape is left to
 * the generated code, unknown fields and broken bytes among it.
 */
export function decodeEvent(raw: Uint8Array): EventEnvelope {
  const cursor = new Cursor(raw)
  const event: EventEnvelope = {
    eventId: '',
    streamId: '',
    streamVersion: 0,
    type: '',
    schemaVersion: 0,
    occurredAt: undefined,
    recordedAt: undefined,
    causationId: '',
    commandOffset: 0n,
    correlationId: '',
    actor: undefined,
    traceparent: '',
    prevHash: NO_BYTES,
    payload: NO_BYTES,
    content: [],
  }
  while (cursor.at < cursor.end)
    switch (cursor.varint()) {
      case 10:
        event.eventId = cursor.string()
        break
      case 18:
        event.streamId = cursor.string()
        break
      case 24:
        event.streamVersion = cursor.uint32()
        break
      case 34:
        event.type = cursor.string()
        break
      case 40:
        event.schemaVersion = cursor.uint32()
        break
      case 50:
        event.occurredAt = cursor.timestamp()
        break
      case 58:
        event.recordedAt = cursor.timestamp()
        break
      case 66:
        event.causationId = cursor.string()
        break
      case 74:
        event.correlationId = cursor.string()
        break
      case 82:
        event.actor = cursor.actor()
        break
      case 90:
        event.traceparent = cursor.string()
        break
      case 98:
        event.prevHash = cursor.bytes()
        break
      case 104:
        event.commandOffset = BigInt(cursor.varint())
        break
      case 114:
        event.payload = cursor.bytes()
        break
      case 122:
        event.content.push(cursor.words())
        break
      default:
        return EventEnvelope.decode(raw)
    }
  return cursor.isSound ? event : EventEnvelope.decode(raw)
}

/** @see decodeEvent */
export function decodeCommand(raw: Uint8Array): CommandEnvelope {
  const cursor = new Cursor(raw)
  const command: CommandEnvelope = {
    commandId: '',
    streamId: '',
    type: '',
    schemaVersion: 0,
    occurredAt: undefined,
    causationId: '',
    correlationId: '',
    actor: undefined,
    traceparent: '',
    payload: NO_BYTES,
    content: [],
  }
  while (cursor.at < cursor.end)
    switch (cursor.varint()) {
      case 10:
        command.commandId = cursor.string()
        break
      case 18:
        command.streamId = cursor.string()
        break
      case 26:
        command.type = cursor.string()
        break
      case 32:
        command.schemaVersion = cursor.uint32()
        break
      case 42:
        command.occurredAt = cursor.timestamp()
        break
      case 50:
        command.causationId = cursor.string()
        break
      case 58:
        command.correlationId = cursor.string()
        break
      case 66:
        command.actor = cursor.actor()
        break
      case 74:
        command.traceparent = cursor.string()
        break
      case 82:
        command.payload = cursor.bytes()
        break
      case 90:
        command.content.push(cursor.words())
        break
      default:
        return CommandEnvelope.decode(raw)
    }
  return cursor.isSound ? command : CommandEnvelope.decode(raw)
}

const NO_BYTES = Buffer.alloc(0)
/** Varints up to here are read as numbers: a place in the log, or a second, is never larger. */
const VARINT_BYTES_MAX = 7

/** A position in protobuf bytes. https://protobuf.dev/programming-guides/encoding/ */
class Cursor {
  at = 0
  end: number
  /** False once anything was read that this reader does not know how to read; what it gave since is void. */
  isSound = true
  readonly #bytes: Buffer

  constructor(raw: Uint8Array) {
    this.#bytes = Buffer.isBuffer(raw) ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
    this.end = raw.byteLength
  }

  varint(): number {
    const bytes = this.#bytes
    let value = 0
    for (let shift = 1, read = 0; read < VARINT_BYTES_MAX && this.at < this.end; read += 1, shift *= 128) {
      const byte = bytes[this.at++]!
      value += (byte & 0x7f) * shift
      if (byte < 128) return value
    }
    return this.#unsound(0)
  }

  uint32(): number {
    const value = this.varint()
    return value <= 0xffffffff ? value : this.#unsound(0)
  }

  /** An int32 that is not negative: what is larger stands for a negative one. */
  #int31(): number {
    const value = this.varint()
    return value <= 0x7fffffff ? value : this.#unsound(0)
  }

  string(): string {
    const end = this.#length()
    const start = this.at
    this.at = end
    const text = this.#bytes.toString('utf8', start, end)
    // Broken UTF-8, or a byte order mark: what those give is the generated code's to say.
    return text.includes('\uFFFD') || text.startsWith('\uFEFF') ? this.#unsound('') : text
  }

  bytes(): Buffer {
    const end = this.#length()
    const start = this.at
    this.at = end
    return this.#bytes.subarray(start, end)
  }

  timestamp(): string {
    let seconds = 0
    let nanos = 0
    this.#message((tag) => {
      if (tag === 8) seconds = this.varint()
      else if (tag === 16) nanos = this.#int31()
      else this.#unsound(0)
    })
    const millis = seconds * 1_000 + nanos / 1_000_000
    return Number.isFinite(millis) && millis <= MILLIS_MAX ? isoTime(millis) : this.#unsound('')
  }

  actor(): Actor {
    const actor: Actor = { kind: '', id: '' }
    this.#message((tag) => {
      if (tag === 10) actor.kind = this.string()
      else if (tag === 18) actor.id = this.string()
      else this.#unsound(0)
    })
    return actor
  }

  words(): Words {
    const words: Words = { name: '', value: NO_BYTES }
    this.#message((tag) => {
      if (tag === 10) words.name = this.string()
      else if (tag === 18) words.value = this.bytes()
      else this.#unsound(0)
    })
    return words
  }

  #message(field: (tag: number) => void): void {
    const outer = this.end
    const end = this.#length()
    this.end = end
    while (this.at < end) field(this.varint())
    this.at = end
    this.end = outer
    if (!this.isSound) this.at = outer
  }

  /** Of what is length-delimited: where it ends. */
  #length(): number {
    const end = this.varint() + this.at
    return end <= this.end ? end : this.#unsound(this.end)
  }

  /** Ends all loops over these bytes. */
  #unsound<Value>(value: Value): Value {
    this.isSound = false
    this.at = this.end
    return value
  }
}

/** https://tc39.es/ecma262/#sec-time-values-and-time-range */
const MILLIS_MAX = 8.64e15
