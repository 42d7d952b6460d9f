/**
 * Who is who. A customer is known on one channel account by a set of aliases (phone number id, BSUID, parent BSUID). Whoever shares
 * one alias is one contact; aliases of two contacts in one message prove that the two are one, and the older one survives.
 */
export type Alias = string

/** A contact and since when it is one: the older survives a merge. */
export interface KnownContact {
  readonly contactId: string
  /** Milliseconds. */
  readonly since: number
}

export interface Names {
  readonly waId: string
  readonly userId: string
  readonly parentUserId: string
}

/** In one order everywhere, so that two gateways which see a new customer at once race for the same alias first. */
export function aliasesOf(accountId: string, names: Names): Alias[] {
  const aliases: Alias[] = []
  if (names.userId !== '') aliases.push(`${accountId}|user:${names.userId}`)
  if (names.waId !== '') aliases.push(`${accountId}|wa:${names.waId}`)
  if (names.parentUserId !== '') aliases.push(`${accountId}|parent:${names.parentUserId}`)
  return aliases
}

export function older(left: KnownContact, right: KnownContact): KnownContact {
  if (left.since !== right.since) return left.since < right.since ? left : right
  return left.contactId < right.contactId ? left : right
}

export interface Merge {
  readonly from: string
  readonly into: KnownContact
}

export interface Claim {
  readonly contact: KnownContact
  readonly isNew: boolean
  /** Aliases that nobody has yet. */
  readonly absent: readonly Alias[]
  /** Contacts that proved to be this one. */
  readonly merges: readonly Merge[]
}

/** Whose the aliases are, by what is known so far. */
export function claimOf(
  aliases: readonly Alias[],
  known: ReadonlyMap<Alias, KnownContact>,
  newContact: () => KnownContact,
): Claim {
  const contacts = new Map<string, KnownContact>()
  const absent: Alias[] = []
  for (const alias of aliases) {
    const contact = known.get(alias)
    if (contact === undefined) absent.push(alias)
    else contacts.set(contact.contactId, contact)
  }
  if (contacts.size === 0) return { contact: newContact(), isNew: true, absent, merges: [] }
  const survivor = [...contacts.values()].reduce(older)
  const merges = [...contacts.keys()]
    .filter((id) => id !== survivor.contactId)
    .map((from) => ({ from, into: survivor }))
  return { contact: survivor, isNew: false, absent, merges }
}
