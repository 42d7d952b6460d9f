// WhatsApp's text marks and links, as tokens: nothing here knows HTML, so nothing here can inject it.

/** @typedef {{ kind: 'text' | 'bold' | 'italic' | 'strike' | 'code' | 'link', text: string }} Token */

const marks = /** @type {const} */ ({ '*': 'bold', _: 'italic', '~': 'strike' })

const pattern =
  /```([\s\S]+?)```|`([^`\n]+)`|(?<![\p{L}\p{M}\p{N}])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])|(https?:\/\/[^\s<>"'\u0964]+[^\s<>"'.,;:!?)\]\u0964])/gu

/** @param {string} text @returns {Token[]} */
export const tokensOf = (text) => {
  /** @type {Token[]} */
  const tokens = []
  let from = 0
  for (const match of text.matchAll(pattern)) {
    const [whole, block, code, mark, marked, link] = match
    if (match.index > from) tokens.push({ kind: 'text', text: text.slice(from, match.index) })
    if (link !== undefined) tokens.push({ kind: 'link', text: link })
    else if (mark === '*' || mark === '_' || mark === '~')
      tokens.push({ kind: marks[mark], text: marked ?? '' })
    else tokens.push({ kind: 'code', text: block ?? code ?? '' })
    from = match.index + whole.length
  }
  if (from < text.length) tokens.push({ kind: 'text', text: text.slice(from) })
  return tokens
}

/** An http or https address, or undefined: nothing else may become a link. @param {unknown} value */
export const webLink = (value) => {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const { protocol, href } = new URL(value)
  return protocol === 'https:' || protocol === 'http:' ? href : undefined
}
