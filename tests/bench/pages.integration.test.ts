import { randomUUID } from 'node:crypto'
import { testMongoUri } from '@parley/testkit'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { AS_OF, fillFigures } from './figures.ts'
import { rosterOf, servePages } from './pages.ts'
import { askSearch, fillSearch } from './search.ts'

// Pages of figures over a year of days take the store that stands in here minutes: the bench itself says what was not answered.
test('each page of search that is measured is answered, and has something to show', async () => {
  await using undo = new AsyncDisposableStack()
  const client = await new MongoClient(testMongoUri()).connect()
  undo.defer(() => client.close())
  const db = client.db(`bench-${randomUUID().slice(0, 8)}`)
  undo.defer(async () => void (await db.dropDatabase()))
  const search = await fillSearch(db, 1_460)
  const figures = await fillFigures(db, 365, { hasRows: true, agents: 2 })
  const pages = undo.use(await servePages({ ...figures, search, roster: rosterOf(40, 20), now: () => AS_OF }))
  const times = await askSearch(pages, 1)
  expect(times.length).toBeGreaterThan(10)
  expect(times.filter(({ failedCount }) => failedCount > 0).map(({ name }) => name)).toEqual([])
  // Of so few conversations a rare word is in none, nor has a team of two each of them.
  const empty = times.filter(({ foundCount }) => foundCount === 0).map(({ name }) => name)
  expect(empty.filter((name) => !/word|a team|score|an agent|queue/.test(name))).toEqual([])
})
