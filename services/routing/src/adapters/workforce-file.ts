import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { didYouMean } from '@parley/authoring'
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
    const [source, flows] = await Promise.all([readFile(file, 'utf8'), flowPointsIn(directory)])
    const workforce = readWorkforce(
      source,
      file,
      roster,
      flows.map(({ points }) => points),
    )
    const queues = workforce.configuration.queues.map(({ name }) => name)
    const unknown = flows.flatMap(({ opens }) => opens).filter(({ queue }) => !queues.includes(queue))
    if (unknown.length === 0) return workforce
    throw new WorkforceFileInvalid(
      unknown.map(
        ({ queue, place }) => `${place}: ${file} has no queue "${queue}"${didYouMean(queue, queues)}`,
      ),
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new WorkforceFileInvalid([
      `${file} is not there. Write one, or set PARLEY_CONFIG_DIR to the folder that has it.`,
    ])
  }
}
