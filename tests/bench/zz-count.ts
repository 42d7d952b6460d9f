import { mkdtemp } from 'node:fs/promises'
import { createServer, connect } from 'node:net'
import { provisionMongo } from '@parley/stack/provision'
import { startStack } from '@parley/stack'
import { createRequire } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
const require = createRequire(new URL('../../node_modules/.pnpm/node_modules/x', import.meta.url))
const { deserialize } = require('bson')
import { SimulatorControl } from '../demo/simulator-control.ts'
import { TurnLoad } from './turn-load.ts'
import { NO_LIMITS } from './turn.ts'
const dataDir = await mkdtemp('/tmp/zz-')
const mongo = await provisionMongo({ dataDirectory: dataDir })
const port = Number(new URL(mongo.uri).port)
let count = new Map<string, [number, number, number]>()
let on = false
const add = (k: string, docs: number, bytes: number) => {
  const c = count.get(k) ?? [0, 0, 0]
  c[0] += 1
  c[1] += docs
  c[2] += bytes
  count.set(k, c)
}
function message(m: Buffer) {
  if (!on || m.readInt32LE(12) !== 2013) return
  let at = 20
  let body: any
  const seqs: any = {}
  const end = m.length - (m.readInt32LE(16) & 1 ? 4 : 0)
  while (at < end) {
    const kind = m[at]
    at += 1
    if (kind === 0) {
      const n = m.readInt32LE(at)
      body = deserialize(m.subarray(at, at + n))
      at += n
    } else {
      const n = m.readInt32LE(at)
      let p = at + 4
      const z = m.indexOf(0, p)
      const name = m.toString('utf8', p, z)
      p = z + 1
      const docs = []
      while (p < at + n) {
        const d = m.readInt32LE(p)
        docs.push([d, m.subarray(p, p + d)])
        p += d
      }
      seqs[name] = docs
      at += n
    }
  }
  const cmd = Object.keys(body)[0]!
  const ns = String(body[cmd])
  const docs = seqs.documents ?? seqs.updates ?? seqs.deletes ?? []
  const n =
    docs.length ||
    body.documents?.length ||
    body.updates?.length ||
    body.deletes?.length ||
    body.ops?.length ||
    0
  let key = cmd + ' ' + ns.replace(/[0-9a-f-]{36}/g, 'ID')
  if (cmd === 'find' || cmd === 'findAndModify')
    key += ' ' + Object.keys(body.filter ?? body.query ?? {}).join(',')
  add(key, n, m.length)
}
const proxy = createServer((client) => {
  const up = connect(port, '127.0.0.1')
  let buf = Buffer.alloc(0)
  client.on('data', (chunk) => {
    up.write(chunk)
    buf = buf.length ? Buffer.concat([buf, chunk]) : chunk
    while (buf.length >= 4 && buf.length >= buf.readInt32LE(0)) {
      const n = buf.readInt32LE(0)
      try {
        message(buf.subarray(0, n))
      } catch (e) {
        console.error(e)
      }
      buf = buf.subarray(n)
    }
  })
  up.on('data', (c) => client.write(c))
  const end = () => {
    client.destroy()
    up.destroy()
  }
  client.on('close', end)
  up.on('close', end)
  client.on('error', end)
  up.on('error', end)
}).listen(0, '127.0.0.1')
await pause(100)
const u = new URL(mongo.uri)
u.port = String((proxy.address() as any).port)
const stack = await startStack({
  dataDir: dataDir + '/ours',
  randomPorts: true,
  env: { ...NO_LIMITS, MONGODB_URI: u.href },
})
const sim = new SimulatorControl(stack.urls.simulator)
const load = new TurnLoad(sim, 1000)
await load.warmUp()
await pause(6000)
on = true
const rate = Number(process.argv[2] ?? 30),
  secs = 20
const played = await load.play(rate, secs)
await pause(4000)
on = false
const turns = played.turns
console.log('turns', turns)
let tot = 0,
  req = 0
for (const [k, [r, d, b]] of [...count].sort((a, b) => b[1][1] - a[1][1] || b[1][0] - a[1][0])) {
  tot += d
  req += r
  if (r / turns > 0.01 || d / turns > 0.01)
    console.log(
      k.padEnd(80),
      'req/turn',
      (r / turns).toFixed(2),
      'docs/turn',
      (d / turns).toFixed(2),
      'bytes/turn',
      (b / turns).toFixed(0),
    )
}
console.log('docs/turn', tot / turns, 'req/turn', req / turns)
await stack[Symbol.asyncDispose]()
process.exit(0)
