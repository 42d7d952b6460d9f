import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { z } from 'zod'
import { connectedParent } from './parent-watch.ts'
import { type Lifecycle, type Resources, SHORT_BUDGETS, createLifecycle } from './lifecycle.ts'
import { type LogFields, type Logger, createLogger, logLevelFrom } from './logger.ts'
import { hostsSetting } from './http/settings.ts'
import { misspelt, noted } from './misspelt-settings.ts'
import { startMetrics } from './telemetry/metrics.ts'
import { startProbeServer } from './probe-server.ts'
import { SettingsError, commonSettings, portNumber, readSettings, setting } from './settings.ts'
import { otlpSetting } from './telemetry/otlp.ts'
import { startTracing } from './telemetry/tracing.ts'

/** Where each serves its probes and metrics unless `<SERVICE>_PROBE_PORT` says otherwise. */
const PROBE_PORTS = { gateway: 4721, routing: 4722, bot: 4723, agent: 4724, archive: 4725 } as const
export type ServiceName = keyof typeof PROBE_PORTS

/**
 * V8 collects the old space once it has grown by so much since the last time. Left to itself it lets a busy service grow to twice what it
 * holds: 300 MB instead of 186 (docs/adr/0016). Set here and not beside Node's other flags, as `NODE_OPTIONS` refuses it.
 */
const HEAP_GROWING_PERCENT = 40

export interface ServiceContext {
  readonly name: ServiceName
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
  /** For what cannot be mended in this process: logs the error with its code, drains briefly, exits 1. A supervisor starts it anew. */
  readonly fault: (error: unknown, about?: LogFields) => void
  readonly onShutdown: (listener: () => void) => void
  readonly isReady: () => boolean
}

/** Runs a service until it is told to stop, then ends the process: 0 after a clean stop, 1 otherwise. */
export async function runService(
  name: ServiceName,
  compose: (context: ServiceContext) => Promise<Resources>,
): Promise<void> {
  process.title = `parley-${name}`
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`)
  const { env, asked } = noted(process.env)
  const log = createLogger({ service: name, level: logLevelFrom(env) })
  const tracing = startTracing(name, env)
  const metrics = startMetrics(name, env)

  const fault: ServiceContext['fault'] = (error, about) => {
    const code = faultCode(error)
    log.fatal({ ...about, code, err: error }, 'a fault that this process cannot mend')
    lifecycle.shutdown({ reason: code, exitCode: 1, budgets: SHORT_BUDGETS })
  }
  const lifecycle: Lifecycle = createLifecycle({
    log,
    async start() {
      await startProbes()
      const resources = await compose({
        name,
        env,
        log,
        fault,
        onShutdown: (listener) => lifecycle.onShutdown(listener),
        isReady: () => lifecycle.isReady(),
      })
      for (const { variable, meant } of misspelt(Object.keys(process.env), asked))
        log.warn(
          { code: 'SETTING_MISSPELT', variable, meant },
          'a variable is set that nothing reads, and one of nearly the same name has its default',
        )
      // Now, not at the exit: a process that is killed is to begin quickly, too. Nothing is done where no cache is set.
      flushCompileCache()
      return resources
    },
    flush: async () => void (await Promise.all([tracing.shutdown(), metrics.shutdown()])),
  })
  // No resource of the lifecycle: it answers while they start, and until the process ends.
  const startProbes = async (): Promise<void> => {
    const { host, probePort, probeHosts } = readSettings(probeSettings(name), env)
    const { port } = await startProbeServer(
      {
        isReady: () => lifecycle.isReady(),
        notReady: () => lifecycle.notReady(),
        stuck: () => lifecycle.stuck(),
        scrape: () => metrics.scrape(),
      },
      { host, port: probePort, hosts: probeHosts },
    )
    log.info({ port }, 'probes and metrics are served')
  }

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

const probeSettings = (name: ServiceName) =>
  z.object({
    host: commonSettings.host,
    probePort: setting(
      `${name.toUpperCase()}_PROBE_PORT`,
      portNumber.default(PROBE_PORTS[name]),
      'the port of /livez, /readyz and /metrics',
    ),
    probeHosts: hostsSetting(`${name.toUpperCase()}_PROBE_HOSTS`),
    // Telemetry begins before settings are read, and goes without one that is wrong.
    otlp: otlpSetting,
  })

function faultCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : 'FAULT'
}
