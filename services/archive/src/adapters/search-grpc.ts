import { MASK } from '@parley/conversation'
import type { ProjectionReader } from '@parley/eventlog'
import { FoundConversation, SearchConversationsResponse, SearchServiceService } from '@parley/proto/search'
import { type GrpcService, grpcService, whenSeen } from '@parley/service'
import { type Searched, isHidden } from '../search/searched.ts'
import { wordsIn } from '../search/words.ts'
import type { ArchivePeople } from './archive-people.ts'
import { pageSizeOf, positionIn, positionOf, tokenOf } from './pages.ts'
import type { Search } from './search-store.ts'

export interface SearchServed {
  readonly search: Search
  readonly projection: Pick<ProjectionReader, 'whenProcessed' | 'progress'>
  readonly people: Pick<ArchivePeople, 'scopeOf'>
}

export function searchGrpc({ search, projection, people }: SearchServed): GrpcService {
  return grpcService(SearchServiceService, {
    async searchConversations(request, metadata, call) {
      const { text, agentId, queue, from, to, reason, scoreBelow, pageSize, pageToken } = request
      const size = pageSizeOf(pageSize)
      await whenSeen(projection, metadata, call)
      // Before the conversations: they hold at least what it says.
      const position = positionOf(projection)
      const page = await search(
        await people.scopeOf(call.person),
        {
          text,
          agentId: agentId || undefined,
          queue: queue || undefined,
          from,
          to,
          reason: reason || undefined,
          scoreBelow: scoreBelow || undefined,
        },
        size,
        pageToken === '' ? undefined : positionIn(pageToken),
      )
      return SearchConversationsResponse.fromPartial({
        conversations: page.conversations.map(foundMessage),
        nextPageToken: page.next === undefined ? '' : tokenOf([page.next.openedAt, page.next.id]),
        position,
      })
    },
  })
}

function foundMessage(found: Searched): FoundConversation {
  const { lastMessage, held, hidden } = found
  const isMasked = lastMessage !== null && wordsIn(lastMessage.text).some((word) => isHidden(word, hidden))
  return FoundConversation.fromPartial({
    conversationId: found._id,
    contactId: found.streamId,
    contactName: found.contactName,
    language: found.language,
    stage: found.stage,
    queue: found.queues.at(-1) ?? '',
    agentId: held.by === 'agent' ? held.personId : '',
    lastAuthor: lastMessage?.author ?? '',
    lastText: isMasked ? MASK : (lastMessage?.text ?? ''),
    lastAt: lastMessage?.at,
    openedAt: found.openedAt,
    closedAt: found.closed?.at,
    closeReason: found.closed?.reason ?? '',
    version: found.seenVersion,
    score: found.score ?? 0,
    continuesConversationId: found.continuesConversationId,
  })
}
