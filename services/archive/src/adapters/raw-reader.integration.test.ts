import {
  type LogRecord,
  type MemoryLog,
  type StuckReader,
  eventRecord,
  memoryLog,
  partitionOf,
} from '@parley/eventlog'
import { sha256 } from '@parley/kernel'
import { measuring, testDb, until } from '@parley/testkit'
import { expect, test } from 'vitest'
import { Story } from '../transcript/story.fixture.ts'
import { rawArchive } from './raw-archive.ts'
import { runRawReader } from './raw-reader.ts'

const TOPIC = 'events'
const samplesOf = measuring()

async function archiving(log: MemoryLog) {
  await using undo = new AsyncDisposableStack()
  const { db } = undo.use(await testDb())
  const faults: Error[] = []
  const stuck: StuckReader[] = []
  const read = async () =>
    runRawReader({
      log,
      eventsTopic: TOPIC,
      namespace: 'test',
      name: 'raw',
      raw: await rawArchive(db),
      onStuck: (one) => void stuck.push(one),
      onFault: (error) => faults.push(error),
    })
  const reader = await read()
  undo.defer(async () => {
    await reader.stop()
    await log.close()
  })
  const kept = undo.move()
  return {
    db,
    reader,
    /** In another process, as it were. */
    readAgain: read,
    faults,
    stuck,
    archived: () => db.collection('raw_records').find().sort({ partition: 1, offset: 1 }).toArray(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const records = (story: Story): LogRecord[] => story.events.map(eventRecord)

test('every record is archived as it is stored: repeats, losers and what nobody can read', async () => {
  const log = memoryLog({ partitions: 1 })
  const story = new Story().opened().wrote('oi').closed()
  const zombie = new Story().opened().wrote('a zombie said this')
  const unreadable = { key: story.contactId, value: Buffer.from('no envelope') }
  const elsewhere = { ...records(new Story({ contactId: 'another' }).opened())[0]!, key: story.contactId }
  await log.append(TOPIC, [...records(story), ...records(zombie), ...records(story), elsewhere, unreadable])
  await using archive = await archiving(log)

  const stored = log.records(TOPIC)
  await until('all is archived', async () => (await archive.archived()).length === stored.length)
  expect(
    (await archive.archived()).map(({ topic, partition, offset, timestamp, streamId, raw, hash }) => ({
      topic,
      partition,
      offset: BigInt(offset),
      timestamp,
      key: streamId,
      value: raw.buffer,
      hash: hash.buffer,
    })),
  ).toEqual(
    stored.map(({ topic, partition, offset, timestamp, key, value }) => ({
      topic,
      partition,
      offset,
      timestamp,
      key,
      value: Buffer.from(value),
      hash: sha256(value),
    })),
  )
  const headers = (await archive.archived()).map(({ header }) => header)
  expect(headers.slice(-2)).toEqual([null, null])
  expect(headers[0]).toMatchObject({
    streamVersion: 1,
    type: 'ConversationOpened',
    conversationId: story.conversationId,
  })
})

test('how far the archive is behind, and where it stands still, is measured under the name of its reader until it stops', async () => {
  const log = memoryLog({ partitions: 1 })
  await using archive = await archiving(log)
  await until('the reader is ready', async () => archive.reader.isReady())
  const lag = async () => Object.keys(await samplesOf('parley_reader_lag_seconds'))
  expect(await lag()).toEqual(['parley_reader="raw",parley_partition="0"'])
  expect(await samplesOf('parley_reader_stuck')).toEqual({ 'parley_reader="raw"': 0 })
  await archive.reader.stop()
  expect(await lag()).toEqual([])
})

test('what is archived and not yet committed comes again after a crash, and is compared', async () => {
  const log = memoryLog({ partitions: 1 })
  const story = new Story().opened().wrote('oi').closed()
  await log.append(TOPIC, records(story))
  await using archive = await archiving(log)
  await until('all is archived', async () => (await archive.archived()).length === story.events.length)
  await archive.reader.stop()
  log.rewind('test.raw.v1', TOPIC, 0, 0n)
  await log.append(TOPIC, [{ key: story.contactId, value: Buffer.from('one more') }])

  const again = await archive.readAgain()
  await until('all is archived', async () => (await archive.archived()).length === story.events.length + 1)
  await again.stop()
  expect(await log.groupOffsets('test.raw.v1', TOPIC)).toEqual(
    new Map([[0, BigInt(story.events.length + 1)]]),
  )
  expect(archive.faults).toEqual([])
})

test('an archive that was put back to an older copy takes in again what it lacks', async () => {
  const log = memoryLog({ partitions: 1 })
  const story = new Story().opened().wrote('oi').closed()
  await log.append(TOPIC, records(story))
  await using archive = await archiving(log)
  await until('all is archived', async () => (await archive.archived()).length === story.events.length)
  await archive.reader.stop()
  await archive.db.collection('raw_records').deleteMany({ offset: { $gte: 1 } })
  await archive.db.collection<{ _id: string }>('raw_heads').updateMany({}, { $set: { offset: 1 } })
  const again = await archive.readAgain()
  await until('all is archived', async () => (await archive.archived()).length === story.events.length)
  await again.stop()
  expect(archive.faults).toEqual([])
})

test('an archive that is put back to an older copy under its reader says so, calls nothing whole that is not, and takes in again what it lacks', async () => {
  const log = memoryLog({ partitions: 1 })
  const story = new Story().opened().wrote('oi').closed()
  await log.append(TOPIC, records(story))
  await using archive = await archiving(log)
  const heads = archive.db.collection<{ _id: string; offset: number }>('raw_heads')
  await until('the head is kept', async () => (await heads.findOne())?.offset === story.events.length)
  await archive.db.collection('raw_records').deleteMany({ offset: { $gte: 1 } })
  await heads.updateMany({}, { $set: { offset: 1 } })
  await log.append(TOPIC, [{ key: story.contactId, value: Buffer.from('one more') }])
  await until('the reader has ended', async () => archive.faults.length > 0)
  expect(archive.faults[0]).toMatchObject({ code: 'STORE_SET_BACK' })
  await archive.reader.stop()
  expect((await heads.findOne())?.offset).toBe(1)

  const again = await archive.readAgain()
  await until('the head has moved', async () => (await heads.findOne())?.offset === story.events.length + 1)
  expect(await archive.archived()).toHaveLength(story.events.length + 1)
  await again.stop()
})

test('a partition whose log is not what is archived stands still, by the name of its stream, and holds up no other', async () => {
  const log = memoryLog({ partitions: 2 })
  await using archive = await archiving(log)
  const raw = await rawArchive(archive.db)
  const forged = { topic: TOPIC, partition: 0, offset: 0n, timestamp: '', headers: {} }
  await raw.keep([{ ...forged, key: 'contact', value: Buffer.from('what was archived') }])

  const inPartition = (partition: number): LogRecord[] =>
    records(new Story({ contactId: contactIn(partition) }).opened().wrote('oi'))
  await log.append(TOPIC, [...inPartition(0), ...inPartition(1)])
  await until('the other partition is archived', async () =>
    (await archive.archived()).some(({ partition }) => partition === 1),
  )
  const streamId = contactIn(0)
  await expect.poll(() => archive.stuck, { timeout: 20_000 }).toMatchObject([{ partition: 0, streamId }])
  expect(archive.reader.stuck()).toMatchObject([{ partition: 0, streamId }])
  await archive.reader.stop()
  expect(await log.groupOffsets('test.raw.v1', TOPIC)).toEqual(new Map([[1, 2n]]))
  const [kept] = await archive.archived()
  expect(kept?.['raw'].buffer.toString()).toBe('what was archived')
})

function contactIn(partition: number): string {
  for (let number = 0; ; number += 1)
    if (partitionOf(`contact-${number}`, 2) === partition) return `contact-${number}`
}
