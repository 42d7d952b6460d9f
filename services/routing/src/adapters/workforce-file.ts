import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Roster } from '@parley/people'
import { flowPointsIn } from './flow-points.ts'
import { type Workforce, WorkforceFileInvalid, readWorkforce } from '../workforce/workforce-file.ts'

/**
 * `workforce.yaml`, held to the people of `people.yaml` beside it.
 * @throws {WorkforceFileInvalid}
 */
export async function workforceIn(directory: string, roster: Roster): Promise<Workforce> {
  const file = join(directory, 'workforce.yaml')
  try {
    return readWorkforce(await readFile(file, 'utf8'), file, roster, await flowPointsIn(directory))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new WorkforceFileInvalid([
      `${file} is not there. Write one, or set PARLEY_CONFIG_DIR to the folder that has it.`,
    ])
  }
}
