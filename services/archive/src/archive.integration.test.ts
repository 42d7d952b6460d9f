import { randomUUID } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'
import { urlIn } from '@parley/conversation'
import { StoredHeads, eventRecord, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import type { Family } from '@parley/kernel'
import {
  GetTranscriptRequest,
  IssueTranscriptLinkRequest,
  ListConversationsRequest,
  RevokeTranscriptLinkRequest,
} from '@parley/proto/archive'
import { ContactProfile } from '@parley/proto/content'
import { grpcCall, status } from '@parley/service'
import { Chain, until } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rawArchive } from './adapters/raw-archive.ts'
import { tokenOfEnding } from './link/token.ts'
import { bankStory } from './page/bank-story.fixture.ts'
import { INTERNAL_WORDS, peopleStory } from './page/people-story.fixture.ts'
import { type RunningArchive, startArchive } from './testing.fixture.ts'
import type { TranscriptJson } from './transcript/transcript.ts'
import { Story } from './transcript/story.fixture.ts'

const options = { timeoutMs: 10_000 }
let archive: RunningArchive
beforeAll(async () => {
  archive = await startArchive()
})
afterAll(() => archive[Symbol.asyncDispose]())

const unique = () => ({ contactId: randomUUID(), conversationId: randomUUID(), prefix: `${randomUUID()}-` })
const newStory = () => new Story({ ...unique(), begins: new Date().toISOString() })

/** By both readers: what they say is only then as new as the story. */
async function archived(story: Story): Promise<void> {
  await archive.append(story.events)
  const { contactId: streamId, conversationId } = story
  const raw = await rawArchive(archive.db)
  await until('the conversation is archived', async () => {
    const head = (await new StoredHeads(archive.db, 'transcripts_v1').of([streamId])).get(streamId)
    if (head?.version !== story.events.length) return false
    return (await raw.ofConversation({ streamId, conversationId }, head.offset)).isComplete
  })
}

const issue = (conversationId: string, ttlSeconds = 60) =>
  grpcCall(
    archive.client,
    'issueTranscriptLink',
    IssueTranscriptLinkRequest.fromPartial({ conversationId, ttlSeconds: BigInt(ttlSeconds) }),
    options,
  )
const revoke = (token: string) =>
  grpcCall(
    archive.client,
    'revokeTranscriptLink',
    RevokeTranscriptLinkRequest.fromPartial({ token }),
    options,
  )
const transcript = (conversationId: string) =>
  grpcCall(archive.client, 'getTranscript', GetTranscriptRequest.fromPartial({ conversationId }), options)

/** Sends the path as it is: fetch would mend some of them. */
function get(
  path: string,
  method = 'GET',
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(archive.site)
    request({ hostname, port, path, method }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
      .on('error', reject)
      .end()
  })
}

async function viewsOf(conversationId: string): Promise<readonly string[]> {
  return (await archive.commands())
    .filter(({ envelope }) => envelope.correlationId === conversationId)
    .flatMap(({ type, data }) => (type === 'RecordTranscriptViewed' ? [data.format] : []))
}

