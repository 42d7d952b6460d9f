import { inTime } from './in-time.ts'
import type { Logger } from './logger.ts'

/** Something that was started and must be stopped. */
export interface Resource {
  readonly name: string
  /** Absent: ready as long as it exists. */
  isReady?(): boolean
  /** It gets no further with some of its work, and says so rather than waiting in silence. Shown beside readiness, and no part of it. */
  isStuck?(): boolean
  /** Stop taking in, finish what runs. */
  drain?(): Promise<void>
  close(): Promise<void>
}

/** In order of dependence: each needs only those before it. Those of an inner list do not need each other, and stop together. */
export type Resources = readonly (Resource | readonly Resource[])[]

export type LifecycleState = 'starting' | 'ready' | 'draining' | 'stopped'

/** Each phase of a stop has its own: none can use up another's. */
export interface Budgets {
  readonly drainMs: number
  readonly closeMs: number
  readonly flushMs: number
}

/** Together less than the 30 s of grace that orchestrators give. */
export const FULL_BUDGETS: Budgets = { drainMs: 20_000, closeMs: 5_000, flushMs: 3_000 }
/** After a fault, or when nobody waits for us any more. */
export const SHORT_BUDGETS: Budgets = { drainMs: 5_000, closeMs: 2_000, flushMs: 1_000 }

export interface Stop {
  /** A word for the log: SIGTERM, PARENT_GONE, or the code of a fault. */
  readonly reason: string
  readonly exitCode: 0 | 1
  readonly budgets: Budgets
}

export interface LifecycleOptions {
  readonly log: Logger
  /** Returns resources that are started; the last is drained first. */
  start(): Promise<Resources>
  /** After everything is closed: spans and metrics. */
  flush?(): Promise<void>
}

export interface Lifecycle {
  state(): LifecycleState
  /** All resources are ready and no stop was asked for. */
  isReady(): boolean
  /** What keeps it from being ready: names of resources, or the state. Empty when ready. */
  notReady(): readonly string[]
  /** Names of resources that are stuck. */
  stuck(): readonly string[]
  /** Only begins the stop; `run` resolves when it is done. The first word counts. */
  shutdown(stop?: Partial<Stop>): void
  onShutdown(listener: () => void): void
  /** Starts, waits for a stop, drains and closes. Resolves with the exit code; rejects only when the start failed. */
  run(): Promise<0 | 1>
}

export function createLifecycle({ log, start, flush }: LifecycleOptions): Lifecycle {
  let state: LifecycleState = 'starting'
  let stop: Stop | undefined
  let layers: readonly (readonly Resource[])[] = []
  const listeners: (() => void)[] = []
  const { promise: stopping, resolve: beginStop } = Promise.withResolvers<void>()

  const notReady = (): readonly string[] => {
    if (state !== 'ready') return [state]
    if (stop !== undefined) return ['draining']
    return layers
      .flat()
      .filter((resource) => resource.isReady?.() === false)
      .map(({ name }) => name)
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

  const leftBehind = (resource: string, phase: string, budgetMs: number): void =>
    log.error(
      { code: 'SHUTDOWN_BUDGET_EXCEEDED', resource, state: phase, budgetMs },
      'a resource took longer to stop than it may, and is left behind',
    )

  /** True when all went well in time; what did not is in the log. */
  async function stopped(resource: string, phase: string, budgetMs: number, work: () => Promise<void>) {
    try {
      const outcome = await inTime(work(), budgetMs)
      if (outcome === 'late') leftBehind(resource, phase, budgetMs)
      return outcome !== 'late'
    } catch (error) {
      log.error({ code: 'SHUTDOWN_FAILED', resource, state: phase, err: error }, 'a resource did not stop')
      return false
    }
  }

  /**
   * The last layer first. A layer that is late holds up the one before it for its share of the time that is left, and no longer;
   * it goes on beside it, until the budget is over. True when all went well within the budget.
   */
  async function inReverse(phase: 'drain' | 'close', budgetMs: number): Promise<boolean> {
    const endsAt = performance.now() + budgetMs
    const all: Promise<boolean>[] = []
    const busy = layers.filter((layer) => phase === 'close' || layer.some(({ drain }) => drain !== undefined))
    for (const [index, layer] of [...busy.entries()].toReversed()) {
      const leftMs = endsAt - performance.now()
      const works = layer.map((resource) =>
        stopped(resource.name, phase, leftMs, async () =>
          phase === 'drain' ? resource.drain?.() : resource.close(),
        ),
      )
      all.push(...works)
      await inTime(Promise.all(works), leftMs / (index + 1))
    }
    return (await Promise.all(all)).every((isWell) => isWell)
  }

  /** Undefined when a stop was asked for and the start did not end within the budget of a drain. */
  async function started(): Promise<Resources | undefined> {
    const starting = start()
    await Promise.race([starting, stopping])
    if (stop === undefined) return starting
    const resources = await inTime(starting, stop.budgets.drainMs)
    if (resources !== 'late') return resources
    leftBehind('start', 'starting', stop.budgets.drainMs)
    return undefined
  }

  async function run(): Promise<0 | 1> {
    let resources: Resources | undefined
    try {
      resources = await started()
    } catch (error) {
      state = 'stopped'
      throw error
    }
    layers = (resources ?? []).map((layer) => ('name' in layer ? [layer] : layer))
    if (stop === undefined) {
      state = 'ready'
      log.info('ready')
      await stopping
    }
    const { reason, exitCode, budgets } = stop ?? { reason: 'REQUESTED', exitCode: 0, budgets: FULL_BUDGETS }
    state = 'draining'
    log.info({ reason }, 'stopping')
    const isDrained = await inReverse('drain', budgets.drainMs)
    const isClosed = await inReverse('close', budgets.closeMs)
    state = 'stopped'
    log.info({ reason }, 'stopped')
    await stopped('telemetry', 'flush', budgets.flushMs, async () => flush?.())
    return resources !== undefined && isDrained && isClosed ? exitCode : 1
  }

  return {
    state: () => state,
    isReady: () => notReady().length === 0,
    notReady,
    stuck: () =>
      layers
        .flat()
        .filter((resource) => resource.isStuck?.() === true)
        .map(({ name }) => name),
    shutdown,
    onShutdown: (listener) => {
      listeners.push(listener)
      if (stop !== undefined) listener()
    },
    run,
  }
}
