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
