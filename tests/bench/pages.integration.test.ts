import { randomUUID } from 'node:crypto'
import { testMongoUri } from '@parley/testkit'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { AS_OF, askOfFigures, fillFigures, keepFigures } from './figures.ts'
import { rosterOf, servePages } from './pages.ts'
import { askSearch, fillSearch } from './search.ts'

test('each page that is measured is answered, and has something to show', async () => {
  await using undo = new AsyncDisposableStack()
  const client = await new MongoClient(testMongoUri()).connect()
  undo.defer(() => client.close())
  const db = client.db(`bench-${randomUUID().slice(0, 8)}`)
  undo.defer(async () => void (await db.dropDatabase()))
  const search = await fillSearch(db, 1_460)
  const figures = await fillFigures(db, 1_460, { hasRows: true, agents: 40 })
  await keepFigures(figures)
  const pages = undo.use(await servePages({ ...figures, search, roster: rosterOf(40, 20), now: () => AS_OF }))
  const times = [...(await askSearch(pages, 1)), ...(await askOfFigures(pages, figures, 1))]
  expect(times.length).toBeGreaterThan(60)
  expect(times.filter(({ failedCount }) => failedCount > 0).map(({ name }) => name)).toEqual([])
  // Of so few conversations a rare word is in none, nor has a team of two each of them.
  const empty = times.filter(({ foundCount }) => foundCount === 0).map(({ name }) => name)
  expect(empty.filter((name) => !/word|a team|score|an agent|queue/.test(name))).toEqual([])
}, 240_000)
