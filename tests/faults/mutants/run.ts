import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  CommandLineMistake,
  type Given,
  type Program,
  command,
  didYouMean,
  runProgram,
} from '@parley/authoring'
import pc from 'picocolors'
import type { Row } from '../results.ts'
import type { Catcher, Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import { rowOf, withMutants } from './results.ts'

const PAGE = 'docs/reference/guarantees.md'
/** Where the tests of a break wait for what never comes, they give up one after the other: the first one tells enough. */
const FAILURES_MAX = 1
const RUN_MAX_MS = 5 * 60_000
const NAMES = MUTANTS.map(({ name }) => name)
const OPTIONS = {
  only: { type: 'string', value: 'NAME,NAME', does: 'these alone' },
  dry: { type: 'boolean', default: false, does: `leaves ${PAGE} as it is` },
} as const

export const BREAKS: Program = {
  call: 'npm run mutants',
  command: command({
    does: `Breaks one guarantee after the other in a scratch copy of this clone, as it is on the disk, and runs the tests that must
notice. Fails when a break goes unnoticed. The results go into ${PAGE}.`,
    options: OPTIONS,
    notes: MUTANTS.map(({ name, breaks }) => `  ${name.padEnd(38)} ${breaks}`).join('\n'),
    run: breakInTurn,
  }),
}

const run = promisify(execFile)
if (import.meta.main) process.exitCode = await runProgram(BREAKS, process.argv.slice(2))

function mutantOf(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name)
  if (found !== undefined) return found
  throw new CommandLineMistake(`there is no mutant "${name}"${didYouMean(name, NAMES)}`)
}

async function breakInTurn({ values }: Given<typeof OPTIONS>): Promise<number> {
  const wanted = values.only === undefined ? MUTANTS : values.only.split(',').map(mutantOf)
  const date = new Date().toISOString().slice(0, 10)
  const rows: Row[] = []
  let survivors = 0
  {
    await using undo = new AsyncDisposableStack()
    const scratch = await mkdtemp(join(tmpdir(), 'parley-mutants-'))
    undo.defer(() => rm(scratch, { recursive: true, force: true }))
    await copyTo(scratch)
    const servers = wanted.some(({ caughtBy }) => caughtBy.project === 'integration')
      ? await serversFor(undo)
      : {}
    // What fails unbroken would seem to catch everything.
    for (const [path, catchers] of Map.groupBy(
      wanted.map(({ caughtBy }) => caughtBy),
      ({ path }) => path,
    )) {
      const failed = await failureOf(allOf(catchers), scratch, servers)
      if (failed !== undefined) throw new Error(`${path} fails without any break: ${failed}`)
    }
    for (const mutant of wanted) {
      const noticed = await noticedWith(mutant, scratch, servers).catch((error: unknown) => {
        process.stdout.write(`${pc.red('✗')} ${mutant.name}: ${String(error)}\n`)
        return undefined
      })
      if (noticed === undefined) survivors += 1
      process.stdout.write(
        noticed === undefined
          ? `${pc.red('✗')} ${mutant.name}: no test of ${mutant.caughtBy.path} noticed\n`
          : `${pc.green('✓')} ${mutant.name}: "${noticed}"\n`,
      )
      rows.push(rowOf(mutant, noticed, date))
      // After each: a run that is ended early leaves what it found.
      if (!values.dry) await writeFile(PAGE, withMutants(await readFile(PAGE, 'utf8'), rows, NAMES))
    }
  }
  process.stdout.write(`${wanted.length - survivors} of ${wanted.length} breaks were noticed\n`)
  return survivors === 0 ? 0 : 1
}

/** What several of one file run, in one. */
function allOf(catchers: readonly Catcher[]): Catcher {
  const { project, path } = catchers[0]!
  const tests = catchers.map((one) => one.tests)
  return tests.includes(undefined) ? { project, path } : { project, path, tests: tests.join('|') }
}

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

/** One Kafka and one MongoDB for all integration tests, as in brokers.setup.ts of packages/testkit, which takes these. */
async function serversFor(undo: AsyncDisposableStack): Promise<Record<string, string>> {
  const { provisionKafka, provisionMongo } = await import('@parley/stack/provision')
  const dataDirectory = await mkdtemp(join(tmpdir(), 'parley-mutants-servers-'))
  undo.defer(() => rm(dataDirectory, { recursive: true, force: true }))
  const kafka = undo.use(await provisionKafka({ dataDirectory }))
  const mongo = undo.use(await provisionMongo({ dataDirectory }))
  return { KAFKA_BROKERS: kafka.brokers.join(','), MONGODB_URI: mongo.uri }
}

async function noticedWith(
  { name, file, before, after, caughtBy }: Mutant,
  scratch: string,
  servers: Record<string, string>,
): Promise<string | undefined> {
  const path = join(scratch, file)
  const whole = await readFile(path, 'utf8')
  const [head, tail, ...more] = whole.split(before)
  if (head === undefined || tail === undefined || more.length > 0)
    throw new Error(`${name}: what it breaks does not stand exactly once in ${file}.`)
  await writeFile(path, head + after + tail)
  try {
    return await failureOf(caughtBy, scratch, servers)
  } finally {
    await writeFile(path, whole)
  }
}

/** The full name of a test that fails; undefined when none does. */
async function failureOf(
  { project, path, tests }: Catcher,
  scratch: string,
  servers: Record<string, string>,
): Promise<string | undefined> {
  const report = join(scratch, 'mutants-report.json')
  await rm(report, { force: true })
  // Failing tests are what this looks for: its exit code says nothing more than the report.
  const ended = await run(
    process.execPath,
    [
      join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      `--project=${project}`,
      `--bail=${FAILURES_MAX}`,
      '--reporter=json',
      `--outputFile=${report}`,
      ...(tests === undefined ? [] : ['--testNamePattern', tests]),
      path,
    ],
    {
      cwd: scratch,
      env: { ...process.env, ...servers },
      maxBuffer: 64e6,
      timeout: RUN_MAX_MS,
      killSignal: 'SIGKILL',
    },
  ).catch((error: Error) => error)
  if (ended instanceof Error && 'killed' in ended && ended.killed === true)
    return `(did not end within ${RUN_MAX_MS / 60_000} minutes)`
  const { testResults } = JSON.parse(
    await readFile(report, 'utf8').catch(() => {
      throw new Error(`vitest left no report of ${path}.`, { cause: ended })
    }),
  ) as { testResults: readonly { assertionResults: readonly { status: string; fullName: string }[] }[] }
  const ran = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed' || status === 'failed')
  if (ran.length === 0) throw new Error(`No test of ${path} ran.`, { cause: ended })
  return ran.find(({ status }) => status === 'failed')?.fullName
}
