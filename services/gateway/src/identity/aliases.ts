/**
 * Who is who (docs/adr/0017). A customer is known on one channel account by a set of aliases: a business-scoped id (BSUID), that of the
 * parent company, and a phone number. A BSUID is a person. A number is lent: telephone companies give it to the next person, so it is
 * the alias of whoever was seen with it last, and never proof that two BSUIDs are one.
 */
export type Alias = string

/** A contact and since when it is one: the older survives a merge. */
export interface KnownContact {
  readonly contactId: string
  /** Milliseconds. */
  readonly since: number
  /** Of the alias of a number, and of no other: which person it is bound to. */
  readonly bound?: Binding | undefined
}

export interface Binding {
  /** A BSUID, or `ALONE`, `TAKEN`, `LEFT`. */
  readonly by: Alias
  /** By the channel's clock, milliseconds: what was written earlier moves the number to nobody. */
  readonly at: number
}

/** No BSUID came with the number yet: the first that does is the same person. */
const ALONE = 'alone'
/**
 * The number went to the contact at that time, by a notice, and no BSUID came with it since. With the number a customer's BSUID changes too,
 * so the next is still theirs; but not one that is somebody's already, nor one that was seen with the number before.
 */
const TAKEN = 'taken'
/** Its owner told that they have another number now. */
const LEFT = 'left'

export interface Names {
  readonly waId: string
  readonly userId: string
  readonly parentUserId: string
}

/** What one element of a webhook tells of its customer. */
export interface Sighting {
  readonly accountId: string
  readonly names: Names
  /** Of the channel's notice that the customer has another number now; otherwise empty. */
  readonly newWaId: string
  /** By the channel's clock, milliseconds. */
  readonly at: number
}

export const numberAlias = (accountId: string, waId: string): Alias => `${accountId}|wa:${waId}`

/** In one order everywhere, so that two gateways which see a new customer at once race for the same alias first. */
function personAliases(accountId: string, { userId, parentUserId }: Names): Alias[] {
  const aliases: Alias[] = []
  if (userId !== '') aliases.push(`${accountId}|user:${userId}`)
  if (parentUserId !== '') aliases.push(`${accountId}|parent:${parentUserId}`)
  return aliases
}

export function aliasesOf({
  accountId,
  names,
  newWaId,
}: Pick<Sighting, 'accountId' | 'names' | 'newWaId'>): Alias[] {
  const numbers = [names.waId, newWaId].filter((waId) => waId !== '')
  return [...personAliases(accountId, names), ...new Set(numbers.map((waId) => numberAlias(accountId, waId)))]
}

/** Whom a receipt is about, as far as it is known: the number counts where it does not contradict the BSUID. */
export function recipientOf(
  accountId: string,
  names: Names,
  known: ReadonlyMap<Alias, KnownContact>,
): KnownContact | undefined {
  const people = personAliases(accountId, names)
  for (const alias of people) {
    const contact = known.get(alias)
    if (contact !== undefined) return contact
  }
  const holder = known.get(numberAlias(accountId, names.waId))
  if (holder?.bound === undefined || people.length === 0) return holder
  return [...people, ALONE, TAKEN].includes(holder.bound.by) ? holder : undefined
}

function older(left: KnownContact, right: KnownContact): KnownContact {
  if (left.since !== right.since) return left.since < right.since ? left : right
  return left.contactId < right.contactId ? left : right
}

export interface Merge {
  readonly from: string
  readonly into: KnownContact
}

/** A number that its former owner loses. */
export interface Release {
  readonly contactId: string
  readonly waId: string
  /** Since when it was bound to them: a number that is lost twice is lost at two times. */
  readonly boundAt: number
  /** When the channel saw it with the next owner. */
  readonly at: number
  readonly accountId: string
}

/** An alias to be written, where it is still as it was seen. */
export interface Change {
  readonly alias: Alias
  readonly seen: KnownContact
  readonly now: KnownContact
}

export interface Claim {
  readonly contact: KnownContact
  readonly isNew: boolean
  /** Aliases that nobody has yet. */
  readonly absent: readonly (readonly [Alias, KnownContact])[]
  readonly changes: readonly Change[]
  readonly releases: readonly Release[]
  /** Contacts that proved to be this one. */
  readonly merges: readonly Merge[]
  /** Whether the contact can be written to under the number that was told. */
  readonly ownsNumber: boolean
}

