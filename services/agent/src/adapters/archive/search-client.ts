import { type StageName, asPhrase, clampMarks } from '@parley/conversation'
import {
  type FoundConversation,
  SearchConversationsRequest,
  type SearchServiceClient,
} from '@parley/proto/search'
import { type GrpcError, grpcCall } from '@parley/service'
import type { AuthorKind } from '../../conversation/message.ts'
import { type Name, type Row, fromApp, kindOf } from '../../conversation/shown.ts'
import type { Sight } from '../../conversation/viewing.ts'
import { cursorUnknown } from '../list-cursor.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'
import { answered, archiveRefusal, askedFor } from './answers.ts'

export interface SearchQuery {
  readonly text: string
  readonly agent: string
  readonly queue: string
  /** ISO 8601 UTC. */
  readonly from: string | undefined
  readonly to: string | undefined
  readonly reason: string
  /** 0: not asked. */
  readonly scoreBelow: number
  /** Only what a figure counts from `from` to `to`; undefined: whatever was opened then. */
  readonly counted:
    | {
        readonly metric: string
        readonly by: string
        readonly keys: readonly string[]
        readonly isDenominator: boolean
      }
    | undefined
  /** Only these; undefined: of all. */
  readonly among: readonly string[] | undefined
  readonly cursor: string
}

/** `counted`: how often the figure that was asked for counts it; 0: none was. */
export type FoundRow = Row & { readonly counted: number }

export interface FoundRows {
  readonly conversations: readonly FoundRow[]
  readonly cursor: string | null
  /** How often the figure, asked for alone, counts what anybody has; 0: nobody asked, or it is not theirs to know. */
  readonly countedInAll: number
  /** What the figure counted last is not searched yet, and may be missing. */
  readonly isBehind: boolean
  /** How far the log was folded, opaque. */
  readonly position: string
}

/** @param sight of who asks @param signal nobody waits for it any more @throws {HttpRefusal} */
export type Finder = (query: SearchQuery, sight: Sight, signal?: AbortSignal) => Promise<FoundRows>

export interface FinderParts {
  readonly conversations: Pick<ConversationStore, 'conversations'>
  rows(
    found: Awaited<ReturnType<ConversationStore['conversations']>>,
    personId: string,
  ): Promise<readonly Row[]>
  readonly name: Name
}

/**
 * The archive finds, and asks once more who may see what, as far as it has read. What this service still remembers is told as its lists
 * tell it: of what went elsewhere since, nothing.
 */
export function archiveFinder(
  client: SearchServiceClient,
  { conversations, rows, name }: FinderParts,
): Finder {
  return async ({ agent, cursor, counted, among, ...query }, sight, signal) => {
    const request = SearchConversationsRequest.fromPartial({
      ...query,
      agentId: agent,
      pageToken: cursor,
      ...(among !== undefined && { among: { conversationIds: [...among] } }),
      ...(counted !== undefined && { countedBy: { ...counted, keys: [...counted.keys] } }),
    })
    const answer = await answered(
      grpcCall(client, 'searchConversations', request, askedFor(sight.personId, signal)),
      refusalOf,
    )
    const known = await conversations.conversations(answer.conversations.map((one) => one.conversationId))
    const seen = known.filter((conversation) => sight.sees(conversation))
    const live = new Map((await rows(seen, sight.personId)).map((row) => [row.id, row]))
    const isElsewhere = new Set(known.map(({ _id }) => _id).filter((id) => !live.has(id)))
    return {
      conversations: answer.conversations
        .filter(({ conversationId }) => !isElsewhere.has(conversationId))
        .map((found) => ({
          ...(live.get(found.conversationId) ?? archivedRow(found, name)),
          counted: found.counted,
        })),
      cursor: answer.nextPageToken || null,
      countedInAll: answer.countedInAll,
      isBehind: answer.isBehind,
      position: answer.position,
    }
  }
}

/** Of what only the archive remembers: it is over. */
function archivedRow(found: FoundConversation, name: Name): Row {
  const { agentId } = found
  return {
    id: found.conversationId,
    contact: { id: found.contactId, name: asPhrase(found.contactName), language: found.language || null },
    stage: found.stage as StageName,
    queue: found.queue || null,
    owner: agentId === '' ? null : { kind: 'agent', id: agentId, name: name(agentId) ?? agentId },
    lastMessage:
      found.lastAuthor === ''
        ? null
        : {
            author: kindOf(found.lastAuthor as AuthorKind),
            ...fromApp(found.lastAuthor as AuthorKind),
            text: clampMarks(found.lastText),
            at: found.lastAt ?? '',
          },
    unreadCount: 0,
    waitingSince: null,
    replyWindowEndsAt: null,
    openedAt: found.openedAt ?? '',
    closedAt: found.closedAt ?? null,
    closeReason: found.closeReason || null,
    isTakenOver: false,
    movedBy: null,
    isOnHold: false,
    snoozedUntil: null,
    continues: found.continuesConversationId || null,
    why: null,
    hasDraft: false,
    mood: null,
    version: found.version,
  }
}

function refusalOf(cause: GrpcError): Error {
  return cause.code === 'PAGE_TOKEN_INVALID' ? cursorUnknown(cause) : archiveRefusal(cause)
}
