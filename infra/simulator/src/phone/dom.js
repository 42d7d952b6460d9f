/** @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} Attribute */
/** @typedef {Node | string | undefined | false | null} Child */

/**
 * An element with attributes, listeners (`onclick`) and children. Text goes in as text nodes only.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, Attribute>>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export const h = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false || value === null) continue
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value))
    } else element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) if (child) element.append(child)
  return element
}

const paths = /** @type {const} */ ({
  send: 'M3 20.5v-6.6l8.500-1.900L3 10.100V3.500L21.500 12z',
  plus: 'M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z',
  dots: 'M12 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  close:
    'M6.400 5 5 6.400 10.600 12 5 17.600 6.400 19 12 13.400 17.600 19 19 17.600 13.400 12 19 6.400 17.600 5 12 10.600z',
  down: 'M12 16.500 4.500 9 6 7.500l6 6 6-6L19.500 9z',
  list: 'M4 6h3v3H4zm5 .5h11v2H9zM4 11h3v3H4zm5 .5h11v2H9zM4 16h3v3H4zm5 .5h11v2H9z',
  link: 'M14 4h6v6h-2V7.400l-8.300 8.300-1.400-1.400L16.600 6H14zM5 5h6v2H7v10h10v-4h2v6H5z',
  reply: 'M10 8V4L3 11l7 7v-4.100c5 0 8.500 1.600 11 5.100-1-5-4-10-11-11z',
  pending:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14zm-1 2.500v5.100l4 2.400 1-1.600-3.200-1.900v-4z',
  sent: 'm9.600 17.600-5-5L6 11.200l3.600 3.600L18 6.400l1.400 1.400z',
  twice:
    'm6.100 17.600-5-5 1.400-1.400 3.600 3.600.6-.6 1.400 1.400zm5.500 0-5-5L8 11.200l3.600 3.600L20 6.400l1.400 1.400zm-.7-6.100-1.400-1.400 3.700-3.700 1.400 1.400z',
  failed: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm-1 4h2v7h-2zm0 8.500h2v2h-2z',
  place:
    'M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 0 0 0-7-7zm0 9.500A2.500 2.500 0 1 1 12 6.500a2.500 2.500 0 0 1 0 5z',
  file: 'M6 2h8l5 5v15H6zm7 1.500V8h4.500zM8.500 12v1.500h7V12zm0 3.500V17h7v-1.500z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 2c-4 0-8 2-8 5v1h16v-1c0-3-4-5-8-5z',
})

/** @param {keyof typeof paths} name @param {string} [label] spoken; without it the icon is decoration */
export const icon = (name, label) => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', `icon icon-${name}`)
  if (label === undefined) svg.setAttribute('aria-hidden', 'true')
  else {
    svg.setAttribute('role', 'img')
    svg.setAttribute('aria-label', label)
  }
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', paths[name])
  svg.append(path)
  return svg
}

/**
 * The element with this id, known to be there: index.html has it.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export const part = (id, type) => {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new Error(`index.html has no ${id}`)
  return element
}
