import type { AuditEntry } from '@parley/audit'
import type { RosterPerson } from '@parley/people'
import { expect, test } from 'vitest'
import { tellConfigurations } from './configurations.ts'

async function told(configurations: Readonly<Record<string, unknown>>): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = []
  await tellConfigurations(async (entry) => void entries.push(entry), configurations)
  return entries
}

const roster = (...roles: RosterPerson['roles']) => ({
  people: new Map([['p01', { id: 'p01', roles }]]),
  teams: new Map([['cards', { queues: ['cards'] }]]),
})

test('what a start read is told by name and digest: the same one twice, another one when somebody has another role', async () => {
  const [people, ...others] = await told({ people: roster('agent'), names: {} })
  expect(people).toEqual({
    type: 'configuration_changed',
    person: null,
    subject: { kind: 'configuration', id: 'people' },
    fields: { digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
  })
  expect(others.map(({ subject }) => subject.id)).toEqual(['names'])
  expect((await told({ people: roster('agent') }))[0]).toEqual(people)
  expect((await told({ people: roster('agent', 'auditor') }))[0]).not.toEqual(people)
})

test('a start that cannot tell of it ends', async () => {
  await expect(tellConfigurations(() => Promise.reject(new Error('away')), { names: {} })).rejects.toThrow(
    'away',
  )
})
