import { canonicalNumber } from '@parley/conversation'
import { entryOf } from '@parley/kernel'
import type { CustomerNames } from './canonical.ts'
import { type JsonObject, objectOf, textOf } from './json-values.ts'

const IDENTIFIER_CHARACTERS_MAX = 128
const NAME_CHARACTERS_MAX = 512

const PARENT_BSUID = /^[A-Z]{2}\.ENT\.\w+$/
const PHONE = /^\+?\d[\d\s().-]*$/

const NOBODY: CustomerNames = { waId: '', userId: '', parentUserId: '', name: '', username: '' }

export function hasIdentity(names: CustomerNames): boolean {
  return names.waId !== '' || names.userId !== '' || names.parentUserId !== ''
}

/** A BSUID has been seen in `from` and `wa_id`; an identifier of no known form is taken for one, rather than losing its customer. */
function placed(identifier: unknown): Partial<CustomerNames> {
  const text = identifierOf(identifier)
  if (text === '') return {}
  if (PARENT_BSUID.test(text)) return { parentUserId: text }
  if (PHONE.test(text)) return { waId: text.replace(/\D/g, '') }
  return { userId: text }
}

function identifierOf(value: unknown): string {
  const text = textOf(value).trim()
  return text.length <= IDENTIFIER_CHARACTERS_MAX ? text : ''
}

/** The first that names a thing wins. */
function joined(...parts: readonly Partial<CustomerNames>[]): CustomerNames {
  const names = { ...NOBODY }
  for (const part of parts)
    for (const key of Object.keys(names) as (keyof CustomerNames)[])
      if (names[key] === '') names[key] = part[key] ?? ''
  return names
}

/** `contacts[]` element, status, preference: whatever carries identifiers under these field names. */
export function namesIn(
  object: JsonObject,
  fields: { readonly wa: string; readonly user: string; readonly parent: string },
): CustomerNames {
  return joined(
    {
      userId: identifierOf(entryOf(object, fields.user)),
      parentUserId: identifierOf(entryOf(object, fields.parent)),
    },
    placed(entryOf(object, fields.wa)),
  )
}

export function contactNames(contact: unknown): CustomerNames {
  const object = objectOf(contact)
  const profile = objectOf(object['profile'])
  return {
    ...namesIn(object, { wa: 'wa_id', user: 'user_id', parent: 'parent_user_id' }),
    name: textOf(profile['name'], NAME_CHARACTERS_MAX),
    username:
      textOf(profile['username'], NAME_CHARACTERS_MAX) || textOf(object['username'], NAME_CHARACTERS_MAX),
  }
}

/** The notices by which WhatsApp tells that a customer's names changed. `customer_changed_number` is the word of before v12. */
const CHANGES_OF_NAMES: ReadonlySet<string> = new Set([
  'user_changed_number',
  'customer_changed_number',
  'user_changed_user_id',
])

/**
 * Of such a notice: the names that the customer has since then. `new_*` were the fields before v12, and are seen beside the others; they say
 * so themselves, by whatever word the notice is called.
 */
export function nextNamesOf(message: JsonObject): CustomerNames | undefined {
  if (message['type'] !== 'system') return undefined
  const system = objectOf(message['system'])
  const isCalledOne = CHANGES_OF_NAMES.has(textOf(system['type']))
  const next = joined(
    namesIn(system, { wa: 'new_wa_id', user: 'new_user_id', parent: 'new_parent_user_id' }),
    isCalledOne ? namesIn(system, { wa: 'wa_id', user: 'user_id', parent: 'parent_user_id' }) : NOBODY,
  )
  return hasIdentity(next) ? next : undefined
}

/** Beyond this many under one name nobody is told apart by it: who beside them is meant is left open, and each look-up stays short. */
const OF_ONE_NAME_MAX = 16

/** The customers that a webhook names beside its messages, found by their names: each message asks, and there may be thousands of both. */
export class CustomersBeside {
  readonly #all: readonly CustomerNames[]
  readonly #placesOf = new Map<string, number[]>()

