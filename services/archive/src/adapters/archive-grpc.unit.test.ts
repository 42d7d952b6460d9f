import type { AuditEntry } from '@parley/audit'
import { expect, test } from 'vitest'
import type { TranscriptLinks } from '../link/transcript-links.ts'
import { archiveGrpc } from './archive-grpc.ts'
import { archivePeople } from './archive-people.ts'
import type { TranscriptStore } from './transcript-store.ts'

test.each([
  ['getTranscript', { conversationId: 'conversation-1', pageSize: 0, pageToken: '' }],
  ['listConversations', { pageSize: 0, pageToken: '', contactId: '', stage: '' }],
])(
  '%s that names a position which the read model lacks is NOT_PROCESSED_YET, and reads nothing',
  async (method, request) => {
    const { handlers } = archiveGrpc(
      {} as TranscriptStore,
      {} as TranscriptLinks,
      { whenProcessed: async () => false },
      archivePeople({ people: new Map(), teams: new Map() }, { changesOf: async () => ({}) }),
      { record: async () => {}, showRevoked: false },
    )
    const ask = handlers[method] as (...call: unknown[]) => Promise<unknown>
    await expect(
      ask(request, { get: () => ['3:7'] }, { signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: 'NOT_PROCESSED_YET' })
  },
)

test('each page of a transcript is an opening, and each link an export, of whom a service names; while the audit takes nothing, nothing is shown', async () => {
  const conversation = { _id: 'conversation-1', streamId: 'maria', closed: null, messageCount: 0 }
  const entries: AuditEntry[] = []
  let isAway = false
  const { handlers } = archiveGrpc(
    {
      part: async () => ({ conversation, allEntries: [], entries: [], events: [], nextAfter: undefined }),
      conversation: async () => conversation,
    } as unknown as TranscriptStore,
    {
      issue: async () => ({ token: 'token', url: 'https://record.test/t/token', expiresAt: new Date(0) }),
    } as unknown as TranscriptLinks,
    { whenProcessed: async () => true },
    {
      scopeOf: async () => 'all',
      readsConcealed: async () => true,
      may: async () => true,
      named: (id: string) => ({ id, login: 'ana', name: 'Ana' }),
    } as unknown as ReturnType<typeof archivePeople>,
    {
      async record(entry) {
        if (isAway) throw new Error('the log is away')
        entries.push(entry)
      },
      showRevoked: false,
    },
  )
  const call = { signal: new AbortController().signal, caller: 'agent', person: 'p01' }
  const ask = (method: string, request: object) =>
    (handlers[method] as (...call: unknown[]) => Promise<unknown>)(
      { conversationId: 'conversation-1', ...request },
      { get: () => [] },
      call,
    )
  const ofFirst = { pageSize: 0, pageToken: '' }
  // One that begins behind the first version: anybody can make it up.
  const ofLater = { pageSize: 0, pageToken: Buffer.from('[1]').toString('base64url') }
  await ask('getTranscript', ofFirst)
  await ask('getTranscript', ofLater)
  await ask('issueTranscriptLink', { ttlSeconds: 86_400n })
  const by = {
    person: { id: 'p01', login: 'ana', name: 'Ana' },
    subject: { kind: 'conversation', id: 'conversation-1' },
    fields: { caller: 'agent' },
  }
  expect(entries).toEqual([
    { type: 'conversation_opened', ...by },
    { type: 'conversation_opened', ...by },
    { type: 'exported', ...by },
  ])
  isAway = true
  for (const [method, request] of [
    ['getTranscript', ofFirst],
    ['getTranscript', ofLater],
    ['issueTranscriptLink', { ttlSeconds: 86_400n }],
  ] as const)
    await expect(ask(method, request)).rejects.toThrow('away')
})

test('who revokes a link is a person, whom the record of it names, or a tool, which the audit has first', async () => {
  const entries: AuditEntry[] = []
  const revoked: unknown[] = []
  const { handlers } = archiveGrpc(
    { conversation: async () => ({}) } as unknown as TranscriptStore,
    {
      async revoke(_token: string, isAllowed: (id: string) => Promise<boolean>, personId?: string) {
        if (!(await isAllowed('conversation-1'))) return false
        revoked.push([personId, entries.length])
        return true
      },
    } as unknown as TranscriptLinks,
    { whenProcessed: async () => true },
    { may: async () => true } as unknown as ReturnType<typeof archivePeople>,
    { record: async (entry) => void entries.push(entry), showRevoked: false },
  )
  const revoke = (call: object) =>
    (handlers['revokeTranscriptLink'] as (...call: unknown[]) => Promise<unknown>)(
      { token: 'token' },
      {},
      call,
    )
  await revoke({ caller: 'agent', person: 'p01' })
  await revoke({ caller: 'tool' })
  expect(revoked).toEqual([
    ['p01', 0],
    [undefined, 1],
  ])
  expect(entries).toEqual([
    {
      type: 'operator_acted',
      person: null,
      subject: { kind: 'conversation', id: 'conversation-1' },
      fields: { act: 'revoke_transcript_link', caller: 'tool' },
      words: {},
    },
  ])
})

test('whoever got a conversation a moment ago gets its link once the archive has heard of that; who never gets it is told no sooner than of what is not there', async () => {
  const stranger = { _id: 'conversation-1', streamId: 'maria', held: { by: 'agent', personId: 'bia' } }
  let looks = 0
  const { handlers } = archiveGrpc(
    {
      async conversation() {
        looks += 1
        return looks < 3 ? stranger : { ...stranger, held: { by: 'agent', personId: 'ana' } }
      },
    } as unknown as TranscriptStore,
    {
      issue: async () => ({ token: 'token', url: 'https://record.test/t/token', expiresAt: new Date(0) }),
    } as unknown as TranscriptLinks,
    { whenProcessed: async () => true },
    {
      may: async (person: string, _: string, { held }: typeof stranger) => held.personId === person,
      named: () => null,
    } as unknown as ReturnType<typeof archivePeople>,
    { record: async () => {}, showRevoked: false },
  )
  const issued = (person: string) =>
    (handlers['issueTranscriptLink'] as (...call: unknown[]) => Promise<{ url: string }>)(
      { conversationId: 'conversation-1', ttlSeconds: 86_400n },
      { get: () => [] },
      { signal: new AbortController().signal, caller: 'agent', person },
    )
  expect((await issued('ana')).url).toBe('https://record.test/t/token')
  expect(looks).toBe(3)
  await expect(issued('bia')).rejects.toMatchObject({ code: 'CONVERSATION_UNKNOWN' })
  expect(looks).toBeGreaterThan(4)
})
