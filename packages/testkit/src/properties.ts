/** How many times as often as in a usual run each property is tried: `HUNT=40`. Nothing where nobody hunts. */
export const HUNT = timesIn(process.env['HUNT'])

/** How often a property is tried: so many times in a usual run, and more often by whoever hunts. */
export const runs = (usually: number): { readonly numRuns: number } => ({ numRuns: usually * (HUNT ?? 1) })

function timesIn(said: string | undefined): number | undefined {
  if (said === undefined) return undefined
  // By 0 every property would pass without a try.
  if (!/^[1-9]\d*$/.test(said)) throw new RangeError(`HUNT is a whole number from 1 up, and not '${said}'.`)
  return Number(said)
}
