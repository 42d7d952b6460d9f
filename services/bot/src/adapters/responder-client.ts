import { setTimeout as pause } from 'node:timers/promises'
import { type RespondRequest, type RespondResponse, ResponderServiceClient } from '@parley/proto/bot'
import { GrpcError, type Resource, grpcCall, grpcClient, status } from '@parley/service'
import { RobotFailed } from '../turn/reactor.ts'

export interface RobotClient extends Resource {
  ask(request: RespondRequest): Promise<RespondResponse>
}

/** A robot at host:port. While it cannot be reached (it restarts, say) it is asked again until the time is up: asking twice is safe by contract. */
export function robotClient(address: string, timeoutMs: number): RobotClient {
  const client = grpcClient(ResponderServiceClient, address)
  return {
    name: 'responder',
    close: async () => client.close(),
    async ask(request) {
      const deadline = performance.now() + timeoutMs
      for (let delayMs = 100; ; delayMs = Math.min(delayMs * 2, 1_000)) {
        try {
          return await grpcCall(client, 'respond', request, { timeoutMs: deadline - performance.now() })
        } catch (error) {
          const unreachable = error instanceof GrpcError && error.status === status.UNAVAILABLE
          if (!unreachable || performance.now() + delayMs >= deadline) throw robotFailed(error)
          await pause(delayMs)
        }
      }
    },
  }
}

function robotFailed(error: unknown): RobotFailed {
  if (!(error instanceof GrpcError)) return new RobotFailed('RESPONDER_ERROR', error)
  if (error.code === 'FLOW_VERSION_GONE' || error.code === 'FLOW_LOOP')
    return new RobotFailed(error.code, error)
  return new RobotFailed(
    error.status === status.DEADLINE_EXCEEDED ? 'RESPONDER_TIMEOUT' : 'RESPONDER_ERROR',
    error,
  )
}
