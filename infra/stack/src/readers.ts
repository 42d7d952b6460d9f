import { type ReaderStatus, ReaderServiceClient } from '@parley/proto/reader'
// Not the whole package: `status` answers in under a second, and most of that is what it loads.
import { grpcCall, grpcClient } from '@parley/service/grpc-client'
import { type OperatorCalls, operatorCallsOf } from '@parley/service/grpc-operator'
import { filesOf } from './data-directory.ts'
import { StackFault, reasonOf } from './fault.ts'

const TIMEOUT_MS = 10_000
/** A retry is carried out by the owner of the partition; its service waits half a minute for that, and says so. */
const RETRY_TIMEOUT_MS = 40_000
/** `status` answers in under a second, whoever else does not. */
const STATUS_TIMEOUT_MS = 700

/** By gRPC itself, or of a service that lacks a part of its own. */
const NOT_ANSWERED: ReadonlySet<unknown> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED'])

export interface StreamOfReader {
  readonly service: string
  readonly reader: string
  readonly streamId: string
}

export const requireOperator = async (dataDirectory: string): Promise<OperatorCalls> => {
  const operator = await operatorCallsOf(dataDirectory)
  if (operator !== undefined) return operator
  throw new StackFault('STACK_NOT_RUNNING', 'the services of the stack are not started yet', {
    why: `${filesOf(dataDirectory).operator} is there only from then on`,
    fix: 'look at `npm run stack -- status`, and wait until they are',
  })
}

const at = async <Answer>(
  { grpc, credentials }: OperatorCalls,
  service: string,
  work: (client: ReaderServiceClient) => Promise<Answer>,
): Promise<Answer> => {
  const address = Object.hasOwn(grpc, service) ? grpc[service] : undefined
  if (address === undefined)
    throw new StackFault('NO_SUCH_SERVICE', `there is no service "${service}"`, {
      why: `the services with readers are ${Object.keys(grpc).join(', ')}`,
      fix: 'take service, reader and stream as `npm run stack -- parked` prints them',
    })
  const client = grpcClient(ReaderServiceClient, address, credentials)
  try {
    return await work(client)
  } catch (error) {
    if (!NOT_ANSWERED.has((error as { code?: unknown }).code)) throw error
    throw new StackFault(
      'SERVICE_SILENT',
      `${service} does not answer`,
      {
        why: reasonOf(error),
        fix: `look at \`npm run stack -- status\` and \`npm run stack -- logs ${service}\`, and say it again: it may be done by then`,
      },
      error,
    )
  } finally {
    client.close()
  }
}

/** What a reader says of itself, over all partitions that its service has. */
export interface ReaderProgress {
  readonly service: string
  readonly reader: string
  /** Stored and not handled yet. */
  readonly lagRecords: number
  /** Age of the oldest of them. */
  readonly lagSeconds: number
  readonly stuck: readonly {
    readonly partition: number
    readonly attempts: number
    readonly since: string
    /** Undefined when it is not known. */
    readonly streamId: string | undefined
  }[]
  /** Undefined when the store did not say. */
  readonly parked: number | undefined
}

const progressOf = (service: string, { name, lags, stuck, parkedCount }: ReaderStatus): ReaderProgress => ({
  service,
  reader: name,
  lagRecords: lags.reduce((sum, { records }) => sum + Number(records), 0),
  lagSeconds: Math.max(0, ...lags.map(({ seconds }) => seconds)),
  stuck: stuck.map(({ partition, attempts, since = '', streamId }) => ({
    partition,
    attempts,
    since,
    streamId,
  })),
  parked: parkedCount,
})

/** All readers of all services, and the services that did not answer in time. */
export const readersOf = async (
  operator: OperatorCalls,
): Promise<{ readonly readers: readonly ReaderProgress[]; readonly silent: readonly string[] }> => {
  const answers = await Promise.all(
    Object.keys(operator.grpc).map((service) =>
      at(operator, service, async (client) => {
        const { readers } = await grpcCall(client, 'listReaders', {}, { timeoutMs: STATUS_TIMEOUT_MS })
        return { readers: readers.map((status) => progressOf(service, status)), silent: [] }
      }).catch(() => ({ readers: [], silent: [service] })),
    ),
  )
  return {
    readers: answers.flatMap(({ readers }) => readers),
    silent: answers.flatMap(({ silent }) => silent),
  }
}

/** What every service that answers has parked, and the services that do not: one that is away hides nothing of the others. */
export const parkedStreams = async (
  operator: OperatorCalls,
): Promise<{
  readonly streams: readonly (StreamOfReader & { reason: string; parkedAt: string; poison: string })[]
  readonly silent: readonly string[]
}> => {
  const answers = await Promise.all(
    Object.keys(operator.grpc).map((service) =>
      at(operator, service, async (client) => {
        const { streams } = await grpcCall(client, 'listParkedStreams', {}, { timeoutMs: TIMEOUT_MS })
        const parked = streams.map(({ reader, streamId, reason, parkedAt, poison }) => ({
          service,
          reader,
          streamId,
          reason,
          parkedAt: parkedAt ?? '',
          poison,
        }))
        return { parked, silent: [] }
      }).catch(() => ({ parked: [], silent: [service] })),
    ),
  )
  return {
    streams: answers.flatMap(({ parked }) => parked),
    silent: answers.flatMap(({ silent }) => silent),
  }
}

export const retryStream = (
  operator: OperatorCalls,
  { service, reader, streamId }: StreamOfReader,
): Promise<boolean> =>
  at(operator, service, async (client) => {
    const answer = await grpcCall(
      client,
      'retryStream',
      { reader, streamId },
      { timeoutMs: RETRY_TIMEOUT_MS },
    )
    return answer.isFree
  })

export const discardPoison = (
  operator: OperatorCalls,
  { service, reader, streamId }: StreamOfReader,
  poison: string,
  reason: string,
): Promise<boolean> =>
  at(operator, service, async (client) => {
    const answer = await grpcCall(
      client,
      'discardPoison',
      { reader, streamId, poison, reason },
      { timeoutMs: RETRY_TIMEOUT_MS },
    )
    return answer.isFree
  })