/** Whose the sighting is, by what is known so far. */
export function claimOf(
  { accountId, names, newWaId, at }: Sighting,
  known: ReadonlyMap<Alias, KnownContact>,
  newContact: () => KnownContact,
): Claim {
  const people = personAliases(accountId, names)
  const isNotice = newWaId !== ''
  const contacts = new Map<string, KnownContact>()
  const absent: [Alias, KnownContact][] = []
  const absentPeople: Alias[] = []
  for (const alias of people) {
    const contact = known.get(alias)
    if (contact === undefined) absentPeople.push(alias)
    else contacts.set(contact.contactId, contact)
  }
  const isNamed = ({ contactId, bound }: KnownContact) =>
    contacts.has(contactId) || people.includes(bound?.by ?? '')
  /** Whoever came alone with a number after the notice that it was left is not who left it. */
  const isUnclaimed = ({ by, at: since }: Binding) =>
    (by === ALONE && (!isNotice || since <= at)) || (by === TAKEN && contacts.size === 0 && since <= at)
  const number = names.waId === '' ? undefined : numberAlias(accountId, names.waId)
  const holder = number === undefined ? undefined : known.get(number)
  let isOthers = false
  if (holder?.bound !== undefined && !isNamed(holder) && !isUnclaimed(holder.bound)) {
    const { bound } = holder
    // A number alone is its present owner's; not so of a number that was left before, or of a notice from before it was bound.
    isOthers = people.length > 0 || (bound.by === LEFT && at > bound.at) || (isNotice && at < bound.at)
  }
  if (holder !== undefined && !isOthers) contacts.set(holder.contactId, holder)

  const next = isNotice ? numberAlias(accountId, newWaId) : undefined
  const nextHolder = next === undefined ? undefined : known.get(next)
  // Whoever was seen with the new number before the change had it before, and whoever changed to it too is another person; whoever was seen
  // with it later is the one who changed to it.
  const nextIsOthers =
    nextHolder?.bound !== undefined &&
    !isNamed(nextHolder) &&
    (nextHolder.bound.by === TAKEN || nextHolder.bound.at < at)
  if (nextHolder !== undefined && !nextIsOthers) contacts.set(nextHolder.contactId, nextHolder)

  const isNew = contacts.size === 0
  const { contactId, since } = isNew ? newContact() : [...contacts.values()].reduce(older)
  const contact: KnownContact = { contactId, since }
  const merges = [...contacts.keys()]
    .filter((id) => id !== contactId)
    .map((from) => ({ from, into: contact }))

  for (const alias of absentPeople) absent.push([alias, contact])
  const binding: Binding = { by: isNotice ? TAKEN : (people[0] ?? ALONE), at }
  const changes: Change[] = []
  const releases: Release[] = []
  const release = (from: KnownContact, waId: string) =>
    void releases.push({ contactId: from.contactId, waId, boundAt: from.bound?.at ?? 0, at, accountId })

  /** True when the number is the contact's now. */
  const have = (
    alias: Alias,
    waId: string,
    seen: KnownContact | undefined,
    isOf: 'them' | 'another',
  ): boolean => {
    if (seen === undefined) absent.push([alias, { ...contact, bound: binding }])
    else if (isOf === 'another') {
      if (at < (seen.bound?.at ?? 0)) return false
      release(seen, waId)
      // Who comes alone with a number that was left has it since then: what its former owner wrote before is not theirs.
      const bound = binding.by === ALONE ? { by: TAKEN, at: seen.bound?.at ?? at } : binding
      changes.push({ alias, seen, now: { ...contact, bound } })
    } else {
      const { by, at: since } = seen.bound ?? binding
      if (by === LEFT && at <= since) return false
      const tellsMore =
        by === LEFT || (by === ALONE && binding.by !== ALONE) || (by === TAKEN && people.includes(binding.by))
      if (tellsMore) changes.push({ alias, seen, now: { ...seen, bound: binding } })
    }
    return true
  }
  const leave = (alias: Alias, seen: KnownContact | undefined): void => {
    const bound: Binding = { by: LEFT, at }
    const { by, at: since } = seen?.bound ?? { by: ALONE, at }
    if (seen === undefined) absent.push([alias, { ...contact, bound }])
    else if (!isOthers && (since < at || (since === at && by !== LEFT)))
      changes.push({ alias, seen, now: { ...seen, bound } })
    else if (isOthers && by === ALONE)
      changes.push({ alias, seen, now: { ...seen, bound: { by: TAKEN, at } } })
  }

  let ownsNumber = false
  if (next !== undefined) {
    if (number !== undefined && number !== next) leave(number, holder)
    ownsNumber = have(next, newWaId, nextHolder, nextIsOthers ? 'another' : 'them')
  } else if (number !== undefined)
    ownsNumber = have(number, names.waId, holder, isOthers ? 'another' : 'them')
  return { contact, isNew, absent, changes, releases, merges, ownsNumber }
}
