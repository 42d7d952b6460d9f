import { setTimeout as pause } from 'node:timers/promises'
import type { EventStreams } from '@parley/service'
import type { SessionStore } from './session-store.ts'

/** Half of the second within which an open page ends. */
const LOOK_EVERY_MS = 500
/** A store that answers no more is away. */
const ANSWERED_WITHIN_MS = 2_000
/** While the store is away nobody knows who may still watch: after this long streams end, and their browsers come back. */
const UNKNOWN_MS_MAX = 5_000

export interface SessionWatchOptions {
  readonly sessions: Pick<SessionStore, 'goodOf' | 'used'>
  readonly streams: Pick<EventStreams, 'sessionIds' | 'endOf'>
  /** An open stream keeps its session from being idle, said a few times within this. */
  readonly idleSeconds: number
  readonly onError: (error: unknown) => void
}

/**
 * Ends the streams of sessions that are over, on whatever replica they were ended: asks the store twice a second about all sessions
 * that have streams here, at once, however many there are.
 */
export function watchSessions({ sessions, streams, idleSeconds, onError }: SessionWatchOptions): {
  close(): void
} {
  const usedEveryMs = (idleSeconds * 1_000) / 4
  let knownAtMs = performance.now()
  let usedAtMs = knownAtMs
  let isClosed = false

  const look = async (): Promise<void> => {
    const beganAtMs = performance.now()
    const ids = [...streams.sessionIds]
    try {
      const good = ids.length === 0 ? new Set<string>() : await soon(sessions.goodOf(ids))
      knownAtMs = beganAtMs
      streams.endOf(new Set(ids.filter((id) => !good.has(id))))
      if (good.size > 0 && beganAtMs - usedAtMs > usedEveryMs) {
        usedAtMs = beganAtMs
        sessions.used([...good]).catch(onError)
      }
    } catch (error) {
      onError(error)
      if (performance.now() - knownAtMs > UNKNOWN_MS_MAX) streams.endOf(new Set(ids))
    }
    const leftMs = Math.max(0, LOOK_EVERY_MS - (performance.now() - beganAtMs))
    if (!isClosed) timer = setTimeout(() => void look(), leftMs)
  }
  let timer = setTimeout(() => void look(), LOOK_EVERY_MS)

  return {
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

async function soon<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const answered = new AbortController()
  const late = pause(ANSWERED_WITHIN_MS, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`The sessions were not read within ${ANSWERED_WITHIN_MS} ms.`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([answer, late])
  } finally {
    answered.abort()
  }
}
