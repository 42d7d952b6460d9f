/** How many times as often as in a usual run each property is tried: `HUNT=40`. Nothing where nobody hunts. */
export const HUNT: number | undefined =
  process.env['HUNT'] === undefined ? undefined : Number(process.env['HUNT'])

/** How often a property is tried: so many times in a usual run, and more often by whoever hunts. */
export const runs = (usually: number): { readonly numRuns: number } => ({ numRuns: usually * (HUNT ?? 1) })
