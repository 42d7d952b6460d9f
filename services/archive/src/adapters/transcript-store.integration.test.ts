import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { ConversationEvent } from '@parley/conversation'
import { type Position, type ReadEvent, projectDocuments } from '@parley/eventlog'
import { headAfter } from '@parley/kernel'
import { MessageBody } from '@parley/proto/content'
import type { Roster, Scope } from '@parley/people'
import { mongoProxy, somebody, testDb, testMongoUri } from '@parley/testkit'
import { MongoError } from 'mongodb'
import { expect, test, vi } from 'vitest'
import { shownEntry } from '../page/transcript-page.ts'
import { rawRecordOf } from '../record/raw-record.ts'
import { foldTranscript } from '../transcript/fold-transcript.ts'
import { FOLDED_TYPES, type FoldedFact } from '../transcript/audience.ts'
import { Story } from '../transcript/story.fixture.ts'
import { type WholeTranscript, transcriptJson } from '../transcript/transcript.ts'
import { rawArchive } from './raw-archive.ts'
import { transcriptStore, transcripts } from './transcript-store.ts'

const PEOPLE: Roster['people'] = new Map(
  [
    ['ana', 'cards'],
    ['bia', 'loans'],
  ].map(([id = '', team = '']) => [id, somebody(id, team, 'agent')]),
)
const EVERYTHING = { kind: 'all' } as const

type Event = ReadEvent<ConversationEvent>

const recordsOf = (events: readonly Event[]) => events.map(({ record }) => record)
const shown: ReadonlySet<string> = new Set(FOLDED_TYPES)

