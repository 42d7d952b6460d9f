import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { conversations } from '@parley/conversation'
import { appendDeadLetters, ensureTopics, kafkaLog, topicsOf } from '@parley/eventlog'
import { testKafka } from '@parley/testkit'
import { expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const [, script = ''] = /```sh\n([\s\S]*?)```/.exec(
  readFileSync(join(REPOSITORY, 'docs/runbooks/dead-letters.md'), 'utf8'),
)!

test('what the runbook gives to type lists dead letters without their bytes, and puts the one that is named back as it was', async () => {
  await using undo = new AsyncDisposableStack()
  const namespace = `dead-${randomUUID().slice(0, 8)}`
  const kafka = { brokers: testKafka() }
  await ensureTopics(kafka, namespace, [conversations], 1)
  const log = undo.adopt(await kafkaLog(kafka, 'dead-letters'), (it) => it.close())
  const topics = topicsOf(namespace, conversations)
  const letter = (id: string, value: string) => ({
    id,
    source: topics.commands,
    code: 'DECISION_FAILED',
    reason: 'no such state',
    key: 'contact-1',
    value: Buffer.from(value),
    partition: 0,
    offset: 7n,
    recordedAt: '2026-11-29T03:00:00.000Z',
  })
  await appendDeadLetters(log, topics, [letter('first', 'said at night'), letter('second', 'said at dawn')])

  const typed = async (env: NodeJS.ProcessEnv = {}) => {
    const { stdout } = await promisify(execFile)('sh', ['-c', script], {
      cwd: join(REPOSITORY, 'packages/eventlog'),
      env: {
        ...process.env,
        PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
        KAFKA_BROKERS: kafka.brokers.join(','),
        PARLEY_NAMESPACE: namespace,
        PARLEY_PARTITIONS: '1',
        ...env,
      },
    })
    return stdout.trim().split('\n')
  }
  const listed = (place: string, id: string) =>
    `${place} 2026-11-29T03:00:00.000Z ${topics.commands} DECISION_FAILED no such state 0:7 ${id}`
  expect(await typed()).toEqual([listed('0:0', 'first'), listed('0:1', 'second')])
  expect(await log.endOffset(topics.commands, 0)).toBe(0n)

  await typed({ PUT_BACK: '0:1' })
  const [back, ...others] = await log.read(topics.commands, 0, 0n, await log.endOffset(topics.commands, 0))
  expect([back?.key?.toString(), Buffer.from(back!.value).toString()]).toEqual(['contact-1', 'said at dawn'])
  expect(others).toEqual([])
})
