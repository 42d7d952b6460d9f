import { add, block, scenario, tallies, tally } from '@parley/testkit'
import { CommandEnvelope } from '@parley/proto/envelope'
import { describe, expect, test } from 'vitest'
import {
  type RecordedEvent,
  UnreadableRecord,
  readCommand,
  readEvent,
  recordedEvent,
  sha256,
} from './envelope.ts'
import { type Head, accept, headAfter, headBeside, headWithout } from './reading.ts'

const [first, second, third] = scenario(tally).when(add('a')).when(add('b')).when(add('c')).history as [
  RecordedEvent,
  RecordedEvent,
  RecordedEvent,
]
const [otherFirst, otherSecond] = scenario(tally).when(add('x')).when(add('y')).history as [
  RecordedEvent,
  RecordedEvent,
]
/** A zombie's second event: it continues the true first one, and says something else. And what it goes on with. */
const [, rivalSecond, rivalThird, rivalFourth] = scenario(tally)
  .when(add('a'))
  .when(add('z'))
  .when(add('zz'))
  .when(add('zzz')).history as [RecordedEvent, RecordedEvent, RecordedEvent, RecordedEvent]

/** The stream stands behind this event, which stood at this place; then some lost against it. */
const behind = (event: RecordedEvent, offset: bigint, ...lost: readonly RecordedEvent[]): Head =>
  lost.reduce<Head>(
    (head, one) => headBeside(head, one, head.offset + 1n)!,
    headAfter(undefined, event, offset),
  )

/** The stream stands there, and behind it these were left out: bytes of anybody, or events that nobody could read. */
const without = (head: Head | undefined, ...left: readonly (RecordedEvent | readonly number[])[]): Head =>
  left.reduce<Head | undefined>(
    (stands, one) =>
      headWithout(stands, 'raw' in one ? one.hash : sha256(Buffer.from(one)), (stands?.offset ?? -1n) + 1n),
    head,
  )!

/** An event of that version that says it continues this one. */
const continuing = ({ hash, ...event }: RecordedEvent, streamVersion: number): RecordedEvent => ({
  ...event,
  hash,
  envelope: { ...event.envelope, streamVersion, prevHash: hash },
})

describe('first in the log wins', () => {
  test.each([
    ['nothing yet, the first event', undefined, first, 0n, 'next'],
    ['nothing yet, a later event', undefined, second, 0n, 'gap'],
    ['the next version that continues the head', behind(first, 4n), second, 5n, 'next'],
    ['the same record again, by its place', behind(first, 4n), first, 4n, 'repeat'],
    ['the same bytes written again', behind(first, 4n), first, 9n, 'repeat'],
    ['a rival of the head', behind(second, 4n), rivalSecond, 5n, 'superseded'],
    ['an older version that names the head', behind(second, 4n), continuing(second, 1), 5n, 'superseded'],
    ['a rival of the first event', behind(first, 4n), otherFirst, 5n, 'superseded'],
    ['the next version of another history', behind(first, 4n), otherSecond, 5n, 'superseded'],
    ['what a zombie goes on with after its fork lost', behind(rivalSecond, 4n), third, 5n, 'superseded'],
    ['a version too far', behind(first, 4n), third, 5n, 'gap'],
    [
      'a version too far that continues a record that lost',
      behind(second, 4n, rivalSecond, rivalThird),
      rivalFourth,
      7n,
      'superseded',
    ],
    ['a version too far that continues nothing known', behind(second, 4n), rivalFourth, 7n, 'gap'],
    [
      'a record that lost, from where it was read before',
      behind(second, 4n, rivalSecond, rivalThird),
      rivalThird,
      6n,
      'repeat',
    ],
    ['an older version from where it was read before', behind(third, 6n), first, 2n, 'repeat'],
    [
      'the next version, with bytes of another writer left out',
      without(behind(first, 4n), [9]),
      second,
      6n,
      'next',
    ],
    [
      'a version further that continues bytes that were left out',
      without(behind(first, 4n), second),
      third,
      6n,
      'next',
    ],
    [
      'the same, with bytes of another writer before and behind',
      without(behind(first, 4n), [8], second, [9]),
      third,
      8n,
      'next',
    ],
    [
      'a version too far, with bytes that it does not continue left out',
      without(behind(first, 4n), [9]),
      third,
      6n,
      'gap',
    ],
    [
      'more versions further than there are records left out',
      without(behind(first, 4n), third),
      continuing(third, 5),
      6n,
      'gap',
    ],
    ['a rival, with bytes left out', without(behind(first, 4n), [9]), otherSecond, 6n, 'superseded'],
    [
      'the first event, with bytes of another writer left out before it',
      without(undefined, [9]),
      first,
      1n,
      'next',
    ],
    ['an older version written anew', behind(third, 6n), first, 8n, 'superseded'],
    ['an older version that lost long ago', behind(third, 6n), otherFirst, 8n, 'superseded'],
  ] as const)('%s', (_, head, event, offset, verdict) => {
    expect(accept(head, event, offset)).toBe(verdict)
  })
})

