import { randomInt } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import pc from 'picocolors'
import { misused, readCommandLine, wholeNumber } from '../command-line.ts'
import { FINDING_KINDS } from '../demo/ledger.ts'
import { type Result, type Row, isClean, rowOf, withResults } from './results.ts'
import { logsOf, runScenario } from './run-scenario.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

const PAGE = 'docs/reference/guarantees.md'
const FINDINGS_SHOWN_MAX = 20
const NAMES = SCENARIOS.map(({ name }) => name)
const USAGE = `npm run faults -- [options]

Customers talk to the robot of a stack of its own while something goes wrong; a ledger says what was lost, doubled, out of
order, not sent or not answered. One scenario takes one to two minutes. The results go into ${PAGE}.

  --only NAME,NAME   these scenarios alone
  --seed N           of moments and choices (default: a random one, which is printed)
  --dry              leaves ${PAGE} as it is

${SCENARIOS.map(({ name, what }) => `  ${name.padEnd(30)} ${what}`).join('\n')}
`

const { values } = readCommandLine({
  usage: USAGE,
  options: {
    only: { type: 'string', default: NAMES.join(',') },
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
    dry: { type: 'boolean', default: false },
  },
})
const seed = wholeNumber('--seed', values.seed, 2 ** 31, USAGE)
const wanted = values.only.split(',').map((name) => {
  const found = SCENARIOS.find((scenario) => scenario.name === name)
  return found ?? misused(`there is no scenario "${name}"`, USAGE)
})
const date = new Date().toISOString().slice(0, 10)
const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}) that everything shares`

process.stdout.write(`seed ${seed}\n`)
// By way of `exit`, where a disk that was mounted is unmounted; the stack's guardian ends its processes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const rows: Row[] = []
let isAllClean = true
for (const scenario of wanted) {
  const startedAt = Date.now()
  const result = await resultOf(scenario)
  rows.push(rowOf(scenario, result, seed, date))
  isAllClean &&= isClean(result)
  process.stdout.write(
    `${isClean(result) ? pc.green('✓') : pc.red('✗')} ${scenario.name.padEnd(30)} ${inWords(result)}   (${Math.round((Date.now() - startedAt) / 1000)} s)\n`,
  )
  if ('outcome' in result)
    for (const { waId, kind, what } of result.outcome.ledger.findings.slice(0, FINDINGS_SHOWN_MAX))
      process.stdout.write(`    ${kind}: …${waId.slice(-4)} ${what}\n`)
  if ('outcome' in result && !isClean(result)) process.stdout.write(`    logs: ${logsOf(scenario)}\n`)
  // After each: a run that is ended early leaves what it found.
  if (!values.dry) await writeFile(PAGE, withResults(await readFile(PAGE, 'utf8'), rows, NAMES, machine))
}
process.exitCode = isAllClean ? 0 : 1

async function resultOf(scenario: Scenario): Promise<Result> {
  const notRun = scenario.unavailable()
  if (notRun !== undefined) return { notRun }
  try {
    return { outcome: await runScenario(scenario, seed) }
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
