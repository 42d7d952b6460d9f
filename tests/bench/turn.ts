import { setTimeout as pause } from 'node:timers/promises'
import { startStack } from '@parley/stack'
import { Kafka, logLevel } from 'kafkajs'
import { SimulatorControl } from '../demo/simulator-control.ts'
import type { Chain } from './chain.ts'
import { startBareChain } from './bare-chain.ts'
import { cpuMsOf, residentMbOf, segmentsTo } from './processes.ts'
import { type TurnsPlayed, TurnLoad } from './turn-load.ts'

/** Each writes again only after seconds: whoever writes before the answer gets one for both. */
const CUSTOMERS = 1_000
const IDLE_MS = 10_000
/** After a start, a load: what is behind it is no part of the next figure. */
const SETTLE_MS = 5_000
/** Somebody writes to the log still, on a slow machine: that the bench waits for. */
const SETTLES_WITHIN_MS = 120_000

/** The limits are Meta's, not ours; they are lifted here so that what is measured is the system. */
export const NO_LIMITS = { WHATSAPP_MESSAGES_PER_SECOND: '1000', WHATSAPP_PAIR_BURST: '1000000' }

export interface TurnFigures extends TurnsPlayed {
  readonly asked: number
  /** Milliseconds of processor a turn, by process. */
  readonly cpuMs: ReadonlyMap<string, number>
  /** Of the five services together. */
  readonly servicesCpuMs: number
  /** Of the five services to each server, a turn. */
  readonly requests: { readonly kafka: number | undefined; readonly store: number | undefined }
  readonly recordsPerTurn: number
  readonly residentMb: ReadonlyMap<string, number>
  /** In use, as each service says it. */
  readonly heapMb: ReadonlyMap<string, number>
}

export interface ChainFigures {
  /** Share of one core at rest: of the five services, and of everything with Kafka, store and simulator. */
  readonly idle: { readonly services: number; readonly all: number }
  readonly rates: readonly TurnFigures[]
}

export async function benchTurns(options: {
  dataDir: string
  rates: readonly number[]
  seconds: number
  say: (text: string) => void
}): Promise<{ readonly ours: ChainFigures; readonly bare: ChainFigures; readonly sources: string }> {
  const { dataDir, say } = options
  say('starting our stack')
  const { ours, sources } = await measureOurs(options)
  say('starting the bare chain')
  await using chain = await startBareChain(`${dataDir}/bare`)
  const bare = await measure(chain, options)
  return { ours, bare, sources }
}

export async function measureOurs(
  options: Parameters<typeof benchTurns>[0],
): Promise<{ ours: ChainFigures; sources: string }> {
  await using stack = await startStack({
    dataDir: `${options.dataDir}/ours`,
    randomPorts: true,
    env: NO_LIMITS,
  })
  const { kafkaBrokers, mongoUri, sources, probes } = stack.stackJson
  const pids = Object.fromEntries(Object.entries(stack.status()).map(([name, { pid }]) => [name, pid ?? 0]))
  const { kafka = 0, mongo = 0, simulator = 0, ...services } = pids
  const ours = await measure(
    {
      services,
      others: { kafka, store: mongo, simulator },
      simulatorUrl: stack.urls.simulator,
      kafkaBroker: kafkaBrokers[0]!,
      storePort: Number(new URL(mongoUri).port),
      probes,
    },
    options,
  )
  return { ours, sources: `Kafka: ${sources.kafka}; store: ${sources.mongo}` }
}

