import { canonicalNumber } from '@parley/conversation'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasesInMemory } from './alias-store.fixture.ts'
import { type Release, type Sighting, numberAlias } from './aliases.ts'
import { resolveContacts } from './resolve.ts'

const ACCOUNT = 'A'
/** @param newUserId undefined: the notice does not tell BSUIDs, as it did before August 2026 */
const sighting = (userId: string, waId: string, at: number, newWaId = '', newUserId = ''): Sighting => ({
  accountId: ACCOUNT,
  names: { userId, waId, parentUserId: '' },
  ...(newWaId + newUserId === '' ? {} : { next: { waId: newWaId, userId: newUserId, parentUserId: '' } }),
  at,
})

/** A gateway that is told one sighting after the other, and does with the answers what the intake does. */
class Gateway {
  readonly store = aliasesInMemory()
  readonly releases: Release[] = []
  readonly merged = new Map<string, string>()
  /** Under which number each contact is written to. */
  readonly numbers = new Map<string, string>()
  #contacts = 0

  async sees(...sightings: readonly Sighting[]): Promise<string> {
    let contactId = ''
    const resolved = await resolveContacts(
      this.store,
      sightings,
      () => `contact-${++this.#contacts}`,
      async (releases) => {
        this.releases.push(...releases)
        for (const { contactId: former, waId } of releases)
          if (canonicalNumber(this.numbers.get(former) ?? '') === waId) this.numbers.delete(former)
      },
    )
    for (const [index, one] of resolved.entries()) {
      contactId = one.contactId
      for (const { from, into } of one.merges) {
        this.merged.set(from, into)
        for (const [alias, contact] of this.store.all)
          if (contact.contactId === from) this.store.all.set(alias, { ...contact, contactId: into })
      }
      const { names, next = names } = sightings[index]!
      if (one.ownsNumber) this.numbers.set(contactId, next.waId)
    }
    return contactId
  }

  now(contactId: string): string {
    const into = this.merged.get(contactId)
    return into === undefined ? contactId : this.now(into)
  }
}

/**
 * What happens in the world: who gets which number, who tells WhatsApp that theirs changed (and whether the notice tells the BSUIDs, or
 * nothing but them), and who writes, showing what of their names.
 */
type Happening =
  | { readonly what: 'gets'; readonly person: number; readonly number: number }
  | {
      readonly what: 'changes'
      readonly person: number
      readonly number: number
      readonly tells: 'numbers' | 'both' | 'new and both BSUIDs' | 'old and both BSUIDs' | 'BSUIDs'
    }
  | { readonly what: 'writes'; readonly person: number; readonly shows: 'both' | 'person' | 'number' }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ what: fc.constant('gets' as const), person: fc.nat(2), number: fc.nat(2) }),
  fc.record({
    what: fc.constant('changes' as const),
    person: fc.nat(2),
    number: fc.nat(2),
    tells: fc.constantFrom(
      'numbers' as const,
      'both' as const,
      'new and both BSUIDs' as const,
      'old and both BSUIDs' as const,
      'BSUIDs' as const,
    ),
  }),
  fc.record({
    what: fc.constant('writes' as const),
    person: fc.nat(2),
    shows: fc.constantFrom('both' as const, 'both' as const, 'person' as const, 'number' as const),
  }),
)

interface Webhook extends Sighting {
  readonly person: number
  readonly alone: boolean
}

const tellsBsuids = ({ next }: Webhook): boolean => next !== undefined && next.userId !== ''

/** Either spelling of the number, by chance of its place. */
const spelled = (number: number, place: number): string =>
  place % 2 === 0 ? `5511912340${number}00` : `551112340${number}00`

/**
 * The webhooks of that world, in its order. Nobody gets a number back that they lost, and one that somebody changed to by a notice without
 * BSUIDs goes to nobody else: the next BSUID that comes with it could be either's.
 */
