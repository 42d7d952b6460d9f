import type { ZoneOffset } from '@parley/proto/workforce-configuration'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** The wall clock of the zone, as if it were UTC. Of arithmetic alone: the offsets stand on the log. @param utc in milliseconds */
export function localOf(offsets: readonly ZoneOffset[], utc: number): number {
  return utc + minutesAt(offsets, utc) * MINUTE_MS
}

/** A wall clock time that does not exist, or twice, is taken by the offset before the change. */
export function utcOf(offsets: readonly ZoneOffset[], local: number): number {
  // No offset is more than a day, and none changes twice within two.
  const [before, after] = [minutesAt(offsets, local - DAY_MS), minutesAt(offsets, local + DAY_MS)]
  const [early, late] = [local - before * MINUTE_MS, local - after * MINUTE_MS]
  return minutesAt(offsets, early) !== before && minutesAt(offsets, late) === after ? late : early
}

function minutesAt(offsets: readonly ZoneOffset[], utc: number): number {
  const last = offsets.findLast(({ from }) => from === undefined || Date.parse(from) <= utc) ?? offsets[0]
  return last?.minutes ?? 0
}
