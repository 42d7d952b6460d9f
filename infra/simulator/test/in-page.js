// What the browser tests ask of the page itself: each function runs there, and knows nothing of this file.

/** Where the focus is: the button's reply, the message's direction, or an id. */
export const focusedPlace = () => {
  const focused = document.activeElement
  return (
    focused?.getAttribute('data-reply-id') ?? focused?.getAttribute('data-direction') ?? focused?.id ?? ''
  )
}

export const clipboardText = () => navigator.clipboard.readText()

/** How many lines of words, or times, lie under the options of their message. */
export const coveredLines = () =>
  [...document.querySelectorAll('.bubble')].flatMap((bubble) => {
    const [button, text, time] = ['.options', '.text', 'time'].map((part) => bubble.querySelector(part))
    if (!button || !text || !time) throw new Error('A bubble has no options, no text or no time.')
    const cover = button.getBoundingClientRect()
    const words = document.createRange()
    words.selectNodeContents(text)
    return [...words.getClientRects(), time.getBoundingClientRect()].filter(
      ({ left, right, top, bottom }) =>
        left < cover.right && right > cover.left && top < cover.bottom && bottom > cover.top,
    )
  }).length

/**
 * Focuses all that can be focused in a part of the page. Gives those whose ring has less than 3:1 to what is around it (WCAG 2.2, 1.4.11).
 * @param {string} part
 */
export const weakFocusRings = (part) => {
  const root = document.querySelector(part)
  if (root === null) throw new Error(`The page has no ${part}.`)
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  if (pen === null) throw new Error('The browser draws nothing.')
  /** @param {string} colour */
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1)
    pen.fillStyle = colour
    pen.fillRect(0, 0, 1, 1)
    return [...pen.getImageData(0, 0, 1, 1).data]
  }
  /** @param {string} colour */
  const luminance = (colour) => {
    const [red = 0, green = 0, blue = 0] = rgba(colour).map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  /** The ring lies outside of the element, or inside where its offset is negative. @param {Element} element @param {number} offset */
  const around = (element, offset) => {
    for (let at = offset < 0 ? element : element.parentElement; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor
      if (rgba(colour)[3] === 255) return colour
    }
    return getComputedStyle(document.body).backgroundColor
  }
  const rings = []
  for (const popover of root.querySelectorAll('.popover'))
    if (popover instanceof HTMLElement) popover.showPopover()
  for (const element of root.querySelectorAll('button, textarea, input, select, summary, a, li.message')) {
    if (!(element instanceof HTMLElement) || !element.checkVisibility() || element.matches(':disabled'))
      continue
    // What a click left focused would stay without a ring.
    element.blur()
    element.focus({ focusVisible: true })
    const { outlineColor, outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(element)
    const ring = luminance(outlineColor)
    const back = luminance(around(element, parseFloat(outlineOffset)))
    rings.push({
      what: element.id || element.className || element.tagName,
      contrast: (Math.max(ring, back) + 0.05) / (Math.min(ring, back) + 0.05),
      isDrawn: outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2,
    })
  }
  return { count: rings.length, weak: rings.filter(({ contrast, isDrawn }) => contrast < 3 || !isDrawn) }
}

/** Of the sheet that is open, the buttons whose ring is cut off by the sheet's edge, or lies under its header, once they have the focus. */
export const cutFocusRings = () => {
  const sheet = document.querySelector('dialog[open]')
  const header = sheet?.querySelector('header')
  if (!sheet || !header) throw new Error('No sheet is open.')
  // From below: whoever goes up scrolls the list under its header.
  return [...sheet.querySelectorAll('button')].toReversed().flatMap((button) => {
    button.focus({ focusVisible: true })
    const { outlineOffset, outlineWidth } = getComputedStyle(button)
    const beyond = Math.max(0, parseFloat(outlineOffset) + parseFloat(outlineWidth))
    const room = sheet.getBoundingClientRect()
    const from = header.contains(button) ? room.top : header.getBoundingClientRect().bottom
    const { left, right, top, bottom } = button.getBoundingClientRect()
    const isWhole =
      left - beyond >= room.left &&
      right + beyond <= room.right &&
      top - beyond >= from - 0.5 &&
      bottom + beyond <= room.bottom + 0.5
    return isWhole ? [] : [button.textContent || button.className]
  })
}

/** Those that have no edge of their own. @param {readonly string[]} parts */
export const withoutEdge = (parts) =>
  parts.filter((part) => {
    const element = document.querySelector(part)
    if (element === null) throw new Error(`The page has no ${part}.`)
    const { borderTopStyle, borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(element)
    return (
      borderTopStyle !== 'solid' || parseFloat(borderTopWidth) === 0 || borderTopColor === backgroundColor
    )
  })

/** @param {Element} element */
export const opacityOf = (element) => getComputedStyle(element).opacity
