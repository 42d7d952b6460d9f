import type { Reader } from '@parley/eventlog'
import { ReaderServiceService } from '@parley/proto/reader'
import { type GrpcService, grpcService } from './grpc-server.ts'
import { grpcError, status } from './grpc-status.ts'

type Parks = Pick<Reader, 'parked' | 'retry' | 'discard'>

/** What an operator can see and do about the parked streams of a service's readers, by the readers' names. */
export function readerGrpc(readers: Readonly<Record<string, Parks>>): GrpcService {
  const readerOf = (name: string): Parks => {
    const reader = readers[name]
    if (reader !== undefined) return reader
    throw grpcError(
      status.NOT_FOUND,
      'READER_UNKNOWN',
      `This service runs no reader "${name}". It runs: ${Object.keys(readers).join(', ')}.`,
    )
  }
  return grpcService(ReaderServiceService, {
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
