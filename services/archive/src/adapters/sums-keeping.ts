import { setTimeout as pause } from 'node:timers/promises'
import { FIGURES, POOL_SUBJECTS } from '@parley/figures'
import type { Windows } from '../metrics/windows.ts'
import type { FiguresServed } from './metrics-grpc.ts'

/** A service that starts has other work. */
const FIRST_MS = 60_000
const EVERY_MS = 10 * 60_000

const CONVERSATION_SUBJECTS = new Set(
  FIGURES.map(({ subject }) => subject).filter((subject) => !POOL_SUBJECTS.has(subject)),
)

export interface SumsKeeping extends Pick<FiguresServed, 'conversations' | 'pool' | 'now'> {
  readonly windows: Windows
  /** They are made when somebody asks for them, then. */
  readonly onError: (error: unknown) => void
}

/** Makes what figures of days and months that are over came to before anybody waits for it: also of a version that has just become live. */
export function keepingSums({ conversations, pool, windows, now, onError }: SumsKeeping) {
  const ending = new AbortController()
  const { signal } = ending
  const keep = async () => {
    const today = windows.nameAt('day', now().getTime())
    await conversations.model.sums.keep(CONVERSATION_SUBJECTS, today, signal)
    await pool.model.sums.keep(POOL_SUBJECTS, today, signal)
  }
  const kept = (async () => {
    for (let wait = FIRST_MS; !signal.aborted; wait = EVERY_MS) {
      await pause(wait, undefined, { signal, ref: false }).catch(() => {})
      if (!signal.aborted) await keep().catch((error: unknown) => !signal.aborted && onError(error))
    }
  })()
  return {
    name: 'keeping sums',
    async close() {
      ending.abort()
      await kept
    },
  }
}
