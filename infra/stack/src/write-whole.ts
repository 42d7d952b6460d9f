import { renameSync, writeFileSync } from 'node:fs'

/** A reader sees the file as it was or as it is now, never a part of it. */
export const writeWhole = (file: string, text: string, mode = 0o644): void => {
  const aside = `${file}.${process.pid}.tmp`
  writeFileSync(aside, text, { mode })
  renameSync(aside, file)
}