function webhooksOf(happenings: readonly Happening[]): Webhook[] {
  const numberOf = new Map<number, number>()
  const had = new Set<string>()
  const changedTo = new Set<number>()
  const changes = new Map<number, number>()
  return happenings.flatMap((each, index): Webhook[] => {
    const { person } = each
    const before = numberOf.get(person)
    const at = 1_000 * (index + 1)
    const bsuid = () => `BR.${person}.${changes.get(person) ?? 0}`
    const userId = bsuid()
    if (each.what === 'writes') {
      if (before === undefined && each.shows === 'number') return []
      const waId = before === undefined || each.shows === 'person' ? '' : spelled(before, index)
      const alone = each.shows === 'number'
      return [{ ...sighting(alone ? '' : userId, waId, at), person, alone }]
    }
    if (had.has(`${person} ${each.number}`) || changedTo.has(each.number)) return []
    if (each.what === 'changes' && before === undefined) return []
    had.add(`${person} ${each.number}`)
    for (const [owner, number] of numberOf) if (number === each.number) numberOf.delete(owner)
    numberOf.set(person, each.number)
    if (each.what === 'gets') return []
    if (each.tells === 'numbers') changedTo.add(each.number)
    changes.set(person, (changes.get(person) ?? 0) + 1)
    const tellsOld = ['numbers', 'both', 'old and both BSUIDs'].includes(each.tells)
    const from = tellsOld ? spelled(before!, index) : ''
    const tellsNew = ['numbers', 'both', 'new and both BSUIDs'].includes(each.tells)
    const to = tellsNew ? spelled(each.number, index + 1) : ''
    const newUserId = each.tells === 'numbers' ? '' : bsuid()
    return [{ ...sighting(userId, from, at, to, newUserId), person, alone: false }]
  })
}

describe('a phone number that is given to another person', () => {
  test('in whatever order webhooks come, notices too: no two people share a contact, and the last who was seen with the number or changed to it has it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 2, maxLength: 16 }),
        fc.array(fc.nat(), { minLength: 16, maxLength: 16 }),
        fc.integer({ min: 1, max: 4 }),
        async (happenings, keys, together) => {
          const webhooks = webhooksOf(happenings)
          const order = webhooks
            .map((webhook, index) => ({ webhook, key: keys[index]! }))
            .toSorted((left, right) => left.key - right.key)
            .map(({ webhook }) => webhook)
          const gateway = new Gateway()
          for (let index = 0; index < order.length; index += together) {
            const round = order.slice(index, index + together)
            await gateway.sees(...round)
            // No number is ever the address of two contacts.
            const addresses = [...gateway.numbers.entries()]
              .filter(([contactId]) => !gateway.merged.has(contactId))
              .map(([, waId]) => canonicalNumber(waId))
            expect(new Set(addresses).size).toBe(addresses.length)
          }
          const contactOf = new Map<string, string>()
          const personOf = new Map<string, number>()
          for (const { person, alone, names, next } of order) {
            if (alone) continue
            for (const userId of [names.userId, next?.userId ?? '']) {
              if (userId === '') continue
              const contactId = await gateway.sees(sighting(userId, '', 0))
              contactOf.set(userId, contactId)
              expect(personOf.get(contactId) ?? person).toBe(person)
              personOf.set(contactId, person)
            }
          }
          // What a notice names both of is one.
          for (const { names, next } of webhooks.filter(tellsBsuids))
            expect(contactOf.get(next!.userId)).toBe(contactOf.get(names.userId))
          for (const number of [0, 1, 2].map((each) => canonicalNumber(spelled(each, 0)))) {
            const named = webhooks.filter(
              ({ names, next, alone }) =>
                !alone && [names.waId, next?.waId ?? ''].map(canonicalNumber).includes(number),
            )
            const last = named.at(-1)
            if (last === undefined) continue
            if (last.next !== undefined && canonicalNumber(last.next.waId) !== number) continue
            const present = await gateway.sees(sighting('', number, 1_000_000))
            const later = webhooks.filter(
              ({ person, next, at }) => person === last.person && next !== undefined && at > last.at,
            )
            for (const { names } of later.filter(tellsBsuids))
              expect(present === contactOf.get(last.names.userId) && names.userId === last.names.userId).toBe(
                false,
              )
            if (later.length > 0) continue
            expect(present).toBe(contactOf.get(last.names.userId))
            // Whoever else was known under it has lost it, on record.
            const former = named.filter(({ person }) => person !== last.person)
            for (const { names } of former)
              expect(canonicalNumber(gateway.numbers.get(contactOf.get(names.userId)!) ?? '')).not.toBe(
                number,
              )
          }
        },
      ),
      runs(2_000),
    )
  })

  test('the former owner keeps the contact and loses the number, by an event that does not say to whom', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('BR.1', '5511', 1_000))
    const bia = await gateway.sees(sighting('BR.2', '5511', 2_000))
    expect(bia).not.toBe(ana)
    expect(gateway.releases).toEqual([
      { contactId: ana, waId: '5511', boundAt: 1_000, at: 2_000, accountId: ACCOUNT },
    ])
    expect(await gateway.sees(sighting('BR.1', '', 3_000))).toBe(ana)
    expect(await gateway.sees(sighting('', '5511', 3_000))).toBe(bia)
    expect(gateway.merged.size).toBe(0)
    expect(gateway.numbers).toEqual(new Map([[bia, '5511']]))
  })

  test('what the former owner wrote before and what comes late does not bring the number back', async () => {
    const gateway = new Gateway()
    const bia = await gateway.sees(sighting('BR.2', '5511', 2_000))
    const ana = await gateway.sees(sighting('BR.1', '5511', 1_000))
    expect(ana).not.toBe(bia)
    expect(gateway.releases).toEqual([])
    expect(gateway.numbers).toEqual(new Map([[bia, '5511']]))
  })

  test('a customer who was known by number alone is the first BSUID that comes with it', async () => {
    const gateway = new Gateway()
    const known = await gateway.sees(sighting('', '5511', 1_000))
    expect(await gateway.sees(sighting('BR.1', '5511', 2_000))).toBe(known)
    expect(await gateway.sees(sighting('BR.2', '5511', 3_000))).not.toBe(known)
  })
})

