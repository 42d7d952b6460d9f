interface RoundsOptions {
  /** From the end of one round to the beginning of the next. */
  readonly everyMs: number
  /**
   * @param stopping aborted when there is no time to finish what waits for others
   * @returns idle: there was nothing to do, so nobody knows whether it would have gone well
   */
  round(stopping: AbortSignal): Promise<'idle' | void>
  /** A round failed: said once, until one goes well. The next one comes all the same. */
  readonly onError: (error: unknown) => void
}

/** Does something over and over, one round at a time, until it is closed. */
export class Rounds {
  readonly #options: RoundsOptions
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isFailing = false

  constructor(options: RoundsOptions) {
    this.#options = options
    this.#later()
  }

  /** Once the round that runs is over. */
  async close(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  #later(): void {
    if (this.#stopping.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.#running = this.#run().finally(() => this.#later())
    }, this.#options.everyMs)
  }

  async #run(): Promise<void> {
    try {
      if ((await this.#options.round(this.#stopping.signal)) !== 'idle') this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) this.#options.onError(error)
      this.#isFailing = true
    }
  }
}
