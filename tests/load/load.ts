import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CommandLineMistake,
  type Given,
  type Program,
  command,
  runProgram,
  numberUpTo,
  wholeNumber,
} from '@parley/authoring'
import type { StackJson } from '@parley/stack'
import type { LedgerFinding } from '../demo/ledger.ts'
import type { Wanted } from './put-load.ts'

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
  reconnect: {
    type: 'boolean',
    default: false,
    does: 'instead: all desks but one of each team are cut off for 10 s and come back at once; how long until they are whole',
  },
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
  const agents = Math.max(...wanted.agentCounts)
  await using stack = await (values.stack === undefined ? ownStack(agents) : runningStack(values.stack))
  const say = (text: string) => void process.stderr.write(`${text}\n`)
  const { report, findings } = values.reconnect
    ? await reconnected(stack, { ...wanted, agents }, say)
    : await loaded(stack, wanted, say)
  const { verdict } = await import('./report.ts')
  const { sources } = stack.json
  process.stdout.write(
    `${cpus().length} cores (${cpus()[0]?.model.trim()}) that load, simulator, services, Kafka and store share; Kafka: ${sources.kafka}; store: ${sources.mongo}; ${new Date().toISOString().slice(0, 10)}\n\n${report}\n\n${verdict(findings)}\n`,
  )
  return findings.length === 0 ? 0 : 1
}

interface Outcome {
  readonly report: string
  readonly findings: readonly LedgerFinding[]
}

async function loaded(stack: LoadedStack, wanted: Wanted, say: (text: string) => void): Promise<Outcome> {
  const [{ putLoad }, { loadReport }] = await Promise.all([import('./put-load.ts'), import('./report.ts')])
  const { steps, findings } = await putLoad(stack, wanted, say)
  return { report: loadReport(steps), findings }
}

async function reconnected(
  stack: LoadedStack,
  wanted: Omit<Wanted, 'agentCounts'> & { readonly agents: number },
  say: (text: string) => void,
): Promise<Outcome> {
  const [{ putReconnect }, { reconnectReport }] = await Promise.all([
    import('./put-reconnect.ts'),
    import('./reconnect.ts'),
  ])
  const { reconnected: times, findings } = await putReconnect(stack, wanted, say)
  return { report: reconnectReport(times), findings }
}

interface LoadedStack extends AsyncDisposable {
  readonly json: StackJson
  readonly file: string
}

async function runningStack(file: string): Promise<LoadedStack> {
  const { simulatedStackIn } = await import('../demo/simulated-stack.ts')
  return { json: await simulatedStackIn(file), file, [Symbol.asyncDispose]: async () => undefined }
}

/** With a company of as many agents, and gone afterwards. */
async function ownStack(agentCount: number): Promise<LoadedStack> {
  const [{ simulated }, { startStack }, { writeCompany }, { NO_LIMITS }] = await Promise.all([
    import('../demo/simulated-stack.ts'),
    import('@parley/stack'),
    import('./company.ts'),
    import('../bench/turn.ts'),
  ])
  await using owned = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'parley-load-'))
  owned.defer(() => rm(folder, { recursive: true, force: true }))
  // Beside the company: a stack begins in a folder of its own alone.
  const [dataDir, config] = [join(folder, 'stack'), join(folder, 'company')]
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
  const json = simulated(stack.stackJson)
  const moved = owned.move()
  return {
    json,
    file: join(dataDir, 'stack.json'),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  }
}
