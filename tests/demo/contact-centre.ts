import { CommandLineMistake } from '@parley/authoring'
import type { StackJson } from '@parley/stack/stack-json'
import { Chance } from '../faults/chance.ts'
import { RobotAgent } from './agent.ts'
import { Desk, type DeskPerson } from './desk.ts'
import type { LedgerFinding, Talk } from './ledger.ts'
import { comparePeople, overCapacity, stranded } from './people-ledger.ts'
import { WorkforceWatch } from './workforce-watch.ts'

export interface ContactCentreReport {
  readonly agents: number
  readonly accepted: number
  readonly said: number
  readonly notes: number
  /** How often what was refused, and why. */
  readonly refusals: ReadonlyMap<string, number>
  readonly findings: readonly LedgerFinding[]
}

export interface ContactCentre {
  /** Who may watch all of it. */
  readonly supervisor: DeskPerson
  /** Once the customers are done. @param talks what the channel and the records say */
  close(talks: readonly Talk[]): Promise<ContactCentreReport>
}

const POLL_MS = 500
const SETTLE_MS = 20_000

/** Agents of the example company come to their desks, and somebody looks at the whole. */
export async function openContactCentre(
  { urls, people }: Pick<StackJson, 'people'> & { readonly urls: Pick<StackJson['urls'], 'console'> },
  size: number,
  chance: Chance,
  deadlineAt: number,
): Promise<ContactCentre> {
  const staff = people.filter(({ roles }) => roles.includes('agent')).slice(0, size)
  if (staff.length < size)
    throw new CommandLineMistake(
      `--agents takes ${staff.length} at most: so many does config/people.yaml have. Add people there for more.`,
    )
  const supervisor = people.find(({ roles, team }) => roles.includes('supervisor') && team === null)
  if (supervisor === undefined)
    throw new CommandLineMistake('--agents needs a supervisor of all (team: null) in config/people.yaml.')

  const desks = staff.map((person) => new Desk(urls.console, person, deadlineAt))
  const ids = await Promise.all(desks.map(async (desk) => String((await desk.read('/api/me'))?.['id'])))
  const agents = desks.map(
    (desk, index) => new RobotAgent(desk, ids[index]!, ids, new Chance(chance.seed + index + 1)),
  )
  await Promise.all(agents.map((agent) => agent.begin()))

  const wallboard = new Desk(urls.console, supervisor, deadlineAt + SETTLE_MS)
  const watch = new WorkforceWatch(wallboard, POLL_MS)

  return {
    supervisor,
    async close(talks) {
      const left = await stranded(wallboard, SETTLE_MS)
      await watch.end()
      await Promise.all(agents.map((agent) => agent.end()))
      await wallboard.close()
      const records = agents.map(({ record }) => record)
      const sum = (of: (record: (typeof records)[number]) => number) =>
        records.reduce((total, record) => total + of(record), 0)
      return {
        agents: records.length,
        accepted: sum(({ accepted }) => accepted),
        said: sum(({ said }) => said.length),
        notes: sum(({ notes }) => notes.length),
        refusals: counted(records.flatMap(({ refusals }) => refusals)),
        findings: [...left, ...overCapacity(watch.polls), ...comparePeople(records, talks)],
      }
    },
  }
}

function counted(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
