import type { ReadEvent } from '@parley/eventlog'
import type { ConversationEvent } from '@parley/conversation'
import type { WorkforceEvent } from '@parley/workforce'
import { conversationRemembering, poolRemembering } from './remembering.ts'
import type { Measurement } from '@parley/eventlog'
import { Windows } from './windows.ts'

/** What the events of both families add up to, by metric, key and window, without a store. */
export class Played {
  readonly #conversations
  readonly #pool
  readonly #windows: Windows
  readonly #remembered = new Map<string, any>()
  readonly #sums = new Map<string, Record<string, number>>()

  constructor(timeZone: string) {
    const windows = new Windows(timeZone)
    this.#windows = windows
    this.#conversations = conversationRemembering(windows)
    this.#pool = poolRemembering(windows)
  }

  contact(event: ReadEvent<ConversationEvent>): void {
    this.#play(this.#conversations, event)
  }

  pool(event: ReadEvent<WorkforceEvent>): void {
    this.#play(this.#pool, event)
  }

  sums({ metric, key, window }: Omit<Measurement, 'add'>): Readonly<Record<string, number>> {
    return this.#sums.get(JSON.stringify([metric, key, window])) ?? {}
  }

  /** Of each key of a metric in a window. */
  keys(metric: string, window: string): readonly string[] {
    return this.places.filter(([one, , at]) => one === metric && at === window).map(([, key]) => key)
  }

  /** All that anything was counted of. */
  get places(): readonly (readonly [metric: string, key: string, window: string])[] {
    return [...this.#sums.keys()].map((id) => JSON.parse(id) as [string, string, string])
  }

  /** The names of a day's hours. */
  hours(day: string): readonly string[] {
    const windows = this.#windows
    const names = new Set<string>()
    for (let at = windows.beginOf(day); windows.dateOf(at) === day; at += 15 * 60_000)
      names.add(windows.of(at)[0])
    return [...names]
  }

  #play<Event extends ConversationEvent | WorkforceEvent>(
    { route, measure, fold }: ReturnType<typeof conversationRemembering> | ReturnType<typeof poolRemembering>,
    event: ReadEvent<Event>,
  ): void {
    for (const id of route(event as never)) {
      const before: unknown = this.#remembered.get(id)
      for (const { metric, key, window, add } of measure(before as never, event as never, id)) {
        const place = JSON.stringify([metric, key, window])
        const sums = this.#sums.get(place) ?? {}
        for (const [name, value] of Object.entries(add)) sums[name] = (sums[name] ?? 0) + value
        this.#sums.set(place, sums)
      }
      const next: unknown = fold(before as never, event as never, id)
      if (next !== undefined) this.#remembered.set(id, next)
    }
  }
}
