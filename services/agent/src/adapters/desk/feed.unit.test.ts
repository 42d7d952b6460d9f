import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type ConversationEvent, contentOf, conversations } from '@parley/conversation'
import {
  type Position,
  type ReadEvent,
  type StuckReader,
  eventRecord,
  memoryLog,
  topicsOf,
} from '@parley/eventlog'
import { readPeopleIn } from '@parley/people/directory'
import type { EventStream } from '@parley/service'
import { Chain, type Sketch, until } from '@parley/testkit'
import { workforces } from '@parley/workforce'
import { expect, onTestFinished, test } from 'vitest'
import { type ConversationFact, evolve } from '../../conversation/conversation.ts'
import { Sight } from '../../conversation/viewing.ts'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'
import { DeskFeed } from './feed.ts'

const CONFIG = fileURLToPath(new URL('../../../../../config', import.meta.url))
const topics = { conversations: topicsOf('feed', conversations), pool: topicsOf('feed', workforces) }
const roster = await readPeopleIn(CONFIG)

type Happening = readonly [event: Sketch<ConversationEvent>, by: string, note?: string]

/**
 * @param before what happened before the feed began
 * @param gone so many of its records are no more in the log
 * @param agoMs so long ago that was
 * @param readCount so many of its records are read into the store; default all
 */
async function following(
  before: readonly Happening[] = [],
  heard: (event: ReadEvent) => void = () => {},
  gone = 0n,
  agoMs = 0,
  readCount = before.length,
) {
  const log = memoryLog({ partitions: 1, now: () => new Date(Date.now() - agoMs) })
  const chain = new Chain(conversations, 'contact-1')
  const append = async (...[event, by, note = '']: Happening) => {
    const recorded = chain.add(event, {
      correlationId: 'c-1',
      actor: { kind: 'agent', id: by },
      content: note === '' ? [] : contentOf({ note }),
    })
    await log.append(topics.conversations.events, [eventRecord(recorded)])
    return recorded
  }
  let stored: ConversationDocument | undefined
  for (const [index, happening] of before.entries()) {
    const recorded = await append(...happening)
    if (index >= readCount) continue
    const { streamId, streamVersion: seenVersion } = recorded.envelope
    const now = evolve(stored, recorded as ConversationFact)
    if (now !== undefined) stored = { ...now, _id: 'c-1', streamId, seenVersion, leavesAt: null }
  }
  log.trim(topics.conversations.events, 0, gone)
  const errors: unknown[] = []
  const stuckAt: ({ readonly name: string } & StuckReader)[] = []
  const asked: string[] = []
  const ask = (what: string, ids: readonly string[]) => asked.push(...ids.map((id) => `${what} ${id}`))
  const reader = {
    readCount: readCount < before.length ? BigInt(readCount) : undefined,
    async whenProcessed({ offset }: Position): Promise<boolean> {
      await pause(1)
      return reader.readCount === undefined || offset < reader.readCount
    },
  }
  const feed = await DeskFeed.start({
    log,
    topics,
    readers: { conversations: reader, pool: reader },
    conversations: {
      async conversations(ids) {
        ask('conversation', ids)
        return stored !== undefined && ids.includes('c-1') ? [stored] : []
      },
      async messagesById(ids) {
        ask('message', ids)
        return []
      },
      async sensitive(ids) {
        ask('sensitive', ids)
        return []
      },
      byProviderId: async () => new Map(),
    },
    pool: {
      parts: async () => ({
        configuration: undefined,
        presences: new Map(),
        hours: new Map(),
        works: new Map(),
      }),
    },
    desks: {
      async readUpTo(ids) {
        ask('read', ids)
        return new Map()
      },
    },
    roster,
    name: (id) => roster.people.get(id)?.name ?? null,
    heard,
    onUnreadable: (_, error) => errors.push(error),
    troubleOf: (name) => ({
      onStuck: (stuck) => void stuckAt.push({ name, ...stuck }),
      onFault: (error) => errors.push(error),
    }),
    onFault: (error) => errors.push(error),
    onError: (error) => errors.push(error),
  })
  onTestFinished(() => feed.resource.close())
  return {
    errors,
    feed,
    reader,
    stuckAt,
    /** Of the store. */
    asked,
    async happens(...happening: Happening): Promise<void> {
      await append(...happening)
    },
    async isConfigured(): Promise<void> {
      const recorded = new Chain(workforces, 'main').add({ type: 'PoolConfigured', data: {} })
      await log.append(topics.pool.events, [eventRecord(recorded)])
    },
    /** Of what a desk may still be told, the beginning. */
    beginning: feed.position(),
    /** What the desk of this person is told from now on, or from this position on. @param watched what it has open beside their own */
    desk(personId: string, lastEventId?: string, watched: readonly string[] = []) {
      const told: { readonly event: string; readonly data: any }[] = []
      const stream = {
        unreadBytes: 0,
        flush: () => {},
        onceRead: () => {},
        end: () => {},
        send: (event: string, data: unknown) => void told.push({ event, data }),
        sendFrame(frame: Buffer) {
          for (const [, event = '', data = ''] of frame.toString().matchAll(/^event: (.*)\ndata: (.*)$/gm))
            told.push({ event, data: JSON.parse(data) })
        },
      }
      feed.open(
        stream as unknown as EventStream,
        lastEventId,
        feed.watcher(new Sight(roster.people.get(personId)!, roster), {
          ids: new Set(watched),
          mayHear: () => true,
        }),
      )
      return told
    },
  }
}

