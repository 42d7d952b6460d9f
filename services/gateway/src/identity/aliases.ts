import { canonicalNumber } from '@parley/conversation'

/**
 * Who is who (docs/adr/0017, 0021, 0022). A customer is known on one channel account by a set of aliases: a business-scoped id (BSUID),
 * that of the parent company, and a phone number. A BSUID is a person. A number is lent: telephone companies give it to the next person,
 * so it is the alias of whoever was seen with it last, and never proof that two BSUIDs are one.
 */
export type Alias = string

/** What is known of one alias. */
export interface KnownContact {
  readonly contactId: string
  /** Of the alias of a number, and of no other: which person it is bound to. */
  readonly bound?: Binding | undefined
  /** Of a BSUID: when it was seen first, by the channel's clock, milliseconds. */
  readonly seenAt?: number | undefined
  /** The channel told that the contact has another name than this since then, by its clock, milliseconds. */
  readonly until?: number | undefined
}

export interface Binding {
  /** A BSUID, or `ALONE`, `TAKEN`. */
  readonly by: Alias
  /** By the channel's clock, milliseconds: what was written earlier moves the number to nobody. */
  readonly at: number
}

/** No BSUID came with the number yet: the first that does is the same person. */
const ALONE = 'alone'
/**
 * The number went to the contact at that time, by a notice that did not tell the BSUID, and none came with it since. With the number a
 * customer's BSUID changes too, so the next is still theirs; but not one that is somebody's already, nor one that was seen with the number
 * before.
 */
const TAKEN = 'taken'

const isPerson = (by: Alias): boolean => by !== ALONE && by !== TAKEN

export interface Names {
  readonly waId: string
  readonly userId: string
  readonly parentUserId: string
}

/** What one element of a webhook tells of its customer. */
export interface Sighting {
  readonly accountId: string
  readonly names: Names
  /** Of the channel's notice that the customer's names changed: those that they have since then. */
  readonly next?: Names | undefined
  /** By the channel's clock, milliseconds. */
  readonly at: number
}

/** One for all spellings of the number. */
export const numberAlias = (accountId: string, waId: string): Alias =>
  `${accountId}|wa:${canonicalNumber(waId)}`

export const isNumber = (alias: Alias): boolean => alias.includes('|wa:')

/** In one order everywhere, so that two gateways which see a new customer at once race for the same alias first. */
function personAliases(accountId: string, { userId, parentUserId }: Names): Alias[] {
  const aliases: Alias[] = []
  if (userId !== '') aliases.push(`${accountId}|user:${userId}`)
  if (parentUserId !== '') aliases.push(`${accountId}|parent:${parentUserId}`)
  return aliases
}

export function aliasesOf({ accountId, names, next }: Omit<Sighting, 'at'>): Alias[] {
  const told = next === undefined ? [names] : [names, next]
  return [
    ...new Set([
      ...told.flatMap((each) => personAliases(accountId, each)),
      ...told.flatMap(({ waId }) => (waId === '' ? [] : [numberAlias(accountId, waId)])),
    ]),
  ]
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
  const { by } = holder.bound
  return people.includes(by) || (!isPerson(by) && holder.until === undefined) ? holder : undefined
}

/** The greater id into the smaller, as the rules have it: ids are ordered by when they were made, so the older contact stays. */
export interface Merge {
  readonly from: string
  readonly into: string
}

/** A number that its former owner loses, or was told to have no more. */
export interface Release {
  readonly contactId: string
  /** In the spelling that stands for all. */
  readonly waId: string
  /** Since when it was bound to them: a number that is lost twice is lost at two times. */
  readonly boundAt: number
  /** When the channel saw it with the next owner, or told that it is theirs no more. */
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
  readonly contactId: string
  readonly isNew: boolean
  /** Aliases that nobody has yet. */
  readonly absent: readonly (readonly [Alias, KnownContact])[]
  readonly changes: readonly Change[]
  readonly releases: readonly Release[]
  /** Contacts that proved to be this one. */
  readonly merges: readonly Merge[]
  /** Whether the contact can be written to under the number that was told. */
  readonly ownsNumber: boolean
  /** It came under a BSUID that the contact has no more. */
  readonly isFormer: boolean
}

