import { entryOf } from '@parley/kernel'
import type { PoolState, Work } from './state.ts'

/**
 * A moving mean over about ten, since a queue is as fast as it was in the last minutes. Only from one that is taken to the next that waited
 * all that time: when nothing waits, how often something comes is no pace. Nor is what several agents take in one moment.
 */
export function paced(state: PoolState, { queue, enteredAt }: Work, at: number): PoolState {
  const before = entryOf(state.pace, queue)
  const isMeasured = before !== undefined && enteredAt <= before.at && at > before.at
  const intervalMs = isMeasured ? meanOf(before.intervalMs, at - before.at) : (before?.intervalMs ?? 0)
  return { ...state, pace: { ...state.pace, [queue]: { at, intervalMs } } }
}

/**
 * What the pace comes to should the next one be taken now: while something waits all the time and nobody takes it, the wait is not what it
 * was when people were there.
 */
export function paceNow({ pace, queueLines, lines, works }: PoolState, queue: string, at: number): number {
  const known = entryOf(pace, queue)
  if (known === undefined) return 0
  const { intervalMs, at: takenAt } = known
  const waitsSince = (entryOf(queueLines, queue) ?? []).some((line) =>
    lines.get(line)!.blocks[0]!.ids.some((id) => works.get(id)!.enteredAt <= takenAt),
  )
  return waitsSince ? Math.max(intervalMs, meanOf(intervalMs, at - takenAt)) : intervalMs
}

function meanOf(mean: number, took: number): number {
  return mean === 0 ? took : Math.round(mean * 0.9 + took * 0.1)
}
