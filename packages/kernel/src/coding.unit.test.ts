import { CommandEnvelope, EventEnvelope } from '@parley/proto/envelope'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCommand, decodeEvent } from './decoding.ts'
import { encodeEvent } from './encoding.ts'

const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 12 }))
const bytes = fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some))
const time = fc.option(
  fc
    .date({ min: new Date(0), max: new Date('2400-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  { nil: undefined },
)
const shared = {
  streamId: text,
  type: text,
  schemaVersion: fc.nat(0xffff_ffff),
  occurredAt: time,
  causationId: text,
  correlationId: text,
  actor: fc.option(fc.record({ kind: text, id: text }), { nil: undefined }),
  traceparent: text,
  payload: bytes,
  content: fc.array(fc.record({ name: text, value: bytes }), { maxLength: 4 }),
}
const anyEvent = fc.record({
  ...shared,
  eventId: text,
  streamVersion: fc.nat(0xffff_ffff),
  recordedAt: time,
  commandOffset: fc.oneof(fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }), fc.nat().map(BigInt)),
  prevHash: bytes,
})
const anyCommand = fc.record({ ...shared, commandId: text })

/** What they decode to, or that they do not decode. Empty sets of unknown fields are no difference. */
function outcome(decode: (raw: Uint8Array) => unknown, raw: Uint8Array): unknown {
  try {
    return JSON.stringify(decode(raw), (name, value: unknown) => {
      if (name === '_unknownFields' && Object.keys(value as object).length === 0) return undefined
      return typeof value === 'bigint' ? String(value) : value
    })
  } catch {
    return 'unreadable'
  }
}

const pairs = [
  ['events', anyEvent, EventEnvelope, decodeEvent],
  ['commands', anyCommand, CommandEnvelope, decodeCommand],
] as const

describe.each(pairs)('the reader of %s agrees with the generated one', (_, any, codec, decode) => {
  const encode = (message: unknown) => codec.encode(message as never).finish()
  const generated = (raw: Uint8Array) => outcome((some) => codec.decode(some), raw)

  test('on whatever was written', () => {
    fc.assert(
      fc.property(any, (message) => {
        const raw = encode(message)
        expect(outcome(decode, raw)).toBe(generated(raw))
      }),
    )
  })

  test('on bytes that were cut, changed, or written by a later release', () => {
    const disturbance = fc.record({
      at: fc.nat(),
      byte: fc.nat(255),
      how: fc.constantFrom('cut', 'change', 'insert', 'append a field'),
    })
    fc.assert(
      fc.property(any, fc.array(disturbance, { minLength: 1, maxLength: 3 }), (message, disturbances) => {
        let raw = Buffer.from(encode(message))
        for (const { at, byte, how } of disturbances) {
          const place = at % (raw.length + 1)
          if (how === 'cut') raw = raw.subarray(0, place)
          else if (how === 'change' && raw.length > 0) raw[at % raw.length] = byte
          else if (how === 'insert')
            raw = Buffer.concat([raw.subarray(0, place), Buffer.from([byte]), raw.subarray(place)])
          // Field 100, length-delimited.
          else raw = Buffer.concat([raw, Buffer.from([0xa2, 0x06, 0x01, byte])])
        }
        expect(outcome(decode, raw)).toBe(generated(raw))
      }),
      runs(600),
    )
  })
})

test('fractions of a second that are negative, which no clock gives, are read as the generated code reads them', () => {
  // occurred_at: one second, and a varint of five bytes that is a negative int32.
  const raw = Buffer.from([0x2a, 0x08, 0x08, 0x01, 0x10, 0x80, 0x80, 0x80, 0x80, 0x08])
  expect(outcome(decodeCommand, raw)).toBe(outcome((bytes) => CommandEnvelope.decode(bytes), raw))
})

describe('the writer of events gives the bytes that the generated one gives', () => {
  const generated = (event: EventEnvelope) => Buffer.from(EventEnvelope.encode(event).finish())

  test('of whatever is written, and they stay as they are while others are written', () => {
    const unknown = fc.option(fc.constant<Record<number, Uint8Array[]>>({ 802: [Buffer.from([1, 7])] }), {
      nil: undefined,
      freq: 5,
    })
    const long = fc.string({ minLength: 120, maxLength: 140 })
    const event = fc.record({
      ...shared,
      eventId: fc.oneof(text, long),
      actor: fc.option(fc.record({ kind: text, id: fc.oneof(text, long) }), { nil: undefined }),
      streamVersion: fc.nat(0xffff_ffff),
      occurredAt: fc.oneof(time, fc.constant('1969-12-31T23:59:59.250Z')),
      recordedAt: time,
      commandOffset: fc.oneof(fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }), fc.nat().map(BigInt)),
      prevHash: bytes,
      _unknownFields: unknown,
    })
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), (events) => {
        const written = events.map(encodeEvent)
        expect(written.map((raw) => Buffer.from(raw))).toEqual(events.map(generated))
      }),
      runs(400),
    )
  })

  test('of words longer than the memory that events share', () => {
    const event = EventEnvelope.fromPartial({
      eventId: 'é'.repeat(30_000),
      content: [{ name: 'raw', value: Buffer.alloc(200_000, 'x') }],
    })
    expect(Buffer.from(encodeEvent(event)).equals(generated(event))).toBe(true)
  })

  test('and refuses what that one refuses', () => {
    const event = EventEnvelope.fromPartial({ eventId: 'e' })
    const encodes = (wrong: Partial<EventEnvelope>) => () => encodeEvent({ ...event, ...wrong })
    expect(encodes({ streamVersion: -1 })).toThrow('invalid uint32: -1')
    expect(encodes({ schemaVersion: 1.5 })).toThrow('invalid uint32: 1.5')
    expect(encodes({ recordedAt: 'yesterday' })).toThrow('NaN')
  })
})
