import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bankStory } from '../page/bank-story.fixture.ts'
import { alteredIn } from './altered.fixture.ts'
import { foldTranscript } from './fold-transcript.ts'
import { Story } from './story.fixture.ts'
import { type TranscriptJson, transcriptJson } from './transcript.ts'

const story = bankStory('en')
const transcript = foldTranscript(story.conversationId, story.raw())
if (transcript === undefined) throw new Error('The story opens no conversation.')
const agentName = () => undefined
const POLICY = { showRevoked: false, agentName }
const json = transcriptJson(transcript, POLICY)

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
  const shown = transcriptJson(transcript, { showRevoked: true, agentName })
  expect(shown.events.map(({ raw }) => raw)).toEqual(
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

test('a deleted message is in the download as the page shows it: that it was deleted, and not what it said', () => {
  const deleted = (from: TranscriptJson) => from.messages.find(({ messageId }) => messageId === 'in-4')
  expect(deleted(json)).toMatchObject({ text: '', revoked: true, edits: [] })
  expect(everythingIn(json)).not.toContain('my password is 0000')
  expect(json.events.filter(({ raw }) => raw === null)).toHaveLength(1)
  expect(alteredIn(json)).toEqual([])
  const policy = { showRevoked: true, agentName }
  expect(deleted(transcriptJson(transcript, policy))).toMatchObject({ text: 'my password is 0000' })
})

test('what was deleted of a message that the record does not know is in it nowhere', () => {
  const unknown = new Story().opened().edited('', 'my password is 0000').revoked('').closed()
  const told = foldTranscript(unknown.conversationId, unknown.raw())!
  const download = transcriptJson(told, POLICY)
  expect(everythingIn(download)).not.toContain('my password is 0000')
  expect(download.events.map(({ raw }) => raw === null)).toEqual([false, true, false, false])
  expect(everythingIn(transcriptJson(told, { showRevoked: true, agentName }))).toContain('my password')
})

test('a message that came behind its edit and was deleted then is hidden in the line of the edit too', () => {
  const early = new Story()
    .opened()
    .tell(
      {
        type: 'MessageEdited',
        data: { targetMessageId: '', targetProviderMessageId: 'wamid.in-1', hasMessage: true },
      },
      {
        by: 'customer',
        words: { messages: [{ body: { $case: 'text', value: { text: 'password 0000' } } }] },
      },
    )
    .wrote('password 1111')
    .edited('in-1', 'password 0000')
    .revoked('in-1')
  const download = transcriptJson(foldTranscript(early.conversationId, early.raw())!, POLICY)
  expect(everythingIn(download)).not.toContain('password')
})

test('an edited message has its new text and the ones before', () => {
  expect(json.messages.find(({ messageId }) => messageId === 'in-3')).toMatchObject({
    text: '4412',
    edits: [{ textBefore: '4421' }],
  })
})

/** The download with its records decoded, as one text. */
function everythingIn(download: TranscriptJson): string {
  const raw = download.events.map((event) => Buffer.from(event.raw ?? '', 'base64').toString('utf8'))
  return JSON.stringify({ ...download, events: [] }) + raw.join('\n')
}

test('where a record is withheld its hash stands for it, and the chain still shows what was altered', () => {
  const withheld = transcriptJson(
    transcript,
    { showRevoked: true, agentName },
    ({ header }) => header.streamVersion === 4,
  )
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

test('what the guide gives to check a download by takes one that is whole, and says where another one was altered', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/transcripts.md'), 'utf8')
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(guide)!
  const checked = (download: TranscriptJson) =>
    spawnSync(process.execPath, ['--input-type=module', '-'], {
      cwd: import.meta.dirname,
      input: `const transcript = ${JSON.stringify(download)}\n${code}`,
      encoding: 'utf8',
    })
  expect(checked(json)).toMatchObject({ status: 0, stderr: '' })
  const [first, second, ...rest] = json.events
  const forged = { ...json, events: [first!, { ...second!, hash: '00'.repeat(32) }, ...rest] }
  expect(checked(forged).stderr).toContain('The record of version 2 is not what is said of it.')
})

describe('the fingerprint of a closed conversation', () => {
  const jsonOf = (told: Story) => transcriptJson(foldTranscript(told.conversationId, told.raw())!, POLICY)

  test('is the hash of the record that closed it, whatever is read, issued or received afterwards', () => {
    const told = new Story().opened().wrote('oi').closed()
    const { fingerprint, views } = jsonOf(told)
    expect(fingerprint).toEqual({
      streamVersion: 3,
      hash: createHash('sha256').update(told.events[2]!.raw).digest('hex'),
      isFinal: true,
    })
    expect(views).toEqual([])
    const { conversationId } = told
    told
      .tell({ type: 'TranscriptViewed', data: { conversationId, linkId: 'a', format: 'page' } })
      .tell({ type: 'TranscriptLinkRevoked', data: { conversationId, linkId: 'a' } })
    expect(jsonOf(told).fingerprint).toEqual(fingerprint)
    expect(jsonOf(told).views).toEqual([{ streamVersion: 4, recordedAt: expect.stringMatching(/Z$/) }])
    expect(alteredIn(jsonOf(told))).toEqual([])
  })

  test('of an open one is that of what was said so far: a view does not change it either', () => {
    const told = new Story().opened().wrote('oi')
    const { fingerprint } = jsonOf(told)
    expect(fingerprint).toMatchObject({ streamVersion: 2, isFinal: false })
    const { conversationId } = told
    told.tell({ type: 'TranscriptViewed', data: { conversationId, linkId: 'a', format: 'page' } })
    expect(jsonOf(told).fingerprint).toEqual(fingerprint)
    expect(jsonOf(told.wrote('more')).fingerprint).toMatchObject({ streamVersion: 4 })
  })
})

test('a card number is masked in readable texts, and the records that hold it stand as their hashes', () => {
  const told = new Story()
    .opened()
    .wrote('4111 1111 1111 1111')
    .edited('in-1', 'card 5500-0000-0000-0004')
    .sendRequested({ $case: 'text', value: { text: 'Your card 5500000000000004, right?' } })
    .wrote('yes')
  const download = transcriptJson(foldTranscript(told.conversationId, told.raw())!, POLICY)
  expect(
    download.messages.map(({ text, edits }) => [text, edits.map(({ textBefore }) => textBefore)]),
  ).toEqual([
    ['card ••••-••••-••••-0004', ['•••• •••• •••• 1111']],
    ['Your card ••••••••••••0004, right?', []],
    ['yes', []],
  ])
  expect(everythingIn(download)).not.toMatch(/4111.?1111|5500.?0000/)
  expect(download.events.map(({ raw }) => raw !== null)).toEqual([true, false, false, false, true])
  expect(alteredIn(download)).toEqual([])
})

test('a card number that is sent group by group is masked, whatever the robot says between, and so are the records that hold it', () => {
  const told = new Story()
    .opened()
    .wrote('4111 1111')
    .sendRequested({ $case: 'text', value: { text: 'Sorry?' } })
    .wrote('1111 1111')
    .wrote('is that 4111 1111?')
    .wrote('5500 0000')
    .wrote('0000 0004')
    .revoked('in-5')
  const download = transcriptJson(foldTranscript(told.conversationId, told.raw())!, POLICY)
  expect(download.messages.map(({ text }) => text)).toEqual([
    '•••• ••••',
    'Sorry?',
    '•••• 1111',
    'is that 4111 1111?',
    '•••• ••••',
    '',
  ])
  expect(download.events.map(({ raw }) => raw !== null)).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
    false,
    true,
  ])
  expect(alteredIn(download)).toEqual([])
})

