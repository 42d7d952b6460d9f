import { setTimeout as pause } from 'node:timers/promises'
import type { SimulatorControl } from '../demo/simulator-control.ts'

const WRITES_EVERY_MS = 1_000
const LOOKS_EVERY_MS = 100
const FIRST_ANSWER_WITHIN_MS = 60_000

/** Customers in several partitions that ask for the menu once a second, and note when each answer came. */
export class Probe {
  readonly #simulator: SimulatorControl
  readonly #answeredAt: ReadonlyMap<string, number[]>
  readonly #stopped = new AbortController()
  #running: Promise<unknown> = Promise.resolve()

  constructor(simulator: SimulatorControl, waIds: readonly string[]) {
    this.#simulator = simulator
    this.#answeredAt = new Map(waIds.map((waId) => [waId, []]))
  }

  /** Resolves when each had its first answer, and goes on. */
  async start(): Promise<void> {
    this.#running = Promise.all(
      [...this.#answeredAt.keys()].flatMap((waId) => [this.#write(waId), this.#look(waId)]),
    )
    if (!(await this.answeredAfter(0, FIRST_ANSWER_WITHIN_MS)))
      throw new Error('The stack does not answer, although nothing was disturbed yet.')
  }

  /** True as soon as every one of them had an answer later than that. */
  async answeredAfter(at: number, withinMs: number): Promise<boolean> {
    for (const until = Date.now() + withinMs; ; await pause(LOOKS_EVERY_MS)) {
      if ([...this.#answeredAt.values()].every((times) => (times.at(-1) ?? 0) > at)) return true
      if (Date.now() >= until) return false
    }
  }

  /** The longest time without an answer from `from` on, of the one who waited longest. */
  longestSilenceMs(from: number): number {
    return Math.max(
      ...[...this.#answeredAt.values()].map((times) => {
        const later = [from, ...times.filter((at) => at > from)]
        return Math.max(0, ...later.slice(1).map((at, index) => at - later[index]!))
      }),
    )
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #write(waId: string): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#simulator.write(waId, { type: 'text', text: { body: 'menu' } })
      await pause(WRITES_EVERY_MS)
    }
  }

  async #look(waId: string): Promise<void> {
    const times = this.#answeredAt.get(waId)!
    // What an earlier probe was answered is no answer to this one.
    let known = (await this.#simulator.sent(waId)).length
    while (!this.#stopped.signal.aborted) {
      const { length } = await this.#simulator.sent(waId)
      if (length > known) times.push(Date.now())
      known = length
      await pause(LOOKS_EVERY_MS)
    }
  }
}
