import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conversations } from '@parley/conversation'
import { ensureTopics, kafkaLog, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { MongoClient } from 'mongodb'
import { expect, onTestFinished, test, vi } from 'vitest'
import { beganAt } from '../process/leftovers.ts'
import { installOnce } from './cache.ts'
import { provisionKafka } from './kafka.ts'
import { provisionMongo } from './mongo.ts'

/** As somebody may have called their home. */
const temporaryDirectory = () => {
  const directory = mkdtempSync(join(tmpdir(), 'parley provisão, তথ্য-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

const killHard = async (pid: number) => {
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => beganAt(pid)).toBeUndefined()
}

test('what Kafka acknowledged is there after kill -9 and a new start on the same data', async () => {
  const dataDirectory = temporaryDirectory()
  const topic = topicsOf('killed', conversations).events
  const first = await provisionKafka({ dataDirectory })
  onTestFinished(() => first.stop())
  await ensureTopics({ brokers: first.brokers }, 'killed', FAMILIES, 1)
  const before = await kafkaLog({ brokers: first.brokers }, 'before')
  const records = Array.from({ length: 500 }, (_, i) => ({ key: 'k', value: Buffer.from(`event ${i}`) }))
  await before.append(topic, records)
  await killHard(first.pid)
  await before.close()

  await using second = await provisionKafka({ dataDirectory })
  const after = await kafkaLog({ brokers: second.brokers }, 'after')
  const kept = await after.read(topic, 0, 0n, await after.endOffset(topic, 0))
  await after.close()
  expect(kept.map(({ value }) => Buffer.from(value).toString())).toEqual(
    records.map(({ value }) => value.toString()),
  )
})

test('a Java that shares no classes, as one in some hundreds cannot where memory is laid out at random, runs Kafka all the same, and it logs in UTC as services do', async () => {
  vi.stubEnv('JAVA_TOOL_OPTIONS', '-Xshare:off')
  vi.stubEnv('TZ', 'Asia/Dhaka')
  onTestFinished(() => void vi.unstubAllEnvs())
  const dataDirectory = temporaryDirectory()
  await using kafka = await provisionKafka({ dataDirectory })
  expect(kafka.brokers).toHaveLength(1)
  // Docker's writes another form, and its container is in UTC.
  if (kafka.source !== 'jars') return
  const times = readFileSync(join(dataDirectory, 'logs', 'kafka.log'), 'utf8').match(/^\d{4}-\d\d-\d\dT\S+/gm)
  expect(times?.filter((time) => !time.endsWith('Z'))).toEqual([])
})

test('what MongoDB acknowledged is there after kill -9 in the midst of writing', async () => {
  const dataDirectory = temporaryDirectory()
  const first = await provisionMongo({ dataDirectory })
  onTestFinished(() => first.stop())
  const acknowledged: number[] = []
  const client = new MongoClient(first.uri, { serverSelectionTimeoutMS: 5_000 })
  const numbers = client.db('killed').collection<{ _id: number }>('numbers')
  const writeUntilItFails = async () => {
    for (let i = 0; ; i++) {
      await numbers.insertOne({ _id: i })
      acknowledged.push(i)
    }
  }
  const writing = writeUntilItFails()
  writing.catch(() => undefined)
  await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(200), { timeout: 60_000 })
  await killHard(first.pid)
  await expect(writing).rejects.toBeInstanceOf(Error)
  await client.close(true)

  await using second = await provisionMongo({ dataDirectory })
  await using reader = new MongoClient(second.uri)
  const kept = await reader.db('killed').collection<{ _id: number }>('numbers').distinct('_id')
  expect(acknowledged.filter((number) => !kept.includes(number))).toEqual([])
})

test('data of one source are not handed to another', async () => {
  const dataDirectory = temporaryDirectory()
  await using mongo = await provisionMongo({ dataDirectory })
  const other = mongo.source === 'docker' ? 'mongod' : 'docker'
  await expect(
    provisionMongo({ dataDirectory, env: { ...process.env, PARLEY_MONGO_SOURCE: other } }),
  ).rejects.toMatchObject({ code: 'DATA_OF_OTHER_SOURCE' })
})

test('a source that does not exist is refused with those that do', async () => {
  const env = { ...process.env, PARLEY_KAFKA_SOURCE: 'tape' }
  await expect(provisionKafka({ dataDirectory: temporaryDirectory(), env })).rejects.toMatchObject({
    code: 'SETTING_INVALID',
    why: expect.stringContaining('auto, docker, jars'),
  })
})

test('an interrupted build leaves nothing in the cache, and the next one succeeds', async () => {
  const env = { PARLEY_CACHE_DIR: temporaryDirectory() }
  const broken = installOnce('tool', () => Promise.reject(new Error('no network')), env)
  await expect(broken).rejects.toThrow('no network')
  expect(existsSync(join(env.PARLEY_CACHE_DIR, 'tool'))).toBe(false)
  await expect(installOnce('tool', () => Promise.resolve(), env)).resolves.toBe(
    join(env.PARLEY_CACHE_DIR, 'tool'),
  )
})
