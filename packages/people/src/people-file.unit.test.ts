import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigFileInvalid } from '@parley/authoring/config-file'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { readPeopleIn } from './people-directory.ts'
import { readPeople } from './people-file.ts'

const CONFIG = fileURLToPath(new URL('../../../config/', import.meta.url))
const example = readFileSync(join(CONFIG, 'people.yaml'), 'utf8')
const VENDORS = ['Contato Sul Atendimento']
const problems = (source: string, vendors = VENDORS): string => {
  try {
    readPeople(source, 'people.yaml', vendors)
    return ''
  } catch (error) {
    return error instanceof ConfigFileInvalid ? error.message : 'another error'
  }
}
const lineOf = (words: string): number => example.split('\n').findIndex((line) => line.includes(words)) + 1

test('the example company has agents in two teams, the second a vendor’s that customers are told of, and one of each other role', async () => {
  const { people, teams } = await readPeopleIn(CONFIG)
  const all = [...people.values()]
  const having = (role: string) => all.filter(({ roles }) => (roles as readonly string[]).includes(role))
  expect(having('agent').length).toBeGreaterThanOrEqual(6)
  expect(new Set(having('agent').map(({ team }) => team))).toEqual(new Set(teams.keys()))
  expect([...teams.values()].map(({ vendor }) => vendor)).toEqual([null, 'Contato Sul Atendimento'])
  expect(having('supervisor').map(({ team }) => team)).toEqual([...teams.keys(), null])
  expect(having('auditor')).toHaveLength(1)
  expect(having('administrator')).toHaveLength(1)
  expect(people.get('p04')).toMatchObject({ team: 'contato-sul', vendor: 'Contato Sul Atendimento' })
  expect(example).not.toMatch(/password:|senha:/i)
})

test.each<[string, string, string, string]>([
  ['a role that there is not', 'roles: [auditor]', 'roles: [auditr]', `people.yaml:${lineOf('p10')}:`],
  [
    'a team that there is not',
    'team: contato-sul, subject: p04',
    'team: contatosul, subject: p04',
    'did you mean "contato-sul"?',
  ],
  [
    'an agent of no team',
    'team: atendimento, subject: p01',
    'team: null, subject: p01',
    'people.0.team: an agent works in a team',
  ],
  ['a team left out', 'team: null, subject: p09', 'subject: p09', `people.yaml:${lineOf('p09')}:`],
  ['a login twice', 'login: bruno', 'login: ana', 'people.1.login: another one has it already'],
  ['an id twice', 'id: p02', 'id: p01', 'people.1.id: another one has it already'],
  ['a subject twice', 'subject: p02', 'subject: p01', 'people.1.subject: another one has it already'],
  ['a password', 'login: ana,', 'login: ana, password: x,', 'people.0.password: it is not known here'],
  ['no YAML', 'teams:', 'teams: [', 'people.yaml:'],
  ['a key spelt wrong', 'teams:', 'tams:', 'tams: it is not known here; did you mean "teams"?'],
])('%s is refused with its place', (_, from, to, expected) => {
  expect(example).toContain(from)
  expect(problems(example.replace(from, to))).toContain(expected)
})

test('the same subject of another issuer is another person', () => {
  const other = 'subject: p01, issuer: "https://other.example" }'
  expect(problems(example.replace('subject: p02 }', other))).toBe('')
})

test('a vendor that customers were not told of is refused, with the one that may be meant', () => {
  const [line, column] = [lineOf('vendor:'), 13]
  expect(problems(example, ['Contato Sul Atendimentos'])).toContain(
    `people.yaml:${line}:${column}: teams.1.vendor: "Contato Sul Atendimento" is no staffing_vendor`,
  )
  expect(problems(example, ['Contato Sul Atendimentos'])).toContain(
    'did you mean "Contato Sul Atendimentos"?',
  )
})

test('a folder without the file, and a company file that cannot be read, are said', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'people-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await expect(readPeopleIn(directory)).rejects.toMatchObject({
    code: 'PEOPLE_FILE_INVALID',
    message: expect.stringContaining('PARLEY_CONFIG_DIR'),
  })
  await writeFile(join(directory, 'people.yaml'), example)
  await writeFile(join(directory, 'company.yaml'), 'processors: 7\n')
  await expect(readPeopleIn(directory)).rejects.toMatchObject({ code: 'PEOPLE_FILE_INVALID' })
})
