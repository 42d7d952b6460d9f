import { ENTRY_TYPES, isEntryType } from '@parley/audit'
import type { ProjectionReader } from '@parley/eventlog'
import { AuditServiceService, ListEntriesResponse } from '@parley/proto/audit'
import { type GrpcService, grpcService, whenSeen } from '@parley/service'
import type { AuditStore } from './audit-store.ts'
import { invalid, placeBehind, tokenBehind } from './pages.ts'

const PAGE_SIZE_DEFAULT = 50
const PAGE_SIZE_MAX = 200

export function auditGrpc(
  store: Pick<AuditStore, 'list'>,
  projection: Pick<ProjectionReader, 'whenProcessed'>,
): GrpcService {
  return grpcService(AuditServiceService, {
    async listEntries({ pageSize, pageToken, person, subject, type, from, to }, metadata, call) {
      if (pageSize < 0 || pageSize > PAGE_SIZE_MAX)
        throw invalid(
          'PAGE_SIZE_INVALID',
          `page_size is ${pageSize}; it may be 0 (which is ${PAGE_SIZE_DEFAULT}) to ${PAGE_SIZE_MAX}.`,
        )
      if (type !== '' && !isEntryType(type))
        throw invalid('ENTRY_TYPE_UNKNOWN', `type must be empty or one of ${ENTRY_TYPES.join(', ')}.`)
      const after = placeBehind(pageToken)
      await whenSeen(projection, metadata, call)
      const { entries, next } = await store.list(
        {
          ...(person === '' ? {} : { person }),
          ...(subject === '' ? {} : { subject }),
          ...(type === '' ? {} : { type }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        },
        pageSize || PAGE_SIZE_DEFAULT,
        after,
      )
      return ListEntriesResponse.fromPartial({
        entries: entries.map(({ id, at, person: by, type: done, subject: about, fields }) => ({
          id,
          at,
          ...(by === null ? {} : { person: by }),
          type: done,
          subjectKind: about.kind,
          subjectId: about.id,
          fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
        })),
        nextPageToken: tokenBehind(next),
      })
    },
  })
}
