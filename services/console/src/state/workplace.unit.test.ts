import { afterEach, expect, test, vi } from 'vitest'
import { Client } from '../api/client.ts'
import { Workplace } from './workplace.ts'

afterEach(() => vi.unstubAllGlobals())

const at = '2026-03-03T09:00:00.000Z'
const author = { kind: 'customer' as const, id: null, name: null }
const rowAt = (version: number) => ({
  id: 'a',
  contact: { id: 'contact', name: 'Bia', language: 'pt' },
  stage: 'with_agent' as const,
  queue: 'general',
  owner: { kind: 'agent' as const, id: 'p01', name: 'Ana' },
  lastMessage: { author: 'customer' as const, text: '', at },
  unreadCount: 0,
  waitingSince: null,
  replyWindowEndsAt: null,
  openedAt: at,
  closedAt: null,
  closeReason: null,
  version,
})
const messageAt = (version: number) => ({
  id: `m${version}`,
  author,
  type: 'text',
  text: '',
  status: null,
  occurredAt: at,
  recordedAt: at,
  isNote: false,
  version,
})

test('a thread that was read while its documents were behind the stream is read again until nothing of it is missing', async () => {
  let written = 1
  const answered: number[] = []
  vi.stubGlobal('fetch', async () => {
    const version = written
    answered.push(version)
    // The store is away once, then comes to hold what desks were told.
    if (answered.length === 2) return new Response('', { status: 503 })
    written = Math.min(written + 1, 3)
    const messages = Array.from({ length: version }, (_, index) => messageAt(index + 1))
    return Response.json({ conversation: rowAt(version), messages, before: null, draft: null, position: '1' })
  })
  const me = { id: 'p01', name: 'Ana', permissions: [], status: null }
  const work = new Workplace(me as never, new Client(() => {}), () => {})
  // Whoever does not have it is told its rows alone.
  for (const version of [1, 2, 3]) work.desk.take({ name: 'conversation', data: rowAt(version) })
  const shown = () => work.desk.thread('a')?.messages.map(({ id }) => id)
  await work.readThread('a')
  expect(shown()).toEqual(['m1'])
  await vi.waitFor(() => expect(shown()).toEqual(['m1', 'm2', 'm3']), 30_000)
  expect(answered).toEqual([1, 2, 2, 3])
})
