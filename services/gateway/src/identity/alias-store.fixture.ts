import { type Alias, type KnownContact, isNumber } from './aliases.ts'
import type { AliasStore } from './resolve.ts'

/** Aliases in memory. */
export function aliasesInMemory(
  aliases = new Map<Alias, KnownContact>(),
): AliasStore & { readonly all: typeof aliases } {
  return {
    all: aliases,
    find: async (wanted) => new Map([...aliases].filter(([alias]) => wanted.includes(alias))),
    numbersOf: async (contactIds) =>
      new Map(
        [...aliases].filter(([alias, { contactId }]) => isNumber(alias) && contactIds.includes(contactId)),
      ),
    insertAbsent: async (entries) => {
      const isFree = entries.every(([alias]) => !aliases.has(alias))
      for (const [alias, contact] of entries) if (!aliases.has(alias)) aliases.set(alias, contact)
      return isFree
    },
    change: async ({ alias, seen, now }) => {
      const stored = aliases.get(alias)
      const isAsSeen =
        stored?.contactId === seen.contactId &&
        stored.bound?.by === seen.bound?.by &&
        stored.bound?.at === seen.bound?.at &&
        stored.until === seen.until
      if (isAsSeen) aliases.set(alias, now)
      return isAsSeen
    },
  }
}
