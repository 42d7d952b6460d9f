import { AgentServiceService, ListWaitingConversationsResponse } from '@parley/proto/agent'
import type { ProjectionReader } from '@parley/eventlog'
import { type GrpcService, grpcError, grpcService, status, whenSeen } from '@parley/service'
import type { ConversationStore } from './read-models/conversation-store.ts'

const PAGE_SIZE = 50
const PAGE_SIZE_MAX = 200

export function agentGrpc(
  store: Pick<ConversationStore, 'waiting'>,
  projection: Pick<ProjectionReader, 'whenProcessed'>,
): GrpcService {
  return grpcService(AgentServiceService, {
    async listWaitingConversations({ pageSize }, metadata, call) {
      if (pageSize < 0 || pageSize > PAGE_SIZE_MAX)
        throw grpcError(
          status.INVALID_ARGUMENT,
          'PAGE_SIZE_INVALID',
          `page_size is ${pageSize}; it may be 0 (which is ${PAGE_SIZE}) to ${PAGE_SIZE_MAX}.`,
        )
      await whenSeen(projection, metadata, call)
      const waiting = await store.waiting({ kind: 'all' }, pageSize || PAGE_SIZE)
      return ListWaitingConversationsResponse.fromPartial({
        conversations: waiting.map(({ since, ...conversation }) => ({
          ...conversation,
          waitingSince: since,
        })),
      })
    },
  })
}
