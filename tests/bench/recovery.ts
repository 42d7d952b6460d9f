import { setTimeout as pause } from 'node:timers/promises'
import { startStack } from '@parley/stack'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { SERVICES } from '../faults/disturb.ts'
import { percentile } from './report.ts'
import { TurnLoad } from './turn-load.ts'
import { NO_LIMITS } from './turn.ts'

const CUSTOMERS = 200
const LOOK_EVERY_MS = 20
const WORKS_WITHIN_MS = 60_000
const BEHIND_SECONDS_MAX = 1
/** After a service works again: what queued up behind it is no part of the next figure. */
const SETTLE_MS = 3_000

export interface Recovery {
  readonly service: string
  /** Milliseconds from SIGKILL, and from the start of the next process, until it works. Ascending. */
  readonly fromKillMs: readonly number[]
  readonly fromUpMs: readonly number[]
}

/**
 * Kills each service under load, again and again, and asks the next process (its probe port, as Prometheus does) until all partitions
 * of all its readers have handled what came while it was away, and none of them is more than a second behind. What each customer waits is a matter of `npm run faults`.
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
  try {
    const load = new TurnLoad(simulator, CUSTOMERS)
    await load.warmUp()
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
          const probe = stack.stackJson.probes[service]
          const whole = (await lagsOf(probe)).length
          if (whole === 0) throw new Error(`${service} says nothing of its readers.`)
          const killedAt = performance.now()
          process.kill(pid, 'SIGKILL')
          let upAt: number | undefined
          for (;;) {
            const now = performance.now()
            if (upAt === undefined && pidOf(stack, service) !== pid) upAt = now
            if (upAt !== undefined) {
              const lags = await lagsOf(probe)
              // All that came while it was away is handled: what waits came when it was up.
              const behindMax = Math.min(BEHIND_SECONDS_MAX, (now - upAt) / 1_000)
              if (lags.length === whole && Math.max(...lags) <= behindMax) break
            }
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
    await simulator.close()
  }
}

export function recoveryReport(recoveries: readonly Recovery[]): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1).padStart(6)
  return [
    'service    from kill until it has caught up   from process up',
    '                  p50    max                    p50    max    (seconds)',
    ...recoveries.map(
      ({ service, fromKillMs, fromUpMs }) =>
        `${service.padEnd(14)} ${seconds(percentile(fromKillMs, 0.5))} ${seconds(fromKillMs.at(-1)!)}                 ${seconds(percentile(fromUpMs, 0.5))} ${seconds(fromUpMs.at(-1)!)}`,
    ),
  ].join('\n')
}

const pidOf = (stack: { status(): Readonly<Record<string, { pid: number | null }>> }, service: string) =>
  stack.status()[service]?.pid ?? 0

/** Seconds that it is behind, of each partition of each reader; none while the process does not answer. */
async function lagsOf(probe: string): Promise<readonly number[]> {
  const scraped = await fetch(`${probe}/metrics`).then(
    (answer) => (answer.ok ? answer.text() : ''),
    () => '',
  )
  return [...scraped.matchAll(/^parley_reader_lag_seconds\{[^}]*\} ([\d.e+-]+)/gm)].map(([, seconds]) =>
    Number(seconds),
  )
}
