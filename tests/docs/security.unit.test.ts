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
/** Of each row. */
const tests = rows.map(([, , , , cell = '']) =>
  cell.split('<br>').map((test) => /^`([\w./-]+\.test\.ts)`: (.+)$/.exec(test)?.slice(1) ?? []),
)

test('every threat says by which door, what stops it, and names its tests', () => {
  expect(rows.length).toBeGreaterThan(15)
  expect(rows.filter((cells) => cells.length !== 5 || cells.slice(1).includes(''))).toEqual([])
  expect(rows.filter((_, index) => tests[index]!.some((named) => named.length !== 2))).toEqual([])
})

test('each test that a threat names is there, in its file and under its name', () => {
  const isThere = ([file = '', name = '']: readonly string[]): boolean => {
    const path = join(REPOSITORY, file)
    const source = existsSync(path) ? readFileSync(path, 'utf8') : ''
    return [`'${name}'`, `"${name}"`].some((quoted) => source.includes(quoted))
  }
  expect(tests.flat().filter((named) => !isThere(named))).toEqual([])
})
