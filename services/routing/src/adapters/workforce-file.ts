import { didYouMean } from '@parley/authoring'
import { ConfigFileInvalid, problemLines, sourceIn } from '@parley/authoring/config-file'
import type { Roster } from '@parley/people'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { flowPointsIn } from './flow-points.ts'
import { COMPANY_FILE, type Company, longWordsOfQueues } from '../company/company.ts'
import { WORKFORCE_FILE, readWorkforce } from '../workforce/workforce-file.ts'

/**
 * `workforce.yaml`, held to the people of `people.yaml` and the texts of `company.yaml` beside it.
 * @throws {ConfigFileInvalid}
 */
export async function workforceIn(
  directory: string,
  roster: Roster,
  company: Company,
): Promise<PoolConfiguration> {
  const [workforce, said, flows] = await Promise.all([
    sourceIn(directory, WORKFORCE_FILE),
    sourceIn(directory, COMPANY_FILE),
    flowPointsIn(directory),
  ])
  const { source, path } = workforce
  const points = flows.map((flow) => flow.points)
  const configuration = readWorkforce(source, path, roster, points)
  const known = configuration.queues.map(({ name }) => name)
  const problems = [
    ...flows
      .flatMap(({ queues }) => queues)
      .filter(({ queue }) => !known.includes(queue))
      .map(({ queue, place }) => `${place}: ${path} has no queue "${queue}"${didYouMean(queue, known)}`),
    ...(known.includes(company.default_queue)
      ? []
      : problemLines(said, [
          {
            path: ['default_queue'],
            why: `${path} has no queue "${company.default_queue}"${didYouMean(company.default_queue, known)}`,
          },
        ])),
    ...problemLines(workforce, longWordsOfQueues(company, configuration.queues)),
  ]
  if (problems.length > 0) throw new ConfigFileInvalid(WORKFORCE_FILE, problems)
  return configuration
}