describe('an answer to a question that its flow marks as sensitive', () => {
  const told = (answer: string, summary: string) => {
    const story = new Story().opened().wrote(answer)
    const session = JSON.stringify({ variables: { cpf: answer } })
    return story
      .tell(
        { type: 'BotTurnRequested', data: { turn: 1, inputs: [{ messageId: 'in-1' }] } },
        { words: { messages: [{ body: { $case: 'text', value: { text: answer } } }] } },
      )
      .tell(
        { type: 'BotTurnCompleted', data: { turn: 1, sensitiveMessageIds: ['in-1'] } },
        { by: 'bot', words: { session } },
      )
      .sendRequested({ $case: 'text', value: { text: summary } })
      .wrote('yes, it is')
  }
  const downloadOf = (story: Story) =>
    transcriptJson(foldTranscript(story.conversationId, story.raw())!, POLICY)

  test.each([
    ['111.444.777-35', 'You told:\n• CPF: 111.444.777-35\n• Place: shop'],
    ['it is 11144477735', 'You told:\n• CPF: 111.444.777-35\n• Place: shop'],
    ['১১১৪৪৪৭৭৭৩৫', 'You told:\n• CPF: 111.444.777-35\n• Place: shop'],
  ])('%j is masked where it was said and where the robot repeats it', (answer, summary) => {
    const download = downloadOf(told(answer, summary))
    expect(download.messages.map(({ text }) => text)).toEqual([
      '••••••',
      'You told:\n• CPF: ••••••\n• Place: shop',
      'yes, it is',
    ])
    expect(everythingIn(download)).not.toMatch(/111.?444|১১১৪৪৪/)
    expect(alteredIn(download)).toEqual([])
  })

  test('is masked when it is short too, with what the robot keeps of it; nothing else is withheld', () => {
    const download = downloadOf(told('7', 'Thanks, 7 it is not'))
    expect(download.messages.map(({ text }) => text)).toEqual(['••••••', 'Thanks, 7 it is not', 'yes, it is'])
    expect(download.events.flatMap(({ type, raw }) => (raw === null ? [type] : []))).toEqual([
      'MessageReceived',
      'BotTurnRequested',
      'BotTurnCompleted',
    ])
  })

  test('is masked where it is words too, but words that were ours before it are no secret', () => {
    const told = (answer: string) =>
      new Story()
        .opened()
        .sendRequested({ $case: 'text', value: { text: 'Who was it? Write *atendente* for a person.' } })
        .wrote(answer)
        .tell({ type: 'BotTurnCompleted', data: { turn: 1, sensitiveMessageIds: ['in-1'] } })
        .sendRequested({ $case: 'text', value: { text: `${answer}, não? Write *atendente*.` } })
    const shown = (answer: string) =>
      downloadOf(told(answer))
        .messages.map(({ text }) => text)
        .slice(1)
    expect(shown('Maria Souza')).toEqual(['••••••', '••••••, não? Write *atendente*.'])
    expect(shown('atendente')).toEqual(['••••••', 'atendente, não? Write *atendente*.'])
    expect(shown('não')).toEqual(['••••••', 'não, não? Write *atendente*.'])
  })

  test('is masked where the robot words it otherwise, and no part of it elsewhere', () => {
    const story = new Story()
      .opened()
      .wrote('15/03/85')
      .tell(
        { type: 'BotTurnCompleted', data: { turn: 1, sensitiveMessageIds: ['in-1'] } },
        { by: 'bot', words: { session: '{}', shown: ['1985-03-15', '15/03/1985', '15 March 1985'] } },
      )
      .sendRequested({ $case: 'text', value: { text: 'Born 15/03/1985 (15 March 1985)? In 1985 we began.' } })
    const download = downloadOf(story)
    expect(download.messages.map(({ text }) => text)).toEqual([
      '••••••',
      'Born •••••• (••••••)? In 1985 we began.',
    ])
    expect(everythingIn(download)).not.toMatch(/15.03.(19)?85/)
    expect(alteredIn(download)).toEqual([])
  })

  test('is masked alone where the turn says so, until the message is edited; the record that holds it is withheld', () => {
    const story = new Story()
      .opened()
      .wrote('oi, CPF 111.444.777-35, perdi meu cartão')
      .tell(
        {
          type: 'BotTurnCompleted',
          data: { turn: 1, sensitiveMessageIds: ['in-1'], partlySensitiveMessageIds: ['in-1'] },
        },
        { by: 'bot', words: { session: '{}', shown: ['11144477735'] } },
      )
      .sendRequested({ $case: 'text', value: { text: 'Seu CPF é 11144477735? Perdi meu cartão?' } })
    const download = downloadOf(story)
    expect(download.messages.map(({ text }) => text)).toEqual([
      'oi, CPF ••••••, perdi meu cartão',
      'Seu CPF é ••••••? Perdi meu cartão?',
    ])
    expect(everythingIn(download)).not.toMatch(/111.?444/)
    const [edited] = downloadOf(story.edited('in-1', 'CPF 529.982.247-25')).messages
    expect(edited).toMatchObject({ text: '••••••', edits: [{ textBefore: '••••••' }] })
  })

  test('is masked as a whole where it was edited before the turn that names a part of it: of what it said before nobody was asked', () => {
    const story = new Story()
      .opened()
      .wrote('oi, CPF 111.444.777-35')
      .edited('in-1', 'oi, CPF 529.982.247-25')
      .tell(
        {
          type: 'BotTurnCompleted',
          data: { turn: 1, sensitiveMessageIds: ['in-1'], partlySensitiveMessageIds: ['in-1'] },
        },
        { by: 'bot', words: { session: '{}', shown: ['52998224725'] } },
      )
    const download = downloadOf(story)
    expect(download.messages).toMatchObject([{ text: '••••••', edits: [{ textBefore: '••••••' }] }])
    expect(everythingIn(download)).not.toMatch(/111.?444|529.?982/)
  })

  test('is masked before the turn that hears it has ended, and what was none is shown then', () => {
    const story = new Story()
      .opened()
      .tell(
        { type: 'MessageReceived', data: { messageId: 'in-1', type: 'text', perhapsSensitive: true } },
        { by: 'customer', words: { messages: [{ body: { $case: 'text', value: { text: '15/03/85' } } }] } },
      )
      .tell(
        { type: 'MessageReceived', data: { messageId: 'in-2', type: 'text', perhapsSensitive: true } },
        { by: 'customer', words: { messages: [{ body: { $case: 'text', value: { text: 'what for?' } } }] } },
      )
    const textsOf = () => downloadOf(story).messages.map(({ text }) => text)
    expect(textsOf()).toEqual(['••••••', '••••••'])
    expect(everythingIn(downloadOf(story))).not.toContain('15/03/85')
    story.tell({
      type: 'BotTurnCompleted',
      data: { turn: 1, sensitiveMessageIds: ['in-1'], plainMessageIds: ['in-2'] },
    })
    expect(textsOf()).toEqual(['••••••', 'what for?'])
  })

  test('stays masked with its edits', () => {
    const story = told('4321', 'Card ending in 4321?').edited('in-1', '4322')
    const download = downloadOf(story)
    expect(download.messages[0]).toMatchObject({ text: '••••••', edits: [{ textBefore: '••••••' }] })
    expect(everythingIn(download)).not.toMatch(/432[12]/)
  })
})