/** The archive's database, with hands for its two readers. */
async function store(uri = testMongoUri()) {
  await using undo = new AsyncDisposableStack()
  const { db } = undo.use(await testDb({ uri }))
  const raw = await rawArchive(db)
  const model = await transcripts.open(db, 1)
  const kept = undo.move()
  const archive = (events: readonly Event[]) => raw.keep(recordsOf(events))
  /** As the reader does: how far it is stands there after what it tells of. */
  const fold = async (events: readonly Event[]) => {
    await projectDocuments(model.documents, {
      generation: 1,
      events: events.filter(({ type }) => shown.has(type)) as ReadEvent<FoldedFact>[],
      isLate: false,
      isOwned: () => true,
      heartbeat: async () => {},
    })
    const { envelope, record } = events.at(-1)!
    const { streamId } = envelope
    const before = (await model.heads.of([streamId])).get(streamId)
    if (before === undefined || before.version < envelope.streamVersion)
      await model.heads.writeResting([[streamId, headAfter(before, events.at(-1)!, record.offset)]])
  }
  /** Of the reader: done before a read goes on. */
  const reader = { catchUp: async (_newest: Position): Promise<void> => {} }
  return {
    db,
    raw,
    archive,
    fold,
    reader,
    async both(events: readonly Event[]) {
      await archive(events)
      await fold(events)
    },
    transcripts: transcriptStore(
      () => model,
      raw,
      PEOPLE,
      () => new Date(),
      async (newest) => {
        await reader.catchUp(newest)
        return true
      },
    ),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function isFoldOfItsEvents(read: WholeTranscript | undefined): boolean {
  if (read === undefined) return false
  const folded = foldTranscript(read.conversation._id, read.events)
  if (folded === undefined) return false
  const documents = ({ conversation, entries }: Pick<WholeTranscript, 'conversation' | 'entries'>): unknown =>
    JSON.parse(JSON.stringify([conversation, ...entries]))
  return isDeepStrictEqual(documents(read), documents(folded))
}

const versionsOf = (transcript: WholeTranscript | undefined) =>
  transcript?.events.map(({ header }) => header.streamVersion)

test('a transcript that is read while it is being written is one that was: header, entries and events of the same moment, although two readers bring them', async () => {
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
  /** However slow a read is: some end in the middle of the writing. */
  const aRead = async () => {
    const before = reads
    await vi.waitUntil(() => reads > before, { timeout: 10_000, interval: 1 })
  }
  const inParts = async (size: number, write: (events: readonly Event[]) => Promise<void>) => {
    for (let at = 0; at < story.events.length; at += size) {
      await write(story.events.slice(at, at + size))
      if (at % (5 * size) === 0) await aRead()
    }
  }
  const written = Promise.all([inParts(7, archive.archive), inParts(5, archive.fold)]).finally(() => {
    writing.isDone = true
  })
  const lengths = new Set<number>()
  while (!writing.isDone) {
    const read = await archive.transcripts.whole(story.conversationId)
    reads += 1
    if (read === undefined) continue
    expect(isFoldOfItsEvents(read)).toBe(true)
    lengths.add(read.events.length)
  }
  await written
  expect(lengths.size).toBeGreaterThan(1)
  const whole = await archive.transcripts.whole(story.conversationId)
  expect(isFoldOfItsEvents(whole)).toBe(true)
  expect(whole?.events).toHaveLength(story.events.length)
})

test('a transcript goes as far as both readers are, whichever is behind', async () => {
  await using archive = await store()
  const story = new Story().opened().wrote('oi').edited('in-1', 'olá').closed()
  await archive.fold(story.events.slice(0, 3))
  expect(await archive.transcripts.whole(story.conversationId)).toBeUndefined()

  await archive.archive(story.events.slice(0, 2))
  const older = await archive.transcripts.whole(story.conversationId)
  expect(versionsOf(older)).toEqual([1, 2])
  expect(isFoldOfItsEvents(older)).toBe(true)

  await archive.archive(story.events.slice(2))
  const both = await archive.transcripts.whole(story.conversationId)
  expect(versionsOf(both)).toEqual([1, 2, 3])
  expect(isFoldOfItsEvents(both)).toBe(true)
})

test('what is archived of a stream is in a transcript that is read then: its reader, which folds at leisure, is waited for', async () => {
  await using archive = await store()
  const story = new Story().opened().wrote('oi').wrote('the last word')
  await archive.both(story.events.slice(0, 2))
  await archive.archive(story.events.slice(2))
  const { partition, offset } = story.events.at(-1)!.record
  archive.reader.catchUp = async (newest) => {
    expect(newest).toEqual({ partition, offset })
    await archive.fold(story.events.slice(2))
  }
  expect(versionsOf(await archive.transcripts.whole(story.conversationId))).toEqual([1, 2, 3])
})

test('what is archived beyond the head is not believed: with records missing before it, a loser would look like the winner', async () => {
  await using archive = await store()
  const story = new Story().opened().wrote('what was said').closed()
  const zombie = new Story().opened().wrote('what lost against it')
  await archive.archive(story.events.slice(0, 1))
  // An insert of many is cut in the middle: the loser at offset 2 is there, the winner at 1 is not.
  await archive.db
    .collection<{ _id: string }>('raw_records')
    .insertOne(rawRecordOf({ ...zombie.events[1]!.record, offset: 2n }))
  await archive.fold(story.events)
  expect(versionsOf(await archive.transcripts.whole(story.conversationId))).toEqual([1])

  await archive.raw.keep([
    story.events[1]!.record,
    { ...zombie.events[1]!.record, offset: 2n },
    { ...story.events[2]!.record, offset: 3n },
  ])
  const { records } = await archive.raw.ofConversation(
    { streamId: story.contactId, conversationId: story.conversationId },
    3n,
  )
  const events = await archive.raw.eventsOf(records)
  expect(events.map(({ raw }) => Buffer.from(raw))).toEqual(story.events.map(({ raw }) => Buffer.from(raw)))
})

test('a page is made without the bytes of the records, and parts end where they would be too large for one answer', async () => {
  await using archive = await store()
  const story = new Story().opened()
  for (let turn = 1; turn <= 5; turn += 1) story.wrote('x'.repeat(600_000), { id: `in-${turn}` })
  story.closed()
  await archive.both(story.events)
  const page = await archive.transcripts.transcript(story.conversationId)
  expect(page?.records).toHaveLength(7)
  expect(JSON.stringify(page?.records.map((record) => Object.keys(record)))).not.toContain('"raw"')

  const versions: number[][] = []
  const said: number[] = []
  for (let after: number | undefined = 0; after !== undefined;) {
    const part = await archive.transcripts.part(story.conversationId, EVERYTHING, after, 4)
    versions.push(part!.events.map(({ header }) => header.streamVersion))
    said.push(...part!.entries.map(({ streamVersion }) => streamVersion))
    after = part!.nextAfter
  }
  expect(versions.every((part) => part.length >= 1 && part.length <= 4)).toBe(true)
  expect(versions.length).toBeGreaterThan(2)
  expect(versions.flat()).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(said).toEqual(page!.entries.map(({ streamVersion }) => streamVersion))
})

test('a message that is asked for by itself is shown as in all of its conversation, its file too, without the rest being read', async () => {
  await using archive = await store()
  const story = new Story().opened()
  const file = { sha256: 'c'.repeat(64), mimeType: 'application/pdf', bytes: 5n }
  const IDS = ['plain', 'repeats', 'deleted', 'elsewhere', 'secret', 'in-part', 'pending']
  story.wrote('AURORA-7731', { id: 'answer' })
  for (const id of IDS) {
    const filename = id === 'repeats' ? 'AURORA-7731.pdf' : `${id}.pdf`
    const { body } = MessageBody.fromPartial({
      body: { $case: 'media', value: { type: 'document', filename, caption: `of ${id}` } },
    })
    story.received(body!, { id, type: 'document' })
    if (id !== 'pending') story.tell({ type: 'MediaStored', data: { messageId: id } }, { words: { file } })
  }
  story
    .tell({
      type: 'BotTurnCompleted',
      data: {
        turn: 1,
        sensitiveMessageIds: ['answer', 'secret', 'in-part'],
        partlySensitiveMessageIds: ['in-part'],
      },
    })
    .revoked('deleted')
    .tell(
      { type: 'MessageRevoked', data: { targetMessageId: '', targetProviderMessageId: 'wamid.elsewhere' } },
      { by: 'customer', correlationId: 'another-conversation' },
    )
  await archive.both(story.events)

  const whole = await archive.transcripts.transcript(story.conversationId)
  for (const showRevoked of [false, true])
    for (const id of IDS) {
      const alone = await archive.transcripts.message(story.conversationId, id)
      expect(alone!.entries.length).toBeLessThan(5)
      expect([id, shownEntry(alone!, showRevoked, id)]).toEqual([id, shownEntry(whole!, showRevoked, id)])
    }
  const files = IDS.filter((id) => {
    const entry = shownEntry(whole!, false, id)
    return entry?.kind === 'message' && entry.file !== null
  })
  expect(files).toEqual(['plain', 'repeats', 'in-part'])
  expect(JSON.stringify(shownEntry(whole!, false, 'repeats'))).not.toContain('7731')
  expect(await archive.transcripts.message('another-conversation', 'plain')).toBeUndefined()
  expect(await archive.transcripts.message(story.conversationId, 'nothing')).toBeUndefined()
})

test('what is listed and what is opened is the same by every scope: a conversation outside it is as one that is not', async () => {
  await using archive = await store()
  const told: Readonly<Record<string, (story: Story) => Story>> = {
    robot: (story) => story,
    'card-loss': (story) => story.handedOver('card-loss'),
    loans: (story) => story.handedOver('loans'),
    anas: (story) => story.handedOver('loans').assigned('ana'),
    bias: (story) => story.handedOver('card-loss').assigned('bia'),
    'was anas, is bias': (story) => story.handedOver('loans').assigned('ana').assigned('bia', 'ana'),
    'anas, ended': (story) => story.handedOver('loans').assigned('ana').closed(),
    'was anas, waits': (story) => story.handedOver('loans').assigned('ana').requeued('loans', 'ana'),
  }
  const stories = Object.entries(told).map(([name, tell]) => {
    const story = new Story({ contactId: randomUUID(), conversationId: randomUUID(), prefix: name }).opened()
    return { name, story: tell(story) }
  })
  for (const [partition, { story }] of stories.entries())
    await archive.both(story.events.map((event) => ({ ...event, record: { ...event.record, partition } })))
  const seen = async (scope: Scope) => {
    const { found } = await archive.transcripts.list(scope, {}, 10)
    const opened = await Promise.all(
      stories.map(async ({ name, story }) => {
        const part = await archive.transcripts.part(story.conversationId, scope, 0, 10)
        return part === undefined ? [] : [name]
      }),
    )
    const listed = stories.filter(({ story }) => found.some(({ _id }) => _id === story.conversationId))
    expect(listed.map(({ name }) => name)).toEqual(opened.flat())
    return opened.flat()
  }
  const part = { kind: 'part', personId: 'carla', team: 'cards' } as const
  expect(await seen(EVERYTHING)).toEqual(Object.keys(told))
  const teams = ['anas', 'anas, ended', 'was anas, waits']
  expect(await seen({ ...part, queues: ['card-loss'] })).toEqual(['card-loss', ...teams])
  expect(await seen({ ...part, queues: [] })).toEqual(teams)
  expect(await seen({ ...part, team: null, queues: [] })).toEqual([])
  expect(await seen({ ...part, personId: 'bia', team: null, queues: [] })).toEqual([
    'bias',
    'was anas, is bias',
  ])
  expect(await seen({ kind: 'none' })).toEqual([])
})

test.each([
  ['no conversation', '', false],
  ['a later one', randomUUID(), false],
  ['that of who they became', randomUUID(), true],
] as const)(
  'what was deleted when nobody remembered its conversation is hidden there, though the deletion is on record in %s',
  async (_where, correlationId, isMerged) => {
    await using archive = await store()
    const story = new Story().opened().wrote('my password is 0000').wrote('thanks').closed()
    // Of two stories events of one version have one id: the deletion stands behind all of the other's.
    const deleting = isMerged ? new Story().opened().wrote('oi').wrote('oi').closed() : story
    deleting.tell(
      { type: 'MessageRevoked', data: { targetMessageId: '', targetProviderMessageId: 'wamid.in-1' } },
      { by: 'customer', correlationId },
    )
    await archive.both(story.events)
    if (isMerged) await archive.fold(deleting.events.slice(-1))
    const read = await archive.transcripts.whole(story.conversationId)
    const download = transcriptJson(read!, { showRevoked: false, agentName: () => undefined })
    expect(download.messages.map(({ text }) => text)).toEqual(['', 'thanks'])
    expect(download.events.map(({ raw }) => raw === null)).toEqual([false, true, false, false])
  },
)

test('a batch that comes again changes nothing', async () => {
  await using archive = await store()
  const story = new Story().opened().wrote('oi').edited('in-1', 'olá').closed()
  await archive.both(story.events.slice(0, 3))
  await archive.both(story.events.slice(0, 3))
  await archive.both(story.events.slice(2))
  const read = await archive.transcripts.whole(story.conversationId)
  expect(isFoldOfItsEvents(read)).toBe(true)
  expect(versionsOf(read)).toEqual([1, 2, 3, 4])
})

test('other bytes at a place that is archived are refused, and what is archived stays', async () => {
  await using archive = await store()
  const story = new Story().opened().wrote('what was said')
  const forged = new Story().opened().wrote('what was not said')
  await archive.archive(story.events)
  await expect(archive.archive(forged.events)).rejects.toMatchObject({ code: 'ARCHIVE_LOG_MISMATCH' })
  expect(await rawBytes(archive, story)).toEqual(story.events.map(({ raw }) => Buffer.from(raw)))
})

test.each(['command', 'answer'] as const)(
  'a connection to the store that breaks with the %s is never taken for records that are archived',
  async (lost) => {
    await using proxy = await mongoProxy(testMongoUri())
    await using archive = await store(proxy.uri)
    const story = new Story().opened().wrote('oi').closed()
    proxy.breakAt('insert', lost)
    await expect(archive.archive(story.events)).rejects.toThrow(MongoError)
    expect(proxy.breaks).toBe(1)
    await archive.archive(story.events)
    expect(await rawBytes(archive, story)).toEqual(story.events.map(({ raw }) => Buffer.from(raw)))
  },
)

async function rawBytes({ raw }: Awaited<ReturnType<typeof store>>, story: Story) {
  const { contactId: streamId, conversationId, events } = story
  const kept = await raw.ofConversation({ streamId, conversationId }, BigInt(events.length - 1))
  expect(kept.isComplete).toBe(true)
  return (await raw.eventsOf(kept.records)).map((event) => Buffer.from(event.raw))
}
