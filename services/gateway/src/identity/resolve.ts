import { canonicalNumber } from '@parley/conversation'
import {
  type Alias,
  type Change,
  type KnownContact,
  type Merge,
  type Release,
  type Sighting,
  aliasesOf,
  claimOf,
  isNumber,
} from './aliases.ts'

/** Aliases as they are stored. The first who writes an alias has it. */
export interface AliasStore {
  /** @param uncached of these, what is stored now and not what was read some minutes ago */
  find(aliases: readonly Alias[], uncached?: ReadonlySet<Alias>): Promise<ReadonlyMap<Alias, KnownContact>>
  /** The numbers that these contacts are known by, as they are stored now. */
  numbersOf(contactIds: readonly string[]): Promise<ReadonlyMap<Alias, KnownContact>>
  /** Writes those that are absent; false when any of them was there already. */
  insertAbsent(aliases: readonly (readonly [Alias, KnownContact])[]): Promise<boolean>
  /** False when the alias is not as it was seen any more: nothing is written. */
  change(change: Change): Promise<boolean>
}

export interface Resolved {
  readonly contactId: string
  /** To be said before anything else about the contact. */
  readonly merges: readonly Merge[]
  /** Whether the contact can be written to under the number that was told. */
  readonly ownsNumber: boolean
  /** It came under a BSUID that the contact has no more. */
  readonly isFormer: boolean
}

const ROUNDS_MAX = 20

/**
 * The contact of each sighting, in order; customers that are new get a contact. Safe beside other gateways: whoever loses the race for an
 * alias reads again and follows the winner. One read, and for newcomers two or three writes, however many sightings there are.
 * @param release puts on record that former owners lose numbers: done before the numbers move, so that it cannot be left undone
 */
export async function resolveContacts(
  store: AliasStore,
  sightings: readonly Sighting[],
  newContact: () => string,
  release: (releases: readonly Release[]) => Promise<void>,
): Promise<readonly Resolved[]> {
  const all = new Set<Alias>()
  /** Of these the store is asked, and no cache. */
  let uncached = new Set<Alias>()
  for (const sighting of sightings) {
    const aliases = aliasesOf(sighting)
    for (const alias of aliases) all.add(alias)
    // Nothing but its alias says whose a number is, and another gateway may have moved it.
    if (sighting.names.userId === '' && sighting.names.parentUserId === '')
      for (const alias of aliases) uncached.add(alias)
  }
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const known = new Map(await store.find([...all], uncached))
    const renamed = sightings.flatMap(({ next, ...sighting }) =>
      next === undefined ? [] : aliasesOf(sighting).flatMap((alias) => known.get(alias)?.contactId ?? []),
    )
    if (renamed.length > 0)
      for (const [alias, contact] of await store.numbersOf([...new Set(renamed)]))
        if (!known.has(alias)) known.set(alias, contact)
    /** Without the merges of this round, which the store is told of once they are in the log: what a change is compared with. */
    const stored = new Map(known)
    const first: (readonly [Alias, KnownContact])[] = []
    const numbers: (readonly [Alias, KnownContact])[] = []
    const people: (readonly [Alias, KnownContact])[] = []
    const changes: Change[] = []
    const releases: Release[] = []
    const resolved = sightings.map((sighting): Resolved => {
      const claim = claimOf(sighting, known, newContact)
      for (const [index, entry] of claim.absent.entries()) {
        known.set(...entry)
        stored.set(...entry)
        // The first alias of a newcomer decides whose contact it becomes; its others follow.
        if (claim.isNew && index === 0) first.push(entry)
        else (isNumber(entry[0]) ? numbers : people).push(entry)
      }
      for (const { alias, seen, now } of claim.changes) {
        const before = stored.get(alias)!
        const after =
          now.contactId === seen.contactId ? { ...before, bound: now.bound, until: now.until } : now
        changes.push({ alias, seen: before, now: after })
        known.set(alias, now)
        stored.set(alias, after)
      }
      releases.push(...claim.releases)
      for (const { from, into } of claim.merges)
        for (const [alias, each] of known)
          if (each.contactId === from) known.set(alias, { ...each, contactId: into })
      const { contactId, merges, ownsNumber, isFormer } = claim
      return { contactId, merges, ownsNumber, isFormer }
    })
    // By what was read some minutes ago one of them may be another contact by now: its merge would be passed from stream to stream.
    if (uncached !== all && resolved.some(({ merges }) => merges.length > 0)) {
      uncached = all
      continue
    }
    if (first.length > 0 && !(await store.insertAbsent(first))) continue
    if (numbers.length > 0 && !(await store.insertAbsent(numbers))) continue
    if (releases.length > 0) await release(releases)
    // Before the BSUIDs: of two people who come with one number at once, it is bound to one, and the other sees that.
    const [ofNumbers, ofPeople] = [
      changes.filter(({ alias }) => isNumber(alias)),
      changes.filter(({ alias }) => !isNumber(alias)),
    ]
    if (!(await changed(store, ofNumbers))) continue
    if (people.length > 0 && !(await store.insertAbsent(people))) continue
    if (!(await changed(store, ofPeople))) continue
    // Told in this very round to be the next owner's.
    const lost = new Set(releases.map(({ contactId, waId }) => `${contactId} ${waId}`))
    return resolved.map((each, index) => {
      const { names, next = names } = sightings[index]!
      return lost.has(`${each.contactId} ${canonicalNumber(next.waId)}`)
        ? { ...each, ownsNumber: false }
        : each
    })
  }
  throw new Error(`Aliases kept changing hands for ${ROUNDS_MAX} rounds.`)
}

/** One after the other: a later change of an alias has seen the earlier one. */
async function changed(store: AliasStore, changes: readonly Change[]): Promise<boolean> {
  for (const change of changes) if (!(await store.change(change))) return false
  return true
}
