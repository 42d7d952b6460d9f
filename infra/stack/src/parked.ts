import { readFile } from 'node:fs/promises'
import { ReaderServiceClient } from '@parley/proto/reader'
import { grpcCall, grpcClient } from '@parley/service'
import { filesOf } from './data-directory.ts'
import { StackFault } from './fault.ts'

const TIMEOUT_MS = 10_000

/** Where each service answers, by its name. */
export type GrpcAddresses = Readonly<Record<string, string>>

export interface StreamOfReader {
  readonly service: string
  readonly reader: string
  readonly streamId: string
}

export const grpcAddresses = async (dataDirectory: string): Promise<GrpcAddresses> =>
  (JSON.parse(await readFile(filesOf(dataDirectory).stack, 'utf8')) as { grpc: GrpcAddresses }).grpc

const at = async <Answer>(
  addresses: GrpcAddresses,
  service: string,
  work: (client: ReaderServiceClient) => Promise<Answer>,
): Promise<Answer> => {
  const address = addresses[service]
  if (address === undefined)
    throw new StackFault('NO_SUCH_SERVICE', `there is no service "${service}"`, {
      why: `the services with readers are ${Object.keys(addresses).join(', ')}`,
      fix: 'take service, reader and stream as `npm run stack -- parked` prints them',
    })
  const client = grpcClient(ReaderServiceClient, address)
  try {
    return await work(client)
  } finally {
    client.close()
  }
}

export const parkedStreams = async (
  addresses: GrpcAddresses,
): Promise<readonly (StreamOfReader & { reason: string; parkedAt: string })[]> => {
  const perService = await Promise.all(
    Object.keys(addresses).map((service) =>
      at(addresses, service, async (client) => {
        const { streams } = await grpcCall(client, 'listParkedStreams', {}, { timeoutMs: TIMEOUT_MS })
        return streams.map(({ reader, streamId, reason, parkedAt }) => ({
          service,
          reader,
          streamId,
          reason,
          parkedAt: parkedAt ?? '',
        }))
      }),
    ),
  )
  return perService.flat()
}

export const retryStream = (
  addresses: GrpcAddresses,
  { service, reader, streamId }: StreamOfReader,
): Promise<boolean> =>
  at(addresses, service, async (client) => {
    const answer = await grpcCall(client, 'retryStream', { reader, streamId }, { timeoutMs: TIMEOUT_MS })
    return answer.isFree
  })

export const discardPoison = (
  addresses: GrpcAddresses,
  { service, reader, streamId }: StreamOfReader,
  reason: string,
): Promise<boolean> =>
  at(addresses, service, async (client) => {
    const answer = await grpcCall(
      client,
      'discardPoison',
      { reader, streamId, reason },
      { timeoutMs: TIMEOUT_MS },
    )
    return answer.isFree
  })