describe('the record', () => {
  test('a transcript holds the exact bytes of every event of its conversation, in stream order', async () => {
    const story = newStory()
      .opened()
      .wrote('oi')
      .sendRequested({ $case: 'text', value: { text: 'olá' } })
    story.sent('out-1', 'delivered', 'read').closed()
    await archived(story)
    const { token } = await issue(story.conversationId)
    const response = await fetch(`${archive.site}/t/${token}/transcript.json`)
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="conversation-${story.conversationId}.json"`,
    )
    const json = (await response.json()) as TranscriptJson
    expect(json.conversationId).toBe(story.conversationId)
    expect(json.messages.map((message) => [message.author.kind, message.text, message.status])).toEqual([
      ['customer', 'oi', 'received'],
      ['bot', 'olá', 'read'],
    ])
    expect(json.events.map((event) => [event.type, event.streamVersion, event.raw])).toEqual(
      story.events.map(({ envelope, raw }) => [
        envelope.type,
        envelope.streamVersion,
        Buffer.from(raw).toString('base64'),
      ]),
    )
    const answer = await transcript(story.conversationId)
    expect(answer.events.map(({ raw }) => Buffer.from(raw))).toEqual(
      story.events.map(({ raw }) => Buffer.from(raw)),
    )
    expect(answer.conversation).toMatchObject({ stage: 'closed', messageCount: 2, closeReason: 'flow_ended' })
  })

  test('records that came twice or lost against an earlier one change no transcript; all of them are archived', async () => {
    const story = newStory().opened().wrote('the first one wins')
    const zombie = new Story({ contactId: story.contactId, conversationId: story.conversationId })
      .opened()
      .wrote('a zombie said this', { id: 'zombie' })
    await archive.append([...story.events, ...story.events])
    await archive.append(zombie.events.slice(1))
    story.wrote('and it goes on').closed()
    await archive.append(story.events.slice(2))
    await until('the close is archived', async () => {
      const { conversation } = await transcript(story.conversationId).catch(() => ({
        conversation: undefined,
      }))
      return conversation?.stage === 'closed'
    })
    const { entries, events } = await transcript(story.conversationId)
    expect(entries.filter(({ kind }) => kind === 'message').map(({ text }) => text)).toEqual([
      'the first one wins',
      'and it goes on',
    ])
    expect(events.map(({ streamVersion }) => streamVersion)).toEqual([1, 2, 3, 4])
    const paged: number[] = []
    let pageToken = ''
    do {
      const page = await grpcCall(
        archive.client,
        'getTranscript',
        GetTranscriptRequest.fromPartial({ conversationId: story.conversationId, pageSize: 3, pageToken }),
        options,
      )
      paged.push(...page.events.map(({ streamVersion }) => streamVersion))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(paged).toEqual([1, 2, 3, 4])
    const kept = await archive.db
      .collection('raw_records')
      .find({ streamId: story.contactId })
      .sort({ offset: 1 })
      .toArray()
    const said = [...story.events.slice(0, 2), ...story.events.slice(0, 2), ...zombie.events.slice(1)]
    expect(kept.map(({ raw }) => raw.buffer)).toEqual(
      [...said, ...story.events.slice(2)].map(({ raw }) => Buffer.from(raw)),
    )
  })

  test('a receipt that comes after the close belongs to its own conversation, not to the one that is open', async () => {
    const [first, second] = [randomUUID(), randomUUID()]
    const story = new Story({ ...unique(), conversationId: first })
    story
      .opened()
      .sendRequested({ $case: 'text', value: { text: 'bye' } }, { id: 'late' })
      .sent('late')
      .closed()
      .tell(
        {
          type: 'ConversationOpened',
          data: { conversationId: second, channelAccountId: '', language: 'en' },
        },
        { correlationId: second },
      )
      .tell(
        {
          type: 'DeliveryStatusAdvanced',
          data: { messageId: story.id('late'), providerMessageId: 'wamid.late', status: 'read' },
        },
        { correlationId: first },
      )
    await archived(story)
    const closed = await transcript(first)
    expect(closed.entries.find(({ messageId }) => messageId === story.id('late'))?.status).toBe('read')
    expect(closed.events.map(({ streamVersion }) => streamVersion)).toEqual([1, 2, 3, 4, 6])
    expect((await transcript(second)).events.map(({ streamVersion }) => streamVersion)).toEqual([5])
  })
})

describe('what people say among themselves', () => {
  test('is read by people of the company, and is in nothing that a customer gets', async () => {
    const story = peopleStory('en', unique())
    await archived(story)
    const { entries, events, conversation } = await transcript(story.conversationId)
    expect(conversation).toMatchObject({ stage: 'closed', closeReason: 'solved' })
    const [note, transferNote] = INTERNAL_WORDS
    expect(entries.filter(({ kind }) => kind === 'note')).toMatchObject([
      { authorKind: 'agent', authorId: 'p01', text: note },
      { authorKind: 'agent', authorId: 'p01', text: transferNote },
    ])
    const told = entries.filter(({ kind }) => kind === 'internal').map(({ text }) => text)
    expect(told).toContain('The offer to Bruno Lima ended: declined')
    expect(told).toContain('SendAgentMessage was refused: NOT_THE_OWNER')
    expect(entries.filter(({ authorId }) => authorId === 'p02')).toMatchObject([{ kind: 'message' }])
    expect(events.map(({ raw }) => Buffer.from(raw))).toEqual(story.events.map(({ raw }) => Buffer.from(raw)))

    const { token } = await issue(story.conversationId)
    for (const view of ['', '/print', '/transcript.json', '?lang=bn']) {
      const { body } = await get(`/t/${token}${view}`)
      const text = body.toString('utf8')
      const records = view === '/transcript.json' ? (JSON.parse(text) as TranscriptJson).events : []
      const all = [text, ...records.map(({ raw }) => Buffer.from(raw ?? '', 'base64').toString('utf8'))]
      for (const words of [...INTERNAL_WORDS, 'declined', 'NOT_THE_OWNER'])
        expect([view, all.join('\n').includes(words), words]).toEqual([view, false, words])
    }
    // The example company tells who serves its customers.
    expect((await get(`/t/${token}?lang=en`)).body.toString('utf8')).toContain('Bruno took over from Ana')
  })
})

describe('who has a number now', () => {
  test('does not see the past of who had it before: conversations are a contact’s, whatever names they have', async () => {
    const number = ContactProfile.fromPartial({ waId: '5511987654321' })
    const former = newStory()
      .tell({ type: 'ContactRegistered', data: { language: 'pt' } }, { words: { profile: number } })
      .opened()
      .handedOver()
      .assigned('p01')
      .wrote('my secret of before')
      .closed('solved', 'p01')
      .tell({ type: 'ContactNumberReleased', data: {} }, { words: { profile: number } })
    const present = newStory()
      .tell({ type: 'ContactRegistered', data: { language: 'pt' } }, { words: { profile: number } })
      .opened()
      .wrote('oi')
      .closed()
    await archived(former)
    await archived(present)
    const listed = await grpcCall(
      archive.client,
      'listConversations',
      ListConversationsRequest.fromPartial({ contactId: present.contactId }),
      options,
    )
    expect(listed.conversations.map(({ conversationId }) => conversationId)).toEqual([present.conversationId])
    const { token } = await issue(present.conversationId)
    const download = (await get(`/t/${token}/transcript.json`)).body.toString('utf8')
    const records = (JSON.parse(download) as TranscriptJson).events.map(({ raw }) =>
      Buffer.from(raw!, 'base64').toString('utf8'),
    )
    for (const words of [former.contactId, former.conversationId, 'my secret of before'])
      expect([download, ...records].join('\n')).not.toContain(words)
  })
})

describe('links', () => {
  test('an ending gets one link that opens, and its command carries the address', async () => {
    const story = newStory().opened().wrote('oi').ending('Thank you', 'Open')
    await archived(story)
    const issued = async () =>
      (await archive.commands()).filter(
        ({ envelope, type }) =>
          envelope.correlationId === story.conversationId && type === 'RecordTranscriptLinkIssued',
      )
    await until('the link is issued', async () => (await issued()).length > 0)
    const ending = story.events.at(-1)!.envelope
    const token = tokenOfEnding(archive.env['TRANSCRIPT_LINK_SECRET']!, ending.eventId)
    expect(
      (await issued()).map(({ data, envelope }) => ({ ...data, url: urlIn(envelope.content) })),
    ).toMatchObject([
      {
        conversationId: story.conversationId,
        forEnding: true,
        url: `https://record.test/t/${token}`,
      },
    ])
    expect((await get(`/t/${token}`)).status).toBe(200)
  })

  test('a link issued by gRPC leaves its token nowhere but in the answer', async () => {
    const story = newStory().opened()
    await archived(story)
    const { token, url, expiresAt } = await issue(story.conversationId, 60)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(url).toBe(`https://record.test/t/${token}`)
    expect(Date.parse(expiresAt ?? '')).toBeGreaterThan(Date.now())
    const commands = (await archive.commands()).filter(
      ({ envelope }) => envelope.correlationId === story.conversationId,
    )
    expect(commands.map(({ envelope }) => envelope.type)).toEqual(['RecordTranscriptLinkIssued'])
    const links = await archive.db.collection('links').find().toArray()
    expect(
      JSON.stringify([commands.map(({ data, envelope }) => [data, urlIn(envelope.content)]), links]),
    ).not.toContain(token)
  })

  test('unknown conversations, times to live, tokens and page sizes are refused by name', async () => {
    await expect(issue(randomUUID())).rejects.toMatchObject({
      status: status.NOT_FOUND,
      code: 'CONVERSATION_UNKNOWN',
    })
    for (const ttlSeconds of [0, -1, 315_576_001])
      await expect(issue('any', ttlSeconds)).rejects.toMatchObject({
        status: status.INVALID_ARGUMENT,
        code: 'TTL_OUT_OF_RANGE',
      })
    await expect(issue('')).rejects.toMatchObject({ code: 'CONVERSATION_ID_MISSING' })
    await expect(transcript(randomUUID())).rejects.toMatchObject({ status: status.NOT_FOUND })
    await expect(revoke('never-issued')).rejects.toMatchObject({
      status: status.NOT_FOUND,
      code: 'LINK_UNKNOWN',
    })
    const list = (fields: Partial<ListConversationsRequest>) =>
      grpcCall(archive.client, 'listConversations', ListConversationsRequest.fromPartial(fields), options)
    await expect(list({ pageToken: 'x' })).rejects.toMatchObject({ code: 'PAGE_TOKEN_INVALID' })
    await expect(list({ stage: 'asleep' })).rejects.toMatchObject({ code: 'STAGE_UNKNOWN' })
    await expect(list({ pageSize: -1 })).rejects.toMatchObject({ code: 'PAGE_SIZE_INVALID' })
  })

  test('whatever does not open answers with the same bytes and headers: unknown, malformed, expired, revoked, any path behind it, HEAD', async () => {
    const story = newStory().opened()
    await archived(story)
    const [expired, revoked, open] = await Promise.all([
      issue(story.conversationId, 1),
      issue(story.conversationId),
      issue(story.conversationId),
    ])
    await revoke(revoked.token)
    await until('the link has expired', async () => (await get(`/t/${expired.token}`)).status === 404)

    const without = ({ date: _date, ...headers }: IncomingHttpHeaders) => headers
    const unknown = await get(`/t/${'A'.repeat(43)}`)
    expect(unknown.status).toBe(404)
    const malformed = ['x', '%E0%A4%A', '..%2f..%2fetc', '%00', '%C3%A9', 'A'.repeat(3000)]
    const closed = [expired.token, revoked.token, 'A'.repeat(43), ...malformed].flatMap((token) => [
      `/t/${token}`,
      `/t/${token}/print`,
      `/t/${token}/transcript.json`,
      `/t/${token}/?lang=pt`,
    ])
    const paths = [
      ...closed,
      '/t/',
      '/t',
      `/t/${open.token}/other`,
      `/t/${open.token}/`,
      `/t/${open.token}/print/x`,
    ]
    for (const path of paths) {
      const answer = await get(path)
      expect([path, answer.status, without(answer.headers)]).toEqual([path, 404, without(unknown.headers)])
      expect(answer.body.equals(unknown.body)).toBe(true)
      const head = await get(path, 'HEAD')
      expect([path, head.status, without(head.headers)]).toEqual([path, 404, without(unknown.headers)])
      expect(head.body).toHaveLength(0)
    }
  })

  test('views of a quarter of an hour are one event for each format, without an address of the viewer; HEAD is no view', async () => {
    const story = newStory().opened().wrote('oi')
    await archived(story)
    const { token } = await issue(story.conversationId)
    expect((await get(`/t/${token}`, 'HEAD')).status).toBe(200)
    for (let reload = 0; reload < 20; reload += 1) await get(`/t/${token}`)
    await get(`/t/${token}/print`)
    await get(`/t/${token}/transcript.json`)
    for (const inherited of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      expect((await get(`/t/${token}/${inherited}`)).status).toBe(404)
    await until('the views are recorded', async () => (await viewsOf(story.conversationId)).length >= 3)
    const { token: other } = await issue(story.conversationId)
    await get(`/t/${other}/print`)
    await until('the view is recorded', async () => (await viewsOf(story.conversationId)).length >= 4)
    // Across the end of a quarter of an hour, some are two.
    const formats = await viewsOf(story.conversationId)
    expect(new Set(formats)).toEqual(new Set(['json', 'page', 'print']))
    expect(formats.length).toBeLessThanOrEqual(8)
    const views = (await archive.commands()).filter(
      ({ envelope }) => envelope.type === 'RecordTranscriptViewed',
    )
    expect(
      JSON.stringify(views.map(({ data, envelope }) => [data, envelope.actor, envelope.content])),
    ).not.toContain('127.0.0.1')
  })

  test('a link that is opened again and again is slowed down, and others are not', async () => {
    await using limited = await startArchive({ TRANSCRIPT_VIEWS_PER_MINUTE: '3' })
    const story = newStory().opened().wrote('oi')
    await limited.append(story.events)
    const issued = async () =>
      (
        await grpcCall(
          limited.client,
          'issueTranscriptLink',
          IssueTranscriptLinkRequest.fromPartial({ conversationId: story.conversationId, ttlSeconds: 60n }),
          options,
        )
      ).token
    const [one, other] = [await issued(), await issued()]
    const statuses: number[] = []
    for (let view = 0; view < 5; view += 1) statuses.push((await fetch(`${limited.site}/t/${one}`)).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429])
    const refused = await fetch(`${limited.site}/t/${one}/transcript.json`)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await fetch(`${limited.site}/t/${other}`)).status).toBe(200)
  })

  test('a download holds no other link that is open: its records stand there as hashes', async () => {
    const story = newStory().opened().wrote('oi')
    await archived(story)
    const other = await issue(story.conversationId)
    story.wrote(`here it is: ${other.url}`, { id: 'in-2' }).wrote('thanks', { id: 'in-3' })
    await archive.append(story.events.slice(-2))
    const { token } = await issue(story.conversationId)
    const download = async (opens: string) =>
      (await (await fetch(`${archive.site}/t/${opens}/transcript.json`)).json()) as TranscriptJson
    await until('all is archived', async () => (await download(token)).events.length === story.events.length)
    const rawOf = ({ events }: TranscriptJson) => events.map(({ raw }) => raw)
    const whole = story.events.map(({ raw }) => Buffer.from(raw).toString('base64'))
    expect(rawOf(await download(token))).toEqual([whole[0], whole[1], null, whole[3]])
    expect(JSON.stringify(await download(token))).not.toContain(other.token)
    expect((await download(token)).events[2]?.hash).toBe((await download(token)).events[3]?.prevHash)
    // Who has the link anyway gets its record; and once it is revoked there is nothing to withhold.
    expect(rawOf(await download(other.token))).toEqual(whole)
    await revoke(other.token)
    expect(rawOf(await download(token))).toEqual(whole)
  })
})

