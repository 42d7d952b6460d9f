import { createHash } from 'node:crypto'
import { type ConversationEvent, LANGUAGES, type Language, conversations } from '@parley/conversation'
import { type CommonEvent, recordedEvent } from '@parley/kernel'
import type { Sketch } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { INTERNAL_WORDS, peopleStory } from '../page/people-story.fixture.ts'
import { transcriptPage } from '../page/transcript-page.ts'
import { alteredIn } from './altered.fixture.ts'
import { isInternalRecord } from './audience.ts'
import { concealmentOf } from './concealment.ts'
import { foldTranscript } from './fold-transcript.ts'
import { Story } from './story.fixture.ts'
import { type TranscriptJson, transcriptJson } from './transcript.ts'

const NAMES = new Map([
  ['p01', 'Ana'],
  ['p02', 'Bruno'],
])
const POLICY = { showRevoked: false, agentName: (id: string) => NAMES.get(id) }

function downloadOf(story: Story): TranscriptJson {
  return transcriptJson(foldTranscript(story.conversationId, story.raw())!, POLICY)
}

/** All that a customer can get of it: page, paper and the download with its records decoded. */
function everythingFor(
  story: Story,
  download: TranscriptJson,
  languages: readonly Language[] = LANGUAGES,
): string {
  const transcript = foldTranscript(story.conversationId, story.raw())!
  const pages = languages.flatMap((language) =>
    (['page', 'print'] as const).map((view) =>
      transcriptPage({
        transcript,
        company: { name: 'Banco Aurora', timeZone: 'America/Sao_Paulo', agentName: POLICY.agentName },
        language,
        view,
        path: '/t/token',
        assets: { stylesheet: '/a.css', printScript: '/p.js' },
        showRevoked: false,
        expiresAt: '2026-04-02T13:04:05.000Z',
        now: '2026-03-04T12:00:00.000Z',
      }),
    ),
  )
  const records = download.events.map(({ raw }) => Buffer.from(raw ?? '', 'base64').toString('utf8'))
  return [...pages, JSON.stringify({ ...download, events: [] }), ...records].join('\n')
}

test('a note, the note of a transfer and a refused message stand in what the customer gets as their hashes alone, and the chain verifies', () => {
  const story = peopleStory('en')
  const download = downloadOf(story)
  const everything = everythingFor(story, download)
  for (const words of INTERNAL_WORDS) expect(everything).not.toContain(words)
  const hashed = download.events.filter(({ raw }) => raw === null)
  expect(hashed.map(({ type }) => type).filter((type) => type === 'NoteAdded')).toHaveLength(2)
  expect([...new Set(hashed.map(({ type }) => type))]).toEqual([
    'ConversationOffered',
    'ConversationOfferEnded',
    'NoteAdded',
    'CommandRefused',
    'CloseAnnounced',
    'CloseUndone',
  ])
  const records = new Map(story.events.map(({ envelope, raw }) => [envelope.streamVersion, raw]))
  for (const { streamVersion, hash } of hashed)
    expect(hash).toBe(createHash('sha256').update(records.get(streamVersion)!).digest('hex'))
  expect(alteredIn(download)).toEqual([])
})

test('why somebody was blocked is for the company: the customer is told that they were, and gets the hash', () => {
  const why = 'rude to everybody'
  const story = new Story()
    .opened()
    .handedOver()
    .assigned('p01')
    .tell({ type: 'ContactBlocked', data: {} }, { by: 'agent', id: 'p01', words: { note: why } })
    .tell({ type: 'ContactUnblocked', data: {} }, { by: 'agent', id: 'p01' })
  const download = downloadOf(story)
  expect(everythingFor(story, download)).not.toContain(why)
  expect(download.events.map(({ type, raw }) => [type, raw === null])).toEqual(
    expect.arrayContaining([
      ['ContactBlocked', true],
      ['ContactUnblocked', false],
    ]),
  )
  expect(alteredIn(download)).toEqual([])
})

test('the download says nothing of offers, of who declined, of notes and of refusals; page and print neither', () => {
  const story = peopleStory('en')
  const download = downloadOf(story)
  expect(everythingFor(story, download)).not.toMatch(/declined|NOT_THE_OWNER|offer-p0|note-\d/)
  expect(download.messages.map(({ author, text }) => [author.kind, author.name, text])).toEqual([
    ['customer', null, 'I want to talk to a person'],
    ['agent', 'Ana', 'Hello, this is Ana. How can I help?'],
    ['agent', 'Bruno', 'Hi, Bruno here, I go on with it.'],
    ['customer', null, 'I found the bill now'],
    ['agent', 'Ana', 'All right, the charge is cancelled.'],
    ['system', null, 'Here is the record of our conversation.\n[Open the record]'],
  ])
})

