import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(REPOSITORY, 'docs/reference/security.md'), 'utf8')
const [, threats = ''] = /^## Threat model$([\s\S]*?)^## /m.exec(page) ?? []
const rows = threats
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| ?| ?\|$/g, '').trim()))

test('every threat says by which door, what stops it, and names a test', () => {
  expect(rows.length).toBeGreaterThan(15)
  const incomplete = rows.filter((cells) => cells.length !== 5 || cells.slice(1).includes(''))
  expect(incomplete).toEqual([])
  expect(
    rows.filter(([, , , , tests = '']) => tests !== 'the same' && !/`[\w./-]+\.test\.ts`/.test(tests)),
  ).toEqual([])
})

test('the tests that the threats name are there', () => {
  const named = [...threats.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file = '']) => file)
  expect(named.filter((file) => !existsSync(join(REPOSITORY, file)))).toEqual([])
})
