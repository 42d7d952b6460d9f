import { block, receive, scenario, tally } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import {
  type RecordedEvent,
  UnreadableRecord,
  encodeCommand,
  readCommand,
  readEvent,
  recordedEvent,
} from './envelope.ts'
import { accept, headOf } from './reading.ts'

const [first, second, third] = scenario(tally).when(receive('a')).when(receive('b')).when(receive('c'))
  .history as [RecordedEvent, RecordedEvent, RecordedEvent]
const [otherFirst, otherSecond] = scenario(tally).when(receive('x')).when(receive('y')).history as [
  RecordedEvent,
  RecordedEvent,
]
/** A zombie's second event: it continues the true first one, and says something else. */
const rivalSecond = scenario(tally).when(receive('a')).when(receive('z')).history[1]!

describe('first in the log wins', () => {
  test.each([
    ['nothing yet, the first event', undefined, first, 'next'],
    ['nothing yet, a later event', undefined, second, 'superseded'],
    ['the next version that continues the head', first, second, 'next'],
    ['the same record again', first, first, 'repeat'],
    ['a rival of the head', second, rivalSecond, 'superseded'],
    ['a rival of the first event', first, otherFirst, 'superseded'],
    ['the next version of another history', first, otherSecond, 'superseded'],
    ['what a zombie goes on with after its fork lost', rivalSecond, third, 'superseded'],
    ['a version too far', first, third, 'superseded'],
    ['an older version', third, first, 'repeat'],
    ['an older version that lost long ago', third, otherFirst, 'repeat'],
  ] as const)('%s', (_, head, event, verdict) => {
    expect(accept(head === undefined ? undefined : headOf(head), event)).toBe(verdict)
  })
})

describe('reading records', () => {
  test('bytes in, the same bytes out: what is hashed is what was stored', () => {
    const read = readEvent(first.raw)
    expect(read.hash).toEqual(first.hash)
    expect(read.envelope.payload.value).toMatchObject(first.envelope.payload.value)
    expect(Buffer.compare(read.raw, first.raw)).toBe(0)
  })

  test('fields of a newer version survive, because the raw bytes are carried', () => {
    const unknownField = Buffer.from([0xf8, 0x3f, 0x2a]) // field 1023, varint 42
    const newer = Buffer.concat([first.raw, unknownField])
    const read = readEvent(newer)
    expect(read.envelope.payload.value).toMatchObject(first.envelope.payload.value)
    expect(Buffer.compare(read.raw, newer)).toBe(0)
    expect(read.hash).not.toEqual(first.hash)
  })

  test.each([
    ['no protobuf', Buffer.from('hello, log')],
    ['nothing', Buffer.alloc(0)],
    ['an envelope without a payload', Buffer.from([0x0a, 0x01, 0x61, 0x12, 0x01, 0x62, 0x18, 0x01])],
    ['an envelope cut short', first.raw.slice(0, -3)],
    ['an event without a stream', recordedEvent({ ...first.envelope, streamId: '' }).raw],
    ['an event without a version', recordedEvent({ ...first.envelope, streamVersion: 0 }).raw],
  ])('%s is a poison record, not a crash', (_, bytes) => {
    expect(() => readEvent(bytes)).toThrow(UnreadableRecord)
    expect(() => readCommand(bytes, '2026-01-05T12:00:00.000Z')).toThrow(UnreadableRecord)
  })

  test("a command is read as it was encoded, with the log's time beside it", () => {
    const command = {
      commandId: 'c1',
      streamId: 's1',
      payload: { $case: 'blockContact' as const, value: { reason: 'asked' } },
      occurredAt: '2026-01-05T11:59:59.123Z',
      actor: { kind: 'agent' as const, id: 'ana' },
      causationId: 'e1',
      correlationId: 'conversation-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    }
    const read = readCommand(encodeCommand(command), '2026-01-05T12:00:00.000Z')
    expect(read).toMatchObject({
      recordedAt: '2026-01-05T12:00:00.000Z',
      envelope: { ...command, type: 'BlockContact' },
    })
  })
})

test('a wish for nothing new and a refusal look different: the first leaves no trace, the second is a fact', () => {
  const blocked = scenario(tally).when(block).thenEvents('contactBlocked')
  blocked.when(block).thenNothing()
  blocked.when(receive('a')).thenRefused('CONTACT_BLOCKED', { count: 0 })
  expect(blocked.decided[0]!.envelope).toMatchObject({
    type: 'CommandRefused',
    actor: { kind: 'system', id: 'rules' },
    payload: { value: { commandType: 'ReceiveMessage' } },
  })
})
