import type { SessionStore } from './session-store.ts'

/** Half of the second within which an open page ends. */
const LOOK_EVERY_MS = 500
/** While the store is away nobody knows who is still allowed to watch: after this long streams end, and their browsers come back. */
const UNKNOWN_MS_MAX = 5_000

export interface SessionWatch {
  /** Calls `end` once the session is over, on whatever replica it was ended. Returns what to call when the stream ended by itself. */
  follow(sessionId: string, end: () => void): () => void
  close(): void
}

export interface SessionWatchOptions {
  readonly sessions: Pick<SessionStore, 'goodOf' | 'used'>
  /** An open stream keeps its session from being idle, said a few times within this. */
  readonly idleSeconds: number
  readonly onError: (error: unknown) => void
}

/** Asks the store twice a second about all sessions that have streams here: one query, however many there are. */
export function watchSessions({ sessions, idleSeconds, onError }: SessionWatchOptions): SessionWatch {
  const usedEveryMs = (idleSeconds * 1_000) / 4
  const streams = new Map<string, Set<() => void>>()
  let timer: NodeJS.Timeout | undefined
  let knownAtMs = 0
  let usedAtMs = performance.now()

  const endAll = (ids: Iterable<string>): void => {
    for (const id of ids) {
      const ends = streams.get(id)
      streams.delete(id)
      for (const end of ends ?? []) end()
    }
  }
  const look = async (): Promise<void> => {
    const beganAtMs = performance.now()
    const ids = [...streams.keys()]
    try {
      const good = await sessions.goodOf(ids)
      knownAtMs = beganAtMs
      endAll(ids.filter((id) => !good.has(id)))
      if (beganAtMs - usedAtMs > usedEveryMs) {
        usedAtMs = beganAtMs
        await sessions.used([...good])
      }
    } catch (error) {
      onError(error)
      if (performance.now() - knownAtMs > UNKNOWN_MS_MAX) endAll([...streams.keys()])
    }
    timer = undefined
    schedule(LOOK_EVERY_MS - (performance.now() - beganAtMs))
  }
  const schedule = (inMs: number): void => {
    if (timer !== undefined || streams.size === 0) return
    timer = setTimeout(() => void look(), Math.max(0, inMs))
  }

  return {
    follow(sessionId, end) {
      if (streams.size === 0) knownAtMs = performance.now()
      const ends = streams.get(sessionId) ?? new Set()
      streams.set(sessionId, ends.add(end))
      schedule(LOOK_EVERY_MS)
      return () => {
        ends.delete(end)
        if (ends.size === 0 && streams.get(sessionId) === ends) streams.delete(sessionId)
      }
    },
    close() {
      clearTimeout(timer)
      streams.clear()
    },
  }
}
