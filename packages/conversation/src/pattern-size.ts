/** Steps beyond what is written: a message of 4,096 characters is held against them in a tenth of a second, and its process does nothing else meanwhile. */
const UNFOLDED_MAX = 250

/**
 * RE2 is linear in the length of a text, times how large the pattern is, and it writes `x{0,1000}` out a thousand times: each message would
 * take seconds.
 * @param steps of the compiled pattern
 * @returns why nobody is to hold messages against it, and what to write; undefined where they may
 */
export function repeatsProblem(pattern: string, steps: number): string | undefined {
  return steps > pattern.length + UNFOLDED_MAX
    ? `its repeats come to ${steps} steps, which each message would be held against: write * or +, or smaller numbers`
    : undefined
}
