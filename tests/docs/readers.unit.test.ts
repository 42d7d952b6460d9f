import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rawReaderName } from '@parley/archive'
import { FAMILIES } from '@parley/families'
import { expect, test } from 'vitest'
import { PROJECTIONS } from '../../infra/operator/src/projections.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')

/** The readers that a service tells operators of, as its composition names them; those of raw records are named by their families. */
const composed = globSync('services/*/src/compose.ts', { cwd: REPOSITORY }).flatMap((file) => {
  const service = file.split('/')[1]!
  const source = read(file)
  const at = source.indexOf('const readers = {')
  if (at < 0) throw new Error(`${file} names no readers.`)
  const begin = source.indexOf('{', at)
  return propertiesOf(source, begin).map((name) => ({ service, name }))
})
const readers = [
  ...composed,
  ...FAMILIES.map((family) => ({ service: 'archive', name: rawReaderName(family) })),
]
/** These skip nothing, so they park nothing. */
const parksNothing = /(^|-)decider$|^raw(-|$)/

/** The names in the object that opens at this place; what is spread into it has none. */
function propertiesOf(source: string, begin: number): readonly string[] {
  let depth = 0
  let end = begin
  const own = []
  do {
    const sign = source[end]!
    if (sign === '{' || sign === '(') depth += 1
    if (depth === 1) own.push(sign)
    if (sign === '}' || sign === ')') depth -= 1
    end += 1
  } while (depth > 0)
  return [...own.join('').matchAll(/(?<=[{,]\s*)'?([\w-]+)'?(?=\s*[:,}])/g)].map(([, name]) => name!)
}

/** Of the tables of a runbook: which readers of which service they speak of. */
const spokenOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...read(page).matchAll(/^\| (\w+) \| ([^|]*) \|/gm)].flatMap(([, service, names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => `${service} ${name}`),
    ),
  )

const missingIn = (page: string, wanted: typeof readers): readonly string[] => {
  const there = spokenOf(page)
  return wanted.map(({ service, name }) => `${service} ${name}`).filter((one) => !there.has(one))
}

test('a read model has one name, for who sees it stuck or parked and for who builds it anew', () => {
  const seen = readers.map(({ service, name }) => `${service} ${name}`)
  expect(
    PROJECTIONS.map(({ service, name }) => `${service} ${name}`).filter((one) => !seen.includes(one)),
  ).toEqual([])
})

test('of every reader the runbook says what stands still for whom when it is stuck', () => {
  expect(readers.length).toBeGreaterThan(25)
  expect(missingIn('docs/runbooks/reader-stuck.md', readers)).toEqual([])
})

test('of every reader that parks streams the runbook says what stands still for the contact', () => {
  const parking = readers.filter(({ name }) => !parksNothing.test(name))
  expect(missingIn('docs/runbooks/stream-parked.md', parking)).toEqual([])
})
