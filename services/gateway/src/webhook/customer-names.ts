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
    { userId: identifierOf(object[fields.user]), parentUserId: identifierOf(object[fields.parent]) },
    placed(object[fields.wa]),
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

/** Who wrote this message: its own identifiers, joined with those of the `contacts[]` element that is the same customer. */
export function senderOf(
  message: JsonObject,
  contacts: readonly CustomerNames[],
  isOnlyMessage: boolean,
): CustomerNames {
  const system = objectOf(message['system'])
  const own = joined(
    namesIn(message, { wa: 'from', user: 'from_user_id', parent: 'from_parent_user_id' }),
    placed(system['customer']),
  )
  const contact =
    contacts.find((each) => isSame(own, each)) ??
    (contacts.length === 1 && (isOnlyMessage || !hasIdentity(own)) && !contradicts(own, contacts[0]!)
      ? contacts[0]
      : undefined)
  return contact === undefined ? own : joined(own, contact)
}

const IDENTIFIERS = ['waId', 'userId', 'parentUserId'] as const

function isSame(own: CustomerNames, contact: CustomerNames): boolean {
  return !contradicts(own, contact) && IDENTIFIERS.some((key) => own[key] !== '' && own[key] === contact[key])
}

function contradicts(own: CustomerNames, contact: CustomerNames): boolean {
  return IDENTIFIERS.some((key) => own[key] !== '' && contact[key] !== '' && own[key] !== contact[key])
}
