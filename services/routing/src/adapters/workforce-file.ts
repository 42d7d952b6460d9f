import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { didYouMean } from '@parley/authoring'
import type { Roster } from '@parley/people'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { flowPointsIn } from './flow-points.ts'
import { type Company, longWordsOfQueues } from '../company/company.ts'
import { WorkforceFileInvalid, readWorkforce } from '../workforce/workforce-file.ts'

/**
 * `workforce.yaml`, held to the people of `people.yaml` and the texts of `company.yaml` beside it.
 * @throws {WorkforceFileInvalid}
 */
export async function workforceIn(
  directory: string,
  roster: Roster,
  company: Company,
): Promise<PoolConfiguration> {
  const file = join(directory, 'workforce.yaml')
  try {
    const [source, flows] = await Promise.all([readFile(file, 'utf8'), flowPointsIn(directory)])
    const configuration = readWorkforce(
      source,
      file,
      roster,
      flows.map(({ points }) => points),
    )
    const known = configuration.queues.map(({ name }) => name)
    const problems = [
      ...flows
        .flatMap(({ queues }) => queues)
        .filter(({ queue }) => !known.includes(queue))
        .map(({ queue, place }) => `${place}: ${file} has no queue "${queue}"${didYouMean(queue, known)}`),
      ...longWordsOfQueues(company, configuration.queues).map((problem) => `${file}: ${problem}`),
    ]
    if (problems.length > 0) throw new WorkforceFileInvalid(problems)
    return configuration
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new WorkforceFileInvalid([
      `${file} is not there. Write one, or set PARLEY_CONFIG_DIR to the folder that has it.`,
    ])
  }
}
