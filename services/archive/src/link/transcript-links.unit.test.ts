import { type ConversationCommand, urlIn } from '@parley/conversation'
import { managed } from '@parley/eventlog'
import type { NewCommand } from '@parley/kernel'
import { expect, test } from 'vitest'
import { Story } from '../transcript/story.fixture.ts'
import { linkIdOf, tokenOfEnding, tokensIn } from './token.ts'
import { type TranscriptLink, isTtlAllowed } from './transcript-link.ts'
import { type Ending, type LinkStore, transcriptLinks } from './transcript-links.ts'

const anybody = async () => true
const conversation = { conversationId: 'conversation-1', contactId: 'contact-1' }

function memoryLinks(): LinkStore & { readonly kept: Map<string, TranscriptLink> } {
  const kept = new Map<string, TranscriptLink>()
  return {
    kept,
    async keep(links) {
      for (const link of links) if (!kept.has(link._id)) kept.set(link._id, link)
    },
    find: async (linkId) => kept.get(linkId) ?? null,
    findAll: async (linkIds) => linkIds.flatMap((linkId) => kept.get(linkId) ?? []),
    async revoke(linkId, at) {
      const link = kept.get(linkId)
      if (link?.revokedAt === null) kept.set(linkId, { ...link, revokedAt: at })
    },
  }
}

function setUp() {
  const store = memoryLinks()
  const commands: NewCommand<ConversationCommand>[] = []
  const clock = { now: new Date('2026-03-02T12:00:00.000Z') }
  let tokens = 0
  const append = async (appended: readonly NewCommand<ConversationCommand>[]) => {
    // A word about a link that is not there yet could send a customer to a closed door.
    for (const { type, data } of appended)
      if (type === 'RecordTranscriptLinkIssued' && !store.kept.has(data.linkId))
        throw new Error('The log was told of a link that is not there yet.')
    commands.push(...appended)
  }
  const links = transcriptLinks(
    {
      store,
      append,
      now: () => clock.now,
      newToken: () => `token-${(tokens += 1)}`,
    },
    { baseUrl: 'https://record.test', secret: 'a secret of the tests', ttlSecondsOfEnding: 3600 },
  )
  const goBy = (seconds: number) => {
    clock.now = new Date(clock.now.getTime() + seconds * 1000)
  }
  const handle = managed(append, links.wishesFor, links.keepForEndings)
  const issueForEndings = async (events: readonly Ending[]) => {
    await handle({ events })
  }
  return { store, commands, links, issueForEndings, goBy }
}

function endingsIn({ events }: Story): readonly Ending[] {
  return events.filter((event) => event.type === 'ConversationEnding')
}

test('an issued link opens until its time is over, to the millisecond', async () => {
  const { links, goBy } = setUp()
  const { token, url, expiresAt } = await links.issue(conversation, 10)
  expect(url).toBe(`https://record.test/t/${token}`)
  expect(expiresAt.toISOString()).toBe('2026-03-02T12:00:10.000Z')
  expect((await links.open(token))?.conversationId).toBe('conversation-1')
  goBy(9.999)
  expect(await links.open(token)).toBeDefined()
  goBy(0.001)
  expect(await links.open(token)).toBeUndefined()
})

test('the token of a link for others is neither stored nor in the log', async () => {
  const { links, store, commands } = setUp()
  const { token } = await links.issue(conversation, 10)
  const [command] = commands
  expect(command).toMatchObject({
    type: 'RecordTranscriptLinkIssued',
    data: { forEnding: false, linkId: linkIdOf(token) },
  })
  expect(command?.content ?? []).toEqual([])
  expect(JSON.stringify([command, [...store.kept]])).not.toContain(token)
})

test('a revoked link never opens again; revoking twice is one revocation, an unknown token none', async () => {
  const { links, store, commands, goBy } = setUp()
  const { token } = await links.issue(conversation, 1000)
  expect(await links.revoke(token, anybody)).toBe(true)
  expect(await links.open(token)).toBeUndefined()
  const revoked = store.kept.get(linkIdOf(token))?.revokedAt
  goBy(5)
  expect(await links.revoke(token, anybody)).toBe(true)
  expect(store.kept.get(linkIdOf(token))?.revokedAt).toEqual(revoked)
  expect(await links.revoke(token, anybody, 'p01')).toBe(true)
  expect(new Set(commands.map(({ commandId }) => commandId)).size).toBe(2)
  expect(commands.slice(1).map(({ actor }) => actor)).toEqual([
    { kind: 'system', id: 'archive' },
    { kind: 'system', id: 'archive' },
    { kind: 'agent', id: 'p01' },
  ])
  expect(await links.revoke('never', anybody)).toBe(false)
})

