import { setTimeout as pause } from 'node:timers/promises'
import { startStack } from '@parley/stack'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { SERVICES } from '../faults/disturb.ts'
import { percentile } from './report.ts'
import { TurnLoad } from './turn-load.ts'
import { NO_LIMITS } from './turn.ts'

const CUSTOMERS = 200
const LOOK_EVERY_MS = 20
const WORKS_WITHIN_MS = 60_000
/** After a service works again: what queued up behind it is no part of the next figure. */
const SETTLE_MS = 3_000

export interface Recovery {
  readonly service: string
  /** Milliseconds from SIGKILL, and from the start of the next process, until it committed what it handled. Ascending. */
  readonly fromKillMs: readonly number[]
  readonly fromUpMs: readonly number[]
}

/**
 * Kills each service under load, again and again, and sees in Kafka when its consumer groups commit something new: nothing but the
 * next process can, and it does so after its first work. What each customer waits is a matter of `npm run faults`.
 */
export async function measureRecovery(options: {
  dataDir: string
  kills: number
  perSecond: number
  say: (text: string) => void
}): Promise<readonly Recovery[]> {
  const { dataDir, kills, perSecond, say } = options
  await using stack = await startStack({ dataDir, randomPorts: true, env: NO_LIMITS })
  const simulator = new SimulatorControl(stack.urls.simulator)
  const kafka = new Kafka({ brokers: stack.stackJson.kafkaBrokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  try {
    const load = new TurnLoad(simulator, CUSTOMERS)
    await load.warmUp()
    const groups = await groupsByService(admin)
    const ended = new AbortController()
    const loading = load.keepAsking(perSecond, ended.signal)
    try {
      const recoveries: Recovery[] = []
      for (const service of SERVICES) {
        const fromKillMs: number[] = []
        const fromUpMs: number[] = []
        for (let times = 0; times < kills; times += 1) {
          await pause(SETTLE_MS)
          const pid = pidOf(stack, service)
          const worked = await committed(admin, groups.get(service) ?? [])
          const killedAt = performance.now()
          process.kill(pid, 'SIGKILL')
          let upAt: number | undefined
          for (;;) {
            const now = performance.now()
            if (upAt === undefined && pidOf(stack, service) !== pid) upAt = now
            if (upAt !== undefined && (await committed(admin, groups.get(service) ?? [])) > worked) break
            if (now - killedAt > WORKS_WITHIN_MS)
              throw new Error(`${service} was killed and did no work for ${WORKS_WITHIN_MS} ms.`)
            await pause(LOOK_EVERY_MS)
          }
          fromKillMs.push(performance.now() - killedAt)
          fromUpMs.push(performance.now() - upAt)
        }
        say(`  ${service}: ${fromKillMs.map((ms) => Math.round(ms)).join(', ')} ms`)
        recoveries.push({
          service,
          fromKillMs: fromKillMs.toSorted((a, b) => a - b),
          fromUpMs: fromUpMs.toSorted((a, b) => a - b),
        })
      }
      return recoveries
    } finally {
      ended.abort()
      await loading
    }
  } finally {
    await admin.disconnect()
    await simulator.close()
  }
}

export function recoveryReport(recoveries: readonly Recovery[]): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1).padStart(6)
  return [
    'service    from kill to first work   from process up',
    '                  p50    max            p50    max    (seconds)',
    ...recoveries.map(
      ({ service, fromKillMs, fromUpMs }) =>
        `${service.padEnd(14)} ${seconds(percentile(fromKillMs, 0.5))} ${seconds(fromKillMs.at(-1)!)}         ${seconds(percentile(fromUpMs, 0.5))} ${seconds(fromUpMs.at(-1)!)}`,
    ),
  ].join('\n')
}

const pidOf = (stack: { status(): Readonly<Record<string, { pid: number | null }>> }, service: string) =>
  stack.status()[service]?.pid ?? 0

/** By the name that a member gives itself: a reader of a service is the client `parley-SERVICE-GROUP`. */
async function groupsByService(admin: Admin): Promise<ReadonlyMap<string, readonly string[]>> {
  const { groups } = await admin.listGroups()
  const described = await admin.describeGroups(groups.map(({ groupId }) => groupId))
  const byService = new Map<string, string[]>()
  for (const { groupId, members } of described.groups)
    for (const service of SERVICES)
      if (members.some(({ clientId }) => clientId.startsWith(`parley-${service}-`)))
        byService.set(service, [...(byService.get(service) ?? []), groupId])
  for (const service of SERVICES)
    if (!byService.has(service)) throw new Error(`${service} has no consumer group.`)
  return byService
}

async function committed(admin: Admin, groups: readonly string[]): Promise<number> {
  const offsets = await Promise.all(groups.map((groupId) => admin.fetchOffsets({ groupId })))
  return offsets
    .flat()
    .flatMap(({ partitions }) => partitions)
    .reduce((total, { offset }) => total + Math.max(0, Number(offset)), 0)
}
