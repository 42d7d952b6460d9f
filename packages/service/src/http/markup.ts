/** HTML that is safe to send. Only `markup` makes it, so text can never become HTML by being forgotten. */
export interface Markup {
  readonly html: string
}

type Part = Markup | string | number | false | undefined | readonly Part[]

/**
 * Every string put in is escaped, for elements and quoted attributes alike; `false` and `undefined` leave nothing.
 * Not called `html`: formatters rewrap what they take for HTML, and in a transcript a line break is part of what was said.
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let html = strings[0] ?? ''
  for (const [index, part] of parts.entries()) html += htmlOf(part) + (strings[index + 1] ?? '')
  return { html }
}

function htmlOf(part: Part): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'number') return String(part)
  if (typeof part === 'string') return escaped(part)
  if ('html' in part) return part.html
  return part.map(htmlOf).join('')
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['`', '&#96;'],
  ['\u0000', '\uFFFD'],
])

function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL is what it is for
  return text.replaceAll(/[&<>"'`\u0000]/g, (character) => ENTITIES.get(character) ?? character)
}
