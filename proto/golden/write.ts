import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import type { Golden } from './samples.ts'

/** Writes what is missing and never touches what is there: a fixture is what was shipped. */
export function writeMissing(directory: URL, goldens: readonly Golden[]): void {
  let written = 0
  mkdirSync(directory, { recursive: true })
  for (const golden of goldens) {
    const file = new URL(`${golden.name}.json`, directory)
    if (existsSync(file)) continue
    writeFileSync(file, `${JSON.stringify(golden, null, 2)}\n`, { flag: 'wx' })
    written += 1
  }
  process.stderr.write(`${written} golden records written; those that were there stay as they are.\n`)
}
