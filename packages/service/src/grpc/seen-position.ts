import type { Metadata } from '@grpc/grpc-js'
import type { Position, ProjectionReader } from '@parley/eventlog'
import { grpcError, status } from './status.ts'

/** `<partition>:<offset>` of a record of the events topic, several with commas between: what the answer must have seen. */
const SEEN_POSITION = 'parley-seen-position'

/** A projection is a fraction of a second behind; one that is further behind than this is better told of. */
const SEEN_WITHIN_MS = 5_000

/**
 * For queries on a read model: waits until it holds the positions that the caller names in the call's metadata, so that whoever wrote
 * something reads what he wrote. Without them nothing is waited for.
 * @throws {GrpcError} POSITION_INVALID, NOT_PROCESSED_YET
 */
export async function whenSeen(
  projection: Pick<ProjectionReader, 'whenProcessed'>,
  metadata: Metadata,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const positions = metadata.get(SEEN_POSITION).flatMap((value) => positionsIn(String(value)))
  const seen = await Promise.all(
    positions.map((position) => projection.whenProcessed(position, SEEN_WITHIN_MS, signal)),
  )
  if (seen.every(Boolean)) return
  throw grpcError(
    status.DEADLINE_EXCEEDED,
    'NOT_PROCESSED_YET',
    `What stands at the position in ${SEEN_POSITION} is not in this read model yet. Ask again; if that goes on, look at its lag.`,
  )
}

export function namePositions(metadata: Metadata, positions: readonly Position[]): void {
  if (positions.length > 0)
    metadata.set(SEEN_POSITION, positions.map(({ partition, offset }) => `${partition}:${offset}`).join(','))
}

function positionsIn(text: string): readonly Position[] {
  return text.split(',').map((part) => {
    const [, partition, offset] = /^\s*(\d{1,9}):(\d{1,18})\s*$/.exec(part) ?? []
    if (partition === undefined || offset === undefined)
      throw grpcError(
        status.INVALID_ARGUMENT,
        'POSITION_INVALID',
        `${SEEN_POSITION} must be <partition>:<offset> of a record of the events topic, for example 3:1042.`,
      )
    return { partition: Number(partition), offset: BigInt(offset) }
  })
}
