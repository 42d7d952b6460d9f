import { type PagePlace, type ProjectionReader, cursorOf, placeIn } from '@parley/eventlog'
import { grpcError, status } from '@parley/service'

const PAGE_SIZE_DEFAULT = 50
const PAGE_SIZE_MAX = 200

export function invalid(code: string, message: string) {
  return grpcError(status.INVALID_ARGUMENT, code, message)
}

export function requirePageSize(pageSize: number): void {
  if (pageSize < 0) throw invalid('PAGE_SIZE_INVALID', 'page_size must be 0 or more.')
}

/** Of a list of conversations. @throws {GrpcError} PAGE_SIZE_INVALID */
export function pageSizeOf(pageSize: number): number {
  requirePageSize(pageSize)
  return Math.min(pageSize || PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)
}

export function tokenOf(position: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

export function partsOf(token: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    if (Array.isArray(parts)) return parts
  } catch {
    // Not ours: refused below.
  }
  return []
}

/** Of a list, newest first; empty: there is no page behind it. */
export const tokenBehind = (place: PagePlace | undefined): string =>
  place === undefined ? '' : cursorOf(place)

/** Undefined: the first page. @throws {GrpcError} PAGE_TOKEN_INVALID */
export function placeBehind(token: string): PagePlace | undefined {
  const place = placeIn(token)
  if (token === '' || place !== undefined) return place
  throw tokenInvalid()
}

export function tokenInvalid() {
  return invalid(
    'PAGE_TOKEN_INVALID',
    'page_token must be a next_page_token of an earlier answer, unchanged.',
  )
}

/** How far a projection has folded the log, opaque: `0:7,1:12`. */
export function positionOf(projection: Pick<ProjectionReader, 'progress'>): string {
  const offsets = [...projection.progress()].toSorted(([one], [other]) => one - other)
  return offsets.map(([partition, offset]) => `${partition}:${offset}`).join(',')
}
