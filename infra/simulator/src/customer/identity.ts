import { createHash } from 'node:crypto'

/** Calling codes of the countries that the demonstrations use; the longest match wins. */
const countryByCallingCode: ReadonlyMap<string, string> = new Map([
  ['1', 'US'],
  ['20', 'EG'],
  ['27', 'ZA'],
  ['31', 'NL'],
  ['33', 'FR'],
  ['34', 'ES'],
  ['351', 'PT'],
  ['39', 'IT'],
  ['44', 'GB'],
  ['49', 'DE'],
  ['52', 'MX'],
  ['54', 'AR'],
  ['55', 'BR'],
  ['56', 'CL'],
  ['57', 'CO'],
  ['62', 'ID'],
  ['81', 'JP'],
  ['91', 'IN'],
  ['92', 'PK'],
  ['234', 'NG'],
  ['244', 'AO'],
  ['254', 'KE'],
  ['258', 'MZ'],
  ['595', 'PY'],
  ['598', 'UY'],
  ['880', 'BD'],
])

/** ISO 3166 code of the country that a wa_id belongs to; `ZZ` (unknown) where the table has no entry. */
export const countryOf = (waId: string): string =>
  countryByCallingCode.get(waId.slice(0, 3)) ??
  countryByCallingCode.get(waId.slice(0, 2)) ??
  countryByCallingCode.get(waId.slice(0, 1)) ??
  'ZZ'

/** `BR.13491208655302741918`, or a parent's `BR.ENT.11815799212886844830`. */
export const isBsuid = (id: string): boolean => /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/.test(id)

/** Digits of a phone number as people and programs write it (`+55 (11) 9…`); undefined if it is not one. */
export const waIdOf = (input: string): string | undefined => {
  const digits = input.replace(/[\s()+.-]/g, '')
  return /^\d{5,20}$/.test(digits) ? digits : undefined
}

/** Mobile numbers that are written with and without a digit after the country or area code. */
const shortSpellings: readonly (readonly [RegExp, string])[] = [
  [/^(55[1-9]\d)([6-9]\d{7})$/, '9'],
  [/^(52)([2-9]\d{9})$/, '1'],
  [/^(54)([1-9]\d{9})$/, '9'],
]

/** The account behind a number, however that is spelled: Brazil with or without the ninth digit, Mexico the 1, Argentina the 9. */
const accountOf = (waId: string): string => {
  for (const [pattern, digit] of shortSpellings) {
    const [, before, rest] = pattern.exec(waId) ?? []
    if (before !== undefined && rest !== undefined) return before + digit + rest
  }
  return waId
}

/**
 * The business-scoped user id of a number. Meta's is random; ours is derived, so that one customer has the
 * same id after a restart or a reset and needs no table.
 */
export const bsuidOf = (waId: string, wabaId: string): string => {
  const digest = createHash('sha256')
    .update(`${wabaId}:${accountOf(waId)}`)
    .digest()
  const twentyDigits = 10n ** 19n + (digest.readBigUInt64BE(0) % (9n * 10n ** 18n))
  return `${countryOf(waId)}.${twentyDigits}`
}

const givenNames = ['Ana', 'Bruno', 'Carla', 'Davi', 'Elisa', 'Fábio', 'Gabriela', 'Hugo', 'Íris', 'João']
const familyNames = ['Almeida', 'Barros', 'Conceição', 'Duarte', 'Esteves', 'Farias', 'Gomes', 'Lima']

/** A profile name for a customer that nobody named: the same number always has the same name. */
export const profileNameOf = (id: string): string => {
  const digest = createHash('sha256').update(id).digest()
  return `${givenNames[digest.readUInt8(0) % givenNames.length]} ${familyNames[digest.readUInt8(1) % familyNames.length]}`
}
