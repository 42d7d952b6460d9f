import { entryFromWire } from '@parley/audit'
import { type AuditServiceClient, ListEntriesRequest } from '@parley/proto/audit'
import { GrpcError, grpcCall, isPartAway } from '@parley/service'
import { AuditUnavailable, CursorUnknown, type ListEntries } from '../../audit/entries.ts'
import { archiveRefusal } from './refusal.ts'

const ANSWERED_WITHIN_MS = 5_000

/** The audit lives in the archive. */
export function archivedEntries(client: AuditServiceClient): ListEntries {
  return async ({ cursor, ...filter }, person) => {
    const request = ListEntriesRequest.fromPartial({ ...filter, pageToken: cursor ?? '' })
    try {
      const { entries, nextPageToken } = await grpcCall(client, 'listEntries', request, {
        timeoutMs: ANSWERED_WITHIN_MS,
        person,
      })
      return {
        cursor: nextPageToken === '' ? null : nextPageToken,
        entries: entries.map(entryFromWire),
      }
    } catch (error) {
      if (!(error instanceof GrpcError)) throw error
      if (error.code === 'PAGE_TOKEN_INVALID') throw new CursorUnknown(error.message, { cause: error })
      if (isPartAway(error)) throw new AuditUnavailable(error.message, { cause: error })
      throw archiveRefusal(error)
    }
  }
}
