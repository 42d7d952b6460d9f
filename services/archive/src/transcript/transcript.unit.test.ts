import { expect, test } from 'vitest'
import { bankStory } from '../page/bank-story.fixture.ts'
import { foldTranscript } from './fold-transcript.ts'
import { transcriptJson } from './transcript.ts'

const story = bankStory('en')
const transcript = foldTranscript(story.conversationId, story.raw())
if (transcript === undefined) throw new Error('The story opens no conversation.')
const json = transcriptJson(transcript)

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
