import { expect, test } from 'vitest'
import { bankStory } from '../page/bank-story.fixture.ts'
import { foldTranscript } from '../transcript/fold-transcript.ts'
import { pageAssets } from './page-assets.ts'
import { transcriptSite } from './transcript-site.ts'

function site() {
  const story = bankStory('en')
  const views: string[] = []
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
      openAmong: async () => new Set(),
    },
    viewsPerMinute: 1_000,
    whole: async (conversationId) => foldTranscript(conversationId, story.raw()),
    transcript: async (conversationId) => foldTranscript(conversationId, story.raw()),
    recordView: (_link, format) => void views.push(format),
    company: { name: 'Banco Aurora', timeZone: 'America/Sao_Paulo', agentName: () => undefined },
    assets: pageAssets(),
    showRevoked: false,
    http: { hosts: ['127.0.0.1'], trustedProxies: [], connectionsMax: 100, connectionsPerAddressMax: 100 },
  })
  const get = async (path: string, headers: Record<string, string> = {}) =>
    (await app.inject({ method: 'GET', url: `/t/token${path}`, headers: { host: '127.0.0.1', ...headers } }))
      .statusCode
  return { get, views }
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
