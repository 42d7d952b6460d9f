import { type Alias, type KnownContact, type Merge, claimOf } from './aliases.ts'

/** Aliases as they are stored. The first who writes an alias has it. */
export interface AliasStore {
  find(aliases: readonly Alias[]): Promise<ReadonlyMap<Alias, KnownContact>>
  /** Writes those that are absent; false when any of them was there already. */
  insertAbsent(aliases: readonly (readonly [Alias, KnownContact])[]): Promise<boolean>
}

export interface Resolved {
  readonly contactId: string
  /** To be said before anything else about the contact. */
  readonly merges: readonly Merge[]
}

const ROUNDS_MAX = 20

/**
 * The contact of each alias set, in order; sets that are new get a contact. Safe beside other gateways: whoever loses the race for an
 * alias reads again and follows the winner. One read, and for newcomers two writes, however many sets there are.
 */
export async function resolveContacts(
  store: AliasStore,
  aliasSets: readonly (readonly Alias[])[],
  newContact: () => KnownContact,
): Promise<readonly Resolved[]> {
  const all = [...new Set(aliasSets.flat())]
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const known = new Map(await store.find(all))
    const first: [Alias, KnownContact][] = []
    const others: [Alias, KnownContact][] = []
    const resolved = aliasSets.map((aliases): Resolved => {
      const { contact, isNew, absent, merges } = claimOf(aliases, known, newContact)
      for (const [index, alias] of absent.entries()) {
        known.set(alias, contact)
        // The first alias of a newcomer decides whose contact it becomes; its others follow.
        if (isNew && index === 0) first.push([alias, contact])
        else others.push([alias, contact])
      }
      for (const { from, into } of merges)
        for (const [alias, each] of known) if (each.contactId === from) known.set(alias, into)
      return { contactId: contact.contactId, merges }
    })
    if (first.length > 0 && !(await store.insertAbsent(first))) continue
    if (others.length > 0 && !(await store.insertAbsent(others))) continue
    return resolved
  }
  throw new Error(`Aliases kept changing hands for ${ROUNDS_MAX} rounds.`)
}
