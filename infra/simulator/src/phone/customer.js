// Who holds this phone: a demonstration number that the browser remembers, or the one that the address names.

/** @typedef {{ waId: string, name: string }} PhoneCustomer */

const rememberedKey = 'parley.phone.customer'

/** Calling code, then `#` for any digit: shapes of mobile numbers. @type {Readonly<Record<string, string>>} */
const shapes = {
  BR: '55119########',
  BD: '88017########',
  PT: '35191#######',
  US: '1202555####',
  IN: '9198########',
}
export const countries = Object.keys(shapes)

/** None of them works at the example company. @type {Readonly<Record<string, readonly string[]>>} */
const names = {
  BR: ['Larissa Pinto', 'Marcos Azevedo', 'Camila Freitas', 'Davi Rocha', 'Renata Moraes', 'Joel Farias'],
  BD: ['নুসরাত জাহান', 'রাকিব হাসান', 'তানজিলা আক্তার', 'সাকিব আহমেদ'],
  PT: ['Inês Carvalho', 'Tiago Ferreira', 'Marta Lopes'],
  US: ['Sheena Nelson', 'James Carter', 'Maya Brooks'],
  IN: ['Priya Sharma', 'Arjun Mehta', 'Ananya Iyer'],
}

/** @template T @param {readonly T[]} items */
const anyOf = (items) => items[Math.floor(Math.random() * items.length)]

/** @param {string} waId */
export const countryOf = (waId) =>
  countries.find((code) =>
    waId.startsWith((shapes[code] ?? '').replace(/(?<=^55|^880|^351|^1|^91).*/, '')),
  ) ?? 'BR'

/** A customer nobody has been yet. @param {string} [country] @returns {PhoneCustomer} */
export const anotherCustomer = (country = 'BR') => ({
  waId: (shapes[country] ?? '').replace(/#/g, () => String(Math.floor(Math.random() * 10))),
  name: anyOf(names[country] ?? []) ?? 'Larissa Pinto',
})

/** As people write it: `+55 11 98765-4321`. @param {string} waId */
export const nationalForm = (waId) => {
  if (!/^\d+$/.test(waId)) return waId
  const brazilian = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(waId)
  if (brazilian !== null) return `+55 ${brazilian[1]} ${brazilian[2]}-${brazilian[3]}`
  const bangladeshi = /^880(1\d{3})(\d{6})$/.exec(waId)
  return bangladeshi === null ? `+${waId}` : `+880 ${bangladeshi[1]}-${bangladeshi[2]}`
}

/** The wa_id in what somebody typed, or undefined. A BSUID passes as it is. @param {string} typed */
export const waIdFrom = (typed) => {
  const text = typed.trim()
  if (/^[A-Z]{2}\.[A-Za-z0-9.]+$/.test(text)) return text
  const digits = text.replace(/[\s()+.-]/g, '')
  return /^\d{8,15}$/.test(digits) ? digits : undefined
}

/** @param {PhoneCustomer} customer */
export const rememberCustomer = (customer) => {
  localStorage.setItem(rememberedKey, JSON.stringify(customer))
  const address = new URL(location.href)
  if (!address.searchParams.has('waId')) return
  address.searchParams.set('waId', customer.waId)
  address.searchParams.set('name', customer.name)
  history.replaceState(null, '', address)
}

/** @returns {PhoneCustomer} */
export const rememberedCustomer = () => {
  const asked = new URLSearchParams(location.search)
  const waId = waIdFrom(asked.get('waId') ?? '')
  if (waId !== undefined) return { waId, name: asked.get('name') ?? anotherCustomer(countryOf(waId)).name }
  try {
    const { waId, name } = JSON.parse(localStorage.getItem(rememberedKey) ?? '{}')
    if (typeof waId === 'string' && typeof name === 'string') return { waId, name }
  } catch {
    // Somebody else's value under our key: begin anew.
  }
  const fresh = anotherCustomer('BR')
  rememberCustomer(fresh)
  return fresh
}
