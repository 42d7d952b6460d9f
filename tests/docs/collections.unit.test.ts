import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')

/** As the page writes them: of a version N, of what else is filled in nothing. */
const collectionsIn = (source: string): readonly string[] =>
  [...source.matchAll(/\bcollection(?:<[^(]*>)?\(\s*(?:'([^']+)'|`([^`]+)`)/g)].map(
    ([, plain, template = '']) =>
      (plain ?? template).replaceAll('${version}', 'N').replaceAll(/\$\{[^}]*\}/g, ''),
  )

test('collections are found as code names them', () => {
  const source = [
    "db.collection('aliases')",
    'db.collection<Kept>(`things_v${version}`)',
    'db.collection<Map<string, One>>(\n  `${name}_rows`,\n)',
  ].join('\n')
  expect(collectionsIn(source)).toEqual(['aliases', 'things_vN', '_rows'])
})

test.each(['gateway', 'routing', 'bot', 'agent', 'archive'])(
  'what %s keeps stands on its page, so that who asks what is kept of people, where and for how long, finds all of it',
  (service) => {
    const page = read(`docs/reference/services/${service}.md`)
    const files = globSync(`services/${service}/src/**/*.ts`, { cwd: REPOSITORY })
    const kept = files
      .filter((file) => !/\.(test|fixture)\.ts$|\/testing\//.test(file))
      .flatMap((file) => collectionsIn(read(file)))
    expect(kept.length).toBeGreaterThan(0)
    expect([...new Set(kept)].filter((name) => !page.includes(name))).toEqual([])
  },
)
