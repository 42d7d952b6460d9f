import { ENTRY_TYPES, isEntryType } from '@parley/audit'
import type { ProjectionReader } from '@parley/eventlog'
import { AuditServiceService, ListEntriesResponse } from '@parley/proto/audit'
import { type GrpcService, grpcError, grpcService, status, whenSeen } from '@parley/service'
import type { AuditStore, EntryPosition } from './audit-store.ts'

const PAGE_SIZE_DEFAULT = 50
const PAGE_SIZE_MAX = 200

export function auditGrpc(
  store: Pick<AuditStore, 'list'>,
  projection: Pick<ProjectionReader, 'whenProcessed'>,
): GrpcService {
  return grpcService(AuditServiceService, {
    async listEntries({ pageSize, pageToken, person, type, from, to }, metadata, call) {
      if (pageSize < 0 || pageSize > PAGE_SIZE_MAX)
        throw invalid(
          'PAGE_SIZE_INVALID',
          `page_size is ${pageSize}; it may be 0 (which is ${PAGE_SIZE_DEFAULT}) to ${PAGE_SIZE_MAX}.`,
        )
      if (type !== '' && !isEntryType(type))
        throw invalid('ENTRY_TYPE_UNKNOWN', `type must be empty or one of ${ENTRY_TYPES.join(', ')}.`)
      const after = pageToken === '' ? undefined : positionOf(pageToken)
      await whenSeen(projection, metadata, call)
      const { entries, next } = await store.list(
        {
          ...(person === '' ? {} : { person }),
          ...(type === '' ? {} : { type }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        },
        pageSize || PAGE_SIZE_DEFAULT,
        after,
      )
      return ListEntriesResponse.fromPartial({
        entries: entries.map(({ id, at, person: by, type: done, subject, fields }) => ({
          id,
          at,
          ...(by === null ? {} : { person: by }),
          type: done,
          subjectKind: subject.kind,
          subjectId: subject.id,
          fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
        })),
        nextPageToken: next === undefined ? '' : tokenOf(next),
      })
    },
  })
}

function invalid(code: string, message: string) {
  return grpcError(status.INVALID_ARGUMENT, code, message)
}

function tokenOf({ at, id }: EntryPosition): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url')
}

function positionOf(token: string): EntryPosition {
  try {
    const [at, id] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown[]
    if (typeof at === 'string' && typeof id === 'string') return { at, id }
  } catch {
    // Not ours: refused below.
  }
  throw invalid('PAGE_TOKEN_INVALID', 'page_token must be a next_page_token of an earlier answer, unchanged.')
}
