import { ROLES, type Roster } from '@parley/people'
import { somebody } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import { assert, constantFrom, option, property, record, subarray } from 'fast-check'
import { expect, test } from 'vitest'
import type { Place, Stage } from './conversation.ts'
import { Sight, audienceOfAgent, audienceOfPlace } from './viewing.ts'

const QUEUES = ['general', 'cards', 'branches'] as const
const TEAMS = ['north', 'south', 'east'] as const
const since = '2026-11-26T12:00:00.000Z'

const stages: readonly Stage[] = [
  { name: 'with_robot', since },
  ...QUEUES.map((queue) => ({ name: 'waiting', since, queue, reason: 'requested' }) as const),
  ...QUEUES.map((queue) => ({ name: 'offered', since, queue, reason: 'requested' }) as const),
  { name: 'with_agent', since, isOnHold: false },
  { name: 'parked', since, snoozedUntil: null },
  { name: 'ending', since, reason: 'solved' },
  { name: 'closed', since, reason: 'solved' },
  ...QUEUES.map((queue) => ({ name: 'closed', since, reason: 'left', queue }) as const),
]

const IDS = ['p1', 'p2', 'p3', 'p4'] as const
const ids = option(constantFrom(...IDS))

test('whoever sees a conversation or an agent is of its audience, so that no desk misses what it may see', () => {
  let seen = 0
  assert(
    property(
      record({
        roles: subarray([...ROLES], { minLength: 1 }),
        teams: record({
          p1: option(constantFrom(...TEAMS)),
          p2: option(constantFrom(...TEAMS)),
          p3: option(constantFrom(...TEAMS)),
          p4: option(constantFrom(...TEAMS)),
        }),
        serves: record({
          north: subarray([...QUEUES]),
          south: subarray([...QUEUES]),
          east: subarray([...QUEUES]),
        }),
      }),
      record({
        stage: constantFrom(...stages),
        agentId: ids,
        lastAgentId: ids,
        offeredTo: ids,
      }),
      ({ roles, teams, serves }, place: Place) => {
        const roster: Roster = {
          teams: new Map(TEAMS.map((id) => [id, { id, name: id, vendor: null, queues: serves[id] }])),
          people: new Map(
            IDS.map((id) => [id, somebody(id, teams[id], ...(id === 'p1' ? roles : (['agent'] as const)))]),
          ),
        }
        const sight = new Sight(roster.people.get('p1')!, roster)
        const belongs = (audience: readonly string[]) => audience.some((name) => sight.audiences.has(name))
        const isSeen = sight.sees(place)
        if (isSeen) seen += 1
        const audiences = [
          ...(isSeen ? [audienceOfPlace(place, roster)] : []),
          ...IDS.filter((id) => sight.seesAgent(id) || sight.hearsOf(id)).map((id) =>
            audienceOfAgent(id, roster),
          ),
        ]
        expect(audiences.filter((audience) => !belongs(audience))).toEqual([])
      },
    ),
    runs(1_000),
  )
  expect(seen).toBeGreaterThan(100)
})

test('of the presence of others are told their own team and who watches over them: who only reads all is told of nobody', () => {
  const roster: Roster = {
    teams: new Map(TEAMS.map((id) => [id, { id, name: id, vendor: null, queues: [...QUEUES] }])),
    people: new Map([
      ['p1', somebody('p1', 'north', 'agent')],
      ['p2', somebody('p2', 'south', 'agent')],
    ]),
  }
  const heardBy = (team: (typeof TEAMS)[number] | null, ...roles: (typeof ROLES)[number][]) => {
    const sight = new Sight(somebody('me', team, ...roles), roster)
    return ['p1', 'p2'].filter((id) => sight.hearsOf(id)).join(' ')
  }
  expect(heardBy('north', 'agent')).toBe('p1')
  expect(heardBy('north', 'supervisor')).toBe('p1')
  expect(heardBy(null, 'supervisor')).toBe('p1 p2')
  expect(heardBy(null, 'auditor')).toBe('')
  expect(heardBy(null, 'administrator')).toBe('')
  expect(heardBy('north', 'agent', 'auditor')).toBe('p1')
  expect(heardBy('north', 'supervisor', 'administrator')).toBe('p1')
})
