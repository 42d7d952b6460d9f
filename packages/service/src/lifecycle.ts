import type { Logger } from './logger.ts'

/** Something that was started and must be stopped. */
export interface Resource {
  readonly name: string
  /** Absent: ready as long as it exists. */
  isReady?(): boolean
  /** Stop taking in, finish what runs. */
  drain?(): Promise<void>
  close(): Promise<void>
}

export type LifecycleState = 'starting' | 'ready' | 'draining' | 'stopped'

export interface Budgets {
  readonly drainMs: number
  readonly closeMs: number
}

/** What an orchestrator's usual 30 s of grace leave room for. */
export const FULL_BUDGETS: Budgets = { drainMs: 20_000, closeMs: 5_000 }
/** After a fault, or when nobody waits for us any more. */
export const SHORT_BUDGETS: Budgets = { drainMs: 5_000, closeMs: 2_000 }

export interface Stop {
  /** A word for the log: SIGTERM, PARENT_GONE, or the code of a fault. */
  readonly reason: string
  readonly exitCode: 0 | 1
  readonly budgets: Budgets
}

export interface LifecycleOptions {
  readonly log: Logger
  /** Returns resources that are started, in order of dependence: the last is drained first. */
  start(): Promise<readonly Resource[]>
  /** After everything is closed: spans and logs. */
  flush?(): Promise<void>
}

export interface Lifecycle {
  state(): LifecycleState
  /** All resources are ready and no stop was asked for. */
  isReady(): boolean
  /** What keeps it from being ready: names of resources, or the state. Empty when ready. */
  notReady(): readonly string[]
  /** Only begins the stop; `run` resolves when it is done. The first word counts. */
  shutdown(stop?: Partial<Stop>): void
  onShutdown(listener: () => void): void
  /** Starts, waits for a stop, drains and closes. Resolves with the exit code; rejects only when the start failed. */
  run(): Promise<0 | 1>
}

export function createLifecycle({ log, start, flush }: LifecycleOptions): Lifecycle {
  let state: LifecycleState = 'starting'
  let stop: Stop | undefined
  let resources: readonly Resource[] = []
  const listeners: (() => void)[] = []
  const { promise: stopping, resolve: beginStop } = Promise.withResolvers<void>()

  const notReady = (): readonly string[] => {
    if (state !== 'ready') return [state]
    if (stop !== undefined) return ['draining']
    return resources.filter((resource) => resource.isReady?.() === false).map(({ name }) => name)
  }

  const shutdown = ({
    reason = 'REQUESTED',
    exitCode = 0,
    budgets = FULL_BUDGETS,
  }: Partial<Stop> = {}): void => {
    if (stop !== undefined) return
    stop = { reason, exitCode, budgets }
    for (const listener of listeners) listener()
    beginStop()
  }

  /** True when all went well within the time. */
  async function inReverse(phase: 'drain' | 'close', budgetMs: number): Promise<boolean> {
    const { promise: timeUp, resolve: endTime } = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => endTime('late'), budgetMs)
    let isWell = true
    for (const resource of resources.toReversed()) {
      if (phase === 'drain' && resource.drain === undefined) continue
      const work = (async () => (phase === 'drain' ? resource.drain?.() : resource.close()))()
      const outcome = await Promise.race([
        work.then(
          () => 'done' as const,
          (error: unknown) => {
            log.error(
              { code: 'SHUTDOWN_FAILED', resource: resource.name, state: phase, err: error },
              'a resource did not stop',
            )
            return 'failed' as const
          },
        ),
        timeUp,
      ])
      if (outcome === 'late')
        log.error(
          { code: 'SHUTDOWN_BUDGET_EXCEEDED', resource: resource.name, state: phase, budgetMs },
          'a resource took longer to stop than it may',
        )
      isWell &&= outcome === 'done'
    }
    clearTimeout(timer)
    return isWell
  }

  async function run(): Promise<0 | 1> {
    try {
      resources = await start()
    } catch (error) {
      state = 'stopped'
      throw error
    }
    if (stop === undefined) {
      state = 'ready'
      log.info('ready')
      await stopping
    }
    const { reason, exitCode, budgets } = stop ?? { reason: 'REQUESTED', exitCode: 0, budgets: FULL_BUDGETS }
    state = 'draining'
    log.info({ reason }, 'stopping')
    const drained = await inReverse('drain', budgets.drainMs)
    const closed = await inReverse('close', budgets.closeMs)
    state = 'stopped'
    log.info({ reason }, 'stopped')
    await flush?.()
    return drained && closed ? exitCode : 1
  }

  return {
    state: () => state,
    isReady: () => notReady().length === 0,
    notReady,
    shutdown,
    onShutdown: (listener) => {
      listeners.push(listener)
      if (stop !== undefined) listener()
    },
    run,
  }
}
