import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MUTANTS } from './mutants.ts'

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
