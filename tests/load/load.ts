import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandLineMistake, type Given, type Program, command, runProgram } from '@parley/authoring'
import { isLoopback } from '@parley/service'
import type { StackJson } from '@parley/stack'
import { numberUpTo, wholeNumber } from '../whole-number.ts'

const AGENTS_MAX = 2_000
const PER_SECOND_MAX = 50
const MINUTES_MAX = 30

const OPTIONS = {
  agents: {
    type: 'string',
    default: '50',
    value: 'N[,N…]',
    does: 'signed in, each with a desk open; several numbers are loads one after the other, the fewest first',
  },
  'conversations-per-second': {
    type: 'string',
    default: '2',
    value: 'N',
    does: 'of customers who want a person: about ten messages each',
  },
  minutes: { type: 'string', default: '1', value: 'N', does: 'of each load; parts of one too' },
  stack: {
    type: 'string',
    value: 'FILE',
    does: 'stack.json of one that runs and has as many agents; without it one of its own is started, on free ports',
  },
} as const

export const LOAD: Program = {
  call: 'npm run load',
  command: command({
    does: `Customers write and agents answer, over the doors that phones and desks use, on this machine alone. Prints how long waiting, hearing
and saying take, what a desk and a message cost, and what a ledger kept outside the system says was lost, doubled, out of order, had two
owners, was too much for somebody, or was left behind; the exit code is 0 only when nothing was. Linux only.`,
    options: OPTIONS,
    run: load,
  }),
}

if (import.meta.main) process.exitCode = await runProgram(LOAD, process.argv.slice(2))

/** What it needs is loaded once it is known what is wanted, so that help and mistakes are said at once. */
async function load({ values }: Given<typeof OPTIONS>): Promise<number> {
  const wanted = {
    agentCounts: values.agents
      .split(',')
      .map((count) => wholeNumber('--agents', count, AGENTS_MAX))
      .toSorted((one, other) => one - other),
    perSecond: numberUpTo('--conversations-per-second', values['conversations-per-second'], PER_SECOND_MAX),
    seconds: numberUpTo('--minutes', values.minutes, MINUTES_MAX) * 60,
  }
  if (process.platform !== 'linux')
    throw new CommandLineMistake('it reads processor time from /proc, which only Linux has')
  const { putLoad } = await import('./put-load.ts')
  const { loadReport, verdict } = await import('./report.ts')
  await using stack = await (values.stack === undefined
    ? ownStack(Math.max(...wanted.agentCounts))
    : runningStack(values.stack))
  requireLoopback(stack.json)
  const { steps, findings } = await putLoad(stack, wanted, (text) => void process.stderr.write(`${text}\n`))
  const { sources } = stack.json
  process.stdout.write(
    `${cpus().length} cores (${cpus()[0]?.model.trim()}) that load, simulator, services, Kafka and store share; Kafka: ${sources.kafka}; store: ${sources.mongo}; ${new Date().toISOString().slice(0, 10)}\n\n${loadReport(steps)}\n\n${verdict(findings)}\n`,
  )
  return findings.length === 0 ? 0 : 1
}

interface LoadedStack extends AsyncDisposable {
  readonly json: StackJson
  readonly file: string
}

async function runningStack(file: string): Promise<LoadedStack> {
  try {
    const json = JSON.parse(await readFile(file, 'utf8')) as StackJson
    return { json, file, [Symbol.asyncDispose]: async () => undefined }
  } catch (error) {
    throw new CommandLineMistake(
      `--stack ${file} is not there or is none, so no stack is ready; start one with npm start, or leave the option out`,
      { cause: error },
    )
  }
}

/** With a company of as many agents, and gone afterwards. */
async function ownStack(agentCount: number): Promise<LoadedStack> {
  const [{ startStack }, { writeCompany }, { NO_LIMITS }] = await Promise.all([
    import('@parley/stack'),
    import('./company.ts'),
    import('../bench/turn.ts'),
  ])
  await using owned = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-load-'))
  owned.defer(() => rm(dataDir, { recursive: true, force: true }))
  const config = join(dataDir, 'company')
  await writeCompany(config, agentCount)
  process.stderr.write(`starting a stack with ${agentCount} agents\n`)
  // Everybody comes from one address here, which no installation has.
  const env = {
    ...NO_LIMITS,
    PARLEY_CONFIG_DIR: config,
    AGENT_CONNECTIONS_PER_ADDRESS_MAX: '10000',
    AGENT_STREAMS_PER_ADDRESS_MAX: '4000',
  }
  const stack = owned.use(await startStack({ dataDir, randomPorts: true, env }))
  const moved = owned.move()
  return {
    json: stack.stackJson,
    file: join(dataDir, 'stack.json'),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  }
}

/** Thousands of messages to real phones would be no load but an assault. */
function requireLoopback({ urls: { console, simulator } }: StackJson): void {
  for (const url of [console, simulator])
    if (url === '' || !isLoopback(new URL(url).hostname))
      throw new CommandLineMistake(
        `the stack ${url === '' ? 'has no simulator: it writes to real phones' : `is not on this machine: ${url}`}; use one that npm start started without WHATSAPP_*`,
      )
}
