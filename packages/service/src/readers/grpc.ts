import { PoisonUnseen, type Reader, RetryNotAnswered } from '@parley/eventlog'
import { ReaderServiceService } from '@parley/proto/reader'
import type { RecordAct } from '../audit-recorder.ts'
import { type GrpcService, grpcService } from '../grpc/server.ts'
import { grpcError, status } from '../grpc/status.ts'
import { inTime } from '../in-time.ts'
import type { Resource } from '../lifecycle.ts'
import { operatorActs } from '../operator-acts.ts'

/** How far a reader has come on the partitions that it has: known without a question to Kafka or MongoDB. */
type Progress = Pick<Reader, 'lag' | 'stuck'>
type OperatedReader = Pick<Reader, 'parked' | 'retry' | 'discard'> & Progress
/** A decider, the raw archive: they skip nothing, so they park nothing. */
type SteadyReader = Progress & { readonly parked?: undefined }

/** `ListReaders` is asked when something is wrong: it does not wait longer than this for a store that may be what is wrong. */
const PARKED_WITHIN_MS = 400

/** Readers by their names as resources of their service: ready when they have their partitions, and drained by a clean stop. */
export function readerResources(
  readers: Readonly<Record<string, Pick<Reader, 'isReady' | 'stop' | 'stuck'>>>,
): readonly Resource[] {
  return Object.entries(readers).map(([name, reader]) => ({
    name,
    isReady: () => reader.isReady(),
    isStuck: () => reader.stuck().length > 0,
    drain: () => reader.stop(),
    close: async () => {},
  }))
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
  const skipping = Object.entries(readers).flatMap(([name, reader]) =>
    reader.parked === undefined ? [] : [[name, reader] as const],
  )
  const readerOf = (name: string): OperatedReader => {
    const reader = skipping.find(([one]) => one === name)?.[1]
    if (reader !== undefined) return reader
    throw grpcError(
      status.NOT_FOUND,
      'READER_UNKNOWN',
      `This service runs no reader "${name}" that parks streams. It runs: ${skipping.map(([one]) => one).join(', ')}.`,
    )
  }
  const operated = operatorActs(record)
  const subject = (reader: string) => ({ kind: 'reader' as const, id: `${service}/${reader}` })
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
        skipping.map(async ([name, reader]) =>
          (await reader.parked()).map(({ streamId, reason, parkedAt, poison }) => ({
            reader: name,
            streamId,
            reason,
            parkedAt: parkedAt.toISOString(),
            poison,
          })),
        ),
      )
      return { streams: perReader.flat() }
    },
    async retryStream({ reader, streamId }, _, by) {
      const found = readerOf(reader)
      if (!(await found.parked()).some((parked) => parked.streamId === streamId))
        throw grpcError(
          status.NOT_FOUND,
          'STREAM_NOT_PARKED',
          `${reader} has not parked ${streamId}, or somebody else freed it before. ListParkedStreams has all that are.`,
        )
      await operated(subject(reader), by, { act: 'retry_stream', streamId })
      return { isFree: await found.retry(streamId).catch(asGrpcError) }
    },
    async discardPoison({ reader, streamId, poison, reason }, _, by) {
      if (reason.trim() === '')
        throw grpcError(
          status.INVALID_ARGUMENT,
          'REASON_MISSING',
          'Say why the event is left out: it stays on record.',
        )
      const found = readerOf(reader)
      await operated(subject(reader), by, { act: 'discard_poison', streamId, reason })
      return { isFree: await found.discard(streamId, poison, reason).catch(asGrpcError) }
    },
  })
}

/** What an operator can do something about, in its own words. */
function asGrpcError(error: unknown): never {
  if (error instanceof PoisonUnseen) throw grpcError(status.FAILED_PRECONDITION, error.code, error.message)
  if (error instanceof RetryNotAnswered) throw grpcError(status.UNAVAILABLE, error.code, error.message)
  throw error
}

async function parkedCount(reader: OperatedReader): Promise<number | undefined> {
  try {
    const parked = await inTime(reader.parked(), PARKED_WITHIN_MS)
    return parked === 'late' ? undefined : parked.length
  } catch {
    return undefined
  }
}
