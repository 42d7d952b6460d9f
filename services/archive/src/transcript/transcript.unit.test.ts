import { createHash } from 'node:crypto'
import { EventEnvelope } from '@parley/proto/envelope'
import { expect, test } from 'vitest'
import { bankStory } from '../page/bank-story.fixture.ts'
import { foldTranscript } from './fold-transcript.ts'
import { type TranscriptJson, transcriptJson } from './transcript.ts'

const story = bankStory('en')
const transcript = foldTranscript(story.conversationId, story.raw())
if (transcript === undefined) throw new Error('The story opens no conversation.')
const json = transcriptJson(transcript, () => false)

test('the download has the fields that tools rely on', () => {
  expect(json.conversationId).toBe(story.conversationId)
  expect(json.messages[0]).toMatchObject({
    providerMessageId: 'wamid.in-1',
    author: { kind: 'customer' },
    type: 'text',
    text: 'hi',
    occurredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    status: 'received',
  })
  expect(json.messages.map(({ author }) => author.kind).slice(0, 4)).toEqual([
    'customer',
    'system',
    'bot',
    'customer',
  ])
})

test('its events are the exact record values, in stream order', () => {
  expect(json.events.map(({ streamVersion }) => streamVersion)).toEqual(
    story.events.map((_, index) => index + 1),
  )
  expect(json.events.map(({ raw }) => raw)).toEqual(
    story.events.map(({ raw }) => Buffer.from(raw).toString('base64')),
  )
})

test('the address of the record’s own link is in the raw event and is not repeated as text', () => {
  const link = json.messages.find(({ messageId }) => messageId === 'out-8')
  expect(link?.text).toBe('Thank you. Here is the complete record of this conversation.\n[Open record]')
  expect(JSON.stringify({ ...json, events: [] })).not.toContain('/t/secret')
})

test('the download says which messages were sent more than once, and which arrived twice', () => {
  const sent = (id: string) => json.messages.find(({ messageId }) => messageId === id)
  expect(sent('out-2')).toMatchObject({ attempts: 1, doubledProviderMessageId: null })
  expect(sent('out-3')).toMatchObject({ attempts: 2, doubledProviderMessageId: null })
  expect(sent('out-4')).toMatchObject({ attempts: 2, doubledProviderMessageId: 'wamid.again.out-4' })
})

test('a deleted message keeps its text in the download and says that it was deleted', () => {
  expect(json.messages.find(({ messageId }) => messageId === 'in-4')).toMatchObject({
    text: 'my password is 0000',
    revoked: true,
  })
})

test('an edited message has its new text and the ones before', () => {
  expect(json.messages.find(({ messageId }) => messageId === 'in-3')).toMatchObject({
    text: '4412',
    edits: [{ textBefore: '4421' }],
  })
})

/** What docs/guides/transcripts.md tells a reader to do. */
function alteredIn({ events }: TranscriptJson): readonly number[] {
  const hashOf = (raw: string) => createHash('sha256').update(Buffer.from(raw, 'base64')).digest('hex')
  return events.flatMap(({ raw, hash, prevHash, streamVersion }, index) => {
    const before = events[index - 1]
    const isItself = raw === null || hashOf(raw) === hash
    const isSaid =
      raw === null ||
      Buffer.from(EventEnvelope.decode(Buffer.from(raw, 'base64')).prevHash).toString('hex') === prevHash
    const isNext =
      before === undefined || before.streamVersion + 1 !== streamVersion || before.hash === prevHash
    return isItself && isSaid && isNext ? [] : [streamVersion]
  })
}

test('where a record is withheld its hash stands for it, and the chain still shows what was altered', () => {
  const withheld = transcriptJson(transcript, ({ header }) => header.streamVersion === 4)
  expect(withheld.events[3]).toMatchObject({ streamVersion: 4, raw: null, hash: json.events[3]!.hash })
  expect(withheld.events.map(({ streamVersion }) => streamVersion)).toEqual(
    json.events.map(({ streamVersion }) => streamVersion),
  )
  expect(alteredIn(withheld)).toEqual([])
  const changed = (at: number, change: object) => ({
    ...withheld,
    events: withheld.events.map((event, index) => (index === at ? { ...event, ...change } : event)),
  })
  expect(alteredIn(changed(3, { hash: '00'.repeat(32) }))).toEqual([5])
  const bytes = Buffer.from(withheld.events[1]!.raw!, 'base64')
  bytes[bytes.length - 1]! ^= 1
  const forged = { raw: bytes.toString('base64'), hash: createHash('sha256').update(bytes).digest('hex') }
  expect(alteredIn(changed(1, forged))).toContain(3)
})
