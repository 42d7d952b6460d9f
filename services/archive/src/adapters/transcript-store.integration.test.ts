import { randomUUID } from 'node:crypto'
import { type ReaderBatch, eventRecord } from '@parley/eventlog'
import type { RecordedEvent } from '@parley/kernel'
import { connectMongo } from '@parley/service'
import { mongoProxy, testMongoUri } from '@parley/testkit'
import { MongoError } from 'mongodb'
import { expect, test, vi } from 'vitest'
import { digestOf } from '../transcript/digest.ts'
import { foldTranscript } from '../transcript/fold-transcript.ts'
import { Story } from '../transcript/story.fixture.ts'
import type { Transcript } from '../transcript/transcript.ts'
import { type RawArchive, rawArchive } from './raw-archive.ts'
import { archiveBatch, transcriptCollections, transcriptStore } from './transcript-store.ts'

function batchOf(events: readonly RecordedEvent[], firstOffset: number): ReaderBatch {
  return {
    generation: 1,
    events: events.map((event, index) => ({
      ...event,
      traceparent: '',
      record: {
        ...eventRecord(event),
        headers: {},
        topic: 'events',
        partition: 0,
        offset: BigInt(firstOffset + index),
        timestamp: event.envelope.recordedAt ?? '',
      },
    })),
    superseded: [],
    isOwned: () => true,
    heartbeat: async () => {},
  }
}

async function store(uri = testMongoUri()) {
  await using undo = new AsyncDisposableStack()
  const { db, client, resource } = await connectMongo(uri, `store-${randomUUID().slice(0, 8)}`)
  undo.defer(async () => {
    await client.db(db.databaseName).dropDatabase()
    await resource.close()
  })
  const raw: RawArchive = await rawArchive(db)
  const collections = await transcriptCollections(db, 1)
  const kept = undo.move()
  const handle = archiveBatch(raw, collections)
  return {
    raw,
    // As the reader does: how far it is stands there after what it tells of.
    async archive(batch: ReaderBatch) {
      await handle(batch)
      const { streamId, streamVersion } = batch.events.at(-1)!.envelope
      await collections.heads.updateOne(
        { _id: streamId },
        { $max: { version: streamVersion } },
        { upsert: true },
      )
    },
    transcripts: transcriptStore(collections, raw),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function isFoldOfItsEvents(read: Transcript | undefined): boolean {
  if (read === undefined) return false
  const folded = foldTranscript(read.conversation._id, read.events)
  if (folded === undefined) return false
  return digestOf([read.conversation, ...read.entries]) === digestOf([folded.conversation, ...folded.entries])
}

test('a transcript that is read while it is being written is one that was: header, entries and events of the same moment', async () => {
  await using archive = await store()
  const story = new Story().opened()
  for (let turn = 1; turn <= 20; turn += 1)
    story
      .wrote(`question ${turn}`)
      .sendRequested({ $case: 'text', value: { text: `answer ${turn}` } })
      .sent(`out-${turn}`, 'delivered', 'read')
      .edited(`in-${turn}`, `question ${turn}, corrected`)
  story.closed()

  const writing = { isDone: false }
  let reads = 0
  const written = (async () => {
    for (let at = 0; at < story.events.length; at += 7) {
      await archive.archive(batchOf(story.events.slice(at, at + 7), at))
      // However slow a read is: some end in the middle of the writing.
      const before = reads
      if (at % 35 === 0) await vi.waitUntil(() => reads > before, { timeout: 10_000, interval: 1 })
    }
  })().finally(() => {
    writing.isDone = true
  })
  const versions = new Set<number>()
  while (!writing.isDone) {
    const read = await archive.transcripts.transcript(story.conversationId)
    reads += 1
    if (read === undefined) continue
    expect(isFoldOfItsEvents(read)).toBe(true)
    versions.add(read.events.length)
  }
  await written
  expect(versions.size).toBeGreaterThan(1)
  const whole = await archive.transcripts.transcript(story.conversationId)
  expect(isFoldOfItsEvents(whole)).toBe(true)
  expect(whole?.events).toHaveLength(story.events.length)
})

test('a batch that comes again changes nothing', async () => {
  await using archive = await store()
  const story = new Story().opened().wrote('oi').edited('in-1', 'olá').closed()
  await archive.archive(batchOf(story.events.slice(0, 3), 0))
  await archive.archive(batchOf(story.events.slice(0, 3), 0))
  await archive.archive(batchOf(story.events.slice(2), 2))
  const read = await archive.transcripts.transcript(story.conversationId)
  expect(isFoldOfItsEvents(read)).toBe(true)
  expect(read?.events.map(({ streamVersion }) => streamVersion)).toEqual([1, 2, 3, 4])
})

test('other bytes at a place that is archived are refused, and what is archived stays', async () => {
  await using archive = await store()
  const story = new Story().opened().wrote('what was said')
  const forged = new Story().opened().wrote('what was not said')
  await archive.archive(batchOf(story.events, 0))
  await expect(archive.archive(batchOf(forged.events, 0))).rejects.toMatchObject({
    code: 'ARCHIVE_LOG_MISMATCH',
  })
  expect(
    (await archive.raw.ofConversation(story.conversationId, 2)).map(({ raw }) => Buffer.from(raw)),
  ).toEqual(story.events.map(({ raw }) => Buffer.from(raw)))
})

test.each(['command', 'answer'] as const)(
  'a connection to the store that breaks with the %s is never taken for records that are archived',
  async (lost) => {
    await using proxy = await mongoProxy(testMongoUri())
    await using archive = await store(proxy.uri)
    const story = new Story().opened().wrote('oi').closed()
    const batch = batchOf(story.events, 0)
    proxy.breakAt('insert', lost)
    await expect(archive.raw.keep(batch)).rejects.toThrow(MongoError)
    expect(proxy.breaks).toBe(1)
    await archive.raw.keep(batch)
    const kept = await archive.raw.ofConversation(story.conversationId, story.events.length)
    expect(kept.map(({ raw }) => Buffer.from(raw))).toEqual(story.events.map(({ raw }) => Buffer.from(raw)))
  },
)
