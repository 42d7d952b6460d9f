import { mkdtemp } from 'node:fs/promises'
import { measureOurs } from './turn.ts'
import { turnReport, aimsOf } from './turn-report.ts'
const rates = (process.argv[2] ?? '50,100,200').split(',').map(Number)
const dataDir = await mkdtemp('/tmp/zz-')
const { ours, sources } = await measureOurs({
  dataDir,
  rates,
  seconds: Number(process.argv[3] ?? 12),
  say: (t) => console.error(new Date().toISOString(), t),
})
console.log(sources)
for (const f of ours.rates)
  console.log(
    f.asked,
    'kept',
    f.kept.toFixed(1),
    'p50',
    f.p50,
    'p99',
    f.p99,
    'services',
    f.servicesCpuMs.toFixed(2),
    [...f.cpuMs].map(([n, v]) => `${n} ${v.toFixed(2)}`).join(' '),
    'req',
    f.requests.kafka?.toFixed(1),
    f.requests.store?.toFixed(1),
    'rec',
    f.recordsPerTurn.toFixed(1),
    [...f.residentMb].map(([n, v]) => `${n} ${v.toFixed(0)}`).join(' '),
  )
console.log('idle', ours.idle)
process.exit(0)
