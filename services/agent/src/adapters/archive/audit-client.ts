import { entryFromWire } from '@parley/audit'
import { type AuditServiceClient, ListEntriesRequest } from '@parley/proto/audit'
import { type GrpcError, grpcCall, isPartAway } from '@parley/service'
import { AuditUnavailable, CursorUnknown, type ListEntries } from '../../audit/entries.ts'
import { answered, archiveRefusal, askedFor } from './answers.ts'

/** The audit lives in the archive. */
export function archivedEntries(client: AuditServiceClient): ListEntries {
  return async ({ cursor, ...filter }, person, signal) => {
    const request = ListEntriesRequest.fromPartial({ ...filter, pageToken: cursor ?? '' })
    const { entries, nextPageToken } = await answered(
      grpcCall(client, 'listEntries', request, askedFor(person, signal)),
      refusalOf,
    )
    return { cursor: nextPageToken === '' ? null : nextPageToken, entries: entries.map(entryFromWire) }
  }
}

function refusalOf(cause: GrpcError): Error {
  if (cause.code === 'PAGE_TOKEN_INVALID') return new CursorUnknown(cause.message, { cause })
  return isPartAway(cause) ? new AuditUnavailable(cause.message, { cause }) : archiveRefusal(cause)
}
