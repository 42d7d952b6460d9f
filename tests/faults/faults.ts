import { randomInt } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import {
  CommandLineMistake,
  type Given,
  type Program,
  command,
  didYouMean,
  runProgram,
  wholeNumber,
} from '@parley/authoring'
import pc from 'picocolors'
import { FINDING_KINDS } from '../demo/ledger.ts'
import {
  type Result,
  type Row,
  type Verdict,
  conclusionOf,
  rowOf,
  verdictOf,
  withResults,
} from './results.ts'
import { logsOf, runScenario } from './run-scenario.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { Worlds } from './world.ts'

const PAGE = 'docs/reference/guarantees.md'
const FINDINGS_SHOWN_MAX = 20
const NAMES = SCENARIOS.map(({ name }) => name)
const MARKS: Readonly<Record<Verdict, string>> = {
  clean: pc.green('✓'),
  'not clean': pc.red('✗'),
  'not run': pc.yellow('–'),
}
const OPTIONS = {
  only: { type: 'string', value: 'NAME,NAME', does: 'these scenarios alone' },
  seed: {
    type: 'string',
    value: 'N',
    does: 'of moments and choices; a random one, which is printed, if none is given',
  },
  dry: { type: 'boolean', default: false, does: `leaves ${PAGE} as it is` },
} as const

export const FAULTS: Program = {
  call: 'npm run faults',
  command: command({
    does: `Customers talk to the robot and to agents of a stack of its own while something goes wrong; a ledger says what was lost,
doubled, out of order, not sent or not answered. One scenario takes one to two minutes. The results go into ${PAGE}.
Fails where one is not clean; and where one that --only names cannot be run on this machine, which a run of all leaves out.`,
    options: OPTIONS,
    notes: SCENARIOS.map(({ name, what }) => `  ${name.padEnd(30)} ${what}`).join('\n'),
    run: faults,
  }),
}

if (import.meta.main) process.exitCode = await runProgram(FAULTS, process.argv.slice(2))

function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name)
  if (found !== undefined) return found
  throw new CommandLineMistake(`there is no scenario "${name}"${didYouMean(name, NAMES)}`)
}

async function faults({ values }: Given<typeof OPTIONS>): Promise<number> {
  const seed =
    values.seed === undefined ? randomInt(1, 1_000_000) : wholeNumber('--seed', values.seed, 2 ** 31)
  const wanted = values.only === undefined ? SCENARIOS : values.only.split(',').map(scenarioOf)
  const date = new Date().toISOString().slice(0, 10)
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}) that everything shares`

  process.stdout.write(`seed ${seed}\n`)
  // By way of `exit`, where a disk that was mounted is unmounted; the stack's guardian ends its processes.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const rows: Row[] = []
  const verdicts: Verdict[] = []
  await using worlds = new Worlds()
  for (const scenario of wanted) {
    const startedAt = Date.now()
    const result = await resultOf(scenario, seed, worlds)
    const verdict = verdictOf(result)
    verdicts.push(verdict)
    // What one left behind is not to be found again by the next.
    if (verdict === 'not clean') await worlds.renew()
    process.stdout.write(
      `${MARKS[verdict]} ${scenario.name.padEnd(30)} ${inWords(result)}   (${Math.round((Date.now() - startedAt) / 1000)} s)\n`,
    )
    if ('outcome' in result)
      for (const { waId, kind, what } of result.outcome.ledger.findings.slice(0, FINDINGS_SHOWN_MAX))
        process.stdout.write(`    ${kind}: …${waId.slice(-4)} ${what}\n`)
    if ('outcome' in result && verdict === 'not clean')
      process.stdout.write(`    logs: ${logsOf(scenario)}\n`)
    const row = rowOf(scenario, result, seed, date)
    if (row === undefined || values.dry) continue
    rows.push(row)
    // After each: a run that is ended early leaves what it found.
    await writeFile(PAGE, withResults(await readFile(PAGE, 'utf8'), rows, NAMES, machine))
  }
  const { said, exitCode } = conclusionOf(verdicts, { areNamed: values.only !== undefined })
  process.stdout.write(`${said}\n`)
  return exitCode
}

async function resultOf(scenario: Scenario, seed: number, worlds: Worlds): Promise<Result> {
  const notRun = scenario.unavailable()
  if (notRun !== undefined) return { notRun }
  try {
    return { outcome: await runScenario(scenario, seed, worlds) }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}

function inWords(result: Result): string {
  if ('notRun' in result) return `not run: ${result.notRun}`
  if ('failed' in result) return `failed: ${result.failed}`
  const { ledger, silenceMs } = result.outcome
  const found = FINDING_KINDS.map((kind) => ({
    kind,
    count: ledger.findings.filter((finding) => finding.kind === kind).length,
  })).filter(({ count }) => count > 0)
  return [
    `${ledger.customers} customers, ${ledger.written} messages`,
    ...(found.length === 0 ? ['nothing wrong'] : found.map(({ kind, count }) => `${count} ${kind}`)),
    silenceMs === undefined ? 'never went on' : `longest silence ${(silenceMs / 1000).toFixed(1)} s`,
  ].join(', ')
}
