import { mkdtemp } from 'node:fs/promises'
import { MongoClient } from 'mongodb'
import { provisionMongo } from '@parley/stack/provision'
import { AS_OF, askOfFigures, fillFigures, keepFigures } from './figures.ts'
import { rosterOf, servePages } from './pages.ts'
import { askSearch, fillSearch, searchReport } from './search.ts'
const count = Number(process.argv[2])
const t0 = Date.now()
const lap = (s: string) => console.log(s, ((Date.now() - t0) / 1000).toFixed(0), 's')
const mongo = await provisionMongo({ dataDirectory: await mkdtemp('/tmp/zzf-') })
const client = new MongoClient(mongo.uri)
const db = client.db('pages')
const search = await fillSearch(db, 2000)
lap('search filled')
const figures = await fillFigures(db, count)
lap('figures filled')
await keepFigures(figures)
lap('kept')
await using pages = await servePages({ ...figures, search, roster: rosterOf(2_000, 20), now: () => AS_OF })
const times = await askOfFigures(pages, figures)
lap('asked')
console.log(searchReport(times, count))
process.exit(0)
