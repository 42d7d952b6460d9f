import { STAGES } from '@parley/conversation'
import { LogUnavailable, type ProjectionReader } from '@parley/eventlog'
import {
  ArchiveServiceService,
  ConversationSummary,
  TranscriptEntry as EntryMessage,
  RawEvent as RawEventMessage,
} from '@parley/proto/archive'
import type { AuditEntry } from '@parley/audit'
import {
  type GrpcCallContext,
  type GrpcService,
  type RecordAct,
  grpcError,
  grpcService,
  operatorActs,
  status,
  whenSeen,
} from '@parley/service'
import type { TranscriptLinks } from '../link/transcript-links.ts'
import { TTL_SECONDS_MAX, TTL_SECONDS_MIN, isTtlAllowed } from '../link/transcript-link.ts'
import { type ConcealmentPolicy, concealmentOf } from '../transcript/concealment.ts'
import type { TranscriptEntry } from '../transcript/entry.ts'
import type { Conversation } from '../transcript/fold-conversation.ts'
import { textOf } from '../transcript/transcript.ts'
import { en } from '../transcript/words/en.ts'
import { describeInternal } from '../transcript/words/internal.ts'
import { type Speech, describeLine } from '../transcript/words/words.ts'
import type { ArchivePeople } from './archive-people.ts'
import {
  invalid,
  pageSizeOf,
  partsOf,
  placeBehind,
  requirePageSize,
  tokenBehind,
  tokenInvalid,
  tokenOf,
} from './pages.ts'
import { soon } from './soon.ts'
import type { TranscriptStore } from './transcript-store.ts'

const RECORDS_PAGE_MAX = 500

export interface ArchiveGrpcOptions extends ConcealmentPolicy {
  /** What is read of a conversation, or handed out, stands in the audit first; while the log takes nothing, nothing is shown. */
  readonly record: RecordAct
}

export function archiveGrpc(
  store: TranscriptStore,
  links: TranscriptLinks,
  projection: Pick<ProjectionReader, 'whenProcessed'>,
  people: Omit<ArchivePeople, 'permits'>,
  { record, showRevoked }: ArchiveGrpcOptions,
): GrpcService {
  const traced = (
    type: AuditEntry['type'],
    conversationId: string,
    { caller, person }: Pick<GrpcCallContext, 'caller' | 'person'>,
  ): Promise<void> =>
    record({
      type,
      person: person === undefined ? null : people.named(person),
      subject: { kind: 'conversation', id: conversationId },
      fields: { caller },
    }).catch(tellLogUnavailable)
  const operated = operatorActs(record)
  // Whoever may read by gRPC is of the company: agents stand there by their names.
  const speech: Speech = {
    moment: (iso) => iso,
    language: (code) => code,
    company: '',
    agent: (id) => people.named(id)?.name,
  }
  return grpcService(ArchiveServiceService, {
    async getTranscript({ conversationId, pageSize, pageToken }, metadata, call) {
      requireId(conversationId)
      requirePageSize(pageSize)
      const afterVersion = pageToken === '' ? 0 : versionOf(pageToken)
      await whenSeen(projection, metadata, call)
      const part = await store.part(
        conversationId,
        await people.scopeOf(call.person),
        afterVersion,
        Math.min(pageSize || RECORDS_PAGE_MAX, RECORDS_PAGE_MAX),
      )
      if (part === undefined) throw conversationUnknown()
      // Of each page: where one begins is the caller's word.
      await traced('conversation_opened', conversationId, call)
      const concealment = concealmentOf(part.allEntries, { showRevoked }, part.deletedElsewhere)
      const isWhole = await people.readsConcealed(call.person)
      return {
        conversation: summaryOf(part.conversation),
        entries: part.entries.map((entry) => entryMessage(concealment.entry(entry), speech)),
        events: part.events.map(({ header: { type, streamVersion }, raw, hash, partition, offset }) =>
          RawEventMessage.fromPartial({
            type,
            streamVersion,
            raw: isWhole || !concealment.covers(raw) ? Buffer.from(raw) : Buffer.alloc(0),
            hash,
            partition,
            offset,
          }),
        ),
        nextPageToken: part.nextAfter === undefined ? '' : tokenOf([part.nextAfter]),
      }
    },

    async listConversations({ pageSize, pageToken, contactId, stage }, metadata, call) {
      const size = pageSizeOf(pageSize)
      const known = STAGES.find((name) => name === stage)
      if (stage !== '' && known === undefined)
        throw invalid('STAGE_UNKNOWN', `stage must be empty or one of ${STAGES.join(', ')}.`)
      await whenSeen(projection, metadata, call)
      const page = await store.list(
        await people.scopeOf(call.person),
        {
          ...(contactId === '' ? {} : { contactId }),
          ...(known === undefined ? {} : { stage: known }),
        },
        size,
        placeBehind(pageToken),
      )
      return {
        conversations: page.found.map(summaryOf),
        nextPageToken: tokenBehind(page.next),
      }
    },

    async issueTranscriptLink({ conversationId, ttlSeconds }, _metadata, call) {
      requireId(conversationId)
      if (!isTtlAllowed(Number(ttlSeconds)))
        throw invalid(
          'TTL_OUT_OF_RANGE',
          `ttl_seconds must be from ${TTL_SECONDS_MIN} to ${TTL_SECONDS_MAX} (10 years).`,
        )
      // Whoever got it a moment ago has it on their screen before it is theirs here; and what is none of theirs is told as late as what is not there.
      const conversation = await soon(async () => {
        const found = await store.conversation(conversationId)
        return found !== null && (await people.may(call.person, 'export', found)) ? found : null
      })
      if (conversation === null) throw conversationUnknown()
      await traced('exported', conversationId, call)
      const { token, url, expiresAt } = await links
        .issue({ conversationId, contactId: conversation.streamId }, Number(ttlSeconds))
        .catch(tellLogUnavailable)
      return { token, url, expiresAt: expiresAt.toISOString() }
    },

    async revokeTranscriptLink({ token }, _metadata, call) {
      if (token === '') throw invalid('TOKEN_MISSING', 'token must be given.')
      const mayRevoke = async (conversationId: string) => {
        if (call.person === undefined) {
          await operated({ kind: 'conversation', id: conversationId }, call, {
            act: 'revoke_transcript_link',
          })
          return true
        }
        const conversation = await store.conversation(conversationId)
        return conversation !== null && people.may(call.person, 'export', conversation)
      }
      if (!(await links.revoke(token, mayRevoke, call.person).catch(tellLogUnavailable)))
        throw grpcError(status.NOT_FOUND, 'LINK_UNKNOWN', 'There is no such transcript link.')
      return {}
    },
  })
}

