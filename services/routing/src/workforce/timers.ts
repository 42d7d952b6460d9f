import type { Table } from '@parley/kernel'
import { firstAbove } from './ordered.ts'
import type { PoolState } from './state.ts'

export type TimerKind =
  | 'offer'
  | 'again'
  | 'ring'
  | 'overflow'
  | 'wrap_up'
  | 'snooze'
  | 'grace'
  | 'hours'
  | 'replica'

type Timers = Pick<PoolState, 'timers' | 'timerTimes'>

/** What is due within a quarter of a second is looked at together: one deadline of the log instead of one for each. */
const TOGETHER_MS = 250

export function withTimer(timers: Timers, at: number, kind: TimerKind, id: string): Timers {
  const time = Math.ceil(at / TOGETHER_MS) * TOGETHER_MS
  const key = String(time)
  const known = timers.timers.get(key)
  if (known !== undefined)
    return { timers: timers.timers.set(key, [...known, `${kind} ${id}`]), timerTimes: timers.timerTimes }
  return {
    timers: timers.timers.set(key, [`${kind} ${id}`]),
    timerTimes: timers.timerTimes.toSpliced(firstAbove(timers.timerTimes, time), 0, time),
  }
}

/** Without what was due before. */
export function timersFrom(state: Timers, at: number): Timers {
  const gone = firstAbove(state.timerTimes, at - 1)
  if (gone === 0) return state
  let timers: Table<readonly string[]> = state.timers
  for (const time of state.timerTimes.slice(0, gone)) timers = timers.delete(String(time))
  return { timers, timerTimes: state.timerTimes.slice(gone) }
}

/** What is due at this time, the earliest first, each once. */
export function due({ timers, timerTimes }: Timers, at: number): readonly { kind: TimerKind; id: string }[] {
  const entries = new Set<string>()
  for (const time of timerTimes) {
    if (time > at) break
    for (const entry of timers.get(String(time)) ?? []) entries.add(entry)
  }
  return [...entries].map((entry) => {
    const space = entry.indexOf(' ')
    return { kind: entry.slice(0, space) as TimerKind, id: entry.slice(space + 1) }
  })
}
