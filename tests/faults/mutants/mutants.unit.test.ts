import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MUTANTS } from './mutants.ts'
import { BEGIN, END } from './results.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..', '..')

test.each(MUTANTS)('$name breaks one place that is there, and names a test file of its tier', (mutant) => {
  const { file, before, after, caughtBy } = mutant
  expect(readFileSync(join(REPOSITORY, file), 'utf8').split(before)).toHaveLength(2)
  expect(after).not.toBe(before)
  expect(caughtBy.path).toMatch(new RegExp(`\\.${caughtBy.project}\\.test\\.ts$`))
  expect(existsSync(join(REPOSITORY, caughtBy.path))).toBe(true)
})

test('no two mutants have one name', () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
})

test('each mutant was run, and has its row among the guarantees; no row is of one that is gone', () => {
  const page = readFileSync(join(REPOSITORY, 'docs/reference/guarantees.md'), 'utf8')
  const table = page.slice(page.indexOf(BEGIN), page.indexOf(END))
  const [, , ...rows] = table.split('\n').filter((line) => line.startsWith('|'))
  expect(rows.map((row) => row.split('|')[1]!.trim())).toEqual(MUTANTS.map(({ name }) => name))
})