describe('the notice that a customer changed the number', () => {
  test('leads on to the new number, and to the BSUID that comes with it', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('BR.1', '5511', 1_000))
    expect(await gateway.sees(sighting('BR.1', '5511', 2_000, '5522'))).toBe(ana)
    expect(gateway.numbers).toEqual(new Map([[ana, '5522']]))
    expect(await gateway.sees(sighting('BR.9', '5522', 3_000))).toBe(ana)
  })
  test('merges with whoever was first seen under the new number after the change', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('BR.1', '5511', 1_000))
    const anew = await gateway.sees(sighting('BR.9', '5522', 3_000))
    expect(await gateway.sees(sighting('BR.1', '5511', 2_000, '5522'))).toBe(ana)
    expect(gateway.now(anew)).toBe(ana)
  })
  test('does not merge with whoever had the new number before', async () => {
    const gateway = new Gateway()
    const bia = await gateway.sees(sighting('BR.2', '5522', 1_000))
    const ana = await gateway.sees(sighting('BR.1', '5511', 1_000))
    expect(await gateway.sees(sighting('BR.1', '5511', 2_000, '5522'))).toBe(ana)
    expect(gateway.merged.size).toBe(0)
    expect(gateway.releases).toMatchObject([{ contactId: bia, waId: '5522' }])
  })
  test.each([
    ['known by then', [sighting('BR.2', '', 2_000)]],
    ['not known by then', []],
  ])('does not merge with whoever had the new number before and comes late, %s', async (_, before) => {
    const gateway = new Gateway()
    await gateway.sees(...before)
    const ana = await gateway.sees(sighting('BR.1', '5511', 1_000))
    await gateway.sees(sighting('BR.1', '5511', 10_000, '5522'))
    const bia = await gateway.sees(sighting('BR.2', '5522', 5_000))
    expect(bia).not.toBe(ana)
    expect(gateway.merged.size).toBe(0)
    expect(gateway.numbers).toEqual(new Map([[ana, '5522']]))
    expect(await gateway.sees(sighting('BR.9', '5522', 11_000))).toBe(ana)
    expect(await gateway.sees(sighting('BR.2', '', 12_000))).toBe(bia)
  })
  test('does not lead on to a BSUID that is somebody already', async () => {
    const gateway = new Gateway()
    const bia = await gateway.sees(sighting('BR.2', '', 2_000))
    const ana = await gateway.sees(sighting('BR.1', '5511', 10_000, '5522'))
    expect(await gateway.sees(sighting('BR.2', '5522', 20_000))).toBe(bia)
    expect(gateway.merged.size).toBe(0)
    expect(gateway.releases).toMatchObject([{ contactId: ana, waId: '5522' }])
  })
  test('says since when the number is theirs, even if they came with it alone before the notice did', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('', '5522', 12_000))
    expect(await gateway.sees(sighting('BR.1', '5511', 10_000, '5522'))).toBe(ana)
    expect(await gateway.sees(sighting('BR.2', '5522', 5_000))).not.toBe(ana)
    expect(await gateway.sees(sighting('BR.9', '5522', 13_000))).toBe(ana)
  })
  test('leads on to a BSUID that comes in the very second, whichever is told first', async () => {
    const told = [sighting('BR.1', '5511', 10_000, '5522'), sighting('BR.9', '5522', 10_000)]
    for (const order of [told, told.toReversed()]) {
      const gateway = new Gateway()
      for (const each of order) await gateway.sees(each)
      const ana = gateway.now(await gateway.sees(sighting('BR.1', '', 0)))
      expect(gateway.now(await gateway.sees(sighting('BR.9', '', 0)))).toBe(ana)
    }
  })
  test('leaves the old number that they wrote with in the very second', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('', '5511', 10_000))
    expect(await gateway.sees(sighting('', '5511', 10_000, '5522'))).toBe(ana)
    expect(await gateway.sees(sighting('', '5511', 11_000))).not.toBe(ana)
  })
  test('does not merge with whoever was known by the new number alone before', async () => {
    const gateway = new Gateway()
    const bia = await gateway.sees(sighting('', '5522', 1_000))
    const ana = await gateway.sees(sighting('BR.1', '5511', 10_000, '5522'))
    expect(ana).not.toBe(bia)
    expect(await gateway.sees(sighting('BR.2', '5522', 5_000))).not.toBe(ana)
    expect(gateway.merged.size).toBe(0)
    expect(gateway.releases).toMatchObject([{ contactId: bia, waId: '5522' }])
  })
  test('does not merge with whoever changed to the same number, in either order', async () => {
    const toIt = [sighting('BR.1', '5511', 10_000, '5533'), sighting('BR.2', '5522', 20_000, '5533')]
    for (const order of [toIt, toIt.toReversed()]) {
      const gateway = new Gateway()
      for (const each of order) await gateway.sees(each)
      expect(gateway.merged.size).toBe(0)
      const bia = await gateway.sees(sighting('BR.2', '', 0))
      expect(bia).not.toBe(await gateway.sees(sighting('BR.1', '', 0)))
      expect(await gateway.sees(sighting('', '5533', 30_000))).toBe(bia)
    }
  })
  test('does not make one of who left a number and who came with it alone since, whichever is told first', async () => {
    const notice = sighting('BR.1', '5511', 10_000, '5522')
    const alone = sighting('', '5511', 30_000)
    for (const order of [
      [notice, alone],
      [alone, notice],
    ]) {
      const gateway = new Gateway()
      for (const each of order) await gateway.sees(each)
      const ana = await gateway.sees(sighting('BR.1', '5511', 5_000))
      const bia = await gateway.sees(alone)
      expect(bia).not.toBe(ana)
      expect(await gateway.sees(sighting('BR.2', '5511', 20_000))).toBe(bia)
      expect(gateway.merged.size).toBe(0)
    }
  })
  test('leaves the old number to the next who comes with it, a number alone too', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('', '5511', 1_000))
    await gateway.sees(sighting('', '5511', 2_000, '5522'))
    expect(await gateway.sees(sighting('', '5511', 1_500))).toBe(ana)
    const bia = await gateway.sees(sighting('', '5511', 3_000))
    expect(bia).not.toBe(ana)
    expect(gateway.numbers).toEqual(
      new Map([
        [ana, '5522'],
        [bia, '5511'],
      ]),
    )
    expect(gateway.store.all.get(numberAlias(ACCOUNT, '5522'))?.contactId).toBe(ana)
  })
})

