const FIRST_MS = 200
const LONGEST_MS = 5_000
const HEALTHY_AFTER_MS = 30_000

/** How long to wait before the next start (p-retry ends with the first success; a supervisor goes on), after `failures` starts in a row that did not last. */
export const backOffMs = (failures: number): number =>
  Math.min(FIRST_MS * 2 ** Math.max(failures - 1, 0), LONGEST_MS)

/** A process that was ready for a while and then fell begins again at the shortest wait. */
export const failuresAfter = (failures: number, readyForMs: number): number =>
  readyForMs >= HEALTHY_AFTER_MS ? 1 : failures + 1
