import { randomInt } from 'node:crypto'
import { dirname, join } from 'node:path'
import { type Given, type Program, command, runProgram, wholeNumber } from '@parley/authoring'
import { defaultDataDirectory, runningStack } from '@parley/stack/control'
import pc from 'picocolors'
import { Chance } from '../faults/chance.ts'
import { type Disturbance, SERVERS, SERVICES, type Status, killInTurn } from '../faults/disturb.ts'
import type { ContactCentreReport } from './contact-centre.ts'
import type { CustomerRecord } from './customer.ts'
import type { FindingKind, LedgerReport } from './ledger.ts'

const OPTIONS = {
  day: {
    type: 'boolean',
    default: false,
    does: 'fills a day that is over instead: at the times of that day, and nobody waits for it',
  },
  date: {
    type: 'string',
    value: 'YYYY-MM-DD',
    does: 'of --day, in the time zone of the company; the last one that is over, if none is given. With another --seed others come on it too',
  },
  conversations: { type: 'string', default: '2000', value: 'N', does: 'of --day: about so many' },
  customers: { type: 'string', default: '50', value: 'N', does: 'how many' },
  agents: {
    type: 'string',
    value: 'N',
    does: 'how many of the example company answer at their desks; two of three customers then ask for a person',
  },
  kill: {
    type: 'boolean',
    default: false,
    does: 'kills each service, Kafka and the store with SIGKILL meanwhile; customers go on coming',
  },
  seed: {
    type: 'string',
    value: 'N',
    does: 'order and moments of the kills; a random one, which is printed, if none is given. Of --day who comes, and what for (1)',
  },
  'patience-seconds': {
    type: 'string',
    default: '60',
    value: 'N',
    does: 'how long a customer waits before writing again, which counts as unanswered',
  },
  'deadline-seconds': { type: 'string', default: '600', value: 'N', does: 'when they give up' },
  stack: {
    type: 'string',
    value: 'FILE',
    does: 'the stack.json of the stack that runs, if it is not that of PARLEY_DATA_DIR or .data',
  },
  json: { type: 'boolean', default: false, does: 'the ledger as JSON' },
} as const

export const DEMO: Program = {
  call: 'npm run demo',
  command: command({
    does: `Customers talk to the robot of the stack that runs here (npm start), all at once, and with --agents to people too. A ledger kept
outside the system says what was lost, doubled, out of order, not sent or not answered, and with people whether a conversation had two
owners, somebody more than they can hold, or was left behind; the exit code is 0 only when nothing was.
With --day a whole day that is over comes into the log instead, by event clocks: for pages and charts that have something to say.`,
    options: OPTIONS,
    run: demo,
  }),
}

if (import.meta.main) process.exitCode = await runProgram(DEMO, process.argv.slice(2))

