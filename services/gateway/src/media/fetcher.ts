import type { ConversationCommand } from '@parley/conversation'
import type { NewCommand } from '@parley/kernel'
import { type ClaimedJob, type MediaJobs, after } from './jobs.ts'
import type { Received } from './receiving.ts'

export interface FetcherPorts {
  readonly jobs: MediaJobs
  receive(job: ClaimedJob): Promise<Received>
  append(commands: readonly NewCommand<ConversationCommand>[]): Promise<void>
  traced<Result>(job: ClaimedJob, work: () => Promise<Result>): Promise<Result>
  readonly now: () => number
  /** It could not be had now. */
  late(job: ClaimedJob, reason: string): void
  trouble(error: unknown): void
}

export interface FetcherSettings {
  readonly atOnceMax: number
  /** Of one try. */
  readonly timeoutMs: number
  /** From when on what cannot be reached is given up. */
  readonly giveUpAfterMs: number
}

const STORE_AWAY_MS = 1_000

/** Fetches the files of customers' messages, some at once, beside everything else: a slow one holds up nobody's words. */
export class Fetcher {
  readonly #ports: FetcherPorts
  readonly #settings: FetcherSettings
  readonly #running = new Set<Promise<void>>()
  #isLooking = false
  #hasNews = false
  #timer: NodeJS.Timeout | undefined
  #stopping = false

  constructor(ports: FetcherPorts, settings: FetcherSettings) {
    this.#ports = ports
    this.#settings = settings
  }

  /** There may be something to fetch. */
  wake(): void {
    this.#hasNews = true
    if (!this.#isLooking) void this.#look()
  }

  /** Begins nothing more and waits for what runs. */
  async drain(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    clearTimeout(this.#timer)
    let waitMs = 0
    try {
      while (!this.#stopping && this.#running.size < this.#settings.atOnceMax) {
        this.#hasNews = false
        // Longer than a try: nobody else takes what is being fetched.
        const claimed = await this.#ports.jobs.claim(this.#settings.timeoutMs * 2)
        if ('job' in claimed) this.#run(claimed.job)
        else if (!this.#hasNews) {
          waitMs = claimed.waitMs
          break
        }
      }
    } catch (error) {
      this.#ports.trouble(error)
      waitMs = STORE_AWAY_MS
    }
    this.#isLooking = false
    if (!this.#stopping && waitMs > 0) this.#timer = setTimeout(() => this.wake(), waitMs)
  }

  #run(job: ClaimedJob): void {
    const running = this.#ports
      .traced(job, () => this.#fetch(job))
      .catch((error: unknown) => this.#ports.trouble(error))
      .finally(() => {
        this.#running.delete(running)
        this.wake()
      })
    this.#running.add(running)
  }

  async #fetch(job: ClaimedJob): Promise<void> {
    const { jobs, receive, append } = this.#ports
    const received = await receive(job).catch((error: unknown): Received => {
      this.#ports.trouble(error)
      return { outcome: 'later', reason: 'store_unavailable' }
    })
    if (received.outcome === 'later') this.#ports.late(job, received.reason)
    const next = after(job, received, { now: this.#ports.now(), giveUpAfterMs: this.#settings.giveUpAfterMs })
    if ('retryInMs' in next) return jobs.again(job.messageId, next.retryInMs)
    // The log first: a job that is done twice is one wish.
    await append([next.command])
    await jobs.done(job.messageId)
  }
}
