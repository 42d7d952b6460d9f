import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contentOf, keysOf } from '@parley/authoring/config-file'
import { CLOSED_BY_RULES } from '@parley/conversation'
import { SCORECARDS_FILE } from '@parley/evaluation'
import { readPeople } from '@parley/people'
import { expect, test } from 'vitest'
import { PEOPLE_FILE } from '../../packages/people/src/people-file.ts'
import { TEXTS } from '../../services/console/src/texts/index.ts'
import { NAMES_FILE } from '../../services/agent/src/adapters/company-files/names-file.ts'
import { QUICK_REPLIES_FILE } from '../../services/agent/src/adapters/company-files/quick-replies-file.ts'
import { COMPANY_FILE } from '../../services/routing/src/company/company.ts'
import { WORKFORCE_FILE, readWorkforce } from '../../services/routing/src/workforce/workforce-file.ts'

const read = (file: string): string => readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8')
const examplesOf = (page: string): readonly string[] =>
  [...read(`docs/guides/${page}`).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, source = '']) => source)

test.each([
  ['docs/reference/company.md', COMPANY_FILE],
  ['docs/reference/workforce.md', WORKFORCE_FILE],
  ['docs/guides/people.md', PEOPLE_FILE],
  ['docs/guides/judging.md', SCORECARDS_FILE],
] as const)('%s tells of each key that its file takes', (page, { schema }) => {
  const told = read(page)
  const keys = keysOf(schema)
  expect(keys.length).toBeGreaterThan(5)
  expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(told))).toEqual([])
})

test('what the guides show of the company’s files is taken as it stands', () => {
  const [people = ''] = examplesOf('people.md')
  expect(() => readPeople(people, 'people.md', ['Contato Sul Atendimento'])).not.toThrow()
  const [names = '', replies = ''] = examplesOf('desk.md')
  expect(() => contentOf(NAMES_FILE, names, 'desk.md')).not.toThrow()
  expect(() => contentOf(QUICK_REPLIES_FILE, replies, 'desk.md')).not.toThrow()
  const [alerts = ''] = examplesOf('supervising.md')
  const workforce = read('config/workforce.yaml')
  const changed = workforce.replace(/^alerts:\n(?: .*\n)+/m, alerts)
  expect(changed).not.toBe(workforce)
  const roster = readPeople(read('config/people.yaml'), 'people.yaml', ['Contato Sul Atendimento'])
  expect(() => readWorkforce(changed, 'supervising.md', roster)).not.toThrow()
})

test('what the rules close conversations for is told to writers of samples, and named by the console', () => {
  for (const { closeReasons } of Object.values(TEXTS))
    expect(Object.keys(closeReasons).toSorted()).toEqual([...CLOSED_BY_RULES].toSorted())
  const told = read('docs/guides/judging.md')
  expect(CLOSED_BY_RULES.filter((reason) => !told.includes(`\`${reason}\``))).toEqual([])
})
