// Writes what is missing and never touches what is there: a fixture is what was shipped. `pnpm --filter @parley/proto golden`
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { samples } from './samples.ts'

let written = 0
for (const { folder, golden } of samples()) {
  const directory = new URL(`./${folder}/`, import.meta.url)
  const file = new URL(`${golden.name}.json`, directory)
  if (existsSync(file)) continue
  mkdirSync(directory, { recursive: true })
  writeFileSync(file, `${JSON.stringify(golden, null, 2)}\n`, { flag: 'wx' })
  written += 1
}
process.stderr.write(`${written} golden records written; those that were there stay as they are.\n`)
