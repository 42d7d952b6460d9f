import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type FlowSource, checkFlow, twinsIn } from '../flow/checking.ts'
import { type Problem, formatProblem } from '../flow/problem.ts'

/** All that is wrong with all files, for people to read. */
export class FlowsInvalid extends Error {
  readonly code = 'FLOW_INVALID'
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(
      [
        `${problems.length} thing${problems.length === 1 ? ' is' : 's are'} wrong with the flows (FLOW_INVALID). Nothing was loaded.`,
        ...problems.map((problem) => `  ${formatProblem(problem)}`),
        '  fix: put the lines right and see with: npm run parley -- flow check',
      ].join('\n'),
    )
    this.problems = problems
  }
}

/** The flow files of a folder, in order of name. Not those of folders inside it (examples). */
export async function flowFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name))
}

/** @throws {FlowsInvalid} with everything that is wrong: all files are good, or none is loaded */
export async function loadFlows(
  files: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<FlowSource[]> {
  const loaded: FlowSource[] = []
  const problems: Problem[] = []
  for (const file of files) {
    const source = await readFile(file, 'utf8')
    const checked = checkFlow(file, source, environment)
    problems.push(...checked.problems)
    if (checked.flow) loaded.push({ file, source, flow: checked.flow })
  }
  problems.push(...twinsIn(loaded))
  if (problems.length > 0) throw new FlowsInvalid(problems)
  return loaded
}
