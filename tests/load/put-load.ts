import { CommandLineMistake } from '@parley/authoring'
import { setTimeout as pause } from 'node:timers/promises'
import type { StackJson } from '@parley/stack'
import type { CustomerRecord } from '../demo/customer.ts'
import { Desk } from '../demo/desk.ts'
import { type LedgerFinding, audit } from '../demo/ledger.ts'
import { comparePeople, overCapacity, stranded } from '../demo/people-ledger.ts'
import { WorkforceWatch } from '../demo/workforce-watch.ts'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { Clocks } from './clocks.ts'
import { playCustomers } from './customers.ts'
import { Phones } from './phones.ts'
import type { StepFigures } from './report.ts'
import { StackProcesses } from './services.ts'
import { Readings, Staff } from './staff.ts'

const POLL_MS = 1_000
/** After desks were opened, before a load is measured: what is behind that is no part of a message's cost. */
const CALM_MS = 3_000
const SETTLE_MS = 30_000
const DEADLINE_MS = 3_600_000

export interface Wanted {
  /** Ascending. */
  readonly agentCounts: readonly number[]
  readonly perSecond: number
  readonly seconds: number
}

export interface LoadResult {
  readonly steps: readonly StepFigures[]
  readonly findings: readonly LedgerFinding[]
}

/** @throws {CommandLineMistake} when the stack has fewer agents */
export async function putLoad(
  { json, file }: { readonly json: StackJson; readonly file: string },
  { agentCounts, perSecond, seconds }: Wanted,
  say: (text: string) => void,
): Promise<LoadResult> {
  const agentsMax = Math.max(...agentCounts)
  const people = json.people.filter(({ roles }) => roles.includes('agent')).slice(0, agentsMax)
  const supervisor = json.people.find(({ roles, team }) => roles.includes('supervisor') && team === null)
  if (people.length < agentsMax || supervisor === undefined)
    throw new CommandLineMistake(
      `--agents takes ${people.length} at most here, and a supervisor of all: so has the people.yaml of the stack. Without --stack it starts one with as many as are wanted.`,
    )
  await using owned = new AsyncDisposableStack()
  const deadlineAt = Date.now() + DEADLINE_MS
  const clocks = new Clocks()
  const simulator = owned.adopt(new SimulatorControl(json.urls.simulator), (it) => it.close())
  const phones = owned.adopt(await Phones.watch(simulator, clocks), (it) => it.close())
  const processes = await StackProcesses.of(file)
  say(`${people.length} agents sign in`)
  const staff = await Staff.signIn(json.urls.console, people, clocks, new Readings(), deadlineAt)
  const wallboard = new Desk(json.urls.console, supervisor, deadlineAt)

  const watch = new WorkforceWatch(wallboard, POLL_MS)
  const customers: CustomerRecord[] = []
  const steps: StepFigures[] = []
  let present = 0
  for (const agents of agentCounts) {
    const before = await processes.residentMb('agent')
    await staff.come(agents)
    await pause(CALM_MS)
    const grownMb = (await processes.residentMb('agent')) - before
    say(`${agents} agents, ${perSecond} conversations a second for ${seconds} s`)
    const [from, sentBefore] = [await processes.cpuMs(), phones.sentCount]
    clocks.take()
    const { records, kept } = await playCustomers(phones, { perSecond, seconds })
    const to = await processes.cpuMs()
    const wrote = records.reduce((total, record) => total + record.wrote.length, 0)
    const messages = wrote + phones.sentCount - sentBefore
    customers.push(...records)
    steps.push({
      agents,
      asked: perSecond,
      kept,
      messages,
      latencies: clocks.take(),
      cpuMs: new Map([...to].map(([name, ms]) => [name, (ms - (from.get(name) ?? 0)) / messages])),
      kbPerDesk: (grownMb * 1_024) / Math.max(1, agents - present),
      agentResidentMb: await processes.residentMb('agent'),
    })
    present = agents
  }
  say('the ledger is drawn up')
  const left = await stranded(wallboard, SETTLE_MS)
  await watch.end()
  await staff.leave()
  const { talks, findings } = await audit(simulator, customers, SETTLE_MS)
  return {
    steps,
    findings: [...findings, ...left, ...overCapacity(watch.polls), ...comparePeople(staff.records, talks)],
  }
}
