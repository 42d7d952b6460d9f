import { mkdtemp } from 'node:fs/promises'
import { startStack } from '@parley/stack'
import { setTimeout as pause } from 'node:timers/promises'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { TurnLoad } from './turn-load.ts'
import { NO_LIMITS } from './turn.ts'
const dataDir = await mkdtemp('/tmp/zz-')
const stack = await startStack({ dataDir: dataDir + '/ours', randomPorts: true, env: { ...NO_LIMITS } })
const sim = new SimulatorControl(stack.urls.simulator)
const load = new TurnLoad(sim, 1000)
await load.warmUp()
await pause(6000)
async function read() {
  const m = new Map<string, number>()
  for (const [n, u] of Object.entries(stack.stackJson.probes)) {
    const t = await (await fetch(`${u}/metrics`)).text()
    for (const l of t.split('\n')) {
      const x = /^(\S+?)(\{.*\})? (\S+)( \d+)?$/.exec(l)
      if (x && !l.startsWith('#') && /(_count|_sum|_total)$/.test(x[1]!))
        m.set(
          n +
            ' ' +
            x[1] +
            ' ' +
            (x[2] ?? '').replace(
              /,?(instance|job|otel_scope_name|otel_scope_version|partition)="[^"]*"/g,
              '',
            ),
          (m.get(
            n +
              ' ' +
              x[1] +
              ' ' +
              (x[2] ?? '').replace(
                /,?(instance|job|otel_scope_name|otel_scope_version|partition)="[^"]*"/g,
                '',
              ),
          ) ?? 0) + Number(x[3]),
        )
    }
  }
  return m
}
for (const rate of [20, 50, 100]) {
  const a = await read()
  const p = await load.play(rate, 15)
  const b = await read()
  console.log('RATE', rate, p.turns, p.kept, p.p50, p.p99)
  for (const [k, v] of [...b].sort()) {
    const d = v - (a.get(k) ?? 0)
    if (d / p.turns > 0.05) console.log(k, (d / p.turns).toFixed(3))
  }
  await pause(5000)
}
await stack[Symbol.asyncDispose]()
process.exit(0)
