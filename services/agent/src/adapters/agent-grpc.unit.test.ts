import { expect, test } from 'vitest'
import { agentGrpc } from './agent-grpc.ts'

test('a list that names a position which the read model lacks is NOT_PROCESSED_YET, not an old list', async () => {
  const { handlers } = agentGrpc({ waiting: async () => [] }, { whenProcessed: async () => false })
  const list = handlers['listWaitingConversations'] as (...call: unknown[]) => Promise<unknown>
  const ask = (...positions: readonly string[]) =>
    list({ pageSize: 0 }, { get: () => positions }, { signal: new AbortController().signal })
  await expect(ask()).resolves.toMatchObject({ conversations: [] })
  await expect(ask('3:7')).rejects.toMatchObject({ code: 'NOT_PROCESSED_YET' })
})
