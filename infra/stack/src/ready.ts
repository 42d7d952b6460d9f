import { credentials, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js'
import { service } from 'grpc-health-check'

const PROBE_TIMEOUT_MS = 2_000
const SERVING = 'SERVING'

const HealthClient = makeGenericClientConstructor(service, 'grpc.health.v1.Health')

/** Asks the standard health service at `address` (host:port) whether `name` is serving. */
export const grpcServes = (address: string, name: string): Promise<boolean> =>
  new Promise((resolve) => {
    const client = new HealthClient(address, credentials.createInsecure())
    const settle = (serves: boolean) => {
      client.close()
      resolve(serves)
    }
    client['check']!(
      { service: name },
      { deadline: Date.now() + PROBE_TIMEOUT_MS },
      (error: ServiceError | null, answer?: { status: string | number }) =>
        settle(!error && (answer?.status === SERVING || answer?.status === 1)),
    )
  })

export const httpAnswersOk = async (url: string): Promise<boolean> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
  await response.body?.cancel()
  return response.ok
}
