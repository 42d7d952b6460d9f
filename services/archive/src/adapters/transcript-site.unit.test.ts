import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { bankStory } from '../page/bank-story.fixture.ts'
import { Story } from '../transcript/story.fixture.ts'
import { foldTranscript } from '../transcript/fold-transcript.ts'
import type { WholeTranscript } from '../transcript/transcript.ts'
import { bn } from '../transcript/words/bn.ts'
import { en } from '../transcript/words/en.ts'
import { pt } from '../transcript/words/pt.ts'
import { pageAssets } from './page-assets.ts'
import { transcriptSite } from './transcript-site.ts'

const SHA256 = 'c'.repeat(64)
const FILE = Buffer.from('the picture of a card')

function site(
  story: Story = bankStory('en'),
  open: readonly string[] = [],
  {
    openAmong = async (tokens: readonly string[]) => new Set(tokens.filter((token) => open.includes(token))),
    viewsPerMinute = 1_000,
  } = {},
) {
  const views: string[] = []
  let folded: WholeTranscript | undefined
  const read = async (conversationId: string) => (folded ??= foldTranscript(conversationId, story.raw()))
  const app = transcriptSite({
    links: {
      open: async () => ({
        _id: 'link',
        conversationId: story.conversationId,
        contactId: story.contactId,
        issuedAt: new Date(0),
        expiresAt: new Date(8.64e15),
        revokedAt: null,
      }),
      openAmong,
    },
    viewsPerMinute,
    whole: read,
    transcript: read,
    message: read,
    recordView: (_link, format) => void views.push(format),
    company: { name: 'Banco Aurora', timeZone: 'America/Sao_Paulo', agentName: () => undefined },
    assets: pageAssets(),
    showRevoked: false,
    readFile: async (sha256, offset, length) =>
      sha256 === SHA256 ? FILE.subarray(offset, offset + length) : Promise.reject(new Error('another')),
    http: { hosts: ['127.0.0.1'], trustedProxies: [], connectionsMax: 100, connectionsPerAddressMax: 100 },
  })
  const answer = (path: string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'GET', url: `/t/token${path}`, headers: { host: '127.0.0.1', ...headers } })
  const get = async (path: string, headers: Record<string, string> = {}) =>
    (await answer(path, headers)).statusCode
  return { get, answer, views }
}

test('what a browser or a messenger fetches ahead is served and is no view, in any format; what somebody opens is one', async () => {
  const { get, views } = site()
  for (const path of ['', '/print', '/transcript.json']) {
    expect(await get(path, { 'sec-purpose': 'prefetch;prerender' })).toBe(200)
    expect(await get(path, { purpose: 'prefetch' })).toBe(200)
    expect(await get(path, { 'x-moz': 'prefetch' })).toBe(200)
    expect(await get(path, { 'user-agent': 'WhatsApp/2.24.10.79 A' })).toBe(200)
    expect(await get(path, { 'user-agent': 'facebookexternalhit/1.1' })).toBe(200)
  }
  expect(views).toEqual([])
  for (const path of ['', '/print', '/transcript.json']) await get(path, { 'user-agent': 'Mozilla/5.0' })
  expect(views).toEqual(['page', 'print', 'json'])
})

test('what could not be shown was not seen: a page that is not made is no view', async () => {
  const { get, views } = site(bankStory('en'), [], {
    openAmong: async () => {
      throw new Error('the store is away')
    },
  })
  for (const path of ['', '/print']) expect(await get(path, { 'user-agent': 'Mozilla/5.0' })).toBe(500)
  expect(views).toEqual([])
})

test('a link opens the files of its own conversation, as far as the page shows them, and no others', async () => {
  const story = new Story().opened()
  const picture = MessageBody.fromPartial({ body: { $case: 'media', value: { type: 'image' } } }).body!
  const file = { sha256: SHA256, mimeType: 'image/jpeg', bytes: BigInt(FILE.length) }
  for (const id of ['kept', 'deleted', 'pending', 'lost']) story.received(picture, { id, type: 'image' })
  for (const id of ['kept', 'deleted'])
    story.tell({ type: 'MediaStored', data: { messageId: id } }, { words: { file } })
  story.tell({ type: 'MediaUnavailable', data: { messageId: 'lost', reason: 'wrong_kind' } })
  story.tell({ type: 'MessageRevoked', data: { targetMessageId: 'deleted' } }, { by: 'customer' })
  const { get, answer, views } = site(story)

  const kept = await answer('/media/kept', { range: 'bytes=4-10' })
  expect([kept.statusCode, kept.body, kept.headers['content-type']]).toEqual([206, 'picture', 'image/jpeg'])
  expect(kept.headers['content-security-policy']).toMatch(/^sandbox/)
  for (const path of [
    '/media/deleted',
    '/media/pending',
    '/media/lost',
    '/media/other',
    `/media/${SHA256}`,
    '/media',
    '/media/',
  ])
    expect([path, await get(path)]).toEqual([path, 404])
  expect(views).toEqual([])

  const { body } = await answer('')
  expect(body).toContain('<img src="/t/token/media/kept"')
  expect(body).not.toContain('/media/deleted')
  expect(body).toContain('The file is not here: it is not what it says that it is.')
  expect(body).not.toContain(SHA256)
})

test('a page shows no other link that opens something: whoever may read this record may not for that read others', async () => {
  const [open, over, spelt] = ['o'.repeat(43), 'e'.repeat(43), `%6f${'o'.repeat(42)}`]
  const story = new Story()
    .opened()
    .wrote(`mine: https://record.test/t/${open} and https%3A%2F%2Frecord.test%2Ft%2F${open}`)
    .wrote(`spelt: https://record.test/%74/${spelt}`, { id: 'in-3' })
    .wrote(`an old one: https://record.test/t/${over}`, { id: 'in-2' })
  const { answer } = site(story, [open, spelt])
  for (const path of ['', '/print', '/transcript.json']) {
    const { body } = await answer(path)
    expect(body).not.toContain(open)
    expect(body).not.toContain(spelt)
    expect(body).toContain('[withheld]')
    expect(body).toContain(over)
  }
})

test('who opens a record too often is told so in each language: nobody knows yet which is theirs', async () => {
  const { answer } = site(bankStory('pt'), [], { viewsPerMinute: 1 })
  await answer('')
  const { statusCode, body } = await answer('')
  expect(statusCode).toBe(429)
  for (const words of [en, pt, bn]) expect(body).toContain(`${words.openedTooOften}\n`)
})

test('a long record may be opened less often than a short one, in each format: what it takes to be made counts', async () => {
  const opened = async (story: Story, path: string) => {
    const { get } = site(story, [], { viewsPerMinute: 8 })
    const statuses: number[] = []
    for (let view = 0; view < 10; view += 1) statuses.push(await get(path))
    return statuses.filter((status) => status === 200).length
  }
  const long = new Story().opened()
  for (let turn = 0; turn < 3_000; turn += 1) long.wrote('oi')
  for (const path of ['', '/print', '/transcript.json']) {
    expect(await opened(new Story().opened().wrote('oi'), path)).toBe(8)
    expect(await opened(long, path)).toBe(2)
  }
})
