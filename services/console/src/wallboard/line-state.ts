/** What is shown, and how far it can be trusted. Times are by this machine's own clock. */
export interface Shown {
  /** When it was told last. */
  readonly cameAtMs: number
  /** For so long the numbers had not been all that happened, when they were told; 0: they were. */
  readonly behindMs: number
}

/** The service says something every two seconds. */
const SILENT_MS = 7_000

/**
 * A service that is silent and one that speaks of the past are two things: who is told the wrong one looks for the fault in the wrong place,
 * and a page that says `live` of numbers that lack what happened is believed.
 */
export interface LineState {
  readonly kind: 'connecting' | 'live' | 'behind' | 'lost'
  /** How old what is shown is; while nothing is, how long it is waited for. */
  readonly forMs: number
  /** It is so old that a plain banner says so. */
  readonly isStopped: boolean
}

/** Pure. @param beganMs since when it is waited for */
export function lineStateOf(shown: Shown | undefined, beganMs: number, nowMs: number): LineState {
  if (shown === undefined) {
    const forMs = nowMs - beganMs
    return { kind: 'connecting', forMs, isStopped: forMs > SILENT_MS }
  }
  const silentMs = nowMs - shown.cameAtMs
  if (silentMs > SILENT_MS) return { kind: 'lost', forMs: silentMs, isStopped: true }
  if (shown.behindMs === 0) return { kind: 'live', forMs: silentMs, isStopped: false }
  const forMs = silentMs + shown.behindMs
  return { kind: 'behind', forMs, isStopped: forMs > SILENT_MS }
}
