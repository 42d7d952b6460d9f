import type { Message, TypeOf } from '@parley/kernel'
import type { Position } from '../log.ts'
import type { ParkedStream } from '../reader/parking.ts'
import type { ProjectionReader } from '../reader/projection.ts'
import type { ReaderTrouble, Wanted } from '../reader/reader.ts'
import {
  type Projection,
  type ProjectionPlace,
  type ReadModel,
  type RunningVersion,
  runVersion,
} from './definition.ts'
import { Routes } from './route.ts'

const LOOK_FOR_SWITCH_MS = 2_000
/** So long the version that comes may take to be where the one that goes is. Then it is read all the same: the operator said so. */
const CATCH_UP_MS = 15_000

/** What is said of a projection beside what every reader says. */
export interface ProjectionTrouble extends ReaderTrouble {
  onSwitched(version: number): void
  /** The route cannot be read; the live version stays. */
  onRouteUnreadable(error: unknown): void
}

export interface LiveProjectionOptions extends ProjectionTrouble {
  readonly commitEveryMs?: number
  /** Something was written, or another version is read. */
  onProjected?(): void
}

/** The version of a projection that its route names, and after a switch the other one, without a restart. */
export class LiveProjection<
  Event extends Message,
  Type extends TypeOf<Event>,
  Model extends ReadModel<Wanted<Event, Type>>,
> implements ProjectionReader {
  readonly #projection: Projection<Event, Type, Model>
  readonly #place: ProjectionPlace
  readonly #options: LiveProjectionOptions
  readonly #routes: Routes
  readonly #stopping = new AbortController()
  #switched = new AbortController()
  #live: RunningVersion<Model>
  #timer: NodeJS.Timeout
  #looking: Promise<void> = Promise.resolve()

  private constructor(
    projection: Projection<Event, Type, Model>,
    place: ProjectionPlace,
    options: LiveProjectionOptions,
    routes: Routes,
    live: RunningVersion<Model>,
  ) {
    this.#projection = projection
    this.#place = place
    this.#options = options
    this.#routes = routes
    this.#live = live
    this.#timer = this.#lookLater()
  }

  static async start<
    Event extends Message,
    Type extends TypeOf<Event>,
    Model extends ReadModel<Wanted<Event, Type>>,
  >(
    projection: Projection<Event, Type, Model>,
    place: ProjectionPlace,
    options: LiveProjectionOptions,
  ): Promise<LiveProjection<Event, Type, Model>> {
    const routes = new Routes(place.db)
    const { version } = await routes.of(projection.name)
    const live = await runVersion(projection, place, version, options)
    return new LiveProjection(projection, place, options, routes, live)
  }

  get name(): string {
    return this.#projection.name
  }

  get version(): number {
    return this.#live.version
  }

  /** To be asked for at each query: a switch changes it. */
  get model(): Model {
    return this.#live.model
  }

  assigned(): readonly number[] {
    return this.#live.reader.assigned()
  }

  isReady(): boolean {
    return this.#live.reader.isReady()
  }

  stuck(): ReturnType<ProjectionReader['stuck']> {
    return this.#live.reader.stuck()
  }

  lag(): ReturnType<ProjectionReader['lag']> {
    return this.#live.reader.lag()
  }

  parked(): Promise<readonly ParkedStream[]> {
    return this.#live.reader.parked()
  }

  retry(streamId: string): Promise<boolean> {
    return this.#live.reader.retry(streamId)
  }

  discard(streamId: string, poison: string, reason: string): Promise<boolean> {
    return this.#live.reader.discard(streamId, poison, reason)
  }

  /** Who waits on a version that is switched away from goes on waiting on the one that comes. */
  async whenProcessed(position: Position, deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    for (const until = performance.now() + deadlineMs; ;) {
      const { reader } = this.#live
      const over = AbortSignal.any([this.#switched.signal, ...(signal === undefined ? [] : [signal])])
      if (await reader.whenProcessed(position, until - performance.now(), over)) return true
      if (reader === this.#live.reader || signal?.aborted === true || performance.now() >= until) return false
    }
  }

  progress(): ReadonlyMap<number, bigint> {
    return this.#live.reader.progress()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    await this.#looking
    await this.#live.reader.stop()
  }

  #lookLater(): NodeJS.Timeout {
    return setTimeout(() => (this.#looking = this.#look()), LOOK_FOR_SWITCH_MS).unref()
  }

  async #look(): Promise<void> {
    try {
      await this.#followRoute()
    } catch (error) {
      this.#options.onRouteUnreadable(error)
    }
    if (!this.#stopping.signal.aborted) this.#timer = this.#lookLater()
  }

  async #followRoute(): Promise<void> {
    const { version } = await this.#routes.of(this.#projection.name)
    if (version === this.#live.version || this.#stopping.signal.aborted) return
    const before = this.#live
    const next = await runVersion(this.#projection, this.#place, version, this.#options)
    try {
      await this.#caughtUp(before, next)
    } catch (error) {
      // The next look starts another one, which would share its partitions with this one, of which nobody knows.
      await next.reader.stop()
      throw error
    }
    this.#live = next
    this.#switched.abort()
    this.#switched = new AbortController()
    await before.reader.stop()
    this.#options.onSwitched(version)
    this.#options.onProjected?.()
  }

  /** What was shown once is not to vanish: the version that comes is read when it is as far as the one that goes. */
  async #caughtUp(before: RunningVersion<Model>, next: RunningVersion<Model>): Promise<void> {
    const until = performance.now() + CATCH_UP_MS
    await Promise.all(
      [...before.reader.progress()].map(([partition, offset]) =>
        next.reader.whenProcessed(
          { partition, offset: offset - 1n },
          until - performance.now(),
          this.#stopping.signal,
        ),
      ),
    )
  }
}
