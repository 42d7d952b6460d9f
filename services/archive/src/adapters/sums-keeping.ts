import { setTimeout as pause } from 'node:timers/promises'
import { FIGURES, POOL_SUBJECTS } from '@parley/figures'
import type { Windows } from '../metrics/windows.ts'
import type { FiguresServed } from './metrics-grpc.ts'

/** A service that starts has other work. */
const FIRST_MS = 60_000
const EVERY_MS = 10 * 60_000
const LOOK_EVERY_MS = 5_000

const CONVERSATION_SUBJECTS = new Set(
  FIGURES.map(({ subject }) => subject).filter((subject) => !POOL_SUBJECTS.has(subject)),
)

export interface SumsKeeping extends Pick<FiguresServed, 'now'> {
  readonly conversations: Pick<FiguresServed['conversations'], 'model'>
  readonly pool: Pick<FiguresServed['pool'], 'model'>
  readonly windows: Windows
  /** They are made when somebody asks for them, then. */
  readonly onError: (error: unknown) => void
  readonly lookEveryMs?: number
}

/**
 * Makes what figures of days and months that are over came to before anybody waits for it; of a version that has just become live at once, for of it nothing is kept, and who asked for
 * a year would wait for all its days.
 */
export function keepingSums({
  conversations,
  pool,
  windows,
  now,
  onError,
  lookEveryMs = LOOK_EVERY_MS,
}: SumsKeeping) {
  const ending = new AbortController()
  const { signal } = ending
  const live = () => [conversations.model.sums, pool.model.sums] as const
  const keep = async ([ofConversations, ofPool]: ReturnType<typeof live>) => {
    const today = windows.nameAt('day', now().getTime())
    await ofConversations.keep(CONVERSATION_SUBJECTS, today, signal)
    await ofPool.keep(POOL_SUBJECTS, today, signal)
  }
  const kept = (async () => {
    let before = live()
    let dueAtMs = performance.now() + FIRST_MS
    while (!signal.aborted) {
      await pause(lookEveryMs, undefined, { signal, ref: false }).catch(() => {})
      const sums = live()
      const isSame = sums.every((one, nth) => one === before[nth])
      if (signal.aborted || (isSame && performance.now() < dueAtMs)) continue
      before = sums
      await keep(sums).catch((error: unknown) => !signal.aborted && onError(error))
      dueAtMs = performance.now() + EVERY_MS
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
