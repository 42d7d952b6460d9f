import type { CommandEnvelope, EventEnvelope } from '@parley/proto/envelope'
import { add, tallies } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { UnreadableRecord } from './envelope.ts'
import { BadFamily, type MessageCodec, type Upcast, defineFamily } from './family.ts'

/** A codec of numbers, enough to see which one read what. */
const number: MessageCodec<{ n: number }> = {
  encode: ({ n }) => ({ finish: () => Uint8Array.of(n) }),
  decode: (bytes) => ({ n: bytes[0]! }),
  fromPartial: (partial: { n?: number }) => ({ n: partial.n ?? 0 }),
}
const upcast = (from: number, type = 'Counted'): Upcast => ({
  type,
  from,
  codec: number,
  change: ({ n }: { n: number }) => ({ n: n * 10 + from }),
})
const family = (upcasts: readonly Upcast[]) =>
  defineFamily({ name: 'numbers', commands: {}, events: { Counted: number }, upcasts })
const envelope = (schemaVersion: number, type = 'Counted') =>
  ({ type, schemaVersion, payload: Buffer.of(1) }) as EventEnvelope & CommandEnvelope

describe('a family', () => {
  test('reads each schema version through every step to the shape of today, and writes only that', () => {
    const three = family([upcast(2), upcast(1)])
    expect(three.readEvent(envelope(1)).data).toEqual({ n: 112 })
    expect(three.readEvent(envelope(2)).data).toEqual({ n: 12 })
    expect(three.readEvent(envelope(3)).data).toEqual({ n: 1 })
    expect(three.writeEvent({ type: 'Counted', data: { n: 5 } })).toMatchObject({ schemaVersion: 3 })
  })

  test.each([
    ['a version that is left out', [upcast(1), upcast(3)]],
    ['a first version that is missing', [upcast(2)]],
    ['two ways from one version: a cycle', [upcast(1), upcast(1)]],
    ['a type that it does not have', [upcast(1, 'Miscounted')]],
  ])('does not start with %s in a chain of upcasts', (_, upcasts) => {
    expect(() => family(upcasts)).toThrow(BadFamily)
  })

  test('says of an event that a step cannot change that it cannot be read, as of any other: a writer ends then, and goes by no guess', () => {
    const broken = { ...upcast(1), change: ({ n }: { n: string }) => n.trim() } as Upcast
    expect(() => family([broken]).readEvent(envelope(1))).toThrow(UnreadableRecord)
  })

  test('may not redefine what every family has', () => {
    expect(() => defineFamily({ name: 'numbers', commands: {}, events: { CommandRefused: number } })).toThrow(
      BadFamily,
    )
  })

  test('says of a type or a version that it does not know that it cannot be read', () => {
    for (const unknown of [envelope(1, 'Other'), envelope(2), envelope(0)])
      expect(() => family([]).readEvent(unknown)).toThrow(UnreadableRecord)
    expect(() => tallies.readCommand(envelope(1, 'constructor'))).toThrow(UnreadableRecord)
  })

  test('keeps facts and words apart: what it writes of a wish holds no word of it', () => {
    const { payload, content } = tallies.commandEnvelope({
      ...add('a'),
      commandId: 'c',
      streamId: 's',
      occurredAt: '2026-01-05T12:00:00.000Z',
      actor: { kind: 'customer', id: 's' },
      content: [{ name: 'text', value: Buffer.from('secret') }],
    } as never)
    expect(payload.includes('secret')).toBe(false)
    expect(content).toHaveLength(1)
  })
})
