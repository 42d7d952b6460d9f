import type { OfContact, OutboxMessage, Shelf } from './outbox.ts'

/** How much of what waits is held in memory. A number that is paused, or a contact with a thousand messages, leaves the rest in the store. */
export interface HeldLimits {
  /** Messages in all. */
  readonly messages: number
  /** Contacts whose turn it is, for one number. */
  readonly readyMax: number
  /** Fewer than that, and more is read from the store. */
  readonly readyMin: number
  readonly messagesOfContact: number
  /** Messages read at once. */
  readonly page: number
}

export const HELD: HeldLimits = {
  messages: 10_000,
  readyMax: 2_000,
  readyMin: 500,
  messagesOfContact: 32,
  page: 500,
}

/** What waits in the store behind a position, and is not in memory. */
export interface Rest<Of extends Shelf | OfContact = Shelf | OfContact> {
  readonly of: Of
  readTo: number
  /** Something was added while it was read. */
  hasGrown: boolean
}

/**
 * Knows what waits in the store only. Once a message of a number and partition, or of a contact, is left there, all that come after it are left
 * there as well until it is read: so memory never holds a later message of a contact without the earlier ones.
 */
export class Backlog {
  readonly #shelves = new Map<string, Rest<Shelf>>()
  readonly #contacts = new Map<string, Rest<OfContact>>()
  /** Contacts of whom nothing is left in memory. */
  readonly #emptied = new Set<string>()

  get isEmpty(): boolean {
    return this.#shelves.size === 0 && this.#contacts.size === 0
  }

  reset(shelves: readonly Shelf[]): void {
    this.#shelves.clear()
    this.#contacts.clear()
    this.#emptied.clear()
    for (const shelf of shelves) this.#shelves.set(keyOf(shelf), { of: shelf, readTo: -1, hasGrown: false })
  }

  /** A message that was just asked for: false when it is to stay in the store. */
  admits(message: OutboxMessage, hasRoom: boolean): boolean {
    const { accountId, partition, position } = message
    const shelf = this.#shelves.get(keyOf(message))
    if (shelf !== undefined) {
      shelf.hasGrown = true
      return false
    }
    if (hasRoom) return true
    this.#shelves.set(keyOf(message), { of: { accountId, partition }, readTo: position - 1, hasGrown: false })
    return false
  }

  /** A message that may come into memory as far as its number goes: false when its contact has too many there. */
  admitsOfContact({ contactId, position }: OutboxMessage, hasRoom: boolean): boolean {
    const contact = this.#contacts.get(contactId)
    if (contact !== undefined) {
      contact.hasGrown = true
      return false
    }
    if (hasRoom) return true
    this.#contacts.set(contactId, { of: { contactId }, readTo: position - 1, hasGrown: false })
    return false
  }

  emptied(contactId: string): void {
    if (this.#contacts.has(contactId)) this.#emptied.add(contactId)
  }

  /** What to read next; undefined when there is nothing, or no room for it. */
  next(hasRoom: (accountId: string) => boolean): Rest | undefined {
    for (const contactId of this.#emptied) {
      this.#emptied.delete(contactId)
      const contact = this.#contacts.get(contactId)
      if (contact !== undefined) return begun(contact)
    }
    for (const [key, shelf] of this.#shelves) {
      if (!hasRoom(shelf.of.accountId)) continue
      // To the end of the line: one partition does not hold up the others.
      this.#shelves.delete(key)
      this.#shelves.set(key, shelf)
      return begun(shelf)
    }
    return undefined
  }

  /** False when the partitions were given out anew while it was read. */
  has(rest: Rest): boolean {
    return 'contactId' in rest.of
      ? this.#contacts.get(rest.of.contactId) === rest
      : this.#shelves.get(keyOf(rest.of)) === rest
  }

  /** It was read up to there; `isEnd`: nothing more was found. */
  wasRead(rest: Rest, readTo: number, isEnd: boolean): void {
    rest.readTo = readTo
    if (!isEnd || rest.hasGrown) return
    if ('contactId' in rest.of) this.#contacts.delete(rest.of.contactId)
    else this.#shelves.delete(keyOf(rest.of))
  }
}

function begun(rest: Rest): Rest {
  rest.hasGrown = false
  return rest
}

function keyOf({ accountId, partition }: Shelf): string {
  return `${partition}/${accountId}`
}
