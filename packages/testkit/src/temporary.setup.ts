// Whatever tests, and what they start, leave in the temporary folder lies in one folder of the run, and goes with it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Short, for the path of a socket in it may have 104 bytes. */
export const RUN = 'run-'

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), RUN))
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
}
