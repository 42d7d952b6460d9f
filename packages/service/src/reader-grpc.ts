import { LogUnavailable, type Reader } from '@parley/eventlog'
import { ReaderServiceService } from '@parley/proto/reader'
import type { RecordAct } from './audit-recorder.ts'
import { type GrpcCallContext, type GrpcService, grpcService } from './grpc-server.ts'
import { grpcError, status } from './grpc-status.ts'
import { inTime } from './in-time.ts'
import type { Resource } from './lifecycle.ts'

/** How far a reader has come on the partitions that it has: known without a question to Kafka or MongoDB. */
type Progress = Pick<Reader, 'lag' | 'stuck'>
type OperatedReader = Pick<Reader, 'parked' | 'retry' | 'discard'> & Progress
/** A decider, the raw archive: they skip nothing, so they park nothing. */
type SteadyReader = Progress & { readonly parked?: undefined }

/** `ListReaders` is asked when something is wrong: it does not wait longer than this for a store that may be what is wrong. */
const PARKED_WITHIN_MS = 400

/** A reader as a resource of its service: ready when it has its partitions, and drained by a clean stop. */
export function readerResource(name: string, reader: Pick<Reader, 'isReady' | 'stop' | 'stuck'>): Resource {
  return {
    name,
    isReady: () => reader.isReady(),
    isStuck: () => reader.stuck().length > 0,
    drain: () => reader.stop(),
    close: async () => {},
  }
}

/**
 * What an operator can see and do about a service's readers, by the readers' names. What is done stands in the audit before it is done;
 * while the log takes nothing, nothing is done.
 */
export function readerGrpc(
  service: string,
  readers: Readonly<Record<string, OperatedReader | SteadyReader>>,
  record: RecordAct,
): GrpcService {
  const operated = Object.entries(readers).flatMap(([name, reader]) =>
    reader.parked === undefined ? [] : [[name, reader] as const],
  )
  const readerOf = (name: string): OperatedReader => {
    const reader = operated.find(([one]) => one === name)?.[1]
    if (reader !== undefined) return reader
    throw grpcError(
      status.NOT_FOUND,
      'READER_UNKNOWN',
      `This service runs no reader "${name}" that parks streams. It runs: ${operated.map(([one]) => one).join(', ')}.`,
    )
  }
  const acted = async (
    reader: string,
    { caller, operator }: Pick<GrpcCallContext, 'caller' | 'operator'>,
    act: { readonly act: string; readonly streamId: string; readonly reason?: string },
  ): Promise<void> => {
    const { reason, ...fields } = act
    try {
      await record({
        type: 'operator_acted',
        person: null,
        subject: { kind: 'reader', id: `${service}/${reader}` },
        fields: { ...fields, caller },
        words: { ...(reason !== undefined && { reason }), ...(operator !== undefined && { operator }) },
      })
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error
      throw grpcError(
        status.UNAVAILABLE,
        error.code,
        'The audit cannot be written to at the moment, so nothing was done. Ask again shortly.',
      )
    }
  }
  return grpcService(ReaderServiceService, {
    async listReaders() {
      const statuses = Object.entries(readers).map(async ([name, reader]) => ({
        name,
        lags: [...reader.lag()],
        stuck: [...reader.stuck()],
        parkedCount: reader.parked === undefined ? 0 : await parkedCount(reader),
      }))
      return { readers: await Promise.all(statuses) }
    },
    async listParkedStreams() {
      const perReader = await Promise.all(
        operated.map(async ([name, reader]) =>
          (await reader.parked()).map(({ streamId, reason, parkedAt }) => ({
            reader: name,
            streamId,
            reason,
            parkedAt: parkedAt.toISOString(),
          })),
        ),
      )
      return { streams: perReader.flat() }
    },
    async retryStream({ reader, streamId }, _, by) {
      const operated = readerOf(reader)
      await acted(reader, by, { act: 'retry_stream', streamId })
      return { isFree: await operated.retry(streamId) }
    },
    async discardPoison({ reader, streamId, reason }, _, by) {
      if (reason.trim() === '')
        throw grpcError(
          status.INVALID_ARGUMENT,
          'REASON_MISSING',
          'Say why the event is left out: it stays on record.',
        )
      const operated = readerOf(reader)
      await acted(reader, by, { act: 'discard_poison', streamId, reason })
      return { isFree: await operated.discard(streamId, reason) }
    },
  })
}

async function parkedCount(reader: OperatedReader): Promise<number | undefined> {
  try {
    const parked = await inTime(reader.parked(), PARKED_WITHIN_MS)
    return parked === 'late' ? undefined : parked.length
  } catch {
    return undefined
  }
}
