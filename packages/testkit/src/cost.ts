/** Long enough to be measured. */
const MEASURED_US_MIN = 5_000
const ROUNDS = 5
const TIMES_THE_LENGTH = 16

/**
 * How many times as much of the processor `work` takes for sixteen times the length: about 16 where it grows with the length, and 256
 * where it grows with the square of it. Only what this thread itself works counts, so that it is the same on a machine that does other work.
 */
export function growth(length: number, work: (length: number) => unknown): number {
  return leastOf(() => work(length * TIMES_THE_LENGTH)) / leastOf(() => work(length))
}

/** Of several rounds: in some of them rubbish is collected, or code is compiled. */
function leastOf(work: () => unknown): number {
  return Math.min(...Array.from({ length: ROUNDS }, () => microsecondsOf(work)))
}

function microsecondsOf(work: () => unknown): number {
  const begun = process.threadCpuUsage()
  for (let count = 1; ; count += 1) {
    work()
    const { user, system } = process.threadCpuUsage(begun)
    if (user + system >= MEASURED_US_MIN) return (user + system) / count
  }
}
