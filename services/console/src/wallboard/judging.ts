import type { Numbers, Targets } from './shapes.ts'

/** Null: there is no target, or nothing to compare. */
export type Verdict = 'good' | 'near' | 'breach' | null

export const JUDGED = ['waiting', 'longestWait', 'serviceLevel', 'abandoned', 'containment'] as const
export type Judged = (typeof JUDGED)[number]

/** So near to a limit people look up before it is reached. */
const NEAR_SHARE = 0.8
const NEAR_POINTS = 5

/** Who is offered to somebody waits still: it is one number on the screen, and judged as it is shown. */
export const waitingIn = ({ waiting, offered }: Pick<Numbers, 'waiting' | 'offered'>): number =>
  waiting + offered

/** A share whose whole number would be on the other side of its limit says more than that. */
export const isRoundedAcross = (value: number, limit: number | undefined): boolean =>
  limit !== undefined && Math.sign(value - limit) !== Math.sign(Math.round(value) - limit)

export function judge(totals: Numbers, targets: Targets): Readonly<Record<Judged, Verdict>> {
  return {
    waiting: below(waitingIn(totals), targets.waitingMax),
    longestWait: below(totals.longestWaitSeconds, targets.longestWaitSecondsMax),
    serviceLevel: above(totals.serviceLevelPercent, targets.serviceLevelPercentMin),
    abandoned: below(totals.abandonedPercent, targets.abandonedPercentMax),
    containment: above(totals.containmentPercent, targets.containmentPercentMin),
  }
}

function below(value: number | null, max: number | undefined): Verdict {
  if (value === null || max === undefined) return null
  if (value > max) return 'breach'
  return value > 0 && value >= max * NEAR_SHARE ? 'near' : 'good'
}

function above(value: number | null, min: number | undefined): Verdict {
  if (value === null || min === undefined) return null
  if (value < min) return 'breach'
  return value < min + NEAR_POINTS && value < 100 ? 'near' : 'good'
}

/** Which breaches somebody still has to see, and which were seen and last. */
export interface Alarm {
  readonly unseen: readonly Judged[]
  readonly seen: readonly Judged[]
}

export const QUIET: Alarm = { unseen: [], seen: [] }

/**
 * A breach sounds once: not again while nobody has seen it, even where it went and came back, nor while one that was seen lasts.
 * @param settled what needs nobody any more to see it: on a wall nobody can say that they did, and it would never sound again
 */
export function heard(
  { unseen, seen }: Alarm,
  breaches: readonly Judged[],
  settled: readonly Judged[] = [],
): { readonly alarm: Alarm; readonly sounds: boolean } {
  const open = unseen.filter((one) => !settled.includes(one))
  const lasting = seen.filter((one) => breaches.includes(one))
  const begun = breaches.filter((one) => !open.includes(one) && !lasting.includes(one))
  return { alarm: { unseen: [...open, ...begun], seen: lasting }, sounds: begun.length > 0 }
}

export function acknowledged({ unseen, seen }: Alarm, breaches: readonly Judged[]): Alarm {
  return { unseen: [], seen: [...new Set([...seen, ...unseen])].filter((one) => breaches.includes(one)) }
}
