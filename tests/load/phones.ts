import { setTimeout as pause } from 'node:timers/promises'
import type { SentMessage, SimulatorControl } from '../demo/simulator-control.ts'
import type { Clocks } from './clocks.ts'

const POLL_MS = 25

/** The phones of all customers: what reached any of them is asked for once for all, so that watching costs the same for a thousand. */
export class Phones {
  readonly #simulator: SimulatorControl
  readonly #clocks: Clocks
  readonly #sent = new Map<string, SentMessage[]>()
  readonly #closing = new AbortController()
  readonly #watching: Promise<void>
  /** What the company said to all customers together. */
  sentCount = 0

  /** @param from how many messages the simulator had accepted before */
  static async watch(simulator: SimulatorControl, clocks: Clocks): Promise<Phones> {
    const { next } = await simulator.sentFrom(Number.MAX_SAFE_INTEGER)
    return new Phones(simulator, clocks, next)
  }

  private constructor(simulator: SimulatorControl, clocks: Clocks, from: number) {
    this.#simulator = simulator
    this.#clocks = clocks
    this.#watching = this.#watch(from)
    this.#watching.catch(() => undefined)
  }

  async write(waId: string, message: Readonly<Record<string, any>>): Promise<string> {
    const text: unknown = message['text']?.body
    if (typeof text === 'string') this.#clocks.wrote(text)
    return this.#simulator.write(waId, message)
  }

  async sent(waId: string): Promise<readonly SentMessage[]> {
    return this.#sent.get(waId) ?? []
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#watching
  }

  async #watch(from: number): Promise<void> {
    let known = from
    while (!this.#closing.signal.aborted) {
      const { sent, next } = await this.#simulator.sentFrom(known)
      known = next
      for (const message of sent) this.#take(message)
      await pause(POLL_MS)
    }
  }

  #take(message: SentMessage): void {
    this.sentCount += 1
    this.#clocks.accepted(message.body.text?.body ?? '', message.acceptedAt)
    const all = this.#sent.get(message.waId)
    if (all === undefined) this.#sent.set(message.waId, [message])
    else all.push(message)
  }
}
