import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Scorecards, readScorecards } from './scorecards-file.ts'

/** `scorecards.yaml`; where it is missing nobody is judged. @throws {ScorecardsFileInvalid} */
export async function readScorecardsIn(directory: string): Promise<Scorecards> {
  const file = join(directory, 'scorecards.yaml')
  const source = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return 'forms: []'
    throw error
  })
  return readScorecards(source, file)
}
