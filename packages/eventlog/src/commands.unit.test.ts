import { type NewCommand, readCommand, readEvent } from '@parley/kernel'
import { DeadLetter } from '@parley/proto/envelope'
import { Chain, type TallyCommand, add, tallies } from '@parley/testkit'
import { expect, test } from 'vitest'
import { appendCommands, appendDeadLetters, eventRecord } from './commands.ts'
import { RECORD_BYTES_MAX } from './errors.ts'
import { memoryLog } from './memory.ts'
import { topicsOf } from './topics.ts'

const topics = topicsOf('parley', tallies)
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('a command is keyed by its stream, and its headers are copies for tools', async () => {
  const log = memoryLog({ partitions: 1 })
  const header = {
    commandId: 'command-1',
    streamId: 'contact-1',
    occurredAt: '2026-01-05T12:00:00.000Z',
    actor: { kind: 'agent' as const, id: 'ana' },
    traceparent,
  }
  const command = { ...add('a'), ...header } as NewCommand<TallyCommand>
  await appendCommands(log, topics, [command, { ...command, commandId: 'command-2', traceparent: '' }])
  const [first, second] = log.records(topics.commands)
  expect(first).toMatchObject({
    key: 'contact-1',
    headers: { ce_type: 'Add', ce_id: 'command-1', traceparent },
  })
  const read = readCommand(first!.value, first!.timestamp, first!.offset)
  expect(read.envelope).toMatchObject({ ...header, type: 'Add' })
  expect(tallies.readCommand(read.envelope)).toMatchObject(add('a'))
  expect(second!.headers).toEqual({ ce_type: 'Add', ce_id: 'command-2' })
})

test('an event record holds the exact bytes that were hashed', () => {
  const event = new Chain(tallies, 'contact-1').add({ type: 'Blocked' })
  const record = eventRecord(event)
  expect(record).toMatchObject({
    key: 'contact-1',
    headers: { ce_type: 'Blocked', ce_id: event.envelope.eventId },
  })
  expect(record.value).toBe(event.raw)
  expect(readEvent(record.value).hash).toEqual(event.hash)
})

test('a dead letter keeps the exact bytes, the reason and where they came from', async () => {
  const log = memoryLog({ partitions: 1 })
  const value = Buffer.from([0, 255, 1])
  const letter = {
    id: 'l1',
    source: 'webhook',
    code: 'NO_SENDER',
    reason: 'The message names no sender.',
    recordedAt: '2026-01-05T12:00:00.000Z',
    value,
  }
  await appendDeadLetters(log, topics, [
    { ...letter, key: 'contact-1' },
    { ...letter, id: 'l2', key: Buffer.from([255]), partition: 3, offset: 9_007_199_254_740_993n },
  ])
  const letters = log.records(topics.deadLetters).map((record) => DeadLetter.decode(record.value))
  expect(letters).toMatchObject([
    {
      deadLetterId: 'l1',
      source: 'webhook',
      code: 'NO_SENDER',
      key: Buffer.from('contact-1'),
      value,
      partition: -1,
      offset: -1n,
    },
    { deadLetterId: 'l2', key: Buffer.from([255]), partition: 3, offset: 9_007_199_254_740_993n },
  ])
})

test('a dead letter of bytes that fill a record alone says where they are: it is taken all the same', async () => {
  const log = memoryLog({ partitions: 1 })
  const value = Buffer.alloc(RECORD_BYTES_MAX - 1_000)
  await log.append(topics.commands, [{ key: 'contact-1', value }])
  const letter = { id: 'l1', source: topics.commands, code: 'UNREADABLE_COMMAND', key: 'contact-1' }
  await appendDeadLetters(log, topics, [
    {
      ...letter,
      reason: 'No command. '.repeat(1_000_000),
      recordedAt: '2026-01-05T12:00:00.000Z',
      value,
      partition: 0,
      offset: 0n,
    },
  ])
  const [stored] = log.records(topics.deadLetters)
  expect(DeadLetter.decode(stored!.value)).toMatchObject({
    reason: expect.stringMatching(/^No command/) as string,
    value: Buffer.alloc(0),
    source: topics.commands,
    partition: 0,
    offset: 0n,
  })
})
