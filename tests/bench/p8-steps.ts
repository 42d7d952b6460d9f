import { setTimeout as pause } from 'node:timers/promises'
import { readFileSync, rmSync } from 'node:fs'
import { startStack } from '@parley/stack'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { TurnLoad } from './turn-load.ts'
import { NO_LIMITS } from './turn.ts'

const [services = 'agent', killsText = '3', rate = '20'] = process.argv.slice(2)
const dataDir = `/tmp/p8/steps-${process.pid}`
await using stack = await startStack({ dataDir, randomPorts: true, env: NO_LIMITS })
const simulator = new SimulatorControl(stack.urls.simulator)
const load = new TurnLoad(simulator, 200)
await load.warmUp()
const ended = new AbortController()
const loading = load.keepAsking(Number(rate), ended.signal)
const cpuOf = (pid: number) => {
  try {
    const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(f[11]) + Number(f[12])) * 10
  } catch {
    return 0
  }
}
const scrape = (probe: string) =>
  fetch(`${probe}/metrics`).then((a) => (a.ok ? a.text() : ''), () => '')
const lags = (text: string) => {
  const by = new Map<string, number[]>()
  for (const [, r, s] of text.matchAll(/^parley_reader_lag_seconds\{parley_reader="([^"]*)"[^}]*\} ([\d.e+-]+)/gm))
    by.set(r!, [...(by.get(r!) ?? []), Number(s)])
  return by
}
try {
  for (const service of services.split(',')) {
    const probe = (stack.stackJson.probes as any)[service]
    for (let n = 0; n < Number(killsText); n += 1) {
      await pause(4_000)
      const whole = lags(await scrape(probe))
      const pid = stack.status()[service]!.pid!
      rmSync('/tmp/p8/marks', { force: true })
      const killedAt = performance.now()
      process.kill(pid, 'SIGKILL')
      let upAt: number | undefined
      let answeredAt: number | undefined
      const joined = new Map<string, number>()
      const caught = new Map<string, number>()
      let cpu = 0
      for (;;) {
        const now = performance.now()
        const current = stack.status()[service]!.pid
        if (upAt === undefined && current !== pid && current !== null) upAt = now
        if (upAt !== undefined) {
          const text = await scrape(probe)
          if (text !== '') answeredAt ??= performance.now()
          const seen = lags(text)
          for (const [name, before] of whole) {
            const values = seen.get(name) ?? []
            if (values.length < before.length) continue
            if (!joined.has(name)) joined.set(name, performance.now() - upAt)
            if (!caught.has(name) && Math.max(...values) <= Math.min(1, (now - upAt) / 1000)) caught.set(name, performance.now() - upAt)
          }
          cpu = cpuOf(current!)
          if (caught.size === whole.size) break
        }
        if (now - killedAt > 40_000) break
        await pause(20)
      }
      const r = (x?: number) => (x === undefined ? '-' : Math.round(x))
      console.log(`${service} #${n}: up ${r(upAt! - killedAt)} after kill, probe answers ${r(answeredAt! - upAt!)}, cpu at end ${cpu}, done ${r(performance.now() - upAt!)}`)
      console.log('   ' + [...whole.keys()].map((k) => `${k} ${r(joined.get(k))}/${r(caught.get(k))}`).join('  '))
      try { console.log(readFileSync('/tmp/p8/marks', 'utf8').trim().split('\n').map((l) => '     ' + l).join('\n')) } catch {}
    }
  }
} finally {
  ended.abort()
  await loading
  await simulator.close()
}
