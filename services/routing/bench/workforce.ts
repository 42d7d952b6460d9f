// How fast a full pool decides: 5,000 agents at their capacity, 50 queues, 10,000 waiting. `node services/routing/bench/workforce.ts`
import { partsOf } from '@parley/kernel'
import type { WorkforceEvent } from '@parley/workforce'
import { Pool, agent, eventsOf, pool, queue } from '../test/pool.ts'

const AGENTS = 5_000
const QUEUES = 50
const WAITING = 10_000
const CAPACITY = 4
const LANGUAGES = ['pt', 'en', 'bn'] as const

export interface WorkforceRates {
  readonly commands: number
  readonly events: number
  /** Of processor time, bytes and hashes included. */
  readonly commandsPerSecond: number
  readonly milliseconds: { readonly p50: number; readonly p99: number; readonly max: number }
  /** From a command that frees an agent to the offer: it is in the same decision. */
  readonly offers: number
  readonly snapshotChunks: number
  readonly snapshotMegabytes: number
}

/** Queue 7's agents serve queues 7, 8 and 9; one in three queues asks for a skill that half of them have. */
function fullPool(): Pool {
  const name = (index: number) => `queue-${index % QUEUES}`
  const at = new Pool(
    pool(
      Array.from({ length: QUEUES }, (_, index) =>
        queue(name(index), {
          requiredSkills: index % 3 === 0 ? [{ name: 'cards', level: 2 }] : [],
          wishedSkills: [{ name: 'loans', level: 1 }],
          rings: index % 3 === 0 ? [{ afterSeconds: 600, withoutSkills: ['cards'] }] : [],
          priorityMinutes: index % 5,
        }),
      ),
      Array.from({ length: AGENTS }, (_, index) =>
        agent(`a${index}`, {
          queues: [name(index), name(index + 1), name(index + 2)],
          capacity: CAPACITY,
          languages: index % 4 === 0 ? ['pt', 'en'] : ['pt', 'en', 'bn'],
          skills: index % 2 === 0 ? [{ name: 'cards', level: 3 }] : [{ name: 'loans', level: 1 }],
        }),
      ),
    ),
  )
  for (let index = 0; index < AGENTS; index += 1) at.comes(`a${index}`)
  for (let index = 0; index < AGENTS * CAPACITY + WAITING; index += 1) {
    at.at += 1
    for (const { conversationId } of eventsOf(arrives(at, index), 'ConversationOffered'))
      at.accepts(conversationId)
  }
  return at
}

function arrives(at: Pool, index: number): readonly WorkforceEvent[] {
  return at.arrives(`c${index}`, {
    queue: `queue-${(index * 7) % QUEUES}`,
    language: LANGUAGES[index % 3]!,
    lastAgentId: index % 10 === 0 ? `a${(index * 13) % AGENTS}` : '',
  })
}

/** One arrives, one ends, its agent is offered the next and takes it: three commands, over and over. */
export function benchWorkforce(rounds = 4_000): WorkforceRates {
  const at = fullPool()
  const held = [...at.state.works.entries()]
    .filter(([, { stage }]) => stage === 'with_agent')
    .map(([id]) => id)
  const took: number[] = []
  let commands = 0
  let events = 0
  let offers = 0
  const timed = (decide: () => readonly WorkforceEvent[]): readonly WorkforceEvent[] => {
    const { user, system } = process.cpuUsage()
    const stated = decide()
    const after = process.cpuUsage()
    took.push(after.user + after.system - user - system)
    commands += 1
    events += stated.length
    return stated
  }
  const before = process.cpuUsage()
  for (let index = 0; index < rounds; index += 1) {
    at.at += 1
    timed(() => arrives(at, 1_000_000 + index))
    const conversationId = held[(index * 31) % held.length]!
    const freed = eventsOf(
      timed(() => at.when('WithdrawConversation', { conversationId, reason: 'solved' })),
      'ConversationOffered',
    )
    offers += freed.length
    for (const offered of freed) timed(() => at.accepts(offered.conversationId))
  }
  const { user, system } = process.cpuUsage(before)
  took.sort((left, right) => left - right)
  const { rest, tables } = partsOf(at.state)
  const chunks = [...tables.values()].flatMap((table) => table.chunks.filter(({ keys }) => keys.length > 0))
  const bytes = [rest, ...chunks].reduce((sum: number, part) => sum + JSON.stringify(part).length, 0)
  return {
    commands,
    events,
    commandsPerSecond: Math.round((commands / (user + system)) * 1_000_000),
    milliseconds: {
      p50: took[Math.floor(took.length / 2)]! / 1000,
      p99: took[Math.floor(took.length * 0.99)]! / 1000,
      max: took.at(-1)! / 1000,
    },
    offers,
    snapshotChunks: chunks.length,
    snapshotMegabytes: Math.round(bytes / 100_000) / 10,
  }
}

export function workforceReport(rates: WorkforceRates): string {
  const { commands, events, commandsPerSecond, milliseconds, offers, snapshotChunks, snapshotMegabytes } =
    rates
  return [
    `a pool of ${AGENTS} agents, ${QUEUES} queues and ${WAITING} waiting, on one core (aim: 3,000 commands/s, an offer within 5 ms of its command)`,
    `${commandsPerSecond} commands/s with bytes and hashes; ${commands} commands, ${events} events, ${offers} offers in the decision that freed the agent`,
    `a command takes ${milliseconds.p50} ms (p50), ${milliseconds.p99} (p99), ${milliseconds.max} (longest) of processor`,
    `a whole snapshot: ${snapshotChunks} chunks, ${snapshotMegabytes} MB`,
  ].join('\n')
}

if (import.meta.main) process.stdout.write(`${workforceReport(benchWorkforce())}\n`)
