import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Decider, Table, deterministicId } from '@parley/kernel'
import { provisionMongo } from '@parley/stack/provision'
import { type TallyCommand, type TallyEvent, tallies } from '@parley/testkit'
import { type CommandStartedEvent, MongoClient } from 'mongodb'
import { appendCommands } from '../src/commands.ts'
import { runDeciderHost } from '../src/decider-host/index.ts'
import { memoryLog } from '../src/memory.ts'
import { topicsOf } from '../src/topics.ts'

/**
 * A pool of thousands of agents and waiting conversations as one state: what a command costs, what a snapshot writes, and how long it
 * keeps the event loop from its work. The log is in memory, so that the figures are the decider's and the store's.
 */
const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '5000' },
    waiting: { type: 'string', default: '10000' },
    commands: { type: 'string', default: '20000' },
    rate: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '15' },
  },
})
const [agents, waiting, commands, rate, seconds] = [
  values.agents,
  values.waiting,
  values.commands,
  values.rate,
  values.seconds,
].map(Number) as [number, number, number, number, number]

interface Agent {
  readonly skills: readonly string[]
  readonly capacity: number
  readonly load: number
  readonly since: string
}
interface Waiting {
  readonly queue: string
  readonly priority: number
  readonly since: string
  readonly offeredTo: string
}
interface Pool {
  readonly agents: Table<Agent>
  readonly waiting: Table<Waiting>
}

/** An agent takes one more; a conversation waits, or is offered to the next one. */
const pool: Decider<Pool, TallyCommand, TallyEvent> = {
  family: tallies,
  version: 1,
  commandsRemembered: 256,
  initialState: () => ({ agents: Table.empty(), waiting: Table.empty() }),
  decide(wish, state) {
    if (wish.type !== 'Add') return { events: [] }
    const { id } = wish.data
    const count = state.agents.get(id)?.load ?? state.waiting.get(id)?.priority ?? 0
    return { events: [tallies.event('Added', { id, count: count + 1 })] }
  },
  evolve(state, fact) {
    if (fact.type !== 'Added') return state
    const { id, count } = fact.data
    return id.startsWith('agent')
      ? {
          ...state,
          agents: state.agents.set(id, {
            skills: ['pt', 'billing', 'cards'],
            capacity: 4,
            load: count,
            since: fact.recordedAt,
          }),
        }
      : {
          ...state,
          waiting: state.waiting.set(id, {
            queue: 'cards',
            priority: count,
            since: fact.recordedAt,
            offeredTo: `agent-${count % agents}`,
          }),
        }
  },
}

/** The longest that one piece of work held the thread, in its processor time: what other processes take of the machine does not count. */
class LongestTurn {
  ms = 0
  #timer: NodeJS.Timeout | undefined

  start(): void {
    this.ms = 0
    let before = process.threadCpuUsage()
    this.#timer = setInterval(() => {
      const { user, system } = process.threadCpuUsage(before)
      this.ms = Math.max(this.ms, (user + system) / 1_000)
      before = process.threadCpuUsage()
    }, 1)
  }

  stop(): string {
    clearInterval(this.#timer)
    return `longest hold of the thread ${this.ms.toFixed(1)} ms of processor`
  }
}

let said = 0
const wish = (id: string) => ({
  ...tallies.command('Add', { id }),
  commandId: deterministicId('pool', (said += 1)),
  streamId: 'pool-1',
  occurredAt: new Date().toISOString(),
  actor: { kind: 'system' as const, id: 'bench' },
})
const anyone = (nth: number): string =>
  nth % 3 === 0 ? `agent-${(nth * 7_919) % agents}` : `conversation-${(nth * 7_919) % waiting}`
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const dataDirectory = await mkdtemp(join(tmpdir(), 'parley-large-state-'))
try {
  await using mongo = await provisionMongo({ dataDirectory })
  const client = new MongoClient(mongo.uri, { monitorCommands: true })
  const written = { documents: 0, characters: 0 }
  client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
    if (commandName !== 'update') return
    for (const { u } of command['updates'] as { u: { $set?: { chunk?: string } } }[]) {
      written.documents += 1
      written.characters += u.$set?.chunk?.length ?? 0
    }
  })
  const topics = topicsOf('large', tallies)
  const log = memoryLog({ partitions: 1 })
  const everyone = [
    ...Array.from({ length: agents }, (_, id) => `agent-${id}`),
    ...Array.from({ length: waiting }, (_, id) => `conversation-${id}`),
  ]
  const events = () => log.records(topics.events).length
  const decided = async (count: number) => {
    while (events() < count) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const turn = new LongestTurn()
  let snapshotEveryMs = 1_000_000_000
  const options = {
    log,
    topics,
    group: 'large',
    db: client.db('large'),
    decider: pool,
    get snapshotEveryMs() {
      return snapshotEveryMs
    },
    onBuildingAhead() {},
    onDeadLetter() {},
    onSnapshotFailed() {},
    onStuck() {},
    onFault(error: Error) {
      throw error
    },
  }
  const host = await runDeciderHost(options)
  await appendCommands(log, topics, everyone.map(wish))
  await decided(everyone.length)
  await host.stop()
  print(
    `${agents} agents and ${waiting} waiting; MongoDB: ${mongo.source}\n  first snapshot      ${written.documents} documents, ${kilobytes(written.characters)}`,
  )

  const again = await runDeciderHost(options)
  const all = Array.from({ length: commands }, (_, nth) => wish(anyone(nth)))
  await appendCommands(log, topics, all.slice(0, commands / 2))
  await decided(events() + 1)
  await decided(everyone.length + commands / 2)
  const startedAt = performance.now()
  const cpuAt = process.cpuUsage()
  await appendCommands(log, topics, all.slice(commands / 2))
  await decided(everyone.length + commands)
  const { user, system } = process.cpuUsage(cpuAt)
  const half = commands / 2
  print(
    `  at full speed       ${Math.round((half * 1_000) / (performance.now() - startedAt))} commands/s, ${((user + system) / half).toFixed(0)} CPU µs each, appending them included`,
  )

  for (const every of [1_000_000_000, 3_000]) {
    snapshotEveryMs = every
    written.documents = written.characters = 0
    turn.start()
    const end = performance.now() + seconds * 1_000
    for (let nth = 0; performance.now() < end; nth += 1) {
      await appendCommands(log, topics, [wish(anyone(nth * 31))])
      await new Promise((resolve) => setTimeout(resolve, 1_000 / rate))
    }
    const longest = turn.stop()
    print(
      every > 1_000_000
        ? `  without a snapshot  ${longest}`
        : `  snapshot each ${every / 1_000} s  ${longest}; ${written.documents} documents, ${kilobytes(written.characters)} in ${seconds} s at ${rate} commands/s asked for`,
    )
  }
  snapshotEveryMs = 1_000_000_000
  await appendCommands(
    log,
    topics,
    Array.from({ length: rate * 15 }, (_, nth) => wish(anyone(nth * 17))),
  )
  await decided(said)
  written.documents = written.characters = 0
  turn.start()
  await again.stop()
  print(
    `  after ${rate * 15} changes (15 s of ${rate}/s)  ${written.documents} documents, ${kilobytes(written.characters)}; ${turn.stop()}`,
  )
  await log.close()
  await client.close()
} finally {
  await rm(dataDirectory, { recursive: true, force: true })
}

function kilobytes(characters: number): string {
  return `${(characters / 1_024).toFixed(0)} KB`
}
