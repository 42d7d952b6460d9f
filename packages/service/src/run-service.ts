import { connectedParent } from './parent-watch.ts'
import { type Lifecycle, type Resource, SHORT_BUDGETS, createLifecycle } from './lifecycle.ts'
import { type Logger, createLogger, logLevelFrom } from './logger.ts'
import { SettingsError } from './settings.ts'
import { startTracing } from './tracing.ts'

export type ServiceName = 'gateway' | 'routing' | 'bot' | 'agent' | 'archive' | 'simulator'

export interface ServiceContext {
  readonly name: ServiceName
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
  /** For what cannot be mended in this process: logs the error with its code, drains briefly, exits 1. A supervisor starts it anew. */
  readonly fault: (error: unknown) => void
  readonly onShutdown: (listener: () => void) => void
  readonly isReady: () => boolean
  readonly notReady: () => readonly string[]
}

/** Runs a service until it is told to stop, then ends the process: 0 after a clean stop, 1 otherwise. */
export async function runService(
  name: ServiceName,
  compose: (context: ServiceContext) => Promise<readonly Resource[]>,
): Promise<void> {
  process.title = `parley-${name}`
  const env = process.env
  const log = createLogger({ service: name, level: logLevelFrom(env) })
  const tracing = startTracing(name, env)

  const fault = (error: unknown): void => {
    const code = faultCode(error)
    log.fatal({ code, err: error }, 'a fault that this process cannot mend')
    lifecycle.shutdown({ reason: code, exitCode: 1, budgets: SHORT_BUDGETS })
  }
  const lifecycle: Lifecycle = createLifecycle({
    log,
    start: () =>
      compose({
        name,
        env,
        log,
        fault,
        onShutdown: (listener) => lifecycle.onShutdown(listener),
        isReady: () => lifecycle.isReady(),
        notReady: () => lifecycle.notReady(),
      }),
    flush: () => tracing.shutdown(),
  })

  let signals = 0
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1
    if (signals > 1) {
      log.fatal({ code: 'SHUTDOWN_FORCED', signal }, 'a second signal: ending at once')
      process.exit(1)
    }
    lifecycle.shutdown({ reason: signal })
  }
  const parent = connectedParent(env)
  process.on('SIGTERM', onSignal)
  // Ctrl-C in a terminal reaches the whole process group: a supervisor gets it too, and stops its children in its own order.
  process.on('SIGINT', parent === undefined ? onSignal : () => {})
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => {
      log.fatal({ code: faultCode(error), reason: event, err: error }, 'an error that nothing caught')
      process.exit(1)
    })
  parent?.onGone(() => lifecycle.shutdown({ reason: 'PARENT_GONE', budgets: SHORT_BUDGETS }))

  try {
    process.exit(await lifecycle.run())
  } catch (error) {
    if (error instanceof SettingsError) process.stderr.write(`${name}: ${error.message}\n`)
    else log.fatal({ code: faultCode(error), err: error }, 'the service could not start')
    process.exit(1)
  }
}

function faultCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : 'FAULT'
}
