import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from './chance.ts'
import { SERVICES, killUntilReady } from './disturb.ts'
import { endReplica, startReplica } from './replica.ts'
import {
  type World,
  type Worlds,
  noOtherClock,
  noSmallDisk,
  otherClockWorld,
  smallDiskWorld,
  twoOfEachWorld,
  wiredWorld,
} from './world.ts'

/** One row of the failure matrix. Its name stands in the table for ever: results are kept by it. */
export interface Scenario {
  readonly name: string
  /** What happens while customers talk. */
  readonly what: string
  /** For so long nothing can be written, whatever is done: customers have so much more patience. */
  readonly outageMs: number
  /** Why it cannot be run on this machine; undefined when it can. */
  unavailable(): string | undefined
  begin(worlds: Worlds): Promise<{ readonly world: World; disturb(chance: Chance): Promise<void> }>
}

const PAUSED_MS = 15_000
const DISTURBED_MS = 25_000
/** Less than that is not felt: WiredTiger has room set aside in its journal, and writes a checkpoint once a minute. */
const DISK_FULL_MS = 65_000
const HOUR_SECONDS = 3_600

function scenario<Of extends World>(
  name: string,
  what: string,
  start: (worlds: Worlds) => Promise<Of>,
  disturb: (world: Of, chance: Chance) => Promise<void>,
  { unavailable = () => undefined, outageMs = 0 }: Partial<Pick<Scenario, 'unavailable' | 'outageMs'>> = {},
): Scenario {
  return {
    name,
    what,
    outageMs,
    unavailable,
    async begin(worlds) {
      const world = await start(worlds)
      return { world, disturb: (chance) => disturb(world, chance) }
    },
  }
}

/** Whatever is done to it is over when the scenario is. */
const sharedWorld = (worlds: Worlds): Promise<World> => worlds.shared()

const kill = (world: World, name: string): Promise<number> =>
  killUntilReady(name, async () => world.stack.status())

/** A zombie: it does nothing for a while, others may take its work, then it goes on as if nothing had been. */
async function freeze(world: World, name: string): Promise<void> {
  const process = world.stack.service(name)
  process.kill('SIGSTOP')
  try {
    await pause(PAUSED_MS)
  } finally {
    process.kill('SIGCONT')
  }
}

async function during(ms: number, step: () => Promise<void> | void): Promise<void> {
  for (const until = Date.now() + ms; Date.now() < until;) await step()
}

export const SCENARIOS: readonly Scenario[] = [
  ...SERVICES.map((name) =>
    scenario(`kill-${name}`, `${name} killed three times`, sharedWorld, async (world, chance) => {
      for (let times = 0; times < 3; times += 1) {
        await pause(chance.between(500, 5_000))
        await kill(world, name)
      }
    }),
  ),
  scenario('kill-two', 'two services killed at once, twice', sharedWorld, async (world, chance) => {
    for (let times = 0; times < 2; times += 1) {
      await pause(chance.between(500, 5_000))
      await Promise.all(
        chance
          .shuffled(SERVICES)
          .slice(0, 2)
          .map((name) => kill(world, name)),
      )
    }
  }),
  ...SERVICES.map((name) =>
    scenario(
      `freeze-${name}`,
      `${name} stopped for 15 s (SIGSTOP), then woken`,
      sharedWorld,
      async (world, chance) => {
        await pause(chance.between(500, 3_000))
        await freeze(world, name)
      },
    ),
  ),
  ...[
    { server: 'kafka', title: 'Kafka' },
    { server: 'mongo', title: 'the store' },
  ].flatMap(({ server, title }) => [
    scenario(`kill-${server}`, `${title} killed and started again`, sharedWorld, async (world, chance) => {
      await pause(chance.between(500, 3_000))
      await kill(world, server)
    }),
    scenario(
      `freeze-${server}`,
      `${title} stopped for 15 s (SIGSTOP)`,
      sharedWorld,
      async (world, chance) => {
        await pause(chance.between(500, 3_000))
        await freeze(world, server)
      },
    ),
  ]),
  scenario(
    'store-connections-cut',
    'connections to the store cut before or after a write or a read',
    wiredWorld,
    ({ store }, chance) =>
      during(DISTURBED_MS, async () => {
        store.breakAt(chance.one(['insert', 'update', 'find', 'delete']), chance.one(['command', 'answer']))
        await pause(chance.between(100, 1_000))
      }),
  ),
  scenario(
    'kafka-answers-lost',
    'one in fifty exchanges with Kafka loses its answer, half of it, or the request',
    wiredWorld,
    async ({ kafka }, chance) => {
      kafka.fate = () =>
        chance.between(0, 50) === 0 ? chance.one(['lose answer', 'half answer', 'lose request']) : 'pass'
      await pause(DISTURBED_MS)
      kafka.fate = () => 'pass'
    },
  ),
  scenario(
    'graph-answers-lost',
    'one in five calls to the Graph API is carried out and never answered',
    sharedWorld,
    async ({ simulator }, chance) => {
      await simulator.faults({ dropAnswer: 0.2, seed: chance.seed })
      await pause(DISTURBED_MS)
      await simulator.faults({})
    },
  ),
  scenario(
    'webhooks-twice-and-disordered',
    'three in ten webhooks come twice, three in ten out of order, receipts before answers',
    sharedWorld,
    async ({ simulator }, chance) => {
      await simulator.faults({ duplicate: 0.3, reorder: 0.3, statusesFirst: 0.3, seed: chance.seed })
      await pause(DISTURBED_MS)
      await simulator.faults({})
    },
  ),
  scenario(
    'rebalances',
    'a second process of a service comes and goes, again and again',
    sharedWorld,
    (world, chance) =>
      during(DISTURBED_MS, async () => {
        const name = chance.one(SERVICES)
        const replica = await startReplica(name, world.stack)
        await pause(chance.between(0, 3_000))
        await endReplica(replica, chance.one(['SIGTERM', 'SIGKILL']))
      }),
  ),
  scenario(
    'two-of-each',
    'two processes of each service, one of each killed',
    twoOfEachWorld,
    async ({ replicas }, chance) => {
      for (const replica of chance.shuffled(replicas)) {
        await pause(chance.between(500, 2_000))
        await endReplica(replica, 'SIGKILL')
      }
    },
  ),
  scenario(
    'disk-full',
    'the disk of the store is full for 65 s, in which the store wants to write a checkpoint',
    smallDiskWorld,
    async ({ fill, free }, chance) => {
      await pause(chance.between(500, 3_000))
      await fill()
      try {
        await pause(DISK_FULL_MS)
      } finally {
        await free()
      }
    },
    { unavailable: noSmallDisk, outageMs: DISK_FULL_MS },
  ),
  ...[
    { name: 'clock-forward', what: 'the clock of the services jumps an hour ahead', by: HOUR_SECONDS },
    { name: 'clock-back', what: 'the clock of the services jumps an hour back', by: -HOUR_SECONDS },
  ].map(({ name, what, by }) =>
    scenario(
      name,
      what,
      otherClockWorld,
      async ({ setClock }, chance) => {
        await pause(chance.between(500, 3_000))
        await setClock(by)
        await pause(PAUSED_MS)
      },
      { unavailable: noOtherClock },
    ),
  ),
]
