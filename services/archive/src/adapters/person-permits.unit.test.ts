import { type RosterPerson, ROLES } from '@parley/people'
import { expect, test } from 'vitest'
import { personPermits } from './person-permits.ts'

const AUDIT = '/parley.audit.v1.AuditService/ListEntries'
const READ = '/parley.archive.v1.ArchiveService/GetTranscript'
const ISSUE = '/parley.archive.v1.ArchiveService/IssueTranscriptLink'

const people = new Map(
  ROLES.map((role): [string, RosterPerson] => [
    role,
    {
      id: role,
      login: role,
      name: role,
      roles: [role],
      team: null,
      vendor: null,
      issuer: null,
      subject: role,
    },
  ]),
)
type Changes = Awaited<ReturnType<Parameters<typeof personPermits>[1]['changesOf']>>
const permits = (changes: Changes = {}) =>
  personPermits({ people, teams: new Map() }, { changesOf: async () => changes })

test('a person has done what a role of theirs allows, and nothing else', async () => {
  const may = async (path: string) =>
    (await Promise.all(ROLES.map(async (role) => ((await permits()(role, path, {})) ? [role] : [])))).flat()
  expect(await may(AUDIT)).toEqual(['auditor'])
  expect(await may(READ)).toEqual(['supervisor', 'auditor', 'administrator'])
  expect(await may(ISSUE)).toEqual(['supervisor', 'auditor'])
  expect(await may('/parley.archive.v1.ArchiveService/constructor')).toEqual([])
})

test('nobody of whom people.yaml does not know has anything done, whatever the text of the id', async () => {
  for (const id of ['nobody', '', 'constructor', '__proto__'])
    expect(await permits()(id, READ, {})).toBe(false)
})

test('what operators changed counts: a deactivated person may nothing, and changed roles take the place of those in the file', async () => {
  expect(await permits({ isActive: false })('auditor', AUDIT, {})).toBe(false)
  expect(await permits({ isActive: true })('auditor', AUDIT, {})).toBe(true)
  expect(await permits({ roles: ['agent'] })('auditor', AUDIT, {})).toBe(false)
  expect(await permits({ roles: ['agent', 'auditor'] })('agent', AUDIT, {})).toBe(true)
  expect(await permits({ roles: ['emperor'] })('agent', READ, {})).toBe(false)
})

test('who sees a part of the conversations is shown none by the archive, which does not know whose they are', async () => {
  const ofTeam = new Map([['sonia', { ...people.get('supervisor')!, id: 'sonia', team: 'cards' }]])
  const permits = personPermits({ people: ofTeam, teams: new Map() }, { changesOf: async () => ({}) })
  expect(await permits('sonia', READ, {})).toBe(false)
  expect(await permits('sonia', ISSUE, {})).toBe(false)
})
