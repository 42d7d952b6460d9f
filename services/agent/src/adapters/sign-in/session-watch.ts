import { setImmediate as turn } from 'node:timers/promises'
import { type EventStreams, inTime } from '@parley/service'
import { type Replicas, SILENT_MS_MAX } from './replicas.ts'
import type { SessionStore } from './session-store.ts'

/** Half of the second within which an open page ends. */
const LOOK_EVERY_MS = 500
/** A store that answers no more is away. */
const ANSWERED_WITHIN_MS = 2_000
const LET_IN_WITHIN_MS = 200
const LEFT_WITHIN_MS = 1_000

export interface SessionWatchOptions {
  readonly sessions: Pick<SessionStore, 'goodOf' | 'used' | 'lookedUp'>
  readonly streams: Pick<EventStreams, 'sessionIds' | 'endOf' | 'trustSessionsUntil'>
  readonly replicas: Pick<Replicas, 'revision' | 'saw' | 'leave'>
  /** An open stream keeps its session from being idle, said a few times within this. */
  readonly idleSeconds: number
  readonly onError: (error: unknown) => void
}

/**
 * Ends the streams of sessions that are over, on whatever replica they were ended: asks the store twice a second about all sessions
 * that have streams here, at once, however many there are, and says then which changes of people this replica has acted on. While the
 * store is away nobody knows who may still watch: after `SILENT_MS_MAX` streams end, and their browsers come back.
 * @returns after the first look: no stream is open before it
 */
export async function watchSessions(options: SessionWatchOptions): Promise<{ close(): Promise<void> }> {
  const { sessions, streams, replicas, idleSeconds, onError } = options
  const usedEveryMs = (idleSeconds * 1_000) / 4
  let knownAtMs = performance.now()
  let usedAtMs = knownAtMs
  let acted = 0
  let isClosed = false
  streams.trustSessionsUntil(knownAtMs)

  const act = async (beganAtMs: number): Promise<void> => {
    const revision = await replicas.revision()
    // Who was let in before has their stream by then, and is looked at. In a rush of people that takes longer than streams may go
    // without a look: then the change is acted on now, and said to be when it is certain.
    const isCertain = (await inTime(sessions.lookedUp(), LET_IN_WITHIN_MS)) !== 'late'
    await turn()
    const ids = [...streams.sessionIds]
    const good = ids.length === 0 ? new Set<string>() : await sessions.goodOf(ids)
    streams.endOf(new Set(ids.filter((id) => !good.has(id))))
    if (isCertain) acted = Math.max(acted, revision)
    await replicas.saw(acted)
    knownAtMs = Math.max(knownAtMs, beganAtMs)
    streams.trustSessionsUntil(knownAtMs + SILENT_MS_MAX)
    if (good.size > 0 && beganAtMs - usedAtMs > usedEveryMs) {
      usedAtMs = beganAtMs
      sessions.used([...good]).catch(onError)
    }
  }

  const look = async (): Promise<void> => {
    const beganAtMs = performance.now()
    try {
      if ((await inTime(act(beganAtMs), ANSWERED_WITHIN_MS)) === 'late')
        throw new Error(`The sessions were not looked at within ${ANSWERED_WITHIN_MS} ms.`)
    } catch (error) {
      onError(error)
      if (performance.now() - knownAtMs > SILENT_MS_MAX) streams.endOf(streams.sessionIds)
    }
    const leftMs = Math.max(0, LOOK_EVERY_MS - (performance.now() - beganAtMs))
    if (!isClosed) timer = setTimeout(() => void look(), leftMs)
  }
  let timer: NodeJS.Timeout | undefined
  await look()

  return {
    async close() {
      isClosed = true
      clearTimeout(timer)
      // Where the store is away, whoever waits for this replica finds out that it is gone.
      await inTime(replicas.leave(), LEFT_WITHIN_MS).catch(onError)
    },
  }
}
