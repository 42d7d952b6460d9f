import type { RosterPerson } from '@parley/people'
import { asMatched } from '@parley/service'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { returnPath } from './return-to.ts'
import { personNow } from './standing.ts'

describe('where a sign-in leads', () => {
  test.each([
    ['/', '/'],
    ['/audit?type=signed_in&from=2026-01-01', '/audit?type=signed_in&from=2026-01-01'],
    ['/desk#c-1', '/desk#c-1'],
    ['/a/../b', '/b'],
    ['/%2F%2Fevil.example', '/%2F%2Fevil.example'],
    ['/sign-inside', '/sign-inside'],
  ])('a path of this site: %s', (asked, path) => expect(returnPath(asked, asMatched)).toBe(path))

  test.each([
    undefined,
    '',
    ['/a', '/b'],
    'desk',
    'https://evil.example/',
    'javascript:alert(1)',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '/\t/evil.example',
    '/a\r\nset-cookie: x=y',
    '/sign-in',
    '/sign-in/callback?state=x',
    '/sign-out',
    `/${'a'.repeat(3_000)}`,
  ])('never elsewhere, never round in a circle: %j', (asked) =>
    expect(returnPath(asked, asMatched)).toBe('/'),
  )

  test('never to a page of the sign-in, however its path is spelt', () => {
    const letter = fc.constantFrom<(letter: string) => string>(
      (letter) => letter,
      (letter) => `%${letter.charCodeAt(0).toString(16)}`,
      (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
    )
    fc.assert(
      fc.property(
        fc.constantFrom('', '/.', '/x/..', '/%2e', '/x/%2E%2e'),
        fc.constantFrom('sign-in', 'sign-in', 'sign-out'),
        fc.array(letter, { minLength: 8, maxLength: 8 }),
        fc.constantFrom('', '/', '/callback', '?returnTo=%2Fdesk', '#x'),
        (before, name, spelling, behind) => {
          const spelt = name.replaceAll(/./g, (each, index: number) => spelling[index]!(each))
          expect(returnPath(`${before}/${spelt}${behind}`, asMatched)).toBe('/')
        },
      ),
      runs(100),
    )
  })
})

describe('a session’s hold on a person', () => {
  const ana: RosterPerson = {
    id: 'p01',
    login: 'ana',
    name: 'Ana',
    roles: ['agent', 'supervisor'],
    team: 'cards',
    vendor: null,
    issuer: null,
    subject: 'p01',
  }
  const standing = (person: RosterPerson, change?: Parameters<typeof personNow>[1]) =>
    personNow(person, change).standing

  test('is lost with every change, and does not come back with the change back', () => {
    const before = standing(ana)
    const off = standing(ana, { isActive: false, roles: null, revision: 1 })
    const on = standing(ana, { isActive: true, roles: null, revision: 2 })
    expect(new Set([before, off, on]).size).toBe(3)
  })

  test('is lost when people.yaml gives other roles or another team, and kept when it only writes them in another order', () => {
    expect(standing({ ...ana, roles: ['agent'] })).not.toBe(standing(ana))
    expect(standing({ ...ana, team: 'night' })).not.toBe(standing(ana))
    expect(standing({ ...ana, roles: ['supervisor', 'agent'] })).toBe(standing(ana))
  })

  test('roles that operators gave stand before those of people.yaml', () => {
    const { person } = personNow(ana, { isActive: true, roles: ['auditor'], revision: 1 })
    expect(person.roles).toEqual(['auditor'])
    expect(person).not.toHaveProperty('subject')
  })
})
