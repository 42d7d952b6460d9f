/**
 * Milliseconds since 1970 by the time of day at which this process began, and counted from there: it never jumps, so what waits and what
 * may go by it goes on whatever is done to the machine's clock.
 */
export function steadyNow(): number {
  return Math.floor(performance.timeOrigin + performance.now())
}
