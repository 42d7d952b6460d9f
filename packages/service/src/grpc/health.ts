import {
  type ServerWritableStream,
  type UntypedServiceImplementation,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { grpcError, toWire } from './status.ts'

interface HealthRequest {
  service?: string
}
interface HealthResponse {
  status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN'
}
type Watcher = ServerWritableStream<HealthRequest, HealthResponse>

const WATCH_INTERVAL_MS = 250
/** Anybody may watch, and each watcher is looked after four times a second. */
const WATCHERS_MAX = 100

const TOO_MANY_WATCHERS = grpcError(
  status.RESOURCE_EXHAUSTED,
  'TOO_MANY_WATCHERS',
  `${WATCHERS_MAX} calls watch the health of this process already: end one of them, or ask with Check.`,
)

/**
 * grpc.health.v1. "live" answers as long as the process does; "" , "ready" and each service's full name follow `isReady`,
 * which is asked at the moment of the question.
 */
export function healthService(serviceNames: readonly string[], isReady: () => boolean) {
  const watchers = new Map<Watcher, HealthResponse['status'] | undefined>()
  let isStopping = false

  const statusOf = (name: string): HealthResponse['status'] => {
    if (name === 'live') return 'SERVING'
    if (name !== '' && name !== 'ready' && !serviceNames.includes(name)) return 'SERVICE_UNKNOWN'
    return !isStopping && isReady() ? 'SERVING' : 'NOT_SERVING'
  }
  const tell = (watcher: Watcher): void => {
    const now = statusOf(watcher.request.service ?? '')
    if (watchers.get(watcher) === now) return
    watchers.set(watcher, now)
    watcher.write({ status: now })
  }
  /** While anybody watches. */
  let timer: NodeJS.Timeout | undefined
  const gone = (watcher: Watcher): void => {
    watchers.delete(watcher)
    if (watchers.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  const implementation: UntypedServiceImplementation = {
    check(call: { request: HealthRequest }, answer: sendUnaryData<HealthResponse>) {
      const now = statusOf(call.request.service ?? '')
      if (now === 'SERVICE_UNKNOWN')
        answer(
          toWire(grpcError(status.NOT_FOUND, 'HEALTH_SERVICE_UNKNOWN', 'No service of that name runs here.')),
        )
      else answer(null, { status: now })
    },
    watch(call: Watcher) {
      if (watchers.size >= WATCHERS_MAX) {
        call.emit('error', toWire(TOO_MANY_WATCHERS))
        return
      }
      watchers.set(call, undefined)
      call.once('cancelled', () => gone(call))
      call.once('close', () => gone(call))
      timer ??= setInterval(() => {
        for (const watcher of watchers.keys()) tell(watcher)
      }, WATCH_INTERVAL_MS).unref()
      tell(call)
    },
  }
  return {
    implementation,
    /** Says NOT_SERVING to all who watch and ends their streams, which would otherwise hold the server open. */
    stop() {
      isStopping = true
      clearInterval(timer)
      for (const watcher of watchers.keys()) {
        tell(watcher)
        watcher.end()
      }
      watchers.clear()
    },
  }
}
