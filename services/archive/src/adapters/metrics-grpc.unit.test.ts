import type { Person, Roster, Scope, Team } from '@parley/people'
import { expect, test } from 'vitest'
import { keysShown, teamsOf } from './metrics-grpc.ts'

const team = (id: string, vendor: string | null): [string, Team] => [id, { id, name: id, vendor } as Team]
const roster = {
  people: new Map<string, Person>(),
  teams: new Map([
    team('own', null),
    team('east', 'Leste'),
    team('west-1', 'Oeste'),
    team('west-2', 'Oeste'),
  ]),
} as unknown as Roster
const supervisorOf = (id: string) => ({ kind: 'part', team: id, queues: [] }) as unknown as Scope
const seen = (scope: Scope) => {
  const shown = keysShown('vendor', scope, roster)
  return [...roster.teams.keys()].map((team) => shown?.get(team))
}

test('a vendor’s figure is that of all its teams, whoever asks: who sees only some of them does not get it', () => {
  expect(seen({ kind: 'all' })).toEqual([undefined, 'Leste', 'Oeste', 'Oeste'])
  expect(seen(supervisorOf('east'))).toEqual([undefined, 'Leste', undefined, undefined])
  expect(seen(supervisorOf('west-1'))).toEqual([undefined, undefined, undefined, undefined])
  expect(seen(supervisorOf('own'))).toEqual([undefined, undefined, undefined, undefined])
})

test('what vendors count is what their teams do, and nothing of the company’s own', () => {
  expect(teamsOf(roster.teams, [])).toEqual(['east', 'west-1', 'west-2'])
  expect(teamsOf(roster.teams, ['Oeste'])).toEqual(['west-1', 'west-2'])
  expect(teamsOf(roster.teams, ['nobody'])).toEqual([])
})