describe('the page', () => {
  test('carries the headers that keep it private and inert, in each view', async () => {
    const story = bankStory('pt', unique())
    await archived(story)
    const { token } = await issue(story.conversationId)
    for (const view of ['', '/print', '/transcript.json']) {
      const { status: code, headers } = await get(`/t/${token}${view}`)
      expect(code).toBe(200)
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex, nofollow',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      })
    }
  })

  test('speaks the conversation’s language, or the one that is asked for', async () => {
    const story = bankStory('pt', unique())
    await archived(story)
    const { token } = await issue(story.conversationId)
    const page = async (query: string) => (await get(`/t/${token}${query}`)).body.toString('utf8')
    expect(await page('')).toContain('<html lang="pt-BR"')
    expect(await page('?lang=bn')).toContain('<html lang="bn-BD"')
    expect(await page('?lang=%3Cscript%3E')).toContain('<html lang="pt-BR"')
    expect(await page('')).toContain('Banco Aurora')
  })

  test('its files and robots.txt are served; nothing else is', async () => {
    const page = (await get(`/t/${'A'.repeat(43)}`)).body.toString('utf8')
    const stylesheet = /href="(\/assets\/[^"]+\.css)"/.exec(page)?.[1] ?? ''
    expect((await get(stylesheet)).headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect((await get('/robots.txt')).body.toString()).toContain('Disallow: /')
    expect((await get('/assets/../package.json')).status).toBe(404)
  })
})