async function demo({ values }: Given<typeof OPTIONS>): Promise<number> {
  const stackFile = values.stack ?? join(defaultDataDirectory(), 'stack.json')
  const { simulatedStackIn } = await import('./simulated-stack.ts')
  if (values.day) {
    const seed = wholeNumber('--seed', values.seed ?? '1', 2 ** 31)
    const conversations = wholeNumber('--conversations', values.conversations, 100_000)
    const { fillDay } = await import('./day/fill-day.ts')
    return fillDay(await simulatedStackIn(stackFile), dirname(stackFile), {
      date: values.date,
      conversations,
      seed,
    })
  }
  const customers = wholeNumber('--customers', values.customers, 10_000)
  const patienceSeconds = wholeNumber('--patience-seconds', values['patience-seconds'], 3_600)
  const deadlineSeconds = wholeNumber('--deadline-seconds', values['deadline-seconds'], 86_400)
  const chance = new Chance(
    values.seed === undefined ? randomInt(1, 1_000_000) : wholeNumber('--seed', values.seed, 2 ** 31),
  )
  const stack = await simulatedStackIn(stackFile)
  const agentsWanted = values.agents === undefined ? 0 : wholeNumber('--agents', values.agents, 1_000)
  // Not before: the help needs none of these, and what connects is long to load.
  const { SimulatorControl } = await import('./simulator-control.ts')
  const { WITH_PEOPLE, playCrowd } = await import('./crowd.ts')
  const { openContactCentre } = await import('./contact-centre.ts')
  const { audit } = await import('./ledger.ts')
  const simulator = new SimulatorControl(stack.urls.simulator)
  const startedAt = Date.now()
  const deadlineAt = startedAt + deadlineSeconds * 1000
  process.stderr.write(
    `${customers} customers talk to the robot of ${stack.urls.simulator} at the same time …\n${values.kill ? `seed ${chance.seed}\n` : ''}`,
  )
  const centre =
    agentsWanted === 0 ? undefined : await openContactCentre(stack, agentsWanted, chance, deadlineAt)
  if (centre !== undefined)
    process.stderr.write(
      `${agentsWanted} agents answer at ${stack.urls.console}: sign in there as ${centre.supervisor.login} (password ${centre.supervisor.password}) and watch\n`,
    )

  let disturbing = values.kill
  const disturbed = values.kill
    ? killInTurn([...SERVICES, ...SERVERS], statusOf(dirname(stackFile)), {
        chance,
        pauseMs: [1_000, 15_000],
        onKilled: tellKilled,
      }).finally(() => {
        disturbing = false
      })
    : Promise.resolve()
  // When a kill itself fails, that is told once the customers are done.
  void disturbed.catch(() => undefined)
  const records = await playCrowd(
    simulator,
    customers,
    {
      patienceMs: patienceSeconds * 1000,
      deadlineAt,
      pollEveryMs: 100,
    },
    () => disturbing,
    centre === undefined ? ['robot'] : WITH_PEOPLE,
  )
  await disturbed
  const { talks, ...audited } = await audit(simulator, records)
  const people = await centre?.close(talks)
  const report = { ...audited, findings: [...audited.findings, ...(people?.findings ?? [])] }
  await simulator.close()
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  else print(report, records, Date.now() - startedAt, patienceSeconds, people)
  return report.findings.length === 0 ? 0 : 1
}

function print(
  ledger: LedgerReport,
  played: readonly CustomerRecord[],
  tookMs: number,
  patienceSeconds: number,
  people: ContactCentreReport | undefined,
): void {
  const waits = played.flatMap(({ answeredAfterMs }) => answeredAfterMs).toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0} ms`
  const count = (kind: FindingKind): string => {
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
      `not sent         ${count('unsent')}   (queued, failed or uncertain at the end)`,
      `unanswered       ${count('unanswered')}   (within ${patienceSeconds} s)`,
      `unfinished       ${count('unfinished')}`,
      `answer seen in   p50 ${at(0.5)}, p99 ${at(0.99)}   (seen by polling each 100 ms)`,
      ...(people === undefined
        ? []
        : [
            `agents           ${people.agents}, who took ${people.accepted} conversations and said ${people.said} messages, ${people.notes} notes`,
            `they were told   ${[...people.refusals].map(([what, times]) => `${times} × ${what}`).join(', ') || 'no refusal'}`,
            `two owners       ${count('two_owners')}`,
            `over capacity    ${count('over_capacity')}`,
            `stranded         ${count('stranded')}`,
            `leaked           ${count('leaked')}   (what is for colleagues alone)`,
          ]),
      '',
    ].join('\n'),
  )
  for (const { waId, kind, what } of ledger.findings.slice(0, 20))
    process.stdout.write(`${kind}: …${waId.slice(-4)} ${what}\n`)
}

function tellKilled({ name, readyAgainAfterMs }: Disturbance): void {
  process.stderr.write(
    `killed ${name} with SIGKILL; ready again after ${(readyAgainAfterMs / 1000).toFixed(1)} s\n`,
  )
}

/** As the supervisor has it: services that are away are not asked. */
function statusOf(dataDirectory: string): Status {
  return async () => (await runningStack(dataDirectory))?.services ?? {}
}
