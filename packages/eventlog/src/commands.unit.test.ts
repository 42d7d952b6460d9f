import { readCommand, readEvent } from '@parley/kernel'
import { DeadLetter } from '@parley/proto/envelope'
import { recorded } from '@parley/testkit'
import { expect, test } from 'vitest'
import { appendCommands, appendDeadLetters, eventRecord } from './commands.ts'
import { memoryLog } from './memory.ts'
import { topicsOf } from './topics.ts'

const topics = topicsOf('parley')
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('a command is keyed by its stream, and its headers are copies for tools', async () => {
  const log = memoryLog({ partitions: 1 })
  const command = {
    commandId: 'command-1',
    streamId: 'contact-1',
    payload: { $case: 'blockContact' as const, value: { reason: 'asked' } },
    occurredAt: '2026-01-05T12:00:00.000Z',
    actor: { kind: 'agent' as const, id: 'ana' },
    traceparent,
  }
  await appendCommands(log, topics, [command, { ...command, commandId: 'command-2', traceparent: '' }])
  const [first, second] = log.records(topics.conversationCommands)
  expect(first).toMatchObject({
    key: 'contact-1',
    headers: { ce_type: 'BlockContact', ce_id: 'command-1', traceparent },
  })
  expect(readCommand(first!.value, first!.timestamp).envelope).toMatchObject({
    ...command,
    type: 'BlockContact',
  })
  expect(second!.headers).toEqual({ ce_type: 'BlockContact', ce_id: 'command-2' })
})

test('an event record holds the exact bytes that were hashed', () => {
  const [event] = recorded('contact-1', [{ $case: 'contactBlocked', value: { reason: 'asked' } }])
  const record = eventRecord(event!)
  expect(record).toMatchObject({
    key: 'contact-1',
    headers: { ce_type: 'ContactBlocked', ce_id: event!.envelope.eventId },
  })
  expect(record.value).toBe(event!.raw)
  expect(readEvent(record.value).hash).toEqual(event!.hash)
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