test('conversations are listed newest first, page by page, by contact and by stage', async () => {
  const contactId = randomUUID()
  const ids = Array.from({ length: 5 }, () => randomUUID())
  const story = new Story({ contactId })
  for (const [index, id] of ids.entries()) {
    story.tell(
      {
        type: 'ConversationOpened',
        data: { conversationId: id, channelAccountId: 'a', language: 'en' },
      },
      { correlationId: id },
    )
    if (index < 3)
      story.tell(
        { type: 'ConversationClosed', data: { conversationId: id, reason: 'silence' } },
        { correlationId: id },
      )
  }
  await archived(story)
  const list = (fields: Partial<ListConversationsRequest>) =>
    grpcCall(archive.client, 'listConversations', ListConversationsRequest.fromPartial(fields), options)
  const listed: string[] = []
  let pageToken = ''
  do {
    const page = await list({ contactId, pageSize: 2, pageToken })
    expect(page.conversations.length).toBeLessThanOrEqual(2)
    listed.push(...page.conversations.map(({ conversationId }) => conversationId))
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  expect(listed).toEqual(ids.toReversed())
  const closed = await list({ contactId, stage: 'closed' })
  expect(closed.conversations.map(({ conversationId }) => conversationId)).toEqual(
    ids.slice(0, 3).toReversed(),
  )
})

test.each<Family<any, any>>(FAMILIES)(
  'the records of the family $name are archived byte for byte',
  async (family) => {
    const streamId = randomUUID()
    const refused = { type: 'CommandRefused', data: { commandType: 'Anything', code: 'REFUSED' } } as const
    const event = new Chain(family, streamId).add(refused)
    await archive.log.append(topicsOf(archive.namespace, family).events, [eventRecord(event)])
    const records = archive.db.collection('raw_records')
    await until('it is archived', async () => (await records.countDocuments({ streamId })) > 0)
    expect((await records.findOne({ streamId }))?.['raw'].buffer).toEqual(Buffer.from(event.raw))
  },
)
