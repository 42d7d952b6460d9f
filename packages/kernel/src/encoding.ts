import { EventEnvelope } from '@parley/proto/envelope'

/**
 * The bytes of an event, the very ones that the generated code gives (a test holds the two to each other), at a third of its cost: every
 * event comes this way. They are a view of memory that it shares with other events: copy what is to live long.
 */
export function encodeEvent(event: EventEnvelope): Uint8Array {
  const { streamVersion, schemaVersion, commandOffset, actor, content } = event
  const occurred = millisOf(event.occurredAt)
  const recorded = millisOf(event.recordedAt)
  const isPlain =
    streamVersion >>> 0 === streamVersion &&
    schemaVersion >>> 0 === schemaVersion &&
    commandOffset >= 0n &&
    commandOffset <= Number.MAX_SAFE_INTEGER &&
    occurred >= 0 &&
    recorded >= 0 &&
    event._unknownFields === undefined
  if (!isPlain) return EventEnvelope.encode(event).finish()

  const pen = Pen.with(roomFor(event))
  const start = pen.at
  pen.text(10, event.eventId)
  pen.text(18, event.streamId)
  pen.number(24, streamVersion)
  pen.text(34, event.type)
  pen.number(40, schemaVersion)
  if (event.occurredAt !== undefined) pen.timestamp(50, occurred)
  if (event.recordedAt !== undefined) pen.timestamp(58, recorded)
  pen.text(66, event.causationId)
  pen.number(104, Number(commandOffset))
  pen.text(74, event.correlationId)
  if (actor !== undefined) {
    const from = pen.begin(82)
    pen.text(10, actor.kind)
    pen.text(18, actor.id)
    pen.end(from)
  }
  pen.text(90, event.traceparent)
  pen.bytes(98, event.prevHash)
  pen.bytes(114, event.payload)
  for (const { name, value } of content) {
    const from = pen.begin(122)
    pen.text(10, name)
    pen.bytes(18, value)
    pen.end(from)
  }
  return pen.since(start)
}

/** Zero for a time that is left out, not a number for one that is none. */
function millisOf(time: string | undefined): number {
  return time === undefined ? 0 : Date.parse(time)
}

/** Bytes that are enough: three for a character, and for each field its tag and length. */
function roomFor(event: EventEnvelope): number {
  const { actor, prevHash, payload } = event
  const { eventId, streamId, type, causationId, correlationId, traceparent } = event
  let characters = eventId.length + streamId.length + type.length
  characters += causationId.length + correlationId.length + traceparent.length
  if (actor !== undefined) characters += actor.kind.length + actor.id.length
  let bytes = 200 + prevHash.length + payload.length
  for (const { name, value } of event.content) {
    characters += name.length
    bytes += 20 + value.length
  }
  return bytes + characters * 3
}

/** Writes protobuf fields one behind the other. What is empty or zero is left out, as proto3 wants it. */
class Pen {
  static readonly #BYTES = 65_536
  static #current = new Pen(Pen.#BYTES)

  /** Its memory goes on to the next event: one of its own for each costs more than to write it. */
  static with(room: number): Pen {
    if (Pen.#current.#bytes.length - Pen.#current.at < room)
      Pen.#current = new Pen(Math.max(room, Pen.#BYTES))
    return Pen.#current
  }

  at = 0
  readonly #bytes: Buffer

  private constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes)
  }

  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.at)
  }

  text(tag: number, text: string): void {
    const { length } = text
    if (length === 0) return
    const bytes = this.#bytes
    bytes[this.at++] = tag
    if (length < 0x80) {
      let at = this.at
      bytes[at++] = length
      let index = 0
      for (; index < length; index += 1) {
        const code = text.charCodeAt(index)
        if (code > 0x7f) break
        bytes[at++] = code
      }
      if (index === length) {
        this.at = at
        return
      }
    }
    this.#varint(Buffer.byteLength(text))
    this.at += bytes.write(text, this.at)
  }

  bytes(tag: number, value: Uint8Array): void {
    if (value.length === 0) return
    this.#bytes[this.at++] = tag
    this.#varint(value.length)
    this.#bytes.set(value, this.at)
    this.at += value.length
  }

  number(tag: number, value: number): void {
    if (value === 0) return
    this.#bytes[this.at++] = tag
    this.#varint(value)
  }

  timestamp(tag: number, millis: number): void {
    const from = this.begin(tag)
    this.number(8, Math.floor(millis / 1_000))
    this.number(16, (millis % 1_000) * 1_000_000)
    this.end(from)
  }

  /** A message in the message: its length follows when it is known, and has a byte until then. */
  begin(tag: number): number {
    this.#bytes[this.at++] = tag
    return ++this.at
  }

  end(from: number): void {
    const length = this.at - from
    let more = 0
    for (let rest = length; rest > 0x7f; rest = Math.floor(rest / 128)) more += 1
    if (more > 0) this.#bytes.copyWithin(from + more, from, this.at)
    this.at = from - 1
    this.#varint(length)
    this.at += length
  }

  #varint(value: number): void {
    let rest = value
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.at++] = (rest % 128) | 0x80
    this.#bytes[this.at++] = rest
  }
}
