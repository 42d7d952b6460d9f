import { ENTRY_TYPES, entryFromWire, isEntryType } from '@parley/audit'
import { CommandLineMistake, didYouMean } from '@parley/authoring'
import { type AuditEntry, AuditServiceClient, ListEntriesRequest } from '@parley/proto/audit'
import { GrpcError, grpcCall, grpcClient } from '@parley/service'
import pc from 'picocolors'
import { z } from 'zod'
import { operatedService } from './operated.ts'
import { visible } from './visible.ts'

const ANSWERED_WITHIN_MS = 10_000
const time = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

/** `npm run parley -- audit …`: the entries to stdout, as JSON (that of `GET /api/audit`) unless somebody looks. */
export async function auditCommand(values: {
  readonly person: string
  readonly subject: string
  readonly type: string
  readonly from: string | undefined
  readonly to: string | undefined
  readonly cursor: string
  readonly json: boolean
}): Promise<number> {
  const { person, subject, type, cursor } = values
  if (type !== '' && !isEntryType(type))
    throw new CommandLineMistake(
      `there is no type "${type}"${didYouMean(type, ENTRY_TYPES) || '.'} There are: ${ENTRY_TYPES.join(', ')}`,
    )
  const [from, to] = [momentOf('from', values.from), momentOf('to', values.to)]
  const request = ListEntriesRequest.fromPartial({ person, subject, type, from, to, pageToken: cursor })

  const archive = await operatedService('archive', process.env)
  const client = grpcClient(AuditServiceClient, archive.address, archive.credentials)
  try {
    const { entries, nextPageToken } = await grpcCall(client, 'listEntries', request, {
      timeoutMs: ANSWERED_WITHIN_MS,
    })
    if (values.json || !process.stdout.isTTY)
      process.stdout.write(
        `${JSON.stringify({ entries: entries.map(entryFromWire), cursor: nextPageToken || null }, null, 2)}\n`,
      )
    else for (const entry of entries) process.stdout.write(`${lineOf(entry)}\n`)
    if (nextPageToken !== '') process.stderr.write(pc.dim(`older ones: --cursor ${nextPageToken}\n`))
    return 0
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error
    if (error.code === 'PAGE_TOKEN_INVALID')
      throw new CommandLineMistake('--cursor is what an earlier answer told, unchanged')
    process.stderr.write(
      `parley: the audit cannot be read: ${error.message} (${error.code}). Is the archive running, and is ARCHIVE_GRPC_ADDRESS its address?\n`,
    )
    return 1
  } finally {
    client.close()
  }
}

function momentOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (!time.safeParse(text).success)
    throw new CommandLineMistake(`--${name} is a time such as 2026-03-02 or 2026-03-02T12:00:00Z`)
  return new Date(text).toISOString()
}

function lineOf({ at = '', person, type, subjectKind, subjectId, fields }: AuditEntry): string {
  return [
    pc.dim(at),
    type.padEnd(21),
    (person === undefined ? '-' : `${visible(person.login)} (${visible(person.id)})`).padEnd(24),
    `${subjectKind} ${visible(subjectId)}`,
    ...fields.map(({ name, value }) => pc.dim(`${name}=`) + visible(value)),
  ].join('  ')
}
