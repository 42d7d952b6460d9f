import type { TypingSign } from '../reacting/reactions.ts'

export interface TypingSigns {
  show(signs: readonly TypingSign[]): void
  close(): Promise<void>
}

/** Best effort: a few at a time, and when there are too many the newest are left out. Never repeated, never recorded. */
export function typingSigns(
  call: (sign: TypingSign) => Promise<unknown>,
  { callsMax = 8, waitingMax = 100 }: { callsMax?: number; waitingMax?: number } = {},
): TypingSigns {
  const waiting: TypingSign[] = []
  const running = new Set<Promise<unknown>>()
  const next = (): void => {
    while (running.size < callsMax && waiting.length > 0) {
      const work: Promise<unknown> = call(waiting.shift()!)
        .catch(() => {})
        .finally(() => {
          running.delete(work)
          next()
        })
      running.add(work)
    }
  }
  return {
    show(signs) {
      for (const sign of signs) if (waiting.length < waitingMax) waiting.push(sign)
      next()
    },
    async close() {
      waiting.length = 0
      await Promise.allSettled(running)
    },
  }
}
