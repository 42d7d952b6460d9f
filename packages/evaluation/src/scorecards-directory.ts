import { sourceIn } from '@parley/authoring/config-file'
import { SCORECARDS_FILE, type Scorecards, readScorecards } from './scorecards-file.ts'

/** @throws {ConfigFileInvalid} */
export async function readScorecardsIn(directory: string): Promise<Scorecards> {
  const { source, path } = await sourceIn(directory, SCORECARDS_FILE)
  return readScorecards(source, path)
}
