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
  readonly kills: readonly Kill[]
}

/** Milliseconds since SIGKILL. */
interface Kill {
  readonly upMs: number
  /** The next process has read its first records of the log. */
  readonly worksMs: number
  readonly caughtUpMs: number
}

/**
 * Kills each service under load, again and again, and asks the next process (its probe port, as Prometheus does) until it reads
 * the first records of the log, and until all partitions of all its readers have handled what came while it was away, none of them more than a second behind. What each customer waits is a matter of `npm run faults`.
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
        const measured: Kill[] = []
        for (let times = 0; times < kills; times += 1) {
          await pause(SETTLE_MS)
          const pid = pidOf(stack, service)
          if (pid === undefined) throw new Error(`${service} does not run.`)
          const probe = stack.stackJson.probes[service]
          const whole = (await lookAt(probe)).lags.length
          if (whole === 0) throw new Error(`${service} says nothing of its readers.`)
          const killedAt = performance.now()
          process.kill(pid, 'SIGKILL')
          let upAt: number | undefined
          let worksAt: number | undefined
          for (;;) {
            const now = performance.now()
            // None while the supervisor waits: longer after each kill that comes soon after another.
            const next = pidOf(stack, service)
            if (next !== undefined && next !== pid) upAt ??= now
            if (upAt !== undefined) {
              const { lags, fetches } = await lookAt(probe)
              if (fetches > 0) worksAt ??= performance.now()
              // All that came while it was away is handled: what waits came when it was up.
              const behindMax = Math.min(BEHIND_SECONDS_MAX, (now - upAt) / 1_000)
              if (worksAt !== undefined && lags.length === whole && Math.max(...lags) <= behindMax) {
                const caughtUpMs = performance.now() - killedAt
                measured.push({ upMs: upAt - killedAt, worksMs: worksAt - killedAt, caughtUpMs })
                break
              }
            }
            if (now - killedAt > WORKS_WITHIN_MS)
              throw new Error(`${service} was killed and did no work for ${WORKS_WITHIN_MS} ms.`)
            await pause(LOOK_EVERY_MS)
          }
        }
        say(`  ${service}: ${measured.map(({ caughtUpMs }) => Math.round(caughtUpMs)).join(', ')} ms`)
        recoveries.push({ service, kills: measured })
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
  const columns: readonly ((kill: Kill) => number)[] = [
    ({ worksMs }) => worksMs,
    ({ worksMs, upMs }) => worksMs - upMs,
    ({ caughtUpMs }) => caughtUpMs,
    ({ caughtUpMs, upMs }) => caughtUpMs - upMs,
  ]
  const seconds = (ms: number) => (ms / 1000).toFixed(1).padStart(6)
  return [
    'seconds (p50, max) until it reads records again    until it has caught up',
    'service          from kill    from process up       from kill    from process up',
    ...recoveries.map(({ service, kills }) => {
      const cells = columns.map((column) => {
        const sorted = kills.map(column).toSorted((a, b) => a - b)
        return `${seconds(percentile(sorted, 0.5))} ${seconds(sorted.at(-1)!)}`
      })
      return `${service.padEnd(12)} ${cells.join('     ')}`
    }),
  ].join('\n')
}

const pidOf = (stack: { status(): Readonly<Record<string, { pid: number | null }>> }, service: string) =>
  stack.status()[service]?.pid ?? undefined

/** Seconds that it is behind, of each partition of each reader, and how many fetches brought it records; nothing while the process does not answer. */
async function lookAt(
  probe: string,
): Promise<{ readonly lags: readonly number[]; readonly fetches: number }> {
  const scraped = await fetch(`${probe}/metrics`).then(
    (answer) => (answer.ok ? answer.text() : ''),
    () => '',
  )
  const valuesOf = (name: string) =>
    [...scraped.matchAll(new RegExp(`^${name}\\{[^}]*\\} ([\\d.e+-]+)`, 'gm'))].map(([, value]) =>
      Number(value),
    )
  return {
    lags: valuesOf('parley_reader_lag_seconds'),
    fetches: valuesOf('parley_log_fetch_duration_count').reduce((sum, one) => sum + one, 0),
  }
}
