import { setTimeout as pause } from 'node:timers/promises'
import type { Desk } from './desk.ts'
import type { Workforce } from './people-ledger.ts'

/** Looks at agents and queues again and again, through the door of a supervisor. */
export class WorkforceWatch {
  readonly polls: Workforce[] = []
  readonly #ending = new AbortController()
  readonly #watching: Promise<void>

  constructor(supervisor: Desk, everyMs: number) {
    this.#watching = this.#watch(supervisor, everyMs)
    this.#watching.catch(() => undefined)
  }

  /** @throws {Error} what a look failed with */
  async end(): Promise<void> {
    this.#ending.abort()
    await this.#watching
  }

  async #watch(supervisor: Desk, everyMs: number): Promise<void> {
    while (!this.#ending.signal.aborted) {
      this.polls.push((await supervisor.read('/api/workforce')) as unknown as Workforce)
      await pause(everyMs)
    }
  }
}
