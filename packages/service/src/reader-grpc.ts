import type { Reader } from '@parley/eventlog'
import { ReaderServiceService } from '@parley/proto/reader'
import { type GrpcService, grpcService } from './grpc-server.ts'
import { grpcError, status } from './grpc-status.ts'
import type { Resource } from './lifecycle.ts'

/** How far a reader has come on the partitions that it has: known without a question to Kafka or MongoDB. */
interface Progress {
  lag?(): readonly {
    readonly partition: number
    readonly records: bigint
    /** How long ago the oldest of them was stored. */
    readonly seconds: number
  }[]
  stuck?(): readonly {
    readonly partition: number
    readonly attempts: number
    /** ISO 8601. */
    readonly since: string
  }[]
}
type OperatedReader = Pick<Reader, 'parked' | 'retry' | 'discard'> & Progress

/** `ListReaders` is asked when something is wrong: it does not wait longer than this for a store that may be what is wrong. */
const PARKED_WITHIN_MS = 400

/** A reader as a resource of its service: ready when it has its partitions, and drained by a clean stop. */
export function readerResource(name: string, reader: Pick<Reader, 'isReady' | 'stop'> & Progress): Resource {
  return {
    name,
    isReady: () => reader.isReady(),
    isStuck: () => (reader.stuck?.() ?? []).length > 0,
    drain: () => reader.stop(),
    close: async () => {},
  }
}

/** What an operator can see and do about a service's readers, by the readers' names. */
export function readerGrpc(readers: Readonly<Record<string, OperatedReader>>): GrpcService {
  const readerOf = (name: string): OperatedReader => {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
    if (reader !== undefined) return reader
    throw grpcError(
      status.NOT_FOUND,
      'READER_UNKNOWN',
      `This service runs no reader "${name}". It runs: ${Object.keys(readers).join(', ')}.`,
    )
  }
  return grpcService(ReaderServiceService, {
    async listReaders() {
      const statuses = Object.entries(readers).map(async ([name, reader]) => ({
        name,
        lags: [...(reader.lag?.() ?? [])],
        stuck: [...(reader.stuck?.() ?? [])],
        parkedCount: await parkedCount(reader),
      }))
      return { readers: await Promise.all(statuses) }
    },
    async listParkedStreams() {
      const perReader = await Promise.all(
        Object.entries(readers).map(async ([name, reader]) =>
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
    async retryStream({ reader, streamId }) {
      return { isFree: await readerOf(reader).retry(streamId) }
    },
    async discardPoison({ reader, streamId, reason }) {
      if (reason.trim() === '')
        throw grpcError(
          status.INVALID_ARGUMENT,
          'REASON_MISSING',
          'Say why the event is left out: it stays on record.',
        )
      return { isFree: await readerOf(reader).discard(streamId, reason) }
    },
  })
}

async function parkedCount(reader: OperatedReader): Promise<number | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, PARKED_WITHIN_MS, undefined)
  try {
    return (await Promise.race([reader.parked(), late]))?.length
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
