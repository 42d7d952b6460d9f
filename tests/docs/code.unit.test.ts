import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')

test('the page of the code names each package', () => {
  const page = readFileSync(join(REPOSITORY, 'docs/design/code.md'), 'utf8')
  const packages = readdirSync(join(REPOSITORY, 'packages')).map((name) => `packages/${name}`)
  expect(packages.filter((name) => !page.includes(`${name} `))).toEqual([])
})