describe('reading records', () => {
  test('bytes in, the same bytes out: what is hashed is what was stored', () => {
    const read = readEvent(first.raw)
    expect(read.hash).toEqual(first.hash)
    expect(tallies.readEvent(read.envelope)).toMatchObject({ type: 'Added', data: { id: 'a', count: 1 } })
    expect(Buffer.compare(read.raw, first.raw)).toBe(0)
  })

  test('fields of a newer version survive, because the raw bytes are carried', () => {
    const unknownField = Buffer.from([0xf8, 0x3f, 0x2a]) // field 1023, varint 42
    const newer = Buffer.concat([first.raw, unknownField])
    const read = readEvent(newer)
    expect(tallies.readEvent(read.envelope)).toMatchObject({ data: { id: 'a' } })
    expect(Buffer.compare(read.raw, newer)).toBe(0)
    expect(read.hash).not.toEqual(first.hash)
  })

  test.each([
    ['no protobuf', Buffer.from('hello, log')],
    ['nothing', Buffer.alloc(0)],
    ['an envelope without a type', Buffer.from([0x0a, 0x01, 0x61, 0x12, 0x01, 0x62, 0x18, 0x01])],
    ['an envelope cut short', first.raw.slice(0, -3)],
    ['an event without a stream', recordedEvent({ ...first.envelope, streamId: '' }).raw],
    ['an event without a version', recordedEvent({ ...first.envelope, streamVersion: 0 }).raw],
  ])('%s is a poison record, not a crash', (_, bytes) => {
    expect(() => readEvent(bytes)).toThrow(UnreadableRecord)
    expect(() => readCommand(bytes, '2026-01-05T12:00:00.000Z', 0n)).toThrow(UnreadableRecord)
  })

  test("a command is read as it was encoded, with the log's time beside it", () => {
    const header = {
      commandId: 'c1',
      streamId: 's1',
      occurredAt: '2026-01-05T11:59:59.123Z',
      actor: { kind: 'agent' as const, id: 'ana' },
      causationId: 'e1',
      correlationId: 'conversation-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      content: [{ name: 'text', value: Buffer.from('words') }],
    }
    const bytes = CommandEnvelope.encode(tallies.commandEnvelope({ ...add('a'), ...header })).finish()
    const read = readCommand(bytes, '2026-01-05T12:00:00.000Z', 7n)
    expect(read).toMatchObject({
      recordedAt: '2026-01-05T12:00:00.000Z',
      offset: 7n,
      envelope: { ...header, type: 'Add' },
    })
    expect(tallies.readCommand(read.envelope)).toMatchObject(add('a'))
  })
})

test('a wish for nothing new and a refusal look different: the first leaves no trace, the second is a fact', () => {
  const blocked = scenario(tally).when(block).thenEvents('Blocked')
  blocked.when(block).thenNothing()
  blocked.when(add('a')).thenRefused('TALLY_BLOCKED', { count: 0 })
  expect(blocked.decided[0]!.envelope).toMatchObject({
    type: 'CommandRefused',
    actor: { kind: 'system', id: 'rules' },
  })
  expect(tallies.readEvent(blocked.decided[0]!.envelope).data).toMatchObject({ commandType: 'Add' })
})