function requireId(conversationId: string): void {
  if (conversationId === '') throw invalid('CONVERSATION_ID_MISSING', 'conversation_id must be given.')
}

function conversationUnknown() {
  return grpcError(
    status.NOT_FOUND,
    'CONVERSATION_UNKNOWN',
    'The archive knows no such conversation. It may be a wrong id, or its first events are not archived yet: try again shortly.',
  )
}

/** The log took the record or not: the caller may ask again. */
function tellLogUnavailable(error: unknown): never {
  if (error instanceof LogUnavailable)
    throw grpcError(
      status.UNAVAILABLE,
      error.code,
      'The log cannot be written to at the moment. Ask again shortly.',
    )
  throw error
}

function versionOf(token: string): number {
  const [version] = partsOf(token)
  if (typeof version === 'number' && Number.isSafeInteger(version) && version > 0) return version
  throw tokenInvalid()
}

function summaryOf(conversation: Conversation): ConversationSummary {
  return ConversationSummary.fromPartial({
    conversationId: conversation._id,
    contactId: conversation.streamId,
    channelAccountId: conversation.channelAccountId,
    stage: conversation.stage,
    language: conversation.language,
    openedAt: conversation.openedAt,
    closedAt: conversation.closed?.at,
    closeReason: conversation.closed?.reason ?? '',
    messageCount: conversation.messageCount,
  })
}

function entryMessage(entry: TranscriptEntry, speech: Speech): EntryMessage {
  const { streamVersion, occurredAt, recordedAt } = entry
  if (entry.kind === 'internal') {
    const { line } = entry
    const isNote = line.name === 'note'
    return EntryMessage.fromPartial({
      streamVersion,
      kind: isNote ? 'note' : 'internal',
      messageId: isNote ? line.messageId : '',
      authorKind: isNote ? 'agent' : 'system',
      authorId: isNote ? line.agentId : '',
      type: line.name,
      text: isNote ? line.text : describeInternal(line, speech),
      occurredAt,
      recordedAt,
    })
  }
  if (entry.kind === 'system')
    return EntryMessage.fromPartial({
      streamVersion,
      kind: 'system',
      authorKind: 'system',
      type: entry.line.name,
      text: describeLine(entry.line, en, speech),
      occurredAt,
      recordedAt,
    })
  return EntryMessage.fromPartial({
    streamVersion,
    kind: 'message',
    messageId: entry._id,
    providerMessageId: entry.providerMessageId,
    authorKind: entry.author,
    authorId: entry.agentId,
    type: entry.type,
    text: textOf(entry),
    occurredAt,
    recordedAt,
    status: entry.status,
    revoked: entry.revoked !== null,
    edits: entry.edits.map((edit) => ({
      textBefore: textOf({ body: edit.before }),
      recordedAt: edit.recordedAt,
    })),
    reactions: entry.reactions.map(({ emoji }) => emoji),
  })
}
