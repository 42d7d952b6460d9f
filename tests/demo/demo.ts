import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { parseArgs, promisify } from 'node:util'
import pc from 'picocolors'
import { SERVERS, SERVICES, type Status, killInTurn } from '../faults/disturb.ts'
import { playCrowd } from './crowd.ts'
import type { CustomerRecord } from './customer.ts'
import { type LedgerReport, audit } from './ledger.ts'
import { SimulatorControl } from './simulator-control.ts'

const { values } = parseArgs({
  options: {
    customers: { type: 'string', default: '50' },
    'patience-seconds': { type: 'string', default: '60' },
    'deadline-seconds': { type: 'string', default: '600' },
    stack: { type: 'string', default: '.data/stack.json' },
    json: { type: 'boolean', default: false },
    kill: { type: 'boolean', default: false },
  },
})

const customers = wholeNumber('--customers', values.customers, 10_000)
const stack = await readStack(values.stack)
const simulator = new SimulatorControl(stack.urls.simulator)
const startedAt = Date.now()
process.stderr.write(
  `${customers} customers talk to the robot of ${stack.urls.simulator} at the same time …\n`,
)

let disturbing = values.kill
const disturbed = values.kill
  ? killInTurn([...SERVICES, ...SERVERS], statusOfRunningStack, { pauseMs: 15_000 }).finally(() => {
      disturbing = false
    })
  : Promise.resolve([])
const records = await playCrowd(
  simulator,
  customers,
  {
    patienceMs: wholeNumber('--patience-seconds', values['patience-seconds'], 3_600) * 1000,
    deadlineAt: startedAt + wholeNumber('--deadline-seconds', values['deadline-seconds'], 86_400) * 1000,
    pollEveryMs: 100,
  },
  () => disturbing,
)
for (const { name, readyAgainAfterMs } of await disturbed)
  process.stderr.write(
    `killed ${name} with SIGKILL; ready again after ${(readyAgainAfterMs / 1000).toFixed(1)} s\n`,
  )
const report = await audit(simulator, records)
await simulator.close()
if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
else print(report, records, Date.now() - startedAt)
process.exitCode = report.findings.length === 0 ? 0 : 1

function print(ledger: LedgerReport, played: readonly CustomerRecord[], tookMs: number): void {
  const waits = played.flatMap(({ answeredAfterMs }) => answeredAfterMs).toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0} ms`
  const count = (kind: string): string => {
    const found = ledger.findings.filter((finding) => finding.kind === kind).length
    return found === 0 ? pc.green('0') : pc.red(String(found))
  }
  process.stdout.write(
    [
      `customers        ${ledger.customers}   in ${(tookMs / 1000).toFixed(1)} s`,
      `they wrote       ${ledger.written}`,
      `they received    ${ledger.sent}`,
      `lost             ${count('lost')}`,
      `doubled          ${count('doubled')}`,
      `out of order     ${count('disordered')}`,
      `broken records   ${count('broken_record')}`,
      `unfinished       ${count('unfinished')}`,
      `uncertain        ${ledger.uncertain}   (shown as such, not repeated blindly)`,
      `went on unasked  ${ledger.nudges}`,
      `answer seen in   p50 ${at(0.5)}, p99 ${at(0.99)}   (seen by polling each 100 ms)`,
      '',
    ].join('\n'),
  )
  for (const { waId, kind, what } of ledger.findings.slice(0, 20))
    process.stdout.write(`${kind}: …${waId.slice(-4)} ${what}\n`)
}

async function statusOfRunningStack(): ReturnType<Status> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    'infra/stack/src/stack.ts',
    'status',
    '--json',
  ])
  return (JSON.parse(stdout) as { services: Awaited<ReturnType<Status>> }).services
}

async function readStack(file: string): Promise<{ urls: { simulator: string } }> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as { urls: { simulator: string } }
  } catch {
    process.stderr.write(
      `STACK_NOT_RUNNING: ${file} is not there, so no stack is ready. Start one with "npm start" in another terminal, then run the demo again.\n`,
    )
    process.exit(1)
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0 && value <= max) return value
  process.stderr.write(`BAD_OPTION: ${option} takes a whole number from 1 to ${max}, not "${text}".\n`)
  process.exit(1)
}
