import { setTimeout as pause } from 'node:timers/promises'

/** A link may be asked for, and followed, before its conversation was projected; how long the answer waits for it. */
const PROJECTED_WITHIN_MS = 2_000
const READ_EVERY_MS = 50

/** What is read once it is there; what was read last where it does not come. */
export async function soon<Read>(read: () => Promise<Read>): Promise<Read> {
  for (const until = performance.now() + PROJECTED_WITHIN_MS; ; await pause(READ_EVERY_MS)) {
    const found = await read()
    if ((found ?? undefined) !== undefined || performance.now() > until) return found
  }
}
