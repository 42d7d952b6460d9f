import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { AS_OF, askOfFigures, fillFigures, keepFigures } from './figures.ts'
import { rosterOf, servePages } from './pages.ts'
import { askSearch, fillSearch } from './search.ts'

test('each page of search that is measured is answered, and has something to show', async () => {
  await using on = await testDb()
  const search = await fillSearch(on.db, 1_460)
  const figures = await fillFigures(on.db, 365, { hasRows: true, agents: 2 })
  await using pages = await servePages({ ...figures, search, roster: rosterOf(40, 20), now: () => AS_OF })
  const times = await askSearch(pages, 1)
  expect(times.length).toBeGreaterThan(10)
  expect(times.filter(({ failedCount }) => failedCount > 0).map(({ name }) => name)).toEqual([])
  // Of so few conversations a rare word is in none, nor has a team of two each of them.
  const empty = times.filter(({ foundCount }) => foundCount === 0).map(({ name }) => name)
  expect(empty.filter((name) => !/word|a team|score|an agent|queue/.test(name))).toEqual([])
})

test('each page of figures that is measured is answered, and of the days that had something it shows it', async () => {
  await using on = await testDb()
  const search = await fillSearch(on.db, 1)
  // Of a year of days the store that stands in here would be asked for minutes.
  const figures = await fillFigures(on.db, 20, { hasRows: false, agents: 2, days: 10 })
  await keepFigures(figures)
  await using pages = await servePages({ ...figures, search, roster: rosterOf(40, 20), now: () => AS_OF })
  const times = await askOfFigures(pages, figures, 1)
  expect(times.length).toBeGreaterThan(30)
  // A wallboard waits a second, which the store that stands in here takes where others work beside it.
  const failed = times.filter(({ name, failedCount }) => failedCount > 0 && !/wallboard/.test(name))
  expect(failed.map(({ name }) => name)).toEqual([])
  const empty = times.filter(({ foundCount }) => foundCount === 0).map(({ name }) => name)
  // A day and some weeks are taken anywhere in the year; nobody is in that team.
  expect(empty.filter((name) => /a year/.test(name) && !/a team/.test(name))).toEqual([])
}, 240_000)
