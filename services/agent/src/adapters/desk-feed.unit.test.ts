import { setTimeout as pause } from 'node:timers/promises'
import { type ConversationEvent, contentOf, conversations } from '@parley/conversation'
import { eventRecord, memoryLog, topicsOf } from '@parley/eventlog'
import { readPeopleIn } from '@parley/people/directory'
import type { EventStream } from '@parley/service'
import { Chain, type Sketch } from '@parley/testkit'
import { workforces } from '@parley/workforce'
import { expect, onTestFinished, test } from 'vitest'
import { Sight } from '../conversation/viewing.ts'
import { DeskFeed } from './desk-feed.ts'

const CONFIG = new URL('../../../../config', import.meta.url).pathname
const topics = { conversations: topicsOf('feed', conversations), pool: topicsOf('feed', workforces) }
const roster = await readPeopleIn(CONFIG)

async function following() {
  const log = memoryLog({ partitions: 1 })
  const errors: unknown[] = []
  const reader = { whenProcessed: async () => true }
  const feed = await DeskFeed.start({
    log,
    topics,
    readers: { conversations: reader, pool: reader },
    // Nothing is stored: all comes by the log.
    conversations: {
      conversations: async () => [],
      messagesById: async () => [],
      sensitive: async () => [],
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
    desks: { readUpTo: async () => new Map() },
    roster,
    name: (id) => roster.people.get(id)?.name ?? null,
    heard: () => {},
    onUnreadable: (_, error) => errors.push(error),
    onFault: (error) => errors.push(error),
    onError: (error) => errors.push(error),
  })
  onTestFinished(() => feed.resource.close())
  const chain = new Chain(conversations, 'contact-1')
  return {
    errors,
    async happens(event: Sketch<ConversationEvent>, by: string, note = ''): Promise<void> {
      const recorded = chain.add(event, {
        correlationId: 'c-1',
        actor: { kind: 'agent', id: by },
        content: note === '' ? [] : contentOf({ note }),
      })
      await log.append(topics.conversations.events, [eventRecord(recorded)])
    },
    /** What the desk of this person is told from now on. */
    desk(personId: string) {
      const told: { readonly event: string; readonly data: any }[] = []
      const stream = {
        unreadBytes: 0,
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
        undefined,
        feed.watcher(new Sight(roster.people.get(personId)!, roster), new Set()),
      )
      return told
    },
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('It did not happen within 5 s.')
    await pause(5)
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
  await until(() => [ana, bruno, sonia].every(isOver))
  expect(ana.filter(({ event }) => event === 'whisper' || event === 'message')).toMatchObject([
    { event: 'message', data: { conversationId: 'c-1', message: { id: 'note-1', isWhisper: true } } },
    { event: 'whisper', data: { conversationId: 'c-1', from: 'p07', text: 'be kind' } },
  ])
  for (const told of [bruno, sonia])
    expect(told.filter(({ event }) => event === 'whisper' || event === 'message')).toEqual([])
  expect(errors).toEqual([])
})
