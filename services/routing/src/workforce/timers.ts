import { entriesOf, inserted, removed } from './ordered.ts'
import type { PoolState } from './state.ts'

export type TimerKind =
  | 'offer'
  | 'again'
  | 'ring'
  | 'overflow'
  | 'closed'
  | 'wrap_up'
  | 'snooze'
  | 'grace'
  | 'hours'
  | 'replica'

type Timers = Pick<PoolState, 'timers' | 'timerTimes'>

/** What is due within a quarter of a second is looked at together: one deadline of the log instead of one for each. */
const TOGETHER_MS = 250

export interface Timer {
  readonly at: number
  readonly kind: TimerKind
  readonly id: string
}

/** Of all that are due at one time the list is made once: thousands may be, where a queue opens. */
export function withTimers({ timers, timerTimes }: Timers, more: readonly Timer[]): Timers {
  const byTime = Map.groupBy(more, ({ at }) => Math.ceil(at / TOGETHER_MS) * TOGETHER_MS)
  let changed = timers
  let times = timerTimes
  for (const [time, those] of byTime) {
    const key = String(time)
    const known = changed.get(key)
    changed = changed.set(key, [...(known ?? []), ...those.map(({ kind, id }) => `${kind} ${id}`)])
    if (known === undefined) times = inserted(times, time, key)
  }
  return { timers: changed, timerTimes: times }
}

/** Without what was due before. */
export function timersFrom({ timers, timerTimes }: Timers, at: number): Timers {
  let changed = timers
  let times = timerTimes
  for (const [time, key] of entriesOf(timerTimes)) {
    if (time >= at) break
    changed = changed.delete(key)
    times = removed(times, time, key)
  }
  return { timers: changed, timerTimes: times }
}

/** The first time behind this one at which something is due. */
export function nextTime({ timerTimes }: Timers, at = Number.NEGATIVE_INFINITY): number | undefined {
  for (const [time] of entriesOf(timerTimes)) if (time > at) return time
  return undefined
}

/** What is due at this time, the earliest first, each once. */
export function due({ timers, timerTimes }: Timers, at: number): readonly { kind: TimerKind; id: string }[] {
  const entries = new Set<string>()
  for (const [time, key] of entriesOf(timerTimes)) {
    if (time > at) break
    for (const entry of timers.get(key) ?? []) entries.add(entry)
  }
  return [...entries].map((entry) => {
    const space = entry.indexOf(' ')
    return { kind: entry.slice(0, space) as TimerKind, id: entry.slice(space + 1) }
  })
}