test('a link of a conversation that somebody may not see is to them one that never was', async () => {
  const { links, commands } = setUp()
  const { token } = await links.issue(conversation, 1000)
  expect(await links.revoke(token, async (conversationId) => conversationId !== 'conversation-1')).toBe(false)
  expect(await links.open(token)).toBeDefined()
  expect(commands).toHaveLength(1)
})

test('an ending that is handled twice gives one link, one command id, one address', async () => {
  const { issueForEndings, store, commands } = setUp()
  const handled = endingsIn(new Story().ending('Thank you', 'Open'))
  const [ending] = handled
  await issueForEndings(handled)
  await issueForEndings(handled)
  expect(store.kept.size).toBe(1)
  expect(commands).toHaveLength(2)
  expect(commands[0]).toEqual(commands[1])
  const token = tokenOfEnding('a secret of the tests', ending!.envelope.eventId)
  expect(commands[0]).toMatchObject({
    streamId: ending!.envelope.streamId,
    correlationId: ending!.envelope.correlationId,
    causationId: ending!.envelope.eventId,
    data: { forEnding: true },
  })
  expect(urlIn(commands[0]?.content ?? [])).toBe(`https://record.test/t/${token}`)
  expect(JSON.stringify(commands[0]?.data)).not.toContain(token)
  expect(token).toMatch(/^[\w-]{43}$/)
})

test('only an ending that is to send a link gets one', async () => {
  const { issueForEndings, commands } = setUp()
  const story = new Story()
    .opened()
    .wrote('oi')
    .tell({ type: 'ConversationEnding', data: { reason: 'silence' } })
    .closed()
  await issueForEndings(endingsIn(story))
  expect(commands).toEqual([])
})

test('another secret gives other tokens', () => {
  expect(tokenOfEnding('one', 'event')).not.toBe(tokenOfEnding('two', 'event'))
})

test.each([
  [0, false],
  [1, true],
  [315_576_000, true],
  [315_576_001, false],
  [-5, false],
  [1.5, false],
  [Number.NaN, false],
])('a time to live of %s s is allowed: %s', (seconds, allowed) => {
  expect(isTtlAllowed(seconds)).toBe(allowed)
})

test('the tokens in a record are found wherever an address stands in its bytes, whatever stands behind it', () => {
  const token = tokenOfEnding('a secret of the tests', 'event')
  const records = [
    `https://record.test/t/${token}`,
    `https://record.test/t/${token}bZ field behind it`,
    JSON.stringify({ body: `see https://record.test/t/${token}.` }),
    `https:\\/\\/record.test\\/t\\/${token}`,
    `https://elsewhere.test/?go=https%3A%2F%2Frecord.test%2Ft%2F${token}`,
    // What browsers make `/t/TOKEN` of.
    `https://record.test/t/./${token}`,
    `https://record.test/t/%2E/${token}`,
    `https://record.test/t/x/../${token}`,
    `https:\\\\record.test\\t\\${token}`,
    JSON.stringify({ body: `https:\\\\record.test\\t\\${token}` }),
    `https://elsewhere.test/?go=record.test%5Ct%5C${token}`,
  ]
  for (const record of records) expect(tokensIn(Buffer.from(record))).toEqual([token])
  expect(tokensIn(Buffer.from(`/t/short and /tea/ and ${token}`))).toEqual([])
})

test('a token is found and known however an address spells it, since a browser opens it so', async () => {
  const token = tokenOfEnding('a secret of the tests', 'event')
  const spelt = token.replaceAll(/./g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
  expect(tokensIn(Buffer.from(`https://a.test/%74/${spelt}x`))).toEqual([spelt])
  const { links } = setUp()
  await links.issue(conversation, 600)
  expect([...(await links.openAmong(['%74oken%2D1', '%74oken-2']))]).toEqual(['%74oken%2D1'])
})

test('of many tokens, those that open something now are told', async () => {
  const { links, goBy } = setUp()
  const [short, long, revoked] = [
    await links.issue(conversation, 10),
    await links.issue(conversation, 100),
    await links.issue(conversation, 100),
  ]
  await links.revoke(revoked.token, anybody)
  const all = [short.token, long.token, revoked.token, 'never']
  expect([...(await links.openAmong(all))]).toEqual([short.token, long.token])
  goBy(10)
  expect([...(await links.openAmong(all))]).toEqual([long.token])
})
