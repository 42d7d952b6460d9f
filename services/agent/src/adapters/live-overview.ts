import { createHash } from 'node:crypto'
import type { Scope } from '@parley/people'
import type { Overview } from '../conversation/overview.ts'

/** What the page is told: the state whenever it changed, and in between a beat, which proves that reading it still works. */
export type LiveWord<State = LiveState> =
  | { readonly kind: 'state'; readonly id: string; readonly at: string; readonly state: State }
  | { readonly kind: 'beat'; readonly at: string }

export interface LiveState extends Overview {
  readonly company: string
  /** False while this service catches up with the log: the numbers are of the past. */
  readonly isFollowing: boolean
  /** Customers whose record could not be read here: what is shown of them is out of date. */
  readonly staleContactCount: number
}

export interface LiveOverview<State = LiveState> {
  /** @param knownId id of the last state that the listener has: it gets the state only if it is another one by now */
  subscribe(listener: (word: LiveWord<State>) => void, knownId?: string): () => void
  /** Something was written: tell who listens soon. */
  changed(): void
  close(): void
}

export interface LiveOverviewOptions<State = LiveState> {
  read(): Promise<State>
  now(): Date
  onError(error: unknown): void
  /** Other replicas write too, so who listens is told of their work at this pace. */
  readonly refreshMs?: number
  /** However much is written, no more often than this. */
  readonly gapMs?: number
}

/** One for all who see the same. */
export interface LiveOverviews {
  of(scope: Scope): LiveOverview
  changed(): void
  close(): void
}

/** There are as many as sets of queues that teams serve, so none is ever let go. */
export function liveOverviews({
  read,
  ...options
}: Omit<LiveOverviewOptions, 'read'> & { read(scope: Scope): Promise<LiveState> }): LiveOverviews {
  const overviews = new Map<string, LiveOverview>()
  return {
    of(scope) {
      const key = scope.kind === 'part' ? JSON.stringify(scope.queues.toSorted()) : scope.kind
      const overview = overviews.get(key) ?? liveOverview({ ...options, read: () => read(scope) })
      overviews.set(key, overview)
      return overview
    },
    changed() {
      for (const overview of overviews.values()) overview.changed()
    },
    close() {
      for (const overview of overviews.values()) overview.close()
    },
  }
}

export function liveOverview<State>({
  read,
  now,
  onError,
  refreshMs = 2_000,
  gapMs = 250,
}: LiveOverviewOptions<State>): LiveOverview<State> {
  const listeners = new Map<(word: LiveWord<State>) => void, string | undefined>()
  let timer: NodeJS.Timeout | undefined
  let dueAt = Infinity
  let toldAt = -Infinity
  let isReading = false

  /** Keeps the earliest of what was asked for. */
  const schedule = (inMs: number): void => {
    if (listeners.size === 0) return
    const at = performance.now() + inMs
    if (isReading || at >= dueAt) {
      dueAt = Math.min(dueAt, at)
      return
    }
    clearTimeout(timer)
    dueAt = at
    timer = setTimeout(() => void tellAll(), inMs)
  }

  const tellAll = async (): Promise<void> => {
    isReading = true
    dueAt = Infinity
    try {
      const state = await read()
      const id = createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 16)
      const at = now().toISOString()
      toldAt = performance.now()
      for (const [listener, knownId] of listeners) {
        listeners.set(listener, id)
        listener(knownId === id ? { kind: 'beat', at } : { kind: 'state', id, at, state })
      }
    } catch (error) {
      onError(error)
    }
    isReading = false
    const asked = Math.max(dueAt - performance.now(), gapMs)
    dueAt = Infinity
    schedule(Math.min(asked, refreshMs))
  }

  return {
    subscribe(listener, knownId) {
      listeners.set(listener, knownId)
      // All are told together: one more does not make it more often for the others.
      schedule(Math.max(0, toldAt + gapMs - performance.now()))
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || isReading) return
        clearTimeout(timer)
        dueAt = Infinity
      }
    },
    changed: () => schedule(gapMs),
    close() {
      listeners.clear()
      clearTimeout(timer)
    },
  }
}