describe('the notice that tells the new business-scoped id', () => {
  test('leads on to who writes by it alone', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('', '5511', 1_000))
    expect(await gateway.sees(sighting('', '5511', 2_000, '5522', 'BR.9'))).toBe(ana)
    expect(await gateway.sees(sighting('BR.9', '', 3_000))).toBe(ana)
    expect(gateway.numbers).toEqual(new Map([[ana, '5522']]))
  })
  test('merges with whoever was seen under it before the notice came', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('BR.1', '5511', 1_000))
    const anew = await gateway.sees(sighting('BR.9', '', 3_000))
    expect(await gateway.sees(sighting('BR.1', '5511', 2_000, '5522', 'BR.9'))).toBe(ana)
    expect(gateway.now(anew)).toBe(ana)
    expect(await gateway.sees(sighting('BR.9', '5522', 4_000))).toBe(ana)
  })
  test('does not merge with whoever came with the new number under another BSUID, before or since', async () => {
    for (const at of [1_000, 30_000]) {
      const gateway = new Gateway()
      const bia = await gateway.sees(sighting('BR.2', '5522', at))
      const ana = await gateway.sees(sighting('BR.1', '5511', 10_000, '5522', 'BR.9'))
      expect(ana).not.toBe(bia)
      expect(gateway.merged.size).toBe(0)
      expect(await gateway.sees(sighting('BR.9', '', 40_000))).toBe(ana)
      expect(await gateway.sees(sighting('BR.2', '', 40_000))).toBe(bia)
    }
  })
  test('does not merge with whoever had the new number later, and came with it alone before they told that they left it', async () => {
    const gateway = new Gateway()
    await gateway.sees(sighting('', '5522', 3_000))
    const bia = await gateway.sees(sighting('BR.2', '5522', 5_000, '5533'))
    const ana = await gateway.sees(sighting('BR.1', '5511', 2_000, '5522', 'BR.9'))
    expect(ana).not.toBe(bia)
    expect(gateway.merged.size).toBe(0)
    expect(await gateway.sees(sighting('BR.2', '', 6_000))).toBe(bia)
  })
  test('and no number: the old one is theirs no more, on record, and the next who comes with it is another person', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('BR.1', '5511', 1_000))
    expect(await gateway.sees(sighting('BR.1', '', 10_000, '', 'BR.9'))).toBe(ana)
    expect(gateway.releases).toEqual([
      { contactId: ana, waId: '5511', boundAt: 1_000, at: 10_000, accountId: ACCOUNT },
    ])
    expect(gateway.numbers.size).toBe(0)
    // Late: it was theirs, and is not again.
    expect(await gateway.sees(sighting('BR.1', '5511', 5_000))).toBe(ana)
    expect(gateway.numbers.size).toBe(0)
    expect(await gateway.sees(sighting('', '5511', 20_000))).not.toBe(ana)
    expect(await gateway.sees(sighting('BR.9', '', 20_000))).toBe(ana)
  })
  test('and no number, told before the number was ever seen: whoever comes with it since is another person', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('BR.1', '', 10_000, '', 'BR.9'))
    const bia = await gateway.sees(sighting('', '5511', 20_000))
    expect(await gateway.sees(sighting('BR.1', '5511', 5_000))).toBe(ana)
    expect(gateway.merged.size).toBe(0)
    expect(await gateway.sees(sighting('', '5511', 30_000))).toBe(bia)
  })
  test('gives the number back to who comes with it under the new BSUID', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('BR.1', '5511', 1_000))
    await gateway.sees(sighting('BR.1', '', 10_000, '', 'BR.9'))
    expect(await gateway.sees(sighting('BR.9', '5511', 11_000))).toBe(ana)
    expect(gateway.numbers).toEqual(new Map([[ana, '5511']]))
    expect(await gateway.sees(sighting('', '5511', 12_000))).toBe(ana)
  })
})

