import { randomUUID } from 'node:crypto'
import { testMongoUri } from '@parley/testkit'
import * as fc from 'fast-check'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { mongoAliases } from '../adapters/mongo-aliases.ts'
import type { Alias } from './aliases.ts'
import { resolveContacts } from './resolve.ts'

const newContact = () => ({ contactId: randomUUID(), since: Date.now() })

/** The sets that belong together because they share aliases, directly or through others. */
function componentsOf(sets: readonly (readonly Alias[])[]): number[] {
  const component = sets.map((_, index) => index)
  for (let changed = true; changed;) {
    changed = false
    for (const [left, leftSet] of sets.entries())
      for (const [right, rightSet] of sets.entries())
        if (component[right]! < component[left]! && leftSet.some((alias) => rightSet.includes(alias))) {
          component[left] = component[right]!
          changed = true
        }
  }
  return component
}

test('however two gateways see customers at once, who shares an alias becomes one contact, and nobody else does', async () => {
  await using client = await new MongoClient(testMongoUri()).connect()
  const db = client.db(`identity_${randomUUID().slice(0, 8)}`)
  const gateways = [await mongoAliases(db), await mongoAliases(db)] as const
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(1), fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 })), {
        minLength: 1,
        maxLength: 10,
      }),
      async (sightings) => {
        const prefix = `run${run++}`
        const sets = sightings.map(([, aliases]) =>
          aliases.toSorted((left, right) => left - right).map((alias) => `${prefix}|wa:${alias}`),
        )
        await Promise.all(
          sightings.map(async ([gateway], index) => {
            const [resolved] = await resolveContacts(gateways[gateway]!, [sets[index]!], newContact)
            await gateways[gateway]!.repoint(resolved!.merges)
          }),
        )
        // A gateway that starts now remembers nothing. Merges that crossed show as merges until none is left.
        const third = await mongoAliases(db)
        for (let round = 0; round < 6; round++)
          for (const set of sets)
            await third.repoint((await resolveContacts(third, [set], newContact))[0]!.merges)
        const contacts = await Promise.all(
          sets.map(async (set) => (await resolveContacts(third, [set], newContact))[0]!.contactId),
        )
        const components = componentsOf(sets)
        for (const [left] of sets.entries())
          for (const [right] of sets.entries())
            expect(contacts[left] === contacts[right]).toBe(components[left] === components[right])
      },
    ),
    { numRuns: 40 },
  )
  await db.dropDatabase()
})

test('the same new customer at fifty places at once is one contact, with nothing to merge', async () => {
  await using client = await new MongoClient(testMongoUri()).connect()
  const db = client.db(`identity_${randomUUID().slice(0, 8)}`)
  const gateways = await Promise.all(Array.from({ length: 5 }, () => mongoAliases(db)))
  const set = ['A|user:BR.77', 'A|wa:5511', 'A|parent:BR.ENT.1']
  const resolved = await Promise.all(
    Array.from({ length: 50 }, (_, index) => resolveContacts(gateways[index % 5]!, [set], newContact)),
  )
  expect(new Set(resolved.map(([one]) => one!.contactId)).size).toBe(1)
  expect(resolved.flatMap(([one]) => one!.merges)).toEqual([])
  await db.dropDatabase()
})