async function measure(
  chain: Chain,
  { rates, seconds, say }: { rates: readonly number[]; seconds: number; say: (text: string) => void },
): Promise<ChainFigures> {
  const simulator = new SimulatorControl(chain.simulatorUrl)
  const kafka = new Kafka({ brokers: [chain.kafkaBroker], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  try {
    await pause(SETTLE_MS)
    const restedFrom = await readings(chain, admin)
    await pause(IDLE_MS)
    const restedTo = await readings(chain, admin)
    const idle = {
      services: sum(chain.services, (name) => spent(restedFrom, restedTo, name)) / IDLE_MS,
      all: sum({ ...chain.services, ...chain.others }, (name) => spent(restedFrom, restedTo, name)) / IDLE_MS,
    }

    const load = new TurnLoad(simulator, CUSTOMERS)
    say('  warming up')
    await load.warmUp()
    const figures: TurnFigures[] = []
    for (const asked of rates) {
      await settle(admin)
      say(`  ${asked} turns/s for ${seconds} s`)
      const from = await readings(chain, admin)
      const played = await load.play(asked, seconds)
      // The receipts of the last turns are work of this load.
      await pause(1_000)
      const to = await readings(chain, admin)
      const perTurn = (amount: number): number => amount / played.turns
      const names = Object.keys({ ...chain.services, ...chain.others })
      figures.push({
        asked,
        ...played,
        cpuMs: new Map(names.map((name) => [name, perTurn(spent(from, to, name))])),
        servicesCpuMs: perTurn(sum(chain.services, (name) => spent(from, to, name))),
        requests: {
          kafka: segmentsBetween(from.toKafka, to.toKafka, played.turns),
          store: segmentsBetween(from.toStore, to.toStore, played.turns),
        },
        recordsPerTurn: perTurn(to.records - from.records),
        residentMb: to.residentMb,
        heapMb: to.heapMb,
      })
    }
    return { idle, rates: figures }
  } finally {
    await admin.disconnect()
    await simulator.close()
  }
}

type Readings = Awaited<ReturnType<typeof readings>>

async function readings(
  { services, others, kafkaBroker, storePort, probes = {} }: Chain,
  admin: ReturnType<Kafka['admin']>,
) {
  const servicePids = new Set(Object.values(services))
  const all = Object.entries({ ...services, ...others })
  return {
    cpuMs: new Map(await Promise.all(all.map(async ([name, pid]) => [name, await cpuMsOf(pid)] as const))),
    residentMb: new Map(
      await Promise.all(
        Object.entries(services).map(async ([name, pid]) => [name, await residentMbOf(pid)] as const),
      ),
    ),
    heapMb: new Map(
      await Promise.all(
        Object.entries(probes).map(async ([name, url]) => [name, await heapMbOf(url)] as const),
      ),
    ),
    toKafka: await segmentsTo(Number(kafkaBroker.split(':')[1]), servicePids),
    toStore: await segmentsTo(storePort, servicePids),
    records: await recordsIn(admin),
  }
}

/** Until nothing was written to the log for as long as a load takes to settle. */
async function settle(admin: ReturnType<Kafka['admin']>): Promise<void> {
  const givesUpAt = performance.now() + SETTLES_WITHIN_MS
  for (let before = -1, now = await recordsIn(admin); now !== before; now = await recordsIn(admin)) {
    if (performance.now() > givesUpAt) throw new Error('The log does not come to rest after a load.')
    before = now
    await pause(SETTLE_MS)
  }
}

/** All spaces together. */
async function heapMbOf(probeUrl: string): Promise<number> {
  const metrics = await (await fetch(`${probeUrl}/metrics`)).text()
  const spaces = [...metrics.matchAll(/^v8js_memory_heap_used\S*\{[^}]*\} (\S+)/gm)]
  return spaces.length === 0
    ? Number.NaN
    : spaces.reduce((total, [, bytes]) => total + Number(bytes), 0) / 1_048_576
}

/** In all topics but Kafka's own. */
async function recordsIn(admin: ReturnType<Kafka['admin']>): Promise<number> {
  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'))
  const offsets = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)))
  return offsets.flat().reduce((total, { offset }) => total + Number(offset), 0)
}

const spent = (from: Readings, to: Readings, name: string): number =>
  to.cpuMs.get(name)! - from.cpuMs.get(name)!

const sum = (processes: Readonly<Record<string, number>>, of: (name: string) => number): number =>
  Object.keys(processes).reduce((total, name) => total + of(name), 0)

function segmentsBetween(
  from: Readings['toKafka'],
  to: Readings['toKafka'],
  turns: number,
): number | undefined {
  if (from === undefined || to === undefined) return undefined
  return [...to].reduce((total, [socket, segments]) => total + segments - (from.get(socket) ?? 0), 0) / turns
}