describe('a number that is written in two ways', () => {
  test.each([
    ['Brazil', '5511987654321', '551187654321'],
    ['Mexico', '5215512345678', '525512345678'],
    ['Argentina', '5491123456789', '541123456789'],
  ])('is one person, whichever comes first (%s)', async (_, long, short) => {
    for (const [first, second] of [
      [long, short],
      [short, long],
    ] as const) {
      const gateway = new Gateway()
      const ana = await gateway.sees(sighting('', first, 1_000))
      expect(await gateway.sees(sighting('', second, 2_000))).toBe(ana)
      expect(await gateway.sees(sighting('BR.1', second, 3_000))).toBe(ana)
      expect(await gateway.sees(sighting('', first, 4_000))).toBe(ana)
      expect(gateway.store.all.size).toBe(2)
    }
  })
  test('is another person when it comes with another BSUID, and the former owner loses it in either spelling', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('BR.1', '5511987654321', 1_000))
    const bia = await gateway.sees(sighting('BR.2', '551187654321', 2_000))
    expect(bia).not.toBe(ana)
    expect(gateway.releases).toMatchObject([{ contactId: ana, waId: '5511987654321' }])
    expect(gateway.numbers).toEqual(new Map([[bia, '551187654321']]))
  })
})

describe('a customer known by number alone, and a BSUID with a contact of its own', () => {
  test('are one when the number came within the life of the BSUID: it had that number then', async () => {
    const gateway = new Gateway()
    const named = await gateway.sees(sighting('BR.1', '', 1_000))
    const numbered = await gateway.sees(sighting('', '5511', 2_000))
    expect(await gateway.sees(sighting('BR.1', '5511', 3_000))).toBe(named)
    expect(gateway.now(numbered)).toBe(named)
  })
  test('stay two when the number came before the BSUID was seen, for it may have been another person’s; it goes with the BSUID', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('', '5511', 1_000))
    const bia = await gateway.sees(sighting('BR.1', '', 2_000))
    expect(await gateway.sees(sighting('BR.1', '5511', 3_000))).toBe(bia)
    expect(gateway.merged.size).toBe(0)
    expect(gateway.releases).toMatchObject([{ contactId: ana, waId: '5511' }])
    expect(await gateway.sees(sighting('', '5511', 4_000))).toBe(bia)
    expect(gateway.numbers).toEqual(new Map([[bia, '5511']]))
  })
  test('are one when a notice names both', async () => {
    const gateway = new Gateway()
    const ana = await gateway.sees(sighting('', '5511', 1_000))
    const anew = await gateway.sees(sighting('BR.9', '', 2_000))
    expect(await gateway.sees(sighting('', '5511', 3_000, '5522', 'BR.9'))).toBe(ana)
    expect(gateway.now(anew)).toBe(ana)
  })
})

