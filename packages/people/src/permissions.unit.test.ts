import { somebody } from '@parley/testkit'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Action,
  type ConversationPlace,
  judge,
  permissionsOf,
  scopeIncludes,
  scopeOf,
} from './permissions.ts'
import { type Person, ROLES } from './person.ts'

const teams = new Map([
  ['cards', { queues: ['cards', 'general'] }],
  ['night', { queues: ['general'] }],
])
const ana = somebody('ana', 'cards', 'agent')
const waits = (queue: string, lastOwner: ConversationPlace['lastOwner'] = null): ConversationPlace => ({
  held: { by: 'queue', queue },
  lastOwner,
})
const ownedBy = (personId: string, team: string | null): ConversationPlace => ({
  held: { by: 'agent', personId },
  lastOwner: { personId, team },
})
const closed = (personId: string, team: string | null): ConversationPlace => ({
  held: { by: 'nobody' },
  lastOwner: { personId, team },
})
const withRobot: ConversationPlace = { held: { by: 'robot' }, lastOwner: null }

const verdict = (who: Person, action: Action, place: ConversationPlace) => {
  const said = judge(who, action, place, teams)
  return said.allowed ? 'yes' : said.reason
}

describe('who sees what', () => {
  test.each<[string, Person, ConversationPlace, 'yes' | 'not_seen']>([
    ['an agent their own', ana, ownedBy('ana', 'cards'), 'yes'],
    ['an agent what waits in a queue that they serve', ana, waits('cards'), 'yes'],
    ['an agent not what waits in another', somebody('rui', 'night', 'agent'), waits('cards'), 'not_seen'],
    ['an agent what their team owns', ana, ownedBy('bia', 'cards'), 'yes'],
    ['an agent what their team owned last', ana, closed('bia', 'cards'), 'yes'],
    ['an agent not what another team owns', ana, ownedBy('rui', 'night'), 'not_seen'],
    ['an agent no longer what went on to another team', ana, closed('rui', 'night'), 'not_seen'],
    ['an agent not what the robot has', ana, withRobot, 'not_seen'],
    [
      'a supervisor of a team the same',
      somebody('sol', 'cards', 'supervisor'),
      closed('bia', 'cards'),
      'yes',
    ],
    ['a supervisor of a team not the robot’s', somebody('sol', 'cards', 'supervisor'), withRobot, 'not_seen'],
    ['the supervisor of all the robot’s', somebody('sol', null, 'supervisor'), withRobot, 'yes'],
    ['an auditor all', somebody('aud', null, 'auditor'), ownedBy('rui', 'night'), 'yes'],
    ['an administrator all', somebody('adm', null, 'administrator'), withRobot, 'yes'],
    ['an agent of no team only their own', somebody('solo', null, 'agent'), ownedBy('x', null), 'not_seen'],
  ])('%s', (_, who, place, expected) => {
    expect(verdict(who, 'read', place)).toBe(expected)
  })

  test('what somebody may not see is told from what does not exist by nothing but the reason here', () => {
    expect(verdict(ana, 'answer', ownedBy('rui', 'night'))).toBe('not_seen')
  })
})

describe('who may do what', () => {
  test.each<[string, Person, Action, string]>([
    ['agents do not supervise', ana, 'supervise', 'not_allowed'],
    ['agents export nothing', ana, 'export', 'not_allowed'],
    ['auditors answer nobody', somebody('aud', null, 'auditor'), 'answer', 'not_allowed'],
    ['administrators answer nobody', somebody('adm', null, 'administrator'), 'answer', 'not_allowed'],
    ['auditors export', somebody('aud', null, 'auditor'), 'export', 'yes'],
    ['supervisors of the team supervise', somebody('sol', 'cards', 'supervisor'), 'supervise', 'yes'],
  ])('%s', (_, who, action, expected) => {
    expect(verdict(who, action, ownedBy('ana', 'cards'))).toBe(expected)
  })

  test('a second role that sees more does not let the first do more', () => {
    const both = somebody('ana', 'cards', 'agent', 'auditor')
    expect(verdict(both, 'read', ownedBy('rui', 'night'))).toBe('yes')
    expect(verdict(both, 'answer', ownedBy('rui', 'night'))).toBe('not_seen')
    expect(verdict(both, 'answer', ownedBy('bia', 'cards'))).toBe('yes')
  })
})

const anyRoles = fc.uniqueArray(fc.constantFrom(...ROLES), { minLength: 1 })
const anyTeam = fc.constantFrom('cards', 'night', null)
const anyPerson = fc
  .tuple(fc.constantFrom('ana', 'bia', 'rui'), anyTeam, anyRoles)
  .map(([id, team, roles]) => somebody(id, team, ...roles))
const anyPlace: fc.Arbitrary<ConversationPlace> = fc.record({
  held: fc.oneof(
    fc.constantFrom<ConversationPlace['held']>({ by: 'robot' }, { by: 'nobody' }),
    fc.constantFrom('cards', 'general', 'other').map((queue) => ({ by: 'queue' as const, queue })),
    fc.constantFrom('ana', 'bia', 'rui').map((personId) => ({ by: 'agent' as const, personId })),
  ),
  lastOwner: fc.option(fc.record({ personId: fc.constantFrom('ana', 'bia', 'rui'), team: anyTeam }), {
    nil: null,
  }),
})
const anyAction = fc.constantFrom<Action>('read', 'answer', 'assign', 'supervise', 'export')

test('whoever may do something with a conversation may see it, and a role more takes nothing away', () => {
  fc.assert(
    fc.property(anyPerson, anyPlace, anyAction, fc.constantFrom(...ROLES), (who, place, action, more) => {
      const before = judge(who, action, place, teams).allowed
      const grown = { ...who, roles: [...new Set([...who.roles, more])] }
      expect(!before || scopeIncludes(scopeOf(who, teams), place)).toBe(true)
      expect(!before || judge(grown, action, place, teams).allowed).toBe(true)
      expect(permissionsOf(grown.roles)).toEqual(expect.arrayContaining([...permissionsOf(who.roles)]))
    }),
  )
})

test('a vendor’s people see nothing that only the company’s own teams had', () => {
  fc.assert(
    fc.property(anyPlace, (place) => {
      const rui = somebody('rui', 'night', 'agent')
      const isTheirs =
        (place.held.by === 'agent' && place.held.personId === 'rui') ||
        (place.held.by === 'queue' && place.held.queue === 'general') ||
        place.lastOwner?.personId === 'rui' ||
        place.lastOwner?.team === 'night'
      expect(judge(rui, 'read', place, teams).allowed).toBe(isTheirs)
    }),
  )
})
