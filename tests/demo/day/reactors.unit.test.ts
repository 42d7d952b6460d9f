import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { REACTORS } from './lived-day.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..', '..')

test('every reactor of every service is told that it has heard a day that is filled', () => {
  const sources = globSync('services/*/src/**/*.ts', { cwd: REPOSITORY }).filter(
    (file) => !file.includes('.test.'),
  )
  const found = sources.flatMap((file) =>
    [...readFileSync(join(REPOSITORY, file), 'utf8').matchAll(/runReactor\(\{[^]*?name: '([\w-]+)'/g)].map(
      ([, name]) => `${file.split('/')[1]} ${name}`,
    ),
  )
  expect(found.toSorted()).toEqual(REACTORS.map(({ service, name }) => `${service} ${name}`).toSorted())
})