test('a card number, and a sensitive answer, are masked in a note too; the bytes of such a note are for auditors', () => {
  const story = new Story()
    .opened()
    .wrote('529.982.247-25')
    .tell({ type: 'BotTurnCompleted', data: { turn: 1, sensitiveMessageIds: ['in-1'] } })
    .handedOver()
    .assigned('p01')
    .noted('p01', 'card 4111 1111 1111 1111, CPF 52998224725')
    .noted('p01', 'polite')
  const { entries } = foldTranscript(story.conversationId, story.raw())!
  const concealment = concealmentOf(entries, POLICY)
  const notes = entries.map(concealment.entry).filter((entry) => entry.kind === 'internal')
  expect(notes.map(({ line }) => line)).toMatchObject([
    { name: 'note', agentId: 'p01', text: 'card •••• •••• •••• 1111, CPF ••••••' },
    { name: 'note', text: 'polite' },
  ])
  const covered = story.events
    .filter(({ type }) => type === 'NoteAdded')
    .map(({ raw }) => concealment.covers(raw))
  expect(covered).toEqual([true, false])
})

test('that it waits in a queue is said once, however often the customer asks how long, and again when it waits anew', () => {
  const story = new Story().opened().handedOver('cards')
  const { conversationId } = story
  const asked = () =>
    story
      .wrote('how long?')
      .tell({ type: 'WaitAsked', data: { conversationId } })
      .tell({ type: 'ConversationQueued', data: { conversationId, queue: 'cards', position: 2 } })
  asked()
  asked()
  story.assigned('p01').requeued('cards', 'p01')
  asked()
  story.assigned('p01').handedOver('cards')
  expect(downloadOf(story).systemLines).toMatchObject([
    { name: 'conversation_opened' },
    { name: 'handed_over' },
    { name: 'queued', queue: 'cards' },
    { name: 'taken_over' },
    { name: 'requeued', queue: 'cards' },
    { name: 'taken_over' },
    { name: 'handed_over' },
    { name: 'queued', queue: 'cards' },
  ])
})

test('somebody to whom it is offered is no business of the customer’s: they wait', () => {
  const offered = () => new Story().opened().handedOver().offered('p01')
  expect(foldTranscript(offered().conversationId, offered().raw())?.conversation.stage).toBe('offered')
  expect(downloadOf(offered()).stage).toBe('waiting')
})

test('the fingerprint at closing stays, whatever people do and the channel tells after the end', () => {
  const story = new Story()
    .opened()
    .handedOver()
    .assigned('p01')
    .answered('p01', 'Bye')
    .closed('solved', 'p01')
  const { conversationId } = story
  const { fingerprint } = downloadOf(story)
  expect(fingerprint).toMatchObject({ streamVersion: story.events.length, isFinal: true })
  story
    .sent('out-1', 'delivered', 'read')
    .refused('SendAgentMessage', 'CONVERSATION_NOT_OPEN')
    .refused('AddNote', 'CONVERSATION_NOT_OPEN')
    .tell({ type: 'PoolContradicted', data: { conversationId, revision: 9 } })
  expect(downloadOf(story).fingerprint).toEqual(fingerprint)
  expect(downloadOf(story).stage).toBe('closed')
  expect(alteredIn(downloadOf(story))).toEqual([])
})

const SECRET = 'for-colleagues-only'
const wordsOfKind = (name: string) => ({ name, value: Buffer.from(SECRET) })
const IDS = { messageId: 'in-1', targetMessageId: 'in-1', agentId: 'p01', queue: 'general', reason: 'x' }

const anything = fc.record({
  type: fc.constantFrom(...conversations.eventTypes),
  refuses: fc.constantFrom(...conversations.commandTypes),
  by: fc.constantFrom('agent', 'system', 'customer', 'bot'),
  holds: fc.constantFrom('nothing', 'a note', 'words of a new kind'),
})

test('property: whatever events come, in whatever order, no words between colleagues get out, and the chain verifies', () => {
  const generated = fc.property(fc.array(anything, { minLength: 1, maxLength: 30 }), (events) => {
    const story = new Story().opened().wrote('hello')
    const { conversationId } = story
    for (const { type, refuses, by, holds } of events) {
      const data =
        type === 'CommandRefused' ? { commandType: refuses, code: 'X' } : { conversationId, ...IDS }
      story.tell({ type, data } as Sketch<ConversationEvent | CommonEvent>, {
        by,
        id: 'p01',
        ...(holds === 'a note' && { words: { note: SECRET } }),
        ...(holds === 'words of a new kind' && { unknownWords: [wordsOfKind('whisper')] }),
      })
    }
    const download = downloadOf(story)
    expect(everythingFor(story, download, ['en'])).not.toContain(SECRET)
    expect(alteredIn(download)).toEqual([])
  })
  expect(() => fc.assert(generated, runs(100))).not.toThrow()
})

test('a record of a type that this code does not know is for people of the company alone', () => {
  const [opened] = new Story().opened().events
  const record = (type: string) => recordedEvent({ ...opened!.envelope, type }).raw
  expect(isInternalRecord(record('ConversationOpened'))).toBe(false)
  expect(isInternalRecord(record('SomethingNew'))).toBe(true)
  expect(isInternalRecord(record('constructor'))).toBe(true)
})
