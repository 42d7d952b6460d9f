import { mkdirSync } from 'node:fs'
import { MongoClient } from 'mongodb'
import { provisionMongo } from '@parley/stack/provision'
import { conversationSearch, conversationFigures, poolFigures, Windows } from '@parley/archive'
import { AS_OF } from './figures.ts'
import { rosterOf, servePages } from './pages.ts'
import { askSearch, fillSearch, searchReport } from './search.ts'
const [dir, count, often] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4] ?? 20)]
mkdirSync(dir, { recursive: true })
const mongo = await provisionMongo({ dataDirectory: dir })
const client = new MongoClient(mongo.uri); const db = client.db('pages')
const t = Date.now()
let search
if (process.argv[5] === 'fill') { search = await fillSearch(db, count) } else { search = await conversationSearch.open(db, 1); await search.collection.find().sort({ openedAt: -1 }).limit(1).toArray() }
console.log('ready', (Date.now() - t) / 1000)
const figures = { conversations: await conversationFigures('America/Sao_Paulo').open(db, 1), pool: await poolFigures('America/Sao_Paulo').open(db, 1), windows: new Windows('America/Sao_Paulo'), timeZone: 'America/Sao_Paulo' }
await using pages = await servePages({ ...figures, search, roster: rosterOf(2_000, 20), now: () => AS_OF })
if (often > 0) console.log(searchReport(await askSearch(pages, often), count))
process.exit(0)
