import { expect, test } from 'vitest'
import type { TranscriptLinks } from '../link/transcript-links.ts'
import { archiveGrpc } from './archive-grpc.ts'
import type { TranscriptStore } from './transcript-store.ts'

test.each([
  ['getTranscript', { conversationId: 'conversation-1' }],
  ['listConversations', { pageSize: 0, pageToken: '', contactId: '', stage: '' }],
])(
  '%s that names a position which the read model lacks is NOT_PROCESSED_YET, and reads nothing',
  async (method, request) => {
    const { handlers } = archiveGrpc({} as TranscriptStore, {} as TranscriptLinks, {
      whenProcessed: async () => false,
    })
    const metadata = { get: () => ['3:7'] } as never
    await expect(
      handlers[method]!(request, metadata, {
        signal: new AbortController().signal,
      } as never),
    ).rejects.toMatchObject({ code: 'NOT_PROCESSED_YET' })
  },
)
