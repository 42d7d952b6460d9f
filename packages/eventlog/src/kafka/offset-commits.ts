import { BackOff, FailuresInRow } from '../back-off.ts'
import type { StuckPartition } from '../log.ts'

export interface OffsetCommitsOptions {
  /** How long what is done may wait for others. */
  readonly everyMs: number
  /** Makes durable what batches left in memory. */
  beforeCommit(): Promise<void>
  send(next: ReadonlyMap<number, bigint>): Promise<void>
  /** The offsets are no longer this member's to commit. */
  isOver(): boolean
  /** @param attempts how many in a row failed, where it is to be told that nothing goes on */
  onFailed(error: unknown, attempts: number | undefined): void
  pause(ms: number): Promise<void>
}

const RETRY_PAUSE_MS = 100
const RETRY_PAUSE_MAX_MS = 5_000

/** The offsets of one member between two rebalances: all its partitions in one request, one request at a time. */
export class OffsetCommits {
  readonly #options: OffsetCommitsOptions
  readonly #done = new Map<number, bigint>()
  readonly #failures = new FailuresInRow()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined

  constructor(options: OffsetCommitsOptions) {
    this.#options = options
  }

  /** `next` is the offset behind the last record that was handled, as Kafka wants it. */
  done(partition: number, next: bigint): void {
    this.#done.set(partition, next)
    const { everyMs } = this.#options
    if (everyMs === 0) void this.flush()
    else
      this.#timer ??= setTimeout(() => {
        // Before it flushes: where a commit that is under way takes all of it along, no other begins, which would do this.
        this.#timer = undefined
        void this.flush()
      }, everyMs)
  }

  /** Resolves when all that was done before the call is committed, or is no longer ours to commit. */
  async flush(): Promise<void> {
    // That one may have begun before the call. Not until nothing is left: where work never rests, commits would follow each other at once.
    if (this.#running !== undefined) await this.#running
    if (this.#done.size === 0 || this.#options.isOver()) return
    await (this.#running ??= this.#commit().finally(() => (this.#running = undefined)))
  }

  /** The partitions whose offsets cannot be committed: as long as that lasts, a crash brings again all that they did. */
  stuck(): readonly StuckPartition[] {
    return this.#failures.stuck([...this.#done.keys()])
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#done.clear()
  }

  async #commit(): Promise<void> {
    const { beforeCommit, send, isOver, onFailed, pause } = this.#options
    clearTimeout(this.#timer)
    this.#timer = undefined
    // What is done while `beforeCommit` runs may not be durable yet: it waits for the next commit.
    const backOff = new BackOff(RETRY_PAUSE_MS, RETRY_PAUSE_MAX_MS)
    while (!isOver()) {
      const next = new Map(this.#done)
      try {
        await beforeCommit()
        if (isOver()) return
        await send(next)
        this.#failures.wentWell()
        for (const [partition, offset] of next)
          if (this.#done.get(partition) === offset) this.#done.delete(partition)
        return
      } catch (error) {
        if (isOver()) return
        onFailed(error, this.#failures.failed(new Date()))
        await pause(backOff.next())
      }
    }
  }
}
