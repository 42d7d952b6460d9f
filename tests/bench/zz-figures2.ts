import { MongoClient } from 'mongodb'
import { provisionMongo } from '@parley/stack/provision'
import { conversationFigures, poolFigures, Windows } from '@parley/archive'
import { AS_OF, askOfFigures } from './figures.ts'
import { askFigures, rosterOf, servePages } from './pages.ts'
import { fillSearch } from './search.ts'
import { Session } from 'node:inspector/promises'
import { writeFileSync } from 'node:fs'
const ZONE = 'America/Sao_Paulo'
const mongo = await provisionMongo({ dataDirectory: process.argv[2]! })
const client = new MongoClient(mongo.uri)
const db = client.db('pages')
const search = await fillSearch(client.db('zzsearch' + Date.now()), 2000)
const figures = {
  conversations: await conversationFigures(ZONE).open(db, 1),
  pool: await poolFigures(ZONE).open(db, 1),
  windows: new Windows(ZONE),
  timeZone: ZONE,
}
await using pages = await servePages({ ...figures, search, roster: rosterOf(2_000, 20), now: () => AS_OF })
const ask = async (n: string, f: () => Promise<number>) => {
  const t: number[] = []
  for (let i = 0; i < 8; i++) {
    const b = performance.now()
    await f()
    t.push(Math.round(performance.now() - b))
  }
  console.log(n, t.join(' '))
}
const run = async () => {
  await ask('agent year', () =>
    askFigures(pages, 'manager', 'agent', { from: '2025-01-01', to: '2025-12-31' }),
  )
  await ask('agent 4 weeks', () =>
    askFigures(pages, 'manager', 'agent', { from: '2025-06-03', to: '2025-06-30' }),
  )
  await ask('agent 1 day', () =>
    askFigures(pages, 'manager', 'agent', { from: '2025-06-03', to: '2025-06-03' }),
  )
  await ask('agent of team year', () =>
    askFigures(pages, 'supervisor', 'agent', { from: '2025-01-01', to: '2025-12-31' }),
  )
  await ask('company year', () => askFigures(pages, 'manager', '', { from: '2025-01-01', to: '2025-12-31' }))
}
const only = process.argv[3]
await run()
const s = new Session()
s.connect()
await s.post('Profiler.enable')
await s.post('Profiler.setSamplingInterval', { interval: 500 })
await s.post('Profiler.start')
await ask(only!, () => only === 'team' ? askFigures(pages, 'supervisor', 'agent', { from: '2025-01-01', to: '2025-12-31' }) : askFigures(pages, 'manager', 'agent', { from: '2025-01-01', to: '2025-12-31' }))
const { profile } = await s.post('Profiler.stop')
writeFileSync('/tmp/fig.cpuprofile', JSON.stringify(profile))
process.exit(0)
