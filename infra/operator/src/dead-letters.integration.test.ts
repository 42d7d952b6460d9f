import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { conversations } from '@parley/conversation'
import { type NewDeadLetter, appendDeadLetters, ensureTopics, kafkaLog, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { testKafka } from '@parley/testkit'
import { expect, test } from 'vitest'

async function installation() {
  await using undo = new AsyncDisposableStack()
  const namespace = `dead-${randomUUID().slice(0, 8)}`
  const kafka = { brokers: testKafka() }
  await ensureTopics(kafka, namespace, FAMILIES, 1)
  const log = undo.adopt(await kafkaLog(kafka, 'dead-letters'), (it) => it.close())
  const topics = topicsOf(namespace, conversations)
  const letter = (id: string, value: string, more: Partial<NewDeadLetter> = {}): NewDeadLetter => ({
    id,
    source: topics.commands,
    code: 'DECISION_FAILED',
    reason: 'no such state',
    key: 'contact-1',
    value: Buffer.from(value),
    partition: 0,
    offset: 7n,
    recordedAt: '2026-11-29T03:00:00.000Z',
    ...more,
  })
  const typed = async (...words: string[]) => {
    const env = {
      ...process.env,
      KAFKA_BROKERS: kafka.brokers.join(','),
      MONGODB_URI: 'mongodb://127.0.0.1:1',
      PARLEY_NAMESPACE: namespace,
      PARLEY_PARTITIONS: '1',
      PARLEY_OPERATOR: 'nadia',
    }
    const child = promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, 'parley.ts'), 'dead-letters', ...words],
      { env },
    )
    return child.then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
    )
  }
  const stored = async (topic: string) => log.read(topic, 0, 0n, await log.endOffset(topic, 0))
  const put = (letters: readonly NewDeadLetter[]) => appendDeadLetters(log, topics, letters)
  return Object.assign(undo.move(), { namespace, log, topics, letter, typed, stored, put })
}

test('dead letters are listed without their bytes; a command is put back as it was, and who did it is on record', async () => {
  await using it = await installation()
  await it.put([it.letter('first', 'said at night'), it.letter('second', 'said at dawn')])

  const listed = (place: string, id: string) => ({
    place,
    recordedAt: '2026-11-29T03:00:00.000Z',
    code: 'DECISION_FAILED',
    from: `${it.topics.commands} 0:7`,
    reason: 'no such state',
    id,
  })
  const all = await it.typed('list')
  expect(JSON.parse(all.said)).toEqual({ deadLetters: [listed('0:0', 'first'), listed('0:1', 'second')] })
  const newest = await it.typed('list', '--last', '1')
  expect(JSON.parse(newest.said)).toEqual({ deadLetters: [listed('0:1', 'second')] })
  expect(await it.stored(it.topics.commands)).toEqual([])

  expect((await it.typed('put-back', '0:1')).code).toBe(0)
  const [back, ...others] = await it.stored(it.topics.commands)
  expect([back?.key, Buffer.from(back!.value).toString()]).toEqual(['contact-1', 'said at dawn'])
  expect(others).toEqual([])
  const [entry] = await it.stored(`${it.namespace}.audit.commands`)
  expect(Buffer.from(entry!.value).toString('latin1')).toMatch(/dead_letter[^]*second[^]*nadia/)
})

test('bytes that stayed where they came from are put back from there; where they are gone, nothing is', async () => {
  await using it = await installation()
  await it.log.append(it.topics.commands, [
    { key: 'contact-1', value: Buffer.from('too large for a letter') },
  ])
  await it.put([it.letter('large', '', { offset: 0n }), it.letter('gone', '', { offset: 9n })])

  expect((await it.typed('put-back', '0:0')).code).toBe(0)
  const values = async () =>
    (await it.stored(it.topics.commands)).map(({ value }) => Buffer.from(value).toString())
  expect(await values()).toEqual(['too large for a letter', 'too large for a letter'])
  expect(await it.typed('put-back', '0:1')).toEqual({
    code: 1,
    said: expect.stringContaining('DEAD_LETTER_GONE'),
  })
  expect(await values()).toHaveLength(2)
})

test.each([
  ['0:5', 1, 'DEAD_LETTER_UNKNOWN'],
  ['7:0', 1, 'DEAD_LETTER_UNKNOWN'],
  ['0:0', 1, 'DEAD_LETTER_NO_COMMAND'],
  ['first', 2, 'USAGE'],
])('what cannot be put back is told why: %s', async (place, code, why) => {
  await using it = await installation()
  await it.put([it.letter('of a webhook', '{}', { source: 'webhook', partition: -1, offset: -1n })])
  expect(await it.typed('put-back', place)).toEqual({ code, said: expect.stringContaining(why) })
  expect(await it.stored(it.topics.commands)).toEqual([])
})
