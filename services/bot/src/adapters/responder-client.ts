import { type RespondRequest, type RespondResponse, ResponderServiceClient } from '@parley/proto/bot'
import {
  type CallerCredentials,
  GrpcError,
  type Resource,
  grpcCall,
  grpcClient,
  status,
} from '@parley/service'
import pRetry from 'p-retry'
import { RobotFailed } from '../turn/reactor.ts'

const PAUSE_MS_MAX = 1_000

export interface RobotClient extends Resource {
  ask(request: RespondRequest): Promise<RespondResponse>
}

/** A robot at host:port. While it cannot be reached (it restarts, say) it is asked again until the time is up: asking twice is safe by contract. */
export function robotClient(address: string, caller: CallerCredentials, timeoutMs: number): RobotClient {
  const client = grpcClient(ResponderServiceClient, address, caller)
  return {
    name: 'responder',
    close: async () => client.close(),
    async ask(request) {
      const deadline = performance.now() + timeoutMs
      try {
        return await pRetry(
          () => grpcCall(client, 'respond', request, { timeoutMs: deadline - performance.now() }),
          {
            retries: Infinity,
            minTimeout: 100,
            maxTimeout: PAUSE_MS_MAX,
            shouldRetry: ({ error }) =>
              error instanceof GrpcError &&
              error.status === status.UNAVAILABLE &&
              performance.now() + PAUSE_MS_MAX < deadline,
          },
        )
      } catch (error) {
        throw robotFailed(error)
      }
    },
  }
}

function robotFailed(error: unknown): RobotFailed {
  if (!(error instanceof GrpcError)) return new RobotFailed('RESPONDER_ERROR', error)
  if (error.code === 'FLOW_VERSION_GONE' || error.code === 'FLOW_STEP_GONE' || error.code === 'FLOW_LOOP')
    return new RobotFailed(error.code, error)
  return new RobotFailed(
    error.status === status.DEADLINE_EXCEEDED ? 'RESPONDER_TIMEOUT' : 'RESPONDER_ERROR',
    error,
  )
}