  constructor(all: readonly CustomerNames[]) {
    this.#all = all
    for (const [place, names] of all.entries())
      for (const key of keysOf(names)) {
        const places = this.#placesOf.get(key)
        if (places === undefined) this.#placesOf.set(key, [place])
        else if (places.length < OF_ONE_NAME_MAX) places.push(place)
      }
  }

  /** @param but who has one of these names is none of them */
  only(but = NOBODY): CustomerNames | undefined {
    const others = new Set(this.#places(but))
    return this.#all.length - others.size === 1 ? this.#all.find((_, place) => !others.has(place)) : undefined
  }

  /** The first of them that has one of these names, and none that contradicts them. */
  named(own: CustomerNames, but = NOBODY): CustomerNames | undefined {
    const others = new Set(this.#places(but))
    const found = this.#places(own).filter(
      (place) => !others.has(place) && !contradicts(own, this.#all[place]!),
    )
    return found.length === 0 ? undefined : this.#all[Math.min(...found)]
  }

  #places(names: CustomerNames): readonly number[] {
    return keysOf(names).flatMap((key) => this.#placesOf.get(key) ?? [])
  }
}

/**
 * Who wrote this message: its own identifiers, joined with those of the `contacts[]` element that is the same customer.
 * @param next of a notice of changed names: the sender is who they were before, and nothing that is new already is taken for it
 */
export function senderOf(
  message: JsonObject,
  beside: CustomersBeside,
  isOnlyMessage: boolean,
  next?: CustomerNames,
): CustomerNames {
  const system = objectOf(message['system'])
  const toldNames = [
    namesIn(message, { wa: 'from', user: 'from_user_id', parent: 'from_parent_user_id' }),
    placed(system['customer']),
  ]
  const own = joined(
    namesIn(system, { wa: 'previous_wa_id', user: 'previous_user_id', parent: 'previous_parent_user_id' }),
    ...(next === undefined ? toldNames : toldNames.map((names) => without(next, names, system['type']))),
  )
  return withContact(own, beside, isOnlyMessage, next)
}

/** To whom the company wrote this message. */
export function receiverOf(echo: JsonObject, beside: CustomersBeside, isOnlyMessage: boolean): CustomerNames {
  const told = namesIn(echo, { wa: 'to', user: 'to_user_id', parent: 'to_parent_user_id' })
  return withContact(told, beside, isOnlyMessage)
}

function withContact(
  own: CustomerNames,
  beside: CustomersBeside,
  isOnlyMessage: boolean,
  next?: CustomerNames,
): CustomerNames {
  const only = beside.only(next)
  const contact =
    beside.named(own, next) ??
    (only !== undefined && (isOnlyMessage || !hasIdentity(own)) && !contradicts(own, only) ? only : undefined)
  return contact === undefined ? own : joined(own, contact)
}

/** Where only the BSUID is told to have changed, the number may be the same as before. */
function without(next: CustomerNames, names: Partial<CustomerNames>, kind: unknown): Partial<CustomerNames> {
  const told = { ...NOBODY, ...names }
  const isNew = (key: (typeof IDENTIFIERS)[number]) => isSameName(key, next, told)
  return {
    waId: isNew('waId') && kind !== 'user_changed_user_id' ? '' : told.waId,
    userId: isNew('userId') ? '' : told.userId,
    parentUserId: isNew('parentUserId') ? '' : told.parentUserId,
  }
}

const IDENTIFIERS = ['waId', 'userId', 'parentUserId'] as const

/** Equal for names that name the same. */
function keysOf(names: CustomerNames): string[] {
  return IDENTIFIERS.flatMap((key) =>
    names[key] === '' ? [] : [`${key}:${key === 'waId' ? canonicalNumber(names.waId) : names[key]}`],
  )
}

function contradicts(own: CustomerNames, contact: CustomerNames): boolean {
  return IDENTIFIERS.some((key) => own[key] !== '' && contact[key] !== '' && !isSameName(key, own, contact))
}

function isSameName(key: (typeof IDENTIFIERS)[number], one: CustomerNames, other: CustomerNames): boolean {
  if (one[key] === '') return false
  if (one[key] === other[key]) return true
  return key === 'waId' && canonicalNumber(one.waId) === canonicalNumber(other.waId)
}