test('a whisper is told to the agent who has the conversation, with the note, and to nobody else as a whisper', async () => {
  const { happens, desk, errors } = await following()
  const [ana, bruno, sonia] = [desk('p01'), desk('p02'), desk('p07')]
  await happens({ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01')
  await happens({ type: 'ConversationAssigned', data: { conversationId: 'c-1', agentId: 'p01' } }, 'p01')
  const note = { messageId: 'note-1', agentId: 'p07', mentionedAgentIds: ['p01'], isWhisper: true }
  await happens({ type: 'NoteAdded', data: note }, 'p07', 'be kind')
  await happens({ type: 'HoldBegan', data: { agentId: 'p01' } }, 'p01')
  const isOver = (told: readonly { readonly data: any }[]) => told.some(({ data }) => data.isOnHold === true)
  await until('all three are told of the hold', () => [ana, bruno, sonia].every(isOver))
  expect(ana.filter(({ event }) => event === 'whisper' || event === 'message')).toMatchObject([
    { event: 'message', data: { conversationId: 'c-1', message: { id: 'note-1', isWhisper: true } } },
    { event: 'whisper', data: { conversationId: 'c-1', from: 'p07', text: 'be kind' } },
  ])
  for (const told of [bruno, sonia])
    expect(told.filter(({ event }) => event === 'whisper' || event === 'message')).toEqual([])
  expect(errors).toEqual([])
})

test('of two desks of a person each is told what is said where it has a conversation open itself, and both what is said in their own', async () => {
  const { happens, desk, errors } = await following()
  const [here, there] = [desk('p07', undefined, ['c-1']), desk('p07', undefined, ['c-2'])]
  const owners = [desk('p01'), desk('p01', undefined, ['c-2'])]
  await happens({ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01')
  await happens({ type: 'ConversationAssigned', data: { conversationId: 'c-1', agentId: 'p01' } }, 'p01')
  await happens({ type: 'NoteAdded', data: { messageId: 'note-1', agentId: 'p02' } }, 'p02', 'later')
  await happens({ type: 'HoldBegan', data: { agentId: 'p01' } }, 'p01')
  await until('all desks are told of the hold', () =>
    [here, there, ...owners].every((told) => told.some(({ data }) => data.isOnHold === true)),
  )
  const said = (told: typeof here) =>
    told.flatMap(({ event, data }) => (event === 'message' ? data.message.id : []))
  expect([here, there, ...owners].map(said)).toEqual([['note-1'], [], ['note-1'], ['note-1']])
  expect(errors).toEqual([])
})

test('everybody is told that another configuration is in force', async () => {
  const { isConfigured, desk, errors } = await following()
  const desks = ['p01', 'p05', 'p09', 'p10'].map((id) => desk(id))
  await isConfigured()
  await until('all desks are told of the configuration', () =>
    desks.every((told) => told.some(({ event }) => event === 'configuration')),
  )
  expect(errors).toEqual([])
})

test('the store is asked for nothing that the log brings from its beginning, and how far people read only where there are people', async () => {
  const { happens, desk, errors, asked } = await following()
  const vera = desk('p09')
  await happens({ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01')
  await happens({ type: 'MessageReceived', data: { messageId: 'm-1', type: 'text' } }, 'p01')
  await happens({ type: 'MessageSendRequested', data: { messageId: 'm-2', type: 'text' } }, 'p01')
  await happens({ type: 'MessageSent', data: { messageId: 'm-2', providerMessageId: 'wamid.2' } }, 'p01')
  await happens({ type: 'ConversationClosed', data: { reason: 'solved' } }, 'p01')
  const isClosed = (told: readonly { readonly data: any }[]) =>
    told.some(({ data }) => data.stage === 'closed')
  await until('the close is told', () => isClosed(vera))
  expect(asked).toEqual([])
  await happens({ type: 'ConversationAssigned', data: { conversationId: 'c-1', agentId: 'p01' } }, 'p01')
  await happens({ type: 'MessageReceived', data: { messageId: 'm-3', type: 'text' } }, 'p01')
  await happens({ type: 'MessageEdited', data: { targetMessageId: 'm-4' } }, 'p01')
  await until('the edited message is asked for', () => asked.includes('message m-4'))
  await until('it is asked how far people read', () => asked.includes('read c-1'))
  expect(asked.filter((what) => what !== 'read c-1')).toEqual(['message m-4'])
  expect(errors).toEqual([])
})

test('of what was said and done before the feed began, a desk that comes back is told once, as it is now', async () => {
  const { desk, errors, happens, beginning } = await following([
    [{ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01'],
    [{ type: 'ConversationAssigned', data: { conversationId: 'c-1', agentId: 'p01' } }, 'p01'],
    [{ type: 'HoldBegan', data: { agentId: 'p01' } }, 'p01'],
    [{ type: 'HoldEnded', data: { agentId: 'p01' } }, 'p01'],
  ])
  const [ana, sonia] = [desk('p01', beginning), desk('p07', beginning)]
  const rows = (told: typeof ana) =>
    told.filter(({ event }) => event === 'conversation').map(({ data }) => data.isOnHold)
  await happens({ type: 'HoldBegan', data: { agentId: 'p01' } }, 'p01')
  for (const told of [ana, sonia]) {
    await until('the new hold is told', () => rows(told).includes(true))
    expect(rows(told)).toEqual([false, true])
  }
  expect(errors).toEqual([])
})

test('desks are told what happens while the read models still read what came before the feed began', async () => {
  const { desk, errors, happens, beginning, feed } = await following(
    [
      [{ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01'],
      [{ type: 'ConversationAssigned', data: { conversationId: 'c-1', agentId: 'p01' } }, 'p01'],
      [{ type: 'HoldBegan', data: { agentId: 'p01' } }, 'p01'],
    ],
    () => {},
    0n,
    0,
    1,
  )
  await feed.whenBegun()
  expect(feed.resource.isReady?.()).toBe(true)
  const [ana, sonia] = [desk('p01', beginning), desk('p07', beginning)]
  await happens({ type: 'HoldEnded', data: { agentId: 'p01' } }, 'p01')
  const holds = (told: typeof ana) =>
    told.flatMap(({ event, data }) =>
      event === 'conversation' && data.owner.id === 'p01' ? data.isOnHold : [],
    )
  for (const told of [ana, sonia]) {
    await until('three rows are told', () => holds(told).length === 3)
    expect(holds(told)).toEqual([false, true, false])
  }
  expect(errors).toEqual([])
})

test('a desk that comes with a position of a log that was longer is told to fetch anew, and then what happens', async () => {
  const { desk, errors, feed, happens } = await following([
    [{ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01'],
  ])
  await feed.whenBegun()
  const position = feed.position()
  const [longer, present] = await Promise.all(
    [position.replace(/^\d+/, '5000'), position].map((id) => feed.given(id)),
  )
  expect(present).toBe(position)
  const vera = desk('p09', longer)
  expect(vera.map(({ event }) => event)).toEqual(['ready', 'refetch', 'ready'])
  expect(vera[1]?.data).toEqual({ reason: 'position_unknown' })
  await happens({ type: 'ConversationAssigned', data: { conversationId: 'c-1', agentId: 'p01' } }, 'p01')
  await until('the conversation is told', () => vera.some(({ event }) => event === 'conversation'))
  expect(errors).toEqual([])
})

test('a feed begins only where the read models are: what stands before it is read from them', async () => {
  const opened: Happening = [{ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01']
  const holds = Array.from({ length: 60 }, (): readonly Happening[] => [
    [{ type: 'HoldBegan', data: { agentId: 'p01' } }, 'p01'],
    [{ type: 'HoldEnded', data: { agentId: 'p01' } }, 'p01'],
  ]).flat()
  const { feed, reader, beginning } = await following([opened, ...holds], () => {}, 0n, 60_000, 20)
  expect(beginning).toBe('21.0')
  let isBegun = false
  const begun = feed.whenBegun().then(() => (isBegun = true))
  await reader.whenProcessed({ partition: 0, offset: 0n })
  await reader.whenProcessed({ partition: 0, offset: 0n })
  expect(isBegun).toBe(false)
  expect(feed.resource.isReady?.()).toBe(false)
  reader.readCount = 21n
  await begun
  expect(feed.resource.isReady?.()).toBe(true)
})

test('a desk feed that an event stops says so, and operators see where desks hear nothing more', async () => {
  const { feed, happens, stuckAt } = await following([], () => {
    throw new Error('Never.')
  })
  await feed.whenBegun()
  expect(feed.resource.isStuck?.()).toBe(false)
  await happens({ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01')
  await until('the feed is stuck', () => stuckAt.length > 0)
  expect(stuckAt).toMatchObject([{ name: 'desk-feed', partition: 0, attempts: 5 }])
  expect(feed.resource.isStuck?.()).toBe(true)
  expect(feed.readers['desk-feed']?.stuck()).toMatchObject([{ partition: 0 }])
  expect(feed.readers['desk-feed-pool']?.stuck()).toEqual([])
})

test('a replica starts though the first records of the log are gone, and tells what comes', async () => {
  const opened: Happening = [{ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01']
  const assigned: Happening = [
    { type: 'ConversationAssigned', data: { conversationId: 'c-1', agentId: 'p01' } },
    'p01',
  ]
  const { happens, desk, errors } = await following([opened, assigned], () => {}, 1n)
  const ana = desk('p01')
  await happens({ type: 'HoldBegan', data: { agentId: 'p01' } }, 'p01')
  await until('the hold is told', () => ana.some(({ data }) => data.isOnHold === true))
  expect(errors).toEqual([])
})

test('after a restart a desk goes on that stands a little before the end of a partition in which nothing happened for long', async () => {
  const before: readonly Happening[] = [
    [{ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01'],
    [{ type: 'ConversationAssigned', data: { conversationId: 'c-1', agentId: 'p01' } }, 'p01'],
    [{ type: 'HoldBegan', data: { agentId: 'p01' } }, 'p01'],
  ]
  const { desk, happens, errors } = await following(before, () => {}, 0n, 5 * 60_000)
  const ana = desk('p01', '2.0')
  await happens({ type: 'HoldEnded', data: { agentId: 'p01' } }, 'p01')
  await until('the end of the hold is told', () => ana.some(({ data }) => data.isOnHold === false))
  expect(ana.map(({ event }) => event)).not.toContain('refetch')
  expect(errors).toEqual([])
})

test('a page that could not be read while the store was away is read once it is back, though nothing happened since', async () => {
  const { feed, reader, happens } = await following()
  await feed.whenBegun()
  await happens({ type: 'ConversationOpened', data: { conversationId: 'c-1' } }, 'p01')
  await until('the event is heard', () => feed.position() === '1.0')
  reader.whenProcessed = () => Promise.reject(new Error('The store is away.'))
  await expect(feed.readPosition()).rejects.toThrow('The store is away.')
  reader.whenProcessed = async () => true
  expect(await feed.readPosition()).toBe('1.0')
})