test('a gateway that died in between, with the number bound and the BSUID not yet written, made nobody of another person', async () => {
  const gateway = new Gateway()
  const known = await gateway.sees(sighting('', '5511', 1_000))
  expect(await gateway.sees(sighting('BR.1', '5511', 2_000))).toBe(known)
  gateway.store.all.delete(`${ACCOUNT}|user:BR.1`)
  expect(await gateway.sees(sighting('BR.1', '5511', 2_000))).toBe(known)
  expect(gateway.releases).toEqual([])
})

test('a merge and what else the same round tells of a number do not get in the way of each other', async () => {
  const gateway = new Gateway()
  const named = await gateway.sees(sighting('BR.1', '', 1_000))
  const numbered = await gateway.sees(sighting('', '5511', 2_000))
  await gateway.sees(
    sighting('BR.1', '5511', 3_000),
    sighting('BR.2', '5511', 4_000),
    sighting('BR.1', '', 5_000),
  )
  expect(gateway.now(numbered)).toBe(named)
  expect(await gateway.sees(sighting('BR.1', '', 6_000))).toBe(named)
  const next = await gateway.sees(sighting('', '5511', 6_000))
  expect(next).toBe(await gateway.sees(sighting('BR.2', '', 6_000)))
  expect(next).not.toBe(named)
})

test('before two are made one the store is asked who they are by now, and no cache', async () => {
  const [own, parent] = [`${ACCOUNT}|user:BR.1`, `${ACCOUNT}|parent:BR.ENT.1`]
  const store = aliasesInMemory(
    new Map([
      [own, { contactId: 'contact-2' }],
      [parent, { contactId: 'contact-1' }],
    ]),
  )
  const cached = { contactId: 'contact-3, merged into the first' }
  const [seen] = await resolveContacts(
    {
      ...store,
      find: async (wanted, uncached) =>
        new Map([
          ...(await store.find(wanted)),
          ...(uncached?.has(parent) ? [] : [[parent, cached] as const]),
        ]),
    },
    [{ accountId: ACCOUNT, names: { userId: 'BR.1', waId: '', parentUserId: 'BR.ENT.1' }, at: 1 }],
    () => 'contact-4',
    async () => {},
  )
  expect(seen!.merges).toEqual([{ from: 'contact-2', into: 'contact-1' }])
})

test('two BSUIDs that come together are one person', async () => {
  const gateway = new Gateway()
  const known = await gateway.sees(sighting('BR.1', '', 1))
  const parent = await gateway.sees({
    ...sighting('', '', 2),
    names: { userId: '', waId: '', parentUserId: 'P' },
  })
  const both = await gateway.sees({
    ...sighting('', '', 3),
    names: { userId: 'BR.1', waId: '', parentUserId: 'P' },
  })
  expect([both, gateway.now(parent)]).toEqual([known, known])
})
