import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pc from 'picocolors'
import { misused, readCommandLine } from '../../command-line.ts'
import { MUTANTS, type Mutant } from './mutants.ts'

const NAMES = MUTANTS.map(({ name }) => name)
const USAGE = `npm run mutants -- [options]

Breaks one guarantee after the other in a scratch copy of this clone, as it is on the disk, and runs the tests that must
notice. Fails when a break goes unnoticed.

  --only NAME,NAME   these alone

${MUTANTS.map(({ name, breaks }) => `  ${name.padEnd(32)} ${breaks}`).join('\n')}
`

const { values } = readCommandLine({
  usage: USAGE,
  options: { only: { type: 'string', default: NAMES.join(',') } },
})
const wanted = values.only
  .split(',')
  .map(
    (name) =>
      MUTANTS.find((mutant) => mutant.name === name) ?? misused(`there is no mutant "${name}"`, USAGE),
  )

const run = promisify(execFile)
const scratch = await mkdtemp(join(tmpdir(), 'parley-mutants-'))
let survivors = 0
try {
  await copyTo(scratch)
  // What fails unbroken would seem to catch everything.
  for (const caughtBy of new Map(wanted.map(({ caughtBy }) => [caughtBy.path, caughtBy])).values()) {
    const { failed } = await runTests(caughtBy)
    if (failed.length > 0) throw new Error(`${caughtBy.path} fails without any break: ${failed.join('; ')}`)
  }
  for (const mutant of wanted) {
    const caught = await caughtWith(mutant)
    if (caught.length === 0) survivors += 1
    process.stdout.write(
      caught.length === 0
        ? `${pc.red('✗')} ${mutant.name}: no test of ${mutant.caughtBy.path} noticed\n`
        : `${pc.green('✓')} ${mutant.name}: ${caught.length} noticed, among them "${caught[0]}"\n`,
    )
  }
} finally {
  await rm(scratch, { recursive: true, force: true })
}
process.stdout.write(`${wanted.length - survivors} of ${wanted.length} breaks were noticed\n`)
process.exitCode = survivors === 0 ? 0 : 1

/** The files of this clone that git knows or would take in, with dependencies of their own. */
async function copyTo(directory: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    maxBuffer: 16e6,
  })
  const deleted = new Set((await run('git', ['ls-files', '-z', '--deleted'])).stdout.split('\0'))
  for (const file of stdout.split('\0').filter((name) => name !== '' && !deleted.has(name)))
    await cp(file, join(directory, file))
  const { packageManager } = JSON.parse(await readFile('package.json', 'utf8')) as { packageManager: string }
  await run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--prefer-offline'], {
    cwd: directory,
    env: { ...process.env, CI: 'true' },
  })
}

/** Full names of the tests that fail with the break. */
async function caughtWith({ name, file, before, after, caughtBy }: Mutant): Promise<readonly string[]> {
  const path = join(scratch, file)
  const whole = await readFile(path, 'utf8')
  const [head, tail, ...more] = whole.split(before)
  if (head === undefined || tail === undefined || more.length > 0)
    throw new Error(`${name}: what it breaks does not stand exactly once in ${file}.`)
  await writeFile(path, head + after + tail)
  try {
    return (await runTests(caughtBy)).failed
  } finally {
    await writeFile(path, whole)
  }
}

async function runTests({
  project,
  path,
}: Mutant['caughtBy']): Promise<{ readonly failed: readonly string[] }> {
  const report = join(scratch, 'mutants-report.json')
  await rm(report, { force: true })
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  // Failing tests are what this looks for: its exit code says nothing more than the report.
  const ended = await run(
    process.execPath,
    [vitest, 'run', `--project=${project}`, '--reporter=json', `--outputFile=${report}`, path],
    { cwd: scratch, maxBuffer: 64e6 },
  ).catch((error: Error) => error)
  const { testResults } = JSON.parse(
    await readFile(report, 'utf8').catch(() => {
      throw new Error(`vitest left no report of ${path}.`, { cause: ended })
    }),
  ) as { testResults: readonly { assertionResults: readonly { status: string; fullName: string }[] }[] }
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  if (tests.length === 0) throw new Error(`No test of ${path} ran.`, { cause: ended })
  return { failed: tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName) }
}
