import type { Message, NewCommand } from '@parley/kernel'
import { BackOff, FailuresInRow } from '../back-off.ts'
import type { StoredPosition, StuckPartition } from '../log.ts'
import type { LogClock } from '../log-clock.ts'
import { type Deadline, type FamilyDeadlines, expiryCommand } from './deadlines.ts'

export interface StreamDeadlines {
  readonly streamId: string
  /** As they were when read; a newer version has other deadlines. */
  readonly seenVersion: number
  readonly deadlines: readonly Deadline[]
}

export interface DueDeadlines {
  /** Streams of these partitions with a deadline at this time or before, the earliest first; at `Infinity` whichever come next. */
  due(partitions: readonly number[], at: number, limit: number): Promise<readonly StreamDeadlines[]>
  /** Leaves only these deadlines, unless a newer event was seen meanwhile. */
  leave(remaining: readonly StreamDeadlines[]): Promise<void>
  /** What was found due is due still: the next look asks again. */
  forget(): void
}

export interface TickerOptions<Command extends Message = Message> {
  readonly family: Pick<FamilyDeadlines<Command, any>, 'expiry'>
  readonly store: DueDeadlines
  /** Each deadline is looked at by one process, or for a moment by two, which does no harm. */
  partitions(): readonly number[]
  append(commands: readonly NewCommand<Command>[]): Promise<readonly StoredPosition[]>
  readonly clock: LogClock
}

/** One find brings at most so many; what is not due yet comes with it, so it is no larger than a busy look needs. */
export const STREAMS_PER_LOOK = 200

/**
 * One look at what is due: one find, one append, one write. Gone from the store is only what the log took at its time or later, since the
 * rules judge by that. What came too early stays, and comes again. Returns how many were due.
 *
 * Where the log did not say what time it is, the wish of the deadline that comes next asks it: too early it does no harm.
 */
export async function tick<Command extends Message>({
  family,
  store,
  partitions,
  append,
  clock,
}: TickerOptions<Command>): Promise<number> {
  const mine = partitions()
  if (mine.length === 0) return 0
  const now = clock.now()
  const at = now ?? Number.POSITIVE_INFINITY
  const streams = await store.due(mine, at, now === undefined ? 1 : STREAMS_PER_LOOK)
  if (streams.length === 0) return 0
  try {
    const wishes = streams.flatMap(({ streamId, deadlines }) =>
      deadlines
        .filter(({ dueAt }) => Date.parse(dueAt) <= at)
        .map((deadline) => ({ deadline, command: expiryCommand(family, streamId, deadline) })),
    )
    const stored = await append(wishes.map(({ command }) => command))
    clock.set(stored)
    const done = new Set(
      wishes.flatMap(({ deadline }, index) =>
        Date.parse(deadline.dueAt) <= Date.parse(stored[index]!.timestamp) ? [deadline] : [],
      ),
    )
    await store.leave(
      streams.map((stream) => ({
        ...stream,
        deadlines: stream.deadlines.filter((deadline) => !done.has(deadline)),
      })),
    )
    return done.size
  } catch (error) {
    store.forget()
    throw error
  }
}

const FAILED_PAUSE_MAX_MS = 2_000

export interface TickerTrouble {
  /** A look failed; the next one tries again. */
  onError(error: unknown): void
  /** Five looks failed in a row, and again whenever their number doubled: nothing that is due is said. */
  onStuck(stuck: { readonly attempts: number; readonly error: unknown }): void
}

/** Looks again and again, never twice at once; at once again while a look brings all it can. What fails is tried at the next look. */
export class Ticker {
  readonly #look: () => Promise<number>
  readonly #everyMs: number
  readonly #trouble: TickerTrouble
  readonly #backOff: BackOff
  readonly #failures = new FailuresInRow()
  #running: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(look: () => Promise<number>, everyMs: number, trouble: TickerTrouble) {
    this.#look = look
    this.#everyMs = everyMs
    this.#trouble = trouble
    this.#backOff = new BackOff(everyMs, Math.max(everyMs, FAILED_PAUSE_MAX_MS))
    this.#begin()
  }

  /** What cannot be said stands still, in all of these partitions at once; in none while looks go well. */
  stuck(partitions: readonly number[]): readonly StuckPartition[] {
    return this.#failures.stuck(partitions)
  }

  /** Resolves when the last look is over. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #begin(): void {
    this.#running = this.#once()
  }

  async #once(): Promise<void> {
    try {
      while ((await this.#look()) >= STREAMS_PER_LOOK && !this.#isStopped);
      this.#failures.wentWell()
      this.#backOff.wentWell()
    } catch (error) {
      this.#failed(error)
    }
    const pauseMs = this.#failures.areAny ? this.#backOff.next() : this.#everyMs
    if (!this.#isStopped) this.#timer = setTimeout(() => this.#begin(), pauseMs)
  }

  #failed(error: unknown): void {
    this.#trouble.onError(error)
    const attempts = this.#failures.failed(new Date())
    if (attempts !== undefined) this.#trouble.onStuck({ attempts, error })
  }
}
