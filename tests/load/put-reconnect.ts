import { CommandLineMistake } from '@parley/authoring'
import type { StackJson } from '@parley/stack'
import { Desk } from '../demo/desk.ts'
import { type LedgerFinding, audit } from '../demo/ledger.ts'
import { comparePeople } from '../demo/people-ledger.ts'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { Clocks } from './clocks.ts'
import { playCustomers } from './customers.ts'
import { Phones } from './phones.ts'
import { Onlooker, type Reconnected, compareOnlookers, reconnectAll } from './reconnect.ts'
import { Readings, Staff, signInAll } from './staff.ts'

const SETTLE_MS = 30_000
const DEADLINE_MS = 3_600_000

/**
 * One agent of each team answers; all others have their desks open, are cut off in the middle of the load, and come back at once.
 * @throws {CommandLineMistake} when the stack has fewer agents
 */
export async function putReconnect(
  { json }: { readonly json: StackJson },
  wanted: { readonly agents: number; readonly perSecond: number; readonly seconds: number },
  say: (text: string) => void,
): Promise<{ readonly reconnected: Reconnected; readonly findings: readonly LedgerFinding[] }> {
  const people = json.people.filter(({ roles }) => roles.includes('agent')).slice(0, wanted.agents)
  const workers = [...Map.groupBy(people, ({ team }) => team).values()].map(([first]) => first!)
  const others = people.filter((person) => !workers.includes(person))
  if (people.length < wanted.agents || others.length === 0)
    throw new CommandLineMistake(
      `--reconnect needs ${wanted.agents} agents in people.yaml of the stack, and more than one in a team; it has ${people.length}. Without --stack it starts one with as many as are wanted.`,
    )
  await using owned = new AsyncDisposableStack()
  const deadlineAt = Date.now() + DEADLINE_MS
  const clocks = new Clocks()
  const readings = new Readings()
  const simulator = owned.adopt(new SimulatorControl(json.urls.simulator), (it) => it.close())
  const phones = owned.adopt(await Phones.watch(simulator, clocks), (it) => it.close())
  say(`${people.length} agents sign in`)
  const staff = await Staff.signIn(json.urls.console, workers, clocks, readings, deadlineAt)
  const lookOn = async (who: typeof people): Promise<readonly Onlooker[]> => {
    const desks = await signInAll(who, async (person) => {
      const desk = new Desk(json.urls.console, person, deadlineAt, readings.read)
      await desk.read('/api/me')
      return new Onlooker(person, desk)
    })
    await Promise.all(desks.map((desk) => desk.begin()))
    return desks
  }
  const steady = await lookOn(workers)
  const onlookers = await lookOn(others)
  const byTeam = new Map(steady.map((desk) => [desk.person.team, desk]))
  await staff.come(workers.length)

  say(`${others.length} of them are cut off while ${wanted.perSecond} conversations a second go on`)
  const playing = playCustomers(phones, wanted)
  playing.catch(() => undefined)
  const reconnected = await reconnectAll(onlookers, byTeam)
  const { records } = await playing
  say('the ledger is drawn up')
  const { talks, findings } = await audit(simulator, records, SETTLE_MS)
  await staff.leave()
  for (const { desk } of [...steady, ...onlookers]) await desk.close()
  return {
    reconnected,
    findings: [...findings, ...comparePeople(staff.records, talks), ...compareOnlookers(onlookers, byTeam)],
  }
}