/** Whose the sighting is, by what is known so far. */
export function claimOf(
  { accountId, names, next, at }: Sighting,
  known: ReadonlyMap<Alias, KnownContact>,
  newContact: () => string,
): Claim {
  const people = personAliases(accountId, names)
  const nextPeople = next === undefined ? [] : personAliases(accountId, next)
  const isNotice = next !== undefined
  const contacts = new Set<string>()
  const absent: [Alias, KnownContact][] = []
  for (const alias of people) {
    const contact = known.get(alias)
    if (contact !== undefined) contacts.add(contact.contactId)
  }
  const isKnownPerson = contacts.size > 0
  /** Since when the BSUID that was told is theirs no more. */
  const endedAt = Math.max(...people.map((alias) => known.get(alias)?.until ?? -Infinity))
  const isFormer = endedAt > -Infinity
  const firstSeenAt = Math.min(at, ...people.map((alias) => known.get(alias)?.seenAt ?? Infinity))

  const isNamed = ({ contactId, bound }: KnownContact, by: readonly Alias[]) =>
    contacts.has(contactId) || by.includes(bound?.by ?? '')
  /**
   * Whoever came alone with a number after it was left is not who left it. Where the BSUID has a contact of its own, the two are one only
   * if the number came within the life of the BSUID: that lasts for as long as its number does, so it had this one by then.
   */
  const isUnclaimed = ({ bound: { by, at: since } = { by: '', at: 0 }, until }: KnownContact) => {
    if (until !== undefined) return false
    if (by === TAKEN) return !isKnownPerson && since <= at
    if (by !== ALONE || (isFormer && since > endedAt)) return false
    return isNotice ? since <= at : !isKnownPerson || since >= firstSeenAt
  }
  const number = names.waId === '' ? undefined : numberAlias(accountId, names.waId)
  const holder = number === undefined ? undefined : known.get(number)
  let isOthers = false
  if (holder?.bound !== undefined && !isNamed(holder, people) && !isUnclaimed(holder)) {
    const { bound, until } = holder
    // A number alone is its present owner's; not so of a number that was left before, or of a notice from before it was bound.
    isOthers = people.length > 0 || (until !== undefined && at > until) || (isNotice && at < bound.at)
  }
  if (holder !== undefined && !isOthers) contacts.add(holder.contactId)

  // The notice names both: whoever was seen under the new BSUID is the customer who had the old names.
  for (const alias of nextPeople) {
    const contact = known.get(alias)
    if (contact !== undefined) contacts.add(contact.contactId)
  }
  const nextNumber = next === undefined || next.waId === '' ? undefined : numberAlias(accountId, next.waId)
  const nextHolder = nextNumber === undefined ? undefined : known.get(nextNumber)
  // Whoever was seen with the new number before the change had it before, and whoever changed to it too is another person; whoever was seen
  // with it later is the one who changed to it, unless their BSUID is not the one that the notice tells.
  const nextIsOthers =
    nextHolder?.bound !== undefined &&
    !isNamed(nextHolder, [...people, ...nextPeople]) &&
    (nextHolder.bound.by === TAKEN ||
      nextHolder.bound.at < at ||
      (nextPeople.length > 0 && isPerson(nextHolder.bound.by)))
  if (nextHolder !== undefined && !nextIsOthers) contacts.add(nextHolder.contactId)

  const isNew = contacts.size === 0
  const [contactId = newContact(), ...others] = [...contacts].toSorted()
  const merges = others.map((from) => ({ from, into: contactId }))

  const changes: Change[] = []
  const releases: Release[] = []
  const release = (from: KnownContact, alias: Alias, lostAt = at) =>
    void releases.push({
      contactId: from.contactId,
      waId: alias.slice(alias.indexOf('|wa:') + 4),
      boundAt: from.bound?.at ?? 0,
      at: lostAt,
      accountId,
    })

  const ends = (alias: Alias): boolean =>
    !nextPeople.includes(alias) &&
    nextPeople.some((each) => each.startsWith(alias.slice(0, alias.indexOf(':') + 1)))
  for (const alias of new Set([...people, ...nextPeople])) {
    const seen = known.get(alias)
    const until = ends(alias) && people.includes(alias) ? at : undefined
    if (seen === undefined) absent.push([alias, { contactId, seenAt: at, until }])
    else if (until !== undefined && (seen.until ?? -Infinity) < until)
      changes.push({ alias, seen, now: { ...seen, until } })
  }

  const binding: Binding = {
    by: (isNotice ? nextPeople[0] : people[0]) ?? (isNotice ? TAKEN : ALONE),
    at,
  }
  /** The number ends with the BSUID that it came under, where that is told to have ended already. */
  const numberEndedAt = isNotice
    ? Math.max(...nextPeople.map((alias) => known.get(alias)?.until ?? -Infinity))
    : endedAt
  const until = numberEndedAt > -Infinity ? Math.max(numberEndedAt, at) : undefined

  /** True when the number is the contact's now. */
  const have = (alias: Alias, seen: KnownContact | undefined, isOf: 'them' | 'another'): boolean => {
    if (seen === undefined) absent.push([alias, { contactId, bound: binding, until }])
    else if (isOf === 'another') {
      if (at < (seen.bound?.at ?? 0)) return false
      release(seen, alias)
      // Who comes alone with a number that was left has it since then: what its former owner wrote before is not theirs.
      const bound = binding.by === ALONE ? { by: TAKEN, at: seen.until ?? seen.bound?.at ?? at } : binding
      changes.push({ alias, seen, now: { contactId, bound, until } })
    } else {
      const { by } = seen.bound ?? binding
      if (seen.until !== undefined && at <= seen.until) return false
      const tellsMore =
        seen.until !== undefined ||
        (by === ALONE && binding.by !== ALONE) ||
        (by === TAKEN && isPerson(binding.by)) ||
        (isNotice && isPerson(binding.by) && at >= (seen.bound?.at ?? at))
      if (tellsMore) {
        changes.push({ alias, seen, now: { ...seen, bound: binding, until } })
        // It came by itself, and is shown: what tells under which BSUID it came tells that it is over.
        if (until !== undefined && seen.until === undefined) release(seen, alias, until)
      }
    }
    return until === undefined
  }
  const leave = (alias: Alias, seen: KnownContact | undefined): void => {
    const before = seen?.bound?.by ?? ALONE
    const bound: Binding = { by: isPerson(before) ? before : (people[0] ?? before), at }
    if (seen === undefined) absent.push([alias, { contactId, bound, until: at }])
    else if (!isOthers && (seen.bound?.at ?? at) <= at && (seen.until ?? -Infinity) < at) {
      // They had it until then: whoever is seen with it earlier comes too late.
      changes.push({ alias, seen, now: { ...seen, bound, until: at } })
      if (!ownsNumber) release(seen, alias)
    } else if (isOthers && seen.bound?.by === ALONE)
      changes.push({ alias, seen, now: { ...seen, bound: { by: TAKEN, at } } })
  }

  let ownsNumber = false
  if (isNotice) {
    // Without the new number, which the notice does not tell or somebody was seen with since, they would still be written to under the old one.
    if (nextNumber !== undefined) ownsNumber = have(nextNumber, nextHolder, nextIsOthers ? 'another' : 'them')
    if (number !== undefined && number !== nextNumber) leave(number, holder)
    // With its BSUID a number is left too, whether the notice tells which or not; it may have gone to somebody before.
    const ended = people.filter(ends)
    for (const [alias, seen] of ended.length === 0 ? [] : known)
      if (
        isNumber(alias) &&
        alias !== number &&
        alias !== nextNumber &&
        contacts.has(seen.contactId) &&
        ended.includes(seen.bound?.by ?? '') &&
        seen.bound!.at <= at &&
        seen.until === undefined
      ) {
        changes.push({ alias, seen, now: { ...seen, until: at } })
        if (!ownsNumber) release(seen, alias)
      }
  } else if (number !== undefined) ownsNumber = have(number, holder, isOthers ? 'another' : 'them')
  return { contactId, isNew, absent, changes, releases, merges, ownsNumber, isFormer }
}
