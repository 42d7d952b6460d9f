import { randomBytes } from 'node:crypto'
import { timeOrderedId } from '@parley/kernel'
import { testDb } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mongoAliases } from '../adapters/mongo-aliases.ts'
import type { Sighting } from './aliases.ts'
import { resolveContacts } from './resolve.ts'

const newContact = () => timeOrderedId(Date.now(), randomBytes(16))
const sighting = (accountId: string, userId: string, waId: string, at: number): Sighting => ({
  accountId,
  names: { userId, waId, parentUserId: '' },
  at,
})

test('however two gateways see customers at once, each BSUID is one contact, no two share one, and the last with a number has it', async () => {
  await using store = await testDb()
  const { db } = store
  const gateways = [await mongoAliases(db), await mongoAliases(db)] as const
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          gateway: fc.nat(1),
          person: fc.nat(2),
          shows: fc.constantFrom('both', 'both', 'person'),
        }),
        {
          minLength: 1,
          maxLength: 10,
        },
      ),
      async (seen) => {
        const account = `run${run++}`
        // Person 0 had the number first, then 1, then 2.
        const sightings = seen.map(({ person, shows }, index) =>
          sighting(account, `BR.${person}`, shows === 'both' ? '5511' : '', 1_000 * (person + 1) + index),
        )
        const released = new Set<string>()
        const contacts = await Promise.all(
          sightings.map(async (each, index) => {
            const [resolved] = await resolveContacts(
              gateways[seen[index]!.gateway]!,
              [each],
              newContact,
              async (releases) => releases.forEach(({ contactId }) => released.add(contactId)),
            )
            expect(resolved!.merges).toEqual([])
            return resolved!.contactId
          }),
        )
        const people = new Map(seen.map(({ person }, index) => [person, contacts[index]!]))
        for (const [index, { person }] of seen.entries()) expect(contacts[index]).toBe(people.get(person))
        expect(new Set(people.values()).size).toBe(people.size)

        const numbered = seen.filter(({ shows }) => shows === 'both').map(({ person }) => person)
        fc.pre(numbered.length > 0)
        const last = people.get(Math.max(...numbered))!
        for (const gateway of gateways) {
          const [present] = await resolveContacts(
            gateway,
            [sighting(account, '', '5511', 9_000)],
            newContact,
            async () => {},
          )
          expect(present!.contactId).toBe(last)
        }
        expect(released.has(last)).toBe(false)
      },
    ),
    runs(40),
  )
})

test('however two gateways see customers and their notices at once, each person is one contact, and no two share one', async () => {
  await using store = await testDb()
  const { db } = store
  const gateways = [await mongoAliases(db), await mongoAliases(db)] as const
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          gateway: fc.nat(1),
          person: fc.nat(1),
          shows: fc.constantFrom('old', 'new', 'notice'),
        }),
        { minLength: 1, maxLength: 10 },
      ),
      async (seen) => {
        const account = `notice${run++}`
        const merged = new Map<string, string>()
        const now = (contactId: string): string => {
          const into = merged.get(contactId)
          return into === undefined ? contactId : now(into)
        }
        const sees = async (gateway: number, each: Sighting) => {
          const aliases = gateways[gateway]!
          const [resolved] = await resolveContacts(aliases, [each], newContact, async () => {})
          for (const { from, into } of resolved!.merges) merged.set(from, into)
          await aliases.repoint(resolved!.merges)
          return resolved!.contactId
        }
        const sightingOf = (person: number, shows: string, at: number): Sighting => {
          if (shows === 'new') return sighting(account, `NEW.${person}`, `5522${person}`, 10_000 + at)
          const old = sighting(account, `OLD.${person}`, `5511${person}`, at)
          if (shows === 'old') return old
          return {
            ...old,
            at: 5_000,
            next: { userId: `NEW.${person}`, waId: `5522${person}`, parentUserId: '' },
          }
        }
        const contacts = await Promise.all(
          seen.map(({ gateway, person, shows }, index) => sees(gateway, sightingOf(person, shows, index))),
        )
        for (const person of [0, 1]) {
          const hasNotice = seen.some((each) => each.person === person && each.shows === 'notice')
          const theirs = (shows: readonly string[]) =>
            new Set(
              contacts.flatMap((contactId, index) =>
                seen[index]!.person === person && shows.includes(seen[index]!.shows) ? [now(contactId)] : [],
              ),
            )
          for (const names of hasNotice ? [['old', 'new', 'notice']] : [['old'], ['new']])
            expect(theirs(names).size).toBeLessThanOrEqual(1)
        }
        const owners = new Map<string, number>()
        for (const [index, { person }] of seen.entries()) {
          const contactId = now(contacts[index]!)
          expect(owners.get(contactId) ?? person).toBe(person)
          owners.set(contactId, person)
        }
      },
    ),
    runs(40),
  )
})

test.each([
  { shows: 'all names', names: { userId: 'BR.77', waId: '5511', parentUserId: 'BR.ENT.1' } },
  // With one alias there is no second race that tells who lost the first.
  { shows: 'no number', names: { userId: 'BR.77', waId: '', parentUserId: '' } },
  { shows: 'a number alone', names: { userId: '', waId: '5511', parentUserId: '' } },
])(
  'the same new customer at fifty places at once is one contact, with nothing to merge ($shows)',
  async ({ names }) => {
    await using store = await testDb()
    const { db } = store
    const gateways = await Promise.all(Array.from({ length: 5 }, () => mongoAliases(db)))
    const resolved = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        resolveContacts(
          gateways[index % 5]!,
          [{ accountId: 'A', names, at: index }],
          newContact,
          async () => {},
        ),
      ),
    )
    expect(new Set(resolved.map(([one]) => one!.contactId)).size).toBe(1)
    expect(resolved.flatMap(([one]) => one!.merges)).toEqual([])
  },
)
