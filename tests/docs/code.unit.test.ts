import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')

const page = readFileSync(join(REPOSITORY, 'docs/design/code.md'), 'utf8')
const foldersOf = (folder: string): readonly string[] =>
  readdirSync(join(REPOSITORY, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map(({ name }) => name)

test('the page of the code names each package, each part of infra and each folder of tests', () => {
  for (const folder of ['packages', 'infra'])
    expect(foldersOf(folder).filter((name) => !page.includes(`${folder}/${name} `))).toEqual([])
  expect(foldersOf('tests').filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})
