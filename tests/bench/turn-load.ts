import { setTimeout as pause } from 'node:timers/promises'
import type { SimulatorControl } from '../demo/simulator-control.ts'
import { percentile } from './report.ts'

const WARM_UP_PER_SECOND = 25
const ANSWERS_WITHIN_MS = 60_000
const MENU = { type: 'text', text: { body: 'menu' } }

export interface TurnsPlayed {
  readonly turns: number
  /** Turns a second, from the first message to the last answer. */
  readonly kept: number
  readonly p50: number
  readonly p99: number
  readonly unanswered: number
}

/**
 * Turns through whatever stands behind the simulator: a customer writes, one answer comes, three receipts follow. Latency is from the
 * customer's message to the answer's acceptance by the Graph API, both by the clock of this machine.
 */
export class TurnLoad {
  readonly #simulator: SimulatorControl
  readonly #customers: readonly string[]
  /** Answers before the next load begins. */
  readonly #answersBefore = new Map<string, number>()

  constructor(simulator: SimulatorControl, customers: number) {
    this.#simulator = simulator
    this.#customers = Array.from({ length: customers }, (_, index) => String(5_511_970_000_000 + index))
  }

  /** Everybody's first turn, which makes the contact and shows the privacy notice. */
  async warmUp(): Promise<void> {
    const { unanswered } = await this.play(WARM_UP_PER_SECOND, this.#customers.length / WARM_UP_PER_SECOND)
    if (unanswered > 0) throw new Error(`${unanswered} customers had no answer to their first message.`)
  }

  /** Turns at this rate until the signal; nobody counts what becomes of them. */
  async keepAsking(perSecond: number, signal: AbortSignal): Promise<void> {
    for (let index = 0; !signal.aborted; index += 1) {
      await this.#simulator.write(this.#customers[index % this.#customers.length]!, MENU)
      await pause(1000 / perSecond)
    }
  }

  async play(perSecond: number, seconds: number): Promise<TurnsPlayed> {
    const askedAt = new Map<string, number[]>(this.#customers.map((waId) => [waId, []]))
    const startedAt = performance.now()
    const startedAtMs = Date.now()
    const writing: Promise<void>[] = []
    for (let index = 0; index < perSecond * seconds; index += 1) {
      // Asked once: by the time of a second look it may be late.
      const early = startedAt + (index * 1000) / perSecond - performance.now()
      if (early > 0) await pause(early)
      writing.push(this.#ask(this.#customers[index % this.#customers.length]!, askedAt))
    }
    await Promise.all(writing)

    const until = Date.now() + ANSWERS_WITHIN_MS
    const latencies: number[] = []
    let unanswered = 0
    let lastAnswerAt = startedAtMs
    // One customer after the other: asking for all of them at once would be a load of its own.
    for (const [waId, asked] of askedAt) {
      if (asked.length === 0) continue
      const before = this.#answersBefore.get(waId) ?? 0
      const answered = await this.#answers(waId, before + asked.length, until)
      this.#answersBefore.set(waId, answered.length)
      for (const [index, at] of asked.entries()) {
        const answeredAt = answered[before + index]
        if (answeredAt === undefined) unanswered += 1
        else {
          latencies.push(answeredAt - at)
          lastAnswerAt = Math.max(lastAnswerAt, answeredAt)
        }
      }
    }
    const sorted = latencies.toSorted((a, b) => a - b)
    return {
      turns: sorted.length,
      kept: sorted.length / ((lastAnswerAt - startedAtMs) / 1000),
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      unanswered,
    }
  }

  async #ask(waId: string, askedAt: ReadonlyMap<string, number[]>): Promise<void> {
    const at = Date.now()
    await this.#simulator.write(waId, MENU)
    askedAt.get(waId)!.push(at)
  }

  /** When each was accepted, as soon as there are `expected` or it is `until`. The menu is the one interactive message of a turn. */
  async #answers(waId: string, expected: number, until: number): Promise<number[]> {
    for (;;) {
      const sent = await this.#simulator.sent(waId)
      const answered = sent
        .filter(({ body }) => body.type === 'interactive')
        .map(({ acceptedAt }) => Date.parse(acceptedAt))
      if (answered.length >= expected || Date.now() >= until) return answered
      await pause(50)
    }
  }
}
